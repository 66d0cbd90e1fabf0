//! Arrays (spec: exec/instructions, aggregate instructions). Lengths and indices are `i32`, so
//! sums of them in `u64` cannot wrap.

use super::{Cells, allocate, object, sign_extend, value};
use crate::exec::context::{Ctx, Fault};
use crate::exec::handlers::bulk::{data, items};
use crate::exec::handlers::plain::plain_ops;
use crate::exec::handlers::reference::{put, store_type};
use crate::exec::linked::{Frame, Linked, get, get32, set};
use crate::runtime::Reference;
use crate::runtime::bulk::range;
use crate::syntax::{StorageType, TypeId, ValType};
use crate::trap::Trap;
use core::ops::Range;

/// The array type in an operation's data word, its elements, and the word's upper half.
fn array_type(x: &Ctx<'_, '_>, w: &[Linked]) -> Result<(TypeId, StorageType, u32), Fault> {
    let word = w.first().ok_or(Fault::Bug)?.word();
    let ty = store_type(x, word as u32)?;
    let element = x.types.element(ty).ok_or(Fault::Bug)?;
    Ok((ty, element.storage, (word >> 32) as u32))
}

/// A new array, its elements zero or null.
fn new(x: &mut Ctx<'_, '_>, ty: TypeId, len: u32) -> Result<u32, Fault> {
    allocate(x, |x| x.heap.alloc_array(x.types, ty, len))
}

/// The handle, the element type and the length of the array in a cell.
fn array(x: &Ctx<'_, '_>, f: &Frame, cell: u16) -> Result<(u32, StorageType, u32), Fault> {
    let array = object(f, cell, Trap::NullArrayReference)?;
    let ty = x.heap.array_type(array).ok_or(Fault::Bug)?;
    let element = x.types.element(ty).ok_or(Fault::Bug)?;
    Ok((
        array,
        element.storage,
        x.heap.array_len(array).ok_or(Fault::Bug)?,
    ))
}

/// Checks that `count` elements from `from` on lie within `len`.
fn check(from: u32, count: u32, len: u32) -> Result<(), Trap> {
    match u64::from(from) + u64::from(count) <= u64::from(len) {
        true => Ok(()),
        false => Err(Trap::ArrayOutOfBounds),
    }
}

/// The bytes of `count` elements from byte `from` of a data segment.
fn segment_bytes<'c>(
    x: &Ctx<'c, '_>,
    segment: u32,
    from: u32,
    count: u32,
    storage: StorageType,
) -> Result<&'c [u8], Fault> {
    let bytes = data(x, segment)?;
    let size = u64::from(count) * u64::from(storage.bytes());
    let span = range(bytes.len(), u64::from(from), size).ok_or(Trap::MemoryOutOfBounds)?;
    Ok(&bytes[span])
}

/// Writes elements from `at` on from an element segment, once its bounds are known to hold.
fn init_elem(
    x: &mut Ctx<'_, '_>,
    array: u32,
    at: u32,
    segment: u32,
    span: Range<usize>,
) -> Result<(), Fault> {
    // Segments and heap are separate fields, so that both can be borrowed at once.
    let items = x.elems.get(x.inst.elems.index() + segment as usize);
    let items = items
        .and_then(|elem| elem.items.get(span))
        .ok_or(Fault::Bug)?;
    x.heap.array_init_refs(array, at, items).ok_or(Fault::Bug)
}

plain_ops! {
    /// `a <- new array of c elements b`
    ArrayNew 1 |op, w, f, x| {
        let (ty, storage, _) = array_type(x, w)?;
        let len = get32(f, op.c);
        let array = new(x, ty, len)?;
        x.heap.array_fill(array, 0, value(f, op.b, storage), len).ok_or(Fault::Bug)?;
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
            x.heap.array_set(array, k, cells.next(storage)).ok_or(Fault::Bug)?;
        }
        put(f, op.a, Reference::object(array))
    };
    /// `a <- new array of c elements from b of a segment`
    ArrayNewData 1 |op, w, f, x| {
        let (ty, storage, segment) = array_type(x, w)?;
        let (from, len) = (get32(f, op.b), get32(f, op.c));
        let bytes = segment_bytes(x, segment, from, len, storage)?;
        let array = new(x, ty, len)?;
        x.heap.array_init_data(array, 0, bytes).ok_or(Fault::Bug)?;
        put(f, op.a, Reference::object(array))
    };
    /// `a <- new array of c elements from b of a segment`
    ArrayNewElem 1 |op, w, f, x| {
        let (ty, _, segment) = array_type(x, w)?;
        let (from, len) = (get(f, op.b), get32(f, op.c));
        let span = range(items(x, segment)?.len(), from, u64::from(len));
        let span = span.ok_or(Trap::TableOutOfBounds)?;
        let array = new(x, ty, len)?;
        init_elem(x, array, 0, segment, span)?;
        put(f, op.a, Reference::object(array))
    };
    /// `a <- b[c]`; packed elements sign-extended if `d` is 1
    ArrayGet 0 |op, w, f, x| {
        let (array, storage, len) = array(x, f, op.b)?;
        let at = get32(f, op.c);
        check(at, 1, len)?;
        let [low, high] = x.heap.array_get(array, at).ok_or(Fault::Bug)?;
        let low = if op.d == 1 { sign_extend(low, storage) } else { low };
        set(f, op.a, low);
        if storage == StorageType::Val(ValType::V128) {
            set(f, op.a.wrapping_add(1), high);
        }
        Ok(low)
    };
    /// `a[b] <- c`
    ArraySet 0 |op, w, f, x| {
        let (array, storage, len) = array(x, f, op.a)?;
        let at = get32(f, op.b);
        check(at, 1, len)?;
        x.heap.array_set(array, at, value(f, op.c, storage)).ok_or(Fault::Bug)?;
        Ok(0)
    };
    /// `a <- length of b`
    ArrayLen 0 |op, w, f, x| {
        let (.., len) = array(x, f, op.b)?;
        set(f, op.a, u64::from(len));
        Ok(u64::from(len))
    };
    /// Fill `a` from `b` with `c`, `d` elements.
    ArrayFill 0 |op, w, f, x| {
        let (array, storage, len) = array(x, f, op.a)?;
        let (at, count) = (get32(f, op.b), get32(f, op.d));
        check(at, count, len)?;
        x.heap.array_fill(array, at, value(f, op.c, storage), count).ok_or(Fault::Bug)?;
        Ok(0)
    };
    /// Copy to `a` at `b` from `c` at `d`.
    ArrayCopy 1 |op, w, f, x| {
        let count = get32(f, w.first().ok_or(Fault::Bug)?.word() as u16);
        let (to, _, to_len) = array(x, f, op.a)?;
        let (from, _, from_len) = array(x, f, op.c)?;
        let (dst, src) = (get32(f, op.b), get32(f, op.d));
        check(dst, count, to_len)?;
        check(src, count, from_len)?;
        x.heap.array_copy(to, dst, from, src, count).ok_or(Fault::Bug)?;
        Ok(0)
    };
    /// Copy to `a` at `b` from `c` of a segment, `d` elements.
    ArrayInitData 1 |op, w, f, x| {
        let segment = w.first().ok_or(Fault::Bug)?.word() as u32;
        let (array, storage, len) = array(x, f, op.a)?;
        let (at, from, count) = (get32(f, op.b), get32(f, op.c), get32(f, op.d));
        check(at, count, len)?;
        let bytes = segment_bytes(x, segment, from, count, storage)?;
        x.heap.array_init_data(array, at, bytes).ok_or(Fault::Bug)?;
        Ok(0)
    };
    /// Copy to `a` at `b` from `c` of a segment, `d` elements.
    ArrayInitElem 1 |op, w, f, x| {
        let segment = w.first().ok_or(Fault::Bug)?.word() as u32;
        let (array, _, len) = array(x, f, op.a)?;
        let (at, from, count) = (get32(f, op.b), get(f, op.c), get32(f, op.d));
        check(at, count, len)?;
        let span = range(items(x, segment)?.len(), from, u64::from(count));
        init_elem(x, array, at, segment, span.ok_or(Trap::TableOutOfBounds)?)?;
        Ok(0)
    };
}
