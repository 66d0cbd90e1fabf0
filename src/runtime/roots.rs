//! References that the embedder holds, and so keeps alive.

use super::Reference;
use alloc::vec::Vec;

/// The roots of a store outside of its runs, tables and globals.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// Held until a scope ends, in order.
    pub scoped: Vec<Reference>,
    /// Held until given up; null where free.
    pub owned: Vec<Reference>,
    /// The pending exception.
    pub exception: Option<Reference>,
}

impl Roots {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Reference> + '_ {
        let scoped = self.scoped.iter().copied();
        scoped
            .chain(self.owned.iter().copied())
            .chain(self.exception)
    }
}
