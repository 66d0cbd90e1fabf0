//! Vector instructions that move lanes: splat, extract, replace, shuffle, swizzle (spec:
//! exec/instructions, vector instructions). Knows nothing of arithmetic; every bit is kept.

use super::{V128, i8x16_min_u};
use crate::num::float::{F32, F64};

/// A row `name (x: T) as [lane; count] = e;` becomes the splat whose lanes all are `e`.
macro_rules! splat {
    ($($name:ident ($x:ident: $from:ty) as [$lane:ident; $n:literal] = $value:expr;)+) => {$(
        /// The scalar, wrapped to the lane's width, in every lane.
        #[inline]
        #[must_use]
        pub fn $name($x: $from) -> V128 {
            let lane: $lane = $value;
            V128::from([lane; $n])
        }
    )+};
}

splat! {
    i8x16_splat (x: u32) as [u8; 16] = x as u8;
    i16x8_splat (x: u32) as [u16; 8] = x as u16;
    i32x4_splat (x: u32) as [u32; 4] = x;
    i64x2_splat (x: u64) as [u64; 2] = x;
    f32x4_splat (x: F32) as [F32; 4] = x;
    f64x2_splat (x: F64) as [F64; 2] = x;
}

/// A row `name [lane; count] x -> T = e;` becomes the extraction of lane `x`, converted by `e`.
macro_rules! extract {
    ($($name:ident [$lane:ident; $n:literal] $x:ident -> $to:ident = $value:expr;)+) => {$(
        /// The lane of this index (modulo the number of lanes, though a valid one is less).
        #[inline]
        #[must_use]
        pub fn $name(a: V128, lane: u8) -> $to {
            let $x = (a.0 >> (usize::from(lane) % $n * (128 / $n))) as $lane;
            $value
        }
    )+};
}

extract! {
    i8x16_extract_lane_s [i8; 16] x -> u32 = x as u32;
    i8x16_extract_lane_u [u8; 16] x -> u32 = x.into();
    i16x8_extract_lane_s [i16; 8] x -> u32 = x as u32;
    i16x8_extract_lane_u [u16; 8] x -> u32 = x.into();
    i32x4_extract_lane [u32; 4] x -> u32 = x;
    i64x2_extract_lane [u64; 2] x -> u64 = x;
    f32x4_extract_lane [u32; 4] x -> F32 = F32(x);
    f64x2_extract_lane [u64; 2] x -> F64 = F64(x);
}

/// A row `name [bits; count] (x: T) = e;` becomes the replacement of a lane by `e`.
macro_rules! replace {
    ($($name:ident [$bits:ident; $n:literal] ($x:ident: $from:ident) = $value:expr;)+) => {$(
        /// The vector with the scalar, wrapped to the lane's width, in the lane of this index
        /// (modulo the number of lanes, though a valid one is less).
        #[inline]
        #[must_use]
        pub fn $name(a: V128, $x: $from, lane: u8) -> V128 {
            let at = usize::from(lane) % $n * (128 / $n);
            let (hole, value) = (u128::from($bits::MAX) << at, u128::from($value) << at);
            V128(a.0 & !hole | value)
        }
    )+};
}

replace! {
    i8x16_replace_lane [u8; 16] (x: u32) = x as u8;
    i16x8_replace_lane [u16; 8] (x: u32) = x as u16;
    i32x4_replace_lane [u32; 4] (x: u32) = x;
    i64x2_replace_lane [u64; 2] (x: u64) = x;
    f32x4_replace_lane [u32; 4] (x: F32) = x.0;
    f64x2_replace_lane [u64; 2] (x: F64) = x.0;
}

/// In each lane the byte that `lanes` names: 0 to 15 of `a`, 16 to 31 of `b` (modulo 32, though a
/// valid one is less).
#[inline]
#[must_use]
pub fn i8x16_shuffle(a: V128, b: V128, lanes: [u8; 16]) -> V128 {
    let mut both = [0; 32];
    both[..16].copy_from_slice(&a.0.to_le_bytes());
    both[16..].copy_from_slice(&b.0.to_le_bytes());
    V128::from(lanes.map(|lane| both[usize::from(lane % 32)]))
}

/// In each lane the byte of `a` that the same lane of `b` names, 0 if it names none.
#[inline]
#[must_use]
pub fn i8x16_swizzle(a: V128, b: V128) -> V128 {
    // A shuffle of the bytes and of zeros, the first of which every other lane names.
    let lanes = i8x16_min_u(b, i8x16_splat(16));
    i8x16_shuffle(a, V128(0), lanes.into())
}
