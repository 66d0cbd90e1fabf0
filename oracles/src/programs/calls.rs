//! Calls in all their forms, tail calls, recursion, exceptions that are thrown.

use super::body::{Back, Body, DEPTH};
use super::plan::{EXN_REF, LEAF, LEAF_BUDGET, LEAF_REF, STRUCT, STRUCT_REF};
use wasm_encoder::{BlockType, Instruction, ValType};

/// How a callee is named.
#[derive(Clone, Copy)]
enum Form {
    Direct,
    Indirect,
    ByRef,
}

impl Body<'_, '_> {
    /// Functions that may be called here, by their results: written ones and the host's.
    fn callees(&mut self, fits: impl Fn(&[ValType]) -> bool) -> Vec<usize> {
        let leaf = self.plan.functions[self.index].ty == LEAF;
        let own = (0..self.plan.imports).chain(self.index + 1..self.plan.functions.len());
        let found: Vec<usize> = own
            .filter(|at| {
                let callee = &self.plan.functions[*at];
                let (_, results) = self.plan.signature(callee.ty);
                fits(results) && self.affords(callee.cost + 8) && !(leaf && callee.by_ref)
            })
            .collect();
        // Those that throw are for places that catch.
        let throwing = self.caught > 0;
        if !self.input.chance(85) {
            return found;
        }
        let fitting = found
            .iter()
            .filter(|at| self.plan.functions[**at].throws == throwing);
        let fitting: Vec<usize> = fitting.copied().collect();
        match fitting.is_empty() && throwing {
            true => found,
            false => fitting,
        }
    }

    /// A call with any results.
    pub fn call(&mut self) -> bool {
        let mut found = self.callees(|_| true);
        if found.is_empty() {
            return false;
        }
        let takes = |at: &usize| &self.plan.signature(self.plan.functions[*at].ty).0;
        let ready: Vec<usize> = found
            .iter()
            .copied()
            .filter(|at| self.has_on_top(takes(at)))
            .collect();
        if !ready.is_empty() && self.input.chance(80) {
            found = ready;
        }
        let callee = self.input.pick(&found);
        let (params, _) = self.plan.signature(self.plan.functions[callee].ty).clone();
        self.supply(&params);
        self.call_function(callee);
        true
    }

    /// A call that results in one value of a type.
    pub fn call_for(&mut self, ty: ValType) -> bool {
        let found = self.callees(|results| results == [ty]);
        if found.is_empty() {
            return false;
        }
        let callee = self.input.pick(&found);
        let (params, _) = self.plan.signature(self.plan.functions[callee].ty).clone();
        for ty in params {
            self.value(ty, 1);
        }
        self.call_function(callee);
        true
    }

    /// Calls with arguments that are there.
    fn call_function(&mut self, callee: usize) {
        let ty = self.plan.functions[callee].ty;
        let (params, results) = self.plan.signature(ty).clone();
        let form = self.form(callee);
        self.emit(match form {
            Form::Direct => Instruction::Call(callee as u32),
            Form::Indirect => Instruction::CallIndirect {
                type_index: ty,
                table_index: 0,
            },
            Form::ByRef => Instruction::CallRef(ty),
        });
        self.charge(callee);
        self.pop(params.len());
        for ty in results {
            self.push(ty);
        }
    }

    /// Emits what names the callee, behind the arguments.
    fn form(&mut self, callee: usize) -> Form {
        let form = self
            .input
            .weighted(&[(6, Form::Direct), (2, Form::Indirect), (1, Form::ByRef)]);
        match form {
            Form::Direct => {}
            Form::Indirect => self.emit(Instruction::I32Const(callee as i32)),
            Form::ByRef => self.emit(Instruction::RefFunc(callee as u32)),
        }
        form
    }

    fn charge(&mut self, callee: usize) {
        let callee = &self.plan.functions[callee];
        self.cost += self.times * callee.cost;
        self.throws |= callee.throws && self.caught == 0;
        self.by_ref |= callee.by_ref;
    }

    /// A tail call of a function with the same results; whether there is one.
    pub fn tail_call(&mut self) -> bool {
        let wanted = self.frames[0].results.clone();
        let found = self.callees(|results| results == wanted);
        if found.is_empty() {
            return false;
        }
        let callee = self.input.pick(&found);
        let ty = self.plan.functions[callee].ty;
        let (params, _) = self.plan.signature(ty).clone();
        self.supply(&params);
        let form = self.form(callee);
        self.tail(form, callee, ty);
        self.charge(callee);
        true
    }

    fn tail(&mut self, form: Form, callee: usize, ty: u32) {
        self.emit(match form {
            Form::Direct => Instruction::ReturnCall(callee as u32),
            Form::Indirect => Instruction::ReturnCallIndirect {
                type_index: ty,
                table_index: 0,
            },
            Form::ByRef => Instruction::ReturnCallRef(ty),
        });
    }

    /// Calls the function itself, as a tail or not, unless the first argument's low bits are zero.
    pub fn recur(&mut self) -> bool {
        if !self.may_recur || self.times > 1 || !self.affords(20) {
            return false;
        }
        self.may_recur = false;
        let ty = self.plan.functions[self.index].ty;
        let (params, results) = self.plan.signature(ty).clone();
        let tail = self.input.chance(60);
        self.low_bits();
        if tail {
            self.emit(Instruction::If(BlockType::Empty));
        } else {
            let ty = self.plan.intern(Vec::new(), results.clone());
            self.emit(Instruction::If(BlockType::FunctionType(ty)));
        }
        let left: &[ValType] = if tail { &[] } else { &results };
        self.enter(0, left, left, Back::Forward);
        self.low_bits();
        self.emit(Instruction::I32Const(1));
        self.emit(Instruction::I32Sub);
        self.push(ValType::I32);
        for ty in &params[1..] {
            self.value(*ty, 1);
        }
        let form = self.form(self.index);
        self.pop(params.len());
        if tail {
            self.tail(form, self.index, ty);
            self.emit(Instruction::End);
            self.leave();
            return true;
        }
        self.emit(match form {
            Form::Direct => Instruction::Call(self.index as u32),
            Form::Indirect => Instruction::CallIndirect {
                type_index: ty,
                table_index: 0,
            },
            Form::ByRef => Instruction::CallRef(ty),
        });
        self.emit(Instruction::Else);
        for ty in &results {
            self.value(*ty, 1);
        }
        self.emit(Instruction::End);
        self.leave();
        true
    }

    /// How deep the recursion may still go; the operand is not noted.
    fn low_bits(&mut self) {
        self.emit(Instruction::LocalGet(0));
        self.emit(Instruction::I32Const(DEPTH as i32 - 1));
        self.emit(Instruction::I32And);
    }

    /// Throws a new exception.
    pub fn throw(&mut self) -> bool {
        let all: Vec<usize> = (0..self.plan.tags.len()).collect();
        let takes = |at: &usize| &self.plan.signature(self.plan.tags[*at]).0;
        let ready: Vec<usize> = all
            .iter()
            .copied()
            .filter(|at| self.has_on_top(takes(at)))
            .collect();
        let tag = match !ready.is_empty() && self.input.chance(50) {
            true => self.input.pick(&ready),
            false => self.input.pick(&all),
        };
        let (payload, _) = self.plan.signature(self.plan.tags[tag]).clone();
        self.supply(&payload);
        self.emit(Instruction::Throw(tag as u32));
        self.throws |= self.caught == 0;
        true
    }

    /// Throws an exception again that a handler has kept in a local.
    pub fn rethrow(&mut self) -> bool {
        let Some(local) = self.readable(EXN_REF) else {
            return false;
        };
        self.emit(Instruction::LocalGet(local));
        self.emit(Instruction::RefIsNull);
        if self.input.chance(50) {
            self.value(ValType::I32, 1);
            self.pop(1);
            self.emit(Instruction::I32Or);
        }
        self.emit(Instruction::I32Eqz);
        self.emit(Instruction::If(BlockType::Empty));
        self.emit(Instruction::LocalGet(local));
        self.emit(Instruction::ThrowRef);
        self.emit(Instruction::End);
        self.throws |= self.caught == 0;
        true
    }

    /// Uses a reference that is the last operand and not null.
    pub fn use_present(&mut self, ty: ValType) {
        let leaf = self.plan.functions[self.index].ty == LEAF;
        let at = self.own().len();
        if ty == STRUCT_REF && self.input.chance(80) {
            let fields = [ValType::I32, ValType::F64, STRUCT_REF];
            let field = self.input.below(3);
            let get = Instruction::StructGet {
                struct_type_index: STRUCT,
                field_index: field as u32,
            };
            self.apply(get, 1, fields[field]);
        } else if ty == LEAF_REF
            && !leaf
            && at > 1
            && self.own()[at - 2].ty == ValType::I32
            && self.affords(LEAF_BUDGET)
        {
            self.apply(Instruction::CallRef(LEAF), 2, ValType::I32);
            self.cost += self.times * LEAF_BUDGET;
            self.by_ref = true;
        } else {
            self.sink();
        }
    }

    /// Calls what a local refers to, if anything.
    pub fn call_given(&mut self) -> bool {
        let leaf = self.plan.functions[self.index].ty == LEAF;
        if leaf || !self.affords(LEAF_BUDGET) {
            return false;
        }
        let Some(local) = self.readable(LEAF_REF) else {
            return false;
        };
        self.supply(&[ValType::I32]);
        self.emit(Instruction::LocalGet(local));
        self.emit(Instruction::RefIsNull);
        self.emit(Instruction::I32Eqz);
        let ty = self.plan.intern(vec![ValType::I32], vec![ValType::I32]);
        self.emit(Instruction::If(BlockType::FunctionType(ty)));
        self.emit(Instruction::LocalGet(local));
        self.emit(Instruction::CallRef(LEAF));
        self.emit(Instruction::End);
        self.cost += self.times * LEAF_BUDGET;
        self.by_ref = true;
        self.pop(1);
        self.push(ValType::I32);
        true
    }
}
