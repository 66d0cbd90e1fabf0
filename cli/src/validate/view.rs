//! A place in the validation of a sequence, and what is to be seen of it, as plain lines for panes.
//! Whoever shows them decides where and in which colours.

use super::super::card;
use super::code::{Code, Line};
use super::record::{Described, Record, list};
use limpid::internals::syntax::{Instr, LocalIdx, ValType};
use limpid::observe::display;
use limpid::observe::rules::Rule;
use limpid::observe::validation::{Diagnosis, Operand, Place, Row, Sequence, Stepper, Stop};

/// A cursor in a sequence. Going back validates again from the start: states take memory, and
/// validation takes no time that anybody sees.
pub struct View<'a> {
    described: &'a Described<'a>,
    sequence: Sequence<'a>,
    stepper: Stepper<'a>,
    code: Code,
    /// The locals without a default value: index, and name and type as text.
    strict: Vec<(u32, String)>,
    /// The step that came last.
    last: Option<Record>,
    /// What there was before that step.
    before: Before,
    stopped: Option<Stop>,
}

/// What the marks of a step are found with.
#[derive(Default)]
struct Before {
    depth: usize,
    unreachable: bool,
    set: Vec<u32>,
}

/// A line of a pane.
pub struct Item {
    /// Whether the last step has changed it.
    pub changed: bool,
    /// Whether the instructions of the block cannot take it.
    pub is_out_of_reach: bool,
    pub text: String,
    /// What is known beside it.
    pub note: String,
}

/// A line of the card of an error.
pub struct CardLine {
    /// Whether it is what does not fit.
    pub is_wrong: bool,
    pub text: String,
}

impl<'a> View<'a> {
    /// Stands before the first instruction of a sequence; `None` when it cannot be begun.
    pub fn new(described: &'a Described<'a>, sequence: Sequence<'a>) -> Option<View<'a>> {
        let stepper = described.validation.stepper(&sequence).ok()?;
        Some(View {
            code: Code::of(described, &sequence),
            strict: strict_locals(described, &sequence, &stepper),
            described,
            sequence,
            stepper,
            last: None,
            before: Before::default(),
            stopped: None,
        })
    }

    /// How many instructions were validated.
    pub fn position(&self) -> usize {
        self.stepper.steps()
    }

    /// How many instructions there are.
    pub fn len(&self) -> usize {
        self.code.len()
    }

    /// Whether validation has failed here.
    pub fn is_at_error(&self) -> bool {
        self.stopped.is_some()
    }

    /// Validates the next instruction; returns whether there was a valid one.
    pub fn next(&mut self) -> bool {
        if self.stopped.is_some() {
            return false;
        }
        let part = self.described.part(&self.sequence);
        let innermost = self.stepper.control().last();
        let before = Before {
            depth: self.stepper.control().len(),
            unreachable: innermost.is_some_and(|label| label.frame.unreachable),
            set: self.stepper.validator().set_locals().to_vec(),
        };
        match self.stepper.advance() {
            Ok(Some(step)) => {
                let record = self.described.record(self.sequence.place, part, &step);
                self.last = Some(record);
                self.before = before;
                true
            }
            Ok(None) => false,
            Err(stop) => {
                self.stopped = Some(stop);
                false
            }
        }
    }

    /// Goes back by one instruction; returns whether there was one.
    pub fn previous(&mut self) -> bool {
        // An error is a position of its own, behind the last valid instruction.
        let back = usize::from(self.stopped.is_none());
        match self.position().checked_sub(back) {
            Some(position) => {
                self.goto(position);
                true
            }
            None => false,
        }
    }

    /// Goes to the state behind that many instructions, or as far as the sequence is valid. One
    /// more than there are meets an error of the last one, too.
    pub fn goto(&mut self, position: usize) {
        if self.stopped.is_some() && position > self.position() {
            return;
        }
        if position <= self.position() {
            self.restart();
        }
        let last = position.min(self.len());
        if last > self.position() {
            // Only what is shown becomes text: the last step.
            let quiet = last - self.position() - 1;
            let is_valid = self.stepper.forward(quiet) == Ok(quiet) && self.next();
            if !is_valid {
                let reached = self.position();
                self.restart();
                if let Some(before) = reached.checked_sub(1) {
                    // Nothing before the place that was reached ends validation.
                    let _ = self.stepper.forward(before);
                    self.next();
                }
                self.next();
            }
        }
        if position > last {
            self.next();
        }
    }

    fn restart(&mut self) {
        if let Ok(stepper) = self.described.validation.stepper(&self.sequence) {
            self.stepper = stepper;
        }
        (self.last, self.before, self.stopped) = (None, Before::default(), None);
    }

    /// Finds the next or the previous instruction whose text has a part.
    pub fn find(&self, part: &str, forwards: bool) -> Option<usize> {
        let matches = |number: &usize| {
            let text = self.code.instruction(self.described, *number);
            text.is_some_and(|text| text.contains(part))
        };
        match forwards {
            true => (self.position() + 1..self.len()).find(matches),
            false => (0..self.position().min(self.len())).rev().find(matches),
        }
    }

    /// Which sequence it is, and how far it was validated.
    pub fn title(&self) -> String {
        format!(
            "{}: {} of {} instructions are validated",
            self.name(),
            self.position(),
            self.len()
        )
    }

    /// Which sequence it is.
    pub fn name(&self) -> String {
        card::whose(self.described.module(), self.sequence.place)
    }

    /// The instruction that comes next, or that is invalid, and where it is.
    pub fn upcoming(&self) -> Option<String> {
        let number = self.position();
        let text = self.code.instruction(self.described, number)?;
        Some(format!("{text}{}", self.line_of(number)))
    }

    /// The code around the instruction that comes next, or that is invalid.
    pub fn code(&self, height: usize) -> Vec<Line> {
        let has_cursor = self.position() < self.len();
        self.code
            .around(self.described, self.position(), has_cursor, height)
    }

    /// The same, a line for each instruction.
    pub fn listing(&self, height: usize) -> Vec<Line> {
        let has_cursor = self.position() < self.len();
        self.code
            .listing(self.described, self.position(), has_cursor, height)
    }

    /// The operand types, the top first, with who pushed them; in unreachable code also what the
    /// block pretends to have below them.
    pub fn stack(&self, skip: usize, height: usize) -> Vec<Item> {
        let innermost = self.stepper.control().last();
        let base = innermost.map_or(0, |label| label.frame.height);
        let all = self.stepper.stack();
        let own = all.len().saturating_sub(base);
        let shown = all.iter().rev().enumerate().skip(skip).take(height);
        let mut items: Vec<Item> = shown
            .map(|(depth, operand)| Item {
                changed: self.is_of_last(operand),
                is_out_of_reach: depth >= own,
                text: self.described.entry(operand).ty,
                note: self.named(operand),
            })
            .collect();
        if innermost.is_some_and(|label| label.frame.unreachable)
            && (skip..=skip + height).contains(&own)
        {
            let any = Item {
                changed: !self.before.unreachable,
                is_out_of_reach: false,
                text: "…".into(),
                note: "any operands: unreachable".into(),
            };
            items.insert(own - skip, any);
        }
        items
    }

    /// Whether the last step has pushed an operand.
    fn is_of_last(&self, operand: &Operand) -> bool {
        let last = self.last.as_ref().map(|last| last.t);
        last == Some(operand.number as usize)
    }

    /// The control stack, the innermost entry first: its kind and what a branch to its label
    /// passes, then the height of the operand stack below it.
    pub fn control(&self, skip: usize, height: usize) -> Vec<Item> {
        let all = self.stepper.control();
        let depth = all.len();
        let shown = all.iter().enumerate().rev().skip(skip).take(height);
        let is_else = self.last.as_ref().is_some_and(|last| last.op == "else");
        shown
            .map(|(at, label)| {
                let entry = self.described.control_entry(label);
                let label_types = entry.label.iter().map(String::as_str).collect();
                let unreachable = if entry.unreachable {
                    ", unreachable"
                } else {
                    ""
                };
                let is_same = depth == self.before.depth && !is_else;
                let flipped = label.frame.unreachable != self.before.unreachable;
                let innermost = at + 1 == depth && self.last.is_some();
                let changed =
                    innermost && (depth > self.before.depth || (is_same && flipped) || is_else);
                Item {
                    changed,
                    is_out_of_reach: false,
                    text: format!("{} {}", entry.kind, list(label_types, 0, false)),
                    note: format!("height {}{unreachable}", entry.height),
                }
            })
            .collect()
    }

    /// The locals without a default value, and whether they are set.
    pub fn locals(&self, skip: usize, height: usize) -> Vec<Item> {
        let set = self.stepper.validator().set_locals();
        let shown = self.strict.iter().skip(skip).take(height);
        shown
            .map(|(local, text)| {
                let is_set = set.contains(local);
                let state = if is_set { "is set" } else { "is not set" };
                Item {
                    changed: is_set != self.before.set.contains(local) && self.last.is_some(),
                    is_out_of_reach: false,
                    text: text.clone(),
                    note: state.into(),
                }
            })
            .collect()
    }

    /// The rules that type the instruction that was validated last, or the one that is invalid.
    pub fn rules(&self) -> Vec<Rule> {
        match (&self.stopped, &self.last) {
            (Some(Stop::Invalid(diagnosis)), _) => diagnosis.rules.clone(),
            (None, Some(last)) => last.rules.clone(),
            (Some(Stop::Malformed(_)), _) | (None, None) => Vec::new(),
        }
    }

    /// The card of the error, if there is one here.
    pub fn card(&self) -> Option<Vec<CardLine>> {
        let line = |text: String| CardLine {
            is_wrong: false,
            text,
        };
        let wrong = |text: String| CardLine {
            is_wrong: true,
            text,
        };
        let diagnosis = match self.stopped.as_ref()? {
            Stop::Invalid(diagnosis) => diagnosis,
            Stop::Malformed(malformed) => return Some(vec![wrong(malformed.to_string())]),
        };
        let message = display::line(&diagnosis.invalid.kind.to_string()).into_owned();
        let mut lines = vec![wrong(message)];
        let rules = diagnosis.rules.iter();
        lines.extend(rules.map(|rule| line(format!("rule {rule}: {}", rule.paraphrase()))));
        if !diagnosis.rows.is_empty() {
            lines.extend(self.table(&diagnosis.rows));
        }
        if let Some(hint) = self.hint(diagnosis) {
            lines.push(line(format!("help: {hint}")));
        }
        Some(lines)
    }

    /// The stack that the instruction takes beside the one that there is, the top first.
    fn table(&self, rows: &[Row]) -> Vec<CardLine> {
        let cells = |row: &Row| {
            let expected = row.expected.map_or("-".into(), |ty| ty.to_string());
            let actual = row.actual.map_or("-".into(), |it| it.ty.to_string());
            [expected, actual]
        };
        let title = ["expected".to_owned(), "actual".to_owned()];
        let all = rows.iter().map(cells).chain([title.clone()]);
        let widths = all.fold([0, 0], |[a, b], [c, d]| {
            [a.max(c.chars().count()), b.max(d.chars().count())]
        });
        let pad = |[a, b]: &[String; 2]| format!("{a:0$}  {b:1$}", widths[0], widths[1]);
        let mut lines = vec![CardLine {
            is_wrong: false,
            text: format!("  {}  pushed by (the top first)", pad(&title)),
        }];
        lines.extend(rows.iter().map(|row| {
            let by = row.actual.map(|operand| self.named(&operand));
            let by = by.unwrap_or_default().replace('`', "");
            let mark = if row.fits { " " } else { "!" };
            CardLine {
                is_wrong: !row.fits,
                text: format!("{mark} {}  {by}", pad(&cells(row))),
            }
        }));
        lines
    }

    fn hint(&self, diagnosis: &Diagnosis) -> Option<String> {
        let hint = diagnosis.hint(&|operand| self.named(operand))?;
        Some(display::line(&hint).into_owned())
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

    /// What the last step did, or why there is none, in a sentence or two.
    pub fn message(&self) -> String {
        match (&self.stopped, &self.last) {
            (Some(Stop::Invalid(diagnosis)), _) => {
                let instr = self.code.instruction(self.described, self.position());
                let hint = self.hint(diagnosis);
                format!(
                    "Invalid: `{}` at {:#x}{}: {}.{}",
                    instr.unwrap_or_default(),
                    diagnosis.invalid.offset,
                    self.line_of(self.position()),
                    display::line(&diagnosis.invalid.kind.to_string()),
                    hint.map_or_else(String::new, |hint| format!(" Help: {hint}."))
                )
            }
            (Some(Stop::Malformed(malformed)), _) => format!("Malformed: {malformed}."),
            (None, Some(last)) => self.sentence(last),
            (None, None) => "Nothing is validated yet, and the stack is empty.".into(),
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

/// The locals that have no default value: index and text. Parameters are always set.
fn strict_locals(
    described: &Described<'_>,
    sequence: &Sequence<'_>,
    stepper: &Stepper<'_>,
) -> Vec<(u32, String)> {
    let Place::Func(func) = sequence.place else {
        return Vec::new(); // Constant expressions have no locals.
    };
    let context = described.validation.context();
    let ty = context.funcs.get(func.index()).copied();
    let params = ty.and_then(|ty| Some(context.space.func(ty)?.params.len()));
    let validator = stepper.validator();
    let locals = params.unwrap_or(0) as u32..validator.local_count();
    let strict = locals.filter_map(|local| match validator.local_type(LocalIdx(local)) {
        ty @ ValType::Ref(of) if !of.nullable => Some((local, ty)),
        _ => None, // All other types have a default value.
    });
    let text = |(local, ty)| {
        let get = Instr::LocalGet(LocalIdx(local));
        let text = get
            .text(&described.module().names, Some(func.0))
            .to_string();
        let name = text.trim_start_matches("local.get ");
        let ty = described.validation.written(ty);
        (local, format!("{}: {ty}", display::name(name)))
    };
    strict.map(text).collect()
}
