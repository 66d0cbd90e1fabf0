//! References that the embedder holds: an index with a generation, so that a stale one is an error
//! and never another object.

use crate::api::error::{Error, Fault, Result};
use crate::api::store::core::Core;
use crate::api::store::identity::StoreId;
use crate::runtime::Reference;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

/// Where a rooted reference is kept.
#[doc(hidden)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RootIndex {
    store: StoreId,
    place: u32,
    list: List,
    /// The generation of the place: no other reference that was ever kept in it has the same.
    generation: u64,
}

/// The list that keeps a reference.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum List {
    Scoped,
    Owned,
}

/// A type of garbage-collected reference: [`ExternRef`](crate::ExternRef),
/// [`AnyRef`](crate::AnyRef) and the like.
pub trait GcRef: Copy + sealed::Sealed {
    #[doc(hidden)]
    fn from_root(root: RootIndex) -> Self;
    #[doc(hidden)]
    fn root_index(&self) -> RootIndex;
}

pub(crate) mod sealed {
    /// Seals `GcRef`: only this crate's references are kept in stores.
    pub trait Sealed {}
}

/// What a store knows of its roots besides the references themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct RootBook {
    /// Generation of each scoped root.
    generations: Vec<u64>,
    /// The current generation of scopes; grows when a scope closes.
    generation: u64,
    /// Each place of an owned root.
    owners: Vec<Owner>,
    /// The generation of the owned root made last.
    owned: u64,
    free: Vec<u32>,
    /// Length of `owners` at which to look for free places.
    sweep_at: usize,
}

/// A place of an owned root.
#[derive(Clone, Debug)]
struct Owner {
    /// Shared by the owners of the root; the place is free when nobody holds it.
    alive: Weak<()>,
    /// The generation of the root.
    generation: u64,
}

impl Core {
    /// Keeps a reference until the innermost scope ends.
    pub(crate) fn scoped(&mut self, reference: Reference) -> RootIndex {
        let place = self.state.roots.scoped.len() as u32;
        let generation = self.book.generation;
        self.state.roots.scoped.push(reference);
        self.book.generations.push(generation);
        RootIndex {
            store: self.identity.id(),
            place,
            list: List::Scoped,
            generation,
        }
    }

    /// Keeps a reference until nobody holds it.
    pub(crate) fn own(&mut self, reference: Reference) -> (RootIndex, Arc<()>) {
        if self.book.owners.len() >= self.book.sweep_at && self.book.free.is_empty() {
            self.free_owned();
        }
        let alive = Arc::new(());
        self.book.owned += 1;
        let generation = self.book.owned;
        let owner = Owner {
            alive: Arc::downgrade(&alive),
            generation,
        };
        let place = match self.book.free.pop() {
            Some(place) => {
                self.state.roots.owned[place as usize] = reference;
                self.book.owners[place as usize] = owner;
                place
            }
            None => {
                self.state.roots.owned.push(reference);
                self.book.owners.push(owner);
                self.book.owners.len() as u32 - 1
            }
        };
        let root = RootIndex {
            store: self.identity.id(),
            place,
            list: List::Owned,
            generation,
        };
        (root, alive)
    }

    /// Gives up the owned roots that nobody holds.
    pub(crate) fn free_owned(&mut self) {
        self.book.free.clear();
        for (place, owner) in self.book.owners.iter().enumerate() {
            if owner.alive.strong_count() == 0 {
                self.state.roots.owned[place] = Reference::NULL;
                self.book.free.push(place as u32);
            }
        }
        let live = self.book.owners.len() - self.book.free.len();
        self.book.sweep_at = (2 * live).max(64);
    }

    /// Ends the scoped roots past a length.
    pub(crate) fn close_scope(&mut self, start: usize) {
        if self.state.roots.scoped.len() > start {
            self.state.roots.scoped.truncate(start);
            self.book.generations.truncate(start);
            self.book.generation += 1;
        }
    }

    /// Returns the reference that a root holds.
    ///
    /// # Errors
    /// [`Fault::StaleRoot`] when its scope ended or its last owner is gone;
    /// [`Fault::WrongStore`], [`Fault::StaleHandle`].
    pub(crate) fn refer(&self, gc: &impl GcRef) -> Result<Reference> {
        let root = gc.root_index();
        self.check(root.store)?;
        let place = root.place as usize;
        let found = match root.list {
            List::Scoped => {
                let generation = self.book.generations.get(place);
                generation
                    .is_some_and(|&generation| generation == root.generation)
                    .then(|| self.state.roots.scoped[place])
            }
            List::Owned => {
                let owner = self.book.owners.get(place);
                owner
                    .filter(|owner| owner.generation == root.generation)
                    .filter(|owner| owner.alive.strong_count() > 0)
                    .map(|_| self.state.roots.owned[place])
            }
        };
        found.ok_or_else(|| Fault::StaleRoot.into())
    }

    /// Returns the reference that a root holds.
    ///
    /// # Panics
    /// When its scope ended, or it is of another store.
    pub(crate) fn resolve(&self, gc: &impl GcRef) -> Reference {
        match self.refer(gc) {
            Ok(reference) => reference,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the reference that a root holds, as a handle of the heap.
    ///
    /// # Errors
    /// Returns the same errors as [`Core::refer`].
    pub(crate) fn handle(&self, of: &impl GcRef) -> Result<u32> {
        let reference = self.refer(of)?;
        reference
            .as_object()
            .ok_or_else(|| Error::from(Fault::TypeMismatch))
    }
}
