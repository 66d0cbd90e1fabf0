//! Shared memories of a build without threads: there are none, and making one is a typed error.

use super::limits::OutOfMemory;
use super::turns::WaitResult;
use crate::syntax::MemoryType;
use crate::trap::Trap;
use alloc::sync::Arc;

/// A memory that threads share; without threads, nothing.
#[derive(Clone, Copy, Debug)]
pub enum SharedMemory {}

macro_rules! absent {
    ($($name:ident $(<$(const $n:ident: usize)?>)? ($($arg:ident: $ty:ty),*) $(-> $out:ty)?;)*) => {
        #[allow(missing_docs, unused_variables)]
        impl SharedMemory {
            $(pub fn $name $(<$(const $n: usize)?>)? (&self, $($arg: $ty),*) $(-> $out)? {
                match *self {}
            })*
        }
    };
}

absent! {
    ty() -> MemoryType;
    byte_len() -> u64;
    pages() -> u64;
    set_len(len: u64);
    grow(delta: u64, limit_bytes: u64) -> Option<u64>;
    read<const N: usize>(ea: u64) -> Result<[u8; N], Trap>;
    write<const N: usize>(ea: u64, value: [u8; N]) -> Result<(), Trap>;
    read_bytes(ea: u64, out: &mut [u8]) -> Result<(), Trap>;
    write_bytes(ea: u64, data: &[u8]) -> Result<(), Trap>;
    fill(dst: u64, val: u8, n: u64) -> Result<(), Trap>;
    copy_within(dst: u64, src: u64, n: u64) -> Result<(), Trap>;
    copy_from(dst: u64, source: &Arc<Self>, src: u64, n: u64) -> Result<(), Trap>;
    init(dst: u64, data: &[u8], src: u64, n: u64) -> Result<(), Trap>;
    atomic_load<const N: usize>(ea: u64) -> Result<u64, Trap>;
    update<const N: usize>(ea: u64, change: impl Fn(u64) -> Option<u64>) -> Result<u64, Trap>;
    wait<const N: usize>(
        ea: u64, expected: u64, timeout: i64, interrupted: &dyn Fn() -> bool
    ) -> Result<WaitResult, Trap>;
    notify(ea: u64, count: u32) -> u32;
}

impl SharedMemory {
    /// Always [`OutOfMemory::NoThreads`].
    pub fn new(_: MemoryType) -> Result<SharedMemory, OutOfMemory> {
        Err(OutOfMemory::NoThreads)
    }
}
