//! Generated programs: they are valid, end, have what they are there for, and do the same in fused
//! and threaded code as in faithful and stepped code.

use limpid::Dispatch;
use limpid::internals::exec::Translation::{Faithful, Fused};
use limpid_oracles::outcome::Tally;
use limpid_oracles::{on_limpid, programs, properties};
use std::collections::BTreeMap;
use std::time::Duration;
use wasmparser::{Operator, Parser, Payload, Validator};

/// Programs that are run.
const RUN: u64 = 2000;

/// The names of a module's instructions, and how often it has them; a `try_table` or `loop` with
/// parameters is counted once more.
fn instructions(module: &[u8], counts: &mut BTreeMap<String, u64>) {
    for payload in Parser::new(0).parse_all(module) {
        let Ok(Payload::CodeSectionEntry(body)) = payload else {
            continue;
        };
        for operator in body.get_operators_reader().expect("a body") {
            let operator = operator.expect("an instruction");
            let text = format!("{operator:?}");
            let end = text
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(text.len());
            let typed = text.contains(": FuncType(");
            let mut count = |name: String| *counts.entry(name).or_default() += 1;
            count(text[..end].to_string());
            if typed {
                count(format!("{} of a function type", &text[..end]));
            }
            if let Operator::TryTable { try_table } = operator {
                for catch in try_table.catches {
                    let text = format!("{catch:?}");
                    let end = text.find(' ').unwrap_or(text.len());
                    count(format!("catch {}", &text[..end]));
                }
            }
        }
    }
}

/// Fused and threaded code against faithful and stepped code.
#[test]
fn programs_do_the_same_fused_and_faithful() {
    let fused = on_limpid::new(Fused, Dispatch::Threaded);
    let faithful = on_limpid::new(Faithful, Dispatch::Stepped);
    let mut tally = Tally::default();
    for number in 0..RUN {
        let module = programs::from_bytes(&programs::bytes(1, number));
        let first = on_limpid::run(&fused, &module);
        let second = on_limpid::run(&faithful, &module);
        tally.add(&first);
        assert!(
            first.agrees(&second),
            "program {number}: {first:?}\n{second:?}"
        );
    }
    assert_eq!(tally.refused, 0, "{tally}");
    assert!(tally.ended() > 98.0, "{tally}");
    assert!(tally.returned * 10 > tally.calls * 8, "{tally}");
}

/// Whatever the bytes are, also none, they give a program; the fuzz targets reach it.
#[test]
fn any_bytes_give_a_valid_program() {
    let features = limpid_oracles::features::of_wasmparser(&Default::default());
    for number in 0..200 {
        let mut data = programs::bytes(2, number);
        data.truncate(number as usize * 7);
        let module = programs::from_bytes(&data);
        let mut validator = Validator::new_with_features(features);
        validator.validate_all(&module).expect("it is valid");
        assert_eq!(
            module,
            programs::from_bytes(&data),
            "the same bytes, the same program"
        );
        data.insert(0, 0xFF);
        let outcome = properties::fused_vs_faithful(&data).expect("it is a module");
        assert!(outcome.executed());
    }
}

/// What a translator can get wrong is there, and often.
#[test]
fn programs_have_what_they_are_there_for() {
    let mut counts = BTreeMap::new();
    let programs = 300;
    for number in 0..programs {
        instructions(
            &programs::from_bytes(&programs::bytes(3, number)),
            &mut counts,
        );
    }
    let often = [
        "LocalGet",
        "LocalSet",
        "LocalTee",
        "I32Add",
        "Block of a function type",
        "If of a function type",
        "Loop of a function type",
        "TryTable of a function type",
        "BrIf",
        "Call",
        "Drop",
    ];
    let sometimes = [
        "Br",
        "BrTable",
        "BrOnNull",
        "BrOnNonNull",
        "Return",
        "ReturnCall",
        "ReturnCallIndirect",
        "ReturnCallRef",
        "CallIndirect",
        "CallRef",
        "Throw",
        "ThrowRef",
        "catch One",
        "catch OneRef",
        "catch All",
        "catch AllRef",
        "Select",
        "TypedSelect",
        "GlobalGet",
        "GlobalSet",
        "I32Load",
        "I64Store",
        "V128Load",
        "V128Store",
        "MemoryGrow",
        "MemoryCopy",
        "MemoryFill",
        "MemoryInit",
        "TableGet",
        "TableSet",
        "TableGrow",
        "TableFill",
        "StructNew",
        "StructGet",
        "StructSet",
        "RefFunc",
        "RefEq",
        "RefIsNull",
        "I64Add",
        "F32Add",
        "F64Mul",
        "I32x4Add",
        "I32DivS",
        "I64RemU",
    ];
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    for name in often {
        assert!(count(name) > programs, "{name}: {}", count(name));
    }
    for name in sometimes {
        assert!(count(name) > 3, "{name}: {}", count(name));
    }
}

/// A finding becomes small and stays one.
#[test]
fn a_finding_is_made_small() {
    let shows = |module: &[u8]| {
        let mut counts = BTreeMap::new();
        instructions(module, &mut counts);
        counts.contains_key("TryTable") && counts.contains_key("ReturnCallRef")
    };
    let found = (0..1000).map(|number| programs::bytes(4, number));
    let data = found
        .into_iter()
        .find(|data| shows(&programs::from_bytes(data)));
    let data = data.expect("one of a thousand programs has both");
    let small = programs::shrink(&data, Duration::from_secs(30), shows);
    let (before, after) = (programs::from_bytes(&data), programs::from_bytes(&small));
    assert!(shows(&after));
    assert!(
        after.len() * 2 < before.len(),
        "{} bytes of {}",
        after.len(),
        before.len()
    );
}
