//! What is recorded of a run. A trace is cut into chunks; each begins with the whole state but
//! memory, and then has a few bytes for each step, from which a reader knows the next state: what
//! an instruction takes and leaves is known from its row in `code`.
//!
//! A step is a byte, of which four bits tell how it ended and four what follows, then what its
//! results are where they cannot be derived, and what it wrote.

use super::bytes::Bytes;
use super::code::{Function, Functions, Role};
use super::memory::{Images, Write};
use super::source::{Texts, write_texts};
use super::text::{json, list};
use crate::api::{Result, Val};
use crate::exec::Instances;
use crate::exec::probe::{Event, Outcome, Value};
use crate::observe::display;
use crate::observe::machine::{Ended, FrameView, Machine};
use crate::observe::rules::{Rule, StepRules};
use crate::runtime::{GlobalInst, MemAddr};
use crate::syntax::ValType;
use crate::translate::steps::{Effect, Flow};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write as _;
use core::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most steps of a chunk, unless its first state is large.
const STEPS: u64 = 512;

/// Most steps of any chunk.
const MOST_STEPS: u64 = 1 << 16;

/// What may follow the first byte of a step.
pub(super) const WRITES: u8 = 0x10;
pub(super) const GROWTH: u8 = 0x20;
pub(super) const NOTE: u8 = 0x40;
pub(super) const STATE: u8 = 0x80;

/// What a note is about.
pub(super) const ELEMENTS: u8 = 1;
pub(super) const OBJECT: u8 = 2;
pub(super) const RULES: u8 = 4;

/// What of the state is given anew after a step.
pub(super) const FRAMES: u8 = 1;
pub(super) const GLOBALS: u8 = 2;
pub(super) const MEMORY: u8 = 4;
pub(super) const SIZES: u8 = 8;

/// Text that the guest has written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Output {
    /// Whether it went to the error stream.
    pub is_error: bool,
    /// The text.
    pub text: String,
}

/// A run as it was recorded.
#[derive(Debug)]
pub struct Recording {
    /// Everything but the steps and the contents of memories, as JSON.
    pub meta: String,
    /// The contents of memories, compressed.
    pub memory: Vec<u8>,
    /// The chunks, compressed.
    pub chunks: Vec<Vec<u8>>,
    /// The first time of each chunk.
    pub times: Vec<u64>,
    /// The functions that were entered.
    pub functions: Functions,
    /// The first step and the one after the last.
    pub range: Range<u64>,
    /// Whether the run had ended with it.
    pub is_whole: bool,
}

/// Compresses bytes: as raw deflate, where a browser is to read them.
pub type Compress<'c> = &'c dyn Fn(&[u8]) -> Vec<u8>;

/// Records the steps of a machine in a range of time. `outputs` returns what the guest has written
/// since it was called last; `texts` are those that the modules were read from.
///
/// # Errors
/// Returns the same errors as [`Machine::goto`].
pub fn record<T>(
    machine: &mut Machine<T>,
    title: &str,
    range: Range<u64>,
    mut outputs: impl FnMut() -> Vec<Output>,
    texts: &Texts<'_>,
    compress: Compress<'_>,
) -> Result<Recording> {
    machine.goto(range.start)?;
    let mut written: Vec<(u64, Output)> = Vec::new();
    let mut take = |time: u64| written.extend(outputs().into_iter().map(|output| (time, output)));
    take(machine.time());
    let shared = Arc::new(Mutex::new(Encoder::begin(machine)));
    let start = machine.time();
    while !machine.is_at_end() && machine.time() < range.end {
        let encoder = shared.clone();
        let until = machine.time().saturating_add(STEPS).min(range.end);
        machine.run_followed(until, move |event| locked(&encoder).step(event))?;
        let encoder = &mut locked(&shared);
        encoder.follow(machine);
        take(machine.time());
        if encoder.is_full(machine.time()) && !machine.is_at_end() {
            encoder.cut(machine, compress);
        }
    }
    let encoder = &mut locked(&shared);
    encoder.end_chunk(compress);
    let (from, to) = (start, machine.time());
    let mut meta = String::from("{\"title\":");
    json(&mut meta, &display::name(title));
    let _ = write!(meta, ",\"from\":{from},\"to\":{to},\"end\":");
    match machine.end() {
        Some((_, ended)) => json(&mut meta, &ending(ended)),
        None => meta.push_str("null"),
    }
    let is_whole = from == 0 && machine.is_at_end();
    encoder.locate(texts);
    encoder.describe(machine, &mut meta);
    meta.push_str(",\"texts\":");
    write_texts(texts.list, &mut meta);
    meta.push_str(",\"output\":");
    list(&mut meta, &written, |out, (time, output)| {
        let _ = write!(out, "[{time},{},", u8::from(output.is_error));
        json(out, &output.text);
        out.push(']');
    });
    meta.push('}');
    Ok(Recording {
        meta,
        memory: compress(&encoder.contents.0),
        chunks: core::mem::take(&mut encoder.chunks),
        times: core::mem::take(&mut encoder.times),
        functions: core::mem::take(&mut encoder.functions),
        range: from..to,
        is_whole,
    })
}

/// How a run ended, in a line.
pub(super) fn ending(ended: &Ended) -> String {
    match ended {
        Ended::Returned(values) if values.is_empty() => "The run returned.".into(),
        Ended::Returned(values) => {
            let values: Vec<String> = values.iter().map(value_text).collect();
            format!("The run returned {}.", values.join(", "))
        }
        Ended::Failed(error) => {
            let cause = error.root_cause().to_string();
            format!("The run ended: {}", display::line(&cause))
        }
    }
}

fn value_text(value: &Val) -> String {
    match value {
        Val::I32(value) => format!("i32 {value}"),
        Val::I64(value) => format!("i64 {value}"),
        Val::F32(bits) => format!("f32 {}", f32::from_bits(*bits)),
        Val::F64(bits) => format!("f64 {}", f64::from_bits(*bits)),
        other => format!("{other:?}"), // Vectors and references have no literal of their own.
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is recorded so far.
struct Encoder {
    functions: Functions,
    images: Images,
    globals: Vec<GlobalInst>,
    instances: std::sync::Arc<Instances>,
    /// Contents of memories, and their changes.
    contents: Bytes,
    /// The chunk under construction, and its first time.
    chunk: Bytes,
    begin: u64,
    /// Bytes of the state that it begins with.
    first_state: usize,
    /// Where the last step of the chunk begins.
    last: Option<usize>,
    /// Whether frames are to be looked at after that step.
    is_elsewhere: bool,
    /// Where memory was written last.
    address: u64,
    chunks: Vec<Vec<u8>>,
    /// The first time of each chunk.
    times: Vec<u64>,
    rules: Rules,
}

/// The rules of steps. Most steps of an instruction use the same ones, so that only others than the
/// last time are written.
#[derive(Default)]
struct Rules {
    finder: StepRules,
    /// Each list of rules that occurs, and its number. The empty one has the number 0.
    numbers: BTreeMap<Vec<(Rule, u64)>, u32>,
    lists: Vec<Vec<(Rule, u64)>>,
    /// The last list of each instruction, by function, byte offset and outcome, in this chunk.
    last: BTreeMap<(u32, u32, u8), u32>,
}

impl Rules {
    /// Returns the number of a step's rules, unless it is the one expected.
    fn of(&mut self, event: &Event<'_>, function: u32, outcome: u8) -> Option<u32> {
        let rules = self.finder.of(event);
        let number = match self.numbers.get(rules) {
            _ if rules.is_empty() => 0,
            Some(&number) => number,
            None => {
                self.lists.push(rules.to_vec());
                let number = self.lists.len() as u32;
                self.numbers.insert(rules.to_vec(), number);
                number
            }
        };
        let place = (function, event.offset(), outcome);
        let last = self.last.insert(place, number).unwrap_or_default();
        (last != number).then_some(number)
    }

    /// Writes all lists.
    fn write(&self, out: &mut String) {
        list(out, &self.lists, |out, rules| rule_names(out, rules));
    }
}

/// Writes names of rules, and how often each is used.
pub(super) fn rule_names(out: &mut String, rules: &[(Rule, u64)]) {
    list(out, rules, |out, (rule, times)| {
        let text = match times {
            1 => String::from(rule.name()),
            _ => format!("{} × {times}", rule.name()),
        };
        json(out, &text);
    });
}

impl Encoder {
    fn begin<T>(machine: &mut Machine<T>) -> Encoder {
        let mut contents = Bytes::default();
        let (state, instances) = machine.state();
        let images = Images::begin(&state.memories, &mut contents);
        let globals = state.globals.clone();
        let mut encoder = Encoder {
            functions: Functions::default(),
            images,
            globals,
            instances,
            contents,
            chunk: Bytes::default(),
            begin: 0,
            first_state: 0,
            last: None,
            is_elsewhere: false,
            address: 0,
            chunks: Vec::new(),
            times: Vec::new(),
            rules: Rules::default(),
        };
        encoder.begin_chunk(machine);
        encoder
    }

    /// Begins a chunk with the state of the machine.
    fn begin_chunk<T>(&mut self, machine: &mut Machine<T>) {
        self.begin = machine.time();
        self.times.push(self.begin);
        self.chunk = Bytes::default();
        (self.last, self.address) = (None, 0);
        self.rules.last.clear();
        let frames = machine.frames();
        self.frames(machine, &frames);
        self.put_globals();
        self.first_state = self.chunk.0.len();
    }

    fn end_chunk(&mut self, compress: Compress<'_>) {
        self.chunks.push(compress(&self.chunk.0));
        self.images.cut(&mut self.contents);
    }

    fn cut<T>(&mut self, machine: &mut Machine<T>, compress: Compress<'_>) {
        self.end_chunk(compress);
        self.begin_chunk(machine);
    }

    /// Whether the chunk is to end. One with a large state at its beginning is longer, so that the
    /// trace does not consist of states.
    fn is_full(&self, time: u64) -> bool {
        let (steps, bytes) = (time - self.begin, self.chunk.0.len() - self.first_state);
        steps >= MOST_STEPS || (steps >= STEPS && bytes * 2 >= self.first_state)
    }

    /// Writes frames, outermost first.
    fn frames<T>(&mut self, machine: &mut Machine<T>, frames: &[FrameView]) {
        self.chunk.number(frames.len() as u64);
        for frame in frames.iter().rev() {
            let (inst, func) = (frame.place.inst, frame.place.func);
            let steps = machine.steps(inst, func);
            let program = &self.instances_of(machine).instance(inst).program.clone();
            let number = self.functions.number((inst, func), program, &steps);
            let step = steps.at_offset(frame.place.offset).unwrap_or_default();
            self.chunk.number(number.into());
            self.chunk.number(step.into());
            frame
                .locals
                .iter()
                .for_each(|local| self.chunk.value(local));
            self.chunk.number(frame.operands.len() as u64);
            for operand in &frame.operands {
                let letter = super::bytes::letter(operand.value.ty);
                self.chunk.0.push(letter as u8);
                self.chunk.value(&operand.value);
            }
        }
    }

    /// The instances, of which the host may have made more.
    fn instances_of<T>(&mut self, machine: &mut Machine<T>) -> &Instances {
        self.instances = machine.state().1;
        &self.instances
    }

    fn put_globals(&mut self) {
        self.chunk.number(self.globals.len() as u64);
        for global in &self.globals {
            self.chunk.cells(global.ty.val, global.cells);
        }
    }

    /// Writes a step.
    fn step(&mut self, event: &Event<'_>) {
        if event.is_initialiser {
            return;
        }
        self.last = Some(self.chunk.0.len());
        self.chunk.0.push(0);
        let mut first = self.outcome(event);
        if let Some(memory) = event.changes.memory
            && memory.len == memory.new.len() as u64
        {
            first |= WRITES;
            self.chunk.number(1);
            self.write(memory.addr, memory.at, memory.new);
            self.images
                .write(memory.addr.index(), memory.at, memory.new);
        }
        if let Some((memory, bytes)) = self.growth(event) {
            first |= GROWTH;
            self.chunk.number(memory.index() as u64);
            self.chunk.number(bytes);
            self.images.grow(memory.index(), bytes);
        }
        if self.note(event, first & 15) {
            first |= NOTE;
        }
        if let Some(global) = event.changes.global
            && let Some(own) = self.globals.get_mut(global.addr.index())
        {
            own.cells = global.new.cells;
        }
        if let Some(last) = self.last {
            self.chunk.0[last] = first;
        }
    }

    /// Writes how a step ended and what it left; returns the number of the former.
    fn outcome(&mut self, event: &Event<'_>) -> u8 {
        self.is_elsewhere = event.next.is_none();
        match event.outcome {
            Outcome::Next => {
                if !is_derived(self.role(event)) {
                    self.values(event.pushes);
                }
                0
            }
            Outcome::Branched => {
                let next = event
                    .next
                    .and_then(|next| event.steps.at_offset(next.offset));
                self.chunk.number(next.unwrap_or_default().into());
                1
            }
            Outcome::Called => self.called(event, 2),
            Outcome::TailCalled => self.called(event, 3),
            Outcome::Returned => 4,
            Outcome::Host => {
                self.values(event.pushes);
                // In place of the frame, its results are the caller's.
                self.is_elsewhere = event.step.flow == Flow::TailCall;
                5
            }
            // Where it failed is where it stays.
            Outcome::HostFailed => self.failed(6),
            Outcome::Caught { .. } => {
                self.is_elsewhere = true;
                7
            }
            Outcome::Uncaught => self.failed(8),
            Outcome::Trapped(_) => self.failed(9),
        }
    }

    fn failed(&mut self, outcome: u8) -> u8 {
        self.is_elsewhere = false;
        outcome
    }

    /// Writes which function was entered. It may be one that the trace does not know yet: its steps
    /// are found when the machine pauses.
    fn called(&mut self, event: &Event<'_>, outcome: u8) -> u8 {
        let Some(next) = event.next else {
            return outcome;
        };
        let number = match self.functions.find(next.inst, next.func) {
            Some(number) => number,
            None => {
                let program = &self.instances.instance(next.inst).program;
                let (validated, settings) = (program.validated(), program.settings());
                let steps = crate::translate::steps(validated, settings, next.func);
                self.functions
                    .number((next.inst, next.func), program, &steps)
            }
        };
        self.chunk.number(number.into());
        outcome
    }

    fn role(&self, event: &Event<'_>) -> Role {
        let number = self.functions.find(event.inst, event.func);
        let function: Option<&Function> =
            number.and_then(|number| self.functions.list.get(number as usize));
        let row = function.and_then(|function| {
            let step = event.steps.at_offset(event.offset())?;
            function.rows.get(step as usize)
        });
        row.map_or(Role::Other, |row| row.role)
    }

    fn values(&mut self, values: &[Value]) {
        values.iter().for_each(|value| self.chunk.value(value));
    }

    fn write(&mut self, memory: MemAddr, at: u64, bytes: &[u8]) {
        self.chunk.number(memory.index() as u64);
        self.chunk.signed(at.wrapping_sub(self.address) as i64);
        self.chunk.slice(bytes);
        self.address = at;
    }

    /// The memory that an instruction has grown, and its size.
    fn growth(&self, event: &Event<'_>) -> Option<(MemAddr, u64)> {
        let Effect::GrowMemory(memory) = event.step.effect else {
            return None;
        };
        let instance = self.instances.instance(event.inst);
        let context = instance.program.context();
        let page = 1u64 << context.memories[memory as usize].page_size_log2;
        let (old, by) = (event.pushes.first()?, event.pops.first()?);
        let number = |value: &Value| match value.ty {
            ValType::I32 => u64::from(value.cells[0] as u32),
            _ => value.cells[0], // The other type of addresses.
        };
        let failed = match old.ty {
            ValType::I32 => u64::from(u32::MAX),
            _ => u64::MAX, // The other type of addresses.
        };
        let pages = number(old).checked_add(number(by))?;
        (number(old) != failed).then(|| (instance.memories[memory as usize], pages * page))
    }

    /// Writes what else there is to say of a step, if there is anything.
    fn note(&mut self, event: &Event<'_>, outcome: u8) -> bool {
        let function = self.functions.find(event.inst, event.func);
        let rules = self.rules.of(event, function.unwrap_or_default(), outcome);
        let (element, object) = (event.changes.element, event.changes.object);
        let mut what = 0;
        what |= if element.is_some() { ELEMENTS } else { 0 };
        what |= if object.is_some() { OBJECT } else { 0 };
        what |= if rules.is_some() { RULES } else { 0 };
        if what == 0 {
            return false;
        }
        self.chunk.0.push(what);
        if let Some(element) = element {
            self.chunk.number(element.addr.index() as u64);
            self.chunk.number(element.at);
            self.chunk.number(element.len);
        }
        if let Some(object) = object {
            self.chunk.number(object.to_cell());
        }
        if let Some(rules) = rules {
            self.chunk.number(rules.into());
        }
        true
    }

    /// Writes what a step changed beyond its event, now that the machine pauses behind it.
    fn follow<T>(&mut self, machine: &mut Machine<T>) {
        let Some(last) = self.last else {
            return;
        };
        let (state, _) = machine.state();
        let (writes, sizes) = self.images.compare(&state.memories);
        let mut what = 0;
        let same = self.globals.iter().zip(&state.globals);
        if !same.into_iter().all(|(own, new)| own.cells == new.cells) {
            what |= GLOBALS;
            let count = self.globals.len().min(state.globals.len());
            self.globals[..count].copy_from_slice(&state.globals[..count]);
        }
        what |= if writes.is_empty() { 0 } else { MEMORY };
        what |= if sizes.is_empty() { 0 } else { SIZES };
        what |= if self.is_elsewhere { FRAMES } else { 0 };
        self.is_elsewhere = false;
        if what == 0 {
            return;
        }
        self.chunk.0[last] |= STATE;
        self.chunk.0.push(what);
        if what & FRAMES != 0 {
            let frames = machine.frames();
            self.frames(machine, &frames);
        }
        if what & GLOBALS != 0 {
            self.put_globals();
        }
        self.unseen(&writes, &sizes);
    }

    /// Writes what the host wrote to memories, and their new sizes.
    fn unseen(&mut self, writes: &[Write], sizes: &[(usize, u64)]) {
        if !sizes.is_empty() {
            self.chunk.number(sizes.len() as u64);
            for &(memory, bytes) in sizes {
                self.chunk.number(memory as u64);
                self.chunk.number(bytes);
            }
        }
        if !writes.is_empty() {
            self.chunk.number(writes.len() as u64);
            for write in writes {
                let bytes = self.images.bytes(write).to_vec();
                self.write(MemAddr(write.0 as u32), write.1.start as u64, &bytes);
            }
        }
    }

    /// Finds the functions in the texts of their modules.
    fn locate(&mut self, texts: &Texts<'_>) {
        for number in 0..self.functions.count() as u32 {
            let Some((inst, func)) = self.functions.owner(number) else {
                continue;
            };
            let program = &self.instances.instance(inst).program;
            if let Some((at, spots)) = (texts.find)(program, func)
                && let Some(text) = texts.list.get(at)
            {
                self.functions.locate(number, (at, text), &spots);
            }
        }
    }

    /// Writes what the reader must know beside the steps.
    fn describe<T>(&mut self, machine: &mut Machine<T>, meta: &mut String) {
        meta.push_str(",\"times\":");
        list(meta, &self.times, |out, time| {
            let _ = write!(out, "{time}");
        });
        super::state::describe(machine, meta);
        meta.push_str(",\"rules\":");
        self.rules.write(meta);
        meta.push_str(",\"functions\":");
        list(meta, 0..self.functions.count(), |out, number| {
            self.functions.write(out, number as u32);
        });
    }
}

/// Whether the reader knows the result from the state.
fn is_derived(role: Role) -> bool {
    match role {
        Role::Local(_) | Role::TeeLocal(_) | Role::Global(_) => true,
        Role::Other | Role::SetLocal(_) | Role::SetGlobal(_) => false,
    }
}
