//! Floats as literals of the text format (spec: text/values). Every text that shows a value of a
//! guest prints its floats through here, so that a NaN is never shown without its sign and payload.

use core::fmt::{self, Display, Formatter};

/// The bits of an `f32`, printed so that they read back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct F32Text(pub u32);

/// The bits of an `f64`, printed so that they read back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct F64Text(pub u64);

impl Display for F32Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let value = f32::from_bits(self.0);
        match value.is_nan() {
            true => nan(f, value.is_sign_negative(), self.0.into(), 23),
            false => write!(f, "{value}"),
        }
    }
}

impl Display for F64Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let value = f64::from_bits(self.0);
        match value.is_nan() {
            true => nan(f, value.is_sign_negative(), self.0, 52),
            false => write!(f, "{value}"),
        }
    }
}

/// A NaN whose payload is the number's lowest `mantissa` bits. The text format reads `nan` alone
/// as the canonical one.
fn nan(f: &mut Formatter<'_>, negative: bool, bits: u64, mantissa: u32) -> fmt::Result {
    let sign = if negative { "-" } else { "" };
    match bits & ((1 << mantissa) - 1) {
        payload if payload == 1 << (mantissa - 1) => write!(f, "{sign}nan"),
        payload => write!(f, "{sign}nan:{payload:#x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn nans_have_sign_and_payload() {
        for (bits, text) in [
            (0x7FC0_0000, "nan"),
            (0xFFC0_0000, "-nan"),
            (0x7FA0_0000, "nan:0x200000"),
            (0xFF80_0001, "-nan:0x1"),
            (0xFF80_0000, "-inf"),
            (0x8000_0000, "-0"),
            (0x3FC0_0000, "1.5"),
        ] {
            assert_eq!(F32Text(bits).to_string(), text);
        }
        for (bits, text) in [
            (0x7FF8 << 48, "nan"),
            (0xFFF8 << 48, "-nan"),
            (0x7FFC << 48, "nan:0xc000000000000"),
            (0xFFF0_0000_0000_0001, "-nan:0x1"),
            (0x7FF0 << 48, "inf"),
            (0xBFF8 << 48, "-1.5"),
        ] {
            assert_eq!(F64Text(bits).to_string(), text);
        }
    }
}
