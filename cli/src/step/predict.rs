//! A question about the next instruction, whose answer is known by executing it and going back.

use super::super::outcome::Failure;
use super::last::Last;
use super::model;
use super::places::number;
use super::session::{Motion, Session};
use super::show::Known;
use limpid::internals::syntax::ValType;
use limpid::observe::{Outcome, Value};

/// A question about the next instruction.
#[derive(Clone, Debug)]
pub struct Question {
    /// The question.
    pub ask: String,
    /// Answers that are right; the first one is shown.
    answers: Vec<String>,
    /// The integer that is the answer, where it is one, and its width.
    integer: Option<(u64, u32)>,
    /// What the instruction did.
    why: String,
}

impl Question {
    /// Makes a question about the next instruction; nothing at the end of the run.
    ///
    /// # Errors
    /// When the host has no room for the past of the run.
    pub fn next(session: &mut Session) -> Result<Option<Question>, Failure> {
        if session.is_at_end() {
            return Ok(None);
        }
        let before = session.time();
        session.go(Motion::Step)?;
        let why = model::told(session);
        let question = session.known(|known, view| view.last.map(|last| of(known, last, why)));
        session.go(Motion::Goto(before))?;
        Ok(question)
    }

    /// Whether an answer is right, and what the instruction did.
    pub fn judge(&self, answer: &str) -> String {
        let right = self.answers.first().map_or("", String::as_str);
        match self.is_right(answer) {
            true => format!("Right. {}", self.why),
            false => format!("Not quite: the answer is {right}. {}", self.why),
        }
    }

    fn is_right(&self, answer: &str) -> bool {
        let plain = |text: &str| text.trim().trim_start_matches('$').to_lowercase();
        let given = plain(answer);
        if self.answers.iter().any(|right| plain(right) == given) {
            return true;
        }
        let word = given.split_whitespace().next_back().unwrap_or_default();
        let Some((right, width)) = self.integer else {
            return false;
        };
        let mask = u64::MAX >> (64 - width);
        let value = match word.strip_prefix('-') {
            Some(digits) => number(digits).map(u64::wrapping_neg),
            None => number(word),
        };
        value.is_some_and(|value| value & mask == right & mask)
    }
}

fn of(known: Known<'_>, last: &Last, why: String) -> Question {
    let instr = known.instruction(last.place);
    let word = instr.split(' ').next().unwrap_or_default();
    let mut question = if matches!(word, "br_if" | "if") {
        condition(last, &instr, word)
    } else if let Some(question) = value(known, last, &instr) {
        question
    } else {
        next(known, last)
    };
    question.why = why;
    question
}

fn question(ask: impl Into<String>, answers: Vec<String>) -> Question {
    Question {
        ask: ask.into(),
        answers,
        integer: None,
        why: String::new(),
    }
}

/// Whether a branch is taken.
fn condition(last: &Last, instr: &str, word: &str) -> Question {
    let operand = last.pops.last();
    let answers = match operand.is_some_and(|value| value.cells[0] as u32 != 0) {
        true => ["yes", "y"],
        false => ["no", "n"],
    };
    let ask = match word {
        "if" => "Does `if` enter its first branch? Answer yes or no.".to_owned(),
        _ => format!("Does `{instr}` branch? Answer yes or no."),
    };
    question(ask, answers.map(str::to_owned).to_vec())
}

/// The value that an instruction leaves or writes, if it does.
fn value(known: Known<'_>, last: &Last, instr: &str) -> Option<Question> {
    let inst = last.place.inst;
    let leaves =
        format!("Which value does `{instr}` leave on the stack? Answer `trap` if it traps.");
    if last.trap().is_some() {
        return Some(question(leaves, vec!["trap".to_owned()]));
    }
    if let Some(value) = last.pushes.last() {
        return Some(with_value(known, last, leaves, value));
    }
    if let Some(local) = &last.local {
        let name = known.local(inst, last.place.func, local.local);
        let ask = format!("Which value does local {name} get?");
        return Some(with_value(known, last, ask, &local.new));
    }
    if let Some(global) = &last.global {
        let name = known.global(inst, global.global);
        let ask = format!("Which value does global {name} get?");
        return Some(with_value(known, last, ask, &global.new));
    }
    if let Some(write) = &last.write {
        let ask = format!("At which address does `{instr}` write?");
        let mut question = question(ask, vec![write.at.to_string()]);
        question.integer = Some((write.at, 64));
        return Some(question);
    }
    match (last.outcome, last.passed.last()) {
        (Outcome::Returned, Some(value)) => {
            let ask = "Which value does the function return?".to_owned();
            Some(with_value(known, last, ask, value))
        }
        _ => None, // No other outcome leaves a value.
    }
}

/// A question whose answer is a value.
fn with_value(known: Known<'_>, last: &Last, ask: String, value: &Value) -> Question {
    let shown = known.value(last.place.inst, value);
    let bare = shown.split_once(' ').map(|(_, bare)| bare.to_owned());
    let mut question = question(ask, std::iter::once(shown).chain(bare).collect());
    question.integer = match value.ty {
        ValType::I32 => Some((value.cells[0], 32)),
        ValType::I64 => Some((value.cells[0], 64)),
        ValType::F32 | ValType::F64 | ValType::V128 | ValType::Ref(_) => None,
    };
    question
}

/// Where control goes.
fn next(known: Known<'_>, last: &Last) -> Question {
    let Some(next) = last.next else {
        let ask = "Does the run go on? Answer yes or no.";
        return question(ask, vec!["no".to_owned(), "n".to_owned()]);
    };
    let func = vec![known.func_of(next.inst, next.func), next.func.0.to_string()];
    match last.outcome {
        Outcome::Called | Outcome::TailCalled => question("Which function is entered?", func),
        Outcome::Returned => question("To which function does control return?", func),
        Outcome::Next
        | Outcome::Branched
        | Outcome::Host
        | Outcome::HostFailed
        | Outcome::Caught { .. }
        | Outcome::Uncaught
        | Outcome::Trapped(_) => {
            let text = known.instruction(next);
            let word = text.split(' ').next().map(str::to_owned);
            let answers = std::iter::once(text.clone()).chain(word).collect();
            question("Which instruction comes next?", answers)
        }
    }
}
