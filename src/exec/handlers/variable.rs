//! Variable instructions on globals (spec: exec/instructions, variable instructions); locals are
//! cells and need none.

use crate::exec::linked::{Dispatch, Exit, get, handlers, set};

handlers! {
    /// `a <- global imm`
    pub fn global_get[D: Dispatch](op, rest, left, f, x, acc) {
        let addr = x.inst.globals.get(op.imm() as usize);
        let Some(global) = addr.and_then(|addr| x.state.globals.get(addr.index())) else {
            return Exit::Bug;
        };
        let v = global.cells[0];
        set(f, op.a, v);
        D::next(rest, f, x, v)
    }
    /// `a <- global imm`, two cells
    pub fn global_get2[D: Dispatch](op, rest, left, f, x, acc) {
        let addr = x.inst.globals.get(op.imm() as usize);
        let Some(global) = addr.and_then(|addr| x.state.globals.get(addr.index())) else {
            return Exit::Bug;
        };
        let [low, high] = global.cells;
        set(f, op.a, low);
        set(f, op.a.wrapping_add(1), high);
        D::next(rest, f, x, acc)
    }
    /// `global imm <- a`
    pub fn global_set[D: Dispatch](op, rest, left, f, x, acc) {
        let addr = x.inst.globals.get(op.imm() as usize);
        let Some(global) = addr.and_then(|addr| x.state.globals.get_mut(addr.index())) else {
            return Exit::Bug;
        };
        global.cells[0] = get(f, op.a);
        D::next(rest, f, x, acc)
    }
    /// `global imm <- a`, two cells
    pub fn global_set2[D: Dispatch](op, rest, left, f, x, acc) {
        let addr = x.inst.globals.get(op.imm() as usize);
        let Some(global) = addr.and_then(|addr| x.state.globals.get_mut(addr.index())) else {
            return Exit::Bug;
        };
        global.cells = [get(f, op.a), get(f, op.a.wrapping_add(1))];
        D::next(rest, f, x, acc)
    }
}
