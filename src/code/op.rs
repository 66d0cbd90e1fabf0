//! One operation of register code: a kind and four 16-bit operands, usually cells of the frame.
//!
//! `imm` is the 32-bit number in `c` (low half) and `d`. A branch that goes to `imm` holds the
//! distance from itself ([`Op::target`]). Some kinds are followed by one or two
//! [`Kind::Data`] words of 64 bits that are never executed. `acc` is the accumulator: every
//! operation that writes a number to a cell leaves it in the accumulator too, and the forms with
//! an `A` read it instead of a cell.

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

/// Where a numeric operation takes its operands and leaves its result. `X` forms leave the result
/// in the accumulator only. Unary operations use `Rr` and `Ar` and their `X` forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NumForm {
    /// `a <- b op c`
    Rr,
    /// `a <- b op imm`, sign-extended
    Ri,
    /// `a <- b op acc`
    Ra,
    /// `a <- acc op c` (unary: `a <- op acc`)
    Ar,
    /// `a <- acc op imm`
    Ai,
    /// `acc <- b op c`
    RrX,
    /// `acc <- b op imm`
    RiX,
    /// `acc <- b op acc`
    RaX,
    /// `acc <- acc op c`
    ArX,
    /// `acc <- acc op imm`
    AiX,
}

/// Operands of a fused compare and branch; the target is `imm`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BrForm {
    /// `a op b`
    Rr,
    /// `a op b`, `b` a sign-extended 16-bit number
    Ri,
    /// `acc op b`
    Ar,
    /// `acc op b`, `b` a sign-extended 16-bit number
    Ai,
}

/// Where a numeric operation whose second operand is loaded takes its first one and the address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemForm {
    /// `a <- b op [c + d]`
    R,
    /// `a <- acc op [c + d]`
    A,
    /// `a <- b op [acc + d]`
    Ra,
}

/// Where a fused addition, comparison and branch finds what it compares with, and what it adds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LimitForm {
    /// Cell `b`; step and distance are [`Op::counted`]
    R,
    /// `b`, a sign-extended 16-bit number; step and distance are [`Op::counted`]
    I,
    /// Cell `b`; the step is cell `c`, the loop begins `d` operations back
    Rr,
}

/// What each of two additions adds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PairForm {
    /// Two cells
    Rr,
    /// A cell and a number
    Ri,
    /// A number and a cell
    Ir,
    /// Two numbers
    Ii,
}

/// Forms of a load from memory 0 with a 32-bit offset in `imm`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoadForm {
    /// `a <- [b + imm]`
    R,
    /// `a <- [acc + imm]`
    A,
    /// `acc <- [b + imm]`
    Rx,
    /// `acc <- [acc + imm]`
    Ax,
}

/// Forms of a store to memory 0 with a 32-bit offset in `imm`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoreForm {
    /// `[a + imm] <- b`
    Rr,
    /// `[a + imm] <- acc`
    Ra,
    /// `[acc + imm] <- b`
    Ar,
    /// `[a + imm] <- b`, `b` a sign-extended 16-bit number
    Ri,
}

/// What an operation does. Cells are written `a`, `b`, ..; a vector stands in two cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// 64 bits that belong to the operation before; never executed.
    Data,
    /// Nothing; marks a Wasm instruction that needs no operation.
    Nop,
    /// Trap.
    Unreachable,
    /// Charge `imm` units of fuel, or stop before.
    Fuel,
    /// Stop when the epoch deadline is reached.
    Epoch,
    /// Check that the stack reaches `imm` cells past the frame's start.
    CheckFrame,
    /// Record the host stack's address (`a`: 0 first, 1 last): proof of tail calls.
    StackProbe,

    /// `a <- b`
    Copy,
    /// `a <- b`, two cells
    Copy2,
    /// `a <- b`, then `c <- d`
    CopyPair,
    /// `a <- b`, then `c <- d`, a 16-bit number
    CopyConst,
    /// `a <- b`, then `c <- d`, both 16-bit numbers
    ConstPair,
    /// `a.. <- b..`, `imm` cells, overlapping allowed
    CopySpan,
    /// `a <- acc`
    SetAcc,
    /// `a <- imm`, zero-extended
    Const32,
    /// `a <- imm`, sign-extended
    ConstSext,
    /// `a <- data`
    Const64,
    /// `a <- data, data`
    Const128,
    /// `a.. <- 0`, `imm` cells
    Zero,
    /// `a <- d != 0 ? b : c`
    Select,
    /// `a <- acc != 0 ? b : c`
    SelectAcc,
    /// `a <- d != 0 ? b : c`, two cells
    Select2,

    /// A numeric operation.
    Numeric(NumericOp, NumForm),
    /// A numeric operation whose second operand is loaded whole from memory 0.
    NumericMem(NumericOp, MemForm),
    /// `a <- a + b`, then `c <- c + d`, 32 bits; numbers are sign-extended from 16 bits.
    AddPair(PairForm),
    /// `a <- b + (c << d)`, 32 bits
    AddShl,
    /// `a <- b + (acc << d)`, 32 bits
    AddShlA,
    /// A wide-arithmetic operation: `a, a+1 <- b.. (4 cells)` or `a, a+1 <- b, c`.
    Wide(NumericOp),
    /// A vector operation: `a <- b, c, d`; scalars are one cell.
    Vector(VectorOp),
    /// `a <- shuffle b c`, lanes in two data words
    Shuffle,
    /// `a <- b[d]`, or `a <- b with [d] = c`
    Lane(LaneOp),

    /// Go to `imm`.
    Br,
    /// `a <- b`, then go to `imm`.
    CopyBr,
    /// `a <- b`, a 16-bit number, then go to `imm`.
    ConstBr,
    /// Go to `imm` if `a != 0` (32 bits).
    BrNz,
    /// Go to `imm` if `a == 0` (32 bits).
    BrZ,
    /// Go to `imm` if `acc != 0` (32 bits).
    BrNzA,
    /// Go to `imm` if `acc == 0` (32 bits).
    BrZA,
    /// Go to `imm` if the comparison holds.
    BrIf(NumericOp, BrForm),
    /// Go to `imm` unless the comparison holds.
    BrUnless(NumericOp, BrForm),
    /// `a <- a + step`; then go to the target if the comparison of `a` with the limit holds. The
    /// end of a counted loop.
    AddBrIf(NumericOp, LimitForm),
    /// Go where the `a`-th (at most `imm`-th) of the `imm + 1` [`Kind::Br`] that follow goes.
    BrTable,
    /// Go to `imm` if reference `a` is null.
    BrOnNull,
    /// Go to `imm` if reference `a` is not null.
    BrOnNonNull,
    /// Go to `imm` if reference `a` is of the type in data.
    BrOnCast,
    /// Go to `imm` unless reference `a` is of the type in data.
    BrOnCastFail,

    /// Call the code at `imm`; the callee's frame starts at `a`, its link at `a + b`.
    Call,
    /// Call function `imm` of the module; `a`, `b` as in [`Kind::Call`].
    CallFunc,
    /// Call imported function `imm`; `a`, `b` as in [`Kind::Call`].
    CallImport,
    /// Call element `c` of a table; data: type | table << 32. `a`, `b` as in [`Kind::Call`].
    CallIndirect,
    /// Call the function referred to by `c`; `a`, `b` as in [`Kind::Call`].
    CallRef,
    /// Tail call of function `imm`; arguments staged at `a`; data: callee link | own link << 16 |
    /// argument cells << 32.
    ReturnCall,
    /// Tail call of element `c` of a table; data as above; data: type | table << 32.
    ReturnCallIndirect,
    /// Tail call of the function referred to by `c`; data as in [`Kind::ReturnCall`].
    ReturnCallRef,
    /// Return; the link is at `a`, results in place.
    Return,
    /// Return with `b` as the one result.
    ReturnR,
    /// Return with the accumulator as the one result.
    ReturnA,

    /// Throw tag `imm` with payload numbers from `a`, references from `b`.
    Throw,
    /// Throw exception `a` again.
    ThrowRef,

    /// `a <- global imm`
    GlobalGet,
    /// `a <- global imm`, two cells
    GlobalGet2,
    /// `global imm <- a`
    GlobalSet,
    /// `global imm <- a`, two cells
    GlobalSet2,

    /// A load from memory 0.
    Load(LoadOp, LoadForm),
    /// A store to memory 0.
    Store(StoreOp, StoreForm),
    /// `a <- [b + data]` in memory `imm`
    LoadGeneral(LoadOp),
    /// `[a + data] <- b` in memory `imm`
    StoreGeneral(StoreOp),
    /// Lane `d` of `c` from or to `[b + data]`, result `a`; second data: memory
    LaneMemory(LaneMemoryOp),
    /// `a <- [b + data]` with operands `c`, `d`; second data: memory
    Atomic(AtomicOp),
    /// `a <- notify [b + data], c`; second data: memory
    AtomicNotify,
    /// `a <- wait [b + data], c, d`; second data: memory
    AtomicWait32,
    /// `a <- wait [b + data], c, d`; second data: memory
    AtomicWait64,
    /// Orders shared accesses.
    AtomicFence,
    /// `a <- size of memory imm`
    MemorySize,
    /// `a <- grow memory imm by b`
    MemoryGrow,
    /// Fill from `a` with `b`, `c` bytes; data: memory
    MemoryFill,
    /// Copy to `a` from `b`, `c` bytes; data: destination | source << 32
    MemoryCopy,
    /// Copy to `a` from `b` of a segment, `c` bytes; data: memory | segment << 32
    MemoryInit,
    /// Drop data segment `imm`.
    DataDrop,

    /// `a <- table imm [b]`
    TableGet,
    /// `table imm [a] <- b`
    TableSet,
    /// `a <- size of table imm`
    TableSize,
    /// `a <- grow with b by c`; data: table
    TableGrow,
    /// Fill from `a` with `b`, `c` elements; data: table
    TableFill,
    /// Copy to `a` from `b`, `c` elements; data: destination | source << 32
    TableCopy,
    /// Copy to `a` from `b` of a segment, `c` elements; data: table | segment << 32
    TableInit,
    /// Drop element segment `imm`.
    ElemDrop,

    /// `a <- b is null`
    RefIsNull,
    /// `a <- b`, trap if null
    RefAsNonNull,
    /// `a <- b == c`
    RefEq,
    /// `a <- reference to function imm`
    RefFunc,
    /// `a <- b is of the type in data`
    RefTest,
    /// `a <- b`, trap unless it is of the type in data
    RefCast,
    /// `a <- i31 of b`
    RefI31,
    /// `a <- b`, sign-extended
    I31GetS,
    /// `a <- b`, zero-extended
    I31GetU,

    /// `a <- new struct`, fields from numbers at `b`, references at `c`; data: type
    StructNew,
    /// `a <- new struct`; data: type
    StructNewDefault,
    /// `a <- b.imm`, packed fields zero-extended
    StructGet,
    /// `a <- b.imm`, 8 bits sign-extended
    StructGetS8,
    /// `a <- b.imm`, 16 bits sign-extended
    StructGetS16,
    /// `a <- b.imm`, two cells
    StructGet2,
    /// `a.imm <- b`
    StructSet,
    /// `a.imm <- b`, 8 bits
    StructSet8,
    /// `a.imm <- b`, 16 bits
    StructSet16,
    /// `a.imm <- b`, two cells
    StructSet2,
    /// `a <- new array of c elements b`; data: type
    ArrayNew,
    /// `a <- new array of c elements`; data: type
    ArrayNewDefault,
    /// `a <- new array of the imm values from b`; data: type
    ArrayNewFixed,
    /// `a <- new array of c elements from b of a segment`; data: type | segment << 32
    ArrayNewData,
    /// `a <- new array of c elements from b of a segment`; data: type | segment << 32
    ArrayNewElem,
    /// `a <- b[c]`; packed elements sign-extended if `d` is 1
    ArrayGet,
    /// `a[b] <- c`
    ArraySet,
    /// `a <- length of b`
    ArrayLen,
    /// Fill `a` from `b` with `c`, `d` elements.
    ArrayFill,
    /// Copy to `a` at `b` from `c` at `d`; data: cell of the count
    ArrayCopy,
    /// Copy to `a` at `b` from `c` of a segment, `d` elements; data: segment
    ArrayInitData,
    /// Copy to `a` at `b` from `c` of a segment, `d` elements; data: segment
    ArrayInitElem,
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
        match self.kind {
            Kind::AddBrIf(_, LimitForm::R | LimitForm::I) => {
                Some(at.wrapping_sub(Op::counted_parts(self.imm()).0))
            }
            Kind::AddBrIf(_, LimitForm::Rr) => Some(at.wrapping_sub(self.d as u32)),
            kind if kind.is_branch() => Some(at.wrapping_add(self.imm())),
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

impl Kind {
    /// Data words (or, for a branch table, entries apart from it) that follow the operation.
    pub const fn data_words(self) -> u32 {
        match self {
            Kind::Const64
            | Kind::BrOnCast
            | Kind::BrOnCastFail
            | Kind::CallIndirect
            | Kind::ReturnCall
            | Kind::ReturnCallRef
            | Kind::LoadGeneral(_)
            | Kind::StoreGeneral(_)
            | Kind::MemoryFill
            | Kind::MemoryCopy
            | Kind::MemoryInit
            | Kind::TableGrow
            | Kind::TableFill
            | Kind::TableCopy
            | Kind::TableInit
            | Kind::RefTest
            | Kind::RefCast
            | Kind::StructNew
            | Kind::StructNewDefault
            | Kind::ArrayNew
            | Kind::ArrayNewDefault
            | Kind::ArrayNewFixed
            | Kind::ArrayNewData
            | Kind::ArrayNewElem
            | Kind::ArrayCopy
            | Kind::ArrayInitData
            | Kind::ArrayInitElem => 1,
            Kind::Const128
            | Kind::Shuffle
            | Kind::ReturnCallIndirect
            | Kind::LaneMemory(_)
            | Kind::Atomic(_)
            | Kind::AtomicNotify
            | Kind::AtomicWait32
            | Kind::AtomicWait64 => 2,
            _ => 0, // Everything else is one word; `verify` checks the words against the kinds.
        }
    }

    /// Whether `imm` is the distance to the operation that it branches to.
    pub const fn is_branch(self) -> bool {
        matches!(
            self,
            Kind::Br
                | Kind::CopyBr
                | Kind::ConstBr
                | Kind::BrNz
                | Kind::BrZ
                | Kind::BrNzA
                | Kind::BrZA
                | Kind::BrIf(..)
                | Kind::BrUnless(..)
                | Kind::BrOnNull
                | Kind::BrOnNonNull
                | Kind::BrOnCast
                | Kind::BrOnCastFail
        )
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
