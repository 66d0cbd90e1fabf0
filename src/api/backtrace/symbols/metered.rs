//! A reader of debug information that stops after a number of bytes. A guest's debug information
//! may say anything: that a thousand units share one table, or that a list refers to itself. What
//! is read bounds the time and, times a constant, the memory that any of it takes.

use core::cell::Cell;
use gimli::{EndianSlice, Error, LittleEndian, Reader, ReaderOffsetId, Result};
use std::borrow::Cow;

/// Most bytes of a text that is taken out, such as a name: it is copied more than once.
const LONGEST: usize = 64 << 10;

/// Bytes that may still be read of a section, by all readers of it together.
pub type Meter = Cell<u64>;

/// Reads a section, or a part of it.
#[derive(Clone, Debug)]
pub struct Metered<'a> {
    bytes: EndianSlice<'a, LittleEndian>,
    meter: &'a Meter,
}

impl<'a> Metered<'a> {
    /// Reads `bytes` as long as the meter allows.
    pub fn new(bytes: &'a [u8], meter: &'a Meter) -> Metered<'a> {
        Metered {
            bytes: EndianSlice::new(bytes, LittleEndian),
            meter,
        }
    }

    fn pay(&self, bytes: usize) -> Result<()> {
        // Every step has its price, be it one that reads nothing.
        match self.meter.get().checked_sub(bytes as u64 + 1) {
            Some(left) => {
                self.meter.set(left);
                Ok(())
            }
            None => {
                self.meter.set(0);
                Err(Error::UnexpectedEof(self.bytes.offset_id()))
            }
        }
    }
}

impl Reader for Metered<'_> {
    type Endian = LittleEndian;
    type Offset = usize;

    fn endian(&self) -> LittleEndian {
        LittleEndian
    }

    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn empty(&mut self) {
        self.bytes.empty();
    }

    fn truncate(&mut self, len: usize) -> Result<()> {
        self.bytes.truncate(len)
    }

    fn offset_from(&self, base: &Self) -> usize {
        self.bytes.offset_from(base.bytes)
    }

    fn offset_id(&self) -> ReaderOffsetId {
        self.bytes.offset_id()
    }

    fn lookup_offset_id(&self, id: ReaderOffsetId) -> Option<usize> {
        self.bytes.lookup_offset_id(id)
    }

    fn find(&self, byte: u8) -> Result<usize> {
        let found = self.bytes.find(byte);
        self.pay(found.unwrap_or(self.bytes.len()))?;
        found.ok_or(Error::UnexpectedEof(self.bytes.offset_id()))
    }

    fn skip(&mut self, len: usize) -> Result<()> {
        self.pay(0)?;
        self.bytes.skip(len)
    }

    fn split(&mut self, len: usize) -> Result<Self> {
        self.pay(0)?;
        Ok(Metered {
            bytes: self.bytes.split(len)?,
            meter: self.meter,
        })
    }

    fn to_slice(&self) -> Result<Cow<'_, [u8]>> {
        self.bytes.to_slice()
    }

    fn to_string(&self) -> Result<Cow<'_, str>> {
        Reader::to_string(&self.bytes)
    }

    fn to_string_lossy(&self) -> Result<Cow<'_, str>> {
        self.pay(self.bytes.len())?;
        if self.bytes.len() > LONGEST {
            return Err(Error::UnexpectedEof(self.bytes.offset_id()));
        }
        Reader::to_string_lossy(&self.bytes)
    }

    fn read_slice(&mut self, buffer: &mut [u8]) -> Result<()> {
        self.pay(buffer.len())?;
        Reader::read_slice(&mut self.bytes, buffer)
    }
}
