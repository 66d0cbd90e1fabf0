//! Cells written once and lists that only grow, both through `&self`: lazily translated code is
//! shared by every store of a module. Without `std` they work on one thread.

use alloc::boxed::Box;

/// A cell written once.
#[cfg(feature = "std")]
pub type Once<T> = std::sync::OnceLock<T>;
/// A cell written once.
#[cfg(not(feature = "std"))]
pub type Once<T> = core::cell::OnceCell<T>;

/// Chunks double in size, so that this many hold 2^32 - 1 values.
const CHUNKS: usize = 32;

/// A list that grows through `&self`; references to its values live as long as it does.
#[derive(Debug)]
pub struct Append<T> {
    chunks: [Once<Box<[Once<T>]>>; CHUNKS],
}

impl<T> Default for Append<T> {
    fn default() -> Append<T> {
        Append {
            chunks: [const { Once::new() }; CHUNKS],
        }
    }
}

impl<T> FromIterator<T> for Append<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Append<T> {
        let (list, mut values) = (Append::default(), values.into_iter().peekable());
        for (size, chunk) in list.chunks.iter().enumerate() {
            if values.peek().is_none() {
                break;
            }
            let cell = |_| values.next().map_or_else(Once::new, Once::from);
            let cells = (0..1usize << size).map(cell).collect();
            let Ok(()) = chunk.set(cells) else {
                unreachable!("each chunk of a new list is set once");
            };
        }
        list
    }
}

impl<T> Append<T> {
    /// Chunk and place in it of an index.
    #[inline(always)]
    fn at(index: usize) -> (usize, usize) {
        let n = index + 1;
        let chunk = n.ilog2() as usize;
        (chunk, n - (1 << chunk))
    }

    /// Returns how many values it has at least: others may be adding some.
    pub fn count(&self) -> usize {
        // Values stand without gaps, so what is full lies before what is not.
        let full = |chunk: &&Once<Box<[Once<T>]>>| {
            chunk
                .get()
                .and_then(|cells| cells.last())
                .is_some_and(|last| last.get().is_some())
        };
        let before = self.chunks.iter().take_while(full).count();
        let taken = self
            .chunks
            .get(before)
            .and_then(Once::get)
            .map_or(0, |cells| {
                cells.partition_point(|cell| cell.get().is_some())
            });
        (1 << before) - 1 + taken
    }

    /// Adds a value; returns its index.
    ///
    /// # Panics
    /// After 2^32 - 1 values.
    pub fn push(&self, mut value: T) -> usize {
        let mut index = self.count();
        loop {
            let (chunk, place) = Self::at(index);
            let cells = self.chunks[chunk]
                .get_or_init(|| (0..1usize << chunk).map(|_| Once::new()).collect());
            match cells[place].set(value) {
                Ok(()) => return index,
                Err(back) => value = back,
            }
            index += 1;
        }
    }

    /// The value at an index.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<&T> {
        let (chunk, place) = Self::at(index);
        self.chunks.get(chunk)?.get()?.get(place)?.get()
    }

    /// All values in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        (0..).map_while(|index| self.get(index))
    }
}
