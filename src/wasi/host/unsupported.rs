//! Systems without support for files and sockets: nothing can be opened, so that nothing else can
//! be asked. Each call answers with the typed error.

use super::error::ErrorCode;
use super::fs::{Advice, Entry, FileStat, NewTime, OpenHow};
use std::io;
use std::path::Path;
use std::time::Duration;

type Result<T> = core::result::Result<T, ErrorCode>;

/// Something open: there is nothing.
#[derive(Debug)]
pub(super) enum Handle {}

/// Something open that belongs to somebody else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Borrowed<'a>(&'a Handle);

pub(super) fn borrow(handle: &Handle) -> Borrowed<'_> {
    Borrowed(handle)
}

pub(super) fn open_ambient(_path: &Path) -> io::Result<Handle> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(super) fn poll(handles: &[(Borrowed<'_>, bool)], _within: Duration) -> Vec<bool> {
    handles
        .iter()
        .map(|(handle, _)| match *handle.0 {})
        .collect()
}

pub(super) fn input_is_file() -> bool {
    false
}

pub(super) fn input_ready(_within: Duration) -> Option<bool> {
    None
}

/// Reads standard input, through the buffer that this process has for it: there is no other way.
pub(super) fn read_input(buffer: &mut [u8]) -> io::Result<usize> {
    io::Read::read(&mut io::stdin().lock(), buffer)
}

/// Nobody can be asked.
pub(super) fn file_ready(_file: &std::fs::File, _within: Duration) -> bool {
    true
}

pub(super) fn output_may_wait(_output: &impl Output) -> bool {
    false
}

pub(super) fn output_ready(_output: &impl Output, _within: Duration) -> bool {
    true
}

/// Time that the processor spent on this process, or this thread.
pub(super) fn cpu_time(_thread: bool) -> Option<Duration> {
    None
}

/// A standard output of this process.
pub(super) trait Output: io::Write + io::IsTerminal {}

impl<W: io::Write + io::IsTerminal> Output for W {}

pub(super) fn write_through(
    output: &mut impl Output,
    bytes: &[u8],
    _may_wait: bool,
) -> io::Result<usize> {
    output.write_all(bytes)?;
    output.flush()?;
    Ok(bytes.len())
}

macro_rules! never {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $result:ty;)*) => {
        $(pub(super) fn $name(handle: Borrowed<'_>, $($arg: $ty),*) -> $result {
            $(let _ = $arg;)*
            match *handle.0 {}
        })*
    };
}

never! {
    open_dir(name: &[u8]) -> Result<Handle>;
    open(name: &[u8], how: &OpenHow) -> Result<Handle>;
    open_beneath(path: &[u8], how: Option<&OpenHow>) -> Option<Result<Handle>>;
    read_link(name: &[u8]) -> Result<Vec<u8>>;
    stat() -> Result<FileStat>;
    stat_at(name: &[u8]) -> Result<FileStat>;
    make_dir(name: &[u8]) -> Result<()>;
    remove_dir(name: &[u8]) -> Result<()>;
    unlink(name: &[u8]) -> Result<()>;
    rename(name: &[u8], to: Borrowed<'_>, new_name: &[u8]) -> Result<()>;
    link(name: &[u8], to: Borrowed<'_>, new_name: &[u8]) -> Result<()>;
    set_times(read: NewTime, written: NewTime) -> Result<()>;
    set_times_at(name: &[u8], read: NewTime, written: NewTime) -> Result<()>;
    list(each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()>;
    read(buffer: &mut [u8]) -> Result<usize>;
    write(bytes: &[u8]) -> Result<usize>;
    read_at(buffer: &mut [u8], at: u64) -> Result<usize>;
    write_at(bytes: &[u8], at: u64) -> Result<usize>;
    seek(from: io::SeekFrom) -> Result<u64>;
    set_len(len: u64) -> Result<()>;
    allocate(at: u64, len: u64) -> Result<()>;
    advise(at: u64, len: u64, advice: Advice) -> Result<()>;
    sync() -> Result<()>;
    sync_data() -> Result<()>;
    set_append(append: bool) -> Result<()>;
    is_terminal() -> bool;
    available() -> u64;
    accept() -> Result<Handle>;
    receive(buffer: &mut [u8], peek: bool) -> Result<usize>;
    send(bytes: &[u8]) -> Result<usize>;
    shutdown(read: bool, write: bool) -> Result<()>;
}

pub(super) fn symlink(_target: &[u8], dir: Borrowed<'_>, _name: &[u8]) -> Result<()> {
    match *dir.0 {}
}
