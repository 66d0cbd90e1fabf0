//! The threads of a guest: they run one at a time, each for a number of instructions, and who comes
//! next depends on nothing but a seed and the time. So the same run takes the same course again,
//! and a moment of it has all of its threads.
//!
//! A thread that waits at an address (spec: threads, `memory.atomic.wait`) gives its turn away.
//! Its timeout is counted in instructions; where all threads wait, the one whose timeout is over
//! first goes on, and where none has a timeout, the run ends: nobody could wake one.

use super::{Ended, Machine, Stopped};
use crate::api::stepping::{Call, Waiting, Went};
use crate::api::{AsContextMut, Fault, Func, Result, Val};
use crate::exec::probe::Conditions;
use crate::runtime::MemAddr;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The number of the main thread.
pub const MAIN: u32 = 0;

/// Nanoseconds of a timeout that an instruction stands for.
const NANOSECONDS: u64 = 100;

/// How threads take turns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Where the choice of threads begins: another seed gives another order.
    pub seed: u64,
    /// The instructions of a turn; at least one.
    pub quantum: u64,
}

impl Default for Schedule {
    fn default() -> Schedule {
        Schedule {
            seed: 0,
            quantum: 1000,
        }
    }
}

impl Schedule {
    /// The position of the one of `count` that comes next.
    fn choose(self, time: u64, count: usize) -> usize {
        // Each bit of the seed and of the time counts (the finalizer of splitmix64).
        let mut mixed = self.seed ^ time.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for factor in [0xBF58_476D_1CE4_E5B9u64, 0x94D0_49BB_1331_11EB] {
            mixed = (mixed ^ mixed >> 30).wrapping_mul(factor);
        }
        ((mixed ^ mixed >> 31) % count.max(1) as u64) as usize
    }
}

/// A thread.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    pub id: u32,
    /// The calls that it makes, one after another.
    calls: Arc<[Call]>,
    /// The call that goes on.
    pub call: usize,
    /// The run of that call, unless it goes on now.
    pub waiting: Option<Waiting>,
    /// The time until which it waits at an address, if it does.
    wait: Option<u64>,
}

impl Thread {
    pub fn new(id: u32, calls: Arc<[Call]>) -> Thread {
        Thread {
            id,
            calls,
            call: 0,
            waiting: None,
            wait: None,
        }
    }

    /// The function of the call that goes on.
    pub fn func(&self) -> Func {
        self.calls[self.call].0
    }

    /// The call that goes on, unless all have returned.
    pub fn next_call(&self) -> Option<Call> {
        self.calls.get(self.call).cloned()
    }
}

/// The threads of a machine, by ascending number.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    pub list: Vec<Thread>,
    /// The position of the one whose turn it is.
    pub current: usize,
    /// The time at which its turn ends, where others wait for theirs.
    end: u64,
}

impl Threads {
    pub fn new(main: Thread) -> Threads {
        Threads {
            list: [main].into(),
            current: 0,
            end: u64::MAX,
        }
    }

    pub fn current(&mut self) -> &mut Thread {
        &mut self.list[self.current]
    }

    /// The time at which somebody else may have a turn.
    pub fn turn_ends(&self) -> u64 {
        match self.list.len() {
            1 => u64::MAX,
            _ => self.end,
        }
    }
}

/// A thread, as it is seen when the machine is paused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThreadView {
    /// The number of the thread; the main one is [`MAIN`].
    pub thread: u32,
    /// Whether its turn it is.
    pub is_current: bool,
    /// The memory and the address at which it waits, if it does.
    pub waits_at: Option<(MemAddr, u64)>,
}

impl<T> Machine<T> {
    /// Sets how threads take turns. It is set before the first instruction.
    pub fn set_schedule(&mut self, schedule: Schedule) {
        self.schedule = Schedule {
            quantum: schedule.quantum.max(1),
            ..schedule
        };
    }

    /// Returns the threads that have not ended.
    pub fn threads(&mut self) -> Vec<ThreadView> {
        if self.is_at_end {
            return Vec::new();
        }
        let (list, current) = (self.threads.list.clone(), self.threads.current);
        let turns = &self.core().state.turns;
        let view = |(at, thread): (usize, &Thread)| {
            let waiter = turns.waiter(thread.id).filter(|waiter| !waiter.is_woken());
            ThreadView {
                thread: thread.id,
                is_current: at == current,
                waits_at: waiter.map(|waiter| (waiter.memory, waiter.address)),
            }
        };
        list.iter().enumerate().map(view).collect()
    }

    /// Returns the number of the thread whose turn it is.
    pub fn thread(&self) -> u32 {
        self.threads.list[self.threads.current].id
    }

    /// Begins the call that the current thread makes next; it goes on until it pauses.
    pub(super) fn begin(&mut self) -> Result<()> {
        let Some((func, params)) = self.threads.current().next_call() else {
            return self.returned(Vec::new());
        };
        let inner = self.store.as_context_mut().0;
        let went = inner.begin_stepped(func, &params)?;
        self.went(went)
    }

    /// Resumes the call that goes on until it pauses; begins the next one when it has returned.
    pub(super) fn go_on(&mut self) -> Result<()> {
        let Some(waiting) = self.threads.current().waiting.take() else {
            return Ok(());
        };
        let went = self.store.as_context_mut().0.go_on_stepped(&waiting)?;
        self.went(went)
    }

    fn went(&mut self, went: Went) -> Result<()> {
        match went {
            Went::Paused(waiting) if self.has_failed_before() => {
                let run = waiting.run(self.core()).and_then(|run| run.live().ok());
                self.last = run.map(alloc::boxed::Box::new);
                self.is_at_end = true;
            }
            Went::Paused(waiting) => self.threads.current().waiting = Some(waiting),
            Went::Waits(waiting) => {
                self.threads.current().waiting = Some(waiting);
                self.waits()?;
            }
            Went::Finished(values) => {
                self.threads.current().call += 1;
                match self.threads.current().next_call() {
                    Some(_) => self.begin()?,
                    None => self.returned(values)?,
                }
            }
            Went::Failed(error, run) => {
                self.last = run;
                self.ended(Ended::Failed(error));
            }
        }
        Ok(())
    }

    /// All calls of the current thread have returned.
    fn returned(&mut self, values: Vec<Val>) -> Result<()> {
        if self.threads.current().id == MAIN {
            self.ended(Ended::Returned(values));
            return Ok(());
        }
        self.threads.list.remove(self.threads.current);
        self.next_turn()
    }

    /// The current thread waits at an address.
    fn waits(&mut self) -> Result<()> {
        let (time, thread) = (self.time(), self.threads.current().id);
        let waiter = self.core().state.turns.waiter(thread);
        let timeout = waiter.and_then(|waiter| u64::try_from(waiter.timeout).ok());
        let until = |nanos: u64| time.saturating_add((nanos / NANOSECONDS).max(1));
        self.threads.current().wait = Some(timeout.map_or(u64::MAX, until));
        self.next_turn()
    }

    /// Lets threads that were spawned begin, and gives the turn to another one when it has ended.
    pub(super) fn take_turns(&mut self) -> Result<()> {
        self.admit()?;
        match !self.is_at_end && self.time() >= self.threads.turn_ends() {
            true => self.next_turn(),
            false => Ok(()),
        }
    }

    /// Lets threads begin that were spawned before now: each stands before its first instruction.
    fn admit(&mut self) -> Result<()> {
        let time = self.time();
        while !self.is_at_end {
            let admitted = self.admitted;
            let Some((thread, calls)) = self.core().spawned_before(time, admitted) else {
                break;
            };
            let thread = Thread::new(thread, calls.into());
            if self.threads.list.len() == 1 {
                self.threads.end = time.saturating_add(self.schedule.quantum);
            }
            self.admitted += 1;
            self.threads.list.push(thread);
            let before = core::mem::replace(&mut self.threads.current, self.threads.list.len() - 1);
            let conditions = &mut self.core().stepping().conditions;
            let conditions = core::mem::replace(conditions, Conditions::until(time));
            self.begin()?;
            self.core().stepping().conditions = conditions;
            self.threads.current = before;
        }
        let alive = self.threads.list.len() - 1;
        self.core().spawned.alive = alive;
        Ok(())
    }

    /// Gives the turn to a thread that can go on; the run ends where none can.
    fn next_turn(&mut self) -> Result<()> {
        self.admit()?;
        let time = self.time();
        loop {
            if self.is_at_end {
                return Ok(());
            }
            let list = self.threads.list.clone();
            let turns = &mut self.core().state.turns;
            let can_go_on = |thread: &Thread| match thread.wait {
                None => true,
                Some(until) => {
                    until <= time || turns.waiter(thread.id).is_none_or(|one| one.is_woken())
                }
            };
            let ready: Vec<usize> = (0..list.len()).filter(|at| can_go_on(&list[*at])).collect();
            if !ready.is_empty() {
                let next = ready[self.schedule.choose(time, ready.len())];
                self.give_turn(next);
                return Ok(());
            }
            let waits = self.threads.list.iter_mut().filter_map(|thread| {
                let id = thread.id;
                thread.wait.as_mut().map(|until| (id, until))
            });
            let first = waits.min_by_key(|(id, until)| (**until, *id));
            match first {
                Some((_, until)) if *until < u64::MAX => *until = time,
                Some(_) | None => self.ended(Ended::Failed(Fault::Deadlock.into())),
            }
        }
    }

    fn give_turn(&mut self, next: usize) {
        let time = self.time();
        self.threads.end = time.saturating_add(self.schedule.quantum);
        self.threads.current = next;
        let thread = self.threads.current();
        let (id, waited) = (thread.id, thread.wait.take().is_some());
        let turns = &mut self.core().state.turns;
        turns.thread = Some(id);
        if waited {
            turns.time_out(id);
        }
        self.core().stepping().thread = id;
    }

    /// The time after the one at hand at which a thread is known to be spawned.
    pub(super) fn next_spawn(&mut self) -> u64 {
        let admitted = self.admitted;
        let spawned = self.core().spawned.list.get(admitted);
        spawned.map_or(u64::MAX, |spawned| spawned.time + 1)
    }

    /// Sets the threads to those of another moment.
    pub(super) fn set_threads(&mut self, mut threads: Threads, waiting: Vec<Waiting>, time: u64) {
        for (thread, waiting) in threads.list.iter_mut().zip(waiting) {
            thread.waiting = Some(waiting);
        }
        self.threads = threads;
        let spawned = &self.core().spawned.list;
        self.admitted = spawned.partition_point(|spawned| spawned.time < time);
        self.core().stepping().thread = self.thread();
    }

    /// Goes on until the call that the current thread makes has returned.
    pub(super) fn until_returned(&mut self) -> Result<Stopped> {
        let thread = self.threads.current();
        let (id, call) = (thread.id, thread.call);
        let mut conditions = self.conditions();
        conditions.from = self.time().saturating_add(1);
        self.forward_while(conditions, |threads| {
            let mut list = threads.list.iter();
            list.any(|thread| (thread.id, thread.call) == (id, call))
        })
    }
}
