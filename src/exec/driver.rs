//! Resumptions: the driver enters the handlers and does what they leave to it (spec:
//! exec/instructions, function calls and exceptions). A resumption ends when the host side is
//! needed.

use super::context::{Callee, Ctx, DispatchMode, LastCall, NO_UNIT, OpExit};
use super::frames;
use super::instance::{Instance, Instances};
use super::program::{Entry, Program};
use super::run::{DRIVER_LINK, HostCall, Pos, Regs, Run, Stop, link_unit};
use super::threaded::{Exit, execute};
use crate::code::Handler;
use crate::runtime::{FuncAddr, FuncKind, HostAddr, InstAddr, Reference, State};
use crate::syntax::FuncIdx;
use crate::trap::Trap;
use core::cell::Cell;

/// The instance in the link of the bottom frame.
pub const BOTTOM: u32 = u32::MAX;

/// Prepares a run to call a function that an instance defines, or a constant expression, by its
/// index. Arguments go from cell 0 as `code::layout` says.
///
/// # Errors
/// [`Trap::OutOfMemory`] where the host has no room to translate the function.
pub fn enter(
    instances: &Instances,
    run: &mut Run,
    inst: InstAddr,
    func: FuncIdx,
) -> Result<(), Trap> {
    let program = &instances.instance(inst).program;
    let entry = program.ensure_for_guest(func)?;
    let signature = program
        .body(entry.unit, entry.pc)
        .map(|body| body.signature)
        .unwrap_or_else(|| unreachable!("validated: an entry lies in a body"));
    let link = signature.link() as usize;
    run.regs.at = Pos {
        inst,
        unit: entry.unit,
        pc: entry.pc,
        base: 0,
    };
    run.regs.acc = 0;
    run.regs.progress = 0;
    run.regs.pending = None;
    run.stack[link] = DRIVER_LINK;
    run.stack[link + 1] = u64::from(BOTTOM) << 32;
    run.regs.top = link + 2;
    Ok(())
}

/// Runs until the host side is needed. Memories, position and registers are back in their places
/// afterwards, after a panic too.
pub fn resume(instances: &Instances, state: &mut State, run: &mut Run, mode: DispatchMode) -> Stop {
    drive(instances, state, run, mode, false)
}

/// Unwinds a run that waits for a host function with an exception; `false` when no frame catches
/// it, and the run stays at the call. Otherwise it goes on with the next activation.
pub fn throw(
    instances: &Instances,
    state: &mut State,
    run: &mut Run,
    mode: DispatchMode,
    exception: Reference,
) -> bool {
    if run.regs.pending.is_some_and(|call| call.last) {
        return false; // The frame that made the call has been replaced, and it was the last.
    }
    let mut activation = Activation::new(instances, state, run, mode);
    // The run stands after the call, and the handlers are those around it.
    activation.x.left += 1;
    activation.x.exception = exception;
    activation.x.unwind().is_none()
}

/// Executes one operation under stepped dispatch.
pub fn step(instances: &Instances, state: &mut State, run: &mut Run) -> Stop {
    drive(instances, state, run, DispatchMode::Stepped, true)
}

fn drive(
    instances: &Instances,
    state: &mut State,
    run: &mut Run,
    mode: DispatchMode,
    single: bool,
) -> Stop {
    let mut activation = Activation::new(instances, state, run, mode);
    loop {
        let x = &mut activation.x;
        let Some(f) = x.window(x.frame_word) else {
            return Stop::Trap(Trap::StackOverflow);
        };
        let stop = match execute(f, x) {
            Exit::Step if single => Some(Stop::Stepped),
            Exit::Step => None,
            Exit::Trap => Some(Stop::Trap(x.trap)),
            Exit::Throw => x.unwind(),
            Exit::Collect => Some(Stop::Collect),
            Exit::Growth => Some(Stop::Growth),
            Exit::Translate => {
                // Nothing was executed: the same operation comes again.
                match x.translate() {
                    Ok(()) => continue,
                    Err(trap) => Some(Stop::Trap(trap)),
                }
            }
            Exit::Call => x.call(activation.regs),
            Exit::TailCall => x.tail_call(activation.regs),
            Exit::Return => x.far_return(),
            Exit::OutOfFuel => Some(Stop::OutOfFuel),
            Exit::Epoch | Exit::Interrupted => Some(Stop::Epoch),
            Exit::Bug => unreachable!("validated: translated code keeps its invariants"),
        };
        if let Some(stop) = stop {
            return stop;
        }
        if single {
            return Stop::Stepped;
        }
    }
}

/// A context and the run it was made from; dropping it puts everything back.
struct Activation<'c, 's> {
    x: Ctx<'c, 's>,
    regs: &'s mut Regs,
}

impl<'c, 's> Activation<'c, 's> {
    // Inlined: a resumption is short when the guest calls the host often.
    #[inline(always)]
    fn new(
        instances: &'c Instances,
        state: &'s mut State,
        run: &'c mut Run,
        mode: DispatchMode,
    ) -> Activation<'c, 's>
    where
        'c: 's,
    {
        let Run { stack, regs } = run;
        let at = regs.at;
        let inst: &Instance = instances.instance(at.inst);
        let program: &Program = &inst.program;
        let all = program.code(at.unit, mode);
        // The first result of an answered host call travels in the accumulator, as any call's.
        let acc = match regs.pending.take() {
            Some(call) => stack[call.base as usize],
            None => regs.acc,
        };
        let mut x = Ctx {
            all,
            frame_word: u64::from(at.base) | u64::from(at.inst.0) << 32,
            unit_word: u64::from(at.unit) << 32,
            before: NO_UNIT,
            last: LastCall::NONE,
            stack: Cell::from_mut(&mut stack[..]).as_slice_of_cells(),
            mem: alloc::vec::Vec::new(),
            mem0: None,
            inst,
            program,
            instances,
            mode,
            fuel: regs.fuel,
            deadline: regs.deadline,
            progress: regs.progress,
            state,
            left: all.len() - at.pc as usize,
            acc,
            trap: Trap::Unreachable,
            fault: OpExit::Bug,
            exception: Reference::NULL,
            exit: Exit::Bug,
            entry: 0,
            back: 0,
            callee: Callee::Idx(FuncIdx(0)),
            offset: 0,
            link: 0,
            probes: regs.probes,
        };
        x.fetch();
        Activation { x, regs }
    }
}

impl Drop for Activation<'_, '_> {
    #[inline]
    fn drop(&mut self) {
        let Activation { x, regs } = self;
        x.put_back();
        let pc = (x.all.len() - x.left.min(x.all.len())) as u32;
        let unit = (x.unit_word >> 32) as u32;
        regs.at = Pos {
            inst: InstAddr((x.frame_word >> 32) as u32),
            unit,
            pc,
            base: x.base() as u32,
        };
        regs.acc = x.acc;
        regs.fuel = x.fuel;
        regs.progress = x.progress;
        regs.probes = x.probes;
        regs.top = match regs.pending {
            Some(call) => call.base as usize + usize::from(call.cells),
            None => {
                let body = x.program.body(unit, pc);
                let cells = x.base() + body.map_or(0, |body| body.cells as usize);
                cells.min(x.stack.len())
            }
        };
    }
}

impl<'c> Ctx<'c, '_> {
    fn translate(&mut self) -> Result<(), Trap> {
        match self.callee {
            Callee::Idx(func) => self.program.ensure_for_guest(func).map(|_| ()),
            Callee::Ref(_) => unreachable!("validated: functions are translated by index"),
        }
    }

    /// The function the handlers left for, with its address, if any.
    fn target(&self) -> (FuncKind, Option<FuncAddr>) {
        match self.callee {
            Callee::Idx(func) if self.program.is_defined(func) => (
                FuncKind::Wasm {
                    inst: self.inst_addr(),
                    func,
                },
                None,
            ),
            Callee::Idx(func) => {
                let addr = self.inst.funcs[func.index()];
                (self.state.funcs[addr.index()].kind, Some(addr))
            }
            Callee::Ref(callee) => {
                let Some(addr) = callee.as_func() else {
                    unreachable!("validated: null callees trap in their handlers")
                };
                (self.state.funcs[addr.index()].kind, Some(addr))
            }
        }
    }

    fn inst_addr(&self) -> InstAddr {
        InstAddr((self.frame_word >> 32) as u32)
    }

    /// Makes an instance and unit current.
    fn switch(&mut self, inst: InstAddr, unit: u32) {
        if inst == self.inst_addr() {
            return self.switch_unit(unit);
        }
        self.put_back();
        self.inst = self.instances.instance(inst);
        self.fetch();
        self.switch_program(&self.inst.program, unit);
    }

    /// Makes the code from `pc` of the current unit the next.
    fn resume(&mut self, pc: u32) {
        self.left = self.all.len() - pc as usize;
    }

    fn call(&mut self, regs: &mut Regs) -> Option<Stop> {
        let base = self.base() + self.offset as usize;
        match self.target() {
            (FuncKind::Host(host), func) => {
                regs.pending = Some(self.host_call(host, func, base, false));
                Some(Stop::Host)
            }
            (FuncKind::Wasm { inst, func }, _) => {
                if self.window(base as u64).is_none() {
                    return Some(Stop::Trap(Trap::StackOverflow));
                }
                let program = &self.instances.instance(inst).program;
                let entry = match program.ensure_for_guest(func) {
                    Ok(entry) => entry,
                    Err(trap) => return Some(Stop::Trap(trap)),
                };
                let back = (self.all.len() - self.left) as u64 | self.unit_word;
                let bi = self.frame_word;
                self.start(inst, entry, base, (back, bi));
                None
            }
        }
    }

    /// The call of a host function by the current instance.
    fn host_call(
        &self,
        host: HostAddr,
        func: Option<FuncAddr>,
        base: usize,
        last: bool,
    ) -> HostCall {
        let Some(func) = func else {
            unreachable!("validated: host functions have an address")
        };
        HostCall {
            host,
            func,
            caller: self.inst_addr(),
            base: base as u32,
            cells: self.link,
            last,
        }
    }

    /// Enters a function with its frame at `base` and the given link.
    fn start(&mut self, inst: InstAddr, entry: Entry, base: usize, link: (u64, u64)) {
        self.switch(inst, entry.unit);
        self.frame_word = base as u64 | u64::from(inst.0) << 32;
        let at = base + self.body(entry.pc).signature.link() as usize;
        self.stack[at].set(link.0 | DRIVER_LINK);
        self.stack[at + 1].set(link.1);
        self.resume(entry.pc);
    }

    /// The body of an operation of the current unit.
    fn body(&self, pc: u32) -> &'c crate::code::Body {
        let program: &'c Program = self.program;
        program
            .body((self.unit_word >> 32) as u32, pc)
            .unwrap_or_else(|| unreachable!("validated: a position lies in a body"))
    }

    /// The frame has been replaced already; arguments stand from its base.
    fn tail_call(&mut self, regs: &mut Regs) -> Option<Stop> {
        let base = self.base();
        let at = base + self.link as usize;
        let link = (self.stack[at].get(), self.stack[at + 1].get());
        match self.target() {
            (FuncKind::Wasm { inst, func }, _) => {
                // The frame that a trap would name is no more.
                let entry = self.instances.instance(inst).program.ensure(func);
                self.start(inst, entry, base, link);
                None
            }
            (FuncKind::Host(host), func) => {
                let last = (link.1 >> 32) as u32 == BOTTOM;
                regs.pending = Some(self.host_call(host, func, base, last));
                if !last {
                    self.return_to(link);
                }
                Some(Stop::Host)
            }
        }
    }

    /// Makes the caller named by a link current.
    fn return_to(&mut self, link: (u64, u64)) {
        self.switch(InstAddr((link.1 >> 32) as u32), link_unit(link.0));
        self.frame_word = link.1;
        self.resume(link.0 as u32);
    }

    fn far_return(&mut self) -> Option<Stop> {
        let at = self.base() + self.link as usize;
        let link = (self.stack[at].get(), self.stack[at + 1].get());
        if (link.1 >> 32) as u32 == BOTTOM {
            return Some(Stop::Finished);
        }
        self.return_to(link);
        None
    }

    /// Finds the handler of the exception, frame by frame (spec: exec/instructions, throw_ref), and
    /// goes there. Without one the run stays where the exception was thrown: its frames are what a
    /// backtrace shows.
    fn unwind(&mut self) -> Option<Stop> {
        let (mut pc, mut unit, mut bi) = (
            (self.all.len() - self.left) as u32,
            (self.unit_word >> 32) as u32,
            self.frame_word,
        );
        loop {
            let inst = InstAddr((bi >> 32) as u32);
            let instance = self.instances.instance(inst);
            let Some(body) = instance.program.body(unit, pc) else {
                unreachable!("validated: a position lies in a body")
            };
            let own = pc - body.code.start;
            let mut handlers = body.handlers.iter();
            let covers = |handler: &&Handler| handler.code.contains(&own);
            if let Some(handler) =
                handlers.find(|handler| covers(handler) && frames::catches(self, instance, handler))
            {
                self.switch(inst, unit);
                self.frame_word = bi;
                frames::deliver(self, handler);
                self.resume(body.code.start + handler.target);
                return None;
            }
            let at = bi as u32 as usize + body.signature.link() as usize;
            let link = (self.stack[at].get(), self.stack[at + 1].get());
            if (link.1 >> 32) as u32 == BOTTOM {
                return Some(Stop::Exception(self.exception));
            }
            // The link names the operation after the call.
            (pc, unit, bi) = ((link.0 as u32).wrapping_sub(1), link_unit(link.0), link.1);
        }
    }
}
