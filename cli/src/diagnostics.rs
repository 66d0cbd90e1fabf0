//! What a module cannot be loaded for: bytes that are no module, shown at their place, or a rule of
//! validation that it breaks, which has a `card`.

use super::card::Explained;
use super::cause;
use super::excerpt::bytes;
use super::listing;
use super::outcome::Failure;
use super::screen::{DIM, styled};
use super::source::Source;
use super::wording::told;
use limpid::internals::binary::{self, Malformed, MalformedKind};
use limpid::internals::syntax::FuncBody;
use limpid::internals::translate::LoadError;
use limpid::internals::translate::load::InvalidAt;
use limpid::observe::display;
use limpid::{Error, Features, MissingFeatures};
use std::fmt::Write;

/// What a module cannot be loaded for.
pub fn load(source: &Source, features: &Features, error: &Error) -> Failure {
    let failure = match error.downcast_ref::<LoadError>() {
        Some(LoadError::Malformed(malformed)) => self::malformed(source, features, malformed),
        Some(LoadError::Invalid(invalid)) => self::invalid(source, features, invalid),
        None => {
            let told = told(error);
            Failure::failed(format!("{}: {}", source.shown(), display::lines(&told)))
        }
    };
    let failure = match error.downcast_ref::<MissingFeatures>() {
        Some(missing) => failure.hint(switch_on(missing.names())),
        None => failure,
    };
    failure.because(cause::of(error))
}

fn malformed(source: &Source, features: &Features, malformed: &Malformed) -> Failure {
    if malformed.kind == MalformedKind::Component {
        let what = "is a component, and components are not supported yet";
        return Failure::failed(format!("{} {what}", source.shown()))
            .hint("only modules can be loaded");
    }
    let func = func_at(source, features, malformed.offset);
    let failure = Failure::failed(malformed.kind).details(format!(
        "{}\n{}",
        place(source, malformed.offset, func.as_deref()),
        bytes(&source.bytes, malformed.offset)
    ));
    match malformed.kind {
        MalformedKind::Magic => failure.hint("a binary module begins with the bytes 00 61 73 6d"),
        MalformedKind::UnexpectedEnd | MalformedKind::Length => {
            failure.hint("the file may have been cut short")
        }
        MalformedKind::LegacyException(_) => failure.hint(format!(
            "`wasm-opt --all-features --translate-to-exnref {} -o NEW.wasm` translates the module",
            source.shown()
        )),
        // The others say it all.
        _ => failure,
    }
}

/// The function whose body holds the offset, in a module that need not be well-formed.
fn func_at(source: &Source, features: &Features, offset: u32) -> Option<String> {
    let module = binary::decode_partly(&source.bytes[..], features).0;
    let bodies = &module.code;
    let within = |body: &FuncBody| (body.offset..body.code.end).contains(&offset);
    // A body that lacks its `end` is wrong where it ends.
    let place = bodies.iter().position(within);
    let place = place.or_else(|| bodies.iter().position(|body| body.code.end == offset))?;
    let index = module.imported_funcs() + place as u32;
    Some(listing::func(&module, index))
}

fn invalid(source: &Source, features: &Features, at: &InvalidAt) -> Failure {
    match binary::decode(&source.bytes[..], features) {
        Ok(module) => Explained::new(source, &module, features, &at.invalid).failure(),
        // The loader has read it already.
        Err(malformed) => self::malformed(source, features, &malformed),
    }
}

/// How to switch features on that a module needs.
fn switch_on(names: &[&str]) -> String {
    let options: Vec<String> = names.iter().map(|name| format!("{name}=y")).collect();
    let (list, options) = (names.join(", "), options.join(","));
    match names {
        [_] => format!("the module needs {list}: `-W {options}` switches it on"),
        _ => format!("the module needs {list}: `-W {options}` switches them on"),
    }
}

/// The line that says where.
fn place(source: &Source, offset: u32, func: Option<&str>) -> String {
    let mut line = format!("  {} {}", styled(DIM, "-->"), source.shown());
    let _ = write!(line, ", offset {offset:#x}");
    if let Some(func) = func {
        let _ = write!(line, ", in {func}");
    }
    line
}
