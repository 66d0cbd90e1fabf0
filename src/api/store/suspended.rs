//! Runs that wait in their store to be resumed.

use crate::api::error::Result;
use crate::api::store::core::Core;
use crate::exec::Run;
use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

/// The runs of a store that wait. Those with few live cells keep these alone, and give their
/// stack back at once.
#[derive(Default)]
pub(crate) struct SuspendedRuns {
    runs: BTreeMap<u64, Waiting>,
    next: u64,
    /// Number of runs at which to look for those given up.
    sweep_at: usize,
}

/// A run that waits.
struct Waiting {
    run: Run,
    /// Whether the run is on a stack, rather than a copy of its live cells.
    on_stack: bool,
    /// Without a holder, it is given up.
    alive: Weak<()>,
}

impl Waiting {
    fn is_held(&self) -> bool {
        self.alive.strong_count() > 0
    }

    /// The stack of a run that is not resumed any more.
    fn into_stack(self) -> Option<Run> {
        self.on_stack.then_some(self.run)
    }
}

/// Live cells up to which they are copied away from the stack of a run that waits.
const FEW: usize = 8192;

impl SuspendedRuns {
    /// All that can be resumed.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Run> {
        let held = self.runs.values().filter(|waiting| waiting.is_held());
        held.map(|waiting| &waiting.run)
    }

    /// Returns whether a run waits.
    pub(crate) fn holds(&self, key: u64) -> bool {
        self.runs.contains_key(&key)
    }

    /// Copies those that can be resumed, each with its live cells only.
    ///
    /// # Errors
    /// When the host has no room for them.
    pub(crate) fn copy(&self) -> Result<SuspendedRuns> {
        let held = self.runs.iter().filter(|(_, waiting)| waiting.is_held());
        let copy = |(&key, waiting): (&u64, &Waiting)| {
            let copy = Waiting {
                run: waiting.run.live()?,
                on_stack: false,
                alive: waiting.alive.clone(),
            };
            Ok((key, copy))
        };
        Ok(SuspendedRuns {
            runs: held.map(copy).collect::<Result<_>>()?,
            ..*self
        })
    }

    /// The run that waits under a key.
    #[cfg(feature = "observe")]
    pub(crate) fn run(&self, key: u64) -> Option<&Run> {
        self.runs.get(&key).map(|waiting| &waiting.run)
    }

    /// Adds a run that has its live cells only.
    #[cfg(feature = "observe")]
    pub(crate) fn add_live(&mut self, run: Run) -> (u64, Arc<()>) {
        self.add(run, false)
    }

    /// Takes the stacks of all of them, when their store ends.
    pub(crate) fn take_stacks(&mut self) -> impl Iterator<Item = Run> + use<> {
        let runs = core::mem::take(&mut self.runs).into_values();
        runs.filter_map(Waiting::into_stack)
    }

    /// Takes away those that were given up, when there may be many; returns their stacks.
    fn sweep(&mut self) -> Vec<Run> {
        if self.runs.len() < self.sweep_at {
            return Vec::new();
        }
        let dead = self.runs.iter().filter(|(_, waiting)| !waiting.is_held());
        let dead: Vec<u64> = dead.map(|(&key, _)| key).collect();
        let dead = dead.iter().filter_map(|key| self.runs.remove(key));
        let dead = dead.filter_map(Waiting::into_stack).collect();
        self.sweep_at = 2 * self.runs.len() + 1;
        dead
    }

    fn add(&mut self, run: Run, on_stack: bool) -> (u64, Arc<()>) {
        let (key, held) = (self.next, Arc::new(()));
        self.next += 1;
        let alive = Arc::downgrade(&held);
        let waiting = Waiting {
            run,
            on_stack,
            alive,
        };
        self.runs.insert(key, waiting);
        (key, held)
    }
}

impl Core {
    /// Takes a run that waits, on a stack.
    ///
    /// # Errors
    /// When the host has no room for a stack; the run waits on then.
    pub(crate) fn wake(&mut self, key: u64) -> Result<Run> {
        let waiting = self.suspended.runs.get(&key);
        let stack = match waiting.is_some_and(|waiting| waiting.on_stack) {
            true => None,
            false => Some(self.take_run()?),
        };
        let Some(Waiting { run, .. }) = self.suspended.runs.remove(&key) else {
            unreachable!("whether the run waits was checked")
        };
        Ok(match stack {
            Some(mut stack) => {
                stack.take_over(&run);
                stack
            }
            None => run,
        })
    }

    /// Keeps the innermost run, to be resumed.
    pub(crate) fn keep(&mut self) -> (u64, Arc<()>) {
        for stack in self.suspended.sweep() {
            self.give_run(stack);
        }
        let Some(run) = self.active.pop() else {
            unreachable!("a run that stops is active");
        };
        let few = run.top() <= FEW;
        match few.then(|| run.live()) {
            Some(Ok(live)) => {
                self.give_run(run);
                self.suspended.add(live, false)
            }
            Some(Err(_)) | None => self.suspended.add(run, true),
        }
    }
}
