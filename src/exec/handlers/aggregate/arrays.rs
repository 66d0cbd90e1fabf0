//! Arrays (spec: exec/instructions, aggregate instructions).

use super::{Cells, allocate, object, sign_extend};
use crate::exec::context::{Ctx, OpExit};
use crate::exec::handlers::bulk::{data, elem, in_parts, paid, step_of};
use crate::exec::handlers::out_of_line::out_of_line_ops;
use crate::exec::handlers::reference::{put, store_type};
use crate::exec::threaded::{Frame, ThreadedOp, get, get32, set};
use crate::runtime::Reference;
use crate::runtime::bulk::range;
use crate::syntax::{StorageType, TypeId, ValType};
use crate::trap::Trap;
use core::ops::Range;

/// The array type in an operation's data word, its elements, and the word's upper half.
fn array_type(x: &Ctx<'_, '_>, w: &[ThreadedOp]) -> Result<(TypeId, StorageType, u32), OpExit> {
    let word = w.first().ok_or(OpExit::Bug)?.word();
    let ty = store_type(x, word as u32)?;
    let element = x.state.types.element(ty).ok_or(OpExit::Bug)?;
    Ok((ty, element.storage, (word >> 32) as u32))
}

/// A new array, its elements zero or null.
fn new(x: &mut Ctx<'_, '_>, ty: TypeId, len: u32) -> Result<u32, OpExit> {
    // An allocation that is tried again after a collection is paid for once.
    let left = paid(x, u64::from(len), u64::MAX)?;
    let array = allocate(x, |heap, types| heap.alloc_array(types, ty, len))?;
    x.control.fuel = left;
    Ok(array)
}

/// The handle of the array in a cell.
fn array(f: &Frame, cell: u16) -> Result<u32, OpExit> {
    object(f, cell, Trap::NullArrayReference)
}

/// Returns how the elements of an array are stored.
fn storage(x: &Ctx<'_, '_>, array: u32) -> Result<StorageType, OpExit> {
    let ty = x.state.heap.array_type(array).ok_or(OpExit::Bug)?;
    Ok(x.state.types.element(ty).ok_or(OpExit::Bug)?.storage)
}

/// Checks that `count` elements from `at` on are among those of an array.
fn check(x: &Ctx<'_, '_>, array: u32, at: u32, count: u32) -> Result<(), OpExit> {
    let len = x.state.heap.array_len(array).ok_or(OpExit::Bug)?;
    match range(len as usize, u64::from(at), u64::from(count)) {
        Some(_) => Ok(()),
        None => Err(Trap::ArrayOutOfBounds.into()),
    }
}

/// Pays for writing `count` elements of an array.
fn pay(x: &mut Ctx<'_, '_>, array: u32, count: u32) -> Result<(), OpExit> {
    let most = x.state.heap.array_len(array).ok_or(OpExit::Bug)?;
    x.control.fuel = paid(x, u64::from(count), u64::from(most))?;
    Ok(())
}

/// An element in the frame, from a cell on. The heap takes of it as much as an
/// element has.
fn element(f: &Frame, cell: u16) -> [u64; 2] {
    [get(f, cell), get(f, cell.wrapping_add(1))]
}

/// The bytes of `count` elements from byte `from` of a data segment.
fn segment_bytes<'c>(
    x: &Ctx<'c, '_>,
    segment: u32,
    from: u32,
    count: u32,
    storage: StorageType,
) -> Result<&'c [u8], OpExit> {
    let bytes = data(x, segment)?;
    let size = u64::from(count) * u64::from(storage.bytes());
    let span = range(bytes.len(), u64::from(from), size).ok_or(Trap::MemoryOutOfBounds)?;
    Ok(&bytes[span])
}

/// Checks that `count` elements from `from` on are among those of an element segment.
fn segment_items(
    x: &Ctx<'_, '_>,
    segment: u32,
    from: u32,
    count: u32,
) -> Result<Range<usize>, OpExit> {
    let len = elem(x, segment)?.items.len();
    let span = range(len, u64::from(from), u64::from(count));
    Ok(span.ok_or(Trap::TableOutOfBounds)?)
}

/// Writes elements from `at` on from such a part of an element segment.
fn init_items(
    x: &mut Ctx<'_, '_>,
    array: u32,
    at: u32,
    segment: u32,
    span: Range<usize>,
) -> Result<(), OpExit> {
    // Segments and heap are separate fields, so that both can be borrowed at once.
    let elem = x.state.elems.get(x.inst.elems.index() + segment as usize);
    let items = elem.and_then(|elem| elem.items.get(span));
    let written = x
        .state
        .heap
        .array_init_refs(array, at, items.ok_or(OpExit::Bug)?);
    written.ok_or(OpExit::Bug)
}

out_of_line_ops! {
    /// `a <- new array of c elements b`
    ArrayNew 1 |op, w, f, x| {
        let (ty, ..) = array_type(x, w)?;
        let len = get32(f, op.c);
        let array = new(x, ty, len)?;
        x.state.heap.array_fill(array, 0, element(f, op.b), len).ok_or(OpExit::Bug)?;
        put(f, op.a, Reference::object(array))
    };
    /// `a <- new array of c elements`
    ArrayNewDefault 1 |op, w, f, x| {
        let (ty, ..) = array_type(x, w)?;
        let array = new(x, ty, get32(f, op.c))?;
        put(f, op.a, Reference::object(array))
    };
    /// `a <- new array of the imm values from b`
    ArrayNewFixed 1 |op, w, f, x| {
        let (ty, storage, _) = array_type(x, w)?;
        let array = new(x, ty, op.imm())?;
        let mut cells = Cells { f, nums: op.b, refs: op.b };
        for k in 0..op.imm() {
            x.state.heap.array_set(array, k, cells.next(storage)).ok_or(OpExit::Bug)?;
        }
        put(f, op.a, Reference::object(array))
    };
    /// `a <- new array of c elements from b of a segment`
    ArrayNewData 1 |op, w, f, x| {
        let (ty, storage, segment) = array_type(x, w)?;
        let len = get32(f, op.c);
        let bytes = segment_bytes(x, segment, get32(f, op.b), len, storage)?;
        let array = new(x, ty, len)?;
        x.state.heap.array_init_data(array, 0, bytes).ok_or(OpExit::Bug)?;
        put(f, op.a, Reference::object(array))
    };
    /// `a <- new array of c elements from b of a segment`
    ArrayNewElem 1 |op, w, f, x| {
        let (ty, _, segment) = array_type(x, w)?;
        let len = get32(f, op.c);
        let span = segment_items(x, segment, get32(f, op.b), len)?;
        let array = new(x, ty, len)?;
        init_items(x, array, 0, segment, span)?;
        put(f, op.a, Reference::object(array))
    };
    /// `a <- b[c]`; packed elements sign-extended if `d` is 1
    ArrayGet 0 |op, w, f, x| {
        let array = array(f, op.b)?;
        let storage = storage(x, array)?;
        let value = x.state.heap.array_get(array, get32(f, op.c));
        let [low, high] = value.ok_or(Trap::ArrayOutOfBounds)?;
        let low = if op.d == 1 { sign_extend(low, storage) } else { low };
        set(f, op.a, low);
        if storage == StorageType::Val(ValType::V128) {
            set(f, op.a.wrapping_add(1), high);
        }
        Ok(low)
    };
    /// `a[b] <- c`
    ArraySet 0 |op, w, f, x| {
        let array = array(f, op.a)?;
        let written = x.state.heap.array_set(array, get32(f, op.b), element(f, op.c));
        written.ok_or(Trap::ArrayOutOfBounds)?;
        Ok(0)
    };
    /// `a <- length of b`
    ArrayLen 0 |op, w, f, x| {
        let len = x.state.heap.array_len(array(f, op.b)?).ok_or(OpExit::Bug)?;
        set(f, op.a, u64::from(len));
        Ok(u64::from(len))
    };
    /// Fill `a` from `b` with `c`, `d` elements.
    ArrayFill 0 |op, w, f, x| {
        let array = array(f, op.a)?;
        let (at, value, count) = (get32(f, op.b), element(f, op.c), get32(f, op.d));
        let size = storage(x, array)?.bytes();
        let check = |x: &mut Ctx<'_, '_>| {
            pay(x, array, count)?;
            check(x, array, at, count)
        };
        in_parts(x, count.into(), size, check, |x, done, now| {
            let filled = x.state.heap.array_fill(array, at + done as u32, value, now as u32);
            filled.ok_or(OpExit::Bug)
        })
    };
    /// Copy to `a` at `b` from `c` at `d`.
    ArrayCopy 1 |op, w, f, x| {
        let count = get32(f, w.first().ok_or(OpExit::Bug)?.word() as u16);
        let (to, from) = (array(f, op.a)?, array(f, op.c)?);
        let (dst, src) = (get32(f, op.b), get32(f, op.d));
        let size = storage(x, to)?.bytes();
        let check = |x: &mut Ctx<'_, '_>| {
            pay(x, to, count)?;
            check(x, to, dst, count)?;
            check(x, from, src, count)
        };
        let backwards = to == from && dst > src;
        in_parts(x, count.into(), size, check, |x, done, now| {
            let step = step_of(backwards, count.into(), done, now) as u32;
            let copied = x.state.heap.array_copy(to, dst + step, from, src + step, now as u32);
            copied.ok_or(OpExit::Bug)
        })
    };
    /// Copy to `a` at `b` from `c` of a segment, `d` elements.
    ArrayInitData 1 |op, w, f, x| {
        let segment = w.first().ok_or(OpExit::Bug)?.word() as u32;
        let array = array(f, op.a)?;
        let (at, from, count) = (get32(f, op.b), get32(f, op.c), get32(f, op.d));
        pay(x, array, count)?;
        check(x, array, at, count)?;
        let bytes = segment_bytes(x, segment, from, count, storage(x, array)?)?;
        x.state.heap.array_init_data(array, at, bytes).ok_or(OpExit::Bug)?;
        Ok(0)
    };
    /// Copy to `a` at `b` from `c` of a segment, `d` elements.
    ArrayInitElem 1 |op, w, f, x| {
        let segment = w.first().ok_or(OpExit::Bug)?.word() as u32;
        let array = array(f, op.a)?;
        let (at, from, count) = (get32(f, op.b), get32(f, op.c), get32(f, op.d));
        pay(x, array, count)?;
        check(x, array, at, count)?;
        let span = segment_items(x, segment, from, count)?;
        init_items(x, array, at, segment, span)?;
        Ok(0)
    };
}
