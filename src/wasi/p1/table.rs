//! The table of descriptors: numbers, what stands behind them, and what may be done with each.

use super::errno::Errno;
use super::types::rights;
use std::collections::BTreeMap;

/// What stands behind a descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Object {
    Stdin,
    Stdout,
    Stderr,
}

/// An entry of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Descriptor {
    pub object: Object,
    pub flags: u16,
    pub rights: u64,
    pub inheriting: u64,
}

impl Descriptor {
    fn stream(object: Object) -> Descriptor {
        let way = match object {
            Object::Stdin => rights::FD_READ,
            Object::Stdout | Object::Stderr => rights::FD_WRITE,
        };
        Descriptor {
            object,
            flags: 0,
            rights: way
                | rights::FD_FDSTAT_SET_FLAGS
                | rights::FD_FILESTAT_GET
                | rights::POLL_FD_READWRITE,
            inheriting: 0,
        }
    }

    /// Asks for a right.
    ///
    /// # Errors
    /// [`Errno::BadF`] for reading and writing, as descriptors of the other direction give, else
    /// [`Errno::NotCapable`].
    pub fn need(&self, right: u64) -> Result<(), Errno> {
        if self.rights & right == right {
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
pub(super) struct Table(BTreeMap<u32, Descriptor>);

impl Table {
    /// The three standard streams.
    pub fn stdio() -> Table {
        let streams = [Object::Stdin, Object::Stdout, Object::Stderr];
        Table((0..).zip(streams.map(Descriptor::stream)).collect())
    }

    /// # Errors
    /// [`Errno::BadF`].
    pub fn get(&self, fd: u32) -> Result<&Descriptor, Errno> {
        self.0.get(&fd).ok_or(Errno::BadF)
    }

    /// # Errors
    /// [`Errno::BadF`].
    pub fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor, Errno> {
        self.0.get_mut(&fd).ok_or(Errno::BadF)
    }

    /// Takes a descriptor away.
    ///
    /// # Errors
    /// [`Errno::BadF`].
    pub fn close(&mut self, fd: u32) -> Result<(), Errno> {
        self.0.remove(&fd).map(drop).ok_or(Errno::BadF)
    }

    /// Moves a descriptor onto another, which must be there and is closed by that.
    ///
    /// # Errors
    /// [`Errno::BadF`].
    pub fn renumber(&mut self, from: u32, to: u32) -> Result<(), Errno> {
        self.get(to)?;
        let moved = self.0.remove(&from).ok_or(Errno::BadF)?;
        self.0.insert(to, moved);
        Ok(())
    }
}
