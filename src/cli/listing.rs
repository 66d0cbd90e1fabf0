//! Types and things of a module as short text.

use limpid::observe::{demangle, escape};
use limpid::syntax::{self, ExternIdx, FuncIdx};
use limpid::{ExternType, MemoryType, Module, Mutability};

/// What can be imported or exported, in the words of the text format.
pub fn extern_type(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(ty) => ty.to_string(),
        ExternType::Global(ty) => match ty.mutability() {
            Mutability::Var => format!("(global (mut {}))", ty.content()),
            Mutability::Const => format!("(global {})", ty.content()),
        },
        ExternType::Table(ty) => {
            let addr = if ty.is_64() { "i64 " } else { "" };
            let limits = limits(ty.minimum(), ty.maximum());
            format!("(table {addr}{limits} {})", ty.element())
        }
        ExternType::Memory(ty) => memory(ty),
        ExternType::Tag(ty) => format!("(tag {})", ty.ty()),
    }
}

fn memory(ty: &MemoryType) -> String {
    let addr = if ty.is_64() { "i64 " } else { "" };
    let shared = if ty.is_shared() { " shared" } else { "" };
    let page = match ty.page_size() {
        65536 => String::new(),
        bytes => format!(" (pagesize {bytes})"),
    };
    format!(
        "(memory {addr}{}{page}{shared})",
        limits(ty.minimum(), ty.maximum())
    )
}

fn limits(min: u64, max: Option<u64>) -> String {
    match max {
        Some(max) => format!("{min} {max}"),
        None => format!("{min}"),
    }
}

/// A function by its name, as its source has it, else by that of an export, else by its index.
pub fn func(module: &syntax::Module, index: u32) -> String {
    if let Some(name) = module.names.funcs.get(index) {
        return match &*demangle(name) {
            same if same == name => format!("${}", escape::name(name)),
            source => escape::name(source).into_owned(),
        };
    }
    let item = ExternIdx::Func(FuncIdx(index));
    match module.exports.iter().find(|export| export.item == item) {
        Some(export) => format!("func {index} \"{}\"", escape::name(&export.name)),
        None => format!("func {index}"),
    }
}

/// The exported functions with their signatures, a line each.
pub fn exported_functions(module: &Module) -> String {
    let exports = module.exports();
    let functions = exports.filter_map(|export| match export.ty() {
        ExternType::Func(ty) => Some(format!("  {} {ty}", escape::name(export.name()))),
        ExternType::Global(_)
        | ExternType::Table(_)
        | ExternType::Memory(_)
        | ExternType::Tag(_) => None,
    });
    let lines: Vec<String> = functions.take(MOST).collect();
    match lines.is_empty() {
        true => "it exports no function".to_owned(),
        false => format!("it exports these functions:\n{}", lines.join("\n")),
    }
}

/// Most exports listed where something else was asked for.
const MOST: usize = 50;
