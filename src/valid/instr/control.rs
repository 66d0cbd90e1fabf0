//! Control, exceptions and parametric instructions (spec: valid/instructions, control and
//! parametric instructions).

use crate::syntax::{
    AddrType, BlockType, BrTargets, CastBranch, Catch, Catches, FuncIdx, FuncType, HeapType,
    LabelIdx, RefType, TableIdx, TagIdx, TypeIdx, ValType,
};
use crate::valid::error::{Check, Expected, Mismatch};
use crate::valid::func::{FrameKind, FuncValidator, missing};
use crate::valid::operand::Operand;

/// Blocks.
impl FuncValidator<'_> {
    /// The clauses' labels are counted outside the block.
    pub(super) fn try_table(&mut self, ty: BlockType, catches: Catches<'_>) -> Check {
        catches.iter().try_for_each(|catch| self.catch(catch))?;
        self.open(FrameKind::TryTable, ty)
    }

    fn catch(&self, catch: Catch) -> Check {
        let thrown: &[ValType] = match catch.tag {
            Some(tag) => &self.ctx.tag(tag)?.params,
            None => &[],
        };
        let reference = catch
            .by_ref
            .then_some(ValType::Ref(RefType::EXNREF.non_null()));
        let target = self.frame(self.label(catch.label)?);
        let label = target.label_types();
        let count = thrown.len() + usize::from(catch.by_ref);
        if label.len() != count {
            return arity(label.len(), count);
        }
        for (&found, &expected) in thrown.iter().chain(&reference).zip(label) {
            if !self.ctx.space.val_matches(found, expected) {
                return Mismatch::Type { expected, found }.err();
            }
        }
        Ok(())
    }

    pub(super) fn throw(&mut self, tag: TagIdx) -> Check {
        let ty = self.ctx.tag(tag)?;
        self.pop_vals(&ty.params)?;
        self.set_unreachable();
        Ok(())
    }

    pub(super) fn throw_ref(&mut self) -> Check {
        self.pop_ref(HeapType::Exn)?;
        self.set_unreachable();
        Ok(())
    }
}

/// Branches.
impl FuncValidator<'_> {
    pub(super) fn br(&mut self, label: LabelIdx) -> Check {
        let position = self.label(label)?;
        self.pop_vals(self.frame(position).label_types())?;
        self.set_unreachable();
        Ok(())
    }

    pub(super) fn br_if(&mut self, label: LabelIdx) -> Check {
        self.pop(Operand::I32)?;
        let position = self.label(label)?;
        let target = self.frame(position);
        self.pass(target.label_types())
    }

    /// Pops operands of these types and pushes the types themselves.
    fn pass(&mut self, types: &[ValType]) -> Check {
        if types.is_empty() {
            return Ok(());
        }
        self.pop_vals(types)?;
        self.push_vals(types)
    }

    /// The operands stay while each label is checked against them: a label that was checked once
    /// need not be checked again.
    pub(super) fn br_table(&mut self, targets: BrTargets<'_>) -> Check {
        self.pop(Operand::I32)?;
        self.br_tables += 1;
        let mut arity_of_first = None;
        for label in targets.iter() {
            let position = self.label(label)?;
            if self.frames[position].checked == self.br_tables {
                continue;
            }
            self.frames[position].checked = self.br_tables;
            let target = self.frame(position);
            let types = target.label_types();
            let expected = *arity_of_first.get_or_insert(types.len());
            if types.len() != expected {
                return arity(expected, types.len());
            }
            self.check_vals(types)?;
        }
        self.set_unreachable();
        Ok(())
    }

    pub(super) fn br_on_null(&mut self, label: LabelIdx) -> Check {
        let operand = self.pop_any_ref()?;
        let position = self.label(label)?;
        let target = self.frame(position);
        self.pass(target.label_types())?;
        self.push(operand.non_null());
        Ok(())
    }

    pub(super) fn br_on_non_null(&mut self, label: LabelIdx) -> Check {
        let position = self.label(label)?;
        let target = self.frame(position);
        let (rest, last) = split_ref(target.label_types())?;
        self.pop_ref(last.heap)?;
        self.pass(rest)
    }

    pub(super) fn br_on_cast(&mut self, cast: CastBranch) -> Check {
        let (from, to) = self.cast(cast)?;
        self.cast_branch(cast.label, from, to, difference(from, to))
    }

    pub(super) fn br_on_cast_fail(&mut self, cast: CastBranch) -> Check {
        let (from, to) = self.cast(cast)?;
        self.cast_branch(cast.label, from, difference(from, to), to)
    }

    fn cast(&self, cast: CastBranch) -> Check<(RefType, RefType)> {
        let from = self.ctx.check_ref(cast.from)?;
        let to = self.ctx.check_ref(cast.to)?;
        self.ref_fits(to, from)?;
        Ok((from, to))
    }

    /// Pops `from`; passes `taken` with the branch, keeps `kept` without.
    fn cast_branch(
        &mut self,
        label: LabelIdx,
        from: RefType,
        taken: RefType,
        kept: RefType,
    ) -> Check {
        let position = self.label(label)?;
        let target = self.frame(position);
        let (rest, last) = split_ref(target.label_types())?;
        self.ref_fits(taken, last)?;
        self.pop(Operand::of_ref(from))?;
        self.pass(rest)?;
        self.push(Operand::of_ref(kept));
        Ok(())
    }

    fn ref_fits(&self, found: RefType, expected: RefType) -> Check {
        if self.ctx.space.ref_matches(found, expected) {
            return Ok(());
        }
        let (expected, found) = (ValType::Ref(expected), ValType::Ref(found));
        Mismatch::Type { expected, found }.err()
    }

    pub(super) fn return_(&mut self) -> Check {
        let function = self.frame(0);
        self.pop_vals(function.label_types())?;
        self.set_unreachable();
        Ok(())
    }
}

/// Splits the reference off a label's types.
fn split_ref(types: &[ValType]) -> Check<(&[ValType], RefType)> {
    match types {
        [rest @ .., ValType::Ref(last)] => Ok((rest, *last)),
        _ => Mismatch::LabelWithoutRef.err(),
    }
}

/// Returns the type that is left of `from` when a cast to `to` has failed (spec: valid/conventions,
/// difference).
fn difference(from: RefType, to: RefType) -> RefType {
    match to.nullable {
        true => from.non_null(),
        false => from,
    }
}

#[cold]
fn arity<T>(expected: usize, found: usize) -> Check<T> {
    Mismatch::Arity { expected, found }.err()
}

/// Calls.
impl<'c> FuncValidator<'c> {
    pub(super) fn call(&mut self, func: FuncIdx) -> Check {
        let ty = self.callee(func)?;
        self.apply_func(ty)
    }

    pub(super) fn call_indirect(&mut self, ty: TypeIdx, table: TableIdx) -> Check {
        let ty = self.indirect_callee(ty, table)?;
        self.apply_func(ty)
    }

    pub(super) fn call_ref(&mut self, ty: TypeIdx) -> Check {
        let ty = self.ref_callee(ty)?;
        self.apply_func(ty)
    }

    pub(super) fn return_call(&mut self, func: FuncIdx) -> Check {
        let ty = self.callee(func)?;
        self.tail_apply(ty)
    }

    pub(super) fn return_call_indirect(&mut self, ty: TypeIdx, table: TableIdx) -> Check {
        let ty = self.indirect_callee(ty, table)?;
        self.tail_apply(ty)
    }

    pub(super) fn return_call_ref(&mut self, ty: TypeIdx) -> Check {
        let ty = self.ref_callee(ty)?;
        self.tail_apply(ty)
    }

    fn callee(&self, func: FuncIdx) -> Check<&'c FuncType> {
        self.ctx.func(func)?;
        Ok(self.ctx.func_type(func))
    }

    /// Pops the index into the table.
    fn indirect_callee(&mut self, ty: TypeIdx, table: TableIdx) -> Check<&'c FuncType> {
        let ctx = self.ctx;
        let table = ctx.table(table)?;
        self.ref_fits(table.elem, RefType::FUNCREF)?;
        let (_, ty) = ctx.func_ty(ty)?;
        self.pop_addr(table.addr)?;
        Ok(ty)
    }

    /// Pops the function reference.
    fn ref_callee(&mut self, ty: TypeIdx) -> Check<&'c FuncType> {
        let ctx = self.ctx;
        let (id, ty) = ctx.func_ty(ty)?;
        self.pop_ref(HeapType::Concrete(id))?;
        Ok(ty)
    }

    fn apply_func(&mut self, ty: &FuncType) -> Check {
        self.pop_vals(&ty.params)?;
        self.push_vals(&ty.results)
    }

    /// The callee's results become the caller's.
    fn tail_apply(&mut self, ty: &FuncType) -> Check {
        self.pop_vals(&ty.params)?;
        let caller = self.frame(0);
        let results = caller.label_types();
        if ty.results.len() != results.len() {
            return arity(results.len(), ty.results.len());
        }
        for (&found, &expected) in ty.results.iter().zip(results) {
            if !self.ctx.space.val_matches(found, expected) {
                return Mismatch::Type { expected, found }.err();
            }
        }
        self.set_unreachable();
        Ok(())
    }

    /// Pops an address or index.
    #[inline(always)]
    pub(super) fn pop_addr(&mut self, addr: AddrType) -> Check {
        match addr {
            AddrType::I32 => self.pop(Operand::I32),
            AddrType::I64 => self.pop(Operand::I64),
        }
    }

    /// Pushes an address or index.
    pub(super) fn push_addr(&mut self, addr: AddrType) {
        match addr {
            AddrType::I32 => self.push(Operand::I32),
            AddrType::I64 => self.push(Operand::I64),
        }
    }
}

/// Parametric instructions.
impl FuncValidator<'_> {
    /// `select` without a type: numbers and vectors only.
    pub(super) fn select(&mut self) -> Check {
        self.pop(Operand::I32)?;
        let second = self.pop_number()?;
        let first = self.pop_number()?;
        if first == second || second == Operand::BOT {
            self.push(first);
        } else if first == Operand::BOT {
            self.push(second);
        } else {
            self.fits(Some(first), second)?;
        }
        Ok(())
    }

    fn pop_number(&mut self) -> Check<Operand> {
        match self.peek(0) {
            Some(found) if found.is_numeric() => self.pop_any(),
            Some(found) => {
                let (expected, found) = (Expected::Numeric, Some(found.ty()));
                Mismatch::Operand { expected, found }.err()
            }
            None => missing(Expected::Numeric),
        }
    }

    pub(super) fn select_typed(&mut self, ty: ValType) -> Check {
        let ty = Operand::new(self.ctx.check_val(ty)?);
        self.pop(Operand::I32)?;
        self.pop(ty)?;
        self.pop(ty)?;
        self.push(ty);
        Ok(())
    }
}
