//! Relaxed vector instructions (spec: exec/numerics, relaxed operations).
//!
//! The spec lets each differ from host to host at the edges of its domain. We fix one answer, the
//! same on every host, so that a run can be replayed anywhere: that of the spec's deterministic
//! profile (appendix/profiles), where every relaxed parameter is 0.

use core::array::from_fn;

use super::float::host::Host;
use super::float::{F32, F64};
use super::vector::*;

/// A row `relaxed = ordinary (operands);` gives a relaxed instruction the meaning of another.
macro_rules! fixed {
    ($($name:ident = $ordinary:ident ($($arg:ident),+);)+) => {$(
        #[doc = concat!("As [`", stringify!($ordinary), "`].")]
        #[inline]
        #[must_use]
        pub fn $name($($arg: V128),+) -> V128 {
            $ordinary($($arg),+)
        }
    )+};
}

fixed! {
    i8x16_relaxed_swizzle = i8x16_swizzle (a, b);
    i32x4_relaxed_trunc_f32x4_s = i32x4_trunc_sat_f32x4_s (a);
    i32x4_relaxed_trunc_f32x4_u = i32x4_trunc_sat_f32x4_u (a);
    i32x4_relaxed_trunc_f64x2_s_zero = i32x4_trunc_sat_f64x2_s_zero (a);
    i32x4_relaxed_trunc_f64x2_u_zero = i32x4_trunc_sat_f64x2_u_zero (a);
    i8x16_relaxed_laneselect = v128_bitselect (a, b, mask);
    i16x8_relaxed_laneselect = v128_bitselect (a, b, mask);
    i32x4_relaxed_laneselect = v128_bitselect (a, b, mask);
    i64x2_relaxed_laneselect = v128_bitselect (a, b, mask);
    f32x4_relaxed_min = f32x4_min (a, b);
    f32x4_relaxed_max = f32x4_max (a, b);
    f64x2_relaxed_min = f64x2_min (a, b);
    f64x2_relaxed_max = f64x2_max (a, b);
    i16x8_relaxed_q15mulr_s = i16x8_q15mulr_sat_s (a, b);
}

/// A row `name [lane; count] (x, y, z) = e;` becomes the fused multiply-add `e` of host floats.
macro_rules! fused {
    ($(
        #[$doc:meta]
        $name:ident [$lane:ident; $n:literal] ($x:ident, $y:ident, $z:ident) = $value:expr;
    )+) => {$(
        #[$doc]
        #[inline]
        #[must_use]
        pub fn $name(a: V128, b: V128, c: V128) -> V128 {
            let (a, b, c): ([$lane; $n], [$lane; $n], [$lane; $n]) = (a.into(), b.into(), c.into());
            V128::from(from_fn::<_, $n, _>(|lane| {
                let ($x, $y, $z) = (a[lane].to_float(), b[lane].to_float(), c[lane].to_float());
                $lane::canonical($value)
            }))
        }
    )+};
}

fused! {
    /// `a * b + c` in each lane, rounded once.
    f32x4_relaxed_madd [F32; 4] (x, y, z) = Host::fused(x, y, z);
    /// `a * b + c` in each lane, rounded once.
    f64x2_relaxed_madd [F64; 2] (x, y, z) = Host::fused(x, y, z);
    /// `-(a * b) + c` in each lane, rounded once.
    f32x4_relaxed_nmadd [F32; 4] (x, y, z) = Host::fused(-x, y, z);
    /// `-(a * b) + c` in each lane, rounded once.
    f64x2_relaxed_nmadd [F64; 2] (x, y, z) = Host::fused(-x, y, z);
}

/// Lane `pair` of a relaxed dot product: the sum of two neighbouring products, saturated to 16
/// bits. Both operands are read as signed, and no single product overflows.
#[inline]
fn dot(x: &[i8; 16], y: &[i8; 16], pair: usize) -> i16 {
    let product = |lane: usize| i16::from(x[lane]) * i16::from(y[lane]);
    // Only two products of -128 by -128 overflow; they break the promise of seven bits.
    product(2 * pair).saturating_add(product(2 * pair + 1))
}

/// The sums of the products of neighbouring lanes, all read as signed, saturated to 16 bits.
#[inline]
#[must_use]
pub fn i16x8_relaxed_dot_i8x16_i7x16_s(a: V128, b: V128) -> V128 {
    a.zip_in_memory(b, |x: [i8; 16], y| {
        from_fn::<_, 8, _>(|lane| dot(&x, &y, lane))
    })
}

/// The sums, modulo 2^32, of neighbouring lanes of [`i16x8_relaxed_dot_i8x16_i7x16_s`] and of the
/// lane of `c`.
#[inline]
#[must_use]
pub fn i32x4_relaxed_dot_i8x16_i7x16_add_s(a: V128, b: V128, c: V128) -> V128 {
    let dots = a.zip_in_memory(b, |x: [i8; 16], y| {
        let dot = |pair: usize| i32::from(dot(&x, &y, pair));
        from_fn::<i32, 4, _>(|lane| dot(2 * lane) + dot(2 * lane + 1))
    });
    i32x4_add(dots, c)
}
