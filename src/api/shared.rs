//! Linear memories shared between threads, and so between stores.

use super::engine::Engine;
use super::error::{Error, Fault, Result};
use super::inner::StoreCore;
use super::types_extern::MemoryType;
use crate::runtime::MemAddr;

/// A linear memory shared between threads and stores.
#[derive(Clone, Debug)]
pub struct SharedMemory {
    ty: MemoryType,
}

impl SharedMemory {
    /// A new memory, zeroed.
    ///
    /// # Errors
    /// A limit, an allocation that fails, or a type that is not shared.
    pub fn new(engine: &Engine, ty: MemoryType) -> Result<SharedMemory> {
        let _ = (engine, ty);
        Err(Error::from(Fault::NotConfigured))
    }

    /// Its type, with the size now as minimum.
    pub fn ty(&self) -> MemoryType {
        self.ty.clone()
    }

    pub(crate) fn at(core: &StoreCore, addr: MemAddr) -> Option<SharedMemory> {
        let _ = (core, addr);
        None
    }

    pub(crate) fn enter(&self, core: &mut StoreCore) -> MemAddr {
        let _ = core;
        MemAddr(0)
    }
}
