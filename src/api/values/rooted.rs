//! References to garbage-collected objects in the embedder's hands, and their scopes.

use crate::api::error::Result;
use crate::api::store::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::api::store::core::Core;
use crate::api::store::roots::{GcRef, RootIndex};
use crate::runtime::Reference;
use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

macro_rules! gc_refs {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            root: $crate::api::store::roots::RootIndex,
        }

        impl $crate::api::store::roots::sealed::Sealed for $name {}

        impl $crate::api::store::roots::GcRef for $name {
            fn from_root(root: $crate::api::store::roots::RootIndex) -> Self {
                $name { root }
            }

            fn root_index(&self) -> $crate::api::store::roots::RootIndex {
                self.root
            }
        }
    )*};
}
pub(crate) use gc_refs;

/// A reference that is kept alive until its scope ends: the host call it was made in, a
/// [`RootScope`], or the life of the store.
///
/// ```
/// use limpid::{AsContextMut, Engine, ExternRef, Fault, RootScope, Store};
/// let mut store = Store::new(&Engine::default(), ());
/// let mut scope = RootScope::new(&mut store);
/// let reference = ExternRef::new(&mut scope, 42)?;
/// let owned = reference.to_owned_rooted(&mut scope)?;
/// drop(scope);
/// let error = reference.data(&store).expect_err("its scope has ended");
/// assert_eq!(error.downcast_ref::<Fault>(), Some(&Fault::StaleRoot));
/// let value = owned.data(&store)?.and_then(|value| value.downcast_ref::<i32>());
/// assert_eq!(value, Some(&42));
/// # Ok::<(), limpid::Error>(())
/// ```
pub struct Rooted<T: GcRef> {
    inner: T,
}

/// A reference that is kept alive until its last clone is dropped.
///
/// ```
/// use limpid::{Engine, ExternRef, OwnedRooted, Store};
/// let mut store = Store::new(&Engine::default(), ());
/// let reference = ExternRef::new(&mut store, "kept")?;
/// let (a, b) = (reference.to_owned_rooted(&mut store)?, reference.to_owned_rooted(&mut store)?);
/// assert!(OwnedRooted::ref_eq(&store, &a, &b)?);
/// let rooted = a.to_rooted(&mut store);
/// assert!(rooted.data(&store)?.is_some());
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone)]
pub struct OwnedRooted<T: GcRef> {
    inner: T,
    alive: Arc<()>,
}

/// Another name of [`OwnedRooted`], which earlier versions of wasmtime used.
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

    /// Returns the same reference as another type of reference.
    pub(crate) fn retype<U: GcRef>(self) -> Rooted<U> {
        Rooted::from_root(self.inner.root_index())
    }

    /// Returns an owned root of the same object, which keeps it alive past this scope.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn to_owned_rooted(&self, mut store: impl AsContextMut) -> Result<OwnedRooted<T>> {
        let core = &mut store.as_context_mut().0.core;
        let reference = core.refer(&self.inner)?;
        Ok(core.own_typed(reference))
    }

    /// Returns whether both are the same root, without looking at what it refers to.
    pub fn rooted_eq(a: Self, b: Self) -> bool {
        a.inner.root_index() == b.inner.root_index()
    }

    /// Returns whether both refer to the same object.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when one of them is used after its
    /// scope has ended.
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

    /// Hashes the identity of the object referred to.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
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

    /// Returns a root of the same object in the innermost scope.
    pub fn to_rooted(&self, mut store: impl AsContextMut) -> Rooted<T> {
        let core = &mut store.as_context_mut().0.core;
        let reference = core.resolve(&self.inner);
        core.root(reference)
    }

    /// Clones the reference; `clone` does the same without a store.
    pub fn clone_in(&self, _store: impl AsContextMut) -> OwnedRooted<T> {
        self.clone()
    }

    /// Drops the reference; dropping it needs no store.
    pub fn unroot(self, _store: impl AsContextMut) {}

    /// Returns whether both refer to the same object.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when one of them is used after its
    /// scope has ended.
    pub fn ref_eq(
        store: impl AsContext,
        a: &impl Deref<Target = T>,
        b: &impl Deref<Target = T>,
    ) -> Result<bool> {
        Rooted::ref_eq(store, a, b)
    }
}

/// A scope of [`Rooted`] references, which ends those made in it when it is dropped.
pub struct RootScope<C: AsContextMut> {
    store: C,
    start: usize,
}

impl<C: AsContextMut> RootScope<C> {
    /// Opens a scope, which closes when it is dropped.
    pub fn new(store: C) -> RootScope<C> {
        let start = store.as_context().0.core.state.roots.scoped.len();
        RootScope { store, start }
    }

    /// Makes room for `additional` references.
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

impl Core {
    /// Keeps a reference until the innermost scope ends.
    pub(crate) fn root<T: GcRef>(&mut self, reference: Reference) -> Rooted<T> {
        Rooted::from_root(self.scoped(reference))
    }

    /// Keeps a reference until nobody holds it.
    pub(crate) fn own_typed<T: GcRef>(&mut self, reference: Reference) -> OwnedRooted<T> {
        let (root, alive) = self.own(reference);
        let inner = T::from_root(root);
        OwnedRooted { inner, alive }
    }
}
