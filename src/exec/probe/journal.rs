//! What came into a run from its host, so that the run can be done again without the host; and the
//! moments at which it can begin again.

use super::event::Outcome;
use crate::exec::instance::Instances;
use crate::exec::run::{Control, HostCall, Run};
use crate::runtime::pages::{Difference, Pages, Tracker};
use crate::runtime::{MemAddr, OutOfMemory, State};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Everything that a run and its store hold at one moment.
#[derive(Debug)]
pub struct Moment {
    /// Instructions of functions executed before.
    pub time: u64,
    /// The store's state, without the contents of memories.
    state: State,
    memories: Vec<Pages>,
    /// The run of each thread, with its live cells only.
    pub runs: Vec<Run>,
    fuel: (u64, usize),
    /// How much of the journal lies before.
    entries: usize,
}

impl Moment {
    /// The state, but for the contents of memories.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The contents of a memory.
    pub fn memory(&self, addr: MemAddr) -> Option<&Pages> {
        self.memories.get(addr.index())
    }

    /// Bytes that it takes when another moment is kept, too; about.
    pub fn bytes_beside(&self, other: Option<&Moment>) -> usize {
        let pages = self.memories.iter().enumerate().map(|(at, pages)| {
            let other = other.and_then(|other| other.memories.get(at));
            pages.bytes_beside(other)
        });
        let cells: usize = self.runs.iter().map(|run| run.stack.len()).sum();
        pages.sum::<usize>() + self.state.bytes() + cells * 8
    }
}

/// Something that came from the host.
#[derive(Debug)]
struct Entry {
    /// The instruction during which it came.
    time: u64,
    what: Input,
}

#[derive(Debug)]
enum Input {
    /// A host function returned, or threw.
    Call(Box<Answer>),
    /// A host function failed.
    Failed,
    /// The limiter's decision about growth.
    Growth(Option<u64>),
}

/// What a host function did.
#[derive(Debug)]
struct Answer {
    cells: Box<[u64]>,
    memories: Vec<(usize, Difference)>,
    fuel: (u64, usize),
    /// The state, where more than cells and memories changed.
    whole: Option<Box<(State, Vec<Pages>)>>,
    thrown: bool,
}

/// What a host function that was called before has done again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replayed {
    /// It returned.
    Returned,
    /// It threw the exception that is among the roots of the state.
    Threw,
    /// It failed: the run ends there.
    Failed,
}

/// The inputs of a run, in order.
#[derive(Debug, Default)]
pub struct Journal {
    trackers: Vec<Tracker>,
    entries: Vec<Entry>,
    /// The entry that comes next; past the last one, the host is asked.
    next: usize,
    /// Bytes of all entries.
    bytes: usize,
    /// The state before the host function that runs.
    before: u64,
    /// Whether guests ran inside of the host function that runs.
    nested: bool,
}

impl Journal {
    /// A range of a memory of `size` bytes is about to be written.
    #[inline]
    pub fn mark(&mut self, addr: MemAddr, at: u64, len: u64, size: u64) {
        if self.trackers.len() <= addr.index() {
            self.trackers
                .resize_with(addr.index() + 1, Tracker::default);
        }
        self.trackers[addr.index()].mark(at, len, size);
    }

    /// Guests run inside of the host function that runs.
    pub fn nest(&mut self) {
        self.nested = true;
    }

    /// Bytes that the journal takes, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns whether the inputs to come are known.
    pub fn is_known(&self) -> bool {
        self.next < self.entries.len()
    }

    fn trackers(&mut self, state: &State) -> &mut [Tracker] {
        let count = state.memories.len().max(self.trackers.len());
        self.trackers.resize_with(count, Tracker::default);
        &mut self.trackers
    }

    fn pages(&mut self, state: &State) -> Vec<Pages> {
        let trackers = self.trackers(state).iter_mut();
        let memories = trackers.zip(&state.memories);
        memories
            .map(|(tracker, memory)| tracker.snapshot(memory))
            .collect()
    }

    /// This moment of runs that wait.
    ///
    /// # Errors
    /// When the host has no room for it.
    pub fn moment<'r>(
        &mut self,
        time: u64,
        state: &mut State,
        control: &Control,
        runs: impl Iterator<Item = &'r Run>,
    ) -> Result<Moment, OutOfMemory> {
        Ok(Moment {
            time,
            memories: self.pages(state),
            state: without_bytes(state),
            runs: runs.map(Run::live).collect::<Result<_, _>>()?,
            fuel: (control.fuel, control.deadline),
            entries: self.next,
        })
    }

    /// Sets the state to that of another moment. The runs are for the caller to take over.
    pub fn restore(&mut self, moment: &Moment, state: &mut State, control: &mut Control) {
        (control.fuel, control.deadline) = moment.fuel;
        self.set_state(state, &moment.state, &moment.memories);
        self.next = moment.entries;
    }

    fn set_state(&mut self, state: &mut State, to: &State, memories: &[Pages]) {
        let held: Vec<_> = state
            .memories
            .iter_mut()
            .map(|memory| (core::mem::take(&mut memory.bytes), memory.shared.clone()))
            .collect();
        *state = to.clone();
        for (memory, (bytes, shared)) in state.memories.iter_mut().zip(held) {
            (memory.bytes, memory.shared) = (bytes, shared);
        }
        self.trackers(state);
        let memories = state.memories.iter_mut().zip(memories);
        for ((memory, pages), tracker) in memories.zip(&mut self.trackers) {
            tracker.restore(memory, pages);
        }
    }

    /// A host function is about to be called.
    pub fn before_call(&mut self, instances: &Instances, state: &mut State) {
        self.nested = false;
        self.before = fingerprint(instances, state);
        let trackers = self.trackers(state).iter_mut();
        for (tracker, memory) in trackers.zip(&mut state.memories) {
            tracker.sync(memory);
            memory.written = Some(Vec::new());
        }
    }

    /// Keeps what a host function did.
    pub fn keep(
        &mut self,
        time: u64,
        (instances, state, control): (&Instances, &mut State, &Control),
        run: &Run,
        (call, outcome): (HostCall, Outcome),
    ) {
        let what = match outcome {
            Outcome::HostFailed => Input::Failed,
            _ => {
                // It came back.
                let store = (instances, state, control);
                Input::Call(self.answer(store, run, call, outcome))
            }
        };
        if let Input::Call(answer) = &what {
            let written: usize = answer.memories.iter().map(|(_, (_, b))| b.len() + 32).sum();
            let whole = answer.whole.as_ref().map_or(0, |whole| whole.0.bytes());
            self.bytes += written + whole + answer.cells.len() * 8;
        }
        self.push(time, what);
    }

    fn answer(
        &mut self,
        (instances, state, control): (&Instances, &mut State, &Control),
        run: &Run,
        call: HostCall,
        outcome: Outcome,
    ) -> Box<Answer> {
        let changed = self.nested || self.before != fingerprint(instances, state);
        let mut memories = Vec::new();
        let trackers = self.trackers.iter_mut().zip(&mut state.memories);
        for (addr, (tracker, memory)) in trackers.enumerate() {
            let mut written = memory.written.take().unwrap_or_default();
            if memory.shared.is_some() {
                // It is written without a store.
                written.push((0, u64::MAX));
            }
            if !changed {
                let found = tracker.differences(memory, &written).into_iter();
                memories.extend(found.map(|difference| (addr, difference)));
            }
        }
        let base = call.base as usize;
        Box::new(Answer {
            cells: run.stack[base..base + usize::from(call.cells)].into(),
            memories,
            fuel: (control.fuel, control.deadline),
            whole: changed.then(|| {
                // Nobody says what guests inside of it have written.
                self.trackers = Vec::new();
                let pages = self.pages(state);
                Box::new((without_bytes(state), pages))
            }),
            thrown: outcome == Outcome::Uncaught,
        })
    }

    /// Keeps the limiter's decision about growth.
    pub fn keep_growth(&mut self, time: u64, answer: Option<u64>) {
        self.push(time, Input::Growth(answer));
    }

    fn push(&mut self, time: u64, what: Input) {
        self.bytes += size_of::<Entry>();
        self.entries.push(Entry { time, what });
        self.next = self.entries.len();
    }

    /// Does again what a host function did, if that is known.
    pub fn replay_call(
        &mut self,
        time: u64,
        (state, control): (&mut State, &mut Control),
        run: &mut Run,
        call: HostCall,
    ) -> Option<Replayed> {
        let at = self.next;
        if at >= self.entries.len() {
            return None;
        }
        self.next += 1;
        let entries = core::mem::take(&mut self.entries);
        let Some(Entry { time: then, what }) = entries.get(at) else {
            unreachable!("the entry is there")
        };
        assert_eq!(*then, time, "the run takes the same course again");
        let replayed = match what {
            Input::Failed => Replayed::Failed,
            Input::Growth(_) => unreachable!("the run takes the same course again"),
            Input::Call(answer) => {
                if let Some(whole) = &answer.whole {
                    self.set_state(state, &whole.0, &whole.1);
                }
                for (addr, (at, bytes)) in &answer.memories {
                    let memory = &mut state.memories[*addr];
                    let (len, size) = (bytes.len() as u64, memory.byte_len());
                    self.trackers[*addr].mark(*at, len, size);
                    let written = memory.write_bytes(*at, bytes);
                    debug_assert!(written.is_ok(), "the memory has the same size again");
                }
                let base = call.base as usize;
                run.stack[base..base + answer.cells.len()].copy_from_slice(&answer.cells);
                (control.fuel, control.deadline) = answer.fuel;
                match answer.thrown {
                    true => Replayed::Threw,
                    false => Replayed::Returned,
                }
            }
        };
        self.entries = entries;
        Some(replayed)
    }

    /// The decision about growth that was made before, if that is known.
    pub fn replay_growth(&mut self, time: u64) -> Option<Option<u64>> {
        let entry = self.entries.get(self.next)?;
        let Input::Growth(answer) = entry.what else {
            unreachable!("the run takes the same course again")
        };
        assert_eq!(entry.time, time, "the run takes the same course again");
        self.next += 1;
        Some(answer)
    }
}

/// A copy without the contents of memories.
fn without_bytes(state: &mut State) -> State {
    let bytes: Vec<_> = state
        .memories
        .iter_mut()
        .map(|memory| core::mem::take(&mut memory.bytes))
        .collect();
    let copy = state.clone();
    for (memory, bytes) in state.memories.iter_mut().zip(bytes) {
        memory.bytes = bytes;
    }
    copy
}

/// A number that another state, but for the contents of memories, is very unlikely to have.
fn fingerprint(instances: &Instances, state: &State) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    let mut add = |number: u64| {
        hash = (hash ^ number)
            .wrapping_mul(0x0100_0000_01B3)
            .rotate_left(17)
    };
    add(instances.list.count() as u64);
    for count in [
        state.funcs.len(),
        state.tags.len(),
        state.elems.len(),
        state.datas.len(),
    ] {
        add(count as u64);
    }
    for global in &state.globals {
        add(global.cells[0]);
        add(global.cells[1]);
    }
    for table in &state.tables {
        add(table.elems.len() as u64);
        table.elems.iter().for_each(|elem| add(elem.to_cell()));
    }
    for memory in &state.memories {
        add(memory.byte_len());
    }
    add(state.heap.fingerprint());
    add(state
        .roots
        .exception
        .map_or(0, |exception| exception.to_cell() + 1));
    hash
}
