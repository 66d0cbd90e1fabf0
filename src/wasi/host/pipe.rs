//! Streams in memory, for embedders and tests.

use super::stdio::{StdinStream, StdoutStream};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An input that holds the given bytes and then ends.
///
/// ```
/// use limpid::wasi::{MemoryInputPipe, WasiCtxBuilder};
/// let ctx = WasiCtxBuilder::new().stdin(MemoryInputPipe::new("2 3 +\n")).build_p1();
/// # let _ = ctx;
/// ```
#[derive(Clone, Debug)]
pub struct MemoryInputPipe {
    /// The bytes, and how many were read.
    state: Arc<Mutex<(Vec<u8>, usize)>>,
}

impl MemoryInputPipe {
    /// Makes an input with these bytes. Clones read from the same position.
    pub fn new(bytes: impl Into<Vec<u8>>) -> MemoryInputPipe {
        MemoryInputPipe {
            state: Arc::new(Mutex::new((bytes.into(), 0))),
        }
    }
}

impl StdinStream for MemoryInputPipe {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = locked(&self.state);
        let (bytes, read) = &mut *state;
        let rest = &bytes[*read..];
        let taken = rest.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&rest[..taken]);
        *read += taken;
        Ok(taken)
    }
}

/// An output that keeps what is written, up to a limit; beyond it writing fails.
#[derive(Clone, Debug)]
pub struct MemoryOutputPipe {
    capacity: usize,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl MemoryOutputPipe {
    /// Makes an empty output with room for `capacity` bytes. Clones write to the same place.
    pub fn new(capacity: usize) -> MemoryOutputPipe {
        MemoryOutputPipe {
            capacity,
            bytes: Arc::default(),
        }
    }

    /// Returns what was written so far.
    pub fn contents(&self) -> Vec<u8> {
        locked(&self.bytes).clone()
    }
}

impl StdoutStream for MemoryOutputPipe {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = locked(&self.bytes);
        let room = self.capacity - kept.len();
        if room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = room.min(bytes.len());
        kept.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }
}

/// A panic of another holder leaves the bytes as they are.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_ends() {
        let input = MemoryInputPipe::new("abc");
        let mut buffer = [0; 2];
        assert_eq!(input.read(&mut buffer).unwrap(), 2);
        assert_eq!(input.clone().read(&mut buffer).unwrap(), 1);
        assert_eq!(input.read(&mut buffer).unwrap(), 0);
    }

    #[test]
    fn an_output_is_full() {
        let output = MemoryOutputPipe::new(3);
        assert_eq!(output.write(b"ab").unwrap(), 2);
        assert_eq!(output.write(b"cd").unwrap(), 1);
        let full = output.write(b"d").unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert_eq!(output.write(b"").unwrap(), 0);
        assert_eq!(output.contents(), b"abc");
    }
}
