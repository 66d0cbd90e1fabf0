//! Explanations of the rules of the formal specification, and which of them belong to an
//! instruction: those that reduce it have its name, or that of its class.

use super::instruction::Instruction;
use super::topic::{Topic, some};
use limpid::internals::syntax::{Instr, InstrOp, MemArg, MemIdx};
use limpid::internals::valid::FrameKind;
use limpid::observe::rules::{NEVER_FIRE, Place, Rule, RuleKind, typing_rules};

/// Every rule that can be explained.
pub fn all() -> impl Iterator<Item = Rule> {
    Rule::ALL.iter().copied()
}

/// The rule with that name; the part behind the slash is enough where one rule has it.
pub fn find(word: &str) -> Option<Rule> {
    Rule::from_name(word).or_else(|| {
        let mut named = all().filter(|rule| local(*rule) == word && word.contains('-'));
        let first = named.next()?;
        named.next().is_none().then_some(first)
    })
}

/// What a rule means.
pub fn topic(rule: Rule, instructions: &[Instruction]) -> Topic {
    let mut topic = Topic {
        kind: "rule",
        word: rule.name().to_owned(),
        meaning: rule.paraphrase().to_owned(),
        ..Topic::default()
    };
    topic.fact("relation", [relation(rule).to_owned()]);
    let uses = |instruction: &&Instruction| of(instruction).contains(&rule);
    let using = instructions.iter().filter(uses);
    let using: Vec<&str> = using.map(|instruction| instruction.mnemonic).collect();
    if !using.is_empty() {
        topic.fact("used by", [some(&using)]);
    }
    topic.fact("spec", [rule.link().to_owned()]);
    topic
}

/// The part of the name behind the slash.
fn local(rule: Rule) -> &'static str {
    let name = rule.name();
    name.split_once('/').map_or(name, |(_, local)| local)
}

/// What the relation of a rule is about.
fn relation(rule: Rule) -> &'static str {
    match rule.kind() {
        RuleKind::Typing { .. } => "A rule of validation: it types an instruction or a part.",
        RuleKind::Structural => "A rule that lets other rules apply in a place.",
        RuleKind::Own => {
            "A rule of execution that the formal specification lacks; the name is Limpid's own."
        }
        RuleKind::Step if rule.name().starts_with("Step_pure/") => {
            "A rule of execution that needs nothing but the instruction and its operands."
        }
        RuleKind::Step if rule.name().starts_with("Step_read/") => {
            "A rule of execution that reads the state and leaves it unchanged."
        }
        RuleKind::Step => "A rule of execution that changes the state.",
    }
}

/// The rules of an instruction: those that reduce it, then those that type it.
pub fn of(instruction: &Instruction) -> Vec<Rule> {
    let row = instruction.row();
    let own = match row.op {
        InstrOp::Own => return named(own_stems(instruction.mnemonic)),
        InstrOp::Numeric(op) => Instr::Numeric(op),
        InstrOp::Vector(op) => Instr::Vector(op),
        InstrOp::Lane(op) => Instr::Lane(op, 0),
        InstrOp::Load(op) => Instr::Load(op, MEMARG),
        InstrOp::Store(op) => Instr::Store(op, MEMARG),
        InstrOp::LaneMemory(op) => Instr::LaneMemory(op, MEMARG, 0),
        InstrOp::Atomic(op) => Instr::Atomic(op, MEMARG),
    };
    let mut typing = Vec::new();
    let place = Place {
        inside: FrameKind::Func,
        constant: false,
    };
    typing_rules(&own, place, &mut typing);
    let class = typing.last().map_or("", |rule| local(*rule));
    let mut rules = named(class_stems(class, instruction.mnemonic));
    let traps = !instruction.traps().is_empty();
    rules.retain(|rule| !matches!(rule.kind(), RuleKind::Typing { .. }));
    // Of a class in which some instructions can fail, not all can.
    rules.retain(|rule| traps || !local(*rule).ends_with("-trap"));
    rules.extend(typing);
    rules
}

const MEMARG: MemArg = MemArg {
    align: 0,
    offset: 0,
    memory: MemIdx(0),
};

/// What the names of the rules of an instruction that is no row of an op table begin with.
fn own_stems(mnemonic: &'static str) -> Vec<&'static str> {
    match mnemonic {
        "end" => vec!["label-vals", "handler-vals", "frame-vals"],
        "else" => vec!["label-vals"],
        "struct.get_s" | "struct.get_u" => vec!["struct.get"],
        "array.get_s" | "array.get_u" => vec!["array.get"],
        "i31.get_s" | "i31.get_u" => vec!["i31.get"],
        "i8x16.shuffle" => vec!["vshuffle"],
        "v128.const" => vec!["vconst"],
        "i32.const" | "i64.const" | "f32.const" | "f64.const" => vec!["const"],
        "memory.atomic.notify" => vec!["threads/notify", "threads/oob", "threads/unaligned"],
        "memory.atomic.wait32" | "memory.atomic.wait64" => {
            vec![
                "threads/wait",
                "threads/oob",
                "threads/unaligned",
                "threads/unshared",
            ]
        }
        "atomic.fence" => vec!["threads/fence"],
        own => vec![own],
    }
}

/// What the names of the rules of a class begin with; `class` is the local name of its typing rule.
fn class_stems(class: &'static str, mnemonic: &str) -> Vec<&'static str> {
    let wide = ["add128", "sub128", "mul_wide"];
    match class {
        "load-val" => vec!["load-num"],
        "store-val" => vec!["store-num"],
        "vload-val" => vec!["vload-val", "vload-oob"],
        "typing" if mnemonic.contains("atomic") => {
            let shapes = [
                (".cmpxchg", "threads/cmpxchg"),
                (".rmw", "threads/rmw"),
                (".load", "threads/load"),
                (".store", "threads/store"),
            ];
            let own = shapes.iter().find(|(part, _)| mnemonic.contains(part));
            let own = own.map_or("", |(_, stem)| stem);
            vec![own, "threads/oob", "threads/unaligned"]
        }
        "typing" => match wide.iter().position(|op| mnemonic.contains(op)) {
            Some(0) => vec!["wide-arithmetic/add128"],
            Some(1) => vec!["wide-arithmetic/sub128"],
            Some(_) | None => vec!["wide-arithmetic/mul_wide"],
        },
        own => vec![own],
    }
}

/// The rules whose names are those, or begin with one of them and a hyphen; a stem with a slash is
/// of the whole name. Those that never fire are left out.
fn named(stems: Vec<&'static str>) -> Vec<Rule> {
    let is_of = |rule: &Rule| {
        stems.iter().any(|stem| {
            let name = if stem.contains('/') {
                rule.name()
            } else {
                local(*rule)
            };
            let rest = name.strip_prefix(stem);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    };
    let fires = |rule: &Rule| !NEVER_FIRE.iter().any(|(never, _)| never == rule);
    all()
        .filter(|rule| rule.kind() != RuleKind::Structural)
        .filter(|rule| is_of(rule) && fires(rule))
        .collect()
}
