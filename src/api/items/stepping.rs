//! Calls that stop at any instruction, for `observe`: a run begins, goes on until the store's watch
//! pauses it, and can be set to another moment of its past.

use crate::api::error::{Error, Fault, Result};
use crate::api::store::Inner;
use crate::api::store::core::Core;
use crate::api::store::drive::Paused;
use crate::api::store::entry::{enter, enter_with};
use crate::api::values::Val;
use crate::api::values::func::Func;
use crate::exec::Run;
use crate::exec::probe::{Journal, Moment, Watch};
use crate::runtime::OutOfMemory;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// A stepped call that waits.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    func: Func,
    key: u64,
    _alive: alloc::sync::Arc<()>,
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
            Ok(Paused::Stepped) => {
                let (key, alive) = self.core.keep();
                Went::Paused(Waiting {
                    func,
                    key,
                    _alive: alive,
                })
            }
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

impl Core {
    /// The live part of the innermost run.
    fn last_run(&self) -> Option<Box<Run>> {
        self.active.last()?.live().ok().map(Box::new)
    }

    /// The watch of a store that is stepped.
    pub(crate) fn stepping(&mut self) -> &mut Watch {
        match &mut self.watch {
            Some(watch) => watch,
            None => unreachable!("a store that is stepped has a watch"),
        }
    }

    /// This moment of a call that waits.
    ///
    /// # Errors
    /// When the host has no room for it.
    pub(crate) fn moment(&mut self, waiting: &Waiting) -> Result<Moment, OutOfMemory> {
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
        let (Some(journal), Some(run)) = (&mut watch.journal, suspended.run(waiting.key)) else {
            unreachable!("a stepped call waits in its store")
        };
        journal.moment(time, state, control, run)
    }

    /// Sets the store and a call that waits to another moment.
    ///
    /// # Errors
    /// When the host has no room for it.
    pub(crate) fn set_moment(&mut self, func: Func, moment: &Moment) -> Result<Waiting> {
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
        let (key, alive) = self.suspended.add_live(moment.run.live()?);
        Ok(Waiting {
            func,
            key,
            _alive: alive,
        })
    }
}
