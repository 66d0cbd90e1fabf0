//! Control instructions but calls (spec: exec/instructions, control instructions), and the moves
//! between cells that they need.

use super::operand::Source;
use crate::exec::threaded::{Dispatch, Exit, get128, handlers, set128};
use crate::trap::Trap;

handlers! {
    /// Nothing.
    pub fn nop[D: Dispatch](m) {
        let acc = m.acc;
        m.next::<D>(acc)
    }
    /// Traps.
    pub fn unreachable_op[](m) {
        m.trap(Trap::Unreachable)
    }
    /// A data word is never executed.
    pub fn data[](m) {
        m.bug()
    }
    /// Charges fuel, or stops before.
    pub fn fuel[D: Dispatch](m) {
        let acc = m.acc;
        match m.x.control.fuel.checked_sub(u64::from(m.op.imm())) {
            Some(left) => { m.x.control.fuel = left; m.next::<D>(acc) }
            None => m.exit(Exit::OutOfFuel),
        }
    }
    /// Stops at the deadline. The run resumes after this operation; otherwise it would stop here
    /// again at once while the deadline stays reached.
    pub fn epoch[D: Dispatch](m) {
        let acc = m.acc;
        if m.x.is_due() { m.exit_after(0, Exit::Epoch) } else { m.next::<D>(acc) }
    }
    /// Checks that a frame fits.
    pub fn check_frame[D: Dispatch](m) {
        let acc = m.acc;
        if m.x.base().saturating_add(m.op.imm() as usize) > m.x.stack.len() {
            m.trap(Trap::StackOverflow)
        } else {
            m.next::<D>(acc)
        }
    }
    /// Records the host stack's address.
    pub fn stack_probe[D: Dispatch](m) {
        let (address, acc) = (stack_address(), m.acc);
        if m.op.a == 0 { m.x.regs.probes[0] = address } else { m.x.regs.probes[1] = address }
        m.next::<D>(acc)
    }
    /// `a <- b`
    pub fn copy[D: Dispatch](m) {
        let v = m.get(m.op.b);
        m.set(m.op.a, v);
        m.next::<D>(v)
    }
    /// `a <- b`, two cells
    pub fn copy2[D: Dispatch](m) {
        let acc = m.acc;
        set128(m.f, m.op.a, get128(m.f, m.op.b));
        m.next::<D>(acc)
    }
    /// `a <- b`, then `c <- d`
    pub fn copy_pair[D: Dispatch](m) {
        m.set(m.op.a, m.get(m.op.b));
        let v = m.get(m.op.d);
        m.set(m.op.c, v);
        m.next::<D>(v)
    }
    /// `a <- b`, then `c <- d`, a number
    pub fn copy_const[D: Dispatch](m) {
        m.set(m.op.a, m.get(m.op.b));
        let v = u64::from(m.op.d);
        m.set(m.op.c, v);
        m.next::<D>(v)
    }
    /// `a <- b`, then `c <- d`, numbers
    pub fn const_pair[D: Dispatch](m) {
        m.set(m.op.a, u64::from(m.op.b));
        let v = u64::from(m.op.d);
        m.set(m.op.c, v);
        m.next::<D>(v)
    }
    /// `a.. <- b..`
    pub fn copy_span[D: Dispatch](m) {
        let (n, acc) = (m.op.imm() as usize, m.acc);
        let (to, from) = (m.op.a as usize, m.op.b as usize);
        if to <= from {
            for k in 0..n { copy_cell(m.f, to + k, from + k) }
        } else {
            for k in (0..n).rev() { copy_cell(m.f, to + k, from + k) }
        }
        m.next::<D>(acc)
    }
    /// `a <- imm`
    pub fn const32[D: Dispatch](m) {
        let v = u64::from(m.op.imm());
        m.set(m.op.a, v);
        m.next::<D>(v)
    }
    /// `a <- imm`, sign-extended
    pub fn const_sext[D: Dispatch](m) {
        let v = m.op.simm();
        m.set(m.op.a, v);
        m.next::<D>(v)
    }
    /// `a <- data`
    pub fn const64[D: Dispatch](m) {
        let Some([word]) = m.words() else { return m.bug() };
        let v = word.word();
        m.set(m.op.a, v);
        m.next_after::<D>(1, v)
    }
    /// `a <- data, data`
    pub fn const128[D: Dispatch](m) {
        let Some([low, high]) = m.words() else { return m.bug() };
        let acc = m.acc;
        m.set(m.op.a, low.word());
        m.set(m.op.a.wrapping_add(1), high.word());
        m.next_after::<D>(2, acc)
    }
    /// `a.. <- 0`
    pub fn zero[D: Dispatch](m) {
        let (from, acc) = (m.op.a as usize, m.acc);
        match m.f.get(from..from + m.op.imm() as usize) {
            Some(cells) => cells.iter().for_each(|cell| cell.set(0)),
            None => return m.bug(),
        }
        m.next::<D>(acc)
    }
    /// `a <- d != 0 ? b : c`
    pub fn select[D: Dispatch](m) {
        let v = if m.get(m.op.d) as u32 != 0 { m.get(m.op.b) } else { m.get(m.op.c) };
        m.set(m.op.a, v);
        m.next::<D>(v)
    }
    /// `a <- acc != 0 ? b : c`
    pub fn select_acc[D: Dispatch](m) {
        let v = if m.acc as u32 != 0 { m.get(m.op.b) } else { m.get(m.op.c) };
        m.set(m.op.a, v);
        m.next::<D>(v)
    }
    /// `a <- d != 0 ? b : c`, two cells
    pub fn select2[D: Dispatch](m) {
        let (f, acc) = (m.f, m.acc);
        let from = if m.get(m.op.d) as u32 != 0 { m.op.b } else { m.op.c };
        set128(f, m.op.a, get128(f, from));
        m.next::<D>(acc)
    }
    /// Goes to `imm`.
    pub fn br[D: Dispatch](m) {
        let acc = m.acc;
        m.branch::<D>(true, 0, acc)
    }
    /// `a <- b`, then goes to `imm`.
    pub fn copy_br[D: Dispatch](m) {
        let v = m.get(m.op.b);
        m.set(m.op.a, v);
        m.branch::<D>(true, 0, v)
    }
    /// `a <- b`, a number, then goes to `imm`.
    pub fn const_br[D: Dispatch](m) {
        let v = u64::from(m.op.b);
        m.set(m.op.a, v);
        m.branch::<D>(true, 0, v)
    }
    /// Goes to `imm` if the operand, an `i32` or a reference, is not 0.
    pub fn br_nz[S: Source, D: Dispatch](m) {
        let (taken, acc) = (S::get(&m) as u32 != 0, m.acc);
        m.branch::<D>(taken, 0, acc)
    }
    /// Goes to `imm` if the operand is 0.
    pub fn br_z[S: Source, D: Dispatch](m) {
        let (taken, acc) = (S::get(&m) as u32 == 0, m.acc);
        m.branch::<D>(taken, 0, acc)
    }
    /// Goes where the chosen entry goes.
    pub fn br_table[D: Dispatch](m) {
        let entry = (m.get(m.op.a) as u32).min(m.op.imm()) as usize;
        let Some(br) = m.rest().get(entry) else { return m.bug() };
        let (target, acc) = (br.imm() as usize, m.acc);
        m.jump::<D>(target, acc)
    }
}

/// Returns where the host stack is. A function of its own: a handler whose locals have an address
/// could not jump.
#[inline(never)]
fn stack_address() -> usize {
    let here = 0u8;
    core::hint::black_box(&here) as *const u8 as usize
}

#[inline(always)]
fn copy_cell(f: &crate::exec::threaded::Frame, to: usize, from: usize) {
    if let (Some(to), Some(from)) = (f.get(to), f.get(from)) {
        to.set(from.get());
    }
}
