//! How a run ends when it does not end well: traps, exceptions, fuel and time.

use super::listing::{self, Length};
use super::outcome::{FAILED, Failure, Status, TRAPPED};
use super::screen::tell;
use super::{cause, exit, frames};
use limpid::observe::display;
use limpid::{Engine, Error, MemoryFault, ThrownException, Trap, UncaughtException};
use std::time::Duration;

/// How long a run may take to notice that its time is up, as it does at calls and loops, before
/// the process ends all the same.
const GRACE: Duration = Duration::from_secs(1);

/// What a trap or an exception means for the process; nothing when the error is neither.
pub fn failure(error: &Error, timeout: Option<Duration>) -> Option<Failure> {
    let text = match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => time_is_up(timeout),
        Some(Trap::OutOfFuel) => format!("trap: {}", Trap::OutOfFuel),
        Some(trap) => match error.downcast_ref::<MemoryFault>() {
            Some(fault) => format!("trap: {}: {fault}", told(error, trap)),
            None => format!("trap: {}", told(error, trap)),
        },
        None if error.is::<ThrownException>() => uncaught(error),
        None => return None,
    };
    let failure = Failure::new(TRAPPED, text).because(cause::of(error));
    Some(failure.details(frames::backtrace(error)))
}

/// The exception that no handler caught: its tag and what it carries.
fn uncaught(error: &Error) -> String {
    let Some(exception) = error.downcast_ref::<UncaughtException>() else {
        return ThrownException.to_string();
    };
    let tag = match exception.tag() {
        Some(tag) => format!("tag `{}`", listing::name(tag, Length::Short)),
        None => "a tag without a name".to_owned(),
    };
    let values: Vec<&str> = exception.values().collect();
    let space = if values.is_empty() { "" } else { " " };
    format!("{ThrownException}: {tag}{space}{}", values.join(" "))
}

/// The trap in its words, with what the run says about it.
fn told(error: &Error, trap: &Trap) -> String {
    let trap = trap.to_string();
    let more = error
        .messages()
        .map(|message| display::line(&message).into_owned());
    let more: Vec<String> = more.filter(|message| *message != trap).collect();
    match more.is_empty() {
        true => trap,
        false => format!("{trap}: {}", more.join(": ")),
    }
}

fn time_is_up(timeout: Option<Duration>) -> String {
    match timeout {
        Some(timeout) => format!("interrupt: timed out after {timeout:?}"),
        None => "interrupt".to_owned(),
    }
}

/// Stops runs of the engine after some time. What waits in the host ends with the process, a
/// moment later.
pub fn end_after(engine: &Engine, timeout: Duration) {
    let engine = engine.clone();
    let thread = std::thread::Builder::new().name("timeout".into());
    let started = thread.spawn(move || {
        std::thread::sleep(timeout);
        engine.increment_epoch();
        std::thread::sleep(GRACE);
        tell(&Failure::new(TRAPPED, time_is_up(Some(timeout))));
        exit::leave(Status::Timeout, TRAPPED);
    });
    if started.is_err() {
        // Rather no time at all than no limit.
        tell(&Failure::failed(
            "no thread could be started to watch the time",
        ));
        exit::leave(Status::Error, FAILED);
    }
}
