//! The error of an exception that no handler caught, and what it was: its tag's name and the values
//! it carried. This is text, because the error outlives the store.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The error of a call that ended with an exception. The exception itself is the store's pending
/// one: see [`Store::take_pending_exception`](crate::Store::take_pending_exception).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThrownException;

impl fmt::Display for ThrownException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("uncaught exception")
    }
}

impl core::error::Error for ThrownException {}

/// Describes an exception that no handler caught. Find it with
/// [`Error::downcast_ref`](crate::Error::downcast_ref) in errors that are
/// [`ThrownException`](crate::ThrownException). The exception itself is the store's pending one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UncaughtException {
    pub(crate) tag: Option<String>,
    pub(crate) values: Vec<String>,
}

impl UncaughtException {
    /// Returns the name of the exception's tag: by the name section, or else by an export or an
    /// import of the module that defined it.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Returns the values that the exception carried, as constants of the text format.
    pub fn values(&self) -> impl Iterator<Item = &str> + '_ {
        self.values.iter().map(|value| &**value)
    }
}

impl fmt::Display for UncaughtException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("uncaught exception")?;
        match &self.tag {
            Some(tag) => write!(f, ": tag `{tag}`")?,
            None => f.write_str(": a tag without a name")?,
        }
        for value in &self.values {
            write!(f, " {value}")?;
        }
        Ok(())
    }
}
