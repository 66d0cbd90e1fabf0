//! Scripts made wrong on purpose, to test the harness: in sampled directives one expected value,
//! the polarity of the assertion or its words are changed, and each must then fail.

use crate::files::File;
use limpid::wast::script::{Command, Script};
use limpid::wast::{Expected, Kind, Lanes, Pattern};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which directives of which files.
pub type Sample = BTreeSet<(usize, usize)>;

/// So many assertions: one of each file, then of each kind as evenly as there are.
pub fn sample(files: &[Arc<File>], size: usize) -> Sample {
    let mut kinds: BTreeMap<Kind, Vec<(usize, usize)>> = BTreeMap::new();
    let mut sample = Sample::new();
    for (at, file) in files.iter().enumerate() {
        let Ok(script) = file.script() else { continue };
        let places = script.directives.iter().enumerate();
        let assertions: Vec<_> = places
            .filter(|(_, directive)| is_assertion(directive.command.kind()))
            .map(|(place, directive)| (directive.command.kind(), (at, place)))
            .collect();
        for &(kind, place) in &assertions {
            kinds.entry(kind).or_default().push(place);
        }
        sample.extend(
            assertions
                .get(assertions.len() / 2)
                .map(|&(_, place)| place),
        );
    }
    // In each round, one more of each kind, spread over the files by a stride that meets all.
    let mut round = 0;
    while sample.len() < size && kinds.values().any(|places| round < places.len()) {
        for places in kinds.values().filter(|places| round < places.len()) {
            if sample.len() < size {
                sample.insert(places[round * stride(places.len()) % places.len()]);
            }
        }
        round += 1;
    }
    sample
}

fn is_assertion(kind: Kind) -> bool {
    match kind {
        Kind::AssertReturn
        | Kind::AssertTrap
        | Kind::AssertExhaustion
        | Kind::AssertException
        | Kind::AssertSuspension
        | Kind::AssertMalformed
        | Kind::AssertInvalid
        | Kind::AssertUnlinkable
        | Kind::AssertMalformedCustom
        | Kind::AssertInvalidCustom => true,
        Kind::Module
        | Kind::Definition
        | Kind::Instance
        | Kind::Register
        | Kind::Invoke
        | Kind::Thread
        | Kind::Wait
        | Kind::Unreadable => false,
    }
}

/// A number near the golden section of the length, and without a common divisor.
fn stride(length: usize) -> usize {
    fn gcd(a: usize, b: usize) -> usize {
        if b == 0 { a } else { gcd(b, a % b) }
    }
    let near = (length as f64 * 0.618) as usize;
    (near.max(1)..)
        .find(|&stride| gcd(stride, length) == 1)
        .unwrap_or(1)
}

/// The script with these directives made wrong.
pub fn flip(script: &Script, places: impl IntoIterator<Item = usize>) -> Script {
    let mut script = script.clone();
    for place in places {
        let command = &mut script.directives[place].command;
        *command = wrong(command.clone(), place);
    }
    script
}

/// The command made wrong, in one of several ways.
fn wrong(command: Command, way: usize) -> Command {
    match command {
        Command::AssertReturn(action, expected) if expected.is_empty() => {
            Command::AssertTrap(action, "unreachable".into())
        }
        Command::AssertReturn(action, mut expected) => {
            let at = way % expected.len();
            expected[at] = other(&expected[at]);
            Command::AssertReturn(action, expected)
        }
        Command::AssertTrap(action, words) => match way % 2 {
            0 => Command::AssertReturn(action, Vec::new()),
            _ => Command::AssertTrap(action, other_trap(&words).into()),
        },
        Command::AssertExhaustion(action, words) => match way % 2 {
            0 => Command::AssertReturn(action, Vec::new()),
            _ => Command::AssertTrap(action, other_trap(&words).into()),
        },
        Command::AssertException(action) | Command::AssertSuspension(action, _) => {
            Command::AssertReturn(action, Vec::new())
        }
        Command::AssertMalformed(source, _) if source.binary.is_err() => {
            Command::Module(None, source)
        }
        Command::AssertMalformed(source, words) => match way % 3 {
            0 => Command::Module(None, source),
            1 => Command::AssertInvalid(source, words),
            _ => Command::AssertMalformed(source, other_words(&words)),
        },
        Command::AssertInvalid(source, words) => match way % 3 {
            0 => Command::Module(None, source),
            1 => Command::AssertMalformed(source, words),
            _ => Command::AssertInvalid(source, other_words(&words)),
        },
        Command::AssertUnlinkable(source, words) => match way % 3 {
            0 => Command::Module(None, source),
            1 => Command::AssertInvalid(source, words),
            _ => Command::AssertUnlinkable(source, other_words(&words)),
        },
        Command::AssertMalformedCustom(source, words)
        | Command::AssertInvalidCustom(source, words) => match source.binary {
            Err(_) => Command::Module(None, source),
            // The module is valid, and only the words can be wrong.
            Ok(_) => Command::AssertInvalidCustom(source, other_words(&words)),
        },
        Command::Module(..)
        | Command::Definition(..)
        | Command::Instance { .. }
        | Command::Register { .. }
        | Command::Invoke(_)
        | Command::Thread { .. }
        | Command::Wait(_)
        | Command::Unreadable { .. } => unreachable!("only assertions are sampled"),
    }
}

/// The words of another trap.
fn other_trap(words: &str) -> &'static str {
    match words.starts_with("integer overflow") {
        true => "unreachable",
        false => "integer overflow",
    }
}

fn other_words(words: &str) -> String {
    format!("not {words}")
}

/// Something else than what is expected.
fn other(expected: &Expected) -> Expected {
    match expected {
        Expected::I32(value) => Expected::I32(value ^ 1),
        Expected::I64(value) => Expected::I64(value ^ 1 << 63),
        Expected::F32(pattern) => Expected::F32(other_f32(pattern)),
        Expected::F64(pattern) => Expected::F64(other_f64(pattern)),
        Expected::V128(lanes) => Expected::V128(match lanes {
            Lanes::Bits(shape, bits) => Lanes::Bits(*shape, bits ^ 1 << 77),
            Lanes::F32([a, b, c, d]) => Lanes::F32([*a, *b, *c, other_f32(d)]),
            Lanes::F64([a, b]) => Lanes::F64([*a, other_f64(b)]),
        }),
        Expected::Null(_) => Expected::Func,
        Expected::Extern(Some(value)) => Expected::Extern(Some(value + 1)),
        Expected::Host(value) => Expected::Host(value + 1),
        Expected::Func
        | Expected::Extern(None)
        | Expected::Any
        | Expected::Eq
        | Expected::Array
        | Expected::Struct
        | Expected::I31 => Expected::Null(None),
        Expected::Either(cases) => Expected::Either(cases.iter().map(far).collect()),
    }
}

/// Something that is none of the alternatives either.
fn far(expected: &Expected) -> Expected {
    match expected {
        Expected::I32(_) => Expected::I64(0),
        _ => Expected::I32(0), // The alternatives of one result are of one type.
    }
}

fn other_f32(pattern: &Pattern<u32>) -> Pattern<u32> {
    match pattern {
        Pattern::Bits(bits) => Pattern::Bits(bits ^ 1),
        Pattern::Canonical | Pattern::Arithmetic => Pattern::Bits(0),
    }
}

fn other_f64(pattern: &Pattern<u64>) -> Pattern<u64> {
    match pattern {
        Pattern::Bits(bits) => Pattern::Bits(bits ^ 1),
        Pattern::Canonical | Pattern::Arithmetic => Pattern::Bits(0),
    }
}
