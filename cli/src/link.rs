//! What a guest imports: preloaded modules, and the message that lists the imports that nothing
//! defines.

use super::listing::{self, Length};
use super::outcome::{Cause, Failure};
use limpid::internals::syntax::Count;
use limpid::observe::display;
use limpid::wasi::{p0, p1};
use limpid::{Error, ExternType, MemoryType, Module, UnknownImportError, Val, ValType};
use std::collections::HashSet;

/// A module that was given with `--preload`.
#[derive(Debug)]
pub struct Preloaded {
    /// The module name under which it is imported.
    pub name: String,
    /// The path as it may be shown.
    pub shown: String,
    pub module: Module,
}

/// Which module imports what nothing defines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Importer {
    /// The one that runs, for which options can make what is missing.
    Program,
    /// One that was given with `--preload`.
    Preloaded,
}

impl Preloaded {
    /// The flag that gave it.
    fn flag(&self) -> String {
        format!("--preload {}={}", display::name(&self.name), self.shown)
    }

    /// Whether it is instantiated anew for each call.
    fn is_command(&self) -> bool {
        let exports = |name| self.module.get_export(name).is_some();
        exports("_start") && !exports("_initialize")
    }

    /// What a command cannot give to others, and why.
    fn command(&self) -> String {
        format!(
            "{} is a command, because it exports `_start`: each call of one of its functions gets \
             an instance of its own, so only its functions can be imported",
            self.shown
        )
    }

    /// Why the import is unknown although this module was given for it.
    fn lacks(&self, name: &str) -> String {
        let shown = display::name(name);
        match self.module.get_export(name) {
            Some(ty) if self.is_command() => {
                format!("{}: not `{shown}` {ty}", self.command())
            }
            Some(_) | None => format!("{} exports no `{shown}`", self.shown),
        }
    }

    /// The failure to link it.
    ///
    /// `ended` explains every error that is not about commands.
    pub fn failed(&self, error: &Error, ended: impl FnOnce() -> Failure) -> Failure {
        if let Some(missing) = error.downcast_ref::<UnknownImportError>() {
            return unknown_imports(missing, &[], Importer::Preloaded).at(self.flag());
        }
        let failure = ended();
        let is_typed = error.code() == limpid::Fault::TypeMismatch.code();
        match self.is_command() && is_typed {
            true => failure.at(self.flag()).hint(self.command()),
            false => failure.at(self.flag()),
        }
    }
}

/// Lists the imports that nothing defines, and what may help.
pub fn unknown_imports(
    missing: &UnknownImportError,
    preloaded: &[Preloaded],
    importer: Importer,
) -> Failure {
    let (first, others) = lines(missing);
    let mut details = others;
    for given in preloaded {
        let lacking = missing.all().filter(|(from, _, _)| *from == given.name);
        let lacking: Vec<String> = lacking.map(|(_, name, _)| given.lacks(name)).collect();
        if !lacking.is_empty() {
            details.extend(lacking);
            details.push(listing::exports(&given.shown, &given.module));
        }
    }
    let failure = Failure::failed(format!("unknown import: {first}"))
        .because(Cause::new("unlinkable"))
        .details(details.join("\n"));
    match hint(missing, preloaded, importer) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The first import, and lines that list the others.
fn lines(missing: &UnknownImportError) -> (String, Vec<String>) {
    let mut all = missing.all();
    let show = |(from, name, ty): (&str, &str, &ExternType)| {
        let shown = |name| listing::name(name, Length::Short);
        format!("`{}::{}` {ty}", shown(from), shown(name))
    };
    let first = all.next().map(show).unwrap_or_default();
    let mut lines: Vec<String> = all.map(|import| format!("  {}", show(import))).collect();
    match lines.len() {
        0 => {}
        1 => lines.insert(0, "one other import is unknown:".to_owned()),
        more => lines.insert(0, format!("{} are unknown:", Count(more, "other import"))),
    }
    (first, lines)
}

/// Most modules that a hint names.
const NAMED: usize = 5;

/// What may help: a flag for each module that no preloaded one was given for, and the options that
/// do without. `importer` says which module imports.
fn hint(
    missing: &UnknownImportError,
    preloaded: &[Preloaded],
    importer: Importer,
) -> Option<String> {
    let spawns = missing
        .all()
        .any(|(from, name, _)| (from, name) == ("wasi", "thread-spawn"));
    let of_threads = |(from, name, ty): &(&str, &str, &ExternType)| {
        let is_shared = ty.memory().is_some_and(MemoryType::is_shared);
        spawns && (is_shared || (*from, *name) == ("wasi", "thread-spawn"))
    };
    let all: Vec<_> = missing.all().filter(|import| !of_threads(import)).collect();
    let mut hints = Vec::new();
    if spawns {
        hints.push("-S threads lets it spawn threads".to_owned());
    }
    let of_wasi = |from: &str| matches!(from, p0::MODULE | p1::MODULE);
    let wasi: Vec<_> = all.iter().filter(|(from, ..)| of_wasi(from)).collect();
    match &wasi[..] {
        [] => {}
        [_] if all.len() == 1 => hints.push("no function of WASI has this name".to_owned()),
        [(_, name, _)] => {
            hints.push(format!(
                "no function of WASI has the name `{}`",
                display::name(name)
            ));
        }
        [(from, ..), ..] => {
            hints.push(format!("no functions of WASI have the names from `{from}`"))
        }
    }
    let is_given = |from: &str| preloaded.iter().any(|given| given.name == from);
    let mut seen = HashSet::new();
    let modules = all.iter().map(|(from, ..)| *from);
    let wanted = modules.filter(|from| !of_wasi(from) && !is_given(from) && seen.insert(*from));
    let modules: Vec<&str> = wanted.collect();
    hints.extend(preloads(&modules, importer));
    if importer == Importer::Program {
        hints.extend(without(&all));
    }
    (!hints.is_empty()).then(|| hints.join("; "))
}

/// The flags that give modules.
fn preloads(modules: &[&str], importer: Importer) -> Option<String> {
    let flag = |from: &&str| format!("--preload {}=FILE", display::name(from));
    let mut flags: Vec<String> = modules.iter().take(NAMED).map(flag).collect();
    if modules.len() > NAMED {
        flags.push(format!("{} more", modules.len() - NAMED));
    }
    let before = match importer {
        Importer::Program => "",
        Importer::Preloaded => ", before it,",
    };
    let last = flags.pop()?;
    Some(match flags.is_empty() {
        true => format!("{last}{before} gives it a module"),
        false => format!("{} and {last}{before} give it modules", flags.join(", ")),
    })
}

/// The options with which a program starts although these imports are missing.
fn without(all: &[(&str, &str, &ExternType)]) -> Option<String> {
    let traps = all.iter().all(|(.., ty)| ty.func().is_some());
    let defaults = all.iter().all(|(.., ty)| has_default(ty));
    let trap = "with -W unknown-imports-trap the program starts, and traps at a call of ";
    let trap = traps.then(|| trap.to_owned() + if all.len() == 1 { "it" } else { "one" });
    let default = "with -W unknown-imports-default they are zero, null or empty";
    match (all, trap, defaults) {
        ([], ..) | (_, None, false) => None,
        (_, Some(trap), false) => Some(trap),
        (_, Some(trap), true) => {
            Some(trap + ", or, with -W unknown-imports-default, gets zeros and nulls")
        }
        ([_], None, true) => Some(default.replace("they are", "it is")),
        (_, None, true) => Some(default.to_owned()),
    }
}

/// Whether `-W unknown-imports-default` can make something of the type.
fn has_default(ty: &ExternType) -> bool {
    let of_value = |ty: &ValType| Val::default_for_ty(ty).is_some();
    match ty {
        ExternType::Func(ty) => ty.results().all(|ty| of_value(&ty)),
        ExternType::Global(ty) => of_value(ty.content()),
        ExternType::Table(ty) => ty.element().is_nullable(),
        ExternType::Memory(_) | ExternType::Tag(_) => true,
    }
}
