//! The threaded form of register code: operations that hold their handler, and how one handler
//! passes on to the next.
//!
//! A handler ends in a call of the next operation's handler as its last expression, which the
//! compiler turns into a jump. That needs every argument in a register: six integers at most.

use super::context::Ctx;
use super::run::WINDOW;
use crate::num::V128;
use core::cell::Cell;

/// The window of cells a body sees. Operands are 16 bits wide, so every access is in bounds.
pub type Frame = [Cell<u64>; WINDOW];

/// One linked operation.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Linked {
    pub run: Handler,
    pub a: u16,
    pub b: u16,
    pub c: u16,
    pub d: u16,
}

impl core::fmt::Debug for Linked {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {} {} {}", self.a, self.b, self.c, self.d)
    }
}

impl Linked {
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
    /// An invariant of translated code does not hold: the driver panics.
    Bug,
}

// The calling convention of handlers, which has registers for all of their arguments. Where panics
// abort, its name must be one that does not unwind: the compiler guards a function of an unwinding
// convention there, and a guarded call is no last call.
#[cfg(all(target_arch = "x86_64", not(panic = "abort")))]
macro_rules! with_abi {
    ($make:ident $($args:tt)*) => { $crate::exec::linked::$make! { "sysv64-unwind" $($args)* } };
}
#[cfg(all(target_arch = "x86_64", panic = "abort"))]
macro_rules! with_abi {
    ($make:ident $($args:tt)*) => { $crate::exec::linked::$make! { "sysv64" $($args)* } };
}
#[cfg(not(target_arch = "x86_64"))]
macro_rules! with_abi {
    ($make:ident $($args:tt)*) => { $crate::exec::linked::$make! { "Rust" $($args)* } };
}

macro_rules! handler_type {
    ($abi:literal $(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        pub type $name = for<'c, 's, 'x> extern $abi fn(
            &'c [Linked],
            &'c Frame,
            &'x mut Ctx<'c, 's>,
            u64,
        ) -> Exit;
    };
}

with_abi! {
    handler_type
    /// How an operation is executed: code from the operation on, frame, context, accumulator.
    Handler
}

/// What happens after an operation.
pub trait Dispatch: 'static {
    /// Whether handlers jump to each other.
    const JUMPS: bool;
    /// Goes on with the first operation of `code`.
    fn next<'c, 's>(code: &'c [Linked], f: &'c Frame, x: &mut Ctx<'c, 's>, acc: u64) -> Exit;
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
    fn next<'c, 's>(code: &'c [Linked], f: &'c Frame, x: &mut Ctx<'c, 's>, acc: u64) -> Exit {
        match code {
            [op, ..] => (op.run)(code, f, x, acc),
            [] => Exit::Bug,
        }
    }
}

impl Dispatch for Stepped {
    const JUMPS: bool = false;

    #[inline(always)]
    fn next<'c, 's>(code: &'c [Linked], _: &'c Frame, x: &mut Ctx<'c, 's>, acc: u64) -> Exit {
        x.leave(code.len(), acc, Exit::Step)
    }
}

/// Defines handlers. A handler names its operation, the code after it, how many operations of the
/// unit are left (itself included), the frame, the context and the accumulator.
macro_rules! handlers {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident[$($generics:tt)*] $args:tt $body:block)*) => {$(
        $crate::exec::linked::with_abi! {
            handler
            $(#[$meta])* $vis fn $name[$($generics)*] $args $body
        }
    )*};
}

macro_rules! handler {
    ($abi:literal $(#[$meta:meta])* $vis:vis fn $name:ident[$($generics:tt)*]
     ($op:ident, $rest:ident, $left:ident, $f:ident, $x:ident, $acc:ident) $body:block) => {
        $(#[$meta])*
        $vis extern $abi fn $name<'c, 's, $($generics)*>(
            $left: &'c [$crate::exec::linked::Linked],
            $f: &'c $crate::exec::linked::Frame,
            $x: &mut $crate::exec::context::Ctx<'c, 's>,
            $acc: u64,
        ) -> $crate::exec::linked::Exit {
            // One comparison for both: a unit ends in a word that is not executed.
            let [$op, _, ..] = $left else { return $crate::exec::linked::Exit::Bug };
            let ($rest, $left) = (&$left[1..], $left.len());
            let _ = ($op, $rest, $left, $f, &$x, $acc);
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
