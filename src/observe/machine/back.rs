//! Going back: to a time, and to where a condition held last. A run goes back by beginning again at
//! an earlier moment.

use super::history::Kept;
use super::threads::Thread;
use super::{Machine, Stopped};
use crate::api::{Fault, Result};
use crate::exec::probe::{Cause, Conditions, Hit, Target};

/// Steps before the place somebody looks at, at which moments are kept.
const DISTANCES: [u64; 2] = [200_000, 4_000];

impl<T> Machine<T> {
    /// Goes to a time, forwards or backwards, or to the end of the run if that comes before.
    ///
    /// # Errors
    /// Returns an error when the host has no room for the past of the run, and
    /// [`Fault::NotConfigured`] when the machine keeps none and is to go back.
    pub fn goto(&mut self, time: u64) -> Result<Stopped> {
        let now = self.time();
        let known = self.history.latest(time).map_or(0, |kept| kept.moment.time);
        if time < now || (time == now && self.is_at_end && !self.is_end(time)) || known > now {
            self.begin_at(time)?;
        }
        for distance in DISTANCES {
            let stop = time.saturating_sub(distance);
            if self.history.is_kept()
                && stop > self.time()
                && self.end.as_ref().is_none_or(|end| stop < end.0)
            {
                if self.forward(Conditions::until(stop))? == Stopped::Cancelled {
                    return Ok(Stopped::Cancelled);
                }
                if let Some(kept) = self.moment()? {
                    self.history.add_close(kept);
                }
            }
        }
        self.forward(Conditions::until(time))
    }

    /// Whether the run ends at that time.
    fn is_end(&self, time: u64) -> bool {
        self.end.as_ref().is_some_and(|end| end.0 == time)
    }

    /// Begins again at the latest moment that is not after `time`.
    fn begin_at(&mut self, time: u64) -> Result<()> {
        let Machine { history, store, .. } = self;
        let Some(Kept {
            threads, moment, ..
        }) = history.latest(time)
        else {
            return Err(Fault::NotConfigured.because("nothing of the past is kept"));
        };
        let core = &mut crate::api::AsContextMut::as_context_mut(store).0.core;
        let funcs = threads.list.iter().map(Thread::func);
        let waiting = core.set_moment(funcs, moment)?;
        let (threads, begun) = (threads.clone(), moment.time);
        self.set_threads(threads, waiting, begun);
        self.is_at_end = false;
        self.last = None;
        Ok(())
    }

    /// Takes one instruction back.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::goto`].
    pub fn step_back(&mut self) -> Result<Stopped> {
        match self.time().checked_sub(1) {
            Some(time) => self.goto(time),
            None => Ok(Stopped::Beginning),
        }
    }

    /// Goes back to the instruction before of the same frame, or of one further out.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::goto`].
    pub fn over_back(&mut self) -> Result<Stopped> {
        match self.base() {
            Some(base) => self.back_to_frame(base),
            None => self.step_back(),
        }
    }

    /// Goes back to the call that made the frame.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::goto`].
    pub fn out_back(&mut self) -> Result<Stopped> {
        match self.base() {
            Some(base) if base > 0 => self.back_to_frame(base - 1),
            // No call made it: the run began with it.
            Some(_) | None => self.goto(0),
        }
    }

    fn back_to_frame(&mut self, base: u32) -> Result<Stopped> {
        let conditions = Conditions {
            frame: Some(self.outwards(base)),
            ..Conditions::default()
        };
        self.back(conditions)
    }

    /// Goes back to where a breakpoint was passed last, or to the instruction that wrote a
    /// watchpoint last.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::goto`].
    pub fn reverse_resume(&mut self) -> Result<Stopped> {
        let conditions = self.conditions();
        self.back(conditions)
    }

    /// Goes back to the instruction that wrote something last.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::goto`].
    pub fn back_to_write(&mut self, target: Target) -> Result<Stopped> {
        let conditions = Conditions {
            targets: [target].into(),
            ..Conditions::default()
        };
        self.back(conditions)
    }

    fn back(&mut self, conditions: Conditions) -> Result<Stopped> {
        match self.last_hit(&conditions)? {
            Searched::Found(hit) => match self.goto(hit.time)? {
                Stopped::Cancelled => Ok(Stopped::Cancelled),
                Stopped::Done | Stopped::Hit(_) | Stopped::Ended | Stopped::Beginning => {
                    Ok(Stopped::Hit(hit))
                }
            },
            Searched::Nothing => {
                self.goto(0)?;
                Ok(Stopped::Beginning)
            }
            Searched::Cancelled => Ok(Stopped::Cancelled),
        }
    }

    /// When a condition held last, before the time at hand. The machine is left somewhere.
    fn last_hit(&mut self, conditions: &Conditions) -> Result<Searched> {
        let mut end = self.time();
        while end > 0 {
            self.begin_at(end - 1)?;
            let begin = self.time();
            let went = self.forward(Conditions {
                until: end,
                pauses: false,
                ..conditions.clone()
            })?;
            if went == Stopped::Cancelled {
                return Ok(Searched::Cancelled);
            }
            let hit = self.core().stepping().conditions.hit.take();
            if let Some(hit) = hit.filter(|hit| is_before(hit, end)) {
                return Ok(Searched::Found(hit));
            }
            if begin > 0 && !self.goes_on() {
                return Ok(Searched::Cancelled);
            }
            end = begin;
        }
        Ok(Searched::Nothing)
    }
}

/// What a search of the past has found.
enum Searched {
    Found(Hit),
    Nothing,
    Cancelled,
}

fn is_before(hit: &Hit, end: u64) -> bool {
    match hit.cause {
        Cause::Breakpoint(_) | Cause::Watchpoint(_) | Cause::Frame => hit.time < end,
    }
}
