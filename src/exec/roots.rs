//! The roots of a store: where guests and the embedder hold references. A collection happens only
//! while no context of the handlers is alive (between resumptions, or in a host function), so that
//! every live reference is in a cell, a global, a table or a segment, or with the embedder.
//!
//! What can only hold functions is not visited: functions live as long as their store.

use super::frames;
use super::instance::Instances;
use super::run::Run;
use crate::runtime::growth::Wanted;
use crate::runtime::heap::is_traced;
use crate::runtime::state::{ElemInst, GlobalInst};
use crate::runtime::{Heap, Reference, Roots, State, Table};
use crate::syntax::{RefType, TypeSpace, ValType};
use alloc::vec::Vec;

/// Collects garbage, given all runs there are. Returns the numbers of the host values gone.
pub fn collect<'r>(
    instances: &Instances,
    state: &mut State,
    runs: impl IntoIterator<Item = &'r Run>,
) -> Vec<u32> {
    let (guests, roots, heap) = guests(state);
    let swept = heap.collect(|visit| {
        guests.visit(instances, runs, visit);
        roots.iter().for_each(visit);
    });
    swept.hosts
}

/// Where guests hold references, their runs apart.
#[derive(Debug)]
pub struct Guests<'s> {
    types: &'s TypeSpace,
    tables: &'s [Table],
    globals: &'s [GlobalInst],
    elems: &'s [ElemInst],
    wanted: &'s Option<Wanted>,
}

/// The references of a state: those of guests, those of the embedder, and what they refer to.
pub fn guests(state: &mut State) -> (Guests<'_>, &Roots, &mut Heap) {
    let guests = Guests {
        types: &state.types,
        tables: &state.tables,
        globals: &state.globals,
        elems: &state.elems,
        wanted: &state.growth.wanted,
    };
    (guests, &state.roots, &mut state.heap)
}

impl Guests<'_> {
    /// Visits all references that guests hold.
    pub fn visit<'r>(
        &self,
        instances: &Instances,
        runs: impl IntoIterator<Item = &'r Run>,
        visit: &mut dyn FnMut(Reference),
    ) {
        let traced = |ty: RefType| is_traced(self.types, ty);
        for run in runs {
            frames::roots(instances, run, &mut *visit);
        }
        for table in self.tables.iter().filter(|table| traced(table.ty.elem)) {
            table.elems.iter().for_each(|&reference| visit(reference));
        }
        for global in self.globals {
            if let ValType::Ref(ty) = global.ty.val
                && traced(ty)
            {
                visit(Reference::from_cell(global.cells[0]));
            }
        }
        for elem in self.elems.iter().filter(|elem| !elem.funcs) {
            elem.items.iter().for_each(|&reference| visit(reference));
        }
        if let Some(Wanted::Table { init, .. }) = self.wanted {
            visit(*init);
        }
    }
}
