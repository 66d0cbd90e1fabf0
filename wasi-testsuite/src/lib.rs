//! The official WASI suite: which programs it has, what each asks for, and running one of them in
//! a given configuration. Each program runs in a process of its own: `process` starts it and judges
//! what it did, `guest` is what runs in it. `tests/suite.rs`, the tests of the command line and the
//! conformance report do so.

pub mod configuration;
pub mod guest;
pub mod process;
pub mod program;

pub use configuration::{ALL, Configuration};
pub use process::Done;
pub use program::{Expected, PARTS, Part, Program};

use std::path::{Path, PathBuf};

/// Where the suite is, if it is there: beside the project, or below `LIMPID_SHARED`.
pub fn suite() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = match std::env::var_os("LIMPID_SHARED") {
        Some(path) => PathBuf::from(path),
        None => own.join("../../shared"),
    };
    let suite = shared.join("suites/wasi-testsuite");
    suite.is_dir().then_some(suite)
}
