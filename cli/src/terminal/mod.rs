//! The screens of this program: the terminal while one is shown, and its keys.

pub mod prompt;
pub mod widgets;

use super::outcome::Failure;
use super::signals;
use anstream::AutoStream;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::style::force_color_output;
use std::io;
use std::time::Duration;

/// A key that has a meaning on a screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    Letter(char),
    Left,
    Right,
    Up,
    Down,
    Tab,
    BackTab,
    PageUp,
    PageDown,
    Enter,
    Escape,
    Backspace,
}

/// Shows a screen until `show` returns. The terminal is as it was afterwards, after a signal too.
///
/// # Errors
/// When the terminal cannot be used.
pub fn on_screen(show: impl FnOnce(&mut DefaultTerminal) -> io::Result<()>) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::failed(format!("the terminal: {error}"));
    let is_plain = AutoStream::choice(&io::stdout()) == anstream::ColorChoice::Never;
    force_color_output(!is_plain);
    let mut terminal = ratatui::try_init().map_err(failed)?;
    signals::before_end(ratatui::restore);
    signals::end_on_signals();
    let shown = show(&mut terminal);
    ratatui::restore();
    shown.map_err(failed)
}

/// Waits for keys, and takes all that have come.
pub fn keys() -> io::Result<Vec<Key>> {
    let mut keys: Vec<Key> = Vec::new();
    let mut event = event::read()?;
    loop {
        keys.extend(key(&event));
        if !event::poll(Duration::ZERO)? {
            return Ok(keys);
        }
        event = event::read()?;
    }
}

/// The key of an event. Control with C is `q`, which leaves every screen.
pub fn key(event: &Event) -> Option<Key> {
    let Event::Key(KeyEvent {
        code,
        kind,
        modifiers,
        ..
    }) = *event
    else {
        return None;
    };
    let control = modifiers.contains(KeyModifiers::CONTROL);
    Some(match code {
        _ if kind == KeyEventKind::Release => return None,
        KeyCode::Char('c') if control => Key::Letter('q'),
        KeyCode::Char(_) if control => return None,
        KeyCode::Char(letter) => Key::Letter(letter),
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
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

/// Keys by their names, with spaces between: a letter is its own.
#[cfg(test)]
pub fn named(text: &str) -> Vec<Key> {
    let key = |word: &str| match word {
        "left" => Key::Left,
        "right" => Key::Right,
        "up" => Key::Up,
        "down" => Key::Down,
        "tab" => Key::Tab,
        "backtab" => Key::BackTab,
        "pageup" => Key::PageUp,
        "pagedown" => Key::PageDown,
        "enter" => Key::Enter,
        "escape" => Key::Escape,
        "backspace" => Key::Backspace,
        word => {
            let mut letters = word.chars();
            match (letters.next(), letters.next()) {
                (Some(letter), None) => Key::Letter(letter),
                _ => panic!("`{word}` is no key"),
            }
        }
    };
    text.split_whitespace().map(key).collect()
}
