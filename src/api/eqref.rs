//! References that can be compared.

use super::anyref::{kind_of, narrowing};
use super::arrayref::ArrayRef;
use super::context::{AsContext, AsContextMut};
use super::error::{Fault, Result};
use super::i31::I31;
use super::rooted::{Rooted, gc_refs};
use super::structref::StructRef;
use super::types::HeapType;
use super::types_extern::space_for;
use crate::runtime::Reference;
use crate::runtime::heap::ObjectKind;
use crate::syntax;

gc_refs! {
    /// A reference of the `eq` type: `i31`, a struct or an array.
    EqRef
}

narrowing!(EqRef);
