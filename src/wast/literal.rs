//! Values as the text format writes them (spec: text/instructions; the reference interpreter's page
//! on scripts): what a script expects, and what it got. Numbers read back as they are.

use super::run::Data;
use super::values::{Expected, Hierarchy, Lanes, Pattern, Shape};
use crate::api::{AnyRef, AsContextMut, ExternRef, Ref, Result, Rooted, StoreContextMut, Val};
use crate::syntax::{F32Text, F64Text};
use core::fmt::{self, Display};

impl Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::I32(value) => write!(f, "(i32.const {value})"),
            Expected::I64(value) => write!(f, "(i64.const {value})"),
            Expected::F32(pattern) => write!(f, "(f32.const {pattern})"),
            Expected::F64(pattern) => write!(f, "(f64.const {pattern})"),
            Expected::V128(lanes) => write!(f, "(v128.const {lanes})"),
            Expected::Null(None) => f.write_str("(ref.null)"),
            Expected::Null(Some(hierarchy)) => write!(f, "(ref.null {hierarchy})"),
            Expected::Func => f.write_str("(ref.func)"),
            Expected::Extern(None) => f.write_str("(ref.extern)"),
            Expected::Extern(Some(value)) => write!(f, "(ref.extern {value})"),
            Expected::Host(value) => write!(f, "(ref.host {value})"),
            Expected::Any => f.write_str("(ref.any)"),
            Expected::Eq => f.write_str("(ref.eq)"),
            Expected::Array => f.write_str("(ref.array)"),
            Expected::Struct => f.write_str("(ref.struct)"),
            Expected::I31 => f.write_str("(ref.i31)"),
            Expected::Either(cases) => {
                f.write_str("(either")?;
                for case in cases {
                    write!(f, " {case}")?;
                }
                f.write_str(")")
            }
        }
    }
}

impl Display for Hierarchy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hierarchy::Func => "func",
            Hierarchy::Extern => "extern",
            Hierarchy::Any => "any",
            Hierarchy::Exn => "exn",
        })
    }
}

macro_rules! floats {
    ($($pattern:ty: $float:ty, $text:ident;)+) => {$(
        impl Display for Pattern<$pattern> {
            /// The shortest decimal number that reads back, or a NaN with its payload.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let bits = match *self {
                    Pattern::Canonical => return f.write_str("nan:canonical"),
                    Pattern::Arithmetic => return f.write_str("nan:arithmetic"),
                    Pattern::Bits(bits) => bits,
                };
                match <$float>::from_bits(bits) {
                    float if float.is_nan() => write!(f, "{}", $text(bits)),
                    float => write!(f, "{float:?}"),
                }
            }
        }
    )+};
}

floats! {
    u32: f32, F32Text;
    u64: f64, F64Text;
}

impl Display for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lanes::Bits(shape, bits) => integers(f, *shape, bits.to_le_bytes()),
            Lanes::F32(lanes) => row(f, "f32x4", lanes),
            Lanes::F64(lanes) => row(f, "f64x2", lanes),
        }
    }
}

fn integers(f: &mut fmt::Formatter<'_>, shape: Shape, bytes: [u8; 16]) -> fmt::Result {
    match shape {
        Shape::I8x16 => row(f, "i8x16", &bytes.map(|byte| byte as i8)),
        Shape::I16x8 => row(f, "i16x8", &lanes(bytes, i16::from_le_bytes)),
        Shape::I32x4 => row(f, "i32x4", &lanes(bytes, i32::from_le_bytes)),
        Shape::I64x2 => row(f, "i64x2", &lanes(bytes, i64::from_le_bytes)),
    }
}

fn lanes<const N: usize, L>(bytes: [u8; 16], lane: impl Fn([u8; N]) -> L) -> Vec<L> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|chunk| lane(*chunk)).collect()
}

fn row(f: &mut fmt::Formatter<'_>, shape: &str, lanes: &[impl Display]) -> fmt::Result {
    f.write_str(shape)?;
    lanes.iter().try_for_each(|lane| write!(f, " {lane}"))
}

/// Writes expected results as literals.
pub(super) fn expected(expected: &[Expected]) -> String {
    listed(expected.iter().map(Expected::to_string))
}

/// Results as literals, vectors in the shapes of what is expected in their places.
///
/// # Errors
/// Fails for a reference that the store does not know.
pub(super) fn results(
    mut store: StoreContextMut<'_, Data>,
    values: &[Val],
    expected: &[Expected],
) -> Result<String> {
    let mut literals = Vec::new();
    for (place, value) in values.iter().enumerate() {
        let like = expected.get(place).and_then(first_lanes);
        literals.push(literal(store.as_context_mut(), value, like)?);
    }
    Ok(listed(literals))
}

fn listed(literals: impl IntoIterator<Item = String>) -> String {
    let literals: Vec<String> = literals.into_iter().collect();
    match literals.is_empty() {
        true => "no results".into(),
        false => literals.join(" "),
    }
}

/// The lanes that are expected, of the first alternative that has any.
fn first_lanes(expected: &Expected) -> Option<&Lanes> {
    match expected {
        Expected::V128(lanes) => Some(lanes),
        Expected::Either(cases) => cases.iter().find_map(first_lanes),
        // Nothing else is a vector.
        _ => None,
    }
}

/// A value as a literal.
fn literal(store: StoreContextMut<'_, Data>, value: &Val, like: Option<&Lanes>) -> Result<String> {
    let number = match *value {
        Val::I32(value) => Expected::I32(value),
        Val::I64(value) => Expected::I64(value),
        Val::F32(bits) => Expected::F32(Pattern::Bits(bits)),
        Val::F64(bits) => Expected::F64(Pattern::Bits(bits)),
        Val::V128(bits) => Expected::V128(shaped(bits.into(), like)),
        Val::FuncRef(_) | Val::ExternRef(_) | Val::AnyRef(_) | Val::ExnRef(_) => {
            return reference(store, value);
        }
    };
    Ok(number.to_string())
}

/// A vector's bits in the shape of other lanes.
fn shaped(bits: u128, like: Option<&Lanes>) -> Lanes {
    let bytes = bits.to_le_bytes();
    match like {
        Some(Lanes::Bits(shape, _)) => Lanes::Bits(*shape, bits),
        Some(Lanes::F32(_)) => {
            let lanes = lanes(bytes, u32::from_le_bytes);
            Lanes::F32(core::array::from_fn(|lane| Pattern::Bits(lanes[lane])))
        }
        Some(Lanes::F64(_)) => {
            let lanes = lanes(bytes, u64::from_le_bytes);
            Lanes::F64(core::array::from_fn(|lane| Pattern::Bits(lanes[lane])))
        }
        None => Lanes::Bits(Shape::I32x4, bits),
    }
}

/// A reference as a literal: what a script could expect of it, as exactly as it can.
fn reference(mut store: StoreContextMut<'_, Data>, value: &Val) -> Result<String> {
    let Some(reference) = value.ref_() else {
        unreachable!("only references are given here");
    };
    if reference.is_null() {
        return Ok(Expected::Null(Some(Hierarchy::of(&reference))).to_string());
    }
    let seen = match reference {
        Ref::Func(_) => Expected::Func,
        Ref::Extern(Some(value)) => Expected::Extern(host(&store, value)?),
        Ref::Any(Some(value)) => {
            let as_extern = ExternRef::convert_any(&mut store, value)?;
            match host(&store, as_extern)? {
                Some(host) => Expected::Host(host),
                None => any(&store, value)?,
            }
        }
        // No script can expect one; this is how it would.
        Ref::Exn(_) => return Ok("(ref.exn)".into()),
        Ref::Extern(None) | Ref::Any(None) => unreachable!("null references are written above"),
    };
    Ok(seen.to_string())
}

/// The number of a host value, if it has one.
fn host(store: &StoreContextMut<'_, Data>, value: Rooted<ExternRef>) -> Result<Option<u32>> {
    let data = value.data(store)?;
    Ok(data.and_then(|data| data.downcast_ref().copied()))
}

fn any(store: &StoreContextMut<'_, Data>, value: Rooted<AnyRef>) -> Result<Expected> {
    Ok(if value.is_i31(store)? {
        Expected::I31
    } else if value.is_struct(store)? {
        Expected::Struct
    } else if value.is_array(store)? {
        Expected::Array
    } else {
        Expected::Any
    })
}

#[cfg(test)]
mod tests {
    use super::super::read::read;
    use super::super::script::Command;
    use super::*;

    /// Reads literals as a script's expectation.
    fn read_back(literals: &str) -> Vec<Expected> {
        let text = format!("(assert_return (invoke \"f\") {literals})");
        let script = read(&text).expect("the literals are read");
        match script
            .directives
            .into_iter()
            .next()
            .map(|read| read.command)
        {
            Some(Command::AssertReturn(_, expected)) => expected,
            other => panic!("{literals}: {other:?}"),
        }
    }

    #[test]
    fn what_is_expected_reads_back() {
        for literals in [
            "(i32.const -1) (i64.const 9223372036854775807)",
            "(f32.const nan:canonical) (f64.const nan:arithmetic)",
            "(f32.const 1.5) (f64.const -0.0) (f32.const inf) (f64.const -inf)",
            "(f32.const nan) (f32.const -nan) (f64.const nan:0x1) (f32.const -nan:0x200000)",
            "(v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -128)",
            "(v128.const i16x8 0 1 2 3 4 5 6 -32768)",
            "(v128.const i32x4 1 2 3 -4) (v128.const i64x2 -1 2)",
            "(v128.const f32x4 1.0 nan:canonical -nan:0x1 inf)",
            "(v128.const f64x2 nan:arithmetic 1e300)",
            "(ref.null) (ref.null func) (ref.null extern) (ref.null any) (ref.null exn)",
            "(ref.func) (ref.extern) (ref.extern 7) (ref.host 8)",
            "(ref.any) (ref.eq) (ref.array) (ref.struct) (ref.i31)",
            "(either (i32.const 1) (i32.const 2))",
            "(either (v128.const i32x4 1 2 3 4) (v128.const i32x4 5 6 7 8))",
        ] {
            assert_eq!(expected(&read_back(literals)), literals);
        }
        assert_eq!(expected(&[]), "no results");
    }

    #[test]
    fn floats_read_back_bit_for_bit() {
        let mut random = 0x2545_F491_4F6C_DD1Du64;
        let ends = [
            0,
            1,
            1 << 31,
            1 << 63,
            0x7F80_0001,
            0x7FEF_FFFF_FFFF_FFFF,
            u64::MAX,
        ];
        let more = (0..500).map(|_| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random
        });
        for bits in ends.into_iter().chain(more) {
            let (small, large) = (bits as u32, bits);
            let both = [
                Expected::F32(Pattern::Bits(small)),
                Expected::F64(Pattern::Bits(large)),
            ];
            match &read_back(&expected(&both))[..] {
                [
                    Expected::F32(Pattern::Bits(a)),
                    Expected::F64(Pattern::Bits(b)),
                ] => {
                    assert_eq!((*a, *b), (small, large));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
