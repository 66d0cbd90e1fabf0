//! References to values of the host.

use crate::api::error::Result;
use crate::api::store::context::{AsContextMut, StoreContext, StoreContextMut};
use crate::api::values::anyref::AnyRef;
use crate::api::values::rooted::{Rooted, gc_refs};
use crate::runtime::heap::ObjectKind;
use core::any::Any;

gc_refs! {
    /// A reference to a value of the host, which guests can hold and pass but not look into.
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
    /// A reference to a value, which is dropped when nothing refers to it any more.
    ///
    /// # Errors
    /// [`Trap::HeapExhausted`](crate::Trap::HeapExhausted); the value is in the error's
    /// [`GcHeapOutOfMemory`](crate::GcHeapOutOfMemory).
    pub fn new<T>(mut store: impl AsContextMut, value: T) -> Result<Rooted<ExternRef>>
    where
        T: 'static + Any + Send + Sync,
    {
        let core = &mut store.as_context_mut().0.core;
        let reference = core.wrap_host(value)?;
        Ok(core.root(reference))
    }

    /// The same as [`ExternRef::new`].
    ///
    /// # Errors
    /// As [`ExternRef::new`].
    pub async fn new_async<T>(store: impl AsContextMut, value: T) -> Result<Rooted<ExternRef>>
    where
        T: 'static + Any + Send + Sync,
    {
        ExternRef::new(store, value)
    }

    /// An `anyref` seen as an `externref` (`extern.convert_any`).
    ///
    /// # Errors
    /// [`Fault::StaleRoot`](crate::Fault::StaleRoot).
    pub fn convert_any(
        mut context: impl AsContextMut,
        anyref: Rooted<AnyRef>,
    ) -> Result<Rooted<ExternRef>> {
        let core = &mut context.as_context_mut().0.core;
        let reference = core.refer(&*anyref)?;
        Ok(core.root(reference))
    }

    /// The value; `None` when it is an `anyref` seen as an `externref`.
    ///
    /// # Errors
    /// [`Fault::StaleRoot`](crate::Fault::StaleRoot).
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

    /// The value, to be changed.
    ///
    /// # Errors
    /// [`Fault::StaleRoot`](crate::Fault::StaleRoot).
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
