//! `limpid run`: runs a command, or one function of a module.
//!
//! Reading order: this file (the verb), `flags` (what all verbs take that run a guest), `host` and
//! `guest` (the store and its calls), `prepare` (the same, for a run that is stepped; `input` and
//! `output` are what it reads and writes).

mod flags;
mod guest;
mod host;
mod input;
mod output;
mod prepare;

pub use flags::RunFlags;
pub use host::Host;
pub use input::Input;
pub use output::Output;
pub use prepare::Prepared;

use super::outcome::Failure;
use super::settings::LayeredSettings;
use clap::Args;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid prog.wasm a b                  run a command with two arguments\n\
\x20 limpid run --dir . prog.wasm          let it read and write files here\n\
\x20 limpid run --invoke add lib.wasm 2 3  call a function and print its results\n\
\x20 limpid run --timeout 2s prog.wasm     stop it after two seconds\n\
\x20 limpid run --monitor wasi prog.wasm   see what it asks of the system\n\
\x20 limpid run --monitor hotness prog.wasm  see where the time goes\n\
\n\
Exit codes: the guest's own; 1 when the module cannot be loaded or linked, 2 when the command\n\
line is wrong, 134 after a trap and when fuel or time is up; 129, 130 and 143 after the signals\n\
that hang up, interrupt and terminate.";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "limpid run [OPTIONS] <FILE> [ARGS]...")]
pub struct Run {
    #[command(flatten)]
    flags: RunFlags,
}

impl Run {
    /// Runs.
    ///
    /// # Errors
    /// When the module cannot be loaded or linked, traps, or exits with another code than 0.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        self.flags.check_files(given, None)?;
        self.flags.execute(given, None, false)
    }
}
