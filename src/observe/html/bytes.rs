//! Numbers and values as bytes: what a recorded trace is written in. Knows nothing of runs.
//!
//! A number is seven bits a byte, low bits first, the top bit set on all bytes but the last. A
//! signed number is first folded, so that small ones of both signs are short.

use crate::exec::probe::Value;
use crate::syntax::ValType;
use alloc::vec::Vec;

/// A buffer that bytes are appended to.
#[derive(Debug, Default)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// Appends an unsigned number.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// Appends a signed number.
    pub fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63) as u64);
    }

    /// Appends a value, whose type the reader knows.
    pub fn value(&mut self, value: &Value) {
        self.cells(value.ty, value.cells);
    }

    /// Appends the cells of a value.
    pub fn cells(&mut self, ty: ValType, [low, high]: [u64; 2]) {
        match ty {
            ValType::I32 => self.signed(i64::from(low as u32 as i32)),
            ValType::I64 => self.signed(low as i64),
            ValType::F32 => self.0.extend_from_slice(&(low as u32).to_le_bytes()),
            ValType::F64 => self.0.extend_from_slice(&low.to_le_bytes()),
            ValType::V128 => {
                self.0.extend_from_slice(&low.to_le_bytes());
                self.0.extend_from_slice(&high.to_le_bytes());
            }
            ValType::Ref(_) => self.number(low),
        }
    }

    /// Appends bytes, after their number.
    pub fn slice(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
}

/// The letter that stands for a type.
pub fn letter(ty: ValType) -> char {
    match ty {
        ValType::I32 => 'i',
        ValType::I64 => 'I',
        ValType::F32 => 'f',
        ValType::F64 => 'F',
        ValType::V128 => 'v',
        ValType::Ref(_) => 'r',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let mut bytes = Bytes::default();
        bytes.number(300);
        bytes.signed(-1);
        bytes.signed(i64::MIN);
        assert_eq!(bytes.0[..3], [0xac, 0x02, 0x01]);
        assert_eq!(bytes.0.len(), 13);
    }
}
