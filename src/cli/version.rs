//! `limpid --version`: the second word is the version, which other tools read.

use super::screen::Results;
use limpid::{Dispatch, Engine, Features};

/// What this was built with.
const BUILT: &[(&str, bool)] = &[
    ("std", cfg!(feature = "std")),
    ("wat", cfg!(feature = "wat")),
    ("wasi", cfg!(feature = "wasi")),
    ("wast", cfg!(feature = "wast")),
    ("dwarf", cfg!(feature = "dwarf")),
    ("log", cfg!(feature = "log")),
    ("cli", cfg!(feature = "cli")),
];

/// Prints the version, and if asked what is in it.
pub fn print(verbose: bool) {
    let mut results = Results::new();
    results.line(format_args!("limpid {}", env!("CARGO_PKG_VERSION")));
    if !verbose {
        return;
    }
    let built = BUILT.iter().filter(|(_, on)| *on).map(|(name, _)| *name);
    results.line(format_args!(
        "features: {}",
        built.collect::<Vec<_>>().join(" ")
    ));
    let engine = Engine::default();
    let dispatch = match engine.dispatch() {
        Dispatch::Threaded => "threaded",
        Dispatch::Stepped => "stepped",
    };
    results.line(format_args!("dispatch: {dispatch}"));
    if let Some(why) = engine.why_stepped() {
        results.line(format_args!("why stepped: {why}"));
    }
    for (word, wanted) in [("on", true), ("off", false)] {
        let defaults = Features::default();
        let names = Features::NAMES.iter().copied();
        let names = names.filter(|name| defaults.get(name) == Some(wanted));
        let names: Vec<&str> = names.collect();
        results.line(format_args!("proposals {word}: {}", names.join(" ")));
    }
    let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
    results.line(format_args!("target: {arch} {os}"));
}
