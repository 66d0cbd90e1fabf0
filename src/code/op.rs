//! One operation of register code: a kind and four 16-bit operands, usually cells of the frame. The
//! kinds are generated from the table in `kinds`.
//!
//! `imm` is the 32-bit number in `c` (low half) and `d`. A branch that goes to `imm` holds the
//! distance from itself ([`Op::target`]). Some kinds are followed by one or two
//! [`Kind::Data`] words of 64 bits that are never executed. `acc` is the accumulator: every
//! operation that writes a number to a cell leaves it in the accumulator too, and the forms with
//! an `A` read it instead of a cell.

use super::kinds::for_each_kind;
use super::place::{BrForm, LimitForm, LoadForm, MemForm, NumForm, PairForm, Place, StoreForm};
use crate::syntax::{
    AtomicOp, HeapType, LaneMemoryOp, LaneOp, LoadOp, NumericOp, RefType, StoreOp, TypeIdx,
    VectorOp,
};

/// An operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Op {
    pub kind: Kind,
    pub a: u16,
    pub b: u16,
    pub c: u16,
    pub d: u16,
}

/// How control leaves an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// The next operation is executed.
    Next,
    /// The next operation, or the one at the distance `imm`.
    Branch,
    /// The operation at the distance `imm`.
    Jump,
    /// The next operation, or the one that [`Op::counted`] or `d` says how far back.
    CountedLoop,
    /// Where one of the `imm + 1` operations that follow goes.
    Table,
    /// A callee, then the next operation.
    Call,
    /// A callee that takes the frame's place.
    TailCall,
    /// The caller.
    Return,
    /// The operation traps or throws.
    End,
    /// The operation is never executed.
    Never,
}

/// What a kind's parameters are made of.
trait Param: Copy + PartialEq + 'static {
    /// Every value.
    const VALUES: &'static [Self];

    /// Returns the position of the value in `VALUES`.
    fn index(self) -> u32 {
        let found = Self::VALUES.iter().position(|&value| value == self);
        found.unwrap_or_default() as u32
    }

    /// The instruction's name, if it is one.
    fn mnemonic(self) -> Option<&'static str> {
        None
    }

    /// Returns the number of operands of an instruction that may have fewer than its form has
    /// places.
    fn arity(self) -> Option<usize> {
        None
    }

    /// The places, if it is a form.
    fn places(self) -> &'static [Place] {
        &[]
    }
}

macro_rules! instr_params {
    ($($name:ident)*) => {$(
        impl Param for $name {
            const VALUES: &'static [$name] = $name::ALL;
            fn index(self) -> u32 {
                self as u32
            }
            fn mnemonic(self) -> Option<&'static str> {
                Some(self.mnemonic())
            }
        }
    )*};
}
instr_params! { VectorOp LaneOp LoadOp StoreOp LaneMemoryOp AtomicOp }

impl Param for NumericOp {
    const VALUES: &'static [NumericOp] = NumericOp::ALL;
    fn index(self) -> u32 {
        self as u32
    }
    fn mnemonic(self) -> Option<&'static str> {
        Some(self.mnemonic())
    }
    fn arity(self) -> Option<usize> {
        Some(self.arity())
    }
}

macro_rules! form_params {
    ($($name:ident)*) => {$(
        impl Param for $name {
            const VALUES: &'static [$name] = $name::ALL;
            fn places(self) -> &'static [Place] {
                self.places()
            }
        }
    )*};
}
form_params! { NumForm BrForm MemForm LimitForm PairForm LoadForm StoreForm }

/// How a kind is printed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spelling {
    /// The text with its placeholders.
    pub text: &'static str,
    /// The name of the instruction among its parameters.
    pub mnemonic: &'static str,
    /// The places of the form among its parameters.
    pub places: &'static [Place],
    /// Operands of the instruction, if it may have fewer than the form has places.
    pub arity: Option<usize>,
}

impl Spelling {
    fn with(mut self, param: impl Param) -> Spelling {
        self.mnemonic = param.mnemonic().unwrap_or(self.mnemonic);
        self.arity = param.arity().or(self.arity);
        if !param.places().is_empty() {
            self.places = param.places();
        }
        self
    }
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $number:literal $name:ident $(($($p:ident: $t:ident),+))? =>
        $text:literal, $words:literal, $acc:expr, $control:ident,
        [$($role:ident($($arg:expr),*))*], $handler:expr;)*) => {
        /// What an operation does. A vector is in two cells.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Kind { $(
            #[doc = concat!("`", $text, "`")]
            #[doc = ""]
            $(#[$meta])*
            $name $(($($t),+))?,
        )* }

        impl Kind {
            /// Data words (or, for a branch table, entries apart from it) that follow the
            /// operation.
            pub const fn data_words(self) -> u32 {
                match self { $(Kind::$name { .. } => $words,)* }
            }

            /// Returns how control leaves the operation.
            pub const fn control(self) -> Control {
                match self { $(Kind::$name { .. } => Control::$control,)* }
            }

            /// The stable number of the kind: the row's, and below it those of its parameters.
            pub fn number(self) -> u32 {
                match self { $(
                    Kind::$name $(($($p),+))? => $number << 16 | pack!($($($p),+)?),
                )* }
            }

            /// The kind with that stable number. A number that two rows have does not compile.
            #[deny(unreachable_patterns)]
            pub fn from_number(number: u32) -> Option<Kind> {
                let low = number & 0xFFFF;
                match number >> 16 {
                    $($number => unpack!(low $name $($($t)+)?),)*
                    _ => None,
                }
            }

            pub(super) fn spelling(self) -> Spelling {
                match self { $(
                    Kind::$name $(($($p),+))? => Spelling { text: $text, ..Spelling::default() }
                        $($(.with($p))+)?,
                )* }
            }
        }
    };
}
/// The number of a kind's parameters below its row's.
macro_rules! pack {
    () => {
        0
    };
    ($p:ident) => {
        $p.index()
    };
    ($p:ident, $form:ident) => {
        $p.index() << 4 | $form.index()
    };
}

/// The kind with those parameters.
macro_rules! unpack {
    ($number:ident $name:ident) => {
        ($number == 0).then_some(Kind::$name)
    };
    ($number:ident $name:ident $t:ident) => {
        Some(Kind::$name(*$t::VALUES.get($number as usize)?))
    };
    ($number:ident $name:ident $t:ident $form:ident) => {
        Some(Kind::$name(
            *$t::VALUES.get($number as usize >> 4)?,
            *$form::VALUES.get($number as usize & 15)?,
        ))
    };
}
for_each_kind! { kinds }

impl Kind {
    /// Every kind, with every combination of parameters.
    pub fn all() -> impl Iterator<Item = Kind> {
        (0..0x100u32)
            .flat_map(|row| (0..0x2000).filter_map(move |n| Kind::from_number(row << 16 | n)))
    }

    /// Returns whether `imm` is the distance to the operation that it branches to.
    pub const fn is_branch(self) -> bool {
        matches!(self.control(), Control::Branch | Control::Jump)
    }
}

impl Op {
    /// An operation of four cells.
    pub const fn new(kind: Kind, a: u16, b: u16, c: u16, d: u16) -> Op {
        Op { kind, a, b, c, d }
    }

    /// An operation of two cells and a 32-bit number.
    pub const fn with_imm(kind: Kind, a: u16, b: u16, imm: u32) -> Op {
        Op {
            kind,
            a,
            b,
            c: imm as u16,
            d: (imm >> 16) as u16,
        }
    }

    /// A data word.
    pub const fn data(word: u64) -> Op {
        let (a, b) = (word as u16, (word >> 16) as u16);
        Op {
            kind: Kind::Data,
            a,
            b,
            c: (word >> 32) as u16,
            d: (word >> 48) as u16,
        }
    }

    /// The 32-bit number.
    pub const fn imm(&self) -> u32 {
        self.c as u32 | (self.d as u32) << 16
    }

    /// The 64 bits of a data word.
    pub const fn word(&self) -> u64 {
        self.a as u64 | (self.b as u64) << 16 | (self.imm() as u64) << 32
    }

    /// The number of a counted loop's end: how far back the loop begins, below
    /// [`Op::COUNTED_REACH`], and a step.
    pub const fn counted(back: u32, step: i8) -> u32 {
        back << 8 | step as u8 as u32
    }

    /// The distance and the step in the number of a counted loop's end.
    #[inline(always)]
    pub const fn counted_parts(imm: u32) -> (u32, i8) {
        (imm >> 8, imm as i8)
    }

    /// How far back a counted loop cannot begin any more.
    pub const COUNTED_REACH: u32 = 1 << 24;

    /// The position that an operation at `at` branches to, if it branches. Every branch holds the
    /// distance to its target, never the target: a body is the same code wherever it stands.
    pub const fn target(&self, at: u32) -> Option<u32> {
        match (self.kind.control(), self.kind) {
            (Control::CountedLoop, Kind::AddBrIf(_, LimitForm::Rr)) => {
                Some(at.wrapping_sub(self.d as u32))
            }
            (Control::CountedLoop, _) => Some(at.wrapping_sub(Op::counted_parts(self.imm()).0)),
            (Control::Branch | Control::Jump, _) => Some(at.wrapping_add(self.imm())),
            _ => None, // Not a branch.
        }
    }

    /// Makes the operation, a branch at `at` whose number is the distance, go to `to`.
    pub fn set_target(&mut self, at: u32, to: u32) {
        self.set_imm(to.wrapping_sub(at));
    }

    /// Replaces the 32-bit number.
    pub fn set_imm(&mut self, imm: u32) {
        (self.c, self.d) = (imm as u16, (imm >> 16) as u16);
    }
}

const HEAPS: [HeapType; 12] = [
    HeapType::Any,
    HeapType::Eq,
    HeapType::I31,
    HeapType::Struct,
    HeapType::Array,
    HeapType::None,
    HeapType::Func,
    HeapType::NoFunc,
    HeapType::Extern,
    HeapType::NoExtern,
    HeapType::Exn,
    HeapType::NoExn,
];

/// A reference type as a data word; a defined type is an id of the module's space.
pub fn encode_ref(ty: RefType) -> u64 {
    let heap = match ty.heap {
        HeapType::Concrete(id) => u64::from(id.0) << 32 | 0xFF,
        other => HEAPS
            .iter()
            .position(|&heap| heap == other)
            .unwrap_or_default() as u64,
    };
    heap | u64::from(ty.nullable) << 8
}

/// The reference type in a data word.
pub fn decode_ref(word: u64) -> RefType {
    let heap = match HEAPS.get((word & 0xFF) as usize) {
        Some(&heap) => heap,
        None => HeapType::Concrete(TypeIdx((word >> 32) as u32)),
    };
    RefType {
        nullable: word >> 8 & 1 == 1,
        heap,
    }
}
