//! `limpid run`: runs a command, or one function of a module.

use super::flags::{GRANTS, GrantedDir, LimitFlags, WasiFlags, WasmFlags};
use super::link::{Importer, Preloaded};
use super::load_module::load_module;
use super::midline::{Target, Watched};
use super::outcome::Failure;
use super::paths::Named;
use super::settings::LayeredSettings;
use super::source::Source;
use super::suggest::suggest;
use super::wasi_options::WasiOptions;
use super::wasm_options::EngineOptions;
use super::wording::told;
use super::{cause, frames, link, listing, paths, report, results, screen, signals};
use super::{streams, trap, values};
use clap::{Args, ValueEnum};
use limpid::internals::exec::probe::Probe;
use limpid::observe::display;
use limpid::wasi::p0;
use limpid::wasi::p1::{self, WasiP1Ctx};
use limpid::wasi::{DirPerms, FilePerms, I32Exit, WasiCtxBuilder, WasiThreads};
use limpid::{
    Config, Dispatch, Engine, Error, Extern, Func, Instance, Linker, Module, ResourceLimiter,
    Result, Store, StoreLimits, Translation, UnknownImportError, Val,
};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Descriptors a guest may have open at a time.
const OPEN_FILES: usize = 1024;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid prog.wasm a b                  run a command with two arguments\n\
\x20 limpid run --dir . prog.wasm          let it read and write files here\n\
\x20 limpid run --invoke add lib.wasm 2 3  call a function and print its results\n\
\x20 limpid run --timeout 2s prog.wasm     stop it after two seconds\n\
\x20 limpid run --monitor wasi prog.wasm   see what it asks of the system\n\
\n\
Exit codes: the guest's own; 1 when the module cannot be loaded or linked, 2 when the command\n\
line is wrong, 134 after a trap and when fuel or time is up; 129, 130 and 143 after the signals\n\
that hang up, interrupt and terminate.";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "limpid run [OPTIONS] <FILE> [ARGS]...")]
pub struct Run {
    #[command(flatten)]
    flags: RunFlags,
}

impl Run {
    /// Runs.
    ///
    /// # Errors
    /// When the module cannot be loaded or linked, traps, or exits with another code than 0.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        self.flags.check_files(given, None)?;
        self.flags.execute(given, None, false)
    }
}

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

/// The embedder's data; of a thread, its own limits beside the WASI of all.
#[derive(Clone)]
struct Host {
    wasi: WasiP1Ctx,
    limits: Limits,
}

/// Limits of a store, which count what memories grow by.
#[derive(Clone)]
struct Limits {
    given: StoreLimits,
    /// Bytes of the last growth that was allowed.
    last: i64,
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, now: usize, wanted: usize, most: Option<usize>) -> Result<bool> {
        let allowed = self.given.memory_growing(now, wanted, most)?;
        if allowed {
            self.last = wanted as i64 - now as i64;
            report::memory_grew(self.last);
        }
        Ok(allowed)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        report::memory_grew(-self.last);
        self.given.memory_grow_failed(error)
    }

    fn table_growing(&mut self, now: usize, wanted: usize, most: Option<usize>) -> Result<bool> {
        self.given.table_growing(now, wanted, most)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.given.table_grow_failed(error)
    }

    fn memory_size_limit(&self) -> Option<usize> {
        self.given.memory_size_limit()
    }

    fn table_size_limit(&self) -> Option<usize> {
        self.given.table_size_limit()
    }

    fn instances(&self) -> usize {
        self.given.instances()
    }

    fn memories(&self) -> usize {
        self.given.memories()
    }

    fn tables(&self) -> usize {
        self.given.tables()
    }
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
        let mut settings = self.wasm.options(given)?;
        self.limits.apply(&mut settings)?;
        if probe.is_some() {
            stepped(&mut settings.config);
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
        let Some((file, args)) = self.words.split_first() else {
            unreachable!("the grammar asks for a file");
        };
        let source = Source::to_run(Path::new(file))?;
        let module = load_module(&source, &engine)?;
        let wasi = self.wasi(given, &granted, &source, args, taken)?;
        let mut guest = Guest::new(&engine, &settings, wasi)?;
        if let Some(probe) = probe {
            let set = guest.store.set_probe(probe);
            set.map_err(|error| Failure::failed(told(&error)))?;
        }
        signals::end_on_signals();
        if let Some(timeout) = settings.timeout {
            trap::end_after(&engine, timeout);
        }
        self.preload(given, &mut guest, &engine)?;
        guest.define_unknown(&module, &settings)?;
        if granted.threads {
            guest.let_spawn(&module, &settings)?;
        }
        let ran = guest
            .instantiate(&module)
            .and_then(|instance| match &self.invoke {
                Some(name) => guest.invoke(&module, instance, name, args),
                None => guest.start(&module, instance, &source),
            });
        if let (Some(fuel), Ok(left)) = (settings.fuel, guest.store.get_fuel()) {
            report::fuel_used(fuel.saturating_sub(left));
        }
        ran
    }

    /// What the guest is granted: the streams of this process, and what flags name.
    fn wasi(
        &self,
        given: &LayeredSettings,
        granted: &WasiOptions,
        source: &Source,
        args: &[OsString],
        taken: bool,
    ) -> Result<WasiP1Ctx, Failure> {
        let mut builder = WasiCtxBuilder::new();
        builder.max_open_files(OPEN_FILES);
        let argv0 = self.argv0.as_deref().or(given.text("run.argv0"));
        builder.arg(argv0.map_or_else(|| source.file_name(), str::to_owned));
        for arg in args {
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
            None if granted.inherit_stdin => {
                builder.inherit_stdin();
            }
            None => {}
        }
        match taken {
            true => builder.stdout(Watched::new(limpid::wasi::stderr(), Target::Err)),
            false => builder.stdout(Watched::new(limpid::wasi::stdout(), Target::Out)),
        };
        builder.stderr(Watched::new(limpid::wasi::stderr(), Target::Err));
        match (self.monitor, given.text("run.monitor")) {
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
fn stepped(config: &mut Config) {
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

/// A store with what a guest imports.
struct Guest {
    store: Store<Host>,
    linker: Linker<Host>,
    threads: Option<WasiThreads<Host>>,
    preloaded: Vec<Preloaded>,
    timeout: Option<Duration>,
}

impl Guest {
    fn new(engine: &Engine, settings: &EngineOptions, wasi: WasiP1Ctx) -> Result<Guest, Failure> {
        let failed = |error: Error| Failure::failed(told(&error));
        let limits = Limits {
            given: settings.limits(),
            last: 0,
        };
        let mut store = Store::new(engine, Host { wasi, limits });
        store.limiter(|host| &mut host.limits);
        if let Some(fuel) = settings.fuel {
            store.set_fuel(fuel).map_err(failed)?;
        }
        store.set_epoch_deadline(1);
        let mut linker = Linker::new(engine);
        // A module given with --preload may stand in for WASI.
        linker.allow_shadowing(true);
        p0::add_to_linker(&mut linker, |host: &mut Host| &mut host.wasi).map_err(failed)?;
        linker.allow_unknown_exports(settings.unknown_exports);
        p1::add_to_linker(&mut linker, |host: &mut Host| &mut host.wasi).map_err(failed)?;
        Ok(Guest {
            store,
            linker,
            threads: None,
            preloaded: Vec::new(),
            timeout: settings.timeout,
        })
    }

    /// Defines what the module imports and nothing else defines, where options ask for that.
    fn define_unknown(&mut self, module: &Module, settings: &EngineOptions) -> Result<(), Failure> {
        let linker = &mut self.linker;
        let failed = |error: Error| Failure::failed(display::line(&told(&error)));
        if settings.unknown_imports_trap {
            let defined = linker.define_unknown_imports_as_traps(module);
            defined.map_err(failed)?;
        }
        if settings.unknown_imports_default {
            let defined = linker.define_unknown_imports_as_default_values(&mut self.store, module);
            defined.map_err(failed)?;
        }
        Ok(())
    }

    /// Lets the guest spawn threads, each with limits and fuel as the main one.
    fn let_spawn(&mut self, module: &Module, settings: &EngineOptions) -> Result<(), Failure> {
        let threads = WasiThreads::add_to_linker(&mut self.linker, &self.store, module);
        let threads =
            threads.map_err(|error| match error.downcast_ref::<UnknownImportError>() {
                Some(missing) => link::unknown_imports(missing, &self.preloaded, Importer::Program),
                None => Failure::failed(told(&error)),
            })?;
        let fuel = settings.fuel;
        let threads = threads
            .max_threads(settings.max_threads)
            .on_store(move |store| {
                store.limiter(|host| &mut host.limits);
                fuel.map_or(Ok(()), |fuel| store.set_fuel(fuel))
            })
            .on_end(move |store, _| {
                if let (Some(fuel), Ok(left)) = (fuel, store.get_fuel()) {
                    report::fuel_used(fuel.saturating_sub(left));
                }
            });
        self.threads = Some(threads);
        // Memories that threads share are no store's, and no limiter sees them.
        for import in module.imports() {
            let found = self.linker.get_by_import(&mut self.store, &import);
            if let Some(Extern::SharedMemory(memory)) = found {
                report::memory_grew(memory.data_size() as i64);
            }
        }
        Ok(())
    }

    fn instantiate(&mut self, module: &Module) -> Result<Instance, Failure> {
        let instance = self.linker.instantiate(&mut self.store, module);
        instance.map_err(|error| match error.downcast_ref::<UnknownImportError>() {
            Some(missing) => link::unknown_imports(missing, &self.preloaded, Importer::Program),
            None => self.ended(&error),
        })
    }

    /// Runs a command, or readies a library.
    fn start(
        &mut self,
        module: &Module,
        instance: Instance,
        source: &Source,
    ) -> Result<(), Failure> {
        let named = ["_start", ""].into_iter().find_map(|name| {
            let func = instance.get_func(&mut self.store, name)?;
            Some((name, func))
        });
        if let Some((name, func)) = named {
            return self.call(func, name, &[]).map(drop);
        }
        self.initialize(instance)?;
        screen::note(format_args!(
            "{}: instantiated; it has no `_start` to run, and --invoke NAME calls a function",
            source.shown()
        ));
        screen::note(listing::exported_functions(module));
        Ok(())
    }

    /// Calls one function and prints its results.
    fn invoke(
        &mut self,
        module: &Module,
        instance: Instance,
        name: &str,
        args: &[OsString],
    ) -> Result<(), Failure> {
        let func = self.export(module, instance, name)?;
        let ty = func.ty(&self.store);
        let shown = display::name(name);
        // Words that no parameter takes are arguments of the guest, which it has as any command.
        let args = if ty.params().len() == 0 { &[] } else { args };
        if ty.params().len() != args.len() {
            let (wanted, given) = (ty.params().len(), args.len());
            let text = format!("wrong number of arguments for `{shown}`: {given}, not {wanted}");
            return Err(Failure::usage(text).hint(format!("{shown} {ty}")));
        }
        let mut params = Vec::new();
        for (place, (ty, arg)) in ty.params().zip(args).enumerate() {
            let value = values::parse(&ty, &arg.to_string_lossy());
            params.push(value.map_err(|wrong| {
                Failure::usage(format!(
                    "argument {} of `{shown}`, {ty}: {wrong}",
                    place + 1
                ))
            })?);
        }
        self.initialize(instance)?;
        let results = self.call(func, name, &params)?;
        let mut lines = results::Results::new();
        for result in &results {
            lines.line(values::show(result));
        }
        Ok(())
    }

    /// A library is made ready before its functions are called.
    fn initialize(&mut self, instance: Instance) -> Result<(), Failure> {
        match instance.get_func(&mut self.store, "_initialize") {
            Some(func) => {
                let ran = func.call(&mut self.store, &[], &mut []);
                ran.map_err(|error| self.ended(&error))
            }
            None => Ok(()),
        }
    }

    fn export(&mut self, module: &Module, instance: Instance, name: &str) -> Result<Func, Failure> {
        let shown = display::name(name);
        match instance.get_export(&mut self.store, name) {
            Some(Extern::Func(func)) => Ok(func),
            Some(other) => {
                let ty = other.ty(&self.store);
                Err(
                    Failure::failed(format!("export `{shown}` is not a function: {ty}"))
                        .details(listing::exported_functions(module)),
                )
            }
            None => {
                let failure = Failure::failed(format!("no export named `{shown}`"))
                    .details(listing::exported_functions(module));
                let names: Vec<&str> = module.exports().map(|export| export.name()).collect();
                match suggest(name, names) {
                    Some(meant) => {
                        Err(failure.hint(format!("did you mean `{}`?", display::name(meant))))
                    }
                    None => Err(failure),
                }
            }
        }
    }

    fn call(&mut self, func: Func, name: &str, params: &[Val]) -> Result<Vec<Val>, Failure> {
        let ty = func.ty(&self.store);
        if ty.params().len() != params.len() {
            let name = display::name(name);
            return Err(Failure::failed(format!("`{name}` takes arguments: {ty}")));
        }
        let mut results = vec![Val::I32(0); ty.results().len()];
        let ran = func.call(&mut self.store, params, &mut results);
        let ran = match self.threads.take() {
            Some(threads) => threads.finish(ran),
            None => ran,
        };
        match ran {
            Ok(()) => Ok(results),
            Err(error) => Err(self.ended(&error)),
        }
    }

    /// What the error of a run means for the process.
    fn ended(&self, error: &Error) -> Failure {
        if let Some(exit) = error.downcast_ref::<I32Exit>() {
            let failure = match exit.process_exit_code() {
                Some(code) => Failure::silent(code),
                None => Failure::failed(format!(
                    "the guest exited with {}; exit codes must be below 126, so this process \
                     exits with 1 instead",
                    exit.0
                )),
            };
            return failure.because(cause::of(error));
        }
        if let Some(failure) = trap::failure(error, self.timeout) {
            return failure;
        }
        let failure = Failure::failed(display::lines(&told(error))).because(cause::of(error));
        failure.details(frames::backtrace(error))
    }
}
