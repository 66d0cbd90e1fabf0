//! Room whose size a guest or a setting chose: asked for such that the host can refuse it.

#[cfg(feature = "std")]
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// Bytes that must be left after a guest or a setting got what it asked for. The host's own
/// allocations, the largest of which are buffers of a mebibyte, cannot fail cleanly, so a guest may
/// not take the last of the memory.
const SPARE: usize = 4 << 20;

/// Something where the host has room for `len` more elements and for what it needs itself.
pub fn for_more<T>(len: usize) -> Option<()> {
    let bytes = len.checked_mul(size_of::<T>())?.checked_add(SPARE)?;
    Vec::<u8>::new().try_reserve_exact(bytes).ok()
}

/// `len` zeroes that the host backs only when they are touched, or `None` where it has no room.
pub fn zeroed<T: Copy + Default>(len: usize) -> Option<Vec<T>> {
    // Asking for zeroes aborts when refused; asking for room does not. No other thread takes the
    // room in between, as far as sizes are concerned that guests or settings choose.
    let _alone = alone();
    for_more::<T>(len)?;
    Some(vec![T::default(); len])
}

/// `len` elements, made one by one, or `None` where the host has no room. Only shared memories are
/// made so.
#[cfg(feature = "std")]
pub fn filled<T>(len: usize, element: impl FnMut() -> T) -> Option<Box<[T]>> {
    for_more::<T>(len)?;
    let mut elements = Vec::new();
    elements.try_reserve_exact(len).ok()?;
    elements.resize_with(len, element);
    // Nothing is copied: there is no room left over.
    Some(elements.into_boxed_slice())
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
