//! The official WASI suite. WASI comes after the core language: until then this crate only says
//! what there is to run.

use std::path::{Path, PathBuf};

/// A part of the suite and the number of programs it is known to have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// What it is called in reports.
    pub name: &'static str,
    /// Where it is in the suite.
    pub path: &'static str,
    /// How many programs it has.
    pub programs: usize,
}

/// The parts for WASI 0.1, and threads.
pub const PARTS: &[Part] = &[
    Part {
        name: "Rust, 0.1",
        path: "tests/rust/testsuite/wasm32-wasip1",
        programs: 46,
    },
    Part {
        name: "C, 0.1",
        path: "tests/c/testsuite/wasm32-wasip1",
        programs: 14,
    },
    Part {
        name: "AssemblyScript, 0.1",
        path: "tests/assemblyscript/testsuite/wasm32-wasip1",
        programs: 12,
    },
    Part {
        name: "threads",
        path: "tests/proposals/wasi-threads",
        programs: 15,
    },
];

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

/// The number of programs below a directory.
pub fn programs(dir: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return 0;
    };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .map(|path| match path.is_dir() {
            true => programs(&path),
            false => usize::from(path.extension().is_some_and(|ext| ext == "wasm")),
        })
        .sum()
}
