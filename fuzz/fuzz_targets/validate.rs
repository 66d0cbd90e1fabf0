//! Verdict and phase of the validator against wasmparser; what is valid is translated.
#![no_main]

use limpid_oracles::properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    properties::validate(data);
});
