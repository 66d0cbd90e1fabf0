//! Vector instructions (spec: exec/instructions, vector instructions). A row's meaning is its
//! function of `num`; operands and results stand in one cell, or two for a vector.
//!
//! A row is one plain function, and a tail for each dispatch that calls it and goes on: the
//! bodies are large and would be built twice otherwise.

use super::memory::general;
use super::operand::Value;
use super::out_of_line::{OutOfLine, out_of_line, out_of_line_ops};
use crate::exec::context::{Ctx, OpExit};
use crate::exec::threaded::{Dispatch, Frame, Handler, ThreadedOp, get, get128, handlers, set128};
use crate::num::{self, V128};
use crate::syntax::instr::{for_each_lane, for_each_lane_memory, for_each_vector};
use crate::syntax::{LaneMemoryOp, LaneOp, VectorOp};

/// A row of the vector or lane table.
trait Row: 'static {
    /// Executes it; returns the accumulator.
    fn run(op: &ThreadedOp, f: &Frame) -> u64;
}

handlers! {
    /// The tail of every row.
    fn apply[R: Row, D: Dispatch](m) {
        let acc = R::run(m.op, m.f);
        m.next::<D>(acc)
    }
}

/// The result of a row's function on its operands.
macro_rules! meaning {
    ($fun:ident $op:ident $f:ident ($p:ident)) => {
        num::$fun(Value::read($f, $op.b))
    };
    ($fun:ident $op:ident $f:ident ($p:ident $q:ident)) => {
        num::$fun(Value::read($f, $op.b), Value::read($f, $op.c))
    };
    ($fun:ident $op:ident $f:ident ($p:ident $q:ident $r:ident)) => {
        num::$fun(
            Value::read($f, $op.b),
            Value::read($f, $op.c),
            Value::read($f, $op.d),
        )
    };
}

macro_rules! vector_rows {
    ($($code:literal $variant:ident $text:literal ($($p:ident)*) -> ($r:ident) $fun:ident;)*) => {
        mod vector_row { $(pub enum $variant {})* }
        $(impl Row for vector_row::$variant {
            #[inline(never)]
            fn run(op: &ThreadedOp, f: &Frame) -> u64 {
                meaning!($fun op f ($($p)*)).write(f, op.a)
            }
        })*

        /// The handler of a vector operation.
        pub fn vector<D: Dispatch>(op: VectorOp) -> Handler {
            match op { $(VectorOp::$variant => apply::<vector_row::$variant, D>,)* }
        }
    };
}
for_each_vector! { vector_rows }

/// The same for a row with a lane.
macro_rules! lane_meaning {
    ($fun:ident $op:ident $f:ident ($p:ident)) => {
        num::$fun(Value::read($f, $op.b), $op.d as u8)
    };
    ($fun:ident $op:ident $f:ident ($p:ident $q:ident)) => {
        num::$fun(Value::read($f, $op.b), Value::read($f, $op.c), $op.d as u8)
    };
}

macro_rules! lane_rows {
    ($($code:literal $variant:ident $text:literal ($($p:ident)*) -> ($r:ident)
       $lanes:literal $fun:ident;)*) => {
        mod lane_row { $(pub enum $variant {})* }
        $(impl Row for lane_row::$variant {
            #[inline(never)]
            fn run(op: &ThreadedOp, f: &Frame) -> u64 {
                lane_meaning!($fun op f ($($p)*)).write(f, op.a)
            }
        })*

        /// The handler of an extraction or replacement of a lane.
        pub fn lane<D: Dispatch>(op: LaneOp) -> Handler {
            match op { $(LaneOp::$variant => apply::<lane_row::$variant, D>,)* }
        }
    };
}
for_each_lane! { lane_rows }

out_of_line_ops! {
    /// `a <- shuffle b c`, lanes in the data words
    Shuffle 2 |op, w, f, x| {
        let [low, high, ..] = w else { return Err(OpExit::Bug) };
        let lanes = V128::from_halves(low.word(), high.word()).0.to_le_bytes();
        set128(f, op.a, num::i8x16_shuffle(get128(f, op.b), get128(f, op.c), lanes));
        Ok(0)
    };
}

/// Loads a lane of `N` bytes.
enum LoadLane<const N: usize> {}
/// Stores a lane of `N` bytes.
enum StoreLane<const N: usize> {}

impl<const N: usize> OutOfLine for LoadLane<N> {
    const WORDS: usize = 2;
    fn run(
        op: &ThreadedOp,
        w: &[ThreadedOp],
        f: &Frame,
        x: &mut Ctx<'_, '_>,
    ) -> Result<u64, OpExit> {
        let [offset, memory, ..] = w else {
            return Err(OpExit::Bug);
        };
        let bytes = x.with_memories(|x| -> Result<[u8; N], OpExit> {
            let (offset, memory) = (offset.word(), memory.word() as u32);
            let (memory, ea) = general(x, memory, get(f, op.b), offset)?;
            Ok(memory.read::<N>(ea)?)
        })?;
        let mut vector = get128(f, op.c).0.to_le_bytes();
        let (lanes, _) = vector.as_chunks_mut::<N>();
        *lanes.get_mut(usize::from(op.d)).ok_or(OpExit::Bug)? = bytes;
        set128(f, op.a, V128(u128::from_le_bytes(vector)));
        Ok(0)
    }
}

impl<const N: usize> OutOfLine for StoreLane<N> {
    const WORDS: usize = 2;
    fn run(
        op: &ThreadedOp,
        w: &[ThreadedOp],
        f: &Frame,
        x: &mut Ctx<'_, '_>,
    ) -> Result<u64, OpExit> {
        let [offset, memory, ..] = w else {
            return Err(OpExit::Bug);
        };
        let vector = get128(f, op.c).0.to_le_bytes();
        let (lanes, _) = vector.as_chunks::<N>();
        let bytes = *lanes.get(usize::from(op.d)).ok_or(OpExit::Bug)?;
        x.with_memories(|x| -> Result<u64, OpExit> {
            let (offset, memory) = (offset.word(), memory.word() as u32);
            let (memory, ea) = general(x, memory, get(f, op.b), offset)?;
            memory.write::<N>(ea, bytes)?;
            Ok(0)
        })
    }
}

macro_rules! lane_access {
    (load $bytes:literal) => { LoadLane<$bytes> };
    (store $bytes:literal) => { StoreLane<$bytes> };
}

macro_rules! lane_memory_rows {
    ($($code:literal $variant:ident $text:literal $shape:ident $bytes:literal;)*) => {
        /// The handler of a load into or a store from one lane.
        pub fn lane_memory<D: Dispatch>(op: LaneMemoryOp) -> Handler {
            match op {
                $(LaneMemoryOp::$variant => out_of_line::<lane_access!($shape $bytes), D>,)*
            }
        }
    };
}
for_each_lane_memory! { lane_memory_rows }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::threaded::set;
    use alloc::vec;
    use core::cell::Cell;

    /// Runs a row with operands from cells 10, 20 and 30 on and its result from cell 40 on.
    fn run<R: Row>(cells: &[(u16, u64)], d: u16) -> ([u64; 2], u64) {
        let stack = vec![Cell::new(0); crate::exec::run::WINDOW];
        let f: &Frame = stack.first_chunk().expect("as long as the window");
        for &(cell, value) in cells {
            set(f, cell, value);
        }
        let run = handler_of_nothing();
        let acc = R::run(
            &ThreadedOp {
                run,
                a: 40,
                b: 10,
                c: 20,
                d,
            },
            f,
        );
        ([get(f, 40), get(f, 41)], acc)
    }

    fn handler_of_nothing() -> Handler {
        crate::exec::handlers::control::unreachable_op
    }

    #[test]
    fn vectors_take_two_cells_low_half_first() {
        let cells = [(10, 1), (11, 2), (20, 10), (21, 20)];
        let (result, acc) = run::<vector_row::I64x2Add>(&cells, 30);
        assert_eq!((result, acc), ([11, 22], 0));
    }

    #[test]
    fn the_third_operand_is_in_the_fourth_place() {
        let cells = [
            (10, 0xFF),
            (11, 0xFF),
            (20, 0x1100),
            (21, 0x1100),
            (30, 0xF0),
            (31, 0x0F),
        ];
        let (result, _) = run::<vector_row::V128Bitselect>(&cells, 30);
        assert_eq!(result, [0x11F0, 0x110F]);
    }

    #[test]
    fn scalars_take_one_cell_and_the_accumulator() {
        let (splat, _) = run::<vector_row::I32x4Splat>(&[(10, 0xDEAD_BEEF_8000_0001)], 0);
        assert_eq!(splat, [0x8000_0001_8000_0001; 2]);
        let (shifted, _) = run::<vector_row::I64x2ShrS>(&[(11, 1 << 63), (20, 65)], 0);
        assert_eq!(shifted, [0, 0b11 << 62]);
        let ones = [(10, u64::MAX), (11, u64::MAX), (41, 7)];
        let (mask, acc) = run::<vector_row::I8x16Bitmask>(&ones, 0);
        assert_eq!(
            (mask, acc),
            ([0xFFFF, 7], 0xFFFF),
            "the cell after a scalar is untouched"
        );
    }

    #[test]
    fn a_lane_is_in_the_fourth_place_and_zero_extended() {
        let cells = [(10, 0x80 << 56), (11, 9)];
        let (result, acc) = run::<lane_row::I8x16ExtractLaneS>(&cells, 7);
        assert_eq!((result[0], acc), (0xFFFF_FF80, 0xFFFF_FF80));
        let (result, _) = run::<lane_row::I64x2ReplaceLane>(&[(10, 1), (11, 2), (20, 3)], 1);
        assert_eq!(result, [1, 3]);
    }
}
