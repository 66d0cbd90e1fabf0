//! A store under observation: resumptions that its watch sees, and what of the host's part in them
//! is done again rather than anew.

use crate::api::error::{Fault, Result, ThrownException};
use crate::api::store::Store;
use crate::api::store::context::StoreContextMut;
use crate::api::store::core::Core;
use crate::exec::driver::Parts;
use crate::exec::probe::{Outcome, Probe, Replayed, Watch};
use crate::exec::run::HostCall;
use crate::exec::{Stop, Translation};
use crate::runtime::Wanted;
use alloc::boxed::Box;

impl<T> Store<T> {
    /// Lets `probe` observe every instruction executed from now on, instantiation included.
    ///
    /// # Errors
    /// Fails when the engine's translation is not
    /// [`Translation::Faithful`](crate::Translation::Faithful), since its operations are not
    /// instructions.
    pub fn set_probe(&mut self, probe: Box<dyn Probe>) -> Result<()> {
        let core = &mut self.inner_mut().core;
        if core.engine.config().settings.translation != Translation::Faithful {
            return Err(Fault::NotConfigured.into());
        }
        core.watch = Some(Watch::new(probe));
        Ok(())
    }

    /// Returns whether the store has a probe.
    pub(crate) fn is_watched(&self) -> bool {
        self.inner.core.is_watched()
    }

    /// Returns the number of instructions that the store's probe has seen, constant expressions
    /// apart.
    pub fn watched_time(&self) -> u64 {
        self.inner.core.watch.as_ref().map_or(0, Watch::time)
    }
}

impl<T> StoreContextMut<'_, T> {
    /// Returns the number of instructions that the store's probe has seen: see
    /// [`Store::watched_time`].
    pub fn watched_time(&self) -> u64 {
        self.0.core.watch.as_ref().map_or(0, Watch::time)
    }
}

impl Core {
    /// Returns whether the store has a watch.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        self.watch.is_some()
    }

    /// Resumes the innermost run under the eyes of the store's watch, if it has one.
    pub(crate) fn resume_watched(&mut self) -> Option<Stop> {
        let depth = self.active.len().saturating_sub(1);
        let watch = self.watch.as_mut()?;
        if let Some(journal) = &mut watch.journal
            && depth > 0
        {
            // What runs inside of a host function belongs to that function.
            journal.nest();
            return None;
        }
        loop {
            let run = self.active.last_mut()?;
            let parts = Parts {
                state: &mut self.state,
                control: &mut self.control,
                run,
            };
            let stop = self.watch.as_mut()?.resume(&self.instances, parts, depth);
            match self.replayed(stop) {
                Some(stop) => return Some(stop),
                None => continue,
            }
        }
    }

    /// Does again what the host did where a run stops for it, if that is known; returns the stop
    /// otherwise.
    fn replayed(&mut self, stop: Stop) -> Option<Stop> {
        let Core {
            watch: Some(watch),
            active,
            state,
            control,
            instances,
            ..
        } = self
        else {
            return Some(stop);
        };
        let (time, depth) = (watch.time(), active.len() - 1);
        let (Some(journal), Some(run)) = (&mut watch.journal, active.last_mut()) else {
            return Some(stop);
        };
        let (call, replayed) = match stop {
            Stop::Growth => {
                let answer = journal.replay_growth(time);
                let Some(answer) = answer else {
                    return Some(stop);
                };
                self.grow_again(answer);
                return None;
            }
            Stop::Host(call) => match journal.replay_call(time, (state, control), run, call) {
                Some(replayed) => (call, replayed),
                None => {
                    journal.before_call(instances, state);
                    return Some(stop);
                }
            },
            _ => return Some(stop), // The host has no part in anything else.
        };
        let outcome = match replayed {
            Replayed::Returned => Outcome::Host,
            Replayed::Threw => Outcome::Uncaught,
            Replayed::Failed => Outcome::HostFailed,
        };
        watch.host_returned(instances, run, depth, (call, outcome));
        match (replayed, state.roots.exception) {
            (Replayed::Failed, _) => Some(Stop::Stepped),
            (Replayed::Threw, Some(exception)) => {
                if call.last || !self.throw(exception) {
                    return Some(Stop::Exception(exception));
                }
                self.state.roots.exception = None;
                None
            }
            (Replayed::Returned | Replayed::Threw, _) => call.last.then_some(Stop::Finished),
        }
    }

    /// Grows what the innermost run wants to grow, as the limiter has decided before.
    fn grow_again(&mut self, answer: Option<u64>) {
        let wanted = self.state.growth.wanted.take();
        let (bytes, elements) = (self.instances.memory_bytes, self.instances.table_elements);
        if answer.is_some() {
            match wanted {
                Some(Wanted::Memory { addr, delta }) => {
                    self.state.memories[addr.index()].grow(delta, bytes);
                }
                Some(Wanted::Table { addr, delta, init }) => {
                    self.state.tables[addr.index()].grow(delta, init, elements);
                }
                None => {}
            }
        }
        self.state.growth.answer = Some(answer);
    }

    /// The limiter has decided about growth.
    pub(crate) fn grown(&mut self, answer: Option<u64>) {
        self.state.growth.answer = Some(answer);
        let depth = self.active.len();
        if let Some(watch) = &mut self.watch
            && depth == 1
        {
            let time = watch.time();
            if let Some(journal) = &mut watch.journal {
                journal.keep_growth(time, answer);
            }
        }
    }

    /// Tells the probe, if there is one, that a host function has returned to the innermost run, or
    /// failed.
    #[cold]
    pub(crate) fn host_returned(&mut self, call: HostCall, answer: &Result<()>) {
        let depth = self.active.len().saturating_sub(1);
        let (Some(watch), Some(run)) = (&mut self.watch, self.active.last()) else {
            return;
        };
        let outcome = match answer {
            Ok(()) => Outcome::Host,
            Err(error) if error.is::<ThrownException>() => Outcome::Uncaught,
            Err(_) => Outcome::HostFailed,
        };
        let time = watch.time();
        if let Some(journal) = &mut watch.journal
            && depth == 0
        {
            let store = (&*self.instances, &mut self.state, &self.control);
            journal.keep(time, store, run, (call, outcome));
        }
        watch.host_returned(&self.instances, run, depth, (call, outcome));
    }

    /// The host has written an object of the heap.
    pub(crate) fn host_wrote(&mut self) {
        if let Some(journal) = self.watch.as_mut().and_then(|watch| watch.journal.as_mut()) {
            journal.nest();
        }
    }
}
