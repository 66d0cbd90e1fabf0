//! Memories and tables made and grown under the store's limiter, which may make them wait.

use crate::api::error::{Error, Fault, Result};
use crate::api::events;
use crate::api::module::Module;
use crate::api::store::Inner;
use crate::api::store::core::Core;
use crate::runtime::limits::{Excess, Limited, OutOfMemory};
use crate::runtime::{MemAddr, Memory, Reference, Table, TableAddr};
use crate::syntax::{MemoryType, TableType};
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

/// Growth in a synchronous call: it cannot wait, and need not unless an asynchronous limiter does.
///
/// # Errors
/// [`Fault::AsyncRequired`], and those of the growth.
pub(crate) fn at_once<R>(growth: impl Future<Output = Result<R>>) -> Result<R> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(growth).poll(&mut context) {
        Poll::Ready(grown) => grown,
        Poll::Pending => {
            let text = "the limiter waits, and a synchronous call cannot";
            Err(Error::from(Fault::AsyncRequired).context(text))
        }
    }
}

/// What is to grow, in bytes or elements.
#[derive(Clone, Copy)]
enum What {
    Memory,
    Table,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            What::Memory => "memory",
            What::Table => "table",
        }
    }
}

impl<T> Inner<T> {
    /// A new memory.
    pub(crate) async fn new_memory(&mut self, ty: MemoryType) -> Result<MemAddr> {
        self.admit_count(What::Memory, 1)?;
        self.admit_memory(&ty).await?;
        Ok(self.core.add_memory(Memory::new(ty)?))
    }

    /// A new table.
    pub(crate) async fn new_table(&mut self, ty: TableType, init: Reference) -> Result<TableAddr> {
        self.admit_count(What::Table, 1)?;
        self.admit_table(&ty).await?;
        let addr = TableAddr(self.core.state.tables.len() as u32);
        let limit = self.core.instances.table_elements;
        self.core.state.tables.push(Table::new(ty, init, limit)?);
        Ok(addr)
    }

    /// Asks the limiter about all that a module defines.
    pub(crate) async fn admit_module(&mut self, module: &Module) -> Result<()> {
        if let Some(limiter) = &mut self.limiter {
            let most = limiter.of(&mut self.data).instances();
            let wanted = self.core.modules.len() + 1;
            if wanted > most {
                return Err(over(Limited::Instances, wanted, most));
            }
        }
        let syntax = module.syntax();
        self.admit_count(What::Memory, syntax.memories.len())?;
        self.admit_count(What::Table, syntax.tables.len())?;
        if self.core.state.growth.limited {
            for (ty, _) in &syntax.memories {
                self.admit_memory(ty).await?;
            }
            for table in &syntax.tables {
                self.admit_table(&table.ty).await?;
            }
        }
        Ok(())
    }

    fn admit_count(&mut self, what: What, new: usize) -> Result<()> {
        let Some(limiter) = &mut self.limiter else {
            return Ok(());
        };
        let mut limiter = limiter.of(&mut self.data);
        let state = &self.core.state;
        let (what, now, most) = match what {
            What::Memory => (Limited::Memories, state.memories.len(), limiter.memories()),
            What::Table => (Limited::Tables, state.tables.len(), limiter.tables()),
        };
        let wanted = now.saturating_add(new);
        if wanted > most {
            return Err(over(what, wanted, most));
        }
        Ok(())
    }

    async fn admit_memory(&mut self, ty: &MemoryType) -> Result<()> {
        let bytes = |pages: u64| pages.saturating_mul(1 << ty.page_size_log2);
        let least = bytes(ty.limits.min);
        let limit = self.core.instances.memory_bytes;
        if least > limit {
            return Err(OutOfMemory::over(Limited::Memory, least, limit).into());
        }
        if self
            .ask(What::Memory, 0, least, ty.limits.max.map(bytes))
            .await?
        {
            return Ok(());
        }
        Err(self.refused(What::Memory, least))
    }

    async fn admit_table(&mut self, ty: &TableType) -> Result<()> {
        let (least, limit) = (ty.limits.min, self.core.instances.table_elements);
        if least > limit {
            return Err(OutOfMemory::over(Limited::Table, least, limit).into());
        }
        if self.ask(What::Table, 0, least, ty.limits.max).await? {
            return Ok(());
        }
        Err(self.refused(What::Table, least))
    }

    /// Makes the error of an initial size that the limiter does not allow.
    fn refused(&mut self, what: What, wanted: u64) -> Error {
        let limiter = self.limiter.as_mut();
        let limiter = limiter.map(|limiter| limiter.of(&mut self.data));
        let (what, limit) = match what {
            What::Memory => (Limited::Memory, limiter.and_then(|l| l.memory_size_limit())),
            What::Table => (Limited::Table, limiter.and_then(|l| l.table_size_limit())),
        };
        let limit = limit.map(|limit| limit as u128);
        OutOfMemory::Limit(Excess {
            what,
            wanted: wanted.into(),
            limit,
        })
        .into()
    }

    /// Asks the limiter, if there is one. A copy of a store that had one grows nothing before it
    /// has its own.
    async fn ask(&mut self, what: What, now: u64, wanted: u64, most: Option<u64>) -> Result<bool> {
        let Some(limiter) = &mut self.limiter else {
            return Ok(!self.core.state.growth.limited);
        };
        let mut limiter = limiter.of(&mut self.data);
        let [now, wanted] = [now, wanted].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let most = most.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let allowed = match what {
            What::Memory => limiter.memory_growing(now, wanted, most).await,
            What::Table => limiter.table_growing(now, wanted, most).await,
        };
        if !matches!(allowed, Ok(true)) {
            events::refused(what.name(), now as u64, wanted as u64);
        }
        allowed
    }

    /// Tells the limiter that a growth it allowed failed.
    fn tell(&mut self, what: What) -> Result<()> {
        let Some(limiter) = &mut self.limiter else {
            return Ok(());
        };
        let mut limiter = limiter.of(&mut self.data);
        match what {
            What::Memory => limiter.memory_grow_failed(Fault::GrowRefused.into()),
            What::Table => limiter.table_grow_failed(Fault::GrowRefused.into()),
        }
    }

    /// Grows a memory by that many pages; the pages before, or `None` when it cannot.
    pub(crate) async fn try_grow_memory(
        &mut self,
        addr: MemAddr,
        delta: u64,
    ) -> Result<Option<u64>> {
        let memory = &self.core.state.memories[addr.index()];
        let (ty, now) = (memory.ty, memory.byte_len());
        let bytes = |pages: u64| pages.saturating_mul(1 << ty.page_size_log2);
        let wanted = now.saturating_add(bytes(delta));
        if !self
            .ask(What::Memory, now, wanted, ty.limits.max.map(bytes))
            .await?
        {
            return Ok(None);
        }
        let limit = self.core.instances.memory_bytes;
        let grown = self.core.state.memories[addr.index()].grow(delta, limit);
        if grown.is_none() {
            self.tell(What::Memory)?;
        }
        Ok(grown)
    }

    /// Grows a table by that many elements; the size before, or `None` when it cannot.
    pub(crate) async fn try_grow_table(
        &mut self,
        addr: TableAddr,
        delta: u64,
        init: Reference,
    ) -> Result<Option<u64>> {
        let table = &self.core.state.tables[addr.index()];
        let (ty, now) = (table.ty, table.elems.len() as u64);
        if !self
            .ask(What::Table, now, now.saturating_add(delta), ty.limits.max)
            .await?
        {
            return Ok(None);
        }
        let limit = self.core.instances.table_elements;
        let grown = self.core.state.tables[addr.index()].grow(delta, init, limit);
        if grown.is_none() {
            self.tell(What::Table)?;
        }
        Ok(grown)
    }
}

fn over(what: Limited, wanted: usize, most: usize) -> Error {
    OutOfMemory::over(what, wanted as u64, most as u64).into()
}

impl Core {
    pub(crate) fn add_memory(&mut self, memory: Memory) -> MemAddr {
        let addr = MemAddr(self.state.memories.len() as u32);
        self.state.memories.push(memory);
        addr
    }
}
