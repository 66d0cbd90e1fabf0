//! Reference instructions (spec: exec/instructions, reference instructions), casts and `i31`.
//!
//! A defined type in a data word is a canonical id of the module; the instance maps it to the
//! store's space, in which functions and objects have their types.

use super::out_of_line::out_of_line_ops;
use crate::code::op::decode_ref;
use crate::exec::context::{Ctx, OpExit};
use crate::exec::threaded::{Dispatch, Frame, ThreadedOp, get, get32, handlers, set};
use crate::runtime::Reference;
use crate::runtime::reference::matches;
use crate::syntax::{HeapType, TypeId};
use crate::trap::Trap;

/// The store's id of a canonical type of the current module.
pub(super) fn store_type(x: &Ctx<'_, '_>, id: u32) -> Result<TypeId, OpExit> {
    x.inst.types.get(id as usize).copied().ok_or(OpExit::Bug)
}

/// The reference in a cell.
pub(super) fn reference(f: &Frame, cell: u16) -> Reference {
    Reference::from_cell(get(f, cell))
}

/// Writes a reference; the accumulator is left with nothing.
pub(super) fn put(f: &Frame, cell: u16, value: Reference) -> Result<u64, OpExit> {
    set(f, cell, value.to_cell());
    Ok(0)
}

/// Writes an `i32`, which is also the accumulator.
fn put32(f: &Frame, cell: u16, value: u32) -> Result<u64, OpExit> {
    set(f, cell, u64::from(value));
    Ok(u64::from(value))
}

/// Returns whether a value is of the reference type in a data word.
#[inline(never)]
fn is_of(x: &Ctx<'_, '_>, value: Reference, word: &ThreadedOp) -> bool {
    let mut ty = decode_ref(word.word());
    if let HeapType::Concrete(id) = ty.heap {
        match store_type(x, id.0) {
            Ok(id) => ty.heap = HeapType::Concrete(id),
            Err(_) => return false,
        }
    }
    matches(&x.state.types, &x.state.funcs, &x.state.heap, value, ty)
}

handlers! {
    /// Goes to `imm` if (`a` is of the type in the data word) == `WANT`.
    pub fn br_on_cast[D: Dispatch, const WANT: bool](m) {
        let Some([word]) = m.words() else { return m.bug() };
        let (value, acc) = (Reference(m.get(m.op.a) as u32), m.acc);
        let taken = is_of(m.x, value, word) == WANT;
        m.branch::<D>(taken, 1, acc)
    }
}

out_of_line_ops! {
    /// `a <- b is null`
    RefIsNull 0 |op, w, f, x| put32(f, op.a, u32::from(reference(f, op.b).is_null()));
    /// `a <- b`, trap if null
    RefAsNonNull 0 |op, w, f, x| {
        let value = reference(f, op.b);
        if value.is_null() {
            return Err(Trap::NullReference.into());
        }
        put(f, op.a, value)
    };
    /// `a <- b == c`
    RefEq 0 |op, w, f, x| {
        put32(f, op.a, u32::from(reference(f, op.b) == reference(f, op.c)))
    };
    /// `a <- reference to function imm`
    RefFunc 0 |op, w, f, x| {
        let addr = x.inst.funcs.get(op.imm() as usize).ok_or(OpExit::Bug)?;
        put(f, op.a, Reference::func(*addr))
    };
    /// `a <- b is of the type in data`
    RefTest 1 |op, w, f, x| {
        let word = w.first().ok_or(OpExit::Bug)?;
        put32(f, op.a, u32::from(is_of(x, reference(f, op.b), word)))
    };
    /// `a <- b`, trap unless it is of the type in data
    RefCast 1 |op, w, f, x| {
        let word = w.first().ok_or(OpExit::Bug)?;
        let value = reference(f, op.b);
        if !is_of(x, value, word) {
            return Err(Trap::CastFailure.into());
        }
        put(f, op.a, value)
    };
    /// `a <- i31 of b`
    RefI31 0 |op, w, f, x| put(f, op.a, Reference::i31(get32(f, op.b)));
    /// `a <- b`, sign-extended
    I31GetS 0 |op, w, f, x| {
        let shifted = (i31(f, op.b)? << 1).cast_signed();
        put32(f, op.a, (shifted >> 1).cast_unsigned())
    };
    /// `a <- b`, zero-extended
    I31GetU 0 |op, w, f, x| put32(f, op.a, i31(f, op.b)?);
}

/// The 31 bits in a cell.
fn i31(f: &Frame, cell: u16) -> Result<u32, OpExit> {
    let value = reference(f, cell);
    if value.is_null() {
        return Err(Trap::NullI31Reference.into());
    }
    value.as_i31().ok_or(OpExit::Bug)
}
