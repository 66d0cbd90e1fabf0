//! Verdicts on every file in every configuration, and their sums.

use crate::progress::Progress;
use limpid::wast::Totals;
use limpid_spec_tests::judge::Problem;
use limpid_spec_tests::{Configuration, File, Origin, Verdict, judge};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// All runs.
pub struct Results {
    pub configurations: Vec<Configuration>,
    pub files: Vec<Arc<File>>,
    pub origin: Origin,
    /// By configuration, then by file.
    pub runs: Vec<Vec<Run>>,
}

/// A run of a file.
#[derive(Clone, Default)]
pub struct Run {
    pub verdict: Verdict,
    pub time: Duration,
}

/// Sums over the files of a group.
#[derive(Clone, Default)]
pub struct Sums {
    pub files: usize,
    pub failing: usize,
    pub executed: Totals,
    pub in_threads: Totals,
    pub refused_as_text: u32,
    pub problems: usize,
    pub time: Duration,
}

impl Results {
    /// Runs everything, on as many threads as there are cores.
    pub fn of(
        configurations: Vec<Configuration>,
        files: Vec<Arc<File>>,
        origin: Origin,
    ) -> Results {
        let all = configurations.len() * files.len();
        let (next, progress) = (AtomicUsize::new(0), Progress::new(all));
        let runs = Mutex::new(vec![
            vec![Run::default(); files.len()];
            configurations.len()
        ]);
        let work = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= all {
                    return;
                }
                let (configuration, mut file) = (at / files.len(), at % files.len());
                if configurations[configuration].reverse {
                    file = files.len() - 1 - file;
                }
                let run = run(&files[file], &configurations[configuration]);
                runs.lock().expect("no thread panics")[configuration][file] = run;
                progress.step(&files[file].name);
            }
        };
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, |cores| cores.get()) {
                scope.spawn(work);
            }
        });
        let runs = runs.into_inner().expect("no thread panics");
        Results {
            configurations,
            files,
            origin,
            runs,
        }
    }

    /// The groups of files under their headings: suites, and the folders of large ones, in order.
    pub fn groups(&self) -> Vec<(&'static str, Vec<&str>)> {
        let mut groups: Vec<&str> = self.files.iter().map(|file| group(file)).collect();
        groups.sort_unstable();
        groups.dedup();
        let heading = |group: &str| match group.split('/').next() {
            Some("core") => "WebAssembly 3.0",
            Some("custom") => "Custom sections",
            Some(_) | None => "Proposals",
        };
        let under = |name: &'static str| {
            let own = groups
                .iter()
                .copied()
                .filter(|group| heading(group) == name);
            (name, own.collect::<Vec<_>>())
        };
        ["WebAssembly 3.0", "Proposals", "Custom sections"]
            .map(under)
            .into()
    }

    /// The files of a group, by place.
    pub fn members<'a>(&'a self, of: &'a str) -> impl Iterator<Item = usize> + 'a {
        (0..self.files.len()).filter(move |&at| group(&self.files[at]) == of)
    }

    /// Sums in a configuration.
    pub fn sums(&self, configuration: usize, members: impl Iterator<Item = usize>) -> Sums {
        let mut sums = Sums::default();
        for at in members {
            let run = &self.runs[configuration][at];
            sums.files += 1;
            sums.failing += usize::from(!run.verdict.problems.is_empty());
            sums.executed.add(&run.verdict.report.executed);
            sums.in_threads.add(&run.verdict.report.in_threads);
            sums.refused_as_text += run.verdict.report.refused_as_text;
            sums.problems += run.verdict.problems.len();
            sums.time += run.time;
        }
        sums
    }

    /// Problems in all configurations.
    pub fn problems(&self) -> usize {
        let runs = self.runs.iter().flatten();
        runs.map(|run| run.verdict.problems.len()).sum()
    }

    /// A line for each configuration.
    pub fn summary(&self) -> String {
        let line = |(at, configuration): (usize, &Configuration)| {
            let sums = self.sums(at, 0..self.files.len());
            let (directives, problems) = (sums.executed.total(), sums.problems);
            format!("{configuration}: {directives} directives executed, {problems} problems")
        };
        let lines = self.configurations.iter().enumerate().map(line);
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The suite, with the folder in it if it has folders.
fn group(file: &File) -> &str {
    let parts = file.name.splitn(3, '/').count();
    match parts {
        3 if file.suite.name == "core" => file.name.rsplit_once('/').map_or("", |(group, _)| group),
        _ => file.suite.name,
    }
}

fn run(file: &File, configuration: &Configuration) -> Run {
    let start = Instant::now();
    let verdict = judge(file, configuration).unwrap_or_else(|message| Verdict {
        problems: vec![Problem {
            line: 0,
            column: 0,
            message,
        }],
        ..Verdict::default()
    });
    let time = start.elapsed();
    Run { verdict, time }
}
