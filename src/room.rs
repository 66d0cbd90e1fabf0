//! Room whose size a guest or a setting chose: asked for such that the host can refuse it.
//!
//! The host's own allocations cannot be refused: one that fails ends the process. So whatever is
//! taken for a guest is taken under one lock, and only where [`SPARE`] bytes are left afterwards.
//! Where the system limits the addresses of the process and says how many it has, that is worked
//! out; asking for the spare would take it from the other threads for a moment. Elsewhere the room
//! is asked for together with the spare, and given back before it is taken.

#[cfg(feature = "std")]
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// Bytes that must be left after a guest or a setting got what it asked for. The host's own
/// allocations, the largest of which are buffers of a mebibyte, are made of them.
const SPARE: usize = 4 << 20;

/// Bytes that glibc maps when it makes a heap for a thread, where there are as many; for a moment
/// it maps twice as many.
const THREAD_HEAP: usize = 64 << 20;

/// Bytes of a list from which on it is moved by changing the map of addresses, so that it is never
/// there twice.
const MOVED: usize = 32 << 20;

/// Bytes that a thread of the host takes: its stack, and what the system needs besides.
#[cfg(feature = "std")]
const THREAD: usize = 4 << 20;

/// Something where the host has room for `len` more elements and for what it needs itself.
pub fn for_more<T>(len: usize) -> Option<()> {
    take::<T, _>(len, || Some(()))
}

/// Bytes that the host has room for beside what it needs itself: so many, or a half, a quarter, ...
#[cfg(feature = "dwarf")]
pub fn up_to(bytes: usize) -> usize {
    let mut halves = core::iter::successors(Some(bytes), |bytes| Some(bytes / 2));
    let fits = |&bytes: &usize| bytes == 0 || for_more::<u8>(bytes).is_some();
    halves.find(fits).unwrap_or(0)
}

/// What `taken` gives, which takes room for `len` elements, or nothing where the host has no room
/// for them and for what it needs itself. Nobody else takes room for a guest meanwhile.
fn take<T, R>(len: usize, taken: impl FnOnce() -> Option<R>) -> Option<R> {
    let _alone = alone();
    let _held = ask(len.checked_mul(size_of::<T>())?)?;
    taken()
}

/// `len` zeroes that the host backs only when they are touched, or `None` where it has no room.
pub fn zeroed<T: Copy + Default>(len: usize) -> Option<Vec<T>> {
    // Asking for zeroes aborts when refused; asking for room, which comes first, does not.
    take::<T, _>(len, || Some(vec![T::default(); len]))
}

/// `len` elements, made one by one, or `None` where the host has no room. Only shared memories are
/// made so.
#[cfg(feature = "std")]
pub fn filled<T>(len: usize, element: impl FnMut() -> T) -> Option<Box<[T]>> {
    let mut elements = Vec::new();
    reserve_exact(&mut elements, len)?;
    elements.resize_with(len, element);
    // Nothing is copied: there is no room left over.
    Some(elements.into_boxed_slice())
}

/// Makes room in a list for `more` elements and no others, or says that the host has none.
pub fn reserve_exact<T>(list: &mut Vec<T>, more: usize) -> Option<()> {
    if more <= list.capacity() - list.len() {
        return Some(());
    }
    let len = list.len().checked_add(more)?;
    let asked = match len.checked_mul(size_of::<T>())? {
        // The list may be there twice while it is copied.
        0..MOVED => len,
        MOVED.. => len - list.capacity(),
    };
    take::<T, _>(asked, || list.try_reserve_exact(more).ok())
}

/// The same with room for as many elements as the list has, where the host has it: the list grows
/// often.
pub fn reserve<T>(list: &mut Vec<T>, more: usize) -> Option<()> {
    if more <= list.capacity() - list.len() {
        return Some(());
    }
    reserve_exact(list, more.max(list.len())).or_else(|| reserve_exact(list, more))
}

/// Starts a thread with `spawn` and gives what that gives, where the host has room for a thread,
/// which says when it has begun: the system takes room for that as well.
#[cfg(feature = "std")]
pub fn thread<R>(spawn: impl FnOnce(Starting) -> std::io::Result<R>) -> Option<R> {
    let (starting, started) = std::sync::mpsc::channel();
    take::<u8, _>(THREAD, || {
        let thread = spawn(Starting(starting)).ok()?;
        if left().is_some() {
            // What is sent is that the other end is gone.
            let _ = started.recv();
        }
        Some(thread)
    })
}

/// Held by a thread until it has begun.
#[cfg(feature = "std")]
pub struct Starting(std::sync::mpsc::Sender<()>);

#[cfg(feature = "std")]
impl Starting {
    /// The thread has begun.
    pub fn begun(self) {
        // The allocator readies itself for a thread when it first allocates.
        core::hint::black_box(Box::new(0u8));
        drop(self.0);
    }
}

/// Asks the host for room for that many bytes and for what it needs itself. What is returned is to
/// be held while they are taken.
fn ask(bytes: usize) -> Option<Vec<u8>> {
    let wanted = bytes.checked_add(SPARE)?;
    let mut asked: Vec<u8> = Vec::new();
    let Some(left) = left() else {
        return asked.try_reserve_exact(wanted).ok().map(|()| Vec::new());
    };
    if left < wanted {
        return None;
    }
    asked.try_reserve_exact(bytes).ok()?;
    drop(asked);
    Some(hold(left, left - bytes))
}

/// What is held while something is taken of `left` bytes, such that `rest` are left. A heap of a
/// thread, which the allocator may make meanwhile, would leave nothing where it just fits; with
/// less room there is none.
fn hold(left: usize, rest: usize) -> Vec<u8> {
    let mut held = Vec::new();
    let fits = |heap: usize| (heap..heap + 2 * SPARE).contains(&left);
    let over = SPARE.max(left % THREAD_HEAP + 1);
    if (fits(THREAD_HEAP) || fits(2 * THREAD_HEAP)) && over <= rest {
        // What cannot be had now leaves less room, too.
        let _ = held.try_reserve_exact(over);
    }
    held
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

/// Bytes of addresses that the process can still take, where the system limits and tells them.
#[cfg(all(feature = "std", target_os = "linux"))]
fn left() -> Option<usize> {
    use std::io::Read;
    static LIMIT: std::sync::OnceLock<Option<usize>> = std::sync::OnceLock::new();
    let limit = (*LIMIT.get_or_init(limit))?;
    // Nothing is allocated here: there may be no room for it.
    let mut status = [0; 2048];
    let mut file = std::fs::File::open("/proc/self/status").ok()?;
    let count = file.read(&mut status).ok()?;
    let status = core::str::from_utf8(&status[..count]).ok()?;
    let size = status.split("VmSize:").nth(1)?.split_whitespace().next()?;
    let taken = size.parse::<usize>().ok()?.checked_mul(1024)?;
    Some(limit.saturating_sub(taken))
}

/// The bytes of addresses that the process may have, unless there is no limit.
#[cfg(all(feature = "std", target_os = "linux"))]
fn limit() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.split("Max address space").nth(1)?;
    line.split_whitespace().next()?.parse().ok()
}

/// Other systems do not tell.
#[cfg(not(all(feature = "std", target_os = "linux")))]
fn left() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_overflow_or_that_nobody_has_are_refused() {
        assert_eq!(zeroed::<u64>(3), Some(vec![0; 3]));
        for len in [usize::MAX, usize::MAX / 8, isize::MAX as usize] {
            assert_eq!(zeroed::<u64>(len), None, "{len}");
            assert_eq!(zeroed::<u8>(len), None, "{len}");
            let mut list = vec![1u64];
            assert_eq!(reserve_exact(&mut list, len), None, "{len}");
            assert_eq!(reserve(&mut list, len), None, "{len}");
            assert_eq!(list, [1]);
        }
    }

    #[test]
    fn a_list_grows_by_what_it_has() {
        let mut list = vec![1u64; 100];
        assert_eq!(reserve(&mut list, 1), Some(()));
        assert!(list.capacity() >= 200);
        assert_eq!(reserve_exact(&mut list, 101), Some(()));
        assert!(list.capacity() >= 201);
    }
}
