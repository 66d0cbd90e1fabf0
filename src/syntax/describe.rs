//! Types of imports and exports as the text format writes them, for modules that need not be valid.
//! Every text that names such a type is made here.

use super::module::{ExternIdx, ImportDesc, Module};
use super::types::{
    AddrType, CompositeType, FuncType, GlobalType, Limits, MemoryType, SubType, TableType,
};
use super::{FuncIdx, TypeIdx};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Display};

/// The types of a module's items, found by index. An index that is out of range is described as
/// such: the module need not be valid.
pub struct Descriptions<'m> {
    types: Vec<&'m SubType>,
    funcs: Vec<TypeIdx>,
    tables: Vec<TableType>,
    memories: Vec<MemoryType>,
    globals: Vec<GlobalType>,
    tags: Vec<TypeIdx>,
}

impl<'m> Descriptions<'m> {
    /// Collects the types of a module.
    pub fn new(module: &'m Module) -> Descriptions<'m> {
        let mut all = Descriptions {
            types: module.types.iter().flat_map(|group| &group.types).collect(),
            funcs: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
        };
        for import in &module.imports {
            match import.desc {
                ImportDesc::Func(ty) => all.funcs.push(ty),
                ImportDesc::Table(ty) => all.tables.push(ty),
                ImportDesc::Memory(ty) => all.memories.push(ty),
                ImportDesc::Global(ty) => all.globals.push(ty),
                ImportDesc::Tag(ty) => all.tags.push(ty),
            }
        }
        all.funcs.extend(module.funcs.iter().map(|(ty, _)| *ty));
        all.tables
            .extend(module.tables.iter().map(|table| table.ty));
        all.memories
            .extend(module.memories.iter().map(|(ty, _)| *ty));
        all.globals
            .extend(module.globals.iter().map(|global| global.ty));
        all.tags.extend(module.tags.iter().map(|(ty, _)| *ty));
        all
    }

    /// Describes what an import asks for.
    pub fn import(&self, desc: &ImportDesc) -> String {
        match desc {
            ImportDesc::Func(ty) => match self.func_type(*ty) {
                Some(ty) => ty.to_string(),
                None => format!("(func (type {}))", ty.0),
            },
            ImportDesc::Table(ty) => ty.to_string(),
            ImportDesc::Memory(ty) => ty.to_string(),
            ImportDesc::Global(ty) => ty.to_string(),
            ImportDesc::Tag(ty) => match self.func_type(*ty) {
                Some(ty) => Payload(ty).to_string(),
                None => format!("(tag (type {}))", ty.0),
            },
        }
    }

    /// Describes an item that can be exported.
    pub fn item(&self, item: ExternIdx) -> String {
        let (desc, kind, index) = match item {
            ExternIdx::Func(at) => {
                let ty = self.funcs.get(at.index());
                (ty.copied().map(ImportDesc::Func), "func", at.0)
            }
            ExternIdx::Table(at) => {
                let ty = self.tables.get(at.index());
                (ty.copied().map(ImportDesc::Table), "table", at.0)
            }
            ExternIdx::Memory(at) => {
                let ty = self.memories.get(at.index());
                (ty.copied().map(ImportDesc::Memory), "memory", at.0)
            }
            ExternIdx::Global(at) => {
                let ty = self.globals.get(at.index());
                (ty.copied().map(ImportDesc::Global), "global", at.0)
            }
            ExternIdx::Tag(at) => {
                let ty = self.tags.get(at.index());
                (ty.copied().map(ImportDesc::Tag), "tag", at.0)
            }
        };
        match desc {
            Some(desc) => self.import(&desc),
            None => format!("({kind} {index}, which does not exist)"),
        }
    }

    /// Describes a function.
    pub fn func(&self, func: FuncIdx) -> String {
        self.item(ExternIdx::Func(func))
    }

    fn func_type(&self, ty: TypeIdx) -> Option<&'m FuncType> {
        match &self.types.get(ty.index())?.composite {
            CompositeType::Func(ty) => Some(ty),
            CompositeType::Struct(_) | CompositeType::Array(_) => None,
        }
    }
}

impl Display for GlobalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        global(f, self.mutable, &self.val)
    }
}

impl Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table(f, self.addr, self.limits, &self.elem)
    }
}

impl Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(memory {}{}", Address(self.addr), self.limits)?;
        match self.page_size_log2 {
            16 => {}
            // The text format wants the number itself.
            log2 @ 0..64 => write!(f, " (pagesize {})", 1u64 << log2)?,
            log2 => write!(f, " (pagesize 2^{log2})")?,
        }
        f.write_str(if self.shared { " shared)" } else { ")" })
    }
}

/// Writes the type of a global.
pub(crate) fn global(
    f: &mut fmt::Formatter<'_>,
    mutable: bool,
    content: &dyn Display,
) -> fmt::Result {
    match mutable {
        true => write!(f, "(global (mut {content}))"),
        false => write!(f, "(global {content})"),
    }
}

/// Writes the type of a table.
pub(crate) fn table(
    f: &mut fmt::Formatter<'_>,
    addr: AddrType,
    limits: Limits,
    element: &dyn Display,
) -> fmt::Result {
    write!(f, "(table {}{limits} {element})", Address(addr))
}

impl Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.max {
            Some(max) => write!(f, "{} {max}", self.min),
            None => write!(f, "{}", self.min),
        }
    }
}

/// The address type with a space after it, unless it is the one that is left out.
struct Address(AddrType);

impl Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            AddrType::I32 => "",
            AddrType::I64 => "i64 ",
        })
    }
}

/// The type of a tag: its payload stands as parameters, without the word for functions.
pub(crate) struct Payload<'a>(pub &'a FuncType);

impl Display for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ty = self.0.to_string();
        write!(f, "(tag{}", ty.strip_prefix("(func").unwrap_or(&ty))
    }
}
