//! Asynchronous host functions: the run stays suspended in the store while their future is polled.

use crate::api::engine::Engine;
use crate::api::error::{Error, Fault, Result};
use crate::api::host::{HostFunc, unset};
use crate::api::store::hook::Passed;
use crate::api::store::host_fn::{Begun, Caller, HostFn};
use crate::api::types::composite::FuncType;
use crate::api::values::Val;
use crate::api::values::wasm_ty::{WasmRet, WasmTyList};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future;
use core::marker::PhantomData;

/// The error of a synchronous call.
fn called_synchronously() -> Error {
    Error::from(Fault::AsyncRequired)
        .context("an asynchronous host function was called in a synchronous call")
}

/// A closure over typed parameters that gives a future.
struct TypedAsync<F, P, R>(F, PhantomData<fn(P) -> R>);

impl<T, F, P, R> HostFn<T> for TypedAsync<F, P, R>
where
    T: Send + 'static,
    F: for<'a> Fn(Caller<'a, T>, P) -> Box<dyn Future<Output = R> + Send + 'a>
        + Send
        + Sync
        + 'static,
    P: WasmTyList + 'static,
    R: WasmRet + 'static,
{
    fn call(&self, _: Caller<'_, T>, _: Passed) -> Result<()> {
        Err(called_synchronously())
    }

    fn waits(&self) -> bool {
        true
    }

    fn begin<'a>(&'a self, caller: Caller<'a, T>, at: Passed) -> Begun<'a, T> {
        Begun::Async(Box::pin(async move {
            let inner = caller.store.0;
            let scope = inner.core.state.roots.scoped.len();
            let params = P::load(&mut inner.core, at.base as usize);
            let again = Caller::new(inner, caller.instance);
            let results = Box::into_pin((self.0)(again, params)).await;
            let stored = results.put(&mut inner.core, at.base as usize);
            inner.core.close_scope(scope);
            stored
        }))
    }
}

/// An asynchronous host function over typed parameters.
pub(crate) fn typed_async<T, F, P, R>(engine: &Engine, func: F) -> HostFunc<T>
where
    T: Send + 'static,
    F: for<'a> Fn(Caller<'a, T>, P) -> Box<dyn Future<Output = R> + Send + 'a>
        + Send
        + Sync
        + 'static,
    P: WasmTyList + 'static,
    R: WasmRet + 'static,
{
    HostFunc {
        ty: FuncType::new(engine, P::valtypes(), R::valtypes()),
        func: Arc::new(TypedAsync(func, PhantomData)),
        on_cells: None,
    }
}

/// A closure over lists of values that gives a future.
struct UntypedAsync<F>(F);

impl<T, F> HostFn<T> for UntypedAsync<F>
where
    T: Send + 'static,
    F: for<'a> Fn(
            Caller<'a, T>,
            &'a [Val],
            &'a mut [Val],
        ) -> Box<dyn Future<Output = Result<()>> + Send + 'a>
        + Send
        + Sync
        + 'static,
{
    fn call(&self, _: Caller<'_, T>, _: Passed) -> Result<()> {
        Err(called_synchronously())
    }

    fn waits(&self) -> bool {
        true
    }

    fn begin<'a>(&'a self, caller: Caller<'a, T>, at: Passed) -> Begun<'a, T> {
        Begun::Async(Box::pin(async move {
            let inner = caller.store.0;
            let scope = inner.core.state.roots.scoped.len();
            let ty = inner.core.func_type(at.func).clone();
            let params = inner.core.load_vals(&ty.params, at.base as usize);
            let mut results: Vec<Val> = ty.results.iter().map(|&ty| unset(ty)).collect();
            let again = Caller::new(inner, caller.instance);
            let done = Box::into_pin((self.0)(again, &params, &mut results)).await;
            let stored = done.and_then(|()| inner.core.put_answer(&ty.results, &results, at));
            inner.core.close_scope(scope);
            stored
        }))
    }
}

/// An asynchronous host function over lists of values.
pub(crate) fn untyped_async<T, F>(ty: FuncType, func: F) -> HostFunc<T>
where
    T: Send + 'static,
    F: for<'a> Fn(
            Caller<'a, T>,
            &'a [Val],
            &'a mut [Val],
        ) -> Box<dyn Future<Output = Result<()>> + Send + 'a>
        + Send
        + Sync
        + 'static,
{
    HostFunc {
        ty,
        func: Arc::new(UntypedAsync(func)),
        on_cells: None,
    }
}
