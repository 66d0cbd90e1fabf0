//! The decoder against wasmparser.
#![no_main]

use limpid_oracles::properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    properties::decode(data);
});
