//! All instructions as data (spec: appendix/index-instructions): made from the tables, for those
//! who list or explain instructions. Knows nothing of decoding.

use super::{
    AtomicOp, LaneMemoryOp, LaneOp, LoadOp, NumericOp, StoreOp, VectorOp, flag, for_each_instr,
};

/// An instruction of the binary format. Instructions that differ only in how they are encoded have
/// a row each: `select` with and without types, `ref.test` and `ref.cast` of nullable types or not.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InstrRow {
    /// The opcode; above `0xFF` a prefix byte followed by a 16-bit sub-opcode.
    pub opcode: u32,
    /// The name in the text format.
    pub mnemonic: &'static str,
    /// The immediates in the order of the binary format: what each is for, and its kind.
    pub immediates: &'static [(&'static str, &'static str)],
    /// The features that the instruction needs, in the words of the command line; none when it is
    /// part of WebAssembly 1.0.
    pub features: &'static [&'static str],
    /// Whether constant expressions may contain it whatever its immediates are.
    pub is_constant: bool,
    /// The op, of instructions that are rows of a further table.
    pub op: InstrOp,
}

/// The op of an instruction, by the table that has its row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InstrOp {
    /// A row of the table of instructions, or an instruction beside it.
    Own,
    /// A scalar numeric instruction.
    Numeric(NumericOp),
    /// A vector instruction.
    Vector(VectorOp),
    /// A load.
    Load(LoadOp),
    /// A store.
    Store(StoreOp),
    /// A load or store of a lane.
    LaneMemory(LaneMemoryOp),
    /// The extraction or replacement of a lane.
    Lane(LaneOp),
    /// An atomic access.
    Atomic(AtomicOp),
}

macro_rules! opcode {
    (plain $code:literal) => {
        $code
    };
    (prefix_fb $code:literal) => {
        0xFB_0000 + $code
    };
    (prefix_fc $code:literal) => {
        0xFC_0000 + $code
    };
    (prefix_fd $code:literal) => {
        0xFD_0000 + $code
    };
    (prefix_fe $code:literal) => {
        0xFE_0000 + $code
    };
}

/// The feature of a column of the table as the command line calls it.
macro_rules! feature {
    (exceptions) => {
        "exceptions"
    };
    (tail_call) => {
        "tail-call"
    };
    (function_references) => {
        "function-references"
    };
    (reference_types) => {
        "reference-types"
    };
    (gc) => {
        "gc"
    };
    (bulk_memory) => {
        "bulk-memory"
    };
    (simd) => {
        "simd"
    };
    (threads) => {
        "threads"
    };
}

macro_rules! rows {
    ($($group:ident { $($code:literal $name:ident $(($($field:ident: $imm:ident),+))?
        $text:literal [$($feature:ident)*] $($flag:ident)* $(=> $put:ident)?;)* })*) => {
        const OWN: &[InstrRow] = &[$($(InstrRow {
            opcode: opcode!($group $code),
            mnemonic: $text,
            immediates: &[$($((stringify!($field), stringify!($imm))),+)?],
            features: &[$(feature!($feature)),*],
            is_constant: flag!(constant in $($flag)*),
            op: InstrOp::Own,
        }),*),*];
    };
}
for_each_instr! { rows }

macro_rules! beside {
    ($($code:literal $text:literal $field:literal $imm:literal $feature:literal)*) => {
        /// Instructions that the decoder reads beside the table.
        const BESIDE: &[InstrRow] = &[$(InstrRow {
            opcode: $code,
            mnemonic: $text,
            immediates: &[($field, $imm)],
            features: &[$feature],
            is_constant: false,
            op: InstrOp::Own,
        }),*];
    };
}
beside! {
    0x1C "select" "types" "types" "reference-types"
    0xFB_0014 "ref.test" "target" "heap_type" "gc"
    0xFB_0015 "ref.test" "target" "heap_type" "gc"
    0xFB_0016 "ref.cast" "target" "heap_type" "gc"
    0xFB_0017 "ref.cast" "target" "heap_type" "gc"
}

const MEMARG: &[(&str, &str)] = &[("memarg", "memarg")];
const MEMARG_LANE: &[(&str, &str)] = &[("memarg", "memarg"), ("lane", "lane")];
const LANE: &[(&str, &str)] = &[("lane", "lane")];

impl InstrRow {
    /// Returns every instruction, by table.
    pub fn all() -> impl Iterator<Item = InstrRow> {
        let own = OWN.iter().chain(BESIDE).copied();
        let numeric = NumericOp::ALL.iter().map(|&op| InstrRow::numeric(op));
        let vector = VectorOp::ALL.iter().map(|&op| InstrRow {
            features: match op.is_relaxed() {
                true => &["relaxed-simd"],
                false => &["simd"],
            },
            ..InstrRow::op(op.opcode(), op.mnemonic(), &[], InstrOp::Vector(op))
        });
        let load = LoadOp::ALL
            .iter()
            .map(|&op| InstrRow::op(op.opcode(), op.mnemonic(), MEMARG, InstrOp::Load(op)));
        let store = StoreOp::ALL
            .iter()
            .map(|&op| InstrRow::op(op.opcode(), op.mnemonic(), MEMARG, InstrOp::Store(op)));
        let lane_memory = LaneMemoryOp::ALL.iter().map(|&op| {
            let own = InstrOp::LaneMemory(op);
            InstrRow::op(op.opcode(), op.mnemonic(), MEMARG_LANE, own)
        });
        let lane = LaneOp::ALL
            .iter()
            .map(|&op| InstrRow::op(op.opcode(), op.mnemonic(), LANE, InstrOp::Lane(op)));
        let atomic = AtomicOp::ALL
            .iter()
            .map(|&op| InstrRow::op(op.opcode(), op.mnemonic(), MEMARG, InstrOp::Atomic(op)));
        let memory = load.chain(store).chain(lane_memory);
        own.chain(numeric)
            .chain(memory)
            .chain(vector)
            .chain(lane)
            .chain(atomic)
    }

    fn numeric(op: NumericOp) -> InstrRow {
        let mut row = InstrRow::op(op.opcode(), op.mnemonic(), &[], InstrOp::Numeric(op));
        row.features = match op.opcode() {
            _ if op.is_wide_arithmetic() => &["wide-arithmetic"],
            0xFC_0000.. => &["saturating-float-to-int"],
            0xC0..=0xC4 => &["sign-extension"],
            _ => &[], // The opcodes of WebAssembly 1.0 end before these.
        };
        row
    }

    /// The row of an op; a prefix is the sign of its proposal.
    fn op(
        opcode: u32,
        mnemonic: &'static str,
        immediates: &'static [(&'static str, &'static str)],
        op: InstrOp,
    ) -> InstrRow {
        InstrRow {
            opcode,
            mnemonic,
            immediates,
            features: match opcode >> 16 {
                0xFD => &["simd"],
                0xFE => &["threads"],
                _ => &[], // No prefix that belongs to one proposal.
            },
            is_constant: false,
            op,
        }
    }
}
