//! References to values of the host.

use super::rooted::gc_refs;

gc_refs! {
    /// A reference to a value of the host.
    ExternRef
}
