//! The messages of the editor, read by a thread of their own, so that a motion that takes long sees
//! that it is to end.

use super::wire;
use serde_json::Value;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Most messages that are read ahead.
const MOST: usize = 256;

/// What `read` returned: a message, the end, or why there is none.
type Read = io::Result<Option<Value>>;

/// Messages that are read and not answered yet.
#[derive(Clone)]
pub struct Inbox(Arc<Shared>);

struct Shared {
    waiting: Mutex<VecDeque<Read>>,
    changed: Condvar,
}

impl Inbox {
    /// Begins to read standard input.
    pub fn of_stdin() -> Inbox {
        let inbox = Inbox(Arc::new(Shared {
            waiting: Mutex::default(),
            changed: Condvar::new(),
        }));
        let own = inbox.clone();
        thread::spawn(move || {
            let mut input = io::stdin().lock();
            loop {
                let read = wire::read(&mut input);
                let is_last = !matches!(read, Ok(Some(_)));
                own.push(read);
                if is_last {
                    return;
                }
            }
        });
        inbox
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Read>> {
        let waiting = &self.0.waiting;
        waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, read: Read) {
        let full = |waiting: &mut VecDeque<Read>| waiting.len() >= MOST;
        let waiting = self.0.changed.wait_while(self.waiting(), full);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        waiting.push_back(read);
        self.0.changed.notify_all();
    }

    /// Waits for the next message; `None` at the end of the input.
    ///
    /// # Errors
    /// When the input is no message, or cannot be read.
    pub fn next(&self) -> Read {
        let empty = |waiting: &mut VecDeque<Read>| waiting.is_empty();
        let waiting = self.0.changed.wait_while(self.waiting(), empty);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        let read = waiting.pop_front().unwrap_or(Ok(None));
        self.0.changed.notify_all();
        read
    }

    /// Returns whether a message waits that ends a motion, or the editor has gone.
    pub fn ends_motion(&self) -> bool {
        let ends = |read: &Read| match read {
            Ok(Some(message)) => matches!(
                message["command"].as_str(),
                Some("pause" | "disconnect" | "terminate")
            ),
            Ok(None) | Err(_) => true,
        };
        self.waiting().iter().any(ends)
    }
}
