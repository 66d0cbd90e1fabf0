//! Conversions between numeric types (spec: exec/numerics, conversions).
//!
//! Knows nothing of vectors. Rust's `as` has the spec's meaning for all of these: it saturates from
//! float to integer (0 for NaN), rounds to nearest, ties to even, the other way and from `f64` to
//! `f32`; what is left to us are traps and NaNs.

use super::float::{F32, F64};
use crate::trap::Trap;

/// A row `name (a: T) -> R = e;` becomes that function.
macro_rules! conversion {
    ($(#[$doc:meta] $name:ident ($a:ident: $from:ty) -> $to:ty = $meaning:expr;)+) => {$(
        #[$doc]
        #[inline(always)]
        #[must_use]
        pub fn $name($a: $from) -> $to {
            $meaning
        }
    )+};
}

/// A row `name (T) -> I as R, least op, limit;` becomes a function from `T` to `R` by way of the
/// integer type `I`, for operands `x` with `least op x < limit`.
macro_rules! truncation {
    ($(
        #[$doc:meta]
        $name:ident ($from:ty) -> $int:ident as $to:ident, $least:literal $op:tt x < $limit:literal;
    )+) => {$(
        #[$doc]
        #[inline(always)]
        #[allow(clippy::manual_range_contains)] // No range type excludes its start.
        pub fn $name(a: $from) -> Result<$to, Trap> {
            let x = a.to_float();
            if $least $op x && x < $limit {
                Ok(x as $int as $to)
            } else if x.is_nan() {
                Err(Trap::InvalidConversionToInteger)
            } else {
                Err(Trap::IntegerOverflow)
            }
        }
    )+};
}

// The operand is in range if its integral part is, so the lower bound is "> MIN - 1". Where that
// number does not exist in the float type, the next float is MIN itself, and the bound is ">= MIN".
truncation! {
    /// Rounds an `f32` towards zero to a signed `i32`; traps for NaN and out of range.
    i32_trunc_f32_s (F32) -> i32 as u32, -2147483648.0 <= x < 2147483648.0;
    /// Rounds an `f32` towards zero to an unsigned `i32`; traps for NaN and out of range.
    i32_trunc_f32_u (F32) -> u32 as u32, -1.0 < x < 4294967296.0;
    /// Rounds an `f64` towards zero to a signed `i32`; traps for NaN and out of range.
    i32_trunc_f64_s (F64) -> i32 as u32, -2147483649.0 < x < 2147483648.0;
    /// Rounds an `f64` towards zero to an unsigned `i32`; traps for NaN and out of range.
    i32_trunc_f64_u (F64) -> u32 as u32, -1.0 < x < 4294967296.0;
    /// Rounds an `f32` towards zero to a signed `i64`; traps for NaN and out of range.
    i64_trunc_f32_s (F32) -> i64 as u64, -9223372036854775808.0 <= x < 9223372036854775808.0;
    /// Rounds an `f32` towards zero to an unsigned `i64`; traps for NaN and out of range.
    i64_trunc_f32_u (F32) -> u64 as u64, -1.0 < x < 18446744073709551616.0;
    /// Rounds an `f64` towards zero to a signed `i64`; traps for NaN and out of range.
    i64_trunc_f64_s (F64) -> i64 as u64, -9223372036854775808.0 <= x < 9223372036854775808.0;
    /// Rounds an `f64` towards zero to an unsigned `i64`; traps for NaN and out of range.
    i64_trunc_f64_u (F64) -> u64 as u64, -1.0 < x < 18446744073709551616.0;
}

conversion! {
    /// Rounds an `f32` towards zero to a signed `i32`; saturates, 0 for NaN.
    i32_trunc_sat_f32_s (a: F32) -> u32 = a.to_float() as i32 as u32;
    /// Rounds an `f32` towards zero to an unsigned `i32`; saturates, 0 for NaN.
    i32_trunc_sat_f32_u (a: F32) -> u32 = a.to_float() as u32;
    /// Rounds an `f64` towards zero to a signed `i32`; saturates, 0 for NaN.
    i32_trunc_sat_f64_s (a: F64) -> u32 = a.to_float() as i32 as u32;
    /// Rounds an `f64` towards zero to an unsigned `i32`; saturates, 0 for NaN.
    i32_trunc_sat_f64_u (a: F64) -> u32 = a.to_float() as u32;
    /// Rounds an `f32` towards zero to a signed `i64`; saturates, 0 for NaN.
    i64_trunc_sat_f32_s (a: F32) -> u64 = a.to_float() as i64 as u64;
    /// Rounds an `f32` towards zero to an unsigned `i64`; saturates, 0 for NaN.
    i64_trunc_sat_f32_u (a: F32) -> u64 = a.to_float() as u64;
    /// Rounds an `f64` towards zero to a signed `i64`; saturates, 0 for NaN.
    i64_trunc_sat_f64_s (a: F64) -> u64 = a.to_float() as i64 as u64;
    /// Rounds an `f64` towards zero to an unsigned `i64`; saturates, 0 for NaN.
    i64_trunc_sat_f64_u (a: F64) -> u64 = a.to_float() as u64;

    /// The low 32 bits.
    i32_wrap_i64 (a: u64) -> u32 = a as u32;
    /// Sign-extends an `i32`.
    i64_extend_i32_s (a: u32) -> u64 = a as i32 as u64;
    /// Zero-extends an `i32`.
    i64_extend_i32_u (a: u32) -> u64 = u64::from(a);

    /// The `f32` nearest to a signed `i32`.
    f32_convert_i32_s (a: u32) -> F32 = F32::from_float(a as i32 as f32);
    /// The `f32` nearest to an unsigned `i32`.
    f32_convert_i32_u (a: u32) -> F32 = F32::from_float(a as f32);
    /// The `f32` nearest to a signed `i64`.
    f32_convert_i64_s (a: u64) -> F32 = F32::from_float(a as i64 as f32);
    /// The `f32` nearest to an unsigned `i64`.
    f32_convert_i64_u (a: u64) -> F32 = F32::from_float(a as f32);
    /// A signed `i32` as an `f64`, exactly.
    f64_convert_i32_s (a: u32) -> F64 = F64::from_float(f64::from(a as i32));
    /// An unsigned `i32` as an `f64`, exactly.
    f64_convert_i32_u (a: u32) -> F64 = F64::from_float(f64::from(a));
    /// The `f64` nearest to a signed `i64`.
    f64_convert_i64_s (a: u64) -> F64 = F64::from_float(a as i64 as f64);
    /// The `f64` nearest to an unsigned `i64`.
    f64_convert_i64_u (a: u64) -> F64 = F64::from_float(a as f64);

    /// The nearest `f32`; the canonical NaN for any NaN.
    f32_demote_f64 (a: F64) -> F32 = F32::canonical(a.to_float() as f32);
    /// The same number as an `f64`; the canonical NaN for any NaN.
    f64_promote_f32 (a: F32) -> F64 = F64::canonical(f64::from(a.to_float()));

    /// The bits of an `f32`.
    i32_reinterpret_f32 (a: F32) -> u32 = a.0;
    /// The bits of an `f64`.
    i64_reinterpret_f64 (a: F64) -> u64 = a.0;
    /// The `f32` with these bits.
    f32_reinterpret_i32 (a: u32) -> F32 = F32(a);
    /// The `f64` with these bits.
    f64_reinterpret_i64 (a: u64) -> F64 = F64(a);
}
