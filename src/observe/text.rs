//! A trace as text: one line for each executed instruction, in constant memory. What guests name
//! is escaped, so that a line can go to a screen.
//!
//! ```text
//!        4  fib      0x0053  i32.sub              pop i32:5 i32:1   push i32:4
//! ```

use super::digits;
use super::instructions::{Texts, func_name, with_names};
use super::jsonl::reference;
use crate::exec::Program;
use crate::exec::probe::{Event, Probe, Value};
use crate::runtime::Reference;
use crate::syntax::{F32Text, F64Text, ValType};
use alloc::string::String;
use core::fmt::Write;

/// A probe that passes each line of a text trace to a closure.
///
/// ```
/// use limpid::observe::TextTrace;
/// use limpid::{Config, Engine, Instance, Module, Store, Translation};
/// use std::sync::mpsc;
/// # #[cfg(feature = "wat")] {
/// let engine = Engine::new(Config::new().translation(Translation::Faithful))?;
/// let text = r#"(module
///     (func (export "f") (result i32) (i32.add (i32.const 40) (i32.const 2))))"#;
/// let module = Module::new(&engine, text)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let (lines, trace) = mpsc::channel();
/// store.set_probe(Box::new(TextTrace::new(move |line: &str| {
///     lines.send(line.to_string()).unwrap_or_default();
/// })))?;
/// instance.get_typed_func::<(), i32>(&mut store, "f")?.call(&mut store, ())?;
/// let lines: Vec<String> = trace.try_iter().collect();
/// assert!(lines[2].contains("i32.add") && lines[2].contains("push i32:42"));
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Debug)]
pub struct TextTrace<F> {
    emit: F,
    texts: Texts,
    line: String,
}

impl<F: FnMut(&str) + Send> TextTrace<F> {
    /// Makes a trace whose lines (without their ends) go to `emit`.
    pub fn new(emit: F) -> TextTrace<F> {
        TextTrace {
            emit,
            texts: Texts::new(instruction),
            line: String::new(),
        }
    }
}

impl<F: FnMut(&str) + Send> Probe for TextTrace<F> {
    fn step(&mut self, event: &Event<'_>) {
        self.line.clear();
        write_line(&mut self.line, event, self.texts.of(event));
        (self.emit)(&self.line);
    }
}

/// Writes the line of an event, whose instruction has this text.
fn write_line(line: &mut String, event: &Event<'_>, instruction: &str) {
    if event.is_initialiser {
        line.push_str("init ");
    }
    let before = line.len();
    digits::decimal(line, event.time);
    let width = before + if event.is_initialiser { 3 } else { 8 };
    while line.len() < width {
        line.insert(before, ' ');
    }
    if event.thread > 0 {
        line.push_str("  thread ");
        digits::decimal(line, event.thread.into());
    }
    line.push_str(instruction);
    for (word, values) in [("  pop", event.pops), ("  push", event.pushes)] {
        if !values.is_empty() {
            line.push_str(word);
            for value in values {
                line.push(' ');
                write_value(line, event.program, value);
            }
        }
    }
    if let Some(trap) = event.trap() {
        let _ = write!(line, "  trap: {trap}");
    }
    let end = line.trim_end().len();
    line.truncate(end);
}

/// Writes what is the same each time that an instruction is executed: the columns of function,
/// offset and instruction.
fn instruction(text: &mut String, event: &Event<'_>) {
    let func = func_name(event.program, event.func);
    let instr = with_names(event.program, event.func, &event.instr());
    let _ = write!(text, "  {func:<16}  {:#06x}  {instr:<28}", event.offset());
}

/// Writes a value: `i32:-1`, floats as literals, references by kind and number.
fn write_value(line: &mut String, program: &Program, value: &Value) {
    let [low, high] = value.cells;
    match value.ty {
        ValType::I32 => {
            line.push_str("i32:");
            digits::signed(line, i64::from(low as u32 as i32));
        }
        ValType::I64 => {
            line.push_str("i64:");
            digits::signed(line, low as i64);
        }
        ValType::F32 => drop(write!(line, "f32:{}", F32Text(low as u32))),
        ValType::F64 => drop(write!(line, "f64:{}", F64Text(low))),
        ValType::V128 => {
            line.push_str("v128:0x");
            digits::hex(line, high, 16);
            digits::hex(line, low, 16);
        }
        ValType::Ref(ty) => reference(line, program, ty, Reference::from_cell(low)),
    }
}
