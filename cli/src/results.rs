//! The way of results to standard output, with colours only where they are wanted. Nobody reading
//! them any more is no reason to complain.

use super::exit;
use super::outcome::{FAILED, Status};
use super::patient::Patient;
use super::screen::{ERROR, note, styled};
use anstream::AutoStream;
use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, Write};

/// Bytes of results that are written to the system together.
pub const BUFFER: usize = 1 << 16;

/// Results, written together. The buffer lies inside the stream that strips colours: that stream
/// passes a styled line on in pieces, and each piece would be a write of its own.
pub struct Results {
    output: AutoStream<Box<dyn Write>>,
    /// The exit code when nobody reads them to the end.
    unread: u8,
}

impl Results {
    /// Takes standard output.
    pub fn new() -> Results {
        Results::to(Patient::stdout(), AutoStream::choice(&io::stdout()))
    }

    /// The same for results that are verdicts: a process that could not give them all has failed.
    pub fn of_test() -> Results {
        let mut results = Results::new();
        results.unread = FAILED;
        results
    }

    fn to(output: impl Write + 'static, choice: anstream::ColorChoice) -> Results {
        let buffered: Box<dyn Write> = Box::new(BufWriter::with_capacity(BUFFER, output));
        Results {
            output: AutoStream::new(buffered, choice),
            unread: 0,
        }
    }

    /// Writes a line.
    pub fn line(&mut self, line: impl Display) {
        quietly(writeln!(self.output, "{line}"), self.unread);
    }

    /// Writes text that a line follows, and passes everything on: somebody reads it and answers.
    pub fn prompt(&mut self, text: impl Display) {
        let written = write!(self.output, "{text}").and_then(|()| self.output.flush());
        quietly(written, self.unread);
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        quietly(self.output.flush(), self.unread);
    }
}

/// Ends the process, with the exit code given, when nobody reads any more; tells any other failure.
pub fn quietly(written: io::Result<()>, unread: u8) {
    let Err(error) = written else {
        return;
    };
    if error.kind() == ErrorKind::BrokenPipe {
        exit::leave(Status::PipeClosed, unread);
    }
    note(format_args!("{}: {error}", styled(ERROR, "error")));
    exit::leave(Status::Error, FAILED);
}

#[cfg(test)]
mod tests {
    use super::super::screen::{DIM, NAME};
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::sync::{Arc, Mutex};

    /// Counts the writes that reach the system.
    #[derive(Clone, Default)]
    struct Counted(Arc<AtomicUsize>, Arc<Mutex<Vec<u8>>>);

    impl Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.fetch_add(1, Relaxed);
            let mut all = self
                .1
                .lock()
                .map_err(|error| io::Error::other(error.to_string()))?;
            all.extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Lines of results: how many writes they take, and how many bytes.
    fn check(choice: anstream::ColorChoice, colored: bool) {
        let counted = Counted::default();
        let mut results = Results::to(counted.clone(), choice);
        for number in 0..20_000 {
            let (margin, name) = (styled(DIM, number), styled(NAME, "name"));
            results.line(format_args!("  {margin} {name} and more"));
        }
        drop(results);
        let text = counted
            .1
            .lock()
            .map(|text| text.clone())
            .unwrap_or_default();
        assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 20_000);
        assert_eq!(text.contains(&0x1B), colored);
        let writes = counted.0.load(Relaxed);
        let most = text.len() / (BUFFER / 2) + 1;
        assert!(writes <= most, "{writes} writes of {} bytes", text.len());
    }

    #[test]
    fn results_reach_the_system_in_large_pieces() {
        check(anstream::ColorChoice::Never, false);
        check(anstream::ColorChoice::AlwaysAnsi, true);
    }
}
