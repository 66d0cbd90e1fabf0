//! The screen: the terminal, its keys, and how a long motion is watched.

mod app;
mod draw;
#[cfg(test)]
mod picture;
#[cfg(test)]
mod tests;

use super::super::outcome::Failure;
use super::super::signals;
use super::maker::Maker;
use super::session::Session;
use anstream::AutoStream;
use app::{After, App, Key};
use ratatui::DefaultTerminal;
use ratatui::crossterm::cursor::MoveTo;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::style::{Print, force_color_output};
use ratatui::crossterm::terminal::{self, ClearType};
use ratatui::crossterm::{execute, terminal::Clear};
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
    let failed = |error: io::Error| Failure::failed(format!("the terminal: {error}"));
    let is_plain = AutoStream::choice(&io::stdout()) == anstream::ColorChoice::Never;
    force_color_output(!is_plain);
    let mut terminal = ratatui::try_init().map_err(failed)?;
    signals::before_end(ratatui::restore);
    signals::end_on_signals();
    let shown = keep_showing(&mut app, &mut terminal);
    ratatui::restore();
    shown.map_err(failed)
}

fn keep_showing(app: &mut App<'_>, terminal: &mut DefaultTerminal) -> io::Result<()> {
    let motion = watch(&mut app.session);
    loop {
        if motion.take_drawn() {
            terminal.clear()?;
        }
        terminal.draw(|frame| draw::draw(frame, app))?;
        let pressed = keys()?;
        motion.begin();
        match app.press_all(&pressed) {
            After::Draw => {}
            After::Quit => return Ok(()),
            After::Edit => {
                ratatui::restore();
                app.edit();
                *terminal = ratatui::try_init()?;
                motion.attach(&mut app.session);
            }
        }
    }
}

/// Waits for keys, and takes all that have come.
fn keys() -> io::Result<Vec<Key>> {
    let mut keys: Vec<Key> = Vec::new();
    let mut event = event::read()?;
    loop {
        if let Event::Key(pressed) = event
            && let Some(key) = key(pressed)
        {
            keys.push(key);
        }
        if !event::poll(Duration::ZERO)? {
            return Ok(keys);
        }
        event = event::read()?;
    }
}

fn key(pressed: KeyEvent) -> Option<Key> {
    if pressed.kind == KeyEventKind::Release {
        return None;
    }
    let control = pressed.modifiers.contains(KeyModifiers::CONTROL);
    Some(match pressed.code {
        KeyCode::Char('c') if control => Key::Verb("q".to_owned()),
        KeyCode::Char(_) if control => return None,
        KeyCode::Char(letter) => Key::Verb(letter.to_string()),
        KeyCode::Left => Key::Verb("left".to_owned()),
        KeyCode::Right => Key::Verb("right".to_owned()),
        KeyCode::Tab => Key::Verb("tab".to_owned()),
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        _ => return None, // No other key has a meaning.
    })
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
    }

    fn begin(&self) {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.since = Instant::now();
    }

    fn take_drawn(&self) -> bool {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut watched.is_drawn)
    }

    /// Shows how far a motion has come, and returns whether it goes on.
    fn has_come_to(&self, time: u64) -> bool {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.since.elapsed() < PATIENCE {
            return true;
        }
        watched.since = Instant::now();
        watched.is_drawn = true;
        let row = terminal::size().map_or(0, |(_, rows)| rows.saturating_sub(1));
        let text = format!(" step {time}: Esc ends the motion here");
        // A motion that cannot be shown still goes on.
        let _ = execute!(
            io::stdout(),
            MoveTo(0, row),
            Clear(ClearType::CurrentLine),
            Print(text)
        );
        while let Ok(true) = event::poll(Duration::ZERO) {
            if let Ok(Event::Key(pressed)) = event::read() {
                let control = pressed.modifiers.contains(KeyModifiers::CONTROL);
                let ends =
                    pressed.code == KeyCode::Esc || (control && pressed.code == KeyCode::Char('c'));
                if ends {
                    return false;
                }
            }
        }
        true
    }
}
