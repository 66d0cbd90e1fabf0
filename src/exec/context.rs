//! What handlers see besides code, frame and accumulator. A context lives only during a resumption;
//! the driver builds it from the store and puts everything back.

use super::instance::{Instance, Instances};
use super::program::Program;
use super::run::WINDOW;
use super::threaded::{Exit, Frame, Outcome, ThreadedOp};
use crate::runtime::{MemAddr, Reference, State};
use crate::syntax::FuncIdx;
use crate::trap::Trap;
use alloc::vec::Vec;
use core::cell::Cell;
use core::sync::atomic::Ordering;

/// Which dispatch runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum DispatchMode {
    /// Each handler jumps to the next.
    #[default]
    Threaded,
    /// Each handler returns to the driver.
    Stepped,
}

/// The transient state of a activation. `'c`: code, links and stack cells; `'s`: the mutable state.
pub struct Ctx<'c, 's> {
    /// Code of the current unit.
    pub all: &'c [ThreadedOp],
    /// Base of the frame in the low half, the instance in the high half: one word of a link.
    pub frame_word: u64,
    /// The current unit in the high half: the other word's upper part.
    pub unit_word: u64,
    /// The unit before, of the same program, and its code: calls go back and forth.
    pub before: (u64, &'c [ThreadedOp]),
    /// The last call inside the unit that has not been followed by another or by a change of unit.
    pub last: LastCall,
    /// The run's cells.
    pub stack: &'c [Cell<u64>],
    /// Contents of memory 0, moved here while its instance is current.
    pub mem: Vec<u8>,
    /// Where they belong.
    pub mem0: Option<MemAddr>,
    /// The current instance.
    pub inst: &'c Instance,
    /// Its program.
    pub program: &'c Program,
    /// The store's instances.
    pub instances: &'c Instances,
    /// Which form of the code is used.
    pub mode: DispatchMode,
    /// Fuel left.
    pub fuel: u64,
    /// Epoch deadline.
    pub deadline: usize,
    /// How far an interrupted operation has come; 0 where there is none.
    pub progress: u64,

    /// The store's state; the current memory 0 is empty in it.
    pub state: &'s mut State,

    /// Written on leaving: why.
    pub exit: Exit,
    /// Written on leaving: operations from the resumption point to the end of the unit.
    pub left: usize,
    /// Written on leaving: the accumulator.
    pub acc: u64,
    /// Written on leaving: the trap.
    pub trap: Trap,
    /// What an operation out of line ended with.
    pub fault: OpExit,
    /// Written on leaving: the exception.
    pub exception: Reference,
    /// Where a call into another unit goes: the unit in the high half, the operation below.
    pub entry: u64,
    /// Where that call comes back to, as the first word of a link.
    pub back: u64,
    /// Written on leaving: the callee, or the function to translate.
    pub callee: Callee,
    /// Written on leaving: start of the callee's frame, counted from the current one.
    pub offset: u32,
    /// Written on leaving: the link cell of the current frame (returns, tail calls) or of the
    /// callee's (calls).
    pub link: u16,
    /// Host stack addresses seen by the two stack probes.
    pub probes: [usize; 2],
}

/// What a call has just written into its callee's link: a return of that callee finds it here
/// sooner than in the frame.
#[derive(Clone, Copy, Debug)]
pub struct LastCall {
    /// The callee's base and instance; [`LastCall::NONE`] has those of no frame.
    pub callee: u64,
    /// The caller's base and instance.
    pub frame_word: u64,
    /// Where it goes on in the unit.
    pub pc: usize,
}

impl LastCall {
    /// No call recorded.
    pub const NONE: LastCall = LastCall {
        callee: u64::MAX,
        frame_word: 0,
        pc: 0,
    };
}

/// In place of a unit and its code: no number of a unit has a low half.
pub const NO_UNIT: (u64, &[ThreadedOp]) = (u64::MAX, &[]);

/// A callee or a function to translate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Callee {
    /// A function of the current module.
    Idx(FuncIdx),
    /// A function of the store.
    Ref(Reference),
}

/// What an operation out of line can end with besides its result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpExit {
    /// A trap.
    Trap(Trap),
    /// An exception.
    Throw(Reference),
    /// Collect, then try again.
    Collect,
    /// Ask whether something may grow, then try again.
    Growth,
    /// The epoch deadline was reached half way; the run's progress says where to go on.
    Interrupted,
    /// No fuel for the operation; try again with more.
    OutOfFuel,
    /// An invariant does not hold.
    Bug,
}

impl From<Trap> for OpExit {
    fn from(trap: Trap) -> OpExit {
        OpExit::Trap(trap)
    }
}

impl<'c> Ctx<'c, '_> {
    /// Whether the epoch deadline is reached.
    #[inline(always)]
    pub fn is_due(&self) -> bool {
        self.instances.epoch.load(Ordering::Relaxed) >= self.deadline
    }

    /// Leaves to the driver; the run resumes with `left` operations of the unit left.
    #[inline(always)]
    pub fn leave(&mut self, left: usize, acc: u64, exit: Exit) -> Outcome {
        self.left = left;
        self.acc = acc;
        self.exit = exit;
    }

    /// Leaves with a trap; `left` counts from the operation that trapped. The accumulator may be
    /// the address of an access out of bounds.
    #[cold]
    #[inline(never)]
    pub fn trap(&mut self, left: usize, acc: u64, trap: Trap) -> Outcome {
        self.trap = trap;
        self.leave(left, acc, Exit::Trap);
    }

    /// Leaves with the fault that an operation out of line has left in the context.
    #[cold]
    #[inline(never)]
    pub fn leave_fault(&mut self, left: usize, acc: u64) -> Outcome {
        let exit = match self.fault {
            OpExit::Trap(trap) => {
                self.trap = trap;
                Exit::Trap
            }
            OpExit::Throw(exception) => {
                self.exception = exception;
                Exit::Throw
            }
            OpExit::Collect => Exit::Collect,
            OpExit::Growth => Exit::Growth,
            OpExit::Interrupted => Exit::Interrupted,
            OpExit::OutOfFuel => Exit::OutOfFuel,
            OpExit::Bug => Exit::Bug,
        };
        self.leave(left, acc, exit);
    }

    /// The window at a base (its low 32 bits), unless the stack ends before.
    #[inline(always)]
    pub fn window(&self, base: u64) -> Option<&'c Frame> {
        let low = base as u32 as usize;
        self.stack
            .get(low..low + WINDOW)
            .and_then(|cells| cells.first_chunk::<WINDOW>())
    }

    /// Makes another unit of the current program current.
    #[inline(never)]
    pub fn switch_unit(&mut self, unit: u32) {
        let (here, there) = (self.unit_word, u64::from(unit) << 32);
        let code = match self.before {
            (before, code) if before == there => code,
            _ => self.program.code(unit, self.mode), // Any other unit.
        };
        self.before = (here, core::mem::replace(&mut self.all, code));
        self.unit_word = there;
        self.last = LastCall::NONE;
    }

    /// Makes a unit of another program current.
    pub fn switch_program(&mut self, program: &'c Program, unit: u32) {
        self.program = program;
        self.before = NO_UNIT;
        self.switch_unit(unit);
        self.before = NO_UNIT;
    }

    /// Base of the current frame.
    #[inline(always)]
    pub fn base(&self) -> usize {
        self.frame_word as u32 as usize
    }

    /// Puts memory 0 back into its store.
    #[inline(always)]
    pub fn put_back(&mut self) {
        if let Some(addr) = self.mem0.take() {
            core::mem::swap(&mut self.mem, &mut self.state.memories[addr.index()].bytes);
        }
    }

    /// Takes memory 0 of the current instance.
    #[inline(always)]
    pub fn fetch(&mut self) {
        self.mem0 = self.inst.memories.first().copied();
        if let Some(addr) = self.mem0 {
            core::mem::swap(&mut self.mem, &mut self.state.memories[addr.index()].bytes);
        }
    }

    /// Runs `with` on the store's memories while memory 0 is back in its place.
    pub fn with_memories<R>(&mut self, with: impl FnOnce(&mut Self) -> R) -> R {
        self.put_back();
        let result = with(self);
        self.fetch();
        result
    }
}
