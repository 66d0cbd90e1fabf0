//! The embedder's hook at each change between Wasm and the host.

use crate::api::error::Result;
use crate::api::store::context::StoreContextMut;
use crate::api::store::{Inner, Store};
use alloc::boxed::Box;

/// A change between Wasm and the host: see [`Store::call_hook`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CallHook {
    /// The host calls a function of a guest, or goes on with a call.
    CallingWasm,
    /// That call returns to the host.
    ReturningFromWasm,
    /// A guest calls a host function.
    CallingHost,
    /// That function returns to the guest.
    ReturningFromHost,
}

impl CallHook {
    /// Whether the host runs next.
    pub fn entering_host(&self) -> bool {
        matches!(self, CallHook::ReturningFromWasm | CallHook::CallingHost)
    }

    /// Whether the host ran until now.
    pub fn exiting_host(&self) -> bool {
        matches!(self, CallHook::ReturningFromHost | CallHook::CallingWasm)
    }
}

/// The hook of a store.
pub(crate) type Hook<T> =
    Box<dyn FnMut(StoreContextMut<'_, T>, CallHook) -> Result<()> + Send + Sync + 'static>;

impl<T> Store<T> {
    /// Calls `hook` at each change between Wasm and the host. An error of the hook ends the call.
    /// The hook is not called for calls that it makes itself.
    ///
    /// ```
    /// use limpid::{CallHook, Engine, Func, Store};
    /// let mut store = Store::new(&Engine::default(), Vec::new());
    /// store.call_hook(|mut store, hook| {
    ///     store.data_mut().push(hook);
    ///     Ok(())
    /// });
    /// let double = Func::wrap(&mut store, |x: i32| x * 2).typed::<i32, i32>(&store)?;
    /// assert_eq!(double.call(&mut store, 21)?, 42);
    /// assert_eq!(store.data()[0], CallHook::CallingWasm);
    /// assert_eq!(store.data()[1], CallHook::CallingHost);
    /// assert_eq!(store.data().len(), 4);
    /// # Ok::<(), limpid::Error>(())
    /// ```
    pub fn call_hook(
        &mut self,
        hook: impl FnMut(StoreContextMut<'_, T>, CallHook) -> Result<()> + Send + Sync + 'static,
    ) {
        let inner = self.inner_mut();
        inner.hook = Some(Box::new(hook));
        inner.see_host_calls();
    }
}

impl<T> Inner<T> {
    /// Calls the hook, if there is one.
    #[inline]
    pub(crate) fn hooked(&mut self, change: CallHook) -> Result<()> {
        match &self.hook {
            Some(_) => self.call_hook(change),
            None => Ok(()),
        }
    }

    #[cold]
    fn call_hook(&mut self, change: CallHook) -> Result<()> {
        let Some(mut hook) = self.hook.take() else {
            return Ok(());
        };
        let (depth, scope) = (self.core.active.len(), self.core.state.roots.scoped.len());
        let answer = hook(StoreContextMut(self), change);
        self.hook.get_or_insert(hook);
        self.core.back_from_host(depth)?;
        self.core.close_scope(scope);
        answer
    }

    /// With a hook, no host function is called past it, not even one that needs nothing of the
    /// store.
    pub(crate) fn see_host_calls(&mut self) {
        if self.hook.is_some() {
            self.core.instances.on_cells.fill(None);
        }
    }
}
