//! Vector instructions on float lanes, lane by lane (spec: exec/numerics, floating-point
//! operations). What a scalar instruction means is said there, once, and called from here.

use super::V128;
use crate::num::float::*;

relation! {
    /// Equality; false for NaN.
    f32x4_eq [F32; 4] f64x2_eq [F64; 2] (a, b) = a.to_float() == b.to_float();
    /// Inequality; true for NaN.
    f32x4_ne [F32; 4] f64x2_ne [F64; 2] (a, b) = a.to_float() != b.to_float();
    /// Less than; false for NaN.
    f32x4_lt [F32; 4] f64x2_lt [F64; 2] (a, b) = a.to_float() < b.to_float();
    /// Greater than; false for NaN.
    f32x4_gt [F32; 4] f64x2_gt [F64; 2] (a, b) = a.to_float() > b.to_float();
    /// Less than or equal; false for NaN.
    f32x4_le [F32; 4] f64x2_le [F64; 2] (a, b) = a.to_float() <= b.to_float();
    /// Greater than or equal; false for NaN.
    f32x4_ge [F32; 4] f64x2_ge [F64; 2] (a, b) = a.to_float() >= b.to_float();
}

lanewise! {
    /// `f32.abs` in each lane.
    f32x4_abs [F32; 4] (a) = f32_abs(a);
    /// `f64.abs` in each lane.
    f64x2_abs [F64; 2] (a) = f64_abs(a);
    /// `f32.neg` in each lane.
    f32x4_neg [F32; 4] (a) = f32_neg(a);
    /// `f64.neg` in each lane.
    f64x2_neg [F64; 2] (a) = f64_neg(a);
    /// `f32.sqrt` in each lane.
    f32x4_sqrt [F32; 4] (a) = f32_sqrt(a);
    /// `f64.sqrt` in each lane.
    f64x2_sqrt [F64; 2] (a) = f64_sqrt(a);
    /// `f32.ceil` in each lane.
    f32x4_ceil [F32; 4] (a) = f32_ceil(a);
    /// `f64.ceil` in each lane.
    f64x2_ceil [F64; 2] (a) = f64_ceil(a);
    /// `f32.floor` in each lane.
    f32x4_floor [F32; 4] (a) = f32_floor(a);
    /// `f64.floor` in each lane.
    f64x2_floor [F64; 2] (a) = f64_floor(a);
    /// `f32.trunc` in each lane.
    f32x4_trunc [F32; 4] (a) = f32_trunc(a);
    /// `f64.trunc` in each lane.
    f64x2_trunc [F64; 2] (a) = f64_trunc(a);
    /// `f32.nearest` in each lane.
    f32x4_nearest [F32; 4] (a) = f32_nearest(a);
    /// `f64.nearest` in each lane.
    f64x2_nearest [F64; 2] (a) = f64_nearest(a);

    /// `f32.add` in each lane.
    f32x4_add [F32; 4] (a, b) = f32_add(a, b);
    /// `f64.add` in each lane.
    f64x2_add [F64; 2] (a, b) = f64_add(a, b);
    /// `f32.sub` in each lane.
    f32x4_sub [F32; 4] (a, b) = f32_sub(a, b);
    /// `f64.sub` in each lane.
    f64x2_sub [F64; 2] (a, b) = f64_sub(a, b);
    /// `f32.mul` in each lane.
    f32x4_mul [F32; 4] (a, b) = f32_mul(a, b);
    /// `f64.mul` in each lane.
    f64x2_mul [F64; 2] (a, b) = f64_mul(a, b);
    /// `f32.div` in each lane.
    f32x4_div [F32; 4] (a, b) = f32_div(a, b);
    /// `f64.div` in each lane.
    f64x2_div [F64; 2] (a, b) = f64_div(a, b);
    /// `f32.min` in each lane.
    f32x4_min [F32; 4] (a, b) = f32_min(a, b);
    /// `f64.min` in each lane.
    f64x2_min [F64; 2] (a, b) = f64_min(a, b);
    /// `f32.max` in each lane.
    f32x4_max [F32; 4] (a, b) = f32_max(a, b);
    /// `f64.max` in each lane.
    f64x2_max [F64; 2] (a, b) = f64_max(a, b);

    /// The second lane where it is less, else the first: its bits, be it NaN or either zero.
    f32x4_pmin [F32; 4] f64x2_pmin [F64; 2] (a, b) = {
        if b.to_float() < a.to_float() { b } else { a }
    };
    /// The second lane where it is greater, else the first: its bits, be it NaN or either zero.
    f32x4_pmax [F32; 4] f64x2_pmax [F64; 2] (a, b) = {
        if a.to_float() < b.to_float() { b } else { a }
    };
}
