//! Accesses to a shared memory: plain ones are relaxed, word by word; atomic ones sequentially
//! consistent. Bounds are checked against the length at the start.

use super::super::memory::{aligned, low};
use super::SharedMemory;
use crate::trap::Trap;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

/// Bytes moved at once by a copy that must not read what it has written.
const PIECE: usize = 4096;

/// The parts of words that `len` bytes from `ea` fall into: word, first byte in it, bytes.
#[inline(always)]
fn parts(ea: u64, len: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let (mut at, mut left) = (ea, len);
    core::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let first = (at % 8) as usize;
        let count = left.min(8 - first);
        let part = (at / 8, first, count);
        at += count as u64;
        left -= count;
        Some(part)
    })
}

impl SharedMemory {
    /// Checks that `n` bytes from `ea` are in bounds.
    #[inline(always)]
    pub(super) fn check(&self, ea: u64, n: u64) -> Result<(), Trap> {
        match ea.checked_add(n) {
            Some(end) if end <= self.byte_len() => Ok(()),
            _ => Err(Trap::MemoryOutOfBounds),
        }
    }

    fn get(&self, ea: u64, out: &mut [u8]) {
        let mut done = 0;
        for (word, first, count) in parts(ea, out.len()) {
            let bytes = self.words.load(word, Ordering::Relaxed).to_le_bytes();
            out[done..done + count].copy_from_slice(&bytes[first..first + count]);
            done += count;
        }
    }

    fn put(&self, ea: u64, data: &[u8]) -> Result<(), Trap> {
        let mut done = 0;
        for (word, first, count) in parts(ea, data.len()) {
            let (mut bits, mut mask) = ([0; 8], [0; 8]);
            bits[first..first + count].copy_from_slice(&data[done..done + count]);
            mask[first..first + count].fill(0xFF);
            let (mask, bits) = (u64::from_le_bytes(mask), u64::from_le_bytes(bits));
            self.words.merge(word, mask, bits)?;
            done += count;
        }
        Ok(())
    }

    /// The `N` bytes at an effective address. Aligned accesses of up to 8 bytes do not tear.
    #[inline]
    pub fn read<const N: usize>(&self, ea: u64) -> Result<[u8; N], Trap> {
        self.check(ea, N as u64)?;
        let mut out = [0; N];
        self.get(ea, &mut out);
        Ok(out)
    }

    /// Writes `N` bytes at an effective address.
    #[inline]
    pub fn write<const N: usize>(&self, ea: u64, value: [u8; N]) -> Result<(), Trap> {
        self.check(ea, N as u64)?;
        self.put(ea, &value)
    }

    /// Copies bytes out, for the host.
    pub fn read_bytes(&self, ea: u64, out: &mut [u8]) -> Result<(), Trap> {
        self.check(ea, out.len() as u64)?;
        self.get(ea, out);
        Ok(())
    }

    /// Copies bytes in, for the host.
    pub fn write_bytes(&self, ea: u64, data: &[u8]) -> Result<(), Trap> {
        self.check(ea, data.len() as u64)?;
        self.put(ea, data)
    }

    /// Sets `n` bytes (spec: `memory.fill`).
    pub fn fill(&self, dst: u64, val: u8, n: u64) -> Result<(), Trap> {
        self.check(dst, n)?;
        let piece = [val; PIECE];
        let mut done = 0;
        while done < n {
            let count = (n - done).min(PIECE as u64);
            self.put(dst + done, &piece[..count as usize])?;
            done += count;
        }
        Ok(())
    }

    /// Copies `n` bytes inside the memory, which may overlap (spec: `memory.copy`).
    pub fn copy_within(&self, dst: u64, src: u64, n: u64) -> Result<(), Trap> {
        self.check(src, n)?;
        self.check(dst, n)?;
        self.transfer(dst, self, src, n)
    }

    /// Copies `n` bytes from another shared memory, or from this one.
    pub fn copy_from(&self, dst: u64, source: &Arc<Self>, src: u64, n: u64) -> Result<(), Trap> {
        source.check(src, n)?;
        self.check(dst, n)?;
        self.transfer(dst, source, src, n)
    }

    /// Copies piece by piece, backwards when the destination is above the source.
    fn transfer(&self, dst: u64, source: &SharedMemory, src: u64, n: u64) -> Result<(), Trap> {
        let mut piece = [0; PIECE];
        let mut left = n;
        while left > 0 {
            let count = left.min(PIECE as u64);
            let at = if dst > src { left - count } else { n - left };
            let piece = &mut piece[..count as usize];
            source.get(src + at, piece);
            self.put(dst + at, piece)?;
            left -= count;
        }
        Ok(())
    }

    /// Copies `n` bytes of a data segment or of an unshared memory (spec: `memory.init`).
    pub fn init(&self, dst: u64, data: &[u8], src: u64, n: u64) -> Result<(), Trap> {
        let from = super::super::bulk::range(data.len(), src, n).ok_or(Trap::MemoryOutOfBounds)?;
        self.write_bytes(dst, &data[from])
    }

    /// Reads `N` bytes of a naturally aligned address.
    #[inline]
    pub fn atomic_load<const N: usize>(&self, ea: u64) -> Result<u64, Trap> {
        aligned(ea, N)?;
        self.check(ea, N as u64)?;
        let word = self.words.load(ea / 8, Ordering::SeqCst);
        Ok(low::<N>(word >> (ea % 8 * 8)))
    }

    /// Replaces `N` bytes of a naturally aligned address by what `change` makes of them, if
    /// anything; returns the old value. It may ask `change` more than once.
    #[inline]
    pub fn update<const N: usize>(
        &self,
        ea: u64,
        change: impl Fn(u64) -> Option<u64>,
    ) -> Result<u64, Trap> {
        aligned(ea, N)?;
        self.check(ea, N as u64)?;
        let word = self.words.make(ea / 8)?;
        let shift = ea % 8 * 8;
        let mask = low::<N>(u64::MAX) << shift;
        let replace = |old: u64| {
            let new = change(low::<N>(old >> shift))?;
            Some(old & !mask | (new << shift) & mask)
        };
        let old = word.fetch_update(Ordering::SeqCst, Ordering::SeqCst, replace);
        let old = old.unwrap_or_else(|unchanged| unchanged);
        Ok(low::<N>(old >> shift))
    }
}
