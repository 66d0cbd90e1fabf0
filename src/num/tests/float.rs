//! Edges of the float instructions and the conversions.

use super::check1;
use crate::num::*;
use crate::trap::Trap;

/// The sign bit, all other bits, all bits.
const MIN32: u32 = 1 << 31;
const MAX32: u32 = MIN32 - 1;
const ONES32: u32 = u32::MAX;
const MIN64: u64 = 1 << 63;
const MAX64: u64 = MIN64 - 1;
const ONES64: u64 = u64::MAX;

const NAN32: u32 = 0x7fc0_0000;
const NAN64: u64 = 0x7ff8_0000_0000_0000;
/// NaNs other than the canonical: with a payload, signalling, negative.
const NANS32: [u32; 4] = [0x7fc0_0001, 0x7fa0_0000, 0xff80_0001, 0xffc0_0000];
const NANS64: [u64; 4] = [
    0x7ff8_0000_0000_0001,
    0x7ff4_0000_0000_0000,
    0xfff0_0000_0000_0001,
    0xfff8_0000_0000_0000,
];

#[test]
fn arithmetic_makes_the_canonical_nan() {
    let unary: [fn(F32) -> F32; 5] = [f32_ceil, f32_floor, f32_trunc, f32_nearest, f32_sqrt];
    let binary: [fn(F32, F32) -> F32; 6] = [f32_add, f32_sub, f32_mul, f32_div, f32_min, f32_max];
    let (one, nan) = (F32::from_float(1.0), F32(NAN32));
    for x in NANS32.map(F32) {
        unary.iter().for_each(|f| assert_eq!(f(x), nan, "{x:x?}"));
        binary
            .iter()
            .for_each(|f| assert_eq!([f(x, one), f(one, x), f(x, x)], [nan; 3]));
        assert_eq!(f64_promote_f32(x), F64(NAN64));
    }
    let unary: [fn(F64) -> F64; 5] = [f64_ceil, f64_floor, f64_trunc, f64_nearest, f64_sqrt];
    let binary: [fn(F64, F64) -> F64; 6] = [f64_add, f64_sub, f64_mul, f64_div, f64_min, f64_max];
    let (one, nan) = (F64::from_float(1.0), F64(NAN64));
    for x in NANS64.map(F64) {
        unary.iter().for_each(|f| assert_eq!(f(x), nan, "{x:x?}"));
        binary
            .iter()
            .for_each(|f| assert_eq!([f(x, one), f(one, x), f(x, x)], [nan; 3]));
        assert_eq!(f32_demote_f64(x), F32(NAN32));
    }
    let (zero, infinity) = (F32::from_float(0.0), F32::from_float(f32::INFINITY));
    // The host makes a negative NaN of some of these.
    assert_eq!(f32_div(zero, zero), F32(NAN32));
    assert_eq!(f32_sub(infinity, infinity), F32(NAN32));
    assert_eq!(f32_mul(infinity, zero), F32(NAN32));
    assert_eq!(f32_sqrt(F32::from_float(-1.0)), F32(NAN32));
    assert_eq!(f64_sqrt(F64::from_float(-1.0)), F64(NAN64));
    assert_eq!(f32_sqrt(F32::from_float(-0.0)), F32::from_float(-0.0));
}

#[test]
fn bit_operations_keep_nans() {
    for bits in NANS32 {
        let x = F32(bits);
        assert_eq!(f32_abs(x), F32(bits & MAX32));
        assert_eq!(f32_neg(x), F32(bits ^ MIN32));
        assert_eq!(f32_copysign(x, F32(MIN32)), F32(bits | MIN32));
        assert_eq!(f32_copysign(F32(1), x), F32(1 | bits & MIN32));
        assert_eq!(f32_reinterpret_i32(i32_reinterpret_f32(x)), x);
        assert_eq!(F32::from_float(x.to_float()), x);
    }
    for bits in NANS64 {
        let x = F64(bits);
        assert_eq!(f64_abs(x), F64(bits & MAX64));
        assert_eq!(f64_neg(x), F64(bits ^ MIN64));
        assert_eq!(f64_copysign(x, F64(MIN64)), F64(bits | MIN64));
        assert_eq!(f64_copysign(F64(1), x), F64(1 | bits & MIN64));
        assert_eq!(f64_reinterpret_i64(i64_reinterpret_f64(x)), x);
        assert_eq!(F64::from_float(x.to_float()), x);
    }
}

#[test]
fn minimum_and_maximum_order_the_zeros() {
    let cases = [
        (0.0, -0.0, -0.0, 0.0),
        (-0.0, 0.0, -0.0, 0.0),
        (-0.0, -0.0, -0.0, -0.0),
    ];
    let more = [
        (1.0, 2.0, 1.0, 2.0),
        (f64::INFINITY, -1.0, -1.0, f64::INFINITY),
    ];
    for (a, b, min, max) in cases.into_iter().chain(more) {
        let (x, y) = (F64::from_float(a), F64::from_float(b));
        assert_eq!(f64_min(x, y), F64::from_float(min), "min {a} {b}");
        assert_eq!(f64_max(x, y), F64::from_float(max), "max {a} {b}");
        let (x, y) = (F32::from_float(a as f32), F32::from_float(b as f32));
        assert_eq!(f32_min(x, y), F32::from_float(min as f32), "min {a} {b}");
        assert_eq!(f32_max(x, y), F32::from_float(max as f32), "max {a} {b}");
    }
}

#[test]
fn roundings_keep_the_sign_of_zero() {
    // Operand, then ceil, floor, trunc, nearest.
    let cases = [
        (-0.0, [-0.0, -0.0, -0.0, -0.0]),
        (-0.5, [-0.0, -1.0, -0.0, -0.0]),
        (0.5, [1.0, 0.0, 0.0, 0.0]),
        (1.5, [2.0, 1.0, 1.0, 2.0]),
        (-1.5, [-1.0, -2.0, -1.0, -2.0]),
        (2.5, [3.0, 2.0, 2.0, 2.0]),
        (-3.5, [-3.0, -4.0, -3.0, -4.0]),
        (8388607.5, [8388608.0, 8388607.0, 8388607.0, 8388608.0]),
        (8388609.0, [8388609.0; 4]),
        (f64::INFINITY, [f64::INFINITY; 4]),
    ];
    for (a, want) in cases {
        let x = F64::from_float(a);
        let got = [f64_ceil(x), f64_floor(x), f64_trunc(x), f64_nearest(x)];
        assert_eq!(got, want.map(F64::from_float), "{a}");
        let x = F32::from_float(a as f32);
        let got = [f32_ceil(x), f32_floor(x), f32_trunc(x), f32_nearest(x)];
        assert_eq!(got, want.map(|x| F32::from_float(x as f32)), "{a}");
    }
    // Adding a half and rounding down would give 1.
    let below_half = F64(0x3fdf_ffff_ffff_ffff);
    assert_eq!(f64_nearest(below_half), F64(0));
}

/// A truncation, given a float and giving the result as a number, trapping and saturating; its
/// least and greatest operands in range with their results; the first floats out of range.
struct Truncation {
    name: &'static str,
    trapping: fn(f64) -> Result<i128, Trap>,
    saturating: fn(f64) -> i128,
    least: (f64, i128),
    greatest: (f64, i128),
    outside: (f64, f64),
}

/// A row `name trapping saturating float as signed or unsigned: least, greatest, outside;`.
macro_rules! truncations {
    ($(
        $name:literal $trapping:ident $saturating:ident $value:ident $float:ident as $int:ident:
        $least:expr, $greatest:expr, $outside:expr;
    )+) => {
        [$(Truncation {
            name: $name,
            trapping: |x| $trapping($value::from_float(x as $float)).map(|x| x as $int as i128),
            saturating: |x| $saturating($value::from_float(x as $float)) as $int as i128,
            least: $least,
            greatest: $greatest,
            outside: $outside,
        }),+]
    };
}

const MIN_I32: i128 = i32::MIN as i128;
const MIN_I64: i128 = i64::MIN as i128;

const TRUNCATIONS: [Truncation; 8] = truncations! {
    "i32.trunc_f32_s" i32_trunc_f32_s i32_trunc_sat_f32_s F32 f32 as i32:
        (-2147483648.0, MIN_I32), (2147483520.0, 2147483520), (-2147483904.0, 2147483648.0);
    "i32.trunc_f32_u" i32_trunc_f32_u i32_trunc_sat_f32_u F32 f32 as u32:
        (-0.99999994, 0), (4294967040.0, 4294967040), (-1.0, 4294967296.0);
    "i64.trunc_f32_s" i64_trunc_f32_s i64_trunc_sat_f32_s F32 f32 as i64:
        (-9223372036854775808.0, MIN_I64), (9223371487098961920.0, 9223371487098961920),
        (-9223373136366403584.0, 9223372036854775808.0);
    "i64.trunc_f32_u" i64_trunc_f32_u i64_trunc_sat_f32_u F32 f32 as u64:
        (-0.99999994, 0), (18446742974197923840.0, 18446742974197923840),
        (-1.0, 18446744073709551616.0);
    "i32.trunc_f64_s" i32_trunc_f64_s i32_trunc_sat_f64_s F64 f64 as i32:
        (-2147483648.9999995, MIN_I32), (2147483647.9999998, 2147483647),
        (-2147483649.0, 2147483648.0);
    "i32.trunc_f64_u" i32_trunc_f64_u i32_trunc_sat_f64_u F64 f64 as u32:
        (-0.9999999999999999, 0), (4294967295.9999995, 4294967295), (-1.0, 4294967296.0);
    "i64.trunc_f64_s" i64_trunc_f64_s i64_trunc_sat_f64_s F64 f64 as i64:
        (-9223372036854775808.0, MIN_I64), (9223372036854774784.0, 9223372036854774784),
        (-9223372036854777856.0, 9223372036854775808.0);
    "i64.trunc_f64_u" i64_trunc_f64_u i64_trunc_sat_f64_u F64 f64 as u64:
        (-0.9999999999999999, 0), (18446744073709549568.0, 18446744073709549568),
        (-1.0, 18446744073709551616.0);
};

#[test]
fn truncation_boundaries() {
    for Truncation {
        name,
        trapping,
        saturating,
        least,
        greatest,
        outside,
    } in TRUNCATIONS
    {
        let small = [
            (0.0, 0),
            (-0.0, 0),
            (0.9, 0),
            (-0.9, 0),
            (5e-324, 0),
            (1.5, 1),
            (2.5, 2),
        ];
        for (x, want) in small.into_iter().chain([least, greatest]) {
            assert_eq!(trapping(x), Ok(want), "{name} {x}");
            assert_eq!(saturating(x), want, "{name} {x}, saturating");
        }
        let unsigned = name.ends_with('u');
        let bits = if name.starts_with("i64") { 64 } else { 32 } - u32::from(!unsigned);
        let (min, max) = (if unsigned { 0 } else { -(1 << bits) }, (1 << bits) - 1);
        for (x, want) in [
            (outside.0, min),
            (-1e30, min),
            (f64::NEG_INFINITY, min),
            (outside.1, max),
            (1e30, max),
            (f64::INFINITY, max),
        ] {
            assert_eq!(trapping(x), Err(Trap::IntegerOverflow), "{name} {x}");
            assert_eq!(saturating(x), want, "{name} {x}, saturating");
        }
        for x in [f64::NAN, -f64::NAN] {
            assert_eq!(
                trapping(x),
                Err(Trap::InvalidConversionToInteger),
                "{name} NaN"
            );
            assert_eq!(saturating(x), 0, "{name} NaN, saturating");
        }
    }
}

#[test]
fn conversions_round_once_to_nearest_even() {
    let f32 = F32::from_float;
    let cases = [
        (16777217, f32(16777216.0)),      // a tie, to even
        (16777219, f32(16777220.0)),      // a tie, to even
        (0x8000_0080, f32(2147483648.0)), // a tie
        (0x8000_0081, f32(2147483904.0)), // above the tie
        (0xffff_ffff, f32(4294967296.0)),
    ];
    check1("f32.convert_i32_u", f32_convert_i32_u, &cases);
    check1(
        "f32.convert_i32_s",
        f32_convert_i32_s,
        &[(MIN32, f32(-2147483648.0)), (0, f32(0.0))],
    );
    check1(
        "f64.convert_i32_s",
        f64_convert_i32_s,
        &[(ONES32, F64::from_float(-1.0))],
    );
    check1(
        "f64.convert_i32_u",
        f64_convert_i32_u,
        &[(ONES32, F64::from_float(4294967295.0))],
    );
    // By way of f64 these would round twice.
    let cases = [
        (0x0020_0000_2000_0001, f32(9007200328482816.0)),
        (0x7fff_ffbf_ffff_ffff, f32(9223371487098961920.0)),
        (MIN64, f32(9223372036854775808.0)),
        (0xffff_ff7f_ffff_ffff, f32(18446742974197923840.0)),
        (0xffff_ff80_0000_0000, f32(18446744073709551616.0)),
        (ONES64, f32(18446744073709551616.0)),
    ];
    check1("f32.convert_i64_u", f32_convert_i64_u, &cases);
    let cases = [
        (MIN64, f32(-9223372036854775808.0)),
        (ONES64, f32(-1.0)),
        (0x0020_0000_2000_0001, f32(9007200328482816.0)),
        (
            0x0020_0000_2000_0001u64.wrapping_neg(),
            f32(-9007200328482816.0),
        ),
    ];
    check1("f32.convert_i64_s", f32_convert_i64_s, &cases);
    let cases = [
        (0x0020_0000_0000_0001, F64::from_float(9007199254740992.0)),
        (0x0020_0000_0000_0003, F64::from_float(9007199254740996.0)),
        (
            0xffff_ffff_ffff_fbff,
            F64::from_float(18446744073709549568.0),
        ),
        (
            0xffff_ffff_ffff_fc00,
            F64::from_float(18446744073709551616.0),
        ),
    ];
    check1("f64.convert_i64_u", f64_convert_i64_u, &cases);
    check1(
        "f64.convert_i64_s",
        f64_convert_i64_s,
        &[(ONES64, F64::from_float(-1.0))],
    );
}

#[test]
fn demotion_and_promotion() {
    let demotions = [
        (0x3ff0_0000_1000_0000, 0x3f80_0000), // 1 and half a unit: a tie, to even
        (0x3ff0_0000_1000_0001, 0x3f80_0001), // above the tie
        (0x3ff0_0000_3000_0000, 0x3f80_0002), // a tie, to even
        (0x47ef_ffff_efff_ffff, 0x7f7f_ffff), // below the tie of the greatest and 2^128
        (0x47ef_ffff_f000_0000, 0x7f80_0000), // that tie: infinity
        (0x36a0_0000_0000_0000, 0x0000_0001), // 2^-149, the least subnormal
        (0x3690_0000_0000_0000, 0x0000_0000), // half of it: a tie, to even
        (0x3690_0000_0000_0001, 0x0000_0001), // above that tie
        (0x380f_ffff_ffff_ffff, 0x0080_0000), // rounds up to the least normal
        (0x8000_0000_0000_0000, 0x8000_0000), // -0
        (0xb690_0000_0000_0000, 0x8000_0000), // underflow keeps the sign
        (0xfff0_0000_0000_0000, 0xff80_0000), // -infinity
    ];
    for (from, to) in demotions {
        assert_eq!(
            f32_demote_f64(F64(from)),
            F32(to),
            "f32.demote_f64 {from:#x}"
        );
    }
    let promotions = [
        (0x0000_0001, 0x36a0_0000_0000_0000),
        (0x8000_0000, 0x8000_0000_0000_0000),
        (0x7f80_0000, 0x7ff0_0000_0000_0000),
        (0x3f80_0001, 0x3ff0_0000_2000_0000),
    ];
    for (from, to) in promotions {
        assert_eq!(
            f64_promote_f32(F32(from)),
            F64(to),
            "f64.promote_f32 {from:#x}"
        );
    }
}

#[test]
fn float_comparisons_with_nan() {
    let (one, nan) = (F64::from_float(1.0), F64(NANS64[1]));
    for (a, b) in [(one, nan), (nan, one), (nan, nan)] {
        let got = [
            f64_eq(a, b),
            f64_ne(a, b),
            f64_lt(a, b),
            f64_gt(a, b),
            f64_le(a, b),
        ];
        assert_eq!(got, [0, 1, 0, 0, 0]);
        assert_eq!(f64_ge(a, b), 0);
    }
    let (zero, minus) = (F32::from_float(0.0), F32::from_float(-0.0));
    assert_eq!(
        [
            f32_eq(zero, minus),
            f32_lt(minus, zero),
            f32_ge(minus, zero)
        ],
        [1, 0, 1]
    );
    let (one, nan) = (F32::from_float(1.0), F32(NANS32[1]));
    assert_eq!(
        [
            f32_eq(nan, nan),
            f32_ne(nan, nan),
            f32_lt(one, nan),
            f32_ge(nan, one)
        ],
        [0, 1, 0, 0]
    );
    assert_eq!(
        [
            f32_gt(nan, one),
            f32_le(one, nan),
            f32_gt(one, zero),
            f32_le(zero, one)
        ],
        [0, 0, 1, 1]
    );
}
