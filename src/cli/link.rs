//! What a guest imports: preloaded modules, and the message that lists the imports that nothing
//! defines.

use super::account::Cause;
use super::failure::Failure;
use super::listing::{self, Length};
use limpid::observe::escape;
use limpid::wasi::{p0, p1};
use limpid::{Error, ExternType, Module, UnknownImportError};

/// A module that was given with `--preload`.
#[derive(Debug)]
pub struct Preloaded {
    /// The module name under which it is imported.
    pub name: String,
    /// The path as it may be shown.
    pub shown: String,
    pub module: Module,
}

impl Preloaded {
    /// The flag that gave it.
    fn flag(&self) -> String {
        format!("--preload {}={}", escape::name(&self.name), self.shown)
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
        let shown = escape::name(name);
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
            return unknown_imports(missing, &self.module, &[]).at(self.flag());
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
    module: &Module,
    preloaded: &[Preloaded],
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
    match hint(missing, module, preloaded) {
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
        more => lines.insert(0, format!("{more} other imports are unknown:")),
    }
    (first, lines)
}

/// What may help: a flag for the first import that no preloaded module was given for.
fn hint(missing: &UnknownImportError, module: &Module, preloaded: &[Preloaded]) -> Option<String> {
    let mut imports = module.imports();
    if imports.any(|import| (import.module(), import.name()) == ("wasi", "thread-spawn")) {
        return Some("-S threads lets it spawn threads".to_owned());
    }
    let is_given = |from: &str| preloaded.iter().any(|given| given.name == from);
    let mut wanted = missing.all().filter(|(from, _, _)| !is_given(from));
    let given = wanted.next().map(|(from, _, _)| match from {
        p0::MODULE | p1::MODULE => "no function of WASI has this name".to_owned(),
        // Any other name can be given a module.
        _ => format!("--preload {}=FILE gives it a module", escape::name(from)),
    });
    let is_func = |(_, _, ty): (_, _, &ExternType)| ty.func().is_some();
    let trap = missing
        .all()
        .all(is_func)
        .then_some("with -W unknown-imports-trap the program starts, and traps at a call of it");
    match (given, trap) {
        (Some(given), Some(trap)) => Some(format!("{given}; {trap}")),
        (given, trap) => given.or(trap.map(str::to_owned)),
    }
}
