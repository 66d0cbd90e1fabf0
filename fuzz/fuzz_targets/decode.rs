//! The decoder against wasmparser: what is malformed for one is not valid for the other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use limpid::syntax::Features;

fuzz_target!(|data: &[u8]| {
    if let Err(difference) = limpid_oracles::agree::decode(data, &Features::default()) {
        panic!("{difference}");
    }
});
