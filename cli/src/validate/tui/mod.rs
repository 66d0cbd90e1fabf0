//! The screen of `limpid validate --step`: the terminal and its keys.

mod app;
mod draw;
#[cfg(test)]
mod tests;

use super::super::outcome::Failure;
use super::super::signals;
use super::record::Described;
use anstream::AutoStream;
use app::{After, App, Key};
use limpid::observe::validation::{Place, Sequence};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::style::force_color_output;
use std::io;
use std::time::Duration;

/// Shows the validation of instruction sequences, beginning with that of one place, until the user
/// leaves. Nothing is shown when that one cannot be begun.
///
/// # Errors
/// When the terminal cannot be used.
pub fn show<'a>(
    described: &'a Described<'a>,
    sequences: Vec<Sequence<'a>>,
    first: Place,
) -> Result<(), Failure> {
    let Some(mut app) = App::new(described, sequences, first) else {
        return Ok(());
    };
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
    loop {
        terminal.draw(|frame| draw::draw(frame, app))?;
        if app.press_all(&keys()?) == After::Quit {
            return Ok(());
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
        KeyCode::Char('c') if control => Key::Letter('q'),
        KeyCode::Char(_) if control => return None,
        KeyCode::Char(letter) => Key::Letter(letter),
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        _ => return None, // No other key has a meaning.
    })
}
