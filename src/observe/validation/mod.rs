//! Validation as a sequence of steps (spec: appendix/algorithm): for each instruction the operand
//! types that it takes and leaves, who pushed each of them, and the control stack. A module that is
//! invalid gets a diagnosis: the expected stack beside the one that is there.
//!
//! Built on [`FuncValidator`], which stays the judge and knows nothing of this. Nothing but the
//! present state is kept, so that a step back validates again from the start of the sequence; a
//! module decides how long its stacks become, and a history of them could take any memory.
//!
//! Reading order: `sequence` (what is validated), this file (the stepper), `takes` (operand types
//! of an instruction), `diagnosis` and `hint` (errors).

mod diagnosis;
mod hint;
mod sequence;
mod takes;

#[cfg(test)]
mod tests;

pub use diagnosis::{Block, Diagnosis, Row};
pub use sequence::{Place, Sequence};

use super::rules::{self, Rule, typing_rules};
use crate::binary::{self, InstrReader, Malformed};
use crate::syntax::matching::map_val;
use crate::syntax::{Features, Instr, LabelIdx, Module, TypeId, TypeIdx, ValType};
use crate::translate::LoadError;
use crate::translate::load::outer;
use crate::valid::{
    self, Context, ControlFrame, Expected, FrameKind, FuncValidator, Invalid, OperandType, Scratch,
};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use sequence::Kind;
use takes::Takes;

/// A module whose instruction sequences can be validated step by step.
///
/// ```
/// # #[cfg(feature = "wat")] {
/// use limpid::Features;
/// use limpid::observe::validation::Validation;
///
/// let bytes = wat::parse_str("(module (func (result i32) i32.const 40 i32.const 2 i32.add))")
///     .unwrap();
/// let validation = Validation::new(&bytes, &Features::default()).unwrap();
/// let body = validation.sequences().next().unwrap();
/// let mut stepper = validation.stepper(&body).unwrap();
/// let mut lines = Vec::new();
/// while let Some(step) = stepper.advance().unwrap() {
///     let stack: Vec<String> = step.after().map(|operand| operand.ty.to_string()).collect();
///     lines.push(format!("{} [{}]", step.instr.mnemonic(), stack.join(" ")));
/// }
/// assert_eq!(lines[1..3], ["i32.const [i32 i32]", "i32.add [i32]"]);
/// # }
/// ```
#[derive(Debug)]
pub struct Validation {
    module: Module,
    context: Context,
    features: Features,
    /// The first type index for each canonical type.
    indices: BTreeMap<TypeId, TypeIdx>,
    /// The error outside of bodies. Bodies are not validated then.
    error: Option<LoadError>,
}

impl Validation {
    /// Decodes a module and validates what its instruction sequences refer to.
    ///
    /// # Errors
    /// When the module is malformed, or its types or declarations are invalid. An invalid constant
    /// expression is none here: it is found by stepping through it.
    pub fn new(bytes: &[u8], features: &Features) -> Result<Validation, LoadError> {
        Validation::of(binary::decode(bytes, features)?, features)
    }

    /// The same for a module that is decoded already.
    ///
    /// # Errors
    /// When its types or declarations are invalid.
    pub fn of(module: Module, features: &Features) -> Result<Validation, LoadError> {
        let (context, error) = match outer(&module, features) {
            Ok((context, _)) => (context, None),
            Err(error) => (valid::module(&module, features)?, Some(error)),
        };
        let mut indices = BTreeMap::new();
        for (index, &id) in (0..).map(TypeIdx).zip(&context.types) {
            indices.entry(id).or_insert(index);
        }
        Ok(Validation {
            module,
            indices,
            context,
            features: *features,
            error,
        })
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// What the module's instructions refer to.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Returns a type of the context as the module writes it: with the first type index that stands
    /// for the type.
    pub fn written(&self, ty: ValType) -> ValType {
        map_val(ty, &|id| self.indices.get(&id).copied().unwrap_or(id))
    }

    /// Returns the type of an operand as the module writes it.
    pub fn written_operand(&self, ty: OperandType) -> OperandType {
        match ty {
            OperandType::Val(ty) => OperandType::Val(self.written(ty)),
            OperandType::Bot | OperandType::RefBot => ty,
        }
    }

    /// Returns what an instruction takes as the module writes it.
    pub fn written_expected(&self, ty: Expected) -> Expected {
        match ty {
            Expected::Val(ty) => Expected::Val(self.written(ty)),
            Expected::Numeric | Expected::Ref | Expected::Any => ty,
        }
    }

    /// Returns all instruction sequences in the order in which they are validated. A module whose
    /// constant expressions are invalid has no others here.
    pub fn sequences(&self) -> impl Iterator<Item = Sequence<'_>> {
        let valid = self.error.is_none();
        let bodies = valid.then(|| sequence::bodies(&self.module, &self.context));
        sequence::constants(&self.module, &self.context).chain(bodies.into_iter().flatten())
    }

    /// Returns the sequence that holds that byte of the module, or the body that begins there with
    /// its locals.
    pub fn sequence_at(&self, offset: u32) -> Option<Sequence<'_>> {
        self.sequences().find(|sequence| {
            let begins = match &sequence.kind {
                Kind::Body(body) => body.offset == offset,
                Kind::Constant { .. } => false,
            };
            begins || sequence.range.contains(&offset)
        })
    }

    /// Begins a sequence.
    ///
    /// # Errors
    /// When the type of a local is invalid.
    pub fn stepper<'m>(&'m self, sequence: &Sequence<'m>) -> Result<Stepper<'m>, Invalid> {
        let (context, scratch) = (&self.context, Scratch::default());
        let validator = match (&sequence.kind, sequence.place) {
            (Kind::Body(body), Place::Func(func)) => {
                let ty = context.funcs[func.index()];
                let at_body = |invalid| Invalid {
                    offset: body.offset,
                    ..invalid
                };
                FuncValidator::new(context, ty, &body.locals, scratch).map_err(at_body)?
            }
            (Kind::Constant { ty, globals }, _) => {
                FuncValidator::constant(context, *ty, *globals, scratch)
            }
            (Kind::Body(_), place) => unreachable!("validated: {place} is a function"),
        };
        let bytes = self.module.slice(&sequence.range);
        let outermost = Label {
            frame: validator.control(LabelIdx(0)),
            opened: sequence.range.start,
        };
        Ok(Stepper {
            validation: self,
            place: sequence.place,
            reader: InstrReader::new(bytes, sequence.range.start, &self.features),
            validator,
            stack: Vec::new(),
            removed: Vec::new(),
            expected: Vec::new(),
            control: [outermost].into(),
            rules: Vec::new(),
            steps: 0,
            stopped: None,
        })
    }

    /// Explains an error of this module: validates the sequence that it is in once more.
    pub fn diagnose(&self, invalid: &Invalid) -> Diagnosis {
        let mut diagnosis = Diagnosis::elsewhere(&self.module, invalid);
        let Some(sequence) = self.sequence_at(invalid.offset) else {
            return diagnosis;
        };
        diagnosis.place = Some(sequence.place);
        let Ok(mut stepper) = self.stepper(&sequence) else {
            return diagnosis;
        };
        match stepper.forward(usize::MAX) {
            Ok(_) | Err(Stop::Malformed(_)) => diagnosis,
            Err(Stop::Invalid(found)) => *found,
        }
    }
}

impl Validation {
    /// Shows the types of the rows with the indices that the module gives them.
    fn write_types(&self, diagnosis: &mut Diagnosis) {
        for row in &mut diagnosis.rows {
            row.expected = row.expected.map(|ty| self.written_expected(ty));
            if let Some(actual) = &mut row.actual {
                actual.ty = self.written_operand(actual.ty);
            }
        }
    }
}

/// An operand on the stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operand {
    /// The type of the operand.
    pub ty: OperandType,
    /// The byte offset of the instruction that pushed it.
    pub pushed_by: u32,
    /// The number of that instruction in its sequence, from 0.
    pub number: u32,
}

/// An entry of the control stack.
#[derive(Clone, Copy, Debug)]
pub struct Label<'c> {
    /// What the validator keeps of it.
    pub frame: ControlFrame<'c>,
    /// The byte offset of the instruction that opened it; the start of the sequence for the
    /// outermost entry.
    pub opened: u32,
}

/// Why a sequence cannot be validated further.
#[derive(Clone, PartialEq, Debug)]
pub enum Stop {
    /// An instruction breaks a rule.
    Invalid(Box<Diagnosis>),
    /// The bytes are no instruction.
    Malformed(Malformed),
}

/// Validates one instruction sequence, an instruction at a time.
pub struct Stepper<'m> {
    validation: &'m Validation,
    place: Place,
    reader: InstrReader<'m>,
    validator: FuncValidator<'m>,
    /// The operands, bottom first.
    stack: Vec<Operand>,
    /// What the last instruction took from the stack, bottom first.
    removed: Vec<Operand>,
    /// Operand types of the last instruction.
    expected: Vec<Expected>,
    control: Vec<Label<'m>>,
    /// The rules that type the last instruction.
    rules: Vec<Rule>,
    steps: usize,
    /// Why no instruction follows.
    stopped: Option<Stop>,
}

/// An instruction that was found valid, and what it did to the operand stack.
struct Done<'m> {
    offset: u32,
    instr: Instr<'m>,
    /// How many operands it took that are not on the stack.
    unknown: usize,
    /// The height of the stack without what it took.
    base: usize,
    /// The height of the stack without what it took or made unusable.
    kept: usize,
}

impl core::fmt::Debug for Stepper<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Stepper")
            .field("place", &self.place)
            .field("steps", &self.steps)
            .field("stack", &self.stack)
            .finish_non_exhaustive()
    }
}

/// One instruction that was found valid, and the state behind it.
#[derive(Clone, Copy, Debug)]
pub struct Step<'s, 'm> {
    /// How many instructions of the sequence came before.
    pub number: usize,
    /// The byte offset of the instruction in the module.
    pub offset: u32,
    /// The instruction.
    pub instr: Instr<'m>,
    /// The rules of the formal specification that type it: those of its immediates first, its own
    /// last.
    pub rules: &'s [Rule],
    /// The operand types that it takes, bottom first.
    pub expected: &'s [Expected],
    /// How many operands it took that unreachable code only pretends to have.
    pub unknown: usize,
    /// The operands that it left where they were, bottom first.
    pub kept: &'s [Operand],
    /// The operands that no instruction behind a branch can see any more, bottom first.
    pub discarded: &'s [Operand],
    /// The operands that it took, bottom first.
    pub popped: &'s [Operand],
    /// The operands that it left, bottom first.
    pub pushed: &'s [Operand],
    /// The control stack behind it, the outermost entry first.
    pub control: &'s [Label<'m>],
    /// The locals without a default value that are set, in the order in which they were.
    pub set_locals: &'s [u32],
}

impl Step<'_, '_> {
    /// Returns the operand stack before the instruction, bottom first.
    pub fn before(&self) -> impl DoubleEndedIterator<Item = &Operand> {
        self.kept.iter().chain(self.discarded).chain(self.popped)
    }

    /// Returns the operand stack behind the instruction, bottom first.
    pub fn after(&self) -> impl DoubleEndedIterator<Item = &Operand> {
        self.kept.iter().chain(self.pushed)
    }
}

impl<'m> Stepper<'m> {
    /// Which part of the module is validated.
    pub fn place(&self) -> Place {
        self.place
    }

    /// How many instructions were validated.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The operand stack, bottom first.
    pub fn stack(&self) -> &[Operand] {
        &self.stack
    }

    /// The control stack, the outermost entry first.
    pub fn control(&self) -> &[Label<'m>] {
        &self.control
    }

    /// The validator. After an error its stacks are no state of the algorithm any more.
    pub fn validator(&self) -> &FuncValidator<'m> {
        &self.validator
    }

    /// Validates the next instruction; `None` behind the last one.
    ///
    /// # Errors
    /// When the instruction is invalid or malformed. Nothing can be validated after that, and the
    /// error stays.
    pub fn advance(&mut self) -> Result<Option<Step<'_, 'm>>, Stop> {
        let Some(done) = self.one(true)? else {
            return Ok(None);
        };
        let (kept, pushed) = self.stack.split_at(done.kept);
        let (discarded, popped) = self.removed.split_at(done.base - done.kept);
        Ok(Some(Step {
            number: self.steps - 1,
            offset: done.offset,
            instr: done.instr,
            rules: &self.rules,
            expected: &self.expected,
            unknown: done.unknown,
            kept,
            discarded,
            popped,
            pushed,
            control: &self.control,
            set_locals: self.validator.set_locals(),
        }))
    }

    /// Validates up to `count` instructions that nobody looks at, which takes a fraction of the
    /// time; returns how many there were. The stacks are those that as many calls of
    /// [`Stepper::advance`] leave.
    ///
    /// # Errors
    /// As those of [`Stepper::advance`].
    pub fn forward(&mut self, count: usize) -> Result<usize, Stop> {
        for done in 0..count {
            if self.one(false)?.is_none() {
                return Ok(done);
            }
        }
        Ok(count)
    }

    /// Validates an instruction and follows its operands. Only what a step shows is looked up.
    #[inline(always)]
    fn one(&mut self, is_shown: bool) -> Result<Option<Done<'m>>, Stop> {
        if let Some(stop) = &self.stopped {
            return Err(stop.clone());
        }
        if self.validator.depth() == 0 {
            return Ok(None);
        }
        let (offset, instr) = match self.reader.read() {
            Ok(read) => read,
            Err(malformed) => return Err(self.stop(Stop::Malformed(malformed))),
        };
        let taken = match takes::count(&instr) {
            Some(count) if !is_shown => count,
            _ => {
                // Every other instruction has to be looked up for this, too.
                self.look_up(&instr);
                self.expected.len()
            }
        };
        if is_shown {
            self.look_up_rules(&instr);
        }
        if let Err(invalid) = self.validator.instr(offset, &instr) {
            return Err(self.explain(invalid, &instr));
        }
        let available = self.available();
        let base = self.stack.len() - taken.min(available);
        let height = self.validator.height();
        let kept = base.min(height);
        if is_shown {
            self.removed.clear();
            self.removed.extend(self.stack.drain(kept..));
        } else {
            self.stack.truncate(kept);
        }
        for height in kept..height {
            let ty = self.validator.operand_at(height);
            self.stack.push(Operand {
                ty: ty.unwrap_or(OperandType::Bot),
                pushed_by: offset,
                number: self.steps as u32,
            });
        }
        self.update_control(offset, &instr);
        self.steps += 1;
        Ok(Some(Done {
            offset,
            instr,
            unknown: taken.saturating_sub(available),
            base,
            kept,
        }))
    }

    /// Explains an error. The stacks are still those before the instruction.
    #[cold]
    fn explain(&mut self, invalid: Invalid, instr: &Instr<'_>) -> Stop {
        let known = self.look_up(instr);
        self.look_up_rules(instr);
        let expected = known.then_some(&self.expected[..]);
        let mut diagnosis = diagnosis::explain(self, invalid, instr, expected);
        self.validation.write_types(&mut diagnosis);
        self.stop(Stop::Invalid(Box::new(diagnosis)))
    }

    /// Keeps why no instruction follows.
    fn stop(&mut self, stop: Stop) -> Stop {
        self.stopped = Some(stop.clone());
        stop
    }

    /// Finds the operand types of an instruction; returns whether they are all known.
    fn look_up(&mut self, instr: &Instr<'_>) -> bool {
        let mut types = core::mem::take(&mut self.expected);
        types.clear();
        let mut takes = Takes {
            validator: &self.validator,
            control: &self.control,
            available: self.available(),
            types: &mut types,
        };
        let known = takes.instr(instr).is_some();
        self.expected = types;
        known
    }

    /// Finds the rules that type an instruction.
    fn look_up_rules(&mut self, instr: &Instr<'_>) {
        let inside = self.control.last().map(|label| label.frame.kind);
        let place = rules::Place {
            inside: inside.unwrap_or(FrameKind::Func),
            constant: self.place.is_constant(),
        };
        typing_rules(instr, place, &mut self.rules);
    }

    /// How many operands the innermost block has.
    fn available(&self) -> usize {
        let below = self.control.last().map_or(0, |label| label.frame.height);
        self.stack.len().saturating_sub(below)
    }

    /// Brings the control stack up to the validator's: an instruction opens or closes one block at
    /// most, and changes the innermost one only.
    #[inline(always)]
    fn update_control(&mut self, offset: u32, instr: &Instr<'_>) {
        let depth = self.validator.depth();
        let unreachable = self.validator.is_unreachable();
        if let Some(innermost) = self.control.last()
            && (self.control.len(), innermost.frame.unreachable) == (depth, unreachable)
            && !matches!(instr, Instr::Else)
        {
            return;
        }
        self.control.truncate(depth);
        if depth == 0 {
            return;
        }
        let frame = self.validator.control(LabelIdx(0));
        match self.control.get_mut(depth - 1) {
            Some(label) => label.frame = frame,
            None => self.control.push(Label {
                frame,
                opened: offset,
            }),
        }
    }
}
