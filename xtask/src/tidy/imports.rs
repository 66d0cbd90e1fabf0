//! Directions of imports between the folders of `src`, as data, and the check that holds the
//! sources to them; and the check that the files of a package import each other in no circle. Paths
//! through `crate`, `self` and `super` are resolved, and so are names that one folder exports for
//! another.

use super::lex::Token;
use std::collections::{BTreeMap, BTreeSet};

/// What a folder (or file) of `src` may import. Those that are not listed may import everything:
/// the crate's root, and what stands above the library.
pub const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("trap", &[]),
    ("room", &[]),
    ("syntax", &[]),
    ("num", &["trap"]),
    ("binary", &["syntax"]),
    ("valid", &["syntax"]),
    ("code", &["syntax"]),
    (
        "translate",
        &["room", "syntax", "num", "binary", "valid", "code"],
    ),
    ("runtime", &["syntax", "code", "trap", "room"]),
    (
        "exec",
        &[
            "trap",
            "room",
            "syntax",
            "num",
            "binary",
            "valid",
            "code",
            "translate",
            "runtime",
        ],
    ),
    ("api", BELOW_API),
    ("wasi", &["api", "trap", "room"]),
    ("component", &["api"]),
    ("observe", OBSERVE),
];

const BELOW_API: &[&str] = &[
    "trap",
    "room",
    "syntax",
    "num",
    "binary",
    "valid",
    "code",
    "translate",
    "runtime",
    "exec",
];
const OBSERVE: &[&str] = &[
    "trap",
    "room",
    "syntax",
    "num",
    "binary",
    "valid",
    "code",
    "translate",
    "runtime",
    "exec",
    "api",
];

/// What a folder (or file) of `src/api` may import of it, from the bottom up: each row names rows
/// before it alone, so that no imports go in a circle. All folders and files there are listed.
pub const API_MAY_IMPORT: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("config", &["error"]),
    ("events", &["error"]),
    ("engine", &["error", "config", "events"]),
    ("limits", &["error"]),
    ("types", &["error", "engine"]),
    ("module", &["error", "engine", "types"]),
    ("backtrace", &["error", "module"]),
    ("store", BELOW_STORE),
    ("values", &["error", "engine", "types", "store"]),
    (
        "items",
        &[
            "error", "events", "engine", "types", "module", "store", "values",
        ],
    ),
    (
        "host",
        &[
            "error", "engine", "types", "module", "store", "values", "items",
        ],
    ),
    (
        "link",
        &[
            "error", "engine", "types", "module", "store", "values", "items", "host",
        ],
    ),
];

const BELOW_STORE: &[&str] = &[
    "error",
    "config",
    "events",
    "engine",
    "limits",
    "types",
    "module",
    "backtrace",
];

/// Folders and files that may import everything.
const FOLDERS_ABOVE: &[&str] = &["wast"];

/// What a folder may import, if it is held to the table.
fn row(folder: &str) -> Option<&'static [&'static str]> {
    MAY_IMPORT
        .iter()
        .find(|(name, _)| *name == folder)
        .map(|(_, allowed)| *allowed)
}

/// Names that each folder exports for another: folder, then name, then where it is from.
pub type Exports = BTreeMap<String, BTreeMap<String, String>>;

/// An import across folders.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edge {
    /// The importing folder.
    pub from: String,
    /// The imported folder.
    pub to: String,
    /// Line of the import.
    pub line: usize,
}

impl Edge {
    /// Whether the edge stands in the table.
    pub fn is_allowed(&self) -> bool {
        if let (Some(from), Some(to)) = (in_api(&self.from), in_api(&self.to)) {
            return api_row(from).is_some_and(|row| row.contains(&to));
        }
        self.from == self.to || row(&self.from).is_none_or(|row| row.contains(&&*self.to))
    }
}

/// The folder of `api` that an edge names, if it names one.
fn in_api(folder: &str) -> Option<&str> {
    folder.strip_prefix("api/")
}

/// What a folder of `api` may import of it, if there is such a folder.
fn api_row(folder: &str) -> Option<&'static [&'static str]> {
    let mut rows = API_MAY_IMPORT.iter();
    rows.find(|(name, _)| *name == folder).map(|(_, row)| *row)
}

/// The path of modules that a file of `src` is: `exec/handlers/mod.rs` is `exec`, `handlers`.
pub fn module_of(file: &str) -> Vec<String> {
    let parts = file.trim_end_matches(".rs").split('/');
    let named = parts.filter(|part| !matches!(*part, "mod" | "lib" | "main"));
    named.map(String::from).collect()
}

/// The paths a file names, resolved to the crate's root, with their lines; `true` for those that
/// it exports.
fn paths(file: &str, tokens: &[Token<'_>]) -> Vec<(Vec<String>, usize, bool)> {
    let mut found = Vec::new();
    let mut module = module_of(file);
    let mut depth = 0usize;
    let mut inline: Vec<usize> = Vec::new();
    let mut exported = false;
    for (at, token) in tokens.iter().enumerate() {
        let word = |back: usize| at.checked_sub(back).map_or("", |k| tokens[k].text);
        match token.text {
            "{" => {
                depth += 1;
                if word(2) == "mod" {
                    module.push(word(1).into());
                    inline.push(depth);
                }
            }
            "}" => {
                if inline.last() == Some(&depth) {
                    inline.pop();
                    module.pop();
                }
                depth = depth.saturating_sub(1);
            }
            ";" => exported = false,
            "use" => exported = matches!(word(1), "pub" | ")"),
            "crate" | "self" | "super" if word(1) != "::" => {
                if tokens.get(at + 1).is_none_or(|next| next.text != "::") {
                    continue; // `pub(crate)`, `self.field` and the like.
                }
                let mut tree = Vec::new();
                read_tree(&tokens[at..], &mut Vec::new(), &mut tree);
                for path in tree {
                    found.push((resolve(&module, &path), token.line, exported));
                }
            }
            _ => {}
        }
    }
    found
}

/// Reads one tree of paths, `a::{b, c::d}`; returns how many tokens it takes.
fn read_tree<'a>(
    tokens: &[Token<'a>],
    prefix: &mut Vec<&'a str>,
    found: &mut Vec<Vec<&'a str>>,
) -> usize {
    let mut at = 0;
    let height = prefix.len();
    while let Some(token) = tokens.get(at) {
        if token.text == "{" {
            at += 1;
            while tokens.get(at).is_some_and(|token| token.text != "}") {
                at += match tokens[at].text {
                    "," => 1,
                    _ => read_tree(&tokens[at..], prefix, found).max(1),
                };
            }
            prefix.truncate(height);
            return at + 1;
        }
        prefix.push(token.text);
        at += 1;
        if tokens.get(at).is_none_or(|token| token.text != "::") {
            break;
        }
        at += 1;
    }
    found.push(prefix.clone());
    prefix.truncate(height);
    if tokens.get(at).is_some_and(|token| token.text == "as") {
        at += 2;
    }
    at
}

/// A path from the crate's root.
fn resolve(module: &[String], path: &[&str]) -> Vec<String> {
    let mut base = module.to_vec();
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        match *first {
            "crate" => base.clear(),
            "self" => {}
            "super" => {
                base.pop();
            }
            _ => break,
        }
        rest = after;
    }
    base.extend(rest.iter().map(|name| String::from(*name)));
    base
}

/// Collects what the file's folder exports of other folders, and `api` of its own folders.
pub fn exports(file: &str, tokens: &[Token<'_>], into: &mut Exports) {
    let module = module_of(file);
    let Some(folder) = module.first().cloned() else {
        return;
    };
    for (path, _, exported) in paths(file, tokens) {
        if let (true, true, [api, to, .., name]) = (exported, module.len() == 1, &path[..])
            && (folder == "api" && api == "api")
        {
            let names = into.entry("api/".into()).or_default();
            names.insert(name.clone(), to.clone());
        }
        if let (true, [to, .., name]) = (exported, &path[..])
            && *to != folder
        {
            into.entry(folder.clone())
                .or_default()
                .insert(name.clone(), to.clone());
        }
    }
}

/// The imports of a file across folders.
pub fn edges(file: &str, tokens: &[Token<'_>], exports: &Exports) -> Vec<Edge> {
    let Some(from) = module_of(file).first().cloned() else {
        return Vec::new();
    };
    let mut edges = Vec::new();
    for (path, line, _) in paths(file, tokens) {
        let Some(first) = path.first() else { continue };
        // The root exports all of `api`.
        let to = if FOLDERS_ABOVE.contains(&&**first) || row(first).is_some() {
            first.as_str()
        } else {
            "api"
        };
        let mut add = |to: &str| {
            edges.push(Edge {
                from: from.clone(),
                to: to.into(),
                line,
            })
        };
        add(to);
        let behind = path.last().and_then(|name| exports.get(to)?.get(name));
        if let Some(behind) = behind {
            add(behind);
        }
    }
    edges.retain(|edge| edge.from != edge.to);
    edges.sort();
    edges.dedup();
    edges
}

/// The files of a package, given by their paths in its `src`, that import each other in a circle,
/// or lie between two circles, as paths of modules. A file imports the modules that it declares.
pub fn circle(files: &[(&str, Vec<Token<'_>>)]) -> Vec<String> {
    let name = |file: &str| module_of(file).join("::");
    let modules: BTreeSet<String> = files.iter().map(|(file, _)| name(file)).collect();
    let mut imports: BTreeSet<(String, String)> = BTreeSet::new();
    for (file, tokens) in files {
        let from = module_of(file);
        let declared = tokens.windows(3).filter_map(|three| match three {
            [word, name, end] if word.text == "mod" && end.text == ";" => {
                Some([&from[..], &[name.text.to_owned()]].concat())
            }
            _ => None,
        });
        let named = paths(file, tokens).into_iter().map(|(path, ..)| path);
        for path in declared.chain(named) {
            // An item is in the file that the longest part of its path names.
            let parts = (0..=path.len()).rev().map(|end| path[..end].join("::"));
            let to = parts.into_iter().find(|part| modules.contains(part));
            imports.extend(to.filter(|to| *to != name(file)).map(|to| (name(file), to)));
        }
    }
    // What imports nothing, and what nothing imports, is on no circle.
    loop {
        let from: BTreeSet<String> = imports.iter().map(|(from, _)| from.clone()).collect();
        let to: BTreeSet<String> = imports.iter().map(|(_, to)| to.clone()).collect();
        let before = imports.len();
        imports.retain(|edge| to.contains(&edge.0) && from.contains(&edge.1));
        if imports.len() == before {
            return imports
                .into_iter()
                .map(|(from, _)| from)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
        }
    }
}

/// The imports of a file of `api` across the folders of `api`.
pub fn api_edges(file: &str, tokens: &[Token<'_>], exports: &Exports) -> Vec<Edge> {
    let module = module_of(file);
    let [api, from, ..] = &module[..] else {
        return Vec::new();
    };
    if api != "api" {
        return Vec::new();
    }
    let mut edges = Vec::new();
    for (path, line, _) in paths(file, tokens) {
        // A folder by its path, or a name that `api` exports, or the root for it.
        let (folder, name) = match &path[..] {
            [api, folder, ..] if api == "api" => (Some(folder), folder),
            [name, ..] => (None, name),
            [] => continue,
        };
        let folder = folder.filter(|folder| api_row(folder).is_some());
        let behind = || exports.get("api/")?.get(name);
        if let Some(to) = folder.or_else(behind).filter(|to| *to != from) {
            edges.push(Edge {
                from: format!("api/{from}"),
                to: format!("api/{to}"),
                line,
            });
        }
    }
    edges.sort();
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::super::lex::tokens;
    use super::*;

    fn check(file: &str, source: &str, expected: &[&str]) {
        let mut exports = Exports::new();
        super::exports(
            "code/mod.rs",
            &tokens("pub use crate::num::Lane;"),
            &mut exports,
        );
        let edges = edges(file, &tokens(source), &exports);
        let found: Vec<String> = edges
            .iter()
            .map(|e| format!("{}>{}", e.from, e.to))
            .collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn paths_are_resolved() {
        check("num/int.rs", "use crate::trap::Trap;", &["num>trap"]);
        check("num/int.rs", "use super::super::exec::Run;", &["num>exec"]);
        check("num/int.rs", "mod tests { use super::super::F32; }", &[]);
        check(
            "num/int.rs",
            "pub(crate) fn f(x: crate::valid::Invalid) {}",
            &["num>valid"],
        );
        check(
            "exec/mod.rs",
            "use crate::{num::{self, F32}, valid as v};",
            &["exec>num", "exec>valid"],
        );
        check(
            "exec/mod.rs",
            "// crate::api\n let s = \"crate::api::X\";",
            &[],
        );
        check("exec/mod.rs", "use crate::Engine;", &["exec>api"]);
        check(
            "valid/mod.rs",
            "use crate::code::Lane;",
            &["valid>code", "valid>num"],
        );
    }

    fn check_circle(files: &[(&'static str, &'static str)], expected: &[&str]) {
        let files = files.iter().map(|(file, text)| (*file, tokens(text)));
        assert_eq!(circle(&files.collect::<Vec<_>>()), expected);
    }

    #[test]
    fn circles_of_files_are_found() {
        let main = ("main.rs", "mod a; mod b; mod c; fn main() {} struct Line;");
        let a = ("a.rs", "use super::b::{X, Y}; use crate::c;");
        let b = ("b.rs", "pub fn x() { super::c::end() }");
        check_circle(&[main, a, b, ("c.rs", "use limpid::a;")], &[]);
        check_circle(
            &[main, a, b, ("c.rs", "use super::a::Z;")],
            &["a", "b", "c"],
        );
        // What only leads to a circle, or is led to by one, is none of it.
        check_circle(
            &[main, a, ("b.rs", "use super::a;"), ("c.rs", "")],
            &["a", "b"],
        );
        check_circle(&[main, ("a.rs", "use super::Line;")], &["", "a"]);
        let folder = ("s/mod.rs", "mod f; struct S;");
        check_circle(&[folder, ("s/f.rs", "use super::S;")], &["s", "s::f"]);
        check_circle(&[folder, ("s/f.rs", "mod tests { use super::*; }")], &[]);
    }

    #[test]
    fn paths_in_the_api_are_resolved() {
        let mut exports = Exports::new();
        let root = "pub use self::store::core::Core; pub use self::error::{Error, Fault};";
        super::exports("api/mod.rs", &tokens(root), &mut exports);
        let check = |file: &str, source: &str, expected: &[&str]| {
            let edges = api_edges(file, &tokens(source), &exports);
            let found = edges.iter().map(|e| format!("{}>{}", e.from, e.to));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{source}");
        };
        let core = "use crate::api::store::core::Core;";
        check("api/values/mod.rs", core, &["api/values>api/store"]);
        check("api/store/gc.rs", core, &[]);
        check("api/mod.rs", core, &[]);
        check("exec/mod.rs", core, &[]);
        check(
            "api/limits.rs",
            "use super::store::Inner;",
            &["api/limits>api/store"],
        );
        check(
            "api/engine.rs",
            "fn f(x: crate::Core) {}",
            &["api/engine>api/store"],
        );
        check(
            "api/types/mod.rs",
            "use crate::api::Fault;",
            &["api/types>api/error"],
        );
        check("api/types/mod.rs", "use crate::trap::Trap;", &[]);
    }

    #[test]
    fn the_folders_of_the_api_go_in_no_circle() {
        for (at, (folder, row)) in API_MAY_IMPORT.iter().enumerate() {
            for import in *row {
                let before = API_MAY_IMPORT[..at].iter().any(|(name, _)| name == import);
                assert!(before, "`{folder}` imports `{import}`, which comes later");
            }
        }
        let edge = |from: &str, to: &str| Edge {
            from: from.into(),
            to: to.into(),
            line: 1,
        };
        assert!(edge("api/values", "api/store").is_allowed());
        assert!(!edge("api/store", "api/values").is_allowed());
        assert!(!edge("api/error", "api/module").is_allowed());
        assert!(!edge("api/unlisted", "api/error").is_allowed());
    }

    #[test]
    fn the_table_is_held() {
        let edge = |from: &str, to: &str| Edge {
            from: from.into(),
            to: to.into(),
            line: 1,
        };
        assert!(edge("num", "trap").is_allowed());
        assert!(!edge("num", "exec").is_allowed());
        assert!(!edge("runtime", "exec").is_allowed());
        assert!(edge("wast", "exec").is_allowed());
    }
}
