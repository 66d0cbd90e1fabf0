//! What the screen of `limpid validate --step` shows and what its keys do. Knows of no terminal:
//! `draw` shows it, and this folder's `mod.rs` passes the keys on.

use super::super::super::terminal::key::Key;
use super::super::super::terminal::prompt::{Prompt, Written};
use super::super::record::Described;
use super::super::view::View;
use limpid::observe::display;
use limpid::observe::validation::{Place, Sequence};

/// What a key does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    Next,
    Back,
    NextPart,
    PreviousPart,
    Goto,
    Error,
    Search,
    NextMatch,
    PreviousMatch,
    Pane,
    PaneBack,
    Up,
    Down,
    Help,
    Quit,
}

/// The keys of each act, what the help calls them, and what the act does. An act without a text is
/// described with the one before it.
const KEYS: [(Act, &[Key], &str, &str); 15] = {
    use Key::Letter as L;
    [
        (
            Act::Next,
            &[Key::Right, L('l'), L('s')],
            "Right, l",
            "validate the next instruction",
        ),
        (
            Act::Back,
            &[Key::Left, L('h')],
            "Left, h",
            "go back by one instruction",
        ),
        (
            Act::NextPart,
            &[L('n')],
            "n, N",
            "begin the next or the previous function or constant expression",
        ),
        (Act::PreviousPart, &[L('N')], "", ""),
        (
            Act::Goto,
            &[L('g')],
            "g",
            "go to the state after so many instructions; start and end are known, too",
        ),
        (
            Act::Error,
            &[L('e')],
            "e",
            "go to the error, or to the end of what is valid",
        ),
        (
            Act::Search,
            &[L('/')],
            "/",
            "search for the next instruction that contains a text",
        ),
        (
            Act::NextMatch,
            &[L(']')],
            "], [",
            "go to the next or the previous match",
        ),
        (Act::PreviousMatch, &[L('[')], "", ""),
        (
            Act::Pane,
            &[Key::Tab],
            "Tab",
            "choose the pane that PageUp and PageDown scroll",
        ),
        (Act::PaneBack, &[Key::BackTab], "", ""),
        (Act::Up, &[Key::PageUp], "", ""),
        (Act::Down, &[Key::PageDown], "", ""),
        (Act::Help, &[L('?')], "?", "show the keys"),
        (Act::Quit, &[L('q')], "q", "leave"),
    ]
};

/// The rows of the help: keys and what they do.
pub fn help() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = KEYS.iter().map(|(_, _, keys, text)| (*keys, *text));
    rows.filter(|(keys, _)| !keys.is_empty())
}

/// A pane that can be scrolled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pane {
    Stack,
    Control,
    Locals,
    /// The rules, or the card of the error.
    Below,
}

const PANES: [Pane; 4] = [Pane::Stack, Pane::Control, Pane::Locals, Pane::Below];

/// What is to happen after a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum After {
    /// The screen is drawn again.
    Draw,
    Quit,
}

/// The state of the screen.
pub struct App<'a> {
    described: &'a Described<'a>,
    sequences: Vec<Sequence<'a>>,
    /// Which of them is shown.
    part: usize,
    pub view: View<'a>,
    pub pane: Pane,
    /// Lines of that pane that are scrolled past.
    pub scroll: usize,
    /// What was said last, other than what the last step did.
    pub message: Option<String>,
    pub prompt: Option<Prompt<Act>>,
    pub is_help: bool,
    searched: String,
}

impl<'a> App<'a> {
    /// The screen of instruction sequences, at the start of one of them; `None` when that one
    /// cannot be begun.
    pub fn new(
        described: &'a Described<'a>,
        sequences: Vec<Sequence<'a>>,
        first: Place,
    ) -> Option<App<'a>> {
        let part = sequences.iter().position(|it| it.place == first)?;
        Some(App {
            view: View::new(described, sequences[part].clone())?,
            described,
            sequences,
            part,
            pane: Pane::Stack,
            scroll: 0,
            message: None,
            prompt: None,
            is_help: false,
            searched: String::new(),
        })
    }

    /// Which of how many sequences is shown, from 1.
    pub fn part(&self) -> (usize, usize) {
        (self.part + 1, self.sequences.len())
    }

    /// Does what the keys ask for that have come since the screen was drawn last. A key that is
    /// held down counts once, so that nothing is left to do when it is let go; letters of a line
    /// that is written count all.
    pub fn press_all(&mut self, keys: &[Key]) -> After {
        let mut before = None;
        for key in keys {
            if self.prompt.is_none() && before == Some(key) {
                continue;
            }
            before = Some(key);
            if self.press(*key) == After::Quit {
                return After::Quit;
            }
        }
        After::Draw
    }

    /// Does what a key asks for.
    pub fn press(&mut self, key: Key) -> After {
        if self.is_help {
            self.is_help = false;
            return After::Draw;
        }
        if self.prompt.is_some() {
            self.write(key);
            return After::Draw;
        }
        self.message = None;
        let act = KEYS.iter().find(|(_, keys, ..)| keys.contains(&key));
        match (act, key) {
            (Some((Act::Quit, ..)), _) => return After::Quit,
            (Some((act, ..)), _) => self.act(*act),
            (None, Key::Letter(letter)) => {
                let letter = display::name(letter.encode_utf8(&mut [0; 4])).into_owned();
                self.message = Some(format!(
                    "The key {letter} has no meaning; ? shows the keys."
                ));
            }
            (None, _) => {}
        }
        After::Draw
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Next => {
                if !self.view.next() {
                    self.message = self.why_not();
                }
                self.scroll = 0;
            }
            Act::Back => {
                if !self.view.previous() {
                    self.message = Some("This is the start.".into());
                }
                self.scroll = 0;
            }
            Act::NextPart => self.begin(true),
            Act::PreviousPart => self.begin(false),
            Act::Goto => self.ask(act, "Go to the state after so many instructions:"),
            Act::Error => self.goto(self.view.len() + 1),
            Act::Search => self.ask(act, "Search for the next instruction with:"),
            Act::NextMatch => self.search(true),
            Act::PreviousMatch => self.search(false),
            Act::Pane => self.turn(1),
            Act::PaneBack => self.turn(PANES.len() - 1),
            Act::Up => self.scroll = self.scroll.saturating_sub(LINES),
            Act::Down => self.scroll += LINES,
            Act::Help => self.is_help = true,
            Act::Quit => {} // It was met before.
        }
    }

    /// Why no instruction follows. An error that was met now is seen.
    fn why_not(&self) -> Option<String> {
        match self.view.is_at_error() {
            true => None,
            false => Some("Validation has ended here; n begins the next part.".into()),
        }
    }

    fn goto(&mut self, position: usize) {
        self.view.goto(position);
        self.scroll = 0;
    }

    /// Begins the next or the previous sequence that can be begun.
    fn begin(&mut self, forwards: bool) {
        let mut part = self.part;
        loop {
            let next = match forwards {
                true => part.checked_add(1).filter(|it| *it < self.sequences.len()),
                false => part.checked_sub(1),
            };
            let Some(next) = next else {
                let end = if forwards { "last" } else { "first" };
                self.message = Some(format!("This is the {end} part of the module."));
                return;
            };
            part = next;
            if let Some(view) = View::new(self.described, self.sequences[part].clone()) {
                (self.view, self.part, self.scroll) = (view, part, 0);
                return;
            }
        }
    }

    fn search(&mut self, forwards: bool) {
        if self.searched.is_empty() {
            self.message = Some("Nothing is searched for: / asks for a text.".into());
            return;
        }
        let found = self.view.find(&self.searched, forwards);
        let text = display::name(&self.searched).into_owned();
        let Some(number) = found else {
            let way = if forwards {
                "follows"
            } else {
                "is before this one"
            };
            self.message = Some(format!("No instruction with `{text}` {way}."));
            return;
        };
        self.goto(number);
        if self.view.position() < number {
            self.message = Some(format!("Validation fails before `{text}` is found."));
        }
    }

    fn ask(&mut self, act: Act, ask: &str) {
        let (ask, text) = (ask.to_owned(), String::new());
        self.prompt = Some(Prompt { act, ask, text });
    }

    /// Takes a key for the line that the user writes.
    fn write(&mut self, key: Key) {
        match self.prompt.take().map(|prompt| prompt.press(key)) {
            Some(Written::More(prompt)) => self.prompt = Some(prompt),
            Some(Written::Done(act, text)) => self.answered(act, &text),
            Some(Written::Left) | None => {}
        }
    }

    /// The user has written a line.
    fn answered(&mut self, act: Act, text: &str) {
        if act == Act::Search {
            text.clone_into(&mut self.searched);
            return self.search(true);
        }
        match (text, text.parse()) {
            ("start", _) => self.goto(0),
            ("end", _) => self.goto(self.view.len() + 1),
            (_, Ok(position)) => self.goto(position),
            (_, Err(_)) => {
                self.message = Some("Give a number of instructions, or start or end.".into());
            }
        }
    }

    /// Chooses the pane that comes so many places later.
    fn turn(&mut self, places: usize) {
        let at = PANES.iter().position(|pane| *pane == self.pane);
        self.pane = PANES[(at.unwrap_or(0) + places) % PANES.len()];
        self.scroll = 0;
    }
}

/// How many lines a pane is scrolled by.
const LINES: usize = 4;
