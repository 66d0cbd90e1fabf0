//! The validator against wasmparser: both accept or both refuse. Half of the inputs are modules as
//! they stand, the other half make one, which is then damaged.

#![no_main]

use libfuzzer_sys::fuzz_target;
use limpid::syntax::Features;
use limpid_oracles::{agree, generate, mutate};

fuzz_target!(|data: &[u8]| {
    let features = Features::default();
    let check = |bytes: &[u8]| {
        if let Err(difference) = agree::validate(bytes, &features) {
            panic!("{difference}");
        }
    };
    if data.starts_with(b"\0asm") {
        return check(data);
    }
    let Some((seed, rest)) = data.split_first_chunk::<4>() else {
        return;
    };
    let Some(module) = generate::from_bytes(rest) else {
        return;
    };
    let mut random = mutate::Random::new(u64::from(u32::from_le_bytes(*seed)));
    check(&mutate::mutant(&module, &mut random));
});
