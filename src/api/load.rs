//! From bytes to a program: decoding, validation and translation, with the limits of the engine.

use super::engine::Engine;
use super::error::{Error, Fault, Result};
use crate::exec::Program;

/// Decodes, validates and prepares a module.
pub(crate) fn load(engine: &Engine, bytes: &[u8]) -> Result<Program> {
    let _ = (engine, bytes);
    Err(Error::from(Fault::NotConfigured))
}

/// The stable name of an error of loading or linking, if it is one.
pub(crate) fn code(error: &Error) -> Option<&'static str> {
    error
        .downcast_ref::<crate::valid::Invalid>()
        .map(|_| "invalid")
}
