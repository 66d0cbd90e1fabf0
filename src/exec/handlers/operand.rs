//! Where handlers take operands from and leave results: one handler, written once, is built for
//! each combination that the translator may ask for.

use crate::exec::threaded::{Frame, Machine, get, get128, set, set128};
use crate::num::{F32, F64, Scalar, V128};

/// Where an operand comes from.
pub trait Source: 'static {
    /// The operand.
    fn get(m: &Machine<'_, '_, '_>) -> u64;
}

macro_rules! sources {
    ($($(#[$meta:meta])* $name:ident |$m:ident| $value:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Debug)]
        pub enum $name {}

        impl Source for $name {
            #[inline(always)]
            fn get($m: &Machine<'_, '_, '_>) -> u64 {
                $value
            }
        }
    )*};
}

sources! {
    /// The cell named by `a`.
    CellA |m| m.get(m.op.a);
    /// The cell named by `b`.
    CellB |m| m.get(m.op.b);
    /// The cell named by `c`.
    CellC |m| m.get(m.op.c);
    /// The cell named by `d`.
    CellD |m| m.get(m.op.d);
    /// The accumulator.
    Acc |m| m.acc;
    /// The number in `c` and `d`, sign-extended.
    Imm |m| m.op.simm();
    /// `b` as a signed number.
    IntB |m| m.op.b as i16 as i64 as u64;
    /// `d` as a signed number.
    IntD |m| m.op.d as i16 as i64 as u64;
}

/// Where a result goes.
pub trait Sink: 'static {
    /// Leaves the result there; returns the accumulator.
    fn put<V: Value>(m: &Machine<'_, '_, '_>, value: V) -> u64;
}

/// The cell named by `a`, and the accumulator.
#[derive(Debug)]
pub enum Store {}

/// The accumulator alone.
#[derive(Debug)]
pub enum Keep {}

impl Sink for Store {
    #[inline(always)]
    fn put<V: Value>(m: &Machine<'_, '_, '_>, value: V) -> u64 {
        value.write(m.f, m.op.a)
    }
}

impl Sink for Keep {
    #[inline(always)]
    fn put<V: Value>(_: &Machine<'_, '_, '_>, value: V) -> u64 {
        value.acc()
    }
}

/// A value of one or two cells.
pub trait Value: Copy {
    /// Reads it from a cell on.
    fn read(f: &Frame, cell: u16) -> Self;
    /// Writes it from a cell on; returns the accumulator.
    fn write(self, f: &Frame, cell: u16) -> u64;
    /// Returns the value as it is held in the accumulator.
    fn acc(self) -> u64;
}

impl Value for V128 {
    #[inline(always)]
    fn read(f: &Frame, cell: u16) -> V128 {
        get128(f, cell)
    }
    #[inline(always)]
    fn write(self, f: &Frame, cell: u16) -> u64 {
        set128(f, cell, self);
        self.acc()
    }
    #[inline(always)]
    fn acc(self) -> u64 {
        0
    }
}

macro_rules! scalars {
    ($($ty:ty)*) => {$(
        impl Value for $ty {
            #[inline(always)]
            fn read(f: &Frame, cell: u16) -> $ty {
                Scalar::from_cell(get(f, cell))
            }
            #[inline(always)]
            fn write(self, f: &Frame, cell: u16) -> u64 {
                set(f, cell, self.to_cell());
                self.to_cell()
            }
            #[inline(always)]
            fn acc(self) -> u64 {
                self.to_cell()
            }
        }
    )*};
}
scalars! { u32 u64 F32 F64 }
