//! What each kind of operation reads and writes, as data: the one place that says it for all kinds.
//! A new kind has to say it here, or nothing compiles.
//!
//! Knows nothing of frames and modules; [`verify`](super::verify) compares with those.

use super::op::{BrForm, Kind, LimitForm, LoadForm, MemForm, NumForm, Op, PairForm, StoreForm};
use crate::syntax::{AtomicShape, NumericOp, ValType};
use alloc::vec::Vec;

/// What a cell must hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A number, or half of a vector.
    Number,
    /// A reference.
    Reference,
    /// Whatever the other cells of this class in the operation hold.
    Same,
    /// As `Same`, for the second move of two.
    Also,
    /// Numbers or references, one kind of them.
    Either,
    /// What is to be zeroed, of any kind.
    Zeroed,
    /// A number, or null when the number (whether it is zero) can stand for that.
    Constant(bool),
}

/// Cells that an operation reads or writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operand {
    /// The first.
    pub cell: u32,
    /// How many.
    pub cells: u32,
    /// Whether they are written.
    pub write: bool,
    /// What they hold.
    pub class: Class,
}

/// Something of the module or unit that an operation names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Name {
    /// A defined function.
    Defined(u32),
    /// An imported function.
    Imported(u32),
    /// Any function.
    Func(u32),
    /// A canonical type.
    Type(u32),
    /// A canonical function type.
    FuncType(u32),
    /// A reference type in a data word.
    RefType(u64),
    /// A structure type, its numbers from one cell and its references from another.
    Struct(u32, Option<(u32, u32)>),
    /// An array type, and so many of its elements from a cell.
    Array(u32, Option<(u32, u32)>),
    /// A tag, its payload's numbers from one cell and its references from another.
    Tag(u32, u32, u32),
    /// A global, and the first of so many cells with its value.
    Global(u32, u32, u32),
    /// A table.
    Table(u32),
    /// A memory.
    Memory(u32),
    /// An element segment.
    Elem(u32),
    /// A data segment.
    Data(u32),
    /// Lane of so many.
    Lane(u32, u32),
}

/// Where control goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// To the next operation.
    Next,
    /// To the next, or to a position.
    Branch(u32),
    /// To a position.
    Jump(u32),
    /// To one of so many entries that follow.
    Table(u32),
    /// Into a callee, and then to the next; where its frame starts, and its link there.
    Call(Callee, u32, u32),
    /// Into a callee for good: arguments from a cell, then as the data word says.
    TailCall(Callee, u32, u64),
    /// Back to the caller; where the link is.
    Return(u32),
    /// Away: a trap or an exception.
    End,
    /// Nowhere: the operation is never executed.
    Never,
}

/// Who is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Callee {
    /// The code at a position of the unit.
    Code(u32),
    /// A function of the module.
    Func(u32),
    /// Something of that type.
    Type(u32),
    /// What a reference refers to.
    Unknown,
}

/// What an operation does to the accumulator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acc {
    /// Nothing.
    Keeps,
    /// Leaves a number in it.
    Defines,
    /// Leaves nothing of use.
    Loses,
}

/// All that an operation says of itself.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Cells, those read first.
    pub operands: Vec<Operand>,
    /// Things named.
    pub names: Vec<Name>,
    /// Where control goes.
    pub flow: Flow,
    /// Whether the accumulator is read.
    pub reads_acc: bool,
    /// What becomes of it.
    pub acc: Acc,
}

impl Facts {
    fn new() -> Facts {
        Facts {
            operands: Vec::new(),
            names: Vec::new(),
            flow: Flow::Next,
            reads_acc: false,
            acc: Acc::Loses,
        }
    }

    fn operand(mut self, cell: u16, cells: u32, write: bool, class: Class) -> Facts {
        let cell = u32::from(cell);
        self.operands.push(Operand {
            cell,
            cells,
            write,
            class,
        });
        self
    }

    /// Reads a number.
    fn num(self, cell: u16) -> Facts {
        self.operand(cell, 1, false, Class::Number)
    }

    /// Reads numbers of that many cells.
    fn nums(self, cell: u16, cells: u32) -> Facts {
        self.operand(cell, cells, false, Class::Number)
    }

    /// Reads a reference.
    fn reference(self, cell: u16) -> Facts {
        self.operand(cell, 1, false, Class::Reference)
    }

    /// Reads a value of one cell.
    fn value(self, cell: u16) -> Facts {
        self.operand(cell, 1, false, Class::Either)
    }

    /// Writes a number, and leaves it in the accumulator.
    fn sets_num(mut self, cell: u16) -> Facts {
        self.acc = Acc::Defines;
        self.operand(cell, 1, true, Class::Number)
    }

    /// Writes numbers of that many cells.
    fn sets_nums(self, cell: u16, cells: u32) -> Facts {
        self.operand(cell, cells, true, Class::Number)
    }

    /// Writes a reference.
    fn sets_ref(self, cell: u16) -> Facts {
        self.operand(cell, 1, true, Class::Reference)
    }

    /// Writes a value of one cell, and leaves it in the accumulator.
    fn sets_value(mut self, cell: u16) -> Facts {
        self.acc = Acc::Defines;
        self.operand(cell, 1, true, Class::Either)
    }

    /// Reads the accumulator.
    fn acc(mut self) -> Facts {
        self.reads_acc = true;
        self
    }

    fn keeps(mut self) -> Facts {
        self.acc = Acc::Keeps;
        self
    }

    fn defines(mut self) -> Facts {
        self.acc = Acc::Defines;
        self
    }

    fn flow(mut self, flow: Flow) -> Facts {
        self.flow = flow;
        self
    }

    /// A conditional branch; the accumulator stays.
    fn branch(self, to: u32) -> Facts {
        self.keeps().flow(Flow::Branch(to))
    }

    fn name(mut self, name: Name) -> Facts {
        self.names.push(name);
        self
    }
}

/// Cells of a value.
fn cells(ty: ValType) -> u32 {
    ty.cells()
}

/// What an operation at `at`, with these data words, reads, writes, names, and where it goes.
pub fn facts(op: &Op, at: u32, words: &[u64]) -> Facts {
    let &Op { kind, a, b, c, d } = op;
    let imm = op.imm();
    let word = words.first().copied().unwrap_or_default();
    let second = words.get(1).copied().unwrap_or_default();
    let (low, high) = (word as u32, (word >> 32) as u32);
    let (a32, b32) = (u32::from(a), u32::from(b));
    let target = op.target(at).unwrap_or(u32::MAX);
    let f = Facts::new();
    match kind {
        Kind::Data => f.flow(Flow::Never),
        Kind::Nop | Kind::Fuel | Kind::Epoch | Kind::CheckFrame | Kind::StackProbe => f.keeps(),
        Kind::Unreachable => f.flow(Flow::End),
        Kind::Copy => moved(f, a, b, Class::Same).defines(),
        Kind::CopyBr => moved(f, a, b, Class::Same)
            .defines()
            .flow(Flow::Jump(target)),
        Kind::CopyPair => moved(moved(f, a, b, Class::Same), c, d, Class::Also).defines(),
        Kind::CopyConst => constant(moved(f, a, b, Class::Same), c, d == 0),
        Kind::ConstPair => constant(constant(f, a, b == 0), c, d == 0),
        Kind::ConstBr => constant(f, a, b == 0).flow(Flow::Jump(target)),
        Kind::Copy2 => f.nums(b, 2).sets_nums(a, 2).keeps(),
        Kind::CopySpan => f
            .operand(b, imm, false, Class::Same)
            .operand(a, imm, true, Class::Same)
            .keeps(),
        Kind::SetAcc => f.acc().sets_num(a),
        Kind::Const32 => constant(f, a, imm == 0),
        Kind::ConstSext | Kind::Const64 => f.sets_num(a),
        Kind::Const128 => f.sets_nums(a, 2).keeps(),
        Kind::Zero => f.operand(a, imm, true, Class::Zeroed).keeps(),
        Kind::Select => same(f.num(d), &[b, c], a).defines(),
        Kind::SelectAcc => same(f.acc(), &[b, c], a).defines(),
        Kind::Select2 => f.num(d).nums(b, 2).nums(c, 2).sets_nums(a, 2).keeps(),
        Kind::Numeric(num, form) => numeric(f, num, form, op),
        Kind::NumericMem(_, form) => {
            let f = match form {
                MemForm::R => f.num(b).num(c),
                MemForm::A => f.acc().num(c),
                MemForm::Ra => f.num(b).acc(),
            };
            f.sets_num(a)
        }
        Kind::AddPair(form) => {
            let f = f.num(a).num(c).sets_num(a).sets_num(c);
            match form {
                PairForm::Rr => f.num(b).num(d),
                PairForm::Ri => f.num(b),
                PairForm::Ir => f.num(d),
                PairForm::Ii => f,
            }
        }
        Kind::AddShl => f.num(b).num(c).sets_num(a),
        Kind::AddShlA => f.num(b).acc().sets_num(a),
        Kind::Wide(num) if num.signature().0.len() == 4 => f.nums(b, 4).sets_nums(a, 2),
        Kind::Wide(_) => f.num(b).num(c).sets_nums(a, 2),
        Kind::Vector(vector) => {
            let (params, results) = vector.signature();
            let reads = params.iter().zip([b, c, d]);
            let f = reads.fold(f, |f, (&ty, cell)| f.nums(cell, cells(ty)));
            result(f, a, results[0])
        }
        Kind::Shuffle => f.nums(b, 2).nums(c, 2).sets_nums(a, 2),
        Kind::Lane(lane) => {
            let (params, results) = lane.signature();
            let reads = params.iter().zip([b, c]);
            let f = reads.fold(f, |f, (&ty, cell)| f.nums(cell, cells(ty)));
            result(f, a, results[0]).name(Name::Lane(d.into(), lane.lanes().into()))
        }
        Kind::Br => f.flow(Flow::Jump(target)),
        Kind::BrNz | Kind::BrZ => f.num(a).branch(target),
        Kind::BrNzA | Kind::BrZA => f.acc().branch(target),
        Kind::BrIf(num, form) | Kind::BrUnless(num, form) => {
            let f = match form {
                BrForm::Rr | BrForm::Ri => f.num(a),
                BrForm::Ar | BrForm::Ai => f.acc(),
            };
            let cell = matches!(form, BrForm::Rr | BrForm::Ar) && num.signature().0.len() == 2;
            let f = if cell { f.num(b) } else { f };
            f.branch(target)
        }
        Kind::AddBrIf(_, form) => {
            let f = match form {
                LimitForm::R => f.num(a).num(b),
                LimitForm::I => f.num(a),
                LimitForm::Rr => f.num(a).num(b).num(c),
            };
            f.sets_num(a).flow(Flow::Branch(target))
        }
        Kind::BrTable => f.num(a).flow(Flow::Table(imm)),
        Kind::BrOnNull | Kind::BrOnNonNull => f.reference(a).branch(target),
        Kind::BrOnCast | Kind::BrOnCastFail => {
            f.reference(a).name(Name::RefType(word)).branch(target)
        }
        Kind::Call => f.flow(Flow::Call(Callee::Code(imm), a32, b32)).defines(),
        Kind::CallFunc => {
            let f = f.name(Name::Defined(imm)).defines();
            f.flow(Flow::Call(Callee::Func(imm), a32, b32))
        }
        Kind::CallImport => {
            let f = f.name(Name::Imported(imm)).defines();
            f.flow(Flow::Call(Callee::Func(imm), a32, b32))
        }
        Kind::CallIndirect => {
            let f = f
                .num(c)
                .name(Name::FuncType(low))
                .name(Name::Table(high))
                .defines();
            f.flow(Flow::Call(Callee::Type(low), a32, b32))
        }
        Kind::CallRef => f
            .reference(c)
            .defines()
            .flow(Flow::Call(Callee::Unknown, a32, b32)),
        Kind::ReturnCall => {
            let f = f.name(Name::Func(imm));
            f.flow(Flow::TailCall(Callee::Func(imm), a32, word))
        }
        Kind::ReturnCallIndirect => {
            let (ty, table) = (second as u32, (second >> 32) as u32);
            let f = f.num(c).name(Name::FuncType(ty)).name(Name::Table(table));
            f.flow(Flow::TailCall(Callee::Type(ty), a32, word))
        }
        Kind::ReturnCallRef => f
            .reference(c)
            .flow(Flow::TailCall(Callee::Unknown, a32, word)),
        Kind::Return => f.flow(Flow::Return(a32)),
        Kind::ReturnR => f.value(b).flow(Flow::Return(a32)),
        Kind::ReturnA => f.acc().flow(Flow::Return(a32)),
        Kind::Throw => f.name(Name::Tag(imm, a32, b32)).flow(Flow::End),
        Kind::ThrowRef => f.reference(a).flow(Flow::End),
        Kind::GlobalGet => f.sets_value(a).name(Name::Global(imm, a32, 1)),
        Kind::GlobalGet2 => f.sets_nums(a, 2).keeps().name(Name::Global(imm, a32, 2)),
        Kind::GlobalSet => f.value(a).keeps().name(Name::Global(imm, a32, 1)),
        Kind::GlobalSet2 => f.nums(a, 2).keeps().name(Name::Global(imm, a32, 2)),
        Kind::Load(load, form) => {
            let f = match form {
                LoadForm::R | LoadForm::Rx => f.num(b),
                LoadForm::A | LoadForm::Ax => f.acc(),
            };
            match form {
                LoadForm::R | LoadForm::A => result(f, a, load.ty()),
                LoadForm::Rx | LoadForm::Ax => f.defines(),
            }
        }
        Kind::Store(store, form) => {
            let value = |f: Facts| f.nums(b, cells(store.ty()));
            let f = match form {
                StoreForm::Rr => value(f.num(a)),
                StoreForm::Ra => f.num(a).acc(),
                StoreForm::Ar => value(f.acc()),
                StoreForm::Ri => f.num(a),
            };
            f.keeps()
        }
        Kind::LoadGeneral(load) => result(f.num(b), a, load.ty()).name(Name::Memory(imm)),
        Kind::StoreGeneral(store) => f.num(a).nums(b, cells(store.ty())).name(Name::Memory(imm)),
        Kind::LaneMemory(lane) => {
            let f = f.num(b).nums(c, 2).name(Name::Memory(second as u32));
            let f = f.name(Name::Lane(d.into(), lane.lanes().into()));
            if lane.is_store() {
                f
            } else {
                f.sets_nums(a, 2)
            }
        }
        Kind::Atomic(atomic) => {
            let f = f.num(b).name(Name::Memory(second as u32));
            match atomic.shape() {
                AtomicShape::Load => f.sets_num(a),
                AtomicShape::Store => f.num(c),
                AtomicShape::Rmw => f.num(c).sets_num(a),
                AtomicShape::Cmpxchg => f.num(c).num(d).sets_num(a),
            }
        }
        Kind::AtomicNotify => f
            .num(b)
            .num(c)
            .sets_num(a)
            .name(Name::Memory(second as u32)),
        Kind::AtomicWait32 | Kind::AtomicWait64 => f
            .num(b)
            .num(c)
            .num(d)
            .sets_num(a)
            .name(Name::Memory(second as u32)),
        Kind::AtomicFence => f,
        Kind::MemorySize => f.sets_num(a).name(Name::Memory(imm)),
        Kind::MemoryGrow => f.num(b).sets_num(a).name(Name::Memory(imm)),
        Kind::MemoryFill => f.num(a).num(b).num(c).name(Name::Memory(low)),
        Kind::MemoryCopy => f
            .num(a)
            .num(b)
            .num(c)
            .name(Name::Memory(low))
            .name(Name::Memory(high)),
        Kind::MemoryInit => f
            .num(a)
            .num(b)
            .num(c)
            .name(Name::Memory(low))
            .name(Name::Data(high)),
        Kind::DataDrop => f.name(Name::Data(imm)),
        Kind::TableGet => f.num(b).sets_ref(a).name(Name::Table(imm)),
        Kind::TableSet => f.num(a).reference(b).name(Name::Table(imm)),
        Kind::TableSize => f.sets_num(a).name(Name::Table(imm)),
        Kind::TableGrow => f.reference(b).num(c).sets_num(a).name(Name::Table(low)),
        Kind::TableFill => f.num(a).reference(b).num(c).name(Name::Table(low)),
        Kind::TableCopy => f
            .num(a)
            .num(b)
            .num(c)
            .name(Name::Table(low))
            .name(Name::Table(high)),
        Kind::TableInit => f
            .num(a)
            .num(b)
            .num(c)
            .name(Name::Table(low))
            .name(Name::Elem(high)),
        Kind::ElemDrop => f.name(Name::Elem(imm)),
        Kind::RefIsNull | Kind::I31GetS | Kind::I31GetU => f.reference(b).sets_num(a),
        Kind::RefAsNonNull => f.reference(b).sets_ref(a),
        Kind::RefEq => f.reference(b).reference(c).sets_num(a),
        Kind::RefFunc => f.sets_ref(a).name(Name::Func(imm)),
        Kind::RefTest => f.reference(b).sets_num(a).name(Name::RefType(word)),
        Kind::RefCast => f.reference(b).sets_ref(a).name(Name::RefType(word)),
        Kind::RefI31 => f.num(b).sets_ref(a),
        Kind::StructNew => f.sets_ref(a).name(Name::Struct(low, Some((b32, c.into())))),
        Kind::StructNewDefault => f.sets_ref(a).name(Name::Struct(low, None)),
        Kind::StructGet => f.reference(b).sets_value(a),
        Kind::StructGetS8 | Kind::StructGetS16 => f.reference(b).sets_num(a),
        Kind::StructGet2 => f.reference(b).sets_nums(a, 2),
        Kind::StructSet => f.reference(a).value(b),
        Kind::StructSet8 | Kind::StructSet16 => f.reference(a).num(b),
        Kind::StructSet2 => f.reference(a).nums(b, 2),
        Kind::ArrayNew => f
            .value(b)
            .num(c)
            .sets_ref(a)
            .name(Name::Array(low, Some((b32, 1)))),
        Kind::ArrayNewDefault => f.num(c).sets_ref(a).name(Name::Array(low, None)),
        Kind::ArrayNewFixed => f.sets_ref(a).name(Name::Array(low, Some((b32, imm)))),
        Kind::ArrayNewData => f
            .num(b)
            .num(c)
            .sets_ref(a)
            .name(Name::Array(low, None))
            .name(Name::Data(high)),
        Kind::ArrayNewElem => f
            .num(b)
            .num(c)
            .sets_ref(a)
            .name(Name::Array(low, None))
            .name(Name::Elem(high)),
        Kind::ArrayGet => f
            .reference(b)
            .num(c)
            .sets_value(a)
            .name(Name::Lane(d.into(), 2)),
        Kind::ArraySet => f.reference(a).num(b).value(c),
        Kind::ArrayLen => f.reference(b).sets_num(a),
        Kind::ArrayFill => f.reference(a).num(b).value(c).num(d),
        Kind::ArrayCopy => f.reference(a).num(b).reference(c).num(d).num(word as u16),
        Kind::ArrayInitData => f.reference(a).num(b).num(c).num(d).name(Name::Data(low)),
        Kind::ArrayInitElem => f.reference(a).num(b).num(c).num(d).name(Name::Elem(low)),
    }
}

/// Moves a cell.
fn moved(f: Facts, to: u16, from: u16, class: Class) -> Facts {
    f.operand(from, 1, false, class).operand(to, 1, true, class)
}

/// Writes a number that may stand for null.
fn constant(f: Facts, cell: u16, zero: bool) -> Facts {
    f.operand(cell, 1, true, Class::Constant(zero)).defines()
}

/// Reads cells of one class and writes another of it.
fn same(f: Facts, from: &[u16], to: u16) -> Facts {
    let reads = |f: Facts, &cell: &u16| f.operand(cell, 1, false, Class::Same);
    from.iter().fold(f, reads).operand(to, 1, true, Class::Same)
}

/// Writes a number or a vector.
fn result(f: Facts, cell: u16, ty: ValType) -> Facts {
    match cells(ty) {
        1 => f.sets_num(cell),
        cells => f.sets_nums(cell, cells),
    }
}

/// A numeric operation in one of its forms; one of one operand has no second.
fn numeric(f: Facts, num: NumericOp, form: NumForm, op: &Op) -> Facts {
    let binary = num.signature().0.len() == 2;
    let f = match form {
        NumForm::Rr | NumForm::RrX if binary => f.num(op.b).num(op.c),
        NumForm::Ar | NumForm::ArX if binary => f.acc().num(op.c),
        NumForm::Rr | NumForm::RrX | NumForm::Ri | NumForm::RiX => f.num(op.b),
        NumForm::Ra | NumForm::RaX => f.num(op.b).acc(),
        NumForm::Ar | NumForm::ArX | NumForm::Ai | NumForm::AiX => f.acc(),
    };
    match form {
        NumForm::Rr | NumForm::Ri | NumForm::Ra | NumForm::Ar | NumForm::Ai => f.sets_num(op.a),
        NumForm::RrX | NumForm::RiX | NumForm::RaX | NumForm::ArX | NumForm::AiX => f.defines(),
    }
}
