//! Operands: values of a wanted type, lists of them, and what becomes of those that are not wanted.

use super::body::Body;
use super::ops::{GROUPS, Group, LOADS, divisions};
use super::plan::{EXN_REF, LEAF, LEAF_REF, STRUCT, STRUCT_REF, nullable};
use wasm_encoder::{HeapType, Instruction, MemArg, MemArgTarget, ValType};

/// Addresses in front of an access's offset.
const ADDRESSES: i32 = 0x3FFF;

/// Numbers that are edges of something, and small ones.
const NUMBERS: &[i32] = &[
    1,
    0,
    2,
    -1,
    3,
    4,
    7,
    8,
    10,
    31,
    32,
    100,
    127,
    -128,
    255,
    1000,
    32767,
    -32768,
    65535,
    i32::MAX,
    i32::MIN,
    0x1234_5678,
];

/// How a value comes about.
#[derive(Clone, Copy)]
enum Way {
    Leaf,
    Operation,
    Division,
    Load,
    Select,
    Tee,
    Global,
    Call,
    Block,
    Other,
}

impl Body<'_, '_> {
    /// Pushes a value of a type, with operands as deep as that.
    pub fn value(&mut self, ty: ValType, depth: u32) {
        let way = match depth == 0 || self.input.is_empty() {
            true => Way::Leaf,
            false => self.input.weighted(&[
                (90, Way::Leaf),
                (84, Way::Operation),
                (6, Way::Division),
                (10, Way::Load),
                (12, Way::Select),
                (14, Way::Tee),
                (10, Way::Global),
                (10, Way::Call),
                (8, Way::Block),
                (10, Way::Other),
            ]),
        };
        let done = match way {
            Way::Leaf => false,
            Way::Operation => self.operation(ty, depth),
            Way::Division => self.division(ty, depth),
            Way::Load => self.load(ty, depth),
            Way::Select => self.select(ty, depth),
            Way::Tee => self.teed(ty, depth),
            Way::Global => self.global(ty),
            Way::Call => self.call_for(ty),
            Way::Block => self.block_for(ty),
            Way::Other => self.other(ty, depth),
        };
        if !done {
            self.leaf(ty);
        }
    }

    /// Pushes a local's value or a constant.
    pub fn leaf(&mut self, ty: ValType) {
        if self.input.chance(68)
            && let Some(local) = self.readable(ty)
        {
            return self.get(local);
        }
        self.constant(ty);
    }

    fn constant(&mut self, ty: ValType) {
        let number = self.input.pick(NUMBERS);
        let instruction = match ty {
            ValType::I32 => Instruction::I32Const(number),
            ValType::I64 if self.input.chance(20) => {
                Instruction::I64Const(i64::from(number) << 31 | 5)
            }
            ValType::I64 => Instruction::I64Const(number.into()),
            ValType::F32 if number == i32::MIN => Instruction::F32Const(f32::NAN.into()),
            ValType::F32 => Instruction::F32Const((number as f32 * 0.5).into()),
            ValType::F64 if number == i32::MIN => Instruction::F64Const(f64::NEG_INFINITY.into()),
            ValType::F64 => Instruction::F64Const((f64::from(number) * 0.1).into()),
            ValType::V128 => {
                let wide = i128::from(number);
                Instruction::V128Const(wide << 96 | wide << 55 | wide & 0xFFFF_FFFF)
            }
            ValType::Ref(_) => return self.reference(ty),
        };
        self.emit(instruction);
        self.push(ty);
    }

    /// Pushes a new struct, a function's reference or null.
    fn reference(&mut self, ty: ValType) {
        let ValType::Ref(reference) = ty else {
            unreachable!("a reference type")
        };
        if ty == STRUCT_REF && self.input.chance(60) {
            for field in [ValType::I32, ValType::F64, STRUCT_REF] {
                match self.input.chance(50) {
                    true => self.leaf(field),
                    false if field == STRUCT_REF => self.null(STRUCT_REF),
                    false => self.constant(field),
                }
            }
            return self.apply(Instruction::StructNew(STRUCT), 3, ty);
        }
        let leaf = ty == LEAF_REF;
        if (leaf || ty == nullable(HeapType::FUNC)) && self.input.chance(70) {
            let functions = self.plan.functions.iter().enumerate();
            let may = functions.filter(|(at, callee)| {
                let known = *at > self.index || *at < self.plan.imports;
                !leaf || callee.ty == LEAF && known
            });
            let found: Vec<usize> = may.map(|(at, _)| at).collect();
            if !found.is_empty() {
                let function = self.input.pick(&found);
                self.emit(Instruction::RefFunc(function as u32));
                return self.push(ty);
            }
        }
        self.null(nullable(reference.heap_type));
    }

    fn null(&mut self, ty: ValType) {
        let ValType::Ref(reference) = ty else {
            unreachable!("a reference type")
        };
        self.emit(Instruction::RefNull(reference.heap_type));
        self.push(ty);
    }

    /// Pushes a local's value changed by a constant or by another local's.
    pub fn changed(&mut self, ty: ValType) {
        match self.readable(ty) {
            Some(local) => self.changed_from(local),
            None => self.constant(ty),
        }
    }

    /// The same of a certain local.
    pub fn changed_from(&mut self, local: u32) {
        let ty = self.locals[local as usize];
        self.get(local);
        let Some(group) = GROUPS.iter().find(|group| group.result == ty) else {
            return;
        };
        match self.input.chance(70) {
            true => self.constant(ty),
            false => self.leaf(ty),
        }
        match self.input.chance(50) {
            true => self.operate(group),
            false => self.apply(group.ops[0].clone(), 2, ty),
        }
    }

    /// Pushes an operation's operands: the last of several is often a constant.
    fn operands(&mut self, group: &Group, depth: u32) {
        for (at, ty) in group.params.iter().enumerate() {
            match at > 0 && self.input.chance(45) {
                true => self.constant(*ty),
                false => self.value(*ty, depth - 1),
            }
        }
    }

    fn operation(&mut self, ty: ValType, depth: u32) -> bool {
        let found: Vec<&Group> = GROUPS.iter().filter(|group| group.result == ty).collect();
        let Some(first) = found.first() else {
            return false;
        };
        let group = match self.input.chance(40) {
            true => self.input.pick(&found),
            false => first,
        };
        self.operands(group, depth);
        self.operate(group);
        true
    }

    /// Applies an instruction of a group to operands that are there.
    pub fn operate(&mut self, group: &Group) {
        let at = match self.input.chance(45) {
            true => self.input.below(group.ops.len()),
            false => 0,
        };
        self.apply(group.ops[at].clone(), group.params.len(), group.result);
    }

    fn division(&mut self, ty: ValType, depth: u32) -> bool {
        if ty != ValType::I32 && ty != ValType::I64 {
            return false;
        }
        let wide = ty == ValType::I64;
        self.value(ty, depth - 1);
        let constant = |number: i32| match wide {
            true => Instruction::I64Const(number.into()),
            false => Instruction::I32Const(number),
        };
        if self.input.chance(50) {
            self.value(ty, depth - 1);
            let (and, or) = match wide {
                true => (Instruction::I64And, Instruction::I64Or),
                false => (Instruction::I32And, Instruction::I32Or),
            };
            for (number, join) in [(0xFFFF, and), (1, or)] {
                self.emit(constant(number));
                self.emit(join);
            }
        } else {
            let number = self.input.pick(&[3, 1, 2, 7, 10, 16, 255]);
            self.emit(constant(number));
            self.push(ty);
        }
        let divide = divisions(ty);
        let at = self.input.below(divide.len());
        self.apply(divide[at].clone(), 2, ty);
        true
    }

    fn load(&mut self, ty: ValType, depth: u32) -> bool {
        let loads: Vec<_> = LOADS.iter().filter(|load| load.2 == ty).collect();
        if loads.is_empty() {
            return false;
        }
        let (make, align, _) = *self.input.pick(&loads);
        let memory = self.memory();
        self.address(memory, depth);
        let instruction = make(self.memarg(memory, align));
        self.apply(instruction, 1, ty);
        true
    }

    /// A memory.
    pub fn memory(&mut self) -> u32 {
        self.input.below(self.plan.memories.len()) as u32
    }

    /// Pushes an address within a memory; any offset of an access may be added.
    pub fn address(&mut self, memory: u32, depth: u32) {
        let ty = self.plan.memories[memory as usize];
        let wide = ty == ValType::I64;
        if self.input.chance(60) {
            self.value(ty, depth.min(1));
            match wide {
                true => self.emit(Instruction::I64Const(ADDRESSES.into())),
                false => self.emit(Instruction::I32Const(ADDRESSES)),
            }
            self.emit(if wide {
                Instruction::I64And
            } else {
                Instruction::I32And
            });
        } else {
            let address = self.input.byte();
            self.emit(match wide {
                true => Instruction::I64Const(address.into()),
                false => Instruction::I32Const(address.into()),
            });
            self.push(ty);
        }
    }

    /// The immediate of an access.
    pub fn memarg(&mut self, memory: u32, align: u32) -> MemArg {
        MemArg {
            offset: self.input.pick(&[0, 1, 4, 8, 16, 64, 1000]),
            align: self.input.below(align as usize + 1) as u32,
            target: MemArgTarget::Memory(memory),
            ordering: None,
        }
    }

    /// Pushes one of two values.
    pub fn select(&mut self, ty: ValType, depth: u32) -> bool {
        self.value(ty, depth - 1);
        self.value(ty, depth - 1);
        self.value(ValType::I32, depth);
        let typed = matches!(ty, ValType::Ref(_)) || self.input.chance(20);
        let instruction = match typed {
            true => Instruction::TypedSelect(ty),
            false => Instruction::Select,
        };
        self.apply(instruction, 3, ty);
        true
    }

    fn teed(&mut self, ty: ValType, depth: u32) -> bool {
        let Some(local) = self.writable(ty) else {
            return false;
        };
        self.value(ty, depth - 1);
        self.emit(Instruction::LocalTee(local));
        true
    }

    fn global(&mut self, ty: ValType) -> bool {
        let globals = self.plan.globals.iter().enumerate();
        let found: Vec<usize> = globals
            .filter(|(_, known)| **known == ty)
            .map(|g| g.0)
            .collect();
        if found.is_empty() {
            return false;
        }
        let global = self.input.pick(&found);
        self.emit(Instruction::GlobalGet(global as u32));
        self.push(ty);
        true
    }

    /// What is there for few types: questions about references, sizes, elements.
    fn other(&mut self, ty: ValType, depth: u32) -> bool {
        if ty == self.plan.element {
            let index = self.input.below(super::plan::SLOTS as usize);
            self.emit(Instruction::I32Const(index as i32));
            self.emit(Instruction::TableGet(1));
            self.push(ty);
            return true;
        }
        if ty != ValType::I32 {
            return false;
        }
        match self.input.below(4) {
            0 => {
                let references = [STRUCT_REF, LEAF_REF, nullable(HeapType::EXTERN), EXN_REF];
                let reference = self.input.pick(&references);
                self.value(reference, depth - 1);
                self.apply(Instruction::RefIsNull, 1, ty);
            }
            1 => {
                self.value(STRUCT_REF, depth - 1);
                self.value(STRUCT_REF, depth - 1);
                self.apply(Instruction::RefEq, 2, ty);
            }
            2 => {
                self.emit(Instruction::TableSize(1));
                self.push(ty);
            }
            _ => {
                let memory = self.memory();
                self.emit(Instruction::MemorySize(memory));
                if self.plan.memories[memory as usize] == ValType::I64 {
                    self.emit(Instruction::I32WrapI64);
                }
                self.push(ty);
            }
        }
        true
    }

    /// Whether the last operands are of these types.
    pub fn has_on_top(&self, types: &[ValType]) -> bool {
        types.len() <= self.own().len() && self.top(types.len()) == types
    }

    /// Makes the last operands be of these types: those that are there already are often the first
    /// ones, and the rest is pushed.
    pub fn supply(&mut self, types: &[ValType]) {
        let fits = |count: &usize| self.has_on_top(&types[..*count]);
        let most = (0..=types.len()).rev().find(fits).unwrap_or(0);
        let used = match self.input.chance(75) {
            true => most,
            false => 0,
        };
        for ty in &types[used..] {
            self.value(*ty, 2);
        }
    }

    /// Makes the operands of the block be of exactly these types.
    pub fn shape(&mut self, types: &[ValType]) {
        let pairs = self.own().iter().zip(types);
        let kept = pairs.take_while(|(slot, ty)| slot.ty == **ty).count();
        while self.own().len() > kept {
            self.sink();
        }
        for ty in &types[kept..] {
            self.value(*ty, 2);
        }
    }

    /// Does away with the last operand.
    pub fn sink(&mut self) {
        let Some(slot) = self.own().last().copied() else {
            return;
        };
        if self.input.chance(75)
            && let Some(local) = self.writable(slot.ty)
        {
            return self.set(local);
        }
        self.emit(Instruction::Drop);
        self.pop(1);
    }
}
