//! What a directory has, read once and kept: so that a guest that reads it piece by piece sees
//! each name once, whatever changes meanwhile. How much all lists of a guest may keep is limited.

use super::Entry;
use crate::wasi::host::error::ErrorCode;
use crate::wasi::host::os::{self, Borrowed};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The room for the listings of a guest, in bytes. Clones share the same room.
#[derive(Clone, Debug)]
pub struct ListingRoom(Arc<AtomicUsize>);

impl ListingRoom {
    /// Makes a room of that many bytes.
    pub fn new(bytes: usize) -> ListingRoom {
        ListingRoom(Arc::new(AtomicUsize::new(bytes)))
    }

    fn take(&self, bytes: usize) -> Result<(), ErrorCode> {
        let rest = |room: usize| room.checked_sub(bytes);
        let taken = self.0.fetch_update(Relaxed, Relaxed, rest);
        taken.map(drop).map_err(|_| ErrorCode::InsufficientMemory)
    }

    fn give(&self, bytes: usize) {
        self.0.fetch_add(bytes, Relaxed);
    }
}

/// The entries of a directory at one moment.
#[derive(Debug)]
pub struct Listing {
    entries: Vec<Entry>,
    taken: usize,
    room: ListingRoom,
}

impl Listing {
    pub(super) fn read(dir: Borrowed<'_>, room: &ListingRoom) -> Result<Listing, ErrorCode> {
        let mut listing = Listing {
            entries: Vec::new(),
            taken: 0,
            room: room.clone(),
        };
        os::list(dir, &mut |entry| {
            let bytes = size_of::<Entry>() + entry.name.len();
            listing.room.take(bytes)?;
            listing.taken += bytes;
            listing.entries.push(entry);
            Ok(())
        })?;
        Ok(listing)
    }

    /// Returns the entries, beginning with `.` and `..`.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        self.room.give(self.taken);
    }
}
