//! The two stacks of the validation algorithm (spec: appendix/algorithm, data structures), for
//! function bodies and constant expressions. What each instruction does with them is in `instr`.

use super::context::{BlockSig, Context};
use super::error::{Check, Excess, Expected, Invalid, InvalidKind, Mismatch, Space, unknown};
use super::locals::Locals;
use super::operand::{Operand, OperandType};
use crate::syntax::{
    BlockType, FuncIdx, HeapType, Instr, LabelIdx, LocalIdx, RefType, TypeId, ValType,
};
use alloc::vec::Vec;

/// Most operands on the stack of one function. Calls with many results could otherwise take
/// thousands of times the memory of their code; without them no body comes near.
const MAX_OPERANDS: u32 = 1 << 24;

/// Allocations of a [`FuncValidator`], to be used again for the next function.
#[derive(Default)]
pub struct Scratch {
    operands: Vec<Operand>,
    frames: Vec<Frame>,
    locals: Locals,
    declared: Vec<FuncIdx>,
}

impl Scratch {
    /// Takes the functions that `ref.func` named in the last constant expression.
    pub fn take_declared(&mut self) -> Vec<FuncIdx> {
        core::mem::take(&mut self.declared)
    }
}

/// Which construct opened a control frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum FrameKind {
    Func,
    Block,
    Loop,
    If,
    Else,
    TryTable,
}

/// A control frame as kept: 20 bytes, because a body of a few MB can nest millions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub kind: FrameKind,
    pub unreachable: bool,
    sig: Sig,
    /// Height of the operand stack below the frame.
    pub height: u32,
    /// How many locals were set on entry.
    set: u32,
    /// The last `br_table` of the function that has checked this label, counted from 1.
    pub checked: u32,
}

/// A [`BlockSig`] in 8 bytes.
#[derive(Clone, Copy, Debug)]
enum Sig {
    Empty,
    Val(Operand),
    /// A canonical function type.
    Func(TypeId),
}

/// A control frame (spec: appendix/algorithm), as shown outside.
#[derive(Clone, Copy, Debug)]
pub struct ControlFrame<'c> {
    /// What opened it.
    pub kind: FrameKind,
    /// Parameters and results.
    pub sig: BlockSig<'c>,
    /// Height of the operand stack below the frame, its parameters excluded.
    pub height: usize,
    /// Whether the rest of the frame cannot be reached.
    pub unreachable: bool,
}

impl ControlFrame<'_> {
    /// Parameter types.
    pub fn params(&self) -> &[ValType] {
        match self.kind {
            // The parameters of a function are locals.
            FrameKind::Func => &[],
            _ => self.sig.params(),
        }
    }

    /// Result types.
    pub fn results(&self) -> &[ValType] {
        self.sig.results()
    }

    /// Types a branch to the frame's label passes.
    #[inline]
    pub fn label_types(&self) -> &[ValType] {
        match self.kind {
            FrameKind::Loop => self.sig.params(),
            FrameKind::Func
            | FrameKind::Block
            | FrameKind::If
            | FrameKind::Else
            | FrameKind::TryTable => self.sig.results(),
        }
    }
}

/// Validates one instruction sequence, one instruction at a time.
///
/// After an error the validator must not be used further, except for
/// [`into_scratch`](FuncValidator::into_scratch).
pub struct FuncValidator<'c> {
    pub(super) ctx: &'c Context,
    pub(super) operands: Vec<Operand>,
    pub(super) frames: Vec<Frame>,
    pub(super) locals: Locals,
    /// Height of the innermost frame.
    pub(super) height: usize,
    /// For a constant expression, how many globals may be read.
    pub(super) constant: Option<u32>,
    /// How many `br_table` there were.
    pub(super) br_tables: u32,
    pub(super) declared: Vec<FuncIdx>,
}

impl<'c> FuncValidator<'c> {
    /// Begins a function body. `ty` is a canonical function type, `locals` are as declared.
    ///
    /// # Panics
    /// When `ty` is not a function type of the context.
    pub fn new(
        ctx: &'c Context,
        ty: TypeId,
        locals: &[(u32, ValType)],
        scratch: Scratch,
    ) -> Result<Self, Invalid> {
        let mut validator = FuncValidator::with(ctx, Sig::Func(ty), None, scratch);
        let func = ctx.space.func(ty);
        let func = func.expect("validated: a function has a function type");
        for &param in &func.params {
            validator.locals.add_param(Operand::new(param));
        }
        for &(count, ty) in locals {
            let ty = ctx.check_val(ty).map_err(|kind| kind.at(0))?;
            validator.locals.add_declared(count, Operand::new(ty));
        }
        Ok(validator)
    }

    /// Begins a constant expression of the (canonical) type `ty`, which may read immutable
    /// globals below index `globals`.
    pub fn constant(ctx: &'c Context, ty: ValType, globals: u32, scratch: Scratch) -> Self {
        FuncValidator::with(ctx, Sig::Val(Operand::new(ty)), Some(globals), scratch)
    }

    fn with(ctx: &'c Context, sig: Sig, constant: Option<u32>, mut scratch: Scratch) -> Self {
        scratch.operands.clear();
        scratch.frames.clear();
        scratch.locals.clear();
        scratch.declared.clear();
        let mut validator = FuncValidator {
            ctx,
            operands: scratch.operands,
            frames: scratch.frames,
            locals: scratch.locals,
            height: 0,
            constant,
            br_tables: 0,
            declared: scratch.declared,
        };
        validator.push_frame(FrameKind::Func, sig);
        validator
    }

    /// Gives the allocations back.
    pub fn into_scratch(self) -> Scratch {
        Scratch {
            operands: self.operands,
            frames: self.frames,
            locals: self.locals,
            declared: self.declared,
        }
    }

    /// Validates the next instruction; `offset` is its place in the module.
    #[inline]
    pub fn instr(&mut self, offset: u32, instr: &Instr<'_>) -> Result<(), Invalid> {
        self.step(instr).map_err(|kind| self.invalid(*kind, offset))
    }

    /// Adds the place, and shows types with the indices that the module gives them.
    #[cold]
    fn invalid(&self, mut kind: InvalidKind, offset: u32) -> Invalid {
        kind.map_types(|ty| self.ctx.written(ty));
        kind.at(offset)
    }

    /// Number of open control frames; 0 when the sequence is complete.
    pub fn depth(&self) -> usize {
        self.frames.len()
    }

    /// Returns whether the next instruction cannot be reached.
    pub fn is_unreachable(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.unreachable)
    }

    /// The control frame a label refers to.
    ///
    /// # Panics
    /// If the label is out of range.
    pub fn control(&self, label: LabelIdx) -> ControlFrame<'c> {
        self.frame(self.frames.len() - 1 - label.index())
    }

    /// The control frame at that position, the function's being at 0.
    #[inline]
    pub(super) fn frame(&self, position: usize) -> ControlFrame<'c> {
        let frame = &self.frames[position];
        ControlFrame {
            kind: frame.kind,
            sig: self.sig(frame),
            height: frame.height as usize,
            unreachable: frame.unreachable,
        }
    }

    /// Height of the operand stack.
    pub fn height(&self) -> usize {
        self.operands.len()
    }

    /// The operand `depth` places below the top, which is 0, within the innermost frame. Past its
    /// end, which only unreachable code asks for, there are unknown operands.
    pub fn operand(&self, depth: usize) -> OperandType {
        let index = self.operands.len().checked_sub(depth + 1);
        match index {
            Some(index) if index >= self.height => self.operands[index].ty(),
            _ => OperandType::Bot,
        }
    }

    /// The operand at that height of the stack, whichever frame it belongs to.
    pub fn operand_at(&self, height: usize) -> Option<OperandType> {
        self.operands.get(height).map(|operand| operand.ty())
    }

    /// The type of a local.
    ///
    /// # Panics
    /// When there is no such local.
    pub fn local_type(&self, local: LocalIdx) -> ValType {
        match self.locals.ty(local).map(Operand::ty) {
            Ok(OperandType::Val(ty)) => ty,
            Ok(OperandType::Bot | OperandType::RefBot) | Err(_) => {
                unreachable!("validated: local {}", local.0)
            }
        }
    }

    /// Number of locals, parameters included.
    pub fn local_count(&self) -> u32 {
        self.locals.count()
    }

    /// The locals without a default value that are set, in the order in which they were.
    pub fn set_locals(&self) -> &[u32] {
        self.locals.in_order()
    }

    /// The context everything refers to.
    pub fn context(&self) -> &'c Context {
        self.ctx
    }
}

/// The operand stack.
impl<'c> FuncValidator<'c> {
    #[inline(always)]
    pub(super) fn push(&mut self, ty: Operand) {
        self.operands.push(ty);
    }

    pub(super) fn push_val(&mut self, ty: ValType) {
        self.push(Operand::new(ty));
    }

    pub(super) fn push_ref(&mut self, nullable: bool, heap: HeapType) {
        self.push(Operand::of_ref(RefType { nullable, heap }));
    }

    pub(super) fn push_vals(&mut self, types: &[ValType]) -> Check {
        if self.operands.len() + types.len() > MAX_OPERANDS as usize {
            let (what, limit) = ("operands on the stack of a function", MAX_OPERANDS);
            return InvalidKind::Limit(Excess { what, limit }).err();
        }
        self.operands
            .extend(types.iter().map(|&ty| Operand::new(ty)));
        Ok(())
    }

    /// Pops an operand of that type.
    #[inline(always)]
    pub(super) fn pop(&mut self, expected: Operand) -> Check {
        if let Some(&top) = self.operands.last()
            && top == expected
            && self.operands.len() > self.height
        {
            self.operands.pop();
            return Ok(());
        }
        self.pop_other(expected)
    }

    /// Pops an operand whose type is not the expected one itself: the part of `pop` out of line.
    #[inline(never)]
    fn pop_other(&mut self, expected: Operand) -> Check {
        let found = self.peek(0);
        self.fits(found, expected)?;
        self.pop_reached();
        Ok(())
    }

    pub(super) fn pop_val(&mut self, expected: ValType) -> Check {
        self.pop(Operand::new(expected))
    }

    /// Pops operands of these types, the last one first.
    pub(super) fn pop_vals(&mut self, types: &[ValType]) -> Check {
        types.iter().rev().try_for_each(|&ty| self.pop_val(ty))
    }

    /// Pops a nullable reference to that heap type, or one below.
    pub(super) fn pop_ref(&mut self, heap: HeapType) -> Check {
        self.pop(Operand::null_ref(heap))
    }

    /// Pops any operand.
    pub(super) fn pop_any(&mut self) -> Check<Operand> {
        match self.peek(0) {
            Some(found) => {
                self.pop_reached();
                Ok(found)
            }
            None => missing(Expected::Any),
        }
    }

    /// Pops any reference, or an unknown operand.
    pub(super) fn pop_any_ref(&mut self) -> Check<Operand> {
        match self.peek(0) {
            Some(found) if found.is_ref() || found == Operand::BOT => {
                self.pop_reached();
                Ok(found)
            }
            Some(found) => {
                let found = Some(found.ty());
                let expected = Expected::Ref;
                Mismatch::Operand { expected, found }.err()
            }
            None => missing(Expected::Ref),
        }
    }

    /// The operand that many places below the top; `None` when the frame has none there and can
    /// be reached.
    pub(super) fn peek(&self, depth: usize) -> Option<Operand> {
        let index = self.operands.len().checked_sub(depth + 1);
        match index {
            Some(index) if index >= self.height => self.operands.get(index).copied(),
            _ => self.is_unreachable().then_some(Operand::BOT),
        }
    }

    /// Removes the top, which is unknown when it belongs to an outer frame.
    fn pop_reached(&mut self) {
        if self.operands.len() > self.height {
            self.operands.pop();
        }
    }

    /// Checks a peeked operand.
    #[inline]
    pub(super) fn fits(&self, found: Option<Operand>, expected: Operand) -> Check {
        match found {
            Some(found) if found.matches(expected, &self.ctx.space) => Ok(()),
            _ => mismatch(expected, found),
        }
    }

    /// Checks that the operands on top have these types, without popping them.
    pub(super) fn check_vals(&self, types: &[ValType]) -> Check {
        for (depth, &ty) in types.iter().rev().enumerate() {
            self.fits(self.peek(depth), Operand::new(ty))?;
        }
        Ok(())
    }
}

/// The control stack.
impl<'c> FuncValidator<'c> {
    fn push_frame(&mut self, kind: FrameKind, sig: Sig) {
        self.height = self.operands.len();
        self.frames.push(Frame {
            kind,
            unreachable: false,
            sig,
            height: self.height as u32,
            set: self.locals.height(),
            checked: 0,
        });
    }

    /// Opens a block of that type: pops its parameters, then pushes them inside.
    pub(super) fn open(&mut self, kind: FrameKind, ty: BlockType) -> Check {
        let sig = self.block_sig(ty)?;
        if kind == FrameKind::If {
            self.pop(Operand::I32)?;
        }
        match sig {
            Sig::Func(id) => {
                let params = &self.func(id).params;
                self.pop_vals(params)?;
                self.push_frame(kind, Sig::Func(id));
                self.push_vals(params)
            }
            sig @ (Sig::Empty | Sig::Val(_)) => {
                self.push_frame(kind, sig);
                Ok(())
            }
        }
    }

    fn block_sig(&self, ty: BlockType) -> Check<Sig> {
        Ok(match ty {
            BlockType::Empty => Sig::Empty,
            BlockType::Val(ty) => Sig::Val(Operand::new(self.ctx.check_val(ty)?)),
            BlockType::Type(idx) => Sig::Func(self.ctx.func_ty(idx)?.0),
        })
    }

    fn func(&self, id: TypeId) -> &'c crate::syntax::FuncType {
        let ty = self.ctx.space.func(id);
        ty.expect("validated: a block has a function type")
    }

    pub(super) fn sig(&self, frame: &Frame) -> BlockSig<'c> {
        match frame.sig {
            Sig::Empty => BlockSig::Empty,
            Sig::Val(operand) => match operand.ty() {
                OperandType::Val(ty) => BlockSig::Val(ty),
                OperandType::Bot | OperandType::RefBot => BlockSig::Empty,
            },
            Sig::Func(id) => BlockSig::Func(self.func(id)),
        }
    }

    /// Pops the results of the innermost frame and checks that nothing is left in it.
    pub(super) fn finish_frame(&mut self) -> Check<Frame> {
        let Some(&frame) = self.frames.last() else {
            return InvalidKind::AfterEnd.err();
        };
        match frame.sig {
            Sig::Empty => {}
            Sig::Val(operand) => self.pop(operand)?,
            Sig::Func(id) => self.pop_vals(&self.func(id).results)?,
        }
        match self.operands.len() - self.height {
            0 => Ok(frame),
            count => Mismatch::Left { count }.err(),
        }
    }

    /// `end`.
    pub(super) fn close(&mut self) -> Check {
        let frame = self.finish_frame()?;
        if frame.kind == FrameKind::If {
            self.check_no_else(&frame)?;
        }
        self.locals.reset(frame.set);
        self.frames.pop();
        self.height = self.frames.last().map_or(0, |frame| frame.height as usize);
        match frame.sig {
            Sig::Empty => Ok(()),
            Sig::Val(operand) => {
                self.push(operand);
                Ok(())
            }
            Sig::Func(id) => self.push_vals(&self.func(id).results),
        }
    }

    /// An absent `else` passes the parameters on as results.
    fn check_no_else(&self, frame: &Frame) -> Check {
        let sig = self.sig(frame);
        match self.ctx.space.vals_match(sig.params(), sig.results()) {
            true => Ok(()),
            false => Mismatch::NoElse.err(),
        }
    }

    /// `else`.
    pub(super) fn open_else(&mut self) -> Check {
        if self.frames.last().map(|frame| frame.kind) != Some(FrameKind::If) {
            return InvalidKind::ElseWithoutIf.err();
        }
        let frame = self.finish_frame()?;
        self.locals.reset(frame.set);
        self.frames.pop();
        self.push_frame(FrameKind::Else, frame.sig);
        match frame.sig {
            Sig::Empty | Sig::Val(_) => Ok(()),
            Sig::Func(id) => self.push_vals(&self.func(id).params),
        }
    }

    /// Marks the rest of the innermost frame unreachable.
    pub(super) fn set_unreachable(&mut self) {
        self.operands.truncate(self.height);
        if let Some(frame) = self.frames.last_mut() {
            frame.unreachable = true;
        }
    }

    /// Position in `frames` of a label.
    pub(super) fn label(&self, label: LabelIdx) -> Check<usize> {
        let position = self.frames.len().checked_sub(label.index() + 1);
        position.ok_or_else(|| unknown(Space::Label, label.0))
    }
}

#[cold]
#[inline(never)]
fn mismatch<T>(expected: Operand, found: Option<Operand>) -> Check<T> {
    let expected = match expected.ty() {
        OperandType::Val(ty) => Expected::Val(ty),
        OperandType::Bot | OperandType::RefBot => Expected::Ref,
    };
    let found = found.map(Operand::ty);
    Mismatch::Operand { expected, found }.err()
}

#[cold]
pub(super) fn missing<T>(expected: Expected) -> Check<T> {
    let found = None;
    Mismatch::Operand { expected, found }.err()
}
