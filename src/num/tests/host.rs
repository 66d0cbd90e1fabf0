//! The host's float functions and `libm`'s must agree to the bit (but for NaN payloads, which
//! nothing sees): else a build with `std` and one without would disagree.

#![cfg(feature = "std")]

use super::Random;
use crate::num::float::host::{Host, portable};
use crate::num::{F32, F64};

const RANDOM_INPUTS: usize = 1_000_000;

const EDGES32: &[u64] = &[
    0x0000_0000, // 0
    0x0000_0001, // least subnormal
    0x007f_ffff, // greatest subnormal
    0x0080_0000, // least normal
    0x3eff_ffff, // below a half
    0x3f00_0000, // a half
    0x3f80_0000, // 1
    0x3fc0_0000, // 1.5
    0x4020_0000, // 2.5
    0x4aff_ffff, // the last with a fraction of a half
    0x4b00_0000, // 2^23
    0x4b80_0000, // 2^24
    0x7f7f_ffff, // greatest
    0x7f80_0000, // infinity
    0x7fa0_0000, // a signalling NaN
    0x7fc0_0000, // the canonical NaN
];

const EDGES64: &[u64] = &[
    0x0000_0000_0000_0000,
    0x0000_0000_0000_0001,
    0x000f_ffff_ffff_ffff,
    0x0010_0000_0000_0000,
    0x3fdf_ffff_ffff_ffff,
    0x3fe0_0000_0000_0000,
    0x3ff0_0000_0000_0000,
    0x3ff8_0000_0000_0000,
    0x4004_0000_0000_0000,
    0x432f_ffff_ffff_ffff,
    0x4330_0000_0000_0000,
    0x4340_0000_0000_0000,
    0x7fef_ffff_ffff_ffff,
    0x7ff0_0000_0000_0000,
    0x7ff4_0000_0000_0000,
    0x7ff8_0000_0000_0000,
];

/// The test of one width: every edge of either sign, then random bits, and for `fused` also sums
/// that nearly cancel, where a product rounded by itself would show.
macro_rules! agree {
    ($test:ident $float:ident $value:ident $bits:ident $edges:ident) => {
        #[test]
        fn $test() {
            type Unary = (&'static str, fn($float) -> $float, fn($float) -> $float);
            let unary: [Unary; 5] = [
                ("sqrt", Host::sqrt, portable::$float::sqrt),
                ("ceil", Host::ceil, portable::$float::ceil),
                ("floor", Host::floor, portable::$float::floor),
                ("trunc", Host::trunc, portable::$float::trunc),
                ("nearest", Host::nearest, portable::$float::nearest),
            ];
            let check = |name: &str, inputs: &[$float], host: $float, libm: $float| {
                let (host, libm) = ($value::canonical(host), $value::canonical(libm));
                assert_eq!(
                    host, libm,
                    "{name} of {inputs:?}: host {host:x?}, libm {libm:x?}"
                );
            };
            let check_unary = |x: $float| {
                for (name, host, libm) in unary {
                    check(name, &[x], host(x), libm(x));
                }
            };
            let check_fused = |x: $float, y: $float, z: $float| {
                let libm = portable::$float::fused(x, y, z);
                check("fused", &[x, y, z], Host::fused(x, y, z), libm);
            };

            let edges = || {
                $edges.iter().flat_map(|&edge| {
                    let edge = $float::from_bits(edge as $bits);
                    [edge, -edge]
                })
            };
            for x in edges() {
                check_unary(x);
                for y in edges() {
                    edges().for_each(|z| check_fused(x, y, z));
                }
            }

            let mut random = Random::new();
            let mut float = || $float::from_bits(random.bits($edges) as $bits);
            for _ in 0..RANDOM_INPUTS {
                let (x, y, z) = (float(), float(), float());
                check_unary(x);
                check_fused(x, y, z);
                check_fused(x, y, -(x * y));
            }
        }
    };
}

agree!(f32_functions_agree f32 F32 u32 EDGES32);
agree!(f64_functions_agree f64 F64 u64 EDGES64);
