//! Variable instructions on globals (spec: exec/instructions, variable instructions); locals are
//! cells and need none.

use crate::exec::context::Ctx;
use crate::exec::threaded::{Dispatch, ThreadedOp, handlers};

handlers! {
    /// `a <- global imm`
    pub fn global_get[D: Dispatch](m) {
        let Some(&mut [v, _]) = cells(m.x, m.op) else { return m.bug() };
        m.set(m.op.a, v);
        m.next::<D>(v)
    }
    /// `a <- global imm`, two cells
    pub fn global_get2[D: Dispatch](m) {
        let Some(&mut [low, high]) = cells(m.x, m.op) else { return m.bug() };
        let acc = m.acc;
        m.set(m.op.a, low);
        m.set(m.op.a.wrapping_add(1), high);
        m.next::<D>(acc)
    }
    /// `global imm <- a`
    pub fn global_set[D: Dispatch](m) {
        let (v, acc) = (m.get(m.op.a), m.acc);
        let Some([cell, _]) = cells(m.x, m.op) else { return m.bug() };
        *cell = v;
        m.next::<D>(acc)
    }
    /// `global imm <- a`, two cells
    pub fn global_set2[D: Dispatch](m) {
        let (v, acc) = ([m.get(m.op.a), m.get(m.op.a.wrapping_add(1))], m.acc);
        let Some(cells) = cells(m.x, m.op) else { return m.bug() };
        *cells = v;
        m.next::<D>(acc)
    }
}

/// The cells of global `imm` of the instance.
#[inline(always)]
fn cells<'x>(x: &'x mut Ctx<'_, '_>, op: &ThreadedOp) -> Option<&'x mut [u64; 2]> {
    let addr = x.inst.globals.get(op.imm() as usize)?;
    Some(&mut x.state.globals.get_mut(addr.index())?.cells)
}
