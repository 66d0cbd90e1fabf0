//! The choices that relaxed instructions make.

use crate::num::*;

#[test]
fn relaxed_multiply_add_rounds_once() {
    let f32x4 = |x: f32| f32x4_splat(F32::from_float(x));
    let f64x2 = |x: f64| f64x2_splat(F64::from_float(x));
    // (1 + e)^2 - (1 + 2e) is e^2, which a product rounded by itself loses.
    let e = f32::EPSILON;
    let (a, c) = (f32x4(1.0 + e), f32x4(-(1.0 + 2.0 * e)));
    assert_eq!(f32x4_relaxed_madd(a, a, c), f32x4(e * e));
    assert_eq!(
        f32x4_relaxed_nmadd(a, a, f32x4(1.0 + 2.0 * e)),
        f32x4(-(e * e))
    );
    let e = f64::EPSILON;
    let (a, c) = (f64x2(1.0 + e), f64x2(-(1.0 + 2.0 * e)));
    assert_eq!(f64x2_relaxed_madd(a, a, c), f64x2(e * e));
    assert_eq!(
        f64x2_relaxed_nmadd(a, a, f64x2(1.0 + 2.0 * e)),
        f64x2(-(e * e))
    );
    // An intermediate result out of range is no infinity.
    let (big, two) = (f32x4(f32::MAX), f32x4(2.0));
    assert_eq!(f32x4_relaxed_madd(big, two, f32x4(-f32::MAX)), big);
    // Every NaN is the canonical one, whatever its source and sign.
    let (zero, infinity, nan) = (
        f32x4(0.0),
        f32x4(f32::INFINITY),
        f32x4_splat(F32(0xffa0_0001)),
    );
    let canonical = f32x4_splat(F32::CANONICAL_NAN);
    for (a, b, c) in [
        (zero, infinity, two),
        (nan, two, two),
        (two, two, nan),
        (two, nan, two),
    ] {
        assert_eq!(f32x4_relaxed_madd(a, b, c), canonical);
        assert_eq!(f32x4_relaxed_nmadd(a, b, c), canonical);
    }
    let nan = f64x2_splat(F64(0xfff4_0000_0000_0001));
    assert_eq!(
        f64x2_relaxed_madd(nan, nan, nan),
        f64x2_splat(F64::CANONICAL_NAN)
    );
    assert_eq!(
        f64x2_relaxed_nmadd(nan, nan, nan),
        f64x2_splat(F64::CANONICAL_NAN)
    );
}

#[test]
fn relaxed_choices() {
    let least = i8x16_splat(0x80);
    // Two products of -128 by -128: wraps in 16 bits, is exact on the way to 32.
    assert_eq!(
        i16x8_relaxed_dot_i8x16_i7x16_s(least, least),
        i16x8_splat(0x8000)
    );
    let sums = i32x4_relaxed_dot_i8x16_i7x16_add_s(least, least, i32x4_splat(1));
    assert_eq!(sums, i32x4_splat(65537));
    // Signed by signed, though the second operand breaks the promise of seven bits.
    let sums = i16x8_relaxed_dot_i8x16_i7x16_s(least, i8x16_splat(0x81));
    assert_eq!(sums, i16x8_splat(32512));
    let least = i16x8_splat(0x8000);
    assert_eq!(i16x8_relaxed_q15mulr_s(least, least), i16x8_splat(0x7fff));
    // Not the choice of a byte's or word's sign bit for the whole lane.
    let select = i32x4_relaxed_laneselect(V128(u128::MAX), V128(0), i32x4_splat(0x8000_0001));
    assert_eq!(select, i32x4_splat(0x8000_0001));
}
