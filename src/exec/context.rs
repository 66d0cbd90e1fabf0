//! What handlers see besides code, frame and accumulator. A context lives from one call of the host
//! to the next, or as long as the resumption; the driver makes it from the store and puts
//! everything back.

use super::instance::{Instance, Instances};
use super::program::Program;
use super::run::{Control, Regs, WINDOW};
use super::threaded::{Exit, Frame, Outcome, ThreadedOp};
use crate::runtime::{FuncAddr, HostAddr, MemAddr, Reference, State};
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

/// The transient state of a resumption, up to the next call of the host. `'c`: code and links;
/// `'s`: what the store lends until then.
///
/// A host function is given the whole store, so each of its calls ends one context and begins the
/// next. What handlers seldom look at is therefore elsewhere: what outlives the call in `path`, the
/// rest in the store itself.
pub struct Ctx<'c, 's> {
    /// Code of the current unit.
    pub all: &'c [ThreadedOp],
    /// Base of the frame in the low half, the instance in the high half: one word of a link.
    pub frame_word: u64,
    /// The current unit in the high half: the other word's upper part.
    pub unit_word: u64,
    /// The last call inside the unit that has not been followed by another or by a change of unit.
    pub last: LastCall,
    /// The run's cells.
    pub stack: &'s [Cell<u64>],
    /// Contents of memory 0, moved here while its instance is current.
    pub mem: Vec<u8>,
    /// Where they belong.
    pub mem0: Option<MemAddr>,
    /// The current instance.
    pub inst: &'c Instance,

    /// The store's state; the current memory 0 is empty in it.
    pub state: &'s mut State,
    /// Fuel and deadline.
    pub control: &'s mut Control,
    /// What the run has besides its cells; the position in it is out of date.
    pub regs: &'s mut Regs,
    /// What lasts for the whole resumption.
    pub path: &'s mut Path<'c>,

    /// Written on leaving: why.
    pub exit: Exit,
    /// Written on leaving: operations from the resumption point to the end of the unit.
    pub left: usize,
    /// Written on leaving: the accumulator.
    pub acc: u64,
}

/// The part of the context that lasts for the whole resumption.
pub struct Path<'c> {
    /// The store's instances.
    pub instances: &'c Instances,
    /// Which form of the code is used.
    pub mode: DispatchMode,
    /// The current instance.
    pub inst: &'c Instance,
    /// The program of the instance.
    pub program: &'c Program,
    /// Code of the current unit.
    pub all: &'c [ThreadedOp],
    /// The unit before, of the same program, and its code: calls go back and forth.
    pub before: (u64, &'c [ThreadedOp]),
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
    /// Written on leaving for a host function: which one, and its address as a function.
    pub host: (HostAddr, FuncAddr),
    /// Written on leaving: start of the callee's frame, counted from the current one.
    pub offset: u32,
    /// Written on leaving: the link cell of the current frame (returns, tail calls) or of the
    /// callee's (calls).
    pub link: u16,
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

/// Stands for no unit and no code: no number of a unit has a low half.
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
    /// The operation throws an exception.
    Throw(Reference),
    /// Collect, then try again.
    Collect,
    /// Ask whether something may grow, then try again.
    Growth,
    /// The epoch deadline was reached half way; the run's progress says where to go on.
    Interrupted,
    /// The thread gives its turn away; try again at the next one.
    Waits,
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

impl<'c, 's> Ctx<'c, 's> {
    /// Returns whether the epoch deadline is reached.
    #[inline(always)]
    pub fn is_due(&self) -> bool {
        self.path.instances.epoch.load(Ordering::Relaxed) >= self.control.deadline
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
        self.path.trap = trap;
        self.leave(left, acc, Exit::Trap);
    }

    /// Leaves with the fault that an operation out of line has left in the context.
    #[cold]
    #[inline(never)]
    pub fn leave_fault(&mut self, left: usize, acc: u64) -> Outcome {
        let exit = match self.path.fault {
            OpExit::Trap(trap) => {
                self.path.trap = trap;
                Exit::Trap
            }
            OpExit::Throw(exception) => {
                self.path.exception = exception;
                Exit::Throw
            }
            OpExit::Collect => Exit::Collect,
            OpExit::Growth => Exit::Growth,
            OpExit::Interrupted => Exit::Interrupted,
            OpExit::Waits => Exit::Waits,
            OpExit::OutOfFuel => Exit::OutOfFuel,
            OpExit::Bug => Exit::Bug,
        };
        self.leave(left, acc, exit);
    }

    /// The window at a base (its low 32 bits), unless the stack ends before.
    #[inline(always)]
    pub fn window(&self, base: u64) -> Option<&'s Frame> {
        let low = base as u32 as usize;
        self.stack
            .get(low..low + WINDOW)
            .and_then(|cells| cells.first_chunk::<WINDOW>())
    }

    /// Makes another unit of the current program current.
    #[inline(never)]
    pub fn switch_unit(&mut self, unit: u32) {
        let (here, there) = (self.unit_word, u64::from(unit) << 32);
        let path = &mut *self.path;
        let code = match path.before {
            (before, code) if before == there => code,
            _ => path.program.code(unit, path.mode), // Any other unit.
        };
        path.before = (here, core::mem::replace(&mut self.all, code));
        self.unit_word = there;
        self.last = LastCall::NONE;
    }

    /// Makes a unit of another program current.
    pub fn switch_program(&mut self, program: &'c Program, unit: u32) {
        self.path.program = program;
        self.path.before = NO_UNIT;
        self.switch_unit(unit);
        self.path.before = NO_UNIT;
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

    /// The size in bytes of a memory, which may be the one that is here.
    #[cfg(feature = "observe")]
    pub fn byte_len(&self, addr: MemAddr) -> u64 {
        let memory = &self.state.memories[addr.index()];
        match self.mem0 == Some(addr) && memory.shared.is_none() {
            true => self.mem.len() as u64,
            false => memory.byte_len(),
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
