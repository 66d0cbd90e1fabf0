//! Tests of memories, tables and types of references. Those of the heap stand beside it.

mod memory;
mod reference;
#[cfg(feature = "std")]
mod shared;
mod table;

use crate::syntax::{AddrType, Limits, MemoryType};

/// The type of an unshared memory of 64 KiB pages.
fn memory_type(addr: AddrType, min: u64, max: Option<u64>) -> MemoryType {
    MemoryType {
        addr,
        limits: Limits { min, max },
        shared: false,
        page_size_log2: 16,
    }
}
