//! The screen of `limpid validate --step`: the terminal and its keys.

mod app;
mod draw;
#[cfg(test)]
mod tests;

use super::super::outcome::Failure;
use super::super::terminal;
use super::record::Described;
use app::{After, App};
use limpid::observe::validation::{Place, Sequence};

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
    terminal::on_screen(|screen| {
        loop {
            screen.draw(|frame| draw::draw(frame, &app))?;
            if app.press_all(&terminal::keys()?) == After::Quit {
                return Ok(());
            }
        }
    })
}
