//! What a store may use (spec: appendix/implementation, execution). Plain data; whoever spends
//! the resource checks it.

use core::fmt;

/// What a store may use. Crossing a limit is never a panic: growth answers -1, creation is an
/// [`OutOfMemory`], a deep call or a full heap a trap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoreLimits {
    /// Bytes of each memory. Default: no limit besides the address type and the host.
    pub memory_bytes: u64,
    /// Elements of each table. Default: 10,000,000.
    pub table_elements: u64,
    /// Instances. Default: 10,000.
    pub instances: usize,
    /// Tables. Default: 10,000.
    pub tables: usize,
    /// Memories. Default: 10,000.
    pub memories: usize,
    /// Cells of 8 bytes of a run's stack. Default: 1,048,576, that is 8 MiB.
    pub stack_cells: usize,
    /// Wasm calls nested at once. Default: no limit besides the stack's cells.
    pub call_depth: usize,
    /// Host functions that call Wasm, nested at once: each takes host stack. Default: 64.
    pub host_depth: usize,
    /// Bytes of the garbage-collected heap. Default: 1 GiB.
    pub heap_bytes: u64,
}

impl Default for StoreLimits {
    fn default() -> StoreLimits {
        StoreLimits {
            memory_bytes: u64::MAX,
            table_elements: 10_000_000,
            instances: 10_000,
            tables: 10_000,
            memories: 10_000,
            stack_cells: 1 << 20,
            call_depth: usize::MAX,
            host_depth: 64,
            heap_bytes: 1 << 30,
        }
    }
}

/// Why a memory or a table could not be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutOfMemory {
    /// The host has not that much.
    Host,
    /// It begins above a limit of the store, or above what its type can address.
    Limit,
    /// A shared memory in a build without threads (feature `std`).
    NoThreads,
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OutOfMemory::Host => "out of memory",
            OutOfMemory::Limit => "minimum size is over the limit",
            OutOfMemory::NoThreads => "shared memories need threads",
        })
    }
}

impl core::error::Error for OutOfMemory {}
