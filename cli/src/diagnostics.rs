//! What is wrong with a module, shown at its place: the instruction among its neighbours, or the
//! bytes.

use super::cause;
use super::listing;
use super::outcome::Failure;
use super::screen::{DIM, ERROR, styled};
use super::source::Source;
use super::wording::told;
use limpid::internals::binary::{self, InstrReader, Malformed, MalformedKind};
use limpid::internals::syntax::{FuncBody, FuncIdx, Module};
use limpid::internals::translate::LoadError;
use limpid::internals::translate::load::InvalidAt;
use limpid::internals::valid::{Invalid, InvalidKind, Mismatch};
use limpid::observe::display;
use limpid::{Error, Features, MissingFeatures};
use std::fmt::Write;

/// Instructions shown before the one that is wrong.
const BEFORE: usize = 4;

/// Bytes of a line of bytes.
const ROW: usize = 16;

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
    let Invalid { kind, offset } = &at.invalid;
    let module = binary::decode(&source.bytes[..], features).ok();
    let code = module.as_ref().zip(at.func);
    let shown = code.and_then(|(module, func)| neighbours(module, func, features, *offset));
    let func = code.map(|(module, func)| listing::func(module, func.0));
    let failure = Failure::failed(display::line(&kind.to_string())).details(format!(
        "{}\n{}",
        place(source, *offset, func.as_deref()),
        shown.unwrap_or_else(|| bytes(&source.bytes, *offset))
    ));
    match kind {
        InvalidKind::TypeMismatch(mismatch) => match &**mismatch {
            Mismatch::Operand { found: None, .. } => {
                failure.hint("nothing is left on this block's stack for it to take")
            }
            Mismatch::Left { .. } => failure.hint("`drop` takes a value away"),
            // The others say it all.
            _ => failure,
        },
        // The others say it all.
        _ => failure,
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

/// The instruction at an offset of a function, with those before it, and carets under it.
fn neighbours(module: &Module, func: FuncIdx, features: &Features, offset: u32) -> Option<String> {
    let index = func.0.checked_sub(module.imported_funcs())?;
    let body = module.code.get(index as usize)?;
    let mut reader = InstrReader::for_body(module, body, features);
    let mut lines: Vec<String> = Vec::new();
    let mut depth = 1usize;
    loop {
        let (at, instr) = reader.read().ok()?;
        let text = instr.text(&module.names, Some(func.0)).to_string();
        let text = display::line(&text).into_owned();
        let (before, after) = nesting(instr.mnemonic());
        depth = depth.saturating_sub(before);
        let indent = "  ".repeat(depth.min(12));
        let margin = format!("{at:#8x}  {indent}");
        lines.push(format!("  {} {margin}{text}", styled(DIM, "|")));
        if at == offset {
            let space = " ".repeat(margin.len());
            let carets = "^".repeat(text.chars().count());
            lines.push(format!(
                "  {} {space}{}",
                styled(DIM, "|"),
                styled(ERROR, carets)
            ));
            let first = lines.len().saturating_sub(BEFORE + 2);
            return Some(lines.split_off(first).join("\n"));
        }
        if at > offset || reader.at_end() {
            return None;
        }
        depth += after;
    }
}

/// How an instruction changes nesting: before it is shown, and after.
pub fn nesting(mnemonic: &str) -> (usize, usize) {
    match mnemonic {
        "block" | "loop" | "if" | "try_table" => (0, 1),
        "else" => (1, 1),
        "end" => (1, 0),
        // The others stand alone.
        _ => (0, 0),
    }
}

/// The bytes around an offset, and carets under the one there.
fn bytes(bytes: &[u8], offset: u32) -> String {
    let offset = offset as usize;
    let start = offset / ROW * ROW;
    let mut text = String::new();
    for row in [start.wrapping_sub(ROW), start] {
        let Some(rest) = bytes.get(row..) else {
            continue;
        };
        let _ = write!(text, "  {} {row:#8x} ", styled(DIM, "|"));
        for byte in rest.iter().take(ROW) {
            let _ = write!(text, " {byte:02x}");
        }
        text.push('\n');
    }
    let space = " ".repeat(10 + (offset - start) * 3);
    let _ = write!(
        text,
        "  {} {space}{}",
        styled(DIM, "|"),
        styled(ERROR, "^^")
    );
    text
}
