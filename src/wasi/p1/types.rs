//! Types of `wasi_snapshot_preview1` as numbers: rights, flags, kinds of files, layouts.

use super::errno::Errno;
use crate::wasi::host::fs::{FileKind, FileStat};
use std::time::Duration;

/// What may be done with a descriptor.
pub(super) mod rights {
    pub const FD_DATASYNC: u64 = 1;
    pub const FD_READ: u64 = 1 << 1;
    pub const FD_SEEK: u64 = 1 << 2;
    pub const FD_FDSTAT_SET_FLAGS: u64 = 1 << 3;
    pub const FD_SYNC: u64 = 1 << 4;
    pub const FD_TELL: u64 = 1 << 5;
    pub const FD_WRITE: u64 = 1 << 6;
    pub const FD_ADVISE: u64 = 1 << 7;
    pub const FD_ALLOCATE: u64 = 1 << 8;
    pub const PATH_CREATE_DIRECTORY: u64 = 1 << 9;
    pub const PATH_CREATE_FILE: u64 = 1 << 10;
    pub const PATH_LINK_SOURCE: u64 = 1 << 11;
    pub const PATH_LINK_TARGET: u64 = 1 << 12;
    pub const PATH_OPEN: u64 = 1 << 13;
    pub const FD_READDIR: u64 = 1 << 14;
    pub const PATH_READLINK: u64 = 1 << 15;
    pub const PATH_RENAME_SOURCE: u64 = 1 << 16;
    pub const PATH_RENAME_TARGET: u64 = 1 << 17;
    pub const PATH_FILESTAT_GET: u64 = 1 << 18;
    pub const PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
    pub const PATH_FILESTAT_SET_TIMES: u64 = 1 << 20;
    pub const FD_FILESTAT_GET: u64 = 1 << 21;
    pub const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
    pub const FD_FILESTAT_SET_TIMES: u64 = 1 << 23;
    pub const PATH_SYMLINK: u64 = 1 << 24;
    pub const PATH_REMOVE_DIRECTORY: u64 = 1 << 25;
    pub const PATH_UNLINK_FILE: u64 = 1 << 26;
    pub const POLL_FD_READWRITE: u64 = 1 << 27;
    pub const SOCK_SHUTDOWN: u64 = 1 << 28;
    pub const SOCK_ACCEPT: u64 = 1 << 29;

    /// All there are.
    pub const ALL: u64 = (1 << 30) - 1;

    /// Those for which a file must be open for writing.
    pub const WRITING: u64 = FD_WRITE | FD_ALLOCATE | FD_FILESTAT_SET_SIZE;

    /// Those that mean something for a directory.
    pub const DIRECTORY: u64 = FD_DATASYNC
        | FD_FDSTAT_SET_FLAGS
        | FD_SYNC
        | FD_READDIR
        | FD_FILESTAT_GET
        | FD_FILESTAT_SET_TIMES
        | PATH_CREATE_DIRECTORY
        | PATH_CREATE_FILE
        | PATH_LINK_SOURCE
        | PATH_LINK_TARGET
        | PATH_OPEN
        | PATH_READLINK
        | PATH_RENAME_SOURCE
        | PATH_RENAME_TARGET
        | PATH_FILESTAT_GET
        | PATH_FILESTAT_SET_SIZE
        | PATH_FILESTAT_SET_TIMES
        | PATH_SYMLINK
        | PATH_REMOVE_DIRECTORY
        | PATH_UNLINK_FILE;

    /// Those that mean something for any other file.
    pub const FILE: u64 = FD_DATASYNC
        | FD_READ
        | FD_SEEK
        | FD_FDSTAT_SET_FLAGS
        | FD_SYNC
        | FD_TELL
        | FD_WRITE
        | FD_ADVISE
        | FD_ALLOCATE
        | FD_FILESTAT_GET
        | FD_FILESTAT_SET_SIZE
        | FD_FILESTAT_SET_TIMES
        | POLL_FD_READWRITE;

    /// Those of a socket that listens.
    pub const LISTENER: u64 =
        FD_FDSTAT_SET_FLAGS | FD_FILESTAT_GET | POLL_FD_READWRITE | SOCK_ACCEPT;

    /// Those of a connection.
    pub const CONNECTION: u64 = FD_READ
        | FD_WRITE
        | FD_FDSTAT_SET_FLAGS
        | FD_FILESTAT_GET
        | POLL_FD_READWRITE
        | SOCK_SHUTDOWN;
}

/// Rights with those that they imply: who may move the place may ask where it is.
pub(super) fn with_implied(rights: u64) -> u64 {
    match rights & rights::FD_SEEK {
        0 => rights,
        _ => rights | rights::FD_TELL,
    }
}

/// Flags of a descriptor.
pub(super) mod fdflags {
    pub const APPEND: u16 = 1;
    pub const DSYNC: u16 = 1 << 1;
    pub const NONBLOCK: u16 = 1 << 2;
    pub const RSYNC: u16 = 1 << 3;
    pub const SYNC: u16 = 1 << 4;
    /// All flags there are.
    pub const ALL: u16 = 0x1F;
    /// Those about synchronous writing, which stay as the file was opened.
    pub const SYNCHRONOUS: u16 = DSYNC | RSYNC | SYNC;
}

/// Flags of opening.
pub(super) mod oflags {
    pub const CREAT: u32 = 1;
    pub const DIRECTORY: u32 = 1 << 1;
    pub const EXCL: u32 = 1 << 2;
    pub const TRUNC: u32 = 1 << 3;
    pub const ALL: u32 = 0xF;
}

/// The one flag of looking a path up: through a link at its end.
pub(super) const SYMLINK_FOLLOW: u32 = 1;

/// Flags of setting times.
pub(super) mod fstflags {
    pub const ATIM: u32 = 1;
    pub const ATIM_NOW: u32 = 1 << 1;
    pub const MTIM: u32 = 1 << 2;
    pub const MTIM_NOW: u32 = 1 << 3;
    pub const ALL: u32 = 0xF;
}

/// Flags of receiving, telling, and shutting down.
pub(super) mod sockflags {
    pub const PEEK: u32 = 1;
    pub const WAITALL: u32 = 1 << 1;
    pub const SHUT_READ: u32 = 1;
    pub const SHUT_WRITE: u32 = 1 << 1;
}

/// Kinds of files.
pub(super) mod filetype {
    pub const UNKNOWN: u8 = 0;
    pub const BLOCK_DEVICE: u8 = 1;
    pub const CHARACTER_DEVICE: u8 = 2;
    pub const DIRECTORY: u8 = 3;
    pub const REGULAR_FILE: u8 = 4;
    pub const SOCKET_STREAM: u8 = 6;
    pub const SYMBOLIC_LINK: u8 = 7;
}

/// Clocks.
pub(super) mod clockid {
    pub const REALTIME: u32 = 0;
    pub const MONOTONIC: u32 = 1;
    pub const PROCESS_CPUTIME: u32 = 2;
    pub const THREAD_CPUTIME: u32 = 3;
}

/// Kinds of subscriptions and events.
pub(super) mod eventtype {
    pub const CLOCK: u8 = 0;
    pub const FD_READ: u8 = 1;
    pub const FD_WRITE: u8 = 2;
}

/// Bytes of a subscription.
pub(super) const SUBSCRIPTION: u64 = 48;
/// Bytes of an event.
pub(super) const EVENT: u64 = 32;
/// Bytes of an entry of a directory, without its name.
pub(super) const DIRENT: usize = 24;

/// The number of a kind of file.
pub(super) fn filetype_of(kind: FileKind) -> u8 {
    match kind {
        // A pipe has no number of its own.
        FileKind::Unknown | FileKind::Fifo => filetype::UNKNOWN,
        FileKind::BlockDevice => filetype::BLOCK_DEVICE,
        FileKind::CharacterDevice => filetype::CHARACTER_DEVICE,
        FileKind::Directory => filetype::DIRECTORY,
        FileKind::Link => filetype::SYMBOLIC_LINK,
        FileKind::Regular => filetype::REGULAR_FILE,
        FileKind::Socket => filetype::SOCKET_STREAM,
    }
}

/// The `fdstat` of a descriptor.
pub(super) fn fdstat(filetype: u8, flags: u16, base: u64, inheriting: u64) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[0] = filetype;
    bytes[2..4].copy_from_slice(&flags.to_le_bytes());
    bytes[8..16].copy_from_slice(&base.to_le_bytes());
    bytes[16..24].copy_from_slice(&inheriting.to_le_bytes());
    bytes
}

/// The `filestat` of something that is no file.
pub(super) fn stream_stat(filetype: u8) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[16] = filetype;
    // One link to it.
    bytes[24] = 1;
    bytes
}

/// The `filestat` of a file.
///
/// # Errors
/// Returns [`Errno::Overflow`] for a time past the year 2554.
pub(super) fn filestat(stat: &FileStat) -> Result<[u8; 64], Errno> {
    let words = [
        stat.device,
        stat.inode,
        filetype_of(stat.kind).into(),
        stat.links,
        stat.size,
        nanos(stat.accessed)?,
        nanos(stat.modified)?,
        nanos(stat.changed)?,
    ];
    let mut bytes = [0; 64];
    for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    Ok(bytes)
}

/// A time as WASI counts it.
pub(super) fn nanos(time: Duration) -> Result<u64, Errno> {
    u64::try_from(time.as_nanos()).map_err(|_| Errno::Overflow)
}

/// A `dirent`, which the name follows.
pub(super) fn dirent(next: u64, inode: u64, name_len: u32, kind: FileKind) -> [u8; DIRENT] {
    let mut bytes = [0; DIRENT];
    bytes[0..8].copy_from_slice(&next.to_le_bytes());
    bytes[8..16].copy_from_slice(&inode.to_le_bytes());
    bytes[16..20].copy_from_slice(&name_len.to_le_bytes());
    bytes[20] = filetype_of(kind);
    bytes
}

/// An `event`.
pub(super) fn event(userdata: u64, errno: u16, kind: u8, available: u64) -> [u8; EVENT as usize] {
    let mut bytes = [0; EVENT as usize];
    bytes[0..8].copy_from_slice(&userdata.to_le_bytes());
    bytes[8..10].copy_from_slice(&errno.to_le_bytes());
    bytes[10] = kind;
    bytes[16..24].copy_from_slice(&available.to_le_bytes());
    bytes
}
