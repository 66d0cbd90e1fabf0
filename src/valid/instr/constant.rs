//! Constant expressions (spec: valid/instructions, constant expressions): which instructions may
//! stand in them.

use crate::syntax::{GlobalIdx, Instr, NumericOp};
use crate::valid::error::{Check, InvalidKind, Space, unknown};
use crate::valid::func::FuncValidator;

impl FuncValidator<'_> {
    /// Refuses an instruction that is not constant.
    pub(super) fn check_constant(&self, instr: &Instr<'_>) -> Check {
        match self.is_constant(instr)? {
            true => Ok(()),
            false => InvalidKind::ConstantRequired.err(),
        }
    }

    fn is_constant(&self, instr: &Instr<'_>) -> Check<bool> {
        let features = &self.ctx.features;
        Ok(match *instr {
            Instr::End
            | Instr::I32Const(_)
            | Instr::I64Const(_)
            | Instr::F32Const(_)
            | Instr::F64Const(_)
            | Instr::V128Const(_)
            | Instr::RefNull(_)
            | Instr::RefFunc(_) => true,
            Instr::GlobalGet(idx) => self.is_constant_global(idx)?,
            Instr::Numeric(op) => features.extended_const && is_extended(op),
            Instr::StructNew(_)
            | Instr::StructNewDefault(_)
            | Instr::ArrayNew(_)
            | Instr::ArrayNewDefault(_)
            | Instr::ArrayNewFixed(..)
            | Instr::RefI31
            | Instr::AnyConvertExtern
            | Instr::ExternConvertAny => features.gc,
            Instr::Unreachable
            | Instr::Nop
            | Instr::Block(_)
            | Instr::Loop(_)
            | Instr::If(_)
            | Instr::Else
            | Instr::TryTable(..)
            | Instr::Throw(_)
            | Instr::ThrowRef
            | Instr::Br(_)
            | Instr::BrIf(_)
            | Instr::BrTable(_)
            | Instr::BrOnNull(_)
            | Instr::BrOnNonNull(_)
            | Instr::BrOnCast(_)
            | Instr::BrOnCastFail(_)
            | Instr::Return
            | Instr::Call(_)
            | Instr::CallIndirect(..)
            | Instr::CallRef(_)
            | Instr::ReturnCall(_)
            | Instr::ReturnCallIndirect(..)
            | Instr::ReturnCallRef(_)
            | Instr::Drop
            | Instr::Select
            | Instr::SelectT(_)
            | Instr::SelectArity(_)
            | Instr::LocalGet(_)
            | Instr::LocalSet(_)
            | Instr::LocalTee(_)
            | Instr::GlobalSet(_)
            | Instr::TableGet(_)
            | Instr::TableSet(_)
            | Instr::TableSize(_)
            | Instr::TableGrow(_)
            | Instr::TableFill(_)
            | Instr::TableCopy(..)
            | Instr::TableInit(..)
            | Instr::ElemDrop(_)
            | Instr::Load(..)
            | Instr::Store(..)
            | Instr::LaneMemory(..)
            | Instr::MemorySize(_)
            | Instr::MemoryGrow(_)
            | Instr::MemoryFill(_)
            | Instr::MemoryCopy(..)
            | Instr::MemoryInit(..)
            | Instr::DataDrop(_)
            | Instr::Atomic(..)
            | Instr::AtomicNotify(_)
            | Instr::AtomicWait32(_)
            | Instr::AtomicWait64(_)
            | Instr::AtomicFence
            | Instr::RefIsNull
            | Instr::RefAsNonNull
            | Instr::RefEq
            | Instr::RefTest(_)
            | Instr::RefCast(_)
            | Instr::StructGet(..)
            | Instr::StructGetS(..)
            | Instr::StructGetU(..)
            | Instr::StructSet(..)
            | Instr::ArrayNewData(..)
            | Instr::ArrayNewElem(..)
            | Instr::ArrayGet(_)
            | Instr::ArrayGetS(_)
            | Instr::ArrayGetU(_)
            | Instr::ArraySet(_)
            | Instr::ArrayLen
            | Instr::ArrayFill(_)
            | Instr::ArrayCopy(..)
            | Instr::ArrayInitData(..)
            | Instr::ArrayInitElem(..)
            | Instr::I31GetS
            | Instr::I31GetU
            | Instr::Vector(_)
            | Instr::Shuffle(_)
            | Instr::Lane(..) => false,
        })
    }

    /// A global that stands before is known; it is constant if it is immutable. Without `gc` it
    /// must be imported besides.
    fn is_constant_global(&self, idx: GlobalIdx) -> Check<bool> {
        let known = self.constant.unwrap_or(u32::MAX);
        if idx.0 >= known {
            return Err(unknown(Space::Global, idx.0));
        }
        let imported = idx.0 < self.ctx.imported_globals;
        let global = self.ctx.global(idx)?;
        Ok(!global.mutable && (imported || self.ctx.features.gc))
    }
}

/// Arithmetic of extended-const.
fn is_extended(op: NumericOp) -> bool {
    matches!(
        op,
        NumericOp::I32Add
            | NumericOp::I32Sub
            | NumericOp::I32Mul
            | NumericOp::I64Add
            | NumericOp::I64Sub
            | NumericOp::I64Mul
    )
}
