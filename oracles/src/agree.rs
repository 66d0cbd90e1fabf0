//! Verdicts that must agree: ours and wasmparser's about a module's bytes, and those of several
//! engines about what a module does. An error says who said what.

use crate::features::of_wasmparser;
use crate::judge;
use crate::outcome::Outcome;
use limpid::internals::binary::MalformedKind;
use limpid::internals::syntax::Features;
use limpid::internals::translate::load::{LoadError, load};
use limpid::internals::valid::InvalidKind;
use wasmparser::Validator;

/// What both decoders make of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Read {
    /// Both read them.
    Yes,
    /// We do not, and they are not valid.
    No,
    /// We do not although they are valid, for a reason that is known.
    NoButValid,
}

/// What is malformed for us and may be valid for wasmparser, with the reason. Anything that exceeds
/// a limit comes on top: we count some things that it does not.
fn known(kind: MalformedKind, features: &Features) -> Option<&'static str> {
    let bulk_off = !features.bulk_memory;
    match kind {
        MalformedKind::ElemSegment(_) | MalformedKind::DataSegment(_) if bulk_off => {
            Some("kinds of segments came with bulk-memory; it reads them always")
        }
        MalformedKind::Opcode(0x15) if !features.tail_call => {
            Some("return_call_ref is a tail call; for it function-references is enough")
        }
        MalformedKind::Limit(_) => Some("a limit"),
        _ => None,
    }
}

/// What wasmparser refuses to read and the specification only calls invalid, by the beginning of
/// its message.
const THEY_REFUSE: &[&str] = &[
    // A block in a constant expression: it takes the first `end` for the last.
    "control frames remain at end of expression",
    // An index of a type that is past its own limit of types.
    "type index greater than implementation limits",
];

/// Compares decoders: what is malformed for us is never valid for wasmparser, and what wasmparser
/// cannot read is malformed for us.
///
/// # Errors
/// When they differ.
pub fn decode(bytes: &[u8], features: &Features) -> Result<Read, String> {
    let Err(error) = judge::decode(bytes, features) else {
        let Err(theirs) = judge::parse(bytes, features) else {
            return Ok(Read::Yes);
        };
        let message = theirs.message();
        return match THEY_REFUSE.iter().any(|text| message.starts_with(text)) {
            true => Ok(Read::Yes),
            false => Err(format!("we read it, and wasmparser says {theirs}")),
        };
    };
    if judge::validate(bytes, features).is_err() {
        return Ok(Read::No);
    }
    match known(error.kind, features) {
        Some(_) => Ok(Read::NoButValid),
        None => Err(format!("valid, and we say {error}")),
    }
}

/// Words by which wasmparser says that a limit of its own is met.
const THEIR_LIMITS: &[&str] = &["limit", "out of bounds", "exceed", "too deep"];

/// Compares validators, and the phases in which a module is refused; says whether the module is
/// valid. Where a limit of either is met, the stricter one counts.
///
/// # Errors
/// When they differ.
pub fn validate(bytes: &[u8], features: &Features) -> Result<bool, String> {
    let ours = load(bytes, features);
    let theirs = Validator::new_with_features(of_wasmparser(features)).validate_all(bytes);
    let malformed = matches!(ours, Err(LoadError::Malformed(_)));
    if malformed != judge::decode(bytes, features).is_err() {
        let ours = ours.map(|_| "valid").map_err(|error| error.to_string());
        return Err(format!("loading and decoding differ: {ours:?}"));
    }
    match (&ours, &theirs) {
        (Ok(_), Ok(_)) => Ok(true),
        (Err(_), Err(_)) => decode(bytes, features).map(|_| false),
        (Err(error), Ok(_)) if is_limit(error) => Ok(false),
        (Err(error), Ok(_)) => Err(format!("valid, and we say {error}")),
        (Ok(_), Err(error)) => match THEIR_LIMITS
            .iter()
            .any(|word| error.message().contains(word))
        {
            true => Ok(false),
            false => Err(format!("valid for us, and wasmparser says {error}")),
        },
    }
}

fn is_limit(error: &LoadError) -> bool {
    match error {
        LoadError::Malformed(error) => matches!(error.kind, MalformedKind::Limit(_)),
        LoadError::Invalid(error) => matches!(error.invalid.kind, InvalidKind::Limit(_)),
    }
}

/// Compares what two engines saw of a module; gives what the first did.
///
/// # Errors
/// When they differ.
pub fn outcomes(first: (&str, Outcome), other: (&str, &Outcome)) -> Result<Outcome, String> {
    match other.1.agrees(&first.1) {
        true => Ok(first.1),
        false => Err(format!(
            "{}: {:?}\n  {}: {:?}",
            first.0, first.1, other.0, other.1
        )),
    }
}
