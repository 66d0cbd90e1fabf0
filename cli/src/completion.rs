//! `limpid completion`: scripts that teach shells the words of the command line.

use super::outcome::Failure;
use super::patient::Patient;
use super::results;
use clap::{Args, Command};
use clap_complete::Shell;
use std::io::Write;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid completion bash > ~/.local/share/bash-completion/completions/limpid  for bash\n\
\x20 limpid completion zsh > ~/.zfunc/_limpid                                    for zsh";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Completion {
    /// The shell
    shell: Shell,
}

impl Completion {
    /// Prints the script.
    ///
    /// # Errors
    /// None.
    pub fn carry_out(&self, mut line: Command) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut line, "limpid", &mut script);
        results::quietly(Patient::stdout().write_all(&script), 0);
        Ok(())
    }
}
