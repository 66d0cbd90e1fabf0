//! Limpid: a WebAssembly runtime you can see through. An interpreter in safe Rust that follows the
//! specification chapter by chapter and is held to the official suite.
//!
//! Embedders need the items at the top of this page, which have the names that wasmtime's have; an
//! [`Engine`] has the settings, a [`Module`] is validated code, a [`Store`] owns what runs, a
//! [`Linker`] knows what guests may import.
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
//! vector instructions have one result, and fuel is counted alike by every way to run.
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
//! The modules below [`api`] are the chapters of the specification, open to whoever wants to see:
//! [`syntax`], [`binary`], [`valid`], [`translate`] into the register [`code`] that [`exec`] runs
//! on the [`runtime`]'s state; [`num`] has the meaning of every numeric instruction. They may
//! change with any version. ARCHITECTURE.md in the repository is the map.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
// Handlers are of the C convention for its registers; nothing foreign ever calls them.
#![allow(improper_ctypes_definitions)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod api;
pub mod binary;
pub mod code;
pub mod exec;
pub mod num;
pub mod observe;
mod room;
pub mod runtime;
pub mod syntax;
pub mod translate;
pub mod trap;
pub mod valid;
#[cfg(feature = "wasi")]
pub mod wasi;
#[cfg(feature = "wast")]
pub mod wast;

pub use api::*;

// The example of the README runs as a test.
#[cfg(all(doctest, feature = "wat"))]
#[doc = include_str!("../README.md")]
struct Readme;
