//! A line on the terminal about what takes more than a second. Nothing where standard error is no
//! terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt;
use std::io::{IsTerminal, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long nothing is said.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the line is written anew.
const TICK: Duration = Duration::from_millis(200);

/// Something that is under way; over when this is dropped.
#[derive(Debug)]
pub struct Progress(Option<Line>);

#[derive(Debug)]
struct Line {
    bar: ProgressBar,
    /// The thread that shows the line when patience is at an end, and what tells it to give up.
    shows: (Sender<()>, JoinHandle<()>),
}

impl Progress {
    /// Begins.
    pub fn new(what: impl Into<String>) -> Progress {
        match stderr().is_terminal() {
            true => Progress::on(ProgressDrawTarget::stderr(), what.into(), PATIENCE),
            false => Progress(None),
        }
    }

    fn on(screen: ProgressDrawTarget, what: String, patience: Duration) -> Progress {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
            .with_style(style())
            .with_message(what);
        let (sender, over) = channel();
        let shown = bar.clone();
        let thread = std::thread::Builder::new().name("progress".into());
        let started = thread.spawn(move || {
            if over.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(screen);
                shown.enable_steady_tick(TICK);
            }
        });
        Progress(started.ok().map(|thread| Line {
            bar,
            shows: (sender, thread),
        }))
    }

    /// Says what is done now.
    pub fn say(&self, what: impl FnOnce() -> String) {
        if let Some(line) = &self.0 {
            line.bar.set_message(what());
        }
    }
}

/// What is done, and for how long.
fn style() -> ProgressStyle {
    let seconds = |state: &ProgressState, text: &mut dyn fmt::Write| {
        // Nobody can be told that nobody can be told.
        let _ = write!(text, "{}", state.elapsed().as_secs());
    };
    let style = ProgressStyle::with_template("{msg} ({seconds} s)");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
    style.with_key("seconds", seconds)
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(Line { bar, shows }) = self.0.take() {
            let (sender, thread) = shows;
            drop(sender);
            let _ = thread.join();
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::InMemoryTerm;

    fn check(patience: Duration, expected: &str) {
        let screen = InMemoryTerm::new(3, 40);
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let progress = Progress::on(target, "loading".into(), patience);
        progress.say(|| "running".into());
        if patience.is_zero() {
            // Until the line is there.
            while screen.contents().is_empty() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        assert_eq!(screen.contents(), expected);
        drop(progress);
        assert_eq!(screen.contents(), "");
    }

    #[test]
    fn what_takes_long_is_said_and_wiped_away() {
        check(Duration::ZERO, "running (0 s)");
        check(Duration::from_secs(1000), "");
    }
}
