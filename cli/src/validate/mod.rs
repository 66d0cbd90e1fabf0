//! `limpid validate`: whether modules are well-formed and valid, and with `--step` how validation
//! finds that out, instruction by instruction.

mod code;
mod plain;
mod record;
mod step;
mod tui;
mod view;

use super::flags::WasmFlags;
use super::load_module::load_module;
use super::outcome::{FAILED, Failure};
use super::screen::tell;
use super::settings::LayeredSettings;
use super::source::Source;
use clap::Args;
use std::path::PathBuf;
use step::{Format, Wanted};

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid validate *.wasm             say nothing if all are valid\n\
\x20 limpid validate -W gc=n prog.wasm  judge as an engine without garbage collection would\n\
\x20 limpid validate --step prog.wat    see the operand types before and after each instruction";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Validate {
    #[command(flatten)]
    wasm: WasmFlags,
    /// Show validation step by step, beginning with the function that is invalid. At a terminal it
    /// is a screen with keys
    #[arg(long)]
    step: bool,
    /// Step through this function only: a name, an index, or the name of an export
    #[arg(short, long, value_name = "NAME", requires = "step")]
    func: Option<String>,
    /// Steps as lines of text or of JSON: text or json
    #[arg(
        long,
        value_name = "FORMAT",
        requires = "step",
        hide_possible_values = true
    )]
    format: Option<Format>,
    /// Read commands from standard input and answer in sentences
    #[arg(long, requires = "step", conflicts_with = "format")]
    plain: bool,
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
        if self.step {
            let [file] = &self.files[..] else {
                return Err(Failure::usage("`--step` takes one module"));
            };
            let wanted = Wanted {
                func: self.func.as_deref(),
                format: self.format,
                plain: self.plain,
            };
            return step::carry_out(&Source::read(file)?, &engine, &wanted);
        }
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
