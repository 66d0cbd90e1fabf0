//! Why a store cannot have what it asks for (spec: appendix/implementation, execution). The limits
//! themselves are numbers that whoever spends the resource is given.

use core::fmt;

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
