//! References to exceptions.

use super::rooted::gc_refs;

gc_refs! {
    /// A reference to an exception.
    ExnRef
}
