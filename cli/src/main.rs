//! The `limpid` command: what the words mean, and which file carries a verb out.
//!
//! Reading order: `outcome` (how verbs end), `screen` and `results` (the ways to the terminal),
//! `exit` and `report`; `options` with the tables `wasm_options` and `wasi_options`, `settings`,
//! `flags`; `paths`, `source`, `load_module` and `diagnostics` (errors of modules); `run` with
//! `streams`, `values`, `link`, `trap` and `frames` (how runs end), then the other verbs; `foreign`
//! (verbs and flags of other runtimes). No two files import each other, in however many steps.

#![forbid(unsafe_code)]

mod card;
mod cause;
mod completion;
mod config;
mod dap;
mod declared;
mod diagnostics;
mod engine;
mod excerpt;
mod exit;
mod explain;
mod explore;
mod flags;
mod foreign;
mod frames;
mod inspect;
mod learn;
mod lines;
mod link;
mod listing;
mod load_module;
mod log;
mod midline;
mod monitor;
mod options;
mod outcome;
mod paths;
mod patient;
mod progress;
mod record;
mod report;
mod results;
mod run;
mod schedule;
mod screen;
mod settings;
mod signals;
mod sniff;
mod source;
mod step;
mod streams;
mod suggest;
mod terminal;
mod text_error;
mod trace;
mod trace_diff;
mod trace_file;
mod trace_sink;
mod trap;
mod usage;
mod validate;
mod values;
mod version;
mod wasi_options;
mod wasm_options;
mod wast;
mod watch;
mod wording;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, ColorChoice, CommandFactory, Parser, Subcommand};
use limpid::observe::display;
use outcome::Failure;
use screen::tell;
use settings::{LayeredSettings, Wanted};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// What the terminal shows in colour in clap's own texts.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER: &str = "\
`limpid FILE` means `limpid run FILE`. Wherever a .wasm file is taken, a .wat file is too, and `-`
stands for standard input.

Examples:
\x20 limpid prog.wasm a b        run a command with two arguments
\x20 limpid run --dir . x.wasm   let it read and write files here
\x20 limpid help run             list all options of run";

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
    /// Verbose
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    global: Global,
}

/// Flags of all verbs.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// When to use colours: auto, always or never
    #[arg(long, value_name = "WHEN", hide_possible_values = true, global = true)]
    color: Option<ColorChoice>,
    /// Read settings from this file, what it grants included, instead of ./limpid.toml
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Ignore settings files
    #[arg(long, global = true)]
    no_config: bool,
    #[command(flatten)]
    log: log::LogFlags,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Run a module
    Run(run::Run),
    /// Check that modules are valid, and show how
    #[command(visible_alias = "check")]
    Validate(validate::Validate),
    /// Run test scripts
    Wast(wast::Wast),
    /// Show sections, imports, exports and sizes of a module
    Inspect(inspect::Inspect),
    /// Show a module's functions side by side with their register code
    Explore(explore::Explore),
    /// Run a module and show every instruction executed
    Trace(trace::Trace),
    /// Step through a module, forwards and backwards
    Step(step::Step),
    /// Explain an instruction, a trap or the code of an error
    Explain(explain::Explain),
    /// Read a lesson on WebAssembly
    Learn(learn::Learn),
    /// Run a module and keep the run in a file
    Record(record::Record),
    /// Do a recorded run again, with nothing granted
    Replay(record::Replay),
    /// Show where two traces part
    TraceDiff(trace_diff::TraceDiff),
    /// Step through a run from an editor, by the Debug Adapter Protocol
    Dap(dap::Dap),
    /// Show settings, or check a file of settings
    Config(config::Config),
    /// Generate shell completions
    Completion(completion::Completion),
}

fn main() -> ExitCode {
    let words = match with_verb(std::env::args_os().collect()) {
        Ok(words) => words,
        Err(failure) => return tell(&failure),
    };
    let line = match Line::try_parse_from(&words) {
        Ok(line) => line,
        Err(error) if flags::help(&error) => return ExitCode::SUCCESS,
        Err(error) => match foreign::flag(&error, &words) {
            Some(failure) => return tell(&failure),
            None => return usage::tell_wrong(error, &words),
        },
    };
    screen::choose(line.global.color.unwrap_or_default());
    match carry_out(line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => tell(&failure),
    }
}

fn carry_out(line: Line) -> Result<(), Failure> {
    if line.version {
        version::print(line.verbose);
        return Ok(());
    }
    let global = line.global;
    let wanted = match (&global.config, &line.verb) {
        (_, Some(Verb::Completion(_))) => Wanted::Nothing,
        (_, Some(Verb::Config(verb))) if !verb.needs_settings() => Wanted::Nothing,
        (Some(path), _) => Wanted::Named(path.clone()),
        (None, _) if global.no_config => Wanted::Nothing,
        (None, _) => Wanted::Found,
    };
    let settings = LayeredSettings::load(wanted)?;
    screen::choose(color(global.color, &settings)?);
    log::begin(&global.log, &settings)?;
    match line.verb {
        Some(Verb::Run(verb)) => verb.carry_out(&settings),
        Some(Verb::Validate(verb)) => verb.carry_out(&settings),
        Some(Verb::Wast(verb)) => verb.carry_out(&settings),
        Some(Verb::Inspect(verb)) => verb.carry_out(&settings),
        Some(Verb::Explore(verb)) => verb.carry_out(&settings),
        Some(Verb::Trace(verb)) => verb.carry_out(&settings),
        Some(Verb::Step(verb)) => verb.carry_out(&settings),
        Some(Verb::Explain(verb)) => verb.carry_out(),
        Some(Verb::Learn(verb)) => verb.carry_out(),
        Some(Verb::Record(verb)) => verb.carry_out(&settings),
        Some(Verb::Replay(verb)) => verb.carry_out(&settings),
        Some(Verb::TraceDiff(verb)) => verb.carry_out(),
        Some(Verb::Dap(verb)) => verb.carry_out(&settings),
        Some(Verb::Config(verb)) => verb.carry_out(&settings, global.config.as_deref()),
        Some(Verb::Completion(verb)) => verb.carry_out(Line::command()),
        None => Err(Failure::usage("no verb and no file").hint("try `limpid --help`")),
    }
}

/// Whether to use colours: what the flag says, or the settings.
fn color(flag: Option<ColorChoice>, settings: &LayeredSettings) -> Result<ColorChoice, Failure> {
    let Some(setting) = settings.get("color").filter(|_| flag.is_none()) else {
        return Ok(flag.unwrap_or_default());
    };
    let value = settings.text("color").unwrap_or_default();
    value.parse().map_err(|_| {
        let shown = display::name(value);
        Failure::usage(format!("`color` cannot be `{shown}`"))
            .at(&setting.origin)
            .hint("auto, always or never")
    })
}

/// Flags with their values in the same word.
const GLOBAL: [&str; 4] = ["--color=", "--config=", "--log=", "--log-format="];

/// The words with `run` put before what is neither a verb nor one of the few flags before it.
///
/// # Errors
/// A verb that is planned, or that wasmtime alone has.
fn with_verb(mut words: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    let mut at = 1;
    while let Some(word) = words.get(at).and_then(|word| word.to_str()) {
        match word {
            "--color" | "--config" | "--log" | "--log-format" => at += 2,
            "-v" | "--verbose" | "--no-config" => at += 1,
            word if GLOBAL.iter().any(|flag| word.starts_with(flag)) => at += 1,
            // Anything else ends the flags before the verb.
            _ => break,
        }
    }
    let Some(word) = words.get(at) else {
        return Ok(words);
    };
    let verbs = Line::command();
    let is = |verb: &clap::Command, word: &str| {
        verb.get_name() == word || verb.get_all_aliases().any(|alias| alias == word)
    };
    let known = |word: &str| verbs.get_subcommands().any(|verb| is(verb, word));
    let own = ["-h", "--help", "help", "-V", "--version"];
    match word.to_str() {
        Some(word) if own.contains(&word) || known(word) => {}
        Some(word) if let Some(failure) = foreign::verb(word) => return Err(failure),
        Some(_) | None => words.insert(at, "run".into()),
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &str) {
        let words = words.split(' ').map(OsString::from).collect();
        let expected: Vec<OsString> = expected.split(' ').map(OsString::from).collect();
        assert_eq!(with_verb(words).ok(), Some(expected));
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
        check("limpid check a.wasm", "limpid check a.wasm");
        check("limpid --version -v", "limpid --version -v");
        check("limpid -v --version", "limpid -v --version");
        check("limpid help run", "limpid help run");
        check("limpid -", "limpid run -");
        check("limpid", "limpid");
    }

    #[test]
    fn verbs_of_others_are_not_taken_for_files() {
        for verb in ["objdump", "settings", "wizer", "serve", "compile"] {
            for words in [&["limpid", verb][..], &["limpid", "--no-config", verb, "x"]] {
                let words = words.iter().map(OsString::from).collect();
                let failure = with_verb(words).expect_err(verb);
                assert!(failure.text().contains(&format!("`{verb}`")), "{verb}");
            }
        }
        check("limpid run objdump", "limpid run objdump");
        check("limpid ./objdump", "limpid run ./objdump");
    }

    #[test]
    fn the_grammar_is_sound() {
        Line::command().debug_assert();
    }
}
