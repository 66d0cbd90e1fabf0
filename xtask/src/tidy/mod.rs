//! The form of the sources, checked: which folder imports which, how files open, how long they
//! and their functions are, what no source may contain, and that documents name real paths.
//!
//! Reading order: this file (the rules), `imports` (directions as data), `lex`.

pub mod imports;
pub mod lex;

use imports::{Edge, Exports};
use lex::Token;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Longest file, in lines; a table of instructions may be longer.
const FILE_LINES: usize = 700;
/// Longest function, in lines. Longer ones are counted and listed, not refused.
const FUNCTION_LINES: usize = 80;
/// Longest line, in characters.
const LINE_CHARS: usize = 100;
/// Files that are tables: a row is one line however wide, and there may be many.
const TABLES: &[&str] = &[
    "oracles/tests/valid_enumerate.rs",
    "src/syntax/instr/memory.rs",
    "src/syntax/instr/numeric.rs",
    "src/syntax/instr/vector.rs",
];

/// Words that no source contains, as macros.
const UNFINISHED: &[&str] = &["todo", "unimplemented", "dbg"];
/// Macros that print, which the library never does. Other members of the workspace may.
const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln"];

/// Entries that are no sources of ours.
const SKIPPED: &[&str] = &["target", ".git", "corpus", "artifacts"];
/// Documents whose paths must exist.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "RATIONALE.md",
    "SECURITY.md",
];

/// A broken rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// File, from the root.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// What a check found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Rust files read.
    pub files: usize,
    /// Their lines.
    pub lines: usize,
    /// Broken rules.
    pub faults: Vec<Fault>,
    /// Functions that are longer than they should be.
    pub long_functions: Vec<Fault>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Fault { file, line, what } in &self.faults {
            writeln!(f, "{file}:{line}: {what}")?;
        }
        for Fault { file, line, what } in &self.long_functions {
            writeln!(f, "{file}:{line}: note: {what}")?;
        }
        let (faults, long) = (self.faults.len(), self.long_functions.len());
        let (files, lines) = (self.files, self.lines);
        write!(
            f,
            "tidy: {files} files, {lines} lines, {faults} faults, {long} long functions"
        )
    }
}

/// `cargo xtask tidy`.
pub fn main() -> ExitCode {
    let root = crate::root();
    let mut report = check(&root);
    report.faults.extend(too_many_dependencies(&root));
    println!("{report}");
    if report.faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Files of the command line that import each other in a circle.
fn circle(texts: &[(String, String)]) -> Option<Fault> {
    let own = texts.iter().filter_map(|(file, text)| {
        let inside = file.strip_prefix("cli/src/")?;
        inside.ends_with(".rs").then(|| (inside, lex::tokens(text)))
    });
    let files = imports::circle(&own.collect::<Vec<_>>());
    (!files.is_empty()).then(|| Fault {
        file: "cli/src".into(),
        line: 1,
        what: format!("these files import each other: {}", files.join(" ")),
    })
}

/// Checks all sources and documents below a root.
pub fn check(root: &Path) -> Report {
    let mut files = Vec::new();
    walk(root, &mut files);
    files.sort();
    let name = |path: &Path| {
        path.strip_prefix(root)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/")
    };
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path)
            .ok()
            .map(|text| (name(path), text))
    };
    let texts: Vec<(String, String)> = files.iter().filter_map(read).collect();

    let mut report = Report::default();
    let mut exports = Exports::new();
    for (file, text) in &texts {
        if let Some(inside) = file
            .strip_prefix("src/")
            .filter(|file| file.ends_with(".rs"))
        {
            imports::exports(inside, &lex::tokens(text), &mut exports);
        }
    }
    report.faults.extend(circle(&texts));
    for (file, text) in &texts {
        no_machine(file, text, &mut report);
        refused(file, text, &mut report);
        if file.ends_with(".rs") {
            rust_file(file, text, &exports, &mut report);
            let name = file.rsplit('/').next().unwrap_or(file);
            let included = format!("include!(\"{name}\")");
            // What is included into another file cannot have documentation of its own.
            let program = file.starts_with("compat/programs/");
            let head = match program || texts.iter().any(|(_, text)| text.contains(&included)) {
                true => "// ",
                false => "//!",
            };
            if !text.starts_with(head) {
                let what = format!("a file opens with `{head}` and what it is");
                report.faults.push(Fault {
                    file: file.clone(),
                    line: 1,
                    what,
                });
            }
        }
        if DOCUMENTS.contains(&&**file) {
            document(root, file, text, &mut report);
        }
    }
    report
}

pub(crate) fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        // In a worktree of git's, `.git` is a file.
        if SKIPPED.iter().any(|skipped| name == *skipped) {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&path, files),
            Ok(kind) if kind.is_file() => files.push(path),
            _ => {}
        }
    }
}

fn rust_file(file: &str, text: &str, exports: &Exports, report: &mut Report) {
    let tokens = lex::tokens(text);
    let count = text.lines().count();
    report.files += 1;
    report.lines += count;
    let mut fault = |line: usize, what: String| {
        report.faults.push(Fault {
            file: file.into(),
            line,
            what,
        });
    };
    if count > FILE_LINES && !TABLES.contains(&file) {
        fault(count, format!("{count} lines; the limit is {FILE_LINES}"));
    }
    for (at, line) in text.lines().enumerate() {
        let width = line.chars().count();
        if width > LINE_CHARS && !line.contains("://") && !TABLES.contains(&file) {
            fault(
                at + 1,
                format!("{width} characters; the limit is {LINE_CHARS}"),
            );
        }
    }
    if let Some(inside) = file.strip_prefix("src/") {
        let mut edges = imports::edges(inside, &tokens, exports);
        edges.extend(imports::api_edges(inside, &tokens, exports));
        for Edge { from, to, line } in edges.into_iter().filter(|edge| !edge.is_allowed()) {
            fault(line, format!("`{from}` may not import `{to}`"));
        }
    }
    for (line, what) in words(file, &tokens) {
        fault(line, what);
    }
    report.long_functions.extend(long_functions(file, &tokens));
}

/// Words that may not stand where they stand.
fn words(file: &str, tokens: &[Token<'_>]) -> Vec<(usize, String)> {
    let library = file.starts_with("src/");
    let mut found = Vec::new();
    for pair in tokens.windows(2) {
        let [Token { text, line }, next] = pair else {
            continue;
        };
        if *text == "unsafe" {
            found.push((*line, "no `unsafe`".into()));
        }
        if next.text != "!" {
            continue;
        }
        if UNFINISHED.contains(text) {
            found.push((*line, format!("no `{text}!`")));
        }
        if library && PRINTING.contains(text) {
            found.push((*line, format!("the library does not print: `{text}!`")));
        }
    }
    found
}

/// Functions longer than a screen.
fn long_functions(file: &str, tokens: &[Token<'_>]) -> Vec<Fault> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Some(name) = tokens.get(at + 1) else {
            continue;
        };
        let named = name
            .text
            .starts_with(|c: char| c.is_alphabetic() || c == '_');
        if token.text != "fn" || !named {
            continue;
        }
        let Some(end) = body_end(&tokens[at..]) else {
            continue;
        };
        let lines = end - token.line + 1;
        if lines > FUNCTION_LINES {
            let what = format!(
                "`{}` has {lines} lines, more than {FUNCTION_LINES}",
                name.text
            );
            found.push(Fault {
                file: file.into(),
                line: token.line,
                what,
            });
        }
    }
    found
}

/// The last line of the function that the tokens begin with, if it has a body.
fn body_end(tokens: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0usize;
    let mut open = 0usize;
    for token in tokens {
        match token.text {
            "(" | "[" => open += 1,
            ")" | "]" => open = open.checked_sub(1)?,
            ";" if depth == 0 && open == 0 => return None,
            "{" => depth += 1,
            "}" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(token.line);
                }
            }
            _ => {}
        }
    }
    None
}

/// Nothing committed knows the machine it was written on.
fn no_machine(file: &str, text: &str, report: &mut Report) {
    const PLACES: &[&str] = &[
        concat!("/", "work/"),
        concat!("/", "root/"),
        concat!("/", "home/"),
    ];
    for (at, line) in text.lines().enumerate() {
        for place in PLACES {
            if line.contains(place) {
                let what = format!("a path of some machine: {place}");
                report.faults.push(Fault {
                    file: file.into(),
                    line: at + 1,
                    what,
                });
            }
        }
    }
}

/// Words that once stood for something here and have been replaced by the field's own. Each is in
/// two parts, so that this list does not contain it.
const REFUSED: &[(&str, &str)] = &[
    ("le", "g"),
    ("le", "gs"),
    ("Le", "g"),
    ("exec/", "once"),
    ("handlers/", "plain"),
    ("Fix", "ed"),
    ("self", "proof"),
    ("jo", "int"),
    ("sett", "le"),
    ("sett", "les"),
    ("sett", "led"),
    ("Store", "Core"),
    ("as it ", "stands"),
    ("is ", "told"),
    ("not to ", "be had"),
    ("whole or ", "not at all"),
    ("judges of ", "another make"),
    ("goes on ", "behind"),
    ("starts a ", "conversation"),
    ("None to ", "speak of"),
    ("So many ", "bytes"),
];

/// No file uses a refused word; the changelog tells what was.
fn refused(file: &str, text: &str, report: &mut Report) {
    if file == "CHANGELOG.md" {
        return;
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for (start, end) in REFUSED {
        let word = format!("{start}{end}");
        for (at, line) in text.lines().enumerate() {
            let whole = |at: usize| {
                !line[..at].ends_with(is_word) && !line[at + word.len()..].starts_with(is_word)
            };
            if line.match_indices(&word).any(|(at, _)| whole(at)) {
                report.faults.push(Fault {
                    file: file.into(),
                    line: at + 1,
                    what: format!("a word that has been replaced: {word}"),
                });
            }
        }
    }
}

/// Paths that a document names in backquotes or links exist.
fn document(root: &Path, file: &str, text: &str, report: &mut Report) {
    let mut is_code = false;
    for (at, line) in text.lines().enumerate() {
        is_code ^= line.trim_start().starts_with("```");
        if is_code {
            continue;
        }
        let quoted = line.split('`').skip(1).step_by(2);
        let linked = line
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for name in quoted.filter(|name| is_path(root, name)).chain(linked) {
            let path = name.split('#').next().unwrap_or(name);
            let elsewhere = path.contains("://") || path.is_empty();
            if !elsewhere && !root.join(path).exists() {
                let what = format!("names `{path}`, which does not exist");
                report.faults.push(Fault {
                    file: file.into(),
                    line: at + 1,
                    what,
                });
            }
        }
    }
}

/// Whether what stands in backquotes is meant as a path of the project.
fn is_path(root: &Path, text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if !text.chars().all(plain) || text.starts_with("..") || text.starts_with("target/") {
        return false;
    }
    match text.split_once('/') {
        Some((first, _)) => !first.is_empty() && root.join(first).is_dir(),
        None => text.ends_with(".md") || text.ends_with(".toml"),
    }
}

/// Feature sets of the library with the target to look at and the most crates that each may depend
/// on. What an embedder builds is counted for one system, because others have crates of their own.
const MOST_DEPENDENCIES: &[(&str, &str, usize)] = &[
    ("", "all", 1),
    ("default", "x86_64-unknown-linux-gnu", 9),
    ("default,wasi", "x86_64-unknown-linux-gnu", 15),
    ("default,wasi,dwarf", "x86_64-unknown-linux-gnu", 18),
];

/// The feature sets with which the library depends on more crates than it may, or, without
/// features, on another one than `libm`.
pub fn too_many_dependencies(root: &Path) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (features, target, most) in MOST_DEPENDENCIES {
        let found = dependencies(root, features, target);
        let is_fine = found.as_ref().is_ok_and(|found| match *features {
            "" => *found == ["libm"],
            _ => found.len() <= *most,
        });
        if !is_fine {
            faults.push(Fault {
                file: "Cargo.toml".into(),
                line: 1,
                what: format!("with features `{features}`, at most {most} crates: {found:?}"),
            });
        }
    }
    faults
}

/// The crates that the library depends on with these features.
///
/// # Errors
/// What cargo wrote when it failed.
fn dependencies(root: &Path, features: &str, target: &str) -> Result<Vec<String>, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--package", "limpid", "--edges", "normal"])
        .args(["--no-default-features", "--features", features])
        .args(["--prefix", "none", "--format", "{p}", "--target", target])
        .current_dir(root)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let names = text.lines().filter_map(|line| line.split(' ').next());
    let mut names: Vec<String> = names
        .map(String::from)
        .filter(|name| name != "limpid")
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_words(file: &str, source: &str, expected: usize) {
        assert_eq!(
            words(file, &lex::tokens(source)).len(),
            expected,
            "{source}"
        );
    }

    #[test]
    fn forbidden_words_are_found() {
        check_words("src/a.rs", "fn f() { unsafe { g() } }", 1);
        check_words("src/a.rs", "fn f() { todo!() } // unsafe, dbg!", 1);
        check_words("src/a.rs", "fn f() { println!(\"a\") }", 1);
        check_words("cli/src/run.rs", "fn f() { println!(\"unsafe\") }", 0);
        check_words("benches/src/main.rs", "fn f() { eprintln!() }", 0);
    }

    #[test]
    fn long_functions_are_found() {
        let long = format!(
            "trait T {{ fn none(); }}\nfn long() {{\n{}}}",
            "f();\n".repeat(80)
        );
        let found = long_functions("a.rs", &lex::tokens(&long));
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].line, found[0].what.contains("82 lines")),
            (2, true)
        );
    }

    #[test]
    fn documents_name_what_exists() {
        let root = crate::root();
        let mut report = Report::default();
        let text = "`src/lib.rs` `src/absent.rs` `a/b` [x](absent.md) [y](README.md#what)";
        document(&root, "README.md", text, &mut report);
        let found: Vec<&str> = report.faults.iter().map(|fault| &*fault.what).collect();
        assert_eq!(
            found,
            [
                "names `src/absent.rs`, which does not exist",
                "names `absent.md`, which does not exist",
            ]
        );
    }
}
