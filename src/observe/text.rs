//! A trace as text: one line for each executed instruction, in constant memory.
//!
//! ```text
//!        4  fib      0x0053  i32.sub              pop i32:5 i32:1   push i32:4
//! ```

use crate::binary::InstrReader;
use crate::exec::Program;
use crate::exec::probe::{Event, Probe, Value};
use crate::syntax::{FuncIdx, Instr, LocalIdx, Names, ValType};
use alloc::format;
use alloc::string::String;
use core::fmt::Write;

/// A probe that hands each line of a text trace to `emit`.
#[derive(Debug)]
pub struct TextTrace<F> {
    emit: F,
    line: String,
}

impl<F: FnMut(&str) + Send> TextTrace<F> {
    /// A trace whose lines (without their ends) go to `emit`.
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
        event.time, event.offset
    )?;
    for (word, values) in [("pop", event.pops), ("push", event.pushes)] {
        if !values.is_empty() {
            write!(line, "  {word}")?;
            for value in values {
                write!(line, " {}", Shown(value))?;
            }
        }
    }
    if let Some(trap) = event.trap {
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
        Some(name) => format!("${name}"),
        None if func.index() < program.context().funcs.len() => format!("func {}", func.0),
        None => format!("const {}", func.index() - program.context().funcs.len()),
    }
}

/// The instruction at an event's offset, its indices as names where there are any.
fn instruction(event: &Event<'_>) -> String {
    let module = event.program.module();
    let bytes = module
        .bytes
        .get(event.offset as usize..)
        .unwrap_or_default();
    let features = event.program.context().features;
    match InstrReader::new(bytes, event.offset, &features).read() {
        Ok((_, instr)) => with_names(&instr, &module.names, event.func),
        Err(_) => String::new(),
    }
}

/// The text of an instruction with its main immediate.
fn with_names(instr: &Instr<'_>, names: &Names, func: FuncIdx) -> String {
    let mnemonic = instr.mnemonic();
    let named = |name: Option<&str>, index: u32| match name {
        Some(name) => format!("{mnemonic} ${name}"),
        None => format!("{mnemonic} {index}"),
    };
    let local = |local: LocalIdx| {
        let of_func = names.locals.iter().find(|entry| entry.0 == func.0);
        named(of_func.and_then(|entry| entry.1.get(local.0)), local.0)
    };
    match *instr {
        Instr::LocalGet(idx) | Instr::LocalSet(idx) | Instr::LocalTee(idx) => local(idx),
        Instr::GlobalGet(idx) | Instr::GlobalSet(idx) => named(names.globals.get(idx.0), idx.0),
        Instr::Call(idx) | Instr::ReturnCall(idx) | Instr::RefFunc(idx) => {
            named(names.funcs.get(idx.0), idx.0)
        }
        Instr::Br(label) | Instr::BrIf(label) => format!("{mnemonic} {}", label.0),
        Instr::I32Const(value) => format!("{mnemonic} {value}"),
        Instr::I64Const(value) => format!("{mnemonic} {value}"),
        Instr::F32Const(bits) => format!("{mnemonic} {}", f32::from_bits(bits)),
        Instr::F64Const(bits) => format!("{mnemonic} {}", f64::from_bits(bits)),
        Instr::Load(_, arg) | Instr::Store(_, arg) if arg.offset > 0 => {
            format!("{mnemonic} offset={}", arg.offset)
        }
        _ => String::from(mnemonic), // Other immediates are seen in the values.
    }
}

/// A value: `i32:-1`, floats with their bits, references by number.
struct Shown<'a>(&'a Value);

impl core::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [low, high] = self.0.cells;
        match self.0.ty {
            ValType::I32 => write!(f, "i32:{}", low as u32 as i32),
            ValType::I64 => write!(f, "i64:{}", low as i64),
            ValType::F32 => write!(f, "f32:{}", f32::from_bits(low as u32)),
            ValType::F64 => write!(f, "f64:{}", f64::from_bits(low)),
            ValType::V128 => write!(f, "v128:0x{high:016x}{low:016x}"),
            ValType::Ref(_) if low == 0 => write!(f, "ref:null"),
            ValType::Ref(_) => write!(f, "ref:{low}"),
        }
    }
}
