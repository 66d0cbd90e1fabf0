//! Vector instructions on integer lanes, lane by lane (spec: exec/numerics, integer operations).
//!
//! Knows nothing of other shapes: what changes the width of lanes is in `widen`.

use super::V128;

relation! {
    /// Equality.
    i8x16_eq [u8; 16] i16x8_eq [u16; 8] i32x4_eq [u32; 4] i64x2_eq [u64; 2] (a, b) = a == b;
    /// Inequality.
    i8x16_ne [u8; 16] i16x8_ne [u16; 8] i32x4_ne [u32; 4] i64x2_ne [u64; 2] (a, b) = a != b;
    /// Signed less than.
    i8x16_lt_s [i8; 16] i16x8_lt_s [i16; 8] i32x4_lt_s [i32; 4] i64x2_lt_s [i64; 2]
        (a, b) = a < b;
    /// Unsigned less than.
    i8x16_lt_u [u8; 16] i16x8_lt_u [u16; 8] i32x4_lt_u [u32; 4] (a, b) = a < b;
    /// Signed greater than.
    i8x16_gt_s [i8; 16] i16x8_gt_s [i16; 8] i32x4_gt_s [i32; 4] i64x2_gt_s [i64; 2]
        (a, b) = a > b;
    /// Unsigned greater than.
    i8x16_gt_u [u8; 16] i16x8_gt_u [u16; 8] i32x4_gt_u [u32; 4] (a, b) = a > b;
    /// Signed less than or equal.
    i8x16_le_s [i8; 16] i16x8_le_s [i16; 8] i32x4_le_s [i32; 4] i64x2_le_s [i64; 2]
        (a, b) = a <= b;
    /// Unsigned less than or equal.
    i8x16_le_u [u8; 16] i16x8_le_u [u16; 8] i32x4_le_u [u32; 4] (a, b) = a <= b;
    /// Signed greater than or equal.
    i8x16_ge_s [i8; 16] i16x8_ge_s [i16; 8] i32x4_ge_s [i32; 4] i64x2_ge_s [i64; 2]
        (a, b) = a >= b;
    /// Unsigned greater than or equal.
    i8x16_ge_u [u8; 16] i16x8_ge_u [u16; 8] i32x4_ge_u [u32; 4] (a, b) = a >= b;
}

lanewise! {
    /// The magnitude as an unsigned number: that of the least number is itself.
    i8x16_abs [i8; 16] i16x8_abs [i16; 8] i32x4_abs [i32; 4] i64x2_abs [i64; 2]
        (a) = a.wrapping_abs();
    /// The negation, modulo 2^N.
    i8x16_neg [i8; 16] i16x8_neg [i16; 8] i32x4_neg [i32; 4] i64x2_neg [i64; 2]
        (a) = a.wrapping_neg();
    /// The number of one bits.
    i8x16_popcnt [u8; 16] (a) = a.count_ones() as u8;

    /// The sum, modulo 2^N.
    i8x16_add [u8; 16] i16x8_add [u16; 8] i32x4_add [u32; 4] i64x2_add [u64; 2]
        (a, b) = a.wrapping_add(b);
    /// The difference, modulo 2^N.
    i8x16_sub [u8; 16] i16x8_sub [u16; 8] i32x4_sub [u32; 4] i64x2_sub [u64; 2]
        (a, b) = a.wrapping_sub(b);
    /// The product, modulo 2^N.
    i16x8_mul [u16; 8] i32x4_mul [u32; 4] i64x2_mul [u64; 2] (a, b) = a.wrapping_mul(b);
    /// The signed sum, saturated.
    i8x16_add_sat_s [i8; 16] i16x8_add_sat_s [i16; 8] (a, b) = a.saturating_add(b);
    /// The unsigned sum, saturated.
    i8x16_add_sat_u [u8; 16] i16x8_add_sat_u [u16; 8] (a, b) = a.saturating_add(b);
    /// The signed difference, saturated.
    i8x16_sub_sat_s [i8; 16] i16x8_sub_sat_s [i16; 8] (a, b) = a.saturating_sub(b);
    /// The unsigned difference, saturated.
    i8x16_sub_sat_u [u8; 16] i16x8_sub_sat_u [u16; 8] (a, b) = a.saturating_sub(b);
    /// The signed minimum.
    i8x16_min_s [i8; 16] i16x8_min_s [i16; 8] i32x4_min_s [i32; 4] (a, b) = a.min(b);
    /// The unsigned minimum.
    i8x16_min_u [u8; 16] i16x8_min_u [u16; 8] i32x4_min_u [u32; 4] (a, b) = a.min(b);
    /// The signed maximum.
    i8x16_max_s [i8; 16] i16x8_max_s [i16; 8] i32x4_max_s [i32; 4] (a, b) = a.max(b);
    /// The unsigned maximum.
    i8x16_max_u [u8; 16] i16x8_max_u [u16; 8] i32x4_max_u [u32; 4] (a, b) = a.max(b);
    /// The unsigned average, rounded up.
    i8x16_avgr_u [u8; 16] (a, b) = (u16::from(a) + u16::from(b)).div_ceil(2) as u8;
    /// The unsigned average, rounded up.
    i16x8_avgr_u [u16; 8] (a, b) = (u32::from(a) + u32::from(b)).div_ceil(2) as u16;
    /// The product of two Q15 fixed-point numbers, rounded and saturated.
    i16x8_q15mulr_sat_s [i16; 8] (a, b) = {
        let product = (i32::from(a) * i32::from(b) + 0x4000) >> 15;
        // Only -1 * -1 is too large.
        product.min(i16::MAX.into()) as i16
    };
}

/// A row `name [lane; count].. = method;` becomes shifts of every lane by the count modulo the
/// lane's width.
macro_rules! shift {
    ($(#[$doc:meta] $($name:ident [$lane:ident; $n:tt])+ = $shift:ident;)+) => {
        $(shift!(@row #[$doc] [$($name $lane $n,)+] $shift);)+
    };
    (@row #[$doc:meta] [$($name:ident $lane:ident $n:tt,)+] $shift:ident) => {$(
        #[$doc]
        #[inline]
        #[must_use]
        pub fn $name(a: V128, count: u32) -> V128 {
            lanewise!(@call $n (a) |a: [$lane; $n]| a.map(|lane| lane.$shift(count)))
        }
    )+};
}

shift! {
    /// Shifts each lane left by the count modulo the lane's width.
    i8x16_shl [u8; 16] i16x8_shl [u16; 8] i32x4_shl [u32; 4] i64x2_shl [u64; 2] = wrapping_shl;
    /// Shifts each lane right arithmetically by the count modulo the lane's width.
    i8x16_shr_s [i8; 16] i16x8_shr_s [i16; 8] i32x4_shr_s [i32; 4] i64x2_shr_s [i64; 2]
        = wrapping_shr;
    /// Shifts each lane right logically by the count modulo the lane's width.
    i8x16_shr_u [u8; 16] i16x8_shr_u [u16; 8] i32x4_shr_u [u32; 4] i64x2_shr_u [u64; 2]
        = wrapping_shr;
}

/// A row `all_true bitmask eq (a) = signs;` becomes the two instructions that make an `i32` of all
/// lanes: by the equality of lanes with zero, and by the meaning given.
macro_rules! reduce {
    ($($all_true:ident $bitmask:ident $eq:ident ($a:ident) = $signs:expr;)+) => {$(
        /// Returns whether every lane is other than zero.
        #[inline]
        #[must_use]
        pub fn $all_true(a: V128) -> u32 {
            u32::from($eq(a, V128(0)) == V128(0))
        }

        /// The sign bits of the lanes, that of lane 0 in bit 0.
        #[inline]
        #[must_use]
        pub fn $bitmask($a: V128) -> u32 {
            $signs
        }
    )+};
}

reduce! {
    i8x16_all_true i8x16_bitmask i8x16_eq (a) = {
        let (low, high) = a.to_halves();
        signs(low) | signs(high) << 8
    };
    i16x8_all_true i16x8_bitmask i16x8_eq (a) = {
        let lanes: [i16; 8] = a.into();
        lanes.iter().rev().fold(0, |mask, &lane| mask << 1 | u32::from(lane < 0))
    };
    i32x4_all_true i32x4_bitmask i32x4_eq (a) = {
        let (low, high) = a.to_halves();
        let pair = |half: u64| (half >> 31 & 1 | half >> 62 & 2) as u32;
        pair(low) | pair(high) << 2
    };
    i64x2_all_true i64x2_bitmask i64x2_eq (a) = {
        let (low, high) = a.to_halves();
        (low >> 63 | high >> 63 << 1) as u32
    };
}

/// The sign bits of eight bytes, that of the lowest in bit 0.
#[inline(always)]
fn signs(bytes: u64) -> u32 {
    // The product moves bit 8i to 56 + i, by the factor's bit 56 - 7i; no two others meet.
    let spread = bytes >> 7 & 0x0101_0101_0101_0101;
    (spread.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}
