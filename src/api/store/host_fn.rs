//! Host functions as a store runs them, and what they are given. How closures become such functions
//! is not known here.

use crate::api::error::Result;
use crate::api::store::Inner;
use crate::api::store::context::StoreContextMut;
use crate::api::store::hook::Passed;
use crate::runtime::InstAddr;
use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;

/// What an asynchronous host function gives.
#[cfg(not(feature = "std"))]
pub(crate) type HostFuture<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;
/// What an asynchronous host function gives.
#[cfg(feature = "std")]
pub(crate) type HostFuture<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// A host function: arguments stand in the innermost run from `at.base`, and results go there.
pub(crate) trait HostFn<T: 'static>: Send + Sync {
    /// Calls it to its end; an asynchronous one refuses.
    fn call(&self, caller: Caller<'_, T>, at: Passed) -> Result<()>;

    /// Returns whether it is asynchronous.
    fn waits(&self) -> bool {
        false
    }

    /// Begins an asynchronous one; `None` for a synchronous one, with the caller given back.
    fn begin<'a>(&'a self, caller: Caller<'a, T>, at: Passed) -> Begun<'a, T>;
}

/// A host function begun.
pub(crate) enum Begun<'a, T: 'static> {
    /// It must be called instead.
    Sync(Caller<'a, T>),
    /// It runs while this is polled.
    Async(HostFuture<'a>),
}

/// The store that a host function was called in, and the instance that called it. It can be passed
/// wherever a store is asked for.
///
/// ```
/// use limpid::{Caller, Engine, Func, Store};
/// let mut store = Store::new(&Engine::default(), 0);
/// let count = Func::wrap(&mut store, |mut caller: Caller<'_, i32>| *caller.data_mut() += 1);
/// count.call(&mut store, &[], &mut [])?;
/// assert_eq!(*store.data(), 1);
/// # Ok::<(), limpid::Error>(())
/// ```
pub struct Caller<'a, T: 'static> {
    pub(crate) store: StoreContextMut<'a, T>,
    pub(crate) instance: Option<InstAddr>,
}

impl<'a, T> Caller<'a, T> {
    pub(crate) fn new(inner: &'a mut Inner<T>, instance: Option<InstAddr>) -> Caller<'a, T> {
        Caller {
            store: StoreContextMut(inner),
            instance,
        }
    }
}
