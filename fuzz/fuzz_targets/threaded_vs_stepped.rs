//! Threaded dispatch against stepped dispatch: the same code, the same outcome.

#![no_main]

use libfuzzer_sys::fuzz_target;
use limpid::exec::Translation::Fused;
use limpid::{Dispatch, Engine};
use limpid_oracles::{agree, generate, on_limpid};
use std::sync::LazyLock;

static ENGINES: LazyLock<[Engine; 2]> = LazyLock::new(|| {
    [Dispatch::Threaded, Dispatch::Stepped].map(|dispatch| {
        let engine = on_limpid::new(Fused, dispatch);
        assert_eq!(
            engine.dispatch(),
            dispatch,
            "the dispatch that was asked for"
        );
        engine
    })
});

fuzz_target!(|data: &[u8]| {
    let Some(module) = generate::from_bytes(data) else {
        return;
    };
    let [threaded, stepped] = ENGINES
        .each_ref()
        .map(|engine| on_limpid::run(engine, &module));
    if let Err(difference) = agree::outcomes(("threaded", threaded), ("stepped", &stepped)) {
        panic!("{difference}");
    }
});
