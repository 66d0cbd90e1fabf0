//! The official WASI suite in the report: each program in each configuration, which are how the
//! engine works and how paths are resolved; a page with a grid, each cell leading to its programs
//! and each program to what it did.

use crate::page::{count, escape, grouped, head};
use crate::progress::Progress;
use limpid_wasi_testsuite::{ALL, Done, PARTS, Part, Program, guest, suite};
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// All runs; none where the suite is not at hand.
pub struct Wasi {
    pub programs: Vec<Program>,
    /// By configuration, then by program.
    pub runs: Vec<Vec<Run>>,
}

/// A run of a program.
#[derive(Clone, Default)]
pub struct Run {
    pub done: Done,
    /// What is not as the suite asks.
    pub problem: Option<String>,
}

impl Wasi {
    /// Runs everything, as many programs at a time as there are cores.
    ///
    /// # Errors
    /// When the suite cannot be read, or has not as many programs as it is known to have.
    pub fn run() -> Result<Wasi, String> {
        let mut programs = Vec::new();
        if let Some(suite) = suite() {
            for part in PARTS {
                let own = part.programs(&suite)?;
                if own.len() != part.programs {
                    return Err(format!("WASI, {}: {} programs", part.name, own.len()));
                }
                programs.extend(own);
            }
        }
        let all = ALL.len() * programs.len();
        let (next, progress) = (AtomicUsize::new(0), Progress::new(all));
        let runs = Mutex::new(vec![vec![Run::default(); programs.len()]; ALL.len()]);
        let work = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= all {
                    return;
                }
                let (configuration, program) = (at / programs.len(), at % programs.len());
                let run = one(&programs[program], configuration);
                runs.lock().expect("no thread panics")[configuration][program] = run;
                progress.step(&programs[program].name);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, |cores| cores.get()) {
                scope.spawn(work);
            }
        });
        let runs = runs.into_inner().expect("no thread panics");
        Ok(Wasi { programs, runs })
    }

    /// Problems in all configurations.
    pub fn problems(&self) -> usize {
        let runs = self.runs.iter().flatten();
        runs.filter(|run| run.problem.is_some()).count()
    }

    /// The outcome in a line.
    pub fn summary(&self) -> String {
        if self.programs.is_empty() {
            return "WASI is left out: its suite is not here (LIMPID_SHARED says where it is)"
                .into();
        }
        let programs = count(self.programs.len(), "program");
        let configurations = count(ALL.len(), "configuration");
        let verdict = match self.problems() {
            0 => "all as the suite asks".to_string(),
            problems => format!("{problems} wrong"),
        };
        format!("WASI 0.1 and threads: {programs} in {configurations}: {verdict}")
    }

    /// The programs of a part, by place.
    fn members(&self, part: &Part) -> impl Iterator<Item = usize> {
        let own = |at: &usize| self.programs[*at].part.name == part.name;
        (0..self.programs.len()).filter(own)
    }

    fn passed(&self, configuration: usize, members: impl Iterator<Item = usize>) -> (usize, usize) {
        let mut sums = (0, 0);
        for at in members {
            let passed = self.runs[configuration][at].problem.is_none();
            sums = (sums.0 + usize::from(passed), sums.1 + 1);
        }
        sums
    }

    /// The page.
    pub fn page(&self) -> String {
        let mut out = String::new();
        head(&mut out, "WASI");
        let _ = write!(
            out,
            "<p><a href=\"index.html\">All suites</a></p>\n<h1>The official WASI suite on Limpid\
             </h1>\n<p class=\"headline\">{}.</p>\n<p class=\"hint\">A configuration says how the \
             engine translates and dispatches, and how paths are resolved: by the best way of the \
             system, or by walking. Each program runs in a process of its own on a private copy of \
             its directory. A cell leads to its programs, and each of these to what it did.</p>\n",
            escape(&self.summary()),
        );
        self.grid(&mut out);
        for (row, part) in PARTS.iter().enumerate() {
            for column in 0..ALL.len() {
                self.cell_programs(&mut out, part, row, column);
            }
        }
        out.push_str("</body></html>\n");
        out
    }

    fn grid(&self, out: &mut String) {
        out.push_str("<table class=\"grid\" id=\"grid\"><tr><td></td>");
        for configuration in ALL {
            let name = escape(configuration.name).replace('-', " ");
            let _ = write!(out, "<th scope=\"col\">{name}</th>");
        }
        out.push_str("</tr>\n");
        for (row, part) in PARTS.iter().enumerate() {
            let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(part.name));
            for column in 0..ALL.len() {
                let sums = self.passed(column, self.members(part));
                let (colour, inside) = cell(sums);
                let _ = write!(
                    out,
                    "<td class=\"{colour}\"><a href=\"#r{row}c{column}\">{inside}</a></td>"
                );
            }
            out.push_str("</tr>\n");
        }
        out.push_str("<tr><th class=\"part\" scope=\"row\">In all</th>");
        for column in 0..ALL.len() {
            let (colour, inside) = cell(self.passed(column, 0..self.programs.len()));
            let _ = write!(out, "<td class=\"{colour} sum\">{inside}</td>");
        }
        out.push_str("</tr></table>\n");
    }

    fn cell_programs(&self, out: &mut String, part: &Part, row: usize, column: usize) {
        let _ = writeln!(
            out,
            "<section id=\"r{row}c{column}\"><h2>{} in {} <a href=\"#grid\">back to the grid</a>\
             </h2>",
            escape(part.name),
            escape(ALL[column].name),
        );
        for at in self.members(part) {
            program(out, &self.programs[at], &self.runs[column][at]);
        }
        out.push_str("</section>\n");
    }
}

/// A program as it is run, and what it did.
fn one(program: &Program, configuration: usize) -> Run {
    let command = guest::command(&ALL[configuration]);
    match command.and_then(|command| program.run_by(command)) {
        Ok(done) => Run {
            problem: done.problem(&program.expected),
            done,
        },
        Err(error) => Run {
            problem: Some(format!("it cannot be run: {error}")),
            ..Run::default()
        },
    }
}

/// The colour of a cell, and what it says.
fn cell((passed, all): (usize, usize)) -> (&'static str, String) {
    let wrong = match all - passed {
        0 => String::new(),
        wrong => format!("<em>{wrong} wrong</em>"),
    };
    let colour = match all - passed {
        0 => "good",
        wrong if wrong * 10 <= all => "near",
        _ => "bad",
    };
    let passed = grouped(passed as u32);
    let inside = format!("<b>{passed}</b><small>of {all} passed</small>{wrong}");
    (colour, inside)
}

fn program(out: &mut String, program: &Program, run: &Run) {
    let expected = &program.expected;
    let colour = if run.problem.is_none() { "good" } else { "bad" };
    let _ = write!(
        out,
        "<details><summary class=\"{colour}\"><i></i>{} <small>{} ms</small></summary><ul>",
        escape(&program.name),
        run.done.time.as_millis(),
    );
    if let Some(problem) = &run.problem {
        let _ = write!(out, "<li class=\"problem\">{}</li>", escape(problem));
    }
    let mut row = |name: &str, text: &str| {
        let _ = match text.is_empty() {
            true => write!(out, "<li>{name}: nothing</li>"),
            false => write!(out, "<li>{name}: <code>{}</code></li>", escape(text)),
        };
    };
    row("arguments", &expected.args.join(" "));
    let env = expected.env.iter();
    let env: Vec<String> = env.map(|(name, value)| format!("{name}={value}")).collect();
    row("environment", &env.join(" "));
    let root = expected.root.as_ref().and_then(|root| root.file_name());
    row("directory", &root.unwrap_or_default().to_string_lossy());
    let code = run.done.code.map_or("none".into(), |code| code.to_string());
    row(
        "exit code",
        &format!("{code}, asked for {}", expected.exit_code),
    );
    for (name, output, wanted) in [
        ("stdout", &run.done.stdout, &expected.stdout),
        ("stderr", &run.done.stderr, &expected.stderr),
    ] {
        let checked = if wanted.is_some() {
            ""
        } else {
            ", not checked"
        };
        row(&format!("{name}{checked}"), output.trim_end());
    }
    out.push_str("</ul></details>\n");
}
