//! Edges of the integer instructions.

use super::{check1, check2};
use crate::num::*;
use crate::trap::Trap;

const MIN32: u32 = 1 << 31;
const MAX32: u32 = MIN32 - 1;
const MIN64: u64 = 1 << 63;
const MAX64: u64 = MIN64 - 1;
/// -1, also the greatest unsigned number.
const ONES32: u32 = u32::MAX;
const ONES64: u64 = u64::MAX;

#[test]
fn division() {
    use Trap::{IntegerDivideByZero as Zero, IntegerOverflow as Overflow};
    let neg = |x: i32| x as u32;
    let signed = [
        (7, 2, Ok(3)),
        (neg(-7), 2, Ok(neg(-3))),
        (7, neg(-2), Ok(neg(-3))),
        (MIN32, 1, Ok(MIN32)),
        (MIN32, 2, Ok(0xc000_0000)),
        (MAX32, ONES32, Ok(MIN32 + 1)),
        (MIN32, ONES32, Err(Overflow)),
        (1, 0, Err(Zero)),
        (MIN32, 0, Err(Zero)),
        (0, 0, Err(Zero)),
    ];
    check2("i32.div_s", i32_div_s, &signed);
    let remainder = [
        (7, 2, Ok(1)),
        (neg(-7), 2, Ok(ONES32)),
        (7, neg(-2), Ok(1)),
        (MIN32, ONES32, Ok(0)),
        (MAX32, ONES32, Ok(0)),
        (MIN32, 10, Ok(neg(-8))),
        (5, MIN32, Ok(5)),
        (1, 0, Err(Zero)),
    ];
    check2("i32.rem_s", i32_rem_s, &remainder);
    let unsigned = [
        (7, 2, Ok(3)),
        (MIN32, ONES32, Ok(0)),
        (ONES32, 1, Ok(ONES32)),
    ];
    check2("i32.div_u", i32_div_u, &unsigned);
    check2(
        "i32.rem_u",
        i32_rem_u,
        &[(7, 2, Ok(1)), (MIN32, ONES32, Ok(MIN32))],
    );
    check2(
        "i32.div_u",
        i32_div_u,
        &[(0, 0, Err(Zero)), (ONES32, 0, Err(Zero))],
    );
    check2(
        "i32.rem_u",
        i32_rem_u,
        &[(0, 0, Err(Zero)), (ONES32, 0, Err(Zero))],
    );

    let neg = |x: i64| x as u64;
    let signed = [
        (neg(-7), 2, Ok(neg(-3))),
        (MAX64, ONES64, Ok(MIN64 + 1)),
        (MIN64, ONES64, Err(Overflow)),
        (MIN64, 0, Err(Zero)),
    ];
    check2("i64.div_s", i64_div_s, &signed);
    let remainder = [
        (neg(-7), 2, Ok(ONES64)),
        (MIN64, ONES64, Ok(0)),
        (MAX64, ONES64, Ok(0)),
        (MIN64, 0, Err(Zero)),
    ];
    check2("i64.rem_s", i64_rem_s, &remainder);
    check2(
        "i64.div_u",
        i64_div_u,
        &[(MIN64, ONES64, Ok(0)), (1, 0, Err(Zero))],
    );
    check2(
        "i64.rem_u",
        i64_rem_u,
        &[(MIN64, ONES64, Ok(MIN64)), (1, 0, Err(Zero))],
    );
}

#[test]
fn shifts_and_rotations_take_the_count_modulo_the_width() {
    const A: u32 = 0x8000_0001;
    check2(
        "i32.shl",
        i32_shl,
        &[(A, 0, A), (A, 1, 2), (A, 31, MIN32), (A, 32, A), (A, 33, 2)],
    );
    check2("i32.shl", i32_shl, &[(A, 64, A), (A, ONES32, MIN32)]);
    check2(
        "i32.shr_s",
        i32_shr_s,
        &[(A, 31, ONES32), (A, 32, A), (A, 33, 0xc000_0000)],
    );
    check2(
        "i32.shr_u",
        i32_shr_u,
        &[(A, 31, 1), (A, 32, A), (A, 33, 0x4000_0000)],
    );
    check2(
        "i32.rotl",
        i32_rotl,
        &[(A, 0, A), (A, 1, 3), (A, 32, A), (A, 33, 3), (A, 64, A)],
    );
    check2(
        "i32.rotr",
        i32_rotr,
        &[(A, 0, A), (A, 1, 0xc000_0000), (A, 32, A), (A, 64, A)],
    );
    check2(
        "i32.rotr",
        i32_rotr,
        &[(A, 33, 0xc000_0000), (A, ONES32, 3)],
    );

    const B: u64 = 0x8000_0000_0000_0001;
    check2(
        "i64.shl",
        i64_shl,
        &[(B, 0, B), (B, 32, 1 << 32), (B, 63, MIN64), (B, 64, B)],
    );
    check2(
        "i64.shl",
        i64_shl,
        &[(B, 65, 2), (B, 1 << 32, B), (B, ONES64, MIN64)],
    );
    check2(
        "i64.shr_s",
        i64_shr_s,
        &[(B, 63, ONES64), (B, 64, B), (B, 65, 0xc << 60)],
    );
    check2(
        "i64.shr_u",
        i64_shr_u,
        &[(B, 63, 1), (B, 64, B), (B, 65, 0x4 << 60)],
    );
    check2(
        "i64.rotl",
        i64_rotl,
        &[(B, 33, 0x3 << 32), (1, 32, 1 << 32)],
    );
    check2(
        "i64.rotr",
        i64_rotr,
        &[(B, 33, 0xc << 28), (1, 32, 1 << 32)],
    );
    check2(
        "i64.rotl",
        i64_rotl,
        &[(B, 0, B), (B, 1, 3), (B, 64, B), (B, 65, 3)],
    );
    check2(
        "i64.rotr",
        i64_rotr,
        &[(B, 0, B), (B, 1, 0xc << 60), (B, 64, B), (B, 1 << 32, B)],
    );
}

#[test]
fn bits_and_extensions() {
    check1(
        "i32.clz",
        i32_clz,
        &[(0, 32), (1, 31), (MIN32, 0), (ONES32, 0)],
    );
    check1(
        "i32.ctz",
        i32_ctz,
        &[(0, 32), (1, 0), (MIN32, 31), (ONES32, 0)],
    );
    check1(
        "i32.popcnt",
        i32_popcnt,
        &[(0, 0), (MIN32, 1), (ONES32, 32)],
    );
    check1(
        "i64.clz",
        i64_clz,
        &[(0, 64), (1, 63), (MIN64, 0), (1 << 32, 31)],
    );
    check1(
        "i64.ctz",
        i64_ctz,
        &[(0, 64), (1, 0), (MIN64, 63), (1 << 32, 32)],
    );
    check1(
        "i64.popcnt",
        i64_popcnt,
        &[(0, 0), (MIN64, 1), (ONES64, 64)],
    );
    check1("i32.eqz", i32_eqz, &[(0, 1), (1, 0), (MIN32, 0)]);
    check1("i64.eqz", i64_eqz, &[(0, 1), (1 << 32, 0), (MIN64, 0)]);

    check1(
        "i32.extend8_s",
        i32_extend8_s,
        &[(0x7f, 0x7f), (0x1280, 0xffff_ff80), (0xff00, 0)],
    );
    check1(
        "i32.extend16_s",
        i32_extend16_s,
        &[(0x7fff, 0x7fff), (0x1_8000, 0xffff_8000)],
    );
    check1(
        "i64.extend8_s",
        i64_extend8_s,
        &[(0x7f, 0x7f), (0x1280, 0u64.wrapping_sub(128))],
    );
    check1(
        "i64.extend16_s",
        i64_extend16_s,
        &[(0x1_8000, 0xffff_ffff_ffff_8000)],
    );
    check1(
        "i64.extend32_s",
        i64_extend32_s,
        &[(0x1_8000_0000, 0xffff_ffff_8000_0000)],
    );
    check1(
        "i64.extend_i32_s",
        i64_extend_i32_s,
        &[(MIN32, 0xffff_ffff_8000_0000), (1, 1)],
    );
    check1(
        "i64.extend_i32_u",
        i64_extend_i32_u,
        &[(MIN32, 1 << 31), (ONES32, 0xffff_ffff)],
    );
    check1(
        "i32.wrap_i64",
        i32_wrap_i64,
        &[(1 << 32, 0), (ONES64, ONES32)],
    );
}

#[test]
fn comparisons_heed_the_sign() {
    for (a, b) in [
        (0, 1),
        (MAX32, MIN32),
        (MIN32, ONES32),
        (1, ONES32),
        (MIN32, 0),
        (5, 5),
    ] {
        let (s, t) = (a as i32, b as i32);
        let signed = [
            i32_lt_s(a, b),
            i32_gt_s(a, b),
            i32_le_s(a, b),
            i32_ge_s(a, b),
        ];
        assert_eq!(
            signed,
            [s < t, s > t, s <= t, s >= t].map(u32::from),
            "{a:#x} {b:#x}"
        );
        let unsigned = [
            i32_lt_u(a, b),
            i32_gt_u(a, b),
            i32_le_u(a, b),
            i32_ge_u(a, b),
        ];
        assert_eq!(
            unsigned,
            [a < b, a > b, a <= b, a >= b].map(u32::from),
            "{a:#x} {b:#x}"
        );
        assert_eq!(
            [i32_eq(a, b), i32_ne(a, b)],
            [a == b, a != b].map(u32::from)
        );
    }
    for (a, b) in [(MAX64, MIN64), (MIN64, ONES64), (1 << 32, 1), (5, 5)] {
        let (s, t) = (a as i64, b as i64);
        let signed = [
            i64_lt_s(a, b),
            i64_gt_s(a, b),
            i64_le_s(a, b),
            i64_ge_s(a, b),
        ];
        assert_eq!(
            signed,
            [s < t, s > t, s <= t, s >= t].map(u32::from),
            "{a:#x} {b:#x}"
        );
        let unsigned = [
            i64_lt_u(a, b),
            i64_gt_u(a, b),
            i64_le_u(a, b),
            i64_ge_u(a, b),
        ];
        assert_eq!(
            unsigned,
            [a < b, a > b, a <= b, a >= b].map(u32::from),
            "{a:#x} {b:#x}"
        );
        assert_eq!(
            [i64_eq(a, b), i64_ne(a, b)],
            [a == b, a != b].map(u32::from)
        );
    }
}

#[test]
fn arithmetic_wraps() {
    // A subtraction is not an addition of the negated operand where MIN has no negation.
    check2(
        "i32.add",
        i32_add,
        &[(MAX32, 1, MIN32), (MIN32, MIN32, 0), (ONES32, 1, 0)],
    );
    check2(
        "i32.sub",
        i32_sub,
        &[(0, MIN32, MIN32), (MIN32, 1, MAX32), (0, 1, ONES32)],
    );
    check2(
        "i32.mul",
        i32_mul,
        &[(MIN32, ONES32, MIN32), (0x1_0000, 0x1_0000, 0)],
    );
    check2(
        "i64.add",
        i64_add,
        &[(MAX64, 1, MIN64), (ONES64, 1, 0), (0xffff_ffff, 1, 1 << 32)],
    );
    check2("i64.sub", i64_sub, &[(0, MIN64, MIN64), (MIN64, 1, MAX64)]);
    check2(
        "i64.mul",
        i64_mul,
        &[(MIN64, ONES64, MIN64), (1 << 32, 1 << 32, 0)],
    );
}

#[test]
fn wide_arithmetic() {
    assert_eq!(i64_add128(ONES64, 0, 1, 0), (0, 1));
    assert_eq!(i64_add128(ONES64, ONES64, 1, 0), (0, 0));
    assert_eq!(i64_add128(1, 2, 3, 4), (4, 6));
    assert_eq!(i64_sub128(0, 1, 1, 0), (ONES64, 0));
    assert_eq!(i64_sub128(0, 0, 1, 0), (ONES64, ONES64));
    assert_eq!(i64_sub128(7, 5, 3, 4), (4, 1));
    assert_eq!(i64_mul_wide_s(ONES64, ONES64), (1, 0));
    assert_eq!(i64_mul_wide_s(ONES64, 5), (0u64.wrapping_sub(5), ONES64));
    assert_eq!(i64_mul_wide_s(MIN64, MIN64), (0, 1 << 62));
    assert_eq!(i64_mul_wide_u(ONES64, ONES64), (1, ONES64 - 1));
    assert_eq!(i64_mul_wide_u(MIN64, 2), (0, 1));
}
