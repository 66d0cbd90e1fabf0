//! The list of rules, and the rules of made-up steps.

use super::*;
use crate::exec::probe::Value;
use crate::syntax::instr::read_list;
use crate::syntax::{
    BlockType, BrTargets, Catch, Catches, FuncIdx, Instr, LabelIdx, LoadOp, LocalIdx, MemArg,
    MemIdx, NumericOp, StoreOp, TableIdx, TagIdx, TypeIdx, ValType,
};
use crate::trap::Trap;
use crate::valid::FrameKind;
use std::collections::BTreeSet;
use std::format;
use std::string::String;
use std::vec::Vec;

#[test]
fn rules_have_names_texts_and_links_of_their_own() {
    let mut names = BTreeSet::new();
    for &rule in Rule::ALL {
        assert!(names.insert(rule.name()), "{rule} twice");
        assert_eq!(Rule::from_name(rule.name()), Some(rule));
        let text = rule.paraphrase();
        assert!(text.ends_with('.') && text.len() < 96, "{rule}: {text}");
        assert!(
            rule.link().starts_with("https://"),
            "{rule}: {}",
            rule.link()
        );
        assert!(
            rule.link().contains('#') || !rule.is_of_spec(),
            "{rule}: {}",
            rule.link()
        );
    }
    assert_eq!(Rule::from_name("Step_pure/nothing"), None);
    let of = |kind: fn(RuleKind) -> bool| {
        Rule::ALL
            .iter()
            .filter(|rule| kind(rule.kind()) && rule.is_of_spec())
            .count()
    };
    assert_eq!(
        of(|kind| matches!(kind, RuleKind::Step | RuleKind::Structural)),
        219
    );
    assert_eq!(of(|kind| matches!(kind, RuleKind::Typing { .. })), 141);
}

#[test]
fn the_premises_of_instructions_are_counted() {
    let premises = |rule: &Rule| match rule.kind() {
        RuleKind::Typing { premises } if rule.name().starts_with("Instr_ok/") => Some(premises),
        _ => None, // Not the rule of an instruction.
    };
    let counts: Vec<u8> = Rule::ALL.iter().filter_map(premises).collect();
    assert_eq!(counts.len(), 112);
    assert_eq!(counts.iter().filter(|&&count| count > 0).count(), 82);
}

fn i32(number: u32) -> Value {
    Value {
        ty: ValType::I32,
        cells: [number.into(), 0],
    }
}

const REF: fn(u64) -> Value = |cell| Value {
    ty: ValType::FUNCREF,
    cells: [cell, 0],
};

const fn label(kind: FrameKind) -> Label<'static> {
    Label {
        kind,
        catches: &[],
        beside: false,
    }
}

const CLAUSES: &[Catch] = &[
    Catch {
        tag: Some(TagIdx(0)),
        by_ref: false,
        label: LabelIdx(0),
    },
    Catch {
        tag: None,
        by_ref: true,
        label: LabelIdx(1),
    },
];

const FUNC: Label<'static> = label(FrameKind::Func);
const BLOCK: Label<'static> = label(FrameKind::Block);
const LOOP: Label<'static> = label(FrameKind::Loop);
const TRY: Label<'static> = Label {
    catches: CLAUSES,
    ..label(FrameKind::TryTable)
};

/// Facts of an instruction that stands alone in a function.
fn facts<'a>(instr: &'a Instr<'a>, pops: &'a [Value], outcome: Outcome) -> Facts<'a> {
    Facts {
        instr,
        pops,
        pushes: &[],
        outcome,
        host: false,
        beside: false,
        labels: &[FUNC],
        crossed: &[],
        written: None,
    }
}

/// Checks the rules of a step, written without their relations, `xN` for a count.
fn check(facts: Facts<'_>, expected: &str) {
    let mut fired = Fired::new();
    rules(&facts, &mut fired);
    let shown = |&(rule, times): &(Rule, u64)| {
        let name = rule.name();
        let name = name.strip_prefix("Step").map_or(name, |name| {
            name.split_once('/').map_or(name, |(_, name)| name)
        });
        match times {
            1 => String::from(name),
            times => format!("{name} x{times}"),
        }
    };
    let shown: Vec<String> = fired.iter().map(shown).collect();
    assert_eq!(shown.join(", "), expected, "{facts:?}");
}

const NEXT: Outcome = Outcome::Next;

#[test]
fn instructions_without_control() {
    let simple = |instr: Instr<'_>, pops: &[Value], expected: &str| {
        check(facts(&instr, pops, NEXT), expected);
    };
    simple(Instr::I32Const(1), &[], "");
    simple(Instr::Nop, &[], "nop");
    simple(
        Instr::Numeric(NumericOp::I32Add),
        &[i32(1), i32(2)],
        "binop-val",
    );
    simple(Instr::Numeric(NumericOp::I32Eqz), &[i32(1)], "testop");
    simple(
        Instr::Numeric(NumericOp::I32Extend8S),
        &[i32(1)],
        "unop-val",
    );
    simple(Instr::Numeric(NumericOp::F64Ge), &[], "relop");
    simple(Instr::Numeric(NumericOp::I32WrapI64), &[], "cvtop-val");
    simple(
        Instr::Numeric(NumericOp::I64MulWideS),
        &[],
        "wide-arithmetic/mul_wide",
    );
    simple(
        Instr::LocalTee(LocalIdx(0)),
        &[i32(1)],
        "local.tee, local.set",
    );
    simple(Instr::Select, &[i32(1), i32(2), i32(0)], "select-false");
    simple(Instr::RefEq, &[REF(0), REF(0)], "ref.eq-null");
    simple(Instr::RefIsNull, &[REF(7)], "ref.is_null-false");
    simple(
        Instr::ArrayNewDefault(TypeIdx(0)),
        &[i32(3)],
        "array.new_default, array.new_fixed",
    );
    let trapped = |instr: Instr<'_>, trap, expected: &str| {
        check(facts(&instr, &[], Outcome::Trapped(trap)), expected);
    };
    let arg = MemArg {
        align: 0,
        offset: 0,
        memory: MemIdx(0),
    };
    let out = ", trap-label, trap-frame";
    trapped(
        Instr::Load(LoadOp::I64Load32U, arg),
        Trap::MemoryOutOfBounds,
        &format!("load-pack-oob{out}"),
    );
    trapped(
        Instr::Store(StoreOp::V128Store, arg),
        Trap::MemoryOutOfBounds,
        &format!("vstore-oob{out}"),
    );
    trapped(
        Instr::Numeric(NumericOp::I32DivS),
        Trap::IntegerOverflow,
        &format!("binop-trap{out}"),
    );
    trapped(
        Instr::ArrayNew(TypeIdx(0)),
        Trap::HeapExhausted,
        &format!("array.new, limits/heap{out}"),
    );
    trapped(
        Instr::Unreachable,
        Trap::Unreachable,
        &format!("unreachable{out}"),
    );
}

#[test]
fn ranges_use_their_rule_for_each_element() {
    let fill = Instr::MemoryFill(MemIdx(0));
    check(
        facts(&fill, &[i32(0), i32(9), i32(12)], NEXT),
        "memory.fill-succ x12, store-pack-val x12, memory.fill-zero",
    );
    check(
        facts(&fill, &[i32(0), i32(9), i32(0)], NEXT),
        "memory.fill-zero",
    );
    let copy = Instr::TableCopy(TableIdx(0), TableIdx(0));
    check(
        facts(&copy, &[i32(4), i32(4), i32(2)], NEXT),
        "table.copy-le x2, table.get-val x2, table.set-val x2, table.copy-zero",
    );
    check(
        facts(&copy, &[i32(5), i32(4), i32(2)], NEXT),
        "table.copy-gt x2, table.get-val x2, table.set-val x2, table.copy-zero",
    );
    let copy = Instr::ArrayCopy(TypeIdx(0), TypeIdx(0));
    let pops = [REF(8), i32(3), REF(8), i32(0), i32(2)];
    let trapped = facts(&copy, &pops, Outcome::Trapped(Trap::ArrayOutOfBounds));
    let short = Facts {
        written: Some(4),
        ..trapped
    };
    check(short, "array.copy-oob1, trap-label, trap-frame");
    let long = Facts {
        written: Some(5),
        ..trapped
    };
    check(long, "array.copy-oob2, trap-label, trap-frame");
}

#[test]
fn branches_leave_labels_and_handlers() {
    let labels = &[BLOCK, BLOCK, TRY, LOOP, FUNC];
    let taken = |instr: Instr<'_>, pops: &[Value], expected: &str| {
        let facts = facts(&instr, pops, Outcome::Branched);
        check(Facts { labels, ..facts }, expected);
    };
    taken(Instr::Br(LabelIdx(0)), &[], "br-label-zero");
    taken(Instr::Br(LabelIdx(1)), &[], "br-label-succ, br-label-zero");
    taken(
        Instr::Br(LabelIdx(2)),
        &[],
        "br-label-succ x2, br-label-zero, handler-vals",
    );
    taken(
        Instr::Br(LabelIdx(3)),
        &[],
        "br-label-succ x3, br-handler, br-label-zero",
    );
    taken(
        Instr::Br(LabelIdx(4)),
        &[],
        "br-label-succ x3, br-handler, br-label-succ, br-label-zero, frame-vals",
    );
    taken(
        Instr::BrIf(LabelIdx(0)),
        &[i32(1)],
        "br_if-true, br-label-zero",
    );
    taken(Instr::BrIf(LabelIdx(0)), &[i32(0)], "br_if-false");
    let targets = BrTargets {
        count: 1,
        bytes: &[1, 0],
    };
    assert_eq!(read_list(2, targets.bytes).collect::<Vec<_>>(), [1, 0]);
    taken(
        Instr::BrTable(targets),
        &[i32(0)],
        "br_table-lt, br-label-succ, br-label-zero",
    );
    taken(
        Instr::BrTable(targets),
        &[i32(u32::MAX)],
        "br_table-ge, br-label-zero",
    );
    taken(
        Instr::BrOnNull(LabelIdx(0)),
        &[REF(0)],
        "br_on_null-null, br-label-zero",
    );
    taken(
        Instr::BrOnNonNull(LabelIdx(0)),
        &[REF(0)],
        "br_on_non_null-null",
    );
    taken(
        Instr::Return,
        &[],
        "return-label x3, return-handler, return-label x2, return-frame",
    );
}

#[test]
fn constructs_begin_and_end() {
    let empty = BlockType::Empty;
    check(facts(&Instr::Loop(empty), &[], NEXT), "loop");
    let if_ = Instr::If(empty);
    check(facts(&if_, &[i32(1)], NEXT), "if-true, block");
    check(facts(&if_, &[i32(0)], Outcome::Branched), "if-false, block");
    check(
        facts(&if_, &[i32(0)], Outcome::Skipped),
        "if-false, block, label-vals",
    );
    let end = |labels, expected| {
        check(
            Facts {
                labels,
                ..facts(&Instr::End, &[], NEXT)
            },
            expected,
        );
    };
    end(&[BLOCK, FUNC], "label-vals");
    end(&[TRY, FUNC], "label-vals, handler-vals");
    end(&[FUNC], "label-vals, frame-vals");
    end(&[], "Eval_expr");
}

#[test]
fn calls_become_calls_by_reference() {
    let call = Instr::Call(FuncIdx(0));
    let called = facts(&call, &[], Outcome::Called);
    check(called, "call, call_ref-func");
    let host = Facts {
        host: true,
        outcome: NEXT,
        ..called
    };
    check(host, "call, host/call");
    let failed = Facts {
        outcome: Outcome::Failed,
        ..host
    };
    check(failed, "call, host/call, host/trap, trap-label, trap-frame");
    let deep = Facts {
        outcome: Outcome::Trapped(Trap::StackOverflow),
        ..called
    };
    check(deep, "call, limits/call-stack, trap-label, trap-frame");
    let indirect = Instr::CallIndirect(TypeIdx(0), TableIdx(0));
    let through = |outcome, expected: &str| check(facts(&indirect, &[], outcome), expected);
    through(
        Outcome::Called,
        "call_indirect, table.get-val, ref.cast-succeed, call_ref-func",
    );
    let trapped = Outcome::Trapped;
    through(
        trapped(Trap::UndefinedElement),
        "call_indirect, table.get-oob, trap-label, trap-frame",
    );
    through(
        trapped(Trap::IndirectCallTypeMismatch),
        "call_indirect, table.get-val, ref.cast-fail, trap-label, trap-frame",
    );
    through(
        trapped(Trap::UninitializedElement),
        "call_indirect, table.get-val, ref.cast-succeed, call_ref-null, trap-label, trap-frame",
    );
    let last = Instr::ReturnCallRef(TypeIdx(0));
    let labels = &[TRY, FUNC];
    let last = Facts {
        labels,
        ..facts(&last, &[], Outcome::Called)
    };
    let left = "return_call_ref-label, return_call_ref-handler, return_call_ref-label";
    check(
        last,
        &format!("{left}, return_call_ref-frame-addr, call_ref-func"),
    );
    let crossed = &[Crossed {
        labels: &[FUNC],
        beside: true,
    }];
    let outcome = trapped(Trap::NullFunctionReference);
    let null = Facts {
        outcome,
        crossed,
        ..last
    };
    check(
        null,
        &format!("{left}, return_call_ref-frame-null, trap-instrs, trap-label, trap-frame"),
    );
}

#[test]
fn exceptions_and_traps_go_outwards() {
    let throw = Instr::Throw(TagIdx(0));
    let outer = Label {
        beside: true,
        ..BLOCK
    };
    let crossed = &[Crossed {
        labels: &[TRY, outer, BLOCK, FUNC],
        beside: false,
    }];
    let (frame, label, clause) = (1, 0, 1);
    let thrown = Facts {
        labels: &[TRY, FUNC],
        beside: true,
        crossed,
        ..facts(
            &throw,
            &[],
            Outcome::Caught {
                frame,
                label,
                clause,
            },
        )
    };
    let left = "throw, throw_ref-instrs, throw_ref-label, throw_ref-handler-next x2, \
                throw_ref-handler-empty, throw_ref-label, throw_ref-frame, throw_ref-label";
    check(
        thrown,
        &format!(
            "{left}, throw_ref-handler-next, throw_ref-handler-catch_all_ref, br-label-succ, \
             br-label-zero"
        ),
    );
    let uncaught = Facts {
        outcome: Outcome::Uncaught,
        ..thrown
    };
    check(
        uncaught,
        &format!(
            "{left}, throw_ref-handler-next x2, throw_ref-handler-empty, throw_ref-label, \
             throw_ref-instrs, throw_ref-label x2, throw_ref-frame"
        ),
    );
    let trapped = Facts {
        outcome: Outcome::Trapped(Trap::Unreachable),
        ..thrown
    };
    check(
        Facts {
            instr: &Instr::Unreachable,
            ..trapped
        },
        "unreachable, trap-instrs, trap-label, trap-handler, trap-label, trap-frame, trap-label, \
         trap-handler, trap-label, trap-instrs, trap-label x2, trap-frame",
    );
    let null = Facts {
        outcome: Outcome::Trapped(Trap::NullExceptionReference),
        ..trapped
    };
    check(
        Facts {
            instr: &Instr::ThrowRef,
            labels: &[],
            crossed: &[],
            ..null
        },
        "throw_ref-null, trap-instrs",
    );
}

#[test]
fn instructions_are_typed_with_the_rules_of_their_immediates() {
    let check = |instr: Instr<'_>, inside, constant, expected: &[Rule]| {
        let mut rules = Vec::new();
        typing_rules(&instr, Place { inside, constant }, &mut rules);
        assert_eq!(rules, expected, "{instr:?}");
    };
    let func = FrameKind::Func;
    let catches = Catches {
        count: 2,
        bytes: &[0, 0, 0, 3, 1],
    };
    check(
        Instr::TryTable(BlockType::Empty, catches),
        func,
        false,
        &[
            Rule::BlocktypeOkValtype,
            Rule::CatchOkCatch,
            Rule::CatchOkCatchAllRef,
            Rule::InstrOkTryTable,
        ],
    );
    let add = Instr::Numeric(NumericOp::I64Add);
    check(add, func, false, &[Rule::InstrOkBinop]);
    check(
        add,
        func,
        true,
        &[Rule::InstrConstBinop, Rule::InstrOkBinop],
    );
    check(Instr::End, FrameKind::Loop, false, &[Rule::InstrOkLoop]);
    check(
        Instr::End,
        func,
        true,
        &[Rule::ExprOk, Rule::ExprConst, Rule::ExprOkConst],
    );
    let arg = MemArg {
        align: 0,
        offset: 0,
        memory: MemIdx(0),
    };
    check(
        Instr::Load(LoadOp::V128Load32Zero, arg),
        func,
        false,
        &[Rule::MemargOk, Rule::InstrOkVloadZero],
    );
}
