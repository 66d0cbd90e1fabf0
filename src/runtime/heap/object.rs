//! Fields, elements and exception values. A value is two cells, the second for vectors only: an
//! `i32` and packed numbers zero-extended, a reference as its number. Whether the type of a value
//! fits is the caller's to know; places out of bounds and wrong handles answer `None`.

use super::super::{Reference, TagAddr, bulk};
use super::layout::Layout;
use super::storage::{GRANULE, Place};
use super::{Form, Header, Heap};
use crate::syntax::{TypeId, TypeIdx};
use core::ops::Range;

impl Header {
    #[inline(always)]
    fn place(&self) -> Place {
        Place {
            offset: self.offset,
            large: self.large,
        }
    }
}

/// The bytes that the elements `at` to `at + n` of an array take.
#[inline]
fn elements(header: &Header, at: u32, n: u32) -> Option<Range<usize>> {
    let range = bulk::range(header.len as usize, at.into(), n.into())?;
    Some(range.start << header.shift..range.end << header.shift)
}

/// Structs.
impl Heap {
    /// A field, packed numbers zero-extended.
    #[inline(always)]
    pub fn get_field(&self, handle: u32, field: u32) -> Option<[u64; 2]> {
        let header = self.headers.get(handle as usize)?;
        if header.form == Form::Struct && field < header.len {
            let low = self
                .storage
                .granule(header.offset as usize + field as usize)?;
            return Some([low, 0]);
        }
        self.get_value(handle, Form::WideStruct, field)
    }

    /// Writes a field; of a packed one `value` must have no bits above its width.
    #[inline(always)]
    pub fn set_field(&mut self, handle: u32, field: u32, value: [u64; 2]) -> Option<()> {
        let header = self.headers.get(handle as usize)?;
        if header.form == Form::Struct && field < header.len {
            let at = header.offset as usize + field as usize;
            *self.storage.granule_mut(at)? = value[0].to_le_bytes();
            return Some(());
        }
        self.set_value(handle, Form::WideStruct, field, value)
    }

    /// Header and layout of an object of a form.
    fn laid_out(&self, handle: u32, form: Form) -> Option<(Header, &Layout)> {
        let header = *self.headers.get(handle as usize)?;
        if header.form != form {
            return None;
        }
        Some((header, self.layout(&header)?))
    }

    #[cold]
    fn get_value(&self, handle: u32, form: Form, number: u32) -> Option<[u64; 2]> {
        let (header, layout) = self.laid_out(handle, form)?;
        let &(first, two) = layout.values.get(number as usize)?;
        let bytes = self.storage.bytes(header.place(), header.size() as usize)?;
        let cell = |granule: u32| -> Option<u64> {
            let bytes = bytes.get(granule as usize * GRANULE..)?.first_chunk()?;
            Some(u64::from_le_bytes(*bytes))
        };
        Some([cell(first)?, if two { cell(first + 1)? } else { 0 }])
    }

    #[cold]
    fn set_value(&mut self, handle: u32, form: Form, number: u32, value: [u64; 2]) -> Option<()> {
        let (header, layout) = self.laid_out(handle, form)?;
        let &(first, two) = layout.values.get(number as usize)?;
        let size = header.size() as usize;
        let bytes = self.storage.bytes_mut(header.place(), size)?;
        let cells = bytes.get_mut(first as usize * GRANULE..)?;
        *cells.first_chunk_mut()? = value[0].to_le_bytes();
        if two {
            *cells.get_mut(GRANULE..)?.first_chunk_mut()? = value[1].to_le_bytes();
        }
        Some(())
    }
}

/// Exceptions.
impl Heap {
    /// The tag of an exception.
    pub fn exception_tag(&self, handle: u32) -> Option<TagAddr> {
        let header = self.headers.get(handle as usize)?;
        (header.form == Form::Exception).then_some(TagAddr(header.ty))
    }

    /// A value an exception carries, in the order of its tag's parameters.
    pub fn exception_value(&self, handle: u32, number: u32) -> Option<[u64; 2]> {
        self.get_value(handle, Form::Exception, number)
    }

    /// All values an exception carries, in the order of its tag's parameters.
    pub fn exception_payload(&self, handle: u32) -> Option<impl Iterator<Item = [u64; 2]> + '_> {
        let (_, layout) = self.laid_out(handle, Form::Exception)?;
        let count = layout.values.len() as u32;
        Some((0..count).map_while(move |number| self.exception_value(handle, number)))
    }

    pub(super) fn set_exception_value(
        &mut self,
        handle: u32,
        number: u32,
        value: [u64; 2],
    ) -> Option<()> {
        self.set_value(handle, Form::Exception, number, value)
    }
}

/// Arrays.
impl Heap {
    #[inline(always)]
    fn array(&self, handle: u32) -> Option<Header> {
        let header = *self.headers.get(handle as usize)?;
        (header.form == Form::Array).then_some(header)
    }

    /// The type of an array.
    #[inline]
    pub fn array_type(&self, handle: u32) -> Option<TypeId> {
        self.array(handle).map(|header| TypeIdx(header.ty))
    }

    /// Number of elements.
    #[inline]
    pub fn array_len(&self, handle: u32) -> Option<u32> {
        self.array(handle).map(|header| header.len)
    }

    /// The contents of an array, elements little-endian one after another.
    pub fn array_bytes(&self, handle: u32) -> Option<&[u8]> {
        let header = self.array(handle)?;
        self.storage.bytes(header.place(), header.size() as usize)
    }

    /// An element, packed numbers zero-extended.
    #[inline]
    pub fn array_get(&self, handle: u32, index: u32) -> Option<[u64; 2]> {
        let header = self.array(handle)?;
        let at = elements(&header, index, 1)?;
        let bytes = self
            .storage
            .bytes(header.place(), at.end)?
            .get(at.start..)?;
        Some(match header.shift {
            0 => [(*bytes.first()?).into(), 0],
            1 => [u16::from_le_bytes(*bytes.first_chunk()?).into(), 0],
            2 => [u32::from_le_bytes(*bytes.first_chunk()?).into(), 0],
            3 => [u64::from_le_bytes(*bytes.first_chunk()?), 0],
            _ => {
                let wide = u128::from_le_bytes(*bytes.first_chunk()?);
                [wide as u64, (wide >> 64) as u64]
            }
        })
    }

    /// Writes an element; bits above the width of its type are lost.
    #[inline]
    pub fn array_set(&mut self, handle: u32, index: u32, value: [u64; 2]) -> Option<()> {
        let header = self.array(handle)?;
        let at = elements(&header, index, 1)?;
        let bytes = self.storage.bytes_mut(header.place(), at.end)?;
        let bytes = bytes.get_mut(at.start..)?;
        match header.shift {
            0 => *bytes.first_mut()? = value[0] as u8,
            1 => *bytes.first_chunk_mut()? = (value[0] as u16).to_le_bytes(),
            2 => *bytes.first_chunk_mut()? = (value[0] as u32).to_le_bytes(),
            3 => *bytes.first_chunk_mut()? = value[0].to_le_bytes(),
            _ => *bytes.first_chunk_mut()? = wide(value),
        }
        Some(())
    }

    /// Sets `n` elements (spec: `array.fill`).
    pub fn array_fill(&mut self, handle: u32, at: u32, value: [u64; 2], n: u32) -> Option<()> {
        let header = self.array(handle)?;
        let range = elements(&header, at, n)?;
        let bytes = self.storage.bytes_mut(header.place(), range.end)?;
        let bytes = bytes.get_mut(range)?;
        let value = wide(value);
        match header.shift {
            0 => bytes.fill(value[0]),
            shift => {
                let size = 1 << shift;
                for element in bytes.chunks_exact_mut(size) {
                    element.copy_from_slice(&value[..size]);
                }
            }
        }
        Some(())
    }

    /// Copies `n` elements between arrays of elements of one size, or inside one (spec:
    /// `array.copy`).
    pub fn array_copy(&mut self, to: u32, dst: u32, from: u32, src: u32, n: u32) -> Option<()> {
        let (target, source) = (self.array(to)?, self.array(from)?);
        if target.shift != source.shift {
            return None;
        }
        let (dst, src) = (elements(&target, dst, n)?, elements(&source, src, n)?);
        if n == 0 {
            return Some(());
        }
        self.storage.copy(
            (target.place(), dst.start),
            (source.place(), src.start),
            src.len(),
        )
    }

    /// Writes elements from their bytes in a data segment (spec: `array.init_data`): as many as
    /// `data` has whole ones.
    pub fn array_init_data(&mut self, handle: u32, at: u32, data: &[u8]) -> Option<()> {
        let header = self.array(handle)?;
        let n = u32::try_from(data.len() >> header.shift).ok()?;
        let range = elements(&header, at, n)?;
        let bytes = self.storage.bytes_mut(header.place(), range.end)?;
        let len = range.len();
        bytes.get_mut(range)?.copy_from_slice(data.get(..len)?);
        Some(())
    }

    /// Writes elements from references (spec: `array.init_elem`).
    pub fn array_init_refs(&mut self, handle: u32, at: u32, refs: &[Reference]) -> Option<()> {
        let header = self.array(handle)?;
        if header.shift != 2 {
            return None;
        }
        let range = elements(&header, at, u32::try_from(refs.len()).ok()?)?;
        let bytes = self.storage.bytes_mut(header.place(), range.end)?;
        let bytes = bytes.get_mut(range)?;
        for (element, value) in bytes.chunks_exact_mut(4).zip(refs) {
            element.copy_from_slice(&value.0.to_le_bytes());
        }
        Some(())
    }
}

/// The bytes of two cells.
fn wide([low, high]: [u64; 2]) -> [u8; 16] {
    (u128::from(low) | u128::from(high) << 64).to_le_bytes()
}
