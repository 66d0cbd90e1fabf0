//! The screens of this program: the terminal while one is shown, and its keys.

pub mod key;
pub mod prompt;
pub mod widgets;

use super::outcome::Failure;
use super::signals;
use anstream::AutoStream;
use key::{Key, key};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event;
use ratatui::crossterm::style::force_color_output;
use std::io;
use std::time::Duration;

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
