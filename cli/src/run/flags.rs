//! What all verbs take that run a guest, and the run itself.

use super::super::flags::{GRANTS, GrantedDir, LimitFlags, WasiFlags, WasmFlags};
use super::super::link::Preloaded;
use super::super::load_module::load_module;
use super::super::midline::{Target, Watched};
use super::super::outcome::Failure;
use super::super::paths::Named;
use super::super::settings::LayeredSettings;
use super::super::source::Source;
use super::super::wasi_options::WasiOptions;
use super::super::wasm_options::EngineOptions;
use super::super::wording::told;
use super::super::{frames, paths, report, screen, signals, streams, trap};
use super::guest::Guest;
use super::output::Output;
use clap::{Args, ValueEnum};
use limpid::internals::exec::probe::Probe;
use limpid::observe::display;
use limpid::wasi::p1::WasiP1Ctx;
use limpid::wasi::{DirPerms, FilePerms, WasiCtxBuilder};
use limpid::{Config, Dispatch, Engine, Module, Result, Translation};
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
    /// Show calls on standard error as they return: `wasi`, those of WASI
    #[arg(long, value_name = "WHAT", hide_possible_values = true)]
    monitor: Option<Monitor>,
    /// Write to this file how the run ended and what it used, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The module, then the guest's arguments
    #[arg(value_name = "FILE", required = true, trailing_var_arg = true)]
    words: Vec<OsString>,
}

/// What can be watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Monitor {
    /// Calls of WASI
    Wasi,
}

impl RunFlags {
    /// Runs the guest; a probe sees each instruction, which makes the run slow. When standard
    /// output is taken, what the guest writes there goes to standard error.
    ///
    /// # Errors
    /// As [`Run::carry_out`].
    pub fn execute(
        &self,
        given: &LayeredSettings,
        probe: Option<Box<dyn Probe>>,
        taken: bool,
    ) -> Result<(), Failure> {
        if let (Some(report), Some(file)) = (self.report(given), self.words.first()) {
            report::begin(report, Path::new(file))?;
        }
        report::end(self.go(given, probe, taken))
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
    fn preloads<'s>(
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
        probe: Option<Box<dyn Probe>>,
        taken: bool,
    ) -> Result<(), Failure> {
        let streams = match taken {
            true => Streams::Error,
            false => Streams::Own,
        };
        let mut made = self.make(given, probe.is_some(), &streams)?;
        let guest = &mut made.guest;
        if let Some(probe) = probe {
            let set = guest.store.set_probe(probe);
            set.map_err(|error| Failure::failed(told(&error)))?;
        }
        signals::end_on_signals();
        if let Some(timeout) = made.settings.timeout {
            trap::end_after(&made.engine, timeout);
        }
        self.link(given, &mut made)?;
        let Made {
            guest,
            module,
            source,
            ..
        } = &mut made;
        let args = self.args();
        let ran = guest
            .instantiate(module)
            .and_then(|instance| match &self.invoke {
                Some(name) => guest.invoke(module, instance, name, args),
                None => guest.start(module, instance, source),
            });
        if let (Some(fuel), Ok(left)) = (made.settings.fuel, made.guest.store.get_fuel()) {
            report::fuel_used(fuel.saturating_sub(left));
        }
        ran
    }

    /// The path of the module.
    pub fn module_path(&self) -> &Path {
        self.words.first().map_or(Path::new(""), Path::new)
    }

    /// The words after the module.
    pub(super) fn args(&self) -> &[OsString] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The function to call, where one is named.
    pub(super) fn invoked(&self) -> Option<&str> {
        self.invoke.as_deref()
    }

    /// Refuses the flags that have no meaning for a run that somebody steps through.
    pub(super) fn check_stepped(&self) -> Result<(), Failure> {
        let given = [
            ("--report", self.report.is_some()),
            ("--monitor", self.monitor.is_some()),
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
        stepped: bool,
        streams: &Streams,
    ) -> Result<Made, Failure> {
        let mut settings = self.wasm.options(given)?;
        self.limits.apply(&mut settings)?;
        if stepped {
            step(&mut settings.config);
        }
        settings
            .config
            .wasm_backtrace_max_frames(NonZeroUsize::new(frames::FRAMES));
        let granted = self.wasi.options(given)?;
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
        })
    }

    /// Defines what the module imports.
    pub(super) fn link(&self, given: &LayeredSettings, made: &mut Made) -> Result<(), Failure> {
        let guest = &mut made.guest;
        self.preload(given, guest, &made.engine)?;
        guest.define_unknown(&made.module, &made.settings)?;
        if made.threads {
            guest.let_spawn(&made.module, &made.settings)?;
        }
        Ok(())
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
        if granted.inherit_env {
            builder.inherit_env();
        }
        for variable in self.wasi.env(given) {
            let (name, value) = variable?;
            builder.env(name, value);
        }
        for dir in self.wasi.dirs(given) {
            grant(&mut builder, &dir?)?;
        }
        if granted.listenfd {
            streams::grant_sockets(&mut builder)?;
        }
        match self.stdin(given) {
            Some(path) => {
                builder.stdin(streams::input(path)?);
            }
            None if granted.inherit_stdin && !matches!(streams, Streams::Kept(_)) => {
                builder.inherit_stdin();
            }
            None => {}
        }
        streams.give(&mut builder);
        match (self.monitor, given.text("run.monitor")) {
            _ if matches!(streams, Streams::Kept(_)) => {}
            (Some(Monitor::Wasi), _) | (None, Some("wasi")) => {
                builder.monitor(|line| screen::note(line));
            }
            (None, Some(other)) => {
                let shown = display::name(other);
                let text = format!("`{shown}` cannot be monitored");
                return Err(Failure::usage(text).hint("`wasi` can"));
            }
            (None, None) => {}
        }
        Ok(builder.build_p1())
    }

    fn preload(
        &self,
        given: &LayeredSettings,
        guest: &mut Guest,
        engine: &Engine,
    ) -> Result<(), Failure> {
        for preload in self.preloads(given) {
            let (name, path) = preload?;
            let source = Source::to_run(path)?;
            let given = Preloaded {
                name: name.to_owned(),
                shown: source.shown(),
                module: load_module(&source, engine)?,
            };
            let linked = guest.linker.module(&mut guest.store, name, &given.module);
            if let Err(error) = linked.map(drop) {
                return Err(given.failed(&error, || guest.ended(&error)));
            }
            guest.preloaded.push(given);
        }
        Ok(())
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
    /// It is kept; the guest reads nothing of this process's input.
    Kept(Output),
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
            Streams::Kept(output) => {
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
}
