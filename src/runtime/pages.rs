//! The contents of memories as pages that snapshots share: a page is copied only when it was
//! written since the snapshot before.

use super::memory::Memory;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// Bytes of a page of a snapshot; other than the pages that a guest grows a memory by.
pub const PAGE: usize = 4096;

/// A page.
pub type Page = Arc<[u8; PAGE]>;

/// The contents of a memory at one moment.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    pages: Vec<Page>,
    len: u64,
}

/// A range of bytes that differ, and what they are now.
pub type Difference = (u64, Box<[u8]>);

/// Follows the contents of a memory.
#[derive(Debug)]
pub struct Tracker {
    /// The contents when they were last looked at.
    base: Pages,
    /// Pages written since then, one bit each.
    dirty: Vec<u64>,
    /// Stands for all pages that hold nothing else.
    zero: Page,
}

impl Default for Tracker {
    fn default() -> Tracker {
        Tracker {
            base: Pages::default(),
            dirty: Vec::new(),
            zero: Arc::new([0; PAGE]),
        }
    }
}

impl Pages {
    /// Bytes that this one takes when the other is there, too.
    pub fn bytes_beside(&self, other: Option<&Pages>) -> usize {
        let others = other.map_or(&[][..], |other| &other.pages);
        let mut others = others.iter();
        let own = self.pages.iter().filter(|page| {
            let other = others.next();
            other.is_none_or(|other| !Arc::ptr_eq(other, page))
        });
        own.count() * PAGE + self.pages.len() * size_of::<Page>()
    }

    /// The size of the memory in bytes.
    pub fn byte_len(&self) -> u64 {
        self.len
    }

    /// The bytes from an address on, as far as there are any.
    pub fn read(&self, at: u64, len: usize) -> Vec<u8> {
        let end = at.saturating_add(len as u64).min(self.len);
        let byte = |at: u64| self.pages[at as usize / PAGE][at as usize % PAGE];
        (at.min(end)..end).map(byte).collect()
    }
}

impl Tracker {
    /// Says that a range of a memory of `size` bytes was, or will be, written.
    #[inline]
    pub fn mark(&mut self, at: u64, len: u64, size: u64) {
        let end = at.saturating_add(len).min(size);
        if at >= end {
            return; // Nothing is, or the access traps.
        }
        let (first, last) = (at as usize / PAGE, (end - 1) as usize / PAGE);
        if self.dirty.len() <= last / 64 {
            self.dirty.resize(last / 64 + 1, 0);
        }
        for page in first..=last {
            self.dirty[page / 64] |= 1 << (page % 64);
        }
    }

    fn is_dirty(&self, page: usize) -> bool {
        let word = self.dirty.get(page / 64);
        word.is_some_and(|word| word & 1 << (page % 64) != 0)
    }

    /// Pages that may differ from the base, by ascending number.
    fn suspects(&self, pages: usize) -> impl Iterator<Item = usize> + '_ {
        let words = self.dirty.iter().enumerate();
        let marked = words.flat_map(|(at, &word)| {
            let bits = (0..64).filter(move |bit| word & 1 << bit != 0);
            bits.map(move |bit| at * 64 + bit)
        });
        let known = self.base.pages.len();
        marked
            .filter(move |&page| page < known.min(pages))
            .chain(known..pages)
    }

    /// Makes the base what the memory holds now.
    pub fn sync(&mut self, memory: &Memory) {
        let len = memory.byte_len();
        let pages = (len as usize).div_ceil(PAGE);
        self.base.pages.truncate(pages);
        let suspects: Vec<usize> = self.suspects(pages).collect();
        for page in suspects {
            let now = self.page(memory, page, len);
            match self.base.pages.get_mut(page) {
                Some(base) => *base = now,
                None => self.base.pages.push(now),
            }
        }
        self.base.len = len;
        self.dirty.fill(0);
    }

    /// The contents now.
    pub fn snapshot(&mut self, memory: &Memory) -> Pages {
        self.sync(memory);
        self.base.clone()
    }

    fn page(&self, memory: &Memory, page: usize, len: u64) -> Page {
        let mut bytes = [0; PAGE];
        let at = page * PAGE;
        let count = (len as usize - at).min(PAGE);
        let read = memory.read_bytes(at as u64, &mut bytes[..count]);
        debug_assert!(read.is_ok(), "the page is inside the memory");
        match bytes == [0; PAGE] {
            true => self.zero.clone(),
            false => Arc::new(bytes),
        }
    }

    /// What differs from the base in some ranges, whatever wrote it; the base is what the memory
    /// holds now afterwards.
    pub fn differences(&mut self, memory: &Memory, ranges: &[(u64, u64)]) -> Vec<Difference> {
        let len = memory.byte_len();
        for &(at, count) in ranges {
            self.mark(at, count, len);
        }
        let pages = (len as usize).div_ceil(PAGE);
        let suspects: Vec<usize> = self.suspects(pages).collect();
        let mut found = Vec::new();
        let mut buffer = vec![0; PAGE];
        for page in suspects {
            let at = page * PAGE;
            let now = &mut buffer[..(len as usize - at).min(PAGE)];
            let read = memory.read_bytes(at as u64, now);
            debug_assert!(read.is_ok(), "the page is inside the memory");
            let old = self.base.pages.get(page).unwrap_or(&self.zero);
            let differs = |k: &usize| now[*k] != old[*k];
            if let Some(first) = (0..now.len()).find(differs) {
                let last = (first..now.len()).rev().find(differs).unwrap_or(first);
                found.push(((at + first) as u64, now[first..=last].into()));
            }
        }
        self.sync(memory);
        found
    }

    /// Sets the memory to what it held at another moment.
    pub fn restore(&mut self, memory: &mut Memory, to: &Pages) {
        set_len(memory, to.len);
        for (page, bytes) in to.pages.iter().enumerate() {
            let base = self.base.pages.get(page);
            if !self.is_dirty(page) && base.is_some_and(|base| Arc::ptr_eq(base, bytes)) {
                continue;
            }
            let at = page * PAGE;
            let count = (to.len as usize - at).min(PAGE);
            let written = memory.write_bytes(at as u64, &bytes[..count]);
            debug_assert!(written.is_ok(), "the memory has this size");
        }
        self.base = to.clone();
        self.dirty.fill(0);
    }
}

/// Makes the memory that large; what is new is zero.
fn set_len(memory: &mut Memory, len: u64) {
    if memory.byte_len() == len {
        return;
    }
    match &memory.shared {
        Some(shared) => shared.set_len(len),
        None => memory.bytes.resize(len as usize, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{AddrType, Limits, MemoryType};

    fn memory(pages: u64) -> Memory {
        Memory::new(MemoryType {
            addr: AddrType::I32,
            limits: Limits {
                min: pages,
                max: None,
            },
            shared: false,
            page_size_log2: 16,
        })
        .expect("there is room")
    }

    #[test]
    fn pages_that_were_not_written_are_shared() {
        let (mut tracker, mut memory) = (Tracker::default(), memory(1));
        let first = tracker.snapshot(&memory);
        memory.write(5000, [7]).expect("inside");
        tracker.mark(5000, 1, 65536);
        let second = tracker.snapshot(&memory);
        let same = first.pages.iter().zip(&second.pages);
        assert_eq!(same.filter(|(a, b)| Arc::ptr_eq(a, b)).count(), 15);
        assert_eq!(second.read(4999, 3), [0, 7, 0]);
        assert_eq!(first.read(4999, 3), [0; 3]);
    }

    #[test]
    fn a_memory_is_set_back_and_forth() {
        let (mut tracker, mut memory) = (Tracker::default(), memory(1));
        let first = tracker.snapshot(&memory);
        memory.write(4095, [1, 2]).expect("inside");
        tracker.mark(4095, 2, 65536);
        memory.grow(1, u64::MAX).expect("there is room");
        memory.write(100_000, [3]).expect("inside");
        tracker.mark(100_000, 1, 131_072);
        let second = tracker.snapshot(&memory);
        tracker.restore(&mut memory, &first);
        assert_eq!(memory.bytes, [0; 65536]);
        tracker.restore(&mut memory, &second);
        assert_eq!(memory.bytes.len(), 131_072);
        assert_eq!(&memory.bytes[4095..4097], [1, 2]);
        assert_eq!(memory.bytes[100_000], 3);
    }

    #[test]
    fn what_is_not_marked_is_found_by_comparing() {
        let (mut tracker, mut memory) = (Tracker::default(), memory(1));
        tracker.sync(&memory);
        memory.write(70, [1, 0, 2]).expect("inside");
        assert_eq!(tracker.differences(&memory, &[(4096, 60_000)]), []);
        let all = [(0, u64::MAX)];
        let found = tracker.differences(&memory, &all);
        assert_eq!(found, [(70, Box::from([1, 0, 2]))]);
        assert_eq!(tracker.differences(&memory, &all), []);
    }
}
