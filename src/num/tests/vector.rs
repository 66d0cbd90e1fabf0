//! Vector instructions: each lane against a scalar function, and those that are not lane-wise.

use super::Random;
use crate::num::*;

const ROUNDS: usize = 2_000;

/// Edges of every lane width at once: as bytes, as wider integers, as floats.
const EDGES: &[u64] = &[
    0,
    0x0101_0101_0101_0101,
    0x7f7f_7f7f_7f7f_7f7f,
    0x8080_8080_8080_8080,
    0x7fff_7fff_7fff_7fff,
    0x8000_8000_8000_8000,
    0x7fff_ffff_7fff_ffff,
    0x8000_0000_8000_0000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0x3f80_0000_bf80_0000, // 1, -1
    0x7f80_0000_ff80_0000, // infinities
    0x7fa0_0000_ffc0_0001, // NaNs
    0x4f00_0000_cf00_0000, // 2^31, -2^31
    0x3ff0_0000_0000_0000, // 1
    0xbfe0_0000_0000_0000, // -0.5
    0x41e0_0000_0000_0000, // 2^31
    0x7ff4_0000_0000_0001, // a NaN
    0xfff0_0000_0000_0000, // -infinity
];

fn vectors() -> impl Iterator<Item = V128> {
    let mut random = Random::new();
    let mut previous = V128::default();
    core::iter::from_fn(move || {
        // Now and then the same again, so that lanes are equal.
        if random.next() & 7 != 0 {
            previous = V128::from_halves(random.bits(EDGES), random.bits(EDGES));
        }
        Some(previous)
    })
}

/// The lane a truth becomes.
fn mask(truth: u32) -> u64 {
    if truth == 0 { 0 } else { u64::MAX }
}

/// A row `vector [operand lane; count] [result lane] (a, b) = e;` checks the vector function on
/// many vectors: each lane must be `e` of the operands' lanes, `e` being in terms of scalars.
macro_rules! lanes_agree {
    ($(
        $name:ident [$lane:ident; $n:literal] [$to:ident] ($($arg:ident),+) = $scalar:expr;
    )+) => {$({
        let mut vectors = vectors();
        for _ in 0..ROUNDS {
            $(let $arg = vectors.next().unwrap();)+
            let result: [$to; $n] = $name($($arg),+).into();
            $(let $arg: [$lane; $n] = $arg.into();)+
            for lane in 0..$n {
                $(let $arg = $arg[lane];)+
                let want: $to = $scalar;
                assert_eq!(result[lane], want, "{} {:x?}", stringify!($name), ($($arg,)+));
            }
        }
    })+};
}

#[test]
fn bytes_agree_with_i32() {
    lanes_agree! {
        i8x16_eq [u8; 16] [u8] (a, b) = mask(i32_eq(a.into(), b.into())) as u8;
        i8x16_ne [u8; 16] [u8] (a, b) = mask(i32_ne(a.into(), b.into())) as u8;
        i8x16_lt_s [i8; 16] [u8] (a, b) = mask(i32_lt_s(a as u32, b as u32)) as u8;
        i8x16_lt_u [u8; 16] [u8] (a, b) = mask(i32_lt_u(a.into(), b.into())) as u8;
        i8x16_gt_s [i8; 16] [u8] (a, b) = mask(i32_gt_s(a as u32, b as u32)) as u8;
        i8x16_gt_u [u8; 16] [u8] (a, b) = mask(i32_gt_u(a.into(), b.into())) as u8;
        i8x16_le_s [i8; 16] [u8] (a, b) = mask(i32_le_s(a as u32, b as u32)) as u8;
        i8x16_le_u [u8; 16] [u8] (a, b) = mask(i32_le_u(a.into(), b.into())) as u8;
        i8x16_ge_s [i8; 16] [u8] (a, b) = mask(i32_ge_s(a as u32, b as u32)) as u8;
        i8x16_ge_u [u8; 16] [u8] (a, b) = mask(i32_ge_u(a.into(), b.into())) as u8;
        i8x16_add [u8; 16] [u8] (a, b) = i32_add(a.into(), b.into()) as u8;
        i8x16_sub [u8; 16] [u8] (a, b) = i32_sub(a.into(), b.into()) as u8;
        i8x16_neg [u8; 16] [u8] (a) = i32_sub(0, a.into()) as u8;
        i8x16_abs [i8; 16] [u8] (a) = i32::from(a).unsigned_abs() as u8;
        i8x16_popcnt [u8; 16] [u8] (a) = i32_popcnt(a.into()) as u8;
        i8x16_add_sat_s [i8; 16] [i8] (a, b) = (a as i32 + b as i32).clamp(-128, 127) as i8;
        i8x16_add_sat_u [u8; 16] [u8] (a, b) = (a as i32 + b as i32).clamp(0, 255) as u8;
        i8x16_sub_sat_s [i8; 16] [i8] (a, b) = (a as i32 - b as i32).clamp(-128, 127) as i8;
        i8x16_sub_sat_u [u8; 16] [u8] (a, b) = (a as i32 - b as i32).clamp(0, 255) as u8;
        i8x16_min_s [i8; 16] [i8] (a, b) = if i32_lt_s(a as u32, b as u32) == 1 { a } else { b };
        i8x16_min_u [u8; 16] [u8] (a, b) = if i32_lt_u(a as u32, b as u32) == 1 { a } else { b };
        i8x16_max_s [i8; 16] [i8] (a, b) = if i32_gt_s(a as u32, b as u32) == 1 { a } else { b };
        i8x16_max_u [u8; 16] [u8] (a, b) = if i32_gt_u(a as u32, b as u32) == 1 { a } else { b };
        i8x16_avgr_u [u8; 16] [u8] (a, b) = ((a as u32 + b as u32 + 1) >> 1) as u8;
    }
}

#[test]
fn halfwords_agree_with_i32() {
    lanes_agree! {
        i16x8_eq [u16; 8] [u16] (a, b) = mask(i32_eq(a.into(), b.into())) as u16;
        i16x8_ne [u16; 8] [u16] (a, b) = mask(i32_ne(a.into(), b.into())) as u16;
        i16x8_lt_s [i16; 8] [u16] (a, b) = mask(i32_lt_s(a as u32, b as u32)) as u16;
        i16x8_lt_u [u16; 8] [u16] (a, b) = mask(i32_lt_u(a.into(), b.into())) as u16;
        i16x8_gt_s [i16; 8] [u16] (a, b) = mask(i32_gt_s(a as u32, b as u32)) as u16;
        i16x8_gt_u [u16; 8] [u16] (a, b) = mask(i32_gt_u(a.into(), b.into())) as u16;
        i16x8_le_s [i16; 8] [u16] (a, b) = mask(i32_le_s(a as u32, b as u32)) as u16;
        i16x8_le_u [u16; 8] [u16] (a, b) = mask(i32_le_u(a.into(), b.into())) as u16;
        i16x8_ge_s [i16; 8] [u16] (a, b) = mask(i32_ge_s(a as u32, b as u32)) as u16;
        i16x8_ge_u [u16; 8] [u16] (a, b) = mask(i32_ge_u(a.into(), b.into())) as u16;
        i16x8_add [u16; 8] [u16] (a, b) = i32_add(a.into(), b.into()) as u16;
        i16x8_sub [u16; 8] [u16] (a, b) = i32_sub(a.into(), b.into()) as u16;
        i16x8_mul [u16; 8] [u16] (a, b) = i32_mul(a.into(), b.into()) as u16;
        i16x8_neg [u16; 8] [u16] (a) = i32_sub(0, a.into()) as u16;
        i16x8_abs [i16; 8] [u16] (a) = i32::from(a).unsigned_abs() as u16;
        i16x8_add_sat_s [i16; 8] [i16] (a, b) = (a as i32 + b as i32).clamp(-32768, 32767) as i16;
        i16x8_add_sat_u [u16; 8] [u16] (a, b) = (a as i32 + b as i32).clamp(0, 65535) as u16;
        i16x8_sub_sat_s [i16; 8] [i16] (a, b) = (a as i32 - b as i32).clamp(-32768, 32767) as i16;
        i16x8_sub_sat_u [u16; 8] [u16] (a, b) = (a as i32 - b as i32).clamp(0, 65535) as u16;
        i16x8_min_s [i16; 8] [i16] (a, b) = if i32_lt_s(a as u32, b as u32) == 1 { a } else { b };
        i16x8_min_u [u16; 8] [u16] (a, b) = if i32_lt_u(a as u32, b as u32) == 1 { a } else { b };
        i16x8_max_s [i16; 8] [i16] (a, b) = if i32_gt_s(a as u32, b as u32) == 1 { a } else { b };
        i16x8_max_u [u16; 8] [u16] (a, b) = if i32_gt_u(a as u32, b as u32) == 1 { a } else { b };
        i16x8_avgr_u [u16; 8] [u16] (a, b) = ((a as u32 + b as u32 + 1) >> 1) as u16;
        i16x8_q15mulr_sat_s [i16; 8] [i16] (a, b) = {
            ((a as i64 * b as i64 + 0x4000) >> 15).clamp(-32768, 32767) as i16
        };
    }
}

#[test]
fn words_agree_with_scalars() {
    lanes_agree! {
        i32x4_eq [u32; 4] [u32] (a, b) = mask(i32_eq(a, b)) as u32;
        i32x4_ne [u32; 4] [u32] (a, b) = mask(i32_ne(a, b)) as u32;
        i32x4_lt_s [u32; 4] [u32] (a, b) = mask(i32_lt_s(a, b)) as u32;
        i32x4_lt_u [u32; 4] [u32] (a, b) = mask(i32_lt_u(a, b)) as u32;
        i32x4_gt_s [u32; 4] [u32] (a, b) = mask(i32_gt_s(a, b)) as u32;
        i32x4_gt_u [u32; 4] [u32] (a, b) = mask(i32_gt_u(a, b)) as u32;
        i32x4_le_s [u32; 4] [u32] (a, b) = mask(i32_le_s(a, b)) as u32;
        i32x4_le_u [u32; 4] [u32] (a, b) = mask(i32_le_u(a, b)) as u32;
        i32x4_ge_s [u32; 4] [u32] (a, b) = mask(i32_ge_s(a, b)) as u32;
        i32x4_ge_u [u32; 4] [u32] (a, b) = mask(i32_ge_u(a, b)) as u32;
        i32x4_add [u32; 4] [u32] (a, b) = i32_add(a, b);
        i32x4_sub [u32; 4] [u32] (a, b) = i32_sub(a, b);
        i32x4_mul [u32; 4] [u32] (a, b) = i32_mul(a, b);
        i32x4_neg [u32; 4] [u32] (a) = i32_sub(0, a);
        i32x4_abs [i32; 4] [u32] (a) = a.unsigned_abs();
        i32x4_min_s [u32; 4] [u32] (a, b) = if i32_lt_s(a, b) == 1 { a } else { b };
        i32x4_min_u [u32; 4] [u32] (a, b) = if i32_lt_u(a, b) == 1 { a } else { b };
        i32x4_max_s [u32; 4] [u32] (a, b) = if i32_gt_s(a, b) == 1 { a } else { b };
        i32x4_max_u [u32; 4] [u32] (a, b) = if i32_gt_u(a, b) == 1 { a } else { b };
        i64x2_eq [u64; 2] [u64] (a, b) = mask(i64_eq(a, b));
        i64x2_ne [u64; 2] [u64] (a, b) = mask(i64_ne(a, b));
        i64x2_lt_s [u64; 2] [u64] (a, b) = mask(i64_lt_s(a, b));
        i64x2_gt_s [u64; 2] [u64] (a, b) = mask(i64_gt_s(a, b));
        i64x2_le_s [u64; 2] [u64] (a, b) = mask(i64_le_s(a, b));
        i64x2_ge_s [u64; 2] [u64] (a, b) = mask(i64_ge_s(a, b));
        i64x2_add [u64; 2] [u64] (a, b) = i64_add(a, b);
        i64x2_sub [u64; 2] [u64] (a, b) = i64_sub(a, b);
        i64x2_mul [u64; 2] [u64] (a, b) = i64_mul(a, b);
        i64x2_neg [u64; 2] [u64] (a) = i64_sub(0, a);
        i64x2_abs [i64; 2] [u64] (a) = a.unsigned_abs();
        i32x4_trunc_sat_f32x4_s [F32; 4] [u32] (a) = i32_trunc_sat_f32_s(a);
        i32x4_trunc_sat_f32x4_u [F32; 4] [u32] (a) = i32_trunc_sat_f32_u(a);
        i32x4_relaxed_trunc_f32x4_s [F32; 4] [u32] (a) = i32_trunc_sat_f32_s(a);
        i32x4_relaxed_trunc_f32x4_u [F32; 4] [u32] (a) = i32_trunc_sat_f32_u(a);
        f32x4_convert_i32x4_s [u32; 4] [F32] (a) = f32_convert_i32_s(a);
        f32x4_convert_i32x4_u [u32; 4] [F32] (a) = f32_convert_i32_u(a);
    }
}

#[test]
fn floats_agree_with_scalars() {
    lanes_agree! {
        f32x4_eq [F32; 4] [u32] (a, b) = mask(f32_eq(a, b)) as u32;
        f32x4_ne [F32; 4] [u32] (a, b) = mask(f32_ne(a, b)) as u32;
        f32x4_lt [F32; 4] [u32] (a, b) = mask(f32_lt(a, b)) as u32;
        f32x4_gt [F32; 4] [u32] (a, b) = mask(f32_gt(a, b)) as u32;
        f32x4_le [F32; 4] [u32] (a, b) = mask(f32_le(a, b)) as u32;
        f32x4_ge [F32; 4] [u32] (a, b) = mask(f32_ge(a, b)) as u32;
        f32x4_abs [F32; 4] [F32] (a) = f32_abs(a);
        f32x4_neg [F32; 4] [F32] (a) = f32_neg(a);
        f32x4_sqrt [F32; 4] [F32] (a) = f32_sqrt(a);
        f32x4_ceil [F32; 4] [F32] (a) = f32_ceil(a);
        f32x4_floor [F32; 4] [F32] (a) = f32_floor(a);
        f32x4_trunc [F32; 4] [F32] (a) = f32_trunc(a);
        f32x4_nearest [F32; 4] [F32] (a) = f32_nearest(a);
        f32x4_add [F32; 4] [F32] (a, b) = f32_add(a, b);
        f32x4_sub [F32; 4] [F32] (a, b) = f32_sub(a, b);
        f32x4_mul [F32; 4] [F32] (a, b) = f32_mul(a, b);
        f32x4_div [F32; 4] [F32] (a, b) = f32_div(a, b);
        f32x4_min [F32; 4] [F32] (a, b) = f32_min(a, b);
        f32x4_max [F32; 4] [F32] (a, b) = f32_max(a, b);
        f32x4_relaxed_min [F32; 4] [F32] (a, b) = f32_min(a, b);
        f32x4_relaxed_max [F32; 4] [F32] (a, b) = f32_max(a, b);
        f32x4_pmin [F32; 4] [F32] (a, b) = if f32_lt(b, a) == 1 { b } else { a };
        f32x4_pmax [F32; 4] [F32] (a, b) = if f32_gt(b, a) == 1 { b } else { a };
        f64x2_eq [F64; 2] [u64] (a, b) = mask(f64_eq(a, b));
        f64x2_ne [F64; 2] [u64] (a, b) = mask(f64_ne(a, b));
        f64x2_lt [F64; 2] [u64] (a, b) = mask(f64_lt(a, b));
        f64x2_gt [F64; 2] [u64] (a, b) = mask(f64_gt(a, b));
        f64x2_le [F64; 2] [u64] (a, b) = mask(f64_le(a, b));
        f64x2_ge [F64; 2] [u64] (a, b) = mask(f64_ge(a, b));
        f64x2_abs [F64; 2] [F64] (a) = f64_abs(a);
        f64x2_neg [F64; 2] [F64] (a) = f64_neg(a);
        f64x2_sqrt [F64; 2] [F64] (a) = f64_sqrt(a);
        f64x2_ceil [F64; 2] [F64] (a) = f64_ceil(a);
        f64x2_floor [F64; 2] [F64] (a) = f64_floor(a);
        f64x2_trunc [F64; 2] [F64] (a) = f64_trunc(a);
        f64x2_nearest [F64; 2] [F64] (a) = f64_nearest(a);
        f64x2_add [F64; 2] [F64] (a, b) = f64_add(a, b);
        f64x2_sub [F64; 2] [F64] (a, b) = f64_sub(a, b);
        f64x2_mul [F64; 2] [F64] (a, b) = f64_mul(a, b);
        f64x2_div [F64; 2] [F64] (a, b) = f64_div(a, b);
        f64x2_min [F64; 2] [F64] (a, b) = f64_min(a, b);
        f64x2_max [F64; 2] [F64] (a, b) = f64_max(a, b);
        f64x2_relaxed_min [F64; 2] [F64] (a, b) = f64_min(a, b);
        f64x2_relaxed_max [F64; 2] [F64] (a, b) = f64_max(a, b);
        f64x2_pmin [F64; 2] [F64] (a, b) = if f64_lt(b, a) == 1 { b } else { a };
        f64x2_pmax [F64; 2] [F64] (a, b) = if f64_gt(b, a) == 1 { b } else { a };
    }
}

#[test]
fn shifts_take_the_count_modulo_the_width() {
    for count in [
        0,
        1,
        7,
        8,
        9,
        15,
        16,
        17,
        31,
        32,
        33,
        63,
        64,
        65,
        128,
        u32::MAX,
    ] {
        let (n8, n16, n64) = (count % 8, count % 16, u64::from(count));
        let by = |shift: fn(V128, u32) -> V128| move |a| shift(a, count);
        let (shl8, shr8_s, shr8_u) = (by(i8x16_shl), by(i8x16_shr_s), by(i8x16_shr_u));
        let (shl16, shr16_s, shr16_u) = (by(i16x8_shl), by(i16x8_shr_s), by(i16x8_shr_u));
        let (shl32, shr32_s, shr32_u) = (by(i32x4_shl), by(i32x4_shr_s), by(i32x4_shr_u));
        let (shl64, shr64_s, shr64_u) = (by(i64x2_shl), by(i64x2_shr_s), by(i64x2_shr_u));
        lanes_agree! {
            shl8 [u8; 16] [u8] (a) = i32_shl(a.into(), n8) as u8;
            shr8_s [i8; 16] [u8] (a) = i32_shr_s(a as u32, n8) as u8;
            shr8_u [u8; 16] [u8] (a) = i32_shr_u(a.into(), n8) as u8;
            shl16 [u16; 8] [u16] (a) = i32_shl(a.into(), n16) as u16;
            shr16_s [i16; 8] [u16] (a) = i32_shr_s(a as u32, n16) as u16;
            shr16_u [u16; 8] [u16] (a) = i32_shr_u(a.into(), n16) as u16;
            shl32 [u32; 4] [u32] (a) = i32_shl(a, count);
            shr32_s [u32; 4] [u32] (a) = i32_shr_s(a, count);
            shr32_u [u32; 4] [u32] (a) = i32_shr_u(a, count);
            shl64 [u64; 2] [u64] (a) = i64_shl(a, n64);
            shr64_s [u64; 2] [u64] (a) = i64_shr_s(a, n64);
            shr64_u [u64; 2] [u64] (a) = i64_shr_u(a, n64);
        }
    }
}

/// `0, 1, 2, ..` in lanes of bytes, each with `high` added.
fn counting(high: u8) -> V128 {
    V128::from(core::array::from_fn::<u8, 16, _>(|lane| lane as u8 + high))
}

#[test]
fn views_are_little_endian() {
    let v = V128(0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100);
    assert_eq!(v, counting(0));
    assert_eq!(<[u16; 8]>::from(v)[..2], [0x0100, 0x0302]);
    assert_eq!(<[u32; 4]>::from(v)[..2], [0x0302_0100, 0x0706_0504]);
    assert_eq!(
        <[u64; 2]>::from(v),
        [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908]
    );
    assert_eq!(<[F32; 4]>::from(v)[3], F32(0x0f0e_0d0c));
    assert_eq!(
        v.to_halves(),
        (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
    );
    for v in vectors().take(ROUNDS) {
        assert_eq!(V128::from(<[i8; 16]>::from(v)), v);
        assert_eq!(V128::from(<[i16; 8]>::from(v)), v);
        assert_eq!(V128::from(<[i32; 4]>::from(v)), v);
        assert_eq!(V128::from(<[i64; 2]>::from(v)), v);
        assert_eq!(V128::from(<[F32; 4]>::from(v)), v);
        assert_eq!(V128::from(<[F64; 2]>::from(v)), v);
        let (low, high) = v.to_halves();
        assert_eq!(V128::from_halves(low, high), v);
    }
}

#[test]
fn lanes_move() {
    let (a, b) = (counting(0x80), counting(0x10));
    assert_eq!(i8x16_extract_lane_s(a, 3), 0xffff_ff83);
    assert_eq!(i8x16_extract_lane_u(a, 15), 0x8f);
    assert_eq!(i16x8_extract_lane_s(a, 1), 0xffff_8382);
    assert_eq!(i16x8_extract_lane_u(a, 7), 0x8f8e);
    assert_eq!(i32x4_extract_lane(a, 2), 0x8b8a_8988);
    assert_eq!(i64x2_extract_lane(a, 1), 0x8f8e_8d8c_8b8a_8988);
    assert_eq!(f32x4_extract_lane(a, 3), F32(0x8f8e_8d8c));
    assert_eq!(f64x2_extract_lane(a, 0), F64(0x8786_8584_8382_8180));
    // No index can panic.
    assert_eq!(i8x16_extract_lane_u(a, 16 + 5), 0x85);
    assert_eq!(i64x2_replace_lane(a, 1, 255), i64x2_replace_lane(a, 1, 1));

    assert_eq!(<[u8; 16]>::from(i8x16_replace_lane(a, 0xabcd, 5)), {
        let mut lanes = <[u8; 16]>::from(a);
        lanes[5] = 0xcd;
        lanes
    });
    assert_eq!(
        <[u16; 8]>::from(i16x8_replace_lane(b, 0xf_abcd, 7))[6..],
        [0x1d1c, 0xabcd]
    );
    assert_eq!(
        <[u32; 4]>::from(i32x4_replace_lane(b, 7, 0))[..2],
        [7, 0x1716_1514]
    );
    assert_eq!(
        i64x2_replace_lane(b, 7, 1).to_halves(),
        (b.to_halves().0, 7)
    );
    let nan = F32(0x7fa0_0000);
    assert_eq!(f32x4_extract_lane(f32x4_replace_lane(a, nan, 2), 2), nan);
    let nan = F64(0x7ff4_0000_0000_0000);
    assert_eq!(
        f64x2_replace_lane(a, nan, 0).to_halves(),
        (nan.0, a.to_halves().1)
    );

    assert_eq!(i8x16_splat(0x1ff), V128(u128::MAX));
    assert_eq!(i16x8_splat(0xf_0102), V128::from([0x0102u16; 8]));
    assert_eq!(i32x4_splat(7), V128::from([7u32; 4]));
    assert_eq!(i64x2_splat(7), V128::from([7u64; 2]));
    assert_eq!(
        f32x4_splat(F32(0x7fa0_0000)),
        V128::from([0x7fa0_0000u32; 4])
    );
    assert_eq!(f64x2_splat(nan), V128::from([nan; 2]));

    let reversed: [u8; 16] = core::array::from_fn(|lane| 31 - 2 * lane as u8);
    let want = [
        31, 29, 27, 25, 23, 21, 19, 17, 0x8f, 0x8d, 0x8b, 0x89, 0x87, 0x85, 0x83, 0x81,
    ];
    assert_eq!(<[u8; 16]>::from(i8x16_shuffle(a, b, reversed)), want);
    let lanes: [u8; 16] = [15, 0, 16, 255, 128, 1, 31, 32, 14, 2, 3, 17, 240, 0, 7, 8];
    let want = [
        0x8f, 0x80, 0, 0, 0, 0x81, 0, 0, 0x8e, 0x82, 0x83, 0, 0, 0x80, 0x87, 0x88,
    ];
    assert_eq!(<[u8; 16]>::from(i8x16_swizzle(a, V128::from(lanes))), want);
    assert_eq!(
        <[u8; 16]>::from(i8x16_relaxed_swizzle(a, V128::from(lanes))),
        want
    );
}

#[test]
fn bitwise_and_reductions() {
    for (a, b) in vectors().zip(vectors().skip(1)).take(ROUNDS) {
        assert_eq!(v128_andnot(a, b), v128_and(a, v128_not(b)));
        assert_eq!(
            v128_xor(a, b),
            v128_or(v128_andnot(a, b), v128_andnot(b, a))
        );
        let mask = i8x16_shr_s(b, 7);
        let select = v128_or(v128_and(a, mask), v128_andnot(b, mask));
        assert_eq!(v128_bitselect(a, b, mask), select);
        assert_eq!(i8x16_relaxed_laneselect(a, b, mask), select);
        assert_eq!(i16x8_relaxed_laneselect(a, b, mask), select);
        assert_eq!(i32x4_relaxed_laneselect(a, b, mask), select);
        assert_eq!(i64x2_relaxed_laneselect(a, b, mask), select);
        let sign = |lane| i8x16_extract_lane_u(a, lane) >> 7 << lane;
        assert_eq!(i8x16_bitmask(a), (0..16).map(sign).sum::<u32>());
        let sign = |lane| i16x8_extract_lane_u(a, lane) >> 15 << lane;
        assert_eq!(i16x8_bitmask(a), (0..8).map(sign).sum::<u32>());
        let sign = |lane| i32x4_extract_lane(a, lane) >> 31 << lane;
        assert_eq!(i32x4_bitmask(a), (0..4).map(sign).sum::<u32>());
        let sign = |lane| ((i64x2_extract_lane(a, lane) >> 63) as u32) << lane;
        assert_eq!(i64x2_bitmask(a), (0..2).map(sign).sum::<u32>());
    }
    assert_eq!(v128_any_true(V128(0)), 0);
    assert_eq!(v128_any_true(V128(1 << 127)), 1);
    // All lanes other than zero, then one zero, at each place.
    type AllTrue = fn(V128) -> u32;
    let all: [(AllTrue, usize); 4] = [
        (i8x16_all_true, 8),
        (i16x8_all_true, 16),
        (i32x4_all_true, 32),
        (i64x2_all_true, 64),
    ];
    for (all_true, bits) in all {
        let lane = u128::MAX >> (128 - bits);
        let ones = (0..128 / bits).fold(0, |ones, i| ones | 1 << (i * bits + i % bits));
        assert_eq!(all_true(V128(ones)), 1, "{bits}");
        for i in 0..128 / bits {
            assert_eq!(
                all_true(V128(ones & !(lane << (i * bits)))),
                0,
                "{bits}, lane {i}"
            );
        }
    }
}

/// A row `vector [operand lane; count] => [result lane; count] (x, y; i) = e;` checks the vector
/// function on many vectors: lane `i` of the result must be `e`, wrapped, in terms of the
/// operands' lanes as `i64`.
macro_rules! shapes_agree {
    ($(
        $name:ident [$from:ident; $n:literal] => [$to:ident; $m:literal]
            ($($arg:ident),+; $lane:ident) = $want:expr;
    )+) => {$({
        let mut vectors = vectors();
        for _ in 0..ROUNDS {
            $(let $arg = vectors.next().unwrap();)+
            let result: [$to; $m] = $name($($arg),+).into();
            $(let $arg = <[$from; $n]>::from($arg).map(|lane| lane as i64);)+
            let want: [$to; $m] = core::array::from_fn(|$lane| $want as $to);
            assert_eq!(result, want, "{} {:x?}", stringify!($name), ($($arg,)+));
        }
    })+};
}

#[test]
fn widening() {
    let load = |load: fn([u8; 8]) -> V128| move |v: V128| load(v.to_halves().0.to_le_bytes());
    let (load8x8_s, load8x8_u) = (load(v128_load8x8_s), load(v128_load8x8_u));
    let (load16x4_s, load16x4_u) = (load(v128_load16x4_s), load(v128_load16x4_u));
    let (load32x2_s, load32x2_u) = (load(v128_load32x2_s), load(v128_load32x2_u));
    shapes_agree! {
        i16x8_extend_low_i8x16_s [i8; 16] => [i16; 8] (x; i) = x[i];
        i16x8_extend_low_i8x16_u [u8; 16] => [i16; 8] (x; i) = x[i];
        i16x8_extend_high_i8x16_s [i8; 16] => [i16; 8] (x; i) = x[8 + i];
        i16x8_extend_high_i8x16_u [u8; 16] => [i16; 8] (x; i) = x[8 + i];
        i32x4_extend_low_i16x8_s [i16; 8] => [i32; 4] (x; i) = x[i];
        i32x4_extend_low_i16x8_u [u16; 8] => [i32; 4] (x; i) = x[i];
        i32x4_extend_high_i16x8_s [i16; 8] => [i32; 4] (x; i) = x[4 + i];
        i32x4_extend_high_i16x8_u [u16; 8] => [i32; 4] (x; i) = x[4 + i];
        i64x2_extend_low_i32x4_s [i32; 4] => [i64; 2] (x; i) = x[i];
        i64x2_extend_low_i32x4_u [u32; 4] => [i64; 2] (x; i) = x[i];
        i64x2_extend_high_i32x4_s [i32; 4] => [i64; 2] (x; i) = x[2 + i];
        i64x2_extend_high_i32x4_u [u32; 4] => [i64; 2] (x; i) = x[2 + i];
        load8x8_s [i8; 16] => [i16; 8] (x; i) = x[i];
        load8x8_u [u8; 16] => [i16; 8] (x; i) = x[i];
        load16x4_s [i16; 8] => [i32; 4] (x; i) = x[i];
        load16x4_u [u16; 8] => [i32; 4] (x; i) = x[i];
        load32x2_s [i32; 4] => [i64; 2] (x; i) = x[i];
        load32x2_u [u32; 4] => [i64; 2] (x; i) = x[i];
        i16x8_extadd_pairwise_i8x16_s [i8; 16] => [i16; 8] (x; i) = x[2 * i] + x[2 * i + 1];
        i16x8_extadd_pairwise_i8x16_u [u8; 16] => [i16; 8] (x; i) = x[2 * i] + x[2 * i + 1];
        i32x4_extadd_pairwise_i16x8_s [i16; 8] => [i32; 4] (x; i) = x[2 * i] + x[2 * i + 1];
        i32x4_extadd_pairwise_i16x8_u [u16; 8] => [i32; 4] (x; i) = x[2 * i] + x[2 * i + 1];
    }
}

#[test]
fn products_in_wider_lanes() {
    shapes_agree! {
        i16x8_extmul_low_i8x16_s [i8; 16] => [i16; 8] (x, y; i) = x[i] * y[i];
        i16x8_extmul_low_i8x16_u [u8; 16] => [i16; 8] (x, y; i) = x[i] * y[i];
        i16x8_extmul_high_i8x16_s [i8; 16] => [i16; 8] (x, y; i) = x[8 + i] * y[8 + i];
        i16x8_extmul_high_i8x16_u [u8; 16] => [i16; 8] (x, y; i) = x[8 + i] * y[8 + i];
        i32x4_extmul_low_i16x8_s [i16; 8] => [i32; 4] (x, y; i) = x[i] * y[i];
        i32x4_extmul_low_i16x8_u [u16; 8] => [i32; 4] (x, y; i) = x[i] * y[i];
        i32x4_extmul_high_i16x8_s [i16; 8] => [i32; 4] (x, y; i) = x[4 + i] * y[4 + i];
        i32x4_extmul_high_i16x8_u [u16; 8] => [i32; 4] (x, y; i) = x[4 + i] * y[4 + i];
        i64x2_extmul_low_i32x4_s [i32; 4] => [i64; 2] (x, y; i) = x[i] * y[i];
        i64x2_extmul_low_i32x4_u [u32; 4] => [i64; 2] (x, y; i) = x[i].wrapping_mul(y[i]);
        i64x2_extmul_high_i32x4_s [i32; 4] => [i64; 2] (x, y; i) = x[2 + i] * y[2 + i];
        i64x2_extmul_high_i32x4_u [u32; 4] => [i64; 2] (x, y; i) = x[2 + i].wrapping_mul(y[2 + i]);
        i32x4_dot_i16x8_s [i16; 8] => [i32; 4]
            (x, y; i) = x[2 * i] * y[2 * i] + x[2 * i + 1] * y[2 * i + 1];
        i16x8_relaxed_dot_i8x16_i7x16_s [i8; 16] => [i16; 8]
            (x, y; i) = (x[2 * i] * y[2 * i] + x[2 * i + 1] * y[2 * i + 1]).min(32767);
    }
    let mut vectors = vectors();
    for _ in 0..ROUNDS {
        let [a, b, c] = core::array::from_fn(|_| vectors.next().unwrap());
        let dots = i16x8_relaxed_dot_i8x16_i7x16_s(a, b);
        let want = i32x4_add(i32x4_extadd_pairwise_i16x8_s(dots), c);
        assert_eq!(
            i32x4_relaxed_dot_i8x16_i7x16_add_s(a, b, c),
            want,
            "{a:x?} {b:x?} {c:x?}"
        );
    }
}

#[test]
fn narrowing() {
    shapes_agree! {
        i8x16_narrow_i16x8_s [i16; 8] => [i8; 16]
            (x, y; i) = if i < 8 { x[i] } else { y[i - 8] }.clamp(-128, 127);
        i8x16_narrow_i16x8_u [i16; 8] => [u8; 16]
            (x, y; i) = if i < 8 { x[i] } else { y[i - 8] }.clamp(0, 255);
        i16x8_narrow_i32x4_s [i32; 4] => [i16; 8]
            (x, y; i) = if i < 4 { x[i] } else { y[i - 4] }.clamp(-32768, 32767);
        i16x8_narrow_i32x4_u [i32; 4] => [u16; 8]
            (x, y; i) = if i < 4 { x[i] } else { y[i - 4] }.clamp(0, 65535);
    }
}

#[test]
fn conversions_between_widths() {
    for v in vectors().take(ROUNDS) {
        let ints: [u32; 4] = v.into();
        let narrow: [F32; 4] = v.into();
        let wide: [F64; 2] = v.into();
        let [a, b] = wide.map(i32_trunc_sat_f64_s);
        assert_eq!(i32x4_trunc_sat_f64x2_s_zero(v), V128::from([a, b, 0, 0]));
        assert_eq!(
            i32x4_relaxed_trunc_f64x2_s_zero(v),
            V128::from([a, b, 0, 0])
        );
        let [a, b] = wide.map(i32_trunc_sat_f64_u);
        assert_eq!(i32x4_trunc_sat_f64x2_u_zero(v), V128::from([a, b, 0, 0]));
        assert_eq!(
            i32x4_relaxed_trunc_f64x2_u_zero(v),
            V128::from([a, b, 0, 0])
        );
        let [a, b] = wide.map(f32_demote_f64);
        let want = V128::from([a, b, F32(0), F32(0)]);
        assert_eq!(f32x4_demote_f64x2_zero(v), want);
        let [a, b, ..] = narrow.map(f64_promote_f32);
        assert_eq!(f64x2_promote_low_f32x4(v), V128::from([a, b]));
        let [a, b, ..] = ints.map(f64_convert_i32_s);
        assert_eq!(f64x2_convert_low_i32x4_s(v), V128::from([a, b]));
        let [a, b, ..] = ints.map(f64_convert_i32_u);
        assert_eq!(f64x2_convert_low_i32x4_u(v), V128::from([a, b]));
    }
}
