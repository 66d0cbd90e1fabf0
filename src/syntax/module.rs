//! Modules (spec: syntax/modules) as decoded: plain data. Function bodies and constant
//! expressions stay byte ranges into `bytes`; offsets point into the same bytes.

use super::types::{GlobalType, HeapType, MemoryType, RecGroup, RefType, TableType, ValType};
use super::{FuncIdx, GlobalIdx, MemIdx, TableIdx, TagIdx, TypeIdx};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

/// A decoded module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The whole binary.
    pub bytes: Arc<[u8]>,
    /// Recursion groups in order; type indices count their members through.
    pub types: Vec<RecGroup>,
    /// Imports in order.
    pub imports: Vec<Import>,
    /// Types of the defined functions, with the byte offset of each.
    pub funcs: Vec<(TypeIdx, u32)>,
    /// Defined tables.
    pub tables: Vec<Table>,
    /// Defined memories, with the byte offset of each.
    pub memories: Vec<(MemoryType, u32)>,
    /// Types of the defined tags, with the byte offset of each.
    pub tags: Vec<(TypeIdx, u32)>,
    /// Defined globals.
    pub globals: Vec<Global>,
    /// Exports in order.
    pub exports: Vec<Export>,
    /// The start function.
    pub start: Option<Start>,
    /// Element segments.
    pub elems: Vec<Elem>,
    /// What the data count section says.
    pub data_count: Option<u32>,
    /// Bodies of the defined functions.
    pub code: Vec<FuncBody>,
    /// Data segments.
    pub datas: Vec<Data>,
    /// Custom sections in order.
    pub customs: Vec<Custom>,
    /// What the name section says; empty when absent or malformed.
    pub names: Names,
}

/// An import.
#[derive(Clone, Debug)]
pub struct Import {
    /// The module name.
    pub module: Arc<str>,
    /// The item's name.
    pub name: Box<str>,
    /// What is imported.
    pub desc: ImportDesc,
    /// Byte offset.
    pub offset: u32,
}

/// What an import asks for.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum ImportDesc {
    Func(TypeIdx),
    Table(TableType),
    Memory(MemoryType),
    Global(GlobalType),
    Tag(TypeIdx),
}

/// A constant expression, `end` included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstExpr {
    /// Bytes of the module.
    pub range: Range<u32>,
}

/// A defined table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The type of the table.
    pub ty: TableType,
    /// The initialiser of the elements; null when absent.
    pub init: Option<ConstExpr>,
    /// Byte offset.
    pub offset: u32,
}

/// A defined global.
#[derive(Clone, Debug)]
pub struct Global {
    /// The type of the global.
    pub ty: GlobalType,
    /// The initialiser of the global.
    pub init: ConstExpr,
    /// Byte offset.
    pub offset: u32,
}

/// An export.
#[derive(Clone, Debug)]
pub struct Export {
    /// The name of the export.
    pub name: Box<str>,
    /// What is exported.
    pub item: ExternIdx,
    /// Byte offset.
    pub offset: u32,
}

/// An index into one of the index spaces that can be imported and exported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum ExternIdx {
    Func(FuncIdx),
    Table(TableIdx),
    Memory(MemIdx),
    Global(GlobalIdx),
    Tag(TagIdx),
}

/// The start section.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// The function called.
    pub func: FuncIdx,
    /// Byte offset.
    pub offset: u32,
}

/// An element segment.
#[derive(Clone, Debug)]
pub struct Elem {
    /// Type of its elements.
    pub ty: RefType,
    /// Its elements.
    pub items: ElemItems,
    /// When it is used.
    pub mode: ElemMode,
    /// Byte offset.
    pub offset: u32,
}

/// The elements of a segment.
#[derive(Clone, Debug)]
pub enum ElemItems {
    /// Function indices: `count` LEB128 numbers in `range`, decoded once already.
    Funcs {
        /// How many.
        count: u32,
        /// Their bytes.
        range: Range<u32>,
    },
    /// One expression each.
    Exprs(Vec<ConstExpr>),
}

/// When an element segment is used.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum ElemMode {
    Passive,
    Active { table: TableIdx, offset: ConstExpr },
    Declarative,
}

/// A data segment.
#[derive(Clone, Debug)]
pub struct Data {
    /// The bytes of the data segment, as a range of the module.
    pub bytes: Range<u32>,
    /// When it is used.
    pub mode: DataMode,
    /// Byte offset.
    pub offset: u32,
}

/// When a data segment is used.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum DataMode {
    Passive,
    Active { memory: MemIdx, offset: ConstExpr },
}

/// A function body.
#[derive(Clone, Debug)]
pub struct FuncBody {
    /// Declared locals, run-length encoded; the sum is at most 50,000.
    pub locals: Box<[(u32, ValType)]>,
    /// The instructions, the closing `end` included, as a range of the module.
    pub code: Range<u32>,
    /// Byte offset of the entry, its size field included.
    pub offset: u32,
}

/// A custom section.
#[derive(Clone, Debug)]
pub struct Custom {
    /// The name of the section.
    pub name: Box<str>,
    /// The contents of the section, as a range of the module.
    pub bytes: Range<u32>,
    /// How many non-custom sections stand before it.
    pub place: u32,
}

/// Index to name, sorted by index.
#[derive(Clone, Debug, Default)]
pub struct NameMap(pub Vec<(u32, String)>);

impl NameMap {
    /// The name of that index.
    pub fn get(&self, index: u32) -> Option<&str> {
        let at = self.0.binary_search_by_key(&index, |entry| entry.0).ok()?;
        self.0.get(at).map(|entry| entry.1.as_str())
    }
}

/// The name section (spec: appendix/custom).
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Names {
    pub module: Option<String>,
    pub funcs: NameMap,
    /// Function index to names of its locals.
    pub locals: Vec<(u32, NameMap)>,
    /// Function index to names of its labels.
    pub labels: Vec<(u32, NameMap)>,
    pub types: NameMap,
    pub tables: NameMap,
    pub memories: NameMap,
    pub globals: NameMap,
    pub elems: NameMap,
    pub datas: NameMap,
    /// Type index to names of its fields.
    pub fields: Vec<(u32, NameMap)>,
    pub tags: NameMap,
}

impl Module {
    /// The bytes of a range.
    ///
    /// # Panics
    /// When the range does not belong to this module.
    pub fn slice(&self, range: &Range<u32>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }

    /// Number of defined types.
    pub fn type_count(&self) -> usize {
        self.types.iter().map(|group| group.types.len()).sum()
    }

    /// Types of all functions, imports first.
    pub fn func_types(&self) -> impl Iterator<Item = TypeIdx> + '_ {
        let imported = self.imports.iter().filter_map(|import| match import.desc {
            ImportDesc::Func(ty) => Some(ty),
            ImportDesc::Table(_)
            | ImportDesc::Memory(_)
            | ImportDesc::Global(_)
            | ImportDesc::Tag(_) => None,
        });
        imported.chain(self.funcs.iter().map(|func| func.0))
    }

    /// Number of imported functions.
    pub fn imported_funcs(&self) -> u32 {
        let is_func = |import: &&Import| matches!(import.desc, ImportDesc::Func(_));
        self.imports.iter().filter(is_func).count() as u32
    }
}

impl HeapType {
    /// The type index, if it is a defined type.
    pub const fn type_idx(self) -> Option<TypeIdx> {
        match self {
            HeapType::Concrete(idx) => Some(idx),
            HeapType::Any
            | HeapType::Eq
            | HeapType::I31
            | HeapType::Struct
            | HeapType::Array
            | HeapType::None
            | HeapType::Func
            | HeapType::NoFunc
            | HeapType::Extern
            | HeapType::NoExtern
            | HeapType::Exn
            | HeapType::NoExn => None,
        }
    }
}
