//! Vector instructions whose operands and result differ in shape: extension, narrowing, products
//! and sums in wider lanes, float conversions, extending loads (spec: exec/numerics, conversions
//! and vector operations).

use core::array::from_fn;

use super::V128;
use crate::num::convert::*;
use crate::num::float::{F32, F64};

/// A row `signed unsigned low|high 8 16 count;` becomes the extensions of half the lanes to twice
/// their width, of the low half (from lane 0) or the high half (from lane `count`).
macro_rules! extend {
    ($($s:ident $u:ident from $first:literal: $is:ident $iu:ident => $ws:ident $wu:ident;)+) => {$(
        extend!(@fn "sign" $s $first $is $ws);
        extend!(@fn "zero" $u $first $iu $wu);
    )+};
    (@fn $how:literal $name:ident $first:literal $narrow:ident $wide:ident) => {
        #[doc = concat!("Half of the lanes, from lane ", $first, ", ", $how, "-extended.")]
        #[inline]
        #[must_use]
        pub fn $name(a: V128) -> V128 {
            const N: usize = 16 / size_of::<$wide>();
            let lanes: [$narrow; 2 * N] = a.into();
            V128::from(from_fn::<_, N, _>(|lane| $wide::from(lanes[$first + lane])))
        }
    };
}

extend! {
    i16x8_extend_low_i8x16_s i16x8_extend_low_i8x16_u from 0: i8 u8 => i16 u16;
    i16x8_extend_high_i8x16_s i16x8_extend_high_i8x16_u from 8: i8 u8 => i16 u16;
    i32x4_extend_low_i16x8_s i32x4_extend_low_i16x8_u from 0: i16 u16 => i32 u32;
    i32x4_extend_high_i16x8_s i32x4_extend_high_i16x8_u from 4: i16 u16 => i32 u32;
    i64x2_extend_low_i32x4_s i64x2_extend_low_i32x4_u from 0: i32 u32 => i64 u64;
    i64x2_extend_high_i32x4_s i64x2_extend_high_i32x4_u from 2: i32 u32 => i64 u64;
}

/// A row is as one of `extend`, for products of such lanes, which never overflow.
macro_rules! extmul {
    ($($s:ident $u:ident from $first:literal: $is:ident $iu:ident => $ws:ident $wu:ident;)+) => {$(
        extmul!(@fn "sign" $s $first $is $ws);
        extmul!(@fn "zero" $u $first $iu $wu);
    )+};
    (@fn $how:literal $name:ident $first:literal $narrow:ident $wide:ident) => {
        #[doc = concat!("The products of half of the lanes, from lane ", $first, ", ", $how,
            "-extended.")]
        #[inline]
        #[must_use]
        pub fn $name(a: V128, b: V128) -> V128 {
            const N: usize = 16 / size_of::<$wide>();
            a.zip_in_memory(b, |x: [$narrow; 2 * N], y| {
                from_fn::<_, N, _>(|lane| {
                    $wide::from(x[$first + lane]) * $wide::from(y[$first + lane])
                })
            })
        }
    };
}

extmul! {
    i16x8_extmul_low_i8x16_s i16x8_extmul_low_i8x16_u from 0: i8 u8 => i16 u16;
    i16x8_extmul_high_i8x16_s i16x8_extmul_high_i8x16_u from 8: i8 u8 => i16 u16;
    i32x4_extmul_low_i16x8_s i32x4_extmul_low_i16x8_u from 0: i16 u16 => i32 u32;
    i32x4_extmul_high_i16x8_s i32x4_extmul_high_i16x8_u from 4: i16 u16 => i32 u32;
    i64x2_extmul_low_i32x4_s i64x2_extmul_low_i32x4_u from 0: i32 u32 => i64 u64;
    i64x2_extmul_high_i32x4_s i64x2_extmul_high_i32x4_u from 2: i32 u32 => i64 u64;
}

/// A row `name narrow => wide;` becomes the sums of neighbours in lanes of twice the width.
macro_rules! extadd_pairwise {
    ($($name:ident $narrow:ident => $wide:ident;)+) => {$(
        /// The sums of each even lane and the odd one after it, extended to twice the width.
        #[inline]
        #[must_use]
        pub fn $name(a: V128) -> V128 {
            const N: usize = 16 / size_of::<$wide>();
            a.map_in_memory(|x: [$narrow; 2 * N]| {
                from_fn::<_, N, _>(|lane| $wide::from(x[2 * lane]) + $wide::from(x[2 * lane + 1]))
            })
        }
    )+};
}

extadd_pairwise! {
    i16x8_extadd_pairwise_i8x16_s i8 => i16;
    i16x8_extadd_pairwise_i8x16_u u8 => u16;
    i32x4_extadd_pairwise_i16x8_s i16 => i32;
    i32x4_extadd_pairwise_i16x8_u u16 => u32;
}

/// The sums, modulo 2^32, of the signed products of neighbouring lanes.
#[inline]
#[must_use]
pub fn i32x4_dot_i16x8_s(a: V128, b: V128) -> V128 {
    let (x, y): ([i16; 8], [i16; 8]) = (a.into(), b.into());
    let product = |lane: usize| i32::from(x[lane]) * i32::from(y[lane]);
    // Two products of the least number sum to 2^31.
    V128::from(from_fn::<_, 4, _>(|lane| {
        product(2 * lane).wrapping_add(product(2 * lane + 1))
    }))
}

/// A row `name wide => narrow;` becomes the narrowing of both operands' lanes, read as signed.
macro_rules! narrow {
    ($($name:ident $wide:ident => $narrow:ident;)+) => {$(
        /// The signed lanes of `a`, then of `b`, saturated to half the width.
        #[inline]
        #[must_use]
        pub fn $name(a: V128, b: V128) -> V128 {
            const N: usize = 16 / size_of::<$wide>();
            const RANGE: ($wide, $wide) = ($narrow::MIN as $wide, $narrow::MAX as $wide);
            a.zip_in_memory(b, |x: [$wide; N], y| {
                from_fn::<_, { 2 * N }, _>(|lane| {
                    let wide = if lane < N { x[lane] } else { y[lane - N] };
                    wide.clamp(RANGE.0, RANGE.1) as $narrow
                })
            })
        }
    )+};
}

narrow! {
    i8x16_narrow_i16x8_s i16 => i8;
    i8x16_narrow_i16x8_u i16 => u8;
    i16x8_narrow_i32x4_s i32 => i16;
    i16x8_narrow_i32x4_u i32 => u16;
}

/// A row `name [from; n] => [to; m] = f;` becomes `f` of each lane, of the low ones only or with
/// zeros above, as the shapes demand.
macro_rules! convert {
    ($(
        #[$doc:meta]
        $name:ident [$from:ident; $n:literal] => [$to:ident; $m:literal] = $f:expr;
    )+) => {$(
        #[$doc]
        #[inline]
        #[must_use]
        pub fn $name(a: V128) -> V128 {
            let lanes: [$from; $n] = a.into();
            V128::from(from_fn::<$to, $m, _>(|lane| match lanes.get(lane) {
                Some(&lane) => $f(lane),
                None => $to::default(),
            }))
        }
    )+};
}

convert! {
    /// `i32.trunc_sat_f32_s` of each lane.
    i32x4_trunc_sat_f32x4_s [F32; 4] => [u32; 4] = i32_trunc_sat_f32_s;
    /// `i32.trunc_sat_f32_u` of each lane.
    i32x4_trunc_sat_f32x4_u [F32; 4] => [u32; 4] = i32_trunc_sat_f32_u;
    /// `i32.trunc_sat_f64_s` of both lanes; the high half zero.
    i32x4_trunc_sat_f64x2_s_zero [F64; 2] => [u32; 4] = i32_trunc_sat_f64_s;
    /// `i32.trunc_sat_f64_u` of both lanes; the high half zero.
    i32x4_trunc_sat_f64x2_u_zero [F64; 2] => [u32; 4] = i32_trunc_sat_f64_u;
    /// `f32.convert_i32_s` of each lane.
    f32x4_convert_i32x4_s [u32; 4] => [F32; 4] = f32_convert_i32_s;
    /// `f32.convert_i32_u` of each lane.
    f32x4_convert_i32x4_u [u32; 4] => [F32; 4] = f32_convert_i32_u;
    /// `f64.convert_i32_s` of the low two lanes.
    f64x2_convert_low_i32x4_s [u32; 4] => [F64; 2] = f64_convert_i32_s;
    /// `f64.convert_i32_u` of the low two lanes.
    f64x2_convert_low_i32x4_u [u32; 4] => [F64; 2] = f64_convert_i32_u;
    /// `f32.demote_f64` of both lanes; the high half zero.
    f32x4_demote_f64x2_zero [F64; 2] => [F32; 4] = f32_demote_f64;
    /// `f64.promote_f32` of the low two lanes.
    f64x2_promote_low_f32x4 [F32; 4] => [F64; 2] = f64_promote_f32;
}

/// A row `load extension;` becomes the extending load: that extension of the bytes loaded.
macro_rules! load {
    ($($name:ident $extend:ident;)+) => {$(
        /// The lanes in these bytes of memory, extended to twice their width.
        #[inline]
        #[must_use]
        pub fn $name(bytes: [u8; 8]) -> V128 {
            $extend(V128::from_halves(u64::from_le_bytes(bytes), 0))
        }
    )+};
}

load! {
    v128_load8x8_s i16x8_extend_low_i8x16_s;
    v128_load8x8_u i16x8_extend_low_i8x16_u;
    v128_load16x4_s i32x4_extend_low_i16x8_s;
    v128_load16x4_u i32x4_extend_low_i16x8_u;
    v128_load32x2_s i64x2_extend_low_i32x4_s;
    v128_load32x2_u i64x2_extend_low_i32x4_u;
}
