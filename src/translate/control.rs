//! Control instructions but calls: constructs, labels and branches.
//!
//! At a label every value it passes stands in its slot, and no operand below is a local: control
//! can come from several places.

use super::emit::{Label, Raw, op, op_imm};
use super::func::{Translator, class_of};
use super::fuse::Free;
use super::stack::{Class, Height, Place};
use crate::code::op::encode_ref;
use crate::code::{ExceptionHandler, Kind};
use crate::syntax::{BlockType, BrTargets, CastBranch, Catch, Catches, LabelIdx, ValType};
use crate::valid::BlockSig;
use alloc::vec::Vec;

/// An open construct.
#[derive(Debug)]
pub struct Control<'m> {
    kind: ControlKind,
    sig: BlockSig<'m>,
    /// Where a branch to it goes.
    label: Label,
    /// Below its parameters.
    base: Height,
    /// The last branch table that named it, counted from 1, and how that one goes there.
    way: (u32, Way),
}

/// How an entry of a branch table goes to its label.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Straight: the values are in place.
    Straight,
    /// By the stub with that number, which moves the values.
    Stub(usize),
}

/// Which construct.
#[derive(Debug)]
enum ControlKind {
    Func,
    Block,
    Loop,
    /// With the label of its `else` part.
    If(Label),
    Else,
    TryTable(Vec<Catch>, Start),
}

/// Where the body of a `try_table` begins: its first operation and its first instruction.
#[derive(Clone, Copy, Debug)]
struct Start {
    op: u32,
    offset: u32,
}

impl<'m> Translator<'m> {
    /// Opens the function's own construct.
    pub(super) fn open_func(&mut self) {
        self.controls.push(Control {
            kind: ControlKind::Func,
            sig: BlockSig::Empty,
            label: Label::NEW,
            base: Height::default(),
            way: (0, Way::Straight),
        });
        self.look_at_epoch();
        self.open_charge();
    }

    fn look_at_epoch(&mut self) {
        if self.settings.epochs {
            self.emit.mark();
            let at = self.emit.keep(op(Kind::Epoch, 0, 0, 0, 0), Free::NONE);
            self.note_entry(at);
        }
    }

    fn open(&mut self, kind: ControlKind, sig: BlockSig<'m>) {
        self.materialise_locals();
        self.materialise_top(sig.params().len());
        let base = self.base_below(sig.params());
        self.controls.push(Control {
            kind,
            sig,
            label: Label::NEW,
            base,
            way: (0, Way::Straight),
        });
    }

    /// The height below operands of these types on top.
    fn base_below(&self, types: &[ValType]) -> Height {
        let cells = crate::code::Cells::of(types);
        let top = self.stack.height();
        Height {
            operands: top.operands - types.len(),
            nums: top.nums - cells.nums,
            refs: top.refs - cells.refs,
        }
    }

    pub(super) fn block(&mut self, ty: BlockType) {
        let sig = self.ctx.block_type(ty);
        self.open(ControlKind::Block, sig);
    }

    pub(super) fn loop_(&mut self, ty: BlockType) {
        let sig = self.ctx.block_type(ty);
        self.open(ControlKind::Loop, sig);
        self.emit.forget();
        if let Some(control) = self.controls.last_mut() {
            self.emit.bind(&mut control.label);
        }
        self.look_at_epoch();
        self.open_charge();
    }

    pub(super) fn if_(&mut self, ty: BlockType) {
        let sig = self.ctx.block_type(ty);
        let condition = self.pop_cell();
        self.open(ControlKind::If(Label::NEW), sig);
        let (mut label, free) = (Label::NEW, self.free());
        self.emit
            .branch(op_imm(Kind::BrZ, condition, 0, 0), &mut label, free);
        if let Some(control) = self.controls.last_mut() {
            control.kind = ControlKind::If(label);
        }
        self.open_charge();
    }

    pub(super) fn try_table(&mut self, ty: BlockType, catches: Catches<'_>) {
        let sig = self.ctx.block_type(ty);
        self.open(ControlKind::Block, sig);
        self.marker();
        let start = Start {
            op: self.emit.mark(),
            offset: self.at.end,
        };
        if let Some(control) = self.controls.last_mut() {
            control.kind = ControlKind::TryTable(catches.iter().collect(), start);
        }
    }

    pub(super) fn else_(&mut self) {
        let Some(mut control) = self.controls.pop() else {
            unreachable!("validated: else")
        };
        let ControlKind::If(mut label) = control.kind else {
            unreachable!("validated: else")
        };
        if self.dead.is_none() {
            self.materialise_top(control.sig.results().len());
            let br = op_imm(Kind::Br, 0, 0, 0);
            self.emit.branch(br, &mut control.label, Free::NONE);
        }
        self.dead = None;
        self.emit.bind(&mut label);
        self.emit.forget();
        self.stack.truncate(control.base);
        self.push_types(control.sig.params());
        control.kind = ControlKind::Else;
        self.controls.push(control);
        self.open_charge();
    }

    fn push_types(&mut self, types: &[ValType]) {
        for &ty in types {
            self.push_slot(class_of(ty));
        }
    }

    pub(super) fn end(&mut self) {
        let Some(mut control) = self.controls.pop() else {
            unreachable!("validated: end")
        };
        let alive = self.dead.take().is_none();
        let sig = control.sig;
        match control.kind {
            ControlKind::Func => {
                if alive {
                    self.return_();
                }
                return;
            }
            ControlKind::Block | ControlKind::Loop if !is_joined(&control) => {
                // Nothing but the code before leads here: everything stays as it is.
                self.stay(alive, &control);
                return;
            }
            ControlKind::Block | ControlKind::Loop | ControlKind::Else => {
                if alive {
                    self.materialise_top(sig.results().len());
                }
            }
            ControlKind::If(mut label) => {
                if alive {
                    self.materialise_top(sig.results().len());
                }
                // Without `else` the parameters are the results, in the same slots.
                self.marker();
                self.emit.bind(&mut label);
                control.kind = ControlKind::Block;
                self.join(&mut control, true);
                return;
            }
            ControlKind::TryTable(ref mut catches, start) => {
                let catches = core::mem::take(catches);
                let end = self.emit.mark();
                if alive {
                    self.materialise_top(sig.results().len());
                }
                self.catch_stubs(alive, &catches, start, end, &mut control);
            }
        }
        self.marker();
        let used = control.label.is_used();
        self.join(&mut control, alive || used);
    }

    /// In a faithful body `end` is an operation of its own that branches do not execute, and
    /// `try_table` one that its handlers do not cover.
    fn marker(&mut self) {
        if !self.fused() {
            self.effect(op(Kind::Nop, 0, 0, 0, 0));
        }
    }

    fn stay(&mut self, alive: bool, control: &Control<'m>) {
        if alive {
            self.open_charge();
        } else {
            self.stack.truncate(control.base);
            self.push_types(control.sig.results());
            self.dead = Some(0);
        }
    }

    /// Binds a construct's label here; control reaches it or not.
    fn join(&mut self, control: &mut Control<'m>, alive: bool) {
        if !matches!(control.kind, ControlKind::Loop) {
            self.emit.bind(&mut control.label);
        }
        self.emit.forget();
        self.stack.truncate(control.base);
        self.push_types(control.sig.results());
        self.dead = if alive { None } else { Some(0) };
        if alive {
            self.open_charge();
        }
    }

    /// For each clause, the code that an exception lands on: its payload is in slots above the
    /// construct's base, and goes where the clause's label wants it.
    fn catch_stubs(
        &mut self,
        alive: bool,
        catches: &[Catch],
        start: Start,
        end: u32,
        control: &mut Control<'m>,
    ) {
        self.close_charge();
        if catches.is_empty() {
            return;
        }
        if alive {
            let br = op_imm(Kind::Br, 0, 0, 0);
            self.emit.branch(br, &mut control.label, Free::NONE);
        }
        for catch in catches {
            self.stack.truncate(control.base);
            self.emit.forget();
            self.handlers.push(ExceptionHandler {
                code: start.op..end,
                source: start.offset..self.at.start,
                tag: catch.tag,
                by_ref: catch.by_ref,
                target: self.emit.pc(),
                nums: self.stack.next_num(),
                refs: self.stack.next_ref(),
            });
            if let Some(tag) = catch.tag {
                let ty = self.ctx.tags[tag.index()];
                let params = self
                    .ctx
                    .space
                    .func(ty)
                    .map(|ty| &ty.params[..])
                    .unwrap_or_default();
                self.push_types(params);
            }
            if catch.by_ref {
                self.push_slot(Class::Ref);
            }
            self.branch_always(catch.label);
        }
    }

    /// Returns how many operands a branch passes, and the height it passes them to.
    fn passed(&self, label: LabelIdx) -> (usize, Height) {
        let control = &self.controls[self.controls.len() - 1 - label.index()];
        let count = match control.kind {
            ControlKind::Func => self.source.results.len(),
            ControlKind::Loop => control.sig.params().len(),
            ControlKind::Block
            | ControlKind::If(_)
            | ControlKind::Else
            | ControlKind::TryTable(..) => control.sig.results().len(),
        };
        (count, control.base)
    }

    /// Returns whether a branch there is a return.
    fn is_func(&self, label: LabelIdx) -> bool {
        label.index() + 1 == self.controls.len()
    }

    /// Before a branch: many values are moved to their slots first, so that the branch itself
    /// copies runs of cells.
    fn prepare(&mut self, label: LabelIdx) {
        let (count, _) = self.passed(label);
        if count > 4 || (self.is_func(label) && count > 1) {
            self.materialise_top(count);
        }
    }

    /// Moves the values a branch passes to the label's slots. The operands stay on the stack.
    fn pass(&mut self, count: usize, base: Height) {
        let (mut num, mut reference) = self.stack.slots_at(base);
        if count > 4 {
            let below = self.stack.below(count);
            let (from_num, from_ref) = self.stack.slots_at(below);
            let top = self.stack.height();
            self.emit.copy_span(num, from_num, top.nums - below.nums);
            self.emit
                .copy_span(reference, from_ref, top.refs - below.refs);
            return;
        }
        for depth in (0..count).rev() {
            let operand = self.stack.peek(depth);
            let next = if operand.class == Class::Ref {
                &mut reference
            } else {
                &mut num
            };
            let to = *next;
            *next += operand.class.cells();
            self.move_to(&operand, to);
        }
    }

    /// Returns whether the values that a branch passes are already where the label wants them.
    fn in_place(&self, count: usize, base: Height) -> bool {
        let below = self.stack.below(count);
        self.stack.slots_at(below) == self.stack.slots_at(base)
            && (0..count).all(|depth| self.stack.peek(depth).place == Place::Slot)
    }

    /// Branches to a label with what is on the stack; the stack stays.
    fn branch_always(&mut self, label: LabelIdx) {
        self.prepare(label);
        if self.is_func(label) {
            self.return_();
            return;
        }
        let (count, base) = self.passed(label);
        self.pass(count, base);
        let at = self.controls.len() - 1 - label.index();
        match self.controls[at].label {
            Label::Bound(pc) => self.emit.repeat(pc),
            Label::Pending(_) => self.branch_to(op_imm(Kind::Br, 0, 0, 0), label),
        }
    }

    /// Adds a branch to a construct's label.
    fn branch_to(&mut self, raw: Raw, label: LabelIdx) {
        let at = self.controls.len() - 1 - label.index();
        let free = self.free();
        self.emit.branch(raw, &mut self.controls[at].label, free);
    }

    pub(super) fn br(&mut self, label: LabelIdx) {
        self.branch_always(label);
        self.die();
    }

    /// Marks the code that follows as unreachable.
    pub(super) fn die(&mut self) {
        self.close_charge();
        self.dead = Some(0);
    }

    pub(super) fn br_if(&mut self, label: LabelIdx) {
        let condition = self.pop_cell();
        let branch = |kind| op_imm(kind, condition, 0, 0);
        self.conditional(label, branch(Kind::BrNz), branch(Kind::BrZ), &[]);
        self.open_charge();
    }

    /// A conditional branch: `branch` when the label's values are in place, else `skip` around
    /// their moves. Data words follow either.
    fn conditional(&mut self, label: LabelIdx, branch: Raw, skip: Raw, words: &[u64]) {
        self.prepare(label);
        let (count, base) = self.passed(label);
        if !self.is_func(label) && self.in_place(count, base) {
            self.branch_to(branch, label);
            self.emit.words(words);
            return;
        }
        let mut over = Label::NEW;
        let free = self.free();
        self.emit.branch(skip, &mut over, free);
        self.emit.words(words);
        self.branch_always(label);
        self.emit.bind(&mut over);
        self.emit.forget();
    }

    pub(super) fn br_table(&mut self, targets: BrTargets<'_>) {
        let index = self.pop_cell();
        let default = targets.iter().last().unwrap_or_default();
        let (count, _) = self.passed(default);
        let table = op_imm(Kind::BrTable, index, 0, targets.count);
        if !(0..count).all(|depth| self.stack.peek(depth).place == Place::Slot) {
            // Every target wants the values in slots; the index stays in its cell meanwhile.
            self.materialise_top(count);
        }
        self.effect(table);
        // A label whose values are not in place gets one stub that moves them. What a label needs
        // is found out once: there may be many more entries than labels.
        let mut stubs: Vec<(LabelIdx, Label)> = Vec::new();
        self.tables += 1;
        for label in targets.iter() {
            let at = self.controls.len() - 1 - label.index();
            if self.controls[at].way.0 != self.tables {
                let (count, base) = self.passed(label);
                let way = if !self.is_func(label) && self.in_place(count, base) {
                    Way::Straight
                } else {
                    stubs.push((label, Label::NEW));
                    Way::Stub(stubs.len() - 1)
                };
                self.controls[at].way = (self.tables, way);
            }
            let control = &mut self.controls[at];
            let label = match control.way.1 {
                Way::Straight => &mut control.label,
                Way::Stub(stub) => &mut stubs[stub].1,
            };
            self.emit
                .branch(op_imm(Kind::Br, 0, 0, 0), label, Free::NONE);
        }
        for (label, mut stub) in stubs {
            self.emit.bind(&mut stub);
            self.emit.forget();
            self.branch_always(label);
        }
        self.die();
    }

    /// The reference on top, in a cell that stays its place.
    fn top_reference(&mut self) -> u32 {
        if matches!(self.stack.peek(0).place, Place::Const(_)) {
            self.materialise_top(1);
        }
        let operand = self.stack.peek(0);
        self.cell(&operand)
    }

    pub(super) fn br_on_null(&mut self, label: LabelIdx) {
        let cell = self.top_reference();
        let operand = self.stack.pop();
        let null = op_imm(Kind::BrOnNull, cell, 0, 0);
        self.conditional(label, null, op_imm(Kind::BrOnNonNull, cell, 0, 0), &[]);
        self.stack.push(operand.class, operand.place);
        self.open_charge();
    }

    pub(super) fn br_on_non_null(&mut self, label: LabelIdx) {
        let cell = self.top_reference();
        let non_null = op_imm(Kind::BrOnNonNull, cell, 0, 0);
        self.conditional(label, non_null, op_imm(Kind::BrOnNull, cell, 0, 0), &[]);
        self.stack.pop();
        self.open_charge();
    }

    pub(super) fn br_on_cast(&mut self, cast: CastBranch, want: bool) {
        self.stack.take(1);
        let cell = self.top_reference();
        let word = encode_ref(self.ctx.canon_ref(cast.to));
        let kind = |on| {
            if on {
                Kind::BrOnCast
            } else {
                Kind::BrOnCastFail
            }
        };
        let (hit, miss) = (
            op_imm(kind(want), cell, 0, 0),
            op_imm(kind(!want), cell, 0, 0),
        );
        self.conditional(cast.label, hit, miss, &[word]);
        self.open_charge();
    }
}

/// Returns whether control comes to a construct's end from elsewhere.
fn is_joined(control: &Control<'_>) -> bool {
    match control.kind {
        ControlKind::Loop => false,
        ControlKind::Func
        | ControlKind::Block
        | ControlKind::If(_)
        | ControlKind::Else
        | ControlKind::TryTable(..) => control.label.is_used(),
    }
}
