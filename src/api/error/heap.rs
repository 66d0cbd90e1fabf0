//! The context of an error that says that the heap of a store has no room for an object.

use core::fmt;

/// An object could not be allocated, since the heap of its store is full. The embedder may drop
/// roots, collect with [`Store::gc`](crate::Store::gc), and try again. Find it with
/// [`Error::downcast`](crate::Error::downcast) in errors whose cause is
/// [`Trap::HeapExhausted`](crate::Trap::HeapExhausted).
///
/// `T` is the value that was to be referred to, for [`ExternRef::new`](crate::ExternRef::new); it
/// is `()` for objects of guests.
pub struct GcHeapOutOfMemory<T> {
    inner: T,
}

impl<T> GcHeapOutOfMemory<T> {
    pub(crate) fn new(inner: T) -> GcHeapOutOfMemory<T> {
        GcHeapOutOfMemory { inner }
    }

    /// Returns the value that was to be referred to.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// Returns the value that was to be referred to, and the error without it.
    pub fn take_inner(self) -> (T, GcHeapOutOfMemory<()>) {
        (self.inner, GcHeapOutOfMemory::new(()))
    }
}

impl<T> fmt::Debug for GcHeapOutOfMemory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> fmt::Display for GcHeapOutOfMemory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the heap of the store has no room for the object")
    }
}

impl<T> core::error::Error for GcHeapOutOfMemory<T> {}
