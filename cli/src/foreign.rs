//! Verbs and flags that users of other runtimes may write, and what to write here instead.

use super::options::Options;
use super::outcome::Failure;
use super::wasi_options::WasiOptions;
use super::wasm_options::EngineOptions;
use clap::error::{ContextKind, ContextValue};
use limpid::observe::display;
use std::ffi::OsString;
use std::path::Path;

/// Verbs that are planned.
const LATER: [&str; 4] = ["compile", "conformance", "resume", "serve"];

/// Verbs of wasmtime that have no counterpart here, and what comes nearest.
const WASMTIME: [(&str, &str); 3] = [
    (
        "objdump",
        "`limpid explore FILE` shows the code that a module becomes",
    ),
    (
        "settings",
        "`limpid config show` and `limpid -W help` list what can be set",
    ),
    ("wizer", "limpid runs modules and does not rewrite them"),
];

/// Refuses a word in the place of a verb that is no verb here but elsewhere, or will be. A file of
/// that name is run when its path is written with a folder.
pub fn verb(word: &str) -> Option<Failure> {
    let later = LATER.contains(&word);
    let wasmtime = WASMTIME.iter().find(|(verb, _)| *verb == word);
    let (text, help) = match (later, wasmtime) {
        (true, _) => (format!("the verb `{word}` is not supported yet"), None),
        (false, Some((_, help))) => (
            format!("`{word}` is a verb of wasmtime that limpid does not have"),
            Some((*help).to_owned()),
        ),
        (false, None) => return None,
    };
    let file = Path::new(word).is_file();
    let file = file.then(|| format!("`limpid ./{word}` runs the file of that name"));
    let helps: Vec<String> = help.into_iter().chain(file).collect();
    let failure = Failure::usage(text);
    Some(match helps.is_empty() {
        true => failure,
        false => failure.hint(helps.join("; ")),
    })
}

/// Explains an unknown flag that other runtimes have, or whose name is that of an option.
pub fn flag(error: &clap::Error, words: &[OsString]) -> Option<Failure> {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    if error.kind() != clap::error::ErrorKind::UnknownArgument {
        return None;
    }
    let shown = display::name(flag);
    let unknown = Failure::usage(format!("unknown flag `{shown}`"));
    if flag == "--mapdir" {
        return Some(unknown.hint(mapped(value_of(flag, words))));
    }
    let name = flag.strip_prefix("--")?;
    let option = EngineOptions::shown(name).or_else(|| WasiOptions::shown(name))?;
    Some(unknown.hint(format!("write `{option}`")))
}

/// The value of a flag: the rest of its word after `=`, or the next word.
fn value_of<'w>(flag: &str, words: &'w [OsString]) -> Option<&'w str> {
    let mut words = words.iter().map(|word| word.to_str());
    loop {
        let word = words.next()?.unwrap_or_default();
        match word.strip_prefix(flag) {
            Some("") => return words.next()?,
            Some(rest) if rest.starts_with('=') => return rest.get(1..),
            Some(_) | None => {}
        }
    }
}

/// `--mapdir GUEST::HOST` (also `GUEST:HOST`) as `--dir` takes it.
fn mapped(value: Option<&str>) -> String {
    let value = value.unwrap_or_default();
    let parts = value.split_once("::").or_else(|| value.split_once(':'));
    match parts.map(|(guest, host)| (display::name(guest), display::name(host))) {
        Some((guest, host)) => {
            format!("`--dir {host}::{guest}` grants `{host}` under the name `{guest}`")
        }
        None => "`--dir HOST::GUEST` grants a directory under another name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_change_places() {
        assert!(mapped(Some("/x::.")).starts_with("`--dir .::/x`"));
        assert!(mapped(Some("/data:/srv/d")).starts_with("`--dir /srv/d::/data`"));
        assert!(mapped(None).contains("HOST::GUEST"));
    }

    #[test]
    fn values_are_found() {
        let find = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            value_of("--mapdir", &words).map(str::to_owned)
        };
        assert_eq!(
            find(&["limpid", "run", "--mapdir", "a"]).as_deref(),
            Some("a")
        );
        assert_eq!(find(&["limpid", "--mapdir=a::b"]).as_deref(), Some("a::b"));
        assert_eq!(find(&["limpid", "--mapdir"]), None);
        assert_eq!(find(&["limpid", "--mapdirs=a"]), None);
    }
}
