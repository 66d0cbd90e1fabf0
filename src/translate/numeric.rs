//! Numeric instructions: those whose operands are constants are done here, a constant on the right
//! becomes part of the operation where it can.

use super::emit::{op, op_imm};
use super::func::Translator;
use super::stack::{Class, Operand, Place};
use crate::code::{Kind, NumForm};
use crate::num::{self, Outcome, Scalar};
use crate::syntax::instr::for_each_numeric;
use crate::syntax::{NumericOp, ValType};

impl Translator<'_> {
    pub(super) fn numeric(&mut self, num: NumericOp) {
        let (params, results) = num.signature();
        match (params.len(), results.len()) {
            (1, _) => self.unary(num),
            (2, 1) => self.binary(num),
            (2, _) => {
                let (c, b) = (self.pop_cell(), self.pop_cell());
                self.wide(num, b, c);
            }
            (count, _) => {
                self.materialise_top(count);
                let below = self.stack.below(count);
                self.stack.truncate(below);
                let from = self.stack.next_num();
                self.wide(num, from, 0);
            }
        }
    }

    fn wide(&mut self, num: NumericOp, b: u32, c: u32) {
        let low = self.push_slot(Class::Num);
        self.push_slot(Class::Num);
        self.effect(op(Kind::Wide(num), low, b, c, 0));
    }

    fn unary(&mut self, num: NumericOp) {
        let operand = self.stack.pop();
        if let Some(value) = folded(num, operand.place, Place::Const(0)) {
            return self.push_lazy(Class::Num, Place::Const(value));
        }
        let b = self.cell(&operand);
        self.define(Kind::Numeric(num, NumForm::Rr), Class::Num, [b, 0, 0], &[]);
    }

    fn binary(&mut self, num: NumericOp) {
        let (right, left) = (self.stack.pop(), self.stack.pop());
        if let Some(value) = folded(num, left.place, right.place) {
            return self.push_lazy(Class::Num, Place::Const(value));
        }
        match (left.place, num.swapped()) {
            (Place::Const(_), Some(swapped)) => self.binary_with(swapped, right, left),
            _ => self.binary_with(num, left, right),
        }
    }

    fn binary_with(&mut self, num: NumericOp, left: Operand, right: Operand) {
        let b = self.cell(&left);
        if let (Place::Const(bits), true) = (right.place, num.takes_immediate())
            && let Some(imm) = immediate(num, bits)
        {
            let free = self.free();
            let slot = self.push_slot(Class::Num);
            let raw = op_imm(Kind::Numeric(num, NumForm::Ri), slot, b, imm);
            self.emit.produce_acc(raw, &[], free);
            return;
        }
        let c = self.cell(&right);
        self.define(Kind::Numeric(num, NumForm::Rr), Class::Num, [b, c, 0], &[]);
    }
}

/// The result of an instruction on constants, unless it traps.
fn folded(num: NumericOp, left: Place, right: Place) -> Option<u64> {
    match (left, right) {
        (Place::Const(left), Place::Const(right)) => evaluate(num, left, right),
        _ => None,
    }
}

macro_rules! row {
    ($fun:ident $a:ident $b:ident ($p:ident)) => {
        num::$fun(Scalar::from_cell($a)).outcome().ok()
    };
    ($fun:ident $a:ident $b:ident ($p:ident $q:ident)) => {
        num::$fun(Scalar::from_cell($a), Scalar::from_cell($b))
            .outcome()
            .ok()
    };
    // Several results.
    ($fun:ident $a:ident $b:ident ($($p:ident)*) two $s:ident) => {
        None
    };
}

macro_rules! rows {
    ($($code:literal $variant:ident $text:literal ($($p:ident)*) -> ($r:ident $($two:ident)?)
       $fun:ident;)*) => {
        /// Applies an instruction of one result to cells.
        fn evaluate(num: NumericOp, a: u64, b: u64) -> Option<u64> {
            match num { $(NumericOp::$variant => row!($fun a b ($($p)*) $(two $two)?),)* }
        }
    };
}
for_each_numeric! { rows }

/// A constant as an immediate of a numeric operation, if sign extension gives it back.
fn immediate(num: NumericOp, bits: u64) -> Option<u32> {
    match num.signature().0.first() {
        Some(ValType::I32) => Some(bits as u32),
        _ => i32::try_from(bits as i64).ok().map(|imm| imm as u32),
    }
}
