//! Types of `wasi_snapshot_preview1` as numbers: rights, flags, kinds of files, layouts.

/// What may be done with a descriptor.
pub(super) mod rights {
    pub const FD_READ: u64 = 1 << 1;
    pub const FD_FDSTAT_SET_FLAGS: u64 = 1 << 3;
    pub const FD_WRITE: u64 = 1 << 6;
    pub const FD_FILESTAT_GET: u64 = 1 << 21;
    pub const POLL_FD_READWRITE: u64 = 1 << 27;
}

/// Flags of a descriptor.
pub(super) mod fdflags {
    pub const APPEND: u16 = 1;
    pub const NONBLOCK: u16 = 1 << 2;
    /// All flags there are: these two and three about synchronous writing.
    pub const ALL: u16 = 0x1F;
}

/// Kinds of files.
pub(super) mod filetype {
    pub const UNKNOWN: u8 = 0;
    pub const CHARACTER_DEVICE: u8 = 2;
}

/// Clocks.
pub(super) mod clockid {
    pub const REALTIME: u32 = 0;
    pub const MONOTONIC: u32 = 1;
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
pub(super) fn filestat(filetype: u8) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[16] = filetype;
    // One link to it.
    bytes[24] = 1;
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
