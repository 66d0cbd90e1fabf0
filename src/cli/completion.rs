//! `limpid completion`: scripts that teach shells the words of the command line.

use super::failure::Failure;
use super::screen;
use clap::{Args, Command};
use clap_complete::Shell;
use std::io::Write;

/// The verb.
#[derive(Args, Debug)]
pub struct Completion {
    /// Which shell
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
        screen::quietly(std::io::stdout().lock().write_all(&script));
        Ok(())
    }
}
