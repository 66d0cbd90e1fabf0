//! The outputs of this process for what it says itself.

use limpid::wasi::StdoutStream;
use std::io::{self, ErrorKind, Write};
use std::time::Duration;

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
