//! What a host function sees of its store and of the instance that called it.

use crate::api::engine::Engine;
use crate::api::error::{GcHeapOutOfMemory, Result};
use crate::api::items::externs::Extern;
use crate::api::items::instance::Instance;
use crate::api::module::ModuleExport;
use crate::api::store::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::api::store::host_fn::Caller;

impl<'a, T> Caller<'a, T> {
    /// Returns the export of the calling instance with that name; `None` when there is none, or
    /// when the embedder called.
    pub fn get_export(&mut self, name: &str) -> Option<Extern> {
        let core = &self.store.0.core;
        Instance::at(core, self.instance?).find(core, name)
    }

    /// Returns what the calling instance exports as `memory`.
    #[cfg(feature = "wasi")]
    pub(crate) fn memory(&mut self) -> Option<Extern> {
        let core = &self.store.0.core;
        let addr = self.instance?;
        let item = core.modules[addr.index()].memory()?;
        Some(Extern::at(
            core,
            core.instances.instance(addr).address(item),
        ))
    }

    /// Returns an export of the calling instance that was looked up in its module before. It is
    /// `None` when the export is of another module, and when the embedder called.
    pub fn get_module_export(&mut self, export: &ModuleExport) -> Option<Extern> {
        let instance = Instance::at(&self.store.0.core, self.instance?);
        instance.get_module_export(&mut self.store, export)
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// Returns the embedder's data, for changing it.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// Returns the engine of the store.
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }

    /// Collects garbage: see [`Store::gc`](crate::Store::gc).
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn gc(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.store.gc(why)
    }

    /// Returns the units of fuel left: see [`Store::get_fuel`](crate::Store::get_fuel).
    ///
    /// # Errors
    /// Fails when the engine does not consume fuel: see
    /// [`Config::consume_fuel`](crate::Config::consume_fuel).
    pub fn get_fuel(&self) -> Result<u64> {
        self.store.get_fuel()
    }

    /// Sets the units of fuel left: see [`Store::set_fuel`](crate::Store::set_fuel).
    ///
    /// # Errors
    /// Fails when the engine does not consume fuel: see
    /// [`Config::consume_fuel`](crate::Config::consume_fuel).
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.store.set_fuel(fuel)
    }

    /// Lets asynchronous calls yield to their executor: see
    /// [`Store::fuel_async_yield_interval`](crate::Store::fuel_async_yield_interval).
    ///
    /// # Errors
    /// Fails when the engine does not consume fuel, or the interval is 0.
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.store.fuel_async_yield_interval(interval)
    }
}

impl<T> AsContext for Caller<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(self.store.0)
    }
}

impl<T> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(self.store.0)
    }
}

impl<'a, T> From<Caller<'a, T>> for StoreContextMut<'a, T> {
    fn from(caller: Caller<'a, T>) -> StoreContextMut<'a, T> {
        caller.store
    }
}
