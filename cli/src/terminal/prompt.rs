//! A line that the user writes at the foot of a screen.

use super::key::Key;

/// The line, and what it is for.
#[derive(Clone, Debug)]
pub struct Prompt<A> {
    pub act: A,
    /// What is asked for.
    pub ask: String,
    pub text: String,
}

/// What has become of a line after a key.
pub enum Written<A> {
    /// The user goes on writing.
    More(Prompt<A>),
    /// The line is written.
    Done(A, String),
    /// The user has given it up.
    Left,
}

impl<A> Prompt<A> {
    /// Takes a key.
    pub fn press(mut self, key: Key) -> Written<A> {
        match key {
            Key::Letter(letter) => self.text.push(letter),
            Key::Backspace => drop(self.text.pop()),
            Key::Escape => return Written::Left,
            Key::Enter => return Written::Done(self.act, self.text.trim().to_owned()),
            Key::Left
            | Key::Right
            | Key::Up
            | Key::Down
            | Key::Tab
            | Key::BackTab
            | Key::PageUp
            | Key::PageDown => {}
        }
        Written::More(self)
    }
}
