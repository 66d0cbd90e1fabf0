//! The engine against wasmtime.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use limpid_oracles::properties;

fuzz_target!(|data: &[u8]| -> Corpus {
    match properties::differential(data) {
        Some(_) => Corpus::Keep,
        None => Corpus::Reject, // No module comes of it.
    }
});
