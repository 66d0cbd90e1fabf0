//! The file that a browser opens: the viewer with its style and scripts inside, and the data. The
//! page may load nothing else; its policy (Content-Security-Policy) forbids it. Knows nothing of
//! runs, so that the tools of the project can use it.

use super::text::{base64, json, list};
use alloc::string::String;

/// The page, with places for its parts.
const PAGE: &str = include_str!("../../../viewer/page.html");
const STYLE: &str = include_str!("../../../viewer/style.css");

/// The modules of the viewer, each after those that it imports.
const VIEWER: &[&str] = &[
    include_str!("../../../viewer/values.mjs"),
    include_str!("../../../viewer/source.mjs"),
    include_str!("../../../viewer/inflate.mjs"),
    include_str!("../../../viewer/recorded.mjs"),
    include_str!("../../../viewer/panes.mjs"),
    include_str!("../../../viewer/viewer.mjs"),
];

/// What starts the page of a trace.
const TRACE: &str = include_str!("../../../viewer/trace.mjs");

/// What the playground has beside the viewer.
const PLAYGROUND: &[&str] = &[
    include_str!("../../../viewer/live.mjs"),
    include_str!("../../../viewer/playground.mjs"),
];

/// Returns the page of the playground, from the module that it runs, compressed, and examples:
/// pairs of a name and a text.
pub fn playground(module: &[u8], examples: &[(&str, &str)]) -> String {
    let mut data = String::new();
    list(&mut data, examples, |out, (name, text)| {
        out.push('[');
        json(out, name);
        out.push(',');
        json(out, text);
        out.push(']');
    });
    data.push('\n');
    base64(&mut data, module);
    let may = " 'wasm-unsafe-eval'";
    page("Limpid playground", may, &[VIEWER, PLAYGROUND], &data)
}

/// Returns the page of a trace, whose data are lines of base64.
pub fn trace(data: &str) -> String {
    page("Limpid trace", "", &[VIEWER, &[TRACE]], data)
}

/// Puts the parts of a page together. `may` is what scripts may do beside running.
fn page(title: &str, may: &str, scripts: &[&[&str]], data: &str) -> String {
    let mut script = String::new();
    for module in scripts.iter().copied().flatten() {
        add_module(&mut script, module);
    }
    let parts = [
        ("title", title),
        ("may", may),
        ("style", STYLE),
        ("script", script.as_str()),
        ("data", data),
    ];
    let mut page = String::with_capacity(PAGE.len() + STYLE.len() + script.len() + data.len());
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let Some((name, after)) = after.split_once("}}") else {
            unreachable!("the page closes what it opens")
        };
        let part = parts.iter().find(|part| part.0 == name);
        page.push_str(part.map_or("", |part| part.1));
        rest = after;
    }
    page.push_str(rest);
    page
}

/// Appends a module without its imports and exports: all modules are one script, and each name
/// belongs to one of them.
fn add_module(script: &mut String, module: &str) {
    for line in module.lines() {
        if line.starts_with("import ") {
            continue;
        }
        script.push_str(line.strip_prefix("export ").unwrap_or(line));
        script.push('\n');
    }
}
