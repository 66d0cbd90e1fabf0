//! From a file to a module: reads it, turns text into a binary, and says what is wrong with it.

use super::account::Cause;
use super::failure::Failure;
use super::progress::Progress;
use super::report;
use super::sniff::{self, Kind};
use limpid::observe::escape;
use limpid::{Engine, Module};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The bytes of a module and where they come from.
#[derive(Debug)]
pub struct Source {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

impl Source {
    /// Reads a file; what is in the text format becomes a binary.
    ///
    /// # Errors
    /// When it cannot be read, or is neither.
    pub fn read(path: &Path) -> Result<Source, Failure> {
        Source::of(path, None)
    }

    /// The same, for a module that is to run: its text's lines will be known to backtraces.
    ///
    /// # Errors
    /// As those of `read`.
    pub fn to_run(path: &Path) -> Result<Source, Failure> {
        Source::of(path, Some(wat::GenerateDwarf::Lines))
    }

    fn of(path: &Path, lines: Option<wat::GenerateDwarf>) -> Result<Source, Failure> {
        let path = path.to_owned();
        let bytes = bytes(&path)?;
        let bytes = match sniff::kind(&path, &bytes) {
            Kind::Binary => bytes,
            Kind::Text => from_text(&path, &bytes, lines)?,
            Kind::Other(what, help) => {
                let failure = Failure::failed(format!("{} is {what}", shown(&path)));
                let cause = Cause::new("malformed");
                let failure = failure.because(cause);
                return Err(match help {
                    Some(help) => failure.hint(help),
                    None => failure,
                });
            }
        };
        if bytes.get(4..8) == Some(COMPONENT) {
            let what = "is a component, and only modules can be loaded";
            return Err(Failure::failed(format!("{} {what}", shown(&path))));
        }
        Ok(Source { path, bytes })
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
        Module::from_binary(engine, &self.bytes)
            .map_err(|error| report::load(self, engine.config().features(), &error))
    }
}

/// Version and layer of a component.
const COMPONENT: &[u8] = b"\x0d\0\x01\0";

/// The path that stands for standard input.
const STDIN: &str = "-";

/// What a file is, or standard input where its path is `-`.
///
/// # Errors
/// When it cannot be read.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = shown(path);
    let failed = |error: io::Error| Failure::failed(format!("{shown}: {error}"));
    if path.as_os_str() == STDIN {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        if TAKEN.swap(true, Ordering::Relaxed) {
            return Err(Failure::usage("standard input can be read only once")
                .hint("`-` stands for standard input, and `./-` for a file of that name"));
        }
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        return read.map(|_| bytes).map_err(failed);
    }
    std::fs::read(path).map_err(|error| {
        let failure = failed(error);
        match suggested_verb(path) {
            Some(verb) if !path.exists() => {
                failure.hint(format!("did you mean the verb `{verb}`?"))
            }
            Some(_) | None => failure,
        }
    })
}

/// A path as it may be shown.
pub fn shown(path: &Path) -> String {
    match path.as_os_str() == STDIN {
        true => "<stdin>".to_owned(),
        false => escape::name(&path.to_string_lossy()).into_owned(),
    }
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

fn from_text(
    path: &Path,
    bytes: &[u8],
    lines: Option<wat::GenerateDwarf>,
) -> Result<Vec<u8>, Failure> {
    let shown = shown(path);
    let bytes = bytes.strip_prefix(sniff::BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Failure::failed(format!("{shown}: malformed UTF-8 encoding: {error}")))?;
    let mut parser = wat::Parser::new();
    if let Some(lines) = lines {
        parser.generate_dwarf(lines);
    }
    parser
        .parse_str(Some(Path::new(&shown)), text)
        .map_err(|error| {
            let told = escape::lines(&error.to_string());
            let (first, rest) = told.split_once('\n').unwrap_or((&told, ""));
            Failure::failed(first).details(rest)
        })
}
