//! Threads: of scripts, each a real one with a store of its own that shares memories with its
//! parent's, and the one whose small stack a run is confined to.

use super::report::Report;
use super::run::Run;
use super::script::Directive;
use super::setting::{Deadline, Setting};
use crate::api::SharedMemory;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// How long a script waits for a thread, whose own waits may be longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long after the end of its time a script waits for what its threads report.
const GRACE: Duration = Duration::from_secs(1);

/// The shared memories of an instance, by their names as exports.
pub(super) type Shared = Vec<(String, SharedMemory)>;

/// A thread of a script.
pub(super) struct Running(Receiver<Report>);

/// Starts the directives of a thread, which sees only what the instance shares.
pub(super) fn start(
    setting: &Setting,
    deadline: Option<Deadline>,
    shared: Option<(String, Shared)>,
    body: Vec<Directive>,
) -> Result<Running, String> {
    let (setting, stack) = (setting.clone(), setting.host_stack());
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        let report = Run::start(&setting, deadline, shared, &body);
        // Nobody listens any more when the script lost its patience.
        let _ = sender.send(report);
    };
    let thread = builder(stack);
    match thread.spawn(work) {
        Ok(_) => Ok(Running(receiver)),
        Err(error) => Err(format!("no thread can be started: {error}")),
    }
}

impl Running {
    /// Waits until the thread ends and returns its report.
    pub(super) fn wait(self, deadline: Option<Deadline>) -> Result<Report, String> {
        let left = deadline.map(|deadline| deadline.left().saturating_add(GRACE));
        let patience = left.unwrap_or(PATIENCE).min(PATIENCE);
        let refused = |_| format!("the thread did not end within {patience:.1?}");
        self.0.recv_timeout(patience).map_err(refused)
    }
}

/// Runs something on a stack of that many bytes, on this one if `None`.
pub(super) fn on_stack<R: Send>(bytes: Option<usize>, work: impl FnOnce() -> R + Send) -> R {
    if bytes.is_none() {
        return work();
    }
    thread::scope(|scope| {
        let handle = builder(bytes).spawn_scoped(scope, work);
        let handle = handle.expect("threads of this size can be started");
        handle
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn builder(stack: Option<usize>) -> thread::Builder {
    let builder = thread::Builder::new();
    match stack {
        Some(bytes) => builder.stack_size(bytes),
        None => builder,
    }
}
