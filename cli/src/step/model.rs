//! What there is to see of a run, as data: each pane is a list of items. Knows of no terminal; the
//! panes of the screen and the answers of `--plain` are made of the same items.

use super::session::{HEAT_PAGE, Mark, Session, View};
use super::show::Known;
use limpid::internals::exec::probe::Target;
use limpid::internals::runtime::{InstAddr, ObjectKind, Reference};
use limpid::internals::syntax::{CompositeType, FieldType, FuncIdx, ValType};
use limpid::internals::valid::FrameKind;
use limpid::observe::machine::{Ended, MAIN, ThreadView};
use limpid::observe::{Place, Value, display};
use limpid::wasi::I32Exit;
use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;

/// What is said when the user has given a line of input.
pub const GIVEN: &str =
    "The guest gets this line when it reads the next time; what it has read before stays.";

/// Most items of a pane whose length a guest decides.
const MOST: usize = 200;

/// One thing in a pane.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// Its value.
    pub value: String,
    /// More about it.
    pub note: String,
    /// Whether the last step has changed it.
    pub changed: bool,
    /// Whether it is the one where the run is.
    pub current: bool,
}

/// The operand stack, top first, each value with the instruction that pushed it.
pub fn stack(session: &mut Session) -> Vec<Item> {
    session.known(|known, view| {
        let Some(frame) = view.frames.first() else {
            return Vec::new();
        };
        let new = view.last.map_or(0, |last| last.new_operands());
        let operands = frame.operands.iter().rev().enumerate();
        let item = |(number, operand): (usize, &limpid::observe::machine::OperandView)| {
            let pushed = operand.pushed_by.map(|offset| Place {
                offset,
                ..frame.place
            });
            Item {
                name: number.to_string(),
                value: known.value(frame.place.inst, &operand.value),
                note: pushed.map_or_else(String::new, |place| {
                    format!("{}, {}", known.instruction(place), view.spot(place))
                }),
                changed: number < new,
                current: false,
            }
        };
        operands.take(MOST).map(item).collect()
    })
}

/// The labels and handlers, innermost first.
pub fn labels(session: &mut Session) -> Vec<Item> {
    session.known(|known, view| {
        let Some(frame) = view.frames.first() else {
            return Vec::new();
        };
        let labels = frame.labels.iter().enumerate();
        let item = |(number, label): (usize, &limpid::observe::machine::LabelView)| {
            let (kind, target) = match label.kind {
                FrameKind::Func => ("function", "returns"),
                FrameKind::Block => ("block", "leaves it"),
                FrameKind::Loop => ("loop", "repeats it"),
                FrameKind::If => ("if", "leaves it"),
                FrameKind::Else => ("else", "leaves it"),
                FrameKind::TryTable => ("try_table", "leaves it"),
            };
            let mut note = format!("a branch {target}");
            if label.arity > 0 {
                let _ = write!(note, " with {}", count(label.arity, "value"));
            }
            if label.kind == FrameKind::TryTable {
                let _ = write!(note, "; {}", count(label.catches, "handler"));
            }
            let place = Place {
                offset: label.offset,
                ..frame.place
            };
            let name = known
                .label(place)
                .map_or_else(String::new, |name| format!(" ${name}"));
            Item {
                name: number.to_string(),
                value: match label.kind {
                    FrameKind::Func => kind.to_owned(),
                    FrameKind::Block
                    | FrameKind::Loop
                    | FrameKind::If
                    | FrameKind::Else
                    | FrameKind::TryTable => format!("{kind}{name}, {}", view.spot(place)),
                },
                note,
                ..Item::default()
            }
        };
        labels.take(MOST).map(item).collect()
    })
}

/// The frames, innermost first.
pub fn frames(session: &mut Session) -> Vec<Item> {
    session.known(|known, view| {
        let frames = view.frames.iter().enumerate();
        let item = |(number, frame): (usize, &limpid::observe::machine::FrameView)| Item {
            name: number.to_string(),
            value: known.func_of(frame.place.inst, frame.place.func),
            note: format!(
                "{}, {}",
                known.instruction(frame.place),
                view.spot(frame.place)
            ),
            changed: false,
            current: number == 0,
        };
        frames.take(MOST).map(item).collect()
    })
}

/// The threads that have not ended: where each of them is, and whether it waits.
pub fn threads(session: &mut Session) -> Vec<Item> {
    let threads = session.machine().threads();
    let item = |thread: ThreadView| {
        let frames = session.machine().frames_of(thread.thread);
        let place = frames.first().map(|frame| frame.place);
        let waits = thread
            .waits_at
            .map(|(memory, address)| format!("waits at {address:#x} of memory {}", memory.0));
        Item {
            name: match thread.thread {
                MAIN => "main".to_owned(),
                number => number.to_string(),
            },
            value: place.map_or_else(String::new, |place| session.spot(place)),
            note: waits.unwrap_or_default(),
            changed: false,
            current: thread.is_current,
        }
    };
    threads.into_iter().map(item).collect()
}

/// Parameters and locals of the innermost frame.
pub fn locals(session: &mut Session) -> Vec<Item> {
    session.known(|known, view| {
        let Some(frame) = view.frames.first() else {
            return Vec::new();
        };
        let Place { inst, func, .. } = frame.place;
        let written = view
            .last
            .and_then(|last| last.local.map(|local| local.local));
        let locals = frame.locals.iter().enumerate();
        let params = params(known, inst, func);
        let item = |(number, value): (usize, &Value)| Item {
            name: known.local(inst, func, number as u32),
            value: known.value(inst, value),
            note: match number < params {
                true => "parameter".to_owned(),
                false => String::new(),
            },
            changed: written == Some(number as u32),
            current: false,
        };
        locals.take(MOST).map(item).collect()
    })
}

/// How many of a function's locals are parameters.
fn params(known: Known<'_>, inst: InstAddr, func: FuncIdx) -> usize {
    let context = known.instance(inst).program.context();
    let ty = context.funcs.get(func.0 as usize);
    ty.map_or(0, |ty| match &context.space.get(*ty).composite {
        CompositeType::Func(ty) => ty.params.len(),
        CompositeType::Struct(_) | CompositeType::Array(_) => 0,
    })
}

/// The globals of the instance that runs.
pub fn globals(session: &mut Session) -> Vec<Item> {
    session.known(|known, view| {
        let inst = view.frames.first().map_or(InstAddr(0), |f| f.place.inst);
        let written = view
            .last
            .and_then(|last| last.global.map(|global| global.addr));
        let globals = known.instance(inst).globals.iter().enumerate();
        let item = |(number, addr): (usize, &limpid::internals::runtime::GlobalAddr)| {
            let global = &known.state.globals[addr.index()];
            Item {
                name: known.global(inst, number as u32),
                value: known.cells(global.ty.val, global.cells),
                changed: written == Some(*addr),
                ..Item::default()
            }
        };
        globals.take(MOST).map(item).collect()
    })
}

/// The tables of the instance that runs, with the elements that are not null.
pub fn tables(session: &mut Session) -> Vec<Item> {
    session.known(|known, view| {
        let inst = view.frames.first().map_or(InstAddr(0), |f| f.place.inst);
        let mut items = Vec::new();
        for (number, addr) in known.instance(inst).tables.iter().enumerate() {
            let table = &known.state.tables[addr.index()];
            items.push(Item {
                name: format!("table {}", known.table(inst, number as u32)),
                value: count(table.elems.len(), "element"),
                ..Item::default()
            });
            let change = view.last.and_then(|last| last.element);
            let change = change.filter(|change| change.addr == *addr);
            for (at, element) in table.elems.iter().enumerate() {
                let changed = change
                    .is_some_and(|c| (c.at..c.at.saturating_add(c.len)).contains(&(at as u64)));
                if (element.is_null() && !changed) || items.len() > MOST {
                    continue;
                }
                items.push(Item {
                    name: format!("{number}[{at}]"),
                    value: known.reference(table.ty.elem, *element),
                    changed,
                    ..Item::default()
                });
            }
        }
        items
    })
}

/// The objects that locals, operands, globals and tables refer to, and what these refer to.
pub fn heap(session: &mut Session) -> Vec<Item> {
    session.known(|known, view| {
        let mut queue: VecDeque<u32> = VecDeque::new();
        let mut seen = BTreeSet::new();
        let mut found = |reference: Reference, queue: &mut VecDeque<u32>| {
            if let Some(handle) = reference.as_object()
                && seen.len() < MOST
                && seen.insert(handle)
            {
                queue.push_back(handle);
            }
        };
        for reference in roots(known, view) {
            found(reference, &mut queue);
        }
        let changed = view.last.and_then(|last| last.object?.as_object());
        let mut items = Vec::new();
        while let Some(handle) = queue.pop_front() {
            let (value, inner) = contents(known, handle);
            inner.into_iter().for_each(|next| found(next, &mut queue));
            items.push(Item {
                name: known.object(Reference::object(handle)),
                value,
                changed: changed == Some(handle),
                ..Item::default()
            });
        }
        items
    })
}

/// The references of frames, globals and tables, those to functions apart.
fn roots(known: Known<'_>, view: &View<'_>) -> Vec<Reference> {
    let mut roots = Vec::new();
    for frame in view.frames.iter().take(MOST) {
        let inst = frame.place.inst;
        let operands = frame.operands.iter().map(|operand| &operand.value);
        let values = frame.locals.iter().chain(operands);
        let to_objects = values.filter(|value| match value.ty {
            ValType::Ref(ty) => !known.is_func_in(inst, ty),
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => false,
        });
        roots.extend(to_objects.map(|value| Reference::from_cell(value.cells[0])));
    }
    for global in &known.state.globals {
        if matches!(global.ty.val, ValType::Ref(ty) if !known.is_func(ty)) {
            roots.push(Reference::from_cell(global.cells[0]));
        }
    }
    for table in &known.state.tables {
        if !known.is_func(table.ty.elem) {
            roots.extend(table.elems.iter().take(MOST));
        }
    }
    roots
}

/// Most fields of an object that are shown.
const FIELDS: u32 = 16;

/// The contents of an object in words, and the objects in it.
fn contents(known: Known<'_>, handle: u32) -> (String, Vec<Reference>) {
    let heap = &known.state.heap;
    let mut parts = Vec::new();
    let mut inner = Vec::new();
    let mut part = |field: &FieldType, cells: [u64; 2]| {
        let ty = field.storage.unpacked();
        if matches!(ty, ValType::Ref(ty) if !known.is_func(ty)) {
            inner.push(Reference::from_cell(cells[0]));
        }
        parts.push(known.cells(ty, cells));
    };
    let mut more = false;
    match heap.kind(handle) {
        Some(ObjectKind::Struct(ty)) => {
            if let CompositeType::Struct(fields) = known.composite(ty) {
                more = fields.len() > FIELDS as usize;
                for (at, field) in (0..FIELDS).zip(fields) {
                    if let Some(cells) = heap.get_field(handle, at) {
                        part(field, cells);
                    }
                }
            }
        }
        Some(ObjectKind::Array(ty)) => {
            if let CompositeType::Array(field) = known.composite(ty) {
                let len = heap.array_len(handle).unwrap_or(0);
                more = len > FIELDS;
                for at in 0..len.min(FIELDS) {
                    if let Some(cells) = heap.array_get(handle, at) {
                        part(field, cells);
                    }
                }
            }
        }
        Some(ObjectKind::Exception(tag)) => parts.push(format!("of tag #{}", tag.0)),
        Some(ObjectKind::Host(_)) | None => {}
    }
    let more = if more { ", ..." } else { "" };
    (format!("{}{more}", parts.join(", ")), inner)
}

/// The reduction rules of the step before.
pub fn rules(session: &mut Session) -> Vec<Item> {
    let rules = session.last().map(|last| last.rules.clone());
    let rules = rules.unwrap_or_default().into_iter();
    let item = |(number, rule): (usize, String)| Item {
        name: (number + 1).to_string(),
        value: rule,
        ..Item::default()
    };
    rules.enumerate().map(item).collect()
}

/// Breakpoints, watchpoints and bookmarks.
pub fn points(session: &mut Session) -> Vec<Item> {
    let places = session.machine().breakpoints().clone();
    let mut items = Vec::new();
    for (number, place) in places.into_iter().enumerate() {
        items.push(Item {
            name: format!("breakpoint {number}"),
            value: session.spot(place),
            note: session.known(|known, _| known.instruction(place)),
            ..Item::default()
        });
    }
    let watched = session.watched.iter().enumerate();
    items.extend(watched.map(|(number, what)| Item {
        name: format!("watchpoint {number}"),
        value: what.clone(),
        ..Item::default()
    }));
    let now = session.time();
    items.extend(session.bookmarks.iter().map(|time| Item {
        name: "bookmark".to_owned(),
        value: format!("step {time}"),
        current: *time == now,
        ..Item::default()
    }));
    items
}

/// The code that a function became: operations with the instruction that each belongs to.
pub fn registers(session: &mut Session) -> Vec<Item> {
    let Some(place) = session.place() else {
        return Vec::new();
    };
    let lines = session.registers(place);
    let at = lines.partition_point(|(offset, _)| offset.is_none_or(|at| at <= place.offset));
    let items = lines.iter().enumerate();
    // As much as a pane may show around the place.
    let near = items.skip(at.saturating_sub(MOST / 2)).take(MOST);
    near.map(|(_, (offset, text))| Item {
        name: offset.map_or_else(String::new, |offset| format!("{offset:#x}")),
        value: text.clone(),
        current: *offset == Some(place.offset),
        ..Item::default()
    })
    .collect()
}

/// Calls, traps and bookmarks near the time at hand, as far as they were seen.
pub fn timeline(session: &mut Session) -> Vec<Item> {
    let now = session.time();
    let before = session.marks.range(..now).rev().take(MOST / 2);
    let after = session.marks.range(now..).take(MOST / 2);
    let mut marks: Vec<(u64, Mark)> = before.chain(after).map(|(at, mark)| (*at, *mark)).collect();
    marks.sort_unstable_by_key(|(at, _)| *at);
    let item = |(at, mark): (u64, Mark)| Item {
        name: at.to_string(),
        value: match mark {
            Mark::Call => "call",
            Mark::Return => "return",
            Mark::Host => "host call",
            Mark::Trap => "trap or exception",
        }
        .to_owned(),
        current: at + 1 == now,
        ..Item::default()
    };
    let mut items: Vec<Item> = marks.into_iter().map(item).collect();
    items.extend(session.bookmarks.iter().map(|at| Item {
        name: at.to_string(),
        value: "bookmark".to_owned(),
        current: *at == now,
        ..Item::default()
    }));
    items
}

/// What the guest has written, a line each, safe to show.
pub fn output(session: &Session) -> Vec<String> {
    let bytes = session.output();
    // A pane shows the end of it.
    let start = bytes.len().saturating_sub(MOST * 400);
    let text = String::from_utf8_lossy(&bytes[start..]).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.len().saturating_sub(MOST);
    let shown = |line: &&str| display::line(&line.replace('\t', "    ")).into_owned();
    lines[last..].iter().map(shown).collect()
}

/// Bytes of a row of memory.
pub const ROW: usize = 16;

/// A row of the memory that is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The address of the first byte.
    pub at: u64,
    /// The bytes, each with whether the last step has changed it.
    pub bytes: Vec<(u8, bool)>,
}

/// The memory that is shown, in rows of so many bytes.
pub fn memory(session: &mut Session, width: usize) -> Vec<Row> {
    let (addr, start) = session.window;
    let bytes = session.window_bytes();
    let before = session.window_before().to_vec();
    let write = session.last().and_then(|last| last.write.clone());
    let write = write.filter(|write| write.addr == addr);
    let written = |at: u64| {
        write
            .as_ref()
            .is_some_and(|write| at >= write.at && at - write.at < write.len)
    };
    let row = |(number, bytes): (usize, &[u8])| {
        let from = number * width;
        let byte = |(place, byte): (usize, &u8)| {
            let differs = before
                .get(from + place)
                .is_some_and(|before| before != byte);
            (*byte, differs || written(start + (from + place) as u64))
        };
        Row {
            at: start + from as u64,
            bytes: bytes.iter().enumerate().map(byte).collect(),
        }
    };
    bytes.chunks(width).enumerate().map(row).collect()
}

/// How often each of so many parts of the memory that is shown was written by the steps seen, and
/// the part that the window is in.
pub fn heat(session: &mut Session, parts: usize) -> (Vec<u32>, usize) {
    let (addr, start) = session.window;
    let (state, _) = session.machine().state();
    let len = state.memories.get(addr.index()).map_or(0, |m| m.byte_len());
    let pages = len.div_ceil(HEAT_PAGE).max(1);
    let parts = parts
        .min(usize::try_from(pages).unwrap_or(usize::MAX))
        .max(1);
    let part = |page: u64| {
        let part = u128::from(page.min(pages - 1)) * parts as u128 / u128::from(pages);
        part as usize
    };
    let mut heat = vec![0u32; parts];
    for ((memory, page), count) in &session.heat {
        if *memory == addr.0 {
            let sum = &mut heat[part(*page)];
            *sum = sum.saturating_add(*count);
        }
    }
    (heat, part(start / HEAT_PAGE))
}

/// Where the run is, in a sentence.
pub fn state(session: &mut Session) -> String {
    let time = session.time();
    let of = match session.end() {
        Some((end, _)) => format!("Step {time} of {end}"),
        None => format!("Step {time}"),
    };
    if session.is_at_end() {
        return format!("{of}. {}", end(session));
    }
    match session.place() {
        Some(place) => session.known(|known, view| {
            let func = known.func_of(place.inst, place.func);
            let (instr, spot) = (known.instruction(place), view.spot(place));
            format!("{of}. Next is {instr} in {func}, {spot}.")
        }),
        None => format!("{of}."),
    }
}

/// How the run ended, in a sentence.
pub fn end(session: &Session) -> String {
    match session.end().map(|(_, ended)| ended) {
        None => "The run has not ended.".to_owned(),
        Some(Ended::Returned(values)) if values.is_empty() => "The run has ended.".to_owned(),
        Some(Ended::Returned(values)) => {
            let values: Vec<String> = values.iter().map(super::super::values::show).collect();
            format!("The run has ended and returned {}.", values.join(" "))
        }
        Some(Ended::Failed(error)) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => format!("The guest has exited with {}.", exit.0),
            None => match super::super::trap::failure(error, None) {
                Some(failure) => format!("The run has ended: {}.", failure.text()),
                None => {
                    let text = display::line(&error.root_cause().to_string()).into_owned();
                    format!("The run has ended: {text}.")
                }
            },
        },
    }
}

/// What the instruction before did, in sentences.
pub fn told(session: &mut Session) -> String {
    session.known(|known, view| {
        let Some(last) = view.last else {
            return "No instruction has been executed.".to_owned();
        };
        let inst = last.place.inst;
        let list = |values: &[Value]| -> String {
            let values: Vec<String> = values
                .iter()
                .map(|value| known.value(inst, value))
                .collect();
            values.join(" and ")
        };
        let mut text = format!("{} ", known.instruction(last.place));
        match (last.pops.is_empty(), last.pushes.is_empty()) {
            (true, true) => text += "has no operands and no results.",
            (true, false) => text += &format!("left {}.", list(&last.pushes)),
            (false, true) => text += &format!("took {}.", list(&last.pops)),
            (false, false) => {
                text += &format!("took {} and left {}.", list(&last.pops), list(&last.pushes));
            }
        }
        for sentence in changes(known, last) {
            text += " ";
            text += &sentence;
        }
        if last.outcome == limpid::observe::Outcome::Returned {
            text += &match last.passed.is_empty() {
                true => " The function returned.".to_owned(),
                false => format!(" The function returned {}.", list(&last.passed)),
            };
        }
        let ending = last.ending();
        if !ending.is_empty() {
            text += " ";
            text += &ending;
        }
        text
    })
}

/// What a step has written, a sentence each.
fn changes(known: Known<'_>, last: &super::last::Last) -> Vec<String> {
    let inst = last.place.inst;
    let mut sentences = Vec::new();
    if let Some(local) = &last.local {
        let name = known.local(inst, last.place.func, local.local);
        let (old, new) = (known.value(inst, &local.old), known.value(inst, &local.new));
        sentences.push(format!("Local {name} was {old} and is {new}."));
    }
    if let Some(global) = &last.global {
        let name = known.global(inst, global.global);
        let (old, new) = (
            known.value(inst, &global.old),
            known.value(inst, &global.new),
        );
        sentences.push(format!("Global {name} was {old} and is {new}."));
    }
    if let Some(write) = &last.write {
        let hex = |bytes: &[u8]| -> String {
            let bytes = bytes.iter().take(16).map(|byte| format!("{byte:02x}"));
            bytes.collect::<Vec<_>>().join(" ")
        };
        sentences.push(format!(
            "{} at {:#x} of memory {}: {} became {}.",
            count(write.len, "byte"),
            write.at,
            write.addr.0,
            hex(&write.old),
            hex(&write.new)
        ));
    }
    if let Some(change) = &last.element {
        let name = known.table(inst, change.table);
        let what = count(change.len, "element");
        sentences.push(format!(
            "{what} of table {name} changed, the first at index {}.",
            change.at
        ));
    }
    if let Some(object) = last.object {
        sentences.push(format!("It wrote {}.", known.object(object)));
    }
    sentences
}

/// A target of a watchpoint for an operand of the innermost frame, counted from the top.
pub fn operand(session: &Session, number: usize) -> Option<Target> {
    let frame = session.frames().first()?;
    let operand = frame.operands.iter().rev().nth(number)?;
    Some(Target::Operand {
        thread: frame.thread,
        base: frame.base,
        cell: operand.cell,
    })
}

/// A number of things.
pub fn count(number: impl TryInto<u64>, what: &'static str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    limpid::internals::syntax::Count(number, what).to_string()
}
