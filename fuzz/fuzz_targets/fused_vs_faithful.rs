//! Fused code against one operation for each instruction.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use limpid_oracles::properties;

fuzz_target!(|data: &[u8]| -> Corpus {
    match properties::fused_vs_faithful(data) {
        Some(_) => Corpus::Keep,
        None => Corpus::Reject, // No module comes of it.
    }
});
