//! Which rules type an instruction (spec: valid/instructions): its own, and those that are its
//! premises and belong to one immediate alone. Pure, and the same for an instruction that is
//! refused.

use super::class;
use super::names::Rule;
use crate::syntax::{BlockType, Catches, Instr, NumericOp};
use crate::valid::FrameKind;
use alloc::vec::Vec;

/// Where an instruction stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The innermost open construct.
    pub inside: FrameKind,
    /// Whether the sequence is a constant expression.
    pub constant: bool,
}

/// Puts the rules that type an instruction into `rules`, whose old contents go: those of its
/// immediates first, and its own last. `end` and `else` are typed by the construct that they end.
pub fn typing_rules(instr: &Instr<'_>, place: Place, rules: &mut Vec<Rule>) {
    rules.clear();
    match *instr {
        Instr::Block(ty) | Instr::Loop(ty) | Instr::If(ty) => rules.push(block_type(ty)),
        Instr::TryTable(ty, catches) => {
            rules.push(block_type(ty));
            clauses(catches, rules);
        }
        Instr::Load(..) | Instr::Store(..) | Instr::LaneMemory(..) => rules.push(Rule::MemargOk),
        Instr::End if place.inside == FrameKind::Func => {
            rules.push(Rule::ExprOk);
            if place.constant {
                rules.extend([Rule::ExprConst, Rule::ExprOkConst]);
            }
            return;
        }
        _ => {} // Nothing else has premises that are rules of instructions.
    }
    if place.constant
        && let Some(rule) = constant(instr)
    {
        rules.push(rule);
    }
    rules.push(of_instr(instr, place.inside));
}

fn block_type(ty: BlockType) -> Rule {
    match ty {
        BlockType::Empty | BlockType::Val(_) => Rule::BlocktypeOkValtype,
        BlockType::Type(_) => Rule::BlocktypeOkTypeidx,
    }
}

fn clauses(catches: Catches<'_>, rules: &mut Vec<Rule>) {
    let rule = |catch: crate::syntax::Catch| match (catch.tag.is_some(), catch.by_ref) {
        (true, false) => Rule::CatchOkCatch,
        (true, true) => Rule::CatchOkCatchRef,
        (false, false) => Rule::CatchOkCatchAll,
        (false, true) => Rule::CatchOkCatchAllRef,
    };
    rules.extend(catches.iter().map(rule));
}

/// The rule by which an instruction may stand in a constant expression, if there is one.
fn constant(instr: &Instr<'_>) -> Option<Rule> {
    Some(match instr {
        Instr::I32Const(_) | Instr::I64Const(_) | Instr::F32Const(_) | Instr::F64Const(_) => {
            Rule::InstrConstConst
        }
        Instr::V128Const(_) => Rule::InstrConstVconst,
        Instr::RefNull(_) => Rule::InstrConstRefNull,
        Instr::RefI31 => Rule::InstrConstRefI31,
        Instr::RefFunc(_) => Rule::InstrConstRefFunc,
        Instr::StructNew(_) => Rule::InstrConstStructNew,
        Instr::StructNewDefault(_) => Rule::InstrConstStructNewDefault,
        Instr::ArrayNew(_) => Rule::InstrConstArrayNew,
        Instr::ArrayNewDefault(_) => Rule::InstrConstArrayNewDefault,
        Instr::ArrayNewFixed(..) => Rule::InstrConstArrayNewFixed,
        Instr::AnyConvertExtern => Rule::InstrConstAnyConvertExtern,
        Instr::ExternConvertAny => Rule::InstrConstExternConvertAny,
        Instr::GlobalGet(_) => Rule::InstrConstGlobalGet,
        Instr::Numeric(
            NumericOp::I32Add
            | NumericOp::I32Sub
            | NumericOp::I32Mul
            | NumericOp::I64Add
            | NumericOp::I64Sub
            | NumericOp::I64Mul,
        ) => Rule::InstrConstBinop,
        _ => return None, // Everything else is refused there.
    })
}

/// The rule of a construct.
fn of_construct(kind: FrameKind) -> Rule {
    match kind {
        FrameKind::Func => Rule::ExprOk,
        FrameKind::Block => Rule::InstrOkBlock,
        FrameKind::Loop => Rule::InstrOkLoop,
        FrameKind::If | FrameKind::Else => Rule::InstrOkIf,
        FrameKind::TryTable => Rule::InstrOkTryTable,
    }
}

/// The rule of an instruction: one arm for each, or for each table of instructions.
fn of_instr(instr: &Instr<'_>, inside: FrameKind) -> Rule {
    use Rule::*;
    match *instr {
        Instr::Unreachable => InstrOkUnreachable,
        Instr::Nop => InstrOkNop,
        Instr::Br(_) => InstrOkBr,
        Instr::BrIf(_) => InstrOkBrIf,
        Instr::BrTable(_) => InstrOkBrTable,
        Instr::BrOnNull(_) => InstrOkBrOnNull,
        Instr::BrOnNonNull(_) => InstrOkBrOnNonNull,
        Instr::BrOnCast(_) => InstrOkBrOnCast,
        Instr::BrOnCastFail(_) => InstrOkBrOnCastFail,
        Instr::Return => InstrOkReturn,
        Instr::Call(_) => InstrOkCall,
        Instr::CallRef(_) => InstrOkCallRef,
        Instr::CallIndirect(..) => InstrOkCallIndirect,
        Instr::ReturnCall(_) => InstrOkReturnCall,
        Instr::ReturnCallRef(_) => InstrOkReturnCallRef,
        Instr::ReturnCallIndirect(..) => InstrOkReturnCallIndirect,
        Instr::Throw(_) => InstrOkThrow,
        Instr::ThrowRef => InstrOkThrowRef,
        Instr::TryTable(..) => InstrOkTryTable,
        Instr::Block(_) => InstrOkBlock,
        Instr::Loop(_) => InstrOkLoop,
        Instr::If(_) => InstrOkIf,
        Instr::Drop => InstrOkDrop,
        Instr::LocalGet(_) => InstrOkLocalGet,
        Instr::LocalSet(_) => InstrOkLocalSet,
        Instr::LocalTee(_) => InstrOkLocalTee,
        Instr::GlobalGet(_) => InstrOkGlobalGet,
        Instr::GlobalSet(_) => InstrOkGlobalSet,
        Instr::TableGet(_) => InstrOkTableGet,
        Instr::TableSet(_) => InstrOkTableSet,
        Instr::TableSize(_) => InstrOkTableSize,
        Instr::TableGrow(_) => InstrOkTableGrow,
        Instr::TableFill(_) => InstrOkTableFill,
        Instr::TableCopy(..) => InstrOkTableCopy,
        Instr::TableInit(..) => InstrOkTableInit,
        Instr::ElemDrop(_) => InstrOkElemDrop,
        Instr::MemorySize(_) => InstrOkMemorySize,
        Instr::MemoryGrow(_) => InstrOkMemoryGrow,
        Instr::MemoryFill(_) => InstrOkMemoryFill,
        Instr::MemoryCopy(..) => InstrOkMemoryCopy,
        Instr::MemoryInit(..) => InstrOkMemoryInit,
        Instr::DataDrop(_) => InstrOkDataDrop,
        Instr::RefNull(_) => InstrOkRefNull,
        Instr::RefFunc(_) => InstrOkRefFunc,
        Instr::RefI31 => InstrOkRefI31,
        Instr::RefIsNull => InstrOkRefIsNull,
        Instr::RefAsNonNull => InstrOkRefAsNonNull,
        Instr::RefEq => InstrOkRefEq,
        Instr::RefTest(_) => InstrOkRefTest,
        Instr::RefCast(_) => InstrOkRefCast,
        Instr::StructNew(_) => InstrOkStructNew,
        Instr::StructNewDefault(_) => InstrOkStructNewDefault,
        Instr::StructSet(..) => InstrOkStructSet,
        Instr::ArrayNew(_) => InstrOkArrayNew,
        Instr::ArrayNewDefault(_) => InstrOkArrayNewDefault,
        Instr::ArrayNewFixed(..) => InstrOkArrayNewFixed,
        Instr::ArrayNewData(..) => InstrOkArrayNewData,
        Instr::ArrayNewElem(..) => InstrOkArrayNewElem,
        Instr::ArraySet(_) => InstrOkArraySet,
        Instr::ArrayLen => InstrOkArrayLen,
        Instr::ArrayFill(_) => InstrOkArrayFill,
        Instr::ArrayCopy(..) => InstrOkArrayCopy,
        Instr::ArrayInitData(..) => InstrOkArrayInitData,
        Instr::ArrayInitElem(..) => InstrOkArrayInitElem,
        Instr::AnyConvertExtern => InstrOkAnyConvertExtern,
        Instr::ExternConvertAny => InstrOkExternConvertAny,
        Instr::Else | Instr::End => of_construct(inside),
        Instr::Select => InstrOkSelectImpl,
        Instr::SelectT(_) | Instr::SelectArity(_) => InstrOkSelectExpl,
        Instr::I31GetS | Instr::I31GetU => InstrOkI31Get,
        Instr::StructGet(..) | Instr::StructGetS(..) | Instr::StructGetU(..) => InstrOkStructGet,
        Instr::ArrayGet(_) | Instr::ArrayGetS(_) | Instr::ArrayGetU(_) => InstrOkArrayGet,
        Instr::I32Const(_) | Instr::I64Const(_) => InstrOkConst,
        Instr::F32Const(_) | Instr::F64Const(_) => InstrOkConst,
        Instr::V128Const(_) => InstrOkVconst,
        Instr::Load(op, _) => class::load(op).typing,
        Instr::Store(op, _) => class::store(op).typing,
        Instr::LaneMemory(op, ..) => class::lane_memory(op).typing,
        Instr::Numeric(op) => class::numeric(op).typing(),
        Instr::Vector(op) => class::vector(op).typing(),
        Instr::Lane(op, _) => class::lane(op).typing(),
        Instr::Shuffle(_) => InstrOkVshuffle,
        Instr::Atomic(..) | Instr::AtomicNotify(_) | Instr::AtomicFence => ThreadsTyping,
        Instr::AtomicWait32(_) | Instr::AtomicWait64(_) => ThreadsTyping,
    }
}
