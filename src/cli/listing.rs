//! Types and things of a module as short text.

use limpid::observe::{demangle, escape};
use limpid::syntax::{self, ExternIdx, FuncIdx};
use limpid::{ExportType, ExternType, Module};
use std::borrow::Cow;

/// How much of a name is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Length {
    /// Its beginning: for messages.
    Short,
    /// All of it: for results, on request.
    Whole,
}

/// A name that can be recognized although it is empty.
pub fn name(name: &str, length: Length) -> Cow<'_, str> {
    match length {
        _ if name.is_empty() => Cow::Borrowed("\"\""),
        Length::Short => escape::name(name),
        Length::Whole => escape::whole(name),
    }
}

/// A function by its name, as its source has it, else by that of an export, else by its index.
pub fn func(module: &syntax::Module, index: u32) -> String {
    func_named(module, index, Length::Short)
}

/// The same, with a choice of how much of the name is shown.
pub fn func_named(module: &syntax::Module, index: u32, length: Length) -> String {
    if let Some(own) = module.names.funcs.get(index) {
        return match &*demangle(own) {
            same if same == own => format!("${}", name(own, length)),
            source => name(source, length).into_owned(),
        };
    }
    let item = ExternIdx::Func(FuncIdx(index));
    match module.exports.iter().find(|export| export.item == item) {
        Some(export) => {
            // Quotes stand around it already.
            let shown = match length {
                Length::Short => escape::name(&export.name),
                Length::Whole => escape::whole(&export.name),
            };
            format!("func {index} \"{shown}\"")
        }
        None => format!("func {index}"),
    }
}

/// The exported functions with their signatures, a line each.
pub fn exported_functions(module: &Module) -> String {
    let exports = module.exports();
    let functions = exports.filter_map(|export| match export.ty() {
        ExternType::Func(ty) => Some(format!("  {} {ty}", name(export.name(), Length::Short))),
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

/// The exports of a module with their types, a line each, below a line that names the module.
pub fn exports(shown: &str, module: &Module) -> String {
    let exports = module.exports();
    let more = exports.len().saturating_sub(MOST);
    let line = |export: ExportType<'_>| {
        format!("  {} {}", name(export.name(), Length::Short), export.ty())
    };
    let mut lines: Vec<String> = exports.take(MOST).map(line).collect();
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    match lines.is_empty() {
        true => format!("{shown} exports nothing"),
        false => format!("{shown} exports:\n{}", lines.join("\n")),
    }
}

/// Most exports listed where something else was asked for.
const MOST: usize = 50;
