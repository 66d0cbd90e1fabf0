//! Modules: decoded, validated, and translated as their functions are called.

pub(crate) mod container;
pub(crate) mod load;

use crate::api::engine::Engine;
use crate::api::error::{Error, Fault, Result};
use crate::api::types::Space;
use crate::api::types::externs::{ExportType, ExternType, ImportType, space_of};
use crate::exec::Program;
use crate::exec::append::Once;
use crate::syntax::{self, ExternIdx, ImportDesc, TagType};
#[cfg(feature = "wat")]
use crate::{room, runtime::OutOfMemory};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A validated module. Cloning gives another handle of the same module.
///
/// ```
/// use limpid::{Engine, Module};
/// # #[cfg(feature = "wat")] {
/// let text = r#"(module (func (export "f") (result i32) i32.const 42))"#;
/// let module = Module::new(&Engine::default(), text)?;
/// assert_eq!(module.exports().next().map(|export| export.name()), Some("f"));
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone)]
pub struct Module {
    inner: Arc<Loaded>,
}

struct Loaded {
    engine: Engine,
    program: Arc<Program>,
    /// Exports by the length of their name, then by name: most names are told apart by length.
    exports: Box<[u32]>,
    /// What is exported as `memory`, where every function of WASI looks.
    #[cfg(feature = "wasi")]
    memory: Option<ExternIdx>,
    /// The canonical types for types shown to the embedder.
    space: Once<Space>,
}

/// An export that was looked up once, for finding it in many instances of the module.
#[derive(Clone)]
pub struct ModuleExport {
    pub(crate) module: Module,
    pub(crate) item: ExternIdx,
}

/// Bytes that the reader of the text format may take for each byte of a text. It cannot be refused
/// them: short fields such as `(tag)` take 102 for each.
#[cfg(feature = "wat")]
const TEXT_READER: usize = 128;
/// A function that a module defines: see [`Module::functions`].
#[derive(Clone, Debug)]
pub struct ModuleFunction {
    /// The index of the function's module among those that were compiled together: always 0, since
    /// a module is compiled alone.
    pub module: StaticModuleIndex,
    /// The index of the function, imported ones counted.
    pub index: FuncIndex,
    /// The function's name, if the name section has one.
    pub name: Option<String>,
    /// The byte offset of its code in the module's binary, from the field that holds its size.
    pub offset: usize,
    /// The bytes of its code, that field included.
    pub len: usize,
}

macro_rules! indices {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(u32);

        impl $name {
            /// Returns the index with this number.
            pub fn from_u32(x: u32) -> Self {
                Self(x)
            }

            /// Returns the index as a number.
            pub fn as_u32(self) -> u32 {
                self.0
            }
        }
    )*};
}

indices! {
    /// The index of a function in its module.
    FuncIndex
    /// The index of a module among those that were compiled together.
    StaticModuleIndex
}

impl Module {
    /// Makes a module from the binary format or, with the feature `wat`, from the text format.
    ///
    /// # Errors
    /// Fails for a module that is malformed, invalid, or past the engine's limits.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Module> {
        let bytes = bytes.as_ref();
        #[cfg(feature = "wat")]
        if !bytes.starts_with(b"\0") {
            let room = bytes.len().saturating_mul(TEXT_READER);
            let Some(()) = room::for_more::<u8>(room) else {
                let what = "the text of the module is too large for the memory that is left";
                return Err(Error::from(OutOfMemory::Host).context(what));
            };
            // Some editors put a byte order mark before a text; it is no part of it.
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let binary = wat::parse_bytes(text).map_err(Error::new)?;
            return Module::from_binary(engine, &binary);
        }
        Module::from_binary(engine, bytes)
    }

    /// Makes a module from the binary format alone.
    ///
    /// # Errors
    /// Fails for a module that is malformed, invalid, or past the engine's limits.
    pub fn from_binary(engine: &Engine, binary: &[u8]) -> Result<Module> {
        Ok(Module::from_program(engine, load::load(engine, binary)?))
    }

    /// Makes a module from a file in either format.
    ///
    /// # Errors
    /// Fails when the file cannot be read, and with the errors of [`Module::new`].
    #[cfg(feature = "std")]
    pub fn from_file(engine: &Engine, file: impl AsRef<std::path::Path>) -> Result<Module> {
        let file = file.as_ref();
        let failed = |error: Error| error.context(alloc::format!("reading {}", file.display()));
        let bytes = std::fs::read(file).map_err(|error| failed(error.into()))?;
        Module::new(engine, bytes).map_err(failed)
    }

    /// Checks that bytes are a valid module in the binary format.
    ///
    /// # Errors
    /// Fails for a module that is malformed, invalid, or past the engine's limits.
    pub fn validate(engine: &Engine, binary: &[u8]) -> Result<()> {
        load::load(engine, binary).map(|_| ())
    }

    fn from_program(engine: &Engine, program: Program) -> Module {
        let names = &program.module().exports;
        let mut exports: Box<[u32]> = (0..names.len() as u32).collect();
        exports.sort_unstable_by_key(|&k| by_length(&names[k as usize].name));
        #[cfg(feature = "wasi")]
        let memory = names.iter().find(|export| &*export.name == "memory");
        Module {
            inner: Arc::new(Loaded {
                engine: engine.clone(),
                exports,
                #[cfg(feature = "wasi")]
                memory: memory.map(|export| export.item),
                program: Arc::new(program),
                space: Once::new(),
            }),
        }
    }

    /// Returns the engine that the module was made for.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Returns the module's name, if the name section has one.
    pub fn name(&self) -> Option<&str> {
        self.syntax().names.module.as_deref()
    }

    /// Returns the imports in order.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> + '_ {
        let space = self.space();
        self.syntax().imports.iter().map(move |import| ImportType {
            module: &import.module,
            name: &import.name,
            ty: ExternType::from_syntax(&space, &self.import_type(&import.desc)),
        })
    }

    /// Returns the exports in order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> + '_ {
        let space = self.space();
        self.syntax().exports.iter().map(move |export| ExportType {
            name: &export.name,
            ty: ExternType::from_syntax(&space, &self.extern_type(export.item)),
        })
    }

    /// Returns the type of the export with that name.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        let item = self.item(name)?;
        Some(ExternType::from_syntax(
            &self.space(),
            &self.extern_type(item),
        ))
    }

    /// Returns the export with that name, which instances can look up without the name.
    pub fn get_export_index(&self, name: &str) -> Option<ModuleExport> {
        Some(ModuleExport {
            module: self.clone(),
            item: self.item(name)?,
        })
    }

    /// Returns the functions that the module defines, in order, with the places of their code.
    pub fn functions(&self) -> impl ExactSizeIterator<Item = ModuleFunction> + '_ {
        let syntax = self.syntax();
        let funcs = |import: &&syntax::Import| matches!(import.desc, ImportDesc::Func(_));
        let imported = syntax.imports.iter().filter(funcs).count();
        syntax.code.iter().enumerate().map(move |(place, body)| {
            let index = (imported + place) as u32;
            ModuleFunction {
                module: StaticModuleIndex(0),
                index: FuncIndex(index),
                name: syntax.names.funcs.get(index).map(String::from),
                offset: body.offset as usize,
                len: (body.code.end - body.offset) as usize,
            }
        })
    }

    /// Returns whether both are handles of the same module.
    pub fn same(a: &Module, b: &Module) -> bool {
        Arc::ptr_eq(&a.inner, &b.inner)
    }

    /// Returns the module as bytes for [`Module::deserialize`], tied to this version and its
    /// settings. They hold the binary format, not translated code.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn serialize(&self) -> Result<Vec<u8>> {
        Ok(container::write(&self.inner.engine, &self.syntax().bytes))
    }

    /// Makes a module from the bytes of [`Module::serialize`]. This is safe with any bytes: the
    /// module in them is checked as a new one is.
    ///
    /// # Errors
    /// Returns [`Fault::BadContainer`] when the bytes are no serialized module, are damaged, or are
    /// of another version or other settings.
    pub fn deserialize(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Module> {
        let binary = container::read(engine, bytes.as_ref())
            .ok_or_else(|| Error::from(Fault::BadContainer))?;
        Module::from_binary(engine, binary)
    }

    /// Makes a module from a file that holds the bytes of [`Module::serialize`].
    ///
    /// # Errors
    /// Fails when the file cannot be read, and with the errors of [`Module::deserialize`].
    #[cfg(feature = "std")]
    pub fn deserialize_file(engine: &Engine, file: impl AsRef<std::path::Path>) -> Result<Module> {
        Module::deserialize(engine, std::fs::read(file)?)
    }

    /// The module as decoded.
    pub fn syntax(&self) -> &syntax::Module {
        self.inner.program.module()
    }

    /// The module ready to run.
    pub fn program(&self) -> &Arc<Program> {
        &self.inner.program
    }

    /// Returns the item that the module exports under that name.
    pub(crate) fn item(&self, name: &str) -> Option<ExternIdx> {
        let (order, exports) = (&self.inner.exports, &self.syntax().exports);
        let name = by_length(name);
        let found = order.binary_search_by(|&k| by_length(&exports[k as usize].name).cmp(&name));
        found.ok().map(|at| exports[order[at] as usize].item)
    }

    /// Returns the item that the module exports as `memory`.
    #[cfg(feature = "wasi")]
    pub(crate) fn memory(&self) -> Option<ExternIdx> {
        self.inner.memory
    }

    fn space(&self) -> Space {
        let inner = &*self.inner;
        let make = || space_of(&inner.engine, &inner.program.context().space);
        inner.space.get_or_init(make).clone()
    }
}

/// Returns the key by which exports are ordered.
fn by_length(name: &str) -> (usize, &[u8]) {
    (name.len(), name.as_bytes())
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ModuleExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModuleExport")
            .field("item", &self.item)
            .finish_non_exhaustive()
    }
}

/// Types of imports and exports, canonical in the module's space.
impl Module {
    pub(crate) fn import_type(&self, desc: &ImportDesc) -> syntax::ExternType {
        let context = self.inner.program.context();
        match *desc {
            ImportDesc::Func(ty) => syntax::ExternType::Func(context.type_id(ty)),
            ImportDesc::Table(ty) => syntax::ExternType::Table(syntax::TableType {
                elem: context.canon_ref(ty.elem),
                ..ty
            }),
            ImportDesc::Memory(ty) => syntax::ExternType::Memory(ty),
            ImportDesc::Global(ty) => syntax::ExternType::Global(syntax::GlobalType {
                val: context.canon(ty.val),
                ..ty
            }),
            ImportDesc::Tag(ty) => syntax::ExternType::Tag(TagType {
                ty: context.type_id(ty),
            }),
        }
    }

    pub(crate) fn extern_type(&self, item: ExternIdx) -> syntax::ExternType {
        let context = self.inner.program.context();
        match item {
            ExternIdx::Func(idx) => syntax::ExternType::Func(context.funcs[idx.index()]),
            ExternIdx::Table(idx) => syntax::ExternType::Table(context.tables[idx.index()]),
            ExternIdx::Memory(idx) => syntax::ExternType::Memory(context.memories[idx.index()]),
            ExternIdx::Global(idx) => syntax::ExternType::Global(context.globals[idx.index()]),
            ExternIdx::Tag(idx) => {
                let ty = context.tags[idx.index()];
                syntax::ExternType::Tag(TagType { ty })
            }
        }
    }
}
