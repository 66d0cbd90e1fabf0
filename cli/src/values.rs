//! Values between the command line and functions.

use limpid::internals::syntax::{F32Text, F64Text};
use limpid::observe::display;
use limpid::{V128, Val, ValType};
use wast::core::V128Const;
use wast::parser::{self, Parse, ParseBuffer};
use wast::token::{F32, F64};

/// Reads an argument of a type; the error says what is wanted.
///
/// # Errors
/// When the text is no such value.
pub fn parse(ty: &ValType, text: &str) -> Result<Val, String> {
    let wrong = |wanted: &str| format!("`{}` is not {wanted}", display::name(text));
    match ty {
        ValType::I32 => match integer(text) {
            Some(value) if (i32::MIN.into()..=u32::MAX.into()).contains(&value) => {
                Ok(Val::I32(value as i32))
            }
            Some(_) | None => Err(wrong("a number of 32 bits")),
        },
        ValType::I64 => match integer(text) {
            Some(value) if (i64::MIN.into()..=u64::MAX.into()).contains(&value) => {
                Ok(Val::I64(value as i64))
            }
            Some(_) | None => Err(wrong("a number of 64 bits")),
        },
        ValType::F32 => {
            let bits = token(text).map(|value: F32| value.bits);
            let plain = || text.parse().ok().map(f32::to_bits);
            bits.or_else(plain).map(Val::F32).ok_or_else(|| {
                wrong("a number: give one such as 1.5, 0x1.8p3, inf, nan or nan:0x200000")
            })
        }
        ValType::F64 => {
            let bits = token(text).map(|value: F64| value.bits);
            let plain = || text.parse().ok().map(f64::to_bits);
            bits.or_else(plain).map(Val::F64).ok_or_else(|| {
                wrong("a number: give one such as 1.5, 0x1.8p3, inf, nan or nan:0x4000000000000")
            })
        }
        ValType::V128 => {
            let bits = match hexadecimal(text) {
                Some(digits) if digits.starts_with(['+', '-']) => None,
                Some(digits) => u128::from_str_radix(&digits.replace('_', ""), 16).ok(),
                None => {
                    constant(text).map(|value: V128Const| u128::from_le_bytes(value.to_le_bytes()))
                }
            };
            bits.map(|bits| Val::V128(V128::from(bits))).ok_or_else(|| {
                wrong("a vector: give 0x and up to 32 digits, or lanes as in `f32x4 1 2 0x1p3 inf`")
            })
        }
        ValType::Ref(ty) if ty.is_nullable() && text == "null" => Ok(Val::null_ref(ty.heap_type())),
        ValType::Ref(ty) => match ty.is_nullable() {
            true => Err(wrong("a reference that can be given here: only `null` can")),
            false => Err(wrong("a reference that can be given here: none can")),
        },
    }
}

/// One token of the text format, and nothing beside it.
fn token<T: for<'a> Parse<'a>>(text: &str) -> Option<T> {
    let is_alone =
        !text.contains(|letter: char| letter.is_whitespace() || "();\"".contains(letter));
    is_alone.then(|| constant(text)).flatten()
}

/// A constant in the words of the text format.
fn constant<T: for<'a> Parse<'a>>(text: &str) -> Option<T> {
    let buffer = ParseBuffer::new(text).ok()?;
    parser::parse(&buffer).ok()
}

/// The digits after `0x`.
fn hexadecimal(text: &str) -> Option<&str> {
    text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))
}

/// An integer, decimal or after `0x`, with or without a sign.
fn integer(text: &str) -> Option<i128> {
    let text = text.replace('_', "");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    // Both readers take a sign, which has been read already.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = match hexadecimal(digits) {
        Some(digits) if !digits.starts_with(['+', '-']) => i128::from_str_radix(digits, 16).ok()?,
        Some(_) => return None,
        None => digits.parse().ok()?,
    };
    Some(if negative { -value } else { value })
}

/// A result as text.
pub fn show(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => F32Text(*bits).to_string(),
        Val::F64(bits) => F64Text(*bits).to_string(),
        Val::V128(bits) => format!("{:#034x}", bits.as_u128()),
        Val::FuncRef(func) => reference("func", func.is_none()),
        Val::ExternRef(reference) => self::reference("extern", reference.is_none()),
        Val::AnyRef(reference) => self::reference("any", reference.is_none()),
        Val::ExnRef(reference) => self::reference("exn", reference.is_none()),
    }
}

fn reference(kind: &str, null: bool) -> String {
    match null {
        true => format!("null {kind}"),
        false => format!("{kind} reference"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ty: ValType, text: &str, shown: Option<&str>) {
        let value = parse(&ty, text).map(|value| show(&value));
        assert_eq!(value.as_deref().ok(), shown, "{ty} {text}");
    }

    #[test]
    fn numbers() {
        check(ValType::I32, "42", Some("42"));
        check(ValType::I32, "-1", Some("-1"));
        check(ValType::I32, "4294967295", Some("-1"));
        check(ValType::I32, "0xff", Some("255"));
        check(ValType::I32, "0X2A", Some("42"));
        check(ValType::I32, "-0X2a", Some("-42"));
        check(ValType::I64, "+0XFFFF_FFFF", Some("4294967295"));
        check(ValType::I32, "-0x80000000", Some("-2147483648"));
        check(ValType::I64, "1_000", Some("1000"));
        for bad in [
            "",
            "4294967296",
            "-2147483649",
            "1.5",
            "--1",
            "0x-1",
            "0x",
            "0X+1",
            "ten",
        ] {
            check(ValType::I32, bad, None);
        }
        check(ValType::F64, "0.1", Some("0.1"));
        check(ValType::F64, "-inf", Some("-inf"));
        check(ValType::F32, "nan", Some("nan"));
        check(ValType::F32, "x", None);
        check(
            ValType::V128,
            "0x1",
            Some("0x00000000000000000000000000000001"),
        );
        check(
            ValType::V128,
            "0X1F",
            Some("0x0000000000000000000000000000001f"),
        );
        check(ValType::V128, "0x+1", None);
        check(ValType::V128, "1", None);
    }

    fn check_bits(ty: ValType, text: &str, bits: u128) {
        let found = match parse(&ty, text) {
            Ok(Val::F32(bits)) => Ok(bits.into()),
            Ok(Val::F64(bits)) => Ok(bits.into()),
            Ok(Val::V128(bits)) => Ok(bits.as_u128()),
            Ok(other) => Err(format!("{other:?}")),
            Err(wrong) => Err(wrong),
        };
        assert_eq!(found, Ok(bits), "{ty} {text}");
    }

    #[test]
    fn floats_as_the_text_format_has_them() {
        let f32_bits = |value: f32| value.to_bits().into();
        let f64_bits = |value: f64| value.to_bits().into();
        check_bits(ValType::F32, "0x1.8p3", f32_bits(12.0));
        check_bits(ValType::F32, "-0x1.8P-1", f32_bits(-0.75));
        check_bits(ValType::F32, "+0xF", f32_bits(15.0));
        // The tie goes to the even neighbour, what is above it upwards.
        check_bits(ValType::F32, "0x1.000001p0", f32_bits(1.0));
        check_bits(ValType::F32, "0x1.000001000001p0", 0x3F80_0001);
        check_bits(ValType::F32, "0x1p-149", 1);
        check_bits(ValType::F32, "nan:0x200001", 0x7FA0_0001);
        check_bits(ValType::F32, "-nan", 0xFFC0_0000);
        check_bits(ValType::F32, "-inf", f32_bits(f32::NEG_INFINITY));
        check_bits(ValType::F64, "0x1.fffffffffffffp1023", f64_bits(f64::MAX));
        check_bits(ValType::F64, "0x0.8p-1073", 1);
        check_bits(ValType::F64, "nan:0x1", 0x7FF0_0000_0000_0001);
        check_bits(ValType::F64, "1_000.25e-2", f64_bits(10.0025));
        check_bits(ValType::F64, ".5", f64_bits(0.5));
        check_bits(ValType::V128, "f32x4 0x1p0 2 inf nan", {
            let lanes = [0x3F80_0000, 0x4000_0000, 0x7F80_0000, 0x7FC0_0000u128];
            lanes.iter().rev().fold(0, |bits, lane| bits << 32 | lane)
        });
        check_bits(
            ValType::V128,
            "i64x2 -1 0x10",
            (0x10 << 64) | u128::from(u64::MAX),
        );
        for bad in [
            "0x",
            "0x1p",
            "0x1.8p3 ;; x",
            "nan:0x0",
            "nan:0x800000",
            "(1)",
            "0x1p128",
            "",
        ] {
            check(ValType::F32, bad, None);
        }
        for bad in ["f32x4 1 2 3", "f32x4 1 2 3 4 5", "0x+1", "i32x4"] {
            check(ValType::V128, bad, None);
        }
    }

    #[test]
    fn floats_are_shown_as_they_are_read() {
        for text in [
            "nan",
            "-nan",
            "nan:0x200000",
            "-nan:0x1",
            "inf",
            "-0",
            "1.5",
        ] {
            check(ValType::F32, text, Some(text));
            check(ValType::F64, text, Some(text));
        }
        check(
            ValType::F64,
            "nan:0xc000000000000",
            Some("nan:0xc000000000000"),
        );
    }

    #[test]
    fn references() {
        check(ValType::FUNCREF, "null", Some("null func"));
        check(ValType::EXTERNREF, "1", None);
    }
}
