//! Numbers as they are in cells of 64 bits.

use super::{F32, F64};
use crate::trap::Trap;

/// A number as it is in a cell: 32-bit numbers are zero-extended.
pub trait Scalar: Copy {
    /// From a cell.
    fn from_cell(cell: u64) -> Self;
    /// Converts the value to a cell.
    fn to_cell(self) -> u64;
}

macro_rules! scalars {
    ($($ty:ty, |$cell:ident| $from:expr, |$value:ident| $to:expr;)*) => {$(
        impl Scalar for $ty {
            #[inline(always)]
            fn from_cell($cell: u64) -> $ty {
                $from
            }
            #[inline(always)]
            fn to_cell(self) -> u64 {
                let $value = self;
                $to
            }
        }
    )*};
}
scalars! {
    u32, |cell| cell as u32, |value| u64::from(value);
    u64, |cell| cell, |value| value;
    F32, |cell| F32(cell as u32), |value| u64::from(value.0);
    F64, |cell| F64(cell), |value| value.0;
}

/// What a numeric function returns: a value, or a value or a trap.
pub trait Outcome {
    /// The value's type.
    type Value: Scalar;
    /// Converts the value to a cell, or passes the trap on.
    fn outcome(self) -> Result<u64, Trap>;
}

impl<T: Scalar> Outcome for T {
    type Value = T;
    #[inline(always)]
    fn outcome(self) -> Result<u64, Trap> {
        Ok(self.to_cell())
    }
}

impl<T: Scalar> Outcome for Result<T, Trap> {
    type Value = T;
    #[inline(always)]
    fn outcome(self) -> Result<u64, Trap> {
        self.map(Scalar::to_cell)
    }
}
