//! Fused code against faithful code: results, traps, memories, globals and tables are the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use limpid::exec::Translation::{Faithful, Fused};
use limpid::{Dispatch, Engine};
use limpid_oracles::{agree, generate, on_limpid};
use std::sync::LazyLock;

static ENGINES: LazyLock<[Engine; 2]> = LazyLock::new(|| {
    [Fused, Faithful].map(|translation| on_limpid::new(translation, Dispatch::Threaded))
});

fuzz_target!(|data: &[u8]| {
    let Some(module) = generate::from_bytes(data) else {
        return;
    };
    let [fused, faithful] = ENGINES
        .each_ref()
        .map(|engine| on_limpid::run(engine, &module));
    if let Err(difference) = agree::outcomes(("fused", fused), ("faithful", &faithful)) {
        panic!("{difference}");
    }
});
