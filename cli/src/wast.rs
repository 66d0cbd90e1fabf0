//! `limpid wast`: runs test scripts and says which directives did not get what they ask.

use super::engine::EngineFlags;
use super::flags::{LimitFlags, WasmFlags};
use super::outcome::{FAILED, Failure};
use super::progress::Progress;
use super::results::Results;
use super::screen::{BOLD, ERROR, styled};
use super::settings::LayeredSettings;
use super::wording::{in_flags, told};
use super::{paths, source};
use clap::Args;
use limpid::internals::syntax::Count;
use limpid::observe::display;
use limpid::wast::{self, Report, Setting, Totals};
use std::path::{Path, PathBuf};

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid wast *.wast                         run scripts and say what failed\n\
\x20 limpid wast -W custom-page-sizes new.wast  run one that needs a proposal\n\
\x20 limpid wast --timeout 10s *.wast           give each script ten seconds\n\
\n\
Fuel and time are for each script, and fuel for each of its threads as well. A directive that\n\
cannot be read fails, and the others are executed. Exit codes: 1 when a directive fails or a\n\
script cannot be read, 2 when the command line is wrong.";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Wast {
    /// Also show refusals that are right but in other words than the script's
    #[arg(long)]
    wording: bool,
    /// Scripts
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    wasm: WasmFlags,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    engine: EngineFlags,
}

/// What all scripts said.
#[derive(Default)]
struct Sum {
    executed: Totals,
    in_threads: Totals,
    failed: usize,
    /// Scripts that could not be read.
    unread: usize,
    other_words: usize,
}

impl Wast {
    /// Runs the scripts.
    ///
    /// # Errors
    /// When a directive fails or a script cannot be read.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        let setting = self.setting(given)?;
        let mut results = Results::of_test();
        let mut sum = Sum::default();
        let progress = Progress::new("running scripts");
        for file in &self.files {
            progress.say(|| format!("running {}", paths::shown(file)));
            match run(file, &setting) {
                Ok(report) => self.tell(&mut results, file, &report, &mut sum),
                Err(wrong) => {
                    sum.unread += 1;
                    results.line(format_args!("{}: {wrong}", styled(ERROR, "unreadable")));
                }
            }
        }
        drop(progress);
        totals(&mut results, &sum, self.files.len());
        match sum.failed + sum.unread {
            0 => Ok(()),
            _ => Err(Failure::silent(FAILED)),
        }
    }

    /// How scripts are run.
    fn setting(&self, given: &LayeredSettings) -> Result<Setting, Failure> {
        let mut settings = self.wasm.options(given)?;
        self.limits.apply(&mut settings)?;
        self.engine.apply(&mut settings.config);
        let failed = |error: limpid::Error| Failure::usage(told(&error));
        let mut setting = Setting::new(&settings.config)
            .map_err(failed)?
            .with_limits(settings.limits());
        self.engine.check(setting.engine())?;
        if let Some(units) = settings.fuel {
            setting = setting.with_fuel(units);
        }
        if let Some(timeout) = settings.timeout {
            setting = setting.with_timeout(timeout);
        }
        Ok(setting)
    }

    fn tell(&self, results: &mut Results, file: &Path, report: &Report, sum: &mut Sum) {
        let shown = paths::shown(file);
        for failure in &report.failures {
            results.line(format_args!(
                "{}: {shown}:{}:{}: {}: {}",
                styled(ERROR, "failed"),
                failure.line,
                failure.column,
                failure.kind,
                display::line(&in_flags(&failure.message))
            ));
        }
        if self.wording {
            for text in &report.texts {
                let (expected, actual) =
                    (display::line(&text.expected), display::line(&text.actual));
                let (line, column) = (text.line, text.column);
                results.line(format_args!(
                    "wording: {shown}:{line}:{column}: `{actual}` for `{expected}`"
                ));
            }
        }
        sum.executed.add(&report.executed);
        sum.in_threads.add(&report.in_threads);
        sum.failed += report.failures.len();
        sum.other_words += report.texts.len();
    }
}

/// Runs one script; the error is what is wrong with the file.
fn run(file: &Path, setting: &Setting) -> Result<Report, String> {
    let shown = paths::shown(file);
    let told = |failure: Failure| failure.text().to_owned();
    let bytes = source::bytes(file).map_err(told)?;
    source::check_room(file, bytes.len()).map_err(told)?;
    let text = String::from_utf8(bytes).map_err(|error| format!("{shown}: {error}"))?;
    wast::run_script(&text, setting).map_err(|error| {
        let (line, column) = (error.line, error.column);
        format!("{shown}:{line}:{column}: {}", display::line(&error.message))
    })
}

fn totals(results: &mut Results, sum: &Sum, files: usize) {
    for (kind, count) in sum.executed.iter() {
        results.line(format_args!("  {count:>7}  {kind}"));
    }
    let all = sum.executed.total() + sum.in_threads.total();
    let (files, all) = (Count(files, "script"), Count(all, "directive"));
    let mut line = format!("{files}, {all}, {} failed", sum.failed);
    if sum.unread > 0 {
        line += &format!(", {} unreadable", Count(sum.unread, "script"));
    }
    if sum.other_words > 0 {
        line += &format!(", {} in other words", sum.other_words);
    }
    results.line(styled(BOLD, line));
}
