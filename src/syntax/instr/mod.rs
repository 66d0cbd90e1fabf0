//! Instructions (spec: syntax/instructions). One decoded instruction is one [`Instr`]: `Copy`,
//! nothing allocated, immediates borrowed from the module's bytes.
//!
//! Instructions that differ only in a row of a table share one variant and carry an op of that
//! table ([`NumericOp`], [`VectorOp`], [`LoadOp`], ...); the rest is typed by hand. Read `numeric`,
//! `vector` and `memory` for the tables, then the enum below.

mod memory;
mod numeric;
mod text;
mod vector;

pub(crate) use memory::{
    for_each_atomic, for_each_lane, for_each_lane_memory, for_each_load, for_each_store,
};
pub(crate) use numeric::for_each_numeric;
pub use text::InstrText;
pub(crate) use vector::for_each_vector;

use super::types::{BlockType, HeapType, RefType, ValType};
use super::{
    DataIdx, ElemIdx, FieldIdx, FuncIdx, GlobalIdx, LabelIdx, LocalIdx, MemIdx, TableIdx, TagIdx,
    TypeIdx,
};

macro_rules! op_enum {
    ($(#[$doc:meta])* $name:ident; $($code:literal $variant:ident $text:literal)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u16)]
        #[allow(missing_docs)] // The mnemonic is the documentation.
        pub enum $name { $($variant),* }

        impl $name {
            /// Every op of the table, in its order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The op with this opcode (prefix byte in bits 16..24, sub-opcode below).
            pub const fn from_opcode(code: u32) -> Option<$name> {
                match code {
                    $($code => Some($name::$variant),)*
                    _ => None,
                }
            }

            /// The opcode; above `0xFF` a prefix byte followed by a 16-bit sub-opcode.
            pub const fn opcode(self) -> u32 {
                match self { $($name::$variant => $code),* }
            }

            /// The name in the text format.
            pub const fn mnemonic(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }
        }
    };
}

macro_rules! pure_enum {
    ($(#[$doc:meta])* $name:ident;
     $($code:literal $variant:ident $text:literal ($($p:ident)*) -> ($($r:ident)*)
       $fun:ident;)*) => {
        op_enum! { $(#[$doc])* $name; $($code $variant $text)* }

        impl $name {
            /// Operand and result types.
            pub const fn signature(self) -> (&'static [ValType], &'static [ValType]) {
                match self {
                    $($name::$variant => (&[$(ValType::$p),*], &[$(ValType::$r),*]),)*
                }
            }
        }
    };
}

macro_rules! access_enum {
    ($(#[$doc:meta])* $name:ident;
     $($code:literal $variant:ident $text:literal $ty:ident $bytes:literal;)*) => {
        op_enum! { $(#[$doc])* $name; $($code $variant $text)* }

        impl $name {
            /// The type of the operand loaded or stored.
            pub const fn ty(self) -> ValType {
                match self { $($name::$variant => ValType::$ty),* }
            }

            /// Bytes touched in memory; also the natural alignment.
            pub const fn bytes(self) -> u32 {
                match self { $($name::$variant => $bytes),* }
            }
        }
    };
}

macro_rules! lane_memory_enum {
    ($($code:literal $variant:ident $text:literal $shape:ident $bytes:literal;)*) => {
        op_enum! {
            /// Loads into and stores from one lane of a vector.
            LaneMemoryOp; $($code $variant $text)*
        }

        impl LaneMemoryOp {
            /// Bytes touched in memory; also the natural alignment.
            pub const fn bytes(self) -> u32 {
                match self { $(LaneMemoryOp::$variant => $bytes),* }
            }

            /// Whether the lane is stored (otherwise loaded).
            pub fn is_store(self) -> bool {
                match self { $(LaneMemoryOp::$variant => stringify!($shape) == "store"),* }
            }

            /// Lanes of that width in a vector.
            pub const fn lanes(self) -> u8 {
                (16 / self.bytes()) as u8
            }
        }
    };
}

macro_rules! lane_enum {
    ($($code:literal $variant:ident $text:literal ($($p:ident)*) -> ($($r:ident)*)
       $lanes:literal $fun:ident;)*) => {
        op_enum! {
            /// Extract and replace lane instructions; the immediate is the lane.
            LaneOp; $($code $variant $text)*
        }

        impl LaneOp {
            /// Operand and result types.
            pub const fn signature(self) -> (&'static [ValType], &'static [ValType]) {
                match self {
                    $(LaneOp::$variant => (&[$(ValType::$p),*], &[$(ValType::$r),*]),)*
                }
            }

            /// Lanes of the shape; a lane index is below it.
            pub const fn lanes(self) -> u8 {
                match self { $(LaneOp::$variant => $lanes),* }
            }
        }
    };
}

/// What an atomic access does; its operands follow from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtomicShape {
    /// `[addr] -> [t]`
    Load,
    /// `[addr t] -> []`
    Store,
    /// `[addr t] -> [t]`
    Rmw,
    /// `[addr t t] -> [t]`: expected, replacement
    Cmpxchg,
}

macro_rules! atomic_shape {
    (load) => {
        AtomicShape::Load
    };
    (store) => {
        AtomicShape::Store
    };
    (rmw) => {
        AtomicShape::Rmw
    };
    (cmpxchg) => {
        AtomicShape::Cmpxchg
    };
}

macro_rules! atomic_enum {
    ($($code:literal $variant:ident $text:literal $shape:ident $ty:ident $bytes:literal;)*) => {
        op_enum! {
            /// Atomic accesses (threads proposal), fence, wait and notify apart.
            AtomicOp; $($code $variant $text)*
        }

        impl AtomicOp {
            /// The type of the operand loaded, stored or exchanged.
            pub const fn ty(self) -> ValType {
                match self { $(AtomicOp::$variant => ValType::$ty),* }
            }

            /// Bytes touched in memory; the alignment must be exactly this.
            pub const fn bytes(self) -> u32 {
                match self { $(AtomicOp::$variant => $bytes),* }
            }

            /// What the access does.
            pub const fn shape(self) -> AtomicShape {
                match self { $(AtomicOp::$variant => atomic_shape!($shape)),* }
            }
        }
    };
}

for_each_numeric! { pure_enum
    /// Scalar numeric instructions without immediates.
    NumericOp;
}
for_each_vector! { pure_enum
    /// Vector instructions without immediates.
    VectorOp;
}
for_each_load! { access_enum
    /// Loads from memory.
    LoadOp;
}
for_each_store! { access_enum
    /// Stores to memory.
    StoreOp;
}
for_each_lane_memory! { lane_memory_enum }
for_each_lane! { lane_enum }
for_each_atomic! { atomic_enum }

impl NumericOp {
    /// How many operands the op takes.
    pub const fn arity(self) -> usize {
        self.signature().0.len()
    }

    /// Whether a branch can be fused with the op: comparisons, `eqz` and `i32.and`.
    pub const fn is_test(self) -> bool {
        self.opcode() <= 0x66 || matches!(self, NumericOp::I32And)
    }

    /// Whether the result is worth keeping in a register for the next op only: all but
    /// comparisons, which are fused with branches instead.
    pub const fn chains(self) -> bool {
        self.opcode() > 0x66
    }

    /// Whether the operands can change places.
    pub const fn is_commutative(self) -> bool {
        use NumericOp::*;
        matches!(
            self,
            I32Eq
                | I32Ne
                | I32Add
                | I32Mul
                | I32And
                | I32Or
                | I32Xor
                | I64Eq
                | I64Ne
                | I64Add
                | I64Mul
                | I64And
                | I64Or
                | I64Xor
                | F32Eq
                | F32Ne
                | F64Eq
                | F64Ne
        )
    }

    /// The op that gives the same result with its operands exchanged, if there is one.
    pub const fn swapped(self) -> Option<NumericOp> {
        use NumericOp::*;
        Some(match self {
            I32LtS => I32GtS,
            I32GtS => I32LtS,
            I32LeS => I32GeS,
            I32GeS => I32LeS,
            I32LtU => I32GtU,
            I32GtU => I32LtU,
            I32LeU => I32GeU,
            I32GeU => I32LeU,
            I64LtS => I64GtS,
            I64GtS => I64LtS,
            I64LeS => I64GeS,
            I64GeS => I64LeS,
            I64LtU => I64GtU,
            I64GtU => I64LtU,
            I64LeU => I64GeU,
            I64GeU => I64LeU,
            F32Lt => F32Gt,
            F32Gt => F32Lt,
            F32Le => F32Ge,
            F32Ge => F32Le,
            F64Lt => F64Gt,
            F64Gt => F64Lt,
            F64Le => F64Ge,
            F64Ge => F64Le,
            op if op.is_commutative() => op,
            _ => return None, // Operands of everything else have their own roles.
        })
    }

    /// The integer comparison that holds when this one does not, if this is one. Floats have
    /// none: a comparison with NaN does not hold, and neither does its opposite.
    pub const fn negated(self) -> Option<NumericOp> {
        use NumericOp::*;
        Some(match self {
            I32Eq => I32Ne,
            I32Ne => I32Eq,
            I32LtS => I32GeS,
            I32GeS => I32LtS,
            I32GtS => I32LeS,
            I32LeS => I32GtS,
            I32LtU => I32GeU,
            I32GeU => I32LtU,
            I32GtU => I32LeU,
            I32LeU => I32GtU,
            I64Eq => I64Ne,
            I64Ne => I64Eq,
            I64LtS => I64GeS,
            I64GeS => I64LtS,
            I64GtS => I64LeS,
            I64LeS => I64GtS,
            I64LtU => I64GeU,
            I64GeU => I64LtU,
            I64GtU => I64LeU,
            I64LeU => I64GtU,
            _ => return None, // Everything else is no comparison of two integers.
        })
    }

    /// Whether the second operand can be a sign-extended 32-bit number: binary integer ops.
    pub const fn takes_immediate(self) -> bool {
        matches!(self.opcode(), 0x46..=0x4F | 0x51..=0x5A | 0x6A..=0x78 | 0x7C..=0x8A)
    }

    /// The load that gives the second operand of an op that can take it from memory directly:
    /// arithmetic that neither traps nor tests.
    pub const fn operand_load(self) -> Option<LoadOp> {
        use NumericOp::*;
        Some(match self {
            I32Add | I32Sub | I32Mul | I32Or | I32Xor => LoadOp::I32Load,
            I64Add | I64Sub | I64Mul | I64And | I64Or | I64Xor => LoadOp::I64Load,
            F32Add | F32Sub | F32Mul | F32Div => LoadOp::F32Load,
            F64Add | F64Sub | F64Mul | F64Div => LoadOp::F64Load,
            _ => return None, // Everything else traps, tests, or is rarely given a loaded number.
        })
    }

    /// Whether the op belongs to the wide-arithmetic proposal.
    pub const fn is_wide_arithmetic(self) -> bool {
        self.opcode() >= 0xFC_0013
    }
}

impl VectorOp {
    /// Whether the op is a relaxed SIMD instruction.
    pub const fn is_relaxed(self) -> bool {
        self.opcode() >= 0xFD_0100
    }
}

/// The immediate of a memory access (spec: syntax/instructions, memory instructions).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemArg {
    /// Exponent of the alignment: the access promises `2^align` bytes.
    pub align: u32,
    /// Added to the address operand without wrapping.
    pub offset: u64,
    /// The memory accessed.
    pub memory: MemIdx,
}

/// The targets of a `br_table`, still in their bytes: `count` unsigned LEB128 numbers and the
/// default one after them. The decoder has already read them once, so reading them cannot fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BrTargets<'a> {
    /// Targets without the default.
    pub count: u32,
    /// `count + 1` LEB128 numbers.
    pub bytes: &'a [u8],
}

impl<'a> BrTargets<'a> {
    /// All targets in order, the default one last.
    pub fn iter(self) -> impl Iterator<Item = LabelIdx> + 'a {
        let mut bytes = self.bytes;
        (0..u64::from(self.count) + 1).map(move |_| LabelIdx(read_u32(&mut bytes)))
    }
}

/// Reads a list of unsigned LEB128 numbers that the decoder has accepted before.
pub fn read_list(count: u32, mut bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    (0..count).map(move |_| read_u32(&mut bytes))
}

/// Reads an unsigned LEB128 that the decoder has accepted before.
fn read_u32(bytes: &mut &[u8]) -> u32 {
    let (mut value, mut shift) = (0u32, 0);
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u32::from(byte & 0x7F) << (shift & 31);
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
    }
    value
}

/// The clauses of a `try_table`, still in their bytes; read once by the decoder before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Catches<'a> {
    /// Number of clauses.
    pub count: u32,
    /// The clauses.
    pub bytes: &'a [u8],
}

/// One clause of a `try_table`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Catch {
    /// The tag caught; all when `None` (`catch_all`).
    pub tag: Option<TagIdx>,
    /// Whether the exception reference is passed too (`catch_ref`, `catch_all_ref`).
    pub by_ref: bool,
    /// Where control goes, counted outside the `try_table`.
    pub label: LabelIdx,
}

impl<'a> Catches<'a> {
    /// The clauses in order.
    pub fn iter(self) -> impl Iterator<Item = Catch> + 'a {
        let mut bytes = self.bytes;
        (0..self.count).map(move |_| {
            let kind = read_u32(&mut bytes);
            let tag = (kind < 2).then(|| TagIdx(read_u32(&mut bytes)));
            Catch {
                tag,
                by_ref: kind & 1 == 1,
                label: LabelIdx(read_u32(&mut bytes)),
            }
        })
    }
}

/// The immediates of `br_on_cast` and `br_on_cast_fail`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CastBranch {
    /// The label branched to.
    pub label: LabelIdx,
    /// The type of the operand.
    pub from: RefType,
    /// The type tested for.
    pub to: RefType,
}

/// One instruction (spec: syntax/instructions; binary/instructions for the opcodes).
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(missing_docs)] // Variants carry the spec's names; `mnemonic` gives the text form.
pub enum Instr<'a> {
    // Control.
    Unreachable,
    Nop,
    Block(BlockType),
    Loop(BlockType),
    If(BlockType),
    Else,
    End,
    TryTable(BlockType, Catches<'a>),
    Throw(TagIdx),
    ThrowRef,
    Br(LabelIdx),
    BrIf(LabelIdx),
    BrTable(BrTargets<'a>),
    BrOnNull(LabelIdx),
    BrOnNonNull(LabelIdx),
    BrOnCast(CastBranch),
    BrOnCastFail(CastBranch),
    Return,
    Call(FuncIdx),
    CallIndirect(TypeIdx, TableIdx),
    CallRef(TypeIdx),
    ReturnCall(FuncIdx),
    ReturnCallIndirect(TypeIdx, TableIdx),
    ReturnCallRef(TypeIdx),
    // Parametric.
    Drop,
    Select,
    SelectT(ValType),
    /// `select` with that many types, not one: decodes, never validates.
    SelectArity(u32),
    // Variables.
    LocalGet(LocalIdx),
    LocalSet(LocalIdx),
    LocalTee(LocalIdx),
    GlobalGet(GlobalIdx),
    GlobalSet(GlobalIdx),
    // Tables.
    TableGet(TableIdx),
    TableSet(TableIdx),
    TableSize(TableIdx),
    TableGrow(TableIdx),
    TableFill(TableIdx),
    /// Destination, source.
    TableCopy(TableIdx, TableIdx),
    TableInit(TableIdx, ElemIdx),
    ElemDrop(ElemIdx),
    // Memories.
    Load(LoadOp, MemArg),
    Store(StoreOp, MemArg),
    LaneMemory(LaneMemoryOp, MemArg, u8),
    MemorySize(MemIdx),
    MemoryGrow(MemIdx),
    MemoryFill(MemIdx),
    /// Destination, source.
    MemoryCopy(MemIdx, MemIdx),
    MemoryInit(MemIdx, DataIdx),
    DataDrop(DataIdx),
    Atomic(AtomicOp, MemArg),
    AtomicNotify(MemArg),
    AtomicWait32(MemArg),
    AtomicWait64(MemArg),
    AtomicFence,
    // References.
    RefNull(HeapType),
    RefIsNull,
    RefAsNonNull,
    RefEq,
    RefFunc(FuncIdx),
    RefTest(RefType),
    RefCast(RefType),
    // Aggregates.
    StructNew(TypeIdx),
    StructNewDefault(TypeIdx),
    StructGet(TypeIdx, FieldIdx),
    StructGetS(TypeIdx, FieldIdx),
    StructGetU(TypeIdx, FieldIdx),
    StructSet(TypeIdx, FieldIdx),
    ArrayNew(TypeIdx),
    ArrayNewDefault(TypeIdx),
    ArrayNewFixed(TypeIdx, u32),
    ArrayNewData(TypeIdx, DataIdx),
    ArrayNewElem(TypeIdx, ElemIdx),
    ArrayGet(TypeIdx),
    ArrayGetS(TypeIdx),
    ArrayGetU(TypeIdx),
    ArraySet(TypeIdx),
    ArrayLen,
    ArrayFill(TypeIdx),
    /// Destination, source.
    ArrayCopy(TypeIdx, TypeIdx),
    ArrayInitData(TypeIdx, DataIdx),
    ArrayInitElem(TypeIdx, ElemIdx),
    RefI31,
    I31GetS,
    I31GetU,
    AnyConvertExtern,
    ExternConvertAny,
    // Numbers and vectors.
    I32Const(i32),
    I64Const(i64),
    /// The bits.
    F32Const(u32),
    /// The bits.
    F64Const(u64),
    /// Little-endian bytes.
    V128Const([u8; 16]),
    Numeric(NumericOp),
    Vector(VectorOp),
    Shuffle([u8; 16]),
    Lane(LaneOp, u8),
}

impl Instr<'_> {
    /// The name in the text format.
    pub const fn mnemonic(&self) -> &'static str {
        match self {
            Instr::Unreachable => "unreachable",
            Instr::Nop => "nop",
            Instr::Block(_) => "block",
            Instr::Loop(_) => "loop",
            Instr::If(_) => "if",
            Instr::Else => "else",
            Instr::End => "end",
            Instr::TryTable(..) => "try_table",
            Instr::Throw(_) => "throw",
            Instr::ThrowRef => "throw_ref",
            Instr::Br(_) => "br",
            Instr::BrIf(_) => "br_if",
            Instr::BrTable(_) => "br_table",
            Instr::BrOnNull(_) => "br_on_null",
            Instr::BrOnNonNull(_) => "br_on_non_null",
            Instr::BrOnCast(_) => "br_on_cast",
            Instr::BrOnCastFail(_) => "br_on_cast_fail",
            Instr::Return => "return",
            Instr::Call(_) => "call",
            Instr::CallIndirect(..) => "call_indirect",
            Instr::CallRef(_) => "call_ref",
            Instr::ReturnCall(_) => "return_call",
            Instr::ReturnCallIndirect(..) => "return_call_indirect",
            Instr::ReturnCallRef(_) => "return_call_ref",
            Instr::Drop => "drop",
            Instr::Select | Instr::SelectT(_) | Instr::SelectArity(_) => "select",
            Instr::LocalGet(_) => "local.get",
            Instr::LocalSet(_) => "local.set",
            Instr::LocalTee(_) => "local.tee",
            Instr::GlobalGet(_) => "global.get",
            Instr::GlobalSet(_) => "global.set",
            Instr::TableGet(_) => "table.get",
            Instr::TableSet(_) => "table.set",
            Instr::TableSize(_) => "table.size",
            Instr::TableGrow(_) => "table.grow",
            Instr::TableFill(_) => "table.fill",
            Instr::TableCopy(..) => "table.copy",
            Instr::TableInit(..) => "table.init",
            Instr::ElemDrop(_) => "elem.drop",
            Instr::Load(op, _) => op.mnemonic(),
            Instr::Store(op, _) => op.mnemonic(),
            Instr::LaneMemory(op, ..) => op.mnemonic(),
            Instr::MemorySize(_) => "memory.size",
            Instr::MemoryGrow(_) => "memory.grow",
            Instr::MemoryFill(_) => "memory.fill",
            Instr::MemoryCopy(..) => "memory.copy",
            Instr::MemoryInit(..) => "memory.init",
            Instr::DataDrop(_) => "data.drop",
            Instr::Atomic(op, _) => op.mnemonic(),
            Instr::AtomicNotify(_) => "memory.atomic.notify",
            Instr::AtomicWait32(_) => "memory.atomic.wait32",
            Instr::AtomicWait64(_) => "memory.atomic.wait64",
            Instr::AtomicFence => "atomic.fence",
            Instr::RefNull(_) => "ref.null",
            Instr::RefIsNull => "ref.is_null",
            Instr::RefAsNonNull => "ref.as_non_null",
            Instr::RefEq => "ref.eq",
            Instr::RefFunc(_) => "ref.func",
            Instr::RefTest(_) => "ref.test",
            Instr::RefCast(_) => "ref.cast",
            Instr::StructNew(_) => "struct.new",
            Instr::StructNewDefault(_) => "struct.new_default",
            Instr::StructGet(..) => "struct.get",
            Instr::StructGetS(..) => "struct.get_s",
            Instr::StructGetU(..) => "struct.get_u",
            Instr::StructSet(..) => "struct.set",
            Instr::ArrayNew(_) => "array.new",
            Instr::ArrayNewDefault(_) => "array.new_default",
            Instr::ArrayNewFixed(..) => "array.new_fixed",
            Instr::ArrayNewData(..) => "array.new_data",
            Instr::ArrayNewElem(..) => "array.new_elem",
            Instr::ArrayGet(_) => "array.get",
            Instr::ArrayGetS(_) => "array.get_s",
            Instr::ArrayGetU(_) => "array.get_u",
            Instr::ArraySet(_) => "array.set",
            Instr::ArrayLen => "array.len",
            Instr::ArrayFill(_) => "array.fill",
            Instr::ArrayCopy(..) => "array.copy",
            Instr::ArrayInitData(..) => "array.init_data",
            Instr::ArrayInitElem(..) => "array.init_elem",
            Instr::RefI31 => "ref.i31",
            Instr::I31GetS => "i31.get_s",
            Instr::I31GetU => "i31.get_u",
            Instr::AnyConvertExtern => "any.convert_extern",
            Instr::ExternConvertAny => "extern.convert_any",
            Instr::I32Const(_) => "i32.const",
            Instr::I64Const(_) => "i64.const",
            Instr::F32Const(_) => "f32.const",
            Instr::F64Const(_) => "f64.const",
            Instr::V128Const(_) => "v128.const",
            Instr::Numeric(op) => op.mnemonic(),
            Instr::Vector(op) => op.mnemonic(),
            Instr::Shuffle(_) => "i8x16.shuffle",
            Instr::Lane(op, _) => op.mnemonic(),
        }
    }
}
