//! Types and things of a module as short text.

use limpid::observe::{demangle, escape};
use limpid::syntax::{self, ExternIdx, FuncIdx};
use limpid::{ExternType, Module};

/// What can be imported or exported, in the words of the text format.
pub fn extern_type(ty: &ExternType) -> String {
    ty.to_string()
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
