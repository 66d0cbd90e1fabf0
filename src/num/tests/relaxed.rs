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
    // Signed by signed, though the second operand breaks the promise of seven bits.
    let sums = i16x8_relaxed_dot_i8x16_i7x16_s(least, i8x16_splat(0x81));
    assert_eq!(sums, i16x8_splat(32512));
    let least = i16x8_splat(0x8000);
    assert_eq!(i16x8_relaxed_q15mulr_s(least, least), i16x8_splat(0x7fff));
    // Not the choice of a byte's or word's sign bit for the whole lane.
    let select = i32x4_relaxed_laneselect(V128(u128::MAX), V128(0), i32x4_splat(0x8000_0001));
    assert_eq!(select, i32x4_splat(0x8000_0001));
}

/// The deterministic profile: the second operand is signed, sums of 16 bits saturate, and the form
/// with an addend is composed of the other (spec: exec/numerics, RELAXED_DOT).
#[test]
fn relaxed_dot_products_saturate() {
    let bytes =
        |pattern: [i8; 4]| V128::from(core::array::from_fn::<i8, 16, _>(|i| pattern[i % 4]));
    for (a, b, dots, sum) in [
        ([-128; 4], [-128; 4], [32767, 32767], 65534),
        // One neighbour alone overflows, in either place.
        ([-128, -128, 1, 2], [-128, -128, 3, 4], [32767, 11], 32778),
        ([1, 2, -128, -128], [3, 4, -128, -128], [11, 32767], 32778),
        // The largest sum that fits, and the least one.
        ([-128; 4], [-128, -127, -128, -127], [32640, 32640], 65280),
        ([-128; 4], [127; 4], [-32512, -32512], -65024),
        ([127; 4], [-128; 4], [-32512, -32512], -65024),
        ([-128, 127, -1, 0], [-128, 127, 1, 9], [32513, -1], 32512),
    ] {
        let (a, b) = (bytes(a), bytes(b));
        let dots = V128::from(core::array::from_fn::<i16, 8, _>(|i| dots[i % 2]));
        assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s(a, b), dots, "{a:?} {b:?}");
        for addend in [0u32, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] {
            let want = i32x4_splat((sum as u32).wrapping_add(addend));
            let found = i32x4_relaxed_dot_i8x16_i7x16_add_s(a, b, i32x4_splat(addend));
            assert_eq!(found, want, "{a:?} {b:?} {addend}");
        }
    }
}
