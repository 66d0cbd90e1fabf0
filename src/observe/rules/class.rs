//! The classes of the formal syntax that numeric, vector and memory instructions fall into
//! (spec: syntax/instructions). A class has a rule by which its instructions are reduced and one by
//! which they are typed.

use super::names::Rule;
use crate::syntax::instr::LaneOp;
use crate::syntax::{LaneMemoryOp, LoadOp, NumericOp, StoreOp, VectorOp};

macro_rules! classes {
    ($($class:ident $step:ident $(or $trap:ident)? , $typing:ident;)*) => {
        /// A class of instructions without operands in memory.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Class { $($class),* }

        impl Class {
            /// Returns the rule that reduces an instruction of the class that has a result.
            pub const fn step(self) -> Rule {
                match self { $(Class::$class => Rule::$step),* }
            }

            /// Returns the rule that reduces one that has no result for its operands.
            pub const fn trap(self) -> Option<Rule> {
                match self { $($(Class::$class => Some(Rule::$trap),)?)* _ => None }
            }

            /// Returns the rule that types an instruction of the class.
            pub const fn typing(self) -> Rule {
                match self { $(Class::$class => Rule::$typing),* }
            }
        }
    };
}

classes! {
    Unop UnopVal or UnopTrap, InstrOkUnop;
    Binop BinopVal or BinopTrap, InstrOkBinop;
    Testop Testop, InstrOkTestop;
    Relop Relop, InstrOkRelop;
    Cvtop CvtopVal or CvtopTrap, InstrOkCvtop;
    Add128 WideArithmeticAdd128, WideArithmeticTyping;
    Sub128 WideArithmeticSub128, WideArithmeticTyping;
    MulWide WideArithmeticMulWide, WideArithmeticTyping;
    Vvunop Vvunop, InstrOkVvunop;
    Vvbinop Vvbinop, InstrOkVvbinop;
    Vvternop Vvternop, InstrOkVvternop;
    Vvtestop Vvtestop, InstrOkVvtestop;
    Vunop VunopVal or VunopTrap, InstrOkVunop;
    Vbinop VbinopVal or VbinopTrap, InstrOkVbinop;
    Vternop VternopVal or VternopTrap, InstrOkVternop;
    Vtestop Vtestop, InstrOkVtestop;
    Vrelop Vrelop, InstrOkVrelop;
    Vshiftop Vshiftop, InstrOkVshiftop;
    Vbitmask Vbitmask, InstrOkVbitmask;
    Vswizzlop Vswizzlop, InstrOkVswizzlop;
    Vsplat Vsplat, InstrOkVsplat;
    Vextunop Vextunop, InstrOkVextunop;
    Vextbinop Vextbinop, InstrOkVextbinop;
    Vextternop Vextternop, InstrOkVextternop;
    Vnarrow Vnarrow, InstrOkVnarrow;
    Vcvtop Vcvtop, InstrOkVcvtop;
    ExtractNum VextractLaneNum, InstrOkVextractLane;
    ExtractPack VextractLanePack, InstrOkVextractLane;
    Replace VreplaceLane, InstrOkVreplaceLane;
}

/// Returns the class of a scalar instruction, which follows from its types but for tests.
pub(super) fn numeric(op: NumericOp) -> Class {
    match op {
        NumericOp::I64Add128 => return Class::Add128,
        NumericOp::I64Sub128 => return Class::Sub128,
        NumericOp::I64MulWideS | NumericOp::I64MulWideU => return Class::MulWide,
        NumericOp::I32Eqz | NumericOp::I64Eqz => return Class::Testop,
        _ => {} // The types of everything else say which it is.
    }
    let compares = op.opcode() <= NumericOp::F64Ge.opcode();
    match op.signature() {
        ([_, _], _) if compares => Class::Relop,
        ([_, _], _) => Class::Binop,
        ([from], [to]) if from != to => Class::Cvtop,
        _ => Class::Unop,
    }
}

/// Returns the class of a lane instruction: narrow lanes say how they are extended.
pub(super) fn lane(op: LaneOp) -> Class {
    use LaneOp::*;
    match op {
        I8x16ExtractLaneS | I8x16ExtractLaneU | I16x8ExtractLaneS | I16x8ExtractLaneU => {
            Class::ExtractPack
        }
        I32x4ExtractLane | I64x2ExtractLane | F32x4ExtractLane | F64x2ExtractLane => {
            Class::ExtractNum
        }
        I8x16ReplaceLane | I16x8ReplaceLane | I32x4ReplaceLane | I64x2ReplaceLane
        | F32x4ReplaceLane | F64x2ReplaceLane => Class::Replace,
    }
}

/// The rules of an access to memory: within bounds, out of bounds, and its type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Access {
    pub val: Rule,
    pub oob: Rule,
    pub typing: Rule,
}

const fn access(val: Rule, oob: Rule, typing: Rule) -> Access {
    Access { val, oob, typing }
}

/// Returns the rules of a load.
pub(super) fn load(op: LoadOp) -> Access {
    use LoadOp::*;
    use Rule::*;
    match op {
        V128Load => access(VloadVal, VloadOob, InstrOkVloadVal),
        V128Load8x8S | V128Load8x8U | V128Load16x4S | V128Load16x4U | V128Load32x2S
        | V128Load32x2U => access(VloadPackVal, VloadPackOob, InstrOkVloadPack),
        V128Load8Splat | V128Load16Splat | V128Load32Splat | V128Load64Splat => {
            access(VloadSplatVal, VloadSplatOob, InstrOkVloadSplat)
        }
        V128Load32Zero | V128Load64Zero => access(VloadZeroVal, VloadZeroOob, InstrOkVloadZero),
        I32Load | I64Load | F32Load | F64Load => access(LoadNumVal, LoadNumOob, InstrOkLoadVal),
        I32Load8S | I32Load8U | I32Load16S | I32Load16U | I64Load8S | I64Load8U | I64Load16S
        | I64Load16U | I64Load32S | I64Load32U => access(LoadPackVal, LoadPackOob, InstrOkLoadPack),
    }
}

/// Returns the rules of a store.
pub(super) fn store(op: StoreOp) -> Access {
    use Rule::*;
    use StoreOp::*;
    match op {
        V128Store => access(VstoreVal, VstoreOob, InstrOkVstore),
        I32Store | I64Store | F32Store | F64Store => {
            access(StoreNumVal, StoreNumOob, InstrOkStoreVal)
        }
        I32Store8 | I32Store16 | I64Store8 | I64Store16 | I64Store32 => {
            access(StorePackVal, StorePackOob, InstrOkStorePack)
        }
    }
}

/// Returns the rules of a load or store of a lane.
pub(super) fn lane_memory(op: LaneMemoryOp) -> Access {
    use Rule::*;
    match op.is_store() {
        true => access(VstoreLaneVal, VstoreLaneOob, InstrOkVstoreLane),
        false => access(VloadLaneVal, VloadLaneOob, InstrOkVloadLane),
    }
}

/// Returns the class of a vector instruction.
pub(super) fn vector(op: VectorOp) -> Class {
    use VectorOp::*;
    match op {
        I8x16Swizzle | I8x16RelaxedSwizzle => Class::Vswizzlop,
        I8x16Splat | I16x8Splat | I32x4Splat | I64x2Splat | F32x4Splat | F64x2Splat => {
            Class::Vsplat
        }
        I8x16Eq | I8x16Ne | I8x16LtS | I8x16LtU | I8x16GtS | I8x16GtU | I8x16LeS | I8x16LeU
        | I8x16GeS | I8x16GeU | I16x8Eq | I16x8Ne | I16x8LtS | I16x8LtU | I16x8GtS | I16x8GtU
        | I16x8LeS | I16x8LeU | I16x8GeS | I16x8GeU | I32x4Eq | I32x4Ne | I32x4LtS | I32x4LtU
        | I32x4GtS | I32x4GtU | I32x4LeS | I32x4LeU | I32x4GeS | I32x4GeU | F32x4Eq | F32x4Ne
        | F32x4Lt | F32x4Gt | F32x4Le | F32x4Ge | F64x2Eq | F64x2Ne | F64x2Lt | F64x2Gt
        | F64x2Le | F64x2Ge | I64x2Eq | I64x2Ne | I64x2LtS | I64x2GtS | I64x2LeS | I64x2GeS => {
            Class::Vrelop
        }
        V128Not => Class::Vvunop,
        V128And | V128Andnot | V128Or | V128Xor => Class::Vvbinop,
        V128Bitselect => Class::Vvternop,
        V128AnyTrue => Class::Vvtestop,
        F32x4DemoteF64x2Zero
        | F64x2PromoteLowF32x4
        | I16x8ExtendLowI8x16S
        | I16x8ExtendHighI8x16S
        | I16x8ExtendLowI8x16U
        | I16x8ExtendHighI8x16U
        | I32x4ExtendLowI16x8S
        | I32x4ExtendHighI16x8S
        | I32x4ExtendLowI16x8U
        | I32x4ExtendHighI16x8U
        | I64x2ExtendLowI32x4S
        | I64x2ExtendHighI32x4S
        | I64x2ExtendLowI32x4U
        | I64x2ExtendHighI32x4U
        | I32x4TruncSatF32x4S
        | I32x4TruncSatF32x4U
        | F32x4ConvertI32x4S
        | F32x4ConvertI32x4U
        | I32x4TruncSatF64x2SZero
        | I32x4TruncSatF64x2UZero
        | F64x2ConvertLowI32x4S
        | F64x2ConvertLowI32x4U
        | I32x4RelaxedTruncF32x4S
        | I32x4RelaxedTruncF32x4U
        | I32x4RelaxedTruncF64x2SZero
        | I32x4RelaxedTruncF64x2UZero => Class::Vcvtop,
        I8x16Abs | I8x16Neg | I8x16Popcnt | F32x4Ceil | F32x4Floor | F32x4Trunc | F32x4Nearest
        | F64x2Ceil | F64x2Floor | F64x2Trunc | I16x8Abs | I16x8Neg | F64x2Nearest | I32x4Abs
        | I32x4Neg | I64x2Abs | I64x2Neg | F32x4Abs | F32x4Neg | F32x4Sqrt | F64x2Abs
        | F64x2Neg | F64x2Sqrt => Class::Vunop,
        I8x16AllTrue | I16x8AllTrue | I32x4AllTrue | I64x2AllTrue => Class::Vtestop,
        I8x16Bitmask | I16x8Bitmask | I32x4Bitmask | I64x2Bitmask => Class::Vbitmask,
        I8x16NarrowI16x8S | I8x16NarrowI16x8U | I16x8NarrowI32x4S | I16x8NarrowI32x4U => {
            Class::Vnarrow
        }
        I8x16Shl | I8x16ShrS | I8x16ShrU | I16x8Shl | I16x8ShrS | I16x8ShrU | I32x4Shl
        | I32x4ShrS | I32x4ShrU | I64x2Shl | I64x2ShrS | I64x2ShrU => Class::Vshiftop,
        I8x16Add | I8x16AddSatS | I8x16AddSatU | I8x16Sub | I8x16SubSatS | I8x16SubSatU
        | I8x16MinS | I8x16MinU | I8x16MaxS | I8x16MaxU | I8x16AvgrU | I16x8Q15mulrSatS
        | I16x8Add | I16x8AddSatS | I16x8AddSatU | I16x8Sub | I16x8SubSatS | I16x8SubSatU
        | I16x8Mul | I16x8MinS | I16x8MinU | I16x8MaxS | I16x8MaxU | I16x8AvgrU | I32x4Add
        | I32x4Sub | I32x4Mul | I32x4MinS | I32x4MinU | I32x4MaxS | I32x4MaxU | I64x2Add
        | I64x2Sub | I64x2Mul | F32x4Add | F32x4Sub | F32x4Mul | F32x4Div | F32x4Min | F32x4Max
        | F32x4Pmin | F32x4Pmax | F64x2Add | F64x2Sub | F64x2Mul | F64x2Div | F64x2Min
        | F64x2Max | F64x2Pmin | F64x2Pmax | F32x4RelaxedMin | F32x4RelaxedMax
        | F64x2RelaxedMin | F64x2RelaxedMax | I16x8RelaxedQ15mulrS => Class::Vbinop,
        I16x8ExtaddPairwiseI8x16S
        | I16x8ExtaddPairwiseI8x16U
        | I32x4ExtaddPairwiseI16x8S
        | I32x4ExtaddPairwiseI16x8U => Class::Vextunop,
        I16x8ExtmulLowI8x16S
        | I16x8ExtmulHighI8x16S
        | I16x8ExtmulLowI8x16U
        | I16x8ExtmulHighI8x16U
        | I32x4DotI16x8S
        | I32x4ExtmulLowI16x8S
        | I32x4ExtmulHighI16x8S
        | I32x4ExtmulLowI16x8U
        | I32x4ExtmulHighI16x8U
        | I64x2ExtmulLowI32x4S
        | I64x2ExtmulHighI32x4S
        | I64x2ExtmulLowI32x4U
        | I64x2ExtmulHighI32x4U
        | I16x8RelaxedDotI8x16I7x16S => Class::Vextbinop,
        F32x4RelaxedMadd
        | F32x4RelaxedNmadd
        | F64x2RelaxedMadd
        | F64x2RelaxedNmadd
        | I8x16RelaxedLaneselect
        | I16x8RelaxedLaneselect
        | I32x4RelaxedLaneselect
        | I64x2RelaxedLaneselect => Class::Vternop,
        I32x4RelaxedDotI8x16I7x16AddS => Class::Vextternop,
    }
}
