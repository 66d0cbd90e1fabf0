//! The float operations that `core` lacks: the host's with feature `std`, else those of `libm`.
//!
//! IEEE 754 leaves these no freedom but in NaN payloads, which the callers canonicalise, so both
//! sets must agree to the bit; a test holds them to it.

/// Square root, roundings to an integral value, and fused multiply-add.
pub(crate) trait Host: Sized {
    fn sqrt(x: Self) -> Self;
    fn ceil(x: Self) -> Self;
    fn floor(x: Self) -> Self;
    fn trunc(x: Self) -> Self;
    fn nearest(x: Self) -> Self;
    fn fused(x: Self, y: Self, z: Self) -> Self;
}

/// A row `name x.. = with std, with libm for f32, with libm for f64;` becomes that function of
/// `Host`, and of module `portable`, through which the test reaches `libm`'s under `std` too.
macro_rules! host {
    ($($name:ident $($x:ident)+ = $std:expr, $libm32:ident, $libm64:ident;)+) => {
        host!(@impl f32, $($name ($($x)+) $std, $libm32;)+);
        host!(@impl f64, $($name ($($x)+) $std, $libm64;)+);

        #[cfg(all(test, feature = "std"))]
        pub(crate) mod portable {
            /// `libm`'s functions for `f32`, by our names.
            pub(crate) mod f32 { $(pub(in crate::num) use libm::$libm32 as $name;)+ }
            /// `libm`'s functions for `f64`, by our names.
            pub(crate) mod f64 { $(pub(in crate::num) use libm::$libm64 as $name;)+ }
        }
    };
    (@impl $float:ident, $($name:ident ($($x:ident)+) $std:expr, $libm:ident;)+) => {
        impl Host for $float {
            $(
                #[cfg(feature = "std")]
                #[inline(always)]
                fn $name($($x: Self),+) -> Self {
                    $std
                }

                #[cfg(not(feature = "std"))]
                #[inline(always)]
                fn $name($($x: Self),+) -> Self {
                    libm::$libm($($x),+)
                }
            )+
        }
    };
}

host! {
    sqrt x = x.sqrt(), sqrtf, sqrt;
    ceil x = x.ceil(), ceilf, ceil;
    floor x = x.floor(), floorf, floor;
    trunc x = x.trunc(), truncf, trunc;
    nearest x = x.round_ties_even(), rintf, rint;
    fused x y z = x.mul_add(y, z), fmaf, fma;
}
