//! WASI: what guests see of the outside. One semantic core, `host`, with an adapter for each
//! version of the interface over it; `p1` is the one of `wasi_snapshot_preview1`.
//!
//! Nothing is granted unless the builder grants it: by default there are no arguments, no
//! environment, an input that is at its end and outputs that swallow what is written.
//!
//! Reading order: `host` (clock, random, stdio, files, sockets, poll, context), `memory`,
//! `p1`, then `threads`. `p0` names what `p1` has for programs of the version before it.
//!
//! ```
//! use limpid::wasi::{MemoryOutputPipe, WasiCtxBuilder, p1};
//! use limpid::{Engine, Linker, Module, Store};
//! # #[cfg(feature = "wat")] {
//! let engine = Engine::default();
//! let text = r#"(module
//!     (import "wasi_snapshot_preview1" "fd_write"
//!         (func $fd_write (param i32 i32 i32 i32) (result i32)))
//!     (memory (export "memory") 1)
//!     (data (i32.const 0) "\08\00\00\00\03\00\00\00hi\n")
//!     (func (export "_start")
//!         (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;
//! let module = Module::new(&engine, text)?;
//! let mut linker = Linker::new(&engine);
//! p1::add_to_linker(&mut linker, |ctx| ctx)?;
//! let output = MemoryOutputPipe::new(1024);
//! let ctx = WasiCtxBuilder::new().stdout(output.clone()).build_p1();
//! let mut store = Store::new(&engine, ctx);
//! let instance = linker.instantiate(&mut store, &module)?;
//! let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
//! start.call(&mut store, ())?;
//! assert_eq!(output.contents(), b"hi\n");
//! # }
//! # Ok::<(), limpid::Error>(())
//! ```

mod exit;
pub mod host;
mod memory;
pub mod p1;
pub mod tape;
mod threads;

/// `wasi_unstable`, the version of WASI before `wasi_snapshot_preview1`, on the same context.
pub mod p0 {
    pub use super::p1::unstable::{MODULE, add_to_linker, add_to_linker_async, add_to_linker_sync};
}

pub use exit::I32Exit;
pub use host::clock::{HostMonotonicClock, HostWallClock, VirtualClock};
pub use host::context::{WasiCtx, WasiCtxBuilder};
pub use host::error::ErrorCode;
pub use host::fs::{DirPerms, FilePerms, PathResolver};
pub use host::input::InputFile;
pub use host::pipe::{MemoryInputPipe, MemoryOutputPipe};
pub use host::random::{RandomSource, SeededRandom};
pub use host::stdio::{StdinStream, StdoutStream, stderr, stdin, stdout};
pub use memory::{GuestMemory, MissingMemory, OutOfBounds};
pub use threads::{ThreadsError, WasiThreads};
