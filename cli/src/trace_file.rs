//! Traces in files, read line by line in constant memory. A file that was cut, or that is no trace,
//! is an error with its line.

use super::outcome::Failure;
use super::paths;
use limpid::observe::display;
use serde::Deserialize;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Most bytes of a line: the header of a large module has all its names.
const LONGEST: u64 = 256 << 20;

/// The first line.
#[derive(Deserialize, PartialEq, Eq, Clone, Debug)]
pub struct Header {
    #[serde(rename = "limpid-trace")]
    pub version: u32,
    pub modules: Vec<ModuleInfo>,
    pub features: Vec<String>,
    pub invoke: Option<String>,
    pub args: Vec<String>,
}

/// A module in the first line.
#[derive(Deserialize, PartialEq, Eq, Clone, Debug)]
pub struct ModuleInfo {
    pub sha256: String,
}

/// A record, as far as the stack follows from it.
#[derive(Deserialize, Debug)]
pub struct Record<'l> {
    pub t: Option<u64>,
    pub init: Option<u64>,
    pub inst: u32,
    pub func: u32,
    #[serde(rename = "pc")]
    pub _pc: u32,
    #[serde(borrow)]
    pub op: Cow<'l, str>,
    pub stack: usize,
    #[serde(borrow, default)]
    pub pop: Vec<Cow<'l, str>>,
    #[serde(borrow, default)]
    pub push: Vec<Cow<'l, str>>,
    #[serde(borrow, rename = "return")]
    pub passed: Option<Vec<Cow<'l, str>>>,
    #[serde(borrow)]
    pub host: Option<Host<'l>>,
    #[serde(borrow)]
    pub trap: Option<Cow<'l, str>>,
    pub exn: Option<Exn>,
}

/// A call of a host function.
#[derive(Deserialize, Debug)]
pub struct Host<'l> {
    #[serde(borrow, default, rename = "results")]
    pub _results: Vec<Cow<'l, str>>,
}

/// An exception.
#[derive(Deserialize, Debug)]
pub struct Exn {
    pub caught: bool,
    #[serde(default)]
    pub frames: usize,
}

/// The last line.
#[derive(Deserialize, Debug)]
struct End<'l> {
    #[serde(borrow, rename = "end")]
    _end: Cow<'l, str>,
    #[serde(rename = "t")]
    _t: u64,
}

/// A line of a trace after the first.
#[derive(Debug)]
pub enum Line<'l> {
    Record(Box<Record<'l>>),
    /// The last line.
    End,
}

/// A trace that is read.
pub struct Trace {
    shown: String,
    input: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    ended: bool,
}

impl Trace {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Result<Trace, Failure> {
        let shown = paths::shown(path);
        let file =
            File::open(path).map_err(|error| Failure::failed(format!("{shown}: {error}")))?;
        Ok(Trace {
            shown,
            input: BufReader::with_capacity(1 << 16, file),
            line: Vec::new(),
            number: 0,
            ended: false,
        })
    }

    /// The number of the line that was read last.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The file as it may be shown.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The line that was read last.
    pub fn line(&self) -> &str {
        std::str::from_utf8(&self.line).unwrap_or_default()
    }

    /// Reads the next line; whether there is one.
    ///
    /// # Errors
    /// When it cannot be read, is no text, or the file ends before its last line.
    pub fn advance(&mut self) -> Result<bool, Failure> {
        self.line.clear();
        let mut input = self.input.by_ref().take(LONGEST);
        let read = input.read_until(b'\n', &mut self.line);
        let read = read.map_err(|error| Failure::failed(format!("{}: {error}", self.shown)))?;
        if read == 0 && self.ended {
            return Ok(false);
        }
        self.number += 1;
        if read == 0 {
            return Err(self.wrong("the file ends without a last line, so it was cut"));
        }
        if self.ended {
            return Err(self.wrong("there is more after the last line"));
        }
        if self.line.pop_if(|last| *last == b'\n').is_none() {
            return Err(match read as u64 == LONGEST {
                true => self.wrong("the line is too long"),
                false => self.wrong("the line has no end, so the file was cut"),
            });
        }
        self.ended = self.line.starts_with(b"{\"end\":");
        match std::str::from_utf8(&self.line) {
            Ok(_) => Ok(true),
            Err(_) => Err(self.wrong("malformed UTF-8 encoding")),
        }
    }

    /// Reads the header.
    ///
    /// # Errors
    /// When it is none.
    pub fn header(&mut self) -> Result<Header, Failure> {
        self.advance()?;
        if !self.line.starts_with(b"{\"limpid-trace\":") {
            return Err(self
                .wrong("this is not the header of a trace")
                .hint("`limpid trace --format jsonl -o FILE` writes one"));
        }
        let header: Header =
            serde_json::from_slice(&self.line).map_err(|error| self.malformed(&error))?;
        match header.version {
            limpid::observe::jsonl::VERSION => Ok(header),
            version => Err(self.wrong(&format!("unknown version {version} of the format"))),
        }
    }

    /// What the line that was read last says.
    ///
    /// # Errors
    /// When it is no record.
    pub fn parse(&self) -> Result<Line<'_>, Failure> {
        if self.ended {
            let end: Result<End<'_>, _> = serde_json::from_str(self.line());
            return end
                .map(|_| Line::End)
                .map_err(|error| self.malformed(&error));
        }
        let record: Record<'_> =
            serde_json::from_str(self.line()).map_err(|error| self.malformed(&error))?;
        match (record.t, record.init) {
            (Some(_), None) | (None, Some(_)) => Ok(Line::Record(Box::new(record))),
            (Some(_), Some(_)) | (None, None) => {
                Err(self.wrong("a record has either `t` or `init`"))
            }
        }
    }

    fn malformed(&self, error: &serde_json::Error) -> Failure {
        // The place that it names is one in the line.
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or_default();
        self.wrong(&format!("malformed: {what}"))
    }

    fn wrong(&self, what: &str) -> Failure {
        let what = display::line(what);
        Failure::failed(format!("{}:{}: {what}", self.shown, self.number))
    }
}

/// Whether two lines say the same, in whatever order and with whatever spaces.
pub fn are_equal(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let parse = |line| serde_json::from_str::<serde_json::Value>(line).ok();
    match (parse(a), parse(b)) {
        (Some(a), Some(b)) => a == b,
        (_, None) | (None, _) => false,
    }
}
