//! `wasi_snapshot_preview1`, the first version of WASI: a thin face over `host`. Here are its error
//! numbers, its table of descriptors and the layouts of its types in guest memory; what the
//! functions do is in `host`.
//!
//! Reading order: `errno`, `types`, `table` (descriptors and their rights), `process`, `time`,
//! `stdio`, `fd`, `paths`, `sockets`, and `linker`, which lists all functions.

mod errno;
mod fd;
mod linker;
mod paths;
mod process;
mod sockets;
mod stdio;
mod table;
#[cfg(test)]
mod tests;
mod time;
mod types;

pub use errno::Errno;
pub use linker::{add_to_linker, add_to_linker_sync};

use crate::api::{Error, Module};
use crate::wasi::host::context::{WasiCtx, WasiCtxBuilder};
use crate::wasi::memory::{GuestMemory, OutOfBounds};
use core::fmt;
use table::Table;

/// The name under which modules import the functions.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// A [`WasiCtx`] with descriptors, as this version of WASI has them.
#[derive(Debug)]
pub struct WasiP1Ctx {
    pub(crate) wasi: WasiCtx,
    table: Table,
}

impl WasiP1Ctx {
    /// Descriptors 0, 1 and 2 are the standard streams.
    pub fn new(wasi: WasiCtx) -> WasiP1Ctx {
        WasiP1Ctx {
            wasi,
            table: Table::stdio(),
        }
    }
}

impl WasiCtxBuilder {
    /// The context with the descriptors of `wasi_snapshot_preview1`, leaving the builder as new.
    pub fn build_p1(&mut self) -> WasiP1Ctx {
        WasiP1Ctx::new(self.build())
    }
}

/// The module asks for the version of WASI before this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnstableWasi;

impl fmt::Display for UnstableWasi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the module imports `wasi_unstable`, the version of WASI before \
             `wasi_snapshot_preview1`, which is not supported: build it again with newer tools",
        )
    }
}

impl core::error::Error for UnstableWasi {}

/// Says so when a module asks for a version of WASI that is not there.
///
/// # Errors
/// [`UnstableWasi`].
pub fn check_imports(module: &Module) -> Result<(), UnstableWasi> {
    if module
        .imports()
        .any(|import| import.module() == "wasi_unstable")
    {
        return Err(UnstableWasi);
    }
    Ok(())
}

/// What a function works on.
struct Call<'a> {
    ctx: &'a mut WasiP1Ctx,
    memory: GuestMemory<'a>,
    /// Whether a wait is to be given up.
    interrupted: &'a dyn Fn() -> bool,
}

/// Why a function gives no result: an error number for the guest, or the end of the run.
#[derive(Debug)]
enum Stop {
    Errno(Errno),
    Trap(Error),
}

type Answer<T = ()> = Result<T, Stop>;

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Stop {
        Stop::Errno(errno)
    }
}

impl From<OutOfBounds> for Stop {
    fn from(_: OutOfBounds) -> Stop {
        Stop::Errno(Errno::Fault)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Stop {
        Stop::Errno(Errno::from(error.kind()))
    }
}
