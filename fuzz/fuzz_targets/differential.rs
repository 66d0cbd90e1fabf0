//! Limpid against wasmtime: results, kinds of traps, memories, globals and tables.

#![no_main]

use libfuzzer_sys::fuzz_target;
use limpid::Dispatch;
use limpid::exec::Translation;
use limpid_oracles::{agree, generate, on_limpid, on_wasmtime};
use std::sync::LazyLock;

static OURS: LazyLock<limpid::Engine> =
    LazyLock::new(|| on_limpid::new(Translation::Fused, Dispatch::Threaded));
static THEIRS: LazyLock<wasmtime::Engine> = LazyLock::new(on_wasmtime::new);

fuzz_target!(|data: &[u8]| {
    let Some(module) = generate::from_bytes(data) else {
        return;
    };
    let ours = on_limpid::run(&OURS, &module);
    let theirs = on_wasmtime::run(&THEIRS, &module);
    if let Err(difference) = agree::outcomes(("limpid", ours), ("wasmtime", &theirs)) {
        panic!("{difference}");
    }
});
