//! Types of what modules import and export.

use crate::api::engine::Engine;
use crate::api::error::{Fault, Result};
use crate::api::types::composite::FuncType;
use crate::api::types::{Mutability, RefType, Space, ValType};
use crate::syntax::{self, AddrType, Count, Limits, TypeId, TypeSpace};
use alloc::format;
use core::fmt;

/// The type of a global: what it holds, and whether it can be written.
#[derive(Clone, Debug)]
pub struct GlobalType {
    content: ValType,
    mutability: Mutability,
}

impl GlobalType {
    /// Makes the type of a global.
    pub fn new(content: ValType, mutability: Mutability) -> GlobalType {
        GlobalType {
            content,
            mutability,
        }
    }

    /// Returns the type of the global's value.
    pub fn content(&self) -> &ValType {
        &self.content
    }

    /// Returns whether the global can be written.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }

    pub(crate) fn from_syntax(space: &Space, ty: syntax::GlobalType) -> GlobalType {
        GlobalType {
            content: ValType::from_syntax(space, ty.val),
            mutability: Mutability::of(ty.mutable),
        }
    }

    pub(crate) fn to_syntax(&self, types: &mut TypeSpace) -> syntax::GlobalType {
        syntax::GlobalType {
            val: self.content.to_syntax(types),
            mutable: self.mutability.is_var(),
        }
    }
}

/// The type of a table: its elements, and its size in elements.
///
/// ```
/// use limpid::{RefType, TableType};
/// let ty = TableType::new(RefType::FUNCREF, 1, Some(10));
/// assert_eq!((ty.minimum(), ty.maximum(), ty.is_64()), (1, Some(10), false));
/// assert!(ty.element().is_nullable());
/// ```
#[derive(Clone, Debug)]
pub struct TableType {
    element: RefType,
    pub(in crate::api) addr: AddrType,
    pub(in crate::api) limits: Limits,
}

impl TableType {
    /// Makes the type of a table with 32-bit indices. A minimum above the maximum is refused when a
    /// table is made, by [`Table::new`](crate::Table::new).
    pub fn new(element: RefType, min: u32, max: Option<u32>) -> TableType {
        TableType {
            element,
            addr: AddrType::I32,
            limits: Limits {
                min: min.into(),
                max: max.map(Into::into),
            },
        }
    }

    /// Makes the type of a table with 64-bit indices: see [`TableType::new`].
    pub fn new64(element: RefType, min: u64, max: Option<u64>) -> TableType {
        TableType {
            element,
            addr: AddrType::I64,
            limits: Limits { min, max },
        }
    }

    /// Returns whether indices have 64 bits.
    pub fn is_64(&self) -> bool {
        self.addr == AddrType::I64
    }

    /// Returns the type of the elements.
    pub fn element(&self) -> &RefType {
        &self.element
    }

    /// Returns the smallest number of elements.
    pub fn minimum(&self) -> u64 {
        self.limits.min
    }

    /// Returns the largest number of elements, if it is limited.
    pub fn maximum(&self) -> Option<u64> {
        self.limits.max
    }

    /// Checks that a module can have the type.
    ///
    /// # Errors
    /// [`Fault::TypeMismatch`].
    pub(crate) fn check(&self) -> Result<()> {
        if self.limits.max.is_none_or(|max| self.limits.min <= max) {
            return Ok(());
        }
        let what = alloc::format!("the minimum of the table type {self} is above its maximum");
        Err(Fault::TypeMismatch.because(what))
    }

    pub(crate) fn from_syntax(space: &Space, ty: syntax::TableType) -> TableType {
        TableType {
            element: RefType::from_syntax(space, ty.elem),
            addr: ty.addr,
            limits: ty.limits,
        }
    }

    pub(crate) fn to_syntax(&self, types: &mut TypeSpace) -> syntax::TableType {
        syntax::TableType {
            addr: self.addr,
            limits: self.limits,
            elem: self.element.to_syntax(types),
        }
    }
}

/// The type of a memory: its size in pages.
///
/// ```
/// use limpid::MemoryType;
/// let ty = MemoryType::new(1, Some(4));
/// assert_eq!((ty.minimum(), ty.maximum(), ty.page_size()), (1, Some(4), 65536));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MemoryType {
    pub(crate) ty: syntax::MemoryType,
}

impl MemoryType {
    /// Makes the type of a memory with 32-bit addresses.
    ///
    /// # Panics
    /// Panics when no module can have the type. [`MemoryTypeBuilder::build`] returns an error
    /// instead.
    #[track_caller]
    pub fn new(minimum: u32, maximum: Option<u32>) -> MemoryType {
        let ty = plain(AddrType::I32, minimum.into(), maximum.map(Into::into));
        MemoryType::known(ty)
    }

    /// Makes the type of a memory with 64-bit addresses.
    ///
    /// # Panics
    /// Panics as [`MemoryType::new`] does.
    #[track_caller]
    pub fn new64(minimum: u64, maximum: Option<u64>) -> MemoryType {
        MemoryType::known(plain(AddrType::I64, minimum, maximum))
    }

    /// Makes the type of a memory that threads share.
    ///
    /// # Panics
    /// Panics as [`MemoryType::new`] does.
    #[track_caller]
    pub fn shared(minimum: u32, maximum: u32) -> MemoryType {
        let ty = plain(AddrType::I32, minimum.into(), Some(maximum.into()));
        MemoryType::known(syntax::MemoryType { shared: true, ..ty })
    }

    #[track_caller]
    fn known(ty: syntax::MemoryType) -> MemoryType {
        match (MemoryTypeBuilder { ty }).build() {
            Ok(ty) => ty,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns a builder, for types with more settings.
    pub fn builder() -> MemoryTypeBuilder {
        MemoryTypeBuilder::new()
    }

    /// Returns whether addresses have 64 bits.
    pub fn is_64(&self) -> bool {
        self.ty.addr == AddrType::I64
    }

    /// Returns whether the memory is shared between threads.
    pub fn is_shared(&self) -> bool {
        self.ty.shared
    }

    /// Returns the smallest number of pages.
    pub fn minimum(&self) -> u64 {
        self.ty.limits.min
    }

    /// Returns the largest number of pages, if it is limited.
    pub fn maximum(&self) -> Option<u64> {
        self.ty.limits.max
    }

    /// Returns the number of bytes of a page.
    pub fn page_size(&self) -> u64 {
        1 << self.ty.page_size_log2
    }

    /// Returns the binary logarithm of the number of bytes of a page.
    pub fn page_size_log2(&self) -> u8 {
        self.ty.page_size_log2 as u8
    }
}

fn plain(addr: AddrType, min: u64, max: Option<u64>) -> syntax::MemoryType {
    syntax::MemoryType {
        addr,
        limits: Limits { min, max },
        shared: false,
        page_size_log2: 16,
    }
}

/// Builds a [`MemoryType`].
///
/// ```
/// use limpid::MemoryTypeBuilder;
/// let ty = MemoryTypeBuilder::new().memory64(true).min(1).max(Some(8)).build()?;
/// assert!(ty.is_64() && !ty.is_shared());
/// let error = MemoryTypeBuilder::new().shared(true).build();
/// assert!(error.is_err(), "a shared memory has a maximum");
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryTypeBuilder {
    ty: syntax::MemoryType,
}

impl Default for MemoryTypeBuilder {
    fn default() -> MemoryTypeBuilder {
        MemoryTypeBuilder::new()
    }
}

impl MemoryTypeBuilder {
    /// Makes a builder of a memory with 32-bit addresses that is not shared, with no pages, no
    /// maximum, and pages of 64 KiB.
    pub fn new() -> MemoryTypeBuilder {
        MemoryTypeBuilder {
            ty: plain(AddrType::I32, 0, None),
        }
    }

    /// Sets the smallest number of pages. The default is 0.
    pub fn min(&mut self, minimum: u64) -> &mut Self {
        self.ty.limits.min = minimum;
        self
    }

    /// Sets the largest number of pages. There is no maximum by default.
    pub fn max(&mut self, maximum: Option<u64>) -> &mut Self {
        self.ty.limits.max = maximum;
        self
    }

    /// Sets whether addresses have 64 bits. Off by default.
    pub fn memory64(&mut self, memory64: bool) -> &mut Self {
        self.ty.addr = if memory64 {
            AddrType::I64
        } else {
            AddrType::I32
        };
        self
    }

    /// Sets whether the memory is shared between threads. Off by default.
    pub fn shared(&mut self, shared: bool) -> &mut Self {
        self.ty.shared = shared;
        self
    }

    /// Sets the binary logarithm of the number of bytes of a page: 16 or 0. The default is 16.
    pub fn page_size_log2(&mut self, page_size_log2: u8) -> &mut Self {
        self.ty.page_size_log2 = page_size_log2.into();
        self
    }

    /// Returns the type.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] for a type that no module can have: the minimum is above the
    /// maximum, either is past the address space, a shared memory has no maximum, or the page size
    /// is not known.
    pub fn build(&self) -> Result<MemoryType> {
        let ty = MemoryType { ty: self.ty };
        ty.check()?;
        Ok(ty)
    }
}

impl MemoryType {
    /// Checks that a module can have the type.
    ///
    /// # Errors
    /// [`Fault::TypeMismatch`].
    pub(crate) fn check(&self) -> Result<()> {
        let ty = self.ty;
        let bits = if ty.addr == AddrType::I64 { 64 } else { 32 };
        let pages = match bits - ty.page_size_log2.min(16) {
            64 => u64::MAX,
            bits => 1 << bits,
        };
        let fits = ty.limits.min <= pages && ty.limits.max.is_none_or(|max| max <= pages);
        let ordered = ty.limits.max.is_none_or(|max| ty.limits.min <= max);
        let paged = matches!(ty.page_size_log2, 0 | 16);
        let why = if !fits {
            &format!("its limits are over {}", Count(pages, "page"))
        } else if !ordered {
            "its minimum is above its maximum"
        } else if !paged {
            "its page size is neither 1 byte nor 64 KiB"
        } else if ty.shared && ty.limits.max.is_none() {
            "it is shared and has no maximum"
        } else {
            return Ok(());
        };
        let text = format!("no module can have the memory type {self}: {why}");
        Err(Fault::TypeMismatch.because(text))
    }
}

/// The type of a tag: a function type whose parameters are what exceptions carry.
#[derive(Clone, Debug)]
pub struct TagType {
    ty: FuncType,
}

impl TagType {
    /// Makes the type of a tag whose exceptions carry the parameters of `ty`.
    pub fn new(ty: FuncType) -> TagType {
        TagType { ty }
    }

    /// Returns the function type.
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }
}

/// The type of an import or export.
///
/// ```
/// use limpid::{Engine, ExternType, Module};
/// # #[cfg(feature = "wat")] {
/// let module = Module::new(&Engine::default(), r#"(module (memory (export "m") 1 4))"#)?;
/// let ty = module.get_export("m").expect("it is exported");
/// assert_eq!(ty.unwrap_memory().maximum(), Some(4));
/// assert!(ty.func().is_none());
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum ExternType {
    Func(FuncType),
    Global(GlobalType),
    Table(TableType),
    Memory(MemoryType),
    Tag(TagType),
}

macro_rules! forms {
    ($($form:ident $ty:ident $get:ident $unwrap:ident)*) => {
        impl ExternType {$(
            /// Returns the type, if it is one of this kind.
            pub fn $get(&self) -> Option<&$ty> {
                match self {
                    ExternType::$form(ty) => Some(ty),
                    _ => None, // One of five forms is asked for.
                }
            }

            /// Returns the type, which must be one of this kind.
            ///
            /// # Panics
            /// Panics when the type is of another kind.
            pub fn $unwrap(&self) -> &$ty {
                self.$get().expect(concat!("a type of a ", stringify!($get)))
            }
        )*}

        $(impl From<$ty> for ExternType {
            fn from(ty: $ty) -> ExternType {
                ExternType::$form(ty)
            }
        })*
    };
}

forms! {
    Func FuncType func unwrap_func
    Global GlobalType global unwrap_global
    Table TableType table unwrap_table
    Memory MemoryType memory unwrap_memory
    Tag TagType tag unwrap_tag
}

impl ExternType {
    pub(crate) fn from_syntax(space: &Space, ty: &syntax::ExternType) -> ExternType {
        let func = |id: TypeId| FuncType {
            space: space.clone(),
            id,
        };
        match *ty {
            syntax::ExternType::Func(id) => ExternType::Func(func(id)),
            syntax::ExternType::Table(ty) => TableType::from_syntax(space, ty).into(),
            syntax::ExternType::Memory(ty) => MemoryType { ty }.into(),
            syntax::ExternType::Global(ty) => GlobalType::from_syntax(space, ty).into(),
            syntax::ExternType::Tag(ty) => TagType::new(func(ty.ty)).into(),
        }
    }
}

/// An import of a [`Module`](crate::Module): two names and a type.
#[derive(Clone)]
pub struct ImportType<'module> {
    pub(crate) module: &'module str,
    pub(crate) name: &'module str,
    pub(crate) ty: ExternType,
}

impl<'module> ImportType<'module> {
    /// Returns the module name.
    pub fn module(&self) -> &'module str {
        self.module
    }

    /// Returns the item's name.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Returns the type that the module asks for.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

impl fmt::Debug for ImportType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportType")
            .field("module", &self.module)
            .field("name", &self.name)
            .field("ty", &self.ty)
            .finish()
    }
}

/// An export of a [`Module`](crate::Module): a name and a type.
#[derive(Clone)]
pub struct ExportType<'module> {
    pub(crate) name: &'module str,
    pub(crate) ty: ExternType,
}

impl<'module> ExportType<'module> {
    /// Returns the name.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Returns the type.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

impl fmt::Debug for ExportType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportType")
            .field("name", &self.name)
            .field("ty", &self.ty)
            .finish()
    }
}

/// The space for showing types: canonical types are copied only where one of these refers to them.
pub(crate) fn space_for(
    engine: &Engine,
    types: &TypeSpace,
    shown: impl IntoIterator<Item = syntax::HeapType>,
) -> Space {
    if shown.into_iter().any(|heap| heap.type_idx().is_some()) {
        return space_of(engine, types);
    }
    Space {
        engine: engine.clone(),
        types: alloc::sync::Arc::default(),
    }
}

/// The heap type of a value type, if it has one.
pub(crate) fn heap_of(ty: syntax::ValType) -> Option<syntax::HeapType> {
    match ty {
        syntax::ValType::Ref(r) => Some(r.heap),
        syntax::ValType::I32
        | syntax::ValType::I64
        | syntax::ValType::F32
        | syntax::ValType::F64
        | syntax::ValType::V128 => None,
    }
}

/// The canonical types of a module or store, copied when a concrete type must be shown.
pub(crate) fn space_of(engine: &Engine, types: &TypeSpace) -> Space {
    Space {
        engine: engine.clone(),
        types: alloc::sync::Arc::new(types.clone()),
    }
}
