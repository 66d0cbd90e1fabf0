//! Types and things of a module as short text.

use super::outcome::Failure;
use super::suggest::suggest;
use limpid::internals::syntax::{self, ExternIdx, FuncIdx};
use limpid::observe::{demangle, display};
use limpid::{ExportType, ExternType, Module};
use std::borrow::Cow;
use std::collections::HashMap;

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
        Length::Short => display::name(name),
        Length::Whole => display::whole(name),
    }
}

/// A function by its name, as its source has it, else by that of an export, else by its index.
/// Where many functions are shown, [`Functions`] finds their exports at once.
pub fn func(module: &syntax::Module, index: u32) -> String {
    let item = ExternIdx::Func(FuncIdx(index));
    let exported = || {
        let mut exports = module.exports.iter();
        Some(&*exports.find(|export| export.item == item)?.name)
    };
    func_named(module, index, exported, Length::Short)
}

/// The functions of a module by their names. The exports are walked over once, not once for each
/// function: a module may have a hundred thousand of both.
pub struct Functions<'m> {
    module: &'m syntax::Module,
    /// The first export of each function that has one.
    exported: HashMap<u32, &'m str>,
    length: Length,
}

impl<'m> Functions<'m> {
    /// Of a module; `length` says how much of each name is shown.
    pub fn new(module: &'m syntax::Module, length: Length) -> Functions<'m> {
        let mut exported = HashMap::new();
        for export in &module.exports {
            if let ExternIdx::Func(FuncIdx(index)) = export.item {
                exported.entry(index).or_insert(&*export.name);
            }
        }
        Functions {
            module,
            exported,
            length,
        }
    }

    /// A function as [`func`] shows it.
    pub fn name(&self, index: u32) -> String {
        let exported = || self.exported.get(&index).copied();
        func_named(self.module, index, exported, self.length)
    }
}

fn func_named<'m>(
    module: &'m syntax::Module,
    index: u32,
    exported: impl FnOnce() -> Option<&'m str>,
    length: Length,
) -> String {
    if let Some(own) = module.names.funcs.get(index) {
        return match &*demangle(own) {
            same if same == own => format!("${}", name(own, length)),
            source => name(source, length).into_owned(),
        };
    }
    match exported() {
        Some(name) => {
            // Quotes stand around it already.
            let shown = match length {
                Length::Short => display::name(name),
                Length::Whole => display::whole(name),
            };
            format!("func {index} \"{shown}\"")
        }
        None => format!("func {index}"),
    }
}

/// The index of the function that is meant: by its name, that of an export, or its index.
///
/// # Errors
/// When there is no such function, or it is imported.
pub fn find_func(syntax: &syntax::Module, name: &str) -> Result<u32, Failure> {
    let first = syntax.imported_funcs();
    let wanted = name.strip_prefix('$').unwrap_or(name);
    let names = &syntax.names.funcs.0;
    let named = names.iter().find(|(_, known)| known == wanted);
    let exported = syntax.exports.iter().find_map(|export| match export.item {
        ExternIdx::Func(index) if *export.name == *wanted => Some(index.0),
        // Another name, or no function.
        _ => None,
    });
    let index = named
        .map(|(index, _)| *index)
        .or(exported)
        .or(wanted.parse().ok());
    let shown = display::name(name);
    match index {
        Some(index) if index < first => Err(Failure::failed(format!(
            "function `{shown}` is imported: it has no body here"
        ))),
        Some(index) if ((index - first) as usize) < syntax.code.len() => Ok(index),
        Some(_) | None => {
            let failure = Failure::failed(format!("no function is called `{shown}`"));
            let known = names.iter().map(|(_, name)| name.as_str());
            let known = known.chain(syntax.exports.iter().map(|export| &*export.name));
            Err(match suggest(wanted, known) {
                Some(meant) => failure.hint(format!("did you mean `{}`?", display::name(meant))),
                None => failure.hint("`limpid inspect --functions` lists all"),
            })
        }
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
