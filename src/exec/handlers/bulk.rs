//! Table instructions and bulk memory instructions (spec: exec/instructions, table and memory
//! instructions). Bounds are checked before anything is written.
//!
//! What can be long is done in parts, in the order in which the spec's rules write, and looks at
//! the epoch between them. So whoever sees the store at an interruption sees a state that the rules
//! pass through, and the run goes on where it was.
//!
//! Addresses, indices and counts are whole cells whatever the address type: an `i32` stands
//! zero-extended, so all arithmetic here is on `u64`.

use super::out_of_line::out_of_line_ops;
use super::reference::{put, reference};
use crate::exec::context::{Ctx, OpExit};
use crate::exec::threaded::{ThreadedOp, get, set};
use crate::runtime::{
    ElemInst, MemAddr, Memory, Reference, Table, TableAddr, Wanted, memory, table,
};
use crate::syntax::AddrType;
use crate::trap::Trap;
use alloc::vec::Vec;

/// The two 32-bit numbers in an operation's data word.
fn pair(w: &[ThreadedOp]) -> Result<(u32, u32), OpExit> {
    let word = w.first().ok_or(OpExit::Bug)?.word();
    Ok((word as u32, (word >> 32) as u32))
}

/// The address of a memory of the current instance.
fn memory_addr(x: &Ctx<'_, '_>, index: u32) -> Result<MemAddr, OpExit> {
    let addr = x.inst.memories.get(index as usize);
    addr.copied().ok_or(OpExit::Bug)
}

/// The address of a table of the current instance.
fn table_addr(x: &Ctx<'_, '_>, index: u32) -> Result<TableAddr, OpExit> {
    let addr = x.inst.tables.get(index as usize);
    addr.copied().ok_or(OpExit::Bug)
}

/// A memory of the store; memory 0 must be back in its place.
fn memory<'x>(x: &'x mut Ctx<'_, '_>, index: u32) -> Result<&'x mut Memory, OpExit> {
    let addr = memory_addr(x, index)?;
    x.state.memories.get_mut(addr.index()).ok_or(OpExit::Bug)
}

/// A table of the store.
fn table<'x>(x: &'x mut Ctx<'_, '_>, index: u32) -> Result<&'x mut Table, OpExit> {
    let addr = table_addr(x, index)?;
    x.state.tables.get_mut(addr.index()).ok_or(OpExit::Bug)
}

/// Bytes of data segment `index` of the current instance; none once dropped.
pub(super) fn data<'c>(x: &Ctx<'c, '_>, index: u32) -> Result<&'c [u8], OpExit> {
    let addr = x.inst.datas.index() + index as usize;
    if x.state.datas.get(addr).ok_or(OpExit::Bug)?.dropped {
        return Ok(&[]);
    }
    segment_bytes(x, index)
}

/// Bytes of a data segment whether dropped or not.
fn segment_bytes<'c>(x: &Ctx<'c, '_>, index: u32) -> Result<&'c [u8], OpExit> {
    let module = x.path.program.module();
    let segment = module.datas.get(index as usize).ok_or(OpExit::Bug)?;
    Ok(module.slice(&segment.bytes))
}

/// Element segment `index` of the current instance.
pub(super) fn elem<'x>(x: &'x Ctx<'_, '_>, index: u32) -> Result<&'x ElemInst, OpExit> {
    let addr = x.inst.elems.index() + index as usize;
    x.state.elems.get(addr).ok_or(OpExit::Bug)
}

/// The fuel left after an operation on `count` bytes or elements, of which there are `most`: one
/// unit for each 64, where fuel is charged at all. What cannot be paid stops the run before it.
pub(super) fn paid(x: &Ctx<'_, '_>, count: u64, most: u64) -> Result<u64, OpExit> {
    if !x.path.program.settings().fuel {
        return Ok(x.control.fuel);
    }
    // An operation out of bounds traps, whatever its count.
    let cost = count.min(most) / 64;
    x.control.fuel.checked_sub(cost).ok_or(OpExit::OutOfFuel)
}

/// Bytes after which a long operation looks at the epoch.
const PART: u64 = 16 << 20;

/// Checks and pays for `count` bytes or elements, then does them part by part: `part` is given how
/// many are done, and how many to do. An operation that was interrupted has been checked and paid
/// for, and what it works on has not shrunk since: memories and tables only grow.
pub(super) fn in_parts(
    x: &mut Ctx<'_, '_>,
    count: u64,
    size: u32,
    check: impl FnOnce(&mut Ctx<'_, '_>) -> Result<(), OpExit>,
    mut part: impl FnMut(&mut Ctx<'_, '_>, u64, u64) -> Result<(), OpExit>,
) -> Result<u64, OpExit> {
    if x.regs.progress == 0 {
        check(x)?;
    }
    while x.regs.progress < count {
        let now = (count - x.regs.progress).min(PART / u64::from(size));
        part(x, x.regs.progress, now)?;
        x.regs.progress += now;
        if x.regs.progress < count && x.is_due() {
            return Err(OpExit::Interrupted);
        }
    }
    x.regs.progress = 0;
    Ok(0)
}

/// Returns where the next part of a copy begins, counted from its lowest place: where the
/// destination is above the source the spec copies from the end, since they may overlap.
pub(super) fn step_of(backwards: bool, count: u64, done: u64, now: u64) -> u64 {
    if backwards { count - done - now } else { done }
}

/// Checks and pays for writing `count` bytes of a memory.
fn check_bytes(x: &mut Ctx<'_, '_>, index: u32, at: u64, count: u64) -> Result<(), OpExit> {
    let most = memory(x, index)?.byte_len();
    x.control.fuel = paid(x, count, most)?;
    within(most, at, count, Trap::MemoryOutOfBounds)
}

/// Checks and pays for writing `count` elements of a table.
fn check_elements(x: &mut Ctx<'_, '_>, index: u32, at: u64, count: u64) -> Result<(), OpExit> {
    let most = table(x, index)?.size();
    x.control.fuel = paid(x, count, most)?;
    within(most, at, count, Trap::TableOutOfBounds)
}

/// Traps unless the `count` places from `at` are among `len`.
fn within(len: u64, at: u64, count: u64, trap: Trap) -> Result<(), OpExit> {
    match at.checked_add(count) {
        Some(end) if end <= len => Ok(()),
        Some(_) | None => Err(trap.into()),
    }
}

/// Bytes of an element of a table.
const ELEMENT: u32 = size_of::<Reference>() as u32;

/// Returns the result of a growth: the old size, or -1 in the address type.
fn grown(old: Option<u64>, ty: AddrType) -> u64 {
    match (old, ty) {
        (Some(old), _) => old,
        (None, AddrType::I32) => u64::from(u32::MAX),
        (None, AddrType::I64) => u64::MAX,
    }
}

/// Grows a memory by `delta` pages within its own limit and the store's; the old size if it did.
/// Memory 0 must be back in its place.
pub fn grow_memory(x: &mut Ctx<'_, '_>, addr: MemAddr, delta: u64) -> Result<Option<u64>, OpExit> {
    if x.state.growth.limited {
        let wanted = Wanted::Memory { addr, delta };
        return x.state.growth.ask(wanted).ok_or(OpExit::Growth);
    }
    let limit = x.path.instances.memory_bytes;
    let memory = x.state.memories.get_mut(addr.index()).ok_or(OpExit::Bug)?;
    Ok(memory.grow(delta, limit))
}

/// Grows a table by `delta` elements within its own limit and the store's; the old size if it did.
pub fn grow_table(
    x: &mut Ctx<'_, '_>,
    addr: TableAddr,
    delta: u64,
    init: Reference,
) -> Result<Option<u64>, OpExit> {
    if x.state.growth.limited {
        let wanted = Wanted::Table { addr, delta, init };
        return x.state.growth.ask(wanted).ok_or(OpExit::Growth);
    }
    let limit = x.path.instances.table_elements;
    let table = x.state.tables.get_mut(addr.index()).ok_or(OpExit::Bug)?;
    Ok(table.grow(delta, init, limit))
}

out_of_line_ops! {
    /// `a <- size of memory imm`
    MemorySize 0 |op, w, f, x| {
        let pages = x.with_memories(|x| memory(x, op.imm()).map(|memory| memory.pages()))?;
        set(f, op.a, pages);
        Ok(pages)
    };
    /// `a <- grow memory imm by b`
    MemoryGrow 0 |op, w, f, x| {
        let delta = get(f, op.b);
        let result = x.with_memories(|x| -> Result<u64, OpExit> {
            let addr = memory_addr(x, op.imm())?;
            let old = grow_memory(x, addr, delta)?;
            Ok(grown(old, memory(x, op.imm())?.ty.addr))
        })?;
        set(f, op.a, result);
        Ok(result)
    };
    /// Fill from `a` with `b`, `c` bytes.
    MemoryFill 1 |op, w, f, x| {
        let (index, _) = pair(w)?;
        let (to, byte, count) = (get(f, op.a), get(f, op.b) as u8, get(f, op.c));
        x.with_memories(|x| {
            let check = |x: &mut Ctx<'_, '_>| check_bytes(x, index, to, count);
            in_parts(x, count, 1, check, |x, done, now| {
                Ok(memory(x, index)?.fill(to + done, byte, now)?)
            })
        })
    };
    /// Copy to `a` from `b`, `c` bytes.
    MemoryCopy 1 |op, w, f, x| {
        let (to, from) = pair(w)?;
        let (dst, src, count) = (get(f, op.a), get(f, op.b), get(f, op.c));
        x.with_memories(|x| {
            let (target, source) = (memory_addr(x, to)?, memory_addr(x, from)?);
            let check = |x: &mut Ctx<'_, '_>| {
                check_bytes(x, to, dst, count)?;
                within(memory(x, from)?.byte_len(), src, count, Trap::MemoryOutOfBounds)
            };
            let backwards = target == source && dst > src;
            in_parts(x, count, 1, check, |x, done, now| {
                let step = step_of(backwards, count, done, now);
                let (target, source) = ((target, dst + step), (source, src + step));
                Ok(memory::copy(&mut x.state.memories, target, source, now)?)
            })
        })
    };
    /// Copy to `a` from `b` of a segment, `c` bytes.
    MemoryInit 1 |op, w, f, x| {
        let (index, segment) = pair(w)?;
        let (dst, src, count) = (get(f, op.a), get(f, op.b), get(f, op.c));
        x.with_memories(|x| {
            let check = |x: &mut Ctx<'_, '_>| {
                check_bytes(x, index, dst, count)?;
                let len = data(x, segment)?.len() as u64;
                within(len, src, count, Trap::MemoryOutOfBounds)
            };
            in_parts(x, count, 1, check, |x, done, now| {
                // A segment that is dropped while the operation waits was there when it began.
                let bytes = segment_bytes(x, segment)?;
                Ok(memory(x, index)?.init(dst + done, bytes, src + done, now)?)
            })
        })
    };
    /// Drop data segment `imm`.
    DataDrop 0 |op, w, f, x| {
        let addr = x.inst.datas.index() + op.imm() as usize;
        x.state.datas.get_mut(addr).ok_or(OpExit::Bug)?.dropped = true;
        Ok(0)
    };

    /// `a <- table imm [b]`
    TableGet 0 |op, w, f, x| {
        let value = table(x, op.imm())?.get(get(f, op.b)).ok_or(Trap::TableOutOfBounds)?;
        put(f, op.a, value)
    };
    /// `table imm [a] <- b`
    TableSet 0 |op, w, f, x| {
        let (at, value) = (get(f, op.a), reference(f, op.b));
        table(x, op.imm())?.set(at, value).ok_or(Trap::TableOutOfBounds)?;
        Ok(0)
    };
    /// `a <- size of table imm`
    TableSize 0 |op, w, f, x| {
        let size = table(x, op.imm())?.size();
        set(f, op.a, size);
        Ok(size)
    };
    /// `a <- grow with b by c`
    TableGrow 1 |op, w, f, x| {
        let (index, _) = pair(w)?;
        let addr = table_addr(x, index)?;
        let old = grow_table(x, addr, get(f, op.c), reference(f, op.b))?;
        let result = grown(old, table(x, index)?.ty.addr);
        set(f, op.a, result);
        Ok(result)
    };
    /// Fill from `a` with `b`, `c` elements.
    TableFill 1 |op, w, f, x| {
        let (index, _) = pair(w)?;
        let (at, value, count) = (get(f, op.a), reference(f, op.b), get(f, op.c));
        let check = |x: &mut Ctx<'_, '_>| check_elements(x, index, at, count);
        in_parts(x, count, ELEMENT, check, |x, done, now| {
            Ok(table(x, index)?.fill(at + done, value, now)?)
        })
    };
    /// Copy to `a` from `b`, `c` elements.
    TableCopy 1 |op, w, f, x| {
        let (to, from) = pair(w)?;
        let (dst, src, count) = (get(f, op.a), get(f, op.b), get(f, op.c));
        let (target, source) = (table_addr(x, to)?, table_addr(x, from)?);
        let check = |x: &mut Ctx<'_, '_>| {
            check_elements(x, to, dst, count)?;
            within(table(x, from)?.size(), src, count, Trap::TableOutOfBounds)
        };
        let backwards = target == source && dst > src;
        in_parts(x, count, ELEMENT, check, |x, done, now| {
            let step = step_of(backwards, count, done, now);
            let (target, source) = ((target, dst + step), (source, src + step));
            Ok(table::copy(&mut x.state.tables, target, source, now)?)
        })
    };
    /// Copy to `a` from `b` of a segment, `c` elements.
    TableInit 1 |op, w, f, x| {
        let (index, segment) = pair(w)?;
        let (dst, src, count) = (get(f, op.a), get(f, op.b), get(f, op.c));
        // Not in parts: no longer than its module.
        check_elements(x, index, dst, count)?;
        let addr = table_addr(x, index)?;
        // Segments and tables are separate fields, so that both can be borrowed at once.
        let elem = x.state.elems.get(x.inst.elems.index() + segment as usize).ok_or(OpExit::Bug)?;
        let table = x.state.tables.get_mut(addr.index()).ok_or(OpExit::Bug)?;
        table.init(dst, &elem.items, src, count)?;
        Ok(0)
    };
    /// Drop element segment `imm`.
    ElemDrop 0 |op, w, f, x| {
        let addr = x.inst.elems.index() + op.imm() as usize;
        x.state.elems.get_mut(addr).ok_or(OpExit::Bug)?.items = Vec::new();
        Ok(0)
    };
}
