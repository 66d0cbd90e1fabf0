//! A trace as text: one line for each executed instruction, in constant memory. What guests name
//! is escaped, so that a line can go to a screen.
//!
//! ```text
//!        4  fib      0x0053  i32.sub              pop i32:5 i32:1   push i32:4
//! ```

use super::display;
use crate::exec::Program;
use crate::exec::probe::{Event, Probe, Value};
use crate::syntax::{F32Text, F64Text, FuncIdx, ValType};
use alloc::format;
use alloc::string::{String, ToString};
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
    line: String,
}

impl<F: FnMut(&str) + Send> TextTrace<F> {
    /// Makes a trace whose lines (without their ends) go to `emit`.
    pub fn new(emit: F) -> TextTrace<F> {
        TextTrace {
            emit,
            line: String::new(),
        }
    }
}

impl<F: FnMut(&str) + Send> Probe for TextTrace<F> {
    fn step(&mut self, event: &Event<'_>) {
        self.line.clear();
        write_line(&mut self.line, event).unwrap_or_default();
        (self.emit)(&self.line);
    }
}

/// Writes the line of an event.
fn write_line(line: &mut String, event: &Event<'_>) -> core::fmt::Result {
    let func = func_name(event.program, event.func);
    let instr = instruction(event);
    write!(
        line,
        "{:>8}  {func:<16}  {:#06x}  {instr:<28}",
        event.time,
        event.offset()
    )?;
    for (word, values) in [("pop", event.pops), ("push", event.pushes)] {
        if !values.is_empty() {
            write!(line, "  {word}")?;
            for value in values {
                write!(line, " {}", Shown(value))?;
            }
        }
    }
    if let Some(trap) = event.trap() {
        write!(line, "  trap: {trap}")?;
    }
    let end = line.trim_end().len();
    line.truncate(end);
    Ok(())
}

/// A function by its name, else by its index; a constant expression by its place.
fn func_name(program: &Program, func: FuncIdx) -> String {
    let names = &program.module().names;
    match names.funcs.get(func.0) {
        Some(name) => format!("${}", display::name(name)),
        None if func.index() < program.context().funcs.len() => format!("func {}", func.0),
        None => format!("const {}", func.index() - program.context().funcs.len()),
    }
}

/// The instruction of an event, its indices as names where there are any.
fn instruction(event: &Event<'_>) -> String {
    let names = &event.program.module().names;
    let text = event.instr().text(names, Some(event.func.0)).to_string();
    display::line(&text).into_owned()
}

/// Prints a value: `i32:-1`, floats with their bits, references by number.
struct Shown<'a>(&'a Value);

impl core::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [low, high] = self.0.cells;
        match self.0.ty {
            ValType::I32 => write!(f, "i32:{}", low as u32 as i32),
            ValType::I64 => write!(f, "i64:{}", low as i64),
            ValType::F32 => write!(f, "f32:{}", F32Text(low as u32)),
            ValType::F64 => write!(f, "f64:{}", F64Text(low)),
            ValType::V128 => write!(f, "v128:0x{high:016x}{low:016x}"),
            ValType::Ref(_) if low == 0 => write!(f, "ref:null"),
            ValType::Ref(_) => write!(f, "ref:{low}"),
        }
    }
}
