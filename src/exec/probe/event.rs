//! What a probe sees of an executed instruction.

use super::changes::Changes;
use crate::binary::InstrReader;
use crate::exec::program::Program;
use crate::exec::run::HostCall;
use crate::runtime::InstAddr;
use crate::syntax::{FuncIdx, Instr, ValType};
use crate::translate::Steps;
use crate::translate::steps::{Label, Step};
use crate::trap::Trap;
use alloc::boxed::Box;
use alloc::sync::Arc;

/// A value as a probe sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value {
    /// The static type of the value. Indices of types are those of the module.
    pub ty: ValType,
    /// The cells of the value; a vector uses both (low half first), anything else the first.
    pub cells: [u64; 2],
}

/// An instruction of a function of an instance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The address of the instance.
    pub inst: InstAddr,
    /// The index of the function; an index past the functions is a constant expression.
    pub func: FuncIdx,
    /// The byte offset of the instruction in its module.
    pub offset: u32,
}

/// How an instruction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Control goes on to the next instruction.
    Next,
    /// Control goes to a label.
    Branched,
    /// A function of Wasm was entered.
    Called,
    /// A function of Wasm was entered in place of the frame.
    TailCalled,
    /// The frame was left; the values passed on are in [`Event::passed`].
    Returned,
    /// A host function was called and has returned.
    Host,
    /// A host function was called and has failed, which ends the run.
    HostFailed,
    /// An exception was thrown, by the instruction or by the host function that it called, and
    /// caught: how many frames were left, and the position of the clause among the handlers of the
    /// frame that caught it.
    Caught {
        /// The number of frames left.
        frames: u32,
    },
    /// An exception was thrown, and ends the run.
    Uncaught,
    /// A trap, which ends the run.
    Trapped(Trap),
}

/// The clause that has caught an exception.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clause {
    /// The `try_table` among the labels of the frame that caught the exception, innermost first.
    pub label: u32,
    /// The clause among those of the `try_table`.
    pub clause: u32,
}

impl Outcome {
    /// The trap, if it is one.
    pub fn trap(self) -> Option<Trap> {
        match self {
            Outcome::Trapped(trap) => Some(trap),
            Outcome::Next
            | Outcome::Branched
            | Outcome::Called
            | Outcome::TailCalled
            | Outcome::Returned
            | Outcome::Host
            | Outcome::HostFailed
            | Outcome::Caught { .. }
            | Outcome::Uncaught => None,
        }
    }
}

/// A frame that a trap or an exception crosses.
#[derive(Clone, Debug)]
pub struct Crossed {
    /// The address of the instance.
    pub inst: InstAddr,
    /// The index of the function.
    pub func: FuncIdx,
    /// The instructions of the function.
    pub steps: Arc<Steps>,
    /// The instruction that the frame is at: in a caller, the call.
    pub step: u32,
}

impl Crossed {
    /// The labels that are open in the frame, innermost first.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        let step = self.steps.steps.get(self.step as usize);
        step.into_iter().flat_map(|step| self.steps.labels(step))
    }
}

/// One executed instruction.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The thread of the guest that executed it; 0 is the main one.
    pub thread: u32,
    /// The number of instructions executed before this one: of functions, or of constant
    /// expressions, which are counted apart.
    pub time: u64,
    /// Whether it belongs to a constant expression.
    pub is_initialiser: bool,
    /// The address of the instance.
    pub inst: InstAddr,
    /// The program of the instance.
    pub program: &'a Program,
    /// The index of the function; an index past the functions is a constant expression.
    pub func: FuncIdx,
    /// The instruction.
    pub step: &'a Step,
    /// Its place among the instructions of the function.
    pub at: u32,
    /// The instructions of the function.
    pub steps: &'a Steps,
    /// The operands that the instruction took, bottom first.
    pub pops: &'a [Value],
    /// The results that the instruction left in its frame, bottom first. Those of a call come with
    /// the callee's end.
    pub pushes: &'a [Value],
    /// The values that a return passes to the caller.
    pub passed: &'a [Value],
    /// How it ended.
    pub outcome: Outcome,
    /// What else it wrote.
    pub changes: Changes<'a>,
    /// The host function that it called.
    pub host: Option<HostCall>,
    /// The frames that a trap or an exception has crossed, innermost first, the frame of the
    /// instruction itself included. The last is the one that has caught an exception.
    pub crossed: &'a [Crossed],
    /// The clause that has caught the exception, if it was caught.
    pub clause: Option<Clause>,
    /// The instruction that comes next, unless the run ends, or waits for its host.
    pub next: Option<Place>,
}

impl<'a> Event<'a> {
    /// The byte offset of the instruction in its module.
    pub fn offset(&self) -> u32 {
        self.step.offset
    }

    /// The place of the instruction.
    pub fn place(&self) -> Place {
        Place {
            inst: self.inst,
            func: self.func,
            offset: self.step.offset,
        }
    }

    /// The instruction.
    ///
    /// # Panics
    /// Never: the instruction has been decoded before.
    pub fn instr(&self) -> Instr<'a> {
        instruction(self.program, self.step.offset)
    }

    /// The labels that were open before the instruction, innermost first; the function's own is
    /// the last.
    pub fn labels(&self) -> impl Iterator<Item = &'a Label> {
        self.steps.labels(self.step)
    }

    /// The trap that the instruction ended in, if it did.
    pub fn trap(&self) -> Option<Trap> {
        self.outcome.trap()
    }
}

/// The instruction at a byte offset of a program's module.
pub fn instruction(program: &Program, offset: u32) -> Instr<'_> {
    let bytes = &program.module().bytes[offset as usize..];
    match InstrReader::new(bytes, offset, &program.context().features).read() {
        Ok((_, instr)) => instr,
        Err(_) => unreachable!("validated: instructions have been decoded"),
    }
}

/// How much a probe wants to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Detail {
    /// Only how many instructions are executed, and where a pause is asked for: [`Probe::step`]
    /// is not called.
    Count,
    /// Which instructions are executed, where control goes, and which host functions are called.
    /// Events have no values and no changes.
    Control,
    /// Everything.
    #[default]
    Everything,
}

/// Observes each executed instruction: see [`Store::set_probe`](crate::Store::set_probe).
pub trait Probe: Send {
    /// An instruction was executed.
    fn step(&mut self, event: &Event<'_>);

    /// Returns how much the probe wants to know. It is asked once, when the probe is attached.
    fn detail(&self) -> Detail {
        Detail::Everything
    }
}

impl Probe for Box<dyn Probe> {
    fn step(&mut self, event: &Event<'_>) {
        (**self).step(event);
    }

    fn detail(&self) -> Detail {
        (**self).detail()
    }
}
