//! What a debugger shows of a paused run: frames, variables, instructions, memory.

use super::super::step::session::Session;
use super::wire::base64;
use limpid::internals::exec::probe::Target;
use limpid::internals::runtime::{GlobalAddr, MemAddr};
use limpid::observe::machine::{FrameView, MAIN};
use limpid::observe::{Place, Value as Seen};
use serde_json::{Value, json};
use std::ops::Range;
use std::path::Path;

/// Most variables of a list.
const MOST: usize = 1000;

/// Variables of one kind in each frame: the number of a list is `frame * KINDS + kind + 1`.
const KINDS: usize = 4;

/// The kinds of variables.
const NAMES: [&str; KINDS] = ["Locals", "Operand stack", "Globals", "Memories"];

/// Frames of a thread at most: the number of a frame is `thread * FRAMES + depth`.
const FRAMES: usize = 1 << 20;

/// The number that the protocol has for a thread: none is 0 there.
pub fn thread_id(thread: u32) -> usize {
    thread as usize + 1
}

/// The threads; before the run begins, there is the main one.
pub fn threads(session: Option<&mut Session>) -> Vec<Value> {
    let threads = session.map_or_else(Vec::new, |session| session.machine().threads());
    let mut numbers: Vec<u32> = threads.iter().map(|thread| thread.thread).collect();
    if numbers.is_empty() {
        numbers.push(MAIN);
    }
    let named = |thread: u32| match thread {
        MAIN => "main".to_owned(),
        number => format!("thread {number}"),
    };
    let thread = |thread| json!({ "id": thread_id(thread), "name": named(thread) });
    numbers.into_iter().map(thread).collect()
}

/// The frames of a thread. The run may have ended in the current one.
fn frames_of(session: &mut Session, thread: u32) -> Vec<FrameView> {
    match session.machine().thread() == thread {
        true => session.frames().to_vec(),
        false => session.machine().frames_of(thread),
    }
}

/// The frames of a thread that are asked for.
pub fn stack_trace(
    session: &mut Session,
    program: &Path,
    thread: usize,
    levels: Range<usize>,
) -> Value {
    let thread = thread.saturating_sub(1);
    let places = frames_of(session, thread as u32);
    let places: Vec<Place> = places.iter().map(|frame| frame.place).collect();
    let shown = places.iter().enumerate().skip(levels.start);
    let frames: Vec<Value> = shown
        .take(levels.len())
        .map(|(depth, place)| frame(session, program, thread * FRAMES + depth, *place))
        .collect();
    json!({ "stackFrames": frames, "totalFrames": places.len() })
}

fn frame(session: &mut Session, program: &Path, id: usize, place: Place) -> Value {
    let name = session.known(|known, _| known.func_of(place.inst, place.func));
    let code = session.code(place).filter(|code| code.is_text());
    let at = code.and_then(|code| {
        let line = code.line_of(place.offset)?;
        // Several instructions may be on a line: the column tells them apart.
        let shown = session.known(|known, _| code.line(known, place, line));
        Some((line, shown.word.map_or(0, |(column, _)| column)))
    });
    let mut frame = json!({
        "id": id,
        "name": name,
        "line": at.map_or(0, |(line, _)| line + 1),
        "column": at.map_or(0, |(_, column)| column + 1),
        "instructionPointerReference": reference(place),
    });
    if at.is_some() {
        let shown = program.file_name().unwrap_or_default().to_string_lossy();
        frame["source"] = json!({ "name": shown, "path": program.to_string_lossy() });
    }
    frame
}

/// A place as a reference that the protocol gives back.
pub fn reference(place: Place) -> String {
    format!("{}:{}:{:#x}", place.inst.0, place.func.0, place.offset)
}

/// The instruction that a reference and a distance in bytes name, if one begins there.
pub fn instruction(session: &mut Session, args: &Value, name: &str) -> Option<Place> {
    let place = place(args[name].as_str()?)?;
    let distance = args["offset"].as_i64().unwrap_or_default();
    let offset = i64::from(place.offset).checked_add(distance)?;
    let offset = u32::try_from(offset).ok()?;
    let all = session.first_offsets(place, usize::MAX);
    all.binary_search(&offset).ok()?;
    Some(Place { offset, ..place })
}

/// The place that a reference names.
fn place(reference: &str) -> Option<Place> {
    let mut parts = reference.split(':');
    let inst = parts.next()?.parse().ok()?;
    let func = parts.next()?.parse().ok()?;
    let offset = u32::from_str_radix(parts.next()?.strip_prefix("0x")?, 16).ok()?;
    Some(Place {
        inst: limpid::internals::runtime::InstAddr(inst),
        func: limpid::internals::syntax::FuncIdx(func),
        offset,
    })
}

/// The lists of variables of a frame.
pub fn scopes(frame: usize) -> Value {
    let scope = |(kind, name): (usize, &&str)| {
        json!({
            "name": name,
            "variablesReference": frame * KINDS + kind + 1,
            "expensive": false,
        })
    };
    let scopes: Vec<Value> = NAMES.iter().enumerate().map(scope).collect();
    json!({ "scopes": scopes })
}

/// A variable: its name, its value, and what is watched when it is.
pub struct Variable {
    pub name: String,
    pub value: String,
    pub target: Option<Target>,
    /// The number of the memory whose bytes it stands for.
    pub memory: Option<u32>,
}

/// The variables of a list.
pub fn variables(session: &mut Session, list: usize) -> Vec<Variable> {
    let Some(list) = list.checked_sub(1) else {
        return Vec::new();
    };
    let (frame, kind) = (list / KINDS, list % KINDS);
    let frames = frames_of(session, (frame / FRAMES) as u32);
    session.known(|known, _| {
        let Some(frame) = frames.get(frame % FRAMES) else {
            return Vec::new();
        };
        let Place { inst, func, .. } = frame.place;
        let base = frame.base;
        let shown = |value: &Seen| known.value(inst, value);
        match kind {
            0 => {
                let locals = frame.locals.iter().enumerate().take(MOST);
                let local = |(number, value): (usize, &Seen)| Variable {
                    name: known.local(inst, func, number as u32),
                    value: shown(value),
                    target: Some(Target::Local {
                        thread: frame.thread,
                        base,
                        local: number as u32,
                    }),
                    memory: None,
                };
                locals.map(local).collect()
            }
            1 => {
                let operands = frame.operands.iter().rev().enumerate().take(MOST);
                let operand = operands.map(|(number, operand)| Variable {
                    name: number.to_string(),
                    value: shown(&operand.value),
                    target: None,
                    memory: None,
                });
                operand.collect()
            }
            3 => {
                let memories = known.instance(inst).memories.iter().enumerate();
                let memory = |(number, addr): (usize, &MemAddr)| {
                    let bytes = known.state.memories[addr.index()].byte_len();
                    Variable {
                        name: number.to_string(),
                        value: format!("{bytes} bytes"),
                        target: None,
                        memory: Some(addr.0),
                    }
                };
                memories.take(MOST).map(memory).collect()
            }
            _ => {
                let globals = known.instance(inst).globals.iter().enumerate();
                let global = |(number, addr): (usize, &GlobalAddr)| {
                    let global = &known.state.globals[addr.index()];
                    Variable {
                        name: known.global(inst, number as u32),
                        value: known.cells(global.ty.val, global.cells),
                        target: Some(Target::Global(*addr)),
                        memory: None,
                    }
                };
                globals.take(MOST).map(global).collect()
            }
        }
    })
}

/// Instructions around a place: `offset` instructions from it on, `count` of them.
pub fn disassemble(session: &mut Session, place: Place, offset: i64, count: usize) -> Value {
    let offsets = session.first_offsets(place, usize::MAX);
    let here = offsets.partition_point(|at| *at < place.offset) as i64;
    let instruction = |at: i64| {
        let own = usize::try_from(here + offset + at).ok();
        let own = own.and_then(|own| offsets.get(own));
        match own {
            Some(&offset) => {
                let place = Place { offset, ..place };
                let text = session.known(|known, _| known.instruction(place));
                json!({ "address": format!("{offset:#x}"), "instruction": text })
            }
            // The protocol wants as many as were asked for.
            None => json!({
                "address": "0x0",
                "instruction": "",
                "presentationHint": "invalid",
            }),
        }
    };
    let all: Vec<Value> = (0..count.min(10_000) as i64).map(instruction).collect();
    json!({ "instructions": all })
}

/// Bytes of a memory, whose reference is its number.
pub fn memory(session: &mut Session, memory: usize, at: i64, count: usize) -> Value {
    let (state, _) = session.machine().state();
    let size = state
        .memories
        .get(memory)
        .map_or(0, |memory| memory.byte_len());
    let begin = u64::try_from(at).unwrap_or_default().min(size);
    let len = (size - begin).min(count as u64).min(1 << 20);
    let mut bytes = vec![0; len as usize];
    let read = state
        .memories
        .get(memory)
        .map(|memory| memory.read_bytes(begin, &mut bytes));
    let bytes = match read {
        Some(Ok(())) => bytes,
        Some(Err(_)) | None => Vec::new(),
    };
    json!({
        "address": format!("{begin:#x}"),
        "unreadableBytes": count.saturating_sub(bytes.len()),
        "data": base64(&bytes),
    })
}
