//! The `v128` value and its instructions (spec: exec/numerics, and the vector instructions of
//! exec/instructions).
//!
//! Reading order: this file (the value, its lanes, the macro of lane-by-lane instructions, whole
//! vectors), `lanes` (lanes moved), `int` and `float` (lane by lane), `widen` (shapes that change).
//! Knows nothing of memories: an extending load is here as a function of the bytes it loaded.

/// A row `name [lane; count].. (a, b) = e;` becomes one function per name, whose result has in each
/// lane the meaning of the operands' lanes there.
macro_rules! lanewise {
    ($(
        #[$doc:meta]
        $($name:ident [$lane:ident; $n:tt])+ ($($arg:ident),+) = $meaning:expr;
    )+) => {$(
        lanewise!(@row value #[$doc] [$($name $lane $n,)+] ($($arg),+) $meaning);
    )+};
    (@row $kind:ident #[$doc:meta] [$($name:ident $lane:ident $n:tt,)+] $args:tt $e:expr) => {
        $(lanewise!(@fn $kind #[$doc] $name $lane $n $args $e);)+
    };
    (@fn $kind:ident #[$doc:meta] $name:ident $lane:ident $n:tt ($($arg:ident),+) $e:expr) => {
        #[$doc]
        #[inline]
        #[must_use]
        pub fn $name($($arg: V128),+) -> V128 {
            lanewise!(@call $n ($($arg),+) |$($arg: [$lane; $n]),+| {
                core::array::from_fn::<_, $n, _>(|lane| {
                    $(let $arg = $arg[lane];)+
                    lanewise!(@$kind $lane $e)
                })
            })
        }
    };
    (@call 16 $args:tt $lanes:expr) => { lanewise!(@memory $args $lanes) };
    (@call 8 $args:tt $lanes:expr) => { lanewise!(@memory $args $lanes) };
    (@call $n:tt ($($arg:ident),+) $lanes:expr) => { V128::from($lanes($($arg.into()),+)) };
    (@memory ($a:ident) $lanes:expr) => { $a.map_in_memory($lanes) };
    (@memory ($a:ident, $b:ident) $lanes:expr) => { $a.zip_in_memory($b, $lanes) };
    (@value $lane:ident $e:expr) => { $e };
    (@truth $lane:ident $e:expr) => { <$lane as crate::num::vector::Mask>::mask($e) };
}

/// Like `lanewise`, but the result is a boolean, given as a lane of all ones or all zeros.
macro_rules! relation {
    ($(
        #[$doc:meta]
        $($name:ident [$lane:ident; $n:tt])+ ($($arg:ident),+) = $meaning:expr;
    )+) => {$(
        lanewise!(@row truth #[$doc] [$($name $lane $n,)+] ($($arg),+) $meaning);
    )+};
}

mod float;
mod int;
mod lanes;
mod widen;

pub use float::*;
pub use int::*;
pub use lanes::*;
pub use widen::*;

use super::float::{F32, F64};

/// A `v128` value: lane 0 (in memory, byte 0) in the low bits. Equality is of bits.
///
/// `[u8; 16]`, `[i16; 8]`, `[F32; 4]` and so on, lane 0 first, convert from and to it.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Hash)]
pub struct V128(pub u128);

impl V128 {
    /// The vector with these low and high halves.
    #[inline(always)]
    #[must_use]
    pub const fn from_halves(low: u64, high: u64) -> Self {
        Self(low as u128 | (high as u128) << 64)
    }

    /// The low and the high half.
    #[inline(always)]
    #[must_use]
    pub const fn to_halves(self) -> (u64, u64) {
        (self.0 as u64, (self.0 >> 64) as u64)
    }
}

// Lanes of 8 and 16 bits are worked on in memory: of that LLVM makes vector instructions, while a
// `u128` that it has in registers it takes apart lane by lane, at several times the cost. Only a
// call that is not inlined keeps it from seeing through. Wider lanes do as well in registers.
// The bytes live on the caller's stack, so a caller cannot end in a jump: splats, lane access and
// extending loads, which are inlined into such callers, do without.
impl V128 {
    /// `f` of the lanes, out of line.
    #[inline]
    pub(crate) fn map_in_memory<L: View, R: View>(self, f: impl Fn(L) -> R) -> Self {
        #[inline(never)]
        fn apply<L: View, R: View>(a: &[u8; 16], result: &mut [u8; 16], f: impl Fn(L) -> R) {
            f(L::read(a)).write(result);
        }
        let mut result = [0; 16];
        apply(&self.0.to_le_bytes(), &mut result, f);
        Self(u128::from_le_bytes(result))
    }

    /// `f` of the lanes of both vectors, out of line.
    #[inline]
    pub(crate) fn zip_in_memory<L: View, R: View>(
        self,
        other: Self,
        f: impl Fn(L, L) -> R,
    ) -> Self {
        #[inline(never)]
        fn apply<L: View, R: View>(
            a: &[u8; 16],
            b: &[u8; 16],
            result: &mut [u8; 16],
            f: impl Fn(L, L) -> R,
        ) {
            f(L::read(a), L::read(b)).write(result);
        }
        let mut result = [0; 16];
        apply(
            &self.0.to_le_bytes(),
            &other.0.to_le_bytes(),
            &mut result,
            f,
        );
        Self(u128::from_le_bytes(result))
    }
}

/// An array of lanes: a vector seen as of some shape.
pub(crate) trait View {
    /// The lanes in these bytes.
    fn read(bytes: &[u8; 16]) -> Self;
    /// Puts the lanes into these bytes.
    fn write(self, bytes: &mut [u8; 16]);
}

/// A row `lane; count, bits, from bits, to bits;` makes `[lane; count]` a view of a vector.
macro_rules! view {
    ($($lane:ident; $n:literal, $bits:ident, $from:expr, $to:expr;)+) => {$(
        impl View for [$lane; $n] {
            #[inline(always)]
            fn read(bytes: &[u8; 16]) -> Self {
                let (chunks, _) = bytes.as_chunks::<{ 16 / $n }>();
                core::array::from_fn(|lane| $from($bits::from_le_bytes(chunks[lane])))
            }

            #[inline(always)]
            fn write(self, bytes: &mut [u8; 16]) {
                let (chunks, _) = bytes.as_chunks_mut::<{ 16 / $n }>();
                for (chunk, lane) in chunks.iter_mut().zip(self) {
                    *chunk = $bits::to_le_bytes($to(lane));
                }
            }
        }

        impl From<[$lane; $n]> for V128 {
            #[inline(always)]
            fn from(lanes: [$lane; $n]) -> Self {
                let mut bytes = [0; 16];
                lanes.write(&mut bytes);
                Self(u128::from_le_bytes(bytes))
            }
        }

        impl From<V128> for [$lane; $n] {
            #[inline(always)]
            fn from(vector: V128) -> Self {
                Self::read(&vector.0.to_le_bytes())
            }
        }
    )+};
}

/// Returns a bare integer lane, which is its own bits.
#[inline(always)]
fn same<T>(lane: T) -> T {
    lane
}

view! {
    u8; 16, u8, same, same;
    i8; 16, i8, same, same;
    u16; 8, u16, same, same;
    i16; 8, i16, same, same;
    u32; 4, u32, same, same;
    i32; 4, i32, same, same;
    u64; 2, u64, same, same;
    i64; 2, i64, same, same;
    F32; 4, u32, F32, |lane: F32| lane.0;
    F64; 2, u64, F64, |lane: F64| lane.0;
}

/// The lane that stands for a boolean: all ones or all zeros.
trait Mask {
    /// A lane of the same width.
    type Lane;
    /// All ones if `truth`, else all zeros.
    fn mask(truth: bool) -> Self::Lane;
}

macro_rules! mask {
    ($($lane:ident => $mask:ident)+) => {$(
        impl Mask for $lane {
            type Lane = $mask;
            #[inline(always)]
            fn mask(truth: bool) -> $mask {
                if truth { $mask::MAX } else { 0 }
            }
        }
    )+};
}

mask!(u8 => u8 i8 => u8 u16 => u16 i16 => u16 u32 => u32 i32 => u32 u64 => u64 i64 => u64);
mask!(F32 => u32 F64 => u64);

/// Bitwise negation.
#[inline(always)]
#[must_use]
pub fn v128_not(a: V128) -> V128 {
    V128(!a.0)
}

/// Bitwise conjunction.
#[inline(always)]
#[must_use]
pub fn v128_and(a: V128, b: V128) -> V128 {
    V128(a.0 & b.0)
}

/// Bitwise conjunction with the negation of the second operand.
#[inline(always)]
#[must_use]
pub fn v128_andnot(a: V128, b: V128) -> V128 {
    V128(a.0 & !b.0)
}

/// Bitwise disjunction.
#[inline(always)]
#[must_use]
pub fn v128_or(a: V128, b: V128) -> V128 {
    V128(a.0 | b.0)
}

/// Bitwise exclusive disjunction.
#[inline(always)]
#[must_use]
pub fn v128_xor(a: V128, b: V128) -> V128 {
    V128(a.0 ^ b.0)
}

/// The bits of `a` where those of `mask` are one, of `b` where they are zero.
#[inline(always)]
#[must_use]
pub fn v128_bitselect(a: V128, b: V128, mask: V128) -> V128 {
    V128(a.0 & mask.0 | b.0 & !mask.0)
}

/// Returns whether any bit is one.
#[inline(always)]
#[must_use]
pub fn v128_any_true(a: V128) -> u32 {
    u32::from(a.0 != 0)
}
