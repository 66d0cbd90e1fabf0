//! Translation of one function: its state, the loop over its instructions, and what the other
//! files share.

use super::control::Control;
use super::emit::{Emitter, MAX_CELL, cell_of, op, op_imm};
use super::fuse::{Free, shorten_returns};
use super::stack::{Class, Height, Operand, Place, Stack};
use super::steps::{Recorder, Slot, Steps};
use super::{Settings, Translation, Validated};
use crate::binary::InstrReader;
use crate::code::layout::{FrameLayout, LINK_CELLS, places};
use crate::code::{Body, ExceptionHandler, Kind, Op};
use crate::syntax::{FuncIdx, Instr, LocalIdx, ValType};
use crate::valid::Context;
use alloc::vec::Vec;
use core::ops::Range;

/// What is translated: a function body or a constant expression.
#[derive(Clone, Copy, Debug)]
pub struct Source<'m> {
    /// The index of the function, past the functions for a constant expression.
    pub func: FuncIdx,
    /// The frame layout of the function.
    pub layout: FrameLayout,
    /// Parameter types; the type's results.
    pub params: &'m [ValType],
    /// Result types.
    pub results: &'m [ValType],
    /// Declared locals.
    pub locals: &'m [(u32, ValType)],
    /// The instructions, and their offset in the module.
    pub code: (&'m [u8], u32),
}

/// What a translation gives besides its operations.
#[derive(Debug)]
pub struct Translated {
    /// The body.
    pub body: Body,
    /// Functions called directly, each with the call that can name their code; a tail call
    /// cannot.
    pub calls: Vec<(Option<u32>, FuncIdx)>,
    /// Whether it calls through tables or references.
    pub indirect: bool,
    /// First operation and byte offset of each instruction, when asked for.
    pub offsets: Vec<(u32, u32)>,
    /// Each operation at the entry of a block (a charge of fuel, a look at the epoch) and the byte
    /// offset of the block's first instruction, when offsets are asked for.
    pub entries: Vec<(u32, u32)>,
    /// Instructions of a faithful body, when asked for.
    pub steps: Steps,
}

/// The state of a translation.
pub struct Translator<'m> {
    pub(super) ctx: &'m Context,
    pub(super) settings: Settings,
    pub(super) source: Source<'m>,
    pub(super) emit: Emitter,
    pub(super) stack: Stack,
    /// Cell and class of each local.
    pub(super) locals: Vec<u32>,
    pub(super) classes: Vec<Class>,
    pub(super) controls: Vec<Control<'m>>,
    /// Branch tables so far.
    pub(super) tables: u32,
    /// Byte offsets of the instruction under translation and of the next one.
    pub(super) at: Range<u32>,
    /// `Some(n)`: the next instruction is unreachable, with `n` blocks opened since.
    pub(super) dead: Option<u32>,
    /// The open basic block's charge, if fuel is charged, and its count so far.
    pub(super) charge: Option<usize>,
    pub(super) count: u32,
    pub(super) handlers: Vec<ExceptionHandler>,
    pub(super) calls: Vec<(Option<u32>, FuncIdx)>,
    /// Whether there were calls through tables or references.
    pub(super) indirect: bool,
    /// First cell past those that staging has used.
    pub(super) staged: u32,
    /// Cell of the first reference local and past the last reference operand.
    refs: (u32, u32),
    offsets: Option<Vec<(u32, u32)>>,
    entries: Vec<(u32, u32)>,
    recorder: Option<Recorder<'m>>,
}

/// The class of a type.
pub fn class_of(ty: ValType) -> Class {
    match ty {
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => Class::Num,
        ValType::V128 => Class::Vec,
        ValType::Ref(_) => Class::Ref,
    }
}

/// What is wanted of a translation besides the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// Only the code.
    Code,
    /// Where the instructions begin.
    Offsets,
    /// The map, and for a faithful translation what each instruction does to the operand stack.
    Steps,
}

/// Translates `source` into `ops`, whose contents are replaced. The code is the same wherever a
/// unit takes it in: branches hold distances, and everything else is counted from the body's
/// start. `refs` is how many cells its reference operands take; when they turn out to take more,
/// that number is the error.
pub fn translate<'m>(
    validated: &'m Validated,
    settings: &Settings,
    source: Source<'m>,
    ops: &mut Vec<Op>,
    refs: u32,
    detail: Detail,
) -> Result<Translated, u32> {
    ops.clear();
    let mut translator = Translator::new(validated, settings, source, refs, detail);
    translator.emit.ops = core::mem::take(ops);
    translator.run();
    *ops = core::mem::take(&mut translator.emit.ops);
    if translator.stack.most.1 > refs {
        return Err(translator.stack.most.1);
    }
    let fused = translator.fused();
    if translator.emit.unencodable || translator.cells() > MAX_CELL {
        translator.refuse(ops);
    } else if fused {
        shorten_returns(ops);
    }
    Ok(translator.finish(ops.len() as u32))
}

impl<'m> Translator<'m> {
    fn new(
        validated: &'m Validated,
        settings: &Settings,
        source: Source<'m>,
        refs: u32,
        detail: Detail,
    ) -> Translator<'m> {
        let ctx = &validated.context;
        let declared = source
            .locals
            .iter()
            .flat_map(|&(n, ty)| core::iter::repeat_n(ty, n as usize));
        let types: Vec<ValType> = source.params.iter().copied().chain(declared).collect();
        let classes: Vec<Class> = types.iter().map(|&ty| class_of(ty)).collect();
        let declared = &classes[source.params.len()..];
        let ref_locals = declared
            .iter()
            .filter(|&&class| class == Class::Ref)
            .count() as u32;
        let mut next_ref = source.layout.link() + LINK_CELLS;
        let first_ref = next_ref + ref_locals;
        let mut next_num = first_ref + refs;
        let span = (next_ref, next_num);
        let mut locals: Vec<u32> = places(source.params).map(|(place, _)| place).collect();
        for class in declared {
            let next = if *class == Class::Ref {
                &mut next_ref
            } else {
                &mut next_num
            };
            locals.push(*next);
            *next += if *class == Class::Vec { 2 } else { 1 };
        }
        let fused = settings.translation == Translation::Fused;
        let recorded = detail == Detail::Steps && !fused;
        let recorder = recorded.then(|| {
            let slot = |(&ty, &cell)| Slot { ty, cell };
            Recorder::new(
                validated,
                &source,
                types.iter().zip(&locals).map(slot).collect(),
            )
        });
        Translator {
            ctx,
            settings: *settings,
            source,
            emit: Emitter::new(fused),
            stack: Stack::new(locals.len(), next_num, first_ref),
            locals,
            classes,
            controls: Vec::new(),
            tables: 0,
            at: source.code.1..source.code.1,
            dead: None,
            charge: None,
            count: 0,
            handlers: Vec::new(),
            calls: Vec::new(),
            indirect: false,
            staged: next_num,
            refs: span,
            offsets: (detail != Detail::Code).then(Vec::new),
            entries: Vec::new(),
            recorder,
        }
    }

    /// Returns whether operations may be fused and operands kept where they are.
    pub(super) fn fused(&self) -> bool {
        self.settings.translation == Translation::Fused
    }

    fn run(&mut self) {
        self.prologue();
        self.open_func();
        let (bytes, offset) = self.source.code;
        let features = self.ctx.features;
        let mut reader = InstrReader::new(bytes, offset, &features);
        while !self.controls.is_empty() {
            let Ok((offset, instr)) = reader.read() else {
                unreachable!("validated: bodies have been decoded")
            };
            self.at = offset..reader.offset();
            self.instruction(offset, &instr);
        }
        self.close_charge();
    }

    /// Zeroes locals and reference operands.
    fn prologue(&mut self) {
        let first = self.refs.0;
        let locals_end = self.stack.next_num();
        let cells = locals_end - first;
        match cells {
            0 => {}
            1 => self.emit.constant(first, 0),
            _ => {
                self.effect(op_imm(Kind::Zero, first, 0, cells));
            }
        }
        self.emit.forget();
    }

    fn instruction(&mut self, offset: u32, instr: &Instr<'m>) {
        let before = self.emit.pc();
        if let Some(offsets) = &mut self.offsets {
            while offsets.last().is_some_and(|last| last.0 >= before) {
                offsets.pop();
            }
            offsets.push((before, offset));
        }
        self.stack.low = self.stack.height().operands;
        let alive = self.dead.is_none();
        if alive {
            self.charge_for(instr);
        }
        self.translate(instr);
        if alive && !self.fused() && self.emit.pc() == before {
            self.effect(op(Kind::Nop, 0, 0, 0, 0));
        }
        let after = self.emit.pc();
        if let Some(recorder) = &mut self.recorder {
            recorder.step(offset, instr, alive, before..after, &self.stack);
        }
    }

    /// Cells of the frame.
    fn cells(&self) -> u32 {
        let operands = self.stack.most.0 + self.stack.first_num();
        operands.max(self.staged).max(self.refs.1)
    }

    /// A frame past the window is impossible: the function's code is a trap, call stack exhausted.
    fn refuse(&mut self, ops: &mut Vec<Op>) {
        ops.clear();
        ops.push(Op::with_imm(Kind::CheckFrame, 0, 0, u32::MAX));
        ops.push(Op::new(Kind::Unreachable, 0, 0, 0, 0));
        self.handlers.clear();
        self.calls.clear();
        // The trap is where the function begins; none of its instructions is there.
        self.recorder = None;
        self.entries.clear();
        if let Some(offsets) = &mut self.offsets {
            *offsets = Vec::from([(0, self.source.code.1)]);
        }
        self.staged = self.source.layout.body();
        self.stack.most = (0, 0);
        self.refs = (self.staged, self.staged);
    }

    fn finish(self, end: u32) -> Translated {
        Translated {
            body: Body {
                func: self.source.func,
                code: 0..end,
                layout: self.source.layout,
                refs: self.refs.0..self.refs.1,
                cells: self.cells().min(MAX_CELL),
                handlers: self.handlers.into_boxed_slice(),
            },
            calls: self.calls,
            indirect: self.indirect,
            offsets: self.offsets.unwrap_or_default(),
            entries: self.entries,
            steps: self.recorder.map(Recorder::finish).unwrap_or_default(),
        }
    }

    /// The cell that holds an operand; a constant is written to its slot first.
    pub(super) fn cell(&mut self, operand: &Operand) -> u32 {
        match cell_of(operand, &self.locals) {
            Some(cell) => cell,
            None => {
                let Place::Const(bits) = operand.place else {
                    unreachable!("validated: only constants have no cell")
                };
                self.emit.constant(operand.slot, bits);
                operand.slot
            }
        }
    }

    /// Pops an operand and gives its cell.
    pub(super) fn pop_cell(&mut self) -> u32 {
        let operand = self.stack.pop();
        self.cell(&operand)
    }

    /// Pushes an operand that is computed into its slot; gives the slot.
    pub(super) fn push_slot(&mut self, class: Class) -> u32 {
        self.stack.push(class, Place::Slot)
    }

    /// Pushes an operand that is not computed yet, where that is allowed.
    pub(super) fn push_lazy(&mut self, class: Class, place: Place) {
        if self.fused() {
            self.stack.push(class, place);
            return;
        }
        let slot = self.stack.push(class, Place::Slot);
        let operand = Operand { place, class, slot };
        self.move_to(&operand, slot);
    }

    /// Writes an operand to a cell.
    pub(super) fn move_to(&mut self, operand: &Operand, to: u32) {
        let free = self.free();
        match operand.place {
            Place::Const(bits) => self.emit.constant(to, bits),
            Place::Slot => self.emit.copy(operand.class, to, operand.slot, free),
            Place::Local(LocalIdx(local)) => {
                let from = self.locals[local as usize];
                self.emit.copy(operand.class, to, from, free);
            }
        }
    }

    /// The slots above the operand stack: nothing needs what is there.
    pub(super) fn free(&self) -> Free {
        self.free_above(self.stack.height())
    }

    /// The slots above a height.
    pub(super) fn free_above(&self, height: Height) -> Free {
        let (num, reference) = self.stack.slots_at(height);
        Free {
            num,
            refs: (reference, self.refs.1),
            first: self.stack.first_num(),
        }
    }

    /// Moves the operand at a position to its slot, if it is not there.
    pub(super) fn materialise(&mut self, position: usize) {
        let operand = self.stack.at(position);
        if operand.place != Place::Slot {
            self.move_to(&operand, operand.slot);
            self.stack.materialise(position);
        }
    }

    /// Moves the `count` operands on top to their slots.
    pub(super) fn materialise_top(&mut self, count: usize) {
        let end = self.stack.height().operands;
        for position in end - count..end {
            self.materialise(position);
        }
    }

    /// Moves every operand that is a local to its slot: a label comes.
    pub(super) fn materialise_locals(&mut self) {
        for position in self.stack.unmaterialised(0) {
            if let Place::Local(_) = self.stack.at(position).place {
                self.materialise(position);
            }
        }
    }

    /// Before a local is written: moves the operands that are that local to their slots. Says
    /// whether there were any.
    pub(super) fn preserve(&mut self, local: LocalIdx) -> bool {
        let aliases = self.stack.take_aliases(local);
        for &position in &aliases {
            self.materialise(position);
        }
        !aliases.is_empty()
    }

    /// Notes that cells up to `end` are used for staging.
    pub(super) fn stage(&mut self, end: u32) {
        self.staged = self.staged.max(end);
    }
}

/// Fuel: one unit for each instruction but `block`, `loop`, `else`, `end` and `nop`, charged at
/// the entry of the basic block they stand in.
impl Translator<'_> {
    fn charge_for(&mut self, instr: &Instr<'_>) {
        let free = matches!(
            instr,
            Instr::Block(_) | Instr::Loop(_) | Instr::Else | Instr::End | Instr::Nop
        );
        self.count += u32::from(!free);
    }

    /// Begins a basic block.
    pub(super) fn open_charge(&mut self) {
        self.close_charge();
        if self.settings.fuel {
            self.emit.mark();
            let at = self.emit.keep(op_imm(Kind::Fuel, 0, 0, 0), Free::NONE);
            self.charge = Some(at);
            self.note_entry(at);
        }
    }

    /// Notes that an operation belongs to the instruction that comes next.
    pub(super) fn note_entry(&mut self, op: usize) {
        if self.offsets.is_some() {
            self.entries.push((op as u32, self.at.end));
        }
    }

    /// Ends the open basic block: its charge is known.
    pub(super) fn close_charge(&mut self) {
        if let Some(at) = self.charge.take() {
            self.emit.ops[at].set_imm(self.count);
        }
        self.count = 0;
    }
}
