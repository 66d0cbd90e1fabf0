//! Sockets that were handed in: listening ones, and the connections that come to them. A guest
//! makes none itself. Nothing in here waits: it says that it would, and `poll` waits.

use super::error::ErrorCode;
use super::os::{self, Borrowed, Handle};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

type Result<T> = core::result::Result<T, ErrorCode>;

/// A socket that listens.
#[derive(Debug)]
pub struct Listener {
    handle: Handle,
    /// Held between look and accept: no other thread takes what was seen.
    alone: Mutex<()>,
}

impl Listener {
    /// A socket of this process. It stays as it is: others may have it too, and would find it
    /// changed.
    #[cfg(unix)]
    pub fn new(socket: impl Into<std::os::fd::OwnedFd>) -> Listener {
        Listener {
            handle: socket.into(),
            alone: Mutex::default(),
        }
    }

    pub(super) fn handle(&self) -> Borrowed<'_> {
        os::borrow(&self.handle)
    }

    /// A connection that waits. Should another process that has the socket take it between look
    /// and accept, this waits for the next one.
    ///
    /// # Errors
    /// [`ErrorCode::WouldBlock`] when there is none, or what the system says.
    pub fn accept(&self) -> Result<Connection> {
        let _alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        if !os::poll(&[(self.handle(), false)], Duration::ZERO)[0] {
            return Err(ErrorCode::WouldBlock);
        }
        let handle = os::accept(self.handle())?;
        Ok(Connection { handle })
    }
}

/// A connection.
#[derive(Debug)]
pub struct Connection {
    handle: Handle,
}

impl Connection {
    pub(super) fn handle(&self) -> Borrowed<'_> {
        os::borrow(&self.handle)
    }

    /// Takes what has come, or only looks at it. Nothing is the end.
    ///
    /// # Errors
    /// [`ErrorCode::WouldBlock`] when nothing has come, or what the system says.
    pub fn receive(&self, buffer: &mut [u8], peek: bool) -> Result<usize> {
        os::receive(self.handle(), buffer, peek)
    }

    /// Sends, and says how much.
    ///
    /// # Errors
    /// [`ErrorCode::WouldBlock`] when nothing can be sent now, or what the system says.
    pub fn send(&self, bytes: &[u8]) -> Result<usize> {
        os::send(self.handle(), bytes)
    }

    /// Ends it for reading, for writing, or both.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn shutdown(&self, read: bool, write: bool) -> Result<()> {
        os::shutdown(self.handle(), read, write)
    }

    /// Bytes that receiving would give at once.
    pub fn available(&self) -> u64 {
        os::available(self.handle())
    }
}
