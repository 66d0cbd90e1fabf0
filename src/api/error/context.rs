//! Context around the error of a `Result`, and macros that make errors of texts.

use super::{Error, Result};
use core::fmt::Display;

/// Adds context to the error of a `Result`, or makes an error of the `None` of an `Option`.
///
/// ```
/// use limpid::{Context, Engine, Module};
/// let error = Module::new(&Engine::default(), b"no module")
///     .context("loading the plugin")
///     .expect_err("it is no module");
/// assert_eq!(error.to_string(), "loading the plugin");
/// ```
pub trait Context<T> {
    /// With that context around the error.
    fn context<C: Display + Send + Sync + 'static>(self, context: C) -> Result<T>;

    /// With a context made only when there is an error.
    fn with_context<C: Display + Send + Sync + 'static>(
        self,
        context: impl FnOnce() -> C,
    ) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for Result<T, E> {
    fn context<C: Display + Send + Sync + 'static>(self, context: C) -> Result<T> {
        self.map_err(|error| error.into().context(context))
    }

    fn with_context<C: Display + Send + Sync + 'static>(
        self,
        context: impl FnOnce() -> C,
    ) -> Result<T> {
        self.map_err(|error| error.into().context(context()))
    }
}

impl<T> Context<T> for Option<T> {
    fn context<C: Display + Send + Sync + 'static>(self, context: C) -> Result<T> {
        self.ok_or_else(|| Error::said(context))
    }

    fn with_context<C: Display + Send + Sync + 'static>(
        self,
        context: impl FnOnce() -> C,
    ) -> Result<T> {
        self.ok_or_else(|| Error::said(context()))
    }
}

/// Makes an [`Error`](crate::Error) from a format string.
#[macro_export]
macro_rules! format_err {
    ($($args:tt)*) => { $crate::Error::msg($crate::__macros::format!($($args)*)) };
}

/// Returns early with an error from a format string.
#[macro_export]
macro_rules! bail {
    ($($args:tt)*) => { return Err($crate::format_err!($($args)*)) };
}

/// Returns early with an error unless a condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr $(,)?) => {
        $crate::ensure!($condition, "condition failed: {}", stringify!($condition))
    };
    ($condition:expr, $($args:tt)*) => {
        if !$condition { $crate::bail!($($args)*) }
    };
}
