//! `wasi_snapshot_preview1`, the first version of WASI: a thin face over `host`. Here are its error
//! numbers, its table of descriptors and the layouts of its types in guest memory; what the
//! functions do is in `host`.
//!
//! Reading order: `errno`, `types`, `table` (descriptors and their rights), `process`, `time`,
//! `stdio`, `fd`, `paths`, `sockets`, `linker`, which lists all functions, `monitor` (calls as
//! text), and `unstable` (the version before this one).

mod errno;
mod fd;
mod linker;
mod monitor;
mod paths;
mod process;
mod sockets;
mod stdio;
mod table;
#[cfg(test)]
mod tests;
mod time;
mod types;
pub(super) mod unstable;

pub use errno::Errno;
pub use linker::{add_to_linker, add_to_linker_async, add_to_linker_sync};

use crate::api::Error;
use crate::wasi::host::context::{WasiCtx, WasiCtxBuilder};
use crate::wasi::host::error::ErrorCode;
use crate::wasi::host::poll::Interrupt;
use crate::wasi::memory::{GuestMemory, OutOfBounds};
use core::cell::Cell;
use std::sync::Arc;
use table::Table;

/// The name under which modules import the functions.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// A [`WasiCtx`] with the descriptors of this version of WASI. Clones are the same context, for the
/// threads of a guest.
#[derive(Clone, Debug)]
pub struct WasiP1Ctx {
    wasi: Arc<WasiCtx>,
    table: Arc<Table>,
}

impl WasiP1Ctx {
    /// Makes the context: descriptors 0, 1 and 2 are the standard streams; the granted directories
    /// follow, then the sockets.
    pub fn new(mut wasi: WasiCtx) -> WasiP1Ctx {
        let table = Arc::new(Table::new(&mut wasi));
        WasiP1Ctx {
            wasi: Arc::new(wasi),
            table,
        }
    }
}

impl WasiCtxBuilder {
    /// Returns the context with the descriptors of `wasi_snapshot_preview1`, and leaves the builder
    /// as if new.
    pub fn build_p1(&mut self) -> WasiP1Ctx {
        WasiP1Ctx::new(self.build())
    }
}

/// What a function works on.
struct Call<'a> {
    ctx: &'a WasiP1Ctx,
    memory: GuestMemory<'a>,
    /// Whether a wait is to be given up.
    interrupt: Interrupt<'a>,
    /// Whether a wait was given up, whatever has been done before it.
    given_up: Cell<bool>,
}

/// Why a function gives no result: an error number for the guest, or the end of the run.
#[derive(Debug)]
enum Stop {
    Errno(Errno),
    /// A wait was given up: the run traps, or hears of it where it is to go on.
    Interrupted,
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

impl From<ErrorCode> for Stop {
    fn from(code: ErrorCode) -> Stop {
        Stop::Errno(code.into())
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Stop {
        ErrorCode::from(error).into()
    }
}
