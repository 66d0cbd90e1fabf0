//! The keys that have a meaning on a screen.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

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
