//! A step of validation as data: what a line of text shows, what a line of JSON holds, and what a
//! view is made of.
//!
//! With `--format json` each instruction is one line, an object with these keys, in this order:
//!
//! | Key | What |
//! |---|---|
//! | `place` | `func`, or `table`, `global`, `elem-offset`, `elem`, `data-offset`: an expression |
//! | `index`, `item` | its index, and for `elem` the position of the item |
//! | `name` | the name of the function, left out where there is none |
//! | `t` | the number of the instruction in its sequence, from 0 |
//! | `pc` | its byte offset in the module |
//! | `op`, `text` | its mnemonic; the instruction with its immediates |
//! | `line`, `column` | where it is in the text, left out for a binary |
//! | `rules` | the names of the rules that type it: those of its immediates first, its own last |
//! | `pop`, `push` | the operand types that it took and left, bottom first |
//! | `unknown` | how many operands it took that unreachable code only pretends to have |
//! | `discarded` | how many operands nothing behind it can see |
//! | `stack` | the operands after it, bottom first: `type` and `by`, the `pc` of who pushed it |
//! | `below` | how many operands are below those of `stack`, which are 64 at most |
//! | `control` | the control stack after it, outermost first, an object for each entry |
//! | `outer` | how many entries are outside those of `control`, which are 64 at most |
//! | `set` | the locals without a default value that are set, 64 at most |
//!
//! An entry of `control` has `kind`, `label` (the types that a branch passes), `height`,
//! `unreachable` and `opened` (a `pc`). An error is a line whose first key is `error`; the last
//! line is `{"end":...}`, which a file that was cut short lacks.

use super::super::card;
use super::super::lines::{ExprSpans, Spans};
use super::super::source::Source;
use limpid::Features;
use limpid::internals::syntax::{Module, ValType};
use limpid::internals::valid::FrameKind;
use limpid::observe::display;
use limpid::observe::rules::Rule;
use limpid::observe::validation::{Label, Operand, Place, Sequence, Step, Validation};
use serde::{Serialize, Serializer};

/// Most entries of a list: a stack may have millions.
const MOST: usize = 64;

/// What steps are described with.
pub struct Described<'a> {
    pub validation: &'a Validation,
    pub source: &'a Source,
    pub features: &'a Features,
    spans: Spans,
}

/// A step.
#[derive(Clone, Serialize, Debug)]
pub struct Record {
    pub place: &'static str,
    pub index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub t: usize,
    pub pc: u32,
    pub op: &'static str,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    #[serde(serialize_with = "names")]
    pub rules: Vec<Rule>,
    pub pop: Vec<String>,
    pub push: Vec<String>,
    pub unknown: usize,
    pub discarded: usize,
    pub stack: Vec<StackEntry>,
    pub below: usize,
    pub control: Vec<ControlEntry>,
    pub outer: usize,
    pub set: Vec<u32>,
}

/// An operand.
#[derive(Clone, Serialize, Debug)]
pub struct StackEntry {
    #[serde(rename = "type")]
    pub ty: String,
    pub by: u32,
}

/// An entry of the control stack.
#[derive(Clone, Serialize, Debug)]
pub struct ControlEntry {
    pub kind: &'static str,
    pub label: Vec<String>,
    pub height: usize,
    pub unreachable: bool,
    pub opened: u32,
}

impl<'a> Described<'a> {
    /// Reads the text of the module, if it has one.
    pub fn new(validation: &'a Validation, source: &'a Source, features: &'a Features) -> Self {
        Described {
            validation,
            source,
            features,
            spans: source.text.as_deref().map(Spans::read).unwrap_or_default(),
        }
    }

    /// The module.
    pub fn module(&self) -> &'a Module {
        self.validation.module()
    }

    /// Where the instructions of a sequence are in the text.
    pub fn part(&self, sequence: &Sequence<'_>) -> Option<&ExprSpans> {
        self.spans.part(self.module(), sequence.place)
    }

    /// Line and column of an instruction.
    pub fn text_place(&self, part: Option<&ExprSpans>, number: usize) -> Option<(u32, u32)> {
        let text = self.source.text.as_deref()?;
        self.spans.line_and_column(text, part?.at(text, number)?)
    }

    /// The instruction that pushed an operand, and where it is.
    pub fn named(&self, place: Place, part: Option<&ExprSpans>, operand: &Operand) -> String {
        let pc = operand.pushed_by;
        let text = card::instruction(self.module(), self.features, Some(place), pc);
        match self.text_place(part, operand.number as usize) {
            Some((line, _)) => format!("`{text}` in line {line}"),
            None => format!("`{text}` at {pc:#x}"),
        }
    }

    /// A step as data.
    pub fn record(&self, place: Place, part: Option<&ExprSpans>, step: &Step<'_, '_>) -> Record {
        let (word, index, item) = words(place);
        let at = self.text_place(part, step.number);
        let size = step.kept.len() + step.pushed.len();
        let stack = step.after().skip(size.saturating_sub(MOST));
        let outer = step.control.len().saturating_sub(MOST);
        Record {
            place: word,
            index,
            item,
            name: match place {
                Place::Func(func) => {
                    let name = self.module().names.funcs.get(func.0);
                    name.map(|name| display::name(name).into_owned())
                }
                // Only functions have a name here.
                _ => None,
            },
            t: step.number,
            pc: step.offset,
            op: step.instr.mnemonic(),
            text: card::instruction(self.module(), self.features, Some(place), step.offset),
            line: at.map(|(line, _)| line),
            column: at.map(|(_, column)| column),
            rules: step.rules.into(),
            pop: self.operands(step.popped),
            push: self.operands(step.pushed),
            unknown: step.unknown,
            discarded: step.discarded.len(),
            stack: stack.map(|operand| self.entry(operand)).collect(),
            below: size.saturating_sub(MOST),
            control: self.control(step.control),
            outer,
            set: step.set_locals.iter().copied().take(MOST).collect(),
        }
    }

    fn operands(&self, operands: &[Operand]) -> Vec<String> {
        let operands = operands.iter();
        operands.map(|operand| self.entry(operand).ty).collect()
    }

    /// An operand as data.
    pub fn entry(&self, operand: &Operand) -> StackEntry {
        StackEntry {
            ty: self.validation.written_operand(operand.ty).to_string(),
            by: operand.pushed_by,
        }
    }

    /// The control stack as data, without its outermost entries when it is deep.
    fn control(&self, control: &[Label<'_>]) -> Vec<ControlEntry> {
        let outer = control.len().saturating_sub(MOST);
        let inner = control.iter().skip(outer);
        inner.map(|label| self.control_entry(label)).collect()
    }

    /// An entry of the control stack as data.
    pub fn control_entry(&self, label: &Label<'_>) -> ControlEntry {
        let types = |types: &[ValType]| {
            let types = types.iter();
            types
                .map(|ty| self.validation.written(*ty).to_string())
                .collect()
        };
        ControlEntry {
            kind: match label.frame.kind {
                FrameKind::Func => "func",
                FrameKind::Block => "block",
                FrameKind::Loop => "loop",
                FrameKind::If => "if",
                FrameKind::Else => "else",
                FrameKind::TryTable => "try_table",
            },
            label: types(label.frame.label_types()),
            height: label.frame.height,
            unreachable: label.frame.unreachable,
            opened: label.opened,
        }
    }
}

/// A part of a module as data.
pub fn words(place: Place) -> (&'static str, u32, Option<u32>) {
    match place {
        Place::Func(func) => ("func", func.0, None),
        Place::Table(table) => ("table", table.0, None),
        Place::Global(global) => ("global", global.0, None),
        Place::ElemOffset(elem) => ("elem-offset", elem.0, None),
        Place::Elem(elem, item) => ("elem", elem.0, Some(item)),
        Place::DataOffset(data) => ("data-offset", data.0, None),
    }
}

impl Record {
    /// The stack after the step as a list of types: those in reach of unreachable code, or that are
    /// left out, as dots.
    pub fn stack_text(&self) -> String {
        let types = self.stack.iter().map(|entry| entry.ty.as_str());
        let unreachable = self.control.last().is_some_and(|label| label.unreachable);
        list(types.collect(), self.below, unreachable)
    }
}

/// Writes rules as the list of their names.
pub fn names<S: Serializer>(rules: &[Rule], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rules.iter().map(|rule| rule.name()))
}

/// Types in brackets, as many as fit a line.
pub fn list(types: Vec<&str>, below: usize, unreachable: bool) -> String {
    const SHOWN: usize = 8;
    let left_out = below + types.len().saturating_sub(SHOWN);
    let mut words: Vec<String> = Vec::new();
    if unreachable {
        words.push("…".into());
    }
    if left_out > 0 {
        words.push(format!("({left_out} more)"));
    }
    let shown = types.iter().skip(types.len().saturating_sub(SHOWN));
    words.extend(shown.map(|ty| (*ty).to_owned()));
    format!("[{}]", words.join(" "))
}
