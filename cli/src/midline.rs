//! Whether the guest's output ended in the middle of a line, so that what this process writes next
//! begins on a line of its own.

use limpid::wasi::StdoutStream;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// The streams of this process that a guest may write to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// Standard output
    Out,
    /// Standard error
    Err,
}

/// Whether standard output, and standard error, are in the middle of a line of the guest's.
static OPEN: [AtomicBool; 2] = [const { AtomicBool::new(false) }; 2];

/// An output that remembers how its last line ended.
pub struct Watched<S> {
    stream: S,
    target: Target,
}

impl<S> Watched<S> {
    /// Wraps an output of the guest.
    pub fn new(stream: S, target: Target) -> Watched<S> {
        Watched { stream, target }
    }
}

impl<S: StdoutStream> StdoutStream for Watched<S> {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        if let Some(last) = bytes[..written].last() {
            OPEN[self.target as usize].store(*last != b'\n', Relaxed);
        }
        Ok(written)
    }

    fn ready(&self, within: Duration) -> bool {
        self.stream.ready(within)
    }

    fn flush(&self) -> io::Result<()> {
        self.stream.flush()
    }

    fn is_terminal(&self) -> bool {
        self.stream.is_terminal()
    }
}

/// Whether a line that goes to standard error has to end the guest's line first. It is then taken
/// as ended.
pub fn end_line() -> bool {
    let [out, err] = &OPEN;
    let own = err.load(Relaxed);
    let other = out.load(Relaxed) && is_one_place();
    if own || other {
        err.store(false, Relaxed);
        out.store(false, Relaxed);
    }
    own || other
}

/// Whether both streams go to the same place.
fn is_one_place() -> bool {
    static ONE: OnceLock<bool> = OnceLock::new();
    *ONE.get_or_init(compare)
}

#[cfg(unix)]
fn compare() -> bool {
    use rustix::fs::fstat;
    match (fstat(io::stdout()), fstat(io::stderr())) {
        (Ok(out), Ok(err)) => (out.st_dev, out.st_ino) == (err.st_dev, err.st_ino),
        // A closed stream is in no place.
        _ => false,
    }
}

#[cfg(not(unix))]
fn compare() -> bool {
    use std::io::IsTerminal;
    io::stdout().is_terminal() && io::stderr().is_terminal()
}
