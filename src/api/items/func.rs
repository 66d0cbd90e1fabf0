//! Functions of a store, of guests and of the host alike.

use crate::api::error::Result;
use crate::api::host::asynchronous::{typed_async, untyped_async};
use crate::api::host::caller::Caller;
use crate::api::host::{HostFunc, IntoFunc, untyped};
use crate::api::items::typed::TypedFunc;
use crate::api::store::Inner;
use crate::api::store::context::{AsContext, AsContextMut};
use crate::api::store::core::StoreCore;
use crate::api::store::entry::{Entry, Polled, enter};
use crate::api::store::identity::StoreId;
use crate::api::store::mismatch;
use crate::api::types::composite::FuncType;
use crate::api::types::externs::space_of;
use crate::api::values::wasm_ty::{WasmParams, WasmResults, WasmRet, WasmTyList};
use crate::api::values::{Ref, Val};
use crate::runtime::{FuncAddr, FuncInst, FuncKind, HostAddr, Reference};
use crate::syntax;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::future::Future;

/// A function of a store.
///
/// ```
/// use limpid::{Engine, Func, Store, Val};
/// let mut store = Store::new(&Engine::default(), ());
/// let double = Func::wrap(&mut store, |x: i32| x * 2);
/// let mut results = [Val::I32(0)];
/// double.call(&mut store, &[Val::I32(21)], &mut results)?;
/// assert_eq!(results[0].unwrap_i32(), 42);
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Func {
    pub(crate) store: StoreId,
    pub(crate) addr: FuncAddr,
}

/// The type with null as its only value in the `func` hierarchy.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NoFunc {
    _private: (),
}

impl NoFunc {
    /// The null function reference.
    pub fn null() -> Option<NoFunc> {
        None
    }

    /// The null function reference.
    pub fn null_ref() -> Ref {
        Ref::Func(None)
    }

    /// The null function reference.
    pub fn null_val() -> Val {
        Val::FuncRef(None)
    }
}

impl Func {
    /// Makes a host function over lists of values. The closure must set each result: one that it
    /// leaves as it is given ends the call with
    /// [`Fault::TypeMismatch`](crate::Fault::TypeMismatch).
    pub fn new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Func {
        store.as_context_mut().0.add_host(&untyped(ty, func))
    }

    /// A host function from a closure over typed values: see [`IntoFunc`].
    pub fn wrap<T: 'static, Params, Results>(
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Func {
        let inner = store.as_context_mut().0;
        let host = func.into_host(&inner.core.engine).0;
        inner.add_host(&host)
    }

    /// An asynchronous host function over lists of values.
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

    /// An asynchronous host function from a closure over a tuple of typed values.
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

    /// Its type.
    ///
    /// # Panics
    /// When it is of another store.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        let core = &store.as_context().0.core;
        core.expect(self.store);
        let id = core.state.func(self.addr).ty;
        let (engine, types) = (&core.engine, &core.state.types);
        FuncType::of(|| space_of(engine, types), engine, types, id)
    }

    /// Whether it can be called as a function of that type.
    ///
    /// # Panics
    /// When it is of another store.
    pub fn matches_ty(&self, store: impl AsContext, func_ty: &FuncType) -> bool {
        self.ty(store).matches(func_ty)
    }

    /// Calls it.
    ///
    /// # Errors
    /// A [`Trap`](crate::Trap), an error of a host function,
    /// [`ThrownException`](crate::ThrownException), or a [`Fault`](crate::Fault) for arguments that
    /// do not fit.
    ///
    /// # Panics
    /// When it is of another store.
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

    /// Calls it; the future runs the guest while it is polled, and waits where an asynchronous
    /// host function waits.
    ///
    /// # Errors
    /// As [`Func::call`].
    ///
    /// # Panics
    /// When it is of another store.
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

    /// The function with its type checked once, so that calls need not check.
    ///
    /// # Errors
    /// [`Fault::TypeMismatch`](crate::Fault::TypeMismatch) or
    /// [`Fault::Arity`](crate::Fault::Arity).
    ///
    /// # Panics
    /// When it is of another store.
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

    pub(crate) fn at(core: &StoreCore, addr: FuncAddr) -> Func {
        Func {
            store: core.identity.id(),
            addr,
        }
    }

    /// The reference to it.
    pub(crate) fn reference(&self, core: &StoreCore) -> Result<Reference> {
        core.check(self.store)?;
        Ok(Reference::func(self.addr))
    }

    /// Its type, where there are as many places for results as it has.
    ///
    /// # Errors
    /// [`Fault::Arity`](crate::Fault::Arity).
    ///
    /// # Panics
    /// When it is of another store.
    pub(crate) fn callee(&self, core: &StoreCore, results: &[Val]) -> Result<syntax::FuncType> {
        core.expect(self.store);
        let ty = core.func_type(self.addr).clone();
        if results.len() != ty.results.len() {
            return Err(mismatch::count("result", ty.results.len(), results.len()));
        }
        Ok(ty)
    }
}

impl StoreCore {
    /// Puts the arguments of a call of a function into the innermost run.
    ///
    /// # Errors
    /// An argument that does not fit, named with the function.
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

    /// The type of a function.
    pub(crate) fn func_type(&self, addr: FuncAddr) -> &syntax::FuncType {
        match self.state.types.func(self.state.func(addr).ty) {
            Some(ty) => ty,
            None => unreachable!("a function has a function type"),
        }
    }
}

impl<T> Inner<T> {
    /// Adds a host function to the store.
    pub(crate) fn add_host(&mut self, host: &HostFunc<T>) -> Func {
        let core = &mut self.core;
        let ty = host.ty.intern(&mut core.state.types);
        let at = self.hosts.push(host.func.clone());
        core.fixed.on_cells.push(host.on_cells.clone());
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
