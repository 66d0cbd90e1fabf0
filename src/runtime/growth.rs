//! Growth that somebody outside decides about: the operation stops the run with what it wants,
//! and finds the answer when it is tried again.

use super::{MemAddr, Reference, TableAddr};

/// The state of growth in a store.
#[derive(Clone, Copy, Debug, Default)]
pub struct Growth {
    /// Whether growth is asked about at all.
    pub limited: bool,
    /// What the stopped run wants.
    pub wanted: Option<Wanted>,
    /// The answer: the growth has happened, and this was the old size; or it was refused.
    pub answer: Option<Option<u64>>,
}

/// What wants to grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Wanted {
    /// A memory by `delta` pages.
    Memory { addr: MemAddr, delta: u64 },
    /// A table by `delta` elements that are `init`.
    Table {
        addr: TableAddr,
        delta: u64,
        init: Reference,
    },
}

impl Growth {
    /// The answer to `wanted`, once there is one; asks otherwise.
    pub fn ask(&mut self, wanted: Wanted) -> Option<Option<u64>> {
        let answer = self.answer.take();
        if answer.is_none() {
            self.wanted = Some(wanted);
        }
        answer
    }
}
