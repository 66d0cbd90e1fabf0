//! Functions of a store, of guests and of the host alike.

use crate::api::error::Result;
use crate::api::items::typed::TypedFunc;
use crate::api::store::context::{AsContext, AsContextMut};
use crate::api::store::core::Core;
use crate::api::store::entry::{Entry, Polled, enter};
use crate::api::store::mismatch;
use crate::api::values::Val;
use crate::api::values::func::Func;
use crate::api::values::wasm_ty::{WasmParams, WasmResults};
use crate::runtime::FuncAddr;
use crate::syntax;

impl Func {
    /// Calls the function with `params` and writes what it returns to `results`.
    ///
    /// # Errors
    /// Returns the [`Trap`](crate::Trap) or the host function's error that ended the call,
    /// [`ThrownException`](crate::ThrownException) for an exception that nothing caught, or a
    /// [`Fault`](crate::Fault) for arguments that do not fit.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn call(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        let inner = store.as_context_mut().0;
        let ty = self.callee(&inner.core, results)?;
        enter(inner, |inner| {
            inner.core.put_args(self.addr, &ty, params)?;
            inner.run(self.addr, None)?;
            inner.core.take_results(&ty, results);
            Ok(())
        })
    }

    /// Calls the function. The future runs the guest while it is polled, and waits where an
    /// asynchronous host function waits.
    ///
    /// # Errors
    /// Returns the same errors as [`Func::call`].
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub async fn call_async(
        &self,
        mut store: impl AsContextMut<Data: Send>,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        let inner = store.as_context_mut().0;
        let ty = self.callee(&inner.core, results)?;
        let polled = Polled::default();
        let entry = Entry::begin_async(inner, &polled)?;
        let inner = &mut *entry.store;
        let call = async move {
            inner.core.put_args(self.addr, &ty, params)?;
            inner.run_async(self.addr, None).await?;
            inner.core.take_results(&ty, results);
            Ok(())
        };
        let done = polled.watch(call).await;
        entry.end(done)
    }

    /// Checks the function's type once and returns a function whose calls need no check.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`](crate::Fault::TypeMismatch) or
    /// [`Fault::Arity`](crate::Fault::Arity) when the function is of another type.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn typed<Params, Results>(
        &self,
        store: impl AsContext,
    ) -> Result<TypedFunc<Params, Results>>
    where
        Params: WasmParams,
        Results: WasmResults,
    {
        TypedFunc::new(&store.as_context().0.core, *self)
    }

    /// Returns the function's type, if `results` has a place for each result.
    ///
    /// # Errors
    /// [`Fault::Arity`](crate::Fault::Arity).
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub(crate) fn callee(&self, core: &Core, results: &[Val]) -> Result<syntax::FuncType> {
        core.expect_current(self.store)?;
        let ty = core.func_type(self.addr).clone();
        if results.len() != ty.results.len() {
            return Err(mismatch::count("result", ty.results.len(), results.len()));
        }
        Ok(ty)
    }
}

impl Core {
    /// Puts the arguments of a call of a function into the innermost run.
    ///
    /// # Errors
    /// Fails for an argument that does not fit, and names it with the function.
    pub(crate) fn put_args(
        &mut self,
        func: FuncAddr,
        ty: &syntax::FuncType,
        params: &[Val],
    ) -> Result<()> {
        let put = self.put_vals("argument", &ty.params, params, 0);
        put.map_err(|error| match self.shown_func(func) {
            Some(name) => mismatch::of(error, &name),
            None => error,
        })
    }

    /// Takes the results of the innermost run, which has ended.
    pub(crate) fn take_results(&mut self, ty: &syntax::FuncType, results: &mut [Val]) {
        let loaded = self.load_vals(&ty.results, 0);
        results.copy_from_slice(&loaded);
    }
}
