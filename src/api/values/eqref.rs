//! References that can be compared.

use crate::api::error::{Fault, Result};
use crate::api::store::context::{AsContext, AsContextMut};
use crate::api::types::HeapType;
use crate::api::types::externs::space_for;
use crate::api::values::anyref::{kind_of, narrowing};
use crate::api::values::arrayref::ArrayRef;
use crate::api::values::i31::I31;
use crate::api::values::rooted::{Rooted, gc_refs};
use crate::api::values::structref::StructRef;
use crate::runtime::Reference;
use crate::runtime::heap::ObjectKind;
use crate::syntax;

gc_refs! {
    /// A reference of the `eq` type: an `i31`, a struct or an array.
    ///
    /// ```
    /// use limpid::{EqRef, Engine, I31, Rooted, Store};
    /// let mut store = Store::new(&Engine::default(), ());
    /// let a = EqRef::from_i31(&mut store, I31::wrapping_u32(42));
    /// let b = EqRef::from_i31(&mut store, I31::wrapping_u32(42));
    /// assert!(a.is_i31(&store)? && Rooted::ref_eq(&store, &a, &b)?);
    /// # Ok::<(), limpid::Error>(())
    /// ```
    EqRef
}

narrowing!(EqRef);
