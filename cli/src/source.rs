//! The bytes of a module: reads a file and turns text into a binary.

use super::outcome::{Cause, Failure};
use super::paths::{self, STDIN, shown};
use super::sniff::{self, Kind};
use super::suggest::suggest;
use super::text_error;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The bytes of a module and where they come from.
#[derive(Debug)]
pub struct Source {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    /// The text that the bytes were made of.
    pub text: Option<String>,
    /// Whether backtraces may want the lines of the text.
    pub to_run: bool,
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

    fn of(path: &Path, to_run: bool) -> Result<Source, Failure> {
        let path = path.to_owned();
        let bytes = bytes(&path)?;
        match sniff::kind(&path, &bytes) {
            Kind::Binary => Ok(Source {
                path,
                bytes,
                text: None,
                to_run,
            }),
            Kind::Text => {
                let text = text(&path, bytes)?;
                let bytes = from_text(&path, &text)?;
                Ok(Source {
                    path,
                    bytes,
                    text: Some(text),
                    to_run,
                })
            }
            Kind::Other(what, help) => {
                let failure = Failure::failed(format!("{} is {what}", shown(&path)));
                let failure = failure.because(Cause::new("malformed"));
                Err(match help {
                    Some(help) => failure.hint(help),
                    None => failure,
                })
            }
        }
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
}

/// What a file is, or standard input where its path is `-`.
///
/// # Errors
/// When it cannot be read.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    paths::not_empty("FILE", path)?;
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

/// A word alone that is nearly a verb.
fn suggested_verb(path: &Path) -> Option<&'static str> {
    const VERBS: [&str; 15] = [
        "run",
        "validate",
        "wast",
        "inspect",
        "explore",
        "trace",
        "step",
        "trace-diff",
        "record",
        "replay",
        "dap",
        "explain",
        "learn",
        "config",
        "completion",
    ];
    suggest(path.to_str()?, VERBS)
}

/// The text of a file, without the mark of its byte order.
fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Failure> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let (shown, error) = (shown(path), error.utf8_error());
        Failure::failed(format!("{shown}: malformed UTF-8 encoding: {error}"))
    })?;
    if text.as_bytes().starts_with(sniff::BYTE_ORDER_MARK) {
        text.drain(..sniff::BYTE_ORDER_MARK.len());
    }
    Ok(text)
}

/// Bytes that the reader takes for each byte of a text at most: short fields such as `(tag)` take
/// 102 for each.
const READER: usize = 128;

/// Checks that there is room to read a text of that many bytes: what the reader takes cannot be
/// refused.
///
/// # Errors
/// When there is none.
pub fn check_room(path: &Path, len: usize) -> Result<(), Failure> {
    let room = len.saturating_mul(READER);
    let mut asked: Vec<u8> = Vec::new();
    asked.try_reserve_exact(room).map_err(|_| {
        let mebibytes = room.div_ceil(1 << 20);
        let shown = shown(path);
        let what =
            format!("{shown}: out of memory: reading {len} bytes of text may take {mebibytes} MiB");
        Failure::failed(what)
            .because(Cause::new("limit"))
            .hint("a module in the binary format takes far less")
    })
}

fn from_text(path: &Path, text: &str) -> Result<Vec<u8>, Failure> {
    check_room(path, text.len())?;
    wat::Parser::new()
        .parse_str(Some(Path::new(&shown(path))), text)
        .map_err(|error| text_error::explain(&shown(path), text, &error))
}
