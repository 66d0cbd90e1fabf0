//! Modules made from a seed, so that a finding is named by a number. Every function ends: the
//! generator's instrumentation counts down and traps. Profiles give each class of instructions
//! modules of its own; exports are ours, since the generator's long names eat its input.

use arbitrary::Unstructured;
use wasm_smith::{Config, InstructionKind, InstructionKinds, Module};

/// Units of the generator's own fuel, a global exported under the name [`FUEL`], for each call.
pub const UNITS: u32 = 1000;

/// The name of the exported global that holds the generator's fuel.
pub const FUEL: &str = "fuel";

/// Attempts to make a module with a function from one seed.
const ATTEMPTS: u64 = 16;

/// A valid module with functions and without imports.
///
/// # Panics
/// When no attempt gives one, which no seed was seen to do.
pub fn module(seed: u64) -> Vec<u8> {
    let mut attempts = (0..ATTEMPTS).map(|attempt| bytes(seed ^ (attempt << 48)));
    let found = attempts.find_map(|bytes| from_bytes(&bytes));
    found.expect("a seed gives a module")
}

/// The same from a fuzzer's bytes, of which the first chooses the profile; `None` when they give
/// no module with functions.
pub fn from_bytes(data: &[u8]) -> Option<Vec<u8>> {
    let (&first, data) = data.split_first()?;
    let mut input = Unstructured::new(data);
    let mut module = Module::new(config(first), &mut input).ok()?;
    let fuel = module.ensure_termination(UNITS).ok()?;
    export(&module.to_bytes(), fuel)
}

/// The settings of a profile: its low bits say what instructions there are, the next whether
/// they may trap, and whether there is a start function.
fn config(profile: u8) -> Config {
    use InstructionKind::{Aggregate, Control, Numeric, Parametric, Reference, Table, Variable};
    use InstructionKind::{Memory, Vector};
    let kinds: &[InstructionKind] = match profile % 8 {
        0 => &[Numeric, Parametric, Variable, Control],
        1 => &[Numeric, Variable, Memory, Control],
        2 => &[Vector, Numeric, Variable, Memory],
        3 => &[Aggregate, Reference, Numeric, Variable, Control],
        4 => &[Aggregate, Reference, Table, Parametric, Variable],
        5 => &[Control, Variable, Reference, Table, NUMERIC_INT],
        _ => return base(profile),
    };
    let gc = kinds.contains(&Aggregate);
    Config {
        allowed_instructions: InstructionKinds::new(kinds),
        gc_enabled: gc,
        exceptions_enabled: kinds.contains(&Control),
        simd_enabled: kinds.contains(&Vector),
        relaxed_simd_enabled: kinds.contains(&Vector),
        min_types: if gc { 6 } else { 2 },
        ..base(profile)
    }
}

const NUMERIC_INT: InstructionKind = InstructionKind::NumericInt;

fn base(profile: u8) -> Config {
    Config {
        min_types: 6,
        max_types: 16,
        min_funcs: 2,
        max_funcs: 8,
        max_instructions: 150,
        max_imports: 0,
        max_exports: 0,
        min_globals: 1,
        max_globals: 8,
        max_tags: 4,
        max_element_segments: 4,
        max_data_segments: 4,
        min_memories: 1,
        max_memories: 2,
        max_memory32_bytes: 1 << 20,
        max_memory64_bytes: 1 << 20,
        memory_max_size_required: true,
        min_tables: 1,
        max_tables: 3,
        max_table_elements: 1000,
        table_max_size_required: true,
        allow_start_export: profile & 0x30 == 0,
        disallow_traps: profile & 8 == 0,
        limit_arrays_in_const_exprs: true,
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

/// Adds a section that exports everything: functions as `f0`, tables as `t0` and so on, and the
/// generator's fuel. `None` when there is no function.
fn export(bytes: &[u8], fuel: u32) -> Option<Vec<u8>> {
    let mut exports = Vec::new();
    let mut count = 0;
    let mut push = |name: &str, kind: u8, index: u32| {
        count += 1;
        leb(&mut exports, name.len() as u32);
        exports.extend_from_slice(name.as_bytes());
        exports.push(kind);
        leb(&mut exports, index);
    };
    let mut at = 8;
    let mut place = None;
    let mut functions = 0;
    while at < bytes.len() {
        let id = bytes[at];
        let mut body = at + 1;
        let size = read_leb(bytes, &mut body)? as usize;
        let next = body + size;
        if matches!(id, 7..=12) && place.is_none() {
            place = Some((at, if id == 7 { next } else { at })); // Its own is empty.
        }
        let kind = match id {
            3 => 0,
            4 => 1,
            5 => 2,
            6 => 3,
            _ => {
                at = next;
                continue;
            }
        };
        let items = read_leb(bytes, &mut body)?;
        for index in 0..items {
            if (kind, index) == (3, fuel) {
                push(FUEL, kind, index);
            } else {
                push(
                    &format!("{}{index}", ["f", "t", "m", "g"][kind as usize]),
                    kind,
                    index,
                );
            }
        }
        functions += if kind == 0 { items } else { 0 };
        at = next;
    }
    let (place, rest) = place.filter(|_| functions > 0)?;
    let mut section = Vec::new();
    leb(&mut section, count);
    section.extend_from_slice(&exports);
    let mut module = bytes[..place].to_vec();
    module.push(7);
    leb(&mut module, section.len() as u32);
    module.extend_from_slice(&section);
    module.extend_from_slice(&bytes[rest..]);
    Some(module)
}

pub(crate) fn leb(to: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

pub(crate) fn read_leb(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let mut value = 0;
    for shift in (0..32).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u32::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Bytes from a seed: xorshift, so that a seed is enough to find a module again.
pub fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let length = 2048 + (seed % 7) as usize * 1024;
    let next = move |_: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    let mut bytes: Vec<u8> = (0..length).map(next).collect();
    bytes[0] = (seed % 64) as u8; // The profile: consecutive seeds take turns.
    bytes
}
