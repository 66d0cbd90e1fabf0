//! Modules made from a seed, so that a finding is named by a number. Every function ends: the
//! generator's instrumentation counts down and traps.

use arbitrary::Unstructured;
use wasm_smith::{Config, Module};

/// Units of the generator's own fuel for each call.
const FUEL: u32 = 1000;

/// A valid module without imports, or `None` when the seed gives none.
pub fn module(seed: u64) -> Option<Vec<u8>> {
    from_bytes(&bytes(seed))
}

/// The same from a fuzzer's bytes.
pub fn from_bytes(data: &[u8]) -> Option<Vec<u8>> {
    let mut input = Unstructured::new(data);
    let mut module = Module::new(config(), &mut input).ok()?;
    module.ensure_termination(FUEL).ok()?;
    Some(module.to_bytes())
}

fn config() -> Config {
    Config {
        min_funcs: 1,
        max_funcs: 12,
        max_instructions: 200,
        max_imports: 0,
        min_exports: 1,
        max_exports: 20,
        export_everything: true,
        max_memories: 2,
        max_memory32_bytes: 1 << 20,
        max_memory64_bytes: 1 << 20,
        memory_max_size_required: true,
        max_tables: 2,
        max_table_elements: 1000,
        table_max_size_required: true,
        allow_start_export: true,
        bulk_memory_enabled: true,
        reference_types_enabled: true,
        simd_enabled: true,
        relaxed_simd_enabled: true,
        tail_call_enabled: true,
        gc_enabled: true,
        exceptions_enabled: true,
        memory64_enabled: true,
        extended_const_enabled: true,
        wide_arithmetic_enabled: true,
        threads_enabled: false,
        custom_page_sizes_enabled: false,
        ..Config::default()
    }
}

/// Bytes from a seed: xorshift, so that a seed is enough to find a module again.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let length = 512 + (seed % 7) as usize * 512;
    let next = move |_: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(next).collect()
}
