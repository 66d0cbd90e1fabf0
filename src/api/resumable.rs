//! Calls that can stop half way and go on later: when fuel runs out, when a host function asks to
//! wait, or when it fails and the embedder answers in its place.

use super::context::AsContextMut;
use super::drive::Paused;
use super::error::{Error, Fault, Result};
use super::func::Func;
use super::inner::{StoreCore, StoreId};
use super::store::Inner;
use super::values::Val;
use crate::exec::Run;
use crate::exec::run::HostCall;
use crate::runtime::FuncAddr;
use crate::syntax;
use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use core::fmt;

/// The error with which a host function suspends the run that called it, when that run was begun
/// with [`Func::call_resumable`]. Its results are given when the run is resumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Suspend;

impl fmt::Display for Suspend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run cannot be suspended here")
    }
}

impl core::error::Error for Suspend {}

/// How far a resumable call came.
#[derive(Debug)]
pub enum ResumableCall {
    /// It returned, and the results are written.
    Finished,
    /// A host function suspended it, or the epoch deadline was reached.
    Yielded(Suspended),
    /// Fuel does not pay for what comes next.
    OutOfFuel(Suspended),
    /// A host function failed.
    HostTrap(Error, Suspended),
}

/// A run that waits in its store. Dropping the last handle of it gives the run up.
///
/// A clone names the same run. A store in which it waits can resume it once, so a clone serves
/// where the store was copied, or is set back: see [`Store::fork`](super::Store::fork).
#[derive(Clone, Debug)]
pub struct Suspended {
    store: StoreId,
    key: u64,
    /// The function called, whose results are the run's.
    func: FuncAddr,
    /// The host function that was called.
    pending: Option<HostCall>,
    _alive: Arc<()>,
}

/// The runs of a store that wait.
#[derive(Default)]
pub(crate) struct SuspendedRuns {
    runs: BTreeMap<u64, (Run, Weak<()>)>,
    next: u64,
}

impl SuspendedRuns {
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Run> {
        self.runs.values().map(|(run, _)| run)
    }

    /// Copies those that can be resumed.
    ///
    /// # Errors
    /// When the host has no room for a stack.
    pub(crate) fn copy(&self) -> Result<SuspendedRuns> {
        let held = self
            .runs
            .iter()
            .filter(|(_, (_, alive))| alive.strong_count() > 0);
        let runs = held
            .map(|(&key, (run, alive))| Ok((key, (run.try_clone()?, alive.clone()))))
            .collect::<Result<_>>()?;
        Ok(SuspendedRuns {
            runs,
            next: self.next,
        })
    }

    fn keep(&mut self, run: Run) -> (u64, Arc<()>) {
        self.runs.retain(|_, (_, alive)| alive.strong_count() > 0);
        let (key, alive) = (self.next, Arc::new(()));
        self.next += 1;
        self.runs.insert(key, (run, Arc::downgrade(&alive)));
        (key, alive)
    }
}

impl Func {
    /// Calls it such that the run can be resumed when it stops half way.
    ///
    /// ```
    /// use limpid::{Caller, Engine, Func, ResumableCall, Store, Suspend, Val};
    /// # #[cfg(feature = "wat")] {
    /// let engine = Engine::default();
    /// let mut store = Store::new(&engine, ());
    /// let ask = Func::wrap(&mut store, || -> limpid::Result<i32> { Err(Suspend.into()) });
    /// let text = r#"(module (import "" "ask" (func (result i32)))
    ///     (func (export "f") (result i32) (i32.mul (call 0) (i32.const 2))))"#;
    /// let module = limpid::Module::new(&engine, text)?;
    /// let instance = limpid::Instance::new(&mut store, &module, &[ask.into()])?;
    /// let f = instance.get_func(&mut store, "f").expect("it is exported");
    /// let mut results = [Val::I32(0)];
    /// let call = f.call_resumable(&mut store, &[], &mut results)?;
    /// let ResumableCall::Yielded(run) = call else { panic!("the host function suspends") };
    /// run.resume(&mut store, &[Val::I32(21)], &mut results)?;
    /// assert_eq!(results[0].unwrap_i32(), 42);
    /// # }
    /// # Ok::<(), limpid::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Func::call`], besides what [`ResumableCall`] stands for.
    ///
    /// # Panics
    /// When it is of another store.
    pub fn call_resumable(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<ResumableCall> {
        let inner = store.as_context_mut().0;
        let ty = self.stage(&mut inner.core, params, results)?;
        let paused = inner.run_paused(self.addr);
        inner.pause(self.addr, paused, &ty, results)
    }
}

impl Suspended {
    /// What the host function called is asked for: the types of the values to resume with.
    pub fn pending_results(&self, store: impl super::AsContext) -> usize {
        match self.pending {
            Some(call) => {
                let context = store.as_context();
                context.0.core.func_type(call.func).results.len()
            }
            None => 0,
        }
    }

    /// Goes on, with `inputs` as the results of the host function that was called, if one was.
    ///
    /// # Errors
    /// As [`Func::call_resumable`], and [`Fault::NotSuspended`] for a run of another store. The
    /// run is given up when `inputs` do not fit.
    pub fn resume(
        self,
        mut store: impl AsContextMut,
        inputs: &[Val],
        results: &mut [Val],
    ) -> Result<ResumableCall> {
        let inner = store.as_context_mut().0;
        let core = &mut inner.core;
        if !core.knows(self.store) {
            return Err(Fault::NotSuspended.into());
        }
        let Some((run, _)) = core.suspended.runs.remove(&self.key) else {
            return Err(Fault::NotSuspended.into());
        };
        let ty = core.func_type(self.func).clone();
        let scope = core.state.roots.scoped.len();
        core.push_given(run)?;
        let given = core.answer_with(self.pending, inputs);
        if given.is_err() || ty.results.len() != results.len() {
            core.pop_run();
            core.close_scope(scope);
            return Err(given.err().unwrap_or_else(|| Fault::Arity.into()));
        }
        let last = self.pending.is_some_and(|call| call.last);
        let paused = if last {
            Ok(Paused::Done)
        } else {
            inner.go_on_paused()
        };
        inner.pause(self.func, paused, &ty, results)
    }
}

impl StoreCore {
    /// Writes what a host function would have returned.
    fn answer_with(&mut self, pending: Option<HostCall>, inputs: &[Val]) -> Result<()> {
        match pending {
            Some(call) => {
                let ty = self.func_type(call.func).clone();
                self.put_vals(&ty.results, inputs, call.base as usize)
            }
            None if inputs.is_empty() => Ok(()),
            None => Err(Fault::Arity.into()),
        }
    }
}

impl<T> Inner<T> {
    /// Keeps the innermost run if it stopped half way; takes its results if it ended.
    fn pause(
        &mut self,
        func: FuncAddr,
        paused: Result<Paused>,
        ty: &syntax::FuncType,
        results: &mut [Val],
    ) -> Result<ResumableCall> {
        let core = &mut self.core;
        let paused = match paused {
            Ok(paused) => paused,
            Err(error) => {
                core.pop_run();
                return Err(error);
            }
        };
        let pending = match &paused {
            Paused::Done => {
                let loaded = core.load_vals(&ty.results, 0);
                results.copy_from_slice(&loaded);
                core.pop_run();
                return Ok(ResumableCall::Finished);
            }
            Paused::Host(_, call) => Some(*call),
            Paused::OutOfFuel | Paused::Epoch => None,
        };
        let Some(run) = core.active.pop() else {
            unreachable!("a run that stops is active");
        };
        let (key, alive) = core.suspended.keep(run);
        let store = core.id;
        let suspended = Suspended {
            store,
            key,
            func,
            pending,
            _alive: alive,
        };
        Ok(match paused {
            Paused::OutOfFuel => ResumableCall::OutOfFuel(suspended),
            Paused::Host(error, ..) if !error.is::<Suspend>() => {
                ResumableCall::HostTrap(error, suspended)
            }
            Paused::Done | Paused::Epoch | Paused::Host(..) => ResumableCall::Yielded(suspended),
        })
    }
}
