//! Limpid is a WebAssembly runtime you can see through: an interpreter in safe Rust that follows
//! the specification chapter by chapter and is held to the official test suite.
//!
//! | Type | What it is |
//! |---|---|
//! | [`Engine`], [`Config`] | the settings that modules are compiled and run with |
//! | [`Module`] | validated code, shared by all stores of an engine |
//! | [`Store`] | owns everything that a guest can change, and the embedder's data |
//! | [`Linker`] | definitions that guests may import |
//! | [`Instance`] | a module with its imports, in a store |
//! | [`Func`], [`TypedFunc`] | a function, and one whose type is known to Rust |
//! | [`Memory`], [`Table`], [`Global`], [`Tag`] | other items of a store |
//! | [`Val`], [`Ref`], [`Rooted`] | values; references; references that are kept alive |
//! | [`Caller`] | the store and the instance that a host function was called from |
//! | [`Error`], [`Trap`], [`Fault`] | any error; a failure of a guest; a mistake of the embedder |
//!
//! The names are wasmtime's, so that a program moves from one to the other with little change; the
//! page `docs/wasmtime.md` of the repository lists them all. This one runs a guest that calls back
//! into the host:
//!
#![cfg_attr(feature = "wat", doc = "```")]
#![cfg_attr(not(feature = "wat"), doc = "```ignore")]
//! use limpid::{Caller, Engine, Linker, Module, Store};
//!
//! let engine = Engine::default();
//! let module = Module::new(&engine, r#"
//!     (module
//!         (import "host" "print" (func $print (param i32)))
//!         (func (export "add") (param i32 i32) (result i32)
//!             (call $print (local.get 0))
//!             (i32.add (local.get 0) (local.get 1))))
//! "#)?;
//!
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "print", |mut caller: Caller<'_, Vec<i32>>, n: i32| {
//!     caller.data_mut().push(n);
//! })?;
//!
//! let mut store = Store::new(&engine, Vec::new());
//! let instance = linker.instantiate(&mut store, &module)?;
//! let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
//! assert_eq!(add.call(&mut store, (3, 5))?, 8);
//! assert_eq!(store.data(), &[3]);
//! # Ok::<(), limpid::Error>(())
//! ```
//!
//! # Core concepts
//!
//! - **Engine.** An [`Engine`] holds the settings of a [`Config`] and the epoch. A program usually
//!   has one; it is cheap to clone and can be used from all threads.
//! - **Module.** A [`Module`] is validated code without state. It belongs to an engine, and can be
//!   instantiated any number of times in any store of that engine.
//! - **Store.** A [`Store`] owns everything that guests can change, and the embedder's data.
//!   Instances and their memories live as long as their store, so short-lived guests get a store
//!   each.
//! - **Handles.** [`Func`], [`Memory`], [`Table`], [`Global`], [`Tag`] and [`Instance`] are indices
//!   into a store. They are cheap to copy, borrow nothing, and each of their methods takes the
//!   store that they belong to. With another store the methods panic; a handle of another store
//!   that is passed as an import, an argument or an element is the error [`Fault::WrongStore`].
//! - **Instance.** An [`Instance`] is a module with its imports, in a store; its exports are found
//!   by name, for instance with [`Instance::get_typed_func`].
//! - **Functions.** A [`Func`] takes and returns lists of [`Val`] and checks their types at each
//!   call. A [`TypedFunc`] takes and returns Rust values; its type was checked when it was made.
//! - **Linker.** A [`Linker`] has definitions by module name and item name, and instantiates
//!   modules whose imports it finds among them. [`Linker::func_wrap`] defines a closure, and
//!   [`Linker::instantiate_pre`] looks imports up once for many instances.
//! - **Caller.** A host function may take a [`Caller`] as its first parameter, which gives it the
//!   store that it was called in, and the exports of the instance that called it.
//! - **Traps and errors.** A guest that fails ends the call with an [`Error`]: the [`Trap`] is
//!   found with [`Error::downcast_ref`], and so is the [`WasmBacktrace`]; [`Error::code`] is a
//!   stable name.
//! - **Fuel and epochs.** [`Store::set_fuel`] limits how many instructions run, the same in each
//!   run and mode ([`Config::consume_fuel`]). [`Engine::increment_epoch`] interrupts guests from
//!   another thread, for instance after a time ([`Config::epoch_interruption`]). Memory and tables
//!   are limited with [`Store::limiter`].
//! - **Asynchronous calls.** [`Func::call_async`] waits where an asynchronous host function waits
//!   ([`Func::wrap_async`]). Any executor will do, since a waiting guest is data in its store.
//! - **Resumable calls.** [`Func::call_resumable`] returns when a host function suspends the run
//!   (with the error [`Suspend`]), fuel is used up or the epoch deadline is reached;
//!   [`Suspended::resume`] continues it. No executor is needed.
//! - **Snapshots.** [`Store::snapshot`] copies the state of a store, [`Store::restore`] sets it
//!   back, and [`Store::fork`] makes a second store that continues from there, suspended runs
//!   included.
//! - **Tracing.** [`Store::set_probe`] attaches a probe, which observes every instruction with its
//!   operands and results: see [`observe`].
//!
//! What runs is deterministic unless the host makes it otherwise: NaNs are canonical, relaxed
//! vector instructions have one result, and fuel is counted identically in every mode.
//!
//! # Differences from wasmtime
//!
//! What Limpid has in common with wasmtime 48 has the same names and is used in the same way; the
//! tests compile and run small embeddings with both. What users of wasmtime should know:
//!
//! - **It interprets.** Settings of compilers, their memory layout and their pools (`cranelift_*`,
//!   [`Config::strategy`], [`Config::allocation_strategy`], ...) are accepted without effect; the
//!   documentation of each says so. There is no `Engine::precompile_module` and no cache: a module
//!   is validated when it is made, and its functions are translated at their first call.
//! - **It is safe.** Methods that are `unsafe` or work on raw pointers are missing
//!   (`Func::new_unchecked`, `ValRaw`, `Memory::data_ptr`), and so are those that place memory or
//!   code (`Config::with_host_memory`). [`Module::deserialize`] is safe with any bytes: a
//!   serialized module is the binary format, which is validated again.
//! - **Not supported yet:** the component model (`wasmtime::component`) and with it WASI 0.2 and
//!   0.3; core dumps; wasmtime's debugging of guests (`Store::edit_breakpoints`) and its record and
//!   replay. Stack switching is not planned before it is standard, and legacy exceptions are
//!   refused.
//! - **Other defaults.** All of WebAssembly 3.0, threads and wide arithmetic are on; so is
//!   [`Config::shared_memory`]. [`Config::max_wasm_stack`] is 8 MiB instead of 512 KiB, in frames
//!   of Limpid's own; [`Config::host_depth`] limits how deep host calls nest. Fuel is counted by
//!   instructions with small differences, so that limits must be measured again.
//! - **Asynchronous calls need no stack.** Every engine has them ([`Config::async_support`] has no
//!   effect). A synchronous call that would have to wait fails with [`Fault::AsyncRequired`].
//! - **Errors are typed.** What is only a message in wasmtime is a [`Fault`] here, with a stable
//!   [`Error::code`]. A failed access carries its address ([`MemoryFault`]), an uncaught exception
//!   its tag and values ([`UncaughtException`]), and a module that needs a disabled feature the
//!   feature's name ([`MissingFeatures`]).
//! - **WASI is part of the crate** (module `wasi`, feature `wasi`). `wasi::p1` has what
//!   `wasmtime_wasi::p1` has; clocks and randomness can be virtual, calls can be monitored, and
//!   threads are supported.
//! - **More than wasmtime has:** [resumable calls](Func::call_resumable),
//!   [snapshots](Store::snapshot) and [forks](Store::fork) of a store, [probes](Store::set_probe),
//!   [limits for all memories, tables and heaps of an engine](Config::max_memory_size), and test
//!   scripts (module `wast`).
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

// So do those of the chapter on embedding.
#[cfg(all(doctest, feature = "wat"))]
#[doc = include_str!("../docs/embedding.md")]
struct Embedding;
