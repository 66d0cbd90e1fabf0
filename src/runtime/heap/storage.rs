//! Where the contents of objects stand. Small ones share one vector, cut into blocks of slots of
//! one size; a block whose slots are all free again serves any size. Large ones have a vector
//! each, so that their memory goes back to the host. Nothing moves.

use super::super::bulk;
use crate::room;
use alloc::vec::Vec;
use core::ops::Range;

/// Bytes of a granule.
pub(super) const GRANULE: usize = 8;
/// Granules of a block.
const BLOCK: usize = 4096;
/// Granules of the largest small object.
const MOST_SMALL: u64 = 256;
/// Slot sizes in granules: steps of one, then four steps to each doubling.
const CLASSES: [u16; 28] = [
    1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160,
    192, 224, 256,
];
/// The class of a block that serves none.
const NO_CLASS: u8 = u8::MAX;

/// The class of a size of 1 to 256 granules.
#[inline]
fn class(granules: u64) -> usize {
    if granules <= 8 {
        return granules as usize - 1;
    }
    let top = (granules - 1).ilog2(); // 3 for 9 to 16, 4 for 17 to 32, ...
    let step = ((granules - 1) >> (top - 2)) & 3;
    8 + (top as usize - 3) * 4 + step as usize
}

/// Bytes that an object of `size` bytes takes.
#[inline]
pub(super) fn rounded(size: u64) -> u64 {
    let granules = size.div_ceil(GRANULE as u64);
    match granules {
        0 => 0,
        1..=MOST_SMALL => u64::from(CLASSES[class(granules)]) * GRANULE as u64,
        _ => granules * GRANULE as u64,
    }
}

/// Where contents stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The offset in granules, or the number of the large storage.
    pub offset: u32,
    pub large: bool,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    class: u8,
    /// Slots never used since the block got its class begin here.
    bump: u16,
    /// First slot given back, plus one; each such slot holds the next in its first bytes.
    free: u16,
    /// Slots in use.
    live: u16,
}

/// The storage of a heap.
#[derive(Clone, Debug)]
pub(super) struct Storage {
    small: Vec<u8>,
    blocks: Vec<Block>,
    /// Blocks without a class.
    empty: Vec<u32>,
    /// For each class, the blocks with free slots; the last is the one in use.
    open: [Vec<u32>; CLASSES.len()],
    large: Vec<Vec<u8>>,
    free_large: Vec<u32>,
}

impl Default for Storage {
    fn default() -> Storage {
        Storage {
            small: Vec::new(),
            blocks: Vec::new(),
            empty: Vec::new(),
            open: [const { Vec::new() }; CLASSES.len()],
            large: Vec::new(),
            free_large: Vec::new(),
        }
    }
}

impl Storage {
    /// Zeroed room for a size made by [`rounded`], unless the host has none.
    #[inline]
    pub fn take(&mut self, bytes: u64) -> Option<Place> {
        let granules = bytes / GRANULE as u64;
        if granules == 0 {
            return Some(Place {
                offset: 0,
                large: false,
            });
        }
        if granules > MOST_SMALL {
            return self.take_large(bytes);
        }
        let class = class(granules);
        loop {
            let Some(&block) = self.open[class].last() else {
                self.open_block(class)?;
                continue;
            };
            if let Some(offset) = self.take_slot(block, class) {
                return Some(Place {
                    offset,
                    large: false,
                });
            }
            self.open[class].pop();
        }
    }

    /// A zeroed slot of a block, unless it is full.
    #[inline]
    fn take_slot(&mut self, number: u32, class: usize) -> Option<u32> {
        let size = usize::from(CLASSES[class]);
        let first = number as usize * BLOCK;
        let block = &mut self.blocks[number as usize];
        let slot = match block.free.checked_sub(1) {
            Some(slot) => {
                let at = (first + usize::from(slot) * size) * GRANULE;
                block.free = u16::from_le_bytes([self.small[at], self.small[at + 1]]);
                usize::from(slot)
            }
            None if usize::from(block.bump) < BLOCK / size => {
                block.bump += 1;
                usize::from(block.bump) - 1
            }
            None => return None,
        };
        block.live += 1;
        let offset = first + slot * size;
        self.small[offset * GRANULE..(offset + size) * GRANULE].fill(0);
        Some(offset as u32)
    }

    /// Gives a class one more block.
    #[cold]
    fn open_block(&mut self, class: usize) -> Option<()> {
        let number = match self.empty.pop() {
            Some(number) => number,
            None => self.new_block()?,
        };
        self.blocks[number as usize] = Block {
            class: class as u8,
            bump: 0,
            free: 0,
            live: 0,
        };
        self.open[class].push(number);
        Some(())
    }

    fn new_block(&mut self) -> Option<u32> {
        const BYTES: usize = BLOCK * GRANULE;
        let number = self.blocks.len();
        if (number + 1) * BLOCK > u32::MAX as usize {
            return None;
        }
        room::reserve(&mut self.small, BYTES)?;
        self.small.resize(self.small.len() + BYTES, 0);
        self.blocks.push(Block {
            class: NO_CLASS,
            bump: 0,
            free: 0,
            live: 0,
        });
        Some(number as u32)
    }

    #[cold]
    fn take_large(&mut self, bytes: u64) -> Option<Place> {
        let len = usize::try_from(bytes).ok()?;
        let contents = room::zeroed(len)?;
        let offset = match self.free_large.pop() {
            Some(offset) => {
                self.large[offset as usize] = contents;
                offset
            }
            None => {
                room::reserve(&mut self.large, 1)?;
                // All may be free at a time.
                let free = self.free_large.len();
                room::reserve(&mut self.free_large, self.large.len() + 1 - free)?;
                self.large.push(contents);
                self.large.len() as u32 - 1
            }
        };
        Some(Place {
            offset,
            large: true,
        })
    }

    /// Gives back what was taken for that many bytes; [`Storage::reopen`] comes after the last.
    pub fn give(&mut self, place: Place, bytes: u64) {
        if place.large {
            self.large[place.offset as usize] = Vec::new();
            self.free_large.push(place.offset);
        } else if bytes > 0 {
            let (number, inside) = (place.offset as usize / BLOCK, place.offset as usize % BLOCK);
            let block = &mut self.blocks[number];
            let slot = inside / usize::from(CLASSES[usize::from(block.class)]);
            let at = place.offset as usize * GRANULE;
            self.small[at..at + 2].copy_from_slice(&block.free.to_le_bytes());
            block.free = slot as u16 + 1;
            block.live -= 1;
        }
    }

    /// Sorts the blocks after a sweep: empty ones for any class, others open if they have room.
    pub fn reopen(&mut self) {
        self.empty.clear();
        for open in &mut self.open {
            open.clear();
        }
        // Backwards, so that the lowest block with room is used first.
        for (number, block) in self.blocks.iter_mut().enumerate().rev() {
            if block.live == 0 {
                block.class = NO_CLASS;
                self.empty.push(number as u32);
                continue;
            }
            let class = usize::from(block.class);
            let slots = BLOCK / usize::from(CLASSES[class]);
            if block.free != 0 || usize::from(block.bump) < slots {
                self.open[class].push(number as u32);
            }
        }
    }

    /// Bytes of small storage, in use or not.
    #[cfg(test)]
    pub fn small_len(&self) -> usize {
        self.small.len()
    }

    /// The granule at a place of small storage.
    #[inline(always)]
    pub fn granule(&self, index: usize) -> Option<u64> {
        let bytes = self
            .small
            .get(index * GRANULE..)?
            .first_chunk::<GRANULE>()?;
        Some(u64::from_le_bytes(*bytes))
    }

    /// The same to write.
    #[inline(always)]
    pub fn granule_mut(&mut self, index: usize) -> Option<&mut [u8; GRANULE]> {
        self.small
            .get_mut(index * GRANULE..)?
            .first_chunk_mut::<GRANULE>()
    }

    /// The first `len` bytes at a place.
    #[inline]
    pub fn bytes(&self, place: Place, len: usize) -> Option<&[u8]> {
        if place.large {
            return self.large.get(place.offset as usize)?.get(..len);
        }
        let at = place.offset as usize * GRANULE;
        self.small.get(at..at + len)
    }

    /// The same to write.
    #[inline]
    pub fn bytes_mut(&mut self, place: Place, len: usize) -> Option<&mut [u8]> {
        if place.large {
            return self.large.get_mut(place.offset as usize)?.get_mut(..len);
        }
        let at = place.offset as usize * GRANULE;
        self.small.get_mut(at..at + len)
    }

    /// Copies `len` bytes between two places, each with a first byte; they may overlap.
    pub fn copy(
        &mut self,
        (to, dst): (Place, usize),
        (from, src): (Place, usize),
        len: usize,
    ) -> Option<()> {
        let span = |len_of: usize, start: usize| bulk::range(len_of, start as u64, len as u64);
        let small = |place: Place, at: usize| -> Range<usize> {
            let start = place.offset as usize * GRANULE + at;
            start..start + len
        };
        match (to.large, from.large) {
            (false, false) => {
                let (target, source) = (small(to, dst), small(from, src));
                if target.end.max(source.end) > self.small.len() {
                    return None;
                }
                self.small.copy_within(source, target.start);
            }
            (true, true) if to.offset == from.offset => {
                let bytes = self.large.get_mut(to.offset as usize)?;
                let (target, source) = (span(bytes.len(), dst)?, span(bytes.len(), src)?);
                bytes.copy_within(source, target.start);
            }
            (true, true) => {
                let places = [to.offset as usize, from.offset as usize];
                let [to, from] = self.large.get_disjoint_mut(places).ok()?;
                let (target, source) = (span(to.len(), dst)?, span(from.len(), src)?);
                to[target].copy_from_slice(&from[source]);
            }
            (true, false) => {
                let to = self.large.get_mut(to.offset as usize)?;
                let target = span(to.len(), dst)?;
                to[target].copy_from_slice(self.small.get(small(from, src))?);
            }
            (false, true) => {
                let from = self.large.get(from.offset as usize)?;
                let source = span(from.len(), src)?;
                self.small
                    .get_mut(small(to, dst))?
                    .copy_from_slice(&from[source]);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{CLASSES, class};

    #[test]
    fn every_size_has_the_least_class_that_fits() {
        for granules in 1..=256u64 {
            let least = CLASSES.iter().position(|&size| u64::from(size) >= granules);
            assert_eq!(Some(class(granules)), least, "{granules} granules");
        }
    }
}
