//! What an operation reads, writes and names, and where it goes: the meaning of the columns of the
//! table in `kinds`.
//!
//! Knows nothing of frames and modules; [`verify`](super::verify) compares with those.

use super::kinds::for_each_kind;
use super::op::{Control, Kind, Op};
use super::place::Place;
use crate::syntax::{AtomicShape, ValType};
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
    /// The same as `Same`, for the second move of two.
    Also,
    /// Numbers or references, but not mixed.
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
    /// Control goes to the next operation.
    Next,
    /// Control goes to the next operation, or to a position.
    Branch(u32),
    /// Control goes to a position.
    Jump(u32),
    /// Control goes to one of the entries that follow, which are this many.
    Table(u32),
    /// Into a callee, and then to the next; where its frame starts, and its link there.
    Call(Callee, u32, u32),
    /// Tail call: arguments from a cell, then as the data word specifies.
    TailCall(Callee, u32, u64),
    /// Back to the caller; where the link is.
    Return(u32),
    /// Away: a trap or an exception.
    End,
    /// Nowhere: the operation is never executed.
    Never,
}

/// The function that an operation calls.
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
    /// The accumulator keeps its value.
    Keeps,
    /// The operation leaves a number in the accumulator.
    Defines,
    /// The accumulator is undefined afterwards.
    Loses,
}

/// Everything that is known of an operation statically.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Cells, those read first.
    pub operands: Vec<Operand>,
    /// The things that the operation names.
    pub names: Vec<Name>,
    /// Where control goes.
    pub flow: Flow,
    /// Whether the accumulator is read.
    pub reads_acc: bool,
    /// What becomes of it.
    pub acc: Acc,
}

impl Acc {
    /// After a result of that type is written: vectors are not kept in the accumulator.
    const fn of(ty: ValType) -> Acc {
        match ty {
            ValType::V128 => Acc::Loses,
            _ => Acc::Defines,
        }
    }

    /// After an atomic access.
    const fn of_atomic(shape: AtomicShape) -> Acc {
        match shape {
            AtomicShape::Store => Acc::Loses,
            AtomicShape::Load | AtomicShape::Rmw | AtomicShape::Cmpxchg => Acc::Defines,
        }
    }
}

/// The facts of one operation under construction. Its methods are the words of the table's column
/// of operands.
struct Builder<'a> {
    op: &'a Op,
    words: &'a [u64],
    facts: Facts,
    callee: Callee,
}

impl Builder<'_> {
    fn operand(mut self, place: Place, cells: u32, write: bool, class: Class) -> Self {
        let cell = place.cell(self.op, self.words);
        self.facts.operands.extend(cell.map(|cell| Operand {
            cell: u32::from(cell),
            cells,
            write,
            class,
        }));
        self.facts.reads_acc |= place == Place::Acc && !write;
        self
    }

    fn name(mut self, name: Name) -> Self {
        self.facts.names.push(name);
        self
    }

    /// The number at a place of a name, an index.
    fn index(&self, place: Place) -> u32 {
        place.number(self.op, self.words) as u32
    }

    /// Reads a number.
    fn num(self, place: Place) -> Self {
        self.operand(place, 1, false, Class::Number)
    }

    /// Reads numbers.
    fn nums(self, places: &[Place]) -> Self {
        places.iter().fold(self, |f, &place| f.num(place))
    }

    /// Reads a vector, or two numbers in a row.
    fn vec(self, place: Place) -> Self {
        self.operand(place, 2, false, Class::Number)
    }

    /// Reads a number or vector.
    fn read(self, place: Place, ty: ValType) -> Self {
        self.operand(place, ty.cells(), false, Class::Number)
    }

    /// Reads numbers and vectors of those types from `b`, `c` and `d`.
    fn typed(self, types: &[ValType]) -> Self {
        let places = [Place::B, Place::C, Place::D];
        let reads = types.iter().zip(places);
        reads.fold(self, |f, (&ty, place)| f.read(place, ty))
    }

    /// Reads the operands of wide arithmetic.
    fn wide(self, arity: usize) -> Self {
        match arity {
            4 => self.operand(Place::B, 4, false, Class::Number),
            _ => self.nums(&[Place::B, Place::C]),
        }
    }

    /// Reads the operands of an atomic access after the address, and writes its result.
    fn atomic(self, shape: AtomicShape) -> Self {
        match shape {
            AtomicShape::Load => self.sets_num(Place::A),
            AtomicShape::Store => self.num(Place::C),
            AtomicShape::Rmw => self.num(Place::C).sets_num(Place::A),
            AtomicShape::Cmpxchg => self.nums(&[Place::C, Place::D]).sets_num(Place::A),
        }
    }

    /// Reads a reference.
    fn reference(self, place: Place) -> Self {
        self.operand(place, 1, false, Class::Reference)
    }

    /// Reads a value of one cell.
    fn value(self, place: Place) -> Self {
        self.operand(place, 1, false, Class::Either)
    }

    /// Reads a value of the class of what is written.
    fn same(self, place: Place) -> Self {
        self.operand(place, 1, false, Class::Same)
    }

    /// The same for the second move of two.
    fn also(self, place: Place) -> Self {
        self.operand(place, 1, false, Class::Also)
    }

    /// Reads `imm` cells of the class of those that are written.
    fn span(self, place: Place) -> Self {
        let cells = self.op.imm();
        self.operand(place, cells, false, Class::Same)
    }

    /// Writes a number.
    fn sets_num(self, place: Place) -> Self {
        self.operand(place, 1, true, Class::Number)
    }

    /// Writes a vector, or two numbers in a row.
    fn sets_vec(self, place: Place) -> Self {
        self.operand(place, 2, true, Class::Number)
    }

    /// Writes a number or vector.
    fn sets(self, place: Place, ty: ValType) -> Self {
        self.operand(place, ty.cells(), true, Class::Number)
    }

    /// Writes a vector unless the lane is stored.
    fn loads_lane(self, stores: bool) -> Self {
        if stores {
            self
        } else {
            self.sets_vec(Place::A)
        }
    }

    /// Writes a reference.
    fn sets_ref(self, place: Place) -> Self {
        self.operand(place, 1, true, Class::Reference)
    }

    /// Writes a value of one cell.
    fn sets_value(self, place: Place) -> Self {
        self.operand(place, 1, true, Class::Either)
    }

    /// Writes a value of the class of what is read.
    fn sets_same(self, place: Place) -> Self {
        self.operand(place, 1, true, Class::Same)
    }

    /// The same for the second move of two.
    fn sets_also(self, place: Place) -> Self {
        self.operand(place, 1, true, Class::Also)
    }

    /// Writes `imm` cells of the class of those that are read.
    fn sets_span(self, place: Place) -> Self {
        let cells = self.op.imm();
        self.operand(place, cells, true, Class::Same)
    }

    /// Zeroes `imm` cells.
    fn zeroes(self, place: Place) -> Self {
        let cells = self.op.imm();
        self.operand(place, cells, true, Class::Zeroed)
    }

    /// Writes a number, which may stand for null if it is 0.
    fn sets_const(self, place: Place, number: Place) -> Self {
        let zero = self.index(number) == 0;
        self.operand(place, 1, true, Class::Constant(zero))
    }

    /// Names lane `d` of that many.
    fn lane(self, lanes: u8) -> Self {
        let lane = Name::Lane(self.op.d.into(), lanes.into());
        self.name(lane)
    }

    /// Names the reference type in the first data word.
    fn ref_type(self) -> Self {
        let word = self.words.first().copied().unwrap_or_default();
        self.name(Name::RefType(word))
    }

    /// Names the structure type in the first data word, with values from `b` and `c` or without.
    fn structure(self, values: bool) -> Self {
        let from = values.then_some((self.op.b.into(), self.op.c.into()));
        let ty = self.index(Place::Low);
        self.name(Name::Struct(ty, from))
    }

    /// Names the array type in the first data word.
    fn array(self) -> Self {
        let ty = self.index(Place::Low);
        self.name(Name::Array(ty, None))
    }

    /// Names the array type in the first data word, with that many elements from `b` on.
    fn elements(self, count: u32) -> Self {
        let (ty, from) = (self.index(Place::Low), self.op.b.into());
        self.name(Name::Array(ty, Some((from, count))))
    }

    /// The same with `imm` elements.
    fn elements_imm(self) -> Self {
        let count = self.op.imm();
        self.elements(count)
    }

    /// Names global `imm`, whose value is that many cells from `a` on.
    fn global(self, cells: u32) -> Self {
        let global = Name::Global(self.op.imm(), self.op.a.into(), cells);
        self.name(global)
    }

    /// Names a tag with the numbers of its payload from `a` on and the references from `b` on.
    fn tag(self, place: Place) -> Self {
        let tag = Name::Tag(self.index(place), self.op.a.into(), self.op.b.into());
        self.name(tag)
    }
}

/// Methods that name something by the index at a place, or a callee by it.
macro_rules! names {
    ($($(#[$meta:meta])* $method:ident $name:ident;)* --
     $($callee:ident $of:ident;)*) => {
        impl Builder<'_> {
            $($(#[$meta])* fn $method(self, place: Place) -> Self {
                let name = Name::$name(self.index(place));
                self.name(name)
            })*
            $(fn $callee(mut self, place: Place) -> Self {
                self.callee = Callee::$of(self.index(place));
                self
            })*
        }
    };
}
names! {
    defined Defined;
    imported Imported;
    func Func;
    func_type FuncType;
    table Table;
    memory Memory;
    elem Elem;
    data Data;
    --
    callee_code Code;
    callee_func Func;
    callee_type Type;
}

macro_rules! facts {
    ($($(#[$meta:meta])* $number:literal $name:ident $(($($p:ident: $t:ident),+))? =>
        $text:literal, $words:literal, $acc:expr, $control:ident,
        [$($role:ident($($arg:expr),*))*], $handler:expr;)*) => {
        impl Kind {
            /// Returns what an operation of this kind does to the accumulator.
            #[allow(unused_variables)]
            pub fn acc(self) -> Acc {
                use Acc::{Defines, Keeps, Loses};
                match self { $(Kind::$name $(($($p),+))? => $acc,)* }
            }
        }

        /// Adds what the table says of operands.
        #[allow(unused_variables)]
        fn operands<'a>(kind: Kind, f: Builder<'a>) -> Builder<'a> {
            use Place::*;
            match kind { $(Kind::$name $(($($p),+))? => f$(.$role($($arg),*))*,)* }
        }
    };
}
for_each_kind! { facts }

/// Returns what an operation at `at`, with these data words, reads, writes, names, and where it
/// goes.
pub fn facts(op: &Op, at: u32, words: &[u64]) -> Facts {
    let empty = Facts {
        operands: Vec::new(),
        names: Vec::new(),
        flow: Flow::Next,
        reads_acc: false,
        acc: op.kind.acc(),
    };
    let builder = Builder {
        op,
        words,
        facts: empty,
        callee: Callee::Unknown,
    };
    let Builder { facts, callee, .. } = operands(op.kind, builder);
    let (a, b) = (op.a.into(), op.b.into());
    let target = op.target(at).unwrap_or(u32::MAX);
    let word = words.first().copied().unwrap_or_default();
    let flow = match op.kind.control() {
        Control::Next => Flow::Next,
        Control::Branch | Control::CountedLoop => Flow::Branch(target),
        Control::Jump => Flow::Jump(target),
        Control::Table => Flow::Table(op.imm()),
        Control::Call => Flow::Call(callee, a, b),
        Control::TailCall => Flow::TailCall(callee, a, word),
        Control::Return => Flow::Return(a),
        Control::End => Flow::End,
        Control::Never => Flow::Never,
    };
    Facts { flow, ..facts }
}
