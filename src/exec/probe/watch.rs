//! The loop between operations: it finds where instructions begin, and makes an event of each.

use super::changes::{Changes, Written, bytes_written, number, value};
use super::conditions::{Cause, Conditions};
use super::count::Counter;
use super::event::{Clause, Crossed, Detail, Event, Outcome, Place, Probe, Value};
use super::journal::Journal;
use super::maps::Maps;
use crate::code::layout::places;
use crate::exec::context::Ctx;
use crate::exec::driver::{self, Observer, Parts};
use crate::exec::frames::{self, Frame};
use crate::exec::instance::Instances;
use crate::exec::run::{HostCall, Pos, Run, Stop};
use crate::runtime::InstAddr;
use crate::syntax::FuncIdx;
use crate::translate::Steps;
use crate::translate::steps::{Flow, Slot, Step};
use crate::valid::FrameKind;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

/// A probe attached to a store.
pub struct Watch {
    probe: Box<dyn Probe>,
    detail: Detail,
    /// The thread of the guest whose turn it is.
    pub thread: u32,
    /// Instructions of functions executed so far.
    pub(super) time: u64,
    /// Instructions of constant expressions executed so far.
    pub(super) initialisers: u64,
    /// When to pause.
    pub conditions: Conditions,
    /// What came from the host, where the run is to be done again.
    pub journal: Option<Journal>,
    maps: Maps,
    /// Where the run was last seen.
    here: Option<Here>,
    /// The instruction that each nested run is at, the innermost last.
    pub(super) pending: Vec<Pending>,
    /// The results of the event under construction.
    pushes: Vec<Value>,
    /// The operands of the instruction that begins.
    operands: Vec<Value>,
}

/// A body, and its instructions.
pub(super) struct Here {
    pub inst: InstAddr,
    pub unit: u32,
    pub code: Range<u32>,
    pub func: FuncIdx,
    pub steps: Arc<Steps>,
    pub is_initialiser: bool,
}

/// An instruction that has begun.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Whether one has.
    pub live: bool,
    at: Pos,
    func: FuncIdx,
    pub is_initialiser: bool,
    steps: Arc<Steps>,
    step: u32,
    /// The operands it may take, bottom first.
    values: Vec<Value>,
    written: Written,
    /// The frames that an exception may cross, with their bases.
    frames: Vec<(Crossed, u32)>,
    pub host: Option<HostCall>,
    /// The handler that an exception has come to: where its body begins in the module, and the
    /// clause.
    landed: Option<(u32, u32)>,
}

impl core::fmt::Debug for Watch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Watch")
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl Watch {
    /// Attaches the probe.
    pub fn new(probe: Box<dyn Probe>) -> Watch {
        Watch {
            detail: probe.detail(),
            probe,
            thread: 0,
            time: 0,
            initialisers: 0,
            conditions: Conditions::default(),
            journal: None,
            maps: Maps::default(),
            here: None,
            pending: Vec::new(),
            pushes: Vec::new(),
            operands: Vec::new(),
        }
    }

    /// Attaches another probe.
    pub fn set_probe(&mut self, probe: Box<dyn Probe>) {
        self.probe = probe;
    }

    /// How much the probe is shown.
    pub fn set_detail(&mut self, detail: Detail) {
        self.detail = detail;
    }

    /// Returns the number of instructions of functions executed so far.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Goes on from another time. The instruction that was begun, if one was, is forgotten.
    pub fn set_time(&mut self, time: u64) {
        self.time = time;
        self.pending.clear();
    }

    /// Returns the number of instructions of constant expressions executed so far.
    pub fn initialisers(&self) -> u64 {
        self.initialisers
    }

    /// The instructions of functions.
    pub fn maps(&mut self) -> &mut Maps {
        &mut self.maps
    }

    /// Runs as [`driver::resume`] does, showing each instruction to the probe. `depth` is the
    /// number of runs that wait for this one.
    ///
    /// # Panics
    /// When the code is not faithful.
    pub fn resume(&mut self, instances: &Instances, parts: Parts<'_>, depth: usize) -> Stop {
        self.pending.truncate(depth + 1);
        self.pending.resize_with(depth + 1, Pending::default);
        self.here = None;
        let counts = self.detail == Detail::Count;
        if counts && !self.conditions.is_watchful() && self.conditions.targets.is_empty() {
            return driver::observe(instances, parts, &mut Counter::new(self, depth));
        }
        driver::observe(instances, parts, &mut Session { watch: self, depth })
    }

    /// The body at an operation, and its instructions.
    pub(super) fn here_at(
        &mut self,
        x: &Ctx<'_, '_>,
        inst: InstAddr,
        unit: u32,
        pc: u32,
    ) -> Option<Here> {
        let program = x.path.program;
        program.body(unit, pc).map(|body| Here {
            inst,
            unit,
            code: body.code.clone(),
            func: body.func,
            steps: self.maps.of(x.path.instances, inst, body.func),
            is_initialiser: body.func.index() >= program.context().funcs.len(),
        })
    }

    /// A host function has returned to the run at `depth`, or failed.
    pub fn host_returned(
        &mut self,
        instances: &Instances,
        run: &Run,
        depth: usize,
        (call, outcome): (HostCall, Outcome),
    ) {
        let Some(pending) = self.pending.get_mut(depth).filter(|pending| pending.live) else {
            return;
        };
        pending.host = Some(call);
        if self.detail == Detail::Count {
            // One that may still be caught is counted when the run goes on.
            if outcome != Outcome::Uncaught {
                self.count(depth);
            }
            return;
        }
        match outcome {
            Outcome::Uncaught => {
                // Whether it is caught is seen when the run goes on.
                let walked = frames::frames(instances, run);
                pending.frames = crossed(&mut self.maps, instances, walked);
            }
            outcome => {
                if outcome == Outcome::HostFailed {
                    let walked = frames::frames(instances, run);
                    pending.frames = crossed(&mut self.maps, instances, walked);
                }
                let step = pending.steps.steps[pending.step as usize];
                let types = pending.steps.pushes(&step).iter().map(|slot| slot.ty);
                self.pushes.clear();
                if outcome == Outcome::Host && !call.last && self.detail == Detail::Everything {
                    self.pushes.extend(host_results(run, call, types));
                }
                self.show(instances, depth, outcome, None, None);
            }
        }
    }
}

/// The results of a host function, which are where its arguments were.
fn host_results(
    run: &Run,
    call: HostCall,
    types: impl Iterator<Item = crate::syntax::ValType>,
) -> Vec<Value> {
    let types: Vec<_> = types.collect();
    let cell = |place: u32| {
        let cell = run.stack.get((call.base + place) as usize);
        cell.copied().unwrap_or_default()
    };
    let value = |((place, _), &ty): ((u32, _), &crate::syntax::ValType)| Value {
        ty,
        cells: match ty {
            crate::syntax::ValType::V128 => [cell(place), cell(place + 1)],
            _ => [cell(place), 0], // Every other value has one cell.
        },
    };
    places(&types).zip(&types).map(value).collect()
}

/// The frames of a walk, with their bases.
fn crossed<'a>(
    maps: &mut Maps,
    instances: &Instances,
    walked: impl Iterator<Item = Frame<'a>>,
) -> Vec<(Crossed, u32)> {
    let frame = |frame: Frame<'_>| {
        let (inst, func) = (frame.inst, frame.body.func);
        let steps = maps.of(instances, inst, func);
        let own = frame.pc.wrapping_sub(frame.body.code.start);
        let step = steps.around(own).unwrap_or_default();
        let crossed = Crossed {
            inst,
            func,
            steps,
            step,
        };
        (crossed, frame.base as u32)
    };
    walked.map(frame).collect()
}

/// One resumption under observation.
struct Session<'w> {
    watch: &'w mut Watch,
    depth: usize,
}

impl Observer for Session<'_> {
    #[inline]
    fn before(&mut self, x: &mut Ctx<'_, '_>) -> Option<Stop> {
        let pc = (x.all.len() - x.left) as u32;
        let Some(step) = self.find(x, pc) else {
            self.land(x, pc);
            return None;
        };
        if self.watch.pending[self.depth].live {
            self.passed_on(x, step);
        }
        if self.is_to_pause(x, step) {
            return Some(Stop::Stepped);
        }
        self.begin(x, pc, step);
        None
    }

    fn stopped(&mut self, x: &mut Ctx<'_, '_>, stop: Stop) {
        let outcome = match stop {
            Stop::Host(call) => {
                // It ends when the host function has returned.
                self.watch.pending[self.depth].host = Some(call);
                return;
            }
            Stop::Collect | Stop::Growth | Stop::OutOfFuel | Stop::Epoch | Stop::Waits => {
                // Where nothing was done, the same instruction comes again.
                let pending = &mut self.watch.pending[self.depth];
                let pc = (x.all.len() - x.left) as u32;
                pending.live &= pc != pending.at.pc || x.base() as u32 != pending.at.base;
                return;
            }
            Stop::Finished => Outcome::Returned,
            Stop::Trap(trap) => Outcome::Trapped(trap),
            Stop::Exception(_) => Outcome::Uncaught,
            Stop::Stepped => return,
        };
        if let Outcome::Trapped(_) = outcome {
            self.watch.conditions.nothing_was_written(self.watch.time);
            self.watch.pending[self.depth].frames = self.walk(x);
        }
        let instances = x.path.instances;
        self.watch.pushes.clear();
        let depth = self.depth;
        self.watch.show(instances, depth, outcome, None, Some(x));
    }
}

impl Session<'_> {
    /// Whether the run pauses before an instruction.
    #[inline]
    fn is_to_pause(&mut self, x: &Ctx<'_, '_>, step: u32) -> bool {
        let (time, thread) = (self.watch.time, self.watch.thread);
        let conditions = &mut self.watch.conditions;
        if time >= conditions.until {
            return true;
        }
        if let Some(hit) = conditions.hit
            && conditions.pauses
            && matches!(hit.cause, Cause::Watchpoint(_))
        {
            return true;
        }
        conditions.is_watchful() && {
            let Some(here) = &self.watch.here else {
                return false;
            };
            let offset = here.steps.steps[step as usize].offset;
            let place = Place {
                inst: here.inst,
                func: here.func,
                offset,
            };
            conditions.at_place(time, place, (thread, x.base() as u32))
        }
    }

    /// Notes the handler that begins at an operation, if one does.
    #[inline]
    fn land(&mut self, x: &Ctx<'_, '_>, pc: u32) {
        let pending = &mut self.watch.pending[self.depth];
        if pending.frames.is_empty() || pending.landed.is_some() {
            return;
        }
        let Some(body) = x.path.program.body((x.unit_word >> 32) as u32, pc) else {
            return;
        };
        let own = pc - body.code.start;
        let at = body
            .handlers
            .iter()
            .position(|handler| handler.target == own);
        pending.landed = at.map(|at| {
            let source = &body.handlers[at].source;
            let before = body.handlers[..at].iter();
            let clause = before.filter(|handler| handler.source == *source).count();
            (source.start, clause as u32)
        });
    }

    /// The instruction that begins at an operation, if one does.
    #[inline]
    fn find(&mut self, x: &Ctx<'_, '_>, pc: u32) -> Option<u32> {
        let (inst, unit) = ((x.frame_word >> 32) as u32, (x.unit_word >> 32) as u32);
        match &self.watch.here {
            Some(here) if here.inst.0 == inst && here.unit == unit && here.code.contains(&pc) => {}
            Some(_) | None => self.arrive(x, InstAddr(inst), unit, pc),
        }
        let here = self.watch.here.as_ref()?;
        here.steps.at(pc - here.code.start)
    }

    #[inline(never)]
    fn arrive(&mut self, x: &Ctx<'_, '_>, inst: InstAddr, unit: u32, pc: u32) {
        self.watch.here = self.watch.here_at(x, inst, unit, pc);
    }

    /// The frames that are on the stack.
    fn walk(&mut self, x: &Ctx<'_, '_>) -> Vec<(Crossed, u32)> {
        let at = Pos {
            pc: (x.all.len() - x.left) as u32,
            unit: (x.unit_word >> 32) as u32,
            base: x.base() as u32,
            inst: InstAddr((x.frame_word >> 32) as u32),
        };
        let instances = x.path.instances;
        let walked = frames::walk(instances, Some(at), |at| x.stack[at].get());
        crossed(&mut self.watch.maps, instances, walked)
    }

    /// An instruction begins.
    #[inline]
    fn begin(&mut self, x: &Ctx<'_, '_>, pc: u32, step: u32) {
        let watch = &mut *self.watch;
        let pending = &mut watch.pending[self.depth];
        pending.live = true;
        let Some(here) = &watch.here else {
            unreachable!("an instruction begins in a body")
        };
        pending.is_initialiser = here.is_initialiser;
        let base = x.base() as u32;
        let at = &here.steps.steps[step as usize];
        if watch.detail == Detail::Count {
            (pending.at.pc, pending.at.base) = (pc, base);
            if at.effect.is_on_bytes() || !watch.conditions.targets.is_empty() {
                self.look_at_writes(x, base, step);
            }
            return;
        }
        let is_same = pending.at.base == base
            && Arc::ptr_eq(&pending.steps, &here.steps)
            && pending.at.inst == here.inst;
        if !is_same {
            pending.steps = here.steps.clone();
            pending.func = here.func;
        }
        pending.at = Pos {
            pc,
            unit: here.unit,
            base,
            inst: here.inst,
        };
        pending.step = step;
        (pending.host, pending.landed) = (None, None);
        let at = &pending.steps.steps[step as usize];
        pending.values.clear();
        let (effect, flow) = (at.effect, at.flow);
        if watch.detail == Detail::Control {
            pending.frames.clear();
            if effect.is_on_bytes() {
                self.look_at_writes(x, base, step);
            }
            if flow == Flow::Throw {
                let frames = self.walk(x);
                self.watch.pending[self.depth].frames = frames;
            }
            return;
        }
        if at.branch.0 > at.arity.0 {
            let most = at.branch.0 as usize;
            let operands = pending.steps.operands(at).take(most);
            let values = operands.map(|(slot, _)| value(x, base, slot));
            pending.values.extend(values);
            pending.values.reverse();
        } else {
            let slots = pending.steps.pops(at).iter();
            pending
                .values
                .extend(slots.map(|&slot| value(x, base, slot)));
        }
        let locals = &pending.steps.locals;
        pending
            .written
            .before(x, base, effect, &pending.values, locals);
        pending.frames.clear();
        if effect.is_on_bytes() || !watch.conditions.targets.is_empty() {
            self.look_at_writes(x, base, step);
        }
        if flow == Flow::Throw {
            let frames = self.walk(x);
            self.watch.pending[self.depth].frames = frames;
        }
    }

    /// Tells the journal and the conditions what an instruction is about to write.
    fn look_at_writes(&mut self, x: &Ctx<'_, '_>, base: u32, step: u32) {
        let watch = &mut *self.watch;
        let Some(here) = &watch.here else {
            return;
        };
        let (steps, at) = (&here.steps, &here.steps.steps[step as usize]);
        let pops = &mut watch.operands;
        pops.clear();
        pops.extend(steps.pops(at).iter().map(|&slot| value(x, base, slot)));
        watch
            .conditions
            .at_write(watch.time, x, (steps, at), (watch.thread, base), pops);
        if let Some(journal) = &mut watch.journal
            && let Some((memory, at, len)) = bytes_written(at.effect, |k| number(&pops[k]))
        {
            let addr = x.inst.memories[memory as usize];
            journal.mark(addr, at, len, x.byte_len(addr));
        }
    }

    /// Control has come to another instruction: the pending one has ended.
    #[inline]
    fn passed_on(&mut self, x: &mut Ctx<'_, '_>, next: u32) {
        let watch = &mut *self.watch;
        let pending = &watch.pending[self.depth];
        if watch.detail == Detail::Count {
            watch.count(self.depth);
            return;
        }
        let base = x.base() as u32;
        let inst = InstAddr((x.frame_word >> 32) as u32);
        let stays = base == pending.at.base && inst == pending.at.inst;
        let step = &pending.steps.steps[pending.step as usize];
        let outcome = match step.flow {
            _ if !pending.frames.is_empty() => Outcome::Caught {
                frames: pending
                    .frames
                    .iter()
                    .take_while(|frame| frame.1 > base)
                    .count() as u32,
            },
            Flow::Next | Flow::Throw => Outcome::Next,
            Flow::Branch if !stays => Outcome::Returned,
            // One without a condition is always taken.
            Flow::Branch if next == pending.step + 1 && step.arity.0 > 0 => Outcome::Next,
            Flow::Branch => Outcome::Branched,
            Flow::Call => Outcome::Called,
            Flow::TailCall => Outcome::TailCalled,
            Flow::Return => Outcome::Returned,
        };
        watch.pushes.clear();
        let mut push = |slot: Slot| watch.pushes.push(value(x, base, slot));
        match outcome {
            _ if watch.detail == Detail::Control => {}
            Outcome::Next => pending.steps.pushes(step).iter().copied().for_each(push),
            Outcome::Branched => {
                let arrived = &pending.steps.steps[next as usize];
                let passed = pending.steps.operands(arrived).take(step.branch.1 as usize);
                passed.for_each(|(slot, _)| push(slot));
                watch.pushes.reverse();
            }
            _ => {} // Nothing is left in the frame.
        }
        let here = watch.here.as_ref().map(|here| Place {
            inst: here.inst,
            func: here.func,
            offset: here.steps.steps[next as usize].offset,
        });
        let instances = x.path.instances;
        watch.show(instances, self.depth, outcome, here, Some(x));
    }
}

impl Watch {
    /// Counts the instruction that has ended.
    #[inline]
    fn count(&mut self, depth: usize) -> u64 {
        let pending = &mut self.pending[depth];
        pending.live = false;
        let counter = match pending.is_initialiser {
            true => &mut self.initialisers,
            false => &mut self.time,
        };
        *counter += 1;
        *counter - 1
    }

    /// Shows the pending instruction to the probe.
    fn show(
        &mut self,
        instances: &Instances,
        depth: usize,
        outcome: Outcome,
        next: Option<Place>,
        x: Option<&mut Ctx<'_, '_>>,
    ) {
        if !self.pending[depth].live {
            return;
        }
        let time = self.count(depth);
        if self.detail == Detail::Count {
            return;
        }
        let pending = &mut self.pending[depth];
        let step = &pending.steps.steps[pending.step as usize];
        let (pops, passed): (&[Value], &[Value]) = match self.detail {
            Detail::Control => (&[], &[]),
            Detail::Count | Detail::Everything => split(step, outcome, &pending.values),
        };
        let crossed: Vec<Crossed> = match outcome {
            _ if pending.frames.is_empty() => Vec::new(),
            Outcome::Caught { frames } => {
                let frames = pending.frames.drain(..).take(frames as usize + 1);
                frames.map(|frame| frame.0).collect()
            }
            _ => pending.frames.drain(..).map(|frame| frame.0).collect(), // Every frame there is.
        };
        let catching = crossed.last().zip(pending.landed);
        let clause = catching.and_then(|(frame, landed)| clause(frame, landed));
        let base = pending.at.base;
        let changes = match x {
            Some(x) if self.detail == Detail::Everything => pending.written.after(x, base),
            Some(_) | None => Default::default(),
        };
        let changes = match outcome.trap() {
            // It has written nothing; how long an object is stays true.
            Some(_) => Changes {
                len: changes.len,
                ..Changes::default()
            },
            None => changes,
        };
        let is_partial = next.is_none()
            || matches!(outcome, Outcome::Caught { .. })
            || changes
                .memory
                .is_some_and(|memory| memory.len > memory.new.len() as u64);
        if self.conditions.follows && is_partial {
            self.conditions.until = self.time;
            self.conditions.follows = false;
        }
        self.probe.step(&Event {
            thread: self.thread,
            time,
            is_initialiser: pending.is_initialiser,
            inst: pending.at.inst,
            program: &instances.instance(pending.at.inst).program,
            func: pending.func,
            step,
            at: pending.step,
            steps: &pending.steps,
            pops,
            pushes: &self.pushes,
            passed,
            outcome,
            changes,
            host: pending.host,
            crossed: &crossed,
            clause,
            next,
        });
    }
}

/// The clause of the `try_table` whose body begins at that offset of the module.
fn clause(frame: &Crossed, (body, clause): (u32, u32)) -> Option<Clause> {
    let mut labels = frame.labels();
    let label =
        labels.position(|label| label.kind == FrameKind::TryTable && label.offset < body)?;
    let label = label as u32;
    Some(Clause { label, clause })
}

/// The operands that an instruction took, and the values that it passed to the caller.
fn split<'v>(step: &Step, outcome: Outcome, values: &'v [Value]) -> (&'v [Value], &'v [Value]) {
    let last = |count: u32| &values[values.len() - (count as usize).min(values.len())..];
    match (step.flow, outcome) {
        (Flow::Return, _) => (&[], values),
        (Flow::Branch, Outcome::Branched) => (last(step.branch.0), &[]),
        (Flow::Branch, Outcome::Returned) => {
            let taken = last(step.branch.0);
            (taken, &taken[..step.branch.1 as usize])
        }
        _ => (last(step.arity.0), &[]), // What it takes in any case.
    }
}
