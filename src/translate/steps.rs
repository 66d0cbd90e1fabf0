//! The instructions of a faithful body, for stepping and tracing: where each begins, which operands
//! it takes and leaves, which labels are open, what it writes. Made by translating the function
//! again while the validator follows.

use super::Validated;
use super::func::Source;
use super::stack::Stack;
use crate::syntax::{Catch, Instr, LabelIdx, ValType};
use crate::valid::{FrameKind, FuncValidator, OperandType, Scratch};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;
use core::ops::Range;

/// Stands for no step, no operand, no label.
pub const NONE: u32 = u32::MAX;

/// Where a value is in a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// The static type of the value.
    pub ty: ValType,
    /// The cell; a vector takes the next one, too.
    pub cell: u32,
}

/// An operand on the stack, and what is below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Operand {
    slot: Slot,
    /// The step that pushed it, where control comes from the instruction before.
    step: u32,
    below: u32,
}

/// An open construct (spec: exec/runtime, labels and handlers).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Which construct.
    pub kind: FrameKind,
    /// The byte offset of the instruction that opened it.
    pub offset: u32,
    /// Height of the operand stack below it, parameters excluded.
    pub height: u32,
    /// How many values a branch to it passes.
    pub arity: u32,
    /// The clauses of a `try_table`.
    pub catches: Box<[Catch]>,
    /// Whether instructions follow it in the sequence that it is in.
    pub followed: bool,
    /// The label around it.
    below: u32,
}

/// How an instruction can pass control on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// To the next instruction.
    Next,
    /// To a label, or to the next instruction.
    Branch,
    /// To a callee.
    Call,
    /// To a callee that replaces the frame.
    TailCall,
    /// To the caller: `return`, and the `end` of a function.
    Return,
    /// To the handler of an exception.
    Throw,
}

/// What an instruction writes besides the operand stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing.
    None,
    /// A local.
    Local(u32),
    /// A global of the instance.
    Global(u32),
    /// That many bytes of a memory, at the address in the first operand plus an offset.
    Store {
        /// The memory of the instance.
        memory: u32,
        /// Added to the address.
        offset: u64,
        /// The number of bytes.
        bytes: u32,
    },
    /// Bytes of a memory: the first operand says where, the third how many.
    Bulk {
        /// The memory of the instance.
        memory: u32,
    },
    /// The element of a table that the first operand names.
    Element(u32),
    /// Elements of a table: the first operand says where, the third how many.
    Elements(u32),
    /// The size of a memory.
    GrowMemory(u32),
    /// The size of a table.
    GrowTable(u32),
    /// The object that the first operand refers to.
    Object,
    /// Drops a segment.
    Segment,
}

impl Effect {
    /// Whether bytes of a memory are written.
    #[inline]
    pub fn is_on_bytes(self) -> bool {
        matches!(self, Effect::Store { .. } | Effect::Bulk { .. })
    }
}

/// An instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// First operation, counted from the body's start.
    pub op: u32,
    /// Byte offset of the instruction in the module.
    pub offset: u32,
    /// How control goes on.
    pub flow: Flow,
    /// What it writes.
    pub effect: Effect,
    /// How many operands it takes, and how many results it leaves, where control goes on to the
    /// next instruction.
    pub arity: (u32, u32),
    /// How many operands a branch takes when it is taken, and how many values it passes on; a
    /// return, too.
    pub branch: (u32, u32),
    /// Height of the operand stack before.
    pub height: u32,
    /// Whether instructions follow it in its sequence; not said of those that open a construct.
    pub followed: bool,
    /// Where its operands and results begin in `slots`.
    slots: u32,
    /// The top operand before.
    top: u32,
    /// The innermost label before.
    label: u32,
}

/// The instructions of a function, or of a constant expression.
#[derive(Debug, Default)]
pub struct Steps {
    /// The instructions that can be reached, by ascending position.
    pub steps: Vec<Step>,
    /// Parameters and declared locals.
    pub locals: Box<[Slot]>,
    /// The step that begins at each operation.
    at: Vec<u32>,
    slots: Vec<Slot>,
    operands: Vec<Operand>,
    labels: Vec<Label>,
}

impl Steps {
    /// The step that begins at an operation.
    #[inline]
    pub fn at(&self, op: u32) -> Option<u32> {
        let step = *self.at.get(op as usize)?;
        (step != NONE).then_some(step)
    }

    /// The step whose operations include that one.
    pub fn around(&self, op: u32) -> Option<u32> {
        let after = self.steps.partition_point(|step| step.op <= op);
        Some(after.checked_sub(1)? as u32)
    }

    /// The step at the byte offset of an instruction.
    pub fn at_offset(&self, offset: u32) -> Option<u32> {
        let found = self
            .steps
            .binary_search_by_key(&offset, |step| step.offset)
            .ok()?;
        Some(found as u32)
    }

    /// The operands that a step takes, bottom first.
    pub fn pops(&self, step: &Step) -> &[Slot] {
        &self.slots[step.slots as usize..][..step.arity.0 as usize]
    }

    /// The results that a step leaves where control goes on to the next instruction.
    pub fn pushes(&self, step: &Step) -> &[Slot] {
        &self.slots[(step.slots + step.arity.0) as usize..][..step.arity.1 as usize]
    }

    /// The operand stack before a step, top first, each with the step that pushed it where that
    /// is known without the run.
    pub fn operands(&self, step: &Step) -> impl Iterator<Item = (Slot, Option<u32>)> + '_ {
        let mut next = step.top;
        core::iter::from_fn(move || {
            let operand = self.operands.get(next as usize)?;
            next = operand.below;
            let pushed = (operand.step != NONE).then_some(operand.step);
            Some((operand.slot, pushed))
        })
    }

    /// The labels that are open before a step, innermost first; the function's own is the last.
    pub fn labels(&self, step: &Step) -> impl Iterator<Item = &Label> + '_ {
        let mut next = step.label;
        core::iter::from_fn(move || {
            let label = self.labels.get(next as usize)?;
            next = label.below;
            Some(label)
        })
    }

    /// Bytes that the lists take, about.
    pub fn bytes(&self) -> usize {
        self.steps.len() * size_of::<Step>()
            + self.at.len() * 4
            + self.slots.len() * size_of::<Slot>()
            + self.operands.len() * size_of::<Operand>()
            + self.labels.len() * size_of::<Label>()
    }
}

/// Follows the types along a faithful translation.
pub(super) struct Recorder<'m> {
    validator: FuncValidator<'m>,
    steps: Steps,
    /// The operand stack: indices into `steps.operands`.
    stack: Vec<u32>,
    /// The open labels: indices into `steps.labels`.
    open: Vec<u32>,
    /// For each open `else`, its label and that of its `if`.
    arms: Vec<[u32; 2]>,
    /// The step that comes right before.
    before: Option<u32>,
    /// The labels of the construct that has ended right before.
    ended: [u32; 2],
    /// Results of the function.
    results: u32,
}

impl<'m> Recorder<'m> {
    pub fn new(validated: &'m Validated, source: &Source<'m>, locals: Vec<Slot>) -> Recorder<'m> {
        let ctx = &validated.context;
        let scratch = Scratch::default();
        let validator = match ctx.funcs.get(source.func.index()) {
            Some(&ty) => FuncValidator::new(ctx, ty, source.locals, scratch)
                .unwrap_or_else(|_| unreachable!("validated: locals have been checked")),
            None => FuncValidator::constant(ctx, source.results[0], NONE, scratch),
        };
        let results = source.results.len() as u32;
        let body = Label {
            kind: FrameKind::Func,
            offset: source.code.1,
            height: 0,
            arity: results,
            catches: Box::default(),
            followed: false,
            below: NONE,
        };
        Recorder {
            validator,
            steps: Steps {
                locals: locals.into(),
                labels: vec![body],
                ..Steps::default()
            },
            stack: Vec::new(),
            open: vec![0],
            arms: Vec::new(),
            before: None,
            ended: [NONE; 2],
            results,
        }
    }

    /// An instruction has been translated; `ops` are its operations. `stack` is the translator's,
    /// afterwards.
    pub fn step(
        &mut self,
        offset: u32,
        instr: &Instr<'m>,
        alive: bool,
        ops: Range<u32>,
        stack: &Stack,
    ) {
        self.follows(instr);
        let height = self.stack.len() as u32;
        let label = self.open.last().copied().unwrap_or(NONE);
        let top = self.stack.last().copied().unwrap_or(NONE);
        let branch = self.branch(instr);
        if self.validator.instr(offset, instr).is_err() {
            unreachable!("validated: bodies have been validated");
        }
        let number = self.steps.steps.len() as u32;
        let slots = self.steps.slots.len() as u32;
        // Labels and frames are left with their values in place.
        let stays = matches!(instr, Instr::End | Instr::Else | Instr::Return);
        let merges = matches!(instr, Instr::End) && self.is_branched_to(label);
        let arity = self.follow(alive.then_some(number), (stays, merges), stack);
        if alive {
            self.steps.at.resize(ops.start as usize, NONE);
            self.steps.at.push(number);
            self.steps.at.resize(ops.end as usize, NONE);
            self.steps.steps.push(Step {
                op: ops.start,
                offset,
                flow: flow(instr, self.validator.depth()),
                effect: effect(instr),
                arity,
                branch,
                height,
                followed: false,
                slots,
                top,
                label,
            });
        }
        self.before = alive.then_some(number);
        self.open_or_close(offset, instr);
    }

    /// Notes what an instruction comes after in its sequence.
    fn follows(&mut self, instr: &Instr<'_>) {
        let (before, ended) = (self.before.take(), mem::replace(&mut self.ended, [NONE; 2]));
        if matches!(instr, Instr::End | Instr::Else) {
            return;
        }
        if let Some(step) = before.and_then(|at| self.steps.steps.get_mut(at as usize)) {
            step.followed = true;
        }
        for at in ended {
            if let Some(label) = self.steps.labels.get_mut(at as usize) {
                label.followed = true;
            }
        }
    }

    /// How many operands a branch takes when it is taken, and how many values it passes; the
    /// latter for a return, too.
    fn branch(&self, instr: &Instr<'_>) -> (u32, u32) {
        let arity = |label: LabelIdx| self.validator.control(label).label_types().len() as u32;
        match *instr {
            Instr::Br(label) => (arity(label), arity(label)),
            Instr::BrIf(label) | Instr::BrOnNull(label) => (arity(label) + 1, arity(label)),
            Instr::BrTable(targets) => {
                let passed = targets.iter().last().map_or(0, arity);
                (passed + 1, passed)
            }
            // The reference is one of the values.
            Instr::BrOnNonNull(label) => (arity(label), arity(label)),
            Instr::BrOnCast(cast) | Instr::BrOnCastFail(cast) => {
                (arity(cast.label), arity(cast.label))
            }
            Instr::If(_) => (1, 0),
            Instr::Return => (self.results, self.results),
            Instr::End if self.open.len() == 1 => (self.results, self.results),
            _ => (0, 0), // No other instruction passes values to a label.
        }
    }

    /// Whether control can come to the end of a construct from more than the instruction before.
    fn is_branched_to(&self, label: u32) -> bool {
        let label = self.steps.labels.get(label as usize);
        label.is_some_and(|label| match label.kind {
            FrameKind::Loop | FrameKind::Func => false,
            FrameKind::Block | FrameKind::If | FrameKind::Else | FrameKind::TryTable => true,
        })
    }

    /// Brings the operand stack up to date; returns how many operands the instruction takes and
    /// leaves. Values that stay in place were pushed by the step that they were pushed by before,
    /// unless ways merge.
    fn follow(
        &mut self,
        step: Option<u32>,
        (stays, merges): (bool, bool),
        stack: &Stack,
    ) -> (u32, u32) {
        let steps = &mut self.steps;
        let low = stack.low.min(self.stack.len());
        let shown = step.is_some() && !stays;
        let kept: Vec<u32> = self.stack.drain(low..).collect();
        if shown {
            let taken = kept
                .iter()
                .map(|&index| steps.operands[index as usize].slot);
            steps.slots.extend(taken);
        }
        for position in low..stack.height().operands {
            let ty = match self.validator.operand_at(position) {
                Some(OperandType::Val(ty)) => ty,
                Some(OperandType::Bot | OperandType::RefBot) | None => ValType::I32,
            };
            let slot = Slot {
                ty,
                cell: stack.at(position).slot,
            };
            let below = self.stack.last().copied().unwrap_or(NONE);
            let same = kept.get(position - low).filter(|&&index| {
                let operand = &steps.operands[index as usize];
                stays && !merges && operand.slot == slot && operand.below == below
            });
            let index = match same {
                Some(&index) => index,
                None => {
                    let step = step.filter(|_| !stays).unwrap_or(NONE);
                    steps.operands.push(Operand { slot, step, below });
                    steps.operands.len() as u32 - 1
                }
            };
            self.stack.push(index);
            if shown {
                steps.slots.push(slot);
            }
        }
        match shown {
            true => (kept.len() as u32, (self.stack.len() - low) as u32),
            false => (0, 0),
        }
    }

    fn open_or_close(&mut self, offset: u32, instr: &Instr<'_>) {
        match instr {
            Instr::Block(_) | Instr::Loop(_) | Instr::If(_) | Instr::TryTable(..) => {
                let below = self.open.last().copied().unwrap_or(NONE);
                self.open_label(offset, instr, below);
            }
            Instr::Else => {
                let opened = self.open.pop().unwrap_or(NONE);
                let label = self.steps.labels.get(opened as usize);
                let (offset, below) = label.map_or((offset, NONE), |l| (l.offset, l.below));
                self.open_label(offset, instr, below);
                self.arms.push([self.steps.labels.len() as u32 - 1, opened]);
            }
            Instr::End => {
                let label = self.open.pop().unwrap_or(NONE);
                let arms = self.arms.pop_if(|arms| arms[0] == label);
                self.ended = arms.unwrap_or([label, NONE]);
            }
            _ => {} // No other instruction opens or closes a construct.
        }
    }

    /// Opens the construct that the validator has opened.
    fn open_label(&mut self, offset: u32, instr: &Instr<'_>, below: u32) {
        let frame = self.validator.control(LabelIdx(0));
        let catches = match instr {
            Instr::TryTable(_, catches) => catches.iter().collect(),
            _ => Box::default(), // Only that one has clauses.
        };
        self.steps.labels.push(Label {
            kind: frame.kind,
            offset,
            height: frame.height as u32,
            arity: frame.label_types().len() as u32,
            catches,
            followed: false,
            below,
        });
        self.open.push(self.steps.labels.len() as u32 - 1);
    }

    pub fn finish(self) -> Steps {
        self.steps
    }
}

/// How an instruction passes control on, with that many constructs open afterwards.
fn flow(instr: &Instr<'_>, depth: usize) -> Flow {
    match instr {
        Instr::Br(_)
        | Instr::BrIf(_)
        | Instr::BrTable(_)
        | Instr::BrOnNull(_)
        | Instr::BrOnNonNull(_)
        | Instr::BrOnCast(_)
        | Instr::BrOnCastFail(_)
        | Instr::If(_)
        | Instr::Else => Flow::Branch,
        Instr::Call(_) | Instr::CallIndirect(..) | Instr::CallRef(_) => Flow::Call,
        Instr::ReturnCall(_) | Instr::ReturnCallIndirect(..) | Instr::ReturnCallRef(_) => {
            Flow::TailCall
        }
        Instr::Return => Flow::Return,
        Instr::End if depth == 0 => Flow::Return,
        Instr::Throw(_) | Instr::ThrowRef => Flow::Throw,
        _ => Flow::Next, // Every other instruction is followed by the next, or traps.
    }
}

/// What an instruction writes.
fn effect(instr: &Instr<'_>) -> Effect {
    use crate::syntax::AtomicShape;
    let store = |arg: &crate::syntax::MemArg, bytes| Effect::Store {
        memory: arg.memory.0,
        offset: arg.offset,
        bytes,
    };
    match instr {
        Instr::LocalSet(local) | Instr::LocalTee(local) => Effect::Local(local.0),
        Instr::GlobalSet(global) => Effect::Global(global.0),
        Instr::Store(op, arg) => store(arg, op.bytes()),
        Instr::LaneMemory(op, arg, _) if op.is_store() => store(arg, op.bytes()),
        Instr::Atomic(op, arg) if op.shape() != AtomicShape::Load => store(arg, op.bytes()),
        Instr::MemoryFill(memory) | Instr::MemoryCopy(memory, _) | Instr::MemoryInit(_, memory) => {
            Effect::Bulk { memory: memory.0 }
        }
        Instr::MemoryGrow(memory) => Effect::GrowMemory(memory.0),
        Instr::TableSet(table) => Effect::Element(table.0),
        Instr::TableFill(table) | Instr::TableCopy(table, _) | Instr::TableInit(_, table) => {
            Effect::Elements(table.0)
        }
        Instr::TableGrow(table) => Effect::GrowTable(table.0),
        Instr::StructSet(..)
        | Instr::ArraySet(_)
        | Instr::ArrayFill(_)
        | Instr::ArrayCopy(..)
        | Instr::ArrayInitData(..)
        | Instr::ArrayInitElem(..) => Effect::Object,
        Instr::DataDrop(_) | Instr::ElemDrop(_) => Effect::Segment,
        _ => Effect::None, // Every other instruction writes the operand stack alone.
    }
}
