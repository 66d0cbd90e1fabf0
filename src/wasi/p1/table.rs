//! The table of descriptors: numbers, what stands behind them, and what may be done with each.
//! All threads of a guest share it. A call takes what it needs out of it and lets go of it before
//! anything waits, so that a number may be closed and given anew meanwhile: the call stays with
//! what it took.

use super::errno::Errno;
use super::types::{rights, with_implied};
use crate::wasi::host::context::WasiCtx;
use crate::wasi::host::fs::{Dir, File, Listing, Opened};
use crate::wasi::host::poll::Event;
use crate::wasi::host::sockets::{Connection, Listener};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What stands behind a descriptor.
#[derive(Debug)]
pub(super) enum Object {
    Stdin,
    Stdout,
    Stderr,
    Dir(OpenDir),
    File(File),
    Listener(Listener),
    Connection(Connection),
}

/// An open directory.
#[derive(Debug)]
pub(super) struct OpenDir {
    pub dir: Dir,
    /// What the guest calls it, if it was granted.
    pub preopen: Option<String>,
    /// What it had when reading it began.
    listing: Mutex<Option<Arc<Listing>>>,
}

impl OpenDir {
    pub fn new(dir: Dir, preopen: Option<String>) -> OpenDir {
        let listing = Mutex::default();
        OpenDir {
            dir,
            preopen,
            listing,
        }
    }

    /// Returns the entries of the directory: read anew where reading begins, and otherwise as they
    /// were then.
    ///
    /// # Errors
    /// Returns the errors of reading the directory.
    pub fn listing(&self, begin: bool, wasi: &WasiCtx) -> Result<Arc<Listing>, Errno> {
        if begin {
            // Gives its room back first.
            *locked(&self.listing) = None;
        } else if let Some(listing) = &*locked(&self.listing) {
            return Ok(listing.clone());
        }
        let listing = Arc::new(self.dir.list(&wasi.listing_room)?);
        *locked(&self.listing) = Some(listing.clone());
        Ok(listing)
    }
}

/// What of a descriptor can change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Powers {
    pub flags: u16,
    pub rights: u64,
    pub inheriting: u64,
}

/// An entry of the table.
#[derive(Debug)]
pub(super) struct Descriptor {
    pub object: Object,
    powers: Mutex<Powers>,
}

impl Descriptor {
    fn new(object: Object, rights: u64, inheriting: u64) -> Descriptor {
        let powers = Mutex::new(Powers {
            flags: 0,
            rights,
            inheriting,
        });
        Descriptor { object, powers }
    }

    fn stream(object: Object, way: u64) -> Descriptor {
        let common =
            rights::FD_FDSTAT_SET_FLAGS | rights::FD_FILESTAT_GET | rights::POLL_FD_READWRITE;
        Descriptor::new(object, way | common, 0)
    }

    /// Makes the descriptor of what a path was opened as.
    pub fn opened(opened: Opened, flags: u16, base: u64, inheriting: u64) -> Descriptor {
        let descriptor = match opened {
            Opened::Dir(dir) => {
                let object = Object::Dir(OpenDir::new(dir, None));
                Descriptor::new(object, base & rights::DIRECTORY, inheriting)
            }
            Opened::File(file) => {
                Descriptor::new(Object::File(file), base & rights::FILE, inheriting)
            }
        };
        locked(&descriptor.powers).flags = flags;
        descriptor
    }

    pub fn connection(connection: Connection, flags: u16) -> Descriptor {
        let object = Object::Connection(connection);
        let descriptor = Descriptor::new(object, rights::CONNECTION, 0);
        locked(&descriptor.powers).flags = flags;
        descriptor
    }

    /// Returns the rights and flags that the descriptor has now.
    pub fn powers(&self) -> Powers {
        *locked(&self.powers)
    }

    /// Changes what may be done with it, in one step.
    pub fn change<T>(&self, change: impl FnOnce(&mut Powers) -> T) -> T {
        change(&mut locked(&self.powers))
    }

    /// Returns the event to wait for before reading or writing, where that may wait at all.
    pub fn event(&self, write: bool) -> Option<Event<'_>> {
        match &self.object {
            Object::Stdin => (!write).then_some(Event::Input),
            Object::Stdout => write.then_some(Event::Output),
            Object::Stderr => write.then_some(Event::ErrorOutput),
            Object::File(file) if file.may_wait() => Some(Event::File(file, write)),
            Object::Listener(listener) => Some(Event::Listener(listener)),
            Object::Connection(connection) => Some(Event::Connection(connection, write)),
            Object::File(_) | Object::Dir(_) => None,
        }
    }

    /// Asks for a right.
    ///
    /// # Errors
    /// Returns [`Errno::BadF`] for reading and writing, as descriptors of the other direction give,
    /// else [`Errno::NotCapable`].
    pub fn need(&self, right: u64) -> Result<(), Errno> {
        if with_implied(self.powers().rights) & right == right {
            return Ok(());
        }
        Err(match right {
            rights::FD_READ | rights::FD_WRITE => Errno::BadF,
            // Any other right.
            _ => Errno::NotCapable,
        })
    }
}

/// Descriptors by number.
#[derive(Debug)]
pub(super) struct Table {
    descriptors: Mutex<BTreeMap<u32, Arc<Descriptor>>>,
    limit: usize,
}

impl Table {
    /// The three standard streams, then what the context grants.
    pub fn new(wasi: &mut WasiCtx) -> Table {
        let streams = [
            Descriptor::stream(Object::Stdin, rights::FD_READ),
            Descriptor::stream(Object::Stdout, rights::FD_WRITE),
            Descriptor::stream(Object::Stderr, rights::FD_WRITE),
        ];
        let dirs = std::mem::take(&mut wasi.preopens).into_iter();
        let dirs = dirs.map(|(dir, name)| {
            let object = Object::Dir(OpenDir::new(dir, Some(name)));
            Descriptor::new(object, rights::DIRECTORY, rights::ALL)
        });
        // Libraries look for directories from 3 on, and stop at the first number that is none.
        let listeners = std::mem::take(&mut wasi.listeners).into_iter();
        let listeners = listeners.map(|listener| {
            let object = Object::Listener(listener);
            Descriptor::new(object, rights::LISTENER, rights::CONNECTION)
        });
        let all = streams
            .into_iter()
            .chain(dirs)
            .chain(listeners)
            .map(Arc::new);
        Table {
            descriptors: Mutex::new((0..).zip(all).collect()),
            limit: wasi.max_open_files,
        }
    }

    /// # Errors
    /// Returns [`Errno::BadF`] when there is no such descriptor.
    pub fn get(&self, fd: u32) -> Result<Arc<Descriptor>, Errno> {
        locked(&self.descriptors)
            .get(&fd)
            .cloned()
            .ok_or(Errno::BadF)
    }

    /// Checks that one more may be opened.
    ///
    /// # Errors
    /// Returns [`Errno::MFile`] when it may not.
    pub fn check_room(&self) -> Result<(), Errno> {
        match locked(&self.descriptors).len() < self.limit {
            true => Ok(()),
            false => Err(Errno::MFile),
        }
    }

    /// Adds a descriptor under the lowest number that is free.
    ///
    /// # Errors
    /// Returns [`Errno::MFile`] when there are too many; what was opened is closed then.
    pub fn add(&self, descriptor: Descriptor) -> Result<u32, Errno> {
        let mut descriptors = locked(&self.descriptors);
        if descriptors.len() >= self.limit {
            drop(descriptors);
            return Err(Errno::MFile);
        }
        let taken = descriptors.keys().zip(0u32..);
        let gap = taken
            .filter(|(fd, place)| **fd != *place)
            .map(|(_, place)| place)
            .next();
        let fd = gap.unwrap_or(descriptors.len() as u32);
        descriptors.insert(fd, Arc::new(descriptor));
        Ok(fd)
    }

    /// Takes a descriptor away.
    ///
    /// # Errors
    /// Returns [`Errno::BadF`] when there is no such descriptor.
    pub fn close(&self, fd: u32) -> Result<(), Errno> {
        let closed = locked(&self.descriptors).remove(&fd);
        // Dropped after the lock: closing may wait.
        closed.map(drop).ok_or(Errno::BadF)
    }

    /// Moves a descriptor onto another, which must be there and is closed by that.
    ///
    /// # Errors
    /// Returns [`Errno::BadF`] when there is no such descriptor.
    pub fn renumber(&self, from: u32, to: u32) -> Result<(), Errno> {
        let mut descriptors = locked(&self.descriptors);
        if !descriptors.contains_key(&to) {
            return Err(Errno::BadF);
        }
        let moved = descriptors.remove(&from).ok_or(Errno::BadF)?;
        let closed = descriptors.insert(to, moved);
        drop(descriptors);
        drop(closed);
        Ok(())
    }
}

/// A panic of another holder leaves the entries as they are.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
