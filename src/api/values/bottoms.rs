//! The bottoms of the hierarchies of references: null is what they have, and there is nothing else.
//! A typed function has them as `Option<NoFunc>` and the like.

use crate::api::error::Result;
use crate::api::store::core::Core;
use crate::api::types::RefType;
use crate::api::values::wasm_ty::Refers;
use crate::api::values::{Ref, Val};
use crate::runtime::Reference;
use crate::syntax;
use core::convert::Infallible;

macro_rules! bottoms {
    ($($(#[$doc:meta])* $name:ident $heap:ident $ref_type:ident $ref_:ident $val:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub struct $name {
            never: Infallible,
        }

        impl $name {
            /// Returns null, for use as a typed parameter.
            pub fn null() -> Option<$name> {
                None
            }

            /// Returns null as a [`Ref`].
            pub fn null_ref() -> Ref {
                Ref::$ref_(None)
            }

            /// Returns null as a [`Val`].
            pub fn null_val() -> Val {
                Val::$val(None)
            }
        }

        impl Refers for $name {
            const HEAP: syntax::HeapType = syntax::HeapType::$heap;

            fn heap() -> RefType {
                RefType::$ref_type
            }

            fn of(_: &mut Core, reference: Reference) -> Option<$name> {
                assert!(reference.is_null(), "validated: a bottom has nothing but null");
                None
            }

            fn reference(self, _: &mut Core) -> Result<Reference> {
                match self.never {}
            }
        }
    )*};
}

bottoms! {
    /// The type whose only value is null, in the `func` hierarchy.
    ///
    /// ```
    /// use limpid::{Engine, Func, NoFunc, Store};
    /// let mut store = Store::new(&Engine::default(), ());
    /// let f = Func::wrap(&mut store, |none: Option<NoFunc>| i32::from(none.is_none()));
    /// let f = f.typed::<Option<NoFunc>, i32>(&store)?;
    /// assert_eq!(f.call(&mut store, NoFunc::null())?, 1);
    /// # Ok::<(), limpid::Error>(())
    /// ```
    NoFunc NoFunc NULLFUNCREF Func FuncRef
    /// The type whose only value is null, in the `extern` hierarchy.
    NoExtern NoExtern NULLEXTERNREF Extern ExternRef
    /// The type whose only value is null, in the `any` hierarchy.
    NoneRef None NULLREF Any AnyRef
}
