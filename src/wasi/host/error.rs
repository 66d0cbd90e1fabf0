//! What can go wrong outside of the guest, by the names that later versions of WASI give it. Knows
//! nothing of error numbers, neither the system's (those are in `unix`) nor those of any face.

use core::fmt;
use std::io;

/// The reason why the host refused an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorCode {
    /// The system's permissions forbid it.
    Access,
    /// The operation would wait.
    WouldBlock,
    /// The descriptor cannot be used for this.
    BadDescriptor,
    /// The file or device is in use.
    Busy,
    /// The connection was aborted.
    ConnectionAborted,
    /// The connection was refused.
    ConnectionRefused,
    /// The connection was reset.
    ConnectionReset,
    /// The operation would deadlock.
    Deadlock,
    /// The disk quota is exceeded.
    Quota,
    /// The file exists already.
    Exist,
    /// The file would become too large.
    FileTooLarge,
    /// The text is not UTF-8.
    IllegalByteSequence,
    /// The operation is in progress already.
    InProgress,
    /// The wait was interrupted.
    Interrupted,
    /// An argument is invalid.
    Invalid,
    /// Input or output failed.
    Io,
    /// The file is a directory, where it must not be one.
    IsDirectory,
    /// Too many symbolic links.
    Loop,
    /// Too many links to a file.
    TooManyLinks,
    /// Too many open files.
    TooManyFiles,
    /// The message is too long.
    MessageSize,
    /// The name is too long.
    NameTooLong,
    /// There is no such device.
    NoDevice,
    /// There is no such file or directory.
    NoEntry,
    /// No locks are available.
    NoLock,
    /// There is not enough memory.
    InsufficientMemory,
    /// There is no space left on the device.
    InsufficientSpace,
    /// The file is not a directory, where it must be one.
    NotDirectory,
    /// The directory is not empty.
    NotEmpty,
    /// The socket is not connected.
    NotConnected,
    /// The descriptor is not a socket.
    NotSocket,
    /// The operation is not supported here.
    Unsupported,
    /// The file is not a terminal.
    NoTty,
    /// There is no such device or address.
    NoSuchDevice,
    /// A value is too large for its type.
    Overflow,
    /// The operation was not granted; also reported for a path that leaves a granted directory.
    NotPermitted,
    /// Nobody reads the other end of the pipe.
    Pipe,
    /// The file system is read-only.
    ReadOnly,
    /// The file has no positions to seek.
    InvalidSeek,
    /// The operation timed out.
    TimedOut,
    /// The file is a program that is running.
    TextFileBusy,
    /// The operation would go from one file system to another.
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
