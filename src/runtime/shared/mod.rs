//! Shared memories (spec: threads, shared memories): contents that several threads change at
//! once, in safe Rust. All bytes stand in atomic words, made when first written; the length is
//! kept apart and only grows.
//!
//! Reading order: `words` (the contents), `access` (what instructions do with them), `park`
//! (waiting and notifying).

mod access;
mod park;
mod words;

use super::limits::OutOfMemory;
use super::memory::{grown, over_type};
use crate::room;
use crate::syntax::MemoryType;
use core::sync::atomic::{AtomicU64, Ordering};
use park::Parking;
use words::Words;

/// A memory that threads share.
#[derive(Debug)]
pub struct SharedMemory {
    ty: MemoryType,
    /// Bytes; never shrinks.
    len: AtomicU64,
    words: Words,
    parking: Parking,
}

/// Returns whether the host has room for that many bytes now. They are not taken before they are
/// written, and by then the room may be gone.
fn has_room(bytes: u64) -> bool {
    usize::try_from(bytes).is_ok_and(|bytes| room::for_more::<u8>(bytes).is_some())
}

impl SharedMemory {
    /// A memory of its minimum size, zeroed.
    pub fn new(ty: MemoryType) -> Result<SharedMemory, OutOfMemory> {
        let len = grown(&ty, 0, ty.limits.min, u64::MAX).ok_or_else(|| over_type(&ty))?;
        let words = Words::new(&ty).ok_or(OutOfMemory::Host)?;
        if len > words.reach() {
            return Err(OutOfMemory::Host);
        }
        Ok(SharedMemory {
            ty,
            len: AtomicU64::new(len),
            words,
            parking: Parking::default(),
        })
    }

    /// Returns the type of the memory, with the limits it was made with.
    pub fn ty(&self) -> MemoryType {
        self.ty
    }

    /// Size in bytes. What is once in bounds stays in bounds.
    #[inline]
    pub fn byte_len(&self) -> u64 {
        self.len.load(Ordering::SeqCst)
    }

    /// Size in pages.
    pub fn pages(&self) -> u64 {
        self.byte_len() >> self.ty.page_size_log2
    }

    /// Makes it that long, as it was or will be at another moment of a run that has it for itself;
    /// what is added is zero.
    pub fn set_len(&self, len: u64) {
        let now = self.byte_len();
        if len < now {
            // Where there is no room to write zeros, nothing else was ever written.
            let _ = self.fill(len, 0, now - len);
        }
        self.len.store(len, Ordering::SeqCst);
    }

    /// Grows by `delta` pages if the host has room for them now; returns the old size in pages, or
    /// `None` with everything as it was.
    pub fn grow(&self, delta: u64, limit_bytes: u64) -> Option<u64> {
        let grow = |old| {
            let new = grown(&self.ty, old, delta, limit_bytes)?;
            (new <= self.words.reach() && has_room(new - old)).then_some(new)
        };
        let old = self
            .len
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, grow)
            .ok()?;
        Some(old >> self.ty.page_size_log2)
    }
}
