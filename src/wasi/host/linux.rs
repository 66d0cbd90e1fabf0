//! What Linux has beyond its family: opening a path that must stay beneath a directory, in one
//! call, an answer about any input whether reading it would wait, and writing that never waits.

use super::error::ErrorCode;
use super::fs::{Advice, OpenHow};
use super::unix::{Borrowed, Handle, flags, mode, write_if_ready};
use rustix::fs::{self, FallocateFlags, Mode, OFlags, ResolveFlags};
use rustix::io::{self, Errno, ReadWriteFlags};
use std::io::IoSlice;
use std::num::NonZeroU64;
use std::os::fd::AsFd;
use std::time::Duration;

type Result<T> = core::result::Result<T, ErrorCode>;

/// How often the system is asked again when something was renamed meanwhile.
const TRIES: usize = 4;

/// Opens what a path leads to, links followed (the last one too, unless `how` says otherwise) as
/// long as they stay inside. Without `how`, a directory, to find files in it. Nothing when the
/// system does not answer for good, and the path has to be walked: this kernel or its filter does
/// not have the call, something moves all the time, or the way leads outside or in circles, which
/// the walk tells more exactly.
pub(super) fn open_beneath(
    dir: Borrowed<'_>,
    path: &[u8],
    how: Option<&OpenHow>,
) -> Option<Result<Handle>> {
    let (flags, mode) = match how {
        Some(how) => {
            let mut flags = flags(how);
            flags.set(OFlags::NOFOLLOW, !how.follow);
            (flags, mode(how))
        }
        None => {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            (flags, Mode::empty())
        }
    };
    // The walk has no longest path, only longest names.
    let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    for _ in 0..TRIES {
        return match fs::openat2(dir, path, flags, mode, beneath) {
            Ok(handle) => Some(Ok(handle)),
            Err(Errno::AGAIN) => continue,
            Err(
                Errno::NOSYS
                | Errno::PERM
                | Errno::XDEV
                | Errno::LOOP
                | Errno::INVAL
                | Errno::NAMETOOLONG,
            ) => None,
            // On its way to a directory that may be outside.
            Err(Errno::ISDIR) if how.is_some_and(|how| how.create) => None,
            Err(errno) => Some(Err(errno.into())),
        };
    }
    None
}

pub(super) fn advise(handle: Borrowed<'_>, at: u64, len: u64, advice: Advice) -> Result<()> {
    let advice = match advice {
        Advice::Normal => fs::Advice::Normal,
        Advice::Sequential => fs::Advice::Sequential,
        Advice::Random => fs::Advice::Random,
        Advice::WillNeed => fs::Advice::WillNeed,
        Advice::DontNeed => fs::Advice::DontNeed,
        Advice::NoReuse => fs::Advice::NoReuse,
    };
    Ok(fs::fadvise(handle, at, NonZeroU64::new(len), advice)?)
}

pub(super) fn allocate(handle: Borrowed<'_>, at: u64, len: u64) -> Result<()> {
    Ok(fs::fallocate(handle, FallocateFlags::empty(), at, len)?)
}

/// Returns whether reading standard input would not wait now, or within the time given.
pub(super) fn input_ready(within: Duration) -> Option<bool> {
    let input = std::io::stdin();
    let handles = [(input.as_fd(), false)];
    Some(super::unix::poll(&handles, within).contains(&true))
}

/// Writes as much as goes without a wait.
pub(super) fn write_now(handle: Borrowed<'_>, bytes: &[u8]) -> io::Result<usize> {
    // Where a stream stands is the system's matter.
    const HERE: u64 = u64::MAX;
    match io::pwritev2(handle, &[IoSlice::new(bytes)], HERE, ReadWriteFlags::NOWAIT) {
        // Terminals and older kernels cannot be told; a filter may not know the call.
        Err(Errno::OPNOTSUPP | Errno::INVAL | Errno::NOSYS | Errno::PERM | Errno::SPIPE) => {
            write_if_ready(handle, bytes)
        }
        written => written,
    }
}
