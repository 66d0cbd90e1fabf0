//! Stable codes of errors. A type says its code where it is defined, by [`Coded`]; types of the
//! layers below, which know no embedder, are listed here.

use super::fault::Fault;
use super::uncaught::ThrownException;
use crate::exec::instantiate::{InstantiateError, Unlinkable};
use crate::runtime::limits::OutOfMemory;
use crate::translate::LoadError;
use crate::trap::Trap;
use core::any::Any;
use core::error::Error as StdError;

/// An error with a stable code.
pub(crate) trait Coded: StdError + Send + Sync + 'static {
    /// Returns the code.
    fn error_code(&self) -> &'static str;
}

/// Returns the code of an error whose type the layers below or this folder define.
pub(super) fn of(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    type Code = fn(&(dyn StdError + 'static)) -> Option<&'static str>;
    fn typed<E: Coded>(error: &(dyn StdError + 'static)) -> Option<&'static str> {
        error.downcast_ref::<E>().map(E::error_code)
    }
    const KNOWN: &[Code] = &[
        typed::<Trap>,
        typed::<Fault>,
        typed::<LoadError>,
        typed::<Unlinkable>,
        typed::<InstantiateError>,
        typed::<OutOfMemory>,
        typed::<ThrownException>,
    ];
    KNOWN.iter().find_map(|code| code(error))
}

/// Returns the code of a context that is a guest's or an embedder's fault.
pub(super) fn of_context(context: &dyn Any) -> Option<&'static str> {
    let trap = context.downcast_ref().map(Trap::error_code);
    trap.or_else(|| context.downcast_ref().map(Fault::error_code))
}

impl Coded for Trap {
    fn error_code(&self) -> &'static str {
        self.code()
    }
}

impl Coded for Fault {
    fn error_code(&self) -> &'static str {
        self.code()
    }
}

impl Coded for LoadError {
    fn error_code(&self) -> &'static str {
        match self {
            LoadError::Malformed(_) => "malformed",
            LoadError::Invalid(_) => "invalid",
        }
    }
}

impl Coded for Unlinkable {
    fn error_code(&self) -> &'static str {
        "unlinkable"
    }
}

impl Coded for InstantiateError {
    fn error_code(&self) -> &'static str {
        "unlinkable"
    }
}

impl Coded for OutOfMemory {
    fn error_code(&self) -> &'static str {
        "limit"
    }
}

impl Coded for ThrownException {
    fn error_code(&self) -> &'static str {
        "exception"
    }
}
