//! Fusions: what two operations become that follow each other. A faithful translation is one that
//! asks for none of it.
//!
//! The [`rules`] are tried wherever an operation is about to be added ([`Emitter`]), as often as
//! one applies: a rule sees the operation before, the new one and what is known, and gives one
//! operation that does the work of both. [`through_accumulator`] then lets the operation read
//! what the one before has left in the accumulator. [`shorten_returns`] is run over a whole body.
//!
//! No rule looks past a barrier ([`Emitter::mark`]): the two operations are executed one after the
//! other, or not at all. Whether anything still needs what the first one has written is one
//! question, [`Pair::is_free`].
//!
//! [`Emitter`]: super::emit::Emitter
//! [`Emitter::mark`]: super::emit::Emitter::mark

use crate::code::{BrForm, Kind, LimitForm, LoadForm, MemForm, NumForm, Op, PairForm, StoreForm};
use crate::syntax::NumericOp;

/// Slots that nothing needs after an operation: those of each kind from a cell on.
#[derive(Clone, Copy, Debug)]
pub struct Free {
    /// The first free slot of numbers.
    pub num: u32,
    /// The free slots of references.
    pub refs: (u32, u32),
    /// The first slot of numbers; numbers below are locals.
    pub first: u32,
}

impl Free {
    /// No slot is known to be free.
    pub const NONE: Free = Free {
        num: u32::MAX,
        refs: (u32::MAX, 0),
        first: 0,
    };

    /// Returns whether nothing needs what an operation has written to a cell, once the next one has
    /// read it.
    pub fn is_free(&self, produces: bool, first: &Op, cell: u16) -> bool {
        let slot = u32::from(cell);
        let free = slot >= self.num || (self.refs.0 <= slot && slot < self.refs.1);
        produces && first.a == cell && free
    }
}

/// Two operations that follow each other, and what is known of them.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The operation before.
    pub first: Op,
    /// Whether it does nothing but write its `a`.
    pub produces: bool,
    /// The operation to be added.
    pub second: Op,
    /// The cell that the accumulator equals between them.
    pub acc: Option<u32>,
    /// The slots that nothing needs afterwards.
    pub free: Free,
    /// How far back the second operation goes, counted from the first, if it branches back.
    pub back: Option<u32>,
}

/// What two operations become.
#[derive(Clone, Copy, Debug)]
pub struct Fused {
    /// The one operation.
    pub op: Op,
    /// What is in the accumulator afterwards.
    pub acc: After,
    /// Whether it is the first one writing elsewhere, with its data words.
    pub is_first: bool,
    /// Whether it does nothing but write its `a`.
    pub produces: bool,
}

/// What is known of the accumulator after a fused operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum After {
    /// What would be known after the second operation.
    AsSecond,
    /// Nothing is known.
    Unknown,
    /// It equals that cell.
    Cell(u16),
}

/// A fusion.
pub type Rule = fn(&Pair) -> Option<Fused>;

/// The rules for operations of a kind, in the order in which they are tried.
pub fn rules(second: Kind) -> &'static [Rule] {
    match second {
        Kind::Copy => &[redirect, copy_and_copy, number_and_copy],
        Kind::Copy2 => &[redirect],
        Kind::Const32 => &[copy_and_number, numbers],
        Kind::Numeric(..) => &[add_pair, number_with_load, add_shifted],
        Kind::Br => &[move_and_branch],
        Kind::BrNz | Kind::BrZ => &[test_and_branch, count_and_branch],
        Kind::BrNzA | Kind::BrZA | Kind::BrIf(..) => &[count_and_branch],
        _ => &[],
    }
}

impl Pair {
    /// Returns whether nothing needs what the first operation has written to a cell, once the
    /// second has read it.
    fn is_free(&self, cell: u16) -> bool {
        self.free.is_free(self.produces, &self.first, cell)
    }

    /// An operation in place of both that writes its `a`.
    fn result(&self, op: Op) -> Option<Fused> {
        Some(Fused {
            op,
            acc: After::AsSecond,
            is_first: false,
            produces: true,
        })
    }

    /// An operation in place of both that does more than write its `a`, or something else.
    fn both(&self, op: Op) -> Option<Fused> {
        Some(Fused {
            op,
            acc: After::AsSecond,
            is_first: false,
            produces: false,
        })
    }
}

/// A result that is copied to where it is wanted is written there at once.
fn redirect(pair: &Pair) -> Option<Fused> {
    let (first, copy) = (pair.first, pair.second);
    let copies = matches!(copy.kind, Kind::Copy | Kind::Copy2);
    if !copies || !pair.is_free(copy.b) {
        return None;
    }
    let known = pair.acc == Some(first.a.into());
    Some(Fused {
        op: Op { a: copy.a, ..first },
        acc: if known {
            After::Cell(copy.a)
        } else {
            After::Unknown
        },
        is_first: true,
        produces: true,
    })
}

/// Two locals that are added to: pointers that walk together.
fn add_pair(pair: &Pair) -> Option<Fused> {
    let (first, second) = (pair.first, pair.second);
    let is_local = |cell: u16| u32::from(cell) < pair.free.first;
    if !is_local(first.a) || !is_local(second.a) {
        return None;
    }
    let ((b, first_number), (d, second_number)) = (step(&first)?, step(&second)?);
    let form = match (first_number, second_number) {
        (false, false) => PairForm::Rr,
        (false, true) => PairForm::Ri,
        (true, false) => PairForm::Ir,
        (true, true) => PairForm::Ii,
    };
    pair.both(Op::new(Kind::AddPair(form), first.a, b, second.a, d))
}

/// Returns what an operation adds to a cell in 32 bits: a cell, or a number of 16 bits (`true`).
fn step(op: &Op) -> Option<(u16, bool)> {
    let number = |by: i32| Some((i16::try_from(by).ok()? as u16, true));
    match op.kind {
        Kind::Numeric(NumericOp::I32Add, NumForm::Rr) => Some((other(op)?, false)),
        Kind::Numeric(NumericOp::I32Add, NumForm::Ri) if op.a == op.b => number(op.imm() as i32),
        Kind::Numeric(NumericOp::I32Sub, NumForm::Ri) if op.a == op.b => {
            number((op.imm() as i32).checked_neg()?)
        }
        _ => None,
    }
}

/// The other operand of an operation on two cells, one of which it changes.
fn other(op: &Op) -> Option<u16> {
    match op.a {
        a if a == op.b => Some(op.c),
        a if a == op.c => Some(op.b),
        _ => None,
    }
}

/// A numeric operation takes an operand from memory.
fn number_with_load(pair: &Pair) -> Option<Fused> {
    let (load, op) = (pair.first, pair.second);
    let (Kind::Load(loaded, from), Kind::Numeric(num, NumForm::Rr)) = (load.kind, op.kind) else {
        return None;
    };
    let offset = u16::try_from(load.imm()).ok()?;
    if num.operand_load() != Some(loaded) || op.b == op.c {
        return None;
    }
    let (num, left) = if pair.is_free(op.c) {
        (num, op.b)
    } else if pair.is_free(op.b) {
        (num.swapped()?, op.c)
    } else {
        return None;
    };
    let (form, address) = match from {
        LoadForm::R => (MemForm::R, load.b),
        LoadForm::A => (MemForm::Ra, 0),
        LoadForm::Rx | LoadForm::Ax => return None,
    };
    let kind = Kind::NumericMem(num, form);
    pair.result(Op::new(kind, op.a, left, address, offset))
}

/// An addition of something shifted: an address.
fn add_shifted(pair: &Pair) -> Option<Fused> {
    let (shl, add) = (pair.first, pair.second);
    let (kind, from) = match shl.kind {
        Kind::Numeric(NumericOp::I32Shl, NumForm::Ri) => (Kind::AddShl, shl.b),
        Kind::Numeric(NumericOp::I32Shl, NumForm::Ai) => (Kind::AddShlA, 0),
        _ => return None,
    };
    if add.kind != Kind::Numeric(NumericOp::I32Add, NumForm::Rr) || add.b == add.c {
        return None;
    }
    let cell = match (pair.is_free(add.c), pair.is_free(add.b)) {
        (true, _) => add.b,
        (false, true) => add.c,
        (false, false) => return None,
    };
    pair.result(Op::new(kind, add.a, cell, from, (shl.imm() & 31) as u16))
}

/// A comparison and the branch on its result.
fn test_and_branch(pair: &Pair) -> Option<Fused> {
    let (test, branch) = (pair.first, pair.second);
    let want = match branch.kind {
        Kind::BrNz => true,
        Kind::BrZ => false,
        _ => return None,
    };
    let Kind::Numeric(num, form) = test.kind else {
        return None;
    };
    if !num.is_test() || !pair.is_free(branch.a) {
        return None;
    }
    let imm = branch.imm();
    let branch = |kind, a, b| pair.both(Op::with_imm(kind, a, b, imm));
    if num == NumericOp::I32Eqz {
        return match (form, want) {
            (NumForm::Rr, true) => branch(Kind::BrZ, test.b, 0),
            (NumForm::Rr, false) => branch(Kind::BrNz, test.b, 0),
            (NumForm::Ar, true) => branch(Kind::BrZA, 0, 0),
            (NumForm::Ar, false) => branch(Kind::BrNzA, 0, 0),
            _ => None,
        };
    }
    let small = || i16::try_from(test.imm() as i32).map(|imm| imm as u16).ok();
    let unary = num.arity() == 1;
    let (num, form, a, b) = match form {
        NumForm::Rr if unary => (num, BrForm::Rr, test.b, 0),
        NumForm::Ar if unary => (num, BrForm::Ar, 0, 0),
        NumForm::Rr => (num, BrForm::Rr, test.b, test.c),
        NumForm::Ri => (num, BrForm::Ri, test.b, small()?),
        NumForm::Ar => (num, BrForm::Ar, 0, test.c),
        NumForm::Ai => (num, BrForm::Ai, 0, small()?),
        NumForm::Ra => (num.swapped()?, BrForm::Ar, 0, test.b),
        NumForm::RrX | NumForm::RiX | NumForm::RaX | NumForm::ArX | NumForm::AiX => return None,
    };
    match want {
        true => branch(Kind::BrIf(num, form), a, b),
        false => branch(Kind::BrUnless(num, form), a, b),
    }
}

/// What a counter is changed by.
#[derive(Clone, Copy)]
enum Step {
    Number(i32),
    Cell(u16),
}

/// An addition to a counter and the branch back that tests it.
fn count_and_branch(pair: &Pair) -> Option<Fused> {
    let (add, branch) = (pair.first, pair.second);
    let back = pair.back?;
    let (by, wide) = match add.kind {
        Kind::Numeric(NumericOp::I32Add, NumForm::Ri) => (Step::Number(add.imm() as i32), false),
        Kind::Numeric(NumericOp::I64Add, NumForm::Ri) => (Step::Number(add.imm() as i32), true),
        Kind::Numeric(NumericOp::I32Sub, NumForm::Ri) => {
            (Step::Number((add.imm() as i32).checked_neg()?), false)
        }
        Kind::Numeric(NumericOp::I64Sub, NumForm::Ri) => {
            (Step::Number((add.imm() as i32).checked_neg()?), true)
        }
        Kind::Numeric(NumericOp::I32Add, NumForm::Rr) => (Step::Cell(other(&add)?), false),
        Kind::Numeric(NumericOp::I64Add, NumForm::Rr) => (Step::Cell(other(&add)?), true),
        _ => return None,
    };
    let counter = add.a;
    if matches!(by, Step::Number(_)) && add.b != counter {
        return None;
    }
    let (test, form, limit) = tested(&branch, counter, wide)?;
    let wide_test = test.opcode() >= NumericOp::I64Eqz.opcode();
    if test.negated().is_none() || wide_test != wide {
        return None;
    }
    match by {
        Step::Number(by) => {
            let step = i8::try_from(by).ok()?;
            if back >= Op::COUNTED_REACH {
                return None;
            }
            let (kind, imm) = (Kind::AddBrIf(test, form), Op::counted(back, step));
            counted(pair, Op::with_imm(kind, counter, limit, imm))
        }
        Step::Cell(step) if form == LimitForm::R => {
            let back = u16::try_from(back).ok()?;
            let kind = Kind::AddBrIf(test, LimitForm::Rr);
            counted(pair, Op::new(kind, counter, limit, step, back))
        }
        Step::Cell(_) => None,
    }
}

/// The sum is in the accumulator, too.
fn counted(pair: &Pair, op: Op) -> Option<Fused> {
    let fused = pair.both(op)?;
    Some(Fused {
        acc: After::Cell(op.a),
        ..fused
    })
}

/// Returns how a branch tests a counter, which the accumulator equals.
fn tested(branch: &Op, counter: u16, wide: bool) -> Option<(NumericOp, LimitForm, u16)> {
    Some(match branch.kind {
        Kind::BrNzA if !wide => (NumericOp::I32Ne, LimitForm::I, 0),
        Kind::BrZA if !wide => (NumericOp::I32Eq, LimitForm::I, 0),
        Kind::BrNz if branch.a == counter => (NumericOp::I32Ne, LimitForm::I, 0),
        Kind::BrZ if branch.a == counter => (NumericOp::I32Eq, LimitForm::I, 0),
        Kind::BrIf(test, BrForm::Ar) => (test, LimitForm::R, branch.b),
        Kind::BrIf(test, BrForm::Ai) => (test, LimitForm::I, branch.b),
        Kind::BrIf(test, BrForm::Rr) if branch.a == counter => (test, LimitForm::R, branch.b),
        Kind::BrIf(test, BrForm::Ri) if branch.a == counter => (test, LimitForm::I, branch.b),
        Kind::BrIf(test, BrForm::Rr) if branch.b == counter => {
            (test.swapped()?, LimitForm::R, branch.a)
        }
        _ => return None,
    })
}

/// A move and a branch.
fn move_and_branch(pair: &Pair) -> Option<Fused> {
    let (first, imm) = (pair.first, pair.second.imm());
    if pair.second.kind != Kind::Br {
        return None;
    }
    let op = match first.kind {
        Kind::Copy => Op::with_imm(Kind::CopyBr, first.a, first.b, imm),
        Kind::Const32 => {
            let small = u16::try_from(first.imm()).ok()?;
            Op::with_imm(Kind::ConstBr, first.a, small, imm)
        }
        _ => return None,
    };
    pair.both(op)
}

/// The number of 16 bits that an operation writes.
fn small(op: &Op) -> Option<u16> {
    match op.kind {
        Kind::Const32 => u16::try_from(op.imm()).ok(),
        _ => None,
    }
}

fn copy_and_copy(pair: &Pair) -> Option<Fused> {
    let (first, second) = (pair.first, pair.second);
    match (first.kind, second.kind) {
        (Kind::Copy, Kind::Copy) => pair.both(Op::new(
            Kind::CopyPair,
            first.a,
            first.b,
            second.a,
            second.b,
        )),
        _ => None,
    }
}

fn copy_and_number(pair: &Pair) -> Option<Fused> {
    let (first, number) = (pair.first, small(&pair.second)?);
    match first.kind {
        Kind::Copy => pair.both(Op::new(
            Kind::CopyConst,
            first.a,
            first.b,
            pair.second.a,
            number,
        )),
        _ => None,
    }
}

/// The copy comes first then; neither reads or writes what the other writes.
fn number_and_copy(pair: &Pair) -> Option<Fused> {
    let (first, copy, number) = (pair.first, pair.second, small(&pair.first)?);
    if copy.kind != Kind::Copy || copy.b == first.a || copy.a == first.a {
        return None;
    }
    let fused = pair.both(Op::new(Kind::CopyConst, copy.a, copy.b, first.a, number))?;
    Some(Fused {
        acc: After::Unknown,
        ..fused
    })
}

fn numbers(pair: &Pair) -> Option<Fused> {
    let (first, second) = (small(&pair.first)?, small(&pair.second)?);
    pair.both(Op::new(
        Kind::ConstPair,
        pair.first.a,
        first,
        pair.second.a,
        second,
    ))
}

/// The form of an operation that reads the accumulator, when that equals one of its cells, and the
/// cell.
pub fn through_accumulator(op: &Op, acc: u32) -> Option<(Op, u16)> {
    let acc = u16::try_from(acc).ok()?;
    let &Op { kind, a, b, c, d } = op;
    let with = |kind, a, b, c, d| Op::new(kind, a, b, c, d);
    let (op, cell) = match kind {
        // Where both operands are in it, one of them is read from the cell.
        Kind::Numeric(num, NumForm::Rr) if num.arity() == 2 && c == acc && b != acc => {
            (with(Kind::Numeric(num, NumForm::Ra), a, b, 0, 0), c)
        }
        Kind::Numeric(num, NumForm::Rr) if b == acc => {
            (with(Kind::Numeric(num, NumForm::Ar), a, 0, c, 0), b)
        }
        Kind::Numeric(num, NumForm::Ri) if b == acc => {
            (with(Kind::Numeric(num, NumForm::Ai), a, 0, c, d), b)
        }
        Kind::NumericMem(num, MemForm::R) if b == acc && b != c => {
            (with(Kind::NumericMem(num, MemForm::A), a, 0, c, d), b)
        }
        Kind::Load(load, LoadForm::R) if b == acc => {
            (with(Kind::Load(load, LoadForm::A), a, 0, c, d), b)
        }
        Kind::Store(store, StoreForm::Rr) if b == acc && a != b => {
            (with(Kind::Store(store, StoreForm::Ra), a, 0, c, d), b)
        }
        Kind::Store(store, StoreForm::Rr) if a == acc && a != b => {
            (with(Kind::Store(store, StoreForm::Ar), 0, b, c, d), a)
        }
        Kind::Select if d == acc => (with(Kind::SelectAcc, a, b, c, 0), d),
        Kind::BrNz if a == acc => (with(Kind::BrNzA, 0, b, c, d), a),
        Kind::BrZ if a == acc => (with(Kind::BrZA, 0, b, c, d), a),
        Kind::ReturnR if b == acc => (with(Kind::ReturnA, a, 0, 0, 0), b),
        _ => return None,
    };
    Some((op, cell))
}

/// Returns whether an operation reads a cell that it might instead find in the accumulator, but not
/// there.
pub fn reads_twice(op: &Op, cell: u16) -> bool {
    match op.kind {
        Kind::Numeric(num, NumForm::Ar) if num.arity() == 2 => op.c == cell,
        Kind::SelectAcc => op.b == cell || op.c == cell,
        _ => false,
    }
}

/// The form of an operation that leaves its result in the accumulator only.
pub fn without_store(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::Numeric(num, form) if num.chains() => Some(Kind::Numeric(num, form.without_store())),
        Kind::Load(load, LoadForm::R) => Some(Kind::Load(load, LoadForm::Rx)),
        Kind::Load(load, LoadForm::A) => Some(Kind::Load(load, LoadForm::Ax)),
        _ => None,
    }
}

/// The branch on the opposite of a branch's condition, where both read cells only: the test at the
/// beginning of a loop, done at its end.
pub fn opposite(branch: &Op) -> Option<Op> {
    let kind = match branch.kind {
        Kind::BrNz => Kind::BrZ,
        Kind::BrZ => Kind::BrNz,
        Kind::BrIf(test, form @ (BrForm::Rr | BrForm::Ri)) => match test.negated() {
            Some(test) => Kind::BrIf(test, form),
            None => Kind::BrUnless(test, form),
        },
        Kind::BrUnless(test, form @ (BrForm::Rr | BrForm::Ri)) => Kind::BrIf(test, form),
        _ => return None,
    };
    Some(Op { kind, ..*branch })
}
/// Shortens ways to a return: a branch to one becomes one, and so does a copy of what is returned
/// right after. Positions stay, so labels do too.
pub fn shorten_returns(ops: &mut [Op]) {
    let mut entries = 0;
    for at in 0..ops.len() {
        let op = ops[at];
        // The entries of a branch table stay branches.
        if entries > 0 {
            entries -= 1;
            continue;
        }
        if op.kind == Kind::BrTable {
            entries = op.imm() + 1;
        }
        if op.kind == Kind::Br
            && let Some(target) = branched(ops, at)
            && matches!(target.kind, Kind::Return | Kind::ReturnR)
        {
            ops[at] = target;
        }
        if op.kind == Kind::CopyBr
            && let Some(target) = branched(ops, at)
            && target.kind == Kind::ReturnR
            && target.b == op.a
        {
            ops[at] = Op { b: op.b, ..target };
        }
    }
    for at in 1..ops.len() {
        let (copy, next) = (ops[at - 1], ops[at]);
        if copy.kind == Kind::Copy && next.kind == Kind::ReturnR && next.b == copy.a {
            ops[at - 1] = Op { b: copy.b, ..next };
        }
    }
}

/// The operation that a branch goes to.
fn branched(ops: &[Op], at: usize) -> Option<Op> {
    ops.get(ops[at].target(at as u32)? as usize).copied()
}
