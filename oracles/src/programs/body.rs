//! The stack machine that a body is written on: locals, operands, enclosing blocks, and what has
//! been written so far.

use super::input::Input;
use super::plan::{BUDGET, EXN_REF, LEAF, LEAF_BUDGET, Plan};
use wasm_encoder::{Function, Instruction, ValType};

/// An operand.
#[derive(Clone, Copy)]
pub struct Slot {
    /// Its type.
    pub ty: ValType,
    /// The local that it was read from or computed from.
    pub from: Option<u32>,
}

/// How branches to a label are kept from going round for ever.
#[derive(Clone, Copy)]
pub enum Back {
    /// They go forward.
    Forward,
    /// They go back, and the loop's first instructions count.
    Free,
    /// They go back and have to count, so that they are conditional.
    Counts(Counter),
    /// They go back, and only the loop's own last branch does.
    Closed,
}

/// A counter of a loop: a local that nothing else writes.
#[derive(Clone, Copy)]
pub struct Counter {
    /// The local.
    pub local: u32,
    /// What is added each time.
    pub by: u32,
    /// The number at which it ends.
    pub end: u32,
    /// Whether the local's type is `i64`.
    pub wide: bool,
}

/// An enclosing block.
pub struct Frame {
    /// What a branch to it carries.
    pub label: Vec<ValType>,
    /// What it leaves.
    pub results: Vec<ValType>,
    /// The number of operands below it.
    pub height: usize,
    /// How branches to it end.
    pub back: Back,
}

/// A body that is being written.
pub struct Body<'a, 'b> {
    /// The module around it.
    pub plan: &'a mut Plan,
    /// What is left to choose by.
    pub input: &'a mut Input<'b>,
    /// The index of the function.
    pub index: usize,
    /// Types of parameters and locals.
    pub locals: Vec<ValType>,
    /// Whether a local may only be read.
    pub reserved: Vec<bool>,
    /// The operands.
    pub stack: Vec<Slot>,
    /// The blocks, of which the first is the function's.
    pub frames: Vec<Frame>,
    /// How often what is written now is executed at most.
    pub times: u64,
    /// Instructions that are executed at most.
    pub cost: u64,
    /// Steps that may still be taken.
    pub left: usize,
    /// Enclosing `try_table`s.
    pub caught: usize,
    /// Whether the function throws for all that is known.
    pub throws: bool,
    /// Whether it calls by references that it was given.
    pub by_ref: bool,
    /// Whether it may still call itself.
    pub may_recur: bool,
    code: Vec<Instruction<'static>>,
}

/// Calls of itself that a function nests at most, plus one; a mask's successor.
pub const DEPTH: u64 = 4;

impl<'a, 'b> Body<'a, 'b> {
    /// Writes a function's body, and notes what its callers have to know.
    pub fn write(plan: &'a mut Plan, input: &'a mut Input<'b>, index: usize) -> Function {
        let ty = plan.functions[index].ty;
        let (params, results) = plan.signature(ty).clone();
        let given = params.len();
        let recurs = ty != LEAF && params.first() == Some(&ValType::I32) && input.chance(25);
        let mut locals = params;
        for _ in 0..2 + input.below(6) {
            let ty = plan.ty(input);
            locals.push(ty);
        }
        if input.chance(40) {
            locals.push(EXN_REF);
        }
        let mut reserved = vec![false; locals.len()];
        reserved[0] = recurs;
        let helper = plan.functions[index].helper;
        let left = 3 + input.below(if helper { 10 } else { 45 });
        let function = Frame {
            label: results.clone(),
            results,
            height: 0,
            back: Back::Forward,
        };
        let mut body = Body {
            plan,
            input,
            index,
            locals,
            reserved,
            stack: Vec::new(),
            frames: vec![function],
            times: 1,
            cost: 0,
            left,
            caught: 0,
            throws: false,
            by_ref: false,
            may_recur: recurs,
            code: Vec::new(),
        };
        body.steps(left);
        body.finish_block();
        if recurs {
            body.cost *= DEPTH;
        }
        let callee = &mut body.plan.functions[index];
        (callee.cost, callee.throws, callee.by_ref) = (body.cost, body.throws, body.by_ref);
        let locals = body.locals[given..].iter().map(|ty| (1, *ty));
        let mut function = Function::new(locals);
        for instruction in &body.code {
            function.instruction(instruction);
        }
        function
    }

    /// Appends an instruction; the operands are the caller's.
    pub fn emit(&mut self, instruction: Instruction<'static>) {
        self.cost += self.times;
        self.code.push(instruction);
    }

    /// Whether a stretch of that many instructions may be added.
    pub fn affords(&self, instructions: u64) -> bool {
        let leaf = self.plan.functions[self.index].ty == LEAF;
        let depth = if self.reserved[0] { DEPTH } else { 1 };
        let budget = if leaf { LEAF_BUDGET } else { BUDGET };
        (self.cost + self.times * instructions) * depth <= budget
    }

    /// Adds an operand.
    pub fn push(&mut self, ty: ValType) {
        self.stack.push(Slot { ty, from: None });
    }

    /// Takes away operands.
    pub fn pop(&mut self, count: usize) {
        let rest = self.stack.len() - count;
        assert!(rest >= self.floor(), "the operands are this block's");
        self.stack.truncate(rest);
    }

    /// Appends an instruction with its effect on the operands.
    pub fn apply(&mut self, instruction: Instruction<'static>, operands: usize, result: ValType) {
        let first = self.stack.len() - operands;
        let from = self.stack.get(first).and_then(|slot| slot.from);
        self.emit(instruction);
        self.pop(operands);
        self.stack.push(Slot { ty: result, from });
    }

    /// The number of operands below the innermost block.
    pub fn floor(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.height)
    }

    /// The operands of the innermost block.
    pub fn own(&self) -> &[Slot] {
        &self.stack[self.floor()..]
    }

    /// A new local that only its loop writes.
    pub fn counter(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        self.reserved.push(true);
        self.locals.len() as u32 - 1
    }

    /// A local of a type.
    pub fn readable(&mut self, ty: ValType) -> Option<u32> {
        let locals = self.locals.iter().enumerate();
        let found: Vec<u32> = locals
            .filter(|(_, known)| **known == ty)
            .map(|(at, _)| at as u32)
            .collect();
        (!found.is_empty()).then(|| self.input.pick(&found))
    }

    /// A local of a type that may be written; often one that an operand was read from, or even
    /// the last one of the type was.
    pub fn writable(&mut self, ty: ValType) -> Option<u32> {
        let may = |local: &u32| {
            let at = *local as usize;
            self.locals[at] == ty && !self.reserved[at]
        };
        let held = self.stack.iter().filter_map(|slot| slot.from).filter(may);
        let held: Vec<u32> = held.collect();
        let all: Vec<u32> = (0..self.locals.len() as u32).filter(may).collect();
        if all.is_empty() {
            return None;
        }
        let Some(last) = held.last() else {
            return Some(self.input.pick(&all));
        };
        Some(match self.input.below(6) {
            0 | 1 => self.input.pick(&all),
            2 => self.input.pick(&held),
            _ => *last,
        })
    }

    /// Reads a local.
    pub fn get(&mut self, local: u32) {
        self.emit(Instruction::LocalGet(local));
        let ty = self.locals[local as usize];
        self.stack.push(Slot {
            ty,
            from: Some(local),
        });
    }

    /// Writes the top operand to a local, and takes it away.
    pub fn set(&mut self, local: u32) {
        self.emit(Instruction::LocalSet(local));
        self.pop(1);
    }

    /// The types of the innermost block's last operands.
    pub fn top(&self, count: usize) -> Vec<ValType> {
        self.stack[self.stack.len() - count..]
            .iter()
            .map(|slot| slot.ty)
            .collect()
    }
}
