//! Calls that can stop half way and go on later: when fuel runs out, when a host function asks to
//! wait, or when it fails and the embedder answers in its place.

use crate::api::error::{Error, Fault, Result};
use crate::api::store::Inner;
use crate::api::store::context::AsContextMut;
use crate::api::store::core::Core;
use crate::api::store::drive::Paused;
use crate::api::store::entry::{enter, enter_with};
use crate::api::store::identity::StoreId;
use crate::api::store::mismatch;
use crate::api::values::Val;
use crate::api::values::func::Func;
use crate::exec::run::HostCall;
use crate::runtime::FuncAddr;
use crate::syntax;
use alloc::sync::Arc;
use core::fmt;

/// The error with which a host function suspends the run that called it, if that run was begun with
/// [`Func::call_resumable`]. The results of the host function are given when the run is resumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Suspend;

impl fmt::Display for Suspend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run cannot be suspended here")
    }
}

impl core::error::Error for Suspend {}

/// How a resumable call ended, or why it paused.
#[derive(Debug)]
pub enum ResumableCall {
    /// The function returned, and its results are written.
    Finished,
    /// A host function suspended the run, or the epoch deadline was reached.
    Yielded(Suspended),
    /// The fuel left does not pay for the next instructions.
    OutOfFuel(Suspended),
    /// A host function failed with this error; the run can be resumed as if it had returned.
    HostTrap(Error, Suspended),
}

/// A run that waits in its store. Dropping the last handle of it discards the run.
///
/// A clone names the same run. A store in which it waits can resume it once, so a clone serves
/// where the store was copied, or is set back: see [`Store::fork`](crate::Store::fork).
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

impl Func {
    /// Calls the function such that the run can be resumed when it pauses.
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
    /// Returns the errors of [`Func::call`], except those that [`ResumableCall`] represents.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn call_resumable(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<ResumableCall> {
        let inner = store.as_context_mut().0;
        let ty = self.callee(&inner.core, results)?;
        enter(inner, |inner| {
            inner.core.put_args(self.addr, &ty, params)?;
            let paused = inner.run_paused(self.addr)?;
            Ok(inner.pause(self.addr, paused, &ty, results))
        })
    }
}

impl Suspended {
    /// Returns the number of values to resume the run with: the results of the host function that
    /// was called, or none.
    ///
    /// # Panics
    /// Panics when the run belongs to another store.
    pub fn pending_results(&self, store: impl crate::AsContext) -> usize {
        let context = store.as_context();
        context.0.core.expect(self.store);
        match self.pending {
            Some(call) => context.0.core.func_type(call.func).results.len(),
            None => 0,
        }
    }

    /// Resumes the run, with `inputs` as the results of the host function that was called, if one
    /// was.
    ///
    /// What is refused before the run goes on changes nothing: it can be resumed again.
    ///
    /// # Errors
    /// Returns the errors of [`Func::call_resumable`]; [`Fault::WrongStore`] for a run of another
    /// store; [`Fault::NotSuspended`] for one that was resumed already; [`Fault::Arity`] and
    /// [`Fault::TypeMismatch`] for `inputs` and `results` that do not fit.
    pub fn resume(
        &self,
        mut store: impl AsContextMut,
        inputs: &[Val],
        results: &mut [Val],
    ) -> Result<ResumableCall> {
        let inner = store.as_context_mut().0;
        let ty = self.check(&inner.core, inputs, results)?;
        let run = inner.core.wake(self.key)?;
        enter_with(inner, run, |inner| {
            if let Some(call) = self.pending {
                let answer = inner.core.func_type(call.func).results.clone();
                inner
                    .core
                    .put_vals("value", &answer, inputs, call.base as usize)?;
            }
            let paused = match self.pending {
                Some(call) if call.last => Paused::Done,
                Some(_) | None => inner.go_on_paused(self.func)?,
            };
            Ok(inner.pause(self.func, paused, &ty, results))
        })
    }

    /// Checks that the run can be resumed with these; returns the type of the function called.
    fn check(&self, core: &Core, inputs: &[Val], results: &[Val]) -> Result<syntax::FuncType> {
        if !core.identity.knows(self.store) {
            let text = "the suspended run is of another store";
            return Err(Fault::WrongStore.because(text));
        }
        if !core.suspended.holds(self.key) {
            return Err(Fault::NotSuspended.into());
        }
        core.check_entry()?;
        let func = Func::at(core, self.func);
        let ty = func.callee(core, results)?;
        let answer: &[_] = match self.pending {
            Some(call) => &core.func_type(call.func).results,
            None => &[],
        };
        if answer.len() != inputs.len() {
            return Err(mismatch::count("value", answer.len(), inputs.len()));
        }
        for (number, (&ty, val)) in answer.iter().zip(inputs).enumerate() {
            let cells = val.to_cells(core, ty);
            cells.map_err(|error| mismatch::at(error, "value", number))?;
        }
        Ok(ty)
    }
}

impl<T> Inner<T> {
    /// Keeps the innermost run if it stopped half way; takes its results if it ended.
    fn pause(
        &mut self,
        func: FuncAddr,
        paused: Paused,
        ty: &syntax::FuncType,
        results: &mut [Val],
    ) -> ResumableCall {
        let core = &mut self.core;
        let pending = match &paused {
            Paused::Done => {
                core.take_results(ty, results);
                return ResumableCall::Finished;
            }
            Paused::Host(_, call) => Some(*call),
            Paused::OutOfFuel | Paused::Epoch | Paused::Stepped | Paused::Waits => None,
        };
        let (key, alive) = core.keep();
        let store = core.identity.id();
        let suspended = Suspended {
            store,
            key,
            func,
            pending,
            _alive: alive,
        };
        match paused {
            Paused::OutOfFuel => ResumableCall::OutOfFuel(suspended),
            Paused::Host(error, ..) if !error.is::<Suspend>() => {
                ResumableCall::HostTrap(error, suspended)
            }
            Paused::Done | Paused::Epoch | Paused::Stepped | Paused::Waits | Paused::Host(..) => {
                ResumableCall::Yielded(suspended)
            }
        }
    }
}
