//! What a body does next: the grammar's weights, and what is no block and no call.

use super::body::{Back, Body};
use super::ops::{GROUPS, Group, STORES};
use super::plan::{DATA, SLOTS, STRUCT, STRUCT_REF};
use wasm_encoder::{BlockType, Instruction, ValType};

/// What can be done next.
#[derive(Clone, Copy)]
enum Step {
    Push,
    Assign,
    Set,
    Operate,
    Drop,
    Permute,
    Block,
    Condition,
    Loop,
    Handlers,
    BranchIf,
    BranchOnNull,
    Call,
    CallGiven,
    Recur,
    Rethrow,
    Store,
    SetGlobal,
    Other,
}

impl Body<'_, '_> {
    /// Takes at least one step and at most that many, while there is something to choose by.
    pub fn steps(&mut self, most: usize) {
        for _ in 0..1 + self.input.below(most) {
            if self.left == 0 || self.input.is_empty() {
                return;
            }
            self.left -= 1;
            self.step();
        }
    }

    fn step(&mut self) {
        let calls = if self.caught > 0 { 50 } else { 16 };
        let recurs = if self.may_recur { 10 } else { 0 };
        let step = self.input.weighted(&[
            (16, Step::Push),
            (84, Step::Assign),
            (18, Step::Set),
            (10, Step::Operate),
            (3, Step::Drop),
            (5, Step::Permute),
            (14, Step::Block),
            (13, Step::Condition),
            (12, Step::Loop),
            (36, Step::Handlers),
            (14, Step::BranchIf),
            (4, Step::BranchOnNull),
            (calls, Step::Call),
            (2, Step::CallGiven),
            (recurs, Step::Recur),
            (3, Step::Rethrow),
            (7, Step::Store),
            (6, Step::SetGlobal),
            (3, Step::Other),
        ]);
        let nests = self.may_nest();
        let done = match step {
            Step::Push => false,
            Step::Assign => self.assign(),
            Step::Set => self.set_last(),
            Step::Operate => self.operate_on_last(),
            Step::Drop => {
                self.sink();
                true
            }
            Step::Permute => self.permute(),
            Step::Block if nests => true_after(|| self.block()),
            Step::Condition if nests => true_after(|| self.condition()),
            Step::Loop if nests => true_after(|| self.counted_loop()),
            Step::Handlers if nests => true_after(|| self.handlers()),
            Step::Block | Step::Condition | Step::Loop | Step::Handlers => false,
            Step::BranchIf => true_after(|| self.branch_if()),
            Step::BranchOnNull => true_after(|| self.branch_on_null()),
            Step::Call => self.call(),
            Step::CallGiven => self.call_given(),
            Step::Recur => self.recur(),
            Step::Rethrow => self.rethrow(),
            Step::Store => true_after(|| self.store()),
            Step::SetGlobal => true_after(|| self.set_global()),
            Step::Other => true_after(|| self.other_effect()),
        };
        if !done {
            let ty = self.plan.ty(self.input);
            self.value(ty, 2);
        }
    }

    /// Gives locals new values, several in a row at times.
    pub fn assign(&mut self) -> bool {
        for _ in 0..1 + self.input.weighted(&[(4, 0), (3, 1), (2, 2), (1, 3)]) {
            let ty = self.plan.ty(self.input);
            let Some(local) = self.writable(ty) else {
                return false;
            };
            match self.input.below(8) {
                0 | 1 => self.value(ty, 2),
                2 => self.leaf(ty),
                _ => self.changed_from(local),
            }
            self.set(local);
        }
        true
    }

    /// Writes the last operand to one local or several.
    fn set_last(&mut self) -> bool {
        let Some(slot) = self.own().last().copied() else {
            return false;
        };
        let Some(local) = self.writable(slot.ty) else {
            return false;
        };
        while self.input.chance(25) {
            if let Some(other) = self.writable(slot.ty) {
                self.emit(Instruction::LocalTee(other));
            }
        }
        match self.input.chance(35) {
            true => self.emit(Instruction::LocalTee(local)),
            false => self.set(local),
        }
        true
    }

    fn operate_on_last(&mut self) -> bool {
        let Some(slot) = self.own().last().copied() else {
            return false;
        };
        let fitting = GROUPS.iter().filter(|group| group.params[0] == slot.ty);
        let fitting: Vec<&Group> = fitting.collect();
        let Some(first) = fitting.first() else {
            return false;
        };
        let group = match self.input.chance(40) {
            true => self.input.pick(&fitting),
            false => first,
        };
        self.supply(group.params);
        self.operate(group);
        true
    }

    /// Reads some locals and writes as many.
    fn permute(&mut self) -> bool {
        let mut locals = Vec::new();
        for _ in 0..2 + self.input.below(3) {
            let ty = self.plan.ty(self.input);
            let (Some(from), Some(to)) = (self.readable(ty), self.writable(ty)) else {
                continue;
            };
            self.get(from);
            locals.push(to);
        }
        let done = !locals.is_empty();
        while let Some(local) = locals.pop() {
            self.set(local);
        }
        done
    }

    fn store(&mut self) {
        let (make, align, ty) = self.input.pick(STORES);
        let memory = self.memory();
        self.address(memory, 1);
        self.value(ty, 2);
        let instruction = make(self.memarg(memory, align));
        self.emit(instruction);
        self.pop(2);
    }

    fn set_global(&mut self) {
        let global = self.input.below(self.plan.globals.len());
        let ty = self.plan.globals[global];
        self.supply(&[ty]);
        self.emit(Instruction::GlobalSet(global as u32));
        self.pop(1);
    }

    /// What changes a memory, the second table or a struct in other ways.
    fn other_effect(&mut self) {
        match self.input.below(8) {
            0 => self.grow_memory(),
            1 => self.bulk(),
            2 => {
                let memory = self.memory();
                self.address(memory, 1);
                self.init(memory);
            }
            3 | 4 => {
                let slot = self.input.below(SLOTS as usize);
                self.emit(Instruction::I32Const(slot as i32));
                self.push(ValType::I32);
                let element = self.plan.element;
                self.value(element, 1);
                self.emit(Instruction::TableSet(1));
                self.pop(2);
            }
            5 => {
                let element = self.plan.element;
                self.value(element, 1);
                let more = self.input.below(2);
                self.emit(Instruction::I32Const(more as i32));
                self.apply(Instruction::TableGrow(1), 1, ValType::I32);
            }
            6 => {
                let (slot, count) = (self.input.below(5), self.input.below(4));
                self.emit(Instruction::I32Const(slot as i32));
                self.push(ValType::I32);
                let element = self.plan.element;
                self.value(element, 1);
                self.emit(Instruction::I32Const(count as i32));
                self.emit(Instruction::TableFill(1));
                self.pop(2);
            }
            _ => self.set_field(),
        }
    }

    /// Emits numbers of index types, none of them noted as an operand.
    fn numbers(&mut self, types: &[ValType]) {
        for ty in types {
            let number = self.input.below(DATA / 2) as i32;
            self.emit(match ty {
                ValType::I64 => Instruction::I64Const(number.into()),
                _ => Instruction::I32Const(number),
            });
        }
    }

    fn init(&mut self, mem: u32) {
        self.numbers(&[ValType::I32, ValType::I32]);
        self.emit(Instruction::MemoryInit { mem, data_index: 0 });
        self.pop(1);
    }

    fn grow_memory(&mut self) {
        let memory = self.memory();
        let ty = self.plan.memories[memory as usize];
        let more = self.input.below(2);
        self.emit(match ty {
            ValType::I64 => Instruction::I64Const(more as i64),
            _ => Instruction::I32Const(more as i32),
        });
        self.apply(Instruction::MemoryGrow(memory), 0, ty);
    }

    /// Copies or fills a part of a memory.
    fn bulk(&mut self) {
        let memory = self.memory();
        let ty = self.plan.memories[memory as usize];
        self.address(memory, 1);
        if self.input.chance(50) {
            self.address(memory, 1);
            self.numbers(&[ty]);
            self.emit(Instruction::MemoryCopy {
                src_mem: memory,
                dst_mem: memory,
            });
        } else {
            self.value(ValType::I32, 1);
            self.numbers(&[ty]);
            self.emit(Instruction::MemoryFill(memory));
        }
        self.pop(2);
    }

    /// Writes a field of the struct that a local refers to, if any.
    fn set_field(&mut self) {
        let Some(local) = self.readable(STRUCT_REF) else {
            return;
        };
        self.emit(Instruction::LocalGet(local));
        self.emit(Instruction::RefIsNull);
        self.emit(Instruction::I32Eqz);
        self.emit(Instruction::If(BlockType::Empty));
        self.enter(0, &[], &[], Back::Forward);
        self.emit(Instruction::LocalGet(local));
        let field = self.input.below(2);
        self.value([ValType::I32, ValType::F64][field], 1);
        self.pop(1);
        let field_index = field as u32;
        self.emit(Instruction::StructSet {
            struct_type_index: STRUCT,
            field_index,
        });
        self.emit(Instruction::End);
        self.leave();
    }
}

fn true_after(act: impl FnOnce()) -> bool {
    act();
    true
}
