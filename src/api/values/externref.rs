//! References to values of the host.

use crate::api::error::Result;
use crate::api::store::context::{AsContextMut, StoreContext, StoreContextMut};
use crate::api::values::anyref::AnyRef;
use crate::api::values::rooted::{Rooted, gc_refs};
use crate::runtime::heap::ObjectKind;
use core::any::Any;

gc_refs! {
    /// A reference to a value of the host, which guests can hold and pass on but not look into.
    ///
    /// ```
    /// use limpid::{Engine, ExternRef, Store};
    /// let mut store = Store::new(&Engine::default(), ());
    /// let reference = ExternRef::new(&mut store, "kept by the store".to_string())?;
    /// let value = reference.data(&store)?.and_then(|value| value.downcast_ref::<String>());
    /// assert_eq!(value.map(String::as_str), Some("kept by the store"));
    /// # Ok::<(), limpid::Error>(())
    /// ```
    ExternRef
}

impl ExternRef {
    /// Makes a reference to a value, which is dropped when nothing refers to it any more.
    ///
    /// # Errors
    /// Returns [`Trap::HeapExhausted`](crate::Trap::HeapExhausted) when the heap is full; the
    /// error's [`GcHeapOutOfMemory`](crate::GcHeapOutOfMemory) holds the value.
    pub fn new<T>(mut store: impl AsContextMut, value: T) -> Result<Rooted<ExternRef>>
    where
        T: 'static + Any + Send + Sync,
    {
        let core = &mut store.as_context_mut().0.core;
        let reference = core.wrap_host(value)?;
        Ok(core.root(reference))
    }

    /// Makes a reference to a value, as [`ExternRef::new`] does.
    ///
    /// # Errors
    /// Returns the same errors as [`ExternRef::new`].
    pub async fn new_async<T>(store: impl AsContextMut, value: T) -> Result<Rooted<ExternRef>>
    where
        T: 'static + Any + Send + Sync,
    {
        ExternRef::new(store, value)
    }

    /// Converts an `anyref` to an `externref`, as `extern.convert_any` does.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn convert_any(
        mut context: impl AsContextMut,
        anyref: Rooted<AnyRef>,
    ) -> Result<Rooted<ExternRef>> {
        let core = &mut context.as_context_mut().0.core;
        let reference = core.refer(&*anyref)?;
        Ok(core.root(reference))
    }

    /// Returns the value; `None` when this is an `anyref` converted to an `externref`.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn data<'a, T>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Result<Option<&'a (dyn Any + Send + Sync)>>
    where
        T: 'static,
    {
        let core = &store.into().0.core;
        let reference = core.refer(self)?;
        let kind = reference
            .as_object()
            .and_then(|handle| core.state.heap.kind(handle));
        Ok(match kind {
            Some(ObjectKind::Host(number)) => core.host_values.get(number).map(|value| &**value),
            _ => None, // Everything else is a guest's.
        })
    }

    /// Returns the value, for changing it; `None` as for [`ExternRef::data`].
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn data_mut<'a, T>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut (dyn Any + Send + Sync)>>
    where
        T: 'static,
    {
        let core = &mut store.into().0.core;
        let reference = core.refer(self)?;
        let kind = reference
            .as_object()
            .and_then(|handle| core.state.heap.kind(handle));
        Ok(match kind {
            Some(ObjectKind::Host(number)) => {
                core.host_values.get_mut(number).map(|value| &mut **value)
            }
            _ => None, // Everything else is a guest's.
        })
    }
}
