//! Integer instructions, scalar (spec: exec/numerics, integer operations).
//!
//! Knows nothing of floats or vectors.

use crate::trap::Trap;

/// A row `i32_x i64_x (a, b) = e;` becomes `fn i32_x(a: u32, b: u32) -> u32 { e }` and
/// `fn i64_x(a: u64, b: u64) -> u64 { e }`. In `e`, `Signed` is the signed type of the same width.
macro_rules! integer {
    ($(#[$doc:meta] $name32:ident $name64:ident $args:tt = $meaning:expr;)+) => {$(
        integer!(@fn #[$doc] $name32 $args u32 i32, u32, $meaning);
        integer!(@fn #[$doc] $name64 $args u64 i64, u64, $meaning);
    )+};
    (@fn #[$doc:meta] $name:ident ($($arg:ident),+) $u:ident $s:ident, $ret:ty, $meaning:expr) => {
        #[$doc]
        #[inline(always)]
        #[must_use]
        pub fn $name($($arg: $u),+) -> $ret {
            #[allow(dead_code)]
            type Signed = $s;
            $meaning
        }
    };
}

/// Like `integer`, but the result is a boolean, given as 0 or 1 in an `i32`.
macro_rules! relation {
    ($(#[$doc:meta] $name32:ident $name64:ident $args:tt = $meaning:expr;)+) => {$(
        integer!(@fn #[$doc] $name32 $args u32 i32, u32, u32::from($meaning));
        integer!(@fn #[$doc] $name64 $args u64 i64, u32, u32::from($meaning));
    )+};
}

/// Like `integer`, but the function returns a `Result`: a value, or a trap.
macro_rules! partial {
    ($(#[$doc:meta] $name32:ident $name64:ident $args:tt = $meaning:expr;)+) => {$(
        partial!(@fn #[$doc] $name32 $args u32 i32, $meaning);
        partial!(@fn #[$doc] $name64 $args u64 i64, $meaning);
    )+};
    (@fn #[$doc:meta] $name:ident ($($arg:ident),+) $u:ident $s:ident, $meaning:expr) => {
        #[$doc]
        #[inline(always)]
        pub fn $name($($arg: $u),+) -> Result<$u, Trap> {
            #[allow(dead_code)]
            type Signed = $s;
            $meaning
        }
    };
}

integer! {
    /// The number of leading zero bits; the width for 0.
    i32_clz i64_clz (a) = a.leading_zeros() as _;
    /// The number of trailing zero bits; the width for 0.
    i32_ctz i64_ctz (a) = a.trailing_zeros() as _;
    /// The number of bits that are one.
    i32_popcnt i64_popcnt (a) = a.count_ones() as _;

    /// The sum, modulo 2^N.
    i32_add i64_add (a, b) = a.wrapping_add(b);
    /// The difference, modulo 2^N.
    i32_sub i64_sub (a, b) = a.wrapping_sub(b);
    /// The product, modulo 2^N.
    i32_mul i64_mul (a, b) = a.wrapping_mul(b);

    /// Bitwise conjunction.
    i32_and i64_and (a, b) = a & b;
    /// Bitwise disjunction.
    i32_or i64_or (a, b) = a | b;
    /// Bitwise exclusive disjunction.
    i32_xor i64_xor (a, b) = a ^ b;

    /// Shift left by the count modulo the width.
    i32_shl i64_shl (a, count) = a.wrapping_shl(count as u32);
    /// Arithmetic shift right by the count modulo the width.
    i32_shr_s i64_shr_s (a, count) = (a as Signed).wrapping_shr(count as u32) as _;
    /// Logical shift right by the count modulo the width.
    i32_shr_u i64_shr_u (a, count) = a.wrapping_shr(count as u32);
    /// Rotation to the left by the count modulo the width.
    i32_rotl i64_rotl (a, count) = a.rotate_left(count as u32 % Signed::BITS);
    /// Rotation to the right by the count modulo the width.
    i32_rotr i64_rotr (a, count) = a.rotate_right(count as u32 % Signed::BITS);

    /// The low 8 bits, sign-extended.
    i32_extend8_s i64_extend8_s (a) = a as i8 as _;
    /// The low 16 bits, sign-extended.
    i32_extend16_s i64_extend16_s (a) = a as i16 as _;
}

/// The low 32 bits, sign-extended.
#[inline(always)]
#[must_use]
pub fn i64_extend32_s(a: u64) -> u64 {
    a as i32 as u64
}

relation! {
    /// Whether the operand is zero.
    i32_eqz i64_eqz (a) = a == 0;
    /// Equality.
    i32_eq i64_eq (a, b) = a == b;
    /// Inequality.
    i32_ne i64_ne (a, b) = a != b;
    /// Signed less than.
    i32_lt_s i64_lt_s (a, b) = (a as Signed) < (b as Signed);
    /// Unsigned less than.
    i32_lt_u i64_lt_u (a, b) = a < b;
    /// Signed greater than.
    i32_gt_s i64_gt_s (a, b) = (a as Signed) > (b as Signed);
    /// Unsigned greater than.
    i32_gt_u i64_gt_u (a, b) = a > b;
    /// Signed less than or equal.
    i32_le_s i64_le_s (a, b) = (a as Signed) <= (b as Signed);
    /// Unsigned less than or equal.
    i32_le_u i64_le_u (a, b) = a <= b;
    /// Signed greater than or equal.
    i32_ge_s i64_ge_s (a, b) = (a as Signed) >= (b as Signed);
    /// Unsigned greater than or equal.
    i32_ge_u i64_ge_u (a, b) = a >= b;
}

partial! {
    /// Signed quotient, rounded towards zero; traps for a zero divisor and for MIN / -1.
    i32_div_s i64_div_s (a, b) = if b == 0 {
        Err(Trap::IntegerDivideByZero)
    } else {
        match (a as Signed).checked_div(b as Signed) {
            Some(quotient) => Ok(quotient as _),
            None => Err(Trap::IntegerOverflow),
        }
    };
    /// Unsigned quotient; traps for a zero divisor.
    i32_div_u i64_div_u (a, b) = a.checked_div(b).ok_or(Trap::IntegerDivideByZero);
    /// Signed remainder with the sign of the dividend (0 for MIN / -1); traps for a zero divisor.
    i32_rem_s i64_rem_s (a, b) = if b == 0 {
        Err(Trap::IntegerDivideByZero)
    } else {
        // Not `checked_rem`: MIN rem -1 is 0, no overflow.
        Ok((a as Signed).wrapping_rem(b as Signed) as _)
    };
    /// Unsigned remainder; traps for a zero divisor.
    i32_rem_u i64_rem_u (a, b) = a.checked_rem(b).ok_or(Trap::IntegerDivideByZero);
}

/// The 128-bit sum of two (low, high) pairs, modulo 2^128, as (low, high).
#[inline(always)]
#[must_use]
pub fn i64_add128(a_low: u64, a_high: u64, b_low: u64, b_high: u64) -> (u64, u64) {
    split(join(a_low, a_high).wrapping_add(join(b_low, b_high)))
}

/// The 128-bit difference of two (low, high) pairs, modulo 2^128, as (low, high).
#[inline(always)]
#[must_use]
pub fn i64_sub128(a_low: u64, a_high: u64, b_low: u64, b_high: u64) -> (u64, u64) {
    split(join(a_low, a_high).wrapping_sub(join(b_low, b_high)))
}

/// The full signed 128-bit product, as (low, high).
#[inline(always)]
#[must_use]
pub fn i64_mul_wide_s(a: u64, b: u64) -> (u64, u64) {
    split(((a as i64 as i128) * (b as i64 as i128)) as u128)
}

/// The full unsigned 128-bit product, as (low, high).
#[inline(always)]
#[must_use]
pub fn i64_mul_wide_u(a: u64, b: u64) -> (u64, u64) {
    split(u128::from(a) * u128::from(b))
}

#[inline(always)]
fn join(low: u64, high: u64) -> u128 {
    u128::from(low) | u128::from(high) << 64
}

#[inline(always)]
fn split(wide: u128) -> (u64, u64) {
    (wide as u64, (wide >> 64) as u64)
}
