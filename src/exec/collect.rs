//! Garbage collection of a store: finds the roots, hands them to the heap. It happens between
//! legs only, so that every live reference stands in a cell, a global, a table or a segment.

use super::frames;
use super::instance::Fixed;
use super::run::Run;
use crate::runtime::heap::{Swept, is_traced};
use crate::runtime::{Reference, State};
use crate::syntax::ValType;

/// Collects what neither the store nor one of these runs refers to.
pub fn collect<'r>(
    fixed: &Fixed,
    state: &mut State,
    runs: impl IntoIterator<Item = &'r Run>,
) -> Swept {
    let State {
        types,
        tables,
        globals,
        elems,
        heap,
        roots,
        ..
    } = state;
    heap.collect(|visit| {
        for run in runs {
            frames::roots(fixed, run, &mut *visit);
        }
        for global in globals.iter() {
            if matches!(global.ty.val, ValType::Ref(ty) if is_traced(types, ty)) {
                visit(Reference::from_cell(global.cells[0]));
            }
        }
        for table in tables
            .iter()
            .filter(|table| is_traced(types, table.ty.elem))
        {
            table.elems.iter().for_each(|&reference| visit(reference));
        }
        for elem in elems.iter().filter(|elem| !elem.funcs) {
            elem.items.iter().for_each(|&reference| visit(reference));
        }
        roots.iter().for_each(visit);
    })
}
