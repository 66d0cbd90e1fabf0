//! Emission of operations: labels, and what is known at the point of emission: which cell the
//! accumulator equals, and which operations may still be changed. What becomes of operations that
//! follow each other is the business of `fuse`, whose rules are tried here and nowhere else.

use super::fuse::{
    After, Free, Fused, Pair, opposite, reads_twice, rules, through_accumulator, without_store,
};
use super::stack::{Class, Operand, Place};
use crate::code::{Control, Kind, Op};
use crate::syntax::LocalIdx;
use alloc::vec::Vec;

/// First cell that operations cannot name.
pub const MAX_CELL: u32 = 65536;

/// An operation, and whether one of its cells is past those that 16 bits can name.
#[derive(Clone, Copy, Debug)]
pub struct Raw {
    op: Op,
    unencodable: bool,
}

/// An operation of four operands.
pub fn op(kind: Kind, a: u32, b: u32, c: u32, d: u32) -> Raw {
    let unencodable = a.max(b).max(c).max(d) >= MAX_CELL;
    Raw {
        op: Op::new(kind, a as u16, b as u16, c as u16, d as u16),
        unencodable,
    }
}

/// An operation of two operands and a 32-bit number.
pub fn op_imm(kind: Kind, a: u32, b: u32, imm: u32) -> Raw {
    Raw {
        op: Op::with_imm(kind, a as u16, b as u16, imm),
        unencodable: a.max(b) >= MAX_CELL,
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
    /// A label that no branch goes to yet.
    pub const NEW: Label = Label::Pending(END);

    /// Returns whether something goes there already.
    pub fn is_used(self) -> bool {
        self != Label::NEW
    }
}

/// An operation that has been added, and what was known before it.
#[derive(Clone, Copy, Debug)]
struct Added {
    /// The position of the operation.
    at: usize,
    /// Whether it does nothing but write its `a`.
    produces: bool,
    /// The cell whose value the accumulator had before, if one was known.
    acc: Option<u32>,
}

/// What an operation does to the accumulator, as far as cells are concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Effect {
    /// It still equals the cell that it equalled.
    Keeps,
    /// It is not known to equal a cell.
    Loses,
    /// It equals that cell.
    Sets(u32),
}

/// The code under construction.
#[derive(Debug, Default)]
pub struct Emitter {
    /// Operations of the unit.
    pub ops: Vec<Op>,
    /// The cell that the accumulator equals.
    acc: Option<u32>,
    /// The operations since the last barrier that may still be changed.
    added: Vec<Added>,
    /// Whether some operation would have to name a cell that it cannot.
    pub unencodable: bool,
    /// Whether operations may be fused.
    fuse: bool,
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

    /// Adds an operation that leaves the accumulator and the cell that it equals as they are.
    pub fn keep(&mut self, raw: Raw, free: Free) -> usize {
        self.add(raw, &[], Effect::Keeps, false, free)
    }

    /// Adds an operation after which nothing is known of the accumulator.
    pub fn clobber(&mut self, raw: Raw, free: Free) -> usize {
        self.add(raw, &[], Effect::Loses, false, free)
    }

    /// Adds an operation that writes `op.a` (and nothing else), with data words.
    pub fn produce(&mut self, raw: Raw, words: &[u64], free: Free) -> usize {
        self.add(raw, words, Effect::Loses, true, free)
    }

    /// The same for a number that the operation leaves in the accumulator too.
    pub fn produce_acc(&mut self, raw: Raw, words: &[u64], free: Free) -> usize {
        let effect = Effect::Sets(raw.op.a.into());
        self.add(raw, words, effect, true, free)
    }

    /// Adds data words to the last operation.
    pub fn words(&mut self, words: &[u64]) {
        self.ops.extend(words.iter().map(|&word| Op::data(word)));
    }

    /// Adds an operation, or what becomes of it and those before.
    fn add(
        &mut self,
        mut raw: Raw,
        words: &[u64],
        effect: Effect,
        produces: bool,
        free: Free,
    ) -> usize {
        let (mut effect, mut produces) = (effect, produces);
        // The words of an operation that is moved behind others: two at most.
        let mut own = [0; 2];
        own[..words.len()].copy_from_slice(words);
        let mut count = words.len();
        while let Some((first, fused)) = self.fused(&raw.op, free, None) {
            if fused.is_first {
                count = self.ops.len() - first.at - 1;
                for (word, op) in own.iter_mut().zip(&self.ops[first.at + 1..]) {
                    *word = op.word();
                }
            }
            self.take_back(first);
            raw.op = fused.op;
            produces = fused.produces;
            effect = match fused.acc {
                After::AsSecond => effect,
                After::Unknown => Effect::Loses,
                After::Cell(cell) => Effect::Sets(cell.into()),
            };
        }
        let at = self.push(raw, effect, produces, free);
        self.words(&own[..count]);
        at
    }

    /// Adds an operation as it is, but for what it finds in the accumulator.
    fn push(&mut self, mut raw: Raw, effect: Effect, produces: bool, free: Free) -> usize {
        if let Some((op, cell)) = self.acc.and_then(|acc| through_accumulator(&raw.op, acc)) {
            if !reads_twice(&op, cell) {
                self.drop_store(cell, free);
            }
            raw.op = op;
        }
        let at = self.ops.len();
        self.unencodable |= raw.unencodable;
        self.added.push(Added {
            at,
            produces,
            acc: self.acc,
        });
        self.ops.push(raw.op);
        self.acc = match effect {
            Effect::Keeps => self.acc,
            Effect::Loses => None,
            Effect::Sets(cell) => self.fuse.then_some(cell),
        };
        at
    }

    /// The last operation, while it may be changed.
    fn last(&self) -> Option<Added> {
        let last = self.added.last().filter(|_| self.fuse)?;
        let end = last.at + 1 + self.ops[last.at].kind.data_words() as usize;
        (end == self.ops.len()).then_some(*last)
    }

    /// Fuses the last operation and a new one, if a rule applies. `target` is where the new one
    /// goes, if it branches to a position that is known.
    fn fused(&self, second: &Op, free: Free, target: Option<u32>) -> Option<(Added, Fused)> {
        let rules = rules(second.kind);
        let first = self.last().filter(|_| !rules.is_empty())?;
        let pair = Pair {
            first: self.ops[first.at],
            produces: first.produces,
            second: *second,
            acc: self.acc,
            free,
            back: target.and_then(|target| (first.at as u32).checked_sub(target)),
        };
        let fused = rules.iter().find_map(|rule| rule(&pair))?;
        Some((first, fused))
    }

    /// Takes back the last operation; what was known before it is known again.
    fn take_back(&mut self, last: Added) {
        self.ops.truncate(last.at);
        self.added.pop();
        self.acc = last.acc;
    }

    /// The operation that wrote a cell need not, where it is the last one and what reads the cell
    /// finds it in the accumulator.
    fn drop_store(&mut self, cell: u16, free: Free) {
        if let Some(last) = self.last()
            && free.is_free(last.produces, &self.ops[last.at], cell)
            && let Some(kind) = without_store(self.ops[last.at].kind)
        {
            self.ops[last.at].kind = kind;
        }
    }

    /// The next position, to be remembered: whoever remembers one asks for it here. No operation
    /// before it is changed or taken back any more, so that it stays between the same operations.
    pub fn mark(&mut self) -> u32 {
        self.added.clear();
        self.pc()
    }

    /// Forgets what is known: control can come from elsewhere.
    pub fn forget(&mut self) {
        self.acc = None;
        self.mark();
    }

    /// Says that the accumulator equals a cell.
    pub fn set_acc(&mut self, cell: u32) {
        self.acc = self.fuse.then_some(cell);
    }

    /// Adds a branch to a label.
    pub fn branch(&mut self, mut raw: Raw, label: &mut Label, free: Free) {
        let target = match *label {
            Label::Bound(pc) => Some(pc),
            Label::Pending(_) => None,
        };
        let mut effect = Effect::Keeps;
        while let Some((first, fused)) = self.fused(&raw.op, free, target) {
            self.take_back(first);
            raw.op = fused.op;
            if let After::Cell(cell) = fused.acc {
                effect = Effect::Sets(cell.into());
            }
        }
        let at = self.push(raw, effect, false, free) as u32;
        let op = &mut self.ops[at as usize];
        match *label {
            // It knows how far it goes back.
            Label::Bound(_) if op.kind.control() == Control::CountedLoop => {}
            Label::Bound(pc) => op.set_target(at, pc),
            Label::Pending(before) => {
                op.set_imm(before);
                *label = Label::Pending(at);
            }
        }
    }

    /// Adds a branch back to the start of a loop. When the loop begins by testing whether to go
    /// on, the test is done here too: each iteration executes one operation fewer.
    pub fn repeat(&mut self, pc: u32) {
        let test = self.ops.get(pc as usize).filter(|_| self.fuse);
        if let Some(op) = test.and_then(opposite) {
            let raw = Raw {
                op,
                unencodable: false,
            };
            self.branch(raw, &mut Label::Bound(pc + 1), Free::NONE);
        }
        let mut start = Label::Bound(pc);
        self.branch(op_imm(Kind::Br, 0, 0, 0), &mut start, Free::NONE);
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
    pub fn copy(&mut self, class: Class, to: u32, from: u32, free: Free) {
        if to == from {
            return;
        }
        let op = |kind| op(kind, to, from, 0, 0);
        match class {
            Class::Num => self.produce_acc(op(Kind::Copy), &[], free),
            Class::Ref => self.produce(op(Kind::Copy), &[], free),
            Class::Vec => self.produce(op(Kind::Copy2), &[], free),
        };
    }

    /// Copies a run of cells.
    pub fn copy_span(&mut self, to: u32, from: u32, cells: u32) {
        if to != from && cells > 0 {
            self.clobber(op_imm(Kind::CopySpan, to, from, cells), Free::NONE);
        }
    }

    /// Writes a number or reference to a cell.
    pub fn constant(&mut self, to: u32, bits: u64) {
        let free = Free::NONE;
        if bits >> 32 == 0 {
            self.produce_acc(op_imm(Kind::Const32, to, 0, bits as u32), &[], free);
        } else if bits as i64 == i64::from(bits as i32) {
            self.produce_acc(op_imm(Kind::ConstSext, to, 0, bits as u32), &[], free);
        } else {
            self.produce_acc(op(Kind::Const64, to, 0, 0, 0), &[bits], free);
        }
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
