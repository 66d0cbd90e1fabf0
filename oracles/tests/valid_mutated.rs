//! Modules of the official suite with a few bytes changed, against wasmparser: both accept or
//! both refuse.

use limpid::internals::syntax::Features;
use limpid::internals::translate::load::{LoadError, load};
use limpid_oracles::features::of_wasmparser;
use limpid_oracles::suites;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::Validator;

/// Mutants of each module.
const MUTANTS: usize = 40;

/// A xorshift generator: the same mutants on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    /// Changes one place after the header.
    fn mutate(&mut self, bytes: &mut [u8]) {
        let at = 8 + self.below(bytes.len() - 8);
        match self.below(6) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = self.below(256) as u8,
            // Small numbers are indices, opcodes and counts.
            2 => bytes[at] = self.below(16) as u8,
            3 => bytes[at] = bytes[at].wrapping_add(1),
            4 => bytes[at] = bytes[at].wrapping_sub(1),
            _ => {
                let from = 8 + self.below(bytes.len() - 8);
                bytes[at] = bytes[from];
            }
        }
    }
}

/// Every module of the core suite that assembles, valid or not, once.
fn modules() -> Option<BTreeSet<Vec<u8>>> {
    let suite = suites::folder("suites/spec")?;
    let mut modules = BTreeSet::new();
    for path in suites::scripts(&suite.join("core")) {
        let found = suites::modules(&path, Features::default());
        modules.extend(found.into_iter().map(|module| module.bytes));
    }
    modules.retain(|bytes| (9..4096).contains(&bytes.len()));
    Some(modules)
}

#[test]
fn mutated_modules() {
    let Some(modules) = modules() else { return };
    let features = of_wasmparser(&Features::default());
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let (mut judged, mut accepted) = (0, 0);
    // By what was said: how often, and the first one.
    let mut wrong: BTreeMap<String, (usize, Vec<u8>)> = BTreeMap::new();
    for module in &modules {
        for _ in 0..MUTANTS {
            let mut bytes = module.clone();
            for _ in 0..1 + random.below(3) {
                random.mutate(&mut bytes);
            }
            let ours = load(&bytes[..], &Features::default());
            let theirs = Validator::new_with_features(features).validate_all(&bytes);
            judged += 1;
            accepted += usize::from(ours.is_ok());
            if ours.is_ok() != theirs.is_ok() {
                let ours = ours.err().map(|error| error.to_string());
                let theirs = theirs.err().map(|error| error.message().to_string());
                let said = format!("ours {ours:?}, theirs {theirs:?}");
                wrong.entry(said).or_insert((0, bytes)).0 += 1;
            }
        }
    }
    println!("{judged} mutants, {accepted} accepted");
    for (said, (count, bytes)) in &wrong {
        println!("{count} times {said}: {bytes:02x?}");
    }
    assert!(wrong.is_empty(), "verdicts differ");
    assert!(judged > 100_000 && accepted > 10_000);
}

/// Features, each with those that build on it: without it they are off too.
const FEATURES: [&[&str]; 17] = [
    &["mutable-global"],
    &["saturating-float-to-int"],
    &["sign-extension"],
    &["multi-value"],
    &[
        "bulk-memory",
        "reference-types",
        "function-references",
        "gc",
        "exceptions",
    ],
    &["reference-types", "function-references", "gc", "exceptions"],
    &["function-references", "gc"],
    &["gc"],
    &["exceptions"],
    // `return_call_ref` belongs to both.
    &["tail-call", "function-references", "gc"],
    &["simd", "relaxed-simd"],
    &["relaxed-simd"],
    &["extended-const"],
    &["multi-memory"],
    &["memory64"],
    &["threads"],
    &["wide-arithmetic"],
];

/// Every module of the suite with one feature, and what builds on it, off.
#[test]
fn features_that_are_off() {
    let Some(modules) = modules() else { return };
    let mut wrong: BTreeMap<String, (usize, Vec<u8>)> = BTreeMap::new();
    for off in FEATURES {
        let mut ours_on = Features::default();
        for name in off {
            assert!(ours_on.set(name, false));
        }
        let theirs_on = of_wasmparser(&ours_on);
        let feature = off[0];
        let mut more_refused = 0;
        for bytes in &modules {
            let ours = load(&bytes[..], &ours_on);
            let theirs = Validator::new_with_features(theirs_on).validate_all(bytes);
            if ours.is_err() && load(&bytes[..], &Features::default()).is_ok() {
                more_refused += 1;
            }
            // Kinds of segments came with bulk memory; wasmparser reads them anyway.
            let kind = |error: &LoadError| error.to_string().contains("segment kind 2");
            if ours.as_ref().is_err_and(kind) {
                continue;
            }
            if ours.is_ok() != theirs.is_ok() {
                let ours = ours.err().map(|error| error.to_string());
                let theirs = theirs.err().map(|error| error.message().to_string());
                let said = format!("{feature}: ours {ours:?}, theirs {theirs:?}");
                wrong.entry(said).or_insert((0, bytes.clone())).0 += 1;
            }
        }
        println!("{feature}: {more_refused} more refused");
        // The suite has other modules for threads and wide-arithmetic.
        assert!(more_refused > 0 || ["threads", "wide-arithmetic"].contains(&feature));
    }
    for (said, (count, bytes)) in &wrong {
        println!("{count} times {said}: {bytes:02x?}");
    }
    assert!(wrong.is_empty(), "verdicts differ");
}
