//! Signals that end this process.

#[cfg(unix)]
use super::exit;
#[cfg(unix)]
use super::outcome::{SIGNALLED, Status};
use std::sync::OnceLock;

/// What is done before a signal ends the process.
static BEFORE: OnceLock<fn()> = OnceLock::new();

/// Has `restore` called before a signal ends the process, the first time that this is asked for.
pub fn before_end(restore: fn()) {
    BEFORE.get_or_init(|| restore);
}

/// Ends the process with the signal's own exit code, and a report, when it is to end: when the
/// user interrupts it, when its terminal is gone, when it receives SIGTERM. A signal that whoever
/// started this process had it ignore stays ignored.
#[cfg(unix)]
pub fn end_on_signals() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    let ignored = ignored_signals();
    let heeded = [SIGHUP, SIGINT, SIGTERM]
        .into_iter()
        .filter(|signal| ignored >> (signal - 1) & 1 == 0);
    // Without this, the signal ends the process as well, and a shell sees the same code.
    let Ok(mut signals) = Signals::new(heeded) else {
        return;
    };
    let thread = std::thread::Builder::new().name("signals".into());
    let _ = thread.spawn(move || {
        if let Some(signal) = signals.forever().next() {
            if let Some(restore) = BEFORE.get() {
                restore();
            }
            exit::leave(Status::Interrupted, SIGNALLED + signal as u8);
        }
    });
}

/// The signals that this process was started to ignore, as bits from that of signal 1 on; none
/// where the system does not tell.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// The system's own way is kept.
#[cfg(not(unix))]
pub fn end_on_signals() {}
