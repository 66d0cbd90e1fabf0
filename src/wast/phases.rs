//! Modules that must be refused, and in which phase (spec: the four phases of a module's life are
//! decoding, validation, linking and starting). A refusal in another phase is a failure.

use super::custom;
use crate::api::{Error, Features, MissingFeatures, Trap, UnknownImportError};
use crate::binary::{self, Malformed, MalformedKind};
use crate::translate::{LoadError, load};

/// What came instead of the refusal asked for.
pub(super) type Instead = String;

/// Reads all of a module, its function bodies too, and validates nothing.
fn decode(bytes: &[u8], features: &Features) -> Result<(), Malformed> {
    let module = binary::decode(bytes, features)?;
    let mut bodies = module.code.iter();
    bodies.try_for_each(|body| binary::check_body(&module, body, features))
}

/// The words with which decoding refuses a module.
pub(super) fn malformed(bytes: &[u8], features: &Features) -> Result<String, Instead> {
    let Err(words) = decode(bytes, features) else {
        return Err("the module decodes".into());
    };
    if words.kind == MalformedKind::Component {
        return Err(words.to_string()); // It may be a good one.
    }
    match load(bytes, features) {
        Err(LoadError::Malformed(_)) => Ok(words.to_string()),
        Err(LoadError::Invalid(invalid)) => Err(format!("loading says it is invalid: {invalid}")),
        Ok(_) => Err("decoding refuses the module and loading does not".into()),
    }
}

/// Why a module is not loaded, and the features that it needs, if it is for them.
fn why(bytes: &[u8], features: &Features, error: &LoadError) -> String {
    match MissingFeatures::of(bytes, features, error) {
        Some(missing) => format!("{missing}: {error}"),
        None => error.to_string(),
    }
}

/// The words with which validation refuses a module that decodes.
pub(super) fn invalid(bytes: &[u8], features: &Features) -> Result<String, Instead> {
    if let Err(malformed) = decode(bytes, features) {
        if malformed.kind == MalformedKind::Component {
            return Err(malformed.to_string());
        }
        let error = LoadError::Malformed(malformed);
        let why = why(bytes, features, &error);
        return Err(format!("the module does not decode: {why}"));
    }
    match load(bytes, features) {
        Err(LoadError::Invalid(invalid)) => Ok(invalid.to_string()),
        Err(LoadError::Malformed(malformed)) => Err(format!(
            "decoding accepts the module and loading does not: {malformed}"
        )),
        Ok(_) => Err("the module is valid".into()),
    }
}

/// The words with which a custom section of a valid module is refused.
pub(super) fn custom(bytes: &[u8], features: &Features) -> Result<String, Instead> {
    let module = match load(bytes, features) {
        Ok(validated) => validated.module,
        Err(error) => {
            let why = why(bytes, features, &error);
            return Err(format!("the module does not load: {why}"));
        }
    };
    match custom::check(&module, features) {
        Err(words) => Ok(words),
        Ok(()) => Err("the custom sections are accepted".into()),
    }
}

/// Returns the message with which linking refuses a valid module.
pub(super) fn unlinkable(error: &Error) -> Result<String, Instead> {
    let linking = error.is::<UnknownImportError>() || error.code() == "unlinkable";
    match error.messages().next() {
        Some(words) if linking => Ok(words),
        _ => Err(format!("the module links, then: {error:#}")), // Not an error of linking.
    }
}

/// Returns whether a trap is what a script asks for: its words begin the trap's. No words at all
/// ask for any trap of the program, but not for the end of what the host gives it: that is an
/// exhaustion, which scripts assert otherwise.
pub(super) fn traps_with(trap: Trap, words: &str) -> bool {
    let of_host = matches!(
        trap,
        Trap::StackOverflow | Trap::OutOfFuel | Trap::Interrupt | Trap::HeapExhausted
    );
    trap.to_string().starts_with(words) && !(words.is_empty() && of_host)
}

/// The trap a script's words stand for: the one whose own words they begin with.
pub(super) fn trap(words: &str) -> Option<Trap> {
    let begins = |trap: &&Trap| words.starts_with(&trap.to_string());
    let traps = Trap::ALL.iter().filter(begins);
    traps.max_by_key(|trap| trap.to_string().len()).copied()
}

/// Returns whether the error is that the call stack is exhausted.
pub(super) fn is_exhaustion(error: &Error) -> bool {
    error.downcast_ref() == Some(&Trap::StackOverflow)
}
