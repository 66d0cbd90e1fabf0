//! Numeric instructions, and what they are done together with: constants, shifts and loads right
//! before them.

use super::emit::{cell_of, op, op_imm};
use super::func::Translator;
use super::stack::{Class, Operand, Place};
use crate::code::{Kind, MemForm, NumForm};
use crate::syntax::{NumericOp, ValType};

impl Translator<'_> {
    pub(super) fn numeric(&mut self, num: NumericOp) {
        let (params, results) = num.signature();
        match (params.len(), results.len()) {
            (1, _) => self.unary(num),
            (2, 1) => self.binary(num),
            (2, _) => {
                let (c, b) = (self.pop_cell(), self.pop_cell());
                let low = self.push_slot(Class::Num);
                self.push_slot(Class::Num);
                self.emit.clobber(op(Kind::Wide(num), low, b, c, 0));
            }
            (count, _) => {
                self.settle_top(count);
                let below = self.stack.below(count);
                self.stack.truncate(below);
                let from = self.stack.next_num();
                let low = self.push_slot(Class::Num);
                self.push_slot(Class::Num);
                self.emit.clobber(op(Kind::Wide(num), low, from, 0, 0));
            }
        }
    }

    fn unary(&mut self, num: NumericOp) {
        let operand = self.stack.pop();
        let b = self.cell(&operand);
        if self.emit.in_acc(b) {
            self.emit.take_acc(&operand);
            self.define(Kind::Numeric(num, NumForm::Ar), Class::Num, [0; 3], &[]);
        } else {
            self.define(Kind::Numeric(num, NumForm::Rr), Class::Num, [b, 0, 0], &[]);
        }
    }

    fn binary(&mut self, num: NumericOp) {
        let (mut right, mut left) = (self.stack.pop(), self.stack.pop());
        if let (Place::Const(_), false) = (left.place, matches!(right.place, Place::Const(_)))
            && let Some(swapped) = num.swapped()
        {
            (left, right) = (right, left);
            return self.binary_with(swapped, left, right);
        }
        self.binary_with(num, left, right);
    }

    fn binary_with(&mut self, num: NumericOp, left: Operand, right: Operand) {
        if let (Place::Const(bits), true) = (right.place, num.takes_immediate())
            && let Some(imm) = immediate(num, bits)
        {
            let b = self.cell(&left);
            let slot = self.push_slot(Class::Num);
            let raw = if self.emit.in_acc(b) {
                self.emit.take_acc(&left);
                op_imm(Kind::Numeric(num, NumForm::Ai), slot, 0, imm)
            } else {
                op_imm(Kind::Numeric(num, NumForm::Ri), slot, b, imm)
            };
            self.emit.produce_acc(raw, &[]);
            return;
        }
        if num == NumericOp::I32Add && self.add_shl(&left, &right) {
            return;
        }
        if self.with_memory(num, &left, &right) {
            return;
        }
        let b = self.cell(&left);
        let c = self.cell(&right);
        if self.emit.in_acc(c) {
            if b == c {
                // Both are the accumulator: one of them is read from the cell.
                self.define(Kind::Numeric(num, NumForm::Ar), Class::Num, [0, c, 0], &[]);
                return;
            }
            self.emit.take_acc(&right);
            self.define(Kind::Numeric(num, NumForm::Ra), Class::Num, [b, 0, 0], &[]);
        } else if self.emit.in_acc(b) {
            self.emit.take_acc(&left);
            self.define(Kind::Numeric(num, NumForm::Ar), Class::Num, [0, c, 0], &[]);
        } else {
            self.define(Kind::Numeric(num, NumForm::Rr), Class::Num, [b, c, 0], &[]);
        }
    }

    /// Adds what a shift has just produced in one operation with the shift: an address.
    fn add_shl(&mut self, left: &Operand, right: &Operand) -> bool {
        for (shifted, other) in [(right, left), (left, right)] {
            if let Some(cell) = cell_of(other, &self.locals)
                && let Some((from, by)) = self.emit.take_shl(shifted)
            {
                match from {
                    Some(from) => self.define(Kind::AddShl, Class::Num, [cell, from, by], &[]),
                    None => self.define(Kind::AddShlA, Class::Num, [cell, 0, by], &[]),
                }
                return true;
            }
        }
        false
    }

    /// Does an operation together with the load right before it that gives one of its operands.
    fn with_memory(&mut self, num: NumericOp, left: &Operand, right: &Operand) -> bool {
        let Some(load) = num.operand_load() else {
            return false;
        };
        let turned = num.swapped().map(|num| (num, right, left));
        for (num, left, right) in [Some((num, left, right)), turned].into_iter().flatten() {
            if let Some(b) = cell_of(left, &self.locals)
                && let Some((address, offset)) = self.emit.take_load(right, load)
            {
                let kind = |form| Kind::NumericMem(num, form);
                match address {
                    None => self.define(kind(MemForm::Ra), Class::Num, [b, 0, offset], &[]),
                    Some(c) if self.emit.in_acc(b) && b != c => {
                        self.emit.take_acc(left);
                        self.define(kind(MemForm::A), Class::Num, [0, c, offset], &[]);
                    }
                    Some(c) => self.define(kind(MemForm::R), Class::Num, [b, c, offset], &[]),
                }
                return true;
            }
        }
        false
    }
}

/// A constant as an immediate of a numeric operation, if sign extension gives it back.
fn immediate(num: NumericOp, bits: u64) -> Option<u32> {
    match num.signature().0.first() {
        Some(ValType::I32) => Some(bits as u32),
        _ => i32::try_from(bits as i64).ok().map(|imm| imm as u32),
    }
}
