//! Integers (spec: binary/values, integers). Nearly all of them have one byte, so that case is
//! inlined where the number is read, and the rest is a call.

use super::error::{MalformedKind, Read};
use super::reader::Reader;

impl Reader<'_> {
    /// An unsigned 32-bit integer.
    #[inline(always)]
    pub(super) fn u32(&mut self) -> Read<u32> {
        match self.bytes.get(self.pos) {
            Some(&byte) if byte < 0x80 => {
                self.pos += 1;
                Ok(u32::from(byte))
            }
            _ => self.u32_long(),
        }
    }

    /// An unsigned 64-bit integer.
    #[inline(always)]
    pub(super) fn u64(&mut self) -> Read<u64> {
        match self.bytes.get(self.pos) {
            Some(&byte) if byte < 0x80 => {
                self.pos += 1;
                Ok(u64::from(byte))
            }
            _ => self.u64_long(),
        }
    }

    /// A signed 32-bit integer.
    #[inline(always)]
    pub(super) fn s32(&mut self) -> Read<i32> {
        match self.bytes.get(self.pos) {
            Some(&byte) if byte < 0x80 => {
                self.pos += 1;
                Ok(i32::from((byte << 1) as i8 >> 1))
            }
            _ => self.s32_long(),
        }
    }

    /// A signed 64-bit integer.
    #[inline(always)]
    pub(super) fn s64(&mut self) -> Read<i64> {
        match self.bytes.get(self.pos) {
            Some(&byte) if byte < 0x80 => {
                self.pos += 1;
                Ok(i64::from((byte << 1) as i8 >> 1))
            }
            _ => self.s64_long(),
        }
    }

    /// A signed 33-bit integer.
    pub(super) fn s33(&mut self) -> Read<i64> {
        self.signed::<33>()
    }

    #[inline(never)]
    fn u32_long(&mut self) -> Read<u32> {
        Ok(self.unsigned::<32>()? as u32)
    }

    #[inline(never)]
    fn u64_long(&mut self) -> Read<u64> {
        self.unsigned::<64>()
    }

    #[inline(never)]
    fn s32_long(&mut self) -> Read<i32> {
        Ok(self.signed::<32>()? as i32)
    }

    #[inline(never)]
    fn s64_long(&mut self) -> Read<i64> {
        self.signed::<64>()
    }

    #[inline(always)]
    fn unsigned<const BITS: u32>(&mut self) -> Read<u64> {
        let (mut value, mut shift) = (0u64, 0);
        while shift < BITS {
            let byte = self.byte()?;
            let (bits, left) = (byte & 0x7F, BITS - shift);
            if left < 7 && bits >> left != 0 {
                return self.fail_before(MalformedKind::IntegerTooLarge);
            }
            value |= u64::from(bits) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
        }
        self.fail(MalformedKind::IntegerTooLong)
    }

    #[inline(always)]
    fn signed<const BITS: u32>(&mut self) -> Read<i64> {
        let (mut value, mut shift) = (0i64, 0);
        while shift < BITS {
            let byte = self.byte()?;
            let (bits, left) = (byte & 0x7F, BITS - shift);
            if left < 7 {
                // The sign bit and all bits above it must agree.
                let above = (0x7F << (left - 1)) & 0x7F;
                if bits & above != 0 && bits & above != above {
                    return self.fail_before(MalformedKind::IntegerTooLarge);
                }
            }
            value |= i64::from(bits) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                let unused = 64u32.saturating_sub(shift);
                return Ok(value << unused >> unused);
            }
        }
        self.fail(MalformedKind::IntegerTooLong)
    }
}
