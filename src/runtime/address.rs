//! Addresses in a store (spec: exec/runtime, addresses), and the form of references in cells.

macro_rules! addresses {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(pub u32);

        impl $name {
            /// The address as a position in the store's list.
            #[inline(always)]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

addresses! {
    /// A function of the store.
    FuncAddr
    /// A table of the store.
    TableAddr
    /// A memory of the store.
    MemAddr
    /// A global of the store.
    GlobalAddr
    /// A tag of the store.
    TagAddr
    /// An element segment of the store.
    ElemAddr
    /// A data segment of the store.
    DataAddr
    /// An instance of the store.
    InstAddr
    /// A host function of the store.
    HostAddr
}

/// A reference in a cell, a table or a field: 0 is null.
///
/// Which of the forms a reference has follows from the hierarchy of its static type: a function
/// reference is an address plus one; `i31` has its low bit set; everything else (structs, arrays,
/// exceptions, wrapped host values) is a handle of the heap, shifted left by one, never 0. The
/// `any` and `extern` hierarchies share handles, so their conversions are the identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Reference(pub u32);

impl Reference {
    /// The null reference of every hierarchy.
    pub const NULL: Reference = Reference(0);

    /// Returns whether it is null.
    #[inline(always)]
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// A reference to a function.
    #[inline(always)]
    pub const fn func(addr: FuncAddr) -> Reference {
        Reference(addr.0 + 1)
    }

    /// The function referred to; `None` for null.
    #[inline(always)]
    pub const fn as_func(self) -> Option<FuncAddr> {
        match self.0.checked_sub(1) {
            Some(addr) => Some(FuncAddr(addr)),
            None => None,
        }
    }

    /// An unboxed 31-bit integer; the top bit of `value` is lost.
    #[inline(always)]
    pub const fn i31(value: u32) -> Reference {
        Reference(value << 1 | 1)
    }

    /// The 31 bits, zero-extended, if it is an `i31`.
    #[inline(always)]
    pub const fn as_i31(self) -> Option<u32> {
        if self.0 & 1 == 1 {
            Some(self.0 >> 1)
        } else {
            None
        }
    }

    /// A reference to the heap object with that handle (1 to 2^31 - 1).
    #[inline(always)]
    pub const fn object(handle: u32) -> Reference {
        Reference(handle << 1)
    }

    /// The handle of a heap object; `None` for null and `i31`.
    #[inline(always)]
    pub const fn as_object(self) -> Option<u32> {
        if self.0 & 1 == 0 && self.0 != 0 {
            Some(self.0 >> 1)
        } else {
            None
        }
    }

    /// The cell that holds it.
    #[inline(always)]
    pub const fn to_cell(self) -> u64 {
        self.0 as u64
    }

    /// The reference in a cell.
    #[inline(always)]
    pub const fn from_cell(cell: u64) -> Reference {
        Reference(cell as u32)
    }
}
