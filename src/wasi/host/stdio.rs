//! Streams of bytes that a guest is granted as its standard input, output and error output, and
//! those of this process among them.

use super::{input, os};
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

/// The source of a guest's input. All threads of a guest share it.
pub trait StdinStream: Send + Sync {
    /// Reads what is available into the buffer and returns the number of bytes; waits when there is
    /// nothing yet. When nothing is read into a buffer that is not empty, the input is at its end.
    ///
    /// # Errors
    /// Returns the error of the source.
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Reads what is available, or returns `None` when `read` would wait. Where several threads
    /// read, one may take the bytes that another saw.
    ///
    /// # Errors
    /// Returns the same errors as `read`.
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match self.ready(Duration::ZERO) {
            true => self.read(buffer).map(Some),
            false => Ok(None),
        }
    }

    /// Returns whether `read` would not wait now, or within the given time.
    fn ready(&self, within: Duration) -> bool {
        let _ = within;
        true
    }

    /// Returns whether the stream is a terminal.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// The destination of a guest's output. All threads of a guest share it.
pub trait StdoutStream: Send + Sync {
    /// Writes some of the bytes, and returns how many.
    ///
    /// # Errors
    /// Returns the error of the sink: [`io::ErrorKind::BrokenPipe`] when nobody reads any more.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Returns whether `write` would accept bytes now, or within the given time. A stream whose
    /// `write` fails with [`io::ErrorKind::WouldBlock`] is asked this, and then written to again.
    fn ready(&self, within: Duration) -> bool {
        let _ = within;
        true
    }

    /// Makes sure that everything written so far is passed on.
    ///
    /// # Errors
    /// Returns the same errors as `write`.
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    /// Returns whether the stream is a terminal.
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

/// An output that discards everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Swallowed;

impl StdoutStream for Swallowed {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }
}

/// Returns the standard input of this process. It is read past the buffer of [`std::io::stdin`],
/// and never further than the guest asks: what the process itself has read through that buffer
/// before, the guest does not see.
pub fn stdin() -> impl StdinStream {
    input::Stdin
}

/// Returns the standard output of this process, unbuffered. Writing to it does not wait: it fails
/// with [`io::ErrorKind::WouldBlock`] where it would, as far as the system can tell.
pub fn stdout() -> impl StdoutStream {
    Output::new(io::stdout)
}

/// Returns the standard error output of this process, unbuffered, as [`stdout`] does.
pub fn stderr() -> impl StdoutStream {
    Output::new(io::stderr)
}

struct Output<W> {
    stream: fn() -> W,
    /// Whether writing may wait, once that was found out.
    may_wait: OnceLock<bool>,
}

impl<W: os::Output> Output<W> {
    fn new(stream: fn() -> W) -> Output<W> {
        let may_wait = OnceLock::new();
        Output { stream, may_wait }
    }
}

impl<W: os::Output> StdoutStream for Output<W> {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut output = (self.stream)();
        // What this process wrote itself comes first.
        output.flush()?;
        let may_wait = *self.may_wait.get_or_init(|| os::output_may_wait(&output));
        os::write_through(&mut output, bytes, may_wait)
    }

    fn ready(&self, within: Duration) -> bool {
        os::output_ready(&(self.stream)(), within)
    }

    fn flush(&self) -> io::Result<()> {
        (self.stream)().flush()
    }

    fn is_terminal(&self) -> bool {
        (self.stream)().is_terminal()
    }
}
