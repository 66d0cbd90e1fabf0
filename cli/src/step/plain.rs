//! Stepping in words: each line is a verb, each answer is made of sentences. For screen readers,
//! pipes and scripts.

use super::super::outcome::{FAILED, Failure};
use super::super::results::Results;
use super::export;
use super::maker::Maker;
use super::model::{self, Item, count};
use super::places::{self, Way};
use super::predict::Question;
use super::session::{Motion, Session};
use super::verbs::{self, Act, VERBS};
use limpid::internals::runtime::MemAddr;
use limpid::observe::Outcome;
use limpid::observe::display;
use limpid::observe::machine::{Cause, Stopped};
use std::io::{self, BufRead, IsTerminal};

/// Lines of code around the next instruction.
const AROUND: usize = 4;

/// Most rows of memory that are shown.
const ROWS: usize = 8;

/// A conversation about a run.
pub struct Talk<'a> {
    maker: &'a Maker<'a>,
    session: Session,
    /// What was searched for last.
    searched: String,
    /// A question that waits for its answer.
    question: Option<Question>,
}

/// What becomes of a line.
enum Answer {
    Lines(Vec<String>),
    Quit,
}

impl<'a> Talk<'a> {
    /// A conversation about a run before its first instruction.
    pub fn new(maker: &'a Maker<'a>, session: Session) -> Talk<'a> {
        Talk {
            maker,
            session,
            searched: String::new(),
            question: None,
        }
    }

    /// Reads verbs and answers, until there are no more or the user leaves. A script's verbs are
    /// repeated before their answers.
    ///
    /// # Errors
    /// When input cannot be read, or a verb of a script has failed; the others were carried out.
    pub fn talk(&mut self, input: &mut dyn BufRead, is_script: bool) -> Result<(), Failure> {
        let mut results = Results::new();
        results.line(model::state(&mut self.session));
        let mut has_failed = false;
        // A prompt is for people.
        let is_asked = !is_script && io::stdin().is_terminal();
        loop {
            // Whoever gives the verbs may wait for the answers.
            results.prompt(if is_asked { "> " } else { "" });
            let mut line = String::new();
            let read = input.read_line(&mut line);
            let read = read.map_err(|error| Failure::failed(format!("reading verbs: {error}")))?;
            let words = line.trim();
            if read == 0 {
                break;
            }
            if words.is_empty() || (words.starts_with('#') && is_script) {
                continue;
            }
            if is_script {
                results.line(format_args!("> {}", display::line(words)));
            }
            match self.answer(words) {
                Ok(Answer::Lines(lines)) => lines.iter().for_each(|line| results.line(line)),
                Ok(Answer::Quit) => break,
                Err(failure) => {
                    results.line(sentence(failure.text()));
                    has_failed = true;
                }
            }
        }
        match is_script && has_failed {
            true => Err(Failure::silent(FAILED)),
            false => Ok(()),
        }
    }

    fn answer(&mut self, words: &str) -> Result<Answer, Failure> {
        if let Some(question) = self.question.take() {
            let judged = question.judge(words);
            let mut lines = vec![judged];
            lines.extend(self.moved(Motion::Step)?.split_off(1));
            return Ok(Answer::Lines(lines));
        }
        let (word, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let (word, rest) = match word.strip_prefix('/').filter(|rest| !rest.is_empty()) {
            Some(_) => ("search", &words[1..]),
            None => (word, rest.trim()),
        };
        let Some(verb) = verbs::find(word) else {
            let shown = display::name(word);
            let failure = Failure::failed(format!("`{shown}` is no verb; `help` lists them"));
            return Err(failure);
        };
        if verb.act == Act::Quit {
            return Ok(Answer::Quit);
        }
        self.carry_out(verb.act, rest).map(Answer::Lines)
    }

    fn carry_out(&mut self, act: Act, rest: &str) -> Result<Vec<String>, Failure> {
        match act {
            Act::Step => self.repeated(Motion::Step, rest),
            Act::Back => self.repeated(Motion::Back, rest),
            Act::Over => self.moved(Motion::Over),
            Act::OverBack => self.moved(Motion::OverBack),
            Act::Out => self.moved(Motion::Out),
            Act::OutBack => self.moved(Motion::OutBack),
            Act::Resume => self.moved(Motion::Resume),
            Act::ReverseResume => self.moved(Motion::ReverseResume),
            Act::Goto => {
                let time = match rest {
                    "start" => Some(0),
                    "end" => Some(u64::MAX),
                    _ => places::number(rest),
                };
                let time = time.ok_or_else(|| Failure::failed("give a time: a number of steps"))?;
                self.moved(Motion::Goto(time))
            }
            Act::Break => one(places::toggle_breakpoint(&mut self.session, rest)),
            Act::Watch => one(places::watch(&mut self.session, rest)),
            Act::Delete => one(places::delete(&mut self.session, rest)),
            Act::Search => {
                rest.clone_into(&mut self.searched);
                self.search(Way::Forwards)
            }
            Act::NextMatch => self.search(Way::Forwards),
            Act::PreviousMatch => self.search(Way::Backwards),
            Act::Why => self.why(rest),
            Act::Bookmark => Ok(vec![bookmark(&mut self.session)]),
            Act::Predict => self.predict(),
            Act::Export => {
                let path = if rest.is_empty() { export::FILE } else { rest };
                Ok(vec![export::export(&mut self.session, path)?])
            }
            Act::Edit => {
                let told = self.maker.edit(&mut self.session)?;
                Ok(vec![told, model::state(&mut self.session)])
            }
            Act::Input => {
                self.session.input().add(rest);
                Ok(vec![model::GIVEN.to_owned()])
            }
            Act::Memory => self.memory(rest),
            Act::Code => Ok(self.code(rest)),
            Act::Help => Ok(help(rest)),
            Act::Quit | Act::Focus => Ok(Vec::new()),
            Act::State => {
                let state = model::state(&mut self.session);
                Ok(vec![model::told(&mut self.session), state])
            }
            Act::Output => {
                let lines = model::output(&self.session);
                let head = match lines.is_empty() {
                    true => "The guest has written nothing.".to_owned(),
                    false => format!("The guest has written {}:", count(lines.len(), "line")),
                };
                Ok(std::iter::once(head).chain(lines).collect())
            }
            Act::Points
            | Act::Rules
            | Act::Stack
            | Act::Labels
            | Act::Frames
            | Act::Threads
            | Act::Locals
            | Act::Globals
            | Act::Tables
            | Act::Heap
            | Act::Registers
            | Act::Timeline => Ok(self.pane(act)),
        }
    }

    /// A pane as sentences.
    fn pane(&mut self, act: Act) -> Vec<String> {
        let session = &mut self.session;
        let (what, items): (_, Vec<Item>) = match act {
            Act::Points => ("point", model::points(session)),
            Act::Rules => ("rule", model::rules(session)),
            Act::Stack => ("operand", model::stack(session)),
            Act::Labels => ("label", model::labels(session)),
            Act::Frames => ("frame", model::frames(session)),
            Act::Threads => ("thread", model::threads(session)),
            Act::Locals => ("local", model::locals(session)),
            Act::Globals => ("global", model::globals(session)),
            Act::Tables => ("table entry", model::tables(session)),
            Act::Heap => ("object", model::heap(session)),
            Act::Registers => ("operation", model::registers(session)),
            Act::Timeline => ("event", model::timeline(session)),
            _ => return Vec::new(), // Every other verb is no pane.
        };
        let frame = session.frames().first();
        let total = match act {
            Act::Stack => frame.map_or(0, |frame| frame.operands.len()),
            Act::Labels => frame.map_or(0, |frame| frame.labels.len()),
            Act::Locals => frame.map_or(0, |frame| frame.locals.len()),
            Act::Frames => session.frames().len(),
            _ => items.len(), // Every other pane is shown whole, or has no number of its own.
        };
        let head = match total {
            0 => format!("There is no {what}."),
            1 => format!("There is 1 {what}."),
            number if number > items.len() => {
                format!(
                    "There are {}; the first {}:",
                    count(number, what),
                    items.len()
                )
            }
            number => format!("There are {}.", count(number, what)),
        };
        std::iter::once(head)
            .chain(items.iter().map(said))
            .collect()
    }

    fn repeated(&mut self, motion: Motion, rest: &str) -> Result<Vec<String>, Failure> {
        if rest.is_empty() {
            return self.moved(motion);
        }
        let steps =
            places::number(rest).ok_or_else(|| Failure::failed("give a number of steps"))?;
        let now = self.session.time();
        let time = match motion {
            Motion::Back => now.saturating_sub(steps),
            _ => now.saturating_add(steps), // Only these two are repeated.
        };
        self.moved(Motion::Goto(time))
    }

    /// Moves, and says what the last instruction did and which comes next.
    fn moved(&mut self, motion: Motion) -> Result<Vec<String>, Failure> {
        let was_at_end = self.session.is_at_end();
        let stopped = self.session.go(motion)?;
        let mut lines = vec![model::told(&mut self.session)];
        if self.session.input().take_short() {
            let text =
                "The guest has read to the end of its input: `input TEXT` gives it lines before.";
            lines.push(text.to_owned());
        }
        lines.extend(stop(&self.session, stopped, was_at_end));
        lines.push(model::state(&mut self.session));
        Ok(lines)
    }

    fn search(&mut self, way: Way) -> Result<Vec<String>, Failure> {
        if self.searched.is_empty() {
            return Err(Failure::failed("nothing is searched for: give a text"));
        }
        let text = self.searched.clone();
        let found = places::search(&mut self.session, &text, way)?;
        let state = model::state(&mut self.session);
        Ok(match found {
            true => vec![state],
            false => vec![format!("No step with `{}` is there.", display::name(&text))],
        })
    }

    /// Which step produced an operand.
    fn why(&mut self, rest: &str) -> Result<Vec<String>, Failure> {
        let mut words = rest.split_whitespace();
        let number = words.next().map_or(Some(0), places::number);
        let number = number.and_then(|number| usize::try_from(number).ok());
        let number = number.ok_or_else(|| Failure::failed("give the number of an operand"))?;
        let follow = words.next() == Some("follow");
        let (told, _) = why(&mut self.session, number, follow)?;
        let mut lines = vec![told];
        if follow {
            lines.push(model::state(&mut self.session));
        }
        Ok(lines)
    }

    fn predict(&mut self) -> Result<Vec<String>, Failure> {
        self.question = Question::next(&mut self.session)?;
        Ok(vec![match &self.question {
            Some(question) => format!("{} The next line is your answer.", question.ask),
            None => "The run has ended: there is nothing to predict.".to_owned(),
        }])
    }

    fn memory(&mut self, rest: &str) -> Result<Vec<String>, Failure> {
        let mut words = rest.split_whitespace();
        if let Some(word) = words.next() {
            let at = places::number(word).ok_or_else(|| Failure::failed("give an address"))?;
            let memory = words.next().map_or(Some(0), places::number);
            let memory = memory.and_then(|memory| u32::try_from(memory).ok());
            let memory = memory.ok_or_else(|| Failure::failed("give the number of a memory"))?;
            self.session.look_at(MemAddr(memory), at);
        }
        let rows = model::memory(&mut self.session, model::ROW);
        if rows.is_empty() {
            return Ok(vec!["No byte of a memory is there.".to_owned()]);
        }
        let row = |row: &model::Row| {
            let bytes = row.bytes.iter().map(|(byte, changed)| {
                let mark = if *changed { "*" } else { "" };
                format!("{byte:02x}{mark}")
            });
            format!("{:#06x}: {}", row.at, bytes.collect::<Vec<_>>().join(" "))
        };
        Ok(rows.iter().take(ROWS).map(row).collect())
    }

    fn code(&mut self, rest: &str) -> Vec<String> {
        let around = places::number(rest).map_or(AROUND, |number| number.min(500) as usize);
        let Some(place) = self.session.place() else {
            return vec!["There is no next instruction.".to_owned()];
        };
        let Some(code) = self.session.code(place) else {
            return vec!["The module of this instance is not known.".to_owned()];
        };
        let at = code.line_of(place.offset).unwrap_or(0);
        let lines = at.saturating_sub(around)..(at + around + 1).min(code.len());
        self.session.known(|known, _| {
            let line = |number: usize| {
                let line = code.line(known, place, number);
                let mark = if number == at { "here" } else { "" };
                let text = format!("{mark:4} {:>6}  {}", line.margin, line.text);
                text.trim_end().to_owned()
            };
            lines.map(line).collect()
        })
    }
}

/// Which step produced an operand, counted from the top, and when. The run is there afterwards if
/// it is to follow, else where it was.
///
/// # Errors
/// When there is no such operand.
pub fn why(
    session: &mut Session,
    number: usize,
    follow: bool,
) -> Result<(String, Option<u64>), Failure> {
    let Some(target) = model::operand(session, number) else {
        return Err(Failure::failed(format!("there is no operand {number}")));
    };
    let value = model::stack(session).into_iter().nth(number);
    let value = value.map_or_else(String::new, |item| item.value);
    let now = session.time();
    let stopped = session.go(Motion::ToWrite(target))?;
    let nobody = format!("No single instruction pushed operand {number}, {value}.");
    let told = match stopped {
        Stopped::Hit(hit) => {
            let place = session.place();
            let place = place.map_or_else(String::new, |place| {
                let spot = session.spot(place);
                session.known(|known, _| format!("{} in {spot}", known.instruction(place)))
            });
            match pushes(session, hit.time, &value)? {
                true => (
                    format!(
                        "Operand {number}, {value}, was produced by step {}: {place}.",
                        hit.time
                    ),
                    Some(hit.time),
                ),
                // The value came later, to the same cell.
                false => (
                    format!("{nobody} It came with a branch or an exception."),
                    None,
                ),
            }
        }
        Stopped::Done | Stopped::Ended | Stopped::Beginning | Stopped::Cancelled => (nobody, None),
    };
    if !follow || told.1.is_none() {
        session.go(Motion::Goto(now))?;
    }
    Ok(told)
}

/// Whether a step pushes a value, or calls a function that returns it. The run is at that step, and
/// stays there.
fn pushes(session: &mut Session, time: u64, value: &str) -> Result<bool, Failure> {
    session.go(Motion::Step)?;
    let is_call = session
        .last()
        .is_some_and(|last| last.outcome == Outcome::Called);
    if is_call {
        session.go(Motion::Goto(time))?;
        session.go(Motion::Over)?;
    }
    let pushed = session.known(|known, view| {
        view.last.is_some_and(|last| {
            let values = match last.outcome {
                Outcome::Returned => &last.passed,
                Outcome::Next
                | Outcome::Branched
                | Outcome::Called
                | Outcome::TailCalled
                | Outcome::Host
                | Outcome::HostFailed
                | Outcome::Caught { .. }
                | Outcome::Uncaught
                | Outcome::Trapped(_) => &last.pushes,
            };
            let mut shown = values.iter().map(|own| known.value(last.place.inst, own));
            shown.any(|own| own == value)
        })
    });
    session.go(Motion::Goto(time))?;
    Ok(pushed)
}

/// Marks this time, or removes the mark.
pub fn bookmark(session: &mut Session) -> String {
    let time = session.time();
    match session.bookmarks.insert(time) {
        true => format!("Step {time} is bookmarked."),
        false => {
            session.bookmarks.remove(&time);
            format!("The bookmark of step {time} is removed.")
        }
    }
}

/// Why a motion ended, where that is worth a sentence.
pub fn stop(session: &Session, stopped: Stopped, was_at_end: bool) -> Option<String> {
    match stopped {
        Stopped::Done => None,
        Stopped::Ended if was_at_end => Some("The run cannot go on.".to_owned()),
        Stopped::Ended => None,
        Stopped::Beginning => Some("This is the beginning of the run.".to_owned()),
        Stopped::Cancelled => Some("The motion was ended here.".to_owned()),
        Stopped::Hit(hit) => match hit.cause {
            Cause::Breakpoint(number) => Some(format!("Breakpoint {number} was reached.")),
            Cause::Watchpoint(number) => {
                let what = session.watched.get(number).map_or("it", String::as_str);
                Some(format!(
                    "Watchpoint {number}: step {} writes {what}.",
                    hit.time
                ))
            }
            Cause::Frame => None,
        },
    }
}

/// An item as a sentence.
fn said(item: &Item) -> String {
    let mut text = match item.name.is_empty() {
        true => item.value.clone(),
        false => format!("{}: {}", item.name, item.value),
    };
    if !item.note.is_empty() {
        text += &format!(", {}", item.note);
    }
    if item.changed {
        text += ", changed";
    }
    if item.current {
        text += ", here";
    }
    text
}

/// A message as a sentence.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}

/// An answer of one line, or what is wrong.
fn one(answer: Result<String, String>) -> Result<Vec<String>, Failure> {
    answer.map(|line| vec![line]).map_err(|wrong| {
        let text = wrong.trim_end_matches('.');
        Failure::failed(text)
    })
}

/// The verbs, or one of them.
fn help(word: &str) -> Vec<String> {
    let line = |verb: &verbs::Verb| {
        let names = match verb.short.is_empty() {
            true => verb.word.to_owned(),
            false => format!("{} or {}", verb.word, verb.short),
        };
        let args = if verb.args.is_empty() { "" } else { " " };
        format!("{names}{args}{}: {}.", verb.args, verb.help)
    };
    let all = VERBS.iter().filter(|verb| verb.act != Act::Focus);
    let one = all
        .clone()
        .filter(|verb| verb.word == word || verb.short == word);
    let found: Vec<String> = one.map(line).collect();
    match found.is_empty() {
        true => all.map(line).collect(),
        false => found,
    }
}
