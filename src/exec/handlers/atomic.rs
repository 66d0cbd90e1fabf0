//! Atomic instructions (spec: threads proposal, exec/instructions). The order of checks is that of
//! the reference interpreter: alignment, then for a wait that the memory is shared, then bounds.
//!
//! Only the width matters here: an `i32` and an `i64` access of as many bytes are one handler,
//! since both leave a zero-extended number in a cell.

use super::memory::general;
use super::plain::{Plain, plain, plain_ops};
use crate::exec::context::{Ctx, Fault};
use crate::exec::linked::{Dispatch, Frame, Handler, Linked, get, get32, set};
use crate::runtime::{Memory, WaitResult};
use crate::syntax::AtomicOp;
use crate::syntax::instr::for_each_atomic;
use crate::trap::Trap;
use core::sync::atomic::{Ordering, fence};

/// Runs `with` on the memory of an access of `N` bytes and its effective address, once that is
/// known to be aligned.
fn at<const N: usize, R>(
    op: &Linked,
    w: &[Linked],
    f: &Frame,
    x: &mut Ctx<'_, '_>,
    with: impl FnOnce(&mut Memory, u64) -> Result<R, Fault>,
) -> Result<R, Fault> {
    let [offset, memory, ..] = w else {
        return Err(Fault::Bug);
    };
    x.with_memories(|x| {
        let (memory, ea) = general(x, memory.word() as u32, get(f, op.b), offset.word())?;
        if !ea.is_multiple_of(N as u64) {
            return Err(Trap::UnalignedAtomic.into());
        }
        with(memory, ea)
    })
}

/// The low `N` bytes of a number.
fn low<const N: usize>(value: u64) -> u64 {
    value & (u64::MAX >> (64 - 8 * N))
}

/// Replaces the number at an address by what `change` makes of it, if anything; returns the old
/// one.
fn update<const N: usize>(
    memory: &mut Memory,
    ea: u64,
    change: impl Fn(u64) -> Option<u64>,
) -> Result<u64, Fault> {
    if let Some(shared) = memory.shared() {
        return Ok(shared.update::<N>(ea, change)?);
    }
    let mut bytes = [0; 8];
    bytes[..N].copy_from_slice(&memory.read::<N>(ea)?);
    let old = u64::from_le_bytes(bytes);
    if let Some(new) = change(old) {
        let mut narrow = [0; N];
        narrow.copy_from_slice(&new.to_le_bytes()[..N]);
        memory.write::<N>(ea, narrow)?;
    }
    Ok(old)
}

/// What a read-modify-write does, in the order of the table of instructions.
fn modify<const WHAT: u32>(old: u64, operand: u64) -> u64 {
    match WHAT {
        0 => old.wrapping_add(operand),
        1 => old.wrapping_sub(operand),
        2 => old & operand,
        3 => old | operand,
        4 => old ^ operand,
        _ => operand, // The last one exchanges.
    }
}

/// `a <- [b + data]`
enum Load<const N: usize> {}
/// `[b + data] <- c`
enum Store<const N: usize> {}
/// `a <- [b + data]`, then `[b + data] <- a op c`
enum Rmw<const WHAT: u32, const N: usize> {}
/// `a <- [b + data]`, then `[b + data] <- d` if `a` is the low part of `c`
enum Cmpxchg<const N: usize> {}

impl<const N: usize> Plain for Load<N> {
    const WORDS: usize = 2;
    fn run(op: &Linked, w: &[Linked], f: &Frame, x: &mut Ctx<'_, '_>) -> Result<u64, Fault> {
        let value = at::<N, _>(op, w, f, x, |memory, ea| update::<N>(memory, ea, |_| None))?;
        set(f, op.a, value);
        Ok(value)
    }
}

impl<const N: usize> Plain for Store<N> {
    const WORDS: usize = 2;
    fn run(op: &Linked, w: &[Linked], f: &Frame, x: &mut Ctx<'_, '_>) -> Result<u64, Fault> {
        let new = low::<N>(get(f, op.c));
        at::<N, _>(op, w, f, x, |memory, ea| {
            update::<N>(memory, ea, |_| Some(new))
        })?;
        Ok(0)
    }
}

impl<const WHAT: u32, const N: usize> Plain for Rmw<WHAT, N> {
    const WORDS: usize = 2;
    fn run(op: &Linked, w: &[Linked], f: &Frame, x: &mut Ctx<'_, '_>) -> Result<u64, Fault> {
        let operand = get(f, op.c);
        let old = at::<N, _>(op, w, f, x, |memory, ea| {
            update::<N>(memory, ea, |old| {
                Some(low::<N>(modify::<WHAT>(old, operand)))
            })
        })?;
        set(f, op.a, old);
        Ok(old)
    }
}

impl<const N: usize> Plain for Cmpxchg<N> {
    const WORDS: usize = 2;
    fn run(op: &Linked, w: &[Linked], f: &Frame, x: &mut Ctx<'_, '_>) -> Result<u64, Fault> {
        let (expected, new) = (low::<N>(get(f, op.c)), low::<N>(get(f, op.d)));
        let old = at::<N, _>(op, w, f, x, |memory, ea| {
            update::<N>(memory, ea, |old| (old == expected).then_some(new))
        })?;
        set(f, op.a, old);
        Ok(old)
    }
}

macro_rules! access {
    (load $code:literal $bytes:literal) => { Load<$bytes> };
    (store $code:literal $bytes:literal) => { Store<$bytes> };
    // Each operation has seven widths, one after another.
    (rmw $code:literal $bytes:literal) => { Rmw<{ ($code - 0xFE_001E) / 7 }, $bytes> };
    (cmpxchg $code:literal $bytes:literal) => { Cmpxchg<$bytes> };
}

macro_rules! atomics {
    ($($code:literal $variant:ident $text:literal $shape:ident $ty:ident $bytes:literal;)*) => {
        /// The handler of an atomic access.
        pub fn atomic<D: Dispatch>(op: AtomicOp) -> Handler {
            match op { $(AtomicOp::$variant => plain::<access!($shape $code $bytes), D>,)* }
        }
    };
}
for_each_atomic! { atomics }

/// Waits at an address of `N` bytes until notified, if it holds the expected number.
fn wait<const N: usize>(
    op: &Linked,
    w: &[Linked],
    f: &Frame,
    x: &mut Ctx<'_, '_>,
) -> Result<u64, Fault> {
    let (expected, timeout) = (low::<N>(get(f, op.c)), get(f, op.d).cast_signed());
    let (fixed, deadline) = (x.fixed, x.deadline);
    let interrupted = || fixed.epoch.load(Ordering::Relaxed) >= deadline;
    let result = at::<N, _>(op, w, f, x, |memory, ea| {
        let shared = memory.shared().ok_or(Trap::ExpectedSharedMemory)?;
        Ok(shared.wait::<N>(ea, expected, timeout, &interrupted)?)
    })?;
    let result = match result {
        WaitResult::Ok => 0,
        WaitResult::NotEqual => 1,
        WaitResult::TimedOut => 2,
        WaitResult::Interrupted => return Err(Fault::Interrupted),
    };
    set(f, op.a, result);
    Ok(result)
}

plain_ops! {
    /// `a <- notify [b + data], c`
    Notify 2 |op, w, f, x| {
        let count = get32(f, op.c);
        let woken = at::<4, _>(op, w, f, x, |memory, ea| {
            memory.read::<4>(ea)?;
            Ok(memory.shared().map_or(0, |shared| shared.notify(ea, count)))
        })?;
        set(f, op.a, u64::from(woken));
        Ok(u64::from(woken))
    };
    /// `a <- wait [b + data], c, d`
    Wait32 2 |op, w, f, x| wait::<4>(op, w, f, x);
    /// `a <- wait [b + data], c, d`
    Wait64 2 |op, w, f, x| wait::<8>(op, w, f, x);
    /// Orders shared accesses.
    Fence 0 |op, w, f, x| {
        fence(Ordering::SeqCst);
        Ok(0)
    };
}
