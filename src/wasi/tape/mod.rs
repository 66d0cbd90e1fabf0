//! Recorded runs: every call of WASI with all that it gave the guest, so that the run can be done
//! again without files, clocks or network.
//!
//! ```
//! use limpid::wasi::tape::{Player, Reader, Recorder, Redacted, Writer};
//! # fn main() -> std::io::Result<()> {
//! let file: Vec<u8> = Vec::new();
//! let writer = Writer::new(Box::new(file), &[("module".into(), b"hash".to_vec())])?;
//! let recorder = Recorder::new(writer, Redacted::default());
//! # let _ = recorder;
//! # Ok(()) }
//! ```

mod format;
#[cfg(test)]
mod tests;

pub use format::{Damaged, Entry, Given, Next, Reader, Writer};

use crate::wasi::exit::I32Exit;
use crate::wasi::host::stdio::{StdinStream, StdoutStream};
use core::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What of a run is not to be kept: it is overwritten with `x` in the recording, which can then be
/// done again only as far as the guest does not depend on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Redacted {
    /// The values of environment variables.
    pub env: bool,
    /// The arguments of the guest.
    pub args: bool,
    /// What the guest reads from standard input.
    pub stdin: bool,
}

/// Keeps the calls of a run.
#[derive(Clone, Debug)]
pub struct Recorder {
    inner: Arc<Mutex<Recording>>,
}

#[derive(Debug)]
struct Recording {
    writer: Writer,
    redacted: Redacted,
    /// What was written to the streams during the call that goes on.
    output: Vec<(u8, Vec<u8>)>,
    /// Whether standard input was read during the call that goes on.
    read_stdin: bool,
    /// Why the recording is not complete.
    failed: Option<io::Error>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorder {
    /// Keeps the calls in a file.
    pub fn new(writer: Writer, redacted: Redacted) -> Recorder {
        Recorder {
            inner: Arc::new(Mutex::new(Recording {
                writer,
                redacted,
                output: Vec::new(),
                read_stdin: false,
                failed: None,
            })),
        }
    }

    /// Ends the recording; `end` says how the run ended.
    ///
    /// # Errors
    /// Returns the first error of writing it.
    pub fn end(&self, end: &str) -> io::Result<()> {
        let mut recording = locked(&self.inner);
        match recording.failed.take() {
            Some(error) => Err(error),
            None => recording.writer.end(end),
        }
    }

    /// Keeps a call.
    pub(super) fn keep(&self, mut entry: Entry) {
        let mut recording = locked(&self.inner);
        entry.output = core::mem::take(&mut recording.output);
        let read_stdin = core::mem::take(&mut recording.read_stdin);
        recording.redacted.apply(&mut entry, read_stdin);
        if recording.failed.is_none()
            && let Err(error) = recording.writer.entry(&entry)
        {
            recording.failed = Some(error);
        }
    }

    /// A standard output or error that is recorded.
    pub(super) fn stdout(&self, number: u8, to: Box<dyn StdoutStream>) -> Box<dyn StdoutStream> {
        let recorder = self.clone();
        Box::new(Taped {
            number,
            inner: to,
            recorder,
        })
    }

    /// A standard input of which is known when it was read.
    pub(super) fn stdin(&self, from: Box<dyn StdinStream>) -> Box<dyn StdinStream> {
        let recorder = self.clone();
        Box::new(Taped {
            number: 0,
            inner: from,
            recorder,
        })
    }
}

impl Redacted {
    /// Overwrites what is not to be kept.
    fn apply(self, entry: &mut Entry, read_stdin: bool) {
        let numbers_end = match &entry.function[..] {
            // The last write is the number of bytes read.
            "fd_read" if self.stdin && read_stdin => entry.writes.len().saturating_sub(1),
            "environ_get" if self.env => entry.writes.len(),
            "args_get" if self.args => entry.writes.len(),
            _ => return, // Nothing else has them.
        };
        let is_env = entry.function == "environ_get";
        let is_list = entry.function != "fd_read";
        for (place, (_, bytes)) in entry.writes[..numbers_end].iter_mut().enumerate() {
            // Lists write a pointer, then a text, in turn; the first argument is the program.
            if is_list && (place % 2 == 0 || (!is_env && place == 1)) {
                continue;
            }
            let from = match is_env {
                true => bytes.iter().position(|&b| b == b'=').map_or(0, |at| at + 1),
                false => 0,
            };
            let end = bytes.len() - usize::from(is_list && bytes.last() == Some(&0));
            bytes[from.min(end)..end].fill(b'x');
        }
    }
}

/// A stream that is recorded.
struct Taped<S: ?Sized> {
    number: u8,
    recorder: Recorder,
    inner: Box<S>,
}

impl StdoutStream for Taped<dyn StdoutStream> {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        let mut recording = locked(&self.recorder.inner);
        let part = &bytes[..written.min(bytes.len())];
        match recording.output.last_mut() {
            Some((number, all)) if *number == self.number => all.extend_from_slice(part),
            Some(_) | None => recording.output.push((self.number, part.to_vec())),
        }
        Ok(written)
    }

    fn ready(&self, within: Duration) -> bool {
        self.inner.ready(within)
    }

    fn flush(&self) -> io::Result<()> {
        self.inner.flush()
    }

    fn is_terminal(&self) -> bool {
        self.inner.is_terminal()
    }
}

impl StdinStream for Taped<dyn StdinStream> {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        locked(&self.recorder.inner).read_stdin = true;
        self.inner.read(buffer)
    }

    fn try_read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        locked(&self.recorder.inner).read_stdin = true;
        self.inner.try_read(buffer)
    }

    fn ready(&self, within: Duration) -> bool {
        self.inner.ready(within)
    }

    fn is_terminal(&self) -> bool {
        self.inner.is_terminal()
    }
}

/// Answers the calls of a run from a recording.
#[derive(Clone, Debug)]
pub struct Player {
    inner: Arc<Mutex<Playing>>,
}

#[derive(Debug)]
struct Playing {
    reader: Reader,
    calls: u64,
    end: Option<String>,
    off_course: bool,
}

/// Why a run that is done again stops.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReplayError {
    /// The guest calls something else than it did.
    Diverged {
        /// The number of calls before.
        call: u64,
        /// The call that was recorded, as text; `None` after the last one.
        recorded: Option<String>,
        /// The call that the guest makes, as text.
        made: String,
    },
    /// The recording cannot be read.
    Damaged(Damaged),
    /// The call failed then, for this reason.
    Failed(String),
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::Diverged {
                call,
                recorded,
                made,
            } => {
                let recorded = recorded.as_deref().unwrap_or("nothing more");
                write!(
                    f,
                    "the run takes another course than the recorded one: call {call} is {made}, \
                     recorded is {recorded}"
                )
            }
            ReplayError::Damaged(damaged) => damaged.fmt(f),
            ReplayError::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for ReplayError {}

/// A call as text.
fn shown(function: &str, args: &[u64]) -> String {
    let args: Vec<String> = args.iter().map(u64::to_string).collect();
    format!("{function}({})", args.join(", "))
}

impl Player {
    /// Answers from a recording whose header has been read.
    pub fn new(reader: Reader) -> Player {
        Player {
            inner: Arc::new(Mutex::new(Playing {
                reader,
                calls: 0,
                end: None,
                off_course: false,
            })),
        }
    }

    /// Returns the number of calls answered so far.
    pub fn calls(&self) -> u64 {
        locked(&self.inner).calls
    }

    /// Returns whether a call was made that the recording does not answer.
    pub fn is_off_course(&self) -> bool {
        locked(&self.inner).off_course
    }

    /// Returns how the recorded run ended, when all of its calls have been made again.
    ///
    /// # Errors
    /// Returns an error when calls are left, or the recording cannot be read.
    pub fn end(&self) -> Result<String, ReplayError> {
        let mut playing = locked(&self.inner);
        if let Some(end) = &playing.end {
            return Ok(end.clone());
        }
        match playing.reader.next().map_err(ReplayError::Damaged)? {
            Next::End(end) => Ok(playing.end.insert(end).clone()),
            Next::Entry(entry) => Err(ReplayError::Diverged {
                call: playing.calls,
                recorded: Some(shown(&entry.function, &entry.args)),
                made: "the end of the run".into(),
            }),
        }
    }

    /// The answer to a call.
    pub(super) fn answer(&self, function: &str, args: &[u64]) -> Result<Entry, ReplayError> {
        let mut playing = locked(&self.inner);
        let answer = playing.answer(function, args);
        playing.off_course |= answer.is_err();
        answer
    }
}

impl Playing {
    fn answer(&mut self, function: &str, args: &[u64]) -> Result<Entry, ReplayError> {
        let playing = self;
        let call = playing.calls;
        let diverged = |recorded| ReplayError::Diverged {
            call,
            recorded,
            made: shown(function, args),
        };
        if playing.end.is_some() {
            return Err(diverged(None));
        }
        match playing.reader.next().map_err(ReplayError::Damaged)? {
            Next::Entry(entry) if entry.function == function && entry.args == args => {
                playing.calls += 1;
                Ok(entry)
            }
            Next::Entry(entry) => Err(diverged(Some(shown(&entry.function, &entry.args)))),
            Next::End(end) => {
                playing.end = Some(end);
                Err(diverged(None))
            }
        }
    }
}

/// Whether a run's calls are recorded, or answered from a recording.
#[derive(Clone, Debug)]
pub(crate) enum Tape {
    /// They are recorded.
    Record(Recorder),
    /// They are answered.
    Play(Player),
}

/// What an error of a call means for the recording.
pub(super) fn given_by(error: &crate::api::Error) -> Given {
    match error.downcast_ref::<I32Exit>() {
        Some(exit) => Given::Exit(exit.0),
        None => Given::Failed(error.root_cause().to_string()),
    }
}
