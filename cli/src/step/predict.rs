//! A question about the next instruction, whose answer is known by executing it and going back.

use super::super::outcome::Failure;
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

fn of(known: Known<'_>, last: &super::last::Last, why: String) -> Question {
    let instr = known.instruction(last.place);
    let word = instr.split(' ').next().unwrap_or_default();
    let question = |ask: String, answers: Vec<String>| Question {
        ask,
        answers,
        integer: None,
        why: why.clone(),
    };
    let inst = last.place.inst;
    if matches!(word, "br_if" | "if") {
        let taken = last
            .pops
            .last()
            .is_some_and(|value| value.cells[0] as u32 != 0);
        let ask = match word {
            "if" => "Does `if` enter its first branch? Answer yes or no.".to_owned(),
            _ => format!("Does `{instr}` branch? Answer yes or no."),
        };
        let answers = match taken {
            true => ["yes", "y"],
            false => ["no", "n"],
        };
        return question(ask, answers.map(str::to_owned).to_vec());
    }
    let leaves =
        format!("Which value does `{instr}` leave on the stack? Answer `trap` if it traps.");
    if last.trap().is_some() {
        return question(leaves, vec!["trap".to_owned()]);
    }
    let with_value = |ask: String, value: &Value| {
        let shown = known.value(inst, value);
        let bare = shown.split_once(' ').map(|(_, bare)| bare.to_owned());
        let answers = std::iter::once(shown).chain(bare).collect();
        let mut question = question(ask, answers);
        question.integer = match value.ty {
            ValType::I32 => Some((value.cells[0], 32)),
            ValType::I64 => Some((value.cells[0], 64)),
            ValType::F32 | ValType::F64 | ValType::V128 | ValType::Ref(_) => None,
        };
        question
    };
    if let Some(value) = last.pushes.last() {
        return with_value(leaves, value);
    }
    if let Some(local) = &last.local {
        let name = known.local(inst, last.place.func, local.local);
        return with_value(format!("Which value does local {name} get?"), &local.new);
    }
    if let Some(global) = &last.global {
        let name = known.global(inst, global.global);
        return with_value(format!("Which value does global {name} get?"), &global.new);
    }
    if let Some(write) = &last.write {
        let ask = format!("At which address does `{instr}` write?");
        let mut question = question(ask, vec![write.at.to_string()]);
        question.integer = Some((write.at, 64));
        return question;
    }
    let func = last.next.map(|next| known.func_of(next.inst, next.func));
    match (last.outcome, func, last.next, last.passed.last()) {
        (Outcome::Returned, _, _, Some(value)) => {
            with_value("Which value does the function return?".to_owned(), value)
        }
        (Outcome::Called | Outcome::TailCalled, Some(func), Some(next), _) => question(
            "Which function is entered?".to_owned(),
            vec![func, next.func.0.to_string()],
        ),
        (Outcome::Returned, Some(func), Some(next), None) => question(
            "To which function does control return?".to_owned(),
            vec![func, next.func.0.to_string()],
        ),
        (_, _, Some(next), _) => {
            let text = known.instruction(next);
            let word = text.split(' ').next().map(str::to_owned);
            let answers = std::iter::once(text.clone()).chain(word).collect();
            question("Which instruction comes next?".to_owned(), answers)
        }
        (_, _, None, _) => question(
            "Does the run go on? Answer yes or no.".to_owned(),
            vec!["no".to_owned(), "n".to_owned()],
        ),
    }
}
