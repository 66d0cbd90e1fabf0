//! The part of a store that does not know the embedder's type.

use crate::api::engine::Engine;
use crate::api::error::{Fault, Result};
use crate::api::module::Module;
use crate::api::store::gc::HostValues;
use crate::api::store::identity::{Identity, StoreId};
use crate::api::store::roots::RootBook;
#[cfg(feature = "observe")]
use crate::api::store::spawned::SpawnedThreads;
use crate::api::store::suspended::SuspendedRuns;
use crate::exec::probe::Watch;
use crate::exec::run::Control;
use crate::exec::{DispatchMode, Instances, Run};
use crate::runtime::State;
use crate::syntax::TypeId;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;

/// Runs kept for later calls.
const POOL: usize = 4;

/// The part of a store that does not know the embedder's type.
#[doc(hidden)]
pub struct Core {
    pub(crate) identity: Identity,
    pub(crate) engine: Engine,
    pub(crate) instances: Arc<Instances>,
    pub(crate) state: State,
    /// The module of each instance.
    pub(crate) modules: Vec<Module>,
    /// Runs that are going on, innermost last; all but the last wait for a host function.
    pub(crate) active: Vec<Run>,
    pool: Vec<Run>,
    /// Room for the values of a host call: a list whose type only its user knows.
    pub(crate) vals: Option<Box<dyn Any + Send + Sync>>,
    /// Runs that wait to be resumed.
    pub(crate) suspended: SuspendedRuns,
    pub(crate) book: RootBook,
    pub(crate) host_values: HostValues,
    pub(crate) poisoned: bool,
    /// What runs may use, and what else is set for them.
    pub(crate) control: Control,
    fuel: Fuel,
    pub(crate) mode: DispatchMode,
    /// Ids here of the canonical types of each module, by the address of its program.
    pub(crate) known_types: BTreeMap<usize, (Module, Arc<[TypeId]>)>,
    /// The probe that sees each executed instruction.
    pub(crate) watch: Option<Watch>,
    /// Threads that take turns in this store.
    #[cfg(feature = "observe")]
    pub(crate) spawned: SpawnedThreads,
}

/// Fuel of a store besides what the next resumption may use.
#[derive(Clone, Copy, Debug, Default)]
struct Fuel {
    reserve: u64,
    interval: Option<u64>,
}

impl Core {
    pub(crate) fn new(engine: &Engine) -> Core {
        let config = engine.config();
        let instances = Instances {
            epoch: engine.epoch().clone(),
            memory_bytes: config.memory_bytes,
            table_elements: config.table_elements,
            ..Instances::default()
        };
        let mut state = State::default();
        state.heap.set_limit(config.heap_bytes);
        state.heap.set_stress(config.gc_stress);
        Core {
            identity: Identity::new(),
            engine: engine.clone(),
            instances: Arc::new(instances),
            state,
            modules: Vec::new(),
            active: Vec::new(),
            pool: Vec::new(),
            vals: None,
            suspended: SuspendedRuns::default(),
            book: RootBook::default(),
            host_values: HostValues::default(),
            poisoned: false,
            control: Control {
                deadline: if config.settings.epochs {
                    0
                } else {
                    usize::MAX
                },
                ..Control::default()
            },
            fuel: Fuel::default(),
            mode: engine.dispatch().into(),
            known_types: BTreeMap::new(),
            watch: None,
            #[cfg(feature = "observe")]
            spawned: SpawnedThreads::default(),
        }
    }

    /// Returns whether a handle is of this store.
    #[inline]
    pub(crate) fn knows(&self, store: StoreId) -> bool {
        self.identity.knows(store)
    }

    /// Checks that a handle is of this store.
    ///
    /// # Panics
    /// When it is not.
    #[inline]
    pub(crate) fn expect(&self, store: StoreId) {
        assert!(self.knows(store), "{}", self.why_unknown(store));
    }

    /// Checks that a handle is of this store, for a call that can return an error.
    ///
    /// # Errors
    /// [`Fault::StaleHandle`].
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    #[inline]
    pub(crate) fn expect_current(&self, store: StoreId) -> Result<()> {
        if self.identity.knows(store) {
            return Ok(());
        }
        match self.why_unknown(store) {
            Fault::StaleHandle => Err(Fault::StaleHandle.into()),
            other => panic!("{other}"),
        }
    }

    /// Checks that a handle is of this store, as an error.
    ///
    /// # Errors
    /// [`Fault::StaleHandle`], [`Fault::WrongStore`].
    pub(crate) fn check(&self, store: StoreId) -> Result<()> {
        match self.knows(store) {
            true => Ok(()),
            false => Err(self.why_unknown(store).into()),
        }
    }

    /// Why the store does not know a handle.
    #[cold]
    fn why_unknown(&self, store: StoreId) -> Fault {
        match self.identity.has_lost(store) {
            true => Fault::StaleHandle,
            false => Fault::WrongStore,
        }
    }

    pub(crate) fn get_fuel(&self) -> Result<u64> {
        self.fuel_on()?;
        Ok(self.control.fuel.saturating_add(self.fuel.reserve))
    }

    pub(crate) fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.fuel_on()?;
        self.control.fuel = fuel.min(self.fuel.interval.unwrap_or(u64::MAX));
        self.fuel.reserve = fuel - self.control.fuel;
        Ok(())
    }

    pub(crate) fn set_fuel_interval(&mut self, interval: Option<u64>) -> Result<()> {
        if interval == Some(0) {
            return Err(Fault::NotConfigured.because("the interval must not be 0"));
        }
        self.fuel.interval = interval;
        self.set_fuel(self.get_fuel()?)
    }

    /// Returns whether there is fuel in the reserve for another interval.
    pub(crate) fn can_refuel(&self) -> bool {
        self.fuel.interval.is_some() && self.fuel.reserve > 0
    }

    /// Moves fuel from the reserve for another interval.
    pub(crate) fn refuel(&mut self) {
        let most = self.fuel.interval.unwrap_or(u64::MAX);
        let more = most.min(self.fuel.reserve);
        self.fuel.reserve -= more;
        self.control.fuel = self.control.fuel.saturating_add(more);
    }

    /// Takes what is set for the runs of another store.
    pub(crate) fn copy_control(&mut self, other: &Core) {
        (self.fuel, self.control) = (other.fuel, other.control.clone());
    }

    fn fuel_on(&self) -> Result<()> {
        if self.engine.config().settings.fuel {
            return Ok(());
        }
        Err(Fault::NotConfigured.because("fuel is not configured in this engine"))
    }

    pub(crate) fn set_deadline(&mut self, beyond: u64) {
        if self.engine.config().settings.epochs {
            let beyond = usize::try_from(beyond).unwrap_or(usize::MAX);
            self.control.deadline = self.engine.current_epoch().saturating_add(beyond);
        }
    }

    /// Prepares a run for the next call.
    #[cfg(feature = "wasi")]
    pub(crate) fn reserve_run(&mut self) -> Result<()> {
        if self.pool.is_empty() {
            self.pool.push(self.engine.take_run()?);
        }
        Ok(())
    }

    /// Takes a run for an entry.
    ///
    /// # Errors
    /// When the store is poisoned, calls nest too deeply, or the host has no room for a stack.
    pub(crate) fn take_run(&mut self) -> Result<Run> {
        self.check_entry()?;
        let mut run = match self.pool.pop() {
            Some(run) => run,
            None => self.engine.take_run()?,
        };
        // No frame stands on it until a function is entered.
        run.regs.top = 0;
        run.regs.pending = None;
        Ok(run)
    }

    /// Takes back a run that has ended, for later entries.
    pub(crate) fn give_run(&mut self, run: Run) {
        if self.pool.len() < POOL {
            self.pool.push(run);
        } else {
            self.engine.give_run(run);
        }
    }

    /// The cells of the innermost run.
    #[inline]
    pub(crate) fn cells(&mut self) -> &mut [u64] {
        match self.active.last_mut() {
            Some(run) => &mut run.stack,
            None => unreachable!("values are staged while a run is active"),
        }
    }
}

impl Drop for Core {
    /// Stacks are large, and worth keeping for other stores.
    fn drop(&mut self) {
        let waiting = self.suspended.take_stacks();
        for run in self.pool.drain(..).chain(waiting) {
            self.engine.give_run(run);
        }
    }
}
