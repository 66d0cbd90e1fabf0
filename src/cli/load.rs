//! From a file to a module: reads it, turns text into a binary, and says what is wrong with it.

use super::failure::Failure;
use super::lines;
use super::progress::Progress;
use super::report;
use limpid::observe::escape;
use limpid::{Engine, Module};
use std::path::{Path, PathBuf};

/// The bytes of a module and where they come from.
#[derive(Debug)]
pub struct Source {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    /// The text that the bytes were made of, where backtraces may want its lines.
    text: Option<String>,
}

impl Source {
    /// Reads a file; what is in the text format becomes a binary.
    ///
    /// # Errors
    /// When it cannot be read, or is neither.
    pub fn read(path: &Path) -> Result<Source, Failure> {
        Source::of(path, false)
    }

    /// The same, for a module that is to run: its text's lines will be known to backtraces.
    ///
    /// # Errors
    /// As those of `read`.
    pub fn to_run(path: &Path) -> Result<Source, Failure> {
        Source::of(path, true)
    }

    fn of(path: &Path, lines: bool) -> Result<Source, Failure> {
        let path = path.to_owned();
        let shown = shown(&path);
        let bytes = std::fs::read(&path).map_err(|error| {
            let failure = Failure::failed(format!("{shown}: {error}"));
            match suggested_verb(&path) {
                Some(verb) if !path.exists() => {
                    failure.hint(format!("did you mean the verb `{verb}`?"))
                }
                Some(_) | None => failure,
            }
        })?;
        if !is_text(&path, &bytes) {
            let text = None;
            return Ok(Source { path, bytes, text });
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let error = error.utf8_error();
            Failure::failed(format!("{shown}: malformed UTF-8 encoding: {error}"))
        })?;
        let bytes = from_text(&path, &text)?;
        let text = lines.then_some(text);
        Ok(Source { path, bytes, text })
    }

    /// The path as it may be shown.
    pub fn shown(&self) -> String {
        shown(&self.path)
    }

    /// The last part of the path.
    pub fn file_name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// The module.
    ///
    /// # Errors
    /// When it is malformed or invalid.
    pub fn module(&self, engine: &Engine) -> Result<Module, Failure> {
        let _progress = Progress::new(format!("loading {}", self.shown()));
        let module = Module::from_binary(engine, &self.bytes)
            .map_err(|error| report::load(self, engine.config().features(), &error))?;
        if let Some(text) = &self.text {
            lines::remember(&module, self.shown(), text.clone());
        }
        Ok(module)
    }
}

/// A path as it may be shown.
pub fn shown(path: &Path) -> String {
    escape::name(&path.to_string_lossy()).into_owned()
}

/// A word alone that is nearly a verb.
fn suggested_verb(path: &Path) -> Option<&'static str> {
    const VERBS: [&str; 8] = [
        "run",
        "validate",
        "wast",
        "inspect",
        "explore",
        "trace",
        "config",
        "completion",
    ];
    super::suggest::suggest(path.to_str()?, VERBS)
}

/// Whether the bytes are to be read as text: by the file's name, or by how they begin.
fn is_text(path: &Path, bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\0") {
        return false;
    }
    let named = path.extension().is_some_and(|ending| ending == "wat");
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    named || matches!(first, Some(b'(' | b';'))
}

fn from_text(path: &Path, text: &str) -> Result<Vec<u8>, Failure> {
    wat::Parser::new()
        .parse_str(Some(path), text)
        .map_err(|error| {
            let told = escape::lines(&error.to_string());
            let (first, rest) = told.split_once('\n').unwrap_or((&told, ""));
            Failure::failed(first).details(rest)
        })
}
