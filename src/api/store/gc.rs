//! Allocation and collection on behalf of the embedder, and the host values that guests hold.

use crate::api::error::{Error, Fault, GcHeapOutOfMemory, Result};
use crate::api::store::core::Core;
use crate::exec::roots::{collect, guests};
use crate::runtime::heap::HeapFull;
use crate::runtime::{Heap, Reference};
use crate::syntax::TypeSpace;
use crate::trap::Trap;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::any::Any;

/// A value of the host that guests hold.
pub(crate) type HostValue = Box<dyn Any + Send + Sync>;

/// The values of the host that guests hold, by number.
#[derive(Default)]
pub(crate) struct HostValues {
    values: Vec<Option<HostValue>>,
    free: Vec<u32>,
}

impl HostValues {
    pub(crate) fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }

    pub(crate) fn get(&self, number: u32) -> Option<&HostValue> {
        self.values.get(number as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut HostValue> {
        self.values.get_mut(number as usize)?.as_mut()
    }

    /// A number for a value to come.
    fn reserve(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.values.push(None);
            self.values.len() as u32 - 1
        })
    }

    fn take(&mut self, number: u32) -> Option<HostValue> {
        self.free.push(number);
        self.values[number as usize].take()
    }
}

impl Core {
    /// Allocates, after a collection where one is due.
    ///
    /// # Errors
    /// [`Trap::HeapExhausted`](crate::Trap::HeapExhausted).
    pub(crate) fn allocate_object(
        &mut self,
        make: impl Fn(&mut Heap, &TypeSpace) -> Result<u32, HeapFull>,
    ) -> Result<Reference> {
        let allocated = self.try_allocate(make);
        allocated.map_err(|trap| full(trap, ()))
    }

    fn try_allocate(
        &mut self,
        make: impl Fn(&mut Heap, &TypeSpace) -> Result<u32, HeapFull>,
    ) -> Result<Reference, Trap> {
        loop {
            match make(&mut self.state.heap, &self.state.types) {
                Ok(handle) => return Ok(Reference::object(handle)),
                Err(full) => match full.trap() {
                    Some(trap) => return Err(trap),
                    None => self.collect(),
                },
            }
        }
    }

    /// A reference to a value of the host.
    ///
    /// # Errors
    /// [`Trap::HeapExhausted`], with a [`GcHeapOutOfMemory`] that holds the value.
    pub(crate) fn wrap_host<V: Any + Send + Sync>(&mut self, value: V) -> Result<Reference> {
        // The value is added last: a collection runs the embedder's code, which may panic.
        let number = self.host_values.reserve();
        match self.try_allocate(|heap, _| heap.alloc_host(number)) {
            Ok(wrapped) => {
                self.host_values.values[number as usize] = Some(Box::new(value));
                Ok(wrapped)
            }
            Err(trap) => {
                self.host_values.free.push(number);
                Err(full(trap, value))
            }
        }
    }

    /// Collects garbage because the embedder asks for it: what the guest drops before it allocates
    /// is worth another collection.
    pub(crate) fn gc(&mut self) {
        self.collect();
        self.state.heap.outdate();
    }

    /// Collects garbage: what neither the state, nor a run, nor the embedder refers to.
    #[cold]
    #[inline(never)]
    pub(crate) fn collect(&mut self) {
        self.free_owned();
        let runs = self.active.iter().chain(self.suspended.iter());
        let dead = collect(&self.instances, &mut self.state, runs);
        self.drop_hosts(dead);
    }

    /// Drops values of the host whose wrappers are gone.
    pub(crate) fn drop_hosts(&mut self, dead: Vec<u32>) {
        // Dropping runs the embedder's code, so it comes when the books are right again.
        let values: Vec<_> = dead.into_iter().map(|n| self.host_values.take(n)).collect();
        drop(values);
    }
}

/// The error of an object that cannot be allocated.
fn full<V: Send + Sync + 'static>(trap: Trap, value: V) -> Error {
    let error = Error::from(trap);
    match trap {
        Trap::HeapExhausted => error.context(GcHeapOutOfMemory::new(value)),
        _ => error, // An array past any limit: no collection would help.
    }
}

impl Core {
    /// The error of a store that cannot be copied for its values of the host: it says who holds
    /// one.
    pub(crate) fn host_values_held(&mut self) -> Error {
        let (guests, roots, heap) = guests(&mut self.state);
        let runs = self.active.iter().chain(self.suspended.iter());
        if heap.reaches_host(|visit| guests.visit(&self.instances, runs, visit)) {
            return Fault::HostValues.into();
        }
        let owned = roots.owned.iter().copied();
        let scoped = roots.scoped.iter().copied();
        let holder = if heap.reaches_host(|visit| owned.for_each(visit)) {
            "an `OwnedRooted` of the embedder"
        } else if heap.reaches_host(|visit| scoped.for_each(visit)) {
            "a `Rooted` of the embedder"
        } else {
            "the pending exception"
        };
        let text = format!("the store cannot be copied: {holder} holds values of the host");
        Fault::HostValues.because(text)
    }
}
