//! Mutants of translated code: what `code::verify` claims to see, it must see in all of them.

use limpid::internals::code::operands::{Class, Flow, facts};
use limpid::internals::code::verify::{self, Broken};
use limpid::internals::code::{Body, Kind, Op, Unit};
use limpid::internals::exec::{Settings, Translation};
use limpid::internals::syntax::{Features, FuncIdx};
use limpid::internals::translate::{self, Validated};
use limpid_oracles::generate;
use std::collections::BTreeMap;

/// Generated modules.
const SEEDS: u64 = 250;

/// What is done to an operation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Damage {
    /// An operand becomes the link.
    Link,
    /// An operand lies past the frame.
    Outside,
    /// A number is taken from, or goes to, a cell of references.
    NumberInReference,
    /// A reference is taken from, or goes to, a cell of numbers.
    ReferenceInNumber,
    /// A branch goes to a data word, a table's entry, or another body.
    Target,
    /// An operation is another's data word.
    Data,
    /// A bit is flipped anywhere in an operation's operands.
    Bit,
    /// An operation is left out.
    Missing,
}

impl Damage {
    /// Whether no such mutant is a unit of its own right.
    fn must_be_caught(self) -> bool {
        !matches!(self, Damage::Bit | Damage::Missing)
    }
}

/// Deterministic random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) % end.max(1)
    }
}

/// The operation of a unit at a position, and its data words.
fn whole(unit: &Unit, at: usize) -> (Op, Vec<u64>) {
    let op = unit.ops[at];
    let words = unit.ops[at + 1..]
        .iter()
        .take(op.kind.data_words() as usize);
    (op, words.map(Op::word).collect())
}

/// Positions where the operations of a body begin.
fn starts(unit: &Unit, body: &Body) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut at = body.code.start as usize;
    while at < body.code.end as usize {
        starts.push(at);
        let op = unit.ops[at];
        at += 1 + op.kind.data_words() as usize;
        if let (Kind::BrTable, last) = (op.kind, op.imm()) {
            at += last as usize + 1;
        }
    }
    starts
}

/// The operation with one of its fields set so that an operand of `class` is at `cell`.
fn redirected(op: &Op, words: &[u64], class: Class, cell: u32, turn: u64) -> Option<Op> {
    let place = u16::try_from(cell).ok()?;
    for field in 0..4 {
        let mut other = *op;
        match (field + turn) % 4 {
            0 => other.a = place,
            1 => other.b = place,
            2 => other.c = place,
            _ => other.d = place,
        }
        let (before, after) = (facts(op, 0, words), facts(&other, 0, words));
        let changed = before
            .operands
            .iter()
            .zip(&after.operands)
            .any(|(before, after)| {
                before != after && after.cell == cell && after.class == class && after.cells == 1
            });
        if changed && before.names == after.names {
            return Some(other);
        }
    }
    None
}

/// A mutant of an operation of the unit, if there is one of that sort.
fn mutant(unit: &Unit, body: &Body, damage: Damage, random: &mut Random) -> Option<Unit> {
    let starts = starts(unit, body);
    let at = starts[random.below(starts.len() as u64) as usize];
    let (op, words) = whole(unit, at);
    let link = body.layout.link() + random.below(2) as u32;
    let class = [Class::Number, Class::Reference][random.below(2) as usize];
    let turn = random.below(4);
    // Right before it returns a body writes results where its parameters were.
    let results = body.layout.results.refs + body.layout.results.nums;
    let reference = match body.refs.is_empty() {
        true => (body.layout.params.refs > 0 && results == 0).then_some(0),
        false => Some(body.refs.start),
    };
    let number = (body.refs.end < body.cells).then_some(body.refs.end);
    let other = match damage {
        Damage::Link => redirected(&op, &words, class, link, turn)?,
        Damage::Outside => {
            let cell = body.cells + random.below(100) as u32;
            redirected(&op, &words, class, cell, turn)?
        }
        // Null is the constant zero.
        Damage::NumberInReference if op.kind == Kind::Const64 && op.imm() == 0 => return None,
        Damage::NumberInReference => redirected(&op, &words, Class::Number, reference?, turn)?,
        Damage::ReferenceInNumber => redirected(&op, &words, Class::Reference, number?, turn)?,
        Damage::Target => {
            let (Flow::Branch(_) | Flow::Jump(_)) = facts(&op, 0, &words).flow else {
                return None;
            };
            let to = random.below(unit.ops.len() as u64 + 3);
            let mut other = op;
            other.set_target(at as u32, to as u32);
            let target = other.target(at as u32)?;
            if starts.contains(&(target as usize)) {
                return None;
            }
            other
        }
        Damage::Data => Op::data(random.below(u64::MAX)),
        Damage::Bit => {
            let mut other = op;
            let bit = 1 << random.below(16);
            match turn {
                0 => other.a ^= bit,
                1 => other.b ^= bit,
                2 => other.c ^= bit,
                _ => other.d ^= bit,
            }
            other
        }
        Damage::Missing => Op::new(Kind::Nop, 0, 0, 0, 0),
    };
    let mut mutant = unit.clone();
    mutant.ops[at] = other;
    (other != op).then_some(mutant)
}

/// All functions of a module as one unit.
fn translated(validated: &Validated, translation: Translation) -> Unit {
    let settings = Settings {
        translation,
        fuel: true,
        epochs: true,
        ..Settings::default()
    };
    let imported = validated.context.imported_funcs;
    let all: Vec<FuncIdx> = (0..validated.module.code.len() as u32)
        .map(|k| FuncIdx(imported + k))
        .collect();
    translate::unit(validated, &settings, &all, 0, &|_| false)
}

fn check(unit: &Unit, validated: &Validated) -> Result<(), Broken> {
    verify::unit(unit, &translate::names(validated))
}

#[test]
fn mutants_are_caught() {
    const ALL: [Damage; 8] = [
        Damage::Link,
        Damage::Outside,
        Damage::NumberInReference,
        Damage::ReferenceInNumber,
        Damage::Target,
        Damage::Data,
        Damage::Bit,
        Damage::Missing,
    ];
    let mut random = Random(0x1234_5678_9ABC_DEF1);
    let mut counts: BTreeMap<Damage, (u32, u32)> = BTreeMap::new();
    let mut invariants = BTreeMap::new();
    let features = Features::default();
    let programs = [
        include_str!("state/objects.wat"),
        include_str!("state/exceptions.wat"),
    ];
    let written = programs.map(|text| wat::parse_str(text).expect("the text is right"));
    for bytes in written.into_iter().chain((0..SEEDS).map(generate::module)) {
        let mut features = features;
        features.wide_arithmetic = true;
        let validated = translate::load(&bytes, &features).expect("the module is valid");
        if validated.module.code.is_empty() {
            continue;
        }
        for translation in [Translation::Fused, Translation::Faithful] {
            let unit = translated(&validated, translation);
            assert_eq!(check(&unit, &validated), Ok(()));
            for body in &unit.bodies {
                for damage in (0..40).flat_map(|_| ALL) {
                    let Some(mutant) = mutant(&unit, body, damage, &mut random) else {
                        continue;
                    };
                    let (made, caught) = counts.entry(damage).or_default();
                    *made += 1;
                    match check(&mutant, &validated) {
                        Err(broken) => {
                            *caught += 1;
                            *invariants.entry(broken.invariant).or_insert(0u32) += 1;
                        }
                        Ok(()) if damage.must_be_caught() => {
                            let place = mutant.ops.iter().zip(&unit.ops).position(|(a, b)| a != b);
                            let at = place.expect("they differ");
                            let (was, is) = (unit.ops[at], mutant.ops[at]);
                            panic!(
                                "{damage:?} is not seen at {at}: {was:?} became {is:?}\n{body:?}"
                            );
                        }
                        Ok(()) => {}
                    }
                }
            }
        }
    }
    for (damage, (made, caught)) in &counts {
        println!(
            "{damage:?}: {caught} of {made} caught, {} %",
            100 * caught / made
        );
        assert!(*made > 200, "{damage:?}: only {made} mutants");
    }
    println!("{invariants:?}");
    let (made, caught) = counts[&Damage::Bit];
    assert!(
        4 * caught > made,
        "{caught} of {made} flipped bits are seen"
    );
}
