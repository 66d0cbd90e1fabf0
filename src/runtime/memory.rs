//! Memory instances (spec: exec/runtime, memory instances; exec/modules, growing memories).
//! Knows nothing of the store: limits come as numbers.

use super::MemAddr;
use super::bulk;
use super::limits::{Limited, OutOfMemory};
use super::shared::SharedMemory;
use super::turns::WaitResult;
use crate::room;
use crate::syntax::{AddrType, MemoryType};
use crate::trap::Trap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A memory instance. A clone has its own contents, except that a shared memory stays shared.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Its type; the limits are those it was made with.
    pub ty: MemoryType,
    /// Contents when unshared; moved out by the driver while code runs on them.
    pub bytes: Vec<u8>,
    /// Contents when shared.
    pub shared: Option<Arc<SharedMemory>>,
    /// The ranges that the host has written, or may have, where somebody asks.
    pub written: Option<Vec<(u64, u64)>>,
}

/// What an atomic read-modify-write does to the value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Rmw {
    Add,
    Sub,
    And,
    Or,
    Xor,
    Xchg,
}

impl Rmw {
    /// The new value, of which the access keeps the low bytes.
    #[inline]
    pub const fn apply(self, old: u64, arg: u64) -> u64 {
        match self {
            Rmw::Add => old.wrapping_add(arg),
            Rmw::Sub => old.wrapping_sub(arg),
            Rmw::And => old & arg,
            Rmw::Or => old | arg,
            Rmw::Xor => old ^ arg,
            Rmw::Xchg => arg,
        }
    }
}

/// The low `N` bytes of a cell.
#[inline(always)]
pub(super) const fn low<const N: usize>(value: u64) -> u64 {
    value & (u64::MAX >> (64 - 8 * N))
}

/// The number in at most eight bytes.
#[inline(always)]
pub(super) fn number<const N: usize>(bytes: [u8; N]) -> u64 {
    let mut cell = [0; 8];
    cell[..N].copy_from_slice(&bytes);
    u64::from_le_bytes(cell)
}

/// The low `N` bytes of a number.
#[inline(always)]
pub(super) fn bytes_of<const N: usize>(value: u64) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&value.to_le_bytes()[..N]);
    bytes
}

/// Atomic accesses must be naturally aligned.
#[inline(always)]
pub(super) fn aligned(ea: u64, width: usize) -> Result<(), Trap> {
    match ea.is_multiple_of(width as u64) {
        true => Ok(()),
        false => Err(Trap::UnalignedAtomic),
    }
}

/// Bytes of a page.
pub fn page_size(ty: &MemoryType) -> u64 {
    1 << ty.page_size_log2
}

/// Pages a memory of the type can have at most: its own maximum, or what its addresses reach.
pub fn max_pages(ty: &MemoryType) -> u64 {
    let reach = match (ty.addr, ty.page_size_log2) {
        // 2^32 bytes in pages, except that the count itself must be an i32.
        (AddrType::I32, log2) => (1u64 << 32).checked_shr(log2).unwrap_or(0).min(0xFFFF_FFFF),
        (AddrType::I64, 0) => u64::MAX,
        (AddrType::I64, log2) => 1u64 << (64u32.saturating_sub(log2)).min(63),
    };
    ty.limits.max.map_or(reach, |max| max.min(reach))
}

/// Size in bytes after growing from `old` bytes by `delta` pages, unless that is over the type's
/// maximum, over `limit_bytes`, or more than any host can address.
pub(super) fn grown(ty: &MemoryType, old: u64, delta: u64, limit_bytes: u64) -> Option<u64> {
    let pages = (old >> ty.page_size_log2).checked_add(delta)?;
    if pages > max_pages(ty) {
        return None;
    }
    let bytes = pages.checked_mul(page_size(ty))?;
    (bytes <= limit_bytes || delta == 0).then_some(bytes)
}

/// The error of a type whose minimum is above what a memory can have.
pub(super) fn over_type(ty: &MemoryType) -> OutOfMemory {
    let bytes = |pages: u64| u128::from(pages) << ty.page_size_log2;
    let (wanted, most) = (bytes(ty.limits.min), bytes(max_pages(ty)));
    // A count of bytes has 64 bits, which is one too few for all pages.
    let limit = most.min(u64::MAX.into());
    OutOfMemory::over(Limited::Memory, wanted, limit)
}

/// Grows the contents of an unshared memory by `delta` pages; returns the old size in pages, or
/// `None` with everything as it was.
pub fn grow_bytes(
    ty: &MemoryType,
    bytes: &mut Vec<u8>,
    delta: u64,
    limit_bytes: u64,
) -> Option<u64> {
    let old = bytes.len();
    let new = usize::try_from(grown(ty, old as u64, delta, limit_bytes)?).ok()?;
    if new / 2 > old {
        // Untouched zeroes cost less than writing them.
        let mut fresh = room::zeroed(new)?;
        fresh[..old].copy_from_slice(bytes);
        *bytes = fresh;
    } else {
        room::reserve_exact(bytes, new - old)?;
        bytes.resize(new, 0);
    }
    Some(old as u64 >> ty.page_size_log2)
}

impl Memory {
    /// A memory of its minimum size, zeroed.
    pub fn new(ty: MemoryType) -> Result<Memory, OutOfMemory> {
        let bytes = grown(&ty, 0, ty.limits.min, u64::MAX).ok_or_else(|| over_type(&ty))?;
        if ty.shared {
            let shared = Some(Arc::new(SharedMemory::new(ty)?));
            return Ok(Memory {
                ty,
                bytes: Vec::new(),
                shared,
                written: None,
            });
        }
        let len = usize::try_from(bytes).map_err(|_| OutOfMemory::Host)?;
        Ok(Memory {
            ty,
            bytes: room::zeroed(len).ok_or(OutOfMemory::Host)?,
            shared: None,
            written: None,
        })
    }

    /// A memory of the store over contents shared with others.
    pub fn from_shared(shared: Arc<SharedMemory>) -> Memory {
        Memory {
            ty: shared.ty(),
            bytes: Vec::new(),
            written: None,
            shared: Some(shared),
        }
    }

    /// Returns the type of the memory, with the limits it was made with.
    pub fn ty(&self) -> MemoryType {
        self.ty
    }

    /// The host is about to write a range, or may be.
    pub fn lend(&mut self, at: u64, len: u64) {
        if let Some(written) = &mut self.written {
            written.push((at, len));
        }
    }

    /// The contents when other stores may have them too.
    pub fn shared(&self) -> Option<&Arc<SharedMemory>> {
        self.shared.as_ref()
    }

    /// Bytes of a page.
    pub fn page_size(&self) -> u64 {
        page_size(&self.ty)
    }

    /// Size in bytes.
    pub fn byte_len(&self) -> u64 {
        match &self.shared {
            None => self.bytes.len() as u64,
            Some(shared) => shared.byte_len(),
        }
    }

    /// Size in pages.
    pub fn pages(&self) -> u64 {
        self.byte_len() >> self.ty.page_size_log2
    }

    /// The type with the current size as its minimum, as linking sees it.
    pub fn current_type(&self) -> MemoryType {
        let mut ty = self.ty;
        ty.limits.min = self.pages();
        ty
    }

    /// Grows by `delta` pages; returns the old size in pages, or `None` with everything as it was.
    pub fn grow(&mut self, delta: u64, limit_bytes: u64) -> Option<u64> {
        match &self.shared {
            None => grow_bytes(&self.ty, &mut self.bytes, delta, limit_bytes),
            Some(shared) => shared.grow(delta, limit_bytes),
        }
    }

    /// The `N` bytes at an effective address.
    pub fn read<const N: usize>(&self, ea: u64) -> Result<[u8; N], Trap> {
        if let Some(shared) = &self.shared {
            return shared.read(ea);
        }
        let at = bulk::range(self.bytes.len(), ea, N as u64).ok_or(Trap::MemoryOutOfBounds)?;
        let mut out = [0; N];
        out.copy_from_slice(&self.bytes[at]);
        Ok(out)
    }

    /// Writes `N` bytes at an effective address.
    pub fn write<const N: usize>(&mut self, ea: u64, value: [u8; N]) -> Result<(), Trap> {
        if let Some(shared) = &self.shared {
            return shared.write(ea, value);
        }
        let at = bulk::range(self.bytes.len(), ea, N as u64).ok_or(Trap::MemoryOutOfBounds)?;
        self.bytes[at].copy_from_slice(&value);
        Ok(())
    }

    /// Copies bytes out, for the host.
    pub fn read_bytes(&self, ea: u64, out: &mut [u8]) -> Result<(), Trap> {
        if let Some(shared) = &self.shared {
            return shared.read_bytes(ea, out);
        }
        let n = out.len() as u64;
        bulk::copy_between(out, 0, &self.bytes, ea, n)
    }

    /// Copies bytes in, for the host.
    pub fn write_bytes(&mut self, ea: u64, data: &[u8]) -> Result<(), Trap> {
        self.init(ea, data, 0, data.len() as u64)
    }

    /// Sets `n` bytes (spec: `memory.fill`).
    pub fn fill(&mut self, dst: u64, val: u8, n: u64) -> Result<(), Trap> {
        match &self.shared {
            None => bulk::fill(&mut self.bytes, dst, val, n),
            Some(shared) => shared.fill(dst, val, n),
        }
    }

    /// Copies `n` bytes inside the memory, which may overlap (spec: `memory.copy`).
    pub fn copy_within(&mut self, dst: u64, src: u64, n: u64) -> Result<(), Trap> {
        match &self.shared {
            None => bulk::copy_within(&mut self.bytes, dst, src, n),
            Some(shared) => shared.copy_within(dst, src, n),
        }
    }

    /// Copies `n` bytes from another memory of the store.
    pub fn copy_from(&mut self, dst: u64, source: &Memory, src: u64, n: u64) -> Result<(), Trap> {
        match (&self.shared, &source.shared) {
            (None, None) => bulk::copy_between(&mut self.bytes, dst, &source.bytes, src, n),
            (Some(shared), None) => shared.init(dst, &source.bytes, src, n),
            (None, Some(shared)) => {
                let to = bulk::range(self.bytes.len(), dst, n).ok_or(Trap::MemoryOutOfBounds)?;
                shared.read_bytes(src, &mut self.bytes[to])
            }
            (Some(to), Some(from)) => to.copy_from(dst, from, src, n),
        }
    }

    /// Copies `n` bytes of a data segment, empty once dropped (spec: `memory.init`).
    pub fn init(&mut self, dst: u64, data: &[u8], src: u64, n: u64) -> Result<(), Trap> {
        match &self.shared {
            None => bulk::init(&mut self.bytes, dst, data, src, n),
            Some(shared) => shared.init(dst, data, src, n),
        }
    }
}

/// Copies `n` bytes between two memories of a store, which may be one.
///
/// # Panics
/// When an address is of another store.
pub fn copy(
    memories: &mut [Memory],
    (to, dst): (MemAddr, u64),
    (from, src): (MemAddr, u64),
    n: u64,
) -> Result<(), Trap> {
    if to == from {
        return memories[to.index()].copy_within(dst, src, n);
    }
    match memories.get_disjoint_mut([to.index(), from.index()]) {
        Ok([to, from]) => to.copy_from(dst, from, src, n),
        Err(_) => panic!("a memory address is of another store"),
    }
}

/// Atomic accesses of 1, 2, 4 or 8 bytes (spec: threads, atomic memory instructions). Values are
/// zero-extended, of arguments only the low bytes count. Alignment is checked before bounds.
impl Memory {
    /// Reads `N` bytes.
    pub fn atomic_load<const N: usize>(&self, ea: u64) -> Result<u64, Trap> {
        aligned(ea, N)?;
        match &self.shared {
            None => Ok(number(self.read::<N>(ea)?)),
            Some(shared) => shared.atomic_load::<N>(ea),
        }
    }

    /// Writes `N` bytes.
    pub fn atomic_store<const N: usize>(&mut self, ea: u64, value: u64) -> Result<(), Trap> {
        self.update::<N>(ea, |_| Some(value)).map(|_| ())
    }

    /// Replaces `N` bytes; returns the old value.
    pub fn atomic_rmw<const N: usize>(&mut self, ea: u64, op: Rmw, arg: u64) -> Result<u64, Trap> {
        self.update::<N>(ea, |old| Some(op.apply(old, arg)))
    }

    /// Replaces `N` bytes if they are `expected`; returns the old value.
    pub fn atomic_cmpxchg<const N: usize>(
        &mut self,
        ea: u64,
        expected: u64,
        new: u64,
    ) -> Result<u64, Trap> {
        let expected = low::<N>(expected);
        self.update::<N>(ea, |old| (old == expected).then_some(new))
    }

    /// Replaces `N` bytes by what `change` makes of them, if anything; returns the old value.
    /// Another thread's access may make it ask `change` again.
    pub fn update<const N: usize>(
        &mut self,
        ea: u64,
        change: impl Fn(u64) -> Option<u64>,
    ) -> Result<u64, Trap> {
        aligned(ea, N)?;
        if let Some(shared) = &self.shared {
            return shared.update::<N>(ea, change);
        }
        let old = number(self.read::<N>(ea)?);
        if let Some(new) = change(old) {
            self.write::<N>(ea, bytes_of(new))?;
        }
        Ok(old)
    }

    /// Waits until notified while the `N` (4 or 8) bytes are `expected`; see
    /// [`SharedMemory::wait`]. Traps on an unshared memory.
    pub fn wait<const N: usize>(
        &self,
        ea: u64,
        expected: u64,
        timeout: i64,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<WaitResult, Trap> {
        aligned(ea, N)?;
        let shared = self.shared.as_ref().ok_or(Trap::ExpectedSharedMemory)?;
        shared.wait::<N>(ea, expected, timeout, interrupted)
    }

    /// Whether the `N` (4 or 8) bytes at which somebody is to wait are `expected`. Traps on an
    /// unshared memory.
    pub fn is_expected<const N: usize>(&self, ea: u64, expected: u64) -> Result<bool, Trap> {
        aligned(ea, N)?;
        let shared = self.shared.as_ref().ok_or(Trap::ExpectedSharedMemory)?;
        Ok(shared.atomic_load::<N>(ea)? == low::<N>(expected))
    }

    /// Wakes at most `count` waiters at an address; returns how many. Nobody waits on an unshared
    /// memory.
    pub fn notify(&self, ea: u64, count: u32) -> Result<u32, Trap> {
        aligned(ea, 4)?;
        match ea.checked_add(4) {
            Some(end) if end <= self.byte_len() => {}
            _ => return Err(Trap::MemoryOutOfBounds),
        }
        Ok(self
            .shared
            .as_ref()
            .map_or(0, |shared| shared.notify(ea, count)))
    }
}
