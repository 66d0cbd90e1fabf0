//! Aggregate instructions (spec: exec/instructions, aggregate instructions) and the throwing of
//! exceptions, whose payload is an aggregate too.
//!
//! An allocation can ask for a collection and then starts again, so nothing has an effect before
//! its object exists.

mod arrays;
mod exceptions;
mod structs;

pub use arrays::{
    ArrayCopy, ArrayFill, ArrayGet, ArrayInitData, ArrayInitElem, ArrayLen, ArrayNew, ArrayNewData,
    ArrayNewDefault, ArrayNewElem, ArrayNewFixed, ArraySet,
};
pub use exceptions::{Throw, ThrowRef};
pub use structs::{
    StructGet, StructGet2, StructGetS8, StructGetS16, StructNew, StructNewDefault, StructSet,
    StructSet2, StructSet8, StructSet16,
};

use super::reference::reference;
use crate::exec::context::{Ctx, OpExit};
use crate::exec::threaded::{Frame, get};
use crate::runtime::{Heap, HeapFull};
use crate::syntax::{StorageType, TypeSpace, ValType};
use crate::trap::Trap;

/// The handle of the object a cell refers to, or a trap for null.
fn object(f: &Frame, cell: u16, null: Trap) -> Result<u32, OpExit> {
    let value = reference(f, cell);
    if value.is_null() {
        return Err(null.into());
    }
    value.as_object().ok_or(OpExit::Bug)
}

/// The value of a field or an element in the frame, packed as it is stored.
fn value(f: &Frame, cell: u16, storage: StorageType) -> [u64; 2] {
    let low = get(f, cell);
    match storage {
        StorageType::I8 => [low & 0xFF, 0],
        StorageType::I16 => [low & 0xFFFF, 0],
        StorageType::Val(ValType::V128) => [low, get(f, cell.wrapping_add(1))],
        StorageType::Val(_) => [low, 0],
    }
}

/// A packed number, sign-extended to an `i32`.
fn sign_extend(value: u64, storage: StorageType) -> u64 {
    match storage {
        StorageType::I8 => u64::from(i32::from(value as i8).cast_unsigned()),
        StorageType::I16 => u64::from(i32::from(value as i16).cast_unsigned()),
        StorageType::Val(_) => value,
    }
}

/// Hands out the cells of successive values: numbers from one place on, references from another.
struct Cells<'f> {
    f: &'f Frame,
    nums: u16,
    refs: u16,
}

impl Cells<'_> {
    /// The next value of that type.
    fn next(&mut self, storage: StorageType) -> [u64; 2] {
        let ty = storage.unpacked();
        let place = if ty.is_ref() {
            &mut self.refs
        } else {
            &mut self.nums
        };
        let cell = *place;
        *place = cell.wrapping_add(ty.cells() as u16);
        value(self.f, cell, storage)
    }
}

/// Allocates an object, or returns what must happen before that.
fn allocate(
    x: &mut Ctx<'_, '_>,
    alloc: impl FnOnce(&mut Heap, &TypeSpace) -> Result<u32, HeapFull>,
) -> Result<u32, OpExit> {
    alloc(&mut x.state.heap, &x.state.types).map_err(OpExit::from)
}

impl From<HeapFull> for OpExit {
    fn from(full: HeapFull) -> OpExit {
        match full.trap() {
            Some(trap) => trap.into(),
            None => OpExit::Collect,
        }
    }
}
