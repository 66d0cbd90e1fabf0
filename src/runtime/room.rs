//! Room whose size a guest or a setting chose: asked for such that the host can refuse it.

use alloc::vec;
use alloc::vec::Vec;

/// Bytes that must be left after a guest or a setting got what it asked for. The host's own
/// small allocations cannot fail cleanly, so a guest may not take the last of the memory.
const SPARE: usize = 1 << 20;

/// Whether the host has room for `len` elements and for what it needs itself.
pub fn is_there<T>(len: usize) -> bool {
    let Some(bytes) = len
        .checked_mul(size_of::<T>())
        .and_then(|bytes| bytes.checked_add(SPARE))
    else {
        return false;
    };
    Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
}

/// `len` zeroes that the host backs only when they are touched, or `None` where it has no room.
pub fn zeroed<T: Copy + Default>(len: usize) -> Option<Vec<T>> {
    // Asking for zeroes aborts when refused; asking for room does not. No other thread takes the
    // room in between, as far as sizes are concerned that guests or settings choose.
    let _alone = alone();
    is_there::<T>(len).then(|| vec![T::default(); len])
}

/// Held while room is asked for and then taken.
#[cfg(feature = "std")]
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Without `std` there is nobody else.
#[cfg(not(feature = "std"))]
fn alone() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_overflow_or_that_nobody_has_are_refused() {
        assert_eq!(zeroed::<u64>(3), Some(vec![0; 3]));
        for len in [usize::MAX, usize::MAX / 8, isize::MAX as usize] {
            assert_eq!(zeroed::<u64>(len), None, "{len}");
            assert_eq!(zeroed::<u8>(len), None, "{len}");
        }
    }
}
