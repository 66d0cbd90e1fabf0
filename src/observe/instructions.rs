//! What of an instruction stays the same in each of its executions, kept as text so that a trace
//! makes it once. The memory for it is bounded: an entry takes the place of another.

use super::display;
use crate::exec::Program;
use crate::exec::probe::Event;
use crate::syntax::{FuncIdx, Instr};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// How many entries there are; a power of two.
const ENTRIES: usize = 1 << 14;

/// The longest text that is kept after its use.
const LONGEST: usize = 512;

/// Texts of instructions, made by a function of the event.
#[derive(Debug)]
pub struct Texts {
    make: fn(&mut String, &Event<'_>),
    entries: Vec<Entry>,
    /// A text that is too long to be kept.
    long: String,
}

/// The text of an instruction.
#[derive(Clone, Debug, Default)]
struct Entry {
    /// Where the program is, and the offset of the instruction. A program lives as long as the
    /// store that the probe belongs to.
    key: (usize, u32),
    text: String,
}

impl Texts {
    /// Makes an empty collection; `make` appends the text of an event's instruction.
    pub fn new(make: fn(&mut String, &Event<'_>)) -> Texts {
        Texts {
            make,
            entries: Vec::new(),
            long: String::new(),
        }
    }

    /// The text of the event's instruction.
    #[inline]
    pub fn of(&mut self, event: &Event<'_>) -> &str {
        if self.entries.is_empty() {
            self.entries.resize(ENTRIES, Entry::default());
        }
        let program = core::ptr::from_ref(event.program) as usize;
        let key = (program, event.offset());
        let place = (key.1 as usize ^ (program >> 8)) & (ENTRIES - 1);
        if self.entries[place].key != key {
            self.long.clear();
            (self.make)(&mut self.long, event);
            if self.long.len() > LONGEST {
                return &self.long;
            }
            let entry = &mut self.entries[place];
            entry.key = key;
            entry.text.clear();
            entry.text.push_str(&self.long);
        }
        &self.entries[place].text
    }
}

/// Returns a function by its name, else by its index; a constant expression by its place. It can
/// be shown.
pub fn func_name(program: &Program, func: FuncIdx) -> String {
    let names = &program.module().names;
    match names.funcs.get(func.0) {
        Some(name) => format!("${}", display::name(name)),
        None if func.index() < program.context().funcs.len() => format!("func {}", func.0),
        None => format!("const {}", func.index() - program.context().funcs.len()),
    }
}

/// Returns an instruction with its indices as names where there are any. It can be shown.
pub fn with_names(program: &Program, func: FuncIdx, instr: &Instr<'_>) -> String {
    let names = &program.module().names;
    let text = instr.text(names, Some(func.0)).to_string();
    display::line(&text).into_owned()
}
