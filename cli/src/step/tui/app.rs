//! What the screen shows and what its keys do. Knows of no terminal: `draw` shows it, and this
//! folder's `mod.rs` passes the keys on.

use super::super::super::outcome::Failure;
use super::super::super::terminal::key::Key;
use super::super::super::terminal::prompt::{Prompt, Written};
use super::super::maker::Maker;
use super::super::places::{self, Way};
use super::super::plain::{bookmark, sentence, stop, why};
use super::super::predict::Question;
use super::super::session::{Motion, Session};
use super::super::verbs::{self, Act};
use super::super::{export, model};
use limpid::internals::runtime::MemAddr;

/// A pane that can be shown in the corner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Corner {
    Labels,
    Memory,
    Rules,
    Globals,
    Output,
    Frames,
    Threads,
    Tables,
    Heap,
    Registers,
    Timeline,
    Points,
}

impl Corner {
    /// All of them, in the order of the tab key.
    pub const ALL: [Corner; 12] = [
        Corner::Labels,
        Corner::Memory,
        Corner::Rules,
        Corner::Globals,
        Corner::Output,
        Corner::Frames,
        Corner::Threads,
        Corner::Tables,
        Corner::Heap,
        Corner::Registers,
        Corner::Timeline,
        Corner::Points,
    ];

    /// What stands above the pane.
    pub fn title(self) -> &'static str {
        match self {
            Corner::Labels => "labels and handlers",
            Corner::Memory => "memory",
            Corner::Rules => "rules of the last step",
            Corner::Globals => "globals",
            Corner::Output => "output",
            Corner::Frames => "frames",
            Corner::Threads => "threads",
            Corner::Tables => "tables",
            Corner::Heap => "heap",
            Corner::Registers => "register code",
            Corner::Timeline => "timeline",
            Corner::Points => "breakpoints and bookmarks",
        }
    }
}

/// What is to happen after a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum After {
    /// The screen is drawn again.
    Draw,
    /// The user edits the file, without the screen.
    Edit,
    Quit,
}

/// The state of the screen.
pub struct App<'a> {
    pub maker: &'a Maker<'a>,
    pub session: Session,
    /// The pane in the corner.
    pub corner: Corner,
    /// Lines of it that are scrolled past.
    pub scroll: usize,
    /// The operand that is selected, from the top.
    pub selected: usize,
    /// What was said last, other than what the last step did.
    pub message: Option<String>,
    pub prompt: Option<Prompt<Act>>,
    pub is_help: bool,
    question: Option<Question>,
    searched: String,
    /// Where the operand that was asked about comes from.
    follow: Option<u64>,
}

impl<'a> App<'a> {
    /// The screen of a run.
    pub fn new(maker: &'a Maker<'a>, session: Session) -> App<'a> {
        App {
            maker,
            session,
            corner: Corner::Labels,
            scroll: 0,
            selected: 0,
            message: None,
            prompt: None,
            is_help: false,
            question: None,
            searched: String::new(),
            follow: None,
        }
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
            match self.press(key) {
                After::Draw => {}
                // What comes after it was meant for this screen.
                after @ (After::Edit | After::Quit) => return after,
            }
        }
        After::Draw
    }

    /// Does what a key asks for.
    pub fn press(&mut self, key: &Key) -> After {
        if self.is_help {
            self.is_help = false;
            return After::Draw;
        }
        if self.prompt.is_some() {
            self.write(*key);
            return After::Draw;
        }
        let follow = self.follow.take();
        match key {
            Key::Letter(letter) => return self.verb(&letter.to_string()),
            Key::Left => return self.verb("left"),
            Key::Right => return self.verb("right"),
            Key::Tab => return self.verb("tab"),
            Key::Up => self.selected = self.selected.saturating_sub(1),
            Key::Down => {
                let most = self
                    .session
                    .frames()
                    .first()
                    .map_or(0, |frame| frame.operands.len());
                self.selected = (self.selected + 1).min(most.saturating_sub(1));
            }
            Key::PageUp => self.page(false),
            Key::PageDown => self.page(true),
            Key::BackTab => self.turn(Corner::ALL.len() - 1),
            Key::Enter => {
                if let Some(time) = follow {
                    self.go(Motion::Goto(time));
                }
            }
            Key::Escape | Key::Backspace => self.message = None,
        }
        After::Draw
    }

    /// Does what the key of a verb asks for.
    fn verb(&mut self, key: &str) -> After {
        match verbs::of_key(key) {
            Some(Act::Quit) => return After::Quit,
            Some(Act::Edit) => return After::Edit,
            Some(act) => self.act(act),
            None => self.message = Some(format!("The key {key} has no meaning; ? shows the keys.")),
        }
        After::Draw
    }

    fn act(&mut self, act: Act) {
        self.message = None;
        match act {
            Act::Step => self.go(Motion::Step),
            Act::Back => self.go(Motion::Back),
            Act::Over => self.go(Motion::Over),
            Act::OverBack => self.go(Motion::OverBack),
            Act::Out => self.go(Motion::Out),
            Act::OutBack => self.go(Motion::OutBack),
            Act::Resume => self.go(Motion::Resume),
            Act::ReverseResume => self.go(Motion::ReverseResume),
            Act::Goto => self.ask(act, "Go to step (start, end or a number):"),
            Act::Break => self.ask(act, "Break at (a function, line or 0xOFFSET; empty: here):"),
            Act::Watch => self.ask(
                act,
                "Watch (memory ADDR LEN, local N, global N, operand N):",
            ),
            Act::Search => self.ask(act, "Search for the next step with:"),
            Act::Memory => self.ask(act, "Show the memory at address:"),
            Act::Input => self.ask(act, "Let the guest read this line:"),
            Act::Export => self.ask(act, "Write the steps around this one to file:"),
            Act::NextMatch => self.search(Way::Forwards),
            Act::PreviousMatch => self.search(Way::Backwards),
            Act::Why => {
                let told = why(&mut self.session, self.selected, false);
                if let Some((told, time)) = self.told(told) {
                    self.follow = time;
                    let more = if time.is_some() {
                        " Enter goes there."
                    } else {
                        ""
                    };
                    self.message = Some(format!("{told}{more}"));
                }
            }
            Act::Rules => self.show(Corner::Rules),
            Act::Bookmark => self.message = Some(bookmark(&mut self.session)),
            Act::Predict => self.predict(),
            Act::Focus => self.turn(1),
            Act::Help => self.is_help = true,
            Act::Delete
            | Act::Points
            | Act::State
            | Act::Code
            | Act::Stack
            | Act::Labels
            | Act::Frames
            | Act::Threads
            | Act::Locals
            | Act::Globals
            | Act::Tables
            | Act::Heap
            | Act::Registers
            | Act::Timeline
            | Act::Output
            | Act::Edit
            | Act::Quit => {} // These have no key, or were met before.
        }
    }

    /// Moves, and says why the motion ended where that is not plain.
    pub fn go(&mut self, motion: Motion) {
        let was_at_end = self.session.is_at_end();
        let went = self.session.go(motion);
        if let Some(stopped) = self.told(went) {
            self.message = stop(&self.session, stopped, was_at_end);
        }
        self.selected = 0;
    }

    /// The result, or nothing after its failure has become the message.
    fn told<T>(&mut self, result: Result<T, Failure>) -> Option<T> {
        result
            .map_err(|failure| self.message = Some(sentence(failure.text())))
            .ok()
    }

    fn search(&mut self, way: Way) {
        if self.searched.is_empty() {
            self.message = Some("Nothing is searched for: / asks for a text.".to_owned());
            return;
        }
        let text = self.searched.clone();
        let found = places::search(&mut self.session, &text, way);
        if let Some(found) = self.told(found) {
            let text = limpid::observe::display::name(&text);
            self.message = Some(match found {
                true => format!("The next instruction matches `{text}`."),
                false => format!("No step with `{text}` is there."),
            });
        }
    }

    fn predict(&mut self) {
        let question = Question::next(&mut self.session);
        let Some(question) = self.told(question) else {
            return;
        };
        match question {
            Some(question) => {
                self.ask(Act::Predict, &question.ask);
                self.question = Some(question);
            }
            None => self.message = Some("The run has ended.".to_owned()),
        }
    }

    fn ask(&mut self, act: Act, ask: &str) {
        self.prompt = Some(Prompt {
            act,
            ask: ask.to_owned(),
            text: match act {
                Act::Export => export::FILE.to_owned(),
                _ => String::new(), // Nothing is proposed for the others.
            },
        });
    }

    /// Takes a key for the line that the user writes.
    fn write(&mut self, key: Key) {
        match self.prompt.take().map(|prompt| prompt.press(key)) {
            Some(Written::More(prompt)) => self.prompt = Some(prompt),
            Some(Written::Done(act, text)) => self.answered(act, &text),
            Some(Written::Left) => self.question = None,
            None => {}
        }
    }

    /// The user has written a line.
    fn answered(&mut self, act: Act, text: &str) {
        match act {
            Act::Goto => {
                let time = match text {
                    "start" => Some(0),
                    "end" => Some(u64::MAX),
                    _ => places::number(text),
                };
                match time {
                    Some(time) => self.go(Motion::Goto(time)),
                    None => self.message = Some("Give a number of steps.".to_owned()),
                }
            }
            Act::Break => {
                let told = places::toggle_breakpoint(&mut self.session, text);
                self.message = Some(told.unwrap_or_else(|wrong| wrong));
            }
            Act::Watch => {
                let told = places::watch(&mut self.session, text);
                self.message = Some(told.unwrap_or_else(|wrong| wrong));
            }
            Act::Search => {
                text.clone_into(&mut self.searched);
                self.search(Way::Forwards);
            }
            Act::Input => {
                self.session.input().add(text);
                self.message = Some(model::GIVEN.to_owned());
            }
            Act::Memory => match places::number(text) {
                Some(at) => {
                    let memory = self.session.window.0;
                    self.session.look_at(memory, at);
                    self.show(Corner::Memory);
                }
                None => self.message = Some("Give an address, such as 16 or 0x10.".to_owned()),
            },
            Act::Export => {
                let told = export::export(&mut self.session, text);
                if let Some(told) = self.told(told) {
                    self.message = Some(told);
                }
            }
            Act::Predict => {
                if let Some(question) = self.question.take() {
                    let judged = question.judge(text);
                    self.go(Motion::Step);
                    self.message = Some(judged);
                }
            }
            _ => {} // No other verb asks for a line.
        }
    }

    fn show(&mut self, corner: Corner) {
        self.corner = corner;
        self.scroll = 0;
    }

    /// Shows a pane that comes so many places later.
    fn turn(&mut self, places: usize) {
        let all = Corner::ALL;
        let at = all.iter().position(|corner| *corner == self.corner);
        self.show(all[(at.unwrap_or(0) + places) % all.len()]);
    }

    /// Scrolls the corner.
    fn page(&mut self, down: bool) {
        const LINES: usize = 4;
        if self.corner == Corner::Memory {
            let (memory, at) = self.session.window;
            let bytes = (LINES * model::ROW) as u64;
            let to = match down {
                true => at.saturating_add(bytes),
                false => at.saturating_sub(bytes),
            };
            let (state, _) = self.session.machine().state();
            let len = state
                .memories
                .get(memory.index())
                .map_or(0, |memory| memory.byte_len());
            if to < len {
                self.session.look_at(memory, to);
            }
            return;
        }
        self.scroll = match down {
            true => self.scroll + LINES,
            false => self.scroll.saturating_sub(LINES),
        };
    }

    /// The user edits the file; the screen is given up meanwhile.
    pub fn edit(&mut self) {
        let told = self.maker.edit(&mut self.session);
        if let Some(told) = self.told(told) {
            self.message = Some(told);
        }
    }

    /// The memory of the module that runs first is shown first.
    pub fn look_at_first_memory(&mut self) {
        let place = self.session.place();
        let memory = place.and_then(|place| {
            self.session
                .known(|known, _| known.instance(place.inst).memories.first().copied())
        });
        self.session.look_at(memory.unwrap_or(MemAddr(0)), 0);
    }
}
