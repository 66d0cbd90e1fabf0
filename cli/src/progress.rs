//! A line on the terminal about what takes more than a second. Nothing where standard error is no
//! terminal.

use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long nothing is said.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the line is written anew.
const TICK: Duration = Duration::from_millis(200);

/// Something that is under way; over when this is dropped.
#[derive(Debug)]
pub struct Progress(Option<(Sender<String>, JoinHandle<()>)>);

impl Progress {
    /// Begins.
    pub fn new(what: impl Into<String>) -> Progress {
        match stderr().is_terminal() {
            true => Progress::on(stderr(), what.into(), PATIENCE),
            false => Progress(None),
        }
    }

    fn on(screen: impl Write + Send + 'static, what: String, patience: Duration) -> Progress {
        let (sender, news) = channel();
        let thread = std::thread::Builder::new().name("progress".into());
        let started = thread.spawn(move || {
            let begun = Instant::now();
            let (mut screen, mut what, mut shown) = (screen, what, false);
            loop {
                let pause = if shown { TICK } else { patience };
                match news.recv_timeout(pause) {
                    Ok(next) => {
                        what = next;
                        if !shown && begun.elapsed() < patience {
                            continue;
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                shown = true;
                let seconds = begun.elapsed().as_secs();
                // Nobody can be told that nobody can be told.
                let _ = write!(screen, "\r\x1b[K{what} ({seconds} s)");
                let _ = screen.flush();
            }
            if shown {
                let _ = write!(screen, "\r\x1b[K");
                let _ = screen.flush();
            }
        });
        Progress(started.ok().map(|thread| (sender, thread)))
    }

    /// Says what is done now.
    pub fn say(&self, what: impl FnOnce() -> String) {
        if let Some((sender, _)) = &self.0 {
            // The thread ends only after this.
            let _ = sender.send(what());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.0.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut screen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            screen.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn check(patience: Duration, expected: &str) {
        let screen = Screen::default();
        let progress = Progress::on(screen.clone(), "loading".into(), patience);
        if patience.is_zero() {
            // Until the first line is there.
            while screen.0.lock().is_ok_and(|screen| screen.is_empty()) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        drop(progress);
        let screen = screen.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&screen);
        assert_eq!(text.split(' ').next(), Some(expected));
        assert!(text.is_empty() || text.ends_with("\r\x1b[K"));
    }

    #[test]
    fn what_takes_long_is_said_and_wiped_away() {
        check(Duration::ZERO, "\r\x1b[Kloading");
        check(Duration::from_secs(1000), "");
    }
}
