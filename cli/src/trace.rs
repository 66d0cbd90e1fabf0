//! `limpid trace`: runs as `run` does and shows each instruction executed, on a line of its own:
//! when, in which function, at which offset, what it took and what it left.

use super::outcome::{Failure, Status};
use super::patient::Patient;
use super::run::RunFlags;
use super::settings::LayeredSettings;
use super::{exit, paths, report, results};
use clap::Args;
use limpid::observe::TextTrace;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid trace --invoke fib fib.wat 5      see each instruction of a call\n\
\x20 limpid trace -o trace.txt prog.wasm      keep the trace, and show what the guest writes\n\
\x20 limpid trace --max-steps 1000 prog.wasm  see how it begins";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "limpid trace [OPTIONS] <FILE> [ARGS]...")]
pub struct Trace {
    /// Write the trace to this file; else it goes to standard output, and what the guest writes
    /// there to standard error
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Stop after this many instructions
    #[arg(long, value_name = "N")]
    max_steps: Option<u64>,
    #[command(flatten)]
    flags: RunFlags,
}

impl Trace {
    /// Runs.
    ///
    /// # Errors
    /// As those of a run, and when the file cannot be written.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        self.flags.check_files(given, self.output.as_deref())?;
        let mut lines = Lines::open(self.output.as_ref())?;
        let most = self.max_steps;
        let mut steps = 0;
        let trace = TextTrace::new(move |line: &str| {
            if most == Some(steps) {
                lines.stop();
            }
            steps += 1;
            report::stepped(steps);
            lines.line(line);
        });
        self.flags
            .execute(given, Some(Box::new(trace)), self.output.is_none())
    }
}

/// Where the lines go, in constant memory.
struct Lines(BufWriter<Box<dyn Write + Send>>);

impl Lines {
    fn open(path: Option<&PathBuf>) -> Result<Lines, Failure> {
        let output: Box<dyn Write + Send> = match path {
            None => Box::new(Patient::stdout()),
            Some(path) => {
                let failed = |error| Failure::failed(format!("{}: {error}", paths::shown(path)));
                Box::new(File::create(path).map_err(failed)?)
            }
        };
        Ok(Lines(BufWriter::with_capacity(results::BUFFER, output)))
    }

    fn line(&mut self, line: &str) {
        results::quietly(writeln!(self.0, "{line}"), 0);
    }

    /// Ends the process: nothing more is to be seen.
    fn stop(&mut self) -> ! {
        results::quietly(self.0.flush(), 0);
        exit::leave(Status::Stopped, 0);
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        results::quietly(self.0.flush(), 0);
    }
}
