//! Linear memories that are not shared.

use crate::api::error::{Fault, Result};
use crate::api::store::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::api::store::growth::at_once;
use crate::api::store::identity::StoreId;
use crate::api::types::externs::MemoryType;
use crate::runtime::MemAddr;
use crate::syntax::Count;
use core::fmt;

/// A handle of a store's linear memory.
///
/// ```
/// use limpid::{Engine, Memory, MemoryType, Store};
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
/// memory.write(&mut store, 4, b"limpid")?;
/// assert_eq!(&memory.data(&store)[4..10], b"limpid");
/// assert_eq!(memory.grow(&mut store, 1)?, 1);
/// assert_eq!((memory.size(&store), memory.data_size(&store)), (2, 131_072));
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub(crate) store: StoreId,
    pub(crate) addr: MemAddr,
}

/// The error of an access from the host past the end of a memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct MemoryAccessError;

impl fmt::Display for MemoryAccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of bounds memory access")
    }
}

impl core::error::Error for MemoryAccessError {}

impl Memory {
    /// Makes a memory filled with zeros.
    ///
    /// # Errors
    /// Fails when a limit is exceeded or the host has no room, and with [`Fault::TypeMismatch`] for
    /// a shared type: see [`SharedMemory`](crate::SharedMemory).
    pub fn new(store: impl AsContextMut, ty: MemoryType) -> Result<Memory> {
        at_once(Memory::new_async(store, ty))
    }

    /// Makes a memory, as [`Memory::new`] does; it waits where an asynchronous limiter waits.
    ///
    /// # Errors
    /// Returns the same errors as [`Memory::new`].
    pub async fn new_async(mut store: impl AsContextMut, ty: MemoryType) -> Result<Memory> {
        let inner = store.as_context_mut().0;
        if ty.is_shared() {
            let what = "shared memories must be created through `SharedMemory`";
            return Err(Fault::TypeMismatch.because(what));
        }
        let addr = inner.new_memory(ty.ty).await?;
        let store = inner.core.identity.id();
        Ok(Memory { store, addr })
    }

    /// Returns the type of the memory, with the current size as its minimum.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> MemoryType {
        let core = &store.as_context().0.core;
        core.expect(self.store);
        let ty = core.state.memories[self.addr.index()].current_type();
        MemoryType { ty }
    }

    /// Copies bytes out of the memory, from `offset` on.
    ///
    /// # Errors
    /// Returns [`MemoryAccessError`] when the bytes are not all in the memory; nothing is copied
    /// then.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn read(
        &self,
        store: impl AsContext,
        offset: usize,
        buffer: &mut [u8],
    ) -> Result<(), MemoryAccessError> {
        let context = store.as_context();
        let data = self.data(&context);
        let end = offset.checked_add(buffer.len()).ok_or(MemoryAccessError)?;
        buffer.copy_from_slice(data.get(offset..end).ok_or(MemoryAccessError)?);
        Ok(())
    }

    /// Copies bytes into the memory, from `offset` on.
    ///
    /// # Errors
    /// Returns [`MemoryAccessError`] when the bytes do not all fit; nothing is copied then.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn write(
        &self,
        mut store: impl AsContextMut,
        offset: usize,
        buffer: &[u8],
    ) -> Result<(), MemoryAccessError> {
        let inner = store.as_context_mut().0;
        inner.core.expect(self.store);
        let memory = &mut inner.core.state.memories[self.addr.index()];
        let end = offset.checked_add(buffer.len()).ok_or(MemoryAccessError)?;
        let to = memory.bytes.get_mut(offset..end).ok_or(MemoryAccessError)?;
        to.copy_from_slice(buffer);
        memory.lend(offset as u64, buffer.len() as u64);
        Ok(())
    }

    /// Returns the bytes of the memory.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        let core = &store.into().0.core;
        core.expect(self.store);
        &core.state.memories[self.addr.index()].bytes
    }

    /// Returns the bytes of the memory, for writing.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> &'a mut [u8] {
        self.data_and_store_mut(store).0
    }

    /// Returns the bytes of the memory, for writing, together with the embedder's data.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn data_and_store_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let inner = store.into().0;
        inner.core.expect(self.store);
        let memory = &mut inner.core.state.memories[self.addr.index()];
        memory.lend(0, u64::MAX);
        (&mut memory.bytes, &mut inner.data)
    }

    /// The same, for somebody who says what is written.
    #[cfg(feature = "wasi")]
    pub(crate) fn lend<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (Lent<'a>, &'a mut T) {
        let inner = store.into().0;
        inner.core.expect(self.store);
        let memory = &mut inner.core.state.memories[self.addr.index()];
        let lent = Lent {
            bytes: &mut memory.bytes,
            written: memory.written.as_mut(),
        };
        (lent, &mut inner.data)
    }

    /// Returns the size in bytes.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn data_size(&self, store: impl AsContext) -> usize {
        self.data(store.as_context()).len()
    }

    /// Returns the size in pages.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn size(&self, store: impl AsContext) -> u64 {
        let context = store.as_context();
        self.data_size(&context) as u64 / self.page_size(&context)
    }

    /// Returns the number of bytes of a page: 65,536 unless the type says otherwise.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn page_size(&self, store: impl AsContext) -> u64 {
        self.ty(store).page_size()
    }

    /// Returns the binary logarithm of the number of bytes of a page.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn page_size_log2(&self, store: impl AsContext) -> u8 {
        self.ty(store).page_size_log2()
    }

    /// Grows the memory by `delta` pages and returns the number of pages before.
    ///
    /// # Errors
    /// Returns [`Fault::GrowRefused`](crate::Fault::GrowRefused), or the error of the store's
    /// limiter.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn grow(&self, store: impl AsContextMut, delta: u64) -> Result<u64> {
        at_once(self.grow_async(store, delta))
    }

    /// Grows the memory, as [`Memory::grow`] does; it waits where an asynchronous limiter waits.
    ///
    /// # Errors
    /// Returns the same errors as [`Memory::grow`].
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub async fn grow_async(&self, mut store: impl AsContextMut, delta: u64) -> Result<u64> {
        let inner = store.as_context_mut().0;
        inner.core.expect_current(self.store)?;
        let grown = inner.try_grow_memory(self.addr, delta).await?;
        let text = || alloc::format!("failed to grow memory by {}", Count(delta, "page"));
        grown.ok_or_else(|| Fault::GrowRefused.because(text()))
    }
}

/// The contents of a memory, and the list of the ranges written in it where somebody asks.
#[cfg(feature = "wasi")]
#[derive(Debug)]
pub(crate) struct Lent<'a> {
    pub(crate) bytes: &'a mut [u8],
    pub(crate) written: Option<&'a mut alloc::vec::Vec<(u64, u64)>>,
}
