//! Instructions (spec: syntax/instructions). One decoded instruction is one [`Instr`]: `Copy`,
//! nothing allocated, immediates borrowed from the module's bytes.
//!
//! Every instruction is a row of a table: of `table`, or of `numeric`, `vector` and `memory`, whose
//! rows share one variant and are told apart by an op ([`NumericOp`], [`VectorOp`], [`LoadOp`]).

mod memory;
mod numeric;
mod rows;
mod table;
mod text;
mod vector;

pub(crate) use memory::{
    for_each_atomic, for_each_lane, for_each_lane_memory, for_each_load, for_each_store,
};
pub(crate) use numeric::for_each_numeric;
pub use rows::{InstrOp, InstrRow};
pub(crate) use table::{flag, for_each_instr, imm};
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

            /// The op with this opcode (prefix byte in bits 16..24, sub-opcode below). An opcode
            /// that two rows of the table have does not compile.
            #[deny(unreachable_patterns)]
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

            /// Returns whether the lane is stored (otherwise loaded).
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
            /// Returns the operand and result types.
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

            /// Returns what the access does.
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
    /// Returns how many operands the op takes.
    pub const fn arity(self) -> usize {
        self.signature().0.len()
    }

    /// Returns whether a branch can be fused with the op: comparisons, `eqz` and `i32.and`.
    pub const fn is_test(self) -> bool {
        self.opcode() <= 0x66 || matches!(self, NumericOp::I32And)
    }

    /// Returns whether the result is worth keeping in a register for the next op only: all but
    /// comparisons, which are fused with branches instead.
    pub const fn chains(self) -> bool {
        self.opcode() > 0x66
    }

    /// Returns whether the operands can change places.
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

    /// Returns whether the second operand can be a sign-extended 32-bit number: binary integer ops.
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

    /// Returns whether the op belongs to the wide-arithmetic proposal.
    pub const fn is_wide_arithmetic(self) -> bool {
        self.opcode() >= 0xFC_0013
    }
}

impl VectorOp {
    /// Returns whether the op is a relaxed SIMD instruction.
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

macro_rules! instr_enum {
    ($($group:ident { $($code:literal $name:ident $(($($field:ident: $imm:ident),+))?
        $text:literal [$($feature:ident)*] $($flag:ident)* $(=> $put:ident)?;)* })*) => {
        /// One instruction (spec: syntax/instructions). Those of a table share a variant.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub enum Instr<'a> {
            $($(#[doc = concat!("`", $text, "`")] $name $(($(imm!($imm)),+))?,)*)*
            /// `select` with a type.
            SelectT(ValType),
            /// `select` with that many types, not one: decodes, never validates.
            SelectArity(u32),
            /// `ref.test`, of a nullable type or not.
            RefTest(RefType),
            /// `ref.cast`, of a nullable type or not.
            RefCast(RefType),
            /// A load.
            Load(LoadOp, MemArg),
            /// A store.
            Store(StoreOp, MemArg),
            /// A load or store of a lane.
            LaneMemory(LaneMemoryOp, MemArg, u8),
            /// An atomic access.
            Atomic(AtomicOp, MemArg),
            /// A numeric instruction.
            Numeric(NumericOp),
            /// A vector instruction.
            Vector(VectorOp),
            /// The extraction or replacement of a lane.
            Lane(LaneOp, u8),
        }

        impl Instr<'_> {
            /// Returns the names of all instructions in the text format.
            pub fn mnemonics() -> impl Iterator<Item = &'static str> {
                const OWN: &[&str] = &[$($($text,)*)* "ref.test", "ref.cast"];
                OWN.iter()
                    .copied()
                    .chain(LoadOp::ALL.iter().map(|op| op.mnemonic()))
                    .chain(StoreOp::ALL.iter().map(|op| op.mnemonic()))
                    .chain(LaneMemoryOp::ALL.iter().map(|op| op.mnemonic()))
                    .chain(AtomicOp::ALL.iter().map(|op| op.mnemonic()))
                    .chain(NumericOp::ALL.iter().map(|op| op.mnemonic()))
                    .chain(VectorOp::ALL.iter().map(|op| op.mnemonic()))
                    .chain(LaneOp::ALL.iter().map(|op| op.mnemonic()))
            }

            /// The name in the text format.
            pub const fn mnemonic(&self) -> &'static str {
                match self {
                    $($(Instr::$name { .. } => $text,)*)*
                    Instr::SelectT(_) | Instr::SelectArity(_) => "select",
                    Instr::RefTest(_) => "ref.test",
                    Instr::RefCast(_) => "ref.cast",
                    Instr::Load(op, _) => op.mnemonic(),
                    Instr::Store(op, _) => op.mnemonic(),
                    Instr::LaneMemory(op, ..) => op.mnemonic(),
                    Instr::Atomic(op, _) => op.mnemonic(),
                    Instr::Numeric(op) => op.mnemonic(),
                    Instr::Vector(op) => op.mnemonic(),
                    Instr::Lane(op, _) => op.mnemonic(),
                }
            }

            /// Returns whether constant expressions may contain the instruction whatever its
            /// immediates are.
            pub const fn is_constant(&self) -> bool {
                match self {
                    $($(Instr::$name { .. } => flag!(constant in $($flag)*),)*)*
                    Instr::SelectT(_) | Instr::SelectArity(_) => false,
                    Instr::RefTest(_) | Instr::RefCast(_) => false,
                    Instr::Load(..) | Instr::Store(..) | Instr::LaneMemory(..) => false,
                    Instr::Atomic(..) | Instr::Numeric(_) => false,
                    Instr::Vector(_) | Instr::Lane(..) => false,
                }
            }
        }
    };
}
for_each_instr! { instr_enum }
