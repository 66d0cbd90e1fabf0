//! Tables of the instructions that cannot trap, by operands and result, and of those that access
//! memory.

use wasm_encoder::Instruction::{self, *};
use wasm_encoder::{MemArg, ValType};

/// Instructions that share their operands' types and their result's.
pub struct Group {
    /// The types of the operands.
    pub params: &'static [ValType],
    /// The type of the result.
    pub result: ValType,
    /// The instructions; the first of a long list is chosen more often than the others.
    pub ops: &'static [Instruction<'static>],
}

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;
const F32: ValType = ValType::F32;
const F64: ValType = ValType::F64;
const V128: ValType = ValType::V128;

const fn group(
    params: &'static [ValType],
    result: ValType,
    ops: &'static [Instruction<'static>],
) -> Group {
    Group {
        params,
        result,
        ops,
    }
}

/// All groups. A binary one of a type comes first among those that result in it.
pub static GROUPS: &[Group] = &[
    group(
        &[I32, I32],
        I32,
        &[
            I32Add, I32Sub, I32Mul, I32And, I32Or, I32Xor, I32Shl, I32ShrS, I32ShrU, I32Rotl,
            I32Rotr, I32Eq, I32Ne, I32LtS, I32LtU, I32GtS, I32GtU, I32LeS, I32LeU, I32GeS, I32GeU,
        ],
    ),
    group(
        &[I32],
        I32,
        &[I32Eqz, I32Clz, I32Ctz, I32Popcnt, I32Extend8S, I32Extend16S],
    ),
    group(
        &[I64, I64],
        I32,
        &[
            I64Eq, I64Ne, I64LtS, I64LtU, I64GtS, I64GtU, I64LeS, I64LeU, I64GeS, I64GeU,
        ],
    ),
    group(&[I64], I32, &[I32WrapI64, I64Eqz]),
    group(
        &[F32, F32],
        I32,
        &[F32Eq, F32Ne, F32Lt, F32Gt, F32Le, F32Ge],
    ),
    group(
        &[F32],
        I32,
        &[I32ReinterpretF32, I32TruncSatF32S, I32TruncSatF32U],
    ),
    group(
        &[F64, F64],
        I32,
        &[F64Eq, F64Ne, F64Lt, F64Gt, F64Le, F64Ge],
    ),
    group(&[F64], I32, &[I32TruncSatF64S, I32TruncSatF64U]),
    group(
        &[V128],
        I32,
        &[
            I32x4ExtractLane(0),
            I32x4ExtractLane(3),
            I16x8ExtractLaneS(5),
            I8x16ExtractLaneU(9),
            V128AnyTrue,
            I8x16AllTrue,
            I32x4AllTrue,
            I8x16Bitmask,
            I16x8Bitmask,
        ],
    ),
    group(
        &[I64, I64],
        I64,
        &[
            I64Add, I64Sub, I64Mul, I64And, I64Or, I64Xor, I64Shl, I64ShrS, I64ShrU, I64Rotl,
            I64Rotr,
        ],
    ),
    group(
        &[I64],
        I64,
        &[
            I64Clz,
            I64Ctz,
            I64Popcnt,
            I64Extend8S,
            I64Extend16S,
            I64Extend32S,
        ],
    ),
    group(&[I32], I64, &[I64ExtendI32S, I64ExtendI32U]),
    group(
        &[F64],
        I64,
        &[I64ReinterpretF64, I64TruncSatF64S, I64TruncSatF64U],
    ),
    group(&[F32], I64, &[I64TruncSatF32S, I64TruncSatF32U]),
    group(&[V128], I64, &[I64x2ExtractLane(0), I64x2ExtractLane(1)]),
    group(
        &[F32, F32],
        F32,
        &[F32Add, F32Sub, F32Mul, F32Div, F32Min, F32Max, F32Copysign],
    ),
    group(
        &[F32],
        F32,
        &[
            F32Neg, F32Abs, F32Ceil, F32Floor, F32Trunc, F32Nearest, F32Sqrt,
        ],
    ),
    group(
        &[I32],
        F32,
        &[F32ConvertI32S, F32ConvertI32U, F32ReinterpretI32],
    ),
    group(&[I64], F32, &[F32ConvertI64S, F32ConvertI64U]),
    group(&[F64], F32, &[F32DemoteF64]),
    group(&[V128], F32, &[F32x4ExtractLane(1)]),
    group(
        &[F64, F64],
        F64,
        &[F64Add, F64Sub, F64Mul, F64Div, F64Min, F64Max, F64Copysign],
    ),
    group(
        &[F64],
        F64,
        &[
            F64Neg, F64Abs, F64Ceil, F64Floor, F64Trunc, F64Nearest, F64Sqrt,
        ],
    ),
    group(&[I32], F64, &[F64ConvertI32S, F64ConvertI32U]),
    group(
        &[I64],
        F64,
        &[F64ConvertI64S, F64ConvertI64U, F64ReinterpretI64],
    ),
    group(&[F32], F64, &[F64PromoteF32]),
    group(&[V128], F64, &[F64x2ExtractLane(1)]),
    group(
        &[V128, V128],
        V128,
        &[
            I32x4Add,
            I8x16Add,
            I16x8Sub,
            I64x2Add,
            I16x8Mul,
            I64x2Mul,
            V128And,
            V128Or,
            V128Xor,
            V128AndNot,
            I8x16Swizzle,
            I8x16Eq,
            I16x8LtS,
            I32x4GtU,
            I8x16MinU,
            I16x8MaxS,
            I8x16AvgrU,
            I16x8AddSatS,
            I8x16SubSatU,
            I8x16NarrowI16x8S,
            I16x8NarrowI32x4U,
            I32x4DotI16x8S,
            I16x8ExtMulLowI8x16S,
            I64x2ExtMulHighI32x4U,
            I16x8Q15MulrSatS,
            F32x4Add,
            F64x2Mul,
            F32x4Min,
            F64x2Max,
            F32x4PMin,
            F64x2PMax,
            F32x4Lt,
            F64x2Ne,
            I8x16Shuffle([0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 31, 1]),
        ],
    ),
    group(
        &[V128],
        V128,
        &[
            V128Not,
            I8x16Neg,
            I16x8Abs,
            I8x16Popcnt,
            I32x4ExtendLowI16x8S,
            I64x2ExtendHighI32x4U,
            I16x8ExtAddPairwiseI8x16U,
            F32x4Neg,
            F64x2Sqrt,
            F32x4Nearest,
            I32x4TruncSatF32x4S,
            F32x4ConvertI32x4U,
            F64x2PromoteLowF32x4,
            F32x4DemoteF64x2Zero,
        ],
    ),
    group(
        &[V128, I32],
        V128,
        &[
            I8x16Shl,
            I16x8ShrS,
            I32x4ShrU,
            I64x2Shl,
            I32x4ReplaceLane(2),
        ],
    ),
    group(&[V128, I64], V128, &[I64x2ReplaceLane(1)]),
    group(&[V128, F32], V128, &[F32x4ReplaceLane(3)]),
    group(&[V128, V128, V128], V128, &[V128Bitselect]),
    group(&[I32], V128, &[I32x4Splat, I8x16Splat, I16x8Splat]),
    group(&[I64], V128, &[I64x2Splat]),
    group(&[F32], V128, &[F32x4Splat]),
    group(&[F64], V128, &[F64x2Splat]),
];

/// Divisions of a type; the divisor must be positive.
pub fn divisions(ty: ValType) -> &'static [Instruction<'static>] {
    match ty {
        ValType::I64 => &[I64DivS, I64DivU, I64RemS, I64RemU],
        _ => &[I32DivS, I32DivU, I32RemS, I32RemU],
    }
}

/// What makes an access of its memory argument, the exponent of the largest alignment, and the type
/// that is loaded or stored.
pub type Access = (fn(MemArg) -> Instruction<'static>, u32, ValType);

/// Loads.
pub static LOADS: &[Access] = &[
    (I32Load, 2, I32),
    (I32Load8S, 0, I32),
    (I32Load8U, 0, I32),
    (I32Load16S, 1, I32),
    (I32Load16U, 1, I32),
    (I64Load, 3, I64),
    (I64Load8S, 0, I64),
    (I64Load8U, 0, I64),
    (I64Load16S, 1, I64),
    (I64Load32S, 2, I64),
    (I64Load32U, 2, I64),
    (F32Load, 2, F32),
    (F64Load, 3, F64),
    (V128Load, 4, V128),
    (V128Load8x8S, 3, V128),
    (V128Load16x4U, 3, V128),
    (V128Load32Splat, 2, V128),
    (V128Load64Zero, 3, V128),
];

/// Stores.
pub static STORES: &[Access] = &[
    (I32Store, 2, I32),
    (I32Store8, 0, I32),
    (I32Store16, 1, I32),
    (I64Store, 3, I64),
    (I64Store8, 0, I64),
    (I64Store16, 1, I64),
    (I64Store32, 2, I64),
    (F32Store, 2, F32),
    (F64Store, 3, F64),
    (V128Store, 4, V128),
];
