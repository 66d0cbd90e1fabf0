//! Sockets that were handed in: listening ones, and the connections that come to them. A guest
//! makes none itself. Nothing in here waits: it says that it would, and `poll` waits.

use super::error::ErrorCode;
use super::os::{self, Borrowed, Handle};
#[cfg(unix)]
use std::io;

type Result<T> = core::result::Result<T, ErrorCode>;

/// A socket that listens.
#[derive(Debug)]
pub struct Listener {
    handle: Handle,
}

impl Listener {
    /// A socket of this process.
    ///
    /// # Errors
    /// When it cannot be kept from waiting.
    #[cfg(unix)]
    pub fn new(socket: impl Into<std::os::fd::OwnedFd>) -> io::Result<Listener> {
        let handle = socket.into();
        let set = super::unix::set_nonblocking(os::borrow(&handle));
        set.map_err(|code| io::Error::other(code.to_string()))?;
        Ok(Listener { handle })
    }

    pub(super) fn handle(&self) -> Borrowed<'_> {
        os::borrow(&self.handle)
    }

    /// A connection that waits.
    ///
    /// # Errors
    /// [`ErrorCode::WouldBlock`] when there is none, or what the system says.
    pub fn accept(&self) -> Result<Connection> {
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
    /// What the system says.
    pub fn shutdown(&self, read: bool, write: bool) -> Result<()> {
        os::shutdown(self.handle(), read, write)
    }

    /// Bytes that receiving would give at once.
    pub fn available(&self) -> u64 {
        os::available(self.handle())
    }
}
