//! Numeric instructions (spec: exec/instructions, numeric instructions). Every handler here is
//! written once for all rows of the table; a row's meaning is its function of `num`.

use super::memory::read;
use crate::code::{BrForm, LimitForm, MemForm, NumForm, Op, PairForm};
use crate::exec::context::Ctx;
use crate::exec::linked::{Dispatch, Exit, Frame, Handler, Linked, get, handlers, set};
use crate::num::{self, F32, F64};
use crate::syntax::instr::for_each_numeric;
use crate::syntax::{LoadOp, NumericOp};
use crate::trap::Trap;

/// A scalar as it stands in a cell: 32-bit numbers are zero-extended.
pub trait Scalar: Copy {
    /// From a cell.
    fn from_cell(cell: u64) -> Self;
    /// To a cell.
    fn to_cell(self) -> u64;
}

impl Scalar for u32 {
    #[inline(always)]
    fn from_cell(cell: u64) -> u32 {
        cell as u32
    }
    #[inline(always)]
    fn to_cell(self) -> u64 {
        u64::from(self)
    }
}

impl Scalar for u64 {
    #[inline(always)]
    fn from_cell(cell: u64) -> u64 {
        cell
    }
    #[inline(always)]
    fn to_cell(self) -> u64 {
        self
    }
}

impl Scalar for F32 {
    #[inline(always)]
    fn from_cell(cell: u64) -> F32 {
        F32(cell as u32)
    }
    #[inline(always)]
    fn to_cell(self) -> u64 {
        u64::from(self.0)
    }
}

impl Scalar for F64 {
    #[inline(always)]
    fn from_cell(cell: u64) -> F64 {
        F64(cell)
    }
    #[inline(always)]
    fn to_cell(self) -> u64 {
        self.0
    }
}

/// What a numeric function returns: a value, or a value or a trap.
trait Outcome {
    fn outcome(self) -> Result<u64, Trap>;
}

impl<T: Scalar> Outcome for T {
    #[inline(always)]
    fn outcome(self) -> Result<u64, Trap> {
        Ok(self.to_cell())
    }
}

impl<T: Scalar> Outcome for Result<T, Trap> {
    #[inline(always)]
    fn outcome(self) -> Result<u64, Trap> {
        self.map(Scalar::to_cell)
    }
}

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
    fn wide(f: &Frame, op: &Linked) -> (u64, u64);
}

handlers! {
    /// `a <- b op c`
    fn rr[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match N::eval(get(f, op.b), get(f, op.c)) {
            Ok(v) => { set(f, op.a, v); D::next(rest, f, x, v) }
            Err(trap) => x.trap(left, trap),
        }
    }
    /// `a <- b op imm`
    fn ri[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match N::eval(get(f, op.b), op.simm()) {
            Ok(v) => { set(f, op.a, v); D::next(rest, f, x, v) }
            Err(trap) => x.trap(left, trap),
        }
    }
    /// `a <- b op acc`
    fn ra[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match N::eval(get(f, op.b), acc) {
            Ok(v) => { set(f, op.a, v); D::next(rest, f, x, v) }
            Err(trap) => x.trap(left, trap),
        }
    }
    /// `a <- acc op c`
    fn ar[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match N::eval(acc, get(f, op.c)) {
            Ok(v) => { set(f, op.a, v); D::next(rest, f, x, v) }
            Err(trap) => x.trap(left, trap),
        }
    }
    /// `a <- acc op imm`
    fn ai[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match N::eval(acc, op.simm()) {
            Ok(v) => { set(f, op.a, v); D::next(rest, f, x, v) }
            Err(trap) => x.trap(left, trap),
        }
    }
    /// `acc <- b op c`
    fn rr_x[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match N::eval(get(f, op.b), get(f, op.c)) {
            Ok(v) => D::next(rest, f, x, v),
            Err(trap) => x.trap(left, trap),
        }
    }
    /// `acc <- b op imm`
    fn ri_x[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match N::eval(get(f, op.b), op.simm()) {
            Ok(v) => D::next(rest, f, x, v),
            Err(trap) => x.trap(left, trap),
        }
    }
    /// `acc <- b op acc`
    fn ra_x[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match N::eval(get(f, op.b), acc) {
            Ok(v) => D::next(rest, f, x, v),
            Err(trap) => x.trap(left, trap),
        }
    }
    /// `acc <- acc op c`
    fn ar_x[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match N::eval(acc, get(f, op.c)) {
            Ok(v) => D::next(rest, f, x, v),
            Err(trap) => x.trap(left, trap),
        }
    }
    /// `acc <- acc op imm`
    fn ai_x[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match N::eval(acc, op.simm()) {
            Ok(v) => D::next(rest, f, x, v),
            Err(trap) => x.trap(left, trap),
        }
    }
    /// `a <- b op [c + d]`
    fn mem_r[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match loaded::<N>(&x.mem, get(f, op.c), op).map(|c| N::eval(get(f, op.b), c)) {
            Some(Ok(v)) => { set(f, op.a, v); D::next(rest, f, x, v) }
            Some(Err(trap)) => x.trap(left, trap),
            None => x.trap(left, Trap::MemoryOutOfBounds),
        }
    }
    /// `a <- acc op [c + d]`
    fn mem_a[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match loaded::<N>(&x.mem, get(f, op.c), op).map(|c| N::eval(acc, c)) {
            Some(Ok(v)) => { set(f, op.a, v); D::next(rest, f, x, v) }
            Some(Err(trap)) => x.trap(left, trap),
            None => x.trap(left, Trap::MemoryOutOfBounds),
        }
    }
    /// `a <- b op [acc + d]`
    fn mem_ra[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        match loaded::<N>(&x.mem, acc, op).map(|c| N::eval(get(f, op.b), c)) {
            Some(Ok(v)) => { set(f, op.a, v); D::next(rest, f, x, v) }
            Some(Err(trap)) => x.trap(left, trap),
            None => x.out_of_bounds(left, acc),
        }
    }
    /// `a <- a + b`, then `c <- c + d`; `FIRST` and `SECOND` tell numbers from cells.
    fn add_pair_of[const FIRST: bool, const SECOND: bool, D: Dispatch](op, rest, left, f, x, acc) {
        let first = if FIRST { op.b as i16 as u32 } else { get(f, op.b) as u32 };
        set(f, op.a, u64::from(num::i32_add(get(f, op.a) as u32, first)));
        let second = if SECOND { op.d as i16 as u32 } else { get(f, op.d) as u32 };
        let v = u64::from(num::i32_add(get(f, op.c) as u32, second));
        set(f, op.c, v);
        D::next(rest, f, x, v)
    }
    /// `a <- b + (c << d)`, 32 bits
    pub fn add_shl[D: Dispatch](op, rest, left, f, x, acc) {
        let v = add_shifted(get(f, op.b), get(f, op.c), op.d);
        set(f, op.a, v);
        D::next(rest, f, x, v)
    }
    /// `a <- b + (acc << d)`, 32 bits
    pub fn add_shl_a[D: Dispatch](op, rest, left, f, x, acc) {
        let v = add_shifted(get(f, op.b), acc, op.d);
        set(f, op.a, v);
        D::next(rest, f, x, v)
    }
    /// `a, a+1 <- ...`
    fn wide[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        let (low, high) = N::wide(f, op);
        set(f, op.a, low);
        set(f, op.a.wrapping_add(1), high);
        D::next(rest, f, x, low)
    }
    /// Go to `imm` if `a op b` is `WANT`.
    fn br_rr[N: Numeric, D: Dispatch, const WANT: bool](op, rest, left, f, x, acc) {
        branch::<D>(test::<N>(get(f, op.a), get(f, op.b)) == WANT, op, rest, f, x, acc)
    }
    /// Go to `imm` if `a op b` is `WANT`, `b` a number.
    fn br_ri[N: Numeric, D: Dispatch, const WANT: bool](op, rest, left, f, x, acc) {
        let b = op.b as i16 as i64 as u64;
        branch::<D>(test::<N>(get(f, op.a), b) == WANT, op, rest, f, x, acc)
    }
    /// Go to `imm` if `acc op b` is `WANT`.
    fn br_ar[N: Numeric, D: Dispatch, const WANT: bool](op, rest, left, f, x, acc) {
        branch::<D>(test::<N>(acc, get(f, op.b)) == WANT, op, rest, f, x, acc)
    }
    /// Go to `imm` if `acc op b` is `WANT`, `b` a number.
    fn br_ai[N: Numeric, D: Dispatch, const WANT: bool](op, rest, left, f, x, acc) {
        let b = op.b as i16 as i64 as u64;
        branch::<D>(test::<N>(acc, b) == WANT, op, rest, f, x, acc)
    }
    /// `a <- a + step`; go to the target if `a op b` then.
    fn add_br_r[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        let v = count::<N>(f, op);
        branch_back::<D>(test::<N>(v, get(f, op.b)), back(op), rest, f, x, v)
    }
    /// `a <- a + step`; go to the target if `a op b` then, `b` a number.
    fn add_br_i[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        let v = count::<N>(f, op);
        let limit = op.b as i16 as i64 as u64;
        branch_back::<D>(test::<N>(v, limit), back(op), rest, f, x, v)
    }
    /// `a <- a + c`; go `d` operations back if `a op b` then.
    fn add_br_rr[N: Numeric, D: Dispatch](op, rest, left, f, x, acc) {
        let v = sum::<N>(f, op.a, get(f, op.c));
        branch_back::<D>(test::<N>(v, get(f, op.b)), op.d.into(), rest, f, x, v)
    }
    /// A form the translator never gives to this operation.
    fn never[](op, rest, left, f, x, acc) {
        x.leave(left, acc, Exit::Bug)
    }
}

#[inline(always)]
fn test<N: Numeric>(a: u64, b: u64) -> bool {
    matches!(N::eval(a, b), Ok(v) if v != 0)
}

#[inline(always)]
fn add_shifted(a: u64, b: u64, by: u16) -> u64 {
    u64::from(num::i32_add(
        a as u32,
        num::i32_shl(b as u32, u32::from(by)),
    ))
}

/// The operand of an operation that loads it.
#[inline(always)]
fn loaded<N: Numeric>(mem: &[u8], address: u64, op: &Linked) -> Option<u64> {
    let ea = u64::from(address as u32) + u64::from(op.d);
    match N::LOAD {
        Some(LoadOp::I64Load | LoadOp::F64Load) => Some(u64::from_le_bytes(*read::<8>(mem, ea)?)),
        _ => Some(u64::from(u32::from_le_bytes(*read::<4>(mem, ea)?))), // All others have 4 bytes.
    }
}

/// Adds the operation's step to its counter.
#[inline(always)]
fn count<N: Numeric>(f: &Frame, op: &Linked) -> u64 {
    let (_, step) = Op::counted_parts(op.imm());
    sum::<N>(f, op.a, step as u64)
}

/// Adds a step to a counter.
#[inline(always)]
fn sum<N: Numeric>(f: &Frame, counter: u16, step: u64) -> u64 {
    let sum = get(f, counter).wrapping_add(step);
    let sum = if N::WIDE { sum } else { u64::from(sum as u32) };
    set(f, counter, sum);
    sum
}

/// How far back a counted loop begins.
#[inline(always)]
fn back(op: &Linked) -> u32 {
    Op::counted_parts(op.imm()).0
}

/// Goes to the operation's `imm` or on.
#[inline(always)]
pub fn branch<'c, D: Dispatch>(
    taken: bool,
    op: &Linked,
    rest: &'c [Linked],
    f: &'c Frame,
    x: &mut Ctx<'c, '_>,
    acc: u64,
) -> Exit {
    if taken {
        match x.all.get(op.imm() as usize..) {
            Some(to) => D::next(to, f, x, acc),
            None => Exit::Bug,
        }
    } else {
        D::next(rest, f, x, acc)
    }
}

/// Goes so many operations back from the one before `rest`, or on.
#[inline(always)]
fn branch_back<'c, D: Dispatch>(
    taken: bool,
    back: u32,
    rest: &'c [Linked],
    f: &'c Frame,
    x: &mut Ctx<'c, '_>,
    acc: u64,
) -> Exit {
    if taken {
        let left = rest.len() + 1 + back as usize;
        match x.all.get(x.all.len().wrapping_sub(left)..) {
            Some(to) => D::next(to, f, x, acc),
            None => Exit::Bug,
        }
    } else {
        D::next(rest, f, x, acc)
    }
}

/// The handler of each form that the translator gives to an operation; the others are left out of
/// the build.
fn forms<N: Numeric, D: Dispatch>(form: NumForm) -> Handler {
    match form {
        NumForm::Rr if N::ARITY > 0 => rr::<N, D>,
        NumForm::Ar if N::ARITY > 0 => ar::<N, D>,
        NumForm::Ra if N::ARITY == 2 => ra::<N, D>,
        NumForm::Ri if N::IMMEDIATE => ri::<N, D>,
        NumForm::Ai if N::IMMEDIATE => ai::<N, D>,
        NumForm::RrX if N::CHAINS && N::ARITY > 0 => rr_x::<N, D>,
        NumForm::ArX if N::CHAINS && N::ARITY > 0 => ar_x::<N, D>,
        NumForm::RaX if N::CHAINS && N::ARITY == 2 => ra_x::<N, D>,
        NumForm::RiX if N::CHAINS && N::IMMEDIATE => ri_x::<N, D>,
        NumForm::AiX if N::CHAINS && N::IMMEDIATE => ai_x::<N, D>,
        NumForm::Rr | NumForm::Ri | NumForm::Ra | NumForm::Ar | NumForm::Ai => never,
        NumForm::RrX | NumForm::RiX | NumForm::RaX | NumForm::ArX | NumForm::AiX => never,
    }
}

fn br_forms<N: Numeric, D: Dispatch, const WANT: bool>(form: BrForm) -> Handler {
    match form {
        BrForm::Rr if N::IS_TEST => br_rr::<N, D, WANT>,
        BrForm::Ar if N::IS_TEST => br_ar::<N, D, WANT>,
        BrForm::Ri if N::IS_TEST && N::IMMEDIATE => br_ri::<N, D, WANT>,
        BrForm::Ai if N::IS_TEST && N::IMMEDIATE => br_ai::<N, D, WANT>,
        BrForm::Rr | BrForm::Ri | BrForm::Ar | BrForm::Ai => never,
    }
}

fn add_br_forms<N: Numeric, D: Dispatch>(form: LimitForm) -> Handler {
    match form {
        LimitForm::R if N::COMPARES => add_br_r::<N, D>,
        LimitForm::I if N::COMPARES => add_br_i::<N, D>,
        LimitForm::Rr if N::COMPARES => add_br_rr::<N, D>,
        LimitForm::R | LimitForm::I | LimitForm::Rr => never,
    }
}

fn mem_forms<N: Numeric, D: Dispatch>(form: MemForm) -> Handler {
    match form {
        MemForm::R if N::LOAD.is_some() => mem_r::<N, D>,
        MemForm::A if N::LOAD.is_some() => mem_a::<N, D>,
        MemForm::Ra if N::LOAD.is_some() => mem_ra::<N, D>,
        MemForm::R | MemForm::A | MemForm::Ra => never,
    }
}

/// The handler of two additions.
pub fn add_pair<D: Dispatch>(form: PairForm) -> Handler {
    match form {
        PairForm::Rr => add_pair_of::<false, false, D>,
        PairForm::Ri => add_pair_of::<false, true, D>,
        PairForm::Ir => add_pair_of::<true, false, D>,
        PairForm::Ii => add_pair_of::<true, true, D>,
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

macro_rules! row {
    ($variant:ident ($p:ident) -> ($r:ident) $fun:ident) => {
        const ARITY: usize = 1;
        #[inline(always)]
        fn eval(a: u64, _: u64) -> Result<u64, Trap> {
            num::$fun(Scalar::from_cell(a)).outcome()
        }
        fn wide(_: &Frame, _: &Linked) -> (u64, u64) {
            (0, 0)
        }
    };
    ($variant:ident ($p:ident $q:ident) -> ($r:ident) $fun:ident) => {
        const ARITY: usize = 2;
        #[inline(always)]
        fn eval(a: u64, b: u64) -> Result<u64, Trap> {
            num::$fun(Scalar::from_cell(a), Scalar::from_cell(b)).outcome()
        }
        fn wide(_: &Frame, _: &Linked) -> (u64, u64) {
            (0, 0)
        }
    };
    ($variant:ident ($p:ident $q:ident) -> ($r:ident $s:ident) $fun:ident) => {
        const ARITY: usize = 0;
        fn eval(_: u64, _: u64) -> Result<u64, Trap> {
            Ok(0)
        }
        #[inline(always)]
        fn wide(f: &Frame, op: &Linked) -> (u64, u64) {
            num::$fun(get(f, op.b), get(f, op.c))
        }
    };
    ($variant:ident ($p:ident $q:ident $t:ident $u:ident) -> ($r:ident $s:ident) $fun:ident) => {
        const ARITY: usize = 0;
        fn eval(_: u64, _: u64) -> Result<u64, Trap> {
            Ok(0)
        }
        #[inline(always)]
        fn wide(f: &Frame, op: &Linked) -> (u64, u64) {
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

        /// Applies a numeric operation with one result to cells.
        pub fn eval(op: NumericOp, a: u64, b: u64) -> Result<u64, Trap> {
            match op { $(NumericOp::$variant => <rows::$variant as Numeric>::eval(a, b),)* }
        }
    };
}
for_each_numeric! { impl_rows }
