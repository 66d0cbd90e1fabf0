//! The threaded form of register code: operations that hold their handler, and how one handler
//! passes on to the next.
//!
//! A handler ends in a call of the next operation's handler as its last expression, which the
//! compiler turns into a jump. That needs every argument in a register: six integers at most.

use super::context::Ctx;
use super::run::WINDOW;
use crate::num::V128;
use crate::trap::Trap;
use core::cell::Cell;

/// The window of cells a body sees. Operands are 16 bits wide, so every access is in bounds.
pub type Frame = [Cell<u64>; WINDOW];

/// One linked operation.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct ThreadedOp {
    pub run: Handler,
    pub a: u16,
    pub b: u16,
    pub c: u16,
    pub d: u16,
}

impl core::fmt::Debug for ThreadedOp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {} {} {}", self.a, self.b, self.c, self.d)
    }
}

impl ThreadedOp {
    /// The 32-bit number in `c` and `d`.
    #[inline(always)]
    pub fn imm(&self) -> u32 {
        u32::from(self.c) | u32::from(self.d) << 16
    }

    /// The same, sign-extended to 64 bits.
    #[inline(always)]
    pub fn simm(&self) -> u64 {
        self.imm() as i32 as i64 as u64
    }

    /// The 64 bits of a data word.
    #[inline(always)]
    pub fn word(&self) -> u64 {
        u64::from(self.a) | u64::from(self.b) << 16 | u64::from(self.imm()) << 32
    }
}

/// Why a handler came back to the driver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// One operation was executed (stepped dispatch).
    Step,
    /// A trap; which one is in the context.
    Trap,
    /// An exception to unwind; in the context.
    Throw,
    /// The heap wants a collection; then the same operation again.
    Collect,
    /// A function must be translated; then the same operation again.
    Translate,
    /// A call of a host function, which the run names.
    Host,
    /// A call that the handlers do not do themselves; in the context.
    Call,
    /// A tail call that the handlers do not do themselves; in the context.
    TailCall,
    /// A return that crosses a unit, an instance or the bottom.
    Return,
    /// No fuel for the next basic block.
    OutOfFuel,
    /// The epoch deadline.
    Epoch,
    /// A limiter decides about growth; then the same operation again.
    Growth,
    /// A blocking wait was interrupted; then the same operation again.
    Interrupted,
    /// The thread gives its turn away.
    Waits,
    /// An invariant of translated code does not hold: the driver panics.
    Bug,
}

// The calling convention of handlers, which has registers for all of their arguments. Where panics
// abort, its name must be one that does not unwind: the compiler guards a function of an unwinding
// convention there, and a guarded call is no last call.
#[cfg(all(target_arch = "x86_64", not(panic = "abort")))]
macro_rules! with_abi {
    ($make:ident $($args:tt)*) => { $crate::exec::threaded::$make! { "sysv64-unwind" $($args)* } };
}
#[cfg(all(target_arch = "x86_64", panic = "abort"))]
macro_rules! with_abi {
    ($make:ident $($args:tt)*) => { $crate::exec::threaded::$make! { "sysv64" $($args)* } };
}
#[cfg(not(target_arch = "x86_64"))]
macro_rules! with_abi {
    ($make:ident $($args:tt)*) => { $crate::exec::threaded::$make! { "Rust" $($args)* } };
}

macro_rules! handler_type {
    ($abi:literal $(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        pub type $name = for<'c, 's, 'x> extern $abi fn(
            &'c [ThreadedOp],
            &'s Frame,
            &'x mut Ctx<'c, 's>,
            u64,
        ) -> Outcome;
    };
}

with_abi! {
    handler_type
    /// How an operation is executed: code from the operation on, frame, context, accumulator.
    Handler
}

/// What a handler comes back with: nothing, since a constant to return would cost every handler
/// an instruction, and a trap its jump. The reason is the context's `exit`.
pub type Outcome = ();

/// What happens after an operation.
pub trait Dispatch: 'static {
    /// Whether handlers jump to each other.
    const JUMPS: bool;
    /// Continues with the first operation of `code`.
    fn next<'c, 's>(code: &'c [ThreadedOp], f: &'s Frame, x: &mut Ctx<'c, 's>, acc: u64)
    -> Outcome;
}

/// Jumps to the next handler.
#[derive(Debug)]
pub enum Threaded {}

/// Returns to the driver after each operation.
#[derive(Debug)]
pub enum Stepped {}

impl Dispatch for Threaded {
    const JUMPS: bool = true;

    #[inline(always)]
    fn next<'c, 's>(
        code: &'c [ThreadedOp],
        f: &'s Frame,
        x: &mut Ctx<'c, 's>,
        acc: u64,
    ) -> Outcome {
        if let [op, ..] = code {
            (op.run)(code, f, x, acc);
        }
    }
}

impl Dispatch for Stepped {
    const JUMPS: bool = false;

    #[inline(always)]
    fn next<'c, 's>(
        code: &'c [ThreadedOp],
        _: &'s Frame,
        x: &mut Ctx<'c, 's>,
        acc: u64,
    ) -> Outcome {
        x.leave(code.len(), acc, Exit::Step)
    }
}

/// What a handler works on, each part in a register of the host. It is taken apart again before a
/// function that is not inlined is called: a value of five words would be passed on the host's
/// stack, and a handler that has something there cannot jump.
pub struct Machine<'c, 's, 'x> {
    /// The operation.
    pub op: &'c ThreadedOp,
    /// The code of the unit from the operation on.
    code: &'c [ThreadedOp],
    /// The frame.
    pub f: &'s Frame,
    /// The context.
    pub x: &'x mut Ctx<'c, 's>,
    /// The accumulator.
    pub acc: u64,
}

impl<'c, 's, 'x> Machine<'c, 's, 'x> {
    /// The machine at an operation, the first of `code`.
    #[inline(always)]
    pub fn new(
        op: &'c ThreadedOp,
        code: &'c [ThreadedOp],
        f: &'s Frame,
        x: &'x mut Ctx<'c, 's>,
        acc: u64,
    ) -> Machine<'c, 's, 'x> {
        Machine {
            op,
            code,
            f,
            x,
            acc,
        }
    }

    /// The number in a cell.
    #[inline(always)]
    pub fn get(&self, cell: u16) -> u64 {
        get(self.f, cell)
    }

    /// Writes a cell.
    #[inline(always)]
    pub fn set(&self, cell: u16, value: u64) {
        set(self.f, cell, value);
    }

    /// The first `N` data words.
    #[inline(always)]
    pub fn words<const N: usize>(&self) -> Option<&'c [ThreadedOp; N]> {
        self.code[1..].first_chunk()
    }

    /// Everything in the unit after the operation.
    #[inline(always)]
    pub fn rest(&self) -> &'c [ThreadedOp] {
        &self.code[1..]
    }

    /// Operations of the unit that are left, this one included.
    #[inline(always)]
    pub fn left(&self) -> usize {
        self.code.len()
    }

    /// The position in the unit after the operation and its data words.
    #[inline(always)]
    pub fn position_after(&self, words: usize) -> usize {
        self.x.all.len() - self.code.len() + 1 + words
    }

    /// Continues with the next operation.
    #[inline(always)]
    pub fn next<D: Dispatch>(self, acc: u64) -> Outcome {
        D::next(&self.code[1..], self.f, self.x, acc)
    }

    /// Continues after the operation's data words.
    #[inline(always)]
    pub fn next_after<D: Dispatch>(self, words: usize, acc: u64) -> Outcome {
        if let Some(code) = self.code.get(1 + words..) {
            D::next(code, self.f, self.x, acc);
        }
    }

    /// Continues at a position of the unit.
    #[inline(always)]
    pub fn jump<D: Dispatch>(self, position: usize, acc: u64) -> Outcome {
        jump_to::<D>(position, self.f, self.x, acc)
    }

    /// Continues at a position of the unit in the frame `f`, which begins at a base.
    #[inline(always)]
    pub fn enter<D: Dispatch>(self, position: usize, f: &'s Frame, bi: u64, acc: u64) -> Outcome {
        self.x.frame_word = bi;
        jump_to::<D>(position, f, self.x, acc)
    }

    /// Continues at a position of the unit in the frame that begins at a base.
    #[inline(always)]
    pub fn return_to<D: Dispatch>(self, position: usize, bi: u64, acc: u64) -> Outcome {
        if let Some(f) = self.x.window(bi) {
            self.enter::<D>(position, f, bi, acc);
        }
    }

    /// Continues where the operation, a branch, goes if it is taken.
    #[inline(always)]
    pub fn branch<D: Dispatch>(self, taken: bool, words: usize, acc: u64) -> Outcome {
        if taken {
            jump_to::<D>(self.op.imm() as usize, self.f, self.x, acc)
        } else if words == 0 {
            self.next::<D>(acc)
        } else {
            self.next_after::<D>(words, acc)
        }
    }

    /// Continues that many operations back if a branch is taken.
    #[inline(always)]
    pub fn branch_back<D: Dispatch>(self, taken: bool, back: u32, acc: u64) -> Outcome {
        let rest = self.rest();
        if taken {
            jump_back::<D>(rest, back, self.f, self.x, acc)
        } else {
            D::next(rest, self.f, self.x, acc)
        }
    }

    /// Executes the same operation with another handler.
    #[inline(always)]
    pub fn hand_over(self, handler: Handler) -> Outcome {
        handler(self.code, self.f, self.x, self.acc)
    }

    /// Leaves to the driver; the run resumes at this operation.
    #[inline(always)]
    pub fn exit(self, exit: Exit) -> Outcome {
        self.x.leave(self.code.len(), self.acc, exit)
    }

    /// Leaves to the driver; the run resumes at the next operation.
    #[inline(always)]
    pub fn exit_after(self, words: usize, exit: Exit) -> Outcome {
        self.x.leave(self.code.len() - 1 - words, self.acc, exit)
    }

    /// Leaves with a trap.
    #[inline(always)]
    pub fn trap(self, trap: Trap) -> Outcome {
        self.x.trap(self.code.len(), self.acc, trap)
    }

    /// Leaves since an invariant does not hold: that is the reason unless another one is given.
    #[inline(always)]
    pub fn bug(self) -> Outcome {}
}

// These take the parts of a machine, so that the compiler sees that nothing else refers to the
// context.

/// Continues at a position of the unit.
#[inline(always)]
fn jump_to<'s, D: Dispatch>(
    position: usize,
    f: &'s Frame,
    x: &mut Ctx<'_, 's>,
    acc: u64,
) -> Outcome {
    if let Some(code) = x.all.get(position..) {
        D::next(code, f, x, acc);
    }
}

/// Continues that many operations back from the one before `rest`.
#[inline(always)]
fn jump_back<'s, D: Dispatch>(
    rest: &[ThreadedOp],
    back: u32,
    f: &'s Frame,
    x: &mut Ctx<'_, 's>,
    acc: u64,
) -> Outcome {
    let left = rest.len() + 1 + back as usize;
    if let Some(code) = x.all.get(x.all.len().wrapping_sub(left)..) {
        D::next(code, f, x, acc);
    }
}

/// Executes operations from where the context is until a handler comes back.
#[inline(always)]
pub fn execute<'s>(f: &'s Frame, x: &mut Ctx<'_, 's>) -> Exit {
    let code = &x.all[x.all.len() - x.left..];
    let [op, ..] = code else {
        unreachable!("validated: code ends in a terminator")
    };
    let acc = x.acc;
    x.exit = Exit::Bug;
    (op.run)(code, f, x, acc);
    x.exit
}

/// Defines handlers: `fn name[generics](m) { body }`, where `m` is the [`Machine`].
macro_rules! handlers {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident[$($generics:tt)*] ($m:ident) $body:block)*) => {$(
        $crate::exec::threaded::with_abi! {
            handler
            $(#[$meta])* $vis fn $name[$($generics)*] ($m) $body
        }
    )*};
}

macro_rules! handler {
    ($abi:literal $(#[$meta:meta])* $vis:vis fn $name:ident[$($generics:tt)*] ($m:ident)
     $body:block) => {
        $(#[$meta])*
        $vis extern $abi fn $name<'c, 's, $($generics)*>(
            code: &'c [$crate::exec::threaded::ThreadedOp],
            f: &'s $crate::exec::threaded::Frame,
            x: &mut $crate::exec::context::Ctx<'c, 's>,
            acc: u64,
        ) -> $crate::exec::threaded::Outcome {
            // One comparison for this operation and the next: a unit ends in a word that is not
            // executed.
            let [op, _, ..] = code else { return };
            let $m = $crate::exec::threaded::Machine::new(op, code, f, x, acc);
            $body
        }
    };
}
pub(crate) use {handler, handler_type, handlers, with_abi};

/// The number in a cell.
#[inline(always)]
pub fn get(f: &Frame, cell: u16) -> u64 {
    f[cell as usize].get()
}

/// Writes a cell.
#[inline(always)]
pub fn set(f: &Frame, cell: u16, value: u64) {
    f[cell as usize].set(value);
}

/// The low 32 bits of a cell.
#[inline(always)]
pub fn get32(f: &Frame, cell: u16) -> u32 {
    f[cell as usize].get() as u32
}

/// The vector in two cells.
#[inline(always)]
pub fn get128(f: &Frame, cell: u16) -> V128 {
    let (low, high) = (get(f, cell), get(f, cell.wrapping_add(1)));
    V128(u128::from(low) | u128::from(high) << 64)
}

/// Writes a vector to two cells.
#[inline(always)]
pub fn set128(f: &Frame, cell: u16, value: V128) {
    set(f, cell, value.0 as u64);
    set(f, cell.wrapping_add(1), (value.0 >> 64) as u64);
}
