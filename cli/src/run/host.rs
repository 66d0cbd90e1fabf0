//! What a store of the command line holds: the context of WASI, and limits that count what memories
//! grow by.

use super::super::report;
use limpid::wasi::p1::WasiP1Ctx;
use limpid::{Error, ResourceLimiter, Result, StoreLimits};

/// The embedder's data; of a thread, its own limits beside the WASI of all.
#[derive(Clone)]
pub struct Host {
    pub wasi: WasiP1Ctx,
    pub limits: Limits,
}

/// Limits of a store, which count what memories grow by.
#[derive(Clone)]
pub struct Limits {
    given: StoreLimits,
    /// Bytes of the last growth that was allowed.
    last: i64,
}

impl Limits {
    /// Limits of which nothing was used.
    pub fn new(given: StoreLimits) -> Limits {
        Limits { given, last: 0 }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, now: usize, wanted: usize, most: Option<usize>) -> Result<bool> {
        let allowed = self.given.memory_growing(now, wanted, most)?;
        if allowed {
            self.last = wanted as i64 - now as i64;
            report::memory_grew(self.last);
        }
        Ok(allowed)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        report::memory_grew(-self.last);
        self.given.memory_grow_failed(error)
    }

    fn table_growing(&mut self, now: usize, wanted: usize, most: Option<usize>) -> Result<bool> {
        self.given.table_growing(now, wanted, most)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.given.table_grow_failed(error)
    }

    fn memory_size_limit(&self) -> Option<usize> {
        self.given.memory_size_limit()
    }

    fn table_size_limit(&self) -> Option<usize> {
        self.given.table_size_limit()
    }

    fn instances(&self) -> usize {
        self.given.instances()
    }

    fn memories(&self) -> usize {
        self.given.memories()
    }

    fn tables(&self) -> usize {
        self.given.tables()
    }
}
