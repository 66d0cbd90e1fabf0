//! Checks and figures of the project itself. `cargo xtask VERB` runs them by hand, the tests of
//! this crate as part of `cargo test`.

pub mod book;
pub mod ci;
pub mod conformance;
pub mod embeddings;
pub mod figures;
pub mod fuzz;
pub mod parity;
pub mod pictures;
pub mod playground;
pub mod real_programs;
pub mod rules;
pub mod tidy;
pub mod viewer_test;

extern crate alloc;

use std::path::PathBuf;

/// The project's root directory.
pub fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(PathBuf::from).unwrap_or(own)
}
