//! References of the `any` hierarchy.

use crate::api::error::{Fault, Result};
use crate::api::store::context::{AsContext, AsContextMut};
use crate::api::types::HeapType;
use crate::api::types::externs::space_for;
use crate::api::values::arrayref::ArrayRef;
use crate::api::values::eqref::EqRef;
use crate::api::values::externref::ExternRef;
use crate::api::values::i31::I31;
use crate::api::values::rooted::{OwnedRooted, Rooted, gc_refs};
use crate::api::values::structref::StructRef;
use crate::runtime::Reference;
use crate::runtime::heap::ObjectKind;
use crate::syntax;

gc_refs! {
    /// A reference of the `any` type: an `i31`, a struct, an array, or a host value converted to
    /// one.
    ///
    /// ```
    /// use limpid::{AnyRef, Engine, I31, Store};
    /// let mut store = Store::new(&Engine::default(), ());
    /// let any = AnyRef::from_i31(&mut store, I31::wrapping_u32(42));
    /// assert!(any.is_i31(&store)? && any.is_eqref(&store)? && !any.is_struct(&store)?);
    /// # Ok::<(), limpid::Error>(())
    /// ```
    AnyRef
}

/// The same methods for the two types of references that may be several things.
macro_rules! narrowing {
    ($name:ident) => {
        impl $name {
            /// Makes an `i31` reference from an integer.
            pub fn from_i31(mut store: impl AsContextMut, value: I31) -> Rooted<Self> {
                let core = &mut store.as_context_mut().0.core;
                core.root(Reference::i31(value.get_u32()))
            }

            /// Returns the type of what it refers to, as precisely as it is known.
            ///
            /// # Errors
            /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used
            /// after its scope has ended.
            pub fn ty(&self, store: impl AsContext) -> Result<HeapType> {
                let core = &store.as_context().0.core;
                let ty = core.heap_type(core.refer(self)?, syntax::HeapType::Any);
                let space = space_for(&core.engine, &core.state.types, [ty]);
                Ok(HeapType::from_syntax(&space, ty))
            }

            /// Returns whether what it refers to is of that type.
            ///
            /// # Errors
            /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used
            /// after its scope has ended.
            pub fn matches_ty(&self, store: impl AsContext, ty: &HeapType) -> Result<bool> {
                Ok(self.ty(store)?.matches(ty))
            }

            /// Returns whether it is an `i31`.
            ///
            /// # Errors
            /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used
            /// after its scope has ended.
            pub fn is_i31(&self, store: impl AsContext) -> Result<bool> {
                Ok(self.as_i31(store)?.is_some())
            }

            /// Returns the integer, if it is an `i31`.
            ///
            /// # Errors
            /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used
            /// after its scope has ended.
            pub fn as_i31(&self, store: impl AsContext) -> Result<Option<I31>> {
                let reference = store.as_context().0.core.refer(self)?;
                Ok(reference.as_i31().map(I31::wrapping_u32))
            }

            /// Returns the integer of an `i31`.
            ///
            /// # Errors
            /// Returns [`Fault::TypeMismatch`](crate::Fault::TypeMismatch) when it refers to
            /// something else, and [`Fault::StaleRoot`](crate::Fault::StaleRoot) when it is used
            /// after its scope has ended.
            pub fn unwrap_i31(&self, store: impl AsContext) -> Result<I31> {
                self.as_i31(store)?
                    .ok_or_else(|| Fault::TypeMismatch.into())
            }

            /// Returns whether it refers to a struct.
            ///
            /// # Errors
            /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used
            /// after its scope has ended.
            pub fn is_struct(&self, store: impl AsContext) -> Result<bool> {
                Ok(self.as_struct(store)?.is_some())
            }

            /// Returns the struct, if it refers to one.
            ///
            /// # Errors
            /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used
            /// after its scope has ended.
            pub fn as_struct(&self, store: impl AsContext) -> Result<Option<Rooted<StructRef>>> {
                let kind = kind_of(&store, self)?;
                Ok(matches!(kind, Some(ObjectKind::Struct(_))).then(|| self.rooted()))
            }

            /// Returns the struct that it refers to.
            ///
            /// # Errors
            /// Returns [`Fault::TypeMismatch`](crate::Fault::TypeMismatch) when it refers to
            /// something else, and [`Fault::StaleRoot`](crate::Fault::StaleRoot) when it is used
            /// after its scope has ended.
            pub fn unwrap_struct(&self, store: impl AsContext) -> Result<Rooted<StructRef>> {
                self.as_struct(store)?
                    .ok_or_else(|| Fault::TypeMismatch.into())
            }

            /// Returns whether it refers to an array.
            ///
            /// # Errors
            /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used
            /// after its scope has ended.
            pub fn is_array(&self, store: impl AsContext) -> Result<bool> {
                Ok(self.as_array(store)?.is_some())
            }

            /// Returns the array, if it refers to one.
            ///
            /// # Errors
            /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used
            /// after its scope has ended.
            pub fn as_array(&self, store: impl AsContext) -> Result<Option<Rooted<ArrayRef>>> {
                let kind = kind_of(&store, self)?;
                Ok(matches!(kind, Some(ObjectKind::Array(_))).then(|| self.rooted()))
            }

            /// Returns the array that it refers to.
            ///
            /// # Errors
            /// Returns [`Fault::TypeMismatch`](crate::Fault::TypeMismatch) when it refers to
            /// something else, and [`Fault::StaleRoot`](crate::Fault::StaleRoot) when it is used
            /// after its scope has ended.
            pub fn unwrap_array(&self, store: impl AsContext) -> Result<Rooted<ArrayRef>> {
                self.as_array(store)?
                    .ok_or_else(|| Fault::TypeMismatch.into())
            }

            /// The same root, known as another type of reference.
            fn rooted<U: $crate::api::store::roots::GcRef>(&self) -> Rooted<U> {
                Rooted::from_root($crate::api::store::roots::GcRef::root_index(self))
            }
        }
    };
}
pub(crate) use narrowing;

narrowing!(AnyRef);

/// Returns the kind of object that a reference refers to, if it refers to one.
pub(crate) fn kind_of(
    store: &impl AsContext,
    of: &impl crate::api::store::roots::GcRef,
) -> Result<Option<ObjectKind>> {
    let core = &store.as_context().0.core;
    let reference = core.refer(of)?;
    Ok(reference
        .as_object()
        .and_then(|handle| core.state.heap.kind(handle)))
}

impl AnyRef {
    /// Converts an `externref` to an `anyref`, as `any.convert_extern` does.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn convert_extern(
        mut store: impl AsContextMut,
        externref: Rooted<ExternRef>,
    ) -> Result<Rooted<AnyRef>> {
        let core = &mut store.as_context_mut().0.core;
        let reference = core.refer(&*externref)?;
        Ok(core.root(reference))
    }

    /// Returns whether it can be compared: an `i31`, a struct or an array.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn is_eqref(&self, store: impl AsContext) -> Result<bool> {
        let kind = kind_of(&store, self)?;
        let object = matches!(kind, Some(ObjectKind::Struct(_) | ObjectKind::Array(_)));
        Ok(object || self.is_i31(store)?)
    }

    /// Returns the reference as an `eqref`, if it is one.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn as_eqref(&self, store: impl AsContextMut) -> Result<Option<Rooted<EqRef>>> {
        Ok(self.is_eqref(store)?.then(|| self.rooted()))
    }

    /// Returns the reference as an `eqref`.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`](crate::Fault::TypeMismatch) when it refers to something
    /// else, and [`Fault::StaleRoot`](crate::Fault::StaleRoot) when it is used after its scope has
    /// ended.
    pub fn unwrap_eqref(&self, store: impl AsContextMut) -> Result<Rooted<EqRef>> {
        self.as_eqref(store)?
            .ok_or_else(|| Fault::TypeMismatch.into())
    }
}

macro_rules! widening {
    ($($from:ident $to:ident $method:ident)*) => {$(
        impl Rooted<$from> {
            /// Returns the same reference with the wider type.
            pub fn $method(self) -> Rooted<$to> {
                self.retype()
            }
        }

        impl OwnedRooted<$from> {
            /// Returns the same reference with the wider type.
            pub fn $method(self) -> OwnedRooted<$to> {
                self.retype()
            }
        }

        impl From<Rooted<$from>> for Rooted<$to> {
            fn from(reference: Rooted<$from>) -> Rooted<$to> {
                reference.retype()
            }
        }

        impl From<OwnedRooted<$from>> for OwnedRooted<$to> {
            fn from(reference: OwnedRooted<$from>) -> OwnedRooted<$to> {
                reference.retype()
            }
        }
    )*};
}

widening! {
    EqRef AnyRef to_anyref
    StructRef AnyRef to_anyref
    StructRef EqRef to_eqref
    ArrayRef AnyRef to_anyref
    ArrayRef EqRef to_eqref
}
