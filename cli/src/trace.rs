//! `limpid trace`: runs as `run` does and shows each instruction executed, on a line of its own:
//! when, in which function, at which offset, what it took and what it left. It can also compare a
//! run with a trace that was kept.

mod html;

use super::outcome::{Failure, Status};
use super::results::Results;
use super::run::RunFlags;
use super::schedule::ScheduleFlags;
use super::settings::LayeredSettings;
use super::suggest::suggest;
use super::trace_sink::Sink;
use super::watch::{Begun, Counted, Watcher};
use super::{exit, paths, report};
use clap::{Args, ValueEnum};
use limpid::Features;
use limpid::internals::syntax::{Export, ExternIdx, Module};
use limpid::observe::jsonl::{End, Header, ModuleInfo};
use limpid::observe::{Event, Filter, JsonTrace, Probe, Selection, TextTrace, display};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid trace --invoke fib fib.wat 5      see each instruction of a call\n\
\x20 limpid trace --op 'i32.div*' prog.wasm   see the divisions\n\
\x20 limpid trace --max-steps 1000 prog.wasm  see how it begins\n\
\x20 limpid trace --format jsonl -o t.jsonl prog.wasm   keep the trace for programs\n\
\x20 limpid trace --verify t.jsonl prog.wasm            see whether it runs the same again\n\
\x20 limpid trace --html run.html prog.wasm             write a page to step through";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "limpid trace [OPTIONS] <FILE> [ARGS]...")]
pub struct Trace {
    /// Write the trace to this file; else it goes to standard output, and what the guest writes
    /// there to standard error
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write a page that shows the run step by step to this file, instead of a trace: at most a
    /// million steps
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["output", "format", "func", "op", "from_init", "verify"]
    )]
    html: Option<PathBuf>,
    /// Write the trace as: text, jsonl (JSON Lines)
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<Format>,
    /// Show only instructions of this function (repeatable)
    #[arg(long, value_name = "NAME|INDEX")]
    func: Vec<String>,
    /// Show only instructions with such a mnemonic, in which `*` stands for any text (repeatable)
    #[arg(long, value_name = "GLOB")]
    op: Vec<String>,
    /// Show only instructions from this time on
    #[arg(long, value_name = "T")]
    from: Option<u64>,
    /// Show only instructions up to this time
    #[arg(long, value_name = "T")]
    to: Option<u64>,
    /// Show constant expressions, too, which have times of their own
    #[arg(long)]
    from_init: bool,
    /// Stop after this many instructions; those of constant expressions count with --from-init
    #[arg(long, value_name = "N")]
    max_steps: Option<u64>,
    /// Run again, with the flags of the first run, and compare with this trace in JSON Lines
    #[arg(long, value_name = "TRACE", conflicts_with_all = ["output", "format"])]
    verify: Option<PathBuf>,
    /// Print only how many instructions are executed
    #[arg(
        long,
        conflicts_with_all = [
            "output", "html", "format", "func", "op", "from", "to", "from_init", "max_steps",
            "verify"
        ]
    )]
    count: bool,
    #[command(flatten)]
    schedule: ScheduleFlags,
    #[command(flatten)]
    flags: RunFlags,
}

/// The form of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// A line for a reader
    Text,
    /// A line for programs
    Jsonl,
}

impl Trace {
    /// Runs.
    ///
    /// # Errors
    /// As those of a run, when the file cannot be written, and when the run is not that of the
    /// trace to compare with.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        self.flags.set_schedule(self.schedule);
        if let Some(page) = &self.html {
            paths::not_empty("--html", page)?;
            self.flags.check_files(given, Some(page))?;
            let from = self.from.unwrap_or(0);
            let to = self.to.map_or(u64::MAX, |to| to.saturating_add(1));
            let to = to.min(from.saturating_add(self.max_steps.unwrap_or(u64::MAX)));
            return html::write(&self.flags, given, page, from..to);
        }
        self.flags.check_files(given, self.output.as_deref())?;
        if self.count {
            let ran = self.flags.execute(given, Some(&mut Counter), true);
            Results::new().line(report::steps());
            return ran;
        }
        if let Some(kept) = &self.verify {
            paths::not_empty("--verify", kept)?;
            let sink = Sink::compare(kept)?;
            let ran = self.run(given, &sink, true);
            end(&sink, &ran);
            return match ran {
                // That it ends badly is what the trace has, too.
                Err(failure) if failure.cause().is_none() => Err(failure),
                Ok(()) | Err(_) => Ok(()),
            };
        }
        let json = self.format == Some(Format::Jsonl);
        let sink = Sink::write(self.output.as_deref(), json)?;
        let ran = self.run(given, &sink, self.output.is_none());
        end(&sink, &ran);
        ran
    }

    fn run(&self, given: &LayeredSettings, sink: &Sink, taken: bool) -> Result<(), Failure> {
        let mut tracer = Tracer {
            verb: self,
            sink: sink.clone(),
        };
        self.flags.execute(given, Some(&mut tracer), taken)
    }

    fn selection(&self) -> Selection {
        Selection {
            funcs: self.func.clone(),
            ops: self.op.clone(),
            times: self.from.unwrap_or(0)..=self.to.unwrap_or(u64::MAX),
            initialisers: self.from_init,
        }
    }
}

/// Writes the last line of a run.
fn end(sink: &Sink, ran: &Result<(), Failure>) {
    let cause = ran.as_ref().err().and_then(Failure::cause);
    let how = match (ran, cause) {
        (Ok(()), _) => Status::Ok,
        (Err(_), Some(cause)) => cause.status,
        (Err(_), None) => Status::Error,
    };
    let trap = cause.and_then(|cause| cause.trap.as_ref());
    sink.end(&End {
        how: how.word(),
        exit: cause.and_then(|cause| cause.guest_exit),
        trap: trap.map(|trap| trap.code),
        ..End::default()
    });
}

/// Counts the instructions of a run.
struct Counter;

impl Watcher for Counter {
    fn begin(&mut self, _: &Begun<'_>) -> Result<Box<dyn Probe>, Failure> {
        Ok(Box::new(Counted))
    }

    fn takes_results(&self) -> bool {
        true
    }
}

/// Makes the trace of a run.
struct Tracer<'v> {
    verb: &'v Trace,
    sink: Sink,
}

impl Watcher for Tracer<'_> {
    fn takes_results(&self) -> bool {
        let json = self.verb.format == Some(Format::Jsonl);
        json && self.verb.output.is_none()
    }

    fn begin(&mut self, begun: &Begun<'_>) -> Result<Box<dyn Probe>, Failure> {
        for wanted in &self.verb.func {
            known(begun, wanted)?;
        }
        self.sink.header(&header(begun));
        let sink = self.sink.clone();
        let emit = move |line: &str| sink.line(line);
        let selection = self.verb.selection();
        let json = self.verb.format == Some(Format::Jsonl) || self.verb.verify.is_some();
        Ok(match json {
            true => self.limited(Filter::new(selection, JsonTrace::new(emit))),
            false => self.limited(Filter::new(selection, TextTrace::new(emit))),
        })
    }
}

impl Tracer<'_> {
    fn limited<P: Probe + 'static>(&self, probe: P) -> Box<dyn Probe> {
        Box::new(Limited {
            probe,
            sink: self.sink.clone(),
            left: self.verb.max_steps.unwrap_or(u64::MAX),
            initialisers: self.verb.from_init,
        })
    }
}

/// Checks that a module has the function that is to be shown.
fn known(begun: &Begun<'_>, wanted: &str) -> Result<(), Failure> {
    let name = wanted.strip_prefix('$').unwrap_or(wanted);
    let has = |module: &Module| {
        let index = wanted.parse::<usize>();
        let is_exported =
            |export: &Export| matches!(export.item, ExternIdx::Func(_)) && *export.name == *wanted;
        index.is_ok_and(|index| index < module.func_types().count())
            || module.names.funcs.0.iter().any(|(_, known)| known == name)
            || module.exports.iter().any(is_exported)
    };
    let mut modules = begun.modules.iter().map(|of| of.module.syntax());
    if modules.any(has) || wanted.starts_with("const ") {
        return Ok(());
    }
    let failure = Failure::usage(format!("no function named `{}`", display::name(wanted)));
    let names = begun
        .modules
        .iter()
        .flat_map(|of| &of.module.syntax().names.funcs.0);
    Err(
        match suggest(wanted, names.map(|(_, name)| name.as_str())) {
            Some(meant) => failure.hint(format!("did you mean `{}`?", display::name(meant))),
            None => failure.hint("`limpid explore FILE` shows the functions"),
        },
    )
}

/// The first line of a trace of the run.
fn header(begun: &Begun<'_>) -> String {
    let hash = |bytes: &[u8]| {
        let digits = Sha256::digest(bytes);
        digits
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let hashes: Vec<String> = begun.modules.iter().map(|of| hash(of.bytes)).collect();
    let modules = begun.modules.iter().zip(&hashes);
    let modules: Vec<ModuleInfo<'_>> = modules
        .map(|(of, sha256)| ModuleInfo {
            sha256,
            module: of.module.syntax(),
        })
        .collect();
    let is_on = |name: &&str| begun.features.get(name) == Some(true);
    let features: Vec<&str> = Features::NAMES.iter().copied().filter(is_on).collect();
    let args: Vec<_> = begun.args.iter().map(|arg| arg.to_string_lossy()).collect();
    let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
    Header {
        modules: &modules,
        features: &features,
        invoke: begun.invoke,
        args: &args,
    }
    .line()
}

/// A probe that counts what it passes on, and ends the process when it was enough.
struct Limited<P> {
    probe: P,
    sink: Sink,
    left: u64,
    /// Whether constant expressions count.
    initialisers: bool,
}

impl<P: Probe> Probe for Limited<P> {
    fn step(&mut self, event: &Event<'_>) {
        match event.is_initialiser {
            true => self.sink.initialiser(event.time),
            false => report::stepped(event.time + 1),
        }
        if event.is_initialiser && !self.initialisers {
            return;
        }
        if self.left > 0 {
            self.probe.step(event);
            self.left -= 1;
        }
        if self.left == 0 {
            self.sink.end(&End {
                how: Status::Stopped.word(),
                ..End::default()
            });
            exit::leave(Status::Stopped, 0);
        }
    }
}
