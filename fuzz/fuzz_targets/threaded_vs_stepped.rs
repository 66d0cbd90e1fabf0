//! Handlers that jump against handlers that return.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use limpid_oracles::properties;

fuzz_target!(|data: &[u8]| -> Corpus {
    match properties::threaded_vs_stepped(data) {
        Some(_) => Corpus::Keep,
        None => Corpus::Reject, // No module comes of it.
    }
});
