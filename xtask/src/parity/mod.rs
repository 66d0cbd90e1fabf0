//! What has become of wasmtime's names: a list of all of them, held to our sources, and the page
//! that is made of it.
//!
//! Reading order: `list` (how it is written), this file (what must hold), `surface` (our names),
//! `page`.

mod list;
mod page;
mod surface;

pub use list::{Class, Name};

use crate::tidy::Fault;
use std::path::Path;
use std::process::ExitCode;
use surface::Surface;

const LIST: &str = "xtask/src/parity/names.tsv";
const PAGE: &str = "docs/wasmtime.md";
/// What exports our names, and beside the folder of the API what has items of it.
const ROOTS: [&str; 2] = ["src/api/mod.rs", "src/lib.rs"];
const API: &str = "src/api";
const BESIDE: [&str; 1] = ["src/trap.rs"];

/// `cargo xtask parity [--check]`: writes the page, or says where it or the list is wrong.
pub fn main(args: &[String]) -> ExitCode {
    let root = crate::root();
    let faults = match args {
        [] => write(&root),
        [flag] if flag == "--check" => check(&root),
        _ => {
            eprintln!("usage: cargo xtask parity [--check]");
            return ExitCode::from(2);
        }
    };
    for Fault { file, line, what } in &faults {
        println!("{file}:{line}: {what}");
    }
    if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn write(root: &Path) -> Vec<Fault> {
    let names = match list::read(&text(root, LIST)) {
        Ok(names) => names,
        Err(faults) => return in_list(faults),
    };
    let path = root.join(PAGE);
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    match folder.and_then(|()| std::fs::write(&path, page::page(&names))) {
        Ok(()) => untrue(&names, &surface(root)),
        Err(error) => vec![fault(PAGE, 1, error.to_string())],
    }
}

/// Everything that is wrong: lines of the list, statements about our names, the page.
pub fn check(root: &Path) -> Vec<Fault> {
    let names = match list::read(&text(root, LIST)) {
        Ok(names) => names,
        Err(faults) => return in_list(faults),
    };
    let mut faults = untrue(&names, &surface(root));
    if text(root, PAGE) != page::page(&names) {
        let what = "the page is not what the list gives: run `cargo xtask parity`";
        faults.push(fault(PAGE, 1, what.into()));
    }
    faults
}

/// Names that are said to be here and are not, or to be absent and are here.
fn untrue(names: &[Name], surface: &Surface) -> Vec<Fault> {
    let wrong = names.iter().filter_map(|name| {
        let Name {
            path, class, line, ..
        } = name;
        let is_here = surface.has(path);
        let what = match class {
            Class::Same | Class::Accepted | Class::Different if is_here => return None,
            Class::Same | Class::Accepted | Class::Different => "and our API does not have it",
            Class::Absent if is_here => "and our API has it",
            Class::Absent => return None,
        };
        let what = format!("`{path}` is listed as {}, {what}", class.word());
        Some(fault(LIST, *line, what))
    });
    wrong.collect()
}

fn surface(root: &Path) -> Surface {
    let mut paths: Vec<_> = BESIDE.iter().map(|path| root.join(path)).collect();
    crate::tidy::walk(&root.join(API), &mut paths);
    let files: Vec<String> = paths
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect();
    let roots = ROOTS.map(|path| text(root, path));
    Surface::read(
        &roots.each_ref().map(|text| &**text),
        &files.iter().map(|text| &**text).collect::<Vec<_>>(),
    )
}

/// The text of a file; empty if there is none, which no check accepts.
fn text(root: &Path, path: &str) -> String {
    let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
    text.replace("\r\n", "\n")
}

fn in_list(faults: Vec<(usize, String)>) -> Vec<Fault> {
    let faults = faults.into_iter();
    faults.map(|(line, what)| fault(LIST, line, what)).collect()
}

fn fault(file: &str, line: usize, what: String) -> Fault {
    Fault {
        file: file.into(),
        line,
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong when the list has the name in that class.
    fn check_statement(path: &str, class: Class, is_true: bool) {
        let name = Name {
            path: path.into(),
            class,
            note: String::new(),
            line: 1,
        };
        let faults = untrue(&[name], &surface(&crate::root()));
        assert_eq!(faults.is_empty(), is_true, "{path}: {faults:?}");
    }

    #[test]
    fn false_statements_are_found() {
        check_statement("Config::wasm_gc", Class::Same, true);
        check_statement("Config::wasm_gc", Class::Absent, false);
        check_statement("Config::wasm_stack_switching", Class::Same, false);
        check_statement("Config::wasm_stack_switching", Class::Absent, true);
        check_statement("Config::memory_may_move", Class::Accepted, true);
        check_statement("Store::memory_may_move", Class::Accepted, false);
        check_statement("Trap::OutOfFuel", Class::Same, true);
        check_statement("Trap::UnhandledTag", Class::Different, false);
        check_statement("error::Context::context", Class::Same, true);
        check_statement("Store::gc", Class::Same, true);
    }
}
