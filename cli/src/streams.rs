//! The streams a guest is given and those of this process itself, and signals that end it.

#[cfg(unix)]
use super::account::{self, Status};
use super::failure::Failure;
#[cfg(unix)]
use super::failure::SIGNALLED;
use super::{load, paths};
use limpid::wasi::{InputFile, StdoutStream, WasiCtxBuilder};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

/// Opens a file as the guest's input.
///
/// # Errors
/// When it cannot be opened.
pub fn input(path: &Path) -> Result<InputFile, Failure> {
    paths::not_empty("--stdin", path)?;
    let failed = |error| Failure::failed(format!("{}: {error}", load::shown(path)));
    InputFile::open(path).map_err(failed)
}

/// How long to wait for an output between two looks.
const LONG: Duration = Duration::from_secs(60);

/// An output of this process for what it says itself. Where somebody has set the descriptor not to
/// wait, this waits all the same.
pub struct Patient(Box<dyn StdoutStream>);

impl Patient {
    /// Standard output.
    pub fn stdout() -> Patient {
        Patient(Box::new(limpid::wasi::stdout()))
    }

    /// Standard error output.
    pub fn stderr() -> Patient {
        Patient(Box::new(limpid::wasi::stderr()))
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.0.ready(LONG),
                written => return written,
            };
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
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

/// Ends the process with the signal's own exit code, and an account, when it is to end: when the
/// user interrupts it, when its terminal is gone, when it is told to. A signal that whoever
/// started this process had it ignore stays ignored.
#[cfg(unix)]
pub fn end_on_signals() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    let ignored = ignored_signals();
    let heeded = [SIGHUP, SIGINT, SIGTERM]
        .into_iter()
        .filter(|signal| ignored >> (signal - 1) & 1 == 0);
    // Without this, the signal ends the process as well, and a shell sees the same code.
    let Ok(mut signals) = Signals::new(heeded) else {
        return;
    };
    let thread = std::thread::Builder::new().name("signals".into());
    let _ = thread.spawn(move || {
        if let Some(signal) = signals.forever().next() {
            account::leave(Status::Interrupted, SIGNALLED + signal as u8);
        }
    });
}

/// The signals that this process was started to ignore, as bits from that of signal 1 on; none
/// where the system does not tell.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// The system's own way is kept.
#[cfg(not(unix))]
pub fn end_on_signals() {}
