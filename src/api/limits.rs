//! Limits that a store's owner sets: a callback for each growth, and a ready-made one.

use crate::api::error::{Error, Result};
use alloc::boxed::Box;
use alloc::string::ToString;
use core::future::Future;
use core::pin::Pin;

/// The number of instances that a store may hold unless a limiter says otherwise.
pub const DEFAULT_INSTANCE_LIMIT: usize = 10_000;
/// The number of tables that a store may hold unless a limiter says otherwise.
pub const DEFAULT_TABLE_LIMIT: usize = 10_000;
/// The number of memories that a store may hold unless a limiter says otherwise.
pub const DEFAULT_MEMORY_LIMIT: usize = 10_000;

/// Decides whether the memories and tables of a store may grow, and how many items it may hold. Set
/// one with [`Store::limiter`](crate::Store::limiter).
///
/// Sizes are in bytes for memories and in elements for tables.
///
/// ```
/// use limpid::{Engine, Memory, MemoryType, ResourceLimiter, Result, Store};
///
/// /// Gives all memories of a store together a number of bytes.
/// struct Budget(usize);
///
/// impl ResourceLimiter for Budget {
///     fn memory_growing(&mut self, now: usize, new: usize, _: Option<usize>) -> Result<bool> {
///         let fits = new - now <= self.0;
///         self.0 -= if fits { new - now } else { 0 };
///         Ok(fits)
///     }
///
///     fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
///         Ok(true)
///     }
/// }
///
/// let mut store = Store::new(&Engine::default(), Budget(3 * 65536));
/// store.limiter(|budget| budget);
/// let memory = Memory::new(&mut store, MemoryType::new(2, None))?;
/// assert_eq!(memory.grow(&mut store, 1)?, 2);
/// assert!(memory.grow(&mut store, 1).is_err());
/// # Ok::<(), limpid::Error>(())
/// ```
pub trait ResourceLimiter: Send {
    /// Returns whether a memory may grow to `desired` bytes; `current` is 0 when it is being made.
    ///
    /// # Errors
    /// An error becomes a trap of the code that grows.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool>;

    /// Is called when a memory could not grow although `memory_growing` had allowed it.
    ///
    /// # Errors
    /// An error becomes a trap of the code that grows.
    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        let _ = error;
        Ok(())
    }

    /// Returns whether a table may grow to `desired` elements; `current` is 0 when it is being
    /// made.
    ///
    /// # Errors
    /// An error becomes a trap of the code that grows.
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool>;

    /// Is called when a table could not grow although `table_growing` had allowed it.
    ///
    /// # Errors
    /// An error becomes a trap of the code that grows.
    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        let _ = error;
        Ok(())
    }

    /// Returns the most bytes a memory may have, if that is a fixed number; error messages name it.
    fn memory_size_limit(&self) -> Option<usize> {
        None
    }

    /// Returns the most elements a table may have, if that is a fixed number; error messages name
    /// it.
    fn table_size_limit(&self) -> Option<usize> {
        None
    }

    /// Returns how many instances the store may hold.
    fn instances(&self) -> usize {
        DEFAULT_INSTANCE_LIMIT
    }

    /// Returns how many tables the store may hold.
    fn tables(&self) -> usize {
        DEFAULT_TABLE_LIMIT
    }

    /// Returns how many memories the store may hold.
    fn memories(&self) -> usize {
        DEFAULT_MEMORY_LIMIT
    }
}

/// The future of an answer, as `async` in a trait of the crate `async-trait` makes it.
type Answer<'a> = Pin<Box<dyn Future<Output = Result<bool>> + Send + 'a>>;

/// A [`ResourceLimiter`] that may wait before it decides. Set one with
/// [`Store::limiter_async`](crate::Store::limiter_async). Growth in a synchronous call is an error
/// where the limiter waits.
///
/// The signatures are those that the crate `async-trait` makes, so implementations may use it:
///
/// ```
/// use limpid::{Error, ResourceLimiterAsync, Result};
/// use std::future::{Future, ready};
/// use std::pin::Pin;
///
/// struct Most(usize);
///
/// impl ResourceLimiterAsync for Most {
///     fn memory_growing<'life0, 'async_trait>(
///         &'life0 mut self,
///         _current: usize,
///         desired: usize,
///         _maximum: Option<usize>,
///     ) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + 'async_trait>>
///     where
///         'life0: 'async_trait,
///         Self: 'async_trait,
///     {
///         Box::pin(ready(Ok(desired <= self.0)))
///     }
///
///     fn table_growing<'life0, 'async_trait>(
///         &'life0 mut self,
///         _current: usize,
///         _desired: usize,
///         _maximum: Option<usize>,
///     ) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + 'async_trait>>
///     where
///         'life0: 'async_trait,
///         Self: 'async_trait,
///     {
///         Box::pin(ready(Ok(true)))
///     }
/// }
/// ```
pub trait ResourceLimiterAsync: Send {
    /// Returns whether a memory may grow to `desired` bytes; `current` is 0 when it is being made.
    fn memory_growing<'life0, 'async_trait>(
        &'life0 mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Answer<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait;

    /// Is called when a memory could not grow although `memory_growing` had allowed it.
    ///
    /// # Errors
    /// An error becomes a trap of the code that grows.
    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        let _ = error;
        Ok(())
    }

    /// Returns whether a table may grow to `desired` elements; `current` is 0 when it is being
    /// made.
    fn table_growing<'life0, 'async_trait>(
        &'life0 mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Answer<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait;

    /// Is called when a table could not grow although `table_growing` had allowed it.
    ///
    /// # Errors
    /// An error becomes a trap of the code that grows.
    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        let _ = error;
        Ok(())
    }

    /// Instances the store may hold.
    fn instances(&self) -> usize {
        DEFAULT_INSTANCE_LIMIT
    }

    /// Tables the store may hold.
    fn tables(&self) -> usize {
        DEFAULT_TABLE_LIMIT
    }

    /// Memories the store may hold.
    fn memories(&self) -> usize {
        DEFAULT_MEMORY_LIMIT
    }
}

/// The limiter of a store, in the embedder's data.
pub(crate) enum Asked<'a> {
    Sync(&'a mut dyn ResourceLimiter),
    Async(&'a mut dyn ResourceLimiterAsync),
}

macro_rules! asked {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $result:ty;)*) => {
        impl Asked<'_> {
            $(pub(crate) fn $name(&mut self, $($arg: $ty),*) -> $result {
                match self {
                    Asked::Sync(limiter) => limiter.$name($($arg),*),
                    Asked::Async(limiter) => limiter.$name($($arg),*),
                }
            })*
        }
    };
}

asked! {
    memory_grow_failed(error: Error) -> Result<()>;
    table_grow_failed(error: Error) -> Result<()>;
    instances() -> usize;
    tables() -> usize;
    memories() -> usize;
}

impl Asked<'_> {
    pub(crate) async fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        match self {
            Asked::Sync(limiter) => limiter.memory_growing(current, desired, maximum),
            Asked::Async(limiter) => limiter.memory_growing(current, desired, maximum).await,
        }
    }

    pub(crate) async fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        match self {
            Asked::Sync(limiter) => limiter.table_growing(current, desired, maximum),
            Asked::Async(limiter) => limiter.table_growing(current, desired, maximum).await,
        }
    }

    pub(crate) fn memory_size_limit(&self) -> Option<usize> {
        match self {
            Asked::Sync(limiter) => limiter.memory_size_limit(),
            Asked::Async(_) => None,
        }
    }

    pub(crate) fn table_size_limit(&self) -> Option<usize> {
        match self {
            Asked::Sync(limiter) => limiter.table_size_limit(),
            Asked::Async(_) => None,
        }
    }
}

/// Constant limits of a store, made with [`StoreLimitsBuilder`].
///
/// ```
/// use limpid::{Engine, Memory, MemoryType, Store, StoreLimits, StoreLimitsBuilder};
/// let limits = StoreLimitsBuilder::new().memory_size(65536).build();
/// let mut store: Store<StoreLimits> = Store::new(&Engine::default(), limits);
/// store.limiter(|limits| limits);
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// assert!(memory.grow(&mut store, 1).is_err());
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct StoreLimits {
    memory_size: Option<usize>,
    table_elements: Option<usize>,
    instances: usize,
    tables: usize,
    memories: usize,
    trap_on_grow_failure: bool,
}

impl Default for StoreLimits {
    fn default() -> StoreLimits {
        StoreLimits {
            memory_size: None,
            table_elements: None,
            instances: DEFAULT_INSTANCE_LIMIT,
            tables: DEFAULT_TABLE_LIMIT,
            memories: DEFAULT_MEMORY_LIMIT,
            trap_on_grow_failure: false,
        }
    }
}

impl StoreLimits {
    fn refuse(&self) -> Result<bool> {
        if self.trap_on_grow_failure {
            return Err(crate::trap::Trap::GrowRefused.into());
        }
        Ok(false)
    }

    fn give_up(&self, error: Error) -> Result<()> {
        if self.trap_on_grow_failure {
            let trap = Error::from(crate::trap::Trap::GrowRefused);
            return Err(trap.context(error.to_string()));
        }
        Ok(())
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        let allowed = self.memory_size.is_none_or(|limit| desired <= limit)
            && maximum.is_none_or(|maximum| desired <= maximum);
        if allowed { Ok(true) } else { self.refuse() }
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.give_up(error)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        let allowed = self.table_elements.is_none_or(|limit| desired <= limit)
            && maximum.is_none_or(|maximum| desired <= maximum);
        if allowed { Ok(true) } else { self.refuse() }
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.give_up(error)
    }

    fn memory_size_limit(&self) -> Option<usize> {
        self.memory_size
    }

    fn table_size_limit(&self) -> Option<usize> {
        self.table_elements
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

/// Builds [`StoreLimits`].
///
/// ```
/// use limpid::{Engine, Memory, MemoryType, Store, StoreLimitsBuilder};
/// let limits = StoreLimitsBuilder::new().memories(1).table_elements(100).build();
/// let mut store = Store::new(&Engine::default(), limits);
/// store.limiter(|limits| limits);
/// assert!(Memory::new(&mut store, MemoryType::new(1, None)).is_ok());
/// assert!(Memory::new(&mut store, MemoryType::new(1, None)).is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct StoreLimitsBuilder(StoreLimits);

impl StoreLimitsBuilder {
    /// Makes a builder without limits of sizes, for at most 10,000 instances, tables and memories
    /// each.
    pub fn new() -> StoreLimitsBuilder {
        StoreLimitsBuilder::default()
    }

    /// Sets how many bytes each memory may have at most.
    pub fn memory_size(mut self, limit: usize) -> Self {
        self.0.memory_size = Some(limit);
        self
    }

    /// Sets how many elements each table may have at most.
    pub fn table_elements(mut self, limit: usize) -> Self {
        self.0.table_elements = Some(limit);
        self
    }

    /// Sets how many instances the store may hold. The default is 10,000.
    pub fn instances(mut self, limit: usize) -> Self {
        self.0.instances = limit;
        self
    }

    /// Sets how many tables the store may hold. The default is 10,000.
    pub fn tables(mut self, tables: usize) -> Self {
        self.0.tables = tables;
        self
    }

    /// Sets how many memories the store may hold. The default is 10,000.
    pub fn memories(mut self, memories: usize) -> Self {
        self.0.memories = memories;
        self
    }

    /// Sets whether a refused growth is a trap instead of the result -1. Off by default.
    pub fn trap_on_grow_failure(mut self, trap: bool) -> Self {
        self.0.trap_on_grow_failure = trap;
        self
    }

    /// Returns the limits.
    pub fn build(self) -> StoreLimits {
        self.0
    }
}
