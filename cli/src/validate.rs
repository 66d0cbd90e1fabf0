//! `limpid validate`: whether modules are well-formed and valid.

use super::flags::WasmFlags;
use super::load_module::load_module;
use super::outcome::{FAILED, Failure};
use super::screen::tell;
use super::settings::LayeredSettings;
use super::source::Source;
use clap::Args;
use std::path::PathBuf;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid validate *.wasm             say nothing if all are valid\n\
\x20 limpid validate -W gc=n prog.wasm  judge as an engine without garbage collection would";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Validate {
    #[command(flatten)]
    wasm: WasmFlags,
    /// Modules
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl Validate {
    /// Tells all files that are not valid.
    ///
    /// # Errors
    /// When one is not.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        let engine = self.wasm.options(given)?.engine()?;
        let mut valid = true;
        for file in &self.files {
            let module = Source::read(file).and_then(|source| load_module(&source, &engine));
            if let Err(failure) = module {
                tell(&failure);
                valid = false;
            }
        }
        match valid {
            true => Ok(()),
            false => Err(Failure::silent(FAILED)),
        }
    }
}
