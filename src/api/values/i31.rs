//! Unboxed 31-bit integers.

use core::fmt;

/// A 31-bit integer, which guests hold as a reference without an object.
///
/// ```
/// use limpid::I31;
/// assert_eq!(I31::wrapping_i32(-1).get_i32(), -1);
/// assert_eq!(I31::wrapping_i32(-1).get_u32(), 0x7fff_ffff);
/// assert_eq!(I31::new_u32(1 << 31), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct I31(u32);

impl I31 {
    /// Makes one from an unsigned number, if that fits in 31 bits.
    pub fn new_u32(value: u32) -> Option<I31> {
        (value >> 31 == 0).then_some(I31(value))
    }

    /// Makes one from a signed number, if that fits in 31 bits.
    pub fn new_i32(value: i32) -> Option<I31> {
        let number = I31::wrapping_i32(value);
        (number.get_i32() == value).then_some(number)
    }

    /// Makes one from an unsigned number, dropping its top bit.
    pub fn wrapping_u32(value: u32) -> I31 {
        I31(value & 0x7fff_ffff)
    }

    /// Makes one from a signed number, dropping its top bit.
    pub fn wrapping_i32(value: i32) -> I31 {
        I31::wrapping_u32(value as u32)
    }

    /// Returns the number, zero-extended.
    pub fn get_u32(&self) -> u32 {
        self.0
    }

    /// Returns the number, sign-extended.
    pub fn get_i32(&self) -> i32 {
        (self.0 << 1) as i32 >> 1
    }
}

impl fmt::Debug for I31 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I31({})", self.0)
    }
}
