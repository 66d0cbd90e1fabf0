//! The embedder's hook at each change between Wasm and the host.

use crate::api::error::Result;
use crate::api::store::context::StoreContextMut;
use crate::api::store::core::Core;
use crate::api::store::{Inner, Store};
use crate::code::FrameLayout;
use crate::exec::run::HostCall;
use crate::runtime::{FuncAddr, Reference};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A transition between Wasm and the host, as [`Store::call_hook`] reports it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CallHook {
    /// The host calls a function of a guest, or resumes a call.
    CallingWasm,
    /// The call of the guest returns to the host.
    ReturningFromWasm,
    /// A guest calls a host function.
    CallingHost,
    /// The host function returns to the guest.
    ReturningFromHost,
}

impl CallHook {
    /// Returns whether the host runs next.
    pub fn entering_host(&self) -> bool {
        matches!(self, CallHook::ReturningFromWasm | CallHook::CallingHost)
    }

    /// Returns whether the host ran until now.
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
        inner.hook = Hooked::Yes(Box::new(hook));
        inner.see_host_calls();
    }
}

impl<T> Inner<T> {
    /// Calls the hook, if there is one. `passed` is what goes from one side to the other, which is
    /// nothing when a call fails.
    #[inline]
    pub(crate) fn hooked(&mut self, change: CallHook, passed: Option<Passed>) -> Result<()> {
        match &self.hook {
            Hooked::No => Ok(()),
            // The hook is not called for calls that it makes itself.
            Hooked::AtWork => Ok(()),
            Hooked::Yes(_) => self.call_hook(change, passed),
        }
    }

    #[cold]
    fn call_hook(&mut self, change: CallHook, passed: Option<Passed>) -> Result<()> {
        let (depth, scope) = (self.core.active.len(), self.core.state.roots.scoped.len());
        if let Some(passed) = passed {
            self.core.keep_passed(change, passed);
        }
        let mut at_work = AtWork::new(self);
        let answer = at_work.call(change);
        drop(at_work);
        self.core.back_from_host(depth)?;
        self.core.close_scope(scope);
        answer
    }

    /// With a hook, no host function is called past it, not even one that needs nothing of the
    /// store.
    pub(crate) fn see_host_calls(&mut self) {
        if self.hook.is_there() {
            self.core.control.on_cells.fill(None);
        }
    }
}

/// Whether a store has a hook.
#[derive(Default)]
pub(crate) enum Hooked<T: 'static> {
    /// It has none.
    #[default]
    No,
    /// It has one.
    Yes(Hook<T>),
    /// It has one, which is being called.
    AtWork,
}

impl<T> Hooked<T> {
    pub(crate) fn is_there(&self) -> bool {
        !matches!(self, Hooked::No)
    }
}

/// The arguments or results of a function, in the innermost run from a cell on.
#[derive(Clone, Copy)]
pub(crate) struct Passed {
    pub func: FuncAddr,
    pub base: u32,
}

impl Passed {
    /// Those of a host function.
    #[inline]
    pub(crate) fn of(call: HostCall) -> Passed {
        Passed {
            func: call.func,
            base: call.base,
        }
    }
}

/// A hook at work. It is put back afterwards, also when it panics, unless it has set another.
struct AtWork<'a, T: 'static> {
    inner: &'a mut Inner<T>,
    hook: Option<Hook<T>>,
}

impl<'a, T> AtWork<'a, T> {
    /// Takes the hook out of its store.
    fn new(inner: &'a mut Inner<T>) -> AtWork<'a, T> {
        let hook = match core::mem::replace(&mut inner.hook, Hooked::AtWork) {
            Hooked::Yes(hook) => Some(hook),
            Hooked::No | Hooked::AtWork => None,
        };
        AtWork { inner, hook }
    }

    fn call(&mut self, change: CallHook) -> Result<()> {
        match &mut self.hook {
            Some(hook) => hook(StoreContextMut(&mut *self.inner), change),
            None => Ok(()),
        }
    }
}

impl<T> Drop for AtWork<'_, T> {
    fn drop(&mut self) {
        if let Hooked::AtWork = self.inner.hook
            && let Some(hook) = self.hook.take()
        {
            self.inner.hook = Hooked::Yes(hook);
        }
    }
}

impl Core {
    /// Keeps the references that are on their way from one side to the other until the innermost
    /// scope ends: nothing else may refer to them while a hook collects.
    fn keep_passed(&mut self, change: CallHook, passed: Passed) {
        let layout = FrameLayout::of(self.func_type(passed.func));
        let refs = match change {
            CallHook::CallingWasm | CallHook::CallingHost => layout.params.refs,
            CallHook::ReturningFromWasm | CallHook::ReturningFromHost => layout.results.refs,
        };
        let base = passed.base as usize;
        let cells: Vec<u64> = self.cells()[base..base + refs as usize].to_vec();
        for cell in cells {
            self.scoped(Reference::from_cell(cell));
        }
    }
}
