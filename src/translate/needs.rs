//! Which features would help a module that was refused. Refusals come from many places, and most
//! of them can only say what they met (an unknown flag, an opcode); so the loader itself is asked:
//! with which features does it get further?

use super::load::{LoadError, load};
use crate::binary::MalformedKind;
use crate::syntax::Features;
use crate::valid::{InvalidKind, Space};
use alloc::vec::Vec;

/// How far loading came. A module that is malformed is read less far than one that is invalid.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reached {
    Malformed(u32),
    Invalid(u32),
    End,
}

impl Reached {
    fn with(bytes: &[u8], features: &Features) -> Reached {
        match load(bytes, features) {
            Ok(_) => Reached::End,
            Err(error) => Reached::of(&error),
        }
    }

    fn of(error: &LoadError) -> Reached {
        match error {
            LoadError::Malformed(malformed) => Reached::Malformed(malformed.offset),
            LoadError::Invalid(invalid) => Reached::Invalid(invalid.invalid.offset),
        }
    }
}

/// The names of the features, all of them off, that a refused module needs to get further than
/// `error`: the fewest with which it gets as far as with all features. Empty when none would help.
///
/// The module is loaded once more for each feature that is off, but only if one of them helps.
pub fn missing_features(bytes: &[u8], features: &Features, error: &LoadError) -> Vec<&'static str> {
    let names = Features::NAMES.iter().copied();
    let mut missing: Vec<&str> = names
        .filter(|name| features.get(name) == Some(false))
        .collect();
    if missing.is_empty() || !can_depend_on_features(error) {
        return Vec::new();
    }
    let furthest = Reached::with(bytes, &Features::ALL);
    if furthest <= Reached::of(error) {
        return Vec::new();
    }
    // The later ones are tried without first: they build on the earlier.
    for name in missing.clone().into_iter().rev() {
        let rest: Vec<&str> = missing.iter().copied().filter(|n| *n != name).collect();
        if !rest.is_empty() && Reached::with(bytes, &with(features, &rest)) == furthest {
            missing = rest;
        }
    }
    missing
}

fn with(features: &Features, names: &[&str]) -> Features {
    let mut features = *features;
    for name in names {
        features.set(name, true);
    }
    features
}

/// Returns whether another set of features could make a difference.
fn can_depend_on_features(error: &LoadError) -> bool {
    match error {
        LoadError::Malformed(malformed) => !matches!(
            malformed.kind,
            MalformedKind::Magic | MalformedKind::Version | MalformedKind::Limit(_)
        ),
        LoadError::Invalid(invalid) => matches!(
            invalid.invalid.kind,
            InvalidKind::FeatureOff(_)
                | InvalidKind::MultipleMemories
                | InvalidKind::MultipleTables
                | InvalidKind::ConstantRequired
                | InvalidKind::Unknown {
                    space: Space::Type,
                    ..
                }
        ),
    }
}
