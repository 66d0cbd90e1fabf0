//! The instruction executed last, kept: what it took and left, what it wrote, how it ended.

use super::rules::rules_of;
use limpid::internals::exec::probe::{ElementChange, GlobalChange, LocalChange};
use limpid::internals::runtime::{MemAddr, Reference};
use limpid::internals::syntax::Count;
use limpid::internals::trap::Trap;
use limpid::observe::{Event, Outcome, Place, Value};

/// Most bytes of a write that are kept.
const BYTES: usize = 4096;

/// A range of a memory that was written.
#[derive(Clone, Debug)]
pub struct Write {
    /// The memory.
    pub addr: MemAddr,
    /// Where the range begins.
    pub at: u64,
    /// The number of bytes.
    pub len: u64,
    /// The bytes before, or the first of them.
    pub old: Vec<u8>,
    /// The bytes after, or the first of them.
    pub new: Vec<u8>,
}

/// An executed instruction.
#[derive(Clone, Debug)]
pub struct Last {
    /// The number of instructions executed before it.
    pub time: u64,
    /// Where it is.
    pub place: Place,
    /// The operands that it took, bottom first.
    pub pops: Vec<Value>,
    /// The results that it left, bottom first.
    pub pushes: Vec<Value>,
    /// The values that a return passed to the caller.
    pub passed: Vec<Value>,
    /// How it ended.
    pub outcome: Outcome,
    /// The local that it wrote.
    pub local: Option<LocalChange>,
    /// The global that it wrote.
    pub global: Option<GlobalChange>,
    /// The bytes that it wrote.
    pub write: Option<Write>,
    /// The table elements that it wrote.
    pub element: Option<ElementChange>,
    /// The object that it wrote.
    pub object: Option<Reference>,
    /// The instruction that came next.
    pub next: Option<Place>,
    /// The reduction rules of the specification that it used, in their order.
    pub rules: Vec<String>,
}

impl Last {
    /// Keeps an event.
    pub fn of(event: &Event<'_>) -> Last {
        let first = |bytes: &[u8]| bytes[..bytes.len().min(BYTES)].to_vec();
        Last {
            time: event.time,
            place: event.place(),
            pops: event.pops.to_vec(),
            pushes: event.pushes.to_vec(),
            passed: event.passed.to_vec(),
            outcome: event.outcome,
            local: event.changes.local,
            global: event.changes.global,
            write: event.changes.memory.map(|change| Write {
                addr: change.addr,
                at: change.at,
                len: change.len,
                old: first(change.old),
                new: first(change.new),
            }),
            element: event.changes.element,
            object: event.changes.object,
            next: event.next,
            rules: rules_of(event),
        }
    }

    /// How many values on top of the operand stack are new.
    pub fn new_operands(&self) -> usize {
        match self.outcome {
            Outcome::Next | Outcome::Host | Outcome::Branched | Outcome::Caught { .. } => {
                self.pushes.len()
            }
            Outcome::Returned => self.passed.len(),
            Outcome::Called
            | Outcome::TailCalled
            | Outcome::HostFailed
            | Outcome::Uncaught
            | Outcome::Trapped(_) => 0,
        }
    }

    /// How it ended, in words.
    pub fn ending(&self) -> String {
        match self.outcome {
            Outcome::Next => String::new(),
            Outcome::Branched => "It branched.".to_owned(),
            Outcome::Called => "It entered a function.".to_owned(),
            Outcome::TailCalled => "It entered a function in place of its own frame.".to_owned(),
            Outcome::Returned => String::new(), // The values are told with it.
            Outcome::Host => "A host function was called and has returned.".to_owned(),
            Outcome::HostFailed => "A host function was called and has ended the run.".to_owned(),
            Outcome::Caught { frames: 0 } => "The exception was caught in the frame.".to_owned(),
            Outcome::Caught { frames } => {
                let frames = Count(frames, "frame");
                format!("The exception was caught {frames} further out.")
            }
            Outcome::Uncaught => "Nothing caught the exception.".to_owned(),
            Outcome::Trapped(trap) => format!("It trapped: {trap}."),
        }
    }

    /// The trap that it ended in.
    pub fn trap(&self) -> Option<Trap> {
        self.outcome.trap()
    }
}
