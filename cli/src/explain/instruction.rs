//! Explanations of instructions: what the tables have, and the texts by class.

use super::access;
use super::entries::Entry;
use super::play::EXPORT;
use super::topic::Topic;
use super::{numeric, vector};
use limpid::internals::syntax::{InstrOp, InstrRow, ValType};

/// An instruction with the rows of all its encodings, and what is written about it.
pub struct Instruction {
    /// The name in the text format.
    pub mnemonic: &'static str,
    rows: Vec<InstrRow>,
    /// What is written by hand, of instructions that are no rows of an op table.
    entry: Entry,
}

/// All instructions, each once, by class.
pub fn all(mut entries: Vec<Entry>) -> Vec<Instruction> {
    let mut all: Vec<Instruction> = Vec::new();
    for row in InstrRow::all() {
        match all.iter_mut().find(|known| known.mnemonic == row.mnemonic) {
            Some(known) => known.rows.push(row),
            None => {
                let written = entries.iter_mut().find(|entry| entry.word == row.mnemonic);
                all.push(Instruction {
                    mnemonic: row.mnemonic,
                    rows: vec![row],
                    entry: written.map(std::mem::take).unwrap_or_default(),
                });
            }
        }
    }
    all.sort_by_key(|instruction| instruction.class());
    all
}

/// The classes of the specification, in its order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    Parametric,
    Control,
    Variable,
    Table,
    Memory,
    Reference,
    Aggregate,
    Numeric,
    Vector,
    Atomic,
}

impl Class {
    /// Every class, in the order of the specification.
    pub const ALL: [Class; 10] = [
        Class::Parametric,
        Class::Control,
        Class::Variable,
        Class::Table,
        Class::Memory,
        Class::Reference,
        Class::Aggregate,
        Class::Numeric,
        Class::Vector,
        Class::Atomic,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Class::Parametric => "parametric",
            Class::Control => "control",
            Class::Variable => "variable",
            Class::Table => "table",
            Class::Memory => "memory",
            Class::Reference => "reference",
            Class::Aggregate => "aggregate",
            Class::Numeric => "numeric",
            Class::Vector => "vector",
            Class::Atomic => "atomic",
        }
    }
}

impl Instruction {
    /// The first of its encodings.
    pub fn row(&self) -> InstrRow {
        self.rows[0]
    }

    /// Whether the instruction has this opcode.
    pub fn has_opcode(&self, opcode: u32) -> bool {
        self.rows.iter().any(|row| row.opcode == opcode)
    }

    /// Its class.
    pub fn class(&self) -> Class {
        match self.row().op {
            InstrOp::Numeric(_) => Class::Numeric,
            InstrOp::Vector(_) | InstrOp::Lane(_) => Class::Vector,
            InstrOp::Load(_) | InstrOp::Store(_) | InstrOp::LaneMemory(_) => Class::Memory,
            InstrOp::Atomic(_) => Class::Atomic,
            InstrOp::Own => match self.mnemonic.split_once('.') {
                None if matches!(self.mnemonic, "drop" | "select") => Class::Parametric,
                None => Class::Control,
                Some(("local" | "global", _)) => Class::Variable,
                Some(("table" | "elem", _)) => Class::Table,
                Some(("atomic", _)) => Class::Atomic,
                Some(("memory", op)) if op.starts_with("atomic") => Class::Atomic,
                Some(("memory" | "data", _)) => Class::Memory,
                Some(("ref", "i31")) => Class::Aggregate,
                Some(("ref", _)) => Class::Reference,
                Some(("v128" | "i8x16", _)) => Class::Vector,
                Some((_, "const")) => Class::Numeric,
                Some(_) => Class::Aggregate,
            },
        }
    }

    /// What it means.
    pub fn meaning(&self) -> String {
        match self.row().op {
            InstrOp::Own => self.entry.meaning.clone(),
            InstrOp::Numeric(op) => numeric::meaning(op),
            InstrOp::Vector(op) => vector::meaning(op),
            InstrOp::Lane(op) => vector::lane_meaning(op),
            InstrOp::Load(op) => access::load_meaning(op),
            InstrOp::Store(op) => access::store_meaning(op),
            InstrOp::LaneMemory(op) => access::lane_meaning(op),
            InstrOp::Atomic(op) => access::atomic_meaning(op),
        }
    }

    /// Its operands and results.
    pub fn typing(&self) -> String {
        match self.row().op {
            InstrOp::Own => self.entry.typing.to_owned(),
            InstrOp::Numeric(op) => signature(op.signature()),
            InstrOp::Vector(op) => signature(op.signature()),
            InstrOp::Lane(op) => signature(op.signature()),
            InstrOp::Load(op) => access::typing(&[], &[op.ty()]),
            InstrOp::Store(op) => access::typing(&[op.ty()], &[]),
            InstrOp::LaneMemory(op) if op.is_store() => access::typing(&[ValType::V128], &[]),
            InstrOp::LaneMemory(_) => access::typing(&[ValType::V128], &[ValType::V128]),
            InstrOp::Atomic(op) => {
                let (operands, results) = access::atomic_types(op);
                access::typing(&operands, &results)
            }
        }
    }

    /// The traps that it can raise: the code of each, and when.
    pub fn traps(&self) -> Vec<(&'static str, &'static str)> {
        match self.row().op {
            InstrOp::Own => self.entry.traps.clone(),
            InstrOp::Numeric(op) => numeric::traps(op),
            InstrOp::Vector(_) | InstrOp::Lane(_) => Vec::new(),
            InstrOp::Load(_) | InstrOp::Store(_) | InstrOp::LaneMemory(_) => {
                vec![access::OUT_OF_BOUNDS]
            }
            InstrOp::Atomic(_) => vec![access::UNALIGNED, access::OUT_OF_BOUNDS],
        }
    }

    /// The module of its example.
    pub fn module(&self) -> String {
        match self.row().op {
            InstrOp::Own => self.entry.module.to_owned(),
            InstrOp::Numeric(op) => example(numeric::operands(op), self.mnemonic, op.signature().1),
            InstrOp::Vector(op) => example(vector::operands(op), self.mnemonic, op.signature().1),
            InstrOp::Lane(op) => {
                let own = format!("{} 1", self.mnemonic);
                example(vector::lane_operands(op), &own, op.signature().1)
            }
            InstrOp::Load(op) => access::load_example(op),
            InstrOp::Store(op) => access::store_example(op),
            InstrOp::LaneMemory(op) => access::lane_example(op),
            InstrOp::Atomic(op) => access::atomic_example(op),
        }
    }

    /// The features that it needs.
    pub fn features(&self) -> &'static [&'static str] {
        self.row().features
    }

    /// The explanation, without rules and without the example.
    pub fn topic(&self) -> Topic {
        let mut topic = Topic {
            kind: "instruction",
            word: self.mnemonic.to_owned(),
            meaning: self.meaning(),
            ..Topic::default()
        };
        topic.fact("typing", [self.typing()]);
        topic.fact("immediates", [immediates(self.row().immediates)]);
        let opcodes = self.rows.iter().map(|row| bytes(row.opcode));
        topic.fact("opcode", [opcodes.collect::<Vec<_>>().join("; or ")]);
        topic.fact("proposal", [proposal(self.features())]);
        let traps = self.traps();
        let traps = match traps.is_empty() {
            true => vec!["never".to_owned()],
            false => traps
                .iter()
                .map(|(code, when)| format!("{code}: {when}"))
                .collect(),
        };
        topic.fact("traps", traps);
        if self.rows.iter().any(|row| row.is_constant) {
            topic.fact(
                "constant",
                ["Constant expressions may contain it.".to_owned()],
            );
        }
        topic
    }

    /// The page of the specification.
    pub fn link(&self) -> String {
        match self.features() {
            ["threads"] => {
                "https://webassembly.github.io/threads/core/exec/instructions.html".to_owned()
            }
            ["wide-arithmetic"] => "https://github.com/WebAssembly/wide-arithmetic".to_owned(),
            _ => format!(
                "https://webassembly.github.io/spec/core/exec/instructions.html#{}-instructions",
                self.class().name()
            ),
        }
    }
}

fn signature((operands, results): (&[ValType], &[ValType])) -> String {
    let list = |types: &[ValType]| {
        let types: Vec<String> = types.iter().map(ValType::to_string).collect();
        types.join(" ")
    };
    format!("[{}] -> [{}]", list(operands), list(results))
}

/// A function of constants and an instruction.
fn example(mut lines: Vec<String>, own: &str, results: &[ValType]) -> String {
    lines.push(own.to_owned());
    let results: Vec<String> = results.iter().map(ValType::to_string).collect();
    format!(
        "(module\n  (func (export \"{EXPORT}\") (result {})\n    {}))",
        results.join(" "),
        lines.join("\n    ")
    )
}

/// The immediates in words.
fn immediates(immediates: &[(&str, &str)]) -> String {
    if immediates.is_empty() {
        return "none".to_owned();
    }
    let words = immediates.iter().map(|(name, kind)| immediate(name, kind));
    words.collect::<Vec<_>>().join("; ")
}

/// An immediate in words: what it is for, and what it is.
fn immediate(name: &str, kind: &str) -> String {
    let words = match (name, kind) {
        (_, "block_type") => "the type of the construct: its operands and results",
        (_, "label") => "a label: 0 is the innermost construct, 1 the next one outwards",
        (_, "targets") => "a list of labels, and a default label",
        (_, "catches") => "a list of clauses: tag, label, and whether the reference is wanted",
        (_, "cast") => "a label, the type of the operand and the type to test for",
        (_, "tag") => "the index of a tag",
        (_, "func") => "the index of a function",
        (_, "local") => "the index of a local variable, parameters first",
        (_, "global") => "the index of a global variable",
        ("dst", "type_idx") => "the index of the target's array type",
        ("src", "type_idx") => "the index of the source's array type",
        (_, "type_idx") => "the index of a type",
        (_, "field") => "the index of a field",
        ("dst", "table_or_zero") => "the index of the target table",
        ("src", "table_or_zero") => "the index of the source table",
        (_, "table" | "table_or_zero") => "the index of a table",
        ("dst", _) => "the index of the target memory",
        ("src", _) => "the index of the source memory",
        (_, "memory_or_zero") => "the index of a memory",
        (_, "elem") => "the index of an element segment",
        (_, "data") => "the index of a data segment",
        (_, "memarg" | "memarg4" | "memarg8") => {
            "a memory, an offset that is added to the address, and a hint on alignment"
        }
        (_, "lane") => "the number of a lane",
        (_, "lanes") => "16 numbers of bytes, 0 to 31",
        (_, "heap_type") => "a heap type",
        (_, "types") => "none, or a list of one type",
        (_, "vector") => "the 16 bytes",
        (_, "s32") => "a signed number of 32 bits",
        (_, "s64") => "a signed number of 64 bits",
        (_, "f32") => "the 4 bytes of the number",
        (_, "f64") => "the 8 bytes of the number",
        ("count", _) => "the number of elements",
        (_, _) => "", // A test sees to it that no immediate arrives here.
    };
    words.to_owned()
}

/// The bytes of an opcode: the sub-opcode behind a prefix is an unsigned LEB128 number.
fn bytes(opcode: u32) -> String {
    if opcode <= 0xFF {
        return format!("{opcode:#04x}");
    }
    let mut text = format!("{:#04x}", opcode >> 16);
    let mut rest = opcode & 0xFFFF;
    loop {
        let more = if rest > 0x7F { 0x80 } else { 0 };
        text.push_str(&format!(" {:#04x}", rest & 0x7F | more));
        rest >>= 7;
        if rest == 0 {
            return text;
        }
    }
}

/// The proposals and the version of the specification that they became a part of.
fn proposal(features: &[&str]) -> String {
    let version = |feature: &str| match feature {
        "sign-extension"
        | "saturating-float-to-int"
        | "bulk-memory"
        | "reference-types"
        | "simd" => "WebAssembly 2.0",
        "threads" | "wide-arithmetic" => "not yet in the specification",
        _ => "WebAssembly 3.0",
    };
    match features {
        [] => "WebAssembly 1.0".to_owned(),
        [.., last] => format!("{} ({})", features.join(" and "), version(last)),
    }
}
