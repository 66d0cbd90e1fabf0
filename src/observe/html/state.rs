//! A paused machine as JSON, in the shape in which the viewer takes a state: for a page that runs
//! the machine itself.

use super::bytes::letter;
use super::code::Functions;
use super::text::{json, list};
use crate::exec::probe::{Event, Outcome, Value};
use crate::observe::display;
use crate::observe::machine::{FrameView, Machine};
use crate::observe::rules::StepRules;
use crate::runtime::InstAddr;
use crate::syntax::ValType;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

/// Appends what of a store is always the same: which globals and memories each instance has, and
/// their names. It begins with a comma.
pub fn describe<T>(machine: &mut Machine<T>, out: &mut String) {
    let (state, instances) = machine.state();
    let mut globals: Vec<String> = (0..state.globals.len()).map(|at| at.to_string()).collect();
    let mut memories: Vec<String> = (0..state.memories.len()).map(|at| at.to_string()).collect();
    out.push_str(",\"instances\":");
    list(out, 0..instances.list.count() as u32, |out, inst| {
        let instance = instances.instance(InstAddr(inst));
        let names = &instance.program.module().names;
        out.push_str("{\"globals\":");
        list(
            out,
            instance.globals.iter().enumerate(),
            |out, (at, addr)| {
                if let Some(name) = names.globals.get(at as u32) {
                    globals[addr.index()] = format!("${}", display::name(name));
                }
                let _ = write!(out, "{}", addr.0);
            },
        );
        out.push_str(",\"memories\":");
        list(
            out,
            instance.memories.iter().enumerate(),
            |out, (at, addr)| {
                if let Some(name) = names.memories.get(at as u32) {
                    memories[addr.index()] = format!("${}", display::name(name));
                }
                let _ = write!(out, "{}", addr.0);
            },
        );
        out.push('}');
    });
    out.push_str(",\"globals\":");
    list(
        out,
        state.globals.iter().zip(&globals),
        |out, (global, name)| {
            out.push('[');
            json(out, name);
            let mutable = u8::from(global.ty.mutable);
            let _ = write!(out, ",\"{}\",{mutable}]", letter(global.ty.val));
        },
    );
    out.push_str(",\"memories\":");
    list(
        out,
        state.memories.iter().zip(&memories),
        |out, (memory, name)| {
            out.push('[');
            json(out, name);
            let _ = write!(out, ",{}]", u8::from(memory.shared.is_some()));
        },
    );
}

/// Appends a value: the letter of its type, and its bits in decimal.
pub fn value(out: &mut String, value: &Value) {
    cells(out, value.ty, value.cells);
}

fn cells(out: &mut String, ty: ValType, [low, high]: [u64; 2]) {
    let letter = letter(ty);
    let bits = match ty {
        ValType::I32 | ValType::F32 => u128::from(low as u32),
        ValType::I64 | ValType::F64 | ValType::Ref(_) => u128::from(low),
        ValType::V128 => u128::from(high) << 64 | u128::from(low),
    };
    let _ = write!(out, "[\"{letter}\",\"{bits}\"]");
}

fn values(out: &mut String, items: &[Value]) {
    list(out, items, value);
}

/// Appends the state of a machine: `{"t":...,"frames":[...],...}`, frames innermost first. `event`
/// is the JSON of the step before, or `null`.
pub fn state<T>(
    machine: &mut Machine<T>,
    functions: &mut Functions,
    event: &str,
    out: &mut String,
) {
    let frames = machine.frames();
    let _ = write!(out, "{{\"t\":{},\"frames\":", machine.time());
    list(out, &frames, |out, frame| {
        write_frame(machine, functions, frame, out);
    });
    let (state, _) = machine.state();
    out.push_str(",\"globals\":");
    list(out, &state.globals, |out, global| {
        cells(out, global.ty.val, global.cells);
    });
    out.push_str(",\"sizes\":");
    list(out, &state.memories, |out, memory| {
        let _ = write!(out, "{}", memory.byte_len());
    });
    let _ = write!(out, ",\"event\":{event},\"done\":{}", machine.is_at_end());
    out.push_str(",\"end\":");
    match machine.end() {
        Some((time, ended)) => {
            let _ = write!(out, "[{time},");
            json(out, &super::recorder::ending(ended));
            out.push(']');
        }
        None => out.push_str("null"),
    }
    out.push('}');
}

fn write_frame<T>(
    machine: &mut Machine<T>,
    functions: &mut Functions,
    frame: &FrameView,
    out: &mut String,
) {
    let (inst, func) = (frame.place.inst, frame.place.func);
    let steps = machine.steps(inst, func);
    let (_, instances) = machine.state();
    let program = &instances.instance(inst).program;
    let number = functions.number((inst, func), program, &steps);
    let step = steps.at_offset(frame.place.offset).unwrap_or_default();
    let _ = write!(out, "{{\"func\":{number},\"step\":{step},\"locals\":");
    values(out, &frame.locals);
    out.push_str(",\"stack\":");
    list(out, &frame.operands, |out, operand| {
        value(out, &operand.value)
    });
    out.push('}');
}

/// Returns the JSON of a step that was executed.
pub fn event(event: &Event<'_>) -> String {
    let mut out = format!("{{\"outcome\":{}", number(event.outcome));
    let (inst, func, offset) = (event.inst.0, event.func.0, event.offset());
    let _ = write!(out, ",\"at\":[{inst},{func},{offset}],\"pops\":");
    values(&mut out, event.pops);
    out.push_str(",\"pushes\":");
    values(&mut out, event.pushes);
    out.push_str(",\"passed\":");
    values(&mut out, event.passed);
    if let Some(change) = event.changes.local {
        let _ = write!(out, ",\"local\":{}", change.local);
    }
    if let Some(change) = event.changes.global {
        let _ = write!(out, ",\"global\":{}", change.addr.0);
    }
    if let Some(change) = event.changes.memory {
        let (memory, at, len) = (change.addr.0, change.at, change.len);
        let _ = write!(out, ",\"writes\":[[{memory},{at},{len}]]");
    }
    if let Some(change) = event.changes.element {
        let (table, at, len) = (change.addr.0, change.at, change.len);
        let _ = write!(out, ",\"element\":[{table},{at},{len}]");
    }
    if let Some(object) = event.changes.object {
        let _ = write!(out, ",\"object\":\"{}\"", object.to_cell());
    }
    if let Some(trap) = event.trap() {
        out.push_str(",\"trap\":");
        json(&mut out, &trap.to_string());
    }
    out.push_str(",\"rules\":");
    let mut rules = StepRules::default();
    super::recorder::rule_names(&mut out, rules.of(event));
    out.push('}');
    out
}

/// The number of an outcome in traces.
fn number(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Next => 0,
        Outcome::Branched => 1,
        Outcome::Called => 2,
        Outcome::TailCalled => 3,
        Outcome::Returned => 4,
        Outcome::Host => 5,
        Outcome::HostFailed => 6,
        Outcome::Caught { .. } => 7,
        Outcome::Uncaught => 8,
        Outcome::Trapped(_) => 9,
    }
}
