//! What a guest writes while it is stepped through: kept, with the time of each write, so that a
//! view of an earlier time shows what had been written by then.

use limpid::wasi::StdoutStream;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes that are kept; the guest sees a full device beyond.
const MOST: usize = 16 << 20;

/// Everything that a guest has written. Clones are the same output.
#[derive(Clone, Default, Debug)]
pub struct Output {
    /// The time of the run, which the store keeps up to date.
    clock: Arc<AtomicU64>,
    written: Arc<Mutex<Written>>,
}

#[derive(Default, Debug)]
struct Written {
    bytes: Vec<u8>,
    /// The time of each write, and the length of all bytes after it.
    writes: Vec<(u64, usize)>,
}

impl Output {
    /// Sets the time of the writes to come.
    pub fn set_time(&self, time: u64) {
        self.clock.store(time, Relaxed);
    }

    /// Returns what had been written before a time.
    pub fn before(&self, time: u64) -> Vec<u8> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let writes = written.writes.partition_point(|(at, _)| *at < time);
        let len = writes
            .checked_sub(1)
            .map_or(0, |last| written.writes[last].1);
        written.bytes[..len].to_vec()
    }

    /// The guest's standard output.
    pub fn stdout(&self) -> impl StdoutStream + 'static {
        Stream(self.clone())
    }

    /// The guest's standard error.
    pub fn stderr(&self) -> impl StdoutStream + 'static {
        Stream(self.clone())
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = bytes.len().min(MOST - written.bytes.len());
        if taken == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        written.bytes.extend_from_slice(&bytes[..taken]);
        let (time, len) = (self.clock.load(Relaxed), written.bytes.len());
        match written.writes.last_mut() {
            Some((last, end)) if *last == time => *end = len,
            Some(_) | None => written.writes.push((time, len)),
        }
        Ok(taken)
    }
}

struct Stream(Output);

impl StdoutStream for Stream {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
}
