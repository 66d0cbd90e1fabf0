//! Open files that are no directories. Those that may wait (pipes, devices) never do so in here:
//! they say that they would, and `poll` waits.

use super::{Advice, FileKind, FilePerms, FileStat, NewTime, OpenHow};
use crate::wasi::host::error::ErrorCode;
use crate::wasi::host::os::{self, Borrowed, Handle};
use std::io::SeekFrom;
use std::time::Duration;

type Result<T> = core::result::Result<T, ErrorCode>;

/// An open file that is not a directory.
///
/// ```
/// use limpid::wasi::host::fs::{Dir, OpenHow, Opened};
/// use limpid::wasi::{DirPerms, FilePerms, PathResolver};
/// # if cfg!(unix) {
/// let host = tempfile::tempdir()?;
/// let dir = Dir::ambient(host.path(), DirPerms::all(), FilePerms::all(), PathResolver::Best)?;
/// let how = OpenHow { read: true, write: true, create: true, ..OpenHow::default() };
/// let Ok(Opened::File(file)) = dir.open("words", &how) else { panic!("it is created") };
/// assert_eq!(file.write(b"limpid"), Ok(6));
/// let mut bytes = [0; 3];
/// assert_eq!(file.read_at(&mut bytes, 3), Ok(3));
/// assert_eq!(&bytes, b"pid");
/// assert_eq!(file.stat().map(|stat| stat.size), Ok(6));
/// # }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct File {
    handle: Handle,
    kind: FileKind,
    readable: bool,
    writable: bool,
    perms: FilePerms,
}

impl File {
    pub(super) fn new(handle: Handle, kind: FileKind, how: &OpenHow, perms: FilePerms) -> File {
        File {
            handle,
            kind,
            readable: how.read,
            writable: how.write,
            perms,
        }
    }

    /// Returns the kind of the file.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// Returns whether the file is a terminal.
    pub fn is_terminal(&self) -> bool {
        os::is_terminal(self.handle())
    }

    /// Returns whether reading and writing may wait. Regular files never do, as the system defines
    /// it.
    pub fn may_wait(&self) -> bool {
        !matches!(self.kind, FileKind::Regular | FileKind::BlockDevice)
    }

    pub(in crate::wasi::host) fn handle(&self) -> Borrowed<'_> {
        os::borrow(&self.handle)
    }

    fn need_readable(&self) -> Result<()> {
        match self.readable {
            true => Ok(()),
            false => Err(ErrorCode::BadDescriptor),
        }
    }

    fn need_writable(&self) -> Result<()> {
        match self.writable {
            true => Ok(()),
            false => Err(ErrorCode::BadDescriptor),
        }
    }

    /// Reads from the current position and returns the number of bytes. With `waits` false, a named
    /// pipe that nobody has opened for writing yet is at its end.
    ///
    /// # Errors
    /// Returns [`ErrorCode::WouldBlock`] where it would wait, or the error of the system.
    pub fn read(&self, buffer: &mut [u8], waits: bool) -> Result<usize> {
        self.need_readable()?;
        match os::read(self.handle(), buffer)? {
            0 if waits && !buffer.is_empty() && self.kind == FileKind::Fifo => {
                self.read_ended(buffer)
            }
            len => Ok(len),
        }
    }

    /// Reads a pipe that gave nothing: at its end, or before the first writer.
    fn read_ended(&self, buffer: &mut [u8]) -> Result<usize> {
        // A pipe whose writers have left has nothing to wait for. One that nobody has opened for
        // writing since it was opened here has.
        match os::poll(&[(self.handle(), false)], Duration::ZERO)[0] {
            // One may have come, written and left meanwhile.
            true => os::read(self.handle(), buffer),
            false => Err(ErrorCode::WouldBlock),
        }
    }

    /// Writes at the current position, or at the end when appending, and returns the number of
    /// bytes.
    ///
    /// # Errors
    /// Returns the same errors as `read`.
    pub fn write(&self, bytes: &[u8]) -> Result<usize> {
        self.need_writable()?;
        os::write(self.handle(), bytes)
    }

    /// Reads at an offset.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn read_at(&self, buffer: &mut [u8], at: u64) -> Result<usize> {
        self.need_readable()?;
        os::read_at(self.handle(), buffer, place(at)?)
    }

    /// Writes at an offset.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn write_at(&self, bytes: &[u8], at: u64) -> Result<usize> {
        self.need_writable()?;
        os::write_at(self.handle(), bytes, place(at)?)
    }

    /// Moves the current position.
    ///
    /// # Errors
    /// Returns [`ErrorCode::InvalidSeek`] for a file without positions, and [`ErrorCode::Invalid`]
    /// for a position before the start or too large for its type.
    pub fn seek(&self, from: SeekFrom) -> Result<u64> {
        if let SeekFrom::Start(at) = from {
            place(at)?;
        }
        match os::seek(self.handle(), from) {
            Err(ErrorCode::Overflow) => Err(ErrorCode::Invalid),
            result => result,
        }
    }

    /// Returns the metadata of the file.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn stat(&self) -> Result<FileStat> {
        os::stat(self.handle())
    }

    /// Sets the times of the file.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn set_times(&self, accessed: NewTime, modified: NewTime) -> Result<()> {
        if !self.perms.contains(FilePerms::WRITE) {
            return Err(ErrorCode::NotPermitted);
        }
        os::set_times(self.handle(), accessed, modified)
    }

    /// Truncates the file, or extends it with zeros.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn set_len(&self, len: u64) -> Result<()> {
        self.need_writable().map_err(|_| ErrorCode::Invalid)?;
        os::set_len(self.handle(), place(len)?)
    }

    /// Makes sure that there is space for `len` bytes at an offset.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn allocate(&self, at: u64, len: u64) -> Result<()> {
        self.need_writable()?;
        let end = place(at)?.checked_add(len).ok_or(ErrorCode::FileTooLarge);
        place(end?).map_err(|_| ErrorCode::FileTooLarge)?;
        if len == 0 {
            return Err(ErrorCode::Invalid);
        }
        os::allocate(self.handle(), at, len)
    }

    /// Tells the system how a range of the file will be read.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn advise(&self, at: u64, len: u64, advice: Advice) -> Result<()> {
        os::advise(self.handle(), place(at)?, place(len)?, advice)
    }

    /// Waits until the device has stored the file.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn sync(&self) -> Result<()> {
        os::sync(self.handle())
    }

    /// Waits until the device has stored the file's data.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn sync_data(&self) -> Result<()> {
        os::sync_data(self.handle())
    }

    /// Sets whether each write goes to the end of the file.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn set_append(&self, append: bool) -> Result<()> {
        os::set_append(self.handle(), append)
    }

    /// Returns the number of bytes that can be read without waiting.
    pub fn available(&self) -> u64 {
        match self.kind {
            FileKind::Regular => {
                let size = self.stat().map_or(0, |stat| stat.size);
                let at = self.seek(SeekFrom::Current(0)).unwrap_or(size);
                size.saturating_sub(at)
            }
            // The system knows.
            _ => os::available(self.handle()),
        }
    }
}

/// A place in a file, as systems count them.
fn place(at: u64) -> Result<u64> {
    match i64::try_from(at) {
        Ok(_) => Ok(at),
        Err(_) => Err(ErrorCode::Invalid),
    }
}
