//! A place in the validation of a sequence, and what is to be seen of it, as plain lines for panes.
//! Whoever shows them decides where and in which colours.

use super::super::card;
use super::super::excerpt::nesting;
use super::record::{ControlEntry, Described, Record, list};
use limpid::internals::binary::InstrReader;
use limpid::observe::rules::Rule;
use limpid::observe::validation::{Diagnosis, Operand, Place, Sequence, Stepper, Stop};

/// A cursor in a sequence. Going back validates again from the start: states take memory, and
/// validation takes no time that anybody sees.
pub struct View<'a> {
    described: &'a Described<'a>,
    sequence: Sequence<'a>,
    stepper: Stepper<'a>,
    /// The offset of each instruction and its nesting.
    instrs: Vec<(u32, u16)>,
    /// The step that came last.
    last: Option<Record>,
    error: Option<Box<Diagnosis>>,
}

/// What is to be seen, each line without its end.
pub struct Panes {
    /// Which sequence it is, and how far it was validated.
    pub title: String,
    /// Instructions around the cursor; the cursor is at the one that came last.
    pub code: Vec<CodeLine>,
    /// The operand types, the top first, with who pushed them.
    pub stack: Vec<String>,
    /// The control stack, the innermost entry first.
    pub control: Vec<String>,
    /// The locals without a default value that are set.
    pub locals: Vec<String>,
    /// The rules that type the instruction at the cursor.
    pub rules: Vec<Rule>,
    /// What the last step did, in a sentence or two.
    pub message: String,
}

/// An instruction.
pub struct CodeLine {
    pub is_cursor: bool,
    pub text: String,
}

impl<'a> View<'a> {
    /// Stands before the first instruction of a sequence; `None` when it cannot be begun.
    pub fn new(described: &'a Described<'a>, sequence: Sequence<'a>) -> Option<View<'a>> {
        let stepper = described.validation.stepper(&sequence).ok()?;
        Some(View {
            instrs: instrs(described, &sequence),
            described,
            sequence,
            stepper,
            last: None,
            error: None,
        })
    }

    /// How many instructions were validated.
    pub fn position(&self) -> usize {
        self.stepper.steps()
    }

    /// How many instructions there are.
    pub fn len(&self) -> usize {
        self.instrs.len()
    }

    /// Validates the next instruction; returns whether there was a valid one.
    pub fn next(&mut self) -> bool {
        if self.error.is_some() {
            return false;
        }
        let part = self.described.part(&self.sequence);
        match self.stepper.advance() {
            Ok(Some(step)) => {
                let record = self.described.record(self.sequence.place, part, &step);
                self.last = Some(record);
                true
            }
            Ok(None) | Err(Stop::Malformed(_)) => false,
            Err(Stop::Invalid(diagnosis)) => {
                self.error = Some(diagnosis);
                false
            }
        }
    }

    /// Goes back by one instruction; returns whether there was one.
    pub fn previous(&mut self) -> bool {
        // An error is a position of its own, behind the last valid instruction.
        let back = usize::from(self.error.is_none());
        match self.position().checked_sub(back) {
            Some(position) => {
                self.goto(position);
                true
            }
            None => false,
        }
    }

    /// Goes to the state behind that many instructions, or as far as the sequence is valid.
    pub fn goto(&mut self, position: usize) {
        self.error = None;
        if position < self.position() || self.last.is_none() {
            if let Ok(stepper) = self.described.validation.stepper(&self.sequence) {
                self.stepper = stepper;
            }
            self.last = None;
        }
        let part = self.described.part(&self.sequence);
        while self.position() < position {
            let is_last = self.position() + 1 == position;
            match self.stepper.advance() {
                // Only what is shown becomes text.
                Ok(Some(step)) if is_last => {
                    let record = self.described.record(self.sequence.place, part, &step);
                    self.last = Some(record);
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(Stop::Malformed(_)) => break,
                Err(Stop::Invalid(diagnosis)) => {
                    self.error = Some(diagnosis);
                    break;
                }
            }
        }
        if self.last.as_ref().map(|last| last.t + 1) != Some(self.position()) && self.position() > 0
        {
            self.again();
        }
    }

    /// Makes the record of the step that came last, after a sequence ended before it was asked for.
    fn again(&mut self) {
        let (position, error) = (self.position(), self.error.take());
        self.last = None;
        self.goto(position);
        self.error = error;
    }

    /// What is to be seen, with that many instructions around the cursor.
    pub fn panes(&self, height: usize) -> Panes {
        let stack = self.stepper.stack().iter().rev().take(height);
        let control = self.described.control(self.stepper.control());
        let set = self.stepper.validator().set_locals();
        Panes {
            title: format!(
                "{}: {} of {} instructions are validated",
                card::whose(self.described.module(), self.sequence.place),
                self.position(),
                self.len()
            ),
            code: self.code(height),
            stack: stack.map(|operand| self.operand(operand)).collect(),
            control: control
                .iter()
                .rev()
                .take(height)
                .map(control_line)
                .collect(),
            locals: set
                .iter()
                .take(height)
                .map(|local| format!("local {local} is set"))
                .collect(),
            rules: self.rules(),
            message: self.message(),
        }
    }

    /// The rules of the instruction at the cursor.
    fn rules(&self) -> Vec<Rule> {
        match (&self.error, &self.last) {
            (Some(diagnosis), _) => diagnosis.rules.clone(),
            (None, Some(last)) => last.rules.clone(),
            (None, None) => Vec::new(),
        }
    }

    fn code(&self, height: usize) -> Vec<CodeLine> {
        let cursor = match &self.error {
            Some(_) => self.position(),
            None => self.position().saturating_sub(1),
        };
        let is_cursor = |number| number == cursor && (self.position() > 0 || self.error.is_some());
        let first = cursor.saturating_sub(height / 2);
        let shown = self.instrs.iter().enumerate().skip(first).take(height);
        shown
            .map(|(number, (offset, depth))| {
                let text = self.instruction(*offset);
                let indent = "  ".repeat(usize::from(*depth).min(8));
                CodeLine {
                    is_cursor: is_cursor(number),
                    text: format!("{offset:#8x}  {indent}{text}"),
                }
            })
            .collect()
    }

    fn instruction(&self, offset: u32) -> String {
        let (module, features) = (self.described.module(), self.described.features);
        card::instruction(module, features, Some(self.sequence.place), offset)
    }

    fn operand(&self, operand: &Operand) -> String {
        let ty = self.described.entry(operand).ty;
        format!("{ty}, pushed by {}", self.named(operand))
    }

    fn named(&self, operand: &Operand) -> String {
        let part = self.described.part(&self.sequence);
        self.described.named(self.sequence.place, part, operand)
    }

    /// ` in line 3`, for a module that was read from a text.
    fn line_of(&self, number: usize) -> String {
        let part = self.described.part(&self.sequence);
        match self.described.text_place(part, number) {
            Some((line, _)) => format!(" in line {line}"),
            None => String::new(),
        }
    }

    fn message(&self) -> String {
        if let Some(diagnosis) = &self.error {
            let hint = diagnosis.hint(&|operand| self.named(operand));
            let offset = diagnosis.invalid.offset;
            return format!(
                "Invalid: `{}` at {offset:#x}{}: {}.{}",
                self.instruction(offset),
                self.line_of(self.position()),
                diagnosis.invalid.kind,
                hint.map_or_else(String::new, |hint| format!(" Help: {hint}."))
            );
        }
        match &self.last {
            Some(last) => self.sentence(last),
            None => "Nothing is validated yet, and the stack is empty.".into(),
        }
    }

    fn sentence(&self, last: &Record) -> String {
        let types = |types: &[String]| {
            let words = types.iter().map(String::as_str).collect();
            list(words, 0, false)
        };
        let mut text = format!(
            "Step {} of {}: `{}` at {:#x}{} takes {} and leaves {}.",
            last.t + 1,
            self.len(),
            last.text,
            last.pc,
            self.line_of(last.t),
            types(&last.pop),
            types(&last.push)
        );
        if last.unknown > 0 {
            text.push_str(
                " The code is unreachable, so operands that are not there have any type.",
            );
        }
        if last.discarded > 0 {
            text.push_str(" What else the block has on the stack is of no use any more.");
        }
        if last.control.is_empty() {
            let end = match self.sequence.place {
                Place::Func(_) => " The function is valid.",
                _ => " The constant expression is valid.",
            };
            text.push_str(end);
        }
        text
    }
}

/// An entry of the control stack as a line.
fn control_line(entry: &ControlEntry) -> String {
    let label = list(entry.label.iter().map(String::as_str).collect(), 0, false);
    let unreachable = match entry.unreachable {
        true => ", the rest of it unreachable",
        false => "",
    };
    format!(
        "{} with label {label}, from height {}{unreachable}",
        entry.kind, entry.height
    )
}

/// The offset and the nesting of each instruction of a sequence.
fn instrs(described: &Described<'_>, sequence: &Sequence<'_>) -> Vec<(u32, u16)> {
    let range = &sequence.range;
    let bytes = described.module().slice(range);
    let mut reader = InstrReader::new(bytes, range.start, described.features);
    let mut depth = 0u16;
    let mut found = Vec::new();
    while !reader.at_end()
        && let Ok((offset, instr)) = reader.read()
    {
        let (before, after) = nesting(instr.mnemonic());
        depth = depth.saturating_sub(before as u16);
        found.push((offset, depth));
        depth = depth.saturating_add(after as u16);
    }
    found
}
