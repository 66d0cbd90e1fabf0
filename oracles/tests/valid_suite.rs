//! The official suite against decoder and validator: a module of `assert_invalid` decodes, then
//! breaks a rule of validation with the suite's text; every other module loads.

use limpid::internals::syntax::Features;
use limpid::internals::translate::load::{LoadError, load};
use limpid_oracles::suites::{self, Expect, SuiteModule};

/// What is wrong with our verdict, if anything.
fn fault(module: &SuiteModule) -> Option<String> {
    let loaded = load(&module.bytes[..], &module.features);
    let wrong = match (&module.expect, loaded) {
        (Expect::Valid, Ok(_)) | (Expect::Malformed(_), Err(LoadError::Malformed(_))) => {
            return None;
        }
        (Expect::Invalid(text), Err(LoadError::Invalid(error)))
            if error.to_string().starts_with(text) =>
        {
            return None;
        }
        (_, Ok(_)) => "it loads".to_string(),
        (_, Err(LoadError::Malformed(error))) => format!("malformed: {error}"),
        (_, Err(LoadError::Invalid(error))) => format!("invalid: {error}"),
    };
    Some(format!(
        "{}: {wrong}, not {:?}",
        module.place, module.expect
    ))
}

/// Loads the modules of the scripts below `folder`, of which there must be so many invalid and
/// valid ones.
fn check(folder: &str, features: &Features, invalid: usize, valid: usize) {
    let Some(suite) = suites::folder("suites/spec") else {
        return;
    };
    let (mut counts, mut faults) = ((0, 0), Vec::new());
    for path in suites::scripts(&suite.join(folder)) {
        for module in suites::modules(&path, *features) {
            counts.0 += usize::from(matches!(module.expect, Expect::Invalid(_)));
            counts.1 += usize::from(module.expect == Expect::Valid);
            faults.extend(fault(&module));
        }
    }
    assert!(
        faults.is_empty(),
        "{}:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert_eq!(counts, (invalid, valid), "{folder}");
}

#[test]
fn core() {
    check("core", &Features::default(), 2723, 2510);
}

/// Written before memories, tables and references were extended.
#[test]
fn threads() {
    let features = Features {
        mutable_global: true,
        saturating_float_to_int: true,
        sign_extension: true,
        multi_value: true,
        bulk_memory: true,
        threads: true,
        ..Features::MVP
    };
    check("proposals/threads", &features, 96, 173);
}

#[test]
fn threads_litmus() {
    check("proposals/threads-litmus", &Features::default(), 93, 55);
}

#[test]
fn wide_arithmetic() {
    check("proposals/wide-arithmetic", &Features::default(), 8, 2);
}

#[test]
fn custom_page_sizes() {
    let features = Features {
        custom_page_sizes: true,
        ..Features::default()
    };
    check("proposals/custom-page-sizes", &features, 19, 43);
}
