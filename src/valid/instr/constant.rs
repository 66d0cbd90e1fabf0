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
            Instr::GlobalGet(idx) => self.is_constant_global(idx)?,
            Instr::Numeric(op) => features.extended_const && is_extended(op),
            _ => instr.is_constant(),
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
