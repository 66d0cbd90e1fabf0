//! Limpid: a WebAssembly runtime you can see through. An interpreter in safe Rust that follows the
//! specification chapter by chapter and is held to the official suite.
//!
//! | Type | What it is |
//! |---|---|
//! | [`Engine`], [`Config`] | the settings that modules are compiled and run with |
//! | [`Module`] | validated code, shared by all stores of an engine |
//! | [`Store`] | owns everything that a guest can change, and the embedder's data |
//! | [`Linker`] | names what guests may import |
//! | [`Instance`] | a module with its imports, in a store |
//! | [`Func`], [`TypedFunc`] | a function, and one whose type is known to Rust |
//! | [`Memory`], [`Table`], [`Global`], [`Tag`] | handles of a store's items |
//! | [`Val`], [`Ref`], [`Rooted`] | values, and references that the collector knows of |
//! | [`Caller`] | what a host function receives |
//! | [`Error`], [`Trap`], [`Fault`] | what can go wrong: anything, of a guest, of an embedder |
//!
//! The names are wasmtime's, so that a program moves from one to the other with little change; the
//! page `docs/wasmtime.md` of the repository says of each of them what has become of it.
//!
#![cfg_attr(feature = "wat", doc = "```")]
#![cfg_attr(not(feature = "wat"), doc = "```ignore")]
//! use limpid::{Engine, Instance, Module, Store};
//!
//! let engine = Engine::default();
//! let module = Module::new(&engine, r#"
//!     (module (func (export "add") (param i32 i32) (result i32)
//!         (i32.add (local.get 0) (local.get 1))))
//! "#)?;
//! let mut store = Store::new(&engine, ());
//! let instance = Instance::new(&mut store, &module, &[])?;
//! let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
//! assert_eq!(add.call(&mut store, (3, 5))?, 8);
//! # Ok::<(), limpid::Error>(())
//! ```
//!
//! What runs is deterministic unless the host makes it otherwise: NaNs are canonical, relaxed
//! vector instructions have one result, and fuel is counted identically in every mode.
//!
//! # Features
//!
//! | Feature | What it adds | Default |
//! |---|---|---|
//! | `std` | files, threads; without it `no_std` with `alloc` and no dependency but `libm` | yes |
//! | `wat` | [`Module::new`] takes the text format, too | yes |
//! | `wasi` | WASI 0.1: the module `wasi` | |
//! | `wast` | test scripts: the module `wast` | |
//! | `dwarf` | lines and inlined functions in backtraces: [`FrameInfo::symbols`] | |
//! | `log` | events through `tracing`: instances, traps, limits, what WASI denies | |
//! | `anyhow` | `?` makes an `anyhow::Error` of an [`Error`] | yes |
//!
//! # Debug builds
//!
//! Limpid relies on the optimiser more than most crates do: it turns the last call of each handler
//! into a jump ([`Dispatch::Threaded`]). A plain debug build calls instead ([`Dispatch::Stepped`]),
//! and recursive `fib` takes 29 times as long. Embedders write this into their `Cargo.toml`, and
//! have the speed of a release build while their own code is built for debugging:
//!
//! ```toml
//! [profile.dev.package.limpid]
//! opt-level = 3
//! ```
//!
//! Any release profile will do: `opt-level` 2, 3 and `"s"`, with LTO and without, with panics that
//! unwind and that abort. [`Engine::dispatch`] tells which dispatch is in use,
//! [`Engine::why_stepped`] and the log (feature `log`) tell when it is not the one wanted.
//!
//! # The engine
//!
//! The module [`internals`] has the chapters of the specification, public for inspection. They may
//! change with any version.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
// Handlers are of the C convention for its registers; nothing foreign ever calls them.
#![allow(improper_ctypes_definitions)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod api;
pub mod observe;
mod room;

pub mod internals;
pub(crate) use internals::{binary, code, exec, num, runtime, syntax, translate, trap, valid};

#[cfg(feature = "wasi")]
pub mod wasi;
#[cfg(feature = "wast")]
pub mod wast;

pub use api::*;

/// Errors by the path that they have in wasmtime, too.
pub mod error {
    pub use crate::api::{Context, Error, Result};
    pub use crate::{bail, ensure, format_err};
}

// The example of the README runs as a test.
#[cfg(all(doctest, feature = "wat"))]
#[doc = include_str!("../README.md")]
struct Readme;
