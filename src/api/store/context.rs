//! Borrows of a store, as host functions and the methods of handles take them.

use crate::api::engine::Engine;
use crate::api::error::{GcHeapOutOfMemory, Result};
use crate::api::store::{Inner, OnEpoch};
#[cfg(feature = "wasi")]
use alloc::sync::Arc;
#[cfg(feature = "wasi")]
use core::sync::atomic::AtomicUsize;

/// A shared borrow of a [`Store`](crate::Store).
pub struct StoreContext<'a, T: 'static>(pub(crate) &'a Inner<T>);

/// An exclusive borrow of a [`Store`](crate::Store).
///
/// ```
/// use limpid::{AsContextMut, Engine, Store, StoreContextMut};
/// fn count(mut store: StoreContextMut<'_, u32>) {
///     *store.data_mut() += 1;
/// }
/// let mut store = Store::new(&Engine::default(), 0);
/// count(store.as_context_mut());
/// count((&mut store).into());
/// assert_eq!(*store.data(), 2);
/// ```
pub struct StoreContextMut<'a, T: 'static>(pub(crate) &'a mut Inner<T>);

/// Types that give a shared borrow of a store: a store itself, [`Caller`](crate::Caller), and
/// borrows of them.
pub trait AsContext {
    /// The embedder's data.
    type Data: 'static;

    /// The borrow.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// Types that give an exclusive borrow of a store.
///
/// ```
/// use limpid::{AsContextMut, Engine, Memory, Result, Store};
/// fn greet(mut store: impl AsContextMut, memory: Memory) -> Result<()> {
///     memory.write(&mut store, 0, b"hello")?;
///     Ok(())
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, limpid::MemoryType::new(1, None))?;
/// greet(&mut store, memory)?;
/// assert_eq!(&memory.data(&store)[..5], b"hello");
/// # Ok::<(), limpid::Error>(())
/// ```
pub trait AsContextMut: AsContext {
    /// The borrow.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

impl<'a, T> StoreContext<'a, T> {
    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.0.core.engine
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &'a T {
        &self.0.data
    }

    /// Returns the units of fuel left: see [`Store::get_fuel`](crate::Store::get_fuel).
    ///
    /// # Errors
    /// Fails when the engine does not consume fuel: see
    /// [`Config::consume_fuel`](crate::Config::consume_fuel).
    pub fn get_fuel(&self) -> Result<u64> {
        self.0.core.get_fuel()
    }

    /// The epoch counter and the deadline, where the engine looks at epochs: for host functions
    /// that wait.
    #[cfg(feature = "wasi")]
    pub(crate) fn interruption(&self) -> Option<(Arc<AtomicUsize>, usize)> {
        let core = &self.0.core;
        let epochs = core.engine.config().settings.epochs;
        epochs.then(|| (core.engine.epoch().clone(), core.control.deadline))
    }

    /// Returns whether the run ends at the epoch deadline, rather than somebody being asked.
    #[cfg(feature = "wasi")]
    pub(crate) fn traps_at_deadline(&self) -> bool {
        matches!(self.0.on_epoch, OnEpoch::Trap)
    }
}

impl<T> StoreContextMut<'_, T> {
    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.0.core.engine
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        &self.0.data
    }

    /// Returns the embedder's data, for changing it.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.0.data
    }

    /// Returns the units of fuel left: see [`Store::get_fuel`](crate::Store::get_fuel).
    ///
    /// # Errors
    /// Fails when the engine does not consume fuel: see
    /// [`Config::consume_fuel`](crate::Config::consume_fuel).
    pub fn get_fuel(&self) -> Result<u64> {
        self.0.core.get_fuel()
    }

    /// Sets the units of fuel left: see [`Store::set_fuel`](crate::Store::set_fuel).
    ///
    /// # Errors
    /// Fails when the engine does not consume fuel: see
    /// [`Config::consume_fuel`](crate::Config::consume_fuel).
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.0.core.set_fuel(fuel)
    }

    /// Lets asynchronous calls yield to their executor: see
    /// [`Store::fuel_async_yield_interval`](crate::Store::fuel_async_yield_interval).
    ///
    /// # Errors
    /// Fails when the engine does not consume fuel, or the interval is 0.
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.0.core.set_fuel_interval(interval)
    }

    /// Sets the epoch deadline: see [`Store::set_epoch_deadline`].
    ///
    /// [`Store::set_epoch_deadline`]: crate::Store::set_epoch_deadline
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.0.core.set_deadline(ticks_beyond_current);
    }

    /// Stops with a trap at the epoch deadline: see
    /// [`Store::epoch_deadline_trap`](crate::Store::epoch_deadline_trap).
    pub fn epoch_deadline_trap(&mut self) {
        self.0.on_epoch = OnEpoch::Trap;
    }

    /// Lets an asynchronous call yield at the epoch deadline: see the
    /// [method of that name](crate::Store::epoch_deadline_async_yield_and_update) of `Store`.
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) {
        self.0.on_epoch = OnEpoch::Yield(delta);
    }

    /// Collects garbage: see [`Store::gc`](crate::Store::gc).
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn gc(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        let _ = why;
        self.0.core.gc();
        Ok(())
    }

    /// Returns whether there is a pending exception: see
    /// [`Store::has_pending_exception`](crate::Store::has_pending_exception).
    pub fn has_pending_exception(&self) -> bool {
        self.0.core.state.roots.exception.is_some()
    }
}

impl<T> AsContext for StoreContext<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(self.0)
    }
}

impl<T> AsContext for StoreContextMut<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(self.0)
    }
}

impl<T> AsContextMut for StoreContextMut<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(self.0)
    }
}

impl<C: AsContext> AsContext for &'_ C {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContext> AsContext for &'_ mut C {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContextMut> AsContextMut for &'_ mut C {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, T: AsContext> From<&'a T> for StoreContext<'a, T::Data> {
    fn from(context: &'a T) -> StoreContext<'a, T::Data> {
        context.as_context()
    }
}

impl<'a, T: AsContext> From<&'a mut T> for StoreContext<'a, T::Data> {
    fn from(context: &'a mut T) -> StoreContext<'a, T::Data> {
        T::as_context(context)
    }
}

impl<'a, T: AsContextMut> From<&'a mut T> for StoreContextMut<'a, T::Data> {
    fn from(context: &'a mut T) -> StoreContextMut<'a, T::Data> {
        context.as_context_mut()
    }
}

impl<'a, T> From<StoreContextMut<'a, T>> for StoreContext<'a, T> {
    fn from(context: StoreContextMut<'a, T>) -> StoreContext<'a, T> {
        StoreContext(context.0)
    }
}
