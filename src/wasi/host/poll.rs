//! Waiting: for a time to come, or for a stream to be ready, whichever is first.

use super::context::WasiCtx;
use std::time::Duration;

/// Longest wait between two looks at whether the run is to stop.
const SLICE: Duration = Duration::from_millis(10);

/// Something that can be waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The monotonic clock reaches this.
    Monotonic(u64),
    /// The time of day reaches this.
    Wall(Duration),
    /// Reading standard input would not wait.
    Input,
    /// True already: writing to a stream that never waits, or something that can only fail.
    Now,
}

/// How a wait ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Waited {
    /// For each event, whether it has come; at least one has.
    Ready(Vec<bool>),
    /// The run is to stop.
    Interrupted,
}

impl WasiCtx {
    /// Waits for the first of some events, and says for each whether it has come. `interrupted`
    /// is asked now and then whether to give up.
    pub fn wait(&mut self, events: &[Event], interrupted: &dyn Fn() -> bool) -> Waited {
        let input = events.contains(&Event::Input);
        loop {
            let readable = input && self.stdin.ready(Duration::ZERO);
            let ready: Vec<bool> = events
                .iter()
                .map(|event| self.is(event, readable))
                .collect();
            if ready.contains(&true) {
                return Waited::Ready(ready);
            }
            if interrupted() {
                return Waited::Interrupted;
            }
            let left = events.iter().filter_map(|event| self.left(event)).min();
            self.pass(left, input);
        }
    }

    /// Waits until standard input can be read.
    pub fn wait_for_input(&mut self, interrupted: &dyn Fn() -> bool) -> Waited {
        while !self.stdin.ready(SLICE) {
            if interrupted() {
                return Waited::Interrupted;
            }
        }
        Waited::Ready(vec![true])
    }

    fn is(&self, event: &Event, readable: bool) -> bool {
        match *event {
            Event::Monotonic(_) | Event::Wall(_) => {
                self.left(event).is_some_and(|left| left.is_zero())
            }
            Event::Input => readable,
            Event::Now => true,
        }
    }

    /// Time until it comes, where that is known.
    fn left(&self, event: &Event) -> Option<Duration> {
        match *event {
            Event::Monotonic(at) => {
                let left = at.saturating_sub(self.monotonic_clock.now());
                Some(Duration::from_nanos(left))
            }
            Event::Wall(at) => Some(at.saturating_sub(self.wall_clock.now())),
            Event::Input | Event::Now => None,
        }
    }

    /// Lets some time pass, not more than is left.
    fn pass(&mut self, left: Option<Duration>, input: bool) {
        if self.monotonic_clock.is_virtual() {
            // Time passes for whoever waits; without an end in sight, a little.
            self.monotonic_clock.sleep(left.unwrap_or(SLICE));
            if input && left.is_none() {
                self.stdin.ready(SLICE);
            }
            return;
        }
        let slice = left.map_or(SLICE, |left| left.min(SLICE));
        match input {
            true => {
                self.stdin.ready(slice);
            }
            false => self.monotonic_clock.sleep(slice),
        }
    }
}
