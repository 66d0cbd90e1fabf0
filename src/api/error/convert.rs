//! Errors that leave the crate, as `?` converts them: into boxed errors of the standard library,
//! and into those of `anyhow`; and errors of `anyhow` that come in.
//!
//! [`Error`] is no `std::error::Error` itself, since it is made of any such error by `?`.

use super::node::Boxed;
#[cfg(not(feature = "anyhow"))]
use super::node::Node;
use super::{Body, Error};
use alloc::boxed::Box;
use core::error::Error as StdError;
#[cfg(not(feature = "anyhow"))]
use core::fmt::{Debug, Display};

impl Error {
    /// Converts the error to one of the standard library. Its sources are those of
    /// [`Error::chain`]; the backtrace of the guest is one of them, just before the error it
    /// belongs to.
    pub fn into_boxed_dyn_error(self) -> Box<dyn StdError + Send + Sync + 'static> {
        let Body { chain, mut notes } = *self.0;
        let chain = chain.around_cause(&mut |cause| notes.around_node(cause));
        chain.into_std()
    }
}

impl From<Error> for Boxed {
    fn from(error: Error) -> Boxed {
        error.into_boxed_dyn_error()
    }
}

impl From<Error> for Box<dyn StdError + Send> {
    fn from(error: Error) -> Box<dyn StdError + Send> {
        error.into_boxed_dyn_error()
    }
}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Box<dyn StdError> {
        error.into_boxed_dyn_error()
    }
}

/// Returns what an error of another crate, which is the cause of a chain, holds of a type.
#[cfg(not(feature = "anyhow"))]
pub(super) fn within<E: Display + Debug + Send + Sync + 'static>(_: &dyn Node) -> Option<&E> {
    None
}

#[cfg(feature = "anyhow")]
pub(super) use with_anyhow::within;

#[cfg(feature = "anyhow")]
mod with_anyhow {
    use super::super::node::{Foreign, Node};
    use super::super::{Body, Error};
    use core::any::TypeId;
    use core::fmt::{Debug, Display};

    impl From<Error> for anyhow::Error {
        fn from(error: Error) -> anyhow::Error {
            let Body { chain, notes } = *error.0;
            chain.into_anyhow(notes)
        }
    }

    impl Error {
        /// Converts an error of `anyhow`. The `?` operator does not do this, since `anyhow::Error`
        /// may become an error of the standard library some day.
        ///
        /// ```
        /// use limpid::{Error, Trap};
        /// let error = Error::from_anyhow(anyhow::Error::new(Trap::Unreachable));
        /// assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
        /// assert_eq!(error.code(), "unreachable");
        /// ```
        pub fn from_anyhow(error: anyhow::Error) -> Error {
            Error::of(Foreign(error))
        }
    }

    /// Returns what an error of another crate, which is the cause of a chain, holds of a type.
    pub(in crate::api::error) fn within<E>(chain: &dyn Node) -> Option<&E>
    where
        E: Display + Debug + Send + Sync + 'static,
    {
        let foreign = chain.find(TypeId::of::<anyhow::Error>())?;
        foreign.downcast_ref::<anyhow::Error>()?.downcast_ref()
    }
}
