//! The loop between operations where instructions are only counted: the way back to a step leads
//! through here.

use super::changes::{bytes_written, operand};
use super::watch::{Here, Watch};
use crate::exec::context::Ctx;
use crate::exec::driver::Observer;
use crate::exec::run::Stop;
use crate::runtime::InstAddr;
use crate::translate::steps::Step;

/// One resumption whose instructions are counted.
pub(super) struct Counter<'w> {
    watch: &'w mut Watch,
    depth: usize,
    here: Option<Here>,
    time: u64,
    /// Whether an instruction has begun.
    live: bool,
    /// The operation and the frame at which it did.
    at: (u32, u32),
}

impl<'w> Counter<'w> {
    pub fn new(watch: &'w mut Watch, depth: usize) -> Counter<'w> {
        Counter {
            depth,
            here: None,
            time: watch.time,
            live: watch.pending[depth].live,
            at: (0, 0),
            watch,
        }
    }

    #[inline(never)]
    fn arrive(&mut self, x: &Ctx<'_, '_>, inst: InstAddr, unit: u32, pc: u32) {
        self.here = self.watch.here_at(x, inst, unit, pc);
    }

    /// The instruction that was begun, if one was, has ended.
    #[inline]
    fn ended(&mut self) {
        let is_initialiser = self.here.as_ref().is_some_and(|here| here.is_initialiser);
        match is_initialiser {
            true => self.watch.initialisers += u64::from(self.live),
            false => self.time += u64::from(self.live),
        }
        self.live = false;
    }

    /// Tells the journal which bytes an instruction is about to write.
    #[inline(never)]
    fn mark(&mut self, x: &Ctx<'_, '_>, base: u32, step: Step) {
        let (Some(journal), Some(here)) = (&mut self.watch.journal, &self.here) else {
            return;
        };
        let slots = here.steps.pops(&step);
        let number = |k: usize| operand(x, base, slots[k]);
        let Some((memory, at, len)) = bytes_written(step.effect, number) else {
            return;
        };
        let addr = x.inst.memories[memory as usize];
        journal.mark(addr, at, len, x.byte_len(addr));
    }

    /// Puts everything back.
    fn put_back(&mut self) {
        self.watch.time = self.time;
        let pending = &mut self.watch.pending[self.depth];
        pending.live = self.live;
        pending.is_initialiser = self.here.as_ref().is_some_and(|here| here.is_initialiser);
    }
}

impl Observer for Counter<'_> {
    #[inline(always)]
    fn before(&mut self, x: &mut Ctx<'_, '_>) -> Option<Stop> {
        let pc = (x.all.len() - x.left) as u32;
        let (inst, unit) = ((x.frame_word >> 32) as u32, (x.unit_word >> 32) as u32);
        let here = match &self.here {
            Some(here) if here.inst.0 == inst && here.unit == unit && here.code.contains(&pc) => {
                here
            }
            Some(_) | None => {
                self.arrive(x, InstAddr(inst), unit, pc);
                self.here.as_ref()?
            }
        };
        let step = here.steps.at(pc - here.code.start)?;
        let writes = here.steps.steps[step as usize].effect.is_on_bytes();
        self.ended();
        if self.time >= self.watch.conditions.until {
            self.put_back();
            return Some(Stop::Stepped);
        }
        self.live = true;
        self.at = (pc, x.base() as u32);
        if writes && let Some(here) = &self.here {
            let step = here.steps.steps[step as usize];
            self.mark(x, x.base() as u32, step);
        }
        None
    }

    fn stopped(&mut self, x: &mut Ctx<'_, '_>, stop: Stop) {
        match stop {
            Stop::Host(call) => self.watch.pending[self.depth].host = Some(call),
            Stop::Collect | Stop::Growth | Stop::OutOfFuel | Stop::Epoch | Stop::Waits => {
                // Where nothing was done, the same instruction comes again.
                let pc = (x.all.len() - x.left) as u32;
                self.live &= (pc, x.base() as u32) != self.at;
            }
            Stop::Finished | Stop::Trap(_) | Stop::Exception(_) => self.ended(),
            Stop::Stepped => {}
        }
        self.put_back();
    }
}
