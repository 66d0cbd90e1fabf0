//! References to garbage-collected objects in the embedder's hands: an index with a generation,
//! so that a stale one is an error and never another object.

use crate::api::error::{Fault, Result};
use crate::api::store::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::api::store::core::StoreCore;
use crate::api::store::identity::StoreId;
use crate::runtime::Reference;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

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
    /// Only this crate's references are kept in stores.
    pub trait Sealed {}
}

macro_rules! gc_refs {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            root: $crate::api::values::rooted::RootIndex,
        }

        impl $crate::api::values::rooted::sealed::Sealed for $name {}

        impl $crate::api::values::rooted::GcRef for $name {
            fn from_root(root: $crate::api::values::rooted::RootIndex) -> Self {
                $name { root }
            }

            fn root_index(&self) -> $crate::api::values::rooted::RootIndex {
                self.root
            }
        }
    )*};
}
pub(crate) use gc_refs;

/// A reference kept alive until its scope ends: that of the host call it was made in, of a
/// [`RootScope`], or the store's life.
pub struct Rooted<T: GcRef> {
    inner: T,
}

/// A reference kept alive until the last clone of it is dropped.
#[derive(Clone)]
pub struct OwnedRooted<T: GcRef> {
    inner: T,
    alive: Arc<()>,
}

/// The name of [`OwnedRooted`] in earlier versions of the interface.
pub type ManuallyRooted<T> = OwnedRooted<T>;

impl<T: GcRef> Clone for Rooted<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: GcRef> Copy for Rooted<T> {}

impl<T: GcRef> fmt::Debug for Rooted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rooted")
            .field(&self.inner.root_index())
            .finish()
    }
}

impl<T: GcRef> fmt::Debug for OwnedRooted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedRooted")
            .field(&self.inner.root_index())
            .finish()
    }
}

impl<T: GcRef> Deref for Rooted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: GcRef> Deref for OwnedRooted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: GcRef> Rooted<T> {
    pub(crate) fn from_root(root: RootIndex) -> Rooted<T> {
        Rooted {
            inner: T::from_root(root),
        }
    }

    /// The same reference, known as another type of reference.
    pub(crate) fn retype<U: GcRef>(self) -> Rooted<U> {
        Rooted::from_root(self.inner.root_index())
    }

    /// The same reference, kept alive by what is returned.
    ///
    /// # Errors
    /// [`Fault::StaleRoot`] when its scope ended.
    pub fn to_owned_rooted(&self, mut store: impl AsContextMut) -> Result<OwnedRooted<T>> {
        let core = &mut store.as_context_mut().0.core;
        let reference = core.refer(&self.inner)?;
        Ok(core.own_typed(reference))
    }

    /// Whether both are the same root, without looking at what it refers to.
    pub fn rooted_eq(a: Self, b: Self) -> bool {
        a.inner.root_index() == b.inner.root_index()
    }

    /// Whether both refer to the same object.
    ///
    /// # Errors
    /// [`Fault::StaleRoot`] when the scope of one ended.
    pub fn ref_eq(
        store: impl AsContext,
        a: &impl Deref<Target = T>,
        b: &impl Deref<Target = T>,
    ) -> Result<bool> {
        let core = &store.as_context().0.core;
        Ok(core.refer(&**a)? == core.refer(&**b)?)
    }

    /// Hashes the root, without looking at what it refers to.
    pub fn rooted_hash<H: Hasher>(&self, state: &mut H) {
        self.inner.root_index().hash(state);
    }

    /// Hashes the identity of what is referred to.
    ///
    /// # Errors
    /// [`Fault::StaleRoot`] when its scope ended.
    pub fn ref_hash<H: Hasher>(&self, store: impl AsContext, state: &mut H) -> Result<()> {
        store.as_context().0.core.refer(&self.inner)?.hash(state);
        Ok(())
    }
}

impl<T: GcRef> OwnedRooted<T> {
    pub(crate) fn retype<U: GcRef>(self) -> OwnedRooted<U> {
        OwnedRooted {
            inner: U::from_root(self.inner.root_index()),
            alive: self.alive,
        }
    }

    /// The same reference, kept alive until the innermost scope ends.
    pub fn to_rooted(&self, mut store: impl AsContextMut) -> Rooted<T> {
        let core = &mut store.as_context_mut().0.core;
        let reference = core.resolve(&self.inner);
        core.root(reference)
    }

    /// The same as `clone`, which needs no store.
    pub fn clone_in(&self, _store: impl AsContextMut) -> OwnedRooted<T> {
        self.clone()
    }

    /// The same as dropping it, which needs no store.
    pub fn unroot(self, _store: impl AsContextMut) {}

    /// Whether both refer to the same object.
    ///
    /// # Errors
    /// [`Fault::StaleRoot`] when the scope of one ended.
    pub fn ref_eq(
        store: impl AsContext,
        a: &impl Deref<Target = T>,
        b: &impl Deref<Target = T>,
    ) -> Result<bool> {
        Rooted::ref_eq(store, a, b)
    }
}

/// A scope of [`Rooted`] references: those made in it end with it.
pub struct RootScope<C: AsContextMut> {
    store: C,
    start: usize,
}

impl<C: AsContextMut> RootScope<C> {
    /// Opens a scope; dropping it closes it.
    pub fn new(store: C) -> RootScope<C> {
        let start = store.as_context().0.core.state.roots.scoped.len();
        RootScope { store, start }
    }

    /// Makes room for that many references.
    pub fn reserve(&mut self, additional: usize) {
        let core = &mut self.store.as_context_mut().0.core;
        core.state.roots.scoped.reserve(additional);
    }
}

impl<C: AsContextMut> Drop for RootScope<C> {
    fn drop(&mut self) {
        self.store.as_context_mut().0.core.close_scope(self.start);
    }
}

impl<C: AsContextMut> AsContext for RootScope<C> {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        self.store.as_context()
    }
}

impl<C: AsContextMut> AsContextMut for RootScope<C> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        self.store.as_context_mut()
    }
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
    /// Who holds the root; the place is free when nobody does.
    alive: Weak<()>,
    /// The generation of the root.
    generation: u64,
}

impl StoreCore {
    /// Keeps a reference until the innermost scope ends.
    pub(crate) fn root<T: GcRef>(&mut self, reference: Reference) -> Rooted<T> {
        let place = self.state.roots.scoped.len() as u32;
        let generation = self.book.generation;
        self.state.roots.scoped.push(reference);
        self.book.generations.push(generation);
        Rooted::from_root(RootIndex {
            store: self.identity.id(),
            place,
            list: List::Scoped,
            generation,
        })
    }

    /// Keeps a reference until nobody holds it.
    fn own(&mut self, reference: Reference) -> (RootIndex, Arc<()>) {
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

    /// The same, as a typed reference.
    pub(crate) fn own_typed<T: GcRef>(&mut self, reference: Reference) -> OwnedRooted<T> {
        let (root, alive) = self.own(reference);
        let inner = T::from_root(root);
        OwnedRooted { inner, alive }
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

    /// What a root refers to.
    ///
    /// # Errors
    /// [`Fault::StaleRoot`] when its scope ended or its last owner is gone;
    /// [`Fault::WrongStore`].
    pub(crate) fn refer(&self, gc: &impl GcRef) -> Result<Reference> {
        let root = gc.root_index();
        if !self.knows(root.store) {
            return Err(Fault::WrongStore.into());
        }
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

    /// What a root refers to.
    ///
    /// # Panics
    /// When its scope ended, or it is of another store.
    pub(crate) fn resolve(&self, gc: &impl GcRef) -> Reference {
        match self.refer(gc) {
            Ok(reference) => reference,
            Err(error) => panic!("{error}"),
        }
    }
}
