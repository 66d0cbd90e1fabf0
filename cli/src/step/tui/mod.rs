//! The screen: the terminal, its keys, and how a long motion is watched.

mod app;
mod draw;
#[cfg(test)]
mod picture;
#[cfg(test)]
mod tests;

use super::super::outcome::Failure;
use super::super::terminal;
use super::super::terminal::key::{Key, key};
use super::maker::Maker;
use super::session::Session;
use app::{After, App};
use ratatui::DefaultTerminal;
use ratatui::crossterm::cursor::MoveTo;
use ratatui::crossterm::event;
use ratatui::crossterm::execute;
use ratatui::crossterm::style::Print;
use ratatui::crossterm::terminal::{Clear, ClearType, size};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A motion shows how far it has come after this time, and then as often.
const PATIENCE: Duration = Duration::from_millis(150);

/// Shows a run and does what the keys ask for, until the user leaves.
///
/// # Errors
/// When the terminal cannot be used.
pub fn show(maker: &Maker<'_>, session: Session) -> Result<(), Failure> {
    let mut app = App::new(maker, session);
    app.look_at_first_memory();
    terminal::on_screen(|screen| keep_showing(&mut app, screen))
}

fn keep_showing(app: &mut App<'_>, screen: &mut DefaultTerminal) -> io::Result<()> {
    let motion = watch(&mut app.session);
    loop {
        if motion.take_drawn() {
            screen.clear()?;
        }
        screen.draw(|frame| draw::draw(frame, app))?;
        let pressed = terminal::keys()?;
        motion.begin();
        match app.press_all(&pressed) {
            After::Draw => {}
            After::Quit => return Ok(()),
            After::Edit => {
                ratatui::restore();
                app.edit();
                *screen = ratatui::try_init()?;
                motion.attach(&mut app.session);
            }
        }
    }
}

/// A motion that is watched.
#[derive(Clone)]
struct Motion(Arc<Mutex<Watched>>);

struct Watched {
    /// When it began, or showed how far it had come.
    since: Instant,
    /// Whether it has written on the screen.
    is_drawn: bool,
}

fn watch(session: &mut Session) -> Motion {
    let motion = Motion(Arc::new(Mutex::new(Watched {
        since: Instant::now(),
        is_drawn: false,
    })));
    motion.attach(session);
    motion
}

impl Motion {
    /// Watches the motions of a run.
    fn attach(&self, session: &mut Session) {
        let motion = self.clone();
        session
            .machine()
            .watch_progress(move |time| motion.has_come_to(time));
        let motion = self.clone();
        session.input().ask_by(move || motion.ask_for_line());
    }

    fn begin(&self) {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.since = Instant::now();
    }

    fn take_drawn(&self) -> bool {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut watched.is_drawn)
    }

    /// Asks for a line that the guest reads; `None` ends its input.
    fn ask_for_line(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_drawn = true;
        let mut line = String::new();
        loop {
            let text = format!(" the guest reads a line (Esc ends its input): {line}");
            last_row(&text);
            // A terminal that is gone has no more lines.
            match key(&event::read().ok()?) {
                Some(Key::Enter) => return Some(line),
                Some(Key::Escape) => return None,
                Some(Key::Backspace) => drop(line.pop()),
                Some(Key::Letter(letter)) => line.push(letter),
                _ => {} // No other key writes.
            }
        }
    }

    /// Shows how far a motion has come, and returns whether it goes on.
    fn has_come_to(&self, time: u64) -> bool {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.since.elapsed() < PATIENCE {
            return true;
        }
        watched.since = Instant::now();
        watched.is_drawn = true;
        last_row(&format!(" step {time}: Esc ends the motion here"));
        while let Ok(true) = event::poll(Duration::ZERO) {
            let key = event::read().ok().and_then(|event| key(&event));
            if matches!(key, Some(Key::Escape | Key::Letter('q'))) {
                return false;
            }
        }
        true
    }
}

/// Writes on the last row of the screen. What cannot be shown does not matter.
fn last_row(text: &str) {
    let row = size().map_or(0, |(_, rows)| rows.saturating_sub(1));
    let _ = execute!(
        io::stdout(),
        MoveTo(0, row),
        Clear(ClearType::CurrentLine),
        Print(text)
    );
}
