//! Values between the command line and functions.

use limpid::observe::escape;
use limpid::{V128, Val, ValType};

/// Reads an argument of a type; the error says what is wanted.
///
/// # Errors
/// When the text is no such value.
pub fn parse(ty: &ValType, text: &str) -> Result<Val, String> {
    let wrong = |wanted: &str| format!("`{}` is not {wanted}", escape::name(text));
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
            let value: Result<f32, _> = text.parse();
            value
                .map(|value| Val::F32(value.to_bits()))
                .map_err(|_| wrong("a number"))
        }
        ValType::F64 => {
            let value: Result<f64, _> = text.parse();
            value
                .map(|value| Val::F64(value.to_bits()))
                .map_err(|_| wrong("a number"))
        }
        ValType::V128 => match hexadecimal(text) {
            Some(digits) if !digits.starts_with('+') => {
                u128::from_str_radix(&digits.replace('_', ""), 16)
                    .map(|bits| Val::V128(V128::from(bits)))
                    .map_err(|_| wrong("128 bits"))
            }
            Some(_) => Err(wrong("128 bits")),
            None => Err(wrong("a vector: give 0x and up to 32 digits")),
        },
        ValType::Ref(ty) if ty.is_nullable() && text == "null" => Ok(Val::null_ref(ty.heap_type())),
        ValType::Ref(ty) => match ty.is_nullable() {
            true => Err(wrong("a reference that can be given here: only `null` can")),
            false => Err(wrong("a reference that can be given here: none can")),
        },
    }
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
        Val::F32(bits) => float(f32::from_bits(*bits).into(), f32::from_bits(*bits)),
        Val::F64(bits) => float(f64::from_bits(*bits), f64::from_bits(*bits)),
        Val::V128(bits) => format!("{:#034x}", bits.as_u128()),
        Val::FuncRef(func) => reference("func", func.is_none()),
        Val::ExternRef(reference) => self::reference("extern", reference.is_none()),
        Val::AnyRef(reference) => self::reference("any", reference.is_none()),
        Val::ExnRef(reference) => self::reference("exn", reference.is_none()),
    }
}

fn float(value: f64, exact: impl std::fmt::Display) -> String {
    match value.is_nan() {
        true => "nan".to_owned(),
        false => exact.to_string(),
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

    #[test]
    fn references() {
        check(ValType::FUNCREF, "null", Some("null func"));
        check(ValType::EXTERNREF, "1", None);
    }
}
