//! Random bytes: of the system, or from a seed.

use std::io;

/// A source of random bytes.
pub trait RandomSource: Send {
    /// Fills the buffer with random bytes.
    ///
    /// # Errors
    /// Fails when the system has no random bytes to give.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<()>;
}

/// The system's own source, which is fit for keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        getrandom::fill(buffer).map_err(|error| io::Error::other(error.to_string()))
    }
}

/// A source that gives the same bytes for the same seed, on every machine and in every version. It
/// must not be used for keys.
///
/// ```
/// use limpid::wasi::{RandomSource, SeededRandom};
/// let (mut a, mut b) = ([0; 32], [0; 32]);
/// SeededRandom::new(7).fill(&mut a).unwrap();
/// SeededRandom::new(7).fill(&mut b).unwrap();
/// assert_eq!(a, b);
/// ```
#[derive(Clone, Debug)]
pub struct SeededRandom {
    state: u64,
    /// The bytes that were made and not yet returned, lowest first, and their number.
    rest: (u64, u8),
}

impl SeededRandom {
    /// Makes the source of that seed.
    pub fn new(seed: u64) -> SeededRandom {
        SeededRandom {
            state: seed,
            rest: (0, 0),
        }
    }

    /// SplitMix64: a counter, and a mix of it.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl RandomSource for SeededRandom {
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        for byte in buffer {
            if self.rest.1 == 0 {
                self.rest = (self.next(), 8);
            }
            *byte = self.rest.0 as u8;
            self.rest = (self.rest.0 >> 8, self.rest.1 - 1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_same_sequence_as_the_whole() {
        let mut whole = [0; 100];
        SeededRandom::new(42).fill(&mut whole).unwrap();
        let (mut pieces, mut source) = ([0; 100], SeededRandom::new(42));
        for piece in pieces.chunks_mut(7) {
            source.fill(piece).unwrap();
        }
        assert_eq!(whole, pieces);
        assert!(whole.iter().any(|&byte| byte != whole[0]));
    }

    #[test]
    fn the_system_gives_different_bytes_each_time() {
        let (mut a, mut b) = ([0; 32], [0; 32]);
        SystemRandom.fill(&mut a).unwrap();
        SystemRandom.fill(&mut b).unwrap();
        assert_ne!(a, b);
    }
}
