//! Host functions made in a store.

use crate::api::error::Result;
use crate::api::host::asynchronous::{typed_async, untyped_async};
use crate::api::host::{HostFunc, IntoFunc, untyped};
use crate::api::store::Inner;
use crate::api::store::context::AsContextMut;
use crate::api::store::host_fn::Caller;
use crate::api::types::composite::FuncType;
use crate::api::values::Val;
use crate::api::values::func::Func;
use crate::api::values::wasm_ty::{WasmRet, WasmTyList};
use crate::runtime::{FuncAddr, FuncInst, FuncKind, HostAddr};
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::future::Future;

impl Func {
    /// Makes a host function over lists of values. The closure must set each result: one that is
    /// left unset ends the call with [`Fault::TypeMismatch`](crate::Fault::TypeMismatch).
    pub fn new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Func {
        store.as_context_mut().0.add_host(&untyped(ty, func))
    }

    /// Makes a host function from a closure over typed values: see [`IntoFunc`].
    pub fn wrap<T: 'static, Params, Results>(
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Func {
        let inner = store.as_context_mut().0;
        let host = func.into_host(&inner.core.engine).0;
        inner.add_host(&host)
    }

    /// Makes a host function over lists of values, as [`Func::new`] does.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn try_new<T: 'static>(
        store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Func> {
        Ok(Func::new(store, ty, func))
    }

    /// Makes a host function from a closure over typed values, as [`Func::wrap`] does.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn try_wrap<T: 'static, Params, Results>(
        store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Result<Func> {
        Ok(Func::wrap(store, func))
    }

    /// Makes an asynchronous host function over lists of values.
    pub fn new_async<T, F>(mut store: impl AsContextMut<Data = T>, ty: FuncType, func: F) -> Func
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
        store.as_context_mut().0.add_host(&untyped_async(ty, func))
    }

    /// Makes an asynchronous host function from a closure over a tuple of typed values.
    pub fn wrap_async<T, F, P, R>(mut store: impl AsContextMut<Data = T>, func: F) -> Func
    where
        T: Send + 'static,
        F: for<'a> Fn(Caller<'a, T>, P) -> Box<dyn Future<Output = R> + Send + 'a>
            + Send
            + Sync
            + 'static,
        P: WasmTyList + 'static,
        R: WasmRet + 'static,
    {
        let inner = store.as_context_mut().0;
        let host = typed_async(&inner.core.engine, func);
        inner.add_host(&host)
    }
}

impl<T> Inner<T> {
    /// Adds a host function to the store.
    pub(crate) fn add_host(&mut self, host: &HostFunc<T>) -> Func {
        let core = &mut self.core;
        let ty = host.ty.intern(&mut core.state.types);
        let at = self.hosts.push(host.func.clone());
        let on_cells = host.on_cells.clone();
        core.control
            .on_cells
            .push(on_cells.filter(|_| !self.hook.is_there()));
        let addr = FuncAddr(core.state.funcs.len() as u32);
        let kind = FuncKind::Host(HostAddr(at as u32));
        core.state.funcs.push(FuncInst::new(ty, kind));
        Func::at(core, addr)
    }

    /// The function made of a linker's host function, made once for a store.
    pub(crate) fn known_host(&mut self, host: &HostFunc<T>) -> Func {
        // The store keeps the closure, so its address is not used again.
        let key = Arc::as_ptr(&host.func).cast::<u8>() as usize;
        if let Some(&addr) = self.known_hosts.get(&key) {
            return Func::at(&self.core, addr);
        }
        let func = self.add_host(host);
        self.known_hosts.insert(key, func.addr);
        func
    }
}
