//! Linear memories shared between threads, and so between stores.

use crate::api::engine::Engine;
use crate::api::error::{Error, Fault, Result};
use crate::api::items::memory::MemoryAccessError;
use crate::api::store::core::Core;
use crate::api::types::externs::MemoryType;
use crate::runtime::limits::{Limited, OutOfMemory};
use crate::runtime::{self, MemAddr, Memory};
use crate::syntax::Count;
use crate::trap::Trap;
use alloc::sync::Arc;
use core::fmt;

/// A linear memory shared between threads and stores. Cloning gives another handle of the same
/// memory. Its bytes can change at any time, so there are no slices of them.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use limpid::{Engine, MemoryType, SharedMemory};
/// let memory = SharedMemory::new(&Engine::default(), MemoryType::shared(1, 2))?;
/// let other = memory.clone();
/// std::thread::spawn(move || other.write(8, b"limpid")).join().expect("no panic")?;
/// let mut bytes = [0; 6];
/// memory.read(8, &mut bytes)?;
/// assert_eq!(&bytes, b"limpid");
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone)]
pub struct SharedMemory {
    memory: Arc<runtime::SharedMemory>,
    engine: Engine,
}

/// How a wait on a shared memory ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitResult {
    /// Another thread notified this one.
    Ok,
    /// The memory held another value than expected, so that there was no wait.
    Mismatch,
    /// The timeout passed.
    TimedOut,
}

/// The error of an engine that has no shared memories.
pub(crate) fn switched_off() -> Error {
    let text = "shared memories are switched off (`Config::shared_memory`)";
    Fault::NotConfigured.because(text)
}

impl SharedMemory {
    /// Makes a shared memory filled with zeros.
    ///
    /// # Errors
    /// Fails for a type that is not shared, when a limit is exceeded or the host has no room, and
    /// with [`Fault::NotConfigured`] where [`Config::shared_memory`](crate::Config::shared_memory)
    /// is off.
    pub fn new(engine: &Engine, ty: MemoryType) -> Result<SharedMemory> {
        let config = engine.config();
        if !config.shared_memory {
            return Err(switched_off());
        }
        if !ty.is_shared() {
            let text = alloc::format!("expected the type of a shared memory, found {ty}");
            return Err(Fault::TypeMismatch.because(text));
        }
        let bytes = ty.minimum().saturating_mul(ty.page_size());
        if bytes > config.memory_bytes {
            return Err(OutOfMemory::over(Limited::Memory, bytes, config.memory_bytes).into());
        }
        Ok(SharedMemory {
            memory: Arc::new(runtime::SharedMemory::new(ty.ty)?),
            engine: engine.clone(),
        })
    }

    /// Returns the type of the memory, with the current size as its minimum.
    pub fn ty(&self) -> MemoryType {
        let mut ty = self.memory.ty();
        ty.limits.min = self.memory.pages();
        MemoryType { ty }
    }

    /// Returns the size in pages.
    pub fn size(&self) -> u64 {
        self.memory.pages()
    }

    /// Returns the number of bytes of a page: 65,536 unless the type says otherwise.
    pub fn page_size(&self) -> u64 {
        self.ty().page_size()
    }

    /// Returns the size in bytes.
    pub fn data_size(&self) -> usize {
        self.memory.byte_len() as usize
    }

    /// Grows the memory by `delta` pages and returns the number of pages before.
    ///
    /// # Errors
    /// Returns [`Fault::GrowRefused`] when the memory cannot grow that much.
    pub fn grow(&self, delta: u64) -> Result<u64> {
        let grown = self.memory.grow(delta, self.engine.config().memory_bytes);
        let text = || alloc::format!("failed to grow shared memory by {}", Count(delta, "page"));
        grown.ok_or_else(|| Fault::GrowRefused.because(text()))
    }

    /// Copies bytes out of the memory, from `offset` on. Each byte is read once.
    ///
    /// # Errors
    /// Returns [`MemoryAccessError`] when the bytes are not all in the memory.
    pub fn read(&self, offset: usize, buffer: &mut [u8]) -> Result<(), MemoryAccessError> {
        self.memory
            .read_bytes(offset as u64, buffer)
            .map_err(|_| MemoryAccessError)
    }

    /// Copies bytes into the memory, from `offset` on.
    ///
    /// # Errors
    /// Returns [`MemoryAccessError`] when the bytes do not all fit; nothing is copied then.
    pub fn write(&self, offset: usize, bytes: &[u8]) -> Result<(), MemoryAccessError> {
        self.memory
            .write_bytes(offset as u64, bytes)
            .map_err(|_| MemoryAccessError)
    }

    /// Wakes at most `count` waiters at an address and returns how many were woken.
    ///
    /// # Errors
    /// Returns [`Trap::UnalignedAtomic`] or [`Trap::MemoryOutOfBounds`] for an address that is not
    /// aligned or not inside the memory.
    pub fn atomic_notify(&self, addr: u64, count: u32) -> Result<u32, Trap> {
        self.memory.atomic_load::<4>(addr)?;
        Ok(self.memory.notify(addr, count))
    }

    /// Waits while the four bytes at an address hold `expected`, until notified or until the
    /// timeout.
    ///
    /// # Errors
    /// Returns [`Trap::UnalignedAtomic`] or [`Trap::MemoryOutOfBounds`] for an address that is not
    /// aligned or not inside the memory.
    pub fn atomic_wait32(
        &self,
        addr: u64,
        expected: u32,
        timeout: Option<core::time::Duration>,
    ) -> Result<WaitResult, Trap> {
        self.wait::<4>(addr, expected.into(), timeout)
    }

    /// Waits while the eight bytes at an address hold `expected`, until notified or until the
    /// timeout.
    ///
    /// # Errors
    /// Returns [`Trap::UnalignedAtomic`] or [`Trap::MemoryOutOfBounds`] for an address that is not
    /// aligned or not inside the memory.
    pub fn atomic_wait64(
        &self,
        addr: u64,
        expected: u64,
        timeout: Option<core::time::Duration>,
    ) -> Result<WaitResult, Trap> {
        self.wait::<8>(addr, expected, timeout)
    }

    fn wait<const N: usize>(
        &self,
        addr: u64,
        expected: u64,
        timeout: Option<core::time::Duration>,
    ) -> Result<WaitResult, Trap> {
        let nanos = timeout.map_or(-1, |time| {
            i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
        });
        Ok(
            match self.memory.wait::<N>(addr, expected, nanos, &|| false)? {
                runtime::WaitResult::Ok | runtime::WaitResult::Interrupted(_) => WaitResult::Ok,
                runtime::WaitResult::NotEqual => WaitResult::Mismatch,
                runtime::WaitResult::TimedOut => WaitResult::TimedOut,
            },
        )
    }

    /// The handle of a memory of a store, if it is shared.
    pub(crate) fn at(core: &Core, addr: MemAddr) -> Option<SharedMemory> {
        let memory = core.state.memories[addr.index()].shared.clone()?;
        Some(SharedMemory {
            memory,
            engine: core.engine.clone(),
        })
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns the memory's address in a store, which it is added to if it is not there yet.
    pub(crate) fn enter(&self, core: &mut Core) -> MemAddr {
        let same = |memory: &Memory| {
            memory
                .shared
                .as_ref()
                .is_some_and(|shared| Arc::ptr_eq(shared, &self.memory))
        };
        if let Some(place) = core.state.memories.iter().position(same) {
            return MemAddr(place as u32);
        }
        core.add_memory(Memory::from_shared(self.memory.clone()))
    }
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMemory")
            .field("ty", &self.ty())
            .finish_non_exhaustive()
    }
}
