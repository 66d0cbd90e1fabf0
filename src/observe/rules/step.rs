//! Which rules a step used, from the instruction, its operands and how it ended (spec:
//! exec/instructions). Pure: knows nothing of how code runs, and of a store only what [`Facts`]
//! says.
//!
//! A constant uses no rule at all, because it is a value already.

use super::class::{self, Access, Class};
use super::names::Rule;
use super::{bulk, control};
use crate::exec::probe::Value;
use crate::syntax::{AtomicOp, AtomicShape, Catch, Instr, ValType};
use crate::trap::Trap;
use crate::valid::FrameKind;
use alloc::vec::Vec;

/// What the rules of a step depend on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The instruction.
    pub instr: &'a Instr<'a>,
    /// The operands that it took, bottom first.
    pub pops: &'a [Value],
    /// The results that it left, bottom first; those of a call come with the callee's end.
    pub pushes: &'a [Value],
    /// How it ended.
    pub outcome: Outcome,
    /// Whether a call reached a function of the host.
    pub host: bool,
    /// Whether values below its operands, or instructions after it, stand in the same sequence.
    pub beside: bool,
    /// The open constructs around the instruction, innermost first, and the function's own last. A
    /// constant expression has none.
    pub labels: &'a [Label<'a>],
    /// The frames that called this one, innermost first: for traps and exceptions, and as far as
    /// these go.
    pub crossed: &'a [Crossed<'a>],
    /// The length of the array that `array.copy` writes, when it ends in a trap.
    pub written: Option<u32>,
}

/// How a step ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Control went on behind the instruction, or into the construct that it opens.
    Next,
    /// Nothing of an `if` without `else` was executed.
    Skipped,
    /// A branch was taken.
    Branched,
    /// A function was called, or has taken this one's place.
    Called,
    /// The function, or the constant expression, was done.
    Returned,
    /// The run trapped.
    Trapped(Trap),
    /// A function of the host ended in an error that is no trap of the instruction set.
    Failed,
    /// An exception was caught.
    Caught {
        /// The frame: 0 is that of the instruction, 1 is the first of [`Facts::crossed`].
        frame: usize,
        /// The label of the `try_table` among those of that frame.
        label: usize,
        /// The clause of the `try_table`.
        clause: usize,
    },
    /// An exception was caught by nobody.
    Uncaught,
}

/// An open construct.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// What opened it.
    pub kind: FrameKind,
    /// The clauses of a `try_table`; nothing else has any.
    pub catches: &'a [Catch],
    /// Whether values below the construct, or instructions after it, stand in the sequence that
    /// holds it. The function's own construct stands alone.
    pub beside: bool,
}

/// A frame that waits for a call to return.
#[derive(Clone, Copy, Debug)]
pub struct Crossed<'a> {
    /// The open constructs around the call, innermost first.
    pub labels: &'a [Label<'a>],
    /// Whether values below the call's operands, or instructions after it, stand in the same
    /// sequence.
    pub beside: bool,
}

/// The rules of a step in order, each with how many times it is used in a row. A rule of a bulk
/// operation that goes round with others has all its uses at its first place.
pub type Fired = Vec<(Rule, u64)>;

/// Puts the rules of a step into `fired`, whose old contents go.
pub fn rules(facts: &Facts<'_>, fired: &mut Fired) {
    fired.clear();
    let mut step = Step { facts, fired };
    step.run();
}

/// The rules of a step in the making.
pub(super) struct Step<'a, 'f> {
    pub facts: &'f Facts<'a>,
    pub fired: &'f mut Fired,
}

impl<'a> Step<'a, '_> {
    /// Adds a rule.
    pub fn add(&mut self, rule: Rule) {
        self.times(rule, 1);
    }

    /// Adds a rule that is used that many times.
    pub fn times(&mut self, rule: Rule, count: u64) {
        match self.fired.last_mut() {
            _ if count == 0 => {}
            Some((last, times)) if *last == rule => *times += count,
            Some(_) | None => self.fired.push((rule, count)),
        }
    }

    /// The operand that many places below the top one, which is 0.
    fn operand(&self, depth: usize) -> Option<&'a Value> {
        let pops = self.facts.pops;
        pops.get(pops.len().checked_sub(depth + 1)?)
    }

    /// The number in the operand that many places below the top one.
    pub fn number(&self, depth: usize) -> u64 {
        self.operand(depth).map_or(0, number)
    }

    /// Whether the operand that many places below the top one is null, or zero.
    pub fn is_zero(&self, depth: usize) -> bool {
        self.number(depth) == 0
    }

    /// The trap that the step ended in.
    pub fn trap(&self) -> Option<Trap> {
        match self.facts.outcome {
            Outcome::Trapped(trap) => Some(trap),
            Outcome::Next
            | Outcome::Skipped
            | Outcome::Branched
            | Outcome::Called
            | Outcome::Returned
            | Outcome::Failed
            | Outcome::Caught { .. }
            | Outcome::Uncaught => None,
        }
    }

    /// The rules of the instruction, and those of the trap that it ended in: one arm for each
    /// instruction, or for each table of instructions.
    fn run(&mut self) {
        use Rule::*;
        match *self.facts.instr {
            Instr::Unreachable => self.add(Unreachable),
            Instr::Nop => self.add(Nop),
            Instr::Block(_) => self.add(Block),
            Instr::Loop(_) => self.add(Loop),
            Instr::TryTable(..) => self.add(TryTable),
            Instr::If(_) => return control::if_(self),
            Instr::Else => self.add(LabelVals),
            Instr::End => return control::end(self),
            Instr::Br(label) => return control::branch(self, label),
            Instr::BrIf(label) => {
                return control::branch_if(self, (BrIfFalse, BrIfTrue), !self.is_zero(0), label);
            }
            Instr::BrTable(targets) => return control::branch_table(self, targets),
            Instr::BrOnNull(label) => {
                let rules = (BrOnNullAddr, BrOnNullNull);
                return control::branch_if(self, rules, self.is_zero(0), label);
            }
            Instr::BrOnNonNull(label) => {
                let rules = (BrOnNonNullNull, BrOnNonNullAddr);
                return control::branch_if(self, rules, !self.is_zero(0), label);
            }
            Instr::BrOnCast(cast) => {
                let rules = (BrOnCastFail, BrOnCastSucceed);
                return control::branch_if(self, rules, self.branched(), cast.label);
            }
            Instr::BrOnCastFail(cast) => {
                let rules = (BrOnCastFailSucceed, BrOnCastFailFail);
                return control::branch_if(self, rules, self.branched(), cast.label);
            }
            Instr::Return => return control::return_(self),
            Instr::Throw(_) => return control::throw(self),
            Instr::ThrowRef => return control::throw_ref(self),
            Instr::Call(_) | Instr::CallRef(_) | Instr::CallIndirect(..) => {
                return control::call(self);
            }
            Instr::ReturnCall(_) | Instr::ReturnCallRef(_) | Instr::ReturnCallIndirect(..) => {
                return control::return_call(self);
            }

            Instr::Drop => self.add(Drop),
            Instr::Select | Instr::SelectT(_) | Instr::SelectArity(_) => {
                self.either(!self.is_zero(0), SelectTrue, SelectFalse);
            }
            Instr::LocalGet(_) => self.add(LocalGet),
            Instr::LocalSet(_) => self.add(LocalSet),
            Instr::LocalTee(_) => self.both(LocalTee, LocalSet),
            Instr::GlobalGet(_) => self.add(GlobalGet),
            Instr::GlobalSet(_) => self.add(GlobalSet),
            // Constants are values, and reduce to nothing else.
            Instr::I32Const(_) | Instr::I64Const(_) | Instr::F32Const(_) => {}
            Instr::F64Const(_) | Instr::V128Const(_) => {}
            Instr::Numeric(op) => self.computed(class::numeric(op)),
            Instr::Vector(op) => self.computed(class::vector(op)),
            Instr::Lane(op, _) => self.computed(class::lane(op)),
            Instr::Shuffle(_) => self.add(Vshuffle),

            Instr::Load(op, _) => self.access(class::load(op)),
            Instr::Store(op, _) => self.access(class::store(op)),
            Instr::LaneMemory(op, ..) => self.access(class::lane_memory(op)),
            Instr::MemorySize(_) => self.add(MemorySize),
            Instr::MemoryGrow(_) => self.grown(MemoryGrowSucceed, MemoryGrowFail),
            Instr::MemoryFill(_) => bulk::memory_fill(self),
            Instr::MemoryCopy(..) => bulk::memory_copy(self),
            Instr::MemoryInit(..) => bulk::memory_init(self),
            Instr::DataDrop(_) => self.add(DataDrop),
            Instr::TableGet(_) => self.done(TableGetVal, TableGetOob),
            Instr::TableSet(_) => self.done(TableSetVal, TableSetOob),
            Instr::TableSize(_) => self.add(TableSize),
            Instr::TableGrow(_) => self.grown(TableGrowSucceed, TableGrowFail),
            Instr::TableFill(_) => bulk::table_fill(self),
            Instr::TableCopy(..) => bulk::table_copy(self),
            Instr::TableInit(..) => bulk::table_init(self),
            Instr::ElemDrop(_) => self.add(ElemDrop),

            Instr::Atomic(op, _) => self.atomic(op),
            Instr::AtomicNotify(_) => self.done(ThreadsNotify, self.unfit()),
            Instr::AtomicWait32(_) | Instr::AtomicWait64(_) => self.wait(),
            Instr::AtomicFence => self.add(ThreadsFence),

            Instr::RefNull(_) => self.add(RefNull),
            Instr::RefFunc(_) => self.add(RefFunc),
            Instr::RefIsNull => self.either(self.is_zero(0), RefIsNullTrue, RefIsNullFalse),
            Instr::RefAsNonNull => self.done(RefAsNonNullAddr, RefAsNonNullNull),
            Instr::RefEq if self.is_zero(0) && self.is_zero(1) => self.add(RefEqNull),
            Instr::RefEq => self.answered(RefEqTrue, RefEqFalse),
            Instr::RefTest(_) => self.answered(RefTestTrue, RefTestFalse),
            Instr::RefCast(_) => self.done(RefCastSucceed, RefCastFail),
            Instr::RefI31 => self.done(RefI31, LimitsHeap),
            Instr::I31GetS | Instr::I31GetU => self.done(I31GetNum, I31GetNull),
            Instr::AnyConvertExtern => {
                self.either(self.is_zero(0), AnyConvertExternNull, AnyConvertExternAddr);
            }
            Instr::ExternConvertAny => {
                self.either(self.is_zero(0), ExternConvertAnyNull, ExternConvertAnyAddr);
            }
            Instr::StructNew(_) => self.done(StructNew, LimitsHeap),
            Instr::StructNewDefault(_) => self.made(StructNewDefault, StructNew),
            Instr::StructGet(..) | Instr::StructGetS(..) | Instr::StructGetU(..) => {
                self.done(StructGetStruct, StructGetNull);
            }
            Instr::StructSet(..) => self.done(StructSetStruct, StructSetNull),
            Instr::ArrayNew(_) => self.made(ArrayNew, ArrayNewFixed),
            Instr::ArrayNewDefault(_) => self.made(ArrayNewDefault, ArrayNewFixed),
            Instr::ArrayNewFixed(..) => self.done(ArrayNewFixed, LimitsHeap),
            Instr::ArrayNewData(..) => self.made_of(ArrayNewDataNum, ArrayNewDataOob),
            Instr::ArrayNewElem(..) => self.made_of(ArrayNewElemAlloc, ArrayNewElemOob),
            Instr::ArrayGet(_) | Instr::ArrayGetS(_) | Instr::ArrayGetU(_) => {
                self.done(ArrayGetArray, self.fault(ArrayGetNull, ArrayGetOob));
            }
            Instr::ArraySet(_) => self.done(ArraySetArray, self.fault(ArraySetNull, ArraySetOob)),
            Instr::ArrayLen => self.done(ArrayLenArray, ArrayLenNull),
            Instr::ArrayFill(_) => bulk::array_fill(self),
            Instr::ArrayCopy(..) => bulk::array_copy(self),
            Instr::ArrayInitData(..) => bulk::array_init_data(self),
            Instr::ArrayInitElem(..) => bulk::array_init_elem(self),
        }
        if self.trap().is_some() {
            control::trap(self, 0);
        }
    }

    /// Whether a branch was taken, out of the function perhaps.
    fn branched(&self) -> bool {
        matches!(self.facts.outcome, Outcome::Branched | Outcome::Returned)
    }

    /// Adds one of two rules.
    fn either(&mut self, first: bool, yes: Rule, no: Rule) {
        self.add(if first { yes } else { no });
    }

    /// Adds two rules, of which the first hands on to the second.
    fn both(&mut self, first: Rule, second: Rule) {
        self.add(first);
        self.add(second);
    }

    /// Adds `val`, or, where the instruction has trapped, `fault`; or the limit that has ended it.
    pub fn done(&mut self, val: Rule, fault: Rule) {
        self.add(match self.trap() {
            None => val,
            Some(trap) => limit(trap).unwrap_or(fault),
        });
    }

    /// Adds the rules of an instruction that hands its values on to one that makes an object.
    fn made(&mut self, first: Rule, second: Rule) {
        self.add(first);
        self.done(second, Rule::LimitsHeap);
    }

    /// The same for an array made of a segment, whose end it may be past.
    fn made_of(&mut self, val: Rule, oob: Rule) {
        match self.trap() {
            Some(trap) if limit(trap).is_none() => self.add(oob),
            Some(_) | None => self.made(val, Rule::ArrayNewFixed),
        }
    }

    /// Which fault of an array the trap is: it is null, or too short.
    pub fn fault(&self, null: Rule, oob: Rule) -> Rule {
        match self.trap() {
            Some(Trap::NullArrayReference) => null,
            Some(_) | None => oob,
        }
    }

    fn computed(&mut self, class: Class) {
        self.done(class.step(), class.trap().unwrap_or(class.step()));
    }

    fn access(&mut self, access: Access) {
        self.done(access.val, access.oob);
    }

    /// Adds one of two rules by the result, which is 1 or 0.
    fn answered(&mut self, yes: Rule, no: Rule) {
        self.either(self.result() != 0, yes, no);
    }

    /// The number in the only result.
    fn result(&self) -> u64 {
        self.facts.pushes.last().map_or(0, number)
    }

    /// Adds one of two rules by the result, which is -1 where growing has failed.
    fn grown(&mut self, succeed: Rule, fail: Rule) {
        let failed = match self.facts.pushes.last() {
            Some(value) if value.ty == ValType::I32 => number(value) == u64::from(u32::MAX),
            Some(value) => number(value) == u64::MAX,
            None => true,
        };
        self.done(if failed { fail } else { succeed }, fail);
    }

    /// Which fault of an atomic access the trap is.
    fn unfit(&self) -> Rule {
        match self.trap() {
            Some(Trap::UnalignedAtomic) => Rule::ThreadsUnaligned,
            Some(Trap::ExpectedSharedMemory) => Rule::ThreadsUnshared,
            Some(_) | None => Rule::ThreadsOob,
        }
    }

    fn atomic(&mut self, op: AtomicOp) {
        let val = match op.shape() {
            AtomicShape::Load => Rule::ThreadsLoadVal,
            AtomicShape::Store => Rule::ThreadsStoreVal,
            AtomicShape::Rmw => Rule::ThreadsRmwVal,
            // The expected number is the second operand of three.
            AtomicShape::Cmpxchg if self.result() == self.number(1) => Rule::ThreadsCmpxchgEqual,
            AtomicShape::Cmpxchg => Rule::ThreadsCmpxchgDiffer,
        };
        self.done(val, self.unfit());
    }

    fn wait(&mut self) {
        let val = match self.result() {
            0 => Rule::ThreadsWaitWoken,
            1 => Rule::ThreadsWaitDiffer,
            _ => Rule::ThreadsWaitTimeout,
        };
        self.done(val, self.unfit());
    }
}

/// The number in a value: an address, a count, a condition. That of a reference is 0 for null.
fn number(value: &Value) -> u64 {
    match value.ty {
        ValType::I32 | ValType::F32 => u64::from(value.cells[0] as u32),
        ValType::I64 | ValType::F64 | ValType::V128 | ValType::Ref(_) => value.cells[0],
    }
}

/// The rule of ours for a trap that no instruction has of itself: the end of what the engine or
/// its embedder gives.
pub(super) fn limit(trap: Trap) -> Option<Rule> {
    Some(match trap {
        Trap::StackOverflow => Rule::LimitsCallStack,
        Trap::OutOfFuel => Rule::LimitsFuel,
        Trap::Interrupt => Rule::LimitsEpoch,
        Trap::HeapExhausted => Rule::LimitsHeap,
        Trap::ArrayTooLarge => Rule::LimitsArray,
        Trap::GrowRefused => Rule::LimitsGrowth,
        Trap::OutOfMemory => Rule::LimitsMemory,
        Trap::WaitRefused => Rule::LimitsWait,
        Trap::Unreachable
        | Trap::IntegerDivideByZero
        | Trap::IntegerOverflow
        | Trap::InvalidConversionToInteger
        | Trap::MemoryOutOfBounds
        | Trap::TableOutOfBounds
        | Trap::UndefinedElement
        | Trap::UninitializedElement
        | Trap::IndirectCallTypeMismatch
        | Trap::NullFunctionReference
        | Trap::NullStructureReference
        | Trap::NullArrayReference
        | Trap::NullI31Reference
        | Trap::NullExceptionReference
        | Trap::NullReference
        | Trap::CastFailure
        | Trap::ArrayOutOfBounds
        | Trap::UnalignedAtomic
        | Trap::ExpectedSharedMemory => return None,
    })
}
