//! A verdict on a run of a file: every directive executed, none failed, and the words those of
//! the suite but for the exceptions, which must be real.

use crate::configuration::Configuration;
use crate::exceptions;
use crate::files::File;
use crate::jsonl::{self, Traces};
use crate::trace::{Findings, Shared};
use limpid::wast::{self, Kind, Report, script::Script};

/// A verdict on a file.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// What the run says.
    pub report: Report,
    /// What is wrong, in order of lines.
    pub problems: Vec<Problem>,
    /// What a probe found, where there was one.
    pub findings: Findings,
}

/// Something wrong with a run.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// The line, from 1; 0 for the whole file.
    pub line: u32,
    /// The column, from 1; 0 for the whole line.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

/// Runs a file and judges it.
///
/// # Errors
/// A file that is no script, or an unavailable engine.
pub fn judge(file: &File, configuration: &Configuration) -> Result<Verdict, String> {
    let script = file.script().map_err(|error| error.to_string())?;
    judge_script(file, script, configuration)
}

/// The same, with another script in place of the file's own.
///
/// # Errors
/// An unavailable engine.
pub fn judge_script(
    file: &File,
    script: &Script,
    configuration: &Configuration,
) -> Result<Verdict, String> {
    let findings = Shared::default();
    let traces = Traces::default();
    let setting = configuration.setting(file.suite, &findings, &traces)?;
    let report = wast::run(script, &setting);
    let mut findings = findings.take();
    let mut problems = Vec::new();
    if configuration.jsonl {
        findings.steps += traces.hashes().iter().map(|trace| trace.0).sum::<u64>();
        let different = again(file, script, configuration, &traces)?;
        findings.faults.extend(different);
    }
    for fault in &findings.faults {
        let message = format!("trace: {fault}");
        problems.push(Problem {
            line: 0,
            column: 0,
            message,
        });
    }
    for failure in &report.failures {
        let message = format!("{}: {}", failure.kind, failure.message);
        problems.push(Problem {
            line: failure.line,
            column: failure.column,
            message,
        });
    }
    let mut excepted: Vec<_> = exceptions::of(&file.name).collect();
    for text in &report.texts {
        let known = excepted
            .iter()
            .position(|exception| exception.line == text.line && exception.words == text.expected);
        if let Some(known) = known {
            excepted.remove(known);
            continue;
        }
        let message = format!(
            "expected the words `{}`, got `{}`",
            text.expected, text.actual
        );
        problems.push(Problem {
            line: text.line,
            column: text.column,
            message,
        });
    }
    for stale in excepted {
        let message = format!("stale exception: the words are `{}`", stale.words);
        problems.push(Problem {
            line: stale.line,
            column: 0,
            message,
        });
    }
    let (all, done) = (script.directives.len(), report.executed.total() as usize);
    if done != all {
        let message = format!("{done} of {all} directives were executed");
        problems.push(Problem {
            line: 0,
            column: 0,
            message,
        });
    }
    problems.sort();
    Ok(Verdict {
        report,
        problems,
        findings,
    })
}

/// Runs a script again and says how its traces differ from those of the first run. Where threads
/// race, they may.
fn again(
    file: &File,
    script: &Script,
    configuration: &Configuration,
    first: &Traces,
) -> Result<Option<String>, String> {
    let second = Traces::default();
    let setting = configuration.setting(file.suite, &Shared::default(), &second)?;
    let report = wast::run(script, &setting);
    if report.executed.get(Kind::Thread) > 0 {
        println!("{}: has threads, so its traces are not compared", file.name);
        return Ok(None);
    }
    Ok(jsonl::difference(first, &second))
}
