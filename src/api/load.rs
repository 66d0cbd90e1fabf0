//! From bytes to a program: decoding, validation and translation, with the limits of the engine.

use super::engine::Engine;
use super::error::{Error, Result};
use crate::exec::Program;
use crate::exec::instantiate::{InstantiateError, Unlinkable};
use crate::runtime::limits::OutOfMemory;
use crate::translate::{self, LoadError};

/// Decodes, validates and prepares a module.
pub(crate) fn load(engine: &Engine, bytes: &[u8]) -> Result<Program> {
    let config = engine.config();
    let validated = translate::load(bytes, &config.features)?;
    Ok(Program::new(validated, config.settings))
}

/// The stable name of an error of loading or linking, if it is one.
pub(crate) fn code(error: &Error) -> Option<&'static str> {
    if let Some(error) = error.downcast_ref::<LoadError>() {
        return Some(match error {
            LoadError::Malformed(_) => "malformed",
            LoadError::Invalid(_) => "invalid",
        });
    }
    let unlinkable = error.is::<Unlinkable>()
        || error.is::<InstantiateError>()
        || error.is::<super::unknown_import::UnknownImportError>();
    if unlinkable {
        return Some("unlinkable");
    }
    if error.is::<OutOfMemory>() {
        return Some("limit");
    }
    error
        .is::<super::store::ThrownException>()
        .then_some("exception")
}
