//! Tests of `num`: what is known of each instruction's edges, as data, and agreements between
//! functions that say the same in two ways.

mod host;
mod scalar;
mod vector;

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
