//! What a guest reads from its standard input while it is stepped through: lines that the user
//! gives beforehand, or when the guest reads.

use limpid::wasi::StdinStream;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Asks the user for a line; `None` ends the input.
type Ask = Box<dyn FnMut() -> Option<String> + Send>;

/// The input. Clones are the same input.
#[derive(Clone, Default)]
pub struct Input(Arc<Mutex<Lines>>);

#[derive(Default)]
struct Lines {
    bytes: VecDeque<u8>,
    /// Asks for more, where somebody can be asked.
    ask: Option<Ask>,
    /// Whether the guest has read past the last line, and nobody was told.
    is_short: bool,
    /// Whether the user has ended the input.
    is_ended: bool,
}

impl Lines {
    fn add(&mut self, line: &str) {
        self.bytes.extend(line.as_bytes());
        self.bytes.push_back(b'\n');
    }
}

impl Input {
    /// Adds a line.
    pub fn add(&self, line: &str) {
        self.lines().add(line);
    }

    /// Has the user asked for a line whenever the guest reads and none is left.
    pub fn ask_by(&self, ask: impl FnMut() -> Option<String> + Send + 'static) {
        self.lines().ask = Some(Box::new(ask));
    }

    /// Whether the guest has read past the last line since this was asked before.
    pub fn take_short(&self) -> bool {
        std::mem::take(&mut self.lines().is_short)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StdinStream for Input {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let lines = &mut *self.lines();
        if lines.bytes.is_empty() && !lines.is_ended {
            match lines.ask.as_mut().map(|ask| ask()) {
                Some(Some(line)) => lines.add(&line),
                Some(None) => lines.is_ended = true,
                None => lines.is_short = true,
            }
        }
        let count = buffer.len().min(lines.bytes.len());
        for (byte, given) in buffer.iter_mut().zip(lines.bytes.drain(..count)) {
            *byte = given;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &Input) -> String {
        let mut buffer = [0; 4];
        let count = input.read(&mut buffer).expect("no source that fails");
        String::from_utf8_lossy(&buffer[..count]).into_owned()
    }

    #[test]
    fn lines_are_read_in_pieces_and_then_the_user_is_asked() {
        let input = Input::default();
        input.add("abcde");
        assert_eq!((read(&input), read(&input)), ("abcd".into(), "e\n".into()));
        assert_eq!(read(&input), "");
        assert!(input.take_short() && !input.take_short());
        let mut answers = vec![None, Some("f".to_owned())];
        input.ask_by(move || answers.pop().expect("asked no more once it has ended"));
        assert_eq!(read(&input), "f\n");
        assert_eq!(read(&input), "");
        assert_eq!(read(&input), "");
    }
}
