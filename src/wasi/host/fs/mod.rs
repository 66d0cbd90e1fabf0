//! Files and directories. A guest reaches them through directories that were granted, and by paths
//! that stay beneath these. Knows nothing of descriptors' numbers or of rights: what a grant
//! forbids is refused here, what a descriptor gave up is its face's matter.
//!
//! Reading order: here the words, then `path` (the text), `resolve` (text to place, the one door
//! to the host's files), `dir`, `file`, `listing`.

mod dir;
mod file;
mod listing;
mod path;
mod resolve;

pub use dir::{Dir, Opened};
pub use file::File;
pub use listing::{Listing, ListingRoom};
pub use resolve::PathResolver;

use core::ops::{BitAnd, BitOr};
use std::time::Duration;

macro_rules! perms {
    ($(#[$doc:meta])* $name:ident: $($(#[$flag_doc:meta])* $flag:ident = $bit:literal;)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub struct $name(u8);

        impl $name {
            $($(#[$flag_doc])* pub const $flag: $name = $name($bit);)*

            /// Returns the set of no permissions.
            pub const fn empty() -> $name {
                $name(0)
            }

            /// Returns the set of all permissions.
            pub const fn all() -> $name {
                $name(0 $(| $bit)*)
            }

            /// Returns whether all permissions of `other` are in this set.
            pub const fn contains(self, other: $name) -> bool {
                self.0 & other.0 == other.0
            }
        }

        impl BitOr for $name {
            type Output = $name;

            fn bitor(self, other: $name) -> $name {
                $name(self.0 | other.0)
            }
        }

        impl BitAnd for $name {
            type Output = $name;

            fn bitand(self, other: $name) -> $name {
                $name(self.0 & other.0)
            }
        }
    };
}

perms! {
    /// What a granted directory allows with directories.
    DirPerms:
    /// Directories may be looked up in, opened and listed.
    READ = 1;
    /// Entries may be created, renamed, linked and removed.
    MUTATE = 2;
}

perms! {
    /// What a granted directory allows with files.
    FilePerms:
    /// Files may be read.
    READ = 1;
    /// Files may be written and resized, and their times set.
    WRITE = 2;
}

/// The kind of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// A file of no other kind.
    Unknown,
    /// A device read and written in blocks.
    BlockDevice,
    /// A device read and written as a stream.
    CharacterDevice,
    /// A directory.
    Directory,
    /// A named pipe.
    Fifo,
    /// A symbolic link.
    Link,
    /// A regular file.
    Regular,
    /// A socket.
    Socket,
}

/// The metadata of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileStat {
    /// The device that the file is on.
    pub device: u64,
    /// The number of the file on its device.
    pub inode: u64,
    /// The kind of the file.
    pub kind: FileKind,
    /// The number of hard links.
    pub links: u64,
    /// The size in bytes.
    pub size: u64,
    /// The time of the last read, since 1970.
    pub accessed: Duration,
    /// The time of the last write, since 1970.
    pub modified: Duration,
    /// The time of the last change of the file or its metadata, since 1970.
    pub changed: Duration,
}

/// How to set a time of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NewTime {
    /// The time is left as it is.
    Keep,
    /// The time is set to the current time.
    Now,
    /// The time is set to this, since 1970.
    At(Duration),
}

/// How to open a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
pub struct OpenHow {
    /// Follows a symbolic link that the path ends with.
    pub follow: bool,
    /// Opens for reading.
    pub read: bool,
    /// Opens for writing.
    pub write: bool,
    /// Makes each write go to the end.
    pub append: bool,
    /// Creates the file if it does not exist.
    pub create: bool,
    /// Fails if the file exists.
    pub exclusive: bool,
    /// Truncates the file.
    pub truncate: bool,
    /// Fails unless it is a directory.
    pub directory: bool,
    /// Makes writes wait until the device has stored the file.
    pub sync: bool,
    /// Makes writes wait until the device has stored the data.
    pub data_sync: bool,
}

/// How a program will read a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Advice {
    /// The program gives no advice.
    Normal,
    /// The program will read from start to end.
    Sequential,
    /// The program will read in no particular order.
    Random,
    /// The program will read soon.
    WillNeed,
    /// The program will not read soon.
    DontNeed,
    /// The program will read once.
    NoReuse,
}

/// An entry of a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The name. Guests see only names that are UTF-8.
    pub name: Box<str>,
    /// The file's number on its device.
    pub inode: u64,
    /// The kind of the file, as the directory has it.
    pub kind: FileKind,
}
