//! What monitors keep of each function: how often each of its instructions was executed, and what
//! is known of an instruction without a run.

use crate::exec::Program;
use crate::exec::probe::Event;
use crate::observe::instructions::func_name;
use crate::syntax::FuncIdx;
use crate::translate::Steps;
use crate::translate::steps::Step as Mapped;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// An instruction.
#[derive(Clone, Debug)]
pub struct Step<T> {
    pub offset: u32,
    pub mnemonic: &'static str,
    pub more: T,
}

/// A function that was executed; a constant expression, too.
#[derive(Clone, Debug)]
pub struct Function<T> {
    /// Where the program is, which tells those of several modules apart.
    pub program: usize,
    /// The name of the module, or nothing.
    pub module: String,
    pub func: FuncIdx,
    pub name: String,
    pub steps: Vec<Step<T>>,
    counts: Vec<u64>,
}

/// The functions that were executed. The instances of a module are counted together.
#[derive(Clone, Debug)]
pub struct Functions<T> {
    known: BTreeMap<(usize, FuncIdx), usize>,
    all: Vec<Function<T>>,
    /// The function of the last event.
    last: (usize, FuncIdx),
    at: usize,
}

impl<T> Default for Functions<T> {
    fn default() -> Functions<T> {
        Functions {
            known: BTreeMap::new(),
            all: Vec::new(),
            last: (0, FuncIdx(0)),
            at: 0,
        }
    }
}

/// What a monitor wants to know of an instruction besides.
pub trait More: Sized {
    /// Finds it.
    fn of(program: &Program, steps: &Steps, step: &Mapped) -> Self;
}

impl More for () {
    fn of(_: &Program, _: &Steps, _: &Mapped) {}
}

impl<T: More> Functions<T> {
    /// The place of the event's function among all.
    #[inline]
    pub fn place(&mut self, event: &Event<'_>) -> usize {
        let key = (core::ptr::from_ref(event.program) as usize, event.func);
        if self.last != key || self.all.is_empty() {
            self.find(key, event);
        }
        self.at
    }

    /// The event's function.
    #[inline]
    pub fn of(&mut self, event: &Event<'_>) -> &mut Function<T> {
        let place = self.place(event);
        &mut self.all[place]
    }

    fn find(&mut self, key: (usize, FuncIdx), event: &Event<'_>) {
        self.last = key;
        self.at = match self.known.get(&key) {
            Some(&place) => place,
            None => {
                self.all.push(Function::new(key.0, event));
                self.known.insert(key, self.all.len() - 1);
                self.all.len() - 1
            }
        };
    }

    /// All of them, in the order in which they were executed first.
    pub fn iter(&self) -> impl Iterator<Item = &Function<T>> {
        self.all.iter()
    }
}

impl<T: More> Function<T> {
    fn new(program: usize, event: &Event<'_>) -> Function<T> {
        let steps = event.steps.steps.iter();
        let step = |step: &Mapped| Step {
            offset: step.offset,
            mnemonic: crate::exec::probe::instruction(event.program, step.offset).mnemonic(),
            more: T::of(event.program, event.steps, step),
        };
        Function {
            program,
            module: super::module_name(event.program),
            func: event.func,
            name: func_name(event.program, event.func),
            steps: steps.map(step).collect(),
            counts: vec![0; event.steps.steps.len()],
        }
    }

    /// Counts the event's instruction.
    #[inline]
    pub fn count(&mut self, event: &Event<'_>) {
        self.counts[event.at as usize] += 1;
    }

    /// How many instructions of it were executed.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many different ones.
    pub fn reached(&self) -> u64 {
        self.counts.iter().filter(|count| **count > 0).count() as u64
    }

    /// Its instructions, each with how often it was executed.
    pub fn executed(&self) -> impl Iterator<Item = (&Step<T>, u64)> {
        self.steps.iter().zip(self.counts.iter().copied())
    }
}
