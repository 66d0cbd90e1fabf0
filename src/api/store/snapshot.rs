//! Copies of a store: as another store ([`Store::fork`]), or to be set back to later
//! ([`Store::snapshot`], [`Store::restore`]). Runs that wait are copied with it.
//!
//! A copy has a new identity, and remembers those it had: handles made before the copy are good
//! in both, handles made after it in one. Knows nothing of how runs are reified.

use crate::api::config::Dispatch;
use crate::api::error::{Fault, Result};
use crate::api::store::core::Core;
use crate::api::store::hook::Hooked;
use crate::api::store::host_fn::HostFn;
use crate::api::store::{Hosts, Inner, OnEpoch, Store};
use crate::room;
use crate::runtime::{FuncAddr, OutOfMemory};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

/// The state of a store at one moment: its instances, memories, tables, globals, heap, host
/// functions, fuel and waiting runs. The embedder's data is not part of it.
///
/// ```
/// use limpid::{Engine, Memory, MemoryType, Store};
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// let snapshot = store.snapshot()?;
/// memory.write(&mut store, 0, b"changed")?;
/// store.restore(&snapshot)?;
/// assert_eq!(&memory.data(&store)[..7], &[0; 7]);
/// # Ok::<(), limpid::Error>(())
/// ```
pub struct Snapshot {
    core: Core,
    /// The host functions of the store: a list as `copied` gives it, whose type only the
    /// store knows.
    hosts: Box<dyn Any + Send + Sync>,
    known_hosts: BTreeMap<usize, FuncAddr>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("instances", &self.core.modules.len())
            .finish_non_exhaustive()
    }
}

impl<T> Store<T> {
    /// Copies everything that guests can change, for setting the store back with
    /// [`Store::restore`].
    ///
    /// # Errors
    /// Returns [`Fault::Poisoned`] when the store is poisoned; [`Fault::SharedPresent`] when it has
    /// a shared memory; [`Fault::HostValues`] when a guest, or a root, holds an
    /// [`ExternRef`](crate::ExternRef) made by the host; [`Fault::HostActive`] when a host function
    /// is waiting in a call whose future was leaked.
    pub fn snapshot(&mut self) -> Result<Snapshot> {
        let inner = self.inner_mut();
        inner.core.check_copyable()?;
        let core = inner.core.copy()?;
        inner.core.identity.renew();
        Ok(Snapshot {
            core,
            hosts: Box::new(copied(&inner.hosts)),
            known_hosts: inner.known_hosts.clone(),
        })
    }

    /// Sets the store back to the snapshot: instances, memories, tables, globals, heap, host
    /// functions, fuel, deadline, waiting runs. The embedder's data, its limiter, its hook and its
    /// epoch callback stay as they are. Host functions made after the snapshot are dropped. A
    /// poisoned store can be used again.
    ///
    /// Handles made after the snapshot name nothing any more: a call with one returns
    /// [`Fault::StaleHandle`], or panics with its text where it returns no error of that kind. What
    /// is made later in the same place is never mistaken for what they named.
    ///
    /// # Errors
    /// Returns [`Fault::WrongStore`] when the snapshot is of an unrelated store, and
    /// [`Fault::HostActive`] as [`Store::snapshot`] does.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        let inner = self.inner_mut();
        if inner.core.identity.family() != snapshot.core.identity.family() {
            return Err(Fault::WrongStore.into());
        }
        if !inner.core.active.is_empty() {
            return Err(Fault::HostActive.into());
        }
        let Some(hosts) = snapshot.hosts.downcast_ref::<Vec<Arc<dyn HostFn<T>>>>() else {
            unreachable!("copies of a store have the same type of data");
        };
        let mut core = snapshot.core.copy()?;
        core.state.growth.limited = inner.limiter.is_some();
        core.mode = inner.core.mode;
        core.watch = inner.core.watch.take();
        core::mem::swap(&mut core.identity, &mut inner.core.identity);
        core.identity.restore(&snapshot.core.identity);
        inner.core = core;
        inner.known_hosts = snapshot.known_hosts.clone();
        inner.hosts = Arc::new(hosts.iter().cloned().collect());
        inner.see_host_calls();
        Ok(())
    }

    /// Makes a second store that continues from the same state, waiting runs included: a clone of a
    /// [`Suspended`](crate::Suspended) run can be resumed in each of the two.
    ///
    /// Handles made before are good in both stores; those made after it, of the same things,
    /// compare as others. The copy has no probe, and is interrupted at the epoch deadline. Where
    /// this store has a limiter, nothing grows in the copy before it is given one.
    ///
    /// ```
    /// use limpid::{Config, Engine, Instance, Module, ResumableCall, Store, Val};
    /// # #[cfg(feature = "wat")] {
    /// let engine = Engine::new(Config::new().consume_fuel(true))?;
    /// let text = r#"(module (func (export "count") (param i32) (result i32) (local i32)
    ///     (loop (local.set 1 (i32.add (local.get 1) (i32.const 1)))
    ///         (br_if 0 (i32.lt_u (local.get 1) (local.get 0))))
    ///     (local.get 1)))"#;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[])?;
    /// let count = instance.get_func(&mut store, "count").expect("it is exported");
    /// let mut results = [Val::I32(0)];
    /// store.set_fuel(100)?;
    /// let call = count.call_resumable(&mut store, &[Val::I32(50)], &mut results)?;
    /// let ResumableCall::OutOfFuel(run) = call else { panic!("fuel is short") };
    /// let mut copy = store.fork()?;
    /// for store in [&mut store, &mut copy] {
    ///     store.set_fuel(1000)?;
    ///     run.clone().resume(&mut *store, &[], &mut results)?;
    ///     assert_eq!(results[0].unwrap_i32(), 50);
    /// }
    /// # }
    /// # Ok::<(), limpid::Error>(())
    /// ```
    ///
    /// # Errors
    /// Returns the same errors as [`Store::snapshot`].
    pub fn fork(&mut self) -> Result<Store<T>>
    where
        T: Clone,
    {
        let inner = self.inner_mut();
        inner.core.check_copyable()?;
        let core = inner.core.copy()?;
        inner.core.identity.renew();
        Ok(Store::of(Inner {
            core,
            data: inner.data.clone(),
            hosts: Arc::new(copied(&inner.hosts).into_iter().collect()),
            known_hosts: inner.known_hosts.clone(),
            limiter: None,
            hook: Hooked::No,
            on_epoch: OnEpoch::Trap,
        }))
    }

    /// Runs this store's code with another dispatch than the engine's, including runs that already
    /// wait.
    ///
    /// # Errors
    /// Returns [`Fault::NotConfigured`] for threaded dispatch where the engine is not threaded: it
    /// was set up so, or has found that this build cannot do it.
    pub fn set_dispatch(&mut self, dispatch: Dispatch) -> Result<()> {
        let core = &mut self.inner_mut().core;
        if dispatch == Dispatch::Threaded && core.engine.dispatch() != Dispatch::Threaded {
            return Err(Fault::NotConfigured.into());
        }
        core.mode = dispatch.into();
        Ok(())
    }
}

impl Core {
    /// Why the store cannot be copied now.
    fn check_copyable(&mut self) -> Result<()> {
        if self.poisoned {
            return Err(Fault::Poisoned.into());
        }
        if !self.active.is_empty() {
            return Err(Fault::HostActive.into());
        }
        if self
            .state
            .memories
            .iter()
            .any(|memory| memory.shared.is_some())
        {
            return Err(Fault::SharedPresent.into());
        }
        if !self.host_values.is_empty() {
            self.collect();
        }
        if !self.host_values.is_empty() {
            return Err(self.host_values_held());
        }
        Ok(())
    }

    /// A copy, which knows the handles made so far.
    ///
    /// # Errors
    /// When the host has no room for it.
    fn copy(&self) -> Result<Core> {
        room::for_more::<u8>(self.state.bytes()).ok_or(OutOfMemory::Host)?;
        let mut copy = Core::new(&self.engine);
        copy.identity = self.identity.copy();
        copy.instances = Arc::new(self.instances.copy());
        copy.state = self.state.clone();
        copy.modules = self.modules.clone();
        copy.suspended = self.suspended.copy()?;
        copy.book = self.book.clone();
        copy.known_types = self.known_types.clone();
        copy.mode = self.mode;
        copy.copy_control(self);
        Ok(copy)
    }
}

/// The host functions of a store, for a copy of it: the copy keeps those it has, and no others.
fn copied<T: 'static>(hosts: &Hosts<T>) -> Vec<Arc<dyn HostFn<T>>> {
    hosts.iter().cloned().collect()
}
