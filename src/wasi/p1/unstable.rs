//! `wasi_unstable` (snapshot 0), the version of WASI before `wasi_snapshot_preview1`. Its functions
//! are those of the later version, on the same descriptors; what differs is here: the numbers of
//! `whence`, the layout of `filestat`, whose count of links has 32 bits, and the layout of
//! `subscription`, whose clock has an identifier.

use super::linker::{add_exit, add_functions, call};
use super::monitor::Named;
use super::types::SUBSCRIPTION;
use super::{Answer, Call, Errno, WasiP1Ctx};
use crate::api::{Caller, Linker, Result};

/// The name under which modules import the functions.
pub const MODULE: &str = "wasi_unstable";

/// Bytes of a `filestat`.
const FILESTAT: usize = 56;

/// Bytes of a `subscription`.
const OLD_SUBSCRIPTION: usize = 56;

/// Functions that take or give something laid out differently.
const DIFFERENT: [&str; 4] = [
    "fd_filestat_get",
    "fd_seek",
    "path_filestat_get",
    "poll_oneoff",
];

/// Functions that came later.
const LATER: [&str; 1] = ["sock_accept"];

/// Defines the functions of `wasi_unstable`; `get` finds the context in the embedder's data.
///
/// # Errors
/// Fails when one of the functions is defined already.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    let same = |name: &str| !DIFFERENT.contains(&name) && !LATER.contains(&name);
    add_functions(linker, get, MODULE, &same)?;
    add_different(linker, get)?;
    add_exit(linker, get, MODULE)
}

/// Defines the functions, as [`add_to_linker`] does; this is wasmtime's name for it.
///
/// # Errors
/// Fails when one of the functions is defined already.
pub fn add_to_linker_sync<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    add_to_linker(linker, get)
}

/// Defines the functions, as [`add_to_linker`] does, for embedders whose calls are asynchronous.
///
/// # Errors
/// Fails when one of the functions is defined already.
pub fn add_to_linker_async<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    add_to_linker(linker, get)
}

macro_rules! different {
    (
        $linker:ident, $get:ident:
        $($name:ident($($arg:ident: $ty:ty $(= $shown:expr)?),*) $body:expr;)*
    ) => {
        $($linker.func_wrap(
            MODULE,
            stringify!($name),
            move |mut caller: Caller<'_, T>, $($arg: $ty),*| -> Result<u32> {
                let named = || Named {
                    function: stringify!($name),
                    params: &[$(stringify!($arg)),*],
                    args: vec![$(different!(@shown $arg $(, $shown)?)),*],
                };
                let body: fn(&mut Call<'_>, $($ty),*) -> Answer = $body;
                call(&mut caller, $get, &named, &mut |call| body(call, $($arg),*))
            },
        )?;)*
    };
    (@shown $arg:ident) => { $arg as u64 };
    (@shown $arg:ident, $shown:expr) => { $shown };
}

fn add_different<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    different! { linker, get:
        fd_seek(
            fd: u32, offset: i64, whence: u32 = new_whence(whence).unwrap_or(whence).into(),
            position: u32
        ) |call, fd, offset, whence, position| {
            call.fd_seek(fd, offset, new_whence(whence)?, position)
        };
        fd_filestat_get(fd: u32, stat: u32) |call, fd, stat| {
            let bytes = call.fd_stat(fd)?;
            Ok(call.memory.write(stat, &old_filestat(&bytes))?)
        };
        path_filestat_get(fd: u32, flags: u32, path: u32, len: u32, stat: u32)
        |call, fd, flags, path, len, stat| {
            let bytes = call.path_stat(fd, flags, (path, len), (stat, FILESTAT as u64))?;
            Ok(call.memory.write(stat, &old_filestat(&bytes))?)
        };
        poll_oneoff(input: u32, output: u32, n: u32, count: u32)
        |call, input, output, n, count| call.poll(input, output, n, count, new_subscription);
    }
    Ok(())
}

/// The number that the later version has for where to count from: the order changed.
fn new_whence(whence: u32) -> Result<u32, Errno> {
    match whence {
        // From the current place
        0 => Ok(1),
        // From the end
        1 => Ok(2),
        // From the start
        2 => Ok(0),
        // There is no other.
        _ => Err(Errno::Inval),
    }
}

/// A `filestat` of the later version, laid out as this one has it.
fn old_filestat(new: &[u8; 64]) -> [u8; FILESTAT] {
    let mut bytes = [0; FILESTAT];
    // Device, inode and kind of file
    bytes[..17].copy_from_slice(&new[..17]);
    bytes[20..24].copy_from_slice(&links_of(new).to_le_bytes());
    // Size and times
    bytes[24..].copy_from_slice(&new[32..]);
    bytes
}

/// The count of links, as large as it can be told.
fn links_of(new: &[u8; 64]) -> u32 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&new[24..32]);
    u32::try_from(u64::from_le_bytes(bytes)).unwrap_or(u32::MAX)
}

/// A subscription of this version, laid out as the later one has it.
fn new_subscription(old: &[u8; OLD_SUBSCRIPTION]) -> [u8; SUBSCRIPTION as usize] {
    let mut bytes = [0; SUBSCRIPTION as usize];
    // What the guest knows it by, and its kind
    bytes[..16].copy_from_slice(&old[..16]);
    match old[8] {
        // A clock: its identifier, which has no use, stands before the rest.
        super::types::eventtype::CLOCK => bytes[16..].copy_from_slice(&old[24..]),
        // A descriptor
        _ => bytes[16..].copy_from_slice(&old[16..48]),
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts() {
        let mut new = [0u8; 64];
        for (at, word) in [1u64, 2, 4, 3, 5, 6, 7, 8].iter().enumerate() {
            new[at * 8..][..8].copy_from_slice(&word.to_le_bytes());
        }
        let old = old_filestat(&new);
        let u64_at = |at: usize| {
            old[at..at + 8]
                .iter()
                .rev()
                .fold(0, |n, b| n << 8 | u64::from(*b))
        };
        assert_eq!((u64_at(0), u64_at(8), old[16]), (1, 2, 4));
        assert_eq!(old[20..24], 3u32.to_le_bytes());
        assert_eq!([24, 32, 40, 48].map(u64_at), [5, 6, 7, 8]);
        new[24..32].copy_from_slice(&(1u64 << 32).to_le_bytes());
        assert_eq!(old_filestat(&new)[20..24], u32::MAX.to_le_bytes());
    }

    #[test]
    fn whence_changed_its_order() {
        let all = [0, 1, 2, 3].map(|whence| new_whence(whence).ok());
        assert_eq!(all, [Some(1), Some(2), Some(0), None]);
    }
}
