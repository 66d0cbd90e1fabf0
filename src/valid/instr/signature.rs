//! Instructions without control flow whose operands follow from a table: packed signatures made
//! from the tables of `syntax` when we are compiled.

use crate::syntax::{LaneOp, NumericOp, ValType, VectorOp};
use crate::valid::error::{Check, InvalidKind};
use crate::valid::func::FuncValidator;
use crate::valid::operand::Operand;

/// Operand and result types of an instruction; places past the counts are unused.
pub(super) struct Signature {
    params: [Operand; 4],
    results: [Operand; 2],
    param_count: u8,
    result_count: u8,
}

const fn pack((params, results): (&[ValType], &[ValType])) -> Signature {
    let mut packed = Signature {
        params: [Operand::BOT; 4],
        results: [Operand::BOT; 2],
        param_count: params.len() as u8,
        result_count: results.len() as u8,
    };
    let mut at = 0;
    while at < params.len() {
        packed.params[at] = Operand::new(params[at]);
        at += 1;
    }
    at = 0;
    while at < results.len() {
        packed.results[at] = Operand::new(results[at]);
        at += 1;
    }
    packed
}

macro_rules! table {
    ($(#[$doc:meta])* $name:ident $op:ident) => {
        $(#[$doc])*
        pub(super) static $name: [Signature; $op::ALL.len()] = {
            let mut table = [const { pack((&[], &[])) }; $op::ALL.len()];
            let mut at = 0;
            while at < table.len() {
                table[at] = pack($op::ALL[at].signature());
                at += 1;
            }
            table
        };
    };
}

table! {
    /// By `NumericOp as usize`.
    NUMERIC NumericOp
}
table! {
    /// By `VectorOp as usize`.
    VECTOR VectorOp
}
table! {
    /// By `LaneOp as usize`.
    LANE LaneOp
}

/// Checks a lane index.
pub(super) fn check_lane(lane: u8, lanes: u8) -> Check {
    match lane < lanes {
        true => Ok(()),
        false => InvalidKind::LaneIndex.err(),
    }
}

impl FuncValidator<'_> {
    /// Pops the operands and pushes the results.
    #[inline(always)]
    pub(super) fn apply(&mut self, sig: &Signature) -> Check {
        // Nearly all: one or two operands of just these types, one result in place of the first.
        let len = self.operands.len();
        let base = len.wrapping_sub(sig.param_count as usize);
        if sig.result_count == 1
            && base >= self.height
            && let Some(found) = self.operands.get_mut(base..)
        {
            match found {
                [a, b] if (*a, *b) == (sig.params[0], sig.params[1]) => {
                    *a = sig.results[0];
                    self.operands.pop();
                    return Ok(());
                }
                [a] if *a == sig.params[0] => {
                    *a = sig.results[0];
                    return Ok(());
                }
                _ => {}
            }
        }
        self.apply_any(sig)
    }

    #[inline(never)]
    fn apply_any(&mut self, sig: &Signature) -> Check {
        for &param in sig.params[..sig.param_count as usize].iter().rev() {
            self.pop(param)?;
        }
        for &result in &sig.results[..sig.result_count as usize] {
            self.push(result);
        }
        Ok(())
    }

    /// `i8x16.shuffle`.
    pub(super) fn shuffle(&mut self, lanes: &[u8; 16]) -> Check {
        lanes.iter().try_for_each(|&lane| check_lane(lane, 32))?;
        self.pop(Operand::V128)?;
        self.pop(Operand::V128)?;
        self.push(Operand::V128);
        Ok(())
    }
}
