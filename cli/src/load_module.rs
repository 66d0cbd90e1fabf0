//! From the bytes of a file to a module, or to what is wrong with them.

use super::diagnostics;
use super::lines;
use super::outcome::Failure;
use super::progress::Progress;
use super::source::Source;
use limpid::{Engine, Module};

/// Loads a module.
///
/// # Errors
/// When it is malformed or invalid.
pub fn load_module(source: &Source, engine: &Engine) -> Result<Module, Failure> {
    let _progress = Progress::new(format!("loading {}", source.shown()));
    let module = Module::from_binary(engine, &source.bytes)
        .map_err(|error| diagnostics::load(source, engine.config().features(), &error))?;
    if let Some(text) = source.text.as_ref().filter(|_| source.to_run) {
        lines::remember(&module, source.shown(), text.clone());
    }
    Ok(module)
}
