//! Streams of bytes that a guest is granted as its standard input, output and error output, and
//! those of this process among them.

use super::{input, os};
use std::io;
use std::time::Duration;

/// Where a guest's input comes from. All threads of a guest share it.
pub trait StdinStream: Send + Sync {
    /// Reads what is there into the buffer and says how much; waits when there is nothing yet.
    /// Nothing read into a buffer that is not empty is the end.
    ///
    /// # Errors
    /// What the source says.
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Reads what is there; nothing when `read` would wait. Where several threads read, one may
    /// take what another was told of.
    ///
    /// # Errors
    /// As `read`.
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match self.ready(Duration::ZERO) {
            true => self.read(buffer).map(Some),
            false => Ok(None),
        }
    }

    /// Whether `read` would not wait now, or within the time given.
    fn ready(&self, within: Duration) -> bool {
        let _ = within;
        true
    }

    /// Whether a person sits at it.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// Where a guest's output goes. All threads of a guest share it.
pub trait StdoutStream: Send + Sync {
    /// Writes some of the bytes, and says how many.
    ///
    /// # Errors
    /// What the sink says: [`io::ErrorKind::BrokenPipe`] when nobody reads any more.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Makes sure that all written so far is on its way.
    ///
    /// # Errors
    /// As `write`.
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    /// Whether a person looks at it.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// An input that is at its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended;

impl StdinStream for Ended {
    fn read(&self, _buffer: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

/// An output that swallows everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Swallowed;

impl StdoutStream for Swallowed {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }
}

/// The standard input of this process.
pub fn stdin() -> impl StdinStream {
    input::Stdin
}

/// The standard output of this process, not buffered.
pub fn stdout() -> impl StdoutStream {
    Output(|| io::stdout().lock())
}

/// The standard error output of this process, not buffered.
pub fn stderr() -> impl StdoutStream {
    Output(|| io::stderr().lock())
}

struct Output<W>(fn() -> W);

impl<W: os::Output> StdoutStream for Output<W> {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut output = (self.0)();
        // What this process wrote itself comes first.
        output.flush()?;
        os::write_through(&mut output, bytes)
    }

    fn flush(&self) -> io::Result<()> {
        (self.0)().flush()
    }

    fn is_terminal(&self) -> bool {
        (self.0)().is_terminal()
    }
}
