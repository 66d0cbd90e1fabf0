//! Threads that guests have spawned in a store in which threads take turns.

use crate::runtime::FuncAddr;
use alloc::vec::Vec;

/// All of them.
#[derive(Default)]
pub(crate) struct SpawnedThreads {
    /// In the order in which they were spawned.
    pub(crate) list: Vec<SpawnedThread>,
    /// How many have not ended.
    pub(crate) alive: usize,
}

/// One of them.
pub(crate) struct SpawnedThread {
    /// The number of the thread.
    pub(crate) thread: u32,
    /// The time of the instruction that called the host to spawn it.
    pub(crate) time: u64,
    /// The functions that it calls, one after another, and their arguments: `i32` all of them.
    pub(crate) calls: Vec<(FuncAddr, Vec<i32>)>,
}
