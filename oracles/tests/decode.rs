//! The decoder against the official suites, and against wasmparser on the suites' modules whole
//! and damaged.

use limpid::internals::syntax::Features;
use limpid_oracles::agree::{self, Read};
use limpid_oracles::suites::{self, Expect, SuiteModule};
use limpid_oracles::{judge, mutate};

/// Folders of `suites/spec` whose modules we must decode, and their malformed modules.
const FOLDERS: [(&str, usize); 5] = [
    ("core", 711),
    ("proposals/threads", 0),
    ("proposals/wide-arithmetic", 0),
    ("proposals/custom-page-sizes", 108),
    ("proposals/compact-imports", 4),
];

fn suite_modules() -> Option<Vec<SuiteModule>> {
    let root = suites::folder("suites/spec")?;
    let mut modules = Vec::new();
    for (folder, _) in FOLDERS {
        for script in suites::scripts(&root.join(folder)) {
            modules.extend(suites::modules(&script, suites::features(folder)));
        }
    }
    Some(modules)
}

/// Malformed modules fail with the suite's words; all others decode, invalid ones too.
#[test]
fn decode_suite() {
    let Some(root) = suites::folder("suites/spec") else {
        return;
    };
    let mut failures = Vec::new();
    for (folder, malformed) in FOLDERS {
        let mut counts = [0; 3];
        for script in suites::scripts(&root.join(folder)) {
            for module in suites::modules(&script, suites::features(folder)) {
                let verdict = judge::decode(&module.bytes, &module.features);
                let error = verdict.as_ref().err().map(ToString::to_string);
                let (kind, good) = match (&module.expect, &error) {
                    (Expect::Malformed(text), Some(error)) => (0, error.starts_with(text)),
                    (Expect::Malformed(_), None) => (0, false),
                    (Expect::Invalid(_), error) => (1, error.is_none()),
                    (Expect::Valid, error) => (2, error.is_none()),
                };
                counts[kind] += 1;
                if !good {
                    failures.push(format!(
                        "{}: {:?}, not {error:?}",
                        module.place, module.expect
                    ));
                }
            }
        }
        let [bad, invalid, valid] = counts;
        println!("{folder}: {bad} malformed, {invalid} invalid, {valid} others");
        assert_eq!(bad, malformed, "malformed binaries of {folder}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Compares verdicts, and counts them.
fn compare(bytes: &[u8], module: &SuiteModule, counts: &mut [usize; 3]) -> Result<(), String> {
    match agree::decode(bytes, &module.features)? {
        Read::Yes => counts[1] += 1,
        Read::No => counts[0] += 1,
        Read::NoButValid => {
            counts[0] += 1;
            counts[2] += 1;
        }
    }
    Ok(())
}

fn report(what: &str, counts: [usize; 3], failures: Vec<String>) {
    let [malformed, read, known] = counts;
    println!("{what}: {malformed} malformed ({known} of them valid elsewhere), {read} read");
    let some = &failures[..failures.len().min(60)];
    assert!(
        failures.is_empty(),
        "{} differ\n{}",
        failures.len(),
        some.join("\n")
    );
}

#[test]
fn wasmparser_agrees_on_suite() {
    let Some(modules) = suite_modules() else {
        return;
    };
    let (mut counts, mut failures) = ([0; 3], Vec::new());
    for module in &modules {
        if let Err(error) = compare(&module.bytes, module, &mut counts) {
            failures.push(format!("{}: {error}", module.place));
        }
    }
    report("suite", counts, failures);
}

/// How many mutants; `LIMPID_MUTANTS` asks for more.
fn mutants() -> usize {
    let asked = std::env::var("LIMPID_MUTANTS").ok();
    asked.map_or(50_000, |count| count.parse().expect("a number of mutants"))
}

/// Switches features off: one, or each at even odds.
fn some_features(all: Features, random: &mut mutate::Random) -> Features {
    let mut features = all;
    let sparse = random.below(2) == 0;
    let one = random.below(Features::NAMES.len());
    for (at, name) in Features::NAMES.iter().enumerate() {
        if at == one || sparse && random.below(2) == 0 {
            features.set(name, false);
        }
    }
    features
}

/// Every module under some feature sets.
#[test]
fn wasmparser_agrees_with_features_off() {
    let Some(mut modules) = suite_modules() else {
        return;
    };
    let (mut counts, mut failures) = ([0; 3], Vec::new());
    for (seed, module) in modules.iter_mut().enumerate() {
        let mut random = mutate::Random::new(seed as u64);
        let all = module.features;
        for _ in 0..6 {
            module.features = some_features(all, &mut random);
            if let Err(error) = compare(&module.bytes, module, &mut counts) {
                failures.push(format!("{} {:?}: {error}", module.place, module.features));
            }
        }
    }
    report("features off", counts, failures);
}

#[test]
fn wasmparser_agrees_on_mutants() {
    let Some(mut modules) = suite_modules() else {
        return;
    };
    modules.retain(|module| module.bytes.len() < 20_000);
    let (mut counts, mut failures) = ([0; 3], Vec::new());
    for seed in 0..mutants() {
        let mut random = mutate::Random::new(seed as u64);
        let mut module = modules[random.below(modules.len())].clone();
        let bytes = mutate::mutant(&module.bytes, &mut random);
        if random.below(4) == 0 {
            module.features = some_features(module.features, &mut random);
        }
        if let Err(error) = compare(&bytes, &module, &mut counts) {
            failures.push(format!("{} seed {seed}: {error}", module.place));
        }
    }
    report("mutants", counts, failures);
}

/// Found by fuzzing: an index of a type past wasmparser's limit of types is read, and then invalid.
#[test]
fn a_type_index_past_any_limit_is_read() {
    let body = [0x00, 0xD0, 0x80, 0x80, 0xC0, 0x00, 0x1A, 0x0B];
    let mut bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0A".to_vec();
    bytes.extend([body.len() as u8 + 2, 1, body.len() as u8]);
    bytes.extend(body);
    let features = Features::default();
    assert_eq!(agree::decode(&bytes, &features), Ok(Read::Yes));
    assert_eq!(agree::validate(&bytes, &features), Ok(false));
}
