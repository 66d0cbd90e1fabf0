//! Resumptions: the driver enters the handlers and does what they leave to it (spec:
//! exec/instructions, function calls and exceptions). A resumption ends when the host side is
//! needed.

use super::context::{Callee, Ctx, DispatchMode, LastCall, NO_UNIT, OpExit, Path};
use super::frames;
use super::instance::{Instance, Instances};
use super::program::{Entry, Program};
use super::run::{Control, DRIVER_LINK, HostCall, Pos, Run, Stop, link_unit};
use super::threaded::{Exit, execute};
use crate::code::{ExceptionHandler, Kind};
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
    let layout = program
        .body(entry.unit, entry.pc)
        .map(|body| body.layout)
        .unwrap_or_else(|| unreachable!("validated: an entry lies in a body"));
    let link = layout.link() as usize;
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

/// Whose run it is: a store, which lends its parts to a resumption and runs the host functions that
/// the guest calls.
pub trait Embedder {
    /// The parts.
    fn parts(&mut self) -> Parts<'_>;

    /// Calls the host function that the run waits for, if that can be done while the resumption
    /// goes on: whether its results are in place. Otherwise the resumption ends with
    /// [`Stop::Host`].
    fn call(&mut self, call: HostCall) -> bool;
}

/// What a resumption works on.
#[derive(Debug)]
pub struct Parts<'s> {
    /// The store's state.
    pub state: &'s mut State,
    /// What the embedder has set.
    pub control: &'s mut Control,
    /// The run.
    pub run: &'s mut Run,
}

/// Without a store around them, parts leave each call of the host.
impl Embedder for Parts<'_> {
    fn parts(&mut self) -> Parts<'_> {
        Parts {
            state: self.state,
            control: self.control,
            run: self.run,
        }
    }

    fn call(&mut self, _: HostCall) -> bool {
        false
    }
}

/// Runs until more than a call of a host function is needed of the host. Memories, position and
/// registers are back in their places afterwards, and while a host function runs, after a panic
/// too.
#[inline]
pub fn resume(instances: &Instances, embedder: &mut impl Embedder, mode: DispatchMode) -> Stop {
    let mut path = Path::of(instances, embedder.parts().run, mode);
    loop {
        let mut activation = Activation::new(&mut path, embedder.parts());
        let call = match activation.go_on() {
            None => activation.x.call_host(),
            Some(Stop::Host(call)) => call,
            Some(stop) => return stop,
        };
        activation.end();
        // What is left to drop holds nothing, and would not be inlined.
        core::mem::forget(activation);
        if !embedder.call(call) {
            return Stop::Host(call);
        }
        if call.last {
            return Stop::Finished;
        }
    }
}

/// Looks at a resumption between operations.
#[cfg(feature = "observe")]
pub trait Observer {
    /// Before an operation; where it returns a stop, the resumption ends there.
    fn before(&mut self, x: &mut Ctx<'_, '_>) -> Option<Stop>;

    /// When the resumption ends, but for a stop that the observer has asked for.
    fn stopped(&mut self, x: &mut Ctx<'_, '_>, stop: Stop);
}

/// Runs under stepped dispatch until the host is needed, or the observer ends it.
#[cfg(feature = "observe")]
pub fn observe(instances: &Instances, parts: Parts<'_>, observer: &mut impl Observer) -> Stop {
    let mut path = Path::of(instances, parts.run, DispatchMode::Stepped);
    let mut activation = Activation::new(&mut path, parts);
    loop {
        if let Some(stop) = observer.before(&mut activation.x) {
            return stop;
        }
        let stop = loop {
            match activation.once() {
                Exit::Step => break None,
                exit => match activation.x.do_left(exit) {
                    // Nothing was executed: the same operation comes again.
                    None if exit == Exit::Translate => {}
                    stop => break stop,
                },
            }
        };
        if let Some(stop) = stop {
            observer.stopped(&mut activation.x, stop);
            return stop;
        }
    }
}

/// Unwinds a run that waits for a host function with an exception; `false` when no frame catches
/// it, and the run stays at the call. Otherwise it goes on with the next resumption.
pub fn throw(
    instances: &Instances,
    parts: Parts<'_>,
    mode: DispatchMode,
    exception: Reference,
) -> bool {
    if parts.run.regs.pending.is_some_and(|call| call.last) {
        return false; // The frame that made the call has been replaced, and it was the last.
    }
    let mut path = Path::of(instances, parts.run, mode);
    let mut activation = Activation::new(&mut path, parts);
    // The run stands after the call, and the handlers are those around it.
    activation.x.left += 1;
    activation.x.path.exception = exception;
    activation.x.unwind().is_none()
}

/// Sets a run that stopped at the epoch deadline back to the operation that looked at it, which
/// stands for the first instruction of its block in every translation. For a run that ends there:
/// one that continues stands behind that operation, or it would stop again at once.
pub fn back_to_epoch(instances: &Instances, run: &mut Run) {
    let at = run.regs.at;
    let unit = instances.instance(at.inst).program.unit(at.unit);
    let before = at.pc.checked_sub(1).zip(unit);
    let op = before.and_then(|(pc, unit)| unit.ops.get(pc as usize));
    // A long operation that was interrupted half way is where the run stands.
    if run.regs.progress == 0 && op.is_some_and(|op| op.kind == Kind::Epoch) {
        run.regs.at.pc -= 1;
    }
}

impl<'c> Path<'c> {
    /// From where a run stands.
    fn of(instances: &'c Instances, run: &Run, mode: DispatchMode) -> Path<'c> {
        let at = run.regs.at;
        let inst: &Instance = instances.instance(at.inst);
        let program: &Program = &inst.program;
        Path {
            instances,
            mode,
            inst,
            program,
            all: program.code(at.unit, mode),
            before: NO_UNIT,
            trap: Trap::Unreachable,
            fault: OpExit::Bug,
            exception: Reference::NULL,
            entry: 0,
            back: 0,
            callee: Callee::Idx(FuncIdx(0)),
            host: (HostAddr(0), FuncAddr(0)),
            offset: 0,
            link: 0,
        }
    }
}

/// A context; dropping it puts everything back.
struct Activation<'c, 's> {
    x: Ctx<'c, 's>,
}

impl<'c, 's> Activation<'c, 's> {
    #[inline(always)]
    fn new(path: &'s mut Path<'c>, parts: Parts<'s>) -> Activation<'c, 's> {
        let Parts {
            state,
            control,
            run,
        } = parts;
        let Run { stack, regs } = run;
        let at = regs.at;
        // The first result of an answered host call travels in the accumulator, as any call's.
        let acc = match regs.pending.take() {
            Some(call) => stack[call.base as usize],
            None => regs.acc,
        };
        let mut x = Ctx {
            all: path.all,
            frame_word: u64::from(at.base) | u64::from(at.inst.0) << 32,
            unit_word: u64::from(at.unit) << 32,
            last: LastCall::NONE,
            stack: Cell::from_mut(&mut stack[..]).as_slice_of_cells(),
            mem: alloc::vec::Vec::new(),
            mem0: None,
            inst: path.inst,
            left: path.all.len() - at.pc as usize,
            state,
            control,
            regs,
            path,
            acc,
            exit: Exit::Bug,
        };
        x.fetch();
        Activation { x }
    }

    /// Executes until the host is needed; `None` for a host function that the handlers have found.
    #[inline(always)]
    fn go_on(&mut self) -> Option<Stop> {
        loop {
            match self.once() {
                Exit::Host => return None,
                exit => {
                    if let Some(stop) = self.x.do_left(exit) {
                        return Some(stop);
                    }
                }
            }
        }
    }

    /// Executes until a handler comes back.
    #[inline(always)]
    fn once(&mut self) -> Exit {
        match self.x.window(self.x.frame_word) {
            Some(f) => execute(f, &mut self.x),
            None => {
                self.x.path.trap = Trap::StackOverflow;
                Exit::Trap
            }
        }
    }
}

impl Drop for Activation<'_, '_> {
    fn drop(&mut self) {
        self.end();
        if self.x.regs.pending.is_none() {
            self.x.put_back_frame();
        }
    }
}

impl Activation<'_, '_> {
    /// Puts everything back that a run which waits for a host function has.
    #[inline(always)]
    fn end(&mut self) {
        let x = &mut self.x;
        x.put_back();
        let pc = (x.all.len() - x.left.min(x.all.len())) as u32;
        let unit = (x.unit_word >> 32) as u32;
        x.regs.at = Pos {
            pc,
            unit,
            base: x.base() as u32,
            inst: x.inst_addr(),
        };
        (x.path.all, x.path.inst) = (x.all, x.inst);
    }
}

/// A function to call.
enum Target {
    Wasm(InstAddr, FuncIdx),
    Host(HostAddr, FuncAddr),
}

impl<'c> Ctx<'c, '_> {
    /// Does what a handler left to the driver. Returns `None` when the run continues.
    #[inline(never)]
    fn do_left(&mut self, exit: Exit) -> Option<Stop> {
        match exit {
            Exit::Step => None,
            Exit::Host => Some(Stop::Host(self.call_host())),
            Exit::Trap => Some(Stop::Trap(self.path.trap)),
            Exit::Throw => self.unwind(),
            Exit::Collect => Some(Stop::Collect),
            Exit::Growth => Some(Stop::Growth),
            // Nothing was executed: the same operation comes again.
            Exit::Translate => self.translate().err().map(Stop::Trap),
            Exit::Call => self.call(),
            Exit::TailCall => self.tail_call(),
            Exit::Return => self.far_return(),
            Exit::OutOfFuel => Some(Stop::OutOfFuel),
            Exit::Epoch | Exit::Interrupted => Some(Stop::Epoch),
            Exit::Waits => Some(Stop::Waits),
            Exit::Bug => unreachable!("validated: translated code keeps its invariants"),
        }
    }

    /// Puts back what a run has that waits for no host function: the accumulator, and where its
    /// frame ends.
    #[cold]
    fn put_back_frame(&mut self) {
        let at = self.regs.at;
        let body = self.path.program.body(at.unit, at.pc);
        let cells = self.base() + body.map_or(0, |body| body.cells as usize);
        self.regs.top = cells.min(self.stack.len());
        self.regs.acc = self.acc;
    }

    fn translate(&mut self) -> Result<(), Trap> {
        match self.path.callee {
            Callee::Idx(func) => self.path.program.ensure_for_guest(func).map(|_| ()),
            Callee::Ref(_) => unreachable!("validated: functions are translated by index"),
        }
    }

    /// The function the handlers left for.
    fn target(&self) -> Target {
        let addr = match self.path.callee {
            Callee::Idx(func) if self.path.program.is_defined(func) => {
                return Target::Wasm(self.inst_addr(), func);
            }
            Callee::Idx(func) => self.inst.funcs[func.index()],
            Callee::Ref(callee) => match callee.as_func() {
                Some(addr) => addr,
                None => unreachable!("validated: null callees trap in their handlers"),
            },
        };
        match self.state.funcs[addr.index()].kind {
            FuncKind::Wasm { inst, func } => Target::Wasm(inst, func),
            FuncKind::Host(host) => Target::Host(host, addr),
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
        self.inst = self.path.instances.instance(inst);
        self.fetch();
        self.switch_program(&self.inst.program, unit);
    }

    /// Makes the code from `pc` of the current unit the next.
    fn resume(&mut self, pc: u32) {
        self.left = self.all.len() - pc as usize;
    }

    fn call(&mut self) -> Option<Stop> {
        let base = self.base() + self.path.offset as usize;
        match self.target() {
            Target::Host(host, func) => Some(Stop::Host(self.wait_for(host, func, base, false))),
            Target::Wasm(inst, func) => {
                if self.window(base as u64).is_none() {
                    return Some(Stop::Trap(Trap::StackOverflow));
                }
                let program = &self.path.instances.instance(inst).program;
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

    /// A call of a host function that the handlers have found.
    #[inline(always)]
    fn call_host(&mut self) -> HostCall {
        let (host, func) = self.path.host;
        let base = self.base() + self.path.offset as usize;
        self.wait_for(host, func, base, false)
    }

    /// Makes the run wait for a host function that the current instance calls.
    #[inline(always)]
    fn wait_for(&mut self, host: HostAddr, func: FuncAddr, base: usize, last: bool) -> HostCall {
        let call = HostCall {
            host,
            func,
            caller: self.inst_addr(),
            base: base as u32,
            cells: self.path.link,
            last,
        };
        self.regs.pending = Some(call);
        call
    }

    /// Enters a function with its frame at `base` and the given link.
    fn start(&mut self, inst: InstAddr, entry: Entry, base: usize, link: (u64, u64)) {
        self.switch(inst, entry.unit);
        self.frame_word = base as u64 | u64::from(inst.0) << 32;
        let at = base + self.body(entry.pc).layout.link() as usize;
        self.stack[at].set(link.0 | DRIVER_LINK);
        self.stack[at + 1].set(link.1);
        self.resume(entry.pc);
    }

    /// The body of an operation of the current unit.
    fn body(&self, pc: u32) -> &'c crate::code::Body {
        let program: &'c Program = self.path.program;
        program
            .body((self.unit_word >> 32) as u32, pc)
            .unwrap_or_else(|| unreachable!("validated: a position lies in a body"))
    }

    /// The frame has been replaced already; arguments stand from its base.
    fn tail_call(&mut self) -> Option<Stop> {
        let base = self.base();
        let at = base + self.path.link as usize;
        let link = (self.stack[at].get(), self.stack[at + 1].get());
        match self.target() {
            Target::Wasm(inst, func) => {
                // The frame that a trap would name is no more.
                let entry = self.path.instances.instance(inst).program.ensure(func);
                self.start(inst, entry, base, link);
                None
            }
            Target::Host(host, func) => {
                let last = (link.1 >> 32) as u32 == BOTTOM;
                let call = self.wait_for(host, func, base, last);
                if !last {
                    self.return_to(link);
                }
                Some(Stop::Host(call))
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
        let at = self.base() + self.path.link as usize;
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
            let instance = self.path.instances.instance(inst);
            let Some(body) = instance.program.body(unit, pc) else {
                unreachable!("validated: a position lies in a body")
            };
            let own = pc - body.code.start;
            let mut handlers = body.handlers.iter();
            let covers = |handler: &&ExceptionHandler| handler.code.contains(&own);
            if let Some(handler) =
                handlers.find(|handler| covers(handler) && frames::catches(self, instance, handler))
            {
                self.switch(inst, unit);
                self.frame_word = bi;
                frames::deliver(self, handler);
                self.resume(body.code.start + handler.target);
                return None;
            }
            let at = bi as u32 as usize + body.layout.link() as usize;
            let link = (self.stack[at].get(), self.stack[at + 1].get());
            if (link.1 >> 32) as u32 == BOTTOM {
                return Some(Stop::Exception(self.path.exception));
            }
            // The link names the operation after the call.
            (pc, unit, bi) = ((link.0 as u32).wrapping_sub(1), link_unit(link.0), link.1);
        }
    }
}
