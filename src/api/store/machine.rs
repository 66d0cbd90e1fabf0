//! Where the embedding API meets the machine: the calls it makes into `exec`, in one place.

use crate::api::error::{Error, Result, ThrownException};
use crate::api::module::Module;
use crate::api::store::core::Core;
use crate::exec::driver::Parts;
use crate::exec::instance::ExternAddr;
use crate::exec::instantiate::{InstantiateError, Instantiation};
use crate::exec::probe::{Outcome, Replayed};
use crate::exec::roots::collect;
use crate::exec::run::HostCall;
use crate::exec::{Instances, Run, Stop, driver};
use crate::runtime::{InstAddr, Reference, State, Wanted, reference};
use crate::syntax::{FuncIdx, HeapType, RefType, TypeId};
use alloc::sync::Arc;
use alloc::vec::Vec;

impl Core {
    /// Returns what a resumption of the innermost run works on.
    #[inline]
    pub(crate) fn parts(&mut self) -> Parts<'_> {
        let Some(run) = self.active.last_mut() else {
            unreachable!("only an active run is resumed");
        };
        Parts {
            state: &mut self.state,
            control: &mut self.control,
            run,
        }
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

    /// Puts the innermost run at the start of a function, whose arguments stand from cell 0.
    ///
    /// # Errors
    /// [`Trap::OutOfMemory`](crate::Trap::OutOfMemory) where the host has no room to translate the
    /// function.
    pub(crate) fn enter(&mut self, inst: InstAddr, func: FuncIdx) -> Result<()> {
        let Some(run) = self.active.last_mut() else {
            unreachable!("a function is entered while a run is active");
        };
        Ok(driver::enter(&self.instances, run, inst, func)?)
    }

    /// Unwinds the innermost run, which waits for a host function, with an exception. `false`
    /// when nobody catches it.
    pub(crate) fn throw(&mut self, exception: Reference) -> bool {
        let mode = self.mode;
        let instances = self.instances.clone();
        driver::throw(&instances, self.parts(), mode, exception)
    }

    /// The ids of a module's canonical types in this store, found once for each module.
    fn type_ids(&mut self, module: &Module) -> Arc<[TypeId]> {
        // The store's instances keep the program, so its address is not used again while it is
        // known here; one that was never instantiated is kept by the list itself.
        let key = Arc::as_ptr(module.program()) as usize;
        if let Some((_, ids)) = self.known_types.get(&key) {
            return ids.clone();
        }
        let ids: Arc<[TypeId]> = self
            .state
            .types
            .absorb(&module.program().context().space)
            .into();
        self.known_types.insert(key, (module.clone(), ids.clone()));
        ids
    }

    /// Instantiates a module, all but its start function, with the innermost run.
    pub(crate) fn instantiate(
        &mut self,
        module: &Module,
        imports: &[ExternAddr],
    ) -> Result<InstAddr> {
        let types = self.type_ids(module);
        let Some((run, outer)) = self.active.split_last_mut() else {
            unreachable!("instantiation has a run");
        };
        let suspended = &self.suspended;
        let mut dead = Vec::new();
        let mut collect = |instances: &Instances, state: &mut State, run: &Run| {
            dead.extend(collect(
                instances,
                state,
                outer.iter().chain(suspended.iter()).chain([run]),
            ));
        };
        let done = Instantiation {
            instances: &self.instances,
            state: &mut self.state,
            run,
            mode: self.mode,
            watch: self.watch.as_mut(),
            depth: outer.len(),
            collect: &mut collect,
        }
        .instantiate(module.program(), &types, imports);
        self.drop_hosts(dead);
        if self.modules.len() < self.instances.list.count() {
            self.modules.push(module.clone());
        }
        done.map_err(|error| match error {
            InstantiateError::Unlinkable(unlinkable) => self.unlinkable(*unlinkable),
            InstantiateError::OutOfMemory(error) => Error::new(error),
            InstantiateError::Trap(trap) => Error::new(trap),
            InstantiateError::Segment(fault) => Error::new(fault.trap).context(fault),
            InstantiateError::ImportCount { .. } => Error::new(error),
        })
    }

    /// Returns whether a reference, of the hierarchy of a type, is of that type.
    pub(crate) fn has_type(&self, value: Reference, ty: RefType) -> bool {
        let State {
            types, funcs, heap, ..
        } = &self.state;
        reference::matches(types, funcs, heap, value, ty)
    }

    /// The type of what a reference under a top type, not null, refers to.
    pub(crate) fn heap_type(&self, value: Reference, top: HeapType) -> HeapType {
        reference::heap_type(&self.state.funcs, &self.state.heap, value, top)
    }
}
