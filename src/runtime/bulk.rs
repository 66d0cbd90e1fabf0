//! Bulk operations on slices of bytes or elements (spec: exec/instructions, memory.fill and
//! alike). Bounds are computed in 64 bits without overflow and checked before the first write.
//! Knows nothing of memories or tables.

use crate::trap::Trap;
use core::ops::Range;

/// The `n` positions from `start`, if all of them are among `len`.
#[inline(always)]
pub fn range(len: usize, start: u64, n: u64) -> Option<Range<usize>> {
    let end = start.checked_add(n)?;
    if end > len as u64 {
        return None;
    }
    Some(start as usize..end as usize)
}

/// Sets `n` bytes from `dst`.
pub fn fill(bytes: &mut [u8], dst: u64, val: u8, n: u64) -> Result<(), Trap> {
    let to = range(bytes.len(), dst, n).ok_or(Trap::MemoryOutOfBounds)?;
    bytes[to].fill(val);
    Ok(())
}

/// Copies `n` bytes inside a memory; source and destination may overlap.
pub fn copy_within(bytes: &mut [u8], dst: u64, src: u64, n: u64) -> Result<(), Trap> {
    let from = range(bytes.len(), src, n).ok_or(Trap::MemoryOutOfBounds)?;
    let to = range(bytes.len(), dst, n).ok_or(Trap::MemoryOutOfBounds)?;
    bytes.copy_within(from, to.start);
    Ok(())
}

/// Copies `n` bytes from one memory to another.
pub fn copy_between(
    bytes: &mut [u8],
    dst: u64,
    source: &[u8],
    src: u64,
    n: u64,
) -> Result<(), Trap> {
    let from = range(source.len(), src, n).ok_or(Trap::MemoryOutOfBounds)?;
    let to = range(bytes.len(), dst, n).ok_or(Trap::MemoryOutOfBounds)?;
    bytes[to].copy_from_slice(&source[from]);
    Ok(())
}

/// Copies `n` bytes of a data segment to a memory. A dropped segment is empty.
pub fn init(bytes: &mut [u8], dst: u64, data: &[u8], src: u64, n: u64) -> Result<(), Trap> {
    copy_between(bytes, dst, data, src, n)
}
