//! Where the lines of a trace go: to a stream, or beside the lines of a trace that was kept.

use super::exit;
use super::outcome::{FAILED, Failure, Status};
use super::patient::Patient;
use super::results::{self, Results};
use super::screen::tell;
use super::trace_file::{Trace, are_equal};
use super::{paths, report};
use limpid::observe::display;
use limpid::observe::jsonl::End;
use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Most characters of a record that are shown.
const SHOWN: usize = 2_000;

/// Where lines go. Copies share it.
#[derive(Clone)]
pub struct Sink(Arc<Mutex<Inner>>);

struct Inner {
    way: Way,
    /// Whether the lines are JSON, with a first and a last one.
    json: bool,
    /// Whether there is a first line.
    begun: bool,
    initialisers: u64,
}

enum Way {
    Write(BufWriter<Box<dyn Write + Send>>),
    Compare {
        kept: Box<Trace>,
        same: u64,
    },
    /// The last line has been written.
    Ended,
}

impl Sink {
    /// Writes to a file, or else to standard output.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(path: Option<&Path>, json: bool) -> Result<Sink, Failure> {
        let output: Box<dyn Write + Send> = match path {
            None => Box::new(Patient::stdout()),
            Some(path) => {
                let failed = |error| Failure::failed(format!("{}: {error}", paths::shown(path)));
                Box::new(create(path).map_err(failed)?)
            }
        };
        let writer = BufWriter::with_capacity(results::BUFFER, output);
        Ok(Sink::new(Way::Write(writer), json))
    }

    /// Compares with a trace that was kept.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn compare(path: &Path) -> Result<Sink, Failure> {
        let kept = Box::new(Trace::open(path)?);
        Ok(Sink::new(Way::Compare { kept, same: 0 }, true))
    }

    fn new(way: Way, json: bool) -> Sink {
        Sink(Arc::new(Mutex::new(Inner {
            way,
            json,
            begun: false,
            initialisers: 0,
        })))
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the first line.
    pub fn header(&self, line: &str) {
        let mut inner = self.inner();
        inner.begun = true;
        if !inner.json {
            return;
        }
        if let Way::Compare { kept, .. } = &mut inner.way {
            if let Err(failure) = same_header(kept, line) {
                fail(&failure);
            }
            return;
        }
        drop(inner);
        self.line(line);
    }

    /// Takes a line.
    #[inline]
    pub fn line(&self, line: &str) {
        match &mut self.inner().way {
            Way::Write(output) => {
                let written = output
                    .write_all(line.as_bytes())
                    .and_then(|()| output.write_all(b"\n"));
                results::quietly(written, 0);
            }
            Way::Compare { kept, same } => match compare(kept, line) {
                Ok(()) => *same += 1,
                Err(failure) => fail(&failure),
            },
            Way::Ended => {}
        }
    }

    /// Counts an instruction of a constant expression.
    pub fn initialiser(&self, time: u64) {
        self.inner().initialisers = time + 1;
    }

    /// Takes the last line, which says how the run has ended. For a comparison, tells that
    /// everything is the same.
    pub fn end(&self, end: &End<'_>) {
        let mut inner = self.inner();
        let end = End {
            steps: report::steps(),
            initialisers: inner.initialisers,
            ..*end
        };
        if !inner.begun {
            // Nothing has run, which says itself why.
            inner.way = Way::Ended;
            return;
        }
        let json = inner.json;
        std::mem::replace(&mut inner.way, Way::Ended).finish(json, &end);
    }
}

impl Way {
    fn finish(mut self, json: bool, end: &End<'_>) {
        match &mut self {
            Way::Write(output) => {
                let written = match json {
                    true => writeln!(output, "{}", end.line()),
                    false => Ok(()),
                };
                results::quietly(written.and_then(|()| output.flush()), 0);
            }
            Way::Compare { kept, same } => {
                let compared = compare(kept, &end.line()).and_then(|()| kept.advance());
                if let Err(failure) = compared {
                    fail(&failure);
                }
                let text = format!("{}: the run is the same, {same} records", kept.shown());
                Results::of_test().line(text);
            }
            Way::Ended => {}
        }
    }
}

/// Makes a file for its owner alone: what a guest computes may be secret.
fn create(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Checks that a trace was made by the same run as this one, by its header.
fn same_header(kept: &mut Trace, line: &str) -> Result<(), Failure> {
    let (before, shown) = (kept.header()?, kept.shown().to_owned());
    if are_equal(kept.line(), line) {
        return Ok(());
    }
    let Ok(now) = serde_json::from_str::<super::trace_file::Header>(line) else {
        unreachable!("a header of ours can be read")
    };
    let differs = |what: &str| Err(Failure::failed(format!("{shown}:1: {what}")));
    if before.modules != now.modules {
        return differs("this is a trace of other modules");
    }
    if before.features != now.features {
        return differs("this is a trace with other language features");
    }
    if (before.invoke, before.args) != (now.invoke, now.args) {
        return differs("this is a trace of another call");
    }
    Ok(())
}

/// Compares the next line of a trace with one of this run.
fn compare(kept: &mut Trace, line: &str) -> Result<(), Failure> {
    kept.advance()?;
    if kept.line() == line {
        return Ok(());
    }
    kept.parse()?;
    if are_equal(kept.line(), line) {
        return Ok(());
    }
    let text = format!(
        "{}:{}: the run is another one from here",
        kept.shown(),
        kept.number()
    );
    let details = format!("  kept: {}\n   now: {}", shown(kept.line()), shown(line));
    Err(Failure::failed(text).details(details))
}

/// A record as it may be shown.
pub fn shown(line: &str) -> String {
    let line = display::line(line);
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into_owned(),
    }
}

/// Ends the process: the runs differ.
fn fail(failure: &Failure) -> ! {
    tell(failure);
    exit::leave(Status::Error, FAILED);
}
