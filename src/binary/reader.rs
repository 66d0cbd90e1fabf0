//! A position in bytes (spec: binary/conventions, binary/values): bytes, lengths and names.

use super::error::{Limit, Malformed, MalformedKind, Read};
use crate::syntax::Features;

/// Bytes being read. Positions it hands out count from the start of the module.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    /// Index into `bytes` of what is read next.
    pub(super) pos: usize,
    /// Position in the module of `bytes[0]`.
    base: u32,
    /// What the bytes may contain.
    pub(super) features: Features,
    /// Whether instructions may name data segments.
    pub(super) has_data_count: bool,
    /// Where the last instruction with a prefix has its second number.
    pub(super) instr_start: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], base: u32, features: &Features) -> Reader<'a> {
        Reader {
            bytes,
            pos: 0,
            base,
            features: *features,
            has_data_count: true,
            instr_start: 0,
        }
    }

    /// Position in the module of what is read next.
    #[inline(always)]
    pub(super) fn offset(&self) -> u32 {
        self.base.wrapping_add(self.pos as u32)
    }

    /// Position in the module of the byte read last.
    #[inline(always)]
    pub(super) fn offset_before(&self) -> u32 {
        self.offset().wrapping_sub(1)
    }

    #[inline(always)]
    pub(super) fn at_end(&self) -> bool {
        self.pos >= self.bytes.len()
    }

    /// Bytes not read yet.
    pub(super) fn remaining(&self) -> usize {
        self.bytes.len() - self.pos
    }

    /// The error of that kind, at the next byte.
    #[cold]
    pub(super) fn fail<T>(&self, kind: MalformedKind) -> Read<T> {
        Err(kind.at(self.offset()))
    }

    /// The error of that kind, at the byte read last.
    #[cold]
    pub(super) fn fail_before<T>(&self, kind: MalformedKind) -> Read<T> {
        Err(kind.at(self.offset_before()))
    }

    /// The next byte, left where it is.
    pub(super) fn peek(&self) -> Read<u8> {
        match self.bytes.get(self.pos) {
            Some(&byte) => Ok(byte),
            None => self.fail(MalformedKind::UnexpectedEnd),
        }
    }

    /// The next byte.
    #[inline(always)]
    pub(super) fn byte(&mut self) -> Read<u8> {
        match self.bytes.get(self.pos) {
            Some(&byte) => {
                self.pos += 1;
                Ok(byte)
            }
            None => self.fail(MalformedKind::UnexpectedEnd),
        }
    }

    /// The next bytes.
    #[inline(always)]
    pub(super) fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let rest = self.bytes.get(self.pos..).unwrap_or_default();
        match rest.first_chunk::<N>() {
            Some(chunk) => {
                self.pos += N;
                Ok(*chunk)
            }
            None => self.fail(MalformedKind::UnexpectedEnd),
        }
    }

    /// A byte that must be zero.
    pub(super) fn zero(&mut self) -> Read<()> {
        match self.byte()? {
            0 => Ok(()),
            _ => self.fail_before(MalformedKind::ZeroByte),
        }
    }

    /// A length or count. It may not exceed the bytes that were left before it, since nothing
    /// that is counted takes less than a byte.
    pub(super) fn len(&mut self) -> Read<u32> {
        let (left, offset) = (self.remaining(), self.offset());
        let len = self.u32()?;
        match len as usize <= left {
            true => Ok(len),
            false => Err(MalformedKind::Length.at(offset)),
        }
    }

    /// A count that together with `before` stays within a limit.
    pub(super) fn count(&mut self, limit: Limit, before: u32) -> Read<u32> {
        let offset = self.offset();
        let count = self.len()?;
        match count <= limit.max().saturating_sub(before) {
            true => Ok(count),
            false => Err(MalformedKind::Limit(limit).at(offset)),
        }
    }

    /// Returns how many elements of at least `bytes` each to reserve room for.
    pub(super) fn room(&self, count: u32, bytes: usize) -> usize {
        (count as usize).min(self.remaining() / bytes + 1)
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: u32) -> Read<&'a [u8]> {
        let end = self.pos.saturating_add(len as usize);
        match self.bytes.get(self.pos..end) {
            Some(bytes) => {
                self.pos = end;
                Ok(bytes)
            }
            None => self.fail(MalformedKind::UnexpectedEnd),
        }
    }

    /// A name (spec: binary/values, names).
    pub(super) fn name(&mut self) -> Read<&'a str> {
        let len = self.count(Limit::StringSize, 0)?;
        let offset = self.offset();
        let bytes = self.take(len)?;
        core::str::from_utf8(bytes).map_err(|error| Malformed {
            kind: MalformedKind::Utf8,
            offset: offset.wrapping_add(error.valid_up_to() as u32),
        })
    }
}
