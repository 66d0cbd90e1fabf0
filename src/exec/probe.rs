//! Watching a run instruction by instruction. The code is faithful and the dispatch stepped, so
//! every Wasm instruction begins at an operation of its own, and its operands stand in cells.

use super::driver::{self, Embedder, Parts};
use super::instance::Instances;
use super::program::Program;
use super::run::{Run, Stop};
use crate::code::Step;
use crate::runtime::InstAddr;
use crate::syntax::{FuncIdx, ValType};
use crate::translate::{self, FuncMap};
use crate::trap::Trap;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A value as a probe sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value {
    /// The static type of the value.
    pub ty: ValType,
    /// The cells of the value; a vector uses both (low half first), anything else the first.
    pub cells: [u64; 2],
}

/// One executed instruction.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The number of instructions executed before this one.
    pub time: u64,
    /// The address of the instance.
    pub inst: InstAddr,
    /// The program of the instance.
    pub program: &'a Program,
    /// The index of the function; an index past the functions is a constant expression.
    pub func: FuncIdx,
    /// The byte offset of the instruction in its module.
    pub offset: u32,
    /// The operands that the instruction took, bottom first.
    pub pops: &'a [Value],
    /// The results that the instruction left, bottom first. Those of a call come with the callee's
    /// end.
    pub pushes: &'a [Value],
    /// The trap that the instruction ended in, if it did.
    pub trap: Option<Trap>,
}

/// Observes each executed instruction: see [`Store::set_probe`](crate::Store::set_probe).
pub trait Probe: Send {
    /// An instruction was executed.
    fn step(&mut self, event: &Event<'_>);
}

/// A probe attached to a store.
pub struct Watch {
    probe: Box<dyn Probe>,
    time: u64,
    maps: BTreeMap<(InstAddr, FuncIdx), Arc<FuncMap>>,
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
            probe,
            time: 0,
            maps: BTreeMap::new(),
        }
    }

    /// Runs as [`driver::resume`] does, showing each instruction to the probe.
    ///
    /// # Panics
    /// When the code is not faithful.
    pub fn resume(&mut self, instances: &Instances, parts: &mut Parts<'_>) -> Stop {
        loop {
            let Some((step, map)) = self.begin(instances, parts.run) else {
                match driver::step(instances, parts.parts()) {
                    Stop::Stepped => continue,
                    stop => return stop,
                }
            };
            let step = &map.steps[step];
            if let Some(stop) = self.instruction(instances, parts, step) {
                return stop;
            }
        }
    }

    /// The instruction that begins where the run stands, if one does.
    fn begin(&mut self, instances: &Instances, run: &Run) -> Option<(usize, Arc<FuncMap>)> {
        let program = &instances.instance(run.regs.at.inst).program;
        let body = program.body(run.regs.at.unit, run.regs.at.pc)?;
        let map = self
            .maps
            .entry((run.regs.at.inst, body.func))
            .or_insert_with(|| {
                Arc::new(translate::map(
                    program.validated(),
                    program.settings(),
                    body.func,
                ))
            });
        let op = run.regs.at.pc - body.code.start;
        let step = map.steps.binary_search_by_key(&op, |step| step.op).ok()?;
        Some((step, map.clone()))
    }

    /// Executes one instruction, which may be several operations.
    fn instruction(
        &mut self,
        instances: &Instances,
        parts: &mut Parts<'_>,
        step: &Step,
    ) -> Option<Stop> {
        let at = parts.run.regs.at;
        let program = &instances.instance(at.inst).program;
        let func = program
            .body(at.unit, at.pc)
            .map_or(FuncIdx(0), |body| body.func);
        let pops = values(parts.run, at.base, &step.pops);
        let stop = loop {
            match driver::step(instances, parts.parts()) {
                Stop::Stepped if self.begin(instances, parts.run).is_some() => break None,
                Stop::Stepped => {}
                stop => break Some(stop),
            }
        };
        if let Some(Stop::Collect | Stop::Growth | Stop::OutOfFuel | Stop::Epoch) = stop {
            // Nothing was done; the same instruction comes again.
            return stop;
        }
        let run = &*parts.run;
        let stays = run.regs.at.base == at.base && run.regs.at.inst == at.inst && stop.is_none();
        let pushes = if stays {
            values(run, at.base, &step.pushes)
        } else {
            Vec::new()
        };
        let trap = match stop {
            Some(Stop::Trap(trap)) => Some(trap),
            _ => None, // Every other end is seen in what comes next.
        };
        let (pops, pushes) = (&pops[..], &pushes[..]);
        let (time, offset, inst) = (self.time, step.offset, at.inst);
        self.probe.step(&Event {
            time,
            inst,
            program,
            func,
            offset,
            pops,
            pushes,
            trap,
        });
        self.time += 1;
        stop
    }
}

/// Reads values from a frame.
fn values(run: &Run, base: u32, cells: &[(ValType, u32)]) -> Vec<Value> {
    let cell = |place: u32| {
        run.stack
            .get((base + place) as usize)
            .copied()
            .unwrap_or_default()
    };
    let value = |&(ty, place): &(ValType, u32)| {
        let high = if ty == ValType::V128 {
            cell(place + 1)
        } else {
            0
        };
        Value {
            ty,
            cells: [cell(place), high],
        }
    };
    cells.iter().map(value).collect()
}
