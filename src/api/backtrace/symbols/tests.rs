//! Debug information that is right, and such that is not: it costs a bounded time and gives no
//! names.

use super::FrameSymbol;
use super::dwarf::locate;
use crate::binary;
use crate::syntax::{Features, Module};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// `tests/cli/half.c` as clang compiles it.
const HALF: &[u8] = include_bytes!("../../../../tests/cli/half.wasm");

/// Offset of its trap.
const TRAP: usize = 0x53;

fn decode(bytes: &[u8]) -> Module {
    match binary::decode(bytes, &Features::default()) {
        Ok(module) => module,
        Err(malformed) => panic!("{malformed:?}"),
    }
}

fn shown(symbols: &[FrameSymbol]) -> Vec<String> {
    let number = |number: Option<u32>| number.unwrap_or(0);
    let shown = |symbol: &FrameSymbol| {
        let (name, file) = (symbol.name().unwrap_or("?"), symbol.file().unwrap_or("?"));
        format!(
            "{name} {file}:{}:{}",
            number(symbol.line()),
            number(symbol.column())
        )
    };
    symbols.iter().map(shown).collect()
}

#[test]
fn functions_that_were_inlined_come_first() {
    let module = decode(HALF);
    let found = locate(
        &module,
        &[Some(TRAP), None, Some(0x3e), Some(0), Some(usize::MAX)],
    );
    assert_eq!(shown(&found[0]), ["check half.c:8:9", "halve half.c:14:12"]);
    assert_eq!(shown(&found[2]), ["half half.c:19:12"]);
    for nothing in [1, 3, 4] {
        assert!(found[nothing].is_empty(), "{nothing}");
    }
}

#[test]
fn bytes_that_are_wrong_give_other_names_at_most() {
    let module = decode(HALF);
    let customs = module.customs.iter();
    let debug = customs.filter(|custom| custom.name.starts_with(".debug_"));
    let mut different = 0;
    for at in debug.flat_map(|custom| custom.bytes.clone()) {
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut wrong = module.clone();
            let mut bytes = HALF.to_vec();
            bytes[at as usize] = value;
            wrong.bytes = bytes.into();
            let found = locate(&wrong, &[Some(TRAP), Some(0x3e)]);
            different += usize::from(shown(&found[0]).len() != 2);
        }
    }
    assert!(different > 100, "{different}");
}

#[test]
fn sections_that_are_cut_short() {
    let module = decode(HALF);
    for (place, custom) in module.customs.iter().enumerate() {
        for end in custom.bytes.clone() {
            let mut cut = module.clone();
            cut.customs[place].bytes.end = end;
            locate(&cut, &[Some(TRAP)]);
        }
    }
}

/// A module with debug information of these bytes.
fn with_sections(sections: &[(&str, Vec<u8>)]) -> Module {
    let text = "(module (func (export \"f\") nop nop nop nop nop nop unreachable))";
    let mut bytes = match wat::parse_str(text) {
        Ok(bytes) => bytes,
        Err(error) => panic!("{error}"),
    };
    for (name, contents) in sections {
        let len = (1 + name.len() + contents.len()) as u32;
        bytes.push(0);
        bytes.extend((0..5).map(|k| (len >> (7 * k)) as u8 & 0x7F | if k < 4 { 0x80 } else { 0 }));
        bytes.push(name.len() as u8);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(contents);
    }
    decode(&bytes)
}

/// Two kinds of entries with children: 1 a unit, 2 an inlined function; both have an address and a
/// length.
fn abbreviations() -> Vec<u8> {
    let entry = |code, tag| [code, tag, 1, 0x11, 0x01, 0x12, 0x06, 0, 0];
    [&entry(1, 0x11)[..], &entry(2, 0x1D)[..], &[0]].concat()
}

/// A unit that has these entries.
fn unit(entries: &[u8]) -> Vec<u8> {
    let root = [1, 0, 0, 0, 0, 0, 1, 0, 0];
    let rest = [
        &4u16.to_le_bytes()[..],
        &0u32.to_le_bytes(),
        &[4],
        &root,
        entries,
    ]
    .concat();
    [&(rest.len() as u32).to_le_bytes()[..], &rest].concat()
}

#[test]
fn depth_takes_no_stack() {
    let nested = [2, 1, 0, 0, 0, 0, 1, 0, 0].repeat(300_000);
    let module = with_sections(&[
        (".debug_abbrev", abbreviations()),
        (".debug_info", unit(&nested)),
    ]);
    let at = module.code[0].code.start as usize;
    let found = locate(&module, &[Some(at)]);
    assert_eq!(found[0].len(), 64);
}

#[test]
fn many_units_that_share_a_long_table_end() {
    // Each unit reads all of the table, which would be 10^10 bytes.
    let mut table = Vec::new();
    for code in 0..100_000u32 {
        let code = code + 3;
        let leb = [
            code as u8 | 0x80,
            (code >> 7) as u8 | 0x80,
            (code >> 14) as u8,
        ];
        table.extend_from_slice(&leb);
        table.extend_from_slice(&[0x11, 0, 0, 0]);
    }
    let table = [&abbreviations()[..18], &table, &[0]].concat();
    let module = with_sections(&[
        (".debug_abbrev", table),
        (".debug_info", unit(&[0]).repeat(20_000)),
    ]);
    let at = module.code[0].code.start as usize;
    let found = locate(&module, &[Some(at)]);
    assert!(found[0].is_empty());
}

#[test]
fn references_that_lead_to_themselves_end() {
    // Entry 2 is a function whose name is that of itself, by a reference in its unit.
    let abbreviations = [
        &[1, 0x11, 1, 0x11, 0x01, 0x12, 0x06, 0, 0][..],
        &[2, 0x2E, 0, 0x11, 0x01, 0x12, 0x06, 0x31, 0x13, 0, 0, 0],
    ];
    let own = 11 + 9u32;
    let entry = [&[2, 1, 0, 0, 0, 0, 1, 0, 0][..], &own.to_le_bytes(), &[0]].concat();
    let module = with_sections(&[
        (".debug_abbrev", abbreviations.concat()),
        (".debug_info", unit(&entry)),
    ]);
    let at = module.code[0].code.start as usize;
    let found = locate(&module, &[Some(at)]);
    assert_eq!(shown(&found[0]), ["? ?:0:0"]);
}
