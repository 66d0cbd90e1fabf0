//! Waiting and notifying (spec: threads, `memory.atomic.wait` and `memory.atomic.notify`): a
//! table of queues by address, first come first served.
//!
//! No wake-up is lost: a waiter compares the value and joins its queue under the lock that a
//! notifier needs, so whoever stores first and notifies then either is seen by the comparison or
//! finds the waiter in the queue.

use super::super::memory::aligned;
use super::super::turns::WaitResult;
use super::SharedMemory;
use crate::trap::Trap;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// How often a waiter looks whether it is interrupted.
const GLANCE: Duration = Duration::from_millis(10);

#[derive(Debug, Default)]
struct Waiter {
    wake: Condvar,
    /// Written under the lock of the table only.
    notified: AtomicBool,
}

type Queues = BTreeMap<u64, VecDeque<Arc<Waiter>>>;

/// The waiters of a memory.
#[derive(Debug, Default)]
pub(super) struct Parking {
    queues: Mutex<Queues>,
}

impl Parking {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a waiter that gives up out of its queue.
fn leave(queues: &mut Queues, ea: u64, waiter: &Arc<Waiter>) {
    if let Some(queue) = queues.get_mut(&ea) {
        queue.retain(|other| !Arc::ptr_eq(other, waiter));
        if queue.is_empty() {
            queues.remove(&ea);
        }
    }
}

/// Returns whether the time of a wait is over.
fn is_over(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|end| end <= Instant::now())
}

impl SharedMemory {
    /// Waits until notified while the `N` (4 or 8) bytes are `expected`. `timeout` is in
    /// nanoseconds; negative means none. `interrupted` is asked every 10 ms or so, under a lock:
    /// it must not touch the memory.
    pub fn wait<const N: usize>(
        &self,
        ea: u64,
        expected: u64,
        timeout: i64,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<WaitResult, Trap> {
        aligned(ea, N)?;
        self.check(ea, N as u64)?;
        let deadline = u64::try_from(timeout)
            .ok()
            .and_then(|nanos| Instant::now().checked_add(Duration::from_nanos(nanos)));
        let mut queues = self.parking.lock();
        if self.atomic_load::<N>(ea)? != super::super::memory::low::<N>(expected) {
            return Ok(WaitResult::NotEqual);
        }
        let waiter = Arc::new(Waiter::default());
        queues.entry(ea).or_default().push_back(waiter.clone());
        loop {
            if waiter.notified.load(Ordering::Relaxed) {
                return Ok(WaitResult::Ok);
            }
            let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                leave(&mut queues, ea, &waiter);
                return Ok(WaitResult::TimedOut);
            }
            let nap = left.map_or(GLANCE, |left| left.min(GLANCE));
            let (guard, _) = waiter
                .wake
                .wait_timeout(queues, nap)
                .unwrap_or_else(PoisonError::into_inner);
            queues = guard;
            // Looked at after a nap, so that a wait tried again gets on.
            let over = waiter.notified.load(Ordering::Relaxed) || is_over(deadline);
            if !over && interrupted() {
                leave(&mut queues, ea, &waiter);
                let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
                let nanos = left.map(|left| i64::try_from(left.as_nanos()).unwrap_or(i64::MAX));
                return Ok(WaitResult::Interrupted(
                    nanos.map_or(-1, |nanos| nanos.max(1)),
                ));
            }
        }
    }

    /// Wakes at most `count` waiters at an address, those who came first; returns how many. An
    /// address nobody waits at need not be in bounds.
    pub fn notify(&self, ea: u64, count: u32) -> u32 {
        let mut queues = self.parking.lock();
        let mut woken = 0;
        while woken < count
            && let Some(waiter) = queues.get_mut(&ea).and_then(VecDeque::pop_front)
        {
            waiter.notified.store(true, Ordering::Relaxed);
            waiter.wake.notify_one();
            woken += 1;
        }
        if queues.get(&ea).is_some_and(VecDeque::is_empty) {
            queues.remove(&ea);
        }
        woken
    }

    /// Returns how many wait at an address now.
    pub fn waiters(&self, ea: u64) -> usize {
        self.parking.lock().get(&ea).map_or(0, VecDeque::len)
    }
}
