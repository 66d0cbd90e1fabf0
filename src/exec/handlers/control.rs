//! Control instructions but calls (spec: exec/instructions, control instructions), and the moves
//! between cells that they need.

use super::numeric::branch;
use crate::exec::linked::{Dispatch, Exit, get, get32, get128, handlers, set, set128};
use crate::trap::Trap;
use core::sync::atomic::Ordering;

handlers! {
    /// Nothing.
    pub fn nop[D: Dispatch](op, rest, left, f, x, acc) {
        D::next(rest, f, x, acc)
    }
    /// Trap.
    pub fn unreachable_op[](op, rest, left, f, x, acc) {
        x.trap(left, Trap::Unreachable)
    }
    /// A data word is never executed.
    pub fn data[](op, rest, left, f, x, acc) {
        x.leave(left, acc, Exit::Bug)
    }
    /// Charge fuel, or stop before.
    pub fn fuel[D: Dispatch](op, rest, left, f, x, acc) {
        match x.fuel.checked_sub(u64::from(op.imm())) {
            Some(left) => { x.fuel = left; D::next(rest, f, x, acc) }
            None => x.leave(left, acc, Exit::OutOfFuel),
        }
    }
    /// Stop at the deadline; the run goes on behind the operation, or it would not get on while the
    /// deadline stays reached.
    pub fn epoch[D: Dispatch](op, rest, left, f, x, acc) {
        if x.fixed.epoch.load(Ordering::Relaxed) >= x.deadline {
            x.leave(rest.len(), acc, Exit::Epoch)
        } else {
            D::next(rest, f, x, acc)
        }
    }
    /// Check that a frame fits.
    pub fn check_frame[D: Dispatch](op, rest, left, f, x, acc) {
        if x.base().saturating_add(op.imm() as usize) > x.stack.len() {
            x.trap(left, Trap::StackOverflow)
        } else {
            D::next(rest, f, x, acc)
        }
    }
    /// Record the host stack's address.
    pub fn stack_probe[D: Dispatch](op, rest, left, f, x, acc) {
        let address = stack_address();
        if op.a == 0 { x.probes[0] = address } else { x.probes[1] = address }
        D::next(rest, f, x, acc)
    }
    /// `a <- b`
    pub fn copy[D: Dispatch](op, rest, left, f, x, acc) {
        let v = get(f, op.b);
        set(f, op.a, v);
        D::next(rest, f, x, v)
    }
    /// `a <- b`, two cells
    pub fn copy2[D: Dispatch](op, rest, left, f, x, acc) {
        set128(f, op.a, get128(f, op.b));
        D::next(rest, f, x, acc)
    }
    /// `a <- b`, then `c <- d`
    pub fn copy_pair[D: Dispatch](op, rest, left, f, x, acc) {
        set(f, op.a, get(f, op.b));
        let v = get(f, op.d);
        set(f, op.c, v);
        D::next(rest, f, x, v)
    }
    /// `a <- b`, then `c <- d`, a number
    pub fn copy_const[D: Dispatch](op, rest, left, f, x, acc) {
        set(f, op.a, get(f, op.b));
        let v = u64::from(op.d);
        set(f, op.c, v);
        D::next(rest, f, x, v)
    }
    /// `a <- b`, then `c <- d`, numbers
    pub fn const_pair[D: Dispatch](op, rest, left, f, x, acc) {
        set(f, op.a, u64::from(op.b));
        let v = u64::from(op.d);
        set(f, op.c, v);
        D::next(rest, f, x, v)
    }
    /// `a.. <- b..`
    pub fn copy_span[D: Dispatch](op, rest, left, f, x, acc) {
        let n = op.imm() as usize;
        let (to, from) = (op.a as usize, op.b as usize);
        if to <= from {
            for k in 0..n { copy_cell(f, to + k, from + k) }
        } else {
            for k in (0..n).rev() { copy_cell(f, to + k, from + k) }
        }
        D::next(rest, f, x, acc)
    }
    /// `a <- acc`
    pub fn set_acc[D: Dispatch](op, rest, left, f, x, acc) {
        set(f, op.a, acc);
        D::next(rest, f, x, acc)
    }
    /// `a <- imm`
    pub fn const32[D: Dispatch](op, rest, left, f, x, acc) {
        let v = u64::from(op.imm());
        set(f, op.a, v);
        D::next(rest, f, x, v)
    }
    /// `a <- imm`, sign-extended
    pub fn const_sext[D: Dispatch](op, rest, left, f, x, acc) {
        let v = op.simm();
        set(f, op.a, v);
        D::next(rest, f, x, v)
    }
    /// `a <- data`
    pub fn const64[D: Dispatch](op, rest, left, f, x, acc) {
        let [word, rest @ ..] = rest else { return Exit::Bug };
        let v = word.word();
        set(f, op.a, v);
        D::next(rest, f, x, v)
    }
    /// `a <- data, data`
    pub fn const128[D: Dispatch](op, rest, left, f, x, acc) {
        let [low, high, rest @ ..] = rest else { return Exit::Bug };
        set(f, op.a, low.word());
        set(f, op.a.wrapping_add(1), high.word());
        D::next(rest, f, x, acc)
    }
    /// `a.. <- 0`
    pub fn zero[D: Dispatch](op, rest, left, f, x, acc) {
        let from = op.a as usize;
        match f.get(from..from + op.imm() as usize) {
            Some(cells) => cells.iter().for_each(|cell| cell.set(0)),
            None => return Exit::Bug,
        }
        D::next(rest, f, x, acc)
    }
    /// `a <- d != 0 ? b : c`
    pub fn select[D: Dispatch](op, rest, left, f, x, acc) {
        let v = if get32(f, op.d) != 0 { get(f, op.b) } else { get(f, op.c) };
        set(f, op.a, v);
        D::next(rest, f, x, v)
    }
    /// `a <- acc != 0 ? b : c`
    pub fn select_acc[D: Dispatch](op, rest, left, f, x, acc) {
        let v = if acc as u32 != 0 { get(f, op.b) } else { get(f, op.c) };
        set(f, op.a, v);
        D::next(rest, f, x, v)
    }
    /// `a <- d != 0 ? b : c`, two cells
    pub fn select2[D: Dispatch](op, rest, left, f, x, acc) {
        let v = if get32(f, op.d) != 0 { get128(f, op.b) } else { get128(f, op.c) };
        set128(f, op.a, v);
        D::next(rest, f, x, acc)
    }
    /// Go to `imm`.
    pub fn br[D: Dispatch](op, rest, left, f, x, acc) {
        match x.all.get(op.imm() as usize..) {
            Some(to) => D::next(to, f, x, acc),
            None => Exit::Bug,
        }
    }
    /// `a <- b`, then go to `imm`.
    pub fn copy_br[D: Dispatch](op, rest, left, f, x, acc) {
        let v = get(f, op.b);
        set(f, op.a, v);
        branch::<D>(true, op, rest, f, x, v)
    }
    /// `a <- b`, a number, then go to `imm`.
    pub fn const_br[D: Dispatch](op, rest, left, f, x, acc) {
        let v = u64::from(op.b);
        set(f, op.a, v);
        branch::<D>(true, op, rest, f, x, v)
    }
    /// Go to `imm` if `a != 0`.
    pub fn br_nz[D: Dispatch](op, rest, left, f, x, acc) {
        branch::<D>(get32(f, op.a) != 0, op, rest, f, x, acc)
    }
    /// Go to `imm` if `a == 0`.
    pub fn br_z[D: Dispatch](op, rest, left, f, x, acc) {
        branch::<D>(get32(f, op.a) == 0, op, rest, f, x, acc)
    }
    /// Go to `imm` if `acc != 0`.
    pub fn br_nz_a[D: Dispatch](op, rest, left, f, x, acc) {
        branch::<D>(acc as u32 != 0, op, rest, f, x, acc)
    }
    /// Go to `imm` if `acc == 0`.
    pub fn br_z_a[D: Dispatch](op, rest, left, f, x, acc) {
        branch::<D>(acc as u32 == 0, op, rest, f, x, acc)
    }
    /// Go where the chosen entry goes.
    pub fn br_table[D: Dispatch](op, rest, left, f, x, acc) {
        let entry = get32(f, op.a).min(op.imm()) as usize;
        let Some(to) = rest.get(entry).and_then(|br| x.all.get(br.imm() as usize..)) else {
            return Exit::Bug;
        };
        D::next(to, f, x, acc)
    }
    /// Go to `imm` if `a` is null.
    pub fn br_on_null[D: Dispatch](op, rest, left, f, x, acc) {
        branch::<D>(get32(f, op.a) == 0, op, rest, f, x, acc)
    }
    /// Go to `imm` if `a` is not null.
    pub fn br_on_non_null[D: Dispatch](op, rest, left, f, x, acc) {
        branch::<D>(get32(f, op.a) != 0, op, rest, f, x, acc)
    }
}

/// Where the host stack stands. A function of its own: a handler whose locals have an address
/// could not jump.
#[inline(never)]
fn stack_address() -> usize {
    let here = 0u8;
    core::hint::black_box(&here) as *const u8 as usize
}

#[inline(always)]
fn copy_cell(f: &crate::exec::linked::Frame, to: usize, from: usize) {
    if let (Some(to), Some(from)) = (f.get(to), f.get(from)) {
        to.set(from.get());
    }
}
