//! Why a store cannot have what it asks for (spec: appendix/implementation, execution). The limits
//! themselves are numbers that are passed to the code that spends the resource.

use crate::syntax::Count;
use core::fmt;

/// Why a memory or a table could not be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutOfMemory {
    /// The host has not that much.
    Host,
    /// It is over a limit of the store, or above what its type can address.
    Limit(Excess),
    /// A shared memory in a build without threads (feature `std`).
    NoThreads,
}

/// More than a limit admits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Excess {
    /// What there would be too much of.
    pub what: Limited,
    /// How much was asked for; a memory can have 2^64 bytes.
    pub wanted: u128,
    /// The limit, where it is known: a limiter of the embedder need not tell.
    pub limit: Option<u128>,
}

/// What is limited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limited {
    /// The bytes of a memory.
    Memory,
    /// The elements of a table.
    Table,
    /// The instances of a store.
    Instances,
    /// The memories of a store.
    Memories,
    /// The tables of a store.
    Tables,
}

impl OutOfMemory {
    /// The error of asking for `wanted` where there is a limit.
    pub fn over(what: Limited, wanted: impl Into<u128>, limit: impl Into<u128>) -> OutOfMemory {
        let (wanted, limit) = (wanted.into(), Some(limit.into()));
        OutOfMemory::Limit(Excess {
            what,
            wanted,
            limit,
        })
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, what) = match self.what {
            Limited::Memory => ("byte", "memory"),
            Limited::Table => ("element", "table"),
            Limited::Instances => ("instance", ""),
            Limited::Memories => ("memory", ""),
            Limited::Tables => ("table", ""),
        };
        let wanted = Count(self.wanted, one);
        match (what, self.wanted) {
            ("", 1) => write!(f, "{wanted} is more than the store may hold")?,
            ("", _) => write!(f, "{wanted} are more than the store may hold")?,
            (what, _) => write!(f, "a {what} of {wanted} is larger than allowed")?,
        }
        match (what, self.limit) {
            ("", Some(limit)) => write!(f, " (the limit is {limit})"),
            (_, Some(limit)) => write!(f, " (the limit is {})", Count(limit, one)),
            (_, None) => f.write_str(" (the store's limiter refused it)"),
        }
    }
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutOfMemory::Host => f.write_str("out of memory"),
            OutOfMemory::Limit(excess) => excess.fmt(f),
            OutOfMemory::NoThreads => f.write_str("shared memories need threads"),
        }
    }
}

impl core::error::Error for OutOfMemory {}
