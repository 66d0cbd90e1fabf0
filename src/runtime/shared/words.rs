//! The contents of a shared memory: 64-bit atomic words in chunks of 64 KiB, made when first
//! written. Byte `k` of a word is bits `8k` to `8k + 7` on every host. Knows no bounds: what was
//! never written reads as zero.

use super::super::memory::{max_pages, page_size};
use crate::room;
use crate::syntax::MemoryType;
use crate::trap::Trap;
use alloc::boxed::Box;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::OnceLock;

/// Words of a chunk.
const CHUNK_WORDS: usize = 65536 / 8;
/// Chunks of a directory.
const DIRECTORY: usize = 1024;
/// Bytes behind a directory.
const DIRECTORY_BYTES: u64 = (DIRECTORY as u64) << 16;
/// No shared memory grows above this: its list of directories is made at once.
const REACH: u64 = 1 << 40;

type Chunk = OnceLock<Box<[AtomicU64]>>;

/// The words of a shared memory.
#[derive(Debug)]
pub(super) struct Words {
    directories: Box<[OnceLock<Box<[Chunk]>>]>,
}

impl Words {
    /// A place for all that a memory of the type may become, unless the host has no room for that.
    pub fn new(ty: &MemoryType) -> Option<Words> {
        let most = max_pages(ty).saturating_mul(page_size(ty)).min(REACH);
        let count = most.div_ceil(DIRECTORY_BYTES);
        Some(Words {
            directories: room::filled(count as usize, OnceLock::new)?,
        })
    }

    /// Bytes that can be held.
    pub fn reach(&self) -> u64 {
        self.directories.len() as u64 * DIRECTORY_BYTES
    }

    /// Returns where a word stands: directory, chunk, place in the chunk.
    #[inline(always)]
    fn place(index: u64) -> (usize, usize, usize) {
        let chunk = index as usize / CHUNK_WORDS;
        (
            chunk / DIRECTORY,
            chunk % DIRECTORY,
            index as usize % CHUNK_WORDS,
        )
    }

    /// The word, if its chunk was ever written.
    #[inline(always)]
    pub fn get(&self, index: u64) -> Option<&AtomicU64> {
        let (directory, chunk, place) = Self::place(index);
        self.directories.get(directory)?.get()?[chunk]
            .get()?
            .get(place)
    }

    /// The word, made if need be. It is within [`Words::reach`]: callers have checked bounds.
    ///
    /// # Errors
    /// [`Trap::OutOfMemory`] where the host has no room for its chunk.
    #[inline(always)]
    pub fn make(&self, index: u64) -> Result<&AtomicU64, Trap> {
        match self.get(index) {
            Some(word) => Ok(word),
            None => self.make_chunk(index),
        }
    }

    #[cold]
    fn make_chunk(&self, index: u64) -> Result<&AtomicU64, Trap> {
        let (directory, chunk, place) = Self::place(index);
        let chunks = made(&self.directories[directory], DIRECTORY, OnceLock::new)?;
        let words = made(&chunks[chunk], CHUNK_WORDS, || AtomicU64::new(0))?;
        Ok(&words[place])
    }

    /// Reads a word.
    #[inline(always)]
    pub fn load(&self, index: u64, ordering: Ordering) -> u64 {
        self.get(index).map_or(0, |word| word.load(ordering))
    }

    /// Replaces the bits of `mask` in a word; the others keep what other threads make of them.
    ///
    /// # Errors
    /// As [`Words::make`].
    #[inline(always)]
    pub fn merge(&self, index: u64, mask: u64, bits: u64) -> Result<(), Trap> {
        let word = self.make(index)?;
        if mask == u64::MAX {
            word.store(bits, Ordering::Relaxed);
            return Ok(());
        }
        let mut old = word.load(Ordering::Relaxed);
        while let Err(now) = word.compare_exchange_weak(
            old,
            old & !mask | bits & mask,
            Ordering::Relaxed,
            Ordering::Relaxed,
        ) {
            old = now;
        }
        Ok(())
    }
}

/// Returns what a place holds, and makes it if need be. Of two threads that make it at once, one is
/// too late.
fn made<T>(
    place: &OnceLock<Box<[T]>>,
    len: usize,
    element: impl FnMut() -> T,
) -> Result<&[T], Trap> {
    if let Some(made) = place.get() {
        return Ok(made);
    }
    let fresh = room::filled(len, element).ok_or(Trap::OutOfMemory)?;
    Ok(place.get_or_init(|| fresh))
}
