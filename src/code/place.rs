//! Where in an operation something is that it works on, and the forms of operations that differ
//! in nothing but that.

use super::op::Op;
use core::fmt;

/// A place of an operation: a cell that one of its halves names, the accumulator, or a number
/// that is part of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The cell named by `a`.
    A,
    /// The cell named by `b`.
    B,
    /// The cell named by `c`.
    C,
    /// The cell named by `d`.
    D,
    /// The cell named by the first data word.
    CellWord,
    /// The accumulator.
    Acc,
    /// The 32-bit number in `c` and `d`.
    Imm,
    /// The same, sign-extended.
    Simm,
    /// `b` as an unsigned number.
    NumB,
    /// `d` as an unsigned number.
    NumD,
    /// `b` as a signed number.
    IntB,
    /// `d` as a signed number.
    IntD,
    /// The signed step of a counted loop.
    Step,
    /// The low half of the first data word.
    Low,
    /// The high half of the first data word.
    High,
    /// The low half of the second data word.
    Low2,
    /// The high half of the second data word.
    High2,
}

impl Place {
    /// The cell, if the place is one.
    pub fn cell(self, op: &Op, words: &[u64]) -> Option<u16> {
        match self {
            Place::A => Some(op.a),
            Place::B => Some(op.b),
            Place::C => Some(op.c),
            Place::D => Some(op.d),
            Place::CellWord => Some(word(words, 0) as u16),
            Place::Acc | Place::Imm | Place::Simm | Place::NumB | Place::NumD => None,
            Place::IntB | Place::IntD | Place::Step => None,
            Place::Low | Place::High | Place::Low2 | Place::High2 => None,
        }
    }

    /// The number of the cell, or the number itself; 0 for the accumulator.
    pub fn number(self, op: &Op, words: &[u64]) -> i64 {
        match self {
            Place::A => op.a.into(),
            Place::B | Place::NumB => op.b.into(),
            Place::C => op.c.into(),
            Place::D | Place::NumD => op.d.into(),
            Place::CellWord => i64::from(word(words, 0) as u16),
            Place::Acc => 0,
            Place::Imm => op.imm().into(),
            Place::Simm => (op.imm() as i32).into(),
            Place::IntB => (op.b as i16).into(),
            Place::IntD => (op.d as i16).into(),
            Place::Step => Op::counted_parts(op.imm()).1.into(),
            Place::Low => (word(words, 0) as u32).into(),
            Place::High => (word(words, 0) >> 32) as i64,
            Place::Low2 => (word(words, 1) as u32).into(),
            Place::High2 => (word(words, 1) >> 32) as i64,
        }
    }

    /// Prints what is there: `r5`, `acc` or a number.
    pub fn print(self, out: &mut impl fmt::Write, op: &Op, words: &[u64]) -> fmt::Result {
        match self.cell(op, words) {
            Some(cell) => write!(out, "r{cell}"),
            None if self == Place::Acc => out.write_str("acc"),
            None => write!(out, "{}", self.number(op, words)),
        }
    }
}

/// A data word, 0 where it is missing.
fn word(words: &[u64], index: usize) -> u64 {
    words.get(index).copied().unwrap_or_default()
}

/// Defines the forms of operations: for each the places of what its kind works on, in the order
/// that the kind gives.
macro_rules! forms {
    ($($(#[$meta:meta])* $name:ident { $($form:ident: $($place:ident)+;)+ })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $name { $(
            #[doc = concat!("The places are ", stringify!($($place),+), ".")]
            $form,
        )+ }

        impl $name {
            /// Every form.
            pub const ALL: &'static [$name] = &[$($name::$form),+];

            /// The places.
            pub const fn places(self) -> &'static [Place] {
                match self { $($name::$form => &[$(Place::$place),+],)+ }
            }
        }
    )+};
}

forms! {
    /// Where a numeric operation leaves its result and takes its operands. `X` forms leave the
    /// result in the accumulator only; unary operations have `Rr`, `Ar` and their `X` forms.
    NumForm {
        Rr: A B C;
        Ri: A B Simm;
        Ra: A B Acc;
        Ar: A Acc C;
        Ai: A Acc Simm;
        RrX: Acc B C;
        RiX: Acc B Simm;
        RaX: Acc B Acc;
        ArX: Acc Acc C;
        AiX: Acc Acc Simm;
    }
    /// Where a fused comparison and branch finds what it compares.
    BrForm {
        Rr: A B;
        Ri: A IntB;
        Ar: Acc B;
        Ai: Acc IntB;
    }
    /// Where a numeric operation whose second operand is loaded finds the first one and the
    /// address.
    MemForm {
        R: B C;
        A: Acc C;
        Ra: B Acc;
    }
    /// Where the end of a counted loop finds the step and the limit. The distance is with the step
    /// in the number ([`Op::counted`]), or, where the step is a cell, `d`.
    LimitForm {
        R: Step B;
        I: Step IntB;
        Rr: C B;
    }
    /// What each of two additions adds.
    PairForm {
        Rr: B D;
        Ri: B IntD;
        Ir: IntB D;
        Ii: IntB IntD;
    }
    /// Where a load leaves its result and takes the address.
    LoadForm {
        R: A B;
        A: A Acc;
        Rx: Acc B;
        Ax: Acc Acc;
    }
    /// Where a store takes the address and the value.
    StoreForm {
        Rr: A B;
        Ra: A Acc;
        Ar: Acc B;
        Ri: A IntB;
    }
}

impl NumForm {
    /// The form that leaves its result in the accumulator only.
    pub const fn without_store(self) -> NumForm {
        match self {
            NumForm::Rr | NumForm::RrX => NumForm::RrX,
            NumForm::Ri | NumForm::RiX => NumForm::RiX,
            NumForm::Ra | NumForm::RaX => NumForm::RaX,
            NumForm::Ar | NumForm::ArX => NumForm::ArX,
            NumForm::Ai | NumForm::AiX => NumForm::AiX,
        }
    }
}
