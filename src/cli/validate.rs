//! `limpid validate`: whether modules are well-formed and valid.

use super::failure::{FAILED, Failure};
use super::flags::WasmFlags;
use super::load::Source;
use clap::Args;
use std::path::PathBuf;

/// The verb.
#[derive(Args, Debug)]
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
    pub fn carry_out(&self) -> Result<(), Failure> {
        let engine = self.wasm.settings()?.engine()?;
        let mut valid = true;
        for file in &self.files {
            let module = Source::read(file).and_then(|source| source.module(&engine));
            if let Err(failure) = module {
                failure.tell();
                valid = false;
            }
        }
        match valid {
            true => Ok(()),
            false => Err(Failure::silent(FAILED)),
        }
    }
}
