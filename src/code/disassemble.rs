//! Register code as text: one line for each operation, with its data words folded in.
//!
//! Cells are `r7`, the accumulator is `acc`, numbers are decimal, positions of operations `@12`.
//! What is printed for each kind is its text in the table of operations.

use super::op::{Op, Spelling, decode_ref};
use super::place::Place;
use crate::syntax::Count;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// One operation as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Where it stands in the list.
    pub at: u32,
    /// What it does.
    pub text: String,
}

/// The operations of a list, whose first stands at `start` of its unit.
pub fn disassemble(ops: &[Op], start: u32) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(op) = ops.get(at) {
        let after = at + 1 + op.kind.data_words() as usize;
        let words: Vec<u64> = ops[at + 1..after.min(ops.len())]
            .iter()
            .map(Op::word)
            .collect();
        lines.push(Line {
            at: start + at as u32,
            text: operation(op, start + at as u32, &words),
        });
        at = after;
    }
    lines
}

/// One operation, at `at`, with the data words that follow it: its kind's text, in which a
/// placeholder in braces stands for
///
/// | placeholder | what is printed |
/// |---|---|
/// | `a`, `b`, `c`, `d` | the cell, as `r5` |
/// | `a.u`, `b.u`, `c.u`, `d.u` | the same number without `r` |
/// | `a+1` | the cell after `a` |
/// | `imm`, `imm.i` | the 32-bit number, unsigned or signed |
/// | `0`, `1` | a place of the kind's form |
/// | `0..`, `1..` | those from it on, as far as the instruction has operands |
/// | `op` | the mnemonic of the kind's instruction |
/// | `target` | the position that is branched to |
/// | `link` | the cell of a callee's link |
/// | `cells`, `values` | `imm` with that word |
/// | `entries` | the number of entries of a branch table |
/// | `word`, `word.x`, `second` | a data word |
/// | `words`, `words.x` | two data words as one number |
/// | `low`, `high`, `low2`, `high2` | the halves of the data words |
/// | `ref` | the reference type in the first data word |
/// | `tail` | the links and cells of a tail call |
/// | `bits` | the operation itself, a data word |
fn operation(op: &Op, at: u32, words: &[u64]) -> String {
    let spelling = op.kind.spelling();
    let mut out = String::new();
    let mut parts = spelling.text.split(['{', '}']);
    out.push_str(parts.next().unwrap_or_default());
    while let (Some(name), Some(text)) = (parts.next(), parts.next()) {
        // Writing to a string cannot fail.
        let _ = placeholder(&mut out, name, &spelling, op, at, words);
        out.push_str(text);
    }
    out
}

/// Prints what a placeholder stands for.
fn placeholder(
    out: &mut String,
    name: &str,
    spelling: &Spelling,
    op: &Op,
    at: u32,
    words: &[u64],
) -> fmt::Result {
    let word = words.first().copied().unwrap_or_default();
    let second = words.get(1).copied().unwrap_or_default();
    let places = spelling.places;
    let place = match name {
        "a" => Place::A,
        "b" => Place::B,
        "c" => Place::C,
        "d" => Place::D,
        "b.u" => Place::NumB,
        "d.u" => Place::NumD,
        "imm" => Place::Imm,
        "imm.i" => Place::Simm,
        "low" => Place::Low,
        "high" => Place::High,
        "low2" => Place::Low2,
        "high2" => Place::High2,
        "0" => places[0],
        "1" => places[1],
        "0.." | "1.." => {
            let first = usize::from(name == "1..");
            let arity = spelling.arity.unwrap_or(places.len());
            for (index, place) in places[first..].iter().take(arity).enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                place.print(out, op, words)?;
            }
            return Ok(());
        }
        "op" => return out.write_str(spelling.mnemonic),
        "a.u" => return write!(out, "{}", op.a),
        "c.u" => return write!(out, "{}", op.c),
        "a+1" => return write!(out, "r{}", u32::from(op.a) + 1),
        "target" => return write!(out, "@{}", op.target(at).unwrap_or_default()),
        "link" => return write!(out, "r{}", u32::from(op.a) + u32::from(op.b)),
        "cells" => return write!(out, "{}", Count(op.imm(), "cell")),
        "values" => return write!(out, "{}", Count(op.imm(), "value")),
        "entries" => return write!(out, "{}", Count(u64::from(op.imm()) + 1, "entry")),
        "word" => return write!(out, "{word}"),
        "word.x" => return write!(out, "{word:#x}"),
        "second" => return write!(out, "{second}"),
        "words" => return write!(out, "{second:016x}_{word:016x}"),
        "words.x" => return write!(out, "{second:#018x}_{word:016x}"),
        "ref" => return write!(out, "{}", decode_ref(word)),
        "bits" => return write!(out, "{:#018x}", op.word()),
        "tail" => {
            let (callee, own, cells) = (word as u16, (word >> 16) as u16, (word >> 32) as u32);
            return write!(
                out,
                "{} from r{}, own link r{own}, callee's r{callee}",
                Count(cells, "cell"),
                op.a
            );
        }
        other => unreachable!("validated: the table has no placeholder {other}"),
    };
    place.print(out, op, words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{BrForm, Kind, LimitForm, LoadForm, NumForm};
    use crate::syntax::{LoadOp, NumericOp};
    use alloc::vec;

    fn check(ops: &[Op], expected: &[&str]) {
        let lines = disassemble(ops, 10);
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn forms() {
        let add = |form| Kind::Numeric(NumericOp::I32Add, form);
        check(
            &[Op::new(add(NumForm::Rr), 5, 2, 3, 0)],
            &["r5 = i32.add r2, r3"],
        );
        let minus = Op::with_imm(add(NumForm::AiX), 0, 0, -1i32 as u32);
        check(&[minus], &["acc = i32.add acc, -1"]);
        let eqz = Kind::Numeric(NumericOp::I32Eqz, NumForm::Ar);
        check(&[Op::new(eqz, 4, 0, 0, 0)], &["r4 = i32.eqz acc"]);
        let load = Kind::Load(LoadOp::I32Load, LoadForm::R);
        check(&[Op::with_imm(load, 1, 2, 8)], &["r1 = i32.load [r2 + 8]"]);
        let less = Kind::BrIf(NumericOp::I32LtS, BrForm::Ri);
        let less = Op::with_imm(less, 3, -2i16 as u16, 70_000 - 10);
        check(&[less], &["br_if i32.lt_s r3, -2, @70000"]);
        let count = Kind::AddBrIf(NumericOp::I32Ne, LimitForm::I);
        let count = Op::with_imm(count, 3, 0, Op::counted(4, -1));
        check(&[count], &["add_br_if i32.ne r3 += -1, 0, @6"]);
        let pair = Op::new(Kind::CopyPair, 6, 2, 7, 3);
        check(&[pair], &["r6 = copy_pair r2; r7 = r3"]);
        check(
            &[Op::with_imm(Kind::CheckFrame, 0, 0, 9)],
            &["check_frame 9"],
        );
    }

    #[test]
    fn data_words_belong_to_their_operation() {
        let ops = vec![
            Op::new(Kind::Const64, 7, 0, 0, 0),
            Op::data(0x1234),
            Op::new(Kind::ReturnA, 2, 0, 0, 0),
        ];
        check(&ops, &["r7 = const64 0x1234", "return_a acc, link r2"]);
        assert_eq!(disassemble(&ops, 10)[1].at, 12);
        // Cut off in the middle: shown as far as it goes.
        check(&ops[..1], &["r7 = const64 0x0"]);
    }

    #[test]
    fn every_kind_has_a_text_and_a_number_of_its_own() {
        let mut numbers = alloc::collections::BTreeSet::new();
        for kind in Kind::all() {
            let number = kind.number();
            assert!(numbers.insert(number), "{kind:?}");
            assert_eq!(Kind::from_number(number), Some(kind));
            let op = Op::new(kind, 1, 2, 3, 4);
            let text = operation(&op, 10, &[5, 6]);
            assert!(
                !text.is_empty() && !text.contains(['{', '}']),
                "{kind:?}: {text}"
            );
        }
        assert_eq!(Kind::from_number(0xFF_0000), None);
    }
}
