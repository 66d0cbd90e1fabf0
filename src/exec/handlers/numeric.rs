//! Numeric instructions (spec: exec/instructions, numeric instructions). Every handler here is
//! written once for all rows of the table; a row's meaning is its function of `num`.

use super::memory::read;
use super::operand::{Acc, CellA, CellB, CellC, CellD, Imm, IntB, IntD, Keep, Sink, Source, Store};
use crate::code::{BrForm, LimitForm, MemForm, NumForm, Op, PairForm};
use crate::exec::threaded::{Dispatch, Frame, Handler, Machine, ThreadedOp, get, handlers};
use crate::num::{self, Outcome, Scalar};
use crate::syntax::instr::for_each_numeric;
use crate::syntax::{LoadOp, NumericOp};
use crate::trap::Trap;

/// A row of the numeric table, on cells. A unary operation ignores `b`.
pub trait Numeric: 'static {
    /// Number of operands; 0 for operations with several results, which have handlers of their
    /// own.
    const ARITY: usize;
    /// Whether the result is an `i32` that a branch can be fused with.
    const IS_TEST: bool;
    /// Whether the second operand can be an immediate.
    const IMMEDIATE: bool;
    /// Whether the result can stay in the accumulator only.
    const CHAINS: bool;
    /// Whether it compares two integers.
    const COMPARES: bool;
    /// Whether its first operand has 64 bits.
    const WIDE: bool;
    /// The load that can give its second operand.
    const LOAD: Option<LoadOp>;
    /// Applies the operation.
    fn eval(a: u64, b: u64) -> Result<u64, Trap>;
    /// Applies a wide operation to cells from `b` on, or to `b` and `c`.
    fn wide(f: &Frame, op: &ThreadedOp) -> (u64, u64);
}

handlers! {
    /// Applies an operation.
    fn apply[N: Numeric, L: Source, R: Source, S: Sink, D: Dispatch](m) {
        match N::eval(L::get(&m), R::get(&m)) {
            Ok(value) => { let acc = S::put(&m, value); m.next::<D>(acc) }
            Err(trap) => m.trap(trap),
        }
    }
    /// Applies an operation whose second operand is loaded from the address in `A`, plus `d`.
    fn with_load[N: Numeric, L: Source, A: Source, D: Dispatch](m) {
        match loaded::<N>(&m.x.mem, A::get(&m), m.op).map(|right| N::eval(L::get(&m), right)) {
            Some(Ok(value)) => { let acc = Store::put(&m, value); m.next::<D>(acc) }
            Some(Err(trap)) => m.trap(trap),
            None => m.trap(Trap::MemoryOutOfBounds),
        }
    }
    /// `a <- a + first`, then `c <- c + second`
    fn add_both[A: Source, B: Source, D: Dispatch](m) {
        m.set(m.op.a, u64::from(num::i32_add(m.get(m.op.a) as u32, A::get(&m) as u32)));
        let sum = u64::from(num::i32_add(m.get(m.op.c) as u32, B::get(&m) as u32));
        m.set(m.op.c, sum);
        m.next::<D>(sum)
    }
    /// `a <- b + (index << d)`, 32 bits
    pub fn add_shl[I: Source, D: Dispatch](m) {
        let index = num::i32_shl(I::get(&m) as u32, u32::from(m.op.d));
        let acc = Store::put(&m, num::i32_add(m.get(m.op.b) as u32, index));
        m.next::<D>(acc)
    }
    /// `a, a+1 <- ...`
    fn wide[N: Numeric, D: Dispatch](m) {
        let (low, high) = N::wide(m.f, m.op);
        m.set(m.op.a, low);
        m.set(m.op.a.wrapping_add(1), high);
        m.next::<D>(low)
    }
    /// Goes to `imm` if the result of the comparison is `WANT`.
    fn branch_if[N: Numeric, L: Source, R: Source, D: Dispatch, const WANT: bool](m) {
        let (taken, acc) = (test::<N>(L::get(&m), R::get(&m)) == WANT, m.acc);
        m.branch::<D>(taken, 0, acc)
    }
    /// Adds the step to `a`, and goes back if the sum compares with the limit.
    fn count_if[N: Numeric, S: Step, L: Source, D: Dispatch](m) {
        let sum = m.get(m.op.a).wrapping_add(S::step(&m));
        let sum = if N::WIDE { sum } else { u64::from(sum as u32) };
        m.set(m.op.a, sum);
        let (taken, back) = (test::<N>(sum, L::get(&m)), S::back(m.op));
        m.branch_back::<D>(taken, back, sum)
    }
    /// A form the translator never gives to this operation.
    fn never[](m) {
        m.bug()
    }
}

#[inline(always)]
fn test<N: Numeric>(a: u64, b: u64) -> bool {
    matches!(N::eval(a, b), Ok(v) if v != 0)
}

/// The operand of an operation that loads it.
#[inline(always)]
fn loaded<N: Numeric>(mem: &[u8], address: u64, op: &ThreadedOp) -> Option<u64> {
    let ea = u64::from(address as u32) + u64::from(op.d);
    match N::LOAD {
        Some(LoadOp::I64Load | LoadOp::F64Load) => Some(u64::from_le_bytes(*read::<8>(mem, ea)?)),
        _ => Some(u64::from(u32::from_le_bytes(*read::<4>(mem, ea)?))), // All others have 4 bytes.
    }
}

/// The step of a counted loop, and how far back the loop begins.
trait Step: 'static {
    fn step(m: &Machine<'_, '_, '_>) -> u64;
    fn back(op: &ThreadedOp) -> u32;
}

/// Both are in the number.
enum Packed {}

impl Step for Packed {
    #[inline(always)]
    fn step(m: &Machine<'_, '_, '_>) -> u64 {
        Op::counted_parts(m.op.imm()).1 as u64
    }
    #[inline(always)]
    fn back(op: &ThreadedOp) -> u32 {
        Op::counted_parts(op.imm()).0
    }
}

/// The step is in the cell `c`, and the distance back is the operand `d`.
enum InCell {}

impl Step for InCell {
    #[inline(always)]
    fn step(m: &Machine<'_, '_, '_>) -> u64 {
        m.get(m.op.c)
    }
    #[inline(always)]
    fn back(op: &ThreadedOp) -> u32 {
        op.d.into()
    }
}

/// The handler of each form that the translator gives to an operation; the others are left out of
/// the build.
fn forms<N: Numeric, D: Dispatch>(form: NumForm) -> Handler {
    match form {
        NumForm::Rr if N::ARITY > 0 => apply::<N, CellB, CellC, Store, D>,
        NumForm::Ar if N::ARITY > 0 => apply::<N, Acc, CellC, Store, D>,
        NumForm::Ra if N::ARITY == 2 => apply::<N, CellB, Acc, Store, D>,
        NumForm::Ri if N::IMMEDIATE => apply::<N, CellB, Imm, Store, D>,
        NumForm::Ai if N::IMMEDIATE => apply::<N, Acc, Imm, Store, D>,
        NumForm::RrX if N::CHAINS && N::ARITY > 0 => apply::<N, CellB, CellC, Keep, D>,
        NumForm::ArX if N::CHAINS && N::ARITY > 0 => apply::<N, Acc, CellC, Keep, D>,
        NumForm::RaX if N::CHAINS && N::ARITY == 2 => apply::<N, CellB, Acc, Keep, D>,
        NumForm::RiX if N::CHAINS && N::IMMEDIATE => apply::<N, CellB, Imm, Keep, D>,
        NumForm::AiX if N::CHAINS && N::IMMEDIATE => apply::<N, Acc, Imm, Keep, D>,
        NumForm::Rr | NumForm::Ri | NumForm::Ra | NumForm::Ar | NumForm::Ai => never,
        NumForm::RrX | NumForm::RiX | NumForm::RaX | NumForm::ArX | NumForm::AiX => never,
    }
}

fn br_forms<N: Numeric, D: Dispatch, const WANT: bool>(form: BrForm) -> Handler {
    match form {
        BrForm::Rr if N::IS_TEST => branch_if::<N, CellA, CellB, D, WANT>,
        BrForm::Ar if N::IS_TEST => branch_if::<N, Acc, CellB, D, WANT>,
        BrForm::Ri if N::IS_TEST && N::IMMEDIATE => branch_if::<N, CellA, IntB, D, WANT>,
        BrForm::Ai if N::IS_TEST && N::IMMEDIATE => branch_if::<N, Acc, IntB, D, WANT>,
        BrForm::Rr | BrForm::Ri | BrForm::Ar | BrForm::Ai => never,
    }
}

fn add_br_forms<N: Numeric, D: Dispatch>(form: LimitForm) -> Handler {
    match form {
        LimitForm::R if N::COMPARES => count_if::<N, Packed, CellB, D>,
        LimitForm::I if N::COMPARES => count_if::<N, Packed, IntB, D>,
        LimitForm::Rr if N::COMPARES => count_if::<N, InCell, CellB, D>,
        LimitForm::R | LimitForm::I | LimitForm::Rr => never,
    }
}

fn mem_forms<N: Numeric, D: Dispatch>(form: MemForm) -> Handler {
    match form {
        MemForm::R if N::LOAD.is_some() => with_load::<N, CellB, CellC, D>,
        MemForm::A if N::LOAD.is_some() => with_load::<N, Acc, CellC, D>,
        MemForm::Ra if N::LOAD.is_some() => with_load::<N, CellB, Acc, D>,
        MemForm::R | MemForm::A | MemForm::Ra => never,
    }
}

/// The handler of two additions.
pub fn add_pair<D: Dispatch>(form: PairForm) -> Handler {
    match form {
        PairForm::Rr => add_both::<CellB, CellD, D>,
        PairForm::Ri => add_both::<CellB, IntD, D>,
        PairForm::Ir => add_both::<IntB, CellD, D>,
        PairForm::Ii => add_both::<IntB, IntD, D>,
    }
}

fn wide_form<N: Numeric, D: Dispatch>() -> Handler {
    if N::ARITY == 0 { wide::<N, D> } else { never }
}

/// Marker types, one for each row.
mod rows {
    macro_rules! markers {
        ($($code:literal $variant:ident $text:literal ($($p:ident)*) -> ($($r:ident)*)
           $fun:ident;)*) => {
            $(#[derive(Debug)] pub enum $variant {})*
        };
    }
    super::for_each_numeric! { markers }
}

/// The Rust type of a value type: a function of other types than its row's does not compile.
macro_rules! cell {
    (I32) => {
        u32
    };
    (I64) => {
        u64
    };
    (F32) => {
        num::F32
    };
    (F64) => {
        num::F64
    };
}

/// The outcome of a function whose value has a row's result type.
#[inline(always)]
fn outcome<T: Scalar>(outcome: impl Outcome<Value = T>) -> Result<u64, Trap> {
    outcome.outcome()
}

macro_rules! row {
    ($variant:ident ($p:ident) -> ($r:ident) $fun:ident) => {
        const ARITY: usize = 1;
        #[inline(always)]
        fn eval(a: u64, _: u64) -> Result<u64, Trap> {
            outcome::<cell!($r)>(num::$fun(<cell!($p)>::from_cell(a)))
        }
        fn wide(_: &Frame, _: &ThreadedOp) -> (u64, u64) {
            (0, 0)
        }
    };
    ($variant:ident ($p:ident $q:ident) -> ($r:ident) $fun:ident) => {
        const ARITY: usize = 2;
        #[inline(always)]
        fn eval(a: u64, b: u64) -> Result<u64, Trap> {
            let (a, b) = (<cell!($p)>::from_cell(a), <cell!($q)>::from_cell(b));
            outcome::<cell!($r)>(num::$fun(a, b))
        }
        fn wide(_: &Frame, _: &ThreadedOp) -> (u64, u64) {
            (0, 0)
        }
    };
    ($variant:ident ($p:ident $q:ident) -> ($r:ident $s:ident) $fun:ident) => {
        const ARITY: usize = 0;
        fn eval(_: u64, _: u64) -> Result<u64, Trap> {
            Ok(0)
        }
        #[inline(always)]
        fn wide(f: &Frame, op: &ThreadedOp) -> (u64, u64) {
            num::$fun(get(f, op.b), get(f, op.c))
        }
    };
    ($variant:ident ($p:ident $q:ident $t:ident $u:ident) -> ($r:ident $s:ident) $fun:ident) => {
        const ARITY: usize = 0;
        fn eval(_: u64, _: u64) -> Result<u64, Trap> {
            Ok(0)
        }
        #[inline(always)]
        fn wide(f: &Frame, op: &ThreadedOp) -> (u64, u64) {
            let at = |k: u16| get(f, op.b.wrapping_add(k));
            num::$fun(at(0), at(1), at(2), at(3))
        }
    };
}

macro_rules! impl_rows {
    ($($code:literal $variant:ident $text:literal ($($p:ident)*) -> ($($r:ident)*)
       $fun:ident;)*) => {
        $(impl Numeric for rows::$variant {
            const IS_TEST: bool = NumericOp::$variant.is_test();
            const IMMEDIATE: bool = NumericOp::$variant.takes_immediate();
            const CHAINS: bool = NumericOp::$variant.chains();
            const COMPARES: bool = NumericOp::$variant.negated().is_some();
            const LOAD: Option<LoadOp> = NumericOp::$variant.operand_load();
            const WIDE: bool = NumericOp::$variant.opcode() >= NumericOp::I64Eqz.opcode();
            row! { $variant ($($p)*) -> ($($r)*) $fun }
        })*

        /// The handler of a numeric operation.
        pub fn numeric<D: Dispatch>(op: NumericOp, form: NumForm) -> Handler {
            match op { $(NumericOp::$variant => forms::<rows::$variant, D>(form),)* }
        }

        /// The handler of a wide operation.
        pub fn wide_op<D: Dispatch>(op: NumericOp) -> Handler {
            match op { $(NumericOp::$variant => wide_form::<rows::$variant, D>(),)* }
        }

        /// The handler of a fused compare and branch.
        pub fn br_if<D: Dispatch>(op: NumericOp, form: BrForm) -> Handler {
            match op { $(NumericOp::$variant => br_forms::<rows::$variant, D, true>(form),)* }
        }

        /// The handler of a fused compare and branch on the opposite.
        pub fn br_unless<D: Dispatch>(op: NumericOp, form: BrForm) -> Handler {
            match op { $(NumericOp::$variant => br_forms::<rows::$variant, D, false>(form),)* }
        }

        /// The handler of a numeric operation that loads its second operand.
        pub fn numeric_mem<D: Dispatch>(op: NumericOp, form: MemForm) -> Handler {
            match op { $(NumericOp::$variant => mem_forms::<rows::$variant, D>(form),)* }
        }

        /// The handler of a fused addition, comparison and branch.
        pub fn add_br_if<D: Dispatch>(op: NumericOp, form: LimitForm) -> Handler {
            match op { $(NumericOp::$variant => add_br_forms::<rows::$variant, D>(form),)* }
        }
    };
}
for_each_numeric! { impl_rows }
