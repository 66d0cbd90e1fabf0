//! Emission of operations, and what is known at the point of emission: which cell the
//! accumulator equals, and whether the last operation can still be changed.

use super::stack::{Class, Operand, Place};
use crate::code::{BrForm, Kind, LimitForm, LoadForm, NumForm, Op, PairForm};
use crate::syntax::{LoadOp, LocalIdx, NumericOp};
use alloc::vec::Vec;

/// First cell that operations cannot name.
pub const NEAR: u32 = 65536;

/// An operation, and whether one of its cells is past those that 16 bits can name.
#[derive(Clone, Copy, Debug)]
pub struct Raw {
    op: Op,
    far: bool,
}

/// An operation of four operands.
pub fn op(kind: Kind, a: u32, b: u32, c: u32, d: u32) -> Raw {
    let far = a.max(b).max(c).max(d) >= NEAR;
    Raw {
        op: Op::new(kind, a as u16, b as u16, c as u16, d as u16),
        far,
    }
}

/// An operation of two operands and a 32-bit number.
pub fn op_imm(kind: Kind, a: u32, b: u32, imm: u32) -> Raw {
    Raw {
        op: Op::with_imm(kind, a as u16, b as u16, imm),
        far: a.max(b) >= NEAR,
    }
}

/// A position that branches go to, known or not yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Label {
    /// Bound there.
    Bound(u32),
    /// The last of a chain of operations that go there: the `imm` of each names the one before.
    Pending(u32),
}

/// End of a chain.
const END: u32 = u32::MAX;

impl Label {
    /// A label nothing goes to yet.
    pub const NEW: Label = Label::Pending(END);

    /// Whether something goes there already.
    pub fn is_used(self) -> bool {
        self != Label::NEW
    }
}

/// The last operation, while it is the last.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// Its position.
    at: usize,
    /// Length of the code right after it.
    end: usize,
}

/// What is known at a position.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// The cell that the accumulator equals.
    acc: Option<u32>,
    last: Option<Last>,
}

/// What a move moves: a cell or a number.
#[derive(Clone, Copy)]
enum Move {
    Copy(u32),
    Const(u16),
}

/// The code under construction.
#[derive(Debug, Default)]
pub struct Emitter {
    /// Operations of the unit.
    pub ops: Vec<Op>,
    /// The cell that the accumulator equals.
    acc: Option<u32>,
    last: Option<Last>,
    /// What was known before the last operation, for when it is taken back.
    before: Known,
    /// The last position that control may reach from elsewhere.
    joint: usize,
    /// Whether some operation would have to name a cell that it cannot.
    pub far: bool,
    /// Whether operations may be fused.
    pub fuse: bool,
}

impl Emitter {
    /// An empty emitter.
    pub fn new(fuse: bool) -> Emitter {
        Emitter {
            fuse,
            ..Emitter::default()
        }
    }

    /// The next position.
    pub fn pc(&self) -> u32 {
        self.ops.len() as u32
    }

    /// Adds an operation that leaves the accumulator as it is.
    pub fn keep(&mut self, raw: Raw) -> usize {
        let at = self.ops.len();
        self.far |= raw.far;
        self.ops.push(raw.op);
        self.last = None;
        at
    }

    /// Adds an operation after which nothing is known of the accumulator.
    pub fn clobber(&mut self, raw: Raw) -> usize {
        self.acc = None;
        self.keep(raw)
    }

    /// Adds an operation that writes `op.a` (and nothing else), with data words.
    pub fn produce(&mut self, raw: Raw, words: &[u64]) -> usize {
        let (acc, last) = (self.acc, self.last);
        self.before = Known { acc, last };
        let at = self.clobber(raw);
        self.words(words);
        self.last = Some(Last {
            at,
            end: self.ops.len(),
        });
        at
    }

    /// The same for a number that the operation leaves in the accumulator too.
    pub fn produce_acc(&mut self, raw: Raw, words: &[u64]) -> usize {
        let at = self.produce(raw, words);
        self.acc = self.fuse.then_some(u32::from(raw.op.a));
        at
    }

    /// Adds data words to the last operation.
    pub fn words(&mut self, words: &[u64]) {
        self.ops.extend(words.iter().map(|&word| Op::data(word)));
    }

    /// The next position, to be remembered: whoever remembers one asks for it here. No operation
    /// before it is changed or taken back any more, so that it stays between the same operations.
    pub fn mark(&mut self) -> u32 {
        self.last = None;
        self.joint = self.ops.len();
        self.pc()
    }

    /// Forgets what is known: control can come from elsewhere.
    pub fn forget(&mut self) {
        self.acc = None;
        self.mark();
    }

    /// The operation that produced a cell, if it is the last one and may be changed.
    fn last_of(&self, cell: u32) -> Option<usize> {
        let last = self
            .last
            .filter(|last| last.end == self.ops.len() && self.fuse)?;
        (u32::from(self.ops[last.at].a) == cell).then_some(last.at)
    }

    /// Says that the accumulator equals a cell.
    pub fn set_acc(&mut self, cell: u32) {
        self.acc = self.fuse.then_some(cell);
    }

    /// Redirects the result of the last operation from a slot to a local's cell.
    pub fn redirect(&mut self, slot: u32, local: u32) -> bool {
        self.far |= local >= NEAR;
        let Some(at) = self.last_of(slot) else {
            return false;
        };
        self.ops[at].a = local as u16;
        if self.acc == Some(slot) {
            self.acc = Some(local);
        }
        self.pair_additions(at);
        true
    }

    /// Joins the addition at the end to one right before it, when both add to a cell what is in
    /// it: pointers that walk together.
    fn pair_additions(&mut self, at: usize) {
        let Some(before) = at.checked_sub(1).filter(|_| at > self.joint) else {
            return;
        };
        let (first, second) = (self.ops[before], self.ops[at]);
        let (Some((b, first_number)), Some((d, second_number))) = (step(&first), step(&second))
        else {
            return;
        };
        let form = match (first_number, second_number) {
            (false, false) => PairForm::Rr,
            (false, true) => PairForm::Ri,
            (true, false) => PairForm::Ir,
            (true, true) => PairForm::Ii,
        };
        let acc = self.acc;
        self.ops.truncate(before);
        let op = Op::new(Kind::AddPair(form), first.a, b, second.a, d);
        self.keep(Raw { op, far: false });
        self.acc = acc;
    }

    /// Takes back the last operation; what was known before it is known again.
    fn take_back(&mut self, at: usize) {
        self.ops.truncate(at);
        let Known { acc, last } = core::mem::take(&mut self.before);
        (self.acc, self.last) = (acc, last);
    }

    /// Removes the load that produced a slot and nothing else needs, if it is the last operation.
    /// Gives the cell of the address (`None` is the accumulator) and the offset.
    pub fn take_load(&mut self, operand: &Operand, wanted: LoadOp) -> Option<(Option<u32>, u32)> {
        if operand.place != Place::Slot {
            return None;
        }
        let at = self.last_of(operand.slot)?;
        let load = self.ops[at];
        let address = match load.kind {
            Kind::Load(op, LoadForm::R) if op == wanted => Some(u32::from(load.b)),
            Kind::Load(op, LoadForm::A) if op == wanted => None,
            _ => return None, // Another operation, or a load that leaves something else.
        };
        let offset = load.imm();
        if offset >= NEAR {
            return None;
        }
        self.take_back(at);
        Some((address, offset))
    }

    /// Whether the accumulator equals a cell.
    pub fn in_acc(&self, cell: u32) -> bool {
        self.acc == Some(cell)
    }

    /// Takes an operand out of the accumulator, where it is; when nothing else needs its slot,
    /// the operation that produced it need not write it.
    pub fn take_acc(&mut self, operand: &Operand) {
        if operand.place != Place::Slot {
            return;
        }
        if let Some(at) = self.last_of(operand.slot) {
            let op = &mut self.ops[at];
            match op.kind {
                Kind::Numeric(num, form) if num.chains() => {
                    op.kind = Kind::Numeric(num, form.without_store());
                }
                Kind::Load(load, LoadForm::R) => op.kind = Kind::Load(load, LoadForm::Rx),
                Kind::Load(load, LoadForm::A) => op.kind = Kind::Load(load, LoadForm::Ax),
                _ => {}
            }
        }
    }

    /// Removes the comparison that produced a slot and nothing else needs, if it is the last
    /// operation and a branch can do it. A comparison that reads the accumulator does so right
    /// behind the operation that left the value there, and so will the branch.
    pub fn take_test(&mut self, slot: u32) -> Option<Condition> {
        let at = self.last_of(slot)?;
        let test = fuse_test(&self.ops[at])?;
        self.ops.pop();
        self.last = None;
        self.acc = None;
        Some(test)
    }

    /// Adds a branch to a label.
    pub fn branch(&mut self, mut raw: Raw, label: &mut Label) -> usize {
        if let Some(moved) = self.moved(&raw.op) {
            self.ops.pop();
            raw.op = moved;
        }
        let at = self.ops.len() as u32;
        match *label {
            Label::Bound(pc) => {
                if let Some(counted) = self.counted(&raw.op, pc) {
                    self.ops.pop();
                    return self.keep(Raw { op: counted, ..raw });
                }
                raw.op.set_target(at, pc);
            }
            Label::Pending(before) => {
                raw.op.set_imm(before);
                *label = Label::Pending(at);
            }
        }
        self.keep(raw)
    }

    /// Adds a branch back to the start of a loop. When the loop begins by testing whether to go
    /// on, the test is done here too: the loop's turn has one operation less.
    pub fn repeat(&mut self, pc: u32) {
        let mut start = Label::Bound(pc);
        if let Some(test) = self
            .ops
            .get(pc as usize)
            .and_then(opposite)
            .filter(|_| self.fuse)
        {
            let raw = Raw {
                op: test,
                far: false,
            };
            self.branch(raw, &mut Label::Bound(pc + 1));
        }
        self.branch(op_imm(Kind::Br, 0, 0, 0), &mut start);
    }

    /// A branch and the move right before it, as one.
    fn moved(&self, branch: &Op) -> Option<Op> {
        let at = self.ops.len().checked_sub(1).filter(|_| self.fuse)?;
        let op = self.ops[at];
        if branch.kind != Kind::Br || at < self.joint {
            return None;
        }
        match op.kind {
            Kind::Copy => Some(Op::with_imm(Kind::CopyBr, op.a, op.b, 0)),
            Kind::Const32 => {
                let small = u16::try_from(op.imm()).ok()?;
                Some(Op::with_imm(Kind::ConstBr, op.a, small, 0))
            }
            _ => None, // Nothing else is a move that leaves room for a target.
        }
    }

    /// A branch back that tests a counter which the last operation has just changed, and that
    /// operation, as one.
    fn counted(&self, branch: &Op, target: u32) -> Option<Op> {
        let at = self.ops.len().checked_sub(1).filter(|_| self.fuse)?;
        let add = self.ops[at];
        if at < self.joint {
            return None;
        }
        let back = (at as u32).checked_sub(target)?;
        let (by, wide) = match add.kind {
            Kind::Numeric(NumericOp::I32Add, NumForm::Ri) => {
                (Step::Number(add.imm() as i32), false)
            }
            Kind::Numeric(NumericOp::I64Add, NumForm::Ri) => (Step::Number(add.imm() as i32), true),
            Kind::Numeric(NumericOp::I32Sub, NumForm::Ri) => {
                (Step::Number((add.imm() as i32).checked_neg()?), false)
            }
            Kind::Numeric(NumericOp::I64Sub, NumForm::Ri) => {
                (Step::Number((add.imm() as i32).checked_neg()?), true)
            }
            Kind::Numeric(NumericOp::I32Add, NumForm::Rr) => (Step::Cell(other(&add)?), false),
            Kind::Numeric(NumericOp::I64Add, NumForm::Rr) => (Step::Cell(other(&add)?), true),
            _ => return None, // Nothing else counts.
        };
        let counter = add.a;
        if matches!(by, Step::Number(_)) && add.b != counter {
            return None;
        }
        // The accumulator is what the last operation left there: the counter.
        let (test, form, limit) = match branch.kind {
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
            _ => return None, // It tests something else.
        };
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
                let imm = Op::counted(back, step);
                Some(Op::with_imm(Kind::AddBrIf(test, form), counter, limit, imm))
            }
            Step::Cell(step) if form == LimitForm::R => {
                let back = u16::try_from(back).ok()?;
                let kind = Kind::AddBrIf(test, LimitForm::Rr);
                Some(Op::new(kind, counter, limit, step, back))
            }
            Step::Cell(_) => None,
        }
    }

    /// Binds a label here. Control comes from elsewhere too when something goes there already.
    pub fn bind(&mut self, label: &mut Label) {
        let here = self.pc();
        if let Label::Pending(mut at) = *label {
            if at != END {
                self.forget();
            }
            while at != END {
                let op = &mut self.ops[at as usize];
                let before = op.imm();
                op.set_target(at, here);
                at = before;
            }
        }
        *label = Label::Bound(here);
    }

    /// Copies a value of some class between cells.
    pub fn copy(&mut self, class: Class, to: u32, from: u32) {
        if to == from {
            return;
        }
        if class != Class::Vec && self.pair(to, class, Move::Copy(from)) {
            return;
        }
        let op = |kind| op(kind, to, from, 0, 0);
        match class {
            Class::Num => self.produce_acc(op(Kind::Copy), &[]),
            Class::Ref => self.produce(op(Kind::Copy), &[]),
            Class::Vec => self.produce(op(Kind::Copy2), &[]),
        };
    }

    /// Joins a move to the last operation when that is a move, too. Says whether it did.
    fn pair(&mut self, to: u32, class: Class, from: Move) -> bool {
        let Some(last) = self
            .last
            .filter(|last| self.fuse && last.end == self.ops.len())
        else {
            return false;
        };
        let first = self.ops[last.at];
        let (a, b) = (u32::from(first.a), u32::from(first.b));
        let pair = match (first.kind, from) {
            (Kind::Copy, Move::Copy(from)) => op(Kind::CopyPair, a, b, to, from),
            (Kind::Copy, Move::Const(bits)) => op(Kind::CopyConst, a, b, to, u32::from(bits)),
            (Kind::Const32, Move::Copy(from)) if first.imm() < 1 << 16 && from != a && to != a => {
                // The copy comes first then; neither reads or writes what the other writes.
                self.ops.pop();
                self.clobber(op(Kind::CopyConst, to, from, a, first.imm()));
                return true;
            }
            (Kind::Const32, Move::Const(bits)) if first.imm() < 1 << 16 => {
                let first = Op {
                    b: first.imm() as u16,
                    ..first
                };
                op(Kind::ConstPair, a, u32::from(first.b), to, u32::from(bits))
            }
            _ => return false, // The last operation is no move, or its number is too large.
        };
        self.ops.pop();
        self.clobber(pair);
        if class == Class::Num {
            self.set_acc(to);
        }
        true
    }

    /// Removes the 32-bit shift by a constant that produced a slot and nothing else needs, if it
    /// is the last operation. Gives what is shifted (`None` is the accumulator) and by how much.
    pub fn take_shl(&mut self, operand: &Operand) -> Option<(Option<u32>, u32)> {
        if operand.place != Place::Slot {
            return None;
        }
        let shl = self.ops[self.last_of(operand.slot)?];
        let from = match shl.kind {
            Kind::Numeric(NumericOp::I32Shl, NumForm::Ri) => Some(u32::from(shl.b)),
            Kind::Numeric(NumericOp::I32Shl, NumForm::Ai) => None,
            _ => return None, // Another operation.
        };
        self.ops.pop();
        self.last = None;
        self.acc = None;
        Some((from, shl.imm() & 31))
    }

    /// Copies a run of cells.
    pub fn copy_span(&mut self, to: u32, from: u32, cells: u32) {
        if to != from && cells > 0 {
            self.clobber(op_imm(Kind::CopySpan, to, from, cells));
        }
    }

    /// Writes a number or reference to a cell.
    pub fn constant(&mut self, to: u32, bits: u64) {
        if let Ok(small) = u16::try_from(bits)
            && self.pair(to, Class::Num, Move::Const(small))
        {
            return;
        }
        if bits >> 32 == 0 {
            self.produce_acc(op_imm(Kind::Const32, to, 0, bits as u32), &[]);
        } else if bits as i64 == i64::from(bits as i32) {
            self.produce_acc(op_imm(Kind::ConstSext, to, 0, bits as u32), &[]);
        } else {
            self.produce_acc(op(Kind::Const64, to, 0, 0, 0), &[bits]);
        }
    }
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

/// What a counter is changed by.
#[derive(Clone, Copy)]
enum Step {
    Number(i32),
    Cell(u16),
}

/// The other operand of an operation on two cells, one of which it changes.
fn other(op: &Op) -> Option<u16> {
    match op.a {
        a if a == op.b => Some(op.c),
        a if a == op.c => Some(op.b),
        _ => None,
    }
}

/// What an operation adds to a cell in 32 bits: a cell, or a number of 16 bits (`true`).
fn step(op: &Op) -> Option<(u16, bool)> {
    let number = |by: i32| Some((i16::try_from(by).ok()? as u16, true));
    match op.kind {
        Kind::Numeric(NumericOp::I32Add, NumForm::Rr) => Some((other(op)?, false)),
        Kind::Numeric(NumericOp::I32Add, NumForm::Ri) if op.a == op.b => number(op.imm() as i32),
        Kind::Numeric(NumericOp::I32Sub, NumForm::Ri) if op.a == op.b => {
            number((op.imm() as i32).checked_neg()?)
        }
        _ => None, // Nothing else adds, or not to a cell of its own.
    }
}

/// A branch condition, taken apart so that it can be fused into the branch.
#[derive(Clone, Copy, Debug)]
pub enum Condition {
    /// A cell is not zero.
    Cell(u32),
    /// The accumulator is not zero.
    Acc,
    /// A cell is zero.
    NotCell(u32),
    /// The accumulator is zero.
    NotAcc,
    /// A comparison holds.
    Test(NumericOp, BrForm, u32, u32),
}

/// The branch on the opposite of a branch's condition, where both read cells only.
fn opposite(branch: &Op) -> Option<Op> {
    let kind = match branch.kind {
        Kind::BrNz => Kind::BrZ,
        Kind::BrZ => Kind::BrNz,
        Kind::BrIf(test, form @ (BrForm::Rr | BrForm::Ri)) => match test.negated() {
            Some(test) => Kind::BrIf(test, form),
            None => Kind::BrUnless(test, form),
        },
        Kind::BrUnless(test, form @ (BrForm::Rr | BrForm::Ri)) => Kind::BrIf(test, form),
        _ => return None, // No branch on a condition, or one on the accumulator.
    };
    Some(Op { kind, ..*branch })
}

/// The condition that an operation computes, if a branch can compute it itself.
fn fuse_test(op: &Op) -> Option<Condition> {
    let Kind::Numeric(num, form) = op.kind else {
        return None;
    };
    let (params, _) = num.signature();
    if !num.is_test() {
        return None;
    }
    let (b, c) = (u32::from(op.b), u32::from(op.c));
    let small = i16::try_from(op.imm() as i32)
        .ok()
        .map(|imm| u32::from(imm as u16));
    if num == NumericOp::I32Eqz {
        return match form {
            NumForm::Rr => Some(Condition::NotCell(b)),
            NumForm::Ar => Some(Condition::NotAcc),
            _ => None, // `eqz` is unary and has no other form.
        };
    }
    let test = |form, a, b| Some(Condition::Test(num, form, a, b));
    if params.len() == 1 {
        return match form {
            NumForm::Rr => test(BrForm::Rr, b, 0),
            NumForm::Ar => test(BrForm::Ar, 0, 0),
            _ => None, // As above.
        };
    }
    match form {
        NumForm::Rr => test(BrForm::Rr, b, c),
        NumForm::Ri => test(BrForm::Ri, b, small?),
        NumForm::Ar => test(BrForm::Ar, 0, c),
        NumForm::Ai => test(BrForm::Ai, 0, small?),
        NumForm::Ra => Some(Condition::Test(num.swapped()?, BrForm::Ar, 0, b)),
        NumForm::RrX | NumForm::RiX | NumForm::RaX | NumForm::ArX | NumForm::AiX => None,
    }
}

/// The cell of a local or slot.
pub fn cell_of(operand: &Operand, locals: &[u32]) -> Option<u32> {
    match operand.place {
        Place::Slot => Some(operand.slot),
        Place::Local(LocalIdx(local)) => locals.get(local as usize).copied(),
        Place::Const(_) => None,
    }
}
