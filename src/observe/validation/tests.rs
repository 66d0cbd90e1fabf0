//! Every kind of error has its hint or none for a reason; the stacks of steps.

use super::{Diagnosis, Stop, Validation};
use crate::observe::rules::Rule;
use crate::syntax::{Features, FuncIdx, Module, ValType};
use crate::translate::{LoadError, load::load};
use crate::valid::{Excess, Expected, Invalid, InvalidKind, Mismatch, OperandType, Space};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

fn mismatch(mismatch: Mismatch) -> InvalidKind {
    InvalidKind::TypeMismatch(Box::new(mismatch))
}

/// One error of each kind, and whether it has a hint. The match in `hint` has no wildcard, so that
/// a new kind does not compile without its arm.
fn kinds() -> Vec<(InvalidKind, bool)> {
    let (i32, i64) = (ValType::I32, ValType::I64);
    let operand = |found| Mismatch::Operand {
        expected: Expected::Val(i32),
        found,
    };
    let spaces = [
        Space::Type,
        Space::Func,
        Space::Table,
        Space::Memory,
        Space::Global,
        Space::Tag,
        Space::Elem,
        Space::Data,
        Space::Local,
        Space::Label,
        Space::Field,
    ];
    let unknown = spaces.map(|space| InvalidKind::Unknown { space, index: 7 });
    let mut kinds = Vec::from(unknown);
    kinds.extend([
        mismatch(operand(Some(OperandType::Val(i64)))),
        mismatch(operand(None)),
        mismatch(Mismatch::Type {
            expected: i32,
            found: i64,
        }),
        mismatch(Mismatch::Arity {
            expected: 1,
            found: 2,
        }),
        mismatch(Mismatch::Left { count: 2 }),
        mismatch(Mismatch::NoElse),
        mismatch(Mismatch::LabelWithoutRef),
        mismatch(Mismatch::Element),
        InvalidKind::UndeclaredFuncRef(FuncIdx(3)),
        InvalidKind::UninitializedLocal(1),
        InvalidKind::NotA {
            what: "function",
            index: 0,
        },
        InvalidKind::Alignment,
        InvalidKind::AtomicAlignment,
        InvalidKind::OffsetOutOfRange,
        InvalidKind::LaneIndex,
        InvalidKind::ConstantRequired,
        InvalidKind::Immutable("global"),
        InvalidKind::Immutable("field"),
        InvalidKind::Packing {
            what: "field",
            packed: true,
        },
        InvalidKind::Packing {
            what: "array",
            packed: false,
        },
        InvalidKind::NoDefault("field"),
        InvalidKind::NoDefault("array"),
        InvalidKind::ArrayTypes,
        InvalidKind::ArrayNotNumeric,
        InvalidKind::ResultArity,
        InvalidKind::SubType {
            index: 1,
            why: "does not match",
        },
        InvalidKind::DuplicateExport("a".into()),
        InvalidKind::StartFunction,
        InvalidKind::TagResult,
        InvalidKind::LimitsOrder,
        InvalidKind::MemorySize {
            pages: 65536,
            usual: true,
        },
        InvalidKind::TableSize,
        InvalidKind::PageSize,
        InvalidKind::SharedWithoutMax,
        InvalidKind::MultipleMemories,
        InvalidKind::MultipleTables,
        InvalidKind::FeatureOff("gc"),
        InvalidKind::Limit(Excess {
            what: "locals",
            limit: 50_000,
        }),
        InvalidKind::ElseWithoutIf,
        InvalidKind::AfterEnd,
    ]);
    let hinted = |kind: &InvalidKind| {
        !matches!(
            kind,
            // Their messages say it all.
            InvalidKind::TableSize | InvalidKind::FeatureOff(_)
        )
    };
    kinds
        .into_iter()
        .map(|kind| {
            let has_hint = hinted(&kind);
            (kind, has_hint)
        })
        .collect()
}

#[test]
fn every_kind_of_error_has_a_hint_or_needs_none() {
    let module = Module::default();
    for (kind, has_hint) in kinds() {
        let invalid = Invalid { kind, offset: 0 };
        let bare = Diagnosis::elsewhere(&module, &invalid);
        for mnemonic in [
            None,
            Some("end"),
            Some("i8x16.extract_lane_s"),
            Some("call"),
        ] {
            let mut diagnosis = bare.clone();
            diagnosis.mnemonic = mnemonic;
            let hint = diagnosis.hint(&|_| "`nop`".into());
            let shown = format!("{:?}, {mnemonic:?}: {hint:?}", invalid.kind);
            assert_eq!(hint.is_some(), has_hint, "{shown}");
            // A sentence, without what was left empty.
            let hint = hint.unwrap_or_else(|| "none".into());
            assert!(!hint.contains("  ") && !hint.ends_with('.'), "{shown}");
        }
    }
}

/// The message and the hint of a module that is invalid.
fn explained(text: &str) -> (Diagnosis, String) {
    let bytes = wat::parse_str(format!("(module {text})")).expect("the text assembles");
    let Err(LoadError::Invalid(invalid)) = load(&bytes, &Features::ALL) else {
        panic!("the module is not invalid: {text}");
    };
    let validation = Validation::new(&bytes, &Features::ALL).expect("the declarations are valid");
    let diagnosis = validation.diagnose(&invalid.invalid);
    assert_eq!(diagnosis.invalid, invalid.invalid, "{text}");
    let hint = diagnosis.hint(&|operand| format!("instruction {}", operand.number));
    (diagnosis, hint.unwrap_or_default())
}

/// The rows, `expected/actual<number of the instruction that pushed it`, the top first, those that
/// do not fit with a mark.
fn rows(diagnosis: &Diagnosis) -> String {
    let rows = diagnosis.rows.iter().map(|row| {
        let expected = row.expected.map_or("-".into(), |ty| ty.to_string());
        let actual = row.actual.map_or("-".into(), |operand| {
            format!("{}<{}", operand.ty, operand.number)
        });
        let mark = if row.fits { "" } else { "!" };
        format!("{mark}{expected}/{actual}")
    });
    rows.collect::<Vec<_>>().join(" ")
}

#[test]
fn stacks_at_errors() {
    for (text, expected, part) in [
        (
            "(func (i32.add (i32.const 1) (i64.const 2)) drop)",
            "!i32/i64<1 i32/i32<0",
            "the i64 there was pushed by instruction 1: convert it with `i32.wrap_i64`",
        ),
        (
            "(func (local f32) f32.const 1 local.tee 0 i32.eqz drop)",
            "!i32/f32<1",
            "`i32.trunc_sat_f32_s`",
        ),
        (
            "(func i32.const 1 i32.add drop)",
            "i32/i32<0 !i32/-",
            "`i32.add` takes 2 operands, and only one value",
        ),
        (
            "(func i32.const 1 block i32.eqz drop end drop)",
            "!i32/-",
            "parameter of the block",
        ),
        (
            "(func (result i64) i32.const 1 block i64.const 5 drop end)",
            "!i64/i32<0",
            "the function must return an i64",
        ),
        (
            "(func block i32.const 1 f32.const 2 end)",
            "!-/f32<2 !-/i32<1",
            "`block` ends with 2 values more",
        ),
        (
            "(func (result i32) block (result i32) i32.const 1 br 0 end i64.const 1)",
            "!i32/i64<4",
            "the function must return an i32",
        ),
        // Below an unreachable point operands are known only as far as they were pushed.
        (
            "(func unreachable i64.const 0 i32.add drop)",
            "!i32/i64<1 i32/-",
            "pushed by instruction 1",
        ),
        (
            "(func (select (i32.const 1) (i64.const 2) (i32.const 0)) drop)",
            "i32/i32<2 number or vector/i64<1 !i64/i32<0",
            "`select` takes an i64",
        ),
        // The second label is the one that the stack does not fit.
        (
            "(func (result i32) block (result i32) block (result f32)
                (br_table 1 0 (i32.const 1) (i32.const 2)) end drop i32.const 1 end)",
            "i32/i32<3 !f32/i32<2",
            "`br_table` takes an f32",
        ),
        (
            "(type $s (struct (field i32) (field i64)))
             (func (struct.new $s (i64.const 1) (i64.const 2)) drop)",
            "i64/i64<1 !i32/i64<0",
            "`struct.new` takes an i32",
        ),
        (
            "(type (func)) (type $s (struct)) (type $t (struct (field i32)))
             (func (param (ref null $s) (ref null $t)) (result i32)
                 (struct.get $t 0 (local.get 0)))",
            "!(ref null 2)/(ref null 1)<0",
            "`ref.cast`",
        ),
    ] {
        let (diagnosis, hint) = explained(text);
        assert_eq!(rows(&diagnosis), expected, "{text}");
        assert!(hint.contains(part), "{text}: {hint}");
    }
}

#[test]
fn sizes_of_index_spaces() {
    for (text, part) in [
        (
            "(func (param i32) (local i64 i64) local.get 5 drop)",
            "has 3 locals",
        ),
        ("(func block br 9 end)", "labels go from 0 to 1"),
        ("(func br 1)", "only 0 is known"),
        (
            "(import \"a\" \"b\" (func)) (func call 2)",
            "has 2 functions",
        ),
        ("(func i32.const 0 i32.load drop)", "has no memory"),
        (
            "(global i32 (global.get 0))",
            "the expression sees no global",
        ),
        (
            "(type $s (struct (field i32)))
             (func (param (ref $s)) local.get 0 struct.get $s 3 drop)",
            "the struct has one field",
        ),
    ] {
        let (_, hint) = explained(text);
        assert!(hint.contains(part), "{text}: {hint}");
    }
}

#[test]
fn an_error_stays() {
    let bytes = wat::parse_str("(module (func i32.eqz drop))").expect("the text assembles");
    let validation = Validation::new(&bytes, &Features::ALL).expect("the declarations are valid");
    let body = validation.sequences().next().expect("a body");
    let mut stepper = validation.stepper(&body).expect("its locals are valid");
    let first = stepper.advance().map(drop);
    assert!(matches!(first, Err(Stop::Invalid(_))), "{first:?}");
    assert_eq!(stepper.advance().map(drop), first);
    assert_eq!((stepper.steps(), stepper.stack().len()), (0, 0));
}

#[test]
fn steps_show_both_stacks() {
    let text = "(module (func (param $r (ref any)) (result i32) (local $x (ref any))
        (local.set $x (local.get $r)) i32.const 1 i64.const 2 (block (param i64) drop) i32.const 3
        return i32.add))";
    let bytes = wat::parse_str(text).expect("the text assembles");
    let validation = Validation::new(&bytes, &Features::ALL).expect("the declarations are valid");
    let body = validation.sequences().next().expect("a body");
    let mut stepper = validation.stepper(&body).expect("its locals are valid");
    let mut lines = Vec::new();
    while let Some(step) = stepper.advance().expect("the body is valid") {
        let types = |operands: &[super::Operand]| {
            let types = operands.iter().map(|operand| operand.ty.to_string());
            types.collect::<Vec<_>>().join(" ")
        };
        lines.push(format!(
            "{}: {} -> {}, {} kept, {} discarded, {} unknown, {} deep, set {:?}",
            step.instr.mnemonic(),
            types(step.popped),
            types(step.pushed),
            step.kept.len(),
            step.discarded.len(),
            step.unknown,
            step.control.len(),
            step.set_locals
        ));
    }
    assert_eq!(
        lines,
        [
            "local.get:  -> (ref any), 0 kept, 0 discarded, 0 unknown, 1 deep, set []",
            "local.set: (ref any) -> , 0 kept, 0 discarded, 0 unknown, 1 deep, set [1]",
            "i32.const:  -> i32, 0 kept, 0 discarded, 0 unknown, 1 deep, set [1]",
            "i64.const:  -> i64, 1 kept, 0 discarded, 0 unknown, 1 deep, set [1]",
            "block: i64 -> i64, 1 kept, 0 discarded, 0 unknown, 2 deep, set [1]",
            "drop: i64 -> , 1 kept, 0 discarded, 0 unknown, 2 deep, set [1]",
            "end:  -> , 1 kept, 0 discarded, 0 unknown, 1 deep, set [1]",
            "i32.const:  -> i32, 1 kept, 0 discarded, 0 unknown, 1 deep, set [1]",
            "return: i32 -> , 0 kept, 1 discarded, 0 unknown, 1 deep, set [1]",
            "i32.add:  -> i32, 0 kept, 0 discarded, 2 unknown, 1 deep, set [1]",
            "end: i32 -> i32, 0 kept, 0 discarded, 0 unknown, 0 deep, set []",
        ]
    );
}

/// The steps of the first sequence of a module, or of its first body: each instruction with its
/// rules, and the error as the last one if there is one.
fn typed(text: &str, is_body: bool) -> Vec<String> {
    let bytes = wat::parse_str(format!("(module {text})")).expect("the text assembles");
    let validation = Validation::new(&bytes, &Features::ALL).expect("the declarations are valid");
    let mut sequences = validation.sequences();
    let sequence = sequences
        .find(|sequence| sequence.place.is_constant() != is_body)
        .expect("a sequence");
    let mut stepper = validation.stepper(&sequence).expect("its locals are valid");
    let line = |mnemonic: &str, rules: &[Rule]| {
        let names: Vec<&str> = rules.iter().map(|rule| rule.name()).collect();
        format!("{mnemonic}: {}", names.join(" "))
    };
    let mut lines = Vec::new();
    loop {
        match stepper.advance() {
            Ok(Some(step)) => lines.push(line(step.instr.mnemonic(), step.rules)),
            Ok(None) => return lines,
            Err(Stop::Malformed(malformed)) => panic!("{malformed}"),
            Err(Stop::Invalid(diagnosis)) => {
                let mnemonic = diagnosis.mnemonic.expect("an instruction");
                lines.push(format!("invalid {}", line(mnemonic, &diagnosis.rules)));
                return lines;
            }
        }
    }
}

#[test]
fn steps_name_their_typing_rules() {
    let body = "(memory 1) (func $f (param i32) (result i32)
        local.get 0 i32.const 2 i32.add call $f
        block (param i32) (result i32) local.get 0 br_if 0 i32.load end
        i64.const 1 i64.const 2 local.get 0 select (result i64) drop
        local.get 0 if nop else end
        return i32.mul)";
    assert_eq!(
        typed(body, true),
        [
            "local.get: Instr_ok/local.get",
            "i32.const: Instr_ok/const",
            "i32.add: Instr_ok/binop",
            "call: Instr_ok/call",
            "block: Blocktype_ok/typeidx Instr_ok/block",
            "local.get: Instr_ok/local.get",
            "br_if: Instr_ok/br_if",
            "i32.load: Memarg_ok Instr_ok/load-val",
            "end: Instr_ok/block",
            "i64.const: Instr_ok/const",
            "i64.const: Instr_ok/const",
            "local.get: Instr_ok/local.get",
            "select: Instr_ok/select-expl",
            "drop: Instr_ok/drop",
            "local.get: Instr_ok/local.get",
            "if: Blocktype_ok/valtype Instr_ok/if",
            "nop: Instr_ok/nop",
            "else: Instr_ok/if",
            "end: Instr_ok/if",
            "return: Instr_ok/return",
            // Unreachable code is typed by the same rules.
            "i32.mul: Instr_ok/binop",
            "end: Expr_ok",
        ]
    );
    assert_eq!(
        typed("(global i32 (i32.add (i32.const 1) (i32.const 2)))", false),
        [
            "i32.const: Instr_const/const Instr_ok/const",
            "i32.const: Instr_const/const Instr_ok/const",
            "i32.add: Instr_const/binop Instr_ok/binop",
            "end: Expr_ok Expr_const Expr_ok_const",
        ]
    );
}

#[test]
fn an_error_names_the_rules_that_it_breaks() {
    assert_eq!(
        typed("(func i64.const 1 if nop end)", true),
        [
            "i64.const: Instr_ok/const",
            "invalid if: Blocktype_ok/valtype Instr_ok/if"
        ]
    );
    assert_eq!(
        typed("(func (result i32) loop end)", true)[1..],
        ["end: Instr_ok/loop", "invalid end: Expr_ok"]
    );
}
