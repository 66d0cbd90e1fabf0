//! One arm for each instruction, or for each table of instructions (spec: valid/instructions).
//! Numbers and vectors are driven by their tables in `signature`; the rest stands by class.

mod access;
mod aggregate;
mod constant;
mod control;
mod reference;
mod signature;

use super::error::{Check, InvalidKind};
use super::func::{FrameKind, FuncValidator};
use super::operand::Operand;
use crate::syntax::{FuncIdx, Instr};
use signature::{LANE, NUMERIC, VECTOR};

impl FuncValidator<'_> {
    /// Validates an instruction.
    pub(super) fn step(&mut self, instr: &Instr<'_>) -> Check {
        if self.constant.is_some() {
            self.check_constant(instr)?;
        }
        match *instr {
            Instr::Numeric(op) => self.apply(&NUMERIC[op as usize]),
            Instr::LocalGet(idx) => self.local_get(idx),
            Instr::LocalSet(idx) => self.local_set(idx),
            Instr::LocalTee(idx) => self.local_tee(idx),
            Instr::I32Const(_) => self.produce(Operand::I32),
            Instr::I64Const(_) => self.produce(Operand::I64),
            Instr::F32Const(_) => self.produce(Operand::F32),
            Instr::F64Const(_) => self.produce(Operand::F64),
            Instr::V128Const(_) => self.produce(Operand::V128),
            Instr::Load(op, memarg) => self.load(op, memarg),
            Instr::Store(op, memarg) => self.store(op, memarg),
            Instr::GlobalGet(idx) => self.global_get(idx),
            Instr::GlobalSet(idx) => self.global_set(idx),

            Instr::Unreachable => self.stop(),
            Instr::Nop => Ok(()),
            Instr::Block(ty) => self.open(FrameKind::Block, ty),
            Instr::Loop(ty) => self.open(FrameKind::Loop, ty),
            Instr::If(ty) => self.open(FrameKind::If, ty),
            Instr::Else => self.open_else(),
            Instr::End => self.close(),
            Instr::TryTable(ty, catches) => self.try_table(ty, catches),
            Instr::Throw(tag) => self.throw(tag),
            Instr::ThrowRef => self.throw_ref(),
            Instr::Br(label) => self.br(label),
            Instr::BrIf(label) => self.br_if(label),
            Instr::BrTable(targets) => self.br_table(targets),
            Instr::BrOnNull(label) => self.br_on_null(label),
            Instr::BrOnNonNull(label) => self.br_on_non_null(label),
            Instr::BrOnCast(cast) => self.br_on_cast(cast),
            Instr::BrOnCastFail(cast) => self.br_on_cast_fail(cast),
            Instr::Return => self.return_(),
            Instr::Call(func) => self.call(func),
            Instr::CallIndirect(ty, table) => self.call_indirect(ty, table),
            Instr::CallRef(ty) => self.call_ref(ty),
            Instr::ReturnCall(func) => self.return_call(func),
            Instr::ReturnCallIndirect(ty, table) => self.return_call_indirect(ty, table),
            Instr::ReturnCallRef(ty) => self.return_call_ref(ty),

            Instr::Drop => self.pop_any().map(drop),
            Instr::Select => self.select(),
            Instr::SelectT(ty) => self.select_typed(ty),
            Instr::SelectArity(_) => InvalidKind::ResultArity.err(),

            Instr::TableGet(table) => self.table_get(table),
            Instr::TableSet(table) => self.table_set(table),
            Instr::TableSize(table) => self.table_size(table),
            Instr::TableGrow(table) => self.table_grow(table),
            Instr::TableFill(table) => self.table_fill(table),
            Instr::TableCopy(dst, src) => self.table_copy(dst, src),
            Instr::TableInit(elem, table) => self.table_init(table, elem),
            Instr::ElemDrop(elem) => self.ctx.elem(elem).map(drop),

            Instr::LaneMemory(op, memarg, lane) => self.lane_memory(op, memarg, lane),
            Instr::MemorySize(memory) => self.memory_size(memory),
            Instr::MemoryGrow(memory) => self.memory_grow(memory),
            Instr::MemoryFill(memory) => self.memory_fill(memory),
            Instr::MemoryCopy(dst, src) => self.memory_copy(dst, src),
            Instr::MemoryInit(data, memory) => self.memory_init(memory, data),
            Instr::DataDrop(data) => self.ctx.data(data),
            Instr::Atomic(op, memarg) => self.atomic(op, memarg),
            Instr::AtomicNotify(memarg) => self.atomic_notify(memarg),
            Instr::AtomicWait32(memarg) => self.atomic_wait(memarg, 4, Operand::I32),
            Instr::AtomicWait64(memarg) => self.atomic_wait(memarg, 8, Operand::I64),
            Instr::AtomicFence => Ok(()),

            Instr::RefNull(heap) => self.ref_null(heap),
            Instr::RefIsNull => self.ref_is_null(),
            Instr::RefAsNonNull => self.ref_as_non_null(),
            Instr::RefEq => self.ref_eq(),
            Instr::RefFunc(func) => self.ref_func(func),
            Instr::RefTest(ty) => self.ref_test(ty),
            Instr::RefCast(ty) => self.ref_cast(ty),
            Instr::RefI31 => self.ref_i31(),
            Instr::I31GetS | Instr::I31GetU => self.i31_get(),
            Instr::AnyConvertExtern => self.any_convert_extern(),
            Instr::ExternConvertAny => self.extern_convert_any(),

            Instr::StructNew(ty) => self.struct_new(ty),
            Instr::StructNewDefault(ty) => self.struct_new_default(ty),
            Instr::StructGet(ty, field) => self.struct_get(ty, field, false),
            Instr::StructGetS(ty, field) | Instr::StructGetU(ty, field) => {
                self.struct_get(ty, field, true)
            }
            Instr::StructSet(ty, field) => self.struct_set(ty, field),
            Instr::ArrayNew(ty) => self.array_new(ty),
            Instr::ArrayNewDefault(ty) => self.array_new_default(ty),
            Instr::ArrayNewFixed(ty, count) => self.array_new_fixed(ty, count),
            Instr::ArrayNewData(ty, data) => self.array_new_data(ty, data),
            Instr::ArrayNewElem(ty, elem) => self.array_new_elem(ty, elem),
            Instr::ArrayGet(ty) => self.array_get(ty, false),
            Instr::ArrayGetS(ty) | Instr::ArrayGetU(ty) => self.array_get(ty, true),
            Instr::ArraySet(ty) => self.array_set(ty),
            Instr::ArrayLen => self.array_len(),
            Instr::ArrayFill(ty) => self.array_fill(ty),
            Instr::ArrayCopy(dst, src) => self.array_copy(dst, src),
            Instr::ArrayInitData(ty, data) => self.array_init_data(ty, data),
            Instr::ArrayInitElem(ty, elem) => self.array_init_elem(ty, elem),

            Instr::Vector(op) => self.apply(&VECTOR[op as usize]),
            Instr::Shuffle(lanes) => self.shuffle(&lanes),
            Instr::Lane(op, lane) => {
                signature::check_lane(lane, op.lanes())?;
                self.apply(&LANE[op as usize])
            }
        }
    }

    #[inline(always)]
    fn produce(&mut self, ty: Operand) -> Check {
        self.push(ty);
        Ok(())
    }

    /// `unreachable`.
    fn stop(&mut self) -> Check {
        self.set_unreachable();
        Ok(())
    }

    /// Remembers that a constant expression names the function.
    fn note_declared(&mut self, func: FuncIdx) {
        self.declared.push(func);
    }
}
