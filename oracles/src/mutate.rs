//! Deterministic damage to binaries.

/// A xorshift generator: the same seed, the same damage.
pub struct Random(u64);

impl Random {
    /// A generator; seeds that differ little give streams that differ much.
    pub fn new(seed: u64) -> Random {
        let mut random = Random((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        random.next();
        random
    }

    /// The next 64 bits.
    #[allow(clippy::should_implement_trait)] // No iterator: it never ends.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end.max(1)
    }
}

/// Bytes that mean something in many places: forms, ends, continued numbers, prefixes.
const TELLING: [u8; 24] = [
    0x00, 0x01, 0x02, 0x05, 0x06, 0x08, 0x0A, 0x0B, 0x1F, 0x40, 0x41, 0x50, 0x60, 0x63, 0x64, 0x69,
    0x70, 0x7B, 0x7F, 0x80, 0xFB, 0xFC, 0xFD, 0xFF,
];

/// A damaged copy of a binary: one or two bytes or stretches changed, behind the header.
pub fn mutant(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.below(3) / 2 {
        if bytes.len() <= 9 {
            break;
        }
        let at = 8 + random.below(bytes.len() - 8);
        match random.below(12) {
            0..=1 => bytes[at] = random.next() as u8,
            2..=5 => bytes[at] = TELLING[random.below(TELLING.len())],
            6 => bytes[at] ^= 1 << random.below(8),
            7 => bytes[at] = bytes[at].wrapping_add(1),
            8 => bytes.insert(at, TELLING[random.below(TELLING.len())]),
            9 => drop(bytes.remove(at)),
            10 => {
                let from = 8 + random.below(bytes.len() - 8);
                let len = random.below(8).min(bytes.len() - from.max(at));
                bytes.copy_within(from..from + len, at);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}
