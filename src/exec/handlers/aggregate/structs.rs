//! Structures (spec: exec/instructions, aggregate instructions).

use super::{Cells, allocate, object, sign_extend};
use crate::exec::context::{Ctx, OpExit};
use crate::exec::handlers::out_of_line::out_of_line_ops;
use crate::exec::handlers::reference::{put, store_type};
use crate::exec::threaded::{Frame, ThreadedOp, get, set};
use crate::runtime::Reference;
use crate::syntax::{StorageType, TypeId};
use crate::trap::Trap;

/// A new structure of the type in a data word, its fields zero or null.
fn new(x: &mut Ctx<'_, '_>, w: &[ThreadedOp]) -> Result<(u32, TypeId), OpExit> {
    let ty = store_type(x, w.first().ok_or(OpExit::Bug)?.word() as u32)?;
    Ok((allocate(x, |heap, types| heap.alloc_struct(types, ty))?, ty))
}

/// Field `imm` of the structure in `b`.
fn field(op: &ThreadedOp, f: &Frame, x: &Ctx<'_, '_>) -> Result<[u64; 2], OpExit> {
    let object = object(f, op.b, Trap::NullStructureReference)?;
    x.state.heap.get_field(object, op.imm()).ok_or(OpExit::Bug)
}

/// Writes field `imm` of the structure in `a`.
fn set_field(
    op: &ThreadedOp,
    f: &Frame,
    x: &mut Ctx<'_, '_>,
    cells: [u64; 2],
) -> Result<u64, OpExit> {
    let object = object(f, op.a, Trap::NullStructureReference)?;
    x.state
        .heap
        .set_field(object, op.imm(), cells)
        .ok_or(OpExit::Bug)?;
    Ok(0)
}

/// Writes a number of one cell.
fn put64(f: &Frame, cell: u16, value: u64) -> Result<u64, OpExit> {
    set(f, cell, value);
    Ok(value)
}

out_of_line_ops! {
    /// `a <- new struct`, fields from numbers at `b`, references at `c`
    StructNew 1 |op, w, f, x| {
        let (object, ty) = new(x, w)?;
        let types = &x.state.types;
        let mut cells = Cells { f, nums: op.b, refs: op.c };
        for (k, field) in (0..).zip(types.fields(ty).ok_or(OpExit::Bug)?) {
            let value = cells.next(field.storage);
            x.state.heap.set_field(object, k, value).ok_or(OpExit::Bug)?;
        }
        put(f, op.a, Reference::object(object))
    };
    /// `a <- new struct`
    StructNewDefault 1 |op, w, f, x| {
        let (object, _) = new(x, w)?;
        put(f, op.a, Reference::object(object))
    };
    /// `a <- b.imm`, packed fields zero-extended
    StructGet 0 |op, w, f, x| put64(f, op.a, field(op, f, x)?[0]);
    /// `a <- b.imm`, 8 bits sign-extended
    StructGetS8 0 |op, w, f, x| {
        put64(f, op.a, sign_extend(field(op, f, x)?[0], StorageType::I8))
    };
    /// `a <- b.imm`, 16 bits sign-extended
    StructGetS16 0 |op, w, f, x| {
        put64(f, op.a, sign_extend(field(op, f, x)?[0], StorageType::I16))
    };
    /// `a <- b.imm`, two cells
    StructGet2 0 |op, w, f, x| {
        let [low, high] = field(op, f, x)?;
        set(f, op.a, low);
        set(f, op.a.wrapping_add(1), high);
        Ok(0)
    };
    /// `a.imm <- b`
    StructSet 0 |op, w, f, x| set_field(op, f, x, [get(f, op.b), 0]);
    /// `a.imm <- b`, 8 bits
    StructSet8 0 |op, w, f, x| set_field(op, f, x, [get(f, op.b) & 0xFF, 0]);
    /// `a.imm <- b`, 16 bits
    StructSet16 0 |op, w, f, x| set_field(op, f, x, [get(f, op.b) & 0xFFFF, 0]);
    /// `a.imm <- b`, two cells
    StructSet2 0 |op, w, f, x| {
        set_field(op, f, x, [get(f, op.b), get(f, op.b.wrapping_add(1))])
    };
}
