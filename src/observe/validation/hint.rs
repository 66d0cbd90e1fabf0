//! Errors of validation in plain words: what the broken rule asks for, and what may be done. Every
//! kind of error has its arm here, so that a new one cannot go without.

use super::{Diagnosis, Operand, Row};
use crate::syntax::{Count, RefType, ValType};
use crate::valid::{Excess, Expected, FrameKind, InvalidKind, Mismatch, OperandType, Space};
use alloc::format;
use alloc::string::{String, ToString};

/// Puts a diagnosis into words; `None` where the message says it all.
pub(super) fn hint(at: &Diagnosis, shown: &dyn Fn(&Operand) -> String) -> Option<String> {
    let instr = at.mnemonic.map_or_else(
        || String::from("the declaration"),
        |name| format!("`{name}`"),
    );
    Some(match &at.invalid.kind {
        InvalidKind::TypeMismatch(mismatch) => return of_mismatch(at, mismatch, &instr, shown),
        InvalidKind::Unknown { space, index } => unknown(at, *space, *index),
        InvalidKind::UndeclaredFuncRef(func) => format!(
            "a body may take references to functions that the module mentions outside of bodies: \
             add `(elem declare func {})`, or export the function",
            func.0
        ),
        InvalidKind::UninitializedLocal(local) => format!(
            "the type of local {local} has no default value, so it must be set before it is read; \
             a block's end takes back what was set inside: set it before the block, or give it a \
             nullable type"
        ),
        InvalidKind::NotA { what, index } => {
            format!("{instr} needs a {what} type, and type {index} is another kind")
        }
        InvalidKind::Alignment => format!(
            "{instr} may promise at most as many bytes of alignment as it accesses: leave `align=` \
             out for the natural alignment"
        ),
        InvalidKind::AtomicAlignment => {
            "an atomic access must be aligned to its own size: leave `align=` out".into()
        }
        InvalidKind::OffsetOutOfRange => {
            "a memory with 32-bit addresses takes offsets below 2^32; a memory declared with `i64` \
             takes larger ones"
                .into()
        }
        InvalidKind::LaneIndex => format!("lanes are counted from 0: {}", lanes(at.mnemonic)),
        InvalidKind::ConstantRequired => constant_required(at, &instr),
        InvalidKind::Immutable(what) => match *what {
            "global" => "only a global declared as `(mut ...)` can be set; imported globals too \
                         say so in their import"
                .into(),
            what => format!("only a {what} whose type is declared as `(mut ...)` can be changed"),
        },
        InvalidKind::Packing { packed: true, what } => format!(
            "a packed {what} holds i8 or i16: read it with the form ending in `_s` or `_u`, which \
             says how it is extended to an i32"
        ),
        InvalidKind::Packing { what, .. } => format!(
            "the forms ending in `_s` and `_u` are for i8 and i16; this {what} is read with the \
             form without ending"
        ),
        InvalidKind::NoDefault(what) => no_default(what),
        InvalidKind::ArrayTypes => {
            "the elements of the second array must be of a subtype of those of the first".into()
        }
        InvalidKind::ArrayNotNumeric => format!(
            "{instr} makes elements out of bytes, which references cannot be made of: use an \
             element segment for them"
        ),
        InvalidKind::ResultArity => "`select` names one type: `select (result i32)`".into(),
        InvalidKind::SubType { .. } => {
            "a subtype repeats its supertype: a struct has the same fields first, what is mutable \
             has the same type, what is immutable has that type or a subtype, and the supertype is \
             not final"
                .into()
        }
        InvalidKind::DuplicateExport(_) => {
            "each export needs a name of its own, also those of different kinds".into()
        }
        InvalidKind::StartFunction => {
            "the start function is called without arguments, and nobody takes its results: its \
             type must be [] -> []"
                .into()
        }
        InvalidKind::TagResult => {
            "a tag's type lists the values that an exception carries as parameters; it has no \
             results"
                .into()
        }
        InvalidKind::LimitsOrder => {
            "limits are written with the minimum first, then the maximum".into()
        }
        InvalidKind::MemorySize { .. } => {
            "sizes of memories are given in pages, not in bytes".into()
        }
        InvalidKind::PageSize => {
            "a custom page size is 1 or 65536, and 65536 is the default".into()
        }
        InvalidKind::SharedWithoutMax => {
            "a shared memory never moves, so its maximum must be known: `(memory 1 10 shared)`"
                .into()
        }
        InvalidKind::MultipleMemories | InvalidKind::MultipleTables => {
            "without the feature a module has one at most, imports included".into()
        }
        InvalidKind::ElseWithoutIf => {
            "`else` separates the two arms of an `if`; every other block has one arm".into()
        }
        InvalidKind::AfterEnd => {
            "one `end` more than there are open blocks has closed the function".into()
        }
        // The message gives the number, and there is no other way.
        InvalidKind::TableSize => return None,
        // The message names the feature, and the loader says how to switch it on.
        InvalidKind::FeatureOff(_) => return None,
        InvalidKind::Limit(Excess { what, .. }) => {
            format!("the module may be valid: Limpid itself admits no more {what}")
        }
    })
}

fn of_mismatch(
    at: &Diagnosis,
    mismatch: &Mismatch,
    instr: &str,
    shown: &dyn Fn(&Operand) -> String,
) -> Option<String> {
    Some(match mismatch {
        Mismatch::Operand { expected, found } => match found {
            Some(found) => wrong(at, *expected, *found, instr, shown),
            None => missing(at, *expected, instr),
        },
        Mismatch::Type { expected, found } => written(at.mnemonic, *expected, *found),
        Mismatch::Arity { expected, .. } => arity(at.mnemonic, *expected),
        Mismatch::Left { count } => left(at, *count, shown),
        Mismatch::NoElse => {
            "when the condition is 0, an `if` without `else` leaves its parameters: add an `else` \
             that makes the results"
                .into()
        }
        Mismatch::LabelWithoutRef => format!(
            "{instr} passes a reference as the last value of its label, so the block that the \
             label belongs to must end with a reference type"
        ),
        Mismatch::Element => {
            "an element segment holds references; an array of numbers is filled from a data \
             segment (`array.new_data`, `array.init_data`)"
                .into()
        }
    })
}

/// An operand of another type.
fn wrong(
    at: &Diagnosis,
    expected: Expected,
    found: OperandType,
    instr: &str,
    shown: &dyn Fn(&Operand) -> String,
) -> String {
    let row = at.rows.iter().find(|row| !row.fits);
    let by = row.and_then(|row| row.actual);
    let by = by.map_or_else(String::new, |operand| {
        format!(" was pushed by {}", shown(&operand))
    });
    let wants = wants(at, instr, expected);
    let help = match (expected, found) {
        (Expected::Val(expected), OperandType::Val(found)) => conversion(expected, found),
        (Expected::Numeric, _) => Some(
            "for references, `select` names their type: `select \
                                        (result ...)`"
                .to_string(),
        ),
        (Expected::Ref | Expected::Any, _) | (Expected::Val(_), _) => None,
    };
    let found = match by.is_empty() {
        true => format!("there is {} instead", article(&found.to_string())),
        false => format!("the {found} there{by}"),
    };
    match help {
        Some(help) => format!("{wants}; {found}: {help}"),
        None => format!("{wants}; {found}"),
    }
}

/// What an instruction, or the end of a block, takes.
fn wants(at: &Diagnosis, instr: &str, expected: Expected) -> String {
    let kind = at.block.map(|block| block.kind);
    let expected = article(&spoken(expected));
    match (at.mnemonic, kind) {
        (Some("end" | "else"), Some(FrameKind::Func)) if at.labels == Some(1) => match at.place {
            Some(super::Place::Func(_)) => format!("the function must return {expected} here"),
            _ => format!("the expression must give {expected}"),
        },
        (Some("end" | "else"), Some(kind)) => {
            format!("the `{}` must leave {expected} here", construct(kind))
        }
        _ => format!("{instr} takes {expected} here"),
    }
}

/// An operand that is not there.
fn missing(at: &Diagnosis, expected: Expected, instr: &str) -> String {
    let (all, present) = (at.rows.len() + at.rows_left_out, present(&at.rows));
    let wants = match at.mnemonic {
        Some("end" | "else") => wants(at, instr, expected),
        _ if all == 0 => wants(at, instr, expected),
        _ => format!("{instr} takes {}", Count(all, "operand")),
    };
    let has = match present {
        0 => "nothing is on the block's part of the stack".to_string(),
        1 => "only one value is on the block's part of the stack".to_string(),
        n => format!("only {n} values are on the block's part of the stack"),
    };
    let help = match at.outside {
        0 => format!("push {} before it", article(&spoken(expected))),
        _ => "what was pushed before the block began can be used inside only as a parameter of \
              the block"
            .to_string(),
    };
    format!("{wants}, and {has}: {help}")
}

fn present(rows: &[Row]) -> usize {
    rows.iter().filter(|row| row.actual.is_some()).count()
}

/// Operands that nobody takes.
fn left(at: &Diagnosis, count: usize, shown: &dyn Fn(&Operand) -> String) -> String {
    let kind = at.block.map_or(FrameKind::Func, |block| block.kind);
    let what = match (kind, at.place) {
        (FrameKind::Func, Some(super::Place::Func(_)) | None) => "the function".to_string(),
        (FrameKind::Func, Some(_)) => "the expression".to_string(),
        (kind, _) => format!("the `{}`", construct(kind)),
    };
    let extra: Option<Operand> = at
        .rows
        .iter()
        .filter(|row| row.expected.is_none())
        .find_map(|row| row.actual);
    let by = extra.map_or_else(String::new, |operand| {
        let (ty, by) = (operand.ty, shown(&operand));
        format!(" (the {ty} pushed by {by})")
    });
    let values = match count {
        1 => "one value more".to_string(),
        _ => format!("{count} values more"),
    };
    format!(
        "{what} ends with {values} than its results{by}: take it away with `drop`, or declare it \
         as a result"
    )
}

/// Types that the module writes and that do not match.
fn written(mnemonic: Option<&str>, expected: ValType, found: ValType) -> String {
    match mnemonic {
        Some("call_indirect" | "return_call_indirect") => {
            format!("a table that is called through holds functions; this one holds {found}")
        }
        Some("return_call" | "return_call_ref") => format!(
            "what a tail call returns is what the caller returns: {found} is no subtype of \
             {expected}"
        ),
        Some("br_on_cast" | "br_on_cast_fail") => format!(
            "a cast goes from a type to a subtype of it, and what is passed must fit the label: \
             {found} is no subtype of {expected}"
        ),
        Some("try_table") => format!(
            "a catch clause passes the values of its tag to its label: {found} is no subtype of \
             {expected}"
        ),
        Some(_) => {
            format!("what is copied must fit where it goes: {found} is no subtype of {expected}")
        }
        None => format!("{found} is no subtype of {expected}"),
    }
}

fn arity(mnemonic: Option<&str>, expected: usize) -> String {
    match mnemonic {
        Some("br_table") => format!(
            "the same values are passed whichever label of a `br_table` is taken, so all labels \
             take as many as the first: {expected}"
        ),
        Some("try_table") => {
            "a catch clause passes the values of its tag, and with `_ref` the exception, to its \
             label"
                .into()
        }
        _ => "what a tail call returns is what the caller returns".into(),
    }
}

/// An index past the end.
fn unknown(at: &Diagnosis, space: Space, index: u32) -> String {
    let (one, many) = match space {
        Space::Label => return unknown_label(at, index),
        Space::Local => ("local", "locals, parameters included"),
        Space::Func => ("function", "functions, imports included"),
        Space::Table => ("table", "tables, imports included"),
        Space::Memory => ("memory", "memories, imports included"),
        Space::Global => ("global", "globals, imports included"),
        Space::Tag => ("tag", "tags, imports included"),
        Space::Type => ("type", "types"),
        Space::Elem => ("element segment", "element segments"),
        Space::Data => ("data segment", "data segments"),
        Space::Field => ("field", "fields"),
    };
    let whose = match space {
        Space::Label => "the instruction sees",
        Space::Local => "the function has",
        Space::Field => "the struct has",
        Space::Global if is_initialiser(at) => "the expression sees",
        Space::Type
        | Space::Func
        | Space::Table
        | Space::Memory
        | Space::Global
        | Space::Tag
        | Space::Elem
        | Space::Data => "the module has",
    };
    match at.size {
        Some(0) => format!("{whose} no {one}"),
        Some(1) => format!("{whose} one {one}, with index 0"),
        Some(size) => format!("{whose} {size} {many}: the last one has index {}", size - 1),
        None => format!("{whose} no {one} with index {index}"),
    }
}

fn is_initialiser(at: &Diagnosis) -> bool {
    matches!(
        at.place,
        Some(super::Place::Global(_) | super::Place::Table(_))
    )
}

fn unknown_label(at: &Diagnosis, index: u32) -> String {
    let labels = at.labels.unwrap_or(1);
    let open = match labels {
        1 => "here only 0 is known, which is the function".to_string(),
        _ => format!("here labels go from 0 to {}, the function", labels - 1),
    };
    format!("labels are counted from the innermost block outwards: {open}, and not to {index}")
}

fn constant_required(at: &Diagnosis, instr: &str) -> String {
    match at.mnemonic {
        Some("global.get") => "a constant expression reads immutable globals only".into(),
        _ => format!(
            "{instr} cannot be used here: a constant expression is made of constants, immutable \
             globals, references and new structs and arrays, and integer `add`, `sub` and `mul`"
        ),
    }
}

fn no_default(what: &str) -> String {
    let give = match what {
        "field" => "`struct.new`, which takes a value for each field",
        _ => "`array.new`, which takes a value for the elements",
    };
    format!("a reference that cannot be null has no default value: use {give}")
}

fn lanes(mnemonic: Option<&str>) -> String {
    let mnemonic = mnemonic.unwrap_or_default();
    let shapes = [
        ("i8x16.shuffle", 32),
        ("i8x16", 16),
        ("i16x8", 8),
        ("i32x4", 4),
        ("f32x4", 4),
        ("i64x2", 2),
        ("f64x2", 2),
        ("v128.load8", 16),
        ("v128.store8", 16),
        ("v128.load16", 8),
        ("v128.store16", 8),
        ("v128.load32", 4),
        ("v128.store32", 4),
        ("v128.load64", 2),
        ("v128.store64", 2),
    ];
    let lanes = shapes.iter().find(|(shape, _)| mnemonic.starts_with(shape));
    match lanes {
        Some((_, lanes)) => format!("the last one of `{mnemonic}` is {}", lanes - 1),
        None => format!("`{mnemonic}` has fewer"),
    }
}

/// How a value becomes one of another type.
fn conversion(expected: ValType, found: ValType) -> Option<String> {
    let (name, is_signed) = match (expected, found) {
        (ValType::Ref(expected), ValType::Ref(found)) => return ref_conversion(expected, found),
        (ValType::I32, ValType::I64) => ("i32.wrap_i64", false),
        (ValType::I64, ValType::I32) => ("i64.extend_i32", true),
        (ValType::I32, ValType::F32) => ("i32.trunc_sat_f32", true),
        (ValType::I32, ValType::F64) => ("i32.trunc_sat_f64", true),
        (ValType::I64, ValType::F32) => ("i64.trunc_sat_f32", true),
        (ValType::I64, ValType::F64) => ("i64.trunc_sat_f64", true),
        (ValType::F32, ValType::I32) => ("f32.convert_i32", true),
        (ValType::F32, ValType::I64) => ("f32.convert_i64", true),
        (ValType::F64, ValType::I32) => ("f64.convert_i32", true),
        (ValType::F64, ValType::I64) => ("f64.convert_i64", true),
        (ValType::F32, ValType::F64) => ("f32.demote_f64", false),
        (ValType::F64, ValType::F32) => ("f64.promote_f32", false),
        (ValType::V128, ValType::I32) => ("i32x4.splat", false),
        (ValType::V128, ValType::I64) => ("i64x2.splat", false),
        (ValType::V128, ValType::F32) => ("f32x4.splat", false),
        (ValType::V128, ValType::F64) => ("f64x2.splat", false),
        (ValType::I32, ValType::V128) => ("i32x4.extract_lane", false),
        (ValType::I64, ValType::V128) => ("i64x2.extract_lane", false),
        (ValType::F32, ValType::V128) => ("f32x4.extract_lane", false),
        (ValType::F64, ValType::V128) => ("f64x2.extract_lane", false),
        _ => return None, // Numbers and references do not become each other.
    };
    let or = article(&expected.to_string());
    Some(match is_signed {
        true => format!("convert it with `{name}_s` or `{name}_u`, or push {or}"),
        false => format!("convert it with `{name}`, or push {or}"),
    })
}

fn ref_conversion(expected: RefType, found: RefType) -> Option<String> {
    if found.nullable && !expected.nullable && found.heap == expected.heap {
        return Some("`ref.as_non_null` checks that it is not null".into());
    }
    Some("if it is one at run time, `ref.cast` checks that, within one hierarchy of types".into())
}

/// An operand type as a noun.
fn spoken(expected: Expected) -> String {
    match expected {
        Expected::Val(ty) => ty.to_string(),
        Expected::Numeric => "number or vector".into(),
        Expected::Ref => "reference".into(),
        Expected::Any => "value".into(),
    }
}

/// A noun with its article.
fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['i', 'e', 'a']);
    match noun.starts_with("f") && noun.ends_with(char::is_numeric) || vowel {
        true => format!("an {noun}"),
        false => format!("a {noun}"),
    }
}

/// The keyword of a construct.
fn construct(kind: FrameKind) -> &'static str {
    match kind {
        FrameKind::Func => "function",
        FrameKind::Block => "block",
        FrameKind::Loop => "loop",
        FrameKind::If => "if",
        FrameKind::Else => "else",
        FrameKind::TryTable => "try_table",
    }
}
