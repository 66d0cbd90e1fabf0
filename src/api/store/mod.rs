//! The store: everything guests can change, the embedder's data, and what runs are limited by.

pub(crate) mod backtrace;
pub(crate) mod context;
pub(crate) mod core;
pub(crate) mod drive;
pub(crate) mod entry;
pub(crate) mod gc;
pub(crate) mod growth;
pub(crate) mod hook;
pub(crate) mod host_fn;
pub(crate) mod identity;
pub(crate) mod machine;
pub(crate) mod mismatch;
pub(crate) mod roots;
pub(crate) mod snapshot;
#[cfg(feature = "observe")]
pub(crate) mod spawned;
pub(crate) mod suspended;
pub(crate) mod uncaught;
#[cfg(feature = "observe")]
mod watched;
#[cfg(not(feature = "observe"))]
#[path = "watched_absent.rs"]
mod watched;

use crate::api::engine::Engine;
use crate::api::error::{GcHeapOutOfMemory, Result};
use crate::api::limits::{Asked, ResourceLimiter, ResourceLimiterAsync};
use crate::api::store::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::api::store::core::Core;
use crate::api::store::host_fn::HostFn;
use crate::exec::append::Append;
use crate::runtime::FuncAddr;
use ::core::fmt;
use ::core::future::Future;
use ::core::pin::Pin;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;

/// Owns the instances, memories, tables, globals and heap of guests, and the embedder's data of
/// type `T`.
///
/// Everything created in a store lives as long as the store. Handles such as [`Func`](crate::Func)
/// are indices into it, cheap to copy, and must be used with no other store.
///
/// ```
/// use limpid::{Engine, Store};
/// let mut store = Store::new(&Engine::default(), 41);
/// *store.data_mut() += 1;
/// assert_eq!(store.into_data(), 42);
/// ```
pub struct Store<T: 'static> {
    inner: Box<Inner<T>>,
}

/// What a store is made of: one part that knows `T`, and one that does not.
#[doc(hidden)]
pub struct Inner<T: 'static> {
    pub(crate) core: Core,
    pub(crate) data: T,
    pub(crate) hosts: Arc<Hosts<T>>,
    /// Functions already made of a linker's host functions, by the closure's address.
    pub(crate) known_hosts: BTreeMap<usize, FuncAddr>,
    pub(crate) limiter: Option<Limiter<T>>,
    pub(crate) on_epoch: OnEpoch<T>,
    pub(crate) hook: hook::Hooked<T>,
}

/// The host functions of a store, by address.
pub(crate) type Hosts<T> = Append<Arc<dyn HostFn<T>>>;

/// Finds the limiter in the embedder's data.
pub(crate) enum Limiter<T> {
    Sync(Box<dyn (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static>),
    Async(Box<dyn (FnMut(&mut T) -> &mut dyn ResourceLimiterAsync) + Send + Sync + 'static>),
}

impl<T> Limiter<T> {
    /// Returns the limiter.
    pub(crate) fn of<'a>(&'a mut self, data: &'a mut T) -> Asked<'a> {
        match self {
            Limiter::Sync(limiter) => Asked::Sync(limiter(data)),
            Limiter::Async(limiter) => Asked::Async(limiter(data)),
        }
    }
}

/// What a callback decides.
pub(crate) type EpochCallback<T> =
    Box<dyn FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline> + Send + Sync + 'static>;

/// What happens when the epoch deadline is reached.
pub(crate) enum OnEpoch<T: 'static> {
    Trap,
    Yield(u64),
    Call(EpochCallback<T>),
    /// The callback is being called.
    Asking,
}

/// The answer of an epoch callback: how the run continues, and after how many epochs the next
/// deadline is.
///
/// ```
/// use limpid::{Config, Engine, Func, Instance, Module, Store, Trap, UpdateDeadline};
/// # #[cfg(feature = "wat")] {
/// let engine = Engine::new(Config::new().epoch_interruption(true))?;
/// let mut store = Store::new(&engine, 3);
/// let clock = engine.clone();
/// let tick = Func::wrap(&mut store, move || clock.increment_epoch());
/// store.epoch_deadline_callback(|mut store| {
///     *store.data_mut() -= 1;
///     Ok(match *store.data() {
///         0 => UpdateDeadline::Interrupt,
///         _ => UpdateDeadline::Continue(1),
///     })
/// });
/// let text = r#"(module (import "" "tick" (func))
///     (func (export "spin") (loop (call 0) (br 0))))"#;
/// let module = Module::new(&engine, text)?;
/// let instance = Instance::new(&mut store, &module, &[tick.into()])?;
/// let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
/// let error = spin.call(&mut store, ()).expect_err("it is interrupted");
/// assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
#[non_exhaustive]
pub enum UpdateDeadline {
    /// Stops the run with a trap.
    Interrupt,
    /// Continues the run; the next deadline is this many epochs from now.
    Continue(u64),
    /// Lets the executor of an asynchronous call run other tasks, then continues; the next deadline
    /// is this many epochs from then.
    Yield(u64),
    /// Waits for a future, then continues; the next deadline is this many epochs from then.
    YieldCustom(u64, Pin<Box<dyn Future<Output = ()> + Send>>),
}

impl<T> Store<T> {
    /// Makes an empty store.
    pub fn new(engine: &Engine, data: T) -> Store<T> {
        Store {
            inner: Box::new(Inner {
                core: Core::new(engine),
                data,
                hosts: Arc::default(),
                known_hosts: BTreeMap::new(),
                limiter: None,
                on_epoch: OnEpoch::Trap,
                hook: hook::Hooked::No,
            }),
        }
    }

    pub(crate) fn of(inner: Inner<T>) -> Store<T> {
        Store {
            inner: Box::new(inner),
        }
    }

    pub(crate) fn inner_mut(&mut self) -> &mut Inner<T> {
        &mut self.inner
    }

    /// Makes an empty store.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn try_new(engine: &Engine, data: T) -> Result<Store<T>> {
        Ok(Store::new(engine, data))
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.inner.core.engine
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        &self.inner.data
    }

    /// Returns the embedder's data, for changing it.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.inner.data
    }

    /// Drops the store and returns the embedder's data.
    pub fn into_data(self) -> T {
        self.inner.data
    }

    /// Limits growth with the limiter that `limiter` finds in the embedder's data. A store has no
    /// limiter by default.
    pub fn limiter(
        &mut self,
        limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static,
    ) {
        self.inner.core.state.growth.limited = true;
        self.inner.limiter = Some(Limiter::Sync(Box::new(limiter)));
    }

    /// Limits growth with the limiter that `limiter` finds in the embedder's data, and that may
    /// wait before it decides. The asynchronous functions must then be used to make and grow
    /// memories and tables, and to instantiate and call guests: in the others a limiter that waits
    /// is an error.
    pub fn limiter_async(
        &mut self,
        limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiterAsync) + Send + Sync + 'static,
    ) {
        self.inner.core.state.growth.limited = true;
        self.inner.limiter = Some(Limiter::Async(Box::new(limiter)));
    }

    /// Returns the units of fuel left.
    ///
    /// # Errors
    /// Fails when the engine does not consume fuel: see
    /// [`Config::consume_fuel`](crate::Config::consume_fuel).
    pub fn get_fuel(&self) -> Result<u64> {
        self.inner.core.get_fuel()
    }

    /// Sets the units of fuel left; a run without enough of it stops with
    /// [`Trap::OutOfFuel`](crate::Trap::OutOfFuel). A store begins with none.
    ///
    /// One unit pays for one instruction; `block`, `loop`, `else`, `end` and `nop` are free, and
    /// bulk operations take one more for each 64 bytes or elements.
    ///
    /// # Errors
    /// Fails when the engine does not consume fuel: see
    /// [`Config::consume_fuel`](crate::Config::consume_fuel).
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.inner.core.set_fuel(fuel)
    }

    /// Lets asynchronous calls yield to their executor each time that `interval` units of fuel are
    /// used.
    ///
    /// # Errors
    /// Fails when the engine does not consume fuel, or the interval is 0.
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.inner.core.set_fuel_interval(interval)
    }

    /// Allocates the stack of a run, so that the first call cannot fail for want of room.
    #[cfg(feature = "wasi")]
    pub(crate) fn reserve_stack(&mut self) -> Result<()> {
        self.inner_mut().core.reserve_run()
    }

    /// Sets the epoch deadline, as a number of epochs from now. A store begins with a deadline that
    /// is reached at once.
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.inner.core.set_deadline(ticks_beyond_current);
    }

    /// Stops a run with [`Trap::Interrupt`](crate::Trap::Interrupt) at the deadline. This is the
    /// default.
    pub fn epoch_deadline_trap(&mut self) {
        self.inner.on_epoch = OnEpoch::Trap;
    }

    /// Calls `callback` at the deadline; it decides how the run continues.
    pub fn epoch_deadline_callback<F>(&mut self, callback: F)
    where
        F: FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline> + Send + Sync + 'static,
    {
        self.inner.on_epoch = OnEpoch::Call(Box::new(callback));
    }

    /// Lets an asynchronous call yield to its executor at the deadline, and sets the next deadline
    /// `delta` epochs later.
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) {
        self.inner.on_epoch = OnEpoch::Yield(delta);
    }

    /// Collects garbage. The argument is the caller's reason; it is kept for compatibility and not
    /// used.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn gc(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        let _ = why;
        self.inner.core.gc();
        Ok(())
    }

    /// Returns whether there is a pending exception: see [`Store::take_pending_exception`].
    pub fn has_pending_exception(&self) -> bool {
        self.inner.core.state.roots.exception.is_some()
    }

    /// Returns the dispatch in use: the engine's, unless [`Store::set_dispatch`] chose another.
    pub fn dispatch(&self) -> crate::Dispatch {
        self.inner.core.mode.into()
    }
}

impl<T> AsContext for Store<T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(&self.inner)
    }
}

impl<T> AsContextMut for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(&mut self.inner)
    }
}

impl<T: Default> Default for Store<T> {
    fn default() -> Store<T> {
        Store::new(&Engine::default(), T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("data", &self.inner.data)
            .field("instances", &self.inner.core.modules.len())
            .finish_non_exhaustive()
    }
}
