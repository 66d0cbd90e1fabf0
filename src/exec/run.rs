//! A continuation as plain data: everything a run has besides the store.

use super::instance::OnCells;
use crate::room::{reserve_exact, zeroed};
use crate::runtime::{FuncAddr, HostAddr, InstAddr, OutOfMemory, Reference};
use crate::trap::Trap;
use alloc::vec::Vec;

/// Cells of the frame window; the stack keeps that many past its limit, so that a window always
/// fits.
pub const WINDOW: usize = 65536;

/// Marks the first word of a link whose caller may be of another instance than the callee.
pub const DRIVER_LINK: u64 = 1 << 63;

/// The unit that the first word of a link names.
pub fn link_unit(word: u64) -> u32 {
    ((word & !DRIVER_LINK) >> 32) as u32
}

/// Where a run stands: before the operation at `pc`. In the order of the two words of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pos {
    /// The operation in the unit.
    pub pc: u32,
    /// The unit of the instance's program.
    pub unit: u32,
    /// First cell of the frame on the stack.
    pub base: u32,
    /// The instance.
    pub inst: InstAddr,
}

/// What the embedder sets for the runs of its store. It may change while a host function runs.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Units of fuel left; meaningful when the program charges fuel.
    pub fuel: u64,
    /// The epoch at which to stop.
    pub deadline: usize,
    /// Host functions that need nothing but cells, by their address.
    pub on_cells: Vec<Option<OnCells>>,
}

impl Control {
    /// Neither fuel nor epochs stop a run.
    pub const UNLIMITED: Control = Control {
        fuel: u64::MAX,
        deadline: usize::MAX,
        on_cells: Vec::new(),
    };

    /// The host function at an address, if it needs nothing but cells.
    #[inline(always)]
    pub fn on_cells(&self, addr: HostAddr) -> Option<&OnCells> {
        self.on_cells.get(addr.index())?.as_ref()
    }
}

/// A reified run. It can be copied and resumed, also under the other dispatch.
#[derive(Debug)]
pub struct Run {
    /// Cells; those past `top` are dead and may hold anything.
    pub stack: Vec<u64>,
    /// Everything else.
    pub regs: Regs,
}

/// What a run has besides its cells.
#[derive(Clone, Copy, Debug)]
pub struct Regs {
    /// Where it stands.
    pub at: Pos,
    /// The accumulator; undefined while a host function is pending.
    pub acc: u64,
    /// The first dead cell; undefined while a host function is pending: see [`Run::top`].
    pub top: usize,
    /// How far the operation it stands at has come, where that was interrupted: bytes or elements
    /// done, or nanoseconds left to wait.
    pub progress: u64,
    /// The host function that has been called and not yet answered.
    pub pending: Option<HostCall>,
    /// Host stack addresses seen by the stack probes of the dispatch's self-proof.
    pub probes: [usize; 2],
}

/// A call of a host function: arguments stand from `base` (references first), and results go to
/// the same place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HostCall {
    /// The host function.
    pub host: HostAddr,
    /// The function instance called.
    pub func: FuncAddr,
    /// The calling instance.
    pub caller: InstAddr,
    /// First cell of the arguments on the stack. All that the caller still needs is below.
    pub base: u32,
    /// Cells that arguments or results take.
    pub cells: u16,
    /// Whether the bottom frame made it a tail call: its results are the run's.
    pub last: bool,
}

/// Why a resumption ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The bottom frame returned; its results stand from cell 0 (references first).
    Finished,
    /// A host function is called, the run's [`Regs::pending`].
    Host(HostCall),
    /// A trap; the run stands at the operation that trapped.
    Trap(Trap),
    /// An exception nobody caught.
    Exception(Reference),
    /// Fuel does not pay for the next basic block; resumable.
    OutOfFuel,
    /// The epoch deadline was reached; resumable.
    Epoch,
    /// The heap wants a collection; then resume.
    Collect,
    /// A limiter decides about growth (see `runtime::Growth`); then resume.
    Growth,
    /// The thread whose run it is gives its turn away (see `runtime::Turns`); resumable.
    Waits,
    /// One operation was executed (stepped dispatch only, when asked for).
    Stepped,
}

/// Cells that a stack may have at most: a position must name the last of its window.
pub const MAX_CELLS: usize = u32::MAX as usize - WINDOW;

impl Run {
    /// A run with a stack of that many cells.
    ///
    /// # Errors
    /// When the host has no room for it, or a position could not name its last cell.
    pub fn try_new(cells: usize) -> Result<Run, OutOfMemory> {
        let len = cells.checked_add(WINDOW).ok_or(OutOfMemory::Host)?;
        if u32::try_from(len).is_err() {
            return Err(OutOfMemory::Host);
        }
        Ok(Run {
            stack: zeroed(len).ok_or(OutOfMemory::Host)?,
            regs: Regs {
                at: Pos::default(),
                acc: 0,
                top: 0,
                progress: 0,
                pending: None,
                probes: [0; 2],
            },
        })
    }

    /// The first dead cell.
    pub fn top(&self) -> usize {
        match self.regs.pending {
            Some(call) => call.base as usize + usize::from(call.cells),
            None => self.regs.top,
        }
    }

    /// A copy that has the live cells only. It can be looked at and copied; to run, it is put on a
    /// stack with [`Run::take_over`].
    ///
    /// # Errors
    /// When the host has no room for it.
    pub fn live(&self) -> Result<Run, OutOfMemory> {
        let mut stack = Vec::new();
        let live = &self.stack[..self.top()];
        reserve_exact(&mut stack, live.len()).ok_or(OutOfMemory::Host)?;
        stack.extend_from_slice(live);
        let regs = self.regs;
        Ok(Run { stack, regs })
    }

    /// Goes on where another run of the same engine stands; the own stack is kept.
    ///
    /// # Panics
    /// When the other has more live cells than fit.
    pub fn take_over(&mut self, other: &Run) {
        let live = &other.stack[..other.top()];
        self.stack[..live.len()].copy_from_slice(live);
        self.regs = other.regs;
    }
}
