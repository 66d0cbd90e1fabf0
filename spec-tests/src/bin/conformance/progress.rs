//! A line of progress on a terminal, nothing elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How far the runs are.
pub struct Progress {
    all: usize,
    done: AtomicUsize,
    shown: bool,
}

impl Progress {
    pub fn new(all: usize) -> Progress {
        let shown = stderr().is_terminal();
        Progress {
            all,
            done: AtomicUsize::new(0),
            shown,
        }
    }

    /// One more is done.
    pub fn step(&self, what: &str) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.shown {
            // A terminal that went away loses its progress only.
            let _ = write!(stderr(), "\r\x1b[K{done} of {}  {what:.60}", self.all);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
