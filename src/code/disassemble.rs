//! Register code as text: one line for each operation, with its data words folded in.
//!
//! Cells are `r7`, the accumulator is `acc`, numbers are decimal, positions of operations `@12`.
//! What each kind does stands in [`Kind`].

use super::op::{
    BrForm, Kind, LimitForm, LoadForm, MemForm, NumForm, Op, PairForm, StoreForm, decode_ref,
};
use crate::syntax::Count;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

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

/// One operation, at `at`, with the data words that follow it.
fn operation(op: &Op, at: u32, words: &[u64]) -> String {
    let &Op { kind, a, b, c, d } = op;
    let imm = op.imm();
    let simm = imm as i32;
    let word = words.first().copied().unwrap_or_default();
    let second = words.get(1).copied().unwrap_or_default();
    let (low, high) = (word as u32, (word >> 32) as u32);
    let here = name(kind);
    let target = op.target(at).unwrap_or_default();
    match kind {
        Kind::Data => format!("data {:#018x}", op.word()),
        Kind::Nop | Kind::Unreachable | Kind::Epoch | Kind::AtomicFence => here,
        Kind::Fuel | Kind::CheckFrame | Kind::DataDrop | Kind::ElemDrop => format!("{here} {imm}"),
        Kind::StackProbe => format!("{here} {a}"),
        Kind::Copy | Kind::Copy2 => format!("r{a} = {here} r{b}"),
        Kind::CopyPair => format!("r{a} = {here} r{b}; r{c} = r{d}"),
        Kind::CopyConst => format!("r{a} = {here} r{b}; r{c} = {d}"),
        Kind::ConstPair => format!("r{a} = {here} {b}; r{c} = {d}"),
        Kind::CopySpan => format!("r{a}.. = {here} r{b}.. ({})", Count(imm, "cell")),
        Kind::SetAcc => format!("r{a} = acc"),
        Kind::Const32 => format!("r{a} = {here} {imm}"),
        Kind::ConstSext => format!("r{a} = {here} {simm}"),
        Kind::Const64 => format!("r{a} = {here} {word:#x}"),
        Kind::Const128 => format!("r{a} = {here} {second:#018x}_{word:016x}"),
        Kind::Zero => format!("r{a}.. = {here} ({})", Count(imm, "cell")),
        Kind::Select | Kind::Select2 => format!("r{a} = {here} r{d} ? r{b} : r{c}"),
        Kind::SelectAcc => format!("r{a} = {here} acc ? r{b} : r{c}"),
        Kind::Numeric(_, form) => numeric(&here, form, op),
        Kind::NumericMem(_, form) => {
            let (left, address) = match form {
                MemForm::R => (format!("r{b}"), format!("r{c}")),
                MemForm::A => ("acc".into(), format!("r{c}")),
                MemForm::Ra => (format!("r{b}"), "acc".into()),
            };
            format!("r{a} = {here} {left}, [{address} + {d}]")
        }
        Kind::AddPair(form) => {
            let cell = |step: u16| format!("r{step}");
            let number = |step: u16| format!("{}", step as i16);
            let (first, second) = match form {
                PairForm::Rr => (cell(b), cell(d)),
                PairForm::Ri => (cell(b), number(d)),
                PairForm::Ir => (number(b), cell(d)),
                PairForm::Ii => (number(b), number(d)),
            };
            format!("{here} r{a} += {first}; r{c} += {second}")
        }
        Kind::AddShl => format!("r{a} = {here} r{b}, r{c}, {d}"),
        Kind::AddShlA => format!("r{a} = {here} r{b}, acc, {d}"),
        Kind::Wide(_) => format!("r{a}, r{} = {here} r{b}, r{c}", u32::from(a) + 1),
        Kind::Vector(_) => format!("r{a} = {here} r{b}, r{c}, r{d}"),
        Kind::Shuffle => format!("r{a} = {here} r{b}, r{c}, {second:016x}_{word:016x}"),
        Kind::Lane(_) => format!("r{a} = {here} r{b}[{d}], r{c}"),
        Kind::Br => format!("{here} @{target}"),
        Kind::CopyBr => format!("r{a} = {here} r{b}, @{target}"),
        Kind::ConstBr => format!("r{a} = {here} {b}, @{target}"),
        Kind::BrNz | Kind::BrZ | Kind::BrOnNull | Kind::BrOnNonNull => {
            format!("{here} r{a}, @{target}")
        }
        Kind::BrNzA | Kind::BrZA => format!("{here} acc, @{target}"),
        Kind::BrIf(_, form) | Kind::BrUnless(_, form) => {
            let (left, right) = match form {
                BrForm::Rr => (format!("r{a}"), format!("r{b}")),
                BrForm::Ri => (format!("r{a}"), format!("{}", b as i16)),
                BrForm::Ar => ("acc".into(), format!("r{b}")),
                BrForm::Ai => ("acc".into(), format!("{}", b as i16)),
            };
            format!("{here} {left}, {right}, @{target}")
        }
        Kind::AddBrIf(_, form) => {
            let (_, step) = Op::counted_parts(imm);
            match form {
                LimitForm::R => format!("{here} r{a} += {step}, r{b}, @{target}"),
                LimitForm::I => format!("{here} r{a} += {step}, {}, @{target}", b as i16),
                LimitForm::Rr => format!("{here} r{a} += r{c}, r{b}, @{target}"),
            }
        }
        Kind::BrTable => format!("{here} r{a}, {}", Count(u64::from(imm) + 1, "entry")),
        Kind::BrOnCast | Kind::BrOnCastFail => {
            format!("{here} r{a}, {}, @{target}", decode_ref(word))
        }
        Kind::Call => format!("{here} @{imm}, frame r{a}, link r{}", place(a, b)),
        Kind::CallFunc | Kind::CallImport => {
            format!("{here} {imm}, frame r{a}, link r{}", place(a, b))
        }
        Kind::CallIndirect => {
            let link = place(a, b);
            format!("{here} table {high} [r{c}], type {low}, frame r{a}, link r{link}")
        }
        Kind::CallRef => format!("{here} r{c}, frame r{a}, link r{}", place(a, b)),
        Kind::ReturnCall => format!("{here} {imm}, {}", tail(a, word)),
        Kind::ReturnCallIndirect => {
            let (ty, table) = (second as u32, second >> 32);
            format!("{here} table {table} [r{c}], type {ty}, {}", tail(a, word))
        }
        Kind::ReturnCallRef => format!("{here} r{c}, {}", tail(a, word)),
        Kind::Return => format!("{here} link r{a}"),
        Kind::ReturnR => format!("{here} r{b}, link r{a}"),
        Kind::ReturnA => format!("{here} acc, link r{a}"),
        Kind::Throw => format!("{here} tag {imm}, numbers r{a}.., references r{b}.."),
        Kind::ThrowRef => format!("{here} r{a}"),
        Kind::GlobalGet | Kind::GlobalGet2 => format!("r{a} = {here} {imm}"),
        Kind::GlobalSet | Kind::GlobalSet2 => format!("{here} {imm}, r{a}"),
        Kind::Load(_, form) => match form {
            LoadForm::R => format!("r{a} = {here} [r{b} + {imm}]"),
            LoadForm::A => format!("r{a} = {here} [acc + {imm}]"),
            LoadForm::Rx => format!("acc = {here} [r{b} + {imm}]"),
            LoadForm::Ax => format!("acc = {here} [acc + {imm}]"),
        },
        Kind::Store(_, form) => match form {
            StoreForm::Rr => format!("{here} [r{a} + {imm}], r{b}"),
            StoreForm::Ra => format!("{here} [r{a} + {imm}], acc"),
            StoreForm::Ar => format!("{here} [acc + {imm}], r{b}"),
            StoreForm::Ri => format!("{here} [r{a} + {imm}], {}", b as i16),
        },
        Kind::LoadGeneral(_) => format!("r{a} = {here} memory {imm} [r{b} + {word}]"),
        Kind::StoreGeneral(_) => format!("{here} memory {imm} [r{a} + {word}], r{b}"),
        Kind::LaneMemory(_) => format!("r{a} = {here} memory {second} [r{b} + {word}], r{c}[{d}]"),
        Kind::Atomic(_) | Kind::AtomicNotify | Kind::AtomicWait32 | Kind::AtomicWait64 => {
            format!("r{a} = {here} memory {second} [r{b} + {word}], r{c}, r{d}")
        }
        Kind::MemorySize | Kind::TableSize | Kind::RefFunc => format!("r{a} = {here} {imm}"),
        Kind::MemoryGrow => format!("r{a} = {here} {imm}, r{b}"),
        Kind::MemoryFill | Kind::TableFill => format!("{here} {word} [r{a}], r{b}, r{c}"),
        Kind::MemoryCopy | Kind::TableCopy => {
            format!("{here} {low} [r{a}], {high} [r{b}], r{c}")
        }
        Kind::MemoryInit | Kind::TableInit => {
            format!("{here} {low} [r{a}], segment {high} [r{b}], r{c}")
        }
        Kind::TableGet => format!("r{a} = {here} {imm} [r{b}]"),
        Kind::TableSet => format!("{here} {imm} [r{a}], r{b}"),
        Kind::TableGrow => format!("r{a} = {here} {word}, r{b}, r{c}"),
        Kind::RefIsNull | Kind::RefAsNonNull | Kind::RefI31 | Kind::I31GetS | Kind::I31GetU => {
            format!("r{a} = {here} r{b}")
        }
        Kind::RefEq => format!("r{a} = {here} r{b}, r{c}"),
        Kind::RefTest | Kind::RefCast => format!("r{a} = {here} r{b}, {}", decode_ref(word)),
        Kind::StructNew => format!("r{a} = {here} {word}, numbers r{b}.., references r{c}.."),
        Kind::StructNewDefault => format!("r{a} = {here} {word}"),
        Kind::StructGet | Kind::StructGetS8 | Kind::StructGetS16 | Kind::StructGet2 => {
            format!("r{a} = {here} r{b}.{imm}")
        }
        Kind::StructSet | Kind::StructSet8 | Kind::StructSet16 | Kind::StructSet2 => {
            format!("{here} r{a}.{imm}, r{b}")
        }
        Kind::ArrayNew => format!("r{a} = {here} {word}, r{b}, count r{c}"),
        Kind::ArrayNewDefault => format!("r{a} = {here} {word}, count r{c}"),
        Kind::ArrayNewFixed => format!("r{a} = {here} {word}, r{b}.., {}", Count(imm, "value")),
        Kind::ArrayNewData | Kind::ArrayNewElem => {
            format!("r{a} = {here} {low}, segment {high} [r{b}], count r{c}")
        }
        Kind::ArrayGet => format!(
            "r{a} = {here} r{b}[r{c}]{}",
            ["", ", signed"][usize::from(d == 1)]
        ),
        Kind::ArraySet => format!("{here} r{a}[r{b}], r{c}"),
        Kind::ArrayLen => format!("r{a} = {here} r{b}"),
        Kind::ArrayFill => format!("{here} r{a}[r{b}], r{c}, r{d}"),
        Kind::ArrayCopy => format!("{here} r{a}[r{b}], r{c}[r{d}], count r{word}"),
        Kind::ArrayInitData | Kind::ArrayInitElem => {
            format!("{here} r{a}[r{b}], segment {word} [r{c}], count r{d}")
        }
    }
}

/// A numeric operation in one of its forms. An operation of one operand shows one.
fn numeric(here: &str, form: NumForm, op: &Op) -> String {
    let &Op { kind, a, b, c, .. } = op;
    let imm = op.imm() as i32;
    let unary = match kind {
        Kind::Numeric(numeric, _) => numeric.signature().0.len() == 1,
        _ => false, // The caller asks for numeric operations only.
    };
    let (to, left, right) = match form {
        NumForm::Rr => (format!("r{a}"), format!("r{b}"), format!("r{c}")),
        NumForm::Ri => (format!("r{a}"), format!("r{b}"), format!("{imm}")),
        NumForm::Ra => (format!("r{a}"), format!("r{b}"), "acc".into()),
        NumForm::Ar => (format!("r{a}"), "acc".into(), format!("r{c}")),
        NumForm::Ai => (format!("r{a}"), "acc".into(), format!("{imm}")),
        NumForm::RrX => ("acc".into(), format!("r{b}"), format!("r{c}")),
        NumForm::RiX => ("acc".into(), format!("r{b}"), format!("{imm}")),
        NumForm::RaX => ("acc".into(), format!("r{b}"), "acc".into()),
        NumForm::ArX => ("acc".into(), "acc".into(), format!("r{c}")),
        NumForm::AiX => ("acc".into(), "acc".into(), format!("{imm}")),
    };
    match unary {
        true => format!("{to} = {here} {left}"),
        false => format!("{to} = {here} {left}, {right}"),
    }
}

/// The cell of a callee's link in the caller's frame.
fn place(a: u16, b: u16) -> u32 {
    u32::from(a) + u32::from(b)
}

/// What a tail call does to the frame.
fn tail(a: u16, word: u64) -> String {
    let (callee, own, cells) = (word as u16, (word >> 16) as u16, (word >> 32) as u32);
    format!(
        "{} from r{a}, own link r{own}, callee's r{callee}",
        Count(cells, "cell")
    )
}

/// The name of a kind: the instruction's for tables of instructions, else the kind's own.
fn name(kind: Kind) -> String {
    match kind {
        Kind::Numeric(op, _) | Kind::Wide(op) => op.mnemonic().into(),
        Kind::NumericMem(op, _) => op.mnemonic().into(),
        Kind::AddPair(_) => "i32.add".into(),
        Kind::Vector(op) => op.mnemonic().into(),
        Kind::Lane(op) => op.mnemonic().into(),
        Kind::Load(op, _) | Kind::LoadGeneral(op) => op.mnemonic().into(),
        Kind::Store(op, _) | Kind::StoreGeneral(op) => op.mnemonic().into(),
        Kind::LaneMemory(op) => op.mnemonic().into(),
        Kind::Atomic(op) => op.mnemonic().into(),
        Kind::BrIf(op, _) => format!("br_if {}", op.mnemonic()),
        Kind::AddBrIf(op, _) => format!("add_br_if {}", op.mnemonic()),
        Kind::BrUnless(op, _) => format!("br_unless {}", op.mnemonic()),
        // Kinds without a table are called what they are called in the source.
        other => snake(&format!("{other:?}")),
    }
}

/// `CheckFrame` as `check_frame`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
