//! The systems of the Unix family, through the calls they share. One thin function for each call:
//! what they mean together is in `fs`, `sockets` and `poll`. Names that come here have no slash in
//! them, and the last one is never followed.

use super::error::ErrorCode;
use super::fs::{Entry, FileKind, FileStat, NewTime, OpenHow};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{AtFlags, Mode, OFlags, SeekFrom, Stat, Timestamps};
use rustix::io::Errno;
use rustix::{event, fs, io, net, time};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

#[cfg(target_os = "linux")]
use super::linux as own;
#[cfg(not(target_os = "linux"))]
use absent as own;

pub(super) use own::{advise, allocate, input_ready, open_beneath, write_now};

type Result<T> = core::result::Result<T, ErrorCode>;

/// Something open.
pub(super) type Handle = OwnedFd;
/// Something open that belongs to somebody else.
pub(super) type Borrowed<'a> = BorrowedFd<'a>;

pub(super) fn borrow(handle: &Handle) -> Borrowed<'_> {
    handle.as_fd()
}

/// What only serves to find other files in it. Where the system knows no such thing, directories
/// that cannot be read cannot be passed through.
#[cfg(target_os = "linux")]
const SEARCH: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const SEARCH: OFlags = OFlags::empty();

/// A directory by its path on the host, from outside of any guest.
pub(super) fn open_ambient(path: &Path) -> std::io::Result<Handle> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(fs::open(path, flags, Mode::empty())?)
}

/// A directory, to find files in it.
pub(super) fn open_dir(dir: Borrowed<'_>, name: &[u8]) -> Result<Handle> {
    let flags = SEARCH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(fs::openat(dir, name, flags, Mode::empty())?)
}

/// Opens, and creates if asked to; a link is not followed.
pub(super) fn open(dir: Borrowed<'_>, name: &[u8], how: &OpenHow) -> Result<Handle> {
    let flags = flags(how) | OFlags::NOFOLLOW;
    Ok(fs::openat(dir, name, flags, mode(how))?)
}

/// Returns the flags for opening. A file that a guest opens never waits and never becomes the
/// terminal of this process.
pub(super) fn flags(how: &OpenHow) -> OFlags {
    let mut flags = OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    flags |= match (how.read, how.write) {
        (true, true) => OFlags::RDWR,
        (false, true) => OFlags::WRONLY,
        (_, false) => OFlags::RDONLY,
    };
    flags.set(OFlags::APPEND, how.append);
    flags.set(OFlags::CREATE, how.create);
    flags.set(OFlags::EXCL, how.exclusive);
    flags.set(OFlags::TRUNC, how.truncate);
    flags.set(OFlags::DIRECTORY, how.directory);
    flags.set(OFlags::SYNC, how.sync);
    flags.set(OFlags::DSYNC, how.data_sync);
    flags
}

/// The permissions of what is created, before the system's mask.
pub(super) fn mode(how: &OpenHow) -> Mode {
    match how.create {
        true => Mode::from_raw_mode(0o666),
        false => Mode::empty(),
    }
}

/// Returns the target of a symbolic link.
pub(super) fn read_link(dir: Borrowed<'_>, name: &[u8]) -> Result<Vec<u8>> {
    Ok(fs::readlinkat(dir, name, Vec::new())?.into_bytes())
}

pub(super) fn stat(handle: Borrowed<'_>) -> Result<FileStat> {
    Ok(file_stat(&fs::fstat(handle)?))
}

pub(super) fn stat_at(dir: Borrowed<'_>, name: &[u8]) -> Result<FileStat> {
    Ok(file_stat(&fs::statat(
        dir,
        name,
        AtFlags::SYMLINK_NOFOLLOW,
    )?))
}

pub(super) fn make_dir(dir: Borrowed<'_>, name: &[u8]) -> Result<()> {
    Ok(fs::mkdirat(dir, name, Mode::from_raw_mode(0o777))?)
}

pub(super) fn remove_dir(dir: Borrowed<'_>, name: &[u8]) -> Result<()> {
    Ok(fs::unlinkat(dir, name, AtFlags::REMOVEDIR)?)
}

pub(super) fn unlink(dir: Borrowed<'_>, name: &[u8]) -> Result<()> {
    Ok(fs::unlinkat(dir, name, AtFlags::empty())?)
}

pub(super) fn rename(
    dir: Borrowed<'_>,
    name: &[u8],
    new_dir: Borrowed<'_>,
    new_name: &[u8],
) -> Result<()> {
    Ok(fs::renameat(dir, name, new_dir, new_name)?)
}

/// A second name for a file; of a link, for the link itself.
pub(super) fn link(
    dir: Borrowed<'_>,
    name: &[u8],
    new_dir: Borrowed<'_>,
    new_name: &[u8],
) -> Result<()> {
    Ok(fs::linkat(dir, name, new_dir, new_name, AtFlags::empty())?)
}

pub(super) fn symlink(target: &[u8], dir: Borrowed<'_>, name: &[u8]) -> Result<()> {
    Ok(fs::symlinkat(target, dir, name)?)
}

pub(super) fn set_times(handle: Borrowed<'_>, read: NewTime, written: NewTime) -> Result<()> {
    Ok(fs::futimens(handle, &timestamps(read, written)?)?)
}

pub(super) fn set_times_at(
    dir: Borrowed<'_>,
    name: &[u8],
    read: NewTime,
    written: NewTime,
) -> Result<()> {
    let times = timestamps(read, written)?;
    Ok(fs::utimensat(dir, name, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}

fn timestamps(read: NewTime, written: NewTime) -> Result<Timestamps> {
    Ok(Timestamps {
        last_access: timestamp(read)?,
        last_modification: timestamp(written)?,
    })
}

fn timestamp(time: NewTime) -> Result<Timespec> {
    let special = |tv_nsec| Timespec { tv_sec: 0, tv_nsec };
    Ok(match time {
        NewTime::Keep => special(fs::UTIME_OMIT),
        NewTime::Now => special(fs::UTIME_NOW),
        NewTime::At(time) => Timespec::try_from(time).map_err(|_| ErrorCode::Overflow)?,
    })
}

#[allow(clippy::unnecessary_cast)] // The fields have other types elsewhere.
fn file_stat(stat: &Stat) -> FileStat {
    let time = |seconds: i64, nanos: i64| match (u64::try_from(seconds), u32::try_from(nanos)) {
        (Ok(seconds), Ok(nanos)) => Duration::new(seconds, nanos),
        // Before 1970 there is nothing.
        (Err(_), _) | (_, Err(_)) => Duration::ZERO,
    };
    FileStat {
        device: stat.st_dev as u64,
        inode: stat.st_ino as u64,
        kind: file_kind(fs::FileType::from_raw_mode(stat.st_mode as _)),
        links: stat.st_nlink as u64,
        size: stat.st_size as u64,
        accessed: time(stat.st_atime as i64, stat.st_atime_nsec as i64),
        modified: time(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        changed: time(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
    }
}

fn file_kind(kind: fs::FileType) -> FileKind {
    match kind {
        fs::FileType::RegularFile => FileKind::Regular,
        fs::FileType::Directory => FileKind::Directory,
        fs::FileType::Symlink => FileKind::Link,
        fs::FileType::CharacterDevice => FileKind::CharacterDevice,
        fs::FileType::BlockDevice => FileKind::BlockDevice,
        fs::FileType::Fifo => FileKind::Fifo,
        fs::FileType::Socket => FileKind::Socket,
        fs::FileType::Unknown => FileKind::Unknown,
    }
}

/// Lists a directory, with itself and its parent first (the parent as itself, since a guest may not
/// look above). `each` may end the listing with an error.
pub(super) fn list(dir: Borrowed<'_>, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
    let inode = stat(dir)?.inode;
    for name in [".", ".."] {
        each(Entry {
            name: name.into(),
            inode,
            kind: FileKind::Directory,
        })?;
    }
    for entry in fs::Dir::read_from(dir)? {
        let entry = entry?;
        // What is not UTF-8 has no name for a guest.
        let Ok(name) = entry.file_name().to_str() else {
            continue;
        };
        if matches!(name, "." | "..") {
            continue;
        }
        each(Entry {
            name: name.into(),
            inode: entry.ino(),
            kind: file_kind(entry.file_type()),
        })?;
    }
    Ok(())
}

pub(super) fn read(handle: Borrowed<'_>, buffer: &mut [u8]) -> Result<usize> {
    again(|| io::read(handle, &mut *buffer))
}

pub(super) fn write(handle: Borrowed<'_>, bytes: &[u8]) -> Result<usize> {
    again(|| io::write(handle, bytes))
}

pub(super) fn read_at(handle: Borrowed<'_>, buffer: &mut [u8], at: u64) -> Result<usize> {
    again(|| io::pread(handle, &mut *buffer, at))
}

pub(super) fn write_at(handle: Borrowed<'_>, bytes: &[u8], at: u64) -> Result<usize> {
    again(|| io::pwrite(handle, bytes, at))
}

/// A signal that this process handles is no news for a guest.
fn again<T>(mut call: impl FnMut() -> io::Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            Ok(done) => return Ok(done),
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Moves the current position, counted from the start, from the current position or from the end,
/// and returns it.
pub(super) fn seek(handle: Borrowed<'_>, from: std::io::SeekFrom) -> Result<u64> {
    let from = match from {
        std::io::SeekFrom::Start(at) => SeekFrom::Start(at),
        std::io::SeekFrom::Current(by) => SeekFrom::Current(by),
        std::io::SeekFrom::End(by) => SeekFrom::End(by),
    };
    Ok(fs::seek(handle, from)?)
}

pub(super) fn set_len(handle: Borrowed<'_>, len: u64) -> Result<()> {
    Ok(fs::ftruncate(handle, len)?)
}

pub(super) fn sync(handle: Borrowed<'_>) -> Result<()> {
    Ok(fs::fsync(handle)?)
}

pub(super) fn sync_data(handle: Borrowed<'_>) -> Result<()> {
    #[cfg(target_vendor = "apple")]
    return Ok(fs::fsync(handle)?);
    #[cfg(not(target_vendor = "apple"))]
    Ok(fs::fdatasync(handle)?)
}

/// Returns whether each write goes to the end.
pub(super) fn set_append(handle: Borrowed<'_>, append: bool) -> Result<()> {
    let mut flags = fs::fcntl_getfl(handle)?;
    flags.set(OFlags::APPEND, append);
    Ok(fs::fcntl_setfl(handle, flags)?)
}

pub(super) fn is_terminal(handle: Borrowed<'_>) -> bool {
    use std::io::IsTerminal;
    handle.is_terminal()
}

/// A standard output of this process.
pub(super) trait Output: std::io::Write + std::io::IsTerminal + AsFd {}

impl<W: std::io::Write + std::io::IsTerminal + AsFd> Output for W {}

/// Writes everything past the buffer of an output, or as much as goes without a wait; what went
/// out before a failure is reported first. `may_wait` is what [`output_may_wait`] says.
pub(super) fn write_through(
    output: &mut impl Output,
    bytes: &[u8],
    may_wait: bool,
) -> std::io::Result<usize> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let written = match may_wait {
            true => write_now(output.as_fd(), rest),
            false => io::write(output.as_fd(), rest),
        };
        match written {
            Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
            Ok(len) => rest = &rest[len..],
            Err(Errno::INTR) => {}
            Err(_) if rest.len() < bytes.len() => break,
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(bytes.len() - rest.len())
}

/// Most bytes that go into a pipe without a wait where the system says that some do (POSIX:
/// `PIPE_BUF`, at least this much).
const PIECE: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// Writes as much as goes without a wait, where the system can only be asked and then told.
pub(super) fn write_if_ready(handle: Borrowed<'_>, bytes: &[u8]) -> io::Result<usize> {
    match poll(&[(handle, true)], Duration::ZERO)[0] {
        true => io::write(handle, &bytes[..bytes.len().min(PIECE)]),
        false => Err(Errno::AGAIN),
    }
}

/// Returns whether writing to an output may wait. Writing to a file never does, as the system
/// defines it.
pub(super) fn output_may_wait(output: &impl Output) -> bool {
    !stat(output.as_fd()).is_ok_and(|stat| stat.kind == FileKind::Regular)
}

/// Returns whether an output would take something, now or within the time given.
pub(super) fn output_ready(output: &impl Output, within: Duration) -> bool {
    poll(&[(output.as_fd(), true)], within)[0]
}

/// Returns whether reading a file would not wait, now or within the time given.
pub(super) fn file_ready(file: &std::fs::File, within: Duration) -> bool {
    poll(&[(file.as_fd(), false)], within)[0]
}

/// Reads standard input past the buffer that this process has for it.
pub(super) fn read_input(buffer: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match io::read(std::io::stdin(), &mut *buffer) {
            Err(Errno::INTR) => {}
            read => return Ok(read?),
        }
    }
}

/// Returns whether the standard input of this process is a file, reading which never waits.
pub(super) fn input_is_file() -> bool {
    stat(std::io::stdin().as_fd()).is_ok_and(|stat| stat.kind == FileKind::Regular)
}

/// Waits for the first of some handles to be ready to read (or to write), at most for a time, and
/// says of each whether it is and how many bytes it has.
pub(super) fn poll(handles: &[(Borrowed<'_>, bool)], within: Duration) -> Vec<bool> {
    let flags = |write: bool| if write { PollFlags::OUT } else { PollFlags::IN };
    let mut fds: Vec<PollFd<'_>> = handles
        .iter()
        .map(|(handle, write)| PollFd::from_borrowed_fd(*handle, flags(*write)))
        .collect();
    let within = Timespec::try_from(within).ok();
    match event::poll(&mut fds, within.as_ref()) {
        // A handle that has failed or hung up does not wait either.
        Ok(_) => fds.iter().map(|fd| !fd.revents().is_empty()).collect(),
        Err(Errno::INTR) => vec![false; fds.len()],
        // Whatever is wrong, the call that comes next will tell.
        Err(_) => vec![true; fds.len()],
    }
}

/// Bytes that can be read without waiting, as far as the system says.
pub(super) fn available(handle: Borrowed<'_>) -> u64 {
    io::ioctl_fionread(handle).unwrap_or(0)
}

/// Time that the processor spent on this process, or this thread.
pub(super) fn cpu_time(thread: bool) -> Option<Duration> {
    let clock = match thread {
        true => time::ClockId::ThreadCPUTime,
        false => time::ClockId::ProcessCPUTime,
    };
    Duration::try_from(time::clock_gettime(clock)).ok()
}

/// A connection that waits at a listening socket.
pub(super) fn accept(handle: Borrowed<'_>) -> Result<Handle> {
    let accepted = again(|| net::accept(handle))?;
    io::fcntl_setfd(&accepted, io::FdFlags::CLOEXEC)?;
    set_nonblocking(accepted.as_fd())?;
    Ok(accepted)
}

pub(super) fn set_nonblocking(handle: Borrowed<'_>) -> Result<()> {
    Ok(io::ioctl_fionbio(handle, true)?)
}

pub(super) fn receive(handle: Borrowed<'_>, buffer: &mut [u8], peek: bool) -> Result<usize> {
    let flags = if peek {
        net::RecvFlags::PEEK
    } else {
        net::RecvFlags::empty()
    };
    again(|| net::recv(handle, &mut *buffer, flags).map(|(len, _)| len))
}

pub(super) fn send(handle: Borrowed<'_>, bytes: &[u8]) -> Result<usize> {
    #[cfg(target_vendor = "apple")]
    let flags = net::SendFlags::empty();
    #[cfg(not(target_vendor = "apple"))]
    let flags = net::SendFlags::NOSIGNAL;
    again(|| net::send(handle, bytes, flags))
}

/// Ends a connection for reading, for writing, or both.
pub(super) fn shutdown(handle: Borrowed<'_>, read: bool, write: bool) -> Result<()> {
    let how = match (read, write) {
        (true, true) => net::Shutdown::Both,
        (true, false) => net::Shutdown::Read,
        (false, true) => net::Shutdown::Write,
        (false, false) => return Err(ErrorCode::Invalid),
    };
    Ok(net::shutdown(handle, how)?)
}

/// Returns the code for the system's error number, if the failure has one.
pub(super) fn error_code(error: &std::io::Error) -> Option<ErrorCode> {
    Errno::from_io_error(error).map(ErrorCode::from)
}

impl From<Errno> for ErrorCode {
    fn from(errno: Errno) -> ErrorCode {
        let row = ERRORS.iter().find(|(known, _)| *known == errno);
        row.map_or(ErrorCode::Io, |(_, code)| *code)
    }
}

const ERRORS: &[(Errno, ErrorCode)] = &[
    (Errno::ACCESS, ErrorCode::Access),
    (Errno::AGAIN, ErrorCode::WouldBlock),
    (Errno::BADF, ErrorCode::BadDescriptor),
    (Errno::BUSY, ErrorCode::Busy),
    (Errno::CONNABORTED, ErrorCode::ConnectionAborted),
    (Errno::CONNREFUSED, ErrorCode::ConnectionRefused),
    (Errno::CONNRESET, ErrorCode::ConnectionReset),
    (Errno::DEADLK, ErrorCode::Deadlock),
    (Errno::DQUOT, ErrorCode::Quota),
    (Errno::EXIST, ErrorCode::Exist),
    (Errno::FBIG, ErrorCode::FileTooLarge),
    (Errno::ILSEQ, ErrorCode::IllegalByteSequence),
    (Errno::INPROGRESS, ErrorCode::InProgress),
    (Errno::INTR, ErrorCode::Interrupted),
    (Errno::INVAL, ErrorCode::Invalid),
    (Errno::ISDIR, ErrorCode::IsDirectory),
    (Errno::LOOP, ErrorCode::Loop),
    (Errno::MFILE, ErrorCode::TooManyFiles),
    (Errno::NFILE, ErrorCode::TooManyFiles),
    (Errno::MLINK, ErrorCode::TooManyLinks),
    (Errno::MSGSIZE, ErrorCode::MessageSize),
    (Errno::NAMETOOLONG, ErrorCode::NameTooLong),
    (Errno::NODEV, ErrorCode::NoDevice),
    (Errno::NOENT, ErrorCode::NoEntry),
    (Errno::NOLCK, ErrorCode::NoLock),
    (Errno::NOMEM, ErrorCode::InsufficientMemory),
    (Errno::NOSPC, ErrorCode::InsufficientSpace),
    (Errno::NOTCONN, ErrorCode::NotConnected),
    (Errno::NOTDIR, ErrorCode::NotDirectory),
    (Errno::NOTEMPTY, ErrorCode::NotEmpty),
    (Errno::NOTSOCK, ErrorCode::NotSocket),
    (Errno::NOSYS, ErrorCode::Unsupported),
    (Errno::OPNOTSUPP, ErrorCode::Unsupported),
    (Errno::NOTSUP, ErrorCode::Unsupported),
    (Errno::NOTTY, ErrorCode::NoTty),
    (Errno::NXIO, ErrorCode::NoSuchDevice),
    (Errno::OVERFLOW, ErrorCode::Overflow),
    (Errno::PERM, ErrorCode::NotPermitted),
    (Errno::PIPE, ErrorCode::Pipe),
    (Errno::ROFS, ErrorCode::ReadOnly),
    (Errno::SPIPE, ErrorCode::InvalidSeek),
    (Errno::TIMEDOUT, ErrorCode::TimedOut),
    (Errno::TXTBSY, ErrorCode::TextFileBusy),
    (Errno::XDEV, ErrorCode::CrossDevice),
];

/// What the other systems of the family lack.
#[cfg(not(target_os = "linux"))]
mod absent {
    use super::super::fs::Advice;
    use super::{Borrowed, Duration, ErrorCode, Handle, OpenHow, Result};

    /// There is no such call: the path is walked.
    pub(in super::super) fn open_beneath(
        _dir: Borrowed<'_>,
        _path: &[u8],
        _how: Option<&OpenHow>,
    ) -> Option<Result<Handle>> {
        None
    }

    /// Advice is free to be ignored.
    pub(in super::super) fn advise(
        _handle: Borrowed<'_>,
        _at: u64,
        _len: u64,
        _advice: Advice,
    ) -> Result<()> {
        Ok(())
    }

    /// Not every device can be asked.
    pub(in super::super) fn input_ready(_within: Duration) -> Option<bool> {
        None
    }

    /// Asked, and then told.
    pub(in super::super) fn write_now(
        handle: Borrowed<'_>,
        bytes: &[u8],
    ) -> rustix::io::Result<usize> {
        super::write_if_ready(handle, bytes)
    }

    pub(in super::super) fn allocate(_handle: Borrowed<'_>, _at: u64, _len: u64) -> Result<()> {
        Err(ErrorCode::Unsupported)
    }
}
