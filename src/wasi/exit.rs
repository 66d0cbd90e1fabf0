//! The error with which a guest's own exit ends a run.

use core::fmt;

/// The error of a guest that ended itself with this status.
///
/// ```
/// use limpid::wasi::I32Exit;
/// let error = limpid::Error::from(I32Exit(3));
/// assert_eq!(error.downcast_ref::<I32Exit>().map(|exit| exit.0), Some(3));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct I32Exit(pub i32);

impl I32Exit {
    /// Returns the status as one of a process, or `None` from 126 on: a shell gives those another
    /// meaning.
    pub fn process_exit_code(&self) -> Option<u8> {
        u8::try_from(self.0).ok().filter(|code| *code < 126)
    }
}

impl fmt::Display for I32Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exited with status {}", self.0)
    }
}

impl core::error::Error for I32Exit {}
