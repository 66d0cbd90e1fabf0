//! Tests of the decoder as data: bytes, and what is said of them.

use super::{InstrReader, Limit, MalformedKind, check_body, decode, decode_partly};
use crate::syntax::{
    AddrType, ElemItems, ElemMode, Features, HeapType, Instr, LabelIdx, MemIdx, Module, RefType,
    limits,
};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// An unsigned LEB128 number.
fn leb(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A module of sections, each with its size before it.
fn module(sections: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    for (id, contents) in sections {
        bytes.push(*id);
        bytes.extend(leb(contents.len() as u32));
        bytes.extend(*contents);
    }
    bytes
}

/// A module with one function of that body, locals left out.
fn body(code: &[u8]) -> Vec<u8> {
    let mut contents = vec![1];
    contents.extend(leb(code.len() as u32 + 1));
    contents.push(0);
    contents.extend(code);
    module(&[(1, &[1, 0x60, 0, 0]), (3, &[1, 0]), (10, &contents)])
}

fn read(bytes: &[u8], features: &Features) -> Result<Module, super::Malformed> {
    let module = decode(bytes, features)?;
    for body in &module.code {
        check_body(&module, body, features)?;
    }
    Ok(module)
}

#[track_caller]
fn check(bytes: &[u8]) -> Module {
    read(bytes, &Features::ALL).expect("it is well-formed")
}

#[track_caller]
fn check_malformed(bytes: &[u8], text: &str) {
    let error = read(bytes, &Features::ALL).expect_err("it is malformed");
    assert_eq!(error.to_string(), text);
}

#[test]
fn header() {
    check(HEADER);
    check_malformed(b"", "unexpected end of section or function (at 0x0)");
    check_malformed(b"\0as", "unexpected end of section or function (at 0x0)");
    check_malformed(b"\0asn\x01\0\0\0", "magic header not detected (at 0x0)");
    check_malformed(b"\0asm\x02\0\0\0", "unknown binary version (at 0x4)");
    check_malformed(b"\0asm\0\0\x01\0", "unknown binary version (at 0x4)");
}

#[test]
fn components_are_told_from_modules() {
    // Also those of drafts, whatever follows.
    for version in [0x0d, 0x0a, 0x01] {
        let bytes = [b"\0asm", &[version, 0, 1, 0][..], b"\xff"].concat();
        let error = read(&bytes, &Features::ALL).expect_err("it is no module");
        assert_eq!(error.kind, MalformedKind::Component);
        assert!(error.to_string().contains("component"), "{error}");
        assert!(!error.to_string().contains("version"), "{error}");
    }
}

/// A size or an index may be any number, wherever it stands: sums with it must not overflow.
#[test]
fn numbers_of_any_size_in_every_place() {
    let unknown = [0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0];
    let bytes = [HEADER, &unknown].concat();
    check_malformed(&bytes, "length out of bounds (at 0x9)");

    let names = b"\x04name\0\x02\x01m\x01\x04\x01\0\x01f\x02\x06\x01\0\x01\0\x01l";
    let whole = module(&[
        (0, b"\x01x\x01\x02"),
        (1, &[2, 0x60, 1, 0x7f, 1, 0x7f, 0x5f, 1, 0x7f, 1]),
        (2, b"\x01\x01m\x01n\0\0"),
        (3, &[1, 0]),
        (4, &[1, 0x70, 1, 1, 2]),
        (5, &[1, 1, 1, 2]),
        (6, &[1, 0x7f, 0, 0x41, 1, 0x0b]),
        (7, b"\x01\x01e\0\0"),
        (9, &[1, 0, 0x41, 0, 0x0b, 1, 0]),
        (12, &[1]),
        (10, &[1, 10, 1, 1, 0x7f, 0x20, 0, 0x28, 2, 4, 0x0b, 0x0b]),
        (11, &[1, 0, 0x41, 0, 0x0b, 1, 9]),
        (0, names),
    ]);
    let largest: &[&[u8]] = &[
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0xfe, 0xff, 0xff, 0xff, 0x0f],
        &[0x80, 0x80, 0x80, 0x80, 0x08],
        &[0xff; 9],
    ];
    for at in HEADER.len()..whole.len() {
        for number in largest {
            let bytes = [&whole[..at], number, &whole[at + 1..]].concat();
            // Most are malformed; none may panic, which debug builds do for a sum that overflows.
            let _ = read(&bytes, &Features::ALL);
            let mut instrs = InstrReader::new(&bytes, u32::MAX - 2, &Features::ALL);
            while let Ok(_instr) = instrs.read() {}
        }
    }
}

#[test]
fn sections() {
    type Sections<'a> = &'a [(u8, &'a [u8])];
    let rows: &[(Sections<'_>, &str)] = &[
        (&[(14, &[])], "malformed section id 14 (at 0x8)"),
        (
            &[(3, &[0]), (1, &[0])],
            "unexpected content after last section: section 1 (at 0xb)",
        ),
        (
            &[(1, &[0]), (1, &[0])],
            "unexpected content after last section: section 1 (at 0xb)",
        ),
        (
            &[(6, &[0]), (13, &[0])],
            "unexpected content after last section: section 13 (at 0xb)",
        ),
        (
            &[(10, &[0]), (12, &[0])],
            "unexpected content after last section: section 12 (at 0xb)",
        ),
        (&[(1, &[0, 0])], "section size mismatch (at 0xa)"),
        (
            &[(3, &[1, 0])],
            "function and code section have inconsistent lengths (at 0xc)",
        ),
        (
            &[(12, &[1])],
            "data count and data section have inconsistent lengths (at 0xb)",
        ),
        (&[(13, &[1, 1, 0])], "zero byte expected (at 0xb)"),
        (&[(0, &[1, 0xFF])], "malformed UTF-8 encoding (at 0xb)"),
        (
            &[(0, &[])],
            "unexpected end of section or function (at 0xa)",
        ),
    ];
    for (sections, text) in rows {
        check_malformed(&module(sections), text);
    }
    let all: [(u8, &[u8]); 6] = [
        (5, &[0]),
        (13, &[0]),
        (0, b"\x01a"),
        (6, &[0]),
        (12, &[0]),
        (11, &[0]),
    ];
    let module = check(&module(&all));
    assert_eq!(module.customs[0].place, 2);
    assert_eq!(module.data_count, Some(0));
}

#[test]
fn types() {
    let rows: &[(&[u8], &str)] = &[
        (&[1, 0x5D], "malformed definition type 5d (at 0xb)"),
        (&[1, 0x60, 1, 0x40, 0], "malformed value type 40 (at 0xd)"),
        (&[1, 0x60, 1, 0x63, 0x40, 0], "malformed heap type (at 0xe)"),
        (&[1, 0x5E, 0x7F, 2], "malformed mutability 02 (at 0xd)"),
        (&[1, 0x5F, 1, 0x40, 0], "malformed storage type 40 (at 0xd)"),
        (&[1, 0xE0, 0x7F], "integer representation too long (at 0xb)"),
        // A heap type is a number of 33 bits, so 2^32 - 1 is an index and 2^32 has no bits left.
        (
            &[1, 0x60, 1, 0x64, 0x80, 0x80, 0x80, 0x80, 0x10, 0],
            "integer too large (at 0x12)",
        ),
    ];
    for (contents, text) in rows {
        check_malformed(&module(&[(1, contents)]), text);
    }
    let group = [
        1, 0x4E, 2, 0x50, 0, 0x5F, 2, 0x78, 1, 0x63, 1, 0, 0x4F, 1, 0, 0x5E, 0x6E, 0,
    ];
    let types = check(&module(&[(1, &group)])).types;
    let [first, second] = types[0].types.as_slice() else {
        panic!("two types in the group")
    };
    assert!(!first.is_final && second.is_final);
    assert_eq!(second.supertypes[0].0, 0);
}

#[test]
fn memories_and_tables() {
    let rows: &[(u8, &[u8], &str)] = &[
        (5, &[1, 0x10, 0], "malformed limits flags 10 (at 0xb)"),
        (4, &[1, 0x70, 2, 0], "malformed limits flags 02 (at 0xc)"),
        (4, &[1, 0x7F, 0, 0], "malformed reference type 7f (at 0xb)"),
        (4, &[1, 0x40, 1, 0x70, 0, 0], "zero byte expected (at 0xc)"),
        (5, &[1, 8, 0, 64], "invalid custom page size (at 0xd)"),
    ];
    for (id, contents, text) in rows {
        check_malformed(&module(&[(*id, contents)]), text);
    }
    let contents = [2, 0x0F, 1, 2, 0, 4, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F];
    let memories = check(&module(&[(5, &contents)])).memories;
    assert!(memories[0].0.shared && memories[0].0.page_size_log2 == 0);
    assert_eq!(memories[1].0.addr, AddrType::I64);
    assert_eq!(memories[1].0.limits.min, 0x1_FFFF_FFFF);
    let table = [1, 0x40, 0, 0x64, 0x6E, 0, 0, 0xD0, 0x71, 0x0B];
    assert!(check(&module(&[(4, &table)])).tables[0].init.is_some());
}

#[test]
fn imports_and_exports() {
    let rows: &[(u8, &[u8], &str)] = &[
        (2, &[1, 0, 0, 5, 0], "malformed import kind 05 (at 0xd)"),
        (
            2,
            &[1, 0, 1, b'a', 0x7F, 0],
            "malformed import kind 7f (at 0xe)",
        ),
        (7, &[1, 0, 5, 0], "malformed export kind 05 (at 0xc)"),
        (2, &[1, 9, 0, 0, 0], "length out of bounds (at 0xb)"),
    ];
    for (id, contents, text) in rows {
        check_malformed(&module(&[(*id, contents)]), text);
    }
    let groups = b"\x02\x01m\0\x7F\x02\x01a\0\0\x01b\0\x01\x01m\0\x7E\0\x03\x01\x01c";
    let imports = check(&module(&[(2, groups)])).imports;
    let names: Vec<&str> = imports.iter().map(|import| &*import.name).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert!(imports.iter().all(|import| &*import.module == "m"));
}

#[test]
fn segments() {
    let rows: &[(u8, &[u8], &str)] = &[
        (9, &[1, 8], "malformed elements segment kind 8 (at 0xb)"),
        (9, &[1, 1, 1, 0], "malformed element kind 01 (at 0xc)"),
        (11, &[1, 3], "malformed data segment kind 3 (at 0xb)"),
        (11, &[1, 1, 9], "length out of bounds (at 0xc)"),
    ];
    for (id, contents, text) in rows {
        check_malformed(&module(&[(*id, contents)]), text);
    }
    let null = [0xD0, 0x70, 0x0B];
    let zero = [0x41, 0, 0x0B];
    let kinds: [&[&[u8]]; 8] = [
        &[&[0], &zero, &[1, 0]],
        &[&[1, 0, 1, 0]],
        &[&[2, 0], &zero, &[0, 1, 0]],
        &[&[3, 0, 1, 0]],
        &[&[4], &zero, &[1], &null],
        &[&[5, 0x70, 1], &null],
        &[&[6, 0], &zero, &[0x70, 1], &null],
        &[&[7, 0x70, 1], &null],
    ];
    for (kind, parts) in kinds.iter().enumerate() {
        let contents = [vec![1], parts.concat()].concat();
        let elem = &check(&module(&[(9, &contents)])).elems[0];
        assert_eq!(matches!(elem.mode, ElemMode::Active { .. }), kind % 2 == 0);
        assert_eq!(matches!(elem.mode, ElemMode::Passive), kind % 4 == 1);
        assert_eq!(matches!(elem.items, ElemItems::Exprs(_)), kind >= 4);
        assert_eq!(elem.ty.nullable, kind >= 4);
    }
}

#[test]
fn bodies() {
    let rows: &[(&[u8], &str)] = &[
        (&[0x01], "unexpected end of section or function (at 0x18)"),
        (&[0x0B, 0x0B], "section size mismatch (at 0x18)"),
        (&[0x05, 0x0B], "END opcode expected (at 0x17)"),
        (
            &[0x04, 0x40, 0x05, 0x05, 0x0B, 0x0B],
            "END opcode expected (at 0x1a)",
        ),
        (&[0x02, 0x41, 0x0B, 0x0B], "malformed block type (at 0x18)"),
        (&[0xFF, 0x0B], "illegal opcode ff (at 0x17)"),
        (&[0xFB, 0x1F, 0x0B], "illegal opcode fb 1f (at 0x17)"),
        (&[0xFC, 0x12, 0x0B], "illegal opcode fc 12 (at 0x17)"),
        (&[0xFD, 0x9A, 0x01, 0x0B], "illegal opcode fd 9a (at 0x17)"),
        (&[0xFD, 0x80, 0x04, 0x0B], "illegal opcode fd 200 (at 0x17)"),
        (&[0xFE, 0x04, 0x0B], "illegal opcode fe 04 (at 0x17)"),
        (&[0xFE, 0x03, 0x01, 0x0B], "zero byte expected (at 0x19)"),
        (&[0x28, 0x80, 1, 0, 0x0B], "malformed memop flags (at 0x18)"),
        (
            &[0xFB, 0x18, 4, 0x0B],
            "malformed br_on_cast flags 04 (at 0x19)",
        ),
        (
            &[0x1F, 0x40, 1, 4, 0, 0x0B],
            "malformed catch clause 04 (at 0x1a)",
        ),
        (&[0x0E, 0x7F, 0x0B], "length out of bounds (at 0x18)"),
        (&[0xFC, 9, 0, 0x0B], "data count section required (at 0x17)"),
        (
            &[0xFB, 9, 0, 0, 0x0B],
            "data count section required (at 0x17)",
        ),
        (
            &[0x41, 0x80, 0x80, 0x80, 0x80, 0x08, 0x0B],
            "integer too large (at 0x1c)",
        ),
        (
            &[0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
            "integer representation too long (at 0x1d)",
        ),
    ];
    for (code, text) in rows {
        check_malformed(&body(code), text);
    }
    check(&body(&[0x04, 0x40, 0x05, 0x0B, 0x0B]));
    check(&body(&[0x1C, 0, 0x1C, 2, 0x7F, 0x7F, 0x0B]));
}

#[test]
fn legacy_exceptions_are_named() {
    let rows = [
        (0x06, "`try`"),
        (0x07, "`catch`"),
        (0x09, "`rethrow`"),
        (0x18, "`delegate`"),
        (0x19, "`catch_all`"),
    ];
    for (opcode, name) in rows {
        let bytes = body(&[0x01, opcode, 0x0B]);
        for features in [Features::default(), Features::MVP] {
            let module = decode(&*bytes, &features).expect("bodies are not read");
            let error = check_body(&module, &module.code[0], &features).expect_err("no opcode");
            assert_eq!(error, MalformedKind::LegacyException(opcode).at(0x18));
            let text = error.to_string();
            assert!(text.starts_with("illegal opcode"), "{text}");
            assert!(text.contains(name), "{text}");
            assert!(text.contains("wasm-opt --translate-to-exnref"), "{text}");
        }
    }
}

#[test]
fn what_stands_before_an_error_is_kept() {
    let sections: [(u8, &[u8]); 3] = [
        (1, &[1, 0x60, 0, 0]),
        (2, &[1, 1, b'm', 1, b'n', 0, 0]),
        (3, &[5, 0]),
    ];
    let (module, error) = decode_partly(&*module(&sections), &Features::default());
    assert!(error.is_some());
    assert_eq!((module.types.len(), module.imports.len()), (1, 1));
    let (module, error) = decode_partly(*b"\0asm\x01\0\0\0", &Features::default());
    assert!(error.is_none());
    assert_eq!(module.bytes.len(), 8);
}

#[test]
fn body_without_end_before_others() {
    let two = [2, 2, 0, 1, 2, 0, 0x0B];
    let sections: [(u8, &[u8]); 3] = [(1, &[1, 0x60, 0, 0]), (3, &[2, 0, 0]), (10, &two)];
    check_malformed(&module(&sections), "END opcode expected (at 0x19)");
}

#[track_caller]
fn instrs(code: &[u8]) -> Vec<Instr<'_>> {
    let mut reader = InstrReader::new(code, 0, &Features::ALL);
    let mut instrs = Vec::new();
    while !reader.at_end() {
        instrs.push(reader.read().expect("it reads").1);
    }
    instrs
}

#[test]
fn integers() {
    let read = |bytes: &[u8]| match instrs(bytes)[0] {
        Instr::I32Const(value) => i64::from(value),
        Instr::I64Const(value) => value,
        other => panic!("{other:?}"),
    };
    assert_eq!(read(&[0x41, 0x3F]), 63);
    assert_eq!(read(&[0x41, 0x40]), -64);
    assert_eq!(read(&[0x41, 0xFF, 0x00]), 127);
    assert_eq!(read(&[0x41, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]), -1);
    let min = [0x41, 0x80, 0x80, 0x80, 0x80, 0x78];
    assert_eq!(read(&min), i64::from(i32::MIN));
    let mut min = [0x80; 11];
    (min[0], min[10]) = (0x42, 0x7F);
    assert_eq!(read(&min), i64::MIN);
    assert_eq!(read(&[0x42, 0xFF, 0xFF, 0x7F]), -1);
}

#[test]
fn immediates() {
    let far = [
        0x28, 0x42, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1,
    ];
    let [Instr::Load(_, memarg)] = instrs(&far)[..] else {
        panic!("a load")
    };
    assert_eq!((memarg.align, memarg.memory), (2, MemIdx(1)));
    assert_eq!(memarg.offset, 1 << 63);
    let [Instr::BrTable(targets)] = instrs(&[0x0E, 2, 1, 0x80, 1, 3])[..] else {
        panic!("a table")
    };
    let labels: Vec<LabelIdx> = targets.iter().collect();
    assert_eq!(labels, [LabelIdx(1), LabelIdx(128), LabelIdx(3)]);
    let [Instr::TryTable(_, catches)] = instrs(&[0x1F, 0x40, 2, 1, 7, 0, 2, 5])[..] else {
        panic!("a try")
    };
    let catches: Vec<_> = catches.iter().collect();
    assert!(catches[0].by_ref && catches[0].tag.is_some());
    assert!(!catches[1].by_ref && catches[1].tag.is_none());
    let [Instr::BrOnCast(cast)] = instrs(&[0xFB, 0x18, 1, 4, 0x6E, 0x05])[..] else {
        panic!("a cast")
    };
    assert!(cast.from.nullable && !cast.to.nullable);
    assert_eq!(cast.to.heap.type_idx().map(|idx| idx.0), Some(5));
    let null = HeapType::NoExn;
    assert_eq!(instrs(&[0xD0, 0x74]), [Instr::RefNull(null)]);
    let nullable = RefType::EXTERNREF;
    assert_eq!(instrs(&[0xFB, 0x15, 0x6F]), [Instr::RefTest(nullable)]);
}

/// Every row of the tables is read back from its opcode, and only by its feature.
#[test]
fn tables_round_trip() {
    use crate::syntax::{AtomicOp, LaneMemoryOp, LaneOp, LoadOp, NumericOp, StoreOp, VectorOp};
    let opcodes = NumericOp::ALL.iter().map(|op| (op.opcode(), op.mnemonic()));
    let opcodes = opcodes.chain(VectorOp::ALL.iter().map(|op| (op.opcode(), op.mnemonic())));
    let opcodes = opcodes.chain(LoadOp::ALL.iter().map(|op| (op.opcode(), op.mnemonic())));
    let opcodes = opcodes.chain(StoreOp::ALL.iter().map(|op| (op.opcode(), op.mnemonic())));
    let opcodes = opcodes.chain(LaneOp::ALL.iter().map(|op| (op.opcode(), op.mnemonic())));
    let opcodes = opcodes.chain(
        LaneMemoryOp::ALL
            .iter()
            .map(|op| (op.opcode(), op.mnemonic())),
    );
    let opcodes = opcodes.chain(AtomicOp::ALL.iter().map(|op| (op.opcode(), op.mnemonic())));
    for (opcode, mnemonic) in opcodes {
        let mut code = match opcode {
            0..=0xFF => vec![opcode as u8],
            _ => [vec![(opcode >> 16) as u8], leb(opcode & 0xFFFF)].concat(),
        };
        code.extend([0, 0, 0]);
        let mut reader = InstrReader::new(&code, 0, &Features::ALL);
        let (_, instr) = reader.read().expect("it reads");
        assert_eq!(instr.mnemonic(), mnemonic);
        let mvp = InstrReader::new(&code, 0, &Features::MVP).read();
        let old = (0x28..0xC0).contains(&opcode);
        assert_eq!(mvp.is_ok(), old, "{mnemonic} without features");
    }
}

macro_rules! rows {
    ($($group:ident {$(
        $code:literal $variant:ident $(($($field:ident: $imm:ident),*))? $text:literal
        [$($feature:ident)*] $($flag:ident)* $(=> $put:ident)?;
    )*})*) => {
        /// Each row of the table of instructions: its group, its number there, its mnemonic.
        const ROWS: &[(&str, u32, &str)] = &[$($((stringify!($group), $code, $text),)*)*];
    };
}
crate::syntax::instr::for_each_instr! { rows }

/// No row stands in the way of another one, be it of a table of its own.
#[test]
fn instructions_are_read_back_from_their_rows() {
    for &(group, code, mnemonic) in ROWS {
        let prefix: &[u8] = match group {
            "plain" => &[],
            "prefix_fb" => &[0xFB],
            "prefix_fc" => &[0xFC],
            "prefix_fd" => &[0xFD],
            "prefix_fe" => &[0xFE],
            other => panic!("{other}: a group that the test does not know"),
        };
        let number = if prefix.is_empty() {
            vec![code as u8]
        } else {
            leb(code)
        };
        let zeros = [0; 20]; // Immediates of any kind.
        let bytes = [prefix, &number, &zeros].concat();
        let read = InstrReader::new(&bytes, 0, &Features::ALL).read();
        let (_, instr) = read.unwrap_or_else(|error| panic!("{mnemonic}: {error}"));
        assert_eq!(instr.mnemonic(), mnemonic);
    }
}

#[test]
fn limits_are_told_before_allocation() {
    // The section, its bytes before the number, and the word for what there is too much of.
    let rows: &[(u8, &[u8], Limit, &str)] = &[
        (1, &[], Limit::Types, "types"),
        (1, &[1, 0x4E], Limit::RecGroup, "recursion group"),
        (1, &[1, 0x50], Limit::Supertypes, "supertypes"),
        (1, &[1, 0x60], Limit::Params, "parameters"),
        (1, &[1, 0x60, 0], Limit::Results, "results"),
        (1, &[1, 0x5F], Limit::Fields, "fields"),
        (2, &[], Limit::Imports, "imports"),
        (2, &[1], Limit::StringSize, "name"),
        (3, &[], Limit::Functions, "functions"),
        (4, &[], Limit::Tables, "tables"),
        (5, &[], Limit::Memories, "memories"),
        (6, &[], Limit::Globals, "globals"),
        (
            6,
            &[1, 0x7F, 0, 0x1F, 0x40],
            Limit::Catches,
            "catch clauses",
        ),
        (7, &[], Limit::Exports, "exports"),
        (9, &[], Limit::Elems, "element segments"),
        (9, &[1, 1, 0], Limit::ElemItems, "elements"),
        (10, &[1], Limit::FunctionSize, "function body"),
        (11, &[], Limit::Datas, "data segments"),
        (13, &[], Limit::Tags, "tags"),
    ];
    // One is of all bytes, and the other of a sum.
    let apart = [Limit::ModuleSize, Limit::Locals];
    for limit in Limit::ALL {
        let has_row = rows.iter().any(|(_, _, of, _)| of == limit);
        assert_eq!(has_row, !apart.contains(limit), "{limit:?}");
    }
    for &(id, before, limit, word) in rows {
        // The count is believed only as far as there are bytes; these are the wrong ones.
        let mut contents = [before, &leb(limit.max() + 1)].concat();
        contents.resize(contents.len() + limit.max() as usize + 8, 0xFF);
        let error = decode(module(&[(id, &contents)]), &Features::ALL).expect_err("too many");
        assert_eq!(error.kind, MalformedKind::Limit(limit));
        let told = error.to_string();
        assert!(
            told.contains(word) && told.contains(&limit.max().to_string()),
            "{told}"
        );
        let contents = [before, &leb(u32::MAX)].concat();
        let text = format!("length out of bounds (at {:#x})", 10 + before.len());
        check_malformed(&module(&[(id, &contents)]), &text);
    }
    let text = format!("too many locals (the limit is {})", limits::LOCALS);
    let code = [&[1, 6, 1][..], &leb(limits::LOCALS + 1), &[0x7F, 0x0B]].concat();
    let error = decode(module(&[(10, &code)]), &Features::ALL).expect_err("too many");
    assert_eq!(error.kind.to_string(), text);
}

#[test]
fn a_body_may_be_as_large_as_the_limit() {
    let largest = |more: u32| {
        let size = limits::FUNCTION_SIZE + more;
        let mut code = [vec![1], leb(size), vec![0]].concat();
        // A br_table with as many targets as fit.
        let targets = size - 1 - 1 - 4 - 1 - 1;
        code.extend(
            [
                vec![0x0E],
                leb(targets),
                vec![0; targets as usize + 1],
                vec![0x0B],
            ]
            .concat(),
        );
        module(&[(1, &[1, 0x60, 0, 0]), (3, &[1, 0]), (10, &code)])
    };
    check(&largest(0));
    let error = read(&largest(1), &Features::ALL).expect_err("too large");
    assert_eq!(error.kind, MalformedKind::Limit(Limit::FunctionSize));
}

#[test]
fn names_are_lenient() {
    let name = |subsections: &[u8]| {
        let contents = [b"\x04name", subsections].concat();
        check(&module(&[(0, &contents)])).names
    };
    let names = name(b"\x00\x02\x01m\x01\x07\x02\x03\x01c\x00\x01a\x02\x06\x01\x03\x01\x00\x01x");
    assert_eq!(names.module.as_deref(), Some("m"));
    assert_eq!(names.funcs.get(0), Some("a"));
    assert_eq!(names.funcs.get(3), Some("c"));
    assert_eq!(names.funcs.get(1), None);
    assert_eq!(names.locals[0].1.get(0), Some("x"));
    // What is broken ends the map it stands in; what was read before stays.
    let names = name(b"\x01\x07\x09\x00\x01a\x01\x01\xFF\x04\x04\x01\x00\x01t\x01\x80");
    assert_eq!(names.funcs.get(0), Some("a"));
    assert_eq!(names.types.get(0), Some("t"));
    let huge = [b"\x01".as_slice(), &leb(5), &leb(u32::MAX)].concat();
    assert!(name(&huge).funcs.0.is_empty());
}

#[test]
fn names_are_capped() {
    let many = limits::NAMES + 10;
    let entries: Vec<u8> = (0..many)
        .flat_map(|index| [leb(index), vec![0]].concat())
        .collect();
    let map = [leb(many), entries].concat();
    let contents = [b"\x04name\x01", leb(map.len() as u32).as_slice(), &map].concat();
    let names = check(&module(&[(0, &contents)])).names;
    assert_eq!(names.funcs.0.len(), limits::NAMES as usize);
}

/// No prefix of a module is well-formed, unless it ends where a section ends.
#[test]
fn truncation() {
    let whole = body(&[0x02, 0x40, 0x41, 0x80, 0x01, 0x1A, 0x0B, 0x0B]);
    for len in 0..whole.len() {
        let verdict = read(&whole[..len], &Features::ALL);
        let at_section = [8, 14].contains(&len);
        assert_eq!(verdict.is_ok(), at_section, "{len} bytes: {verdict:?}");
    }
    let texts: Vec<String> = (0..whole.len())
        .filter_map(|len| read(&whole[..len], &Features::ALL).err())
        .map(|error| error.to_string())
        .collect();
    let told = |text: &String| text.starts_with("unexpected end") || text.starts_with("length");
    assert!(
        texts.iter().filter(|text| !told(text)).count() <= 1,
        "{texts:#?}"
    );
}
