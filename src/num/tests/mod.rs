//! Tests of `num`: what is known of each instruction's edges, as data, and agreements between
//! functions that say the same in two ways.

mod float;
mod host;
mod int;
mod relaxed;
mod vector;

use core::fmt::{Debug, LowerHex};

/// Xorshift: the same inputs in every run.
struct Random(u64);

impl Random {
    fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Bits of a float or integer: random in half of the cases, else one of `edges`, or next to it.
    fn bits(&mut self, edges: &[u64]) -> u64 {
        let random = self.next();
        if random & 1 == 0 {
            return self.next();
        }
        let edge = edges[(random >> 8) as usize % edges.len()];
        edge.wrapping_add((random >> 4) % 3).wrapping_sub(1)
    }
}

/// Applies a unary function to each case `(operand, result)`.
fn check1<A: Copy + LowerHex, R: PartialEq + Debug>(
    name: &str,
    meaning: impl Fn(A) -> R,
    cases: &[(A, R)],
) {
    for (a, want) in cases {
        assert_eq!(&meaning(*a), want, "{name} {a:#x}");
    }
}

/// Applies a binary function to each case `(operand, operand, result)`.
fn check2<A: Copy + LowerHex, R: PartialEq + Debug>(
    name: &str,
    meaning: impl Fn(A, A) -> R,
    cases: &[(A, A, R)],
) {
    for (a, b, want) in cases {
        assert_eq!(&meaning(*a, *b), want, "{name} {a:#x} {b:#x}");
    }
}
