//! What can go wrong outside of the guest, by the names that later versions of WASI give it. Knows
//! nothing of error numbers, neither the system's (those are in `unix`) nor those of any face.

use core::fmt;
use std::io;

/// Why the outside refused something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorCode {
    /// The system's permissions forbid it.
    Access,
    /// It would wait.
    WouldBlock,
    /// A descriptor that cannot do this.
    BadDescriptor,
    /// In use.
    Busy,
    /// Connection given up.
    ConnectionAborted,
    /// Connection refused.
    ConnectionRefused,
    /// Connection reset.
    ConnectionReset,
    /// Waiting for each other.
    Deadlock,
    /// Over the quota.
    Quota,
    /// There already.
    Exist,
    /// Too large for a file.
    FileTooLarge,
    /// Not UTF-8.
    IllegalByteSequence,
    /// Under way already.
    InProgress,
    /// The wait was given up.
    Interrupted,
    /// An argument that cannot be.
    Invalid,
    /// Input or output failed.
    Io,
    /// A directory, which it should not be.
    IsDirectory,
    /// Too many symbolic links.
    Loop,
    /// Too many links to a file.
    TooManyLinks,
    /// Too many open files.
    TooManyFiles,
    /// A message too long.
    MessageSize,
    /// A name too long.
    NameTooLong,
    /// No such device.
    NoDevice,
    /// Not there.
    NoEntry,
    /// No locks.
    NoLock,
    /// No memory.
    InsufficientMemory,
    /// No space.
    InsufficientSpace,
    /// No directory, which it should be.
    NotDirectory,
    /// A directory with something in it.
    NotEmpty,
    /// Not connected.
    NotConnected,
    /// No socket.
    NotSocket,
    /// Unavailable here.
    Unsupported,
    /// No terminal.
    NoTty,
    /// No such device or address.
    NoSuchDevice,
    /// A value too large.
    Overflow,
    /// Not granted; also reported for a path that leaves a granted directory.
    NotPermitted,
    /// Nobody reads it.
    Pipe,
    /// A read-only file system.
    ReadOnly,
    /// Nothing that has places to seek.
    InvalidSeek,
    /// Too late.
    TimedOut,
    /// A program that runs.
    TextFileBusy,
    /// From one file system to another.
    CrossDevice,
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl core::error::Error for ErrorCode {}

impl From<io::Error> for ErrorCode {
    fn from(error: io::Error) -> ErrorCode {
        use io::ErrorKind as Kind;
        #[cfg(unix)]
        if let Some(code) = super::unix::error_code(&error) {
            return code;
        }
        match error.kind() {
            Kind::NotFound => ErrorCode::NoEntry,
            Kind::PermissionDenied => ErrorCode::Access,
            Kind::AlreadyExists => ErrorCode::Exist,
            Kind::WouldBlock => ErrorCode::WouldBlock,
            Kind::BrokenPipe => ErrorCode::Pipe,
            Kind::InvalidInput | Kind::InvalidData => ErrorCode::Invalid,
            Kind::TimedOut => ErrorCode::TimedOut,
            Kind::StorageFull => ErrorCode::InsufficientSpace,
            Kind::Interrupted => ErrorCode::Interrupted,
            Kind::Unsupported => ErrorCode::Unsupported,
            Kind::OutOfMemory => ErrorCode::InsufficientMemory,
            Kind::NotADirectory => ErrorCode::NotDirectory,
            Kind::IsADirectory => ErrorCode::IsDirectory,
            Kind::DirectoryNotEmpty => ErrorCode::NotEmpty,
            Kind::ReadOnlyFilesystem => ErrorCode::ReadOnly,
            Kind::FileTooLarge => ErrorCode::FileTooLarge,
            // The list of kinds is open.
            _ => ErrorCode::Io,
        }
    }
}
