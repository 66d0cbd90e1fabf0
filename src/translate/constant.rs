//! Constant expressions and element lists that can be read without running anything (spec:
//! valid/instructions, constant expressions). Everything else becomes register code.

use super::Validated;
use crate::binary::InstrReader;
use crate::syntax::instr::read_list;
use crate::syntax::{ConstExpr, FuncIdx, GlobalIdx, Instr, Module};
use core::ops::Range;

/// The value of a constant expression of one instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Constant {
    /// A number; a vector uses both cells, low half first.
    Number([u64; 2]),
    /// The value of a global.
    Global(GlobalIdx),
    /// A reference to a function.
    Func(FuncIdx),
    /// Null.
    Null,
}

/// The value of an expression, if it has one instruction that names it.
pub fn constant(validated: &Validated, expr: &ConstExpr) -> Option<Constant> {
    let (module, features) = (&validated.module, &validated.context.features);
    let bytes = module.slice(&expr.range);
    let mut reader = InstrReader::new(bytes, expr.range.start, features);
    let (_, first) = reader.read().ok()?;
    let (_, last) = reader.read().ok()?;
    if !reader.at_end() || last != Instr::End {
        return None;
    }
    match first {
        Instr::I32Const(v) => Some(Constant::Number([v as u32 as u64, 0])),
        Instr::I64Const(v) => Some(Constant::Number([v as u64, 0])),
        Instr::F32Const(bits) => Some(Constant::Number([bits.into(), 0])),
        Instr::F64Const(bits) => Some(Constant::Number([bits, 0])),
        Instr::V128Const(bytes) => {
            let bits = u128::from_le_bytes(bytes);
            Some(Constant::Number([bits as u64, (bits >> 64) as u64]))
        }
        Instr::GlobalGet(global) => Some(Constant::Global(global)),
        Instr::RefFunc(func) => Some(Constant::Func(func)),
        Instr::RefNull(_) => Some(Constant::Null),
        _ => None, // Anything else is run.
    }
}

/// The functions of an element segment that lists indices.
pub fn element_funcs<'m>(
    module: &'m Module,
    range: &Range<u32>,
    count: u32,
) -> impl Iterator<Item = FuncIdx> + 'm {
    read_list(count, module.slice(range)).map(FuncIdx)
}
