//! Atomic instructions (spec: threads proposal, exec/instructions). What an access checks and does
//! is the memory's; here are operands, widths and results.
//!
//! Only the width matters: an `i32` and an `i64` access of as many bytes are one handler, since
//! both leave a zero-extended number in a cell.

use super::memory::general;
use super::out_of_line::{OutOfLine, out_of_line, out_of_line_ops};
use crate::exec::context::{Ctx, OpExit};
use crate::exec::threaded::{Dispatch, Frame, Handler, ThreadedOp, get, get32, set};
use crate::runtime::{MemAddr, Memory, Rmw, WaitResult};
use crate::syntax::AtomicOp;
use crate::syntax::instr::for_each_atomic;
use crate::trap::Trap;
use core::sync::atomic::{Ordering, fence};

/// Runs `with` on the memory of an access and its effective address.
fn at<R>(
    op: &ThreadedOp,
    w: &[ThreadedOp],
    f: &Frame,
    x: &mut Ctx<'_, '_>,
    with: impl FnOnce(&mut Memory, u64) -> Result<R, Trap>,
) -> Result<R, OpExit> {
    let [offset, memory, ..] = w else {
        return Err(OpExit::Bug);
    };
    x.with_memories(|x| {
        let (memory, ea) = general(x, memory.word() as u32, get(f, op.b), offset.word())?;
        Ok(with(memory, ea)?)
    })
}

/// Writes a result, which is also the accumulator.
fn put(f: &Frame, cell: u16, value: u64) -> Result<u64, OpExit> {
    set(f, cell, value);
    Ok(value)
}

/// The read-modify-write operations in the order of the table of instructions.
const RMW: [Rmw; 6] = [Rmw::Add, Rmw::Sub, Rmw::And, Rmw::Or, Rmw::Xor, Rmw::Xchg];

/// `a <- [b + data]`
enum Load<const N: usize> {}
/// `[b + data] <- c`
enum Store<const N: usize> {}
/// `a <- [b + data]`, then `[b + data] <- a op c`
enum Modify<const WHAT: usize, const N: usize> {}
/// `a <- [b + data]`, then `[b + data] <- d` if `a` is the low part of `c`
enum Cmpxchg<const N: usize> {}

impl<const N: usize> OutOfLine for Load<N> {
    const WORDS: usize = 2;
    fn run(
        op: &ThreadedOp,
        w: &[ThreadedOp],
        f: &Frame,
        x: &mut Ctx<'_, '_>,
    ) -> Result<u64, OpExit> {
        let value = at(op, w, f, x, |memory, ea| memory.atomic_load::<N>(ea))?;
        put(f, op.a, value)
    }
}

impl<const N: usize> OutOfLine for Store<N> {
    const WORDS: usize = 2;
    fn run(
        op: &ThreadedOp,
        w: &[ThreadedOp],
        f: &Frame,
        x: &mut Ctx<'_, '_>,
    ) -> Result<u64, OpExit> {
        let new = get(f, op.c);
        at(op, w, f, x, |memory, ea| memory.atomic_store::<N>(ea, new))?;
        Ok(0)
    }
}

impl<const WHAT: usize, const N: usize> OutOfLine for Modify<WHAT, N> {
    const WORDS: usize = 2;
    fn run(
        op: &ThreadedOp,
        w: &[ThreadedOp],
        f: &Frame,
        x: &mut Ctx<'_, '_>,
    ) -> Result<u64, OpExit> {
        let arg = get(f, op.c);
        let old = at(op, w, f, x, |memory, ea| {
            memory.atomic_rmw::<N>(ea, RMW[WHAT], arg)
        })?;
        put(f, op.a, old)
    }
}

impl<const N: usize> OutOfLine for Cmpxchg<N> {
    const WORDS: usize = 2;
    fn run(
        op: &ThreadedOp,
        w: &[ThreadedOp],
        f: &Frame,
        x: &mut Ctx<'_, '_>,
    ) -> Result<u64, OpExit> {
        let (expected, new) = (get(f, op.c), get(f, op.d));
        let old = at(op, w, f, x, |memory, ea| {
            memory.atomic_cmpxchg::<N>(ea, expected, new)
        })?;
        put(f, op.a, old)
    }
}

macro_rules! access {
    (load $code:literal $bytes:literal) => { Load<$bytes> };
    (store $code:literal $bytes:literal) => { Store<$bytes> };
    // Each operation has seven widths, one after another.
    (rmw $code:literal $bytes:literal) => { Modify<{ ($code - 0xFE_001E) / 7 }, $bytes> };
    (cmpxchg $code:literal $bytes:literal) => { Cmpxchg<$bytes> };
}

macro_rules! atomics {
    ($($code:literal $variant:ident $text:literal $shape:ident $ty:ident $bytes:literal;)*) => {
        /// The handler of an atomic access.
        pub fn atomic<D: Dispatch>(op: AtomicOp) -> Handler {
            match op { $(AtomicOp::$variant => out_of_line::<access!($shape $code $bytes), D>,)* }
        }
    };
}
for_each_atomic! { atomics }

/// Waits until notified, while the number there is the expected one. A wait that was interrupted
/// compares again, and then waits for as long as it had left.
fn wait<const N: usize>(
    op: &ThreadedOp,
    w: &[ThreadedOp],
    f: &Frame,
    x: &mut Ctx<'_, '_>,
) -> Result<u64, OpExit> {
    let (expected, timeout) = (get(f, op.c), get(f, op.d).cast_signed());
    if let Some(thread) = x.state.turns.thread {
        return wait_for_turn::<N>(op, w, f, x, thread);
    }
    let timeout = match x.regs.progress {
        0 => timeout,
        left => left.cast_signed(),
    };
    let (instances, deadline) = (x.path.instances, x.control.deadline);
    let interrupted = || instances.epoch.load(Ordering::Relaxed) >= deadline;
    let result = at(op, w, f, x, |memory, ea| {
        memory.wait::<N>(ea, expected, timeout, &interrupted)
    })?;
    x.regs.progress = 0;
    if let WaitResult::Interrupted(left) = result {
        x.regs.progress = left.cast_unsigned();
        return Err(OpExit::Interrupted);
    }
    put(f, op.a, result.number())
}

/// The same of a thread that takes turns with others.
fn wait_for_turn<const N: usize>(
    op: &ThreadedOp,
    w: &[ThreadedOp],
    f: &Frame,
    x: &mut Ctx<'_, '_>,
    thread: u32,
) -> Result<u64, OpExit> {
    let (expected, timeout) = (get(f, op.c), get(f, op.d).cast_signed());
    let (is_expected, ea) = at(op, w, f, x, |memory, ea| {
        Ok((memory.is_expected::<N>(ea, expected)?, ea))
    })?;
    let place = (memory_of(w, x)?, ea);
    match x.state.turns.wait(thread, place, is_expected, timeout) {
        Some(result) => put(f, op.a, result.number()),
        None => Err(OpExit::Waits),
    }
}

/// The address of the memory of an access.
fn memory_of(w: &[ThreadedOp], x: &Ctx<'_, '_>) -> Result<MemAddr, OpExit> {
    let index = w.get(1).map(|memory| memory.word() as usize);
    let memory = index.and_then(|index| x.inst.memories.get(index));
    memory.copied().ok_or(OpExit::Bug)
}

out_of_line_ops! {
    /// `a <- notify [b + data], c`
    Notify 2 |op, w, f, x| {
        let count = get32(f, op.c);
        let (mut woken, ea) = at(op, w, f, x, |memory, ea| Ok((memory.notify(ea, count)?, ea)))?;
        if x.state.turns.thread.is_some() {
            let place = (memory_of(w, x)?, ea);
            woken += x.state.turns.notify(place, count - woken);
        }
        put(f, op.a, u64::from(woken))
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
