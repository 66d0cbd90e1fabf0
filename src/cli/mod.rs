//! The command line: what the words mean, and which file carries a verb out.
//!
//! Reading order: `flags` (what verbs have in common), `load`, `run`, then the other verbs;
//! `failure` (what is told when something fails, and exit codes), `screen` (the way to the
//! terminal), `report` (errors of modules), `trap` (how runs
//! end), `streams`, `values`.

mod completion;
mod explore;
mod failure;
mod flags;
mod inspect;
mod listing;
mod load;
mod report;
mod run;
mod screen;
mod streams;
mod suggest;
mod trace;
mod trap;
mod validate;
mod values;
mod version;
mod wast;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ColorChoice, CommandFactory, Parser, Subcommand};
use failure::Failure;
use std::ffi::OsString;
use std::process::ExitCode;

/// What the terminal shows in colour in clap's own texts.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER: &str = "`limpid FILE` means `limpid run FILE`. Wherever a .wasm file is taken, a .wat \
    file is too.";

/// A WebAssembly runtime you can see through.
#[derive(Parser, Debug)]
#[command(
    name = "limpid",
    styles = STYLES,
    after_help = AFTER,
    disable_version_flag = true,
    arg_required_else_help = true
)]
struct Line {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Print the version, and with -v features and dispatch
    #[arg(short = 'V', long)]
    version: bool,
    /// Say more
    #[arg(short, long)]
    verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value_t = ColorChoice::Auto, global = true)]
    color: ColorChoice,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Run a module
    Run(run::Run),
    /// Check that modules are valid
    Validate(validate::Validate),
    /// Run test scripts
    Wast(wast::Wast),
    /// Show sections, imports, exports and sizes of a module
    Inspect(inspect::Inspect),
    /// Show the functions of a module beside the register code they become
    Explore(explore::Explore),
    /// Run a module and show every instruction executed
    Trace(trace::Trace),
    /// Print a script that teaches a shell to complete limpid's words
    Completion(completion::Completion),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let words = with_verb(std::env::args_os().collect());
    if words.get(3).is_some_and(|word| word == "help") {
        match words.get(2).and_then(|word| word.to_str()) {
            Some("-W") => {
                flags::help();
                return ExitCode::SUCCESS;
            }
            Some("-S") => {
                flags::wasi_help();
                return ExitCode::SUCCESS;
            }
            // Any other word before it has its own meaning.
            _ => {}
        }
    }
    let line = match Line::try_parse_from(words) {
        Ok(line) => line,
        Err(error) => return failure::usage(&error),
    };
    screen::choose(line.color);
    match carry_out(line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

fn carry_out(line: Line) -> Result<(), Failure> {
    if line.version {
        version::print(line.verbose);
        return Ok(());
    }
    match line.verb {
        Some(Verb::Run(verb)) => verb.carry_out(),
        Some(Verb::Validate(verb)) => verb.carry_out(),
        Some(Verb::Wast(verb)) => verb.carry_out(),
        Some(Verb::Inspect(verb)) => verb.carry_out(),
        Some(Verb::Explore(verb)) => verb.carry_out(),
        Some(Verb::Trace(verb)) => verb.carry_out(),
        Some(Verb::Completion(verb)) => verb.carry_out(Line::command()),
        None => Err(Failure::usage("no verb and no file").hint("try `limpid --help`")),
    }
}

/// The words with `run` put before what is neither a verb nor one of the few flags before it.
fn with_verb(mut words: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    while let Some(word) = words.get(at).and_then(|word| word.to_str()) {
        match word {
            "--color" => at += 2,
            "-v" | "--verbose" => at += 1,
            word if word.starts_with("--color=") => at += 1,
            // Anything else ends the flags before the verb.
            _ => break,
        }
    }
    let verbs = Line::command();
    let known = |word: &str| verbs.get_subcommands().any(|verb| verb.get_name() == word);
    let own = ["-h", "--help", "help", "-V", "--version"];
    let is_run = match words.get(at) {
        Some(word) => !word.to_str().is_some_and(|w| own.contains(&w) || known(w)),
        None => false,
    };
    if is_run {
        words.insert(at, "run".into());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &str) {
        let words = words.split(' ').map(OsString::from).collect();
        let expected: Vec<OsString> = expected.split(' ').map(OsString::from).collect();
        assert_eq!(with_verb(words), expected);
    }

    #[test]
    fn a_file_means_run() {
        check("limpid a.wasm", "limpid run a.wasm");
        check("limpid --fuel 3 a.wasm", "limpid run --fuel 3 a.wasm");
        check(
            "limpid --color never a.wasm",
            "limpid --color never run a.wasm",
        );
        check("limpid validate a.wasm", "limpid validate a.wasm");
        check("limpid --version -v", "limpid --version -v");
        check("limpid -v --version", "limpid -v --version");
        check("limpid help run", "limpid help run");
        check("limpid", "limpid");
    }

    #[test]
    fn the_grammar_is_sound() {
        Line::command().debug_assert();
    }
}
