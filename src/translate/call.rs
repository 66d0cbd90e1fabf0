//! Calls and returns.
//!
//! Arguments are staged on top of the number operands, references first. A call without reference
//! parameters finds its numbers staged already: they stand in their slots, which are the top.

use super::emit::{op, op_imm};
use super::func::{Translator, class_of};
use super::fuse::Free;
use super::stack::Class;
use crate::code::{FrameLayout, Kind};
use crate::syntax::{FuncIdx, FuncType, TableIdx, TypeIdx};

/// Whom a call calls.
#[derive(Clone, Copy)]
pub enum Target {
    /// A function of the module.
    Func(FuncIdx),
    /// The element with the index in a cell, of that type, of that table.
    Element(u32, TypeIdx, TableIdx),
    /// What the reference in a cell refers to.
    Reference(u32),
}

impl<'m> Translator<'m> {
    fn target_type(&self, target: Target, ty: Option<TypeIdx>) -> &'m FuncType {
        let id = match (target, ty) {
            (Target::Func(func), _) => self.ctx.funcs[func.index()],
            (Target::Element(_, ty, _), _) => self.ctx.type_id(ty),
            (Target::Reference(_), Some(ty)) => self.ctx.type_id(ty),
            (Target::Reference(_), None) => unreachable!("validated: call_ref names its type"),
        };
        self.ctx
            .space
            .func(id)
            .unwrap_or_else(|| unreachable!("validated: a function type"))
    }

    /// Stages the arguments on the stack; returns where the callee's frame begins. The operands
    /// are popped.
    fn stage_args(&mut self, ty: &FuncType, layout: FrameLayout) -> u32 {
        let count = ty.params.len();
        let below = self.stack.below(count);
        let start = if layout.params.refs == 0 {
            self.materialise_top(count);
            self.stack.slots_at(below).0
        } else {
            self.stage_mixed(count, layout)
        };
        self.stack.truncate(below);
        self.stage(start + layout.body());
        start
    }

    /// Copies references and numbers above all number operands.
    fn stage_mixed(&mut self, count: usize, layout: FrameLayout) -> u32 {
        let start = self.stack.next_num();
        let (mut reference, mut num) = (start, start + layout.params.refs);
        if count > 8 {
            self.materialise_top(count);
            let (from_num, from_ref) = self.stack.slots_at(self.stack.below(count));
            self.emit.copy_span(reference, from_ref, layout.params.refs);
            self.emit.copy_span(num, from_num, layout.params.nums);
            return start;
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
        start
    }

    /// Pushes the results that a call leaves at `start`.
    fn push_results(&mut self, ty: &FuncType, layout: FrameLayout, start: u32) {
        let (num, reference) = (self.stack.next_num(), self.stack.next_ref());
        for &result in &ty.results {
            self.push_slot(class_of(result));
        }
        let results = layout.results;
        self.emit.forget();
        if results.refs == 0 {
            if start == num && matches!(ty.results.first().copied().map(class_of), Some(Class::Num))
            {
                self.emit.set_acc(num);
            }
            self.emit.copy_span(num, start, results.nums);
            return;
        }
        // References first: the numbers may move down over where they stand.
        self.emit.copy_span(reference, start, results.refs);
        self.emit.copy_span(num, start + results.refs, results.nums);
    }

    pub(super) fn call(&mut self, target: Target, ty: Option<TypeIdx>) {
        let ty = self.target_type(target, ty);
        let layout = FrameLayout::of(ty);
        self.indirect |= !matches!(target, Target::Func(_));
        let target = self.guard_callee(target, layout);
        let start = self.stage_args(ty, layout);
        let link = layout.link();
        match target {
            Target::Func(func) if func.0 < self.ctx.imported_funcs => {
                self.effect(op_imm(Kind::CallImport, start, link, func.0));
            }
            Target::Func(func) => {
                let at = self.emit.pc();
                self.effect(op_imm(Kind::CallFunc, start, link, func.0));
                self.calls.push((Some(at), func));
            }
            Target::Element(index, ty, table) => {
                self.effect(op(Kind::CallIndirect, start, link, index, 0));
                self.emit.words(&[self.element_word(ty, table)]);
            }
            Target::Reference(cell) => {
                self.effect(op(Kind::CallRef, start, link, cell, 0));
            }
        }
        self.push_results(ty, layout, start);
    }

    fn element_word(&self, ty: TypeIdx, table: TableIdx) -> u64 {
        u64::from(self.ctx.type_id(ty).0) | u64::from(table.0) << 32
    }

    /// The operand that names the callee was on top and is popped, so its slot is the first cell
    /// that staging above the operands writes: a number that stands there moves out of the way.
    /// References stand elsewhere.
    fn guard_callee(&mut self, target: Target, layout: FrameLayout) -> Target {
        let Target::Element(cell, ty, table) = target else {
            return target;
        };
        let top = self.stack.next_num();
        if cell < top || layout.params.refs == 0 {
            return target;
        }
        let to = top + layout.body();
        self.emit.copy(Class::Num, to, cell, Free::NONE);
        self.stage(to + 1);
        Target::Element(to, ty, table)
    }

    pub(super) fn return_call(&mut self, target: Target, ty: Option<TypeIdx>) {
        let ty = self.target_type(target, ty);
        let layout = FrameLayout::of(ty);
        self.indirect |= !matches!(target, Target::Func(_));
        let target = self.guard_callee(target, layout);
        let start = self.stage_args(ty, layout);
        let tail = u64::from(layout.link())
            | u64::from(self.source.layout.link()) << 16
            | u64::from(layout.params.total()) << 32;
        match target {
            Target::Func(func) => {
                self.effect(op_imm(Kind::ReturnCall, start, 0, func.0));
                self.emit.words(&[tail]);
                if func.0 >= self.ctx.imported_funcs {
                    self.calls.push((None, func));
                }
            }
            Target::Element(index, ty, table) => {
                self.effect(op(Kind::ReturnCallIndirect, start, 0, index, 0));
                self.emit.words(&[tail, self.element_word(ty, table)]);
            }
            Target::Reference(cell) => {
                self.effect(op(Kind::ReturnCallRef, start, 0, cell, 0));
                self.emit.words(&[tail]);
            }
        }
        self.stage(layout.body());
        self.die();
    }

    /// Returns with the results on top of the stack; they stay there.
    pub(super) fn return_(&mut self) {
        let link = self.source.layout.link();
        let count = self.source.results.len();
        let results = self.source.layout.results;
        if count == 0 {
            self.effect(op(Kind::Return, link, 0, 0, 0));
            return;
        }
        if count == 1 && results.total() == 1 {
            let operand = self.stack.peek(0);
            let cell = self.cell(&operand);
            let free = self.free_above(self.stack.below(1));
            self.emit.clobber(op(Kind::ReturnR, link, cell, 0, 0), free);
            return;
        }
        // Results go where parameters stand, which operands may still be: slots first.
        let (from_num, from_ref) = self.stack.slots_at(self.stack.below(count));
        if count == 1 {
            let operand = self.stack.peek(0);
            let from = self.cell(&operand);
            self.emit.copy_span(0, from, results.total());
        } else {
            self.materialise_top(count);
            self.emit.copy_span(0, from_ref, results.refs);
            self.emit.copy_span(results.refs, from_num, results.nums);
        }
        self.effect(op(Kind::Return, link, 0, 0, 0));
    }
}
