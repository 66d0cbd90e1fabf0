//! The official test suite: a test for each file in each configuration, what the suite holds, the
//! exact totals of what was executed, the list of exceptions, and the test of the harness itself.
//!
//! `LIMPID_SPEC_CONFIG` selects other configurations, such as `eager,fuel;faithful,gc-stress`.

use libtest_mimic::{Arguments, Failed, Trial};
use limpid::wast::{Kind, Totals};
use limpid_spec_tests::trace::Findings;
use limpid_spec_tests::{Configuration, File, Origin, SUITES, Verdict};
use limpid_spec_tests::{exceptions, find, flip, judge};
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// How many problems of a file are shown.
const SHOWN: usize = 10;

/// How many directives are made wrong to test the harness.
const FLIPPED: usize = 1_000;

/// The runs of all files in a configuration, each made once.
struct Runs {
    origin: Origin,
    configuration: Configuration,
    files: Vec<Arc<File>>,
    verdicts: Vec<OnceLock<Result<Verdict, String>>>,
}

impl Runs {
    fn new(origin: &Origin, configuration: Configuration, mut files: Vec<Arc<File>>) -> Runs {
        if configuration.reverse {
            files.reverse();
        }
        Runs {
            origin: origin.clone(),
            configuration,
            verdicts: files.iter().map(|_| OnceLock::new()).collect(),
            files,
        }
    }

    fn verdict(&self, at: usize) -> Result<&Verdict, Failed> {
        let run = || judge(&self.files[at], &self.configuration);
        let verdict = self.verdicts[at].get_or_init(run);
        verdict.as_ref().map_err(|message| message.into())
    }

    /// Whether a file gets what it asks.
    fn file(&self, at: usize) -> Result<(), Failed> {
        let (file, verdict) = (&self.files[at], self.verdict(at)?);
        if verdict.problems.is_empty() {
            return Ok(());
        }
        let mut message = format!("{} problems\n", verdict.problems.len());
        for problem in verdict.problems.iter().take(SHOWN) {
            let (line, column) = (problem.line, problem.column);
            message += &format!("{}:{line}:{column}: {}\n", file.name, problem.message);
        }
        Err(message.into())
    }

    /// Whether exactly what the suites hold was executed.
    fn totals(&self) -> Result<(), Failed> {
        let mut wrong = String::new();
        for suite in SUITES {
            let holds = self.origin.holds(suite);
            let (mut executed, mut in_threads) = (Totals::default(), Totals::default());
            let mut refused = 0;
            for (at, file) in self.files.iter().enumerate() {
                if file.suite.name == suite.name {
                    let report = &self.verdict(at)?.report;
                    executed.add(&report.executed);
                    in_threads.add(&report.in_threads);
                    refused += report.refused_as_text;
                }
            }
            let mut check = |what: &str, expected: u32, found: u32| {
                if expected != found {
                    wrong += &format!("{}: {what}: {expected} expected, {found}\n", suite.name);
                }
            };
            let expected: BTreeMap<_, _> = holds.directives.iter().copied().collect();
            for &kind in Kind::ALL {
                let expected = expected.get(&kind).copied().unwrap_or_default();
                check(kind.name(), expected, executed.get(kind));
            }
            check("directives", holds.total(), executed.total());
            check(
                "directives in threads",
                holds.in_threads,
                in_threads.total(),
            );
            check(
                "rejected by the `wast` parser",
                holds.refused_as_text,
                refused,
            );
        }
        demand(wrong)
    }

    /// Whether probes have seen what the suites execute: constant expressions and start functions
    /// too, and nearly every instruction there is.
    fn traced(&self) -> Result<(), Failed> {
        let mut all = Findings::default();
        for at in 0..self.files.len() {
            all.add(&self.verdict(at)?.findings);
        }
        println!("{all}");
        let mut wrong = String::new();
        for (what, found, least) in [
            ("instructions executed", all.steps, 5_000_000),
            (
                "instructions of constant expressions",
                all.in_constants,
                2_000,
            ),
            ("values compared", all.compared, 1_000_000),
            ("different instructions", all.seen.len() as u64, 500),
        ] {
            if found < least {
                wrong += &format!("{what}: {found}, fewer than {least}\n");
            }
        }
        demand(wrong)
    }

    /// Whether traces as JSON Lines were written and compared.
    fn compared(&self) -> Result<(), Failed> {
        let mut records = 0;
        for at in 0..self.files.len() {
            records += self.verdict(at)?.findings.steps;
        }
        println!("{records} records compared");
        match records {
            5_000_000.. => Ok(()),
            few => demand(format!("{few} records, fewer than 5000000\n")),
        }
    }

    /// Whether directives made wrong fail, and no others.
    fn flipped(&self) -> Result<(), Failed> {
        let sample = flip::sample(&self.files, FLIPPED);
        let mut wrong = String::new();
        if sample.len() != FLIPPED {
            wrong += &format!("{} directives are sampled\n", sample.len());
        }
        for (at, file) in self.files.iter().enumerate() {
            let script = file
                .script()
                .map_err(|error| Failed::from(error.to_string()))?;
            let places = sample.range((at, 0)..(at + 1, 0)).map(|&(_, place)| place);
            let flipped = flip::flip(script, places.clone());
            let verdict = judge::judge_script(file, &flipped, &self.configuration)?;
            let place = |place: usize| {
                (
                    flipped.directives[place].line,
                    flipped.directives[place].column,
                )
            };
            let asked: BTreeSet<(u32, u32)> = places.map(place).collect();
            let failed = verdict
                .problems
                .iter()
                .map(|problem| (problem.line, problem.column));
            // The words of a directive made wrong are no exception any more.
            let wrong_lines: BTreeSet<u32> = asked.iter().map(|&(line, _)| line).collect();
            let failed = failed.filter(|(line, column)| *column > 0 || !wrong_lines.contains(line));
            let failed: BTreeSet<(u32, u32)> = failed.collect();
            for (line, column) in asked.symmetric_difference(&failed) {
                let what = match asked.contains(&(*line, *column)) {
                    true => "made wrong, and passes",
                    false => "left alone, and fails",
                };
                wrong += &format!("{}:{line}:{column}: {what}\n", file.name);
            }
        }
        demand(wrong)
    }
}

fn demand(wrong: String) -> Result<(), Failed> {
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.into())
    }
}

/// Whether each suite has as many files as it should.
fn found(origin: &Origin, files: &[Arc<File>]) -> Result<(), Failed> {
    let mut wrong = String::new();
    for suite in SUITES {
        let expected = origin.holds(suite).files;
        let found = files
            .iter()
            .filter(|file| file.suite.name == suite.name)
            .count();
        if expected != found {
            wrong += &format!("{}: {expected} files expected, {found} found\n", suite.name);
        }
    }
    demand(wrong)
}

/// Whether the list of exceptions is short and names files that exist.
fn few_exceptions(origin: &Origin, files: &[Arc<File>]) -> Result<(), Failed> {
    let mut wrong = String::new();
    if exceptions::all().len() > exceptions::MOST {
        wrong += &format!("more than {} exceptions\n", exceptions::MOST);
    }
    for exception in exceptions::all() {
        let missing = !files.iter().any(|file| file.name == exception.file);
        if missing && origin.left_out().is_none() {
            wrong += &format!("no such file: {}\n", exception.file);
        }
    }
    demand(wrong)
}

/// One of that many files is traced as JSON Lines in each test run, and all of them in a
/// configuration of its own.
const SLICE: usize = 8;

/// Whether files of a slice of the suites have the same trace when they run again.
fn same_traces(files: &[Arc<File>]) -> Result<(), Failed> {
    let configuration: Configuration = "jsonl".parse()?;
    let (mut wrong, mut records) = (String::new(), 0);
    for file in files.iter().step_by(SLICE) {
        let findings = judge(file, &configuration)?.findings;
        records += findings.steps;
        for fault in &findings.faults {
            wrong += &format!("{}: {fault}\n", file.name);
        }
    }
    if records < 10_000 {
        wrong += &format!("only {records} records\n");
    }
    demand(wrong)
}

fn configurations() -> Result<Vec<Configuration>, String> {
    match std::env::var("LIMPID_SPEC_CONFIG") {
        Ok(list) => list.split([';', ' ']).map(str::parse).collect(),
        Err(_) => Ok(vec![Configuration::FUSED, Configuration::FAITHFUL]),
    }
}

fn trials(origin: Origin, files: Vec<Arc<File>>, configurations: &[Configuration]) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |name: String, test: Box<dyn FnOnce() -> Result<(), Failed> + Send>| {
        trials.push(Trial::test(name, test));
    };
    for (first, &configuration) in configurations.iter().enumerate() {
        let runs = Arc::new(Runs::new(&origin, configuration, files.clone()));
        for (at, file) in runs.files.iter().enumerate() {
            let (name, runs) = (format!("{} [{configuration}]", file.name), runs.clone());
            add(name, Box::new(move || runs.file(at)));
        }
        let all = runs.clone();
        add(
            format!("totals [{configuration}]"),
            Box::new(move || all.totals()),
        );
        if configuration.trace {
            let all = runs.clone();
            add(
                format!("seen [{configuration}]"),
                Box::new(move || all.traced()),
            );
        }
        if configuration.jsonl {
            let all = runs.clone();
            add(
                format!("compared [{configuration}]"),
                Box::new(move || all.compared()),
            );
        }
        if first == 0 {
            add(
                format!("self-test [{configuration}]"),
                Box::new(move || runs.flipped()),
            );
        }
    }
    let all = files.clone();
    add("same traces".into(), Box::new(move || same_traces(&all)));
    let (all, from) = (files.clone(), origin.clone());
    add("found".into(), Box::new(move || found(&from, &all)));
    add(
        "text exceptions".into(),
        Box::new(move || few_exceptions(&origin, &files)),
    );
    trials
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let (configurations, (origin, files)) = match (configurations(), find()) {
        (Ok(configurations), Ok(found)) => (configurations, found),
        (Err(message), _) => return refuse(&message),
        (_, Err(error)) => return refuse(&format!("the suite cannot be read: {error}")),
    };
    if let Some(left_out) = origin.left_out() {
        eprintln!("{left_out}");
    }
    libtest_mimic::run(&arguments, trials(origin, files, &configurations)).exit_code()
}

fn refuse(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
