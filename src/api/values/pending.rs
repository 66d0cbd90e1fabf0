//! The pending exception of a store: thrown by a host function, or left by a guest.

use crate::api::error::ThrownException;
use crate::api::store::Store;
use crate::api::store::context::{AsContextMut, StoreContextMut};
use crate::api::values::exnref::ExnRef;
use crate::api::values::rooted::Rooted;

impl<T> Store<T> {
    /// Makes `exception` the pending one and returns an error. A host function that returns this
    /// error unwinds the guest to the first handler that catches the exception.
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R, ThrownException> {
        self.as_context_mut().throw(exception)
    }

    /// Takes the pending exception: one that left the guest uncaught, or that was thrown and not
    /// yet returned.
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        self.as_context_mut().take_pending_exception()
    }
}

impl<T> StoreContextMut<'_, T> {
    /// Makes `exception` the pending one: see [`Store::throw`](crate::Store::throw).
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R, ThrownException> {
        let core = &mut self.0.core;
        core.state.roots.exception = Some(core.resolve(&*exception));
        Err(ThrownException)
    }

    /// Takes the pending exception: see
    /// [`Store::take_pending_exception`](crate::Store::take_pending_exception).
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        let exception = self.0.core.state.roots.exception.take()?;
        Some(self.0.core.root(exception))
    }
}
