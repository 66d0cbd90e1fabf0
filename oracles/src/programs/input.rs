//! Choices from bytes.

use arbitrary::Unstructured;

/// The bytes that are left to choose by.
pub struct Input<'a>(Unstructured<'a>);

impl<'a> Input<'a> {
    /// Chooses by these bytes.
    pub fn new(data: &'a [u8]) -> Input<'a> {
        Input(Unstructured::new(data))
    }

    /// Whether every further choice is the simplest one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte, or zero.
    pub fn byte(&mut self) -> u8 {
        self.0.arbitrary().unwrap_or(0)
    }

    /// A number below `end`, which is at most 256; zero when that is zero.
    pub fn below(&mut self, end: usize) -> usize {
        match end {
            0 | 1 => 0,
            _ => usize::from(self.byte()) * end / 256,
        }
    }

    /// True in that many of a hundred cases; false is the simpler choice.
    pub fn chance(&mut self, percent: u32) -> bool {
        u32::from(self.byte()) * 100 >= (100 - percent) * 256
    }

    /// One of some items.
    ///
    /// # Panics
    /// When there are none.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// One of some items that have weights; the first is the simplest. The sum of the weights
    /// must not exceed 256, or the last items are never chosen.
    ///
    /// # Panics
    /// When the sum is zero.
    pub fn weighted<T: Copy>(&mut self, items: &[(u32, T)]) -> T {
        let sum: u32 = items.iter().map(|item| item.0).sum();
        let mut at = u32::from(self.byte()) * sum / 256;
        for (weight, item) in items {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return *item,
            }
        }
        unreachable!("the number is below the sum")
    }
}
