//! What can be set beside flags: keys of the file, and the variables that beat them.

use super::super::options::{Options, nameless as nameless_of};
use super::super::outcome::Failure;
use super::super::wasi_options::WasiOptions;
use super::super::wasm_options::EngineOptions;

/// What can be set.
pub struct Key {
    /// The key as the file has it: a section and a name, or a section alone where its names are
    /// options.
    pub name: &'static str,
    pub shape: Shape,
    /// Whether it gives the guest something, or makes this process read or write a file.
    pub grants: bool,
    /// The variable of the environment.
    pub variable: Option<&'static str>,
}

/// What its value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text,
    Texts,
    /// Options as `-W` or `-S` take them, each under its own name.
    Options,
}

const fn key(
    name: &'static str,
    shape: Shape,
    grants: bool,
    variable: Option<&'static str>,
) -> Key {
    Key {
        name,
        shape,
        grants,
        variable,
    }
}

/// All of them.
pub const KEYS: &[Key] = &[
    key("color", Shape::Text, false, Some("LIMPID_COLOR")),
    key("log.filter", Shape::Text, false, Some("LIMPID_LOG")),
    key("log.format", Shape::Text, false, Some("LIMPID_LOG_FORMAT")),
    key("run.argv0", Shape::Text, false, None),
    key("run.dir", Shape::Texts, true, None),
    key("run.env", Shape::Texts, true, None),
    key("run.monitor", Shape::Text, false, Some("LIMPID_MONITOR")),
    key("run.preload", Shape::Texts, true, None),
    key("run.report", Shape::Text, true, Some("LIMPID_REPORT")),
    key("run.stdin", Shape::Text, true, None),
    key("wasm", Shape::Options, false, Some("LIMPID_WASM")),
    key("wasm.fuel", Shape::Text, false, Some("LIMPID_FUEL")),
    key("wasm.timeout", Shape::Text, false, Some("LIMPID_TIMEOUT")),
    key("wasi", Shape::Options, true, Some("LIMPID_WASI")),
];

/// The options of a section, or those alone that set something.
pub fn options(section: &str, effective: bool) -> Vec<&'static str> {
    match section {
        "wasm" => EngineOptions::names(effective),
        "wasi" => WasiOptions::names(effective),
        // No other section has options.
        _ => Vec::new(),
    }
}

/// What is said of an empty option of a section.
pub fn nameless(section: &str) -> Failure {
    let flag = match section {
        "wasm" => EngineOptions::FLAG,
        // No other section has options.
        _ => WasiOptions::FLAG,
    };
    nameless_of(flag, "")
}
