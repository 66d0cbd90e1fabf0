//! Threads of a guest that take turns in one store, rather than run at once: who waits, and at
//! which address (spec: threads, `memory.atomic.wait` and `memory.atomic.notify`). Nothing here
//! blocks, and a copy of the store's state has all of it. Whose turn comes next is decided
//! elsewhere.

use super::MemAddr;
use alloc::vec::Vec;

/// How a wait ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitResult {
    /// Notified (0).
    Ok,
    /// The value was another (1).
    NotEqual,
    /// The time is over (2).
    TimedOut,
    /// The embedder wants the thread back; the wait can be tried again with the nanoseconds that
    /// are left, negative where there is no timeout. Never 0.
    Interrupted(i64),
}

impl WaitResult {
    /// The result of the instruction.
    ///
    /// # Panics
    /// For a wait that has not ended.
    pub fn number(self) -> u64 {
        match self {
            WaitResult::Ok => 0,
            WaitResult::NotEqual => 1,
            WaitResult::TimedOut => 2,
            WaitResult::Interrupted(_) => unreachable!("an interrupted wait has no result"),
        }
    }
}

/// Why a waiter goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Woken {
    Notified,
    TimedOut,
}

/// A thread that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiter {
    /// The thread.
    pub thread: u32,
    /// The memory in which it waits.
    pub memory: MemAddr,
    /// The address at which it waits.
    pub address: u64,
    /// The nanoseconds for which it waits; for ever when negative.
    pub timeout: i64,
    woken: Option<Woken>,
}

impl Waiter {
    /// Whether it goes on at its next turn.
    pub fn is_woken(&self) -> bool {
        self.woken.is_some()
    }
}

/// The turns of a store's threads.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    /// The thread whose turn it is. Where there is none, threads run at once, each in a store of
    /// its own.
    pub thread: Option<u32>,
    /// Those that wait, in the order in which they came.
    waiters: Vec<Waiter>,
}

impl Turns {
    /// The threads that wait.
    pub fn waiters(&self) -> &[Waiter] {
        &self.waiters
    }

    /// The waiter that a thread is, if it waits.
    pub fn waiter(&self, thread: u32) -> Option<&Waiter> {
        self.waiters.iter().find(|waiter| waiter.thread == thread)
    }

    /// The thread whose turn it is waits, unless its wait is over; `None` when it has to give its
    /// turn away. `is_expected` says whether the memory holds the value that the thread expects.
    pub fn wait(
        &mut self,
        thread: u32,
        (memory, address): (MemAddr, u64),
        is_expected: bool,
        timeout: i64,
    ) -> Option<WaitResult> {
        let mut waiters = self.waiters.iter();
        if let Some(at) = waiters.position(|waiter| waiter.thread == thread) {
            let result = match self.waiters[at].woken? {
                Woken::Notified => WaitResult::Ok,
                Woken::TimedOut => WaitResult::TimedOut,
            };
            self.waiters.remove(at);
            return Some(result);
        }
        if !is_expected {
            return Some(WaitResult::NotEqual);
        }
        if timeout == 0 {
            return Some(WaitResult::TimedOut);
        }
        self.waiters.push(Waiter {
            thread,
            memory,
            address,
            timeout,
            woken: None,
        });
        None
    }

    /// Wakes at most `count` waiters at an address, those who came first; returns how many.
    pub fn notify(&mut self, (memory, address): (MemAddr, u64), count: u32) -> u32 {
        let here = |waiter: &&mut Waiter| {
            (waiter.memory, waiter.address) == (memory, address) && !waiter.is_woken()
        };
        let woken = self.waiters.iter_mut().filter(here).take(count as usize);
        woken
            .map(|waiter| waiter.woken = Some(Woken::Notified))
            .count() as u32
    }

    /// The time of a waiter is over.
    pub fn time_out(&mut self, thread: u32) {
        let mut waiters = self.waiters.iter_mut();
        if let Some(waiter) = waiters.find(|waiter| waiter.thread == thread && !waiter.is_woken()) {
            waiter.woken = Some(Woken::TimedOut);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: (MemAddr, u64) = (MemAddr(0), 8);

    #[test]
    fn waiters_are_woken_in_the_order_in_which_they_came() {
        let mut turns = Turns::default();
        for thread in [2, 0, 1] {
            assert_eq!(turns.wait(thread, HERE, true, -1), None);
        }
        assert_eq!(turns.wait(3, (MemAddr(0), 16), true, -1), None);
        assert_eq!(turns.notify(HERE, 2), 2);
        assert_eq!(turns.wait(2, HERE, false, -1), Some(WaitResult::Ok));
        assert_eq!(turns.wait(1, HERE, false, -1), None);
        assert_eq!(turns.wait(0, HERE, true, -1), Some(WaitResult::Ok));
        assert_eq!(turns.notify(HERE, 9), 1);
        assert_eq!(turns.notify(HERE, 9), 0);
    }

    #[test]
    fn a_wait_ends_at_once_or_by_its_timeout() {
        let mut turns = Turns::default();
        assert_eq!(turns.wait(0, HERE, false, -1), Some(WaitResult::NotEqual));
        assert_eq!(turns.wait(0, HERE, true, 0), Some(WaitResult::TimedOut));
        assert_eq!(turns.wait(0, HERE, true, 5), None);
        turns.time_out(1);
        assert_eq!(turns.wait(0, HERE, true, 5), None);
        turns.time_out(0);
        assert_eq!(turns.notify(HERE, 1), 0);
        assert_eq!(turns.wait(0, HERE, true, 5), Some(WaitResult::TimedOut));
        assert_eq!(turns.waiters(), []);
    }
}
