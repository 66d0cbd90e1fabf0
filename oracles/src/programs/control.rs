//! Blocks, loops and handlers; branches to them; how a block ends.

use super::body::{Back, Body, Counter, Frame};
use super::plan::EXN_REF;
use std::borrow::Cow;
use wasm_encoder::{BlockType, Catch, Instruction, ValType};

/// Blocks around each other.
const NESTED: usize = 7;

/// How a block ends.
#[derive(Clone, Copy)]
enum Ending {
    Falls,
    Branches,
    Returns,
    Chooses,
    Throws,
    CallsAway,
    Traps,
}

/// What a clause of a `try_table` catches.
#[derive(Clone)]
struct Clause {
    tag: Option<u32>,
    with_reference: bool,
    carries: Vec<ValType>,
}

impl Body<'_, '_> {
    /// Whether a block may be opened here.
    pub fn may_nest(&self) -> bool {
        self.frames.len() < NESTED && !self.input.is_empty()
    }

    /// The types of some of the last operands, one of which may be pushed for that.
    fn params(&mut self) -> Vec<ValType> {
        let count = self.input.below(4);
        if self.input.chance(40) {
            self.assign();
        }
        if self.own().len() < count || self.input.chance(40) {
            let ty = self.plan.ty(self.input);
            match self.input.chance(60) {
                true => self.changed(ty),
                false => self.value(ty, 2),
            }
        }
        self.top(count.min(self.own().len()))
    }

    /// What a block leaves: what an exception carries, or anything.
    fn results(&mut self) -> Vec<ValType> {
        match self.input.chance(40) {
            true => self.clause().carries,
            false => self.plan.types(self.input),
        }
    }

    /// The type of a block.
    fn block_type(&mut self, params: &[ValType], results: &[ValType]) -> BlockType {
        match (params, results) {
            ([], []) => BlockType::Empty,
            ([], [result]) => BlockType::Result(*result),
            _ => BlockType::FunctionType(self.plan.intern(params.to_vec(), results.to_vec())),
        }
    }

    /// Opens a block whose parameters are the last operands.
    pub fn enter(&mut self, params: usize, label: &[ValType], results: &[ValType], back: Back) {
        let height = self.stack.len() - params;
        let (label, results) = (label.to_vec(), results.to_vec());
        self.frames.push(Frame {
            label,
            results,
            height,
            back,
        });
    }

    /// The first instructions of a block: often its parameters go to locals.
    fn begin(&mut self, most: usize) {
        self.take_parameters();
        self.steps(most);
    }

    fn take_parameters(&mut self) {
        while !self.own().is_empty() && self.input.chance(70) {
            self.sink();
        }
    }

    /// Ends the innermost block in one way or another, with its `end`.
    pub fn finish_block(&mut self) {
        self.end_arm();
        self.emit(Instruction::End);
        self.leave();
    }

    /// Takes the innermost block's operands away and pushes its results.
    pub fn leave(&mut self) {
        let frame = self.frames.pop().expect("a block is open");
        self.stack.truncate(frame.height);
        for ty in frame.results {
            self.push(ty);
        }
    }

    /// The last instructions of a block or of one arm, without the `end`.
    fn end_arm(&mut self) {
        let function = self.frames.len() == 1;
        let helper = self.plan.functions[self.index].helper;
        let throws = match (self.caught, helper) {
            (0, true) if function => 140,
            (0, true) => 40,
            (0, false) if function => 2,
            (0, false) => 7,
            _ => 40,
        };
        let traps = u32::from(self.input.byte() > 250);
        let ending = match self.input.is_empty() {
            true => Ending::Falls,
            false => self.input.weighted(&[
                (150, Ending::Falls),
                (26, Ending::Branches),
                (8, Ending::Returns),
                (18, Ending::Chooses),
                (throws, Ending::Throws),
                (16, Ending::CallsAway),
                (traps, Ending::Traps),
            ]),
        };
        let results = self
            .frames
            .last()
            .map(|frame| frame.results.clone())
            .unwrap_or_default();
        let away = match ending {
            Ending::Falls => false,
            Ending::Branches => self.branch(),
            Ending::Returns => {
                let results = self.frames[0].results.clone();
                self.supply(&results);
                self.emit(Instruction::Return);
                true
            }
            Ending::Chooses => self.branch_table(),
            Ending::Throws => self.throw(),
            Ending::CallsAway => self.tail_call(),
            Ending::Traps => {
                self.emit(Instruction::Unreachable);
                true
            }
        };
        if !away {
            return self.shape(&results);
        }
        self.stack.truncate(self.floor());
        if self.input.chance(10) {
            self.steps(2);
            self.shape(&results);
        }
    }

    /// A block.
    pub fn block(&mut self) {
        let (params, results) = (self.params(), self.results());
        let ty = self.block_type(&params, &results);
        self.emit(Instruction::Block(ty));
        self.enter(params.len(), &results, &results, Back::Forward);
        self.begin(6);
        self.finish_block();
    }

    /// A block that is there for its one result.
    pub fn block_for(&mut self, ty: ValType) -> bool {
        if !self.may_nest() {
            return false;
        }
        self.emit(Instruction::Block(BlockType::Result(ty)));
        self.enter(0, &[ty], &[ty], Back::Forward);
        self.steps(3);
        self.finish_block();
        true
    }

    /// A conditional.
    pub fn condition(&mut self) {
        let (params, mut results) = (self.params(), self.results());
        let short = self.input.chance(30);
        if short {
            results = params.clone();
        }
        let ty = self.block_type(&params, &results);
        self.value(ValType::I32, 2);
        self.pop(1);
        self.emit(Instruction::If(ty));
        self.enter(params.len(), &results, &results, Back::Forward);
        self.begin(4);
        self.end_arm();
        if !short {
            self.emit(Instruction::Else);
            self.stack.truncate(self.floor());
            for ty in params {
                self.push(ty);
            }
            self.begin(4);
            self.end_arm();
        }
        self.emit(Instruction::End);
        self.leave();
    }

    /// A loop that counts.
    pub fn counted_loop(&mut self) {
        let turns = 1 + match self.input.chance(20) {
            true => self.input.below(24),
            false => self.input.below(6),
        };
        if !self.affords(40 * turns as u64) {
            return self.block();
        }
        let wide = self.input.chance(15);
        let ty = if wide { ValType::I64 } else { ValType::I32 };
        let by = 1 + self.input.below(3) as u32;
        let counter = Counter {
            local: self.counter(ty),
            by,
            end: by * turns as u32,
            wide,
        };
        self.number(0, wide);
        self.set(counter.local);
        let times = self.times;
        self.times *= turns as u64 + 1;
        match self.input.below(3) {
            0 => self.loop_with_last_branch(counter, Back::Closed),
            1 => self.loop_with_last_branch(counter, Back::Counts(counter)),
            _ => self.loop_that_begins_counting(counter),
        }
        self.times = times;
    }

    fn number(&mut self, number: u32, wide: bool) {
        self.emit(match wide {
            true => Instruction::I64Const(number.into()),
            false => Instruction::I32Const(number as i32),
        });
        self.push(if wide { ValType::I64 } else { ValType::I32 });
    }

    /// Counts, and pushes whether the end is not reached.
    fn count(&mut self, counter: Counter, alone: bool) {
        use Instruction::{I32Add, I32GtU, I32LtS, I32LtU, I32Ne};
        use Instruction::{I64Add, I64GtU, I64LtS, I64LtU, I64Ne};
        let (ty, wide) = (self.locals[counter.local as usize], counter.wide);
        self.get(counter.local);
        self.number(counter.by, wide);
        self.apply(if wide { I64Add } else { I32Add }, 2, ty);
        match self.input.chance(50) {
            true => {
                self.set(counter.local);
                self.get(counter.local);
            }
            false => self.emit(Instruction::LocalTee(counter.local)),
        }
        let compare = match (self.input.below(if alone { 3 } else { 2 }), wide) {
            (0, false) => I32LtS,
            (0, true) => I64LtS,
            (1, false) => I32LtU,
            (1, true) => I64LtU,
            (_, false) => I32Ne,
            (_, true) => I64Ne,
        };
        self.number(counter.end, wide);
        self.apply(compare, 2, ValType::I32);
        if !alone && self.input.chance(20) {
            // Also when something else holds.
            self.value(ValType::I32, 1);
            let greater = if wide { I64GtU } else { I32GtU };
            if wide {
                self.apply(Instruction::I64ExtendI32U, 1, ty);
            }
            self.number(3, wide);
            self.apply(greater, 2, ValType::I32);
            self.apply(Instruction::I32And, 2, ValType::I32);
        }
    }

    /// The branch back is the last one; others may count too.
    fn loop_with_last_branch(&mut self, counter: Counter, back: Back) {
        let (params, results) = (self.params(), self.results());
        let ty = self.block_type(&params, &results);
        self.emit(Instruction::Loop(ty));
        self.enter(params.len(), &params, &results, back);
        self.begin(6);
        self.supply(&params);
        self.count(counter, matches!(back, Back::Closed));
        self.emit(Instruction::BrIf(0));
        self.pop(1);
        self.steps(2);
        self.finish_block();
    }

    /// Counts first and leaves when the end is reached, so that any branch may go back.
    fn loop_that_begins_counting(&mut self, counter: Counter) {
        let types = self.params();
        let ty = self.block_type(&types, &types);
        self.emit(Instruction::Block(ty));
        self.enter(types.len(), &types, &types, Back::Forward);
        self.emit(Instruction::Loop(ty));
        // Closed until it has been decided.
        self.enter(types.len(), &types, &types, Back::Closed);
        self.count(counter, false);
        self.emit(Instruction::I32Eqz);
        self.emit(Instruction::BrIf(1));
        self.pop(1);
        if let Some(frame) = self.frames.last_mut() {
            frame.back = Back::Free;
        }
        self.begin(6);
        self.finish_block();
        self.finish_block();
    }

    /// Labels that branches may go to, as depths; unconditional ones need not count.
    fn labels(&self, conditional: bool, fits: impl Fn(&[ValType]) -> bool) -> Vec<u32> {
        let frames = self.frames.iter().rev().enumerate();
        let may = frames.filter(|(_, frame)| {
            let back = match frame.back {
                Back::Forward | Back::Free => true,
                Back::Counts(_) => conditional,
                Back::Closed => false,
            };
            back && fits(&frame.label)
        });
        may.map(|(depth, _)| depth as u32).collect()
    }

    fn frame(&self, depth: u32) -> &Frame {
        &self.frames[self.frames.len() - 1 - depth as usize]
    }

    fn branch(&mut self) -> bool {
        let labels = self.labels(false, |_| true);
        if labels.is_empty() {
            return false;
        }
        let depth = self.input.pick(&labels);
        let types = self.frame(depth).label.clone();
        self.supply(&types);
        self.emit(Instruction::Br(depth));
        true
    }

    /// A conditional branch, with operands that stay where it does not go.
    pub fn branch_if(&mut self) {
        let labels = self.labels(true, |_| true);
        if labels.is_empty() {
            return;
        }
        let depth = self.input.pick(&labels);
        let types = self.frame(depth).label.clone();
        self.supply(&types);
        match self.frame(depth).back {
            Back::Counts(counter) => self.count(counter, false),
            Back::Forward | Back::Free | Back::Closed => self.value(ValType::I32, 2),
        }
        self.emit(Instruction::BrIf(depth));
        self.pop(1);
    }

    /// A branch to one of some labels that carry the same.
    fn branch_table(&mut self) -> bool {
        let labels = self.labels(false, |_| true);
        if labels.is_empty() {
            return false;
        }
        let default = self.input.pick(&labels);
        let types = self.frame(default).label.clone();
        let alike = self.labels(false, |label| label == types);
        let count = self.input.below(5);
        let targets: Vec<u32> = (0..count).map(|_| self.input.pick(&alike)).collect();
        self.supply(&types);
        self.value(ValType::I32, 2);
        if self.input.chance(50) {
            self.emit(Instruction::I32Const(3));
            self.emit(Instruction::I32And);
        }
        self.emit(Instruction::BrTable(Cow::from(targets), default));
        true
    }

    /// Branches where a reference is null, or where it is not; in the latter case it is carried.
    pub fn branch_on_null(&mut self) {
        let references = self
            .locals
            .iter()
            .filter(|ty| matches!(ty, ValType::Ref(_)));
        let references: Vec<ValType> = references.copied().collect();
        if references.is_empty() {
            return;
        }
        let ty = self.input.pick(&references);
        let carried = self.labels(false, |label| label.last() == Some(&ty));
        if !carried.is_empty() && self.input.chance(60) {
            let depth = self.input.pick(&carried);
            let mut types = self.frame(depth).label.clone();
            types.pop();
            self.supply(&types);
            self.value(ty, 1);
            self.emit(Instruction::BrOnNonNull(depth));
            return self.pop(1);
        }
        let labels = self.labels(false, |_| true);
        if labels.is_empty() {
            return;
        }
        let depth = self.input.pick(&labels);
        let types = self.frame(depth).label.clone();
        self.supply(&types);
        self.value(ty, 1);
        self.emit(Instruction::BrOnNull(depth));
        self.use_present(ty);
    }

    fn clause(&mut self) -> Clause {
        let tag = match self.input.chance(25) {
            true => None,
            false => Some(self.input.below(self.plan.tags.len()) as u32),
        };
        let with_reference = self.input.chance(25);
        let payload = tag.map(|tag| self.plan.tags[tag as usize]);
        let payload = payload.map(|ty| self.plan.signature(ty).0.clone());
        let mut carries = payload.unwrap_or_default();
        if with_reference {
            carries.push(EXN_REF);
        }
        Clause {
            tag,
            with_reference,
            carries,
        }
    }

    /// A `try_table`; clauses whose values no label here takes get a block around it.
    pub fn handlers(&mut self) {
        let count = 1 + self.input.weighted(&[(5, 0), (3, 1), (1, 2)]);
        let clauses: Vec<Clause> = (0..count).map(|_| self.clause()).collect();
        let mut around = 0;
        let mut targets = Vec::new();
        for clause in &clauses {
            let labels = self.labels(false, |label| label == clause.carries);
            if !labels.is_empty() && self.input.chance(70) {
                let depth = self.input.pick(&labels) as usize;
                targets.push(self.frames.len() - 1 - depth);
                continue;
            }
            let params = self.params();
            let ty = self.block_type(&params, &clause.carries);
            self.emit(Instruction::Block(ty));
            targets.push(self.frames.len());
            self.enter(
                params.len(),
                &clause.carries,
                &clause.carries,
                Back::Forward,
            );
            around += 1;
        }
        if self.input.chance(60) {
            self.steps(3);
        }
        self.handled(&clauses, &targets);
        for _ in 0..around {
            if self.input.chance(40) {
                self.steps(2);
            }
            self.finish_block();
        }
    }

    /// The `try_table` itself. Labels in its clauses are counted without its own.
    fn handled(&mut self, clauses: &[Clause], targets: &[usize]) {
        let (params, results) = (self.params(), self.results());
        let ty = self.block_type(&params, &results);
        let mut catches = Vec::new();
        for (clause, target) in clauses.iter().zip(targets) {
            let label = (self.frames.len() - 1 - target) as u32;
            catches.push(match (clause.tag, clause.with_reference) {
                (Some(tag), false) => Catch::One { tag, label },
                (Some(tag), true) => Catch::OneRef { tag, label },
                (None, false) => Catch::All { label },
                (None, true) => Catch::AllRef { label },
            });
        }
        self.emit(Instruction::TryTable(ty, Cow::from(catches)));
        self.enter(params.len(), &results, &results, Back::Forward);
        self.caught += 1;
        self.take_parameters();
        if self.input.chance(65) {
            self.call();
        }
        if self.input.chance(70) {
            self.steps(5);
        }
        self.end_arm();
        self.caught -= 1;
        self.emit(Instruction::End);
        self.leave();
    }
}
