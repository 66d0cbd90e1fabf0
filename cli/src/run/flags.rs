//! What all verbs take that run a guest, and the run itself.

use super::super::flags::{GRANTS, GrantedDir, LimitFlags, WasiFlags, WasmFlags};
use super::super::link::Preloaded;
use super::super::load_module::load_module;
use super::super::midline::{Target, Watched};
use super::super::monitor::{Monitor, MonitorFlags};
use super::super::outcome::Failure;
use super::super::paths::Named;
use super::super::settings::LayeredSettings;
use super::super::source::Source;
use super::super::wasi_options::WasiOptions;
use super::super::wasm_options::EngineOptions;
use super::super::watch::{self, Begun, Counted, Loaded, Watcher};
use super::super::wording::told;
use super::super::{frames, paths, report, screen, signals, streams, trap};
use super::guest::Guest;
use super::input::Input;
use super::output::Output;
use clap::Args;
use limpid::observe::machine::Schedule;
use limpid::observe::{Probe, display};
use limpid::wasi::p1::WasiP1Ctx;
use limpid::wasi::tape::{Player, Recorder};
use limpid::wasi::{DirPerms, FilePerms, WasiCtxBuilder};
use limpid::{Config, Dispatch, Engine, Module, Result, Translation};
use std::cell::OnceCell;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Descriptors a guest may have open at a time.
const OPEN_FILES: usize = 1024;

/// What all verbs take that run a guest.
#[derive(Args, Debug)]
pub struct RunFlags {
    #[command(flatten)]
    wasm: WasmFlags,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    wasi: WasiFlags,
    /// Call this exported function, with the words after FILE as arguments
    #[arg(long, value_name = "NAME")]
    invoke: Option<String>,
    /// Instantiate another module first, under the name it is imported by
    #[arg(long, value_name = "NAME=FILE")]
    preload: Vec<String>,
    /// Give the guest this file as standard input
    #[arg(long, value_name = "FILE", help_heading = GRANTS)]
    stdin: Option<PathBuf>,
    /// The guest's argv[0]
    #[arg(long, value_name = "NAME", help_heading = GRANTS)]
    argv0: Option<String>,
    #[command(flatten)]
    monitor: MonitorFlags,
    /// Write to this file how the run ended and what it used, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// What records the calls of WASI, or answers them
    #[arg(skip)]
    tape: OnceCell<Tape>,
    /// How threads take turns
    #[arg(skip)]
    schedule: OnceCell<Schedule>,
    /// The module, then the guest's arguments
    #[arg(value_name = "FILE", required = true, trailing_var_arg = true)]
    words: Vec<OsString>,
}

/// What records the calls of WASI, or answers them.
#[derive(Clone, Debug)]
enum Tape {
    Record(Recorder),
    Replay(Player),
}

impl RunFlags {
    /// Runs the guest; a watcher sees each instruction, which makes the run slow. When standard
    /// output is taken, what the guest writes there goes to standard error.
    ///
    /// # Errors
    /// As [`Run::carry_out`].
    pub fn execute(
        &self,
        given: &LayeredSettings,
        watcher: Option<&mut dyn Watcher>,
        taken: bool,
    ) -> Result<(), Failure> {
        if let (Some(report), Some(file)) = (self.report(given), self.words.first()) {
            report::begin(report, Path::new(file))?;
        }
        report::end(self.go(given, watcher, taken))
    }

    fn report<'s>(&'s self, given: &'s LayeredSettings) -> Option<&'s Path> {
        let report = self.report.as_deref();
        report.or(given.text("run.report").map(Path::new))
    }

    fn stdin<'s>(&'s self, given: &'s LayeredSettings) -> Option<&'s Path> {
        let stdin = self.stdin.as_deref();
        stdin.or(given.text("run.stdin").map(Path::new))
    }

    /// Names and paths of the modules that are instantiated first.
    pub fn preloads<'s>(
        &'s self,
        given: &'s LayeredSettings,
    ) -> impl Iterator<Item = Result<(&'s str, &'s Path), Failure>> {
        let all = given.texts("run.preload").iter().chain(&self.preload);
        all.map(|preload| {
            let shown = || display::name(preload);
            let (name, path) = preload.split_once('=').ok_or_else(|| {
                Failure::usage(format!("`--preload {}`: give NAME=FILE", shown()))
            })?;
            let path = Path::new(path);
            paths::not_empty(&format!("--preload {}", shown()), path)?;
            Ok((name, path))
        })
    }

    /// Checks that no file which a run reads is overwritten by its report or by `output`, where
    /// there is one. Nothing has been written before.
    ///
    /// # Errors
    /// When one would be, or a path is empty, as a fault of usage.
    pub fn check_files(
        &self,
        given: &LayeredSettings,
        output: Option<&Path>,
    ) -> Result<(), Failure> {
        let mut outputs = Vec::new();
        if let Some(output) = output {
            paths::not_empty("--output", output)?;
            outputs.push(Named::new("--output", output));
        }
        outputs.extend(self.report(given).map(|path| Named::new("--report", path)));
        outputs.extend(self.monitor.output());
        let mut inputs = Vec::new();
        let file = self.words.first().filter(|file| *file != paths::STDIN);
        inputs.extend(file.map(|file| Named::new("the module that runs", file)));
        for preload in self.preloads(given) {
            let (name, path) = preload?;
            let what = format!("the module of --preload {}", display::name(name));
            inputs.push(Named::new(what, path));
        }
        let stdin = self.stdin(given);
        inputs.extend(stdin.map(|path| Named::new("the file of --stdin", path)));
        let settings = given.file();
        inputs.extend(settings.map(|path| Named::new("the file of settings", path)));
        paths::distinct(&outputs, &inputs)
    }

    fn go(
        &self,
        given: &LayeredSettings,
        watcher: Option<&mut dyn Watcher>,
        taken: bool,
    ) -> Result<(), Failure> {
        let streams = match taken {
            true => Streams::Error,
            false => Streams::Own,
        };
        let monitor = self.monitor.probe(given)?;
        let is_watched = watcher.is_some() || monitor.is_some();
        let mut made = self.make(given, is_watched, &streams)?;
        let is_watched = made.is_stepped;
        signals::end_on_signals();
        if let Some(timeout) = made.settings.timeout {
            trap::end_after(&made.engine, timeout);
        }
        made.guest.results_are_notes = watcher.as_ref().is_some_and(|it| it.takes_results());
        let preloads = self.load_preloads(given, &made.engine)?;
        let watching = match watcher {
            Some(watcher) => Some(self.begin(watcher, &made, &preloads)?),
            None => None,
        };
        if is_watched {
            let probe = watch::both(watching, monitor).unwrap_or(Box::new(Counted));
            let set = made.guest.store.set_probe(probe);
            set.map_err(|error| Failure::failed(told(&error)))?;
        }
        made.link(preloads)?;
        let Made {
            guest,
            module,
            source,
            threads,
            ..
        } = &mut made;
        let args = self.args();
        let ran = match is_watched && *threads {
            true => guest.run_in_turns(module, self.invoked(), args, self.schedule()),
            false => guest
                .instantiate(module)
                .and_then(|instance| match self.invoked() {
                    Some(name) => guest.invoke(module, instance, name, args),
                    None => guest.start(module, instance, source),
                }),
        };
        if let (Some(fuel), Ok(left)) = (made.settings.fuel, made.guest.store.get_fuel()) {
            report::fuel_used(fuel.saturating_sub(left));
        }
        if is_watched {
            report::stepped(made.guest.store.watched_time());
        }
        ran
    }

    /// Tells a watcher of the run to come.
    fn begin(
        &self,
        watcher: &mut dyn Watcher,
        made: &Made,
        preloads: &[(Preloaded, Source)],
    ) -> Result<Box<dyn Probe>, Failure> {
        let mut modules: Vec<Loaded<'_>> = preloads.iter().map(Loaded::from).collect();
        modules.push(Loaded {
            module: &made.module,
            bytes: &made.source.bytes,
        });
        watcher.begin(&Begun {
            modules: &modules,
            features: *made.settings.config.features(),
            invoke: self.invoke.as_deref(),
            args: self.args(),
        })
    }

    /// Records the calls of WASI of the run to come.
    pub fn record(&self, recorder: Recorder) {
        self.tape.get_or_init(|| Tape::Record(recorder));
    }

    /// Answers the calls of WASI of the run to come from a recording.
    pub fn replay(&self, player: Player) {
        self.tape.get_or_init(|| Tape::Replay(player));
    }

    /// Takes the module from another file.
    pub fn set_module(&mut self, path: &Path) {
        if let Some(file) = self.words.first_mut() {
            *file = path.into();
        }
    }

    /// Says how threads take turns where they do.
    pub fn set_schedule(&self, schedule: impl Into<Schedule>) {
        self.schedule.get_or_init(|| schedule.into());
    }

    /// How threads take turns.
    pub(super) fn schedule(&self) -> Schedule {
        self.schedule.get().copied().unwrap_or_default()
    }

    /// Refuses what cannot be recorded.
    ///
    /// # Errors
    /// As a fault of usage.
    pub fn check_recorded(&self) -> Result<(), Failure> {
        if self.module_path() == Path::new(paths::STDIN) {
            let text = "a module from standard input cannot be recorded";
            return Err(Failure::usage(text).hint("give its file"));
        }
        Ok(())
    }

    /// The path of the module.
    pub fn module_path(&self) -> &Path {
        self.words.first().map_or(Path::new(""), Path::new)
    }

    /// The words after the module.
    pub fn args(&self) -> &[OsString] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The function to call, where one is named.
    pub fn invoked(&self) -> Option<&str> {
        self.invoke.as_deref()
    }

    /// Refuses the flags that have no meaning for a run that somebody steps through.
    pub(super) fn check_stepped(&self) -> Result<(), Failure> {
        let given = [
            ("--report", self.report.is_some()),
            ("--monitor", self.monitor.is_given()),
            ("--timeout", self.limits.has_timeout()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(Failure::usage(format!("`step` does not take `{flag}`"))),
            None => Ok(()),
        }
    }

    /// Makes the store that a guest runs in, and loads its module.
    pub(super) fn make(
        &self,
        given: &LayeredSettings,
        is_watched: bool,
        streams: &Streams,
    ) -> Result<Made, Failure> {
        let granted = self.wasi.options(given)?;
        // Threads take turns where the run is to be done again.
        let is_stepped = is_watched || (granted.threads && self.tape.get().is_some());
        let mut settings = self.wasm.options(given)?;
        self.limits.apply(&mut settings)?;
        if is_stepped {
            step(&mut settings.config);
        }
        settings
            .config
            .wasm_backtrace_max_frames(NonZeroUsize::new(frames::FRAMES));
        if granted.threads {
            // What ends one thread ends the others by this.
            settings.config.epoch_interruption(true);
            // Memories that threads share are no store's own.
            if let Some(bytes) = settings.max_memory_size {
                settings.config.max_memory_size(bytes);
            }
        }
        let engine = settings.engine()?;
        let Some(file) = self.words.first() else {
            unreachable!("the grammar asks for a file");
        };
        let source = Source::to_run(Path::new(file))?;
        let module = load_module(&source, &engine)?;
        let wasi = self.wasi(given, &granted, &source, streams)?;
        let guest = Guest::new(&engine, &settings, wasi)?;
        Ok(Made {
            guest,
            engine,
            module,
            source,
            settings,
            threads: granted.threads,
            is_stepped,
        })
    }

    /// What the guest is granted: the streams of this process, and what flags name.
    fn wasi(
        &self,
        given: &LayeredSettings,
        granted: &WasiOptions,
        source: &Source,
        streams: &Streams,
    ) -> Result<WasiP1Ctx, Failure> {
        let mut builder = WasiCtxBuilder::new();
        builder.max_open_files(OPEN_FILES);
        let argv0 = self.argv0.as_deref().or(given.text("run.argv0"));
        builder.arg(argv0.map_or_else(|| source.file_name(), str::to_owned));
        for arg in self.args() {
            let arg = arg.to_str().ok_or_else(|| {
                let shown = display::name(&arg.to_string_lossy()).into_owned();
                Failure::usage(format!("the argument `{shown}` is not UTF-8"))
            })?;
            builder.arg(arg);
        }
        if let Some(Tape::Replay(player)) = self.tape.get() {
            // Nothing is granted: every call is answered.
            streams.give(&mut builder);
            builder.replay(player.clone());
            return Ok(builder.build_p1());
        }
        self.grant(given, granted, streams, &mut builder)?;
        let is_kept = matches!(streams, Streams::Kept(..));
        if !is_kept && self.monitor.kind(given)? == Some(Monitor::Wasi) {
            builder.monitor(|line| screen::note(line));
        }
        if let Some(Tape::Record(recorder)) = self.tape.get() {
            builder.record(recorder.clone());
        }
        Ok(builder.build_p1())
    }

    /// Grants what flags name.
    fn grant(
        &self,
        given: &LayeredSettings,
        granted: &WasiOptions,
        streams: &Streams,
        builder: &mut WasiCtxBuilder,
    ) -> Result<(), Failure> {
        if granted.inherit_env {
            builder.inherit_env();
        }
        for variable in self.wasi.env(given) {
            let (name, value) = variable?;
            builder.env(name, value);
        }
        for dir in self.wasi.dirs(given) {
            grant(builder, &dir?)?;
        }
        if granted.listenfd {
            streams::grant_sockets(builder)?;
        }
        match self.stdin(given) {
            Some(path) => {
                builder.stdin(streams::input(path)?);
            }
            None if granted.inherit_stdin && !matches!(streams, Streams::Kept(..)) => {
                builder.inherit_stdin();
            }
            None => {
                if let Streams::Kept(_, input) = streams {
                    builder.stdin(input.clone());
                }
            }
        }
        streams.give(builder);
        Ok(())
    }

    /// Loads the modules that are instantiated first.
    pub(super) fn load_preloads(
        &self,
        given: &LayeredSettings,
        engine: &Engine,
    ) -> Result<Vec<(Preloaded, Source)>, Failure> {
        let load = |preload| {
            let (name, path): (&str, &Path) = preload?;
            let source = Source::to_run(path)?;
            let preloaded = Preloaded {
                name: name.to_owned(),
                shown: source.shown(),
                module: load_module(&source, engine)?,
            };
            Ok((preloaded, source))
        };
        self.preloads(given).map(load).collect()
    }
}

/// One operation for each instruction, and each comes back to be looked at.
fn step(config: &mut Config) {
    config
        .translation(Translation::Faithful)
        .dispatch(Dispatch::Stepped);
}

fn grant(builder: &mut WasiCtxBuilder, dir: &GrantedDir<'_>) -> Result<(), Failure> {
    let (dirs, files) = match dir.read_only {
        true => (DirPerms::READ, FilePerms::READ),
        false => (DirPerms::all(), FilePerms::all()),
    };
    let granted = builder.preopened_dir(dir.host, dir.guest, dirs, files);
    granted.map(drop).map_err(|error| {
        let host = display::name(dir.host);
        Failure::failed(format!("--dir {host}: {error}"))
    })
}

/// Where the guest's output goes.
pub(super) enum Streams {
    /// To the streams of this process.
    Own,
    /// All of it to standard error.
    Error,
    /// It is kept; the guest reads what the user gives, and nothing of this process's input.
    Kept(Output, Input),
}

impl Streams {
    fn give(&self, builder: &mut WasiCtxBuilder) {
        let error = || Watched::new(limpid::wasi::stderr(), Target::Err);
        match self {
            Streams::Own => {
                builder.stdout(Watched::new(limpid::wasi::stdout(), Target::Out));
                builder.stderr(error());
            }
            Streams::Error => {
                builder.stdout(error());
                builder.stderr(error());
            }
            Streams::Kept(output, _) => {
                builder.stdout(output.stdout());
                builder.stderr(output.stderr());
            }
        }
    }
}

/// A store, and the module that is to run in it.
pub(super) struct Made {
    pub guest: Guest,
    pub engine: Engine,
    pub module: Module,
    pub source: Source,
    pub settings: EngineOptions,
    /// Whether the guest may spawn threads.
    pub threads: bool,
    /// Whether each instruction is looked at; threads take turns then.
    pub is_stepped: bool,
}

impl Made {
    /// Defines what the module imports.
    pub fn link(&mut self, preloads: Vec<(Preloaded, Source)>) -> Result<(), Failure> {
        let guest = &mut self.guest;
        guest.instantiate_preloads(preloads)?;
        guest.define_unknown(&self.module, &self.settings)?;
        if self.threads {
            guest.let_spawn(&self.module, &self.settings)?;
        }
        Ok(())
    }
}
