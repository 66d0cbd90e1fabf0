//! Table instances (spec: exec/runtime, table instances; exec/modules, growing tables). Indices
//! and counts are 64 bits wide whatever the address type; every bound is checked before a write.

use super::bulk;
use super::limits::{Limited, OutOfMemory};
use super::{Reference, TableAddr};
use crate::room;
use crate::syntax::{AddrType, TableType};
use crate::trap::Trap;
use alloc::vec::Vec;

/// A table instance.
#[derive(Clone, Debug)]
pub struct Table {
    /// The type of the table, the element type canonical in the store; the limits are those it was
    /// made with.
    pub ty: TableType,
    /// The elements of the table.
    pub elems: Vec<Reference>,
}

/// Elements a table of the type can have at most: its own maximum, or what its indices reach.
pub fn max_elements(ty: &TableType) -> u64 {
    let reach = match ty.addr {
        AddrType::I32 => u64::from(u32::MAX),
        AddrType::I64 => u64::MAX,
    };
    ty.limits.max.map_or(reach, |max| max.min(reach))
}

impl Table {
    /// A table of its minimum size, at most `limit`, each element `init`.
    pub fn new(ty: TableType, init: Reference, limit: u64) -> Result<Table, OutOfMemory> {
        let min = ty.limits.min;
        let most = max_elements(&ty).min(limit);
        if min > most {
            return Err(OutOfMemory::over(Limited::Table, min, most));
        }
        let len = usize::try_from(min).map_err(|_| OutOfMemory::Host)?;
        let mut elems = Vec::new();
        room::reserve_exact(&mut elems, len).ok_or(OutOfMemory::Host)?;
        elems.resize(len, init);
        Ok(Table { ty, elems })
    }

    /// Returns the type of the table, with the limits it was made with.
    pub fn ty(&self) -> TableType {
        self.ty
    }

    /// The type with the current size as its minimum, as linking sees it.
    pub fn current_type(&self) -> TableType {
        let mut ty = self.ty;
        ty.limits.min = self.size();
        ty
    }

    /// Number of elements.
    #[inline]
    pub fn size(&self) -> u64 {
        self.elems.len() as u64
    }

    /// The element at an index, if there is one.
    #[inline]
    pub fn get(&self, index: u64) -> Option<Reference> {
        self.elems.get(usize::try_from(index).ok()?).copied()
    }

    /// Replaces the element at an index, if there is one.
    #[inline]
    pub fn set(&mut self, index: u64, value: Reference) -> Option<()> {
        *self.elems.get_mut(usize::try_from(index).ok()?)? = value;
        Some(())
    }

    /// Adds `delta` elements, to at most `limit`; returns the old size, or `None` with everything
    /// as it was. Growing by nothing works even over the limit.
    pub fn grow(&mut self, delta: u64, init: Reference, limit: u64) -> Option<u64> {
        let old = self.size();
        let new = old.checked_add(delta)?;
        if delta > 0 && new > max_elements(&self.ty).min(limit) {
            return None;
        }
        let new = usize::try_from(new).ok()?;
        // With room to spare: tables often grow one by one.
        let more = new - self.elems.len();
        room::reserve(&mut self.elems, more)?;
        self.elems.resize(new, init);
        Some(old)
    }

    /// Sets `n` elements (spec: `table.fill`).
    pub fn fill(&mut self, dst: u64, value: Reference, n: u64) -> Result<(), Trap> {
        let to = bulk::range(self.elems.len(), dst, n).ok_or(Trap::TableOutOfBounds)?;
        self.elems[to].fill(value);
        Ok(())
    }

    /// Copies `n` elements inside the table, which may overlap (spec: `table.copy`).
    pub fn copy_within(&mut self, dst: u64, src: u64, n: u64) -> Result<(), Trap> {
        let from = bulk::range(self.elems.len(), src, n).ok_or(Trap::TableOutOfBounds)?;
        let to = bulk::range(self.elems.len(), dst, n).ok_or(Trap::TableOutOfBounds)?;
        self.elems.copy_within(from, to.start);
        Ok(())
    }

    /// Copies `n` elements from another table.
    pub fn copy_from(&mut self, dst: u64, source: &Table, src: u64, n: u64) -> Result<(), Trap> {
        self.init(dst, &source.elems, src, n)
    }

    /// Copies `n` elements of an element segment, empty once dropped (spec: `table.init`).
    pub fn init(&mut self, dst: u64, items: &[Reference], src: u64, n: u64) -> Result<(), Trap> {
        let from = bulk::range(items.len(), src, n).ok_or(Trap::TableOutOfBounds)?;
        let to = bulk::range(self.elems.len(), dst, n).ok_or(Trap::TableOutOfBounds)?;
        self.elems[to].copy_from_slice(&items[from]);
        Ok(())
    }
}

/// Copies `n` elements between two tables of a store, which may be one.
///
/// # Panics
/// When an address is of another store.
pub fn copy(
    tables: &mut [Table],
    (to, dst): (TableAddr, u64),
    (from, src): (TableAddr, u64),
    n: u64,
) -> Result<(), Trap> {
    if to == from {
        return tables[to.index()].copy_within(dst, src, n);
    }
    match tables.get_disjoint_mut([to.index(), from.index()]) {
        Ok([to, from]) => to.copy_from(dst, from, src, n),
        Err(_) => panic!("a table address is of another store"),
    }
}
