//! Waiting: for a time to come, or for a stream, a file or a socket to be ready, whichever is
//! first. Whoever waits sleeps: in one piece where nothing can interrupt it, else in pieces so long
//! that they cost nothing, and looks between them whether to give up.

use super::context::WasiCtx;
use super::fs::File;
use super::os;
use super::sockets::{Connection, Listener};
use std::time::Duration;

/// Longest wait between two looks at whether the run is to stop.
const SLICE: Duration = Duration::from_millis(20);

/// Longest wait that nothing interrupts.
const LONG: Duration = Duration::from_secs(3600);

/// A question that is asked now and then during a wait: whether to give it up.
#[derive(Clone, Copy)]
pub struct Interrupt<'a>(Option<&'a dyn Fn() -> bool>);

impl<'a> Interrupt<'a> {
    /// A wait that is never given up.
    pub const NEVER: Interrupt<'static> = Interrupt(None);

    /// Makes an interrupt that asks this closure.
    pub fn new(asked: &'a dyn Fn() -> bool) -> Interrupt<'a> {
        Interrupt(Some(asked))
    }

    fn is_now(self) -> bool {
        self.0.is_some_and(|asked| asked())
    }

    /// Returns how long to sleep between two questions.
    fn slice(self) -> Duration {
        match self.0 {
            Some(_) => SLICE,
            None => LONG,
        }
    }
}

/// An event that can be waited for.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The monotonic clock reaches this time.
    Monotonic(u64),
    /// The time of day reaches this time.
    Wall(Duration),
    /// Reading standard input would not wait.
    Input,
    /// Writing to standard output would not wait.
    Output,
    /// Writing to standard error output would not wait.
    ErrorOutput,
    /// Reading a file (or writing it) would not wait.
    File(&'a File, bool),
    /// A connection waits to be accepted.
    Listener(&'a Listener),
    /// Reading a connection (or writing it) would not wait.
    Connection(&'a Connection, bool),
    /// The event has come already: it never waits, or can only fail.
    Now,
}

impl<'a> Event<'a> {
    /// Returns whether it is of a standard stream, which is asked itself.
    fn is_stream(&self) -> bool {
        match self {
            Event::Input | Event::Output | Event::ErrorOutput => true,
            Event::Monotonic(_) | Event::Wall(_) | Event::File(..) | Event::Now => false,
            Event::Listener(_) | Event::Connection(..) => false,
        }
    }

    /// Returns the handle to ask the system about, and whether for writing.
    fn handle(&self) -> Option<(os::Borrowed<'a>, bool)> {
        match *self {
            Event::File(file, write) if file.may_wait() => Some((file.handle(), write)),
            Event::Listener(listener) => Some((listener.handle(), false)),
            Event::Connection(connection, write) => Some((connection.handle(), write)),
            Event::Input | Event::Output | Event::ErrorOutput => None,
            Event::File(..) | Event::Monotonic(_) | Event::Wall(_) | Event::Now => None,
        }
    }
}

/// How a wait ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Waited {
    /// For each event, whether it has come; at least one has.
    Ready(Vec<bool>),
    /// The wait was given up, and the run is to stop.
    Interrupted,
}

impl WasiCtx {
    /// Waits for the first of some events, and returns for each whether it has come.
    pub fn wait(&self, events: &[Event<'_>], interrupt: Interrupt<'_>) -> Waited {
        let mut streams = events.iter().filter(|event| event.is_stream());
        let stream = streams.next();
        let several = streams.next().is_some();
        let handles: Vec<_> = events.iter().filter_map(Event::handle).collect();
        loop {
            let mut answers = match handles.is_empty() {
                true => Vec::new(),
                false => os::poll(&handles, Duration::ZERO),
            }
            .into_iter();
            let ready: Vec<bool> = events
                .iter()
                .map(|event| match event.handle() {
                    Some(_) => answers.next().unwrap_or(true),
                    None => self.is(event),
                })
                .collect();
            if ready.contains(&true) {
                return Waited::Ready(ready);
            }
            if interrupt.is_now() {
                return Waited::Interrupted;
            }
            let left = events.iter().filter_map(|event| self.left(event)).min();
            // Streams and handles cannot be waited for together, nor several streams.
            let slice = match several || stream.is_some() && !handles.is_empty() {
                true => interrupt.slice().min(SLICE),
                false => interrupt.slice(),
            };
            self.pass(left, slice, stream, &handles);
        }
    }

    /// Waits for one event.
    pub fn wait_for(&self, event: Event<'_>, interrupt: Interrupt<'_>) -> Waited {
        self.wait(&[event], interrupt)
    }

    fn is(&self, event: &Event<'_>) -> bool {
        match *event {
            Event::Monotonic(_) | Event::Wall(_) => {
                self.left(event).is_some_and(|left| left.is_zero())
            }
            Event::Input | Event::Output | Event::ErrorOutput => {
                self.stream_is_ready(event, Duration::ZERO)
            }
            // Of files only those come here that never wait.
            Event::Now | Event::File(..) => true,
            Event::Listener(_) | Event::Connection(..) => false,
        }
    }

    /// Time until it comes, where that is known.
    fn left(&self, event: &Event<'_>) -> Option<Duration> {
        match *event {
            Event::Monotonic(at) => {
                let left = at.saturating_sub(self.monotonic_clock.now());
                Some(Duration::from_nanos(left))
            }
            Event::Wall(at) => Some(at.saturating_sub(self.wall_clock.now())),
            Event::Input
            | Event::Output
            | Event::ErrorOutput
            | Event::Now
            | Event::File(..)
            | Event::Listener(_)
            | Event::Connection(..) => None,
        }
    }

    /// Lets some time pass, not more than is left and not more than a slice.
    fn pass(
        &self,
        left: Option<Duration>,
        slice: Duration,
        stream: Option<&Event<'_>>,
        handles: &[(os::Borrowed<'_>, bool)],
    ) {
        if self.monotonic_clock.is_virtual() {
            // Time passes for whoever waits; without an end in sight, a little.
            self.monotonic_clock.sleep(left.unwrap_or(SLICE));
            if left.is_some() {
                return;
            }
        }
        let slice = left.map_or(slice, |left| left.min(slice));
        match (stream, handles.is_empty()) {
            (None, true) if self.monotonic_clock.is_virtual() => {}
            (None, true) => self.monotonic_clock.sleep(slice),
            (Some(stream), true) => {
                self.stream_is_ready(stream, slice);
            }
            (_, false) => {
                os::poll(handles, slice);
            }
        }
    }

    /// Returns whether a standard stream would not wait, now or within the time given.
    fn stream_is_ready(&self, event: &Event<'_>, within: Duration) -> bool {
        match *event {
            Event::Input => self.stdin.ready(within),
            Event::Output => self.stdout.ready(within),
            Event::ErrorOutput => self.stderr.ready(within),
            Event::Monotonic(_) | Event::Wall(_) | Event::File(..) | Event::Now => true,
            Event::Listener(_) | Event::Connection(..) => true,
        }
    }
}
