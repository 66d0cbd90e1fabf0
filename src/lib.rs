//! Limpid: a WebAssembly runtime you can see through.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
// Handlers are `extern "sysv64-unwind"` for its registers; nothing foreign ever calls them.
#![allow(improper_ctypes_definitions)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod api;
pub mod binary;
pub mod code;
pub mod exec;
pub mod num;
pub mod observe;
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
