//! The streams a guest is given, and the user's wish to stop.

use super::account::{self, Status};
use super::failure::Failure;
use super::load;
use limpid::wasi::{StdinStream, StdoutStream, WasiCtxBuilder};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// A file as input.
pub struct Input(File);

impl Input {
    /// Opens it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Input, Failure> {
        let opened = File::open(path);
        let failed = |error| Failure::failed(format!("{}: {error}", load::shown(path)));
        opened.map(Input).map_err(failed)
    }
}

impl StdinStream for Input {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        (&self.0).read(buffer)
    }
}

/// An output of this process that ends the process when nobody reads it any more, as programs do
/// that write to a closed pipe.
pub struct Output<S>(S);

impl<S> Output<S> {
    /// Wraps an output.
    pub fn new(stream: S) -> Output<S> {
        Output(stream)
    }
}

impl<S: StdoutStream> StdoutStream for Output<S> {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.0.write(bytes);
        if matches!(&written, Err(error) if error.kind() == ErrorKind::BrokenPipe) {
            account::leave(Status::PipeClosed, 0);
        }
        written
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }

    fn is_terminal(&self) -> bool {
        self.0.is_terminal()
    }
}

/// Grants the sockets that whoever started this process opened for it.
///
/// # Errors
/// One that does not listen for streams.
#[cfg(unix)]
pub fn grant_sockets(builder: &mut WasiCtxBuilder) -> Result<(), Failure> {
    let mut sockets = listenfd::ListenFd::from_env();
    let failed = |error: io::Error| Failure::failed(format!("-S listenfd: {error}"));
    for place in 0..sockets.len() {
        // What listens at an address of the network or at a path of the host.
        let tcp = sockets.take_tcp_listener(place);
        let granted = match tcp {
            Ok(Some(socket)) => builder.preopened_socket(socket).map(drop),
            Ok(None) => Ok(()),
            Err(_) => match sockets.take_unix_listener(place).map_err(failed)? {
                Some(socket) => builder.preopened_socket(socket).map(drop),
                None => Ok(()),
            },
        };
        granted.map_err(failed)?;
    }
    Ok(())
}

/// There are none.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn grant_sockets(_: &mut WasiCtxBuilder) -> Result<(), Failure> {
    Err(Failure::usage("-S listenfd: not supported on this system"))
}

/// Ends the process with its own exit code when the user interrupts it.
#[cfg(unix)]
pub fn end_on_interrupt() {
    use super::failure::INTERRUPTED;
    use signal_hook::consts::SIGINT;
    use signal_hook::iterator::Signals;
    // Without this, the signal ends the process as well, and a shell sees the same code.
    let Ok(mut signals) = Signals::new([SIGINT]) else {
        return;
    };
    let thread = std::thread::Builder::new().name("interrupt".into());
    let _ = thread.spawn(move || {
        if signals.forever().next().is_some() {
            account::leave(Status::Interrupted, INTERRUPTED);
        }
    });
}

/// The system's own way is kept.
#[cfg(not(unix))]
pub fn end_on_interrupt() {}
