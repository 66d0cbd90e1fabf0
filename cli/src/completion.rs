//! `limpid completion`: scripts that teach shells the words of the command line.

use super::options::Options;
use super::outcome::Failure;
use super::patient::Patient;
use super::results;
use super::wasi_options::WasiOptions;
use super::wasm_options::EngineOptions;
use clap::builder::{PossibleValue, PossibleValuesParser};
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
    pub fn carry_out(&self, line: Command) -> Result<(), Failure> {
        let script = script(self.shell, line);
        results::quietly(Patient::stdout().write_all(&script), 0);
        Ok(())
    }
}

fn script(shell: Shell, line: Command) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut with_options(line), "limpid", &mut script);
    script
}

/// The command line with the options of `-W` and `-S` as values. Its own reader does not have them
/// as values, because it would list them all in each message about such a flag.
fn with_options(line: Command) -> Command {
    line.mut_subcommands(|verb| {
        verb.mut_args(|arg| match arg.get_short() {
            Some('W') => arg.value_parser(values::<EngineOptions>()),
            Some('S') => arg.value_parser(values::<WasiOptions>()),
            Some(_) | None => arg,
        })
    })
}

/// The options that set something.
fn values<O: Options>() -> PossibleValuesParser {
    let rows = O::rows().into_iter().filter(|row| row.is_effective());
    let values = rows.map(|row| PossibleValue::new(row.name).help(row.line().1));
    let help = PossibleValue::new("help").help("list all options");
    PossibleValuesParser::new(values.chain([help]))
}
