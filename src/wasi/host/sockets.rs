//! Sockets that were handed in: listening ones, and the connections that come to them. A guest
//! makes none itself. Nothing in here waits: it says that it would, and `poll` waits.

use super::error::ErrorCode;
use super::os::{self, Borrowed, Handle};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

type Result<T> = core::result::Result<T, ErrorCode>;

/// A socket that listens for connections.
#[derive(Debug)]
pub struct Listener {
    handle: Handle,
    /// Held between looking for a connection and accepting it, so that no other thread takes it.
    alone: Mutex<()>,
}

impl Listener {
    /// Makes a listener of a socket of this process. The socket's flags stay as they are, since
    /// other processes may share it.
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

    /// Accepts a connection that is waiting. Should another process that shares the socket take it
    /// first, this waits for the next one.
    ///
    /// # Errors
    /// Returns [`ErrorCode::WouldBlock`] when no connection is waiting, or the error of the system.
    pub fn accept(&self) -> Result<Connection> {
        let _alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        if !os::poll(&[(self.handle(), false)], Duration::ZERO)[0] {
            return Err(ErrorCode::WouldBlock);
        }
        let handle = os::accept(self.handle())?;
        Ok(Connection { handle })
    }
}

/// A connection that was accepted.
#[derive(Debug)]
pub struct Connection {
    handle: Handle,
}

impl Connection {
    pub(super) fn handle(&self) -> Borrowed<'_> {
        os::borrow(&self.handle)
    }

    /// Receives bytes that have arrived, or only looks at them. Receiving nothing means the end.
    ///
    /// # Errors
    /// Returns [`ErrorCode::WouldBlock`] when nothing has arrived, or the error of the system.
    pub fn receive(&self, buffer: &mut [u8], peek: bool) -> Result<usize> {
        os::receive(self.handle(), buffer, peek)
    }

    /// Sends bytes and returns how many were sent.
    ///
    /// # Errors
    /// Returns [`ErrorCode::WouldBlock`] when nothing can be sent now, or the error of the system.
    pub fn send(&self, bytes: &[u8]) -> Result<usize> {
        os::send(self.handle(), bytes)
    }

    /// Shuts the connection down for reading, for writing, or both.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn shutdown(&self, read: bool, write: bool) -> Result<()> {
        os::shutdown(self.handle(), read, write)
    }

    /// Returns the number of bytes that can be received without waiting.
    pub fn available(&self) -> u64 {
        os::available(self.handle())
    }
}
