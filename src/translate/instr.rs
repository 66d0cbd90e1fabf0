//! Every instruction but control: which operation it becomes, from which cells to which.

use super::call::Target;
use super::emit::{Raw, op, op_imm};
use super::func::{Translator, class_of};
use super::fuse::Free;
use super::stack::{Class, Place};
use crate::code::op::encode_ref;
use crate::code::{Kind, LoadForm, StoreForm};
use crate::syntax::{
    AtomicOp, AtomicShape, GlobalIdx, Instr, LaneMemoryOp, LaneOp, LoadOp, LocalIdx, MemArg,
    RefType, StorageType, StoreOp, TableIdx, TagIdx, TypeIdx, ValType, VectorOp,
};

impl<'m> Translator<'m> {
    /// Translates one instruction. Nothing is emitted for code that nothing reaches.
    pub(super) fn translate(&mut self, instr: &Instr<'m>) {
        if let Some(opened) = self.dead {
            match instr {
                Instr::Block(_) | Instr::Loop(_) | Instr::If(_) | Instr::TryTable(..) => {
                    self.dead = Some(opened + 1);
                }
                Instr::End if opened > 0 => self.dead = Some(opened - 1),
                Instr::End => self.end(),
                Instr::Else if opened == 0 => self.else_(),
                _ => {} // Whatever it is, it is not reached.
            }
            return;
        }
        self.reached(instr);
    }

    /// One arm for each instruction, or for each table of instructions.
    fn reached(&mut self, instr: &Instr<'m>) {
        use Class::{Num, Ref};
        match *instr {
            Instr::Unreachable => self.stop(op(Kind::Unreachable, 0, 0, 0, 0)),
            Instr::Nop => {}
            Instr::Block(ty) => self.block(ty),
            Instr::Loop(ty) => self.loop_(ty),
            Instr::If(ty) => self.if_(ty),
            Instr::Else => self.else_(),
            Instr::End => self.end(),
            Instr::TryTable(ty, catches) => self.try_table(ty, catches),
            Instr::Throw(tag) => self.throw(tag),
            Instr::ThrowRef => self.throw_ref(),
            Instr::Br(label) => self.br(label),
            Instr::BrIf(label) => self.br_if(label),
            Instr::BrTable(targets) => self.br_table(targets),
            Instr::BrOnNull(label) => self.br_on_null(label),
            Instr::BrOnNonNull(label) => self.br_on_non_null(label),
            Instr::BrOnCast(cast) => self.br_on_cast(cast, true),
            Instr::BrOnCastFail(cast) => self.br_on_cast(cast, false),
            Instr::Return => self.return_and_die(),
            Instr::Call(func) => self.call(Target::Func(func), None),
            Instr::CallIndirect(ty, table) => {
                let index = self.pop_cell();
                self.call(Target::Element(index, ty, table), None);
            }
            Instr::CallRef(ty) => {
                let callee = self.pop_cell();
                self.call(Target::Reference(callee), Some(ty));
            }
            Instr::ReturnCall(func) => self.return_call(Target::Func(func), None),
            Instr::ReturnCallIndirect(ty, table) => {
                let index = self.pop_cell();
                self.return_call(Target::Element(index, ty, table), None);
            }
            Instr::ReturnCallRef(ty) => {
                let callee = self.pop_cell();
                self.return_call(Target::Reference(callee), Some(ty));
            }

            Instr::Drop => drop(self.stack.pop()),
            Instr::Select | Instr::SelectT(_) => self.select(),
            Instr::SelectArity(_) => unreachable!("validated: select has one type"),
            Instr::LocalGet(local) => self.local_get(local),
            Instr::LocalSet(local) => self.local_set(local),
            Instr::LocalTee(local) => self.local_tee(local),
            Instr::GlobalGet(global) => self.global_get(global),
            Instr::GlobalSet(global) => self.global_set(global),

            Instr::TableGet(table) => self.one_imm(Kind::TableGet, Ref, table.0),
            Instr::TableSet(table) => self.table_set(table),
            Instr::TableSize(table) => self.define_imm(Kind::TableSize, Num, 0, table.0),
            Instr::TableGrow(table) => self.two(Kind::TableGrow, Num, &[u64::from(table.0)]),
            Instr::TableFill(table) => self.three(Kind::TableFill, &[u64::from(table.0)]),
            Instr::TableCopy(to, from) => self.three(Kind::TableCopy, &[pair(to.0, from.0)]),
            Instr::TableInit(from, to) => self.three(Kind::TableInit, &[pair(to.0, from.0)]),
            Instr::ElemDrop(elem) => self.effect(op_imm(Kind::ElemDrop, 0, 0, elem.0)),

            Instr::Load(load, arg) => self.load(load, arg),
            Instr::Store(store, arg) => self.store(store, arg),
            Instr::LaneMemory(lane, arg, index) => self.lane_memory(lane, arg, index),
            Instr::MemorySize(memory) => self.define_imm(Kind::MemorySize, Num, 0, memory.0),
            Instr::MemoryGrow(memory) => self.one_imm(Kind::MemoryGrow, Num, memory.0),
            Instr::MemoryFill(memory) => self.three(Kind::MemoryFill, &[u64::from(memory.0)]),
            Instr::MemoryCopy(to, from) => self.three(Kind::MemoryCopy, &[pair(to.0, from.0)]),
            Instr::MemoryInit(from, to) => self.three(Kind::MemoryInit, &[pair(to.0, from.0)]),
            Instr::DataDrop(data) => self.effect(op_imm(Kind::DataDrop, 0, 0, data.0)),
            Instr::Atomic(atomic, arg) => self.atomic(atomic, arg),
            Instr::AtomicNotify(arg) => self.atomic_op(Kind::AtomicNotify, 1, true, arg),
            Instr::AtomicWait32(arg) => self.atomic_op(Kind::AtomicWait32, 2, true, arg),
            Instr::AtomicWait64(arg) => self.atomic_op(Kind::AtomicWait64, 2, true, arg),
            Instr::AtomicFence => self.effect(op(Kind::AtomicFence, 0, 0, 0, 0)),

            Instr::RefNull(_) => self.push_lazy(Ref, Place::Const(0)),
            Instr::RefIsNull => self.one(Kind::RefIsNull, Num, &[]),
            Instr::RefAsNonNull => self.one(Kind::RefAsNonNull, Ref, &[]),
            Instr::RefEq => self.two(Kind::RefEq, Num, &[]),
            Instr::RefFunc(func) => self.define_imm(Kind::RefFunc, Ref, 0, func.0),
            Instr::RefTest(ty) => self.one(Kind::RefTest, Num, &[self.ref_word(ty)]),
            Instr::RefCast(ty) => self.one(Kind::RefCast, Ref, &[self.ref_word(ty)]),
            Instr::RefI31 => self.one(Kind::RefI31, Ref, &[]),
            Instr::I31GetS => self.one(Kind::I31GetS, Num, &[]),
            Instr::I31GetU => self.one(Kind::I31GetU, Num, &[]),
            // The two hierarchies share their handles.
            Instr::AnyConvertExtern | Instr::ExternConvertAny => self.stack.take(1),

            Instr::StructNew(ty) => self.struct_new(ty),
            Instr::StructNewDefault(ty) => {
                self.define(Kind::StructNewDefault, Ref, [0; 3], &[self.type_word(ty)]);
            }
            Instr::StructGet(ty, field) => self.struct_get(ty, field.0, false),
            Instr::StructGetS(ty, field) => self.struct_get(ty, field.0, true),
            Instr::StructGetU(ty, field) => self.struct_get(ty, field.0, false),
            Instr::StructSet(ty, field) => self.struct_set(ty, field.0),
            Instr::ArrayNew(ty) => self.two(Kind::ArrayNew, Ref, &[self.type_word(ty)]),
            Instr::ArrayNewDefault(ty) => {
                let len = self.pop_cell();
                self.define(
                    Kind::ArrayNewDefault,
                    Ref,
                    [0, len, 0],
                    &[self.type_word(ty)],
                );
            }
            Instr::ArrayNewFixed(ty, count) => self.array_new_fixed(ty, count),
            Instr::ArrayNewData(ty, data) => self.array_segment(Kind::ArrayNewData, ty, data.0),
            Instr::ArrayNewElem(ty, elem) => self.array_segment(Kind::ArrayNewElem, ty, elem.0),
            Instr::ArrayGet(ty) | Instr::ArrayGetU(ty) => self.array_get(ty, 0),
            Instr::ArrayGetS(ty) => self.array_get(ty, 1),
            Instr::ArraySet(_) => self.three(Kind::ArraySet, &[]),
            Instr::ArrayLen => self.one(Kind::ArrayLen, Num, &[]),
            Instr::ArrayFill(_) => self.four(Kind::ArrayFill, &[]),
            Instr::ArrayCopy(..) => {
                let count = self.pop_cell();
                self.four(Kind::ArrayCopy, &[u64::from(count)]);
            }
            Instr::ArrayInitData(_, data) => self.four(Kind::ArrayInitData, &[data.0.into()]),
            Instr::ArrayInitElem(_, elem) => self.four(Kind::ArrayInitElem, &[elem.0.into()]),

            Instr::I32Const(value) => self.push_lazy(Num, Place::Const(u64::from(value as u32))),
            Instr::I64Const(value) => self.push_lazy(Num, Place::Const(value as u64)),
            Instr::F32Const(bits) => self.push_lazy(Num, Place::Const(u64::from(bits))),
            Instr::F64Const(bits) => self.push_lazy(Num, Place::Const(bits)),
            Instr::V128Const(bytes) => {
                self.define(Kind::Const128, Class::Vec, [0; 3], &halves(bytes));
            }
            Instr::Numeric(num) => self.numeric(num),
            Instr::Vector(vector) => self.vector(vector),
            Instr::Shuffle(lanes) => self.two(Kind::Shuffle, Class::Vec, &halves(lanes)),
            Instr::Lane(lane, index) => self.lane(lane, index),
        }
    }

    /// An operation that neither takes operands nor leaves results.
    pub(super) fn effect(&mut self, raw: Raw) {
        let free = self.free();
        self.emit.clobber(raw, free);
    }

    /// An operation after which control does not go on.
    pub(super) fn stop(&mut self, raw: Raw) {
        self.effect(raw);
        self.die();
    }

    fn throw(&mut self, tag: TagIdx) {
        let ty = self.ctx.tags[tag.index()];
        let params = self.ctx.space.func(ty).map_or(0, |ty| ty.params.len());
        self.materialise_top(params);
        let (num, reference) = self.stack.slots_at(self.stack.below(params));
        for _ in 0..params {
            self.stack.pop();
        }
        self.stop(op_imm(Kind::Throw, num, reference, tag.0));
    }

    fn throw_ref(&mut self) {
        let cell = self.pop_cell();
        self.stop(op(Kind::ThrowRef, cell, 0, 0, 0));
    }

    fn return_and_die(&mut self) {
        self.return_();
        self.die();
    }

    fn local_get(&mut self, local: LocalIdx) {
        let class = self.classes[local.index()];
        self.push_lazy(class, Place::Local(local));
    }

    fn global_get(&mut self, global: GlobalIdx) {
        let class = class_of(self.ctx.globals[global.index()].val);
        let kind = match class {
            Class::Vec => Kind::GlobalGet2,
            Class::Num | Class::Ref => Kind::GlobalGet,
        };
        self.define_imm(kind, class, 0, global.0);
    }

    fn global_set(&mut self, global: GlobalIdx) {
        let kind = match class_of(self.ctx.globals[global.index()].val) {
            Class::Vec => Kind::GlobalSet2,
            Class::Num | Class::Ref => Kind::GlobalSet,
        };
        let cell = self.pop_cell();
        let free = self.free();
        self.emit.keep(op_imm(kind, cell, 0, global.0), free);
    }

    fn table_set(&mut self, table: TableIdx) {
        let (value, index) = (self.pop_cell(), self.pop_cell());
        self.effect(op_imm(Kind::TableSet, index, value, table.0));
    }

    fn ref_word(&self, ty: RefType) -> u64 {
        encode_ref(self.ctx.canon_ref(ty))
    }

    fn type_word(&self, ty: TypeIdx) -> u64 {
        u64::from(self.ctx.type_id(ty).0)
    }

    fn struct_new(&mut self, ty: TypeIdx) {
        let id = self.ctx.type_id(ty);
        let count = self.ctx.space.fields(id).map_or(0, <[_]>::len);
        self.materialise_top(count);
        let below = self.stack.below(count);
        let (num, reference) = self.stack.slots_at(below);
        self.stack.truncate(below);
        let words = [self.type_word(ty)];
        self.define(Kind::StructNew, Class::Ref, [num, reference, 0], &words);
    }

    fn struct_set(&mut self, ty: TypeIdx, field: u32) {
        let kind = match self.field(ty, field) {
            StorageType::I8 => Kind::StructSet8,
            StorageType::I16 => Kind::StructSet16,
            StorageType::Val(ValType::V128) => Kind::StructSet2,
            StorageType::Val(_) => Kind::StructSet,
        };
        let (value, object) = (self.pop_cell(), self.pop_cell());
        self.effect(op_imm(kind, object, value, field));
    }

    fn array_new_fixed(&mut self, ty: TypeIdx, count: u32) {
        self.materialise_top(count as usize);
        let below = self.stack.below(count as usize);
        let (num, reference) = self.stack.slots_at(below);
        let is_ref = class_of(self.element(ty).unpacked()) == Class::Ref;
        self.stack.truncate(below);
        let first = if is_ref { reference } else { num };
        let free = self.free();
        let slot = self.push_slot(Class::Ref);
        let raw = op_imm(Kind::ArrayNewFixed, slot, first, count);
        self.emit.produce(raw, &[self.type_word(ty)], free);
    }

    fn field(&self, ty: TypeIdx, field: u32) -> StorageType {
        let fields = self.ctx.space.fields(self.ctx.type_id(ty));
        match fields.and_then(|fields| fields.get(field as usize)) {
            Some(field) => field.storage,
            None => unreachable!("validated: the field is there"),
        }
    }

    fn element(&self, ty: TypeIdx) -> StorageType {
        match self.ctx.space.element(self.ctx.type_id(ty)) {
            Some(field) => field.storage,
            None => unreachable!("validated: an array type"),
        }
    }

    fn struct_get(&mut self, ty: TypeIdx, field: u32, signed: bool) {
        let storage = self.field(ty, field);
        let kind = match storage {
            StorageType::I8 if signed => Kind::StructGetS8,
            StorageType::I16 if signed => Kind::StructGetS16,
            StorageType::Val(ValType::V128) => Kind::StructGet2,
            StorageType::I8 | StorageType::I16 | StorageType::Val(_) => Kind::StructGet,
        };
        let object = self.pop_cell();
        self.define_imm(kind, class_of(storage.unpacked()), object, field);
    }

    fn array_get(&mut self, ty: TypeIdx, signed: u32) {
        let class = class_of(self.element(ty).unpacked());
        let (index, array) = (self.pop_cell(), self.pop_cell());
        self.define(Kind::ArrayGet, class, [array, index, signed], &[]);
    }

    fn array_segment(&mut self, kind: Kind, ty: TypeIdx, segment: u32) {
        let (len, from) = (self.pop_cell(), self.pop_cell());
        let words = [self.type_word(ty) | u64::from(segment) << 32];
        self.define(kind, Class::Ref, [from, len, 0], &words);
    }

    /// An operation `a <- b, c, d` whose result goes to a slot.
    pub(super) fn define(&mut self, kind: Kind, class: Class, [b, c, d]: [u32; 3], words: &[u64]) {
        let free = self.free();
        let slot = self.push_slot(class);
        self.produce(class, op(kind, slot, b, c, d), words, free);
    }

    /// An operation `a <- b, imm` whose result goes to a slot.
    fn define_imm(&mut self, kind: Kind, class: Class, b: u32, imm: u32) {
        let free = self.free();
        let slot = self.push_slot(class);
        self.produce(class, op_imm(kind, slot, b, imm), &[], free);
    }

    fn produce(&mut self, class: Class, raw: Raw, words: &[u64], free: Free) {
        if class == Class::Num {
            self.emit.produce_acc(raw, words, free);
        } else {
            self.emit.produce(raw, words, free);
        }
    }

    /// An operation on one operand.
    fn one(&mut self, kind: Kind, class: Class, words: &[u64]) {
        let b = self.pop_cell();
        self.define(kind, class, [b, 0, 0], words);
    }

    /// An operation on one operand and a number.
    fn one_imm(&mut self, kind: Kind, class: Class, imm: u32) {
        let b = self.pop_cell();
        self.define_imm(kind, class, b, imm);
    }

    /// An operation on two operands.
    fn two(&mut self, kind: Kind, class: Class, words: &[u64]) {
        let (c, b) = (self.pop_cell(), self.pop_cell());
        self.define(kind, class, [b, c, 0], words);
    }

    /// An operation on three operands without a result.
    fn three(&mut self, kind: Kind, words: &[u64]) {
        let (c, b, a) = (self.pop_cell(), self.pop_cell(), self.pop_cell());
        self.effect(op(kind, a, b, c, 0));
        self.emit.words(words);
    }

    /// An operation on four operands without a result.
    fn four(&mut self, kind: Kind, words: &[u64]) {
        let (d, c, b, a) = (
            self.pop_cell(),
            self.pop_cell(),
            self.pop_cell(),
            self.pop_cell(),
        );
        self.effect(op(kind, a, b, c, d));
        self.emit.words(words);
    }

    fn select(&mut self) {
        let condition = self.stack.pop();
        let (right, left) = (self.stack.pop(), self.stack.pop());
        let class = left.class;
        // Constants first: they are the operations that could take the accumulator.
        let (b, c) = (self.cell(&left), self.cell(&right));
        let d = self.cell(&condition);
        let kind = match class {
            Class::Vec => Kind::Select2,
            Class::Num | Class::Ref => Kind::Select,
        };
        self.define(kind, class, [b, c, d], &[]);
    }

    fn local_set(&mut self, local: LocalIdx) {
        let operand = self.stack.pop();
        self.preserve(local);
        self.move_to(&operand, self.locals[local.index()]);
    }

    fn local_tee(&mut self, local: LocalIdx) {
        let operand = self.stack.pop();
        self.preserve(local);
        self.move_to(&operand, self.locals[local.index()]);
        let place = match operand.place {
            // The value may never have been in its slot.
            Place::Slot if self.fused() => Place::Local(local),
            place => place,
        };
        self.stack.push(operand.class, place);
    }

    fn vector(&mut self, vector: VectorOp) {
        let (params, results) = vector.signature();
        let mut cells = [0; 3];
        for cell in cells[..params.len()].iter_mut().rev() {
            *cell = self.pop_cell();
        }
        self.define(Kind::Vector(vector), class_of(results[0]), cells, &[]);
    }

    fn lane(&mut self, lane: LaneOp, index: u8) {
        let (params, results) = lane.signature();
        let c = if params.len() == 2 {
            self.pop_cell()
        } else {
            0
        };
        let b = self.pop_cell();
        self.define(
            Kind::Lane(lane),
            class_of(results[0]),
            [b, c, u32::from(index)],
            &[],
        );
    }

    /// Returns whether an access can use the fast forms: memory 0, unshared, 32-bit addresses and
    /// offset.
    fn is_fast(&self, arg: &MemArg) -> Option<u32> {
        let memory = &self.ctx.memories[arg.memory.index()];
        let plain =
            arg.memory.0 == 0 && !memory.shared && memory.addr == crate::syntax::AddrType::I32;
        if plain {
            u32::try_from(arg.offset).ok()
        } else {
            None
        }
    }

    fn load(&mut self, load: LoadOp, arg: MemArg) {
        let address = self.stack.pop();
        let b = self.cell(&address);
        let class = class_of(load.ty());
        let Some(offset) = self.is_fast(&arg) else {
            let free = self.free();
            let slot = self.push_slot(class);
            let raw = op_imm(Kind::LoadGeneral(load), slot, b, arg.memory.0);
            return self.produce(class, raw, &[arg.offset], free);
        };
        self.define_imm(Kind::Load(load, LoadForm::R), class, b, offset);
    }

    fn store(&mut self, store: StoreOp, arg: MemArg) {
        let (value, address) = (self.stack.pop(), self.stack.pop());
        let Some(offset) = self.is_fast(&arg) else {
            let (a, b) = (self.cell(&address), self.cell(&value));
            self.effect(op_imm(Kind::StoreGeneral(store), a, b, arg.memory.0));
            self.emit.words(&[arg.offset]);
            return;
        };
        let small = match value.place {
            Place::Const(bits) => small_value(store, bits),
            Place::Slot | Place::Local(_) => None,
        };
        let a = self.cell(&address);
        let (form, b) = match small {
            Some(number) => (StoreForm::Ri, number),
            None => (StoreForm::Rr, self.cell(&value)),
        };
        let free = self.free();
        self.emit
            .keep(op_imm(Kind::Store(store, form), a, b, offset), free);
    }

    fn lane_memory(&mut self, lane: LaneMemoryOp, arg: MemArg, index: u8) {
        let (vector, address) = (self.pop_cell(), self.pop_cell());
        let words = [arg.offset, u64::from(arg.memory.0)];
        let operands = [address, vector, u32::from(index)];
        if lane.is_store() {
            let [b, c, d] = operands;
            self.effect(op(Kind::LaneMemory(lane), 0, b, c, d));
            self.emit.words(&words);
        } else {
            self.define(Kind::LaneMemory(lane), Class::Vec, operands, &words);
        }
    }

    fn atomic(&mut self, atomic: AtomicOp, arg: MemArg) {
        let (operands, result) = match atomic.shape() {
            AtomicShape::Load => (0, true),
            AtomicShape::Store => (1, false),
            AtomicShape::Rmw => (1, true),
            AtomicShape::Cmpxchg => (2, true),
        };
        self.atomic_op(Kind::Atomic(atomic), operands, result, arg);
    }

    /// An atomic operation: an address, then so many operands.
    fn atomic_op(&mut self, kind: Kind, operands: usize, result: bool, arg: MemArg) {
        let d = if operands > 1 { self.pop_cell() } else { 0 };
        let c = if operands > 0 { self.pop_cell() } else { 0 };
        let b = self.pop_cell();
        let words = [arg.offset, u64::from(arg.memory.0)];
        if result {
            self.define(kind, Class::Num, [b, c, d], &words);
        } else {
            self.effect(op(kind, 0, b, c, d));
            self.emit.words(&words);
        }
    }
}

fn halves(bytes: [u8; 16]) -> [u64; 2] {
    let value = u128::from_le_bytes(bytes);
    [value as u64, (value >> 64) as u64]
}

fn pair(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// A constant as a 16-bit immediate of a store, if sign extension gives the stored bits back.
fn small_value(store: StoreOp, bits: u64) -> Option<u32> {
    let value = match store.ty() {
        ValType::I32 => i64::from(bits as i32),
        ValType::I64 => bits as i64,
        // Float bits that happen to be small (zero above all) are fine too.
        ValType::F32 => i64::from(bits as i32),
        ValType::F64 => bits as i64,
        ValType::V128 | ValType::Ref(_) => return None,
    };
    i16::try_from(value)
        .ok()
        .map(|value| u32::from(value as u16))
}
