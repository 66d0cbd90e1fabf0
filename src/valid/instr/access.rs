//! Variables, tables and memories (spec: valid/instructions, variable, table and memory
//! instructions).

use super::signature::check_lane;
use crate::syntax::{
    AddrType, AtomicOp, AtomicShape, DataIdx, ElemIdx, GlobalIdx, LaneMemoryOp, LoadOp, LocalIdx,
    MemArg, MemIdx, RefType, StoreOp, TableIdx, ValType,
};
use crate::valid::error::{Check, InvalidKind, Mismatch};
use crate::valid::func::FuncValidator;
use crate::valid::operand::Operand;

/// Variables.
impl FuncValidator<'_> {
    #[inline(always)]
    pub(super) fn local_get(&mut self, idx: LocalIdx) -> Check {
        let ty = self.locals.ty(idx)?;
        self.locals.check_set(idx, ty)?;
        self.push(ty);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn local_set(&mut self, idx: LocalIdx) -> Check {
        let ty = self.locals.ty(idx)?;
        self.pop(ty)?;
        self.locals.mark(idx);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn local_tee(&mut self, idx: LocalIdx) -> Check {
        let ty = self.locals.ty(idx)?;
        self.pop(ty)?;
        self.locals.mark(idx);
        self.push(ty);
        Ok(())
    }

    pub(super) fn global_get(&mut self, idx: GlobalIdx) -> Check {
        let val = self.ctx.global(idx)?.val;
        self.push_val(val);
        Ok(())
    }

    pub(super) fn global_set(&mut self, idx: GlobalIdx) -> Check {
        let global = self.ctx.global(idx)?;
        if !global.mutable {
            return InvalidKind::Immutable("global").err();
        }
        self.pop_val(global.val)
    }
}

/// Tables.
impl FuncValidator<'_> {
    pub(super) fn table_get(&mut self, table: TableIdx) -> Check {
        let table = self.ctx.table(table)?;
        self.pop_addr(table.addr)?;
        self.push(Operand::of_ref(table.elem));
        Ok(())
    }

    pub(super) fn table_set(&mut self, table: TableIdx) -> Check {
        let table = self.ctx.table(table)?;
        self.pop(Operand::of_ref(table.elem))?;
        self.pop_addr(table.addr)
    }

    pub(super) fn table_size(&mut self, table: TableIdx) -> Check {
        let addr = self.ctx.table(table)?.addr;
        self.push_addr(addr);
        Ok(())
    }

    pub(super) fn table_grow(&mut self, table: TableIdx) -> Check {
        let table = self.ctx.table(table)?;
        self.pop_addr(table.addr)?;
        self.pop(Operand::of_ref(table.elem))?;
        self.push_addr(table.addr);
        Ok(())
    }

    pub(super) fn table_fill(&mut self, table: TableIdx) -> Check {
        let table = self.ctx.table(table)?;
        self.pop_addr(table.addr)?;
        self.pop(Operand::of_ref(table.elem))?;
        self.pop_addr(table.addr)
    }

    pub(super) fn table_copy(&mut self, dst: TableIdx, src: TableIdx) -> Check {
        let (dst, src) = (self.ctx.table(dst)?, self.ctx.table(src)?);
        self.elements_fit(src.elem, dst.elem)?;
        self.pop_addr(dst.addr.min(src.addr))?;
        self.pop_addr(src.addr)?;
        self.pop_addr(dst.addr)
    }

    pub(super) fn table_init(&mut self, table: TableIdx, elem: ElemIdx) -> Check {
        let table = self.ctx.table(table)?;
        self.elements_fit(self.ctx.elem(elem)?, table.elem)?;
        self.pop(Operand::I32)?;
        self.pop(Operand::I32)?;
        self.pop_addr(table.addr)
    }

    pub(super) fn elements_fit(&self, found: RefType, expected: RefType) -> Check {
        if self.ctx.space.ref_matches(found, expected) {
            return Ok(());
        }
        let (expected, found) = (ValType::Ref(expected), ValType::Ref(found));
        Mismatch::Type { expected, found }.err()
    }
}

/// Memories.
impl FuncValidator<'_> {
    #[inline(always)]
    pub(super) fn load(&mut self, op: LoadOp, memarg: MemArg) -> Check {
        let addr = self.memarg(memarg, op.bytes())?;
        self.pop_addr(addr)?;
        self.push(Operand::new(op.ty()));
        Ok(())
    }

    #[inline(always)]
    pub(super) fn store(&mut self, op: StoreOp, memarg: MemArg) -> Check {
        let addr = self.memarg(memarg, op.bytes())?;
        self.pop(Operand::new(op.ty()))?;
        self.pop_addr(addr)
    }

    pub(super) fn lane_memory(&mut self, op: LaneMemoryOp, memarg: MemArg, lane: u8) -> Check {
        let addr = self.memarg(memarg, op.bytes())?;
        check_lane(lane, op.lanes())?;
        self.pop(Operand::V128)?;
        self.pop_addr(addr)?;
        if !op.is_store() {
            self.push(Operand::V128);
        }
        Ok(())
    }

    /// Checks memory, alignment and offset; yields the type of the address.
    #[inline(always)]
    fn memarg(&self, memarg: MemArg, bytes: u32) -> Check<AddrType> {
        let addr = self.ctx.memory(memarg.memory)?.addr;
        if memarg.align > bytes.trailing_zeros() {
            return InvalidKind::Alignment.err();
        }
        if addr == AddrType::I32 && memarg.offset > u64::from(u32::MAX) {
            return InvalidKind::OffsetOutOfRange.err();
        }
        Ok(addr)
    }

    fn atomic_memarg(&self, memarg: MemArg, bytes: u32) -> Check<AddrType> {
        let addr = self.memarg(memarg, bytes)?;
        match memarg.align == bytes.trailing_zeros() {
            true => Ok(addr),
            false => InvalidKind::AtomicAlignment.err(),
        }
    }

    pub(super) fn atomic(&mut self, op: AtomicOp, memarg: MemArg) -> Check {
        let addr = self.atomic_memarg(memarg, op.bytes())?;
        let ty = Operand::new(op.ty());
        let (operands, result) = match op.shape() {
            AtomicShape::Load => (0, true),
            AtomicShape::Store => (1, false),
            AtomicShape::Rmw => (1, true),
            AtomicShape::Cmpxchg => (2, true),
        };
        for _ in 0..operands {
            self.pop(ty)?;
        }
        self.pop_addr(addr)?;
        if result {
            self.push(ty);
        }
        Ok(())
    }

    pub(super) fn atomic_notify(&mut self, memarg: MemArg) -> Check {
        let addr = self.atomic_memarg(memarg, 4)?;
        self.pop(Operand::I32)?;
        self.pop_addr(addr)?;
        self.push(Operand::I32);
        Ok(())
    }

    /// Takes the address, the expected value and the timeout.
    pub(super) fn atomic_wait(&mut self, memarg: MemArg, bytes: u32, ty: Operand) -> Check {
        let addr = self.atomic_memarg(memarg, bytes)?;
        self.pop(Operand::I64)?;
        self.pop(ty)?;
        self.pop_addr(addr)?;
        self.push(Operand::I32);
        Ok(())
    }

    pub(super) fn memory_size(&mut self, memory: MemIdx) -> Check {
        let addr = self.ctx.memory(memory)?.addr;
        self.push_addr(addr);
        Ok(())
    }

    pub(super) fn memory_grow(&mut self, memory: MemIdx) -> Check {
        let addr = self.ctx.memory(memory)?.addr;
        self.pop_addr(addr)?;
        self.push_addr(addr);
        Ok(())
    }

    pub(super) fn memory_fill(&mut self, memory: MemIdx) -> Check {
        let addr = self.ctx.memory(memory)?.addr;
        self.pop_addr(addr)?;
        self.pop(Operand::I32)?;
        self.pop_addr(addr)
    }

    pub(super) fn memory_copy(&mut self, dst: MemIdx, src: MemIdx) -> Check {
        let (dst, src) = (self.ctx.memory(dst)?.addr, self.ctx.memory(src)?.addr);
        self.pop_addr(dst.min(src))?;
        self.pop_addr(src)?;
        self.pop_addr(dst)
    }

    pub(super) fn memory_init(&mut self, memory: MemIdx, data: DataIdx) -> Check {
        let addr = self.ctx.memory(memory)?.addr;
        self.ctx.data(data)?;
        self.pop(Operand::I32)?;
        self.pop(Operand::I32)?;
        self.pop_addr(addr)
    }
}
