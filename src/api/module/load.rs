//! From bytes to a program: decoding, validation and translation, with the limits of the engine.

use crate::api::engine::Engine;
use crate::api::error::{Error, Result};
use crate::exec::Program;
use crate::syntax::Features;
use crate::translate::{self, LoadError};
use alloc::vec::Vec;
use core::fmt;

/// Decodes, validates and prepares a module.
pub(crate) fn load(engine: &Engine, bytes: &[u8]) -> Result<Program> {
    let config = engine.config();
    let validated = translate::load(bytes, &config.features).map_err(|error| {
        match MissingFeatures::of(bytes, &config.features, &error) {
            None => Error::new(error),
            Some(missing) => Error::new(error).context(missing),
        }
    })?;
    Ok(Program::new(validated, config.settings))
}

/// The context of an error of loading: the features that the module needs and that are switched
/// off. Find it with [`Error::downcast_ref`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissingFeatures {
    names: Vec<&'static str>,
}

impl MissingFeatures {
    /// Those without which loading failed, if others would have helped.
    pub(crate) fn of(bytes: &[u8], on: &Features, error: &LoadError) -> Option<MissingFeatures> {
        let names = translate::missing_features(bytes, on, error);
        (!names.is_empty()).then_some(MissingFeatures { names })
    }

    /// Returns the names of the features, as [`Config::wasm_feature`](crate::Config::wasm_feature)
    /// takes them.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }
}

impl fmt::Display for MissingFeatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.names.len() == 1 { "is" } else { "are" };
        let names = self.names.join(", ");
        write!(f, "the module needs {names}, which {verb} switched off (")?;
        for (place, name) in self.names.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}`Config::wasm_{}`", name.replace('-', "_"))?;
        }
        f.write_str(")")
    }
}
