//! Float values and instructions, scalar (spec: exec/numerics, floating-point operations).
//!
//! Knows nothing of integers' instructions or vectors. `host` is the one place that chooses
//! between the host's and `libm`'s functions.

pub(crate) mod host;

use host::Host;

/// An `f32` value, as its bits: moves keep every NaN. Equality is of bits, not of numbers.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Hash)]
pub struct F32(pub u32);

/// An `f64` value, as its bits: moves keep every NaN. Equality is of bits, not of numbers.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Hash)]
pub struct F64(pub u64);

macro_rules! float_type {
    ($type:ident $float:ident $bits:ident, $nan:literal) => {
        impl $type {
            /// The NaN that arithmetic makes: positive, only the top bit of the payload set.
            pub const CANONICAL_NAN: Self = Self($nan);
            /// The sign bit.
            pub const SIGN: $bits = 1 << ($bits::BITS - 1);

            /// The value with the bits of `value`.
            #[inline(always)]
            #[must_use]
            pub const fn from_float(value: $float) -> Self {
                Self(value.to_bits())
            }

            /// The host's float with these bits.
            #[inline(always)]
            #[must_use]
            pub const fn to_float(self) -> $float {
                $float::from_bits(self.0)
            }

            /// The result of arithmetic: `value`, or the canonical NaN for any NaN.
            #[inline(always)]
            #[must_use]
            pub const fn canonical(value: $float) -> Self {
                if value.is_nan() {
                    // A jump, not a choice: what comes next need not wait for the comparison.
                    core::hint::cold_path();
                    Self::CANONICAL_NAN
                } else {
                    Self(value.to_bits())
                }
            }
        }
    };
}

float_type!(F32 f32 u32, 0x7fc0_0000);
float_type!(F64 f64 u64, 0x7ff8_0000_0000_0000);

/// A row `f32_x f64_x (a, b) = e;` becomes `fn f32_x(a: F32, b: F32) -> F32` and its `f64` twin.
/// In `e` the operands are host floats, and a NaN it yields becomes the canonical one.
macro_rules! arithmetic {
    ($(#[$doc:meta] $name32:ident $name64:ident $args:tt = $meaning:expr;)+) => {$(
        arithmetic!(@fn #[$doc] $name32 $args F32, $meaning);
        arithmetic!(@fn #[$doc] $name64 $args F64, $meaning);
    )+};
    (@fn #[$doc:meta] $name:ident ($($arg:ident),+) $type:ident, $meaning:expr) => {
        #[$doc]
        #[inline(always)]
        #[must_use]
        pub fn $name($($arg: $type),+) -> $type {
            $(let $arg = $arg.to_float();)+
            $type::canonical($meaning)
        }
    };
}

/// Like `arithmetic`, but the result is a boolean, given as 0 or 1 in an `i32`.
macro_rules! relation {
    ($(#[$doc:meta] $name32:ident $name64:ident = $op:tt;)+) => {$(
        relation!(@fn #[$doc] $name32 F32 $op);
        relation!(@fn #[$doc] $name64 F64 $op);
    )+};
    (@fn #[$doc:meta] $name:ident $type:ident $op:tt) => {
        #[$doc]
        #[inline(always)]
        #[must_use]
        pub fn $name(a: $type, b: $type) -> u32 {
            u32::from(a.to_float() $op b.to_float())
        }
    };
}

/// Like `arithmetic`, but operands and result are `F32` or `F64` (which `Float` names) and no NaN
/// is touched.
macro_rules! bitwise {
    ($(#[$doc:meta] $name32:ident $name64:ident $args:tt = $meaning:expr;)+) => {$(
        bitwise!(@fn #[$doc] $name32 $args F32, $meaning);
        bitwise!(@fn #[$doc] $name64 $args F64, $meaning);
    )+};
    (@fn #[$doc:meta] $name:ident ($($arg:ident),+) $type:ident, $meaning:expr) => {
        #[$doc]
        #[inline(always)]
        #[must_use]
        pub fn $name($($arg: $type),+) -> $type {
            use self::$type as Float;
            $meaning
        }
    };
}

arithmetic! {
    /// The least integral value that is not less.
    f32_ceil f64_ceil (a) = Host::ceil(a);
    /// The greatest integral value that is not greater.
    f32_floor f64_floor (a) = Host::floor(a);
    /// The integral value next towards zero.
    f32_trunc f64_trunc (a) = Host::trunc(a);
    /// The nearest integral value, ties to even; keeps the sign of a zero.
    f32_nearest f64_nearest (a) = Host::nearest(a);
    /// The square root.
    f32_sqrt f64_sqrt (a) = Host::sqrt(a);
    /// The sum.
    f32_add f64_add (a, b) = a + b;
    /// The difference.
    f32_sub f64_sub (a, b) = a - b;
    /// The product.
    f32_mul f64_mul (a, b) = a * b;
    /// The quotient.
    f32_div f64_div (a, b) = a / b;
}

relation! {
    /// Equality; false for NaN.
    f32_eq f64_eq = ==;
    /// Inequality; true for NaN.
    f32_ne f64_ne = !=;
    /// Less than; false for NaN.
    f32_lt f64_lt = <;
    /// Greater than; false for NaN.
    f32_gt f64_gt = >;
    /// Less than or equal; false for NaN.
    f32_le f64_le = <=;
    /// Greater than or equal; false for NaN.
    f32_ge f64_ge = >=;
}

bitwise! {
    /// The sign bit cleared, NaN or not.
    f32_abs f64_abs (a) = Float(a.0 & !Float::SIGN);
    /// The sign bit flipped, NaN or not.
    f32_neg f64_neg (a) = Float(a.0 ^ Float::SIGN);
    /// The first operand with the sign bit of the second, NaN or not.
    f32_copysign f64_copysign (a, b) = Float(a.0 & !Float::SIGN | b.0 & Float::SIGN);

    /// The lesser operand, with -0 below +0; the canonical NaN if either is NaN.
    f32_min f64_min (a, b) = {
        let (x, y) = (a.to_float(), b.to_float());
        // Equal operands have equal bits, or are the two zeros: or-ing finds the -0.
        let equal = Float(a.0 | b.0);
        let ordered = if x < y { a } else if y < x { b } else { equal };
        if x.is_nan() | y.is_nan() { Float::CANONICAL_NAN } else { ordered }
    };
    /// The greater operand, with -0 below +0; the canonical NaN if either is NaN.
    f32_max f64_max (a, b) = {
        let (x, y) = (a.to_float(), b.to_float());
        // Equal operands have equal bits, or are the two zeros: and-ing finds the +0.
        let equal = Float(a.0 & b.0);
        let ordered = if x > y { a } else if y > x { b } else { equal };
        if x.is_nan() | y.is_nan() { Float::CANONICAL_NAN } else { ordered }
    };
}
