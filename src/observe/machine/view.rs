//! What there is to see when a machine is paused: frames with their locals, operands and labels.

use super::Machine;
use crate::api::AsContextMut;
use crate::exec::frames;
use crate::exec::probe::{Maps, Place, Value};
use crate::exec::{Instances, Run};
use crate::runtime::{InstAddr, State};
use crate::syntax::{FuncIdx, ValType};
use crate::translate::Steps;
use crate::translate::steps::Slot;
use crate::valid::FrameKind;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// An operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OperandView {
    /// The value.
    pub value: Value,
    /// The byte offset of the instruction that pushed it, where every way leads through that one.
    pub pushed_by: Option<u32>,
    /// The cell in the frame.
    pub cell: u32,
}

/// A label, or a handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LabelView {
    /// The construct that opened it.
    pub kind: FrameKind,
    /// The byte offset of the instruction that opened it.
    pub offset: u32,
    /// How many values a branch to it passes.
    pub arity: u32,
    /// The height of the operand stack below it.
    pub height: u32,
    /// The number of clauses of a `try_table`.
    pub catches: u32,
}

/// A frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameView {
    /// The thread that the frame is of.
    pub thread: u32,
    /// The instruction that comes next; in a caller, the call.
    pub place: Place,
    /// The first cell of the frame.
    pub base: u32,
    /// Parameters and declared locals.
    pub locals: Vec<Value>,
    /// The operand stack, bottom first.
    pub operands: Vec<OperandView>,
    /// The open labels, innermost first; the function's own is the last.
    pub labels: Vec<LabelView>,
}

impl<T> Machine<T> {
    /// Returns the frames of the run, innermost first. At the end of a run that failed, these are
    /// the frames that it failed in.
    pub fn frames(&mut self) -> Vec<FrameView> {
        if !self.is_at_end {
            return self.frames_of(self.thread());
        }
        let run = self.last.as_ref().and_then(|run| run.live().ok());
        self.views(self.thread(), run)
    }

    /// Returns the frames of a thread, innermost first; none for one that has ended.
    pub fn frames_of(&mut self, thread: u32) -> Vec<FrameView> {
        let mut list = self.threads.list.iter();
        let found = list.find(|other| other.id == thread);
        let waiting = found.and_then(|found| found.waiting.clone());
        let run = waiting.and_then(|waiting| waiting.run(self.core())?.live().ok());
        self.views(thread, run)
    }

    fn views(&mut self, thread: u32, run: Option<Run>) -> Vec<FrameView> {
        let core = self.core();
        let instances = core.instances.clone();
        let views = run.map(|run| views(&instances, (thread, &run), core.stepping().maps()));
        views.unwrap_or_default()
    }

    /// Returns the state of the store, and its instances.
    pub fn state(&mut self) -> (&State, Arc<Instances>) {
        let core = &mut self.store.as_context_mut().0.core;
        (&core.state, core.instances.clone())
    }

    /// Returns the instructions of a function of an instance.
    pub fn steps(&mut self, inst: InstAddr, func: FuncIdx) -> Arc<Steps> {
        let core = &mut self.store.as_context_mut().0.core;
        let instances = core.instances.clone();
        core.stepping().maps().of(&instances, inst, func)
    }

    /// Returns the instruction that comes next, unless the run has ended.
    pub fn place(&mut self) -> Option<Place> {
        if self.is_at_end {
            return None;
        }
        Some(self.frames().first()?.place)
    }
}

fn views(instances: &Instances, (thread, run): (u32, &Run), maps: &mut Maps) -> Vec<FrameView> {
    let mut views = Vec::new();
    for (depth, frame) in frames::frames(instances, run).enumerate() {
        let (inst, func) = (frame.inst, frame.body.func);
        let steps = maps.of(instances, inst, func);
        let own = frame.pc.wrapping_sub(frame.body.code.start);
        let Some(step) = steps.around(own).map(|step| steps.steps[step as usize]) else {
            continue; // A function that cannot run at all has no instructions.
        };
        let base = frame.base as u32;
        let value = |slot: Slot| value(run, base, slot);
        // In a caller, the arguments belong to the callee.
        let taken = if depth == 0 { 0 } else { step.arity.0 };
        let operands = steps.operands(&step).skip(taken as usize);
        let mut operands: Vec<OperandView> = operands
            .map(|(slot, pushed)| OperandView {
                value: value(slot),
                pushed_by: pushed.map(|step| steps.steps[step as usize].offset),
                cell: slot.cell,
            })
            .collect();
        operands.reverse();
        views.push(FrameView {
            thread,
            place: Place {
                inst,
                func,
                offset: step.offset,
            },
            base,
            locals: steps.locals.iter().map(|&slot| value(slot)).collect(),
            operands,
            labels: steps
                .labels(&step)
                .map(|label| LabelView {
                    kind: label.kind,
                    offset: label.offset,
                    arity: label.arity,
                    height: label.height,
                    catches: label.catches.len() as u32,
                })
                .collect(),
        });
    }
    views
}

fn value(run: &Run, base: u32, slot: Slot) -> Value {
    let cell = |at: u32| {
        run.stack
            .get((base + at) as usize)
            .copied()
            .unwrap_or_default()
    };
    let high = match slot.ty {
        ValType::V128 => cell(slot.cell + 1),
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::Ref(_) => 0,
    };
    Value {
        ty: slot.ty,
        cells: [cell(slot.cell), high],
    }
}
