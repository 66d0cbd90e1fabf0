//! `limpid --version`: the second word is the version, which other tools read.

use super::results::Results;
use limpid::{Dispatch, Engine, Features};

/// The features of the library that this is built with; `Cargo.toml` asks for them.
const FEATURES: &[&str] = &["std", "wat", "anyhow", "wasi", "wast", "dwarf", "log"];

/// Prints the version, and if asked what is in it.
pub fn print(verbose: bool) {
    let mut results = Results::new();
    results.line(format_args!("limpid {}", env!("CARGO_PKG_VERSION")));
    if !verbose {
        return;
    }
    results.line(format_args!("features: {}", FEATURES.join(" ")));
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

#[cfg(test)]
mod tests {
    use super::FEATURES;

    /// The line of a manifest that is the list of this name.
    fn list<'m>(manifest: &'m str, name: &str) -> Vec<&'m str> {
        let mut lines = manifest.lines();
        let list = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = ["));
        let list = list
            .and_then(|list| list.strip_suffix(']'))
            .expect("a list");
        list.split(", ")
            .map(|text| text.trim_matches('"'))
            .collect()
    }

    #[test]
    fn features_are_those_of_the_manifests() {
        let (own, library) = (
            include_str!("../Cargo.toml"),
            include_str!("../../Cargo.toml"),
        );
        let own = &own[own.find("[dependencies.limpid]").expect("the library")..];
        let mut built = [list(library, "default"), list(own, "features")].concat();
        let mut shown = FEATURES.to_vec();
        built.sort_unstable();
        shown.sort_unstable();
        assert_eq!(shown, built);
    }
}
