//! References to structs, arrays and what can be compared.

use super::rooted::gc_refs;

gc_refs! {
    /// A reference of the `eq` type: `i31`, a struct or an array.
    EqRef
    /// A reference to a struct.
    StructRef
    /// A reference to an array.
    ArrayRef
}
