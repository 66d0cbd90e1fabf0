//! Table instructions and bulk memory instructions (spec: exec/instructions, table and memory
//! instructions). Bounds are checked before anything is written.
//!
//! Addresses, indices and counts are whole cells whatever the address type: an `i32` stands
//! zero-extended, so all arithmetic here is on `u64`.

use super::plain::plain_ops;
use super::reference::{put, reference};
use crate::exec::context::{Ctx, Fault};
use crate::exec::linked::{Linked, get, set};
use crate::runtime::{MemAddr, Memory, Reference, Table, TableAddr};
use crate::syntax::AddrType;
use crate::trap::Trap;
use alloc::vec::Vec;
use core::ops::Range;

/// The two 32-bit numbers in an operation's data word.
fn pair(w: &[Linked]) -> Result<(u32, u32), Fault> {
    let word = w.first().ok_or(Fault::Bug)?.word();
    Ok((word as u32, (word >> 32) as u32))
}

/// The address of a memory of the current instance.
fn memory_addr(x: &Ctx<'_, '_>, index: u32) -> Result<MemAddr, Fault> {
    let addr = x.inst.memories.get(index as usize);
    addr.copied().ok_or(Fault::Bug)
}

/// The address of a table of the current instance.
fn table_addr(x: &Ctx<'_, '_>, index: u32) -> Result<TableAddr, Fault> {
    let addr = x.inst.tables.get(index as usize);
    addr.copied().ok_or(Fault::Bug)
}

/// A memory of the store; memory 0 must be back in its place.
fn memory<'x>(x: &'x mut Ctx<'_, '_>, index: u32) -> Result<&'x mut Memory, Fault> {
    let addr = memory_addr(x, index)?;
    x.memories.get_mut(addr.index()).ok_or(Fault::Bug)
}

/// A table of the store.
fn table<'x>(x: &'x mut Ctx<'_, '_>, index: u32) -> Result<&'x mut Table, Fault> {
    let addr = table_addr(x, index)?;
    x.tables.get_mut(addr.index()).ok_or(Fault::Bug)
}

/// `count` positions from `from` on, if they lie within `len`.
pub(super) fn span(from: u64, count: u64, len: usize) -> Option<Range<usize>> {
    let end = from.checked_add(count)?;
    (end <= len as u64).then_some(from as usize..end as usize)
}

/// The same of a table.
fn elements(from: u64, count: u64, len: usize) -> Result<Range<usize>, Trap> {
    span(from, count, len).ok_or(Trap::TableOutOfBounds)
}

/// Bytes of data segment `index` of the current instance; none once dropped.
pub(super) fn data<'c>(x: &Ctx<'c, '_>, index: u32) -> Result<&'c [u8], Fault> {
    let addr = x.inst.datas.index() + index as usize;
    if x.datas.get(addr).ok_or(Fault::Bug)?.dropped {
        return Ok(&[]);
    }
    let module = x.program.module();
    let segment = module.datas.get(index as usize).ok_or(Fault::Bug)?;
    Ok(module.slice(&segment.bytes))
}

/// Elements of element segment `index` of the current instance; none once dropped.
pub(super) fn items<'x>(x: &'x Ctx<'_, '_>, index: u32) -> Result<&'x [Reference], Fault> {
    let addr = x.inst.elems.index() + index as usize;
    Ok(&x.elems.get(addr).ok_or(Fault::Bug)?.items)
}

/// What a growth answers: the old size, or -1 in the address type.
fn grown(old: Option<u64>, ty: AddrType) -> u64 {
    match (old, ty) {
        (Some(old), _) => old,
        (None, AddrType::I32) => u64::from(u32::MAX),
        (None, AddrType::I64) => u64::MAX,
    }
}

/// Grows a memory by `delta` pages within its own limit and the store's; the old size if it did.
/// Memory 0 must be back in its place.
pub fn grow_memory(x: &mut Ctx<'_, '_>, addr: MemAddr, delta: u64) -> Result<Option<u64>, Fault> {
    let limit = x.fixed.memory_bytes;
    let memory = x.memories.get_mut(addr.index()).ok_or(Fault::Bug)?;
    Ok(memory.grow(delta, limit))
}

/// Grows a table by `delta` elements within its own limit and the store's; the old size if it did.
pub fn grow_table(
    x: &mut Ctx<'_, '_>,
    addr: TableAddr,
    delta: u64,
    init: Reference,
) -> Result<Option<u64>, Fault> {
    let limit = x.fixed.table_elements;
    let table = x.tables.get_mut(addr.index()).ok_or(Fault::Bug)?;
    Ok(table.grow(delta, init, limit))
}

/// Copies between two tables, or inside one.
fn copy_elements(
    tables: &mut [Table],
    [to, from]: [usize; 2],
    dst: u64,
    src: u64,
    count: u64,
) -> Result<(), Fault> {
    if to == from {
        let elems = &mut tables.get_mut(to).ok_or(Fault::Bug)?.elems;
        let source = elements(src, count, elems.len())?;
        let target = elements(dst, count, elems.len())?;
        elems.copy_within(source, target.start);
        return Ok(());
    }
    let [to, from] = tables
        .get_disjoint_mut([to, from])
        .map_err(|_| Fault::Bug)?;
    let source = elements(src, count, from.elems.len())?;
    let target = elements(dst, count, to.elems.len())?;
    to.elems[target].copy_from_slice(&from.elems[source]);
    Ok(())
}

/// Copies between two memories, or inside one.
fn copy_bytes(
    memories: &mut [Memory],
    [to, from]: [usize; 2],
    dst: u64,
    src: u64,
    count: u64,
) -> Result<(), Fault> {
    if to == from {
        let memory = memories.get_mut(to).ok_or(Fault::Bug)?;
        return Ok(memory.copy_within(dst, src, count)?);
    }
    let [to, from] = memories
        .get_disjoint_mut([to, from])
        .map_err(|_| Fault::Bug)?;
    Ok(to.copy_from(dst, from, src, count)?)
}

plain_ops! {
    /// `a <- size of memory imm`
    MemorySize 0 |op, w, f, x| {
        let pages = x.with_memories(|x| memory(x, op.imm()).map(|memory| memory.pages()))?;
        set(f, op.a, pages);
        Ok(pages)
    };
    /// `a <- grow memory imm by b`
    MemoryGrow 0 |op, w, f, x| {
        let delta = get(f, op.b);
        let result = x.with_memories(|x| -> Result<u64, Fault> {
            let addr = memory_addr(x, op.imm())?;
            let old = grow_memory(x, addr, delta)?;
            Ok(grown(old, memory(x, op.imm())?.ty().addr))
        })?;
        set(f, op.a, result);
        Ok(result)
    };
    /// Fill from `a` with `b`, `c` bytes.
    MemoryFill 1 |op, w, f, x| {
        let (index, _) = pair(w)?;
        let (to, byte, count) = (get(f, op.a), get(f, op.b) as u8, get(f, op.c));
        x.with_memories(|x| -> Result<u64, Fault> {
            memory(x, index)?.fill(to, byte, count)?;
            Ok(0)
        })
    };
    /// Copy to `a` from `b`, `c` bytes.
    MemoryCopy 1 |op, w, f, x| {
        let (to, from) = pair(w)?;
        let (dst, src, count) = (get(f, op.a), get(f, op.b), get(f, op.c));
        x.with_memories(|x| -> Result<u64, Fault> {
            let pair = [memory_addr(x, to)?.index(), memory_addr(x, from)?.index()];
            copy_bytes(x.memories, pair, dst, src, count)?;
            Ok(0)
        })
    };
    /// Copy to `a` from `b` of a segment, `c` bytes.
    MemoryInit 1 |op, w, f, x| {
        let (index, segment) = pair(w)?;
        let (dst, src, count) = (get(f, op.a), get(f, op.b), get(f, op.c));
        let bytes = data(x, segment)?;
        let source = span(src, count, bytes.len()).ok_or(Trap::MemoryOutOfBounds)?;
        x.with_memories(|x| -> Result<u64, Fault> {
            memory(x, index)?.write_bytes(dst, &bytes[source])?;
            Ok(0)
        })
    };
    /// Drop data segment `imm`.
    DataDrop 0 |op, w, f, x| {
        let addr = x.inst.datas.index() + op.imm() as usize;
        x.datas.get_mut(addr).ok_or(Fault::Bug)?.dropped = true;
        Ok(0)
    };

    /// `a <- table imm [b]`
    TableGet 0 |op, w, f, x| {
        let elems = &table(x, op.imm())?.elems;
        let at = elements(get(f, op.b), 1, elems.len())?;
        put(f, op.a, elems[at.start])
    };
    /// `table imm [a] <- b`
    TableSet 0 |op, w, f, x| {
        let elems = &mut table(x, op.imm())?.elems;
        let at = elements(get(f, op.a), 1, elems.len())?;
        elems[at.start] = reference(f, op.b);
        Ok(0)
    };
    /// `a <- size of table imm`
    TableSize 0 |op, w, f, x| {
        let size = table(x, op.imm())?.elems.len() as u64;
        set(f, op.a, size);
        Ok(size)
    };
    /// `a <- grow with b by c`
    TableGrow 1 |op, w, f, x| {
        let (index, _) = pair(w)?;
        let addr = table_addr(x, index)?;
        let old = grow_table(x, addr, get(f, op.c), reference(f, op.b))?;
        let result = grown(old, table(x, index)?.ty().addr);
        set(f, op.a, result);
        Ok(result)
    };
    /// Fill from `a` with `b`, `c` elements.
    TableFill 1 |op, w, f, x| {
        let (index, _) = pair(w)?;
        let elems = &mut table(x, index)?.elems;
        let target = elements(get(f, op.a), get(f, op.c), elems.len())?;
        elems[target].fill(reference(f, op.b));
        Ok(0)
    };
    /// Copy to `a` from `b`, `c` elements.
    TableCopy 1 |op, w, f, x| {
        let (to, from) = pair(w)?;
        let pair = [table_addr(x, to)?.index(), table_addr(x, from)?.index()];
        copy_elements(x.tables, pair, get(f, op.a), get(f, op.b), get(f, op.c))?;
        Ok(0)
    };
    /// Copy to `a` from `b` of a segment, `c` elements.
    TableInit 1 |op, w, f, x| {
        let (index, segment) = pair(w)?;
        let addr = table_addr(x, index)?.index();
        let (dst, src, count) = (get(f, op.a), get(f, op.b), get(f, op.c));
        // Segments and tables are separate fields, so that both can be borrowed at once.
        let items = x.elems.get(x.inst.elems.index() + segment as usize);
        let items = &items.ok_or(Fault::Bug)?.items;
        let elems = &mut x.tables.get_mut(addr).ok_or(Fault::Bug)?.elems;
        let source = elements(src, count, items.len())?;
        let target = elements(dst, count, elems.len())?;
        elems[target].copy_from_slice(&items[source]);
        Ok(0)
    };
    /// Drop element segment `imm`.
    ElemDrop 0 |op, w, f, x| {
        let addr = x.inst.elems.index() + op.imm() as usize;
        x.elems.get_mut(addr).ok_or(Fault::Bug)?.items = Vec::new();
        Ok(0)
    };
}
