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

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// None of the others.
    Unknown,
    /// A device read and written in blocks.
    BlockDevice,
    /// A device read and written as a stream.
    CharacterDevice,
    /// A directory.
    Directory,
    /// A pipe with a name.
    Fifo,
    /// A symbolic link.
    Link,
    /// A file as most are.
    Regular,
    /// A socket.
    Socket,
}

/// What the system knows of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileStat {
    /// The device it is on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// What it is.
    pub kind: FileKind,
    /// How many names it has.
    pub links: u64,
    /// Its bytes.
    pub size: u64,
    /// When it was last read, since 1970.
    pub accessed: Duration,
    /// When it was last written, since 1970.
    pub modified: Duration,
    /// When it or what is known of it last changed, since 1970.
    pub changed: Duration,
}

/// How a time of a file is to be set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NewTime {
    /// Not at all.
    Keep,
    /// To the time it is.
    Now,
    /// To this, since 1970.
    At(Duration),
}

/// How a file is to be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
pub struct OpenHow {
    /// Through a link that the path ends with.
    pub follow: bool,
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Writing always at the end.
    pub append: bool,
    /// Made if it is not there.
    pub create: bool,
    /// Only if it is made.
    pub exclusive: bool,
    /// With nothing in it.
    pub truncate: bool,
    /// Only if it is a directory.
    pub directory: bool,
    /// Writing waits for the device.
    pub sync: bool,
    /// Writing waits for the device to have the data.
    pub data_sync: bool,
}

/// What a program says about how it will read a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Advice {
    /// Nothing.
    Normal,
    /// From start to end.
    Sequential,
    /// In no order.
    Random,
    /// Soon.
    WillNeed,
    /// Not soon.
    DontNeed,
    /// Once.
    NoReuse,
}

/// A name in a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The name; guests see those that are UTF-8.
    pub name: Box<str>,
    /// The file's number on its device.
    pub inode: u64,
    /// What the directory says it is.
    pub kind: FileKind,
}
