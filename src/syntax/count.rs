//! Counts in texts: every message that says how many of something there are goes through here, so
//! that none says "1 bytes".

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::{self, Display, Formatter};

/// A number and the thing that is counted, given as one of it: `1 byte`, `2 bytes`, `0 entries`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count<'a, N>(pub N, pub &'a str);

impl<N: PartialEq + From<u8>> Count<'_, N> {
    /// The word alone, for columns in which the number is aligned.
    pub fn word(&self) -> String {
        let Count(count, one) = self;
        if *count == N::from(1) {
            return one.to_string();
        }
        match one.strip_suffix('y') {
            // A word such as `array` keeps its letter.
            Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
            Some(_) | None => format!("{one}s"),
        }
    }
}

impl<N: Display + PartialEq + From<u8>> Display for Count<'_, N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_all_else_plural() {
        for (count, one, text) in [
            (0u64, "byte", "0 bytes"),
            (1, "byte", "1 byte"),
            (2, "byte", "2 bytes"),
            (1, "entry", "1 entry"),
            (3, "memory", "3 memories"),
            (2, "array", "2 arrays"),
            (2, "other import", "2 other imports"),
            (u64::MAX, "page", "18446744073709551615 pages"),
        ] {
            assert_eq!(Count(count, one).to_string(), text);
        }
        assert_eq!(Count(1u128, "element").to_string(), "1 element");
    }
}
