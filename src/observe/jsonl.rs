//! A trace as JSON Lines: a header, a record for each executed instruction, and a last line by
//! which a trace that was cut is seen. `docs/traces.md` describes the format, and
//! `docs/trace.schema.json` is its schema. What guests name is escaped.
//!
//! ```text
//! {"t":4,"inst":0,"func":3,"pc":83,"op":"i32.sub","rules":["Step_pure/binop-val"],"stack":2,
//!  "pop":["i32:5","i32:1"],"push":["i32:4"]}
//! ```

use super::instructions::Texts;
use super::rules::{Rule, StepRules};
use super::{digits, display};
use crate::exec::Program;
use crate::exec::probe::{Changes, Event, Outcome, Probe, Value};
use crate::exec::run::HostCall;
use crate::runtime::Reference;
use crate::syntax::{HeapType, ImportDesc, Instr, Module, RefType, ValType};
use alloc::string::{String, ToString};
use core::fmt::Write;

/// The version of the format, which the first line names.
pub const VERSION: u32 = 1;

/// A module in the header of a trace.
#[derive(Clone, Copy, Debug)]
pub struct ModuleInfo<'a> {
    /// The hash of the module's binary, in hexadecimal.
    pub sha256: &'a str,
    /// The module.
    pub module: &'a Module,
}

/// What the first line of a trace says.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// The modules in the order in which they are instantiated.
    pub modules: &'a [ModuleInfo<'a>],
    /// The names of the language features that are on.
    pub features: &'a [&'a str],
    /// The export that is called; `None` for a command.
    pub invoke: Option<&'a str>,
    /// The guest's arguments.
    pub args: &'a [&'a str],
}

/// How a run ended, for the last line of a trace.
#[derive(Clone, Copy, Debug, Default)]
pub struct End<'a> {
    /// A word such as `ok`, `trap` or `exit`.
    pub how: &'a str,
    /// The number of instructions executed, constant expressions apart.
    pub steps: u64,
    /// The number of instructions of constant expressions executed.
    pub initialisers: u64,
    /// The guest's exit code, if it ended itself.
    pub exit: Option<i32>,
    /// The code of the trap, if it trapped.
    pub trap: Option<&'a str>,
}

impl Header<'_> {
    /// Returns the first line of a trace, without its end.
    pub fn line(&self) -> String {
        let mut line = String::from("{\"limpid-trace\":");
        digits::decimal(&mut line, VERSION.into());
        list(&mut line, ",\"modules\":", self.modules, |line, info| {
            line.push_str("{\"sha256\":");
            quoted(line, info.sha256);
            line.push_str(",\"names\":");
            names(line, info.module);
            line.push('}');
        });
        let texts = |line: &mut String, text: &&str| quoted(line, text);
        list(&mut line, ",\"features\":", self.features, texts);
        line.push_str(",\"invoke\":");
        match self.invoke {
            Some(name) => quoted(&mut line, name),
            None => line.push_str("null"),
        }
        list(&mut line, ",\"args\":", self.args, texts);
        line.push('}');
        line
    }
}

impl End<'_> {
    /// Returns the last line of a trace, without its end.
    pub fn line(&self) -> String {
        let mut line = String::from("{\"end\":");
        quoted(&mut line, self.how);
        number(&mut line, ",\"t\":", self.steps);
        number(&mut line, ",\"init\":", self.initialisers);
        if let Some(exit) = self.exit {
            line.push_str(",\"exit\":");
            digits::signed(&mut line, exit.into());
        }
        if let Some(trap) = self.trap {
            line.push_str(",\"trap\":");
            quoted(&mut line, trap);
        }
        line.push('}');
        line
    }
}

/// A probe that passes the record of each executed instruction to a closure. The first line and
/// the last one are made by [`Header`] and [`End`].
#[derive(Debug)]
pub struct JsonTrace<F> {
    emit: F,
    texts: Texts,
    rules: StepRules,
    line: String,
}

impl<F: FnMut(&str) + Send> JsonTrace<F> {
    /// Makes a trace whose records (without the ends of lines) go to `emit`.
    pub fn new(emit: F) -> JsonTrace<F> {
        JsonTrace {
            emit,
            texts: Texts::new(instruction),
            rules: StepRules::default(),
            line: String::new(),
        }
    }
}

impl<F: FnMut(&str) + Send> Probe for JsonTrace<F> {
    fn step(&mut self, event: &Event<'_>) {
        self.line.clear();
        let (instruction, rules) = (self.texts.of(event), self.rules.of(event));
        write_record(&mut self.line, event, instruction, rules);
        (self.emit)(&self.line);
    }
}

/// Writes what is the same each time that an instruction is executed.
fn instruction(text: &mut String, event: &Event<'_>) {
    let instr = event.instr();
    number(text, ",\"func\":", event.func.0.into());
    number(text, ",\"pc\":", event.offset().into());
    text.push_str(",\"op\":\"");
    text.push_str(instr.mnemonic());
    let shown = instr.to_string();
    let immediates = shown.strip_prefix(instr.mnemonic()).unwrap_or_default();
    if !immediates.is_empty() {
        text.push_str("\",\"imm\":\"");
        text.push_str(immediates.trim_start());
    }
    text.push('"');
}

fn write_record(line: &mut String, event: &Event<'_>, instruction: &str, rules: &[(Rule, u64)]) {
    let time = match event.is_initialiser {
        true => "{\"init\":",
        false => "{\"t\":",
    };
    number(line, time, event.time);
    if event.thread > 0 {
        number(line, ",\"thread\":", event.thread.into());
    }
    number(line, ",\"inst\":", event.inst.0.into());
    line.push_str(instruction);
    if !rules.is_empty() {
        list(line, ",\"rules\":", rules, rule);
    }
    number(line, ",\"stack\":", event.step.height.into());
    let program = event.program;
    let mut some = |word, values: &[Value]| {
        if !values.is_empty() {
            values_of(line, word, program, values);
        }
    };
    some(",\"pop\":", event.pops);
    some(",\"push\":", event.pushes);
    write_changes(line, program, &event.changes);
    if let Some(call) = event.host {
        host(line, event, call);
    }
    match event.outcome {
        Outcome::Returned => values_of(line, ",\"return\":", program, event.passed),
        Outcome::Trapped(trap) => {
            line.push_str(",\"trap\":");
            quoted(line, &trap.to_string());
        }
        Outcome::Caught { frames } => {
            number(line, ",\"exn\":{\"caught\":true,\"frames\":", frames.into());
            if let Some(clause) = event.clause {
                number(line, ",\"label\":", clause.label.into());
                number(line, ",\"clause\":", clause.clause.into());
            }
            line.push('}');
        }
        Outcome::Uncaught => line.push_str(",\"exn\":{\"caught\":false}"),
        Outcome::Next
        | Outcome::Branched
        | Outcome::Called
        | Outcome::TailCalled
        | Outcome::Host
        | Outcome::HostFailed => {}
    }
    line.push('}');
}

/// Writes a rule, with its count where it is used several times in a row.
fn rule(line: &mut String, &(rule, times): &(Rule, u64)) {
    line.push_str(if times == 1 { "\"" } else { "[\"" });
    line.push_str(rule.name());
    line.push('"');
    if times != 1 {
        number(line, ",", times);
        line.push(']');
    }
}

fn write_changes(line: &mut String, program: &Program, changes: &Changes<'_>) {
    if let Some(change) = changes.local {
        number(line, ",\"local\":{\"index\":", change.local.into());
        before_and_after(line, program, &change.old, &change.new);
    }
    if let Some(change) = changes.global {
        number(line, ",\"global\":{\"index\":", change.global.into());
        number(line, ",\"instance\":", change.addr.0.into());
        before_and_after(line, program, &change.old, &change.new);
    }
    if let Some(change) = changes.memory {
        number(line, ",\"mem\":{\"mem\":", change.memory.into());
        number(line, ",\"addr\":", change.at);
        number(line, ",\"len\":", change.len);
        for (word, bytes) in [(",\"old\":\"", change.old), ("\",\"new\":\"", change.new)] {
            line.push_str(word);
            digits::bytes(line, bytes);
        }
        line.push_str("\"}");
    }
    if let Some(change) = changes.element {
        number(line, ",\"table\":{\"table\":", change.table.into());
        number(line, ",\"at\":", change.at);
        number(line, ",\"len\":", change.len);
        let ty = program.context().tables[change.table as usize].elem;
        let value = |reference: Reference| Value {
            ty: ValType::Ref(ty),
            cells: [reference.to_cell(), 0],
        };
        before_and_after(line, program, &value(change.old), &value(change.new));
    }
    if let Some(object) = changes.object.and_then(Reference::as_object) {
        number(line, ",\"heap\":{\"object\":", object.into());
        if let Some(len) = changes.len {
            number(line, ",\"len\":", len.into());
        }
        line.push('}');
    }
}

fn before_and_after(line: &mut String, program: &Program, old: &Value, new: &Value) {
    line.push_str(",\"old\":");
    value(line, program, old);
    line.push_str(",\"new\":");
    value(line, program, new);
    line.push('}');
}

/// Writes the call of a host function. Its results are unknown where it took the place of the
/// frame that called it.
fn host(line: &mut String, event: &Event<'_>, call: HostCall) {
    number(line, ",\"host\":{\"func\":", call.func.0.into());
    let instr = event.instr();
    let imported = match instr {
        Instr::Call(func) | Instr::ReturnCall(func) => {
            let imports = event.program.module().imports.iter();
            let is_func = |import: &&crate::syntax::Import| match import.desc {
                ImportDesc::Func(_) => true,
                ImportDesc::Table(_)
                | ImportDesc::Memory(_)
                | ImportDesc::Global(_)
                | ImportDesc::Tag(_) => false,
            };
            imports.filter(is_func).nth(func.index())
        }
        _ => None, // Other calls name no function.
    };
    if let Some(import) = imported {
        for (word, name) in [
            (",\"module\":", &*import.module),
            (",\"name\":", &*import.name),
        ] {
            line.push_str(word);
            quoted(line, name);
        }
    }
    let args = match instr {
        Instr::Call(_) | Instr::ReturnCall(_) => event.pops,
        // The last operand is the callee.
        _ => event.pops.split_last().map_or(event.pops, |(_, args)| args),
    };
    values_of(line, ",\"args\":", event.program, args);
    match event.outcome {
        Outcome::HostFailed => line.push_str(",\"failed\":true"),
        Outcome::Host if !call.last => {
            values_of(line, ",\"results\":", event.program, event.pushes);
        }
        _ => {} // It has thrown an exception, or its results are the run's.
    }
    line.push('}');
}

fn values_of(line: &mut String, word: &str, program: &Program, values: &[Value]) {
    list(line, word, values, |line, of| value(line, program, of));
}

/// Writes a value: numbers in decimal, floats and vectors as their bits, references by kind and
/// index.
fn value(line: &mut String, program: &Program, value: &Value) {
    let [low, high] = value.cells;
    match value.ty {
        ValType::I32 => {
            line.push_str("\"i32:");
            digits::signed(line, i64::from(low as u32 as i32));
        }
        ValType::I64 => {
            line.push_str("\"i64:");
            digits::signed(line, low as i64);
        }
        ValType::F32 => {
            line.push_str("\"f32:0x");
            digits::hex(line, u64::from(low as u32), 8);
        }
        ValType::F64 => {
            line.push_str("\"f64:0x");
            digits::hex(line, low, 16);
        }
        ValType::V128 => {
            line.push_str("\"v128:0x");
            digits::hex(line, high, 16);
            digits::hex(line, low, 16);
        }
        ValType::Ref(ty) => {
            line.push('"');
            reference(line, program, ty, Reference::from_cell(low));
        }
    }
    line.push('"');
}

/// Writes a reference: its kind, and its index or number.
pub(super) fn reference(line: &mut String, program: &Program, ty: RefType, of: Reference) {
    let kind = hierarchy(program, ty.heap);
    let (kind, index) = match (kind, of.as_i31(), of.as_object()) {
        _ if of.is_null() => (kind, None),
        ("func", _, _) => (kind, of.as_func().map(|func| func.0)),
        (_, Some(number), _) => ("i31", Some(number)),
        ("any", _, object) => ("object", object),
        (kind, _, object) => (kind, object),
    };
    line.push_str(kind);
    match index {
        Some(index) => number(line, ":", index.into()),
        None => line.push_str(":null"),
    }
}

/// The hierarchy of a heap type.
fn hierarchy(program: &Program, heap: HeapType) -> &'static str {
    match heap {
        HeapType::Func | HeapType::NoFunc => "func",
        HeapType::Extern | HeapType::NoExtern => "extern",
        HeapType::Exn | HeapType::NoExn => "exn",
        HeapType::Any
        | HeapType::Eq
        | HeapType::I31
        | HeapType::Struct
        | HeapType::Array
        | HeapType::None => "any",
        HeapType::Concrete(ty) => {
            let context = program.context();
            match context.space.func(context.type_id(ty)) {
                Some(_) => "func",
                None => "any",
            }
        }
    }
}

/// Writes the names that a module has for itself and its functions.
fn names(line: &mut String, module: &Module) {
    line.push_str("{\"module\":");
    match &module.names.module {
        Some(name) => quoted(line, name),
        None => line.push_str("null"),
    }
    line.push_str(",\"funcs\":{");
    for (place, (func, name)) in module.names.funcs.0.iter().enumerate() {
        number(line, if place == 0 { "\"" } else { ",\"" }, (*func).into());
        line.push_str("\":");
        quoted(line, name);
    }
    line.push_str("}}");
}

fn number(line: &mut String, word: &str, number: u64) {
    line.push_str(word);
    digits::decimal(line, number);
}

fn list<T>(line: &mut String, word: &str, items: &[T], mut item: impl FnMut(&mut String, &T)) {
    line.push_str(word);
    line.push('[');
    for (place, one) in items.iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        item(line, one);
    }
    line.push(']');
}

/// Writes a text that somebody else chose: safe to print, and a string of JSON.
fn quoted(line: &mut String, text: &str) {
    line.push('"');
    for letter in display::name(text).chars() {
        match letter {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            letter if letter.is_control() => {
                let _ = write!(line, "\\u{:04x}", u32::from(letter));
            }
            letter => line.push(letter),
        }
    }
    line.push('"');
}
