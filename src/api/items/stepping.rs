//! Calls that stop at any instruction, for `observe`: a run begins, goes on until the store's watch
//! pauses it, and can be set to another moment of its past.

use crate::api::error::{Error, Fault, Result};
use crate::api::store::Inner;
#[cfg(feature = "wasi")]
use crate::api::store::context::StoreContextMut;
use crate::api::store::core::Core;
use crate::api::store::drive::Paused;
use crate::api::store::entry::{enter, enter_with};
#[cfg(feature = "wasi")]
use crate::api::store::spawned::SpawnedThread;
use crate::api::values::Val;
use crate::api::values::func::Func;
use crate::exec::Run;
use crate::exec::probe::{Journal, Moment, Watch};
use crate::runtime::{FuncAddr, OutOfMemory};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// A function to call, and its arguments.
pub(crate) type Call = (Func, Vec<Val>);

/// A stepped call that waits.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    func: Func,
    key: u64,
    _alive: Arc<()>,
}

impl Waiting {
    /// The run.
    pub(crate) fn run<'c>(&self, core: &'c Core) -> Option<&'c Run> {
        core.suspended.run(self.key)
    }
}

/// What the next resumption of a stepped call ended with.
pub(crate) enum Went {
    /// It paused.
    Paused(Waiting),
    /// It waits at an address, and gives its turn to another thread.
    Waits(Waiting),
    /// It returned.
    Finished(Vec<Val>),
    /// It failed; this is where it was.
    Failed(Error, Option<Box<Run>>),
}

impl<T> Inner<T> {
    /// Begins a call; it runs until the watch pauses it.
    ///
    /// # Errors
    /// Those of arguments that do not fit, and [`Fault::Poisoned`]; nothing has run then.
    pub(crate) fn begin_stepped(&mut self, func: Func, params: &[Val]) -> Result<Went> {
        let ty = self.core.func_type(func.addr).clone();
        let mut results = vec![Val::I32(0); ty.results.len()];
        func.callee(&self.core, &results)?;
        self.core.check_entry()?;
        let mut begun = false;
        let went = enter(self, |inner| {
            inner.core.put_args(func.addr, &ty, params)?;
            begun = true;
            let paused = inner.run_paused(func.addr);
            inner.went(func, paused, &mut results)
        });
        match went {
            Err(error) if begun => Ok(Went::Failed(error, None)),
            went => went,
        }
    }

    /// Goes on with a call until the watch pauses it again.
    ///
    /// # Errors
    /// When the host has no room for a stack, or the store is poisoned.
    pub(crate) fn go_on_stepped(&mut self, waiting: &Waiting) -> Result<Went> {
        if !self.core.suspended.holds(waiting.key) {
            return Err(Fault::NotSuspended.into());
        }
        self.core.check_entry()?;
        let run = self.core.wake(waiting.key)?;
        let func = waiting.func;
        let ty = self.core.func_type(func.addr).clone();
        let mut results = vec![Val::I32(0); ty.results.len()];
        let went = enter_with(self, run, |inner| {
            let paused = inner.go_on_paused(func.addr);
            inner.went(func, paused, &mut results)
        });
        match went {
            Err(error) => Ok(Went::Failed(error, None)),
            went => went,
        }
    }

    fn went(&mut self, func: Func, paused: Result<Paused>, results: &mut Vec<Val>) -> Result<Went> {
        let ty = self.core.func_type(func.addr).clone();
        Ok(match paused {
            Ok(Paused::Done) => {
                self.core.take_results(&ty, results);
                Went::Finished(core::mem::take(results))
            }
            Ok(Paused::Stepped) => Went::Paused(self.core.keep_stepped(func)),
            Ok(Paused::Waits) => Went::Waits(self.core.keep_stepped(func)),
            Ok(Paused::Host(error, _)) => {
                let error = self.core.trapped(error);
                Went::Failed(error, self.core.last_run())
            }
            Ok(Paused::OutOfFuel) => {
                let error = crate::trap::Trap::OutOfFuel.into();
                Went::Failed(error, self.core.last_run())
            }
            Ok(Paused::Epoch) => {
                let error = crate::trap::Trap::Interrupt.into();
                Went::Failed(error, self.core.last_run())
            }
            Err(error) => Went::Failed(error, self.core.last_run()),
        })
    }
}

#[cfg(feature = "wasi")]
impl<T> StoreContextMut<'_, T> {
    /// Returns whether threads of the guest take turns in this store.
    pub(crate) fn takes_turns(&self) -> bool {
        self.0.core.state.turns.thread.is_some()
    }

    /// How many threads that were spawned in this store go on, and the number of the next one.
    pub(crate) fn spawned(&self) -> (usize, u32) {
        let spawned = &self.0.core.spawned;
        // Those that have not begun go on, too.
        (spawned.alive, spawned.list.len() as u32 + 1)
    }

    /// Adds a thread that makes these calls, one after another, when its turn comes.
    pub(crate) fn spawn_in_turn(&mut self, calls: Vec<(Func, Vec<i32>)>) {
        let (_, thread) = self.spawned();
        let calls = calls.into_iter();
        let core = &mut self.0.core;
        let watch = core.stepping();
        let time = watch.time();
        // It is there from the next instruction on.
        watch.conditions.until = watch.conditions.until.min(time + 1);
        core.spawned.alive += 1;
        core.spawned.list.push(SpawnedThread {
            thread,
            time,
            calls: calls.map(|(func, args)| (func.addr, args)).collect(),
        });
    }
}

impl Core {
    /// The live part of the innermost run.
    fn last_run(&self) -> Option<Box<Run>> {
        self.active.last()?.live().ok().map(Box::new)
    }

    /// The number of a thread that was spawned at a time before `time`, and the calls that it
    /// makes, if that many were.
    pub(crate) fn spawned_before(&self, time: u64, at: usize) -> Option<(u32, Vec<Call>)> {
        let spawned = self.spawned.list.get(at)?;
        let call = |(addr, args): &(FuncAddr, Vec<i32>)| {
            let args = args.iter().copied().map(Val::I32);
            (Func::at(self, *addr), args.collect())
        };
        let calls = || spawned.calls.iter().map(call).collect();
        (spawned.time < time).then(|| (spawned.thread, calls()))
    }

    /// The watch of a store that is stepped.
    pub(crate) fn stepping(&mut self) -> &mut Watch {
        match &mut self.watch {
            Some(watch) => watch,
            None => unreachable!("a store that is stepped has a watch"),
        }
    }

    /// Keeps the innermost run, to be resumed.
    fn keep_stepped(&mut self, func: Func) -> Waiting {
        let (key, alive) = self.keep();
        Waiting {
            func,
            key,
            _alive: alive,
        }
    }

    /// This moment of calls that wait.
    ///
    /// # Errors
    /// When the host has no room for it.
    pub(crate) fn moment(&mut self, waiting: &[Waiting]) -> Result<Moment, OutOfMemory> {
        let Core {
            state,
            control,
            watch: Some(watch),
            suspended,
            ..
        } = self
        else {
            unreachable!("a store that is stepped has a watch")
        };
        let time = watch.time();
        let runs = waiting.iter().filter_map(|one| suspended.run(one.key));
        let Some(journal) = &mut watch.journal else {
            unreachable!("a run that goes back has a journal")
        };
        journal.moment(time, state, control, runs)
    }

    /// Sets the store to another moment; returns the calls that wait then, of these functions.
    ///
    /// # Errors
    /// When the host has no room for it.
    pub(crate) fn set_moment(
        &mut self,
        funcs: impl Iterator<Item = Func>,
        moment: &Moment,
    ) -> Result<Vec<Waiting>> {
        let Core {
            state,
            control,
            watch: Some(watch),
            ..
        } = self
        else {
            unreachable!("a store that is stepped has a watch")
        };
        watch.set_time(moment.time);
        let journal = watch.journal.get_or_insert_with(Journal::default);
        journal.restore(moment, state, control);
        let add = |(func, run): (Func, &Run)| {
            let (key, alive) = self.suspended.add_live(run.live()?);
            Ok(Waiting {
                func,
                key,
                _alive: alive,
            })
        };
        funcs.zip(&moment.runs).map(add).collect()
    }
}
