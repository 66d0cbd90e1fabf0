//! Types of imports and exports, as the text format writes them. Every text that names such a type
//! is made here.

use super::types::Mutability;
use super::types_extern::{ExternType, GlobalType, MemoryType, TableType, TagType};
use core::fmt;

impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExternType::Func(ty) => ty.fmt(f),
            ExternType::Global(ty) => ty.fmt(f),
            ExternType::Table(ty) => ty.fmt(f),
            ExternType::Memory(ty) => ty.fmt(f),
            ExternType::Tag(ty) => ty.fmt(f),
        }
    }
}

impl fmt::Display for GlobalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mutability() {
            Mutability::Var => write!(f, "(global (mut {}))", self.content()),
            Mutability::Const => write!(f, "(global {})", self.content()),
        }
    }
}

impl fmt::Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addr = if self.is_64() { "i64 " } else { "" };
        let limits = Limits(self.minimum(), self.maximum());
        write!(f, "(table {addr}{limits} {})", self.element())
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addr = if self.is_64() { "i64 " } else { "" };
        let limits = Limits(self.minimum(), self.maximum());
        write!(f, "(memory {addr}{limits}")?;
        if self.page_size() != 65536 {
            write!(f, " (pagesize {})", self.page_size())?;
        }
        if self.is_shared() {
            f.write_str(" shared")?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for TagType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The payload is written as parameters, without the word for functions.
        let ty = alloc::format!("{}", self.ty());
        let payload = ty.strip_prefix("(func").unwrap_or(&ty);
        write!(f, "(tag{payload}")
    }
}

struct Limits(u64, Option<u64>);

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(max) => write!(f, "{} {max}", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}
