//! Streams of bytes that a guest is granted as its standard input, output and error output, and
//! those of this process among them.

use super::{input, os};
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

/// The source of a guest's input. All threads of a guest share it.
pub trait StdinStream: Send + Sync {
    /// Reads what is there into the buffer and says how much; waits when there is nothing yet.
    /// Nothing read into a buffer that is not empty is the end.
    ///
    /// # Errors
    /// Returns the error of the source.
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Reads what is there; nothing when `read` would wait. Where several threads read, one may
    /// take what another was told of.
    ///
    /// # Errors
    /// Returns the same errors as `read`.
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

/// The destination of a guest's output. All threads of a guest share it.
pub trait StdoutStream: Send + Sync {
    /// Writes some of the bytes, and says how many.
    ///
    /// # Errors
    /// Returns the error of the sink: [`io::ErrorKind::BrokenPipe`] when nobody reads any more.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Whether `write` would take something now, or within the time given. A stream whose `write`
    /// fails with [`io::ErrorKind::WouldBlock`] is asked this, and then written to again.
    fn ready(&self, within: Duration) -> bool {
        let _ = within;
        true
    }

    /// Makes sure that all written so far is on its way.
    ///
    /// # Errors
    /// Returns the same errors as `write`.
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
    /// Whether writing may wait, once that was asked for.
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
