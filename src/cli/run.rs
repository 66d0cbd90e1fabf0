//! `limpid run`: runs a command, or one function of a module.

use super::failure::{FAILED, Failure};
use super::flags::{GrantedDir, LimitFlags, Settings, WasiFlags, WasiSettings, WasmFlags};
use super::load::Source;
use super::suggest::suggest;
use super::{listing, screen, streams, trap, values};
use clap::Args;
use limpid::exec::probe::Probe;
use limpid::observe::escape;
use limpid::wasi::p1::{self, WasiP1Ctx};
use limpid::wasi::{DirPerms, FilePerms, I32Exit, WasiCtxBuilder, WasiThreads};
use limpid::{
    Config, Dispatch, Engine, Error, Extern, Func, Instance, Linker, Module, Store, StoreLimits,
    Translation, UnknownImportError, Val,
};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Descriptors a guest may have open at a time.
const OPEN_FILES: usize = 1024;

/// The verb.
#[derive(Args, Debug)]
pub struct Run {
    #[command(flatten)]
    flags: RunFlags,
}

impl Run {
    /// Runs.
    ///
    /// # Errors
    /// When the module cannot be loaded or linked, traps, or exits with another code than 0.
    pub fn carry_out(&self) -> Result<(), Failure> {
        self.flags.execute(None, false)
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
    /// What the guest hears as its own name
    #[arg(long, value_name = "NAME")]
    argv0: Option<String>,
    /// Give the guest this file as standard input
    #[arg(long, value_name = "FILE")]
    stdin: Option<PathBuf>,
    /// Instantiate another module first, under the name it is imported by
    #[arg(long, value_name = "NAME=FILE")]
    preload: Vec<String>,
    /// The module, then the words that are for the guest
    #[arg(value_name = "FILE", required = true, trailing_var_arg = true)]
    words: Vec<OsString>,
}

/// The embedder's data; of a thread, its own limits beside the WASI of all.
#[derive(Clone)]
struct Host {
    wasi: WasiP1Ctx,
    limits: StoreLimits,
}

impl RunFlags {
    /// Runs the guest; a probe sees each instruction, which makes the run slow. When standard
    /// output is taken, what the guest writes there goes to standard error.
    ///
    /// # Errors
    /// As [`Run::carry_out`].
    pub fn execute(&self, probe: Option<Box<dyn Probe>>, taken: bool) -> Result<(), Failure> {
        let mut settings = self.wasm.settings()?;
        self.limits.apply(&mut settings)?;
        if probe.is_some() {
            stepped(&mut settings.config);
        }
        settings
            .config
            .wasm_backtrace_max_frames(NonZeroUsize::new(trap::FRAMES));
        let granted = self.wasi.settings()?;
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
        let source = Source::read(Path::new(file))?;
        let module = source.module(&engine)?;
        let wasi = self.wasi(&granted, &source, args, taken)?;
        let mut guest = Guest::new(&engine, &settings, wasi)?;
        if let Some(probe) = probe {
            let set = guest.store.set_probe(probe);
            set.map_err(|error| Failure::failed(format!("{error:#}")))?;
        }
        streams::end_on_interrupt();
        if let Some(timeout) = settings.timeout {
            trap::end_after(&engine, timeout);
        }
        self.preload(&mut guest, &engine)?;
        if granted.threads {
            guest.let_spawn(&module, &settings)?;
        }
        let instance = guest.instantiate(&module)?;
        match &self.invoke {
            Some(name) => guest.invoke(&module, instance, name, args),
            None => guest.start(&module, instance, &source),
        }
    }

    /// What the guest is granted: the streams of this process, and what flags name.
    fn wasi(
        &self,
        granted: &WasiSettings,
        source: &Source,
        args: &[OsString],
        taken: bool,
    ) -> Result<WasiP1Ctx, Failure> {
        let mut builder = WasiCtxBuilder::new();
        builder.max_open_files(OPEN_FILES);
        builder.arg(self.argv0.clone().unwrap_or_else(|| source.file_name()));
        for arg in args {
            let arg = arg.to_str().ok_or_else(|| {
                let shown = escape::name(&arg.to_string_lossy()).into_owned();
                Failure::usage(format!("the argument `{shown}` is not UTF-8"))
            })?;
            builder.arg(arg);
        }
        if granted.inherit_env {
            builder.inherit_env();
        }
        for (name, value) in self.wasi.env() {
            match value {
                Some(value) => builder.env(name, value),
                None => builder.env(name, own_variable(name)?),
            };
        }
        for dir in self.wasi.dirs() {
            grant(&mut builder, &dir?)?;
        }
        if granted.listenfd {
            streams::grant_sockets(&mut builder)?;
        }
        match &self.stdin {
            Some(path) => {
                builder.stdin(streams::Input::open(path)?);
            }
            None if granted.inherit_stdin => {
                builder.inherit_stdin();
            }
            None => {}
        }
        match taken {
            true => builder.stdout(streams::Output::new(limpid::wasi::stderr())),
            false => builder.stdout(streams::Output::new(limpid::wasi::stdout())),
        };
        builder.stderr(streams::Output::new(limpid::wasi::stderr()));
        Ok(builder.build_p1())
    }

    fn preload(&self, guest: &mut Guest, engine: &Engine) -> Result<(), Failure> {
        for preload in &self.preload {
            let (name, path) = preload.split_once('=').ok_or_else(|| {
                let shown = escape::name(preload);
                Failure::usage(format!("`--preload {shown}`: give NAME=FILE"))
            })?;
            let module = Source::read(Path::new(path))?.module(engine)?;
            let linked = guest.linker.module(&mut guest.store, name, &module);
            linked.map(drop).map_err(|error| guest.ended(&error))?;
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
        let host = escape::name(dir.host);
        Failure::failed(format!("--dir {host}: {error}"))
    })
}

fn own_variable(name: &str) -> Result<String, Failure> {
    std::env::var(name).map_err(|error| {
        let name = escape::name(name);
        Failure::usage(format!("`--env {name}`: {error}")).hint(format!("--env {name}=VALUE"))
    })
}

/// A store with what a guest imports.
struct Guest {
    store: Store<Host>,
    linker: Linker<Host>,
    threads: Option<WasiThreads<Host>>,
    timeout: Option<Duration>,
}

impl Guest {
    fn new(engine: &Engine, settings: &Settings, wasi: WasiP1Ctx) -> Result<Guest, Failure> {
        let failed = |error: Error| Failure::failed(format!("{error:#}"));
        let limits = settings.limits();
        let mut store = Store::new(engine, Host { wasi, limits });
        store.limiter(|host| &mut host.limits);
        if let Some(fuel) = settings.fuel {
            store.set_fuel(fuel).map_err(failed)?;
        }
        store.set_epoch_deadline(1);
        let mut linker = Linker::new(engine);
        // A module given with --preload may stand in for WASI.
        linker.allow_shadowing(true);
        p1::add_to_linker(&mut linker, |host: &mut Host| &mut host.wasi).map_err(failed)?;
        Ok(Guest {
            store,
            linker,
            threads: None,
            timeout: settings.timeout,
        })
    }

    /// Lets the guest spawn threads, each with limits and fuel as the main one.
    fn let_spawn(&mut self, module: &Module, settings: &Settings) -> Result<(), Failure> {
        let threads = WasiThreads::add_to_linker(&mut self.linker, &self.store, module);
        let threads =
            threads.map_err(|error| match error.downcast_ref::<UnknownImportError>() {
                Some(missing) => unknown_import(missing, module),
                None => Failure::failed(format!("{error:#}")),
            })?;
        let fuel = settings.fuel;
        let threads = threads
            .max_threads(settings.max_threads)
            .on_store(move |store| {
                store.limiter(|host| &mut host.limits);
                fuel.map_or(Ok(()), |fuel| store.set_fuel(fuel))
            });
        self.threads = Some(threads);
        Ok(())
    }

    fn instantiate(&mut self, module: &Module) -> Result<Instance, Failure> {
        let instance = self.linker.instantiate(&mut self.store, module);
        instance.map_err(|error| match error.downcast_ref::<UnknownImportError>() {
            Some(missing) => unknown_import(missing, module),
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
        let shown = escape::name(name);
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
        let mut lines = screen::Results::new();
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
        let shown = escape::name(name);
        match instance.get_export(&mut self.store, name) {
            Some(Extern::Func(func)) => Ok(func),
            Some(other) => {
                let ty = listing::extern_type(&other.ty(&self.store));
                Err(
                    Failure::failed(format!("export `{shown}` is no function: {ty}"))
                        .details(listing::exported_functions(module)),
                )
            }
            None => {
                let failure = Failure::failed(format!("no export is called `{shown}`"))
                    .details(listing::exported_functions(module));
                let names: Vec<&str> = module.exports().map(|export| export.name()).collect();
                match suggest(name, names) {
                    Some(meant) => {
                        Err(failure.hint(format!("did you mean `{}`?", escape::name(meant))))
                    }
                    None => Err(failure),
                }
            }
        }
    }

    fn call(&mut self, func: Func, name: &str, params: &[Val]) -> Result<Vec<Val>, Failure> {
        let ty = func.ty(&self.store);
        if ty.params().len() != params.len() {
            let name = escape::name(name);
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
            return match exit.process_exit_code() {
                Some(code) => Failure::silent(code),
                None => Failure::new(
                    FAILED,
                    format!(
                        "the guest exited with {}, which is no status below 126",
                        exit.0
                    ),
                ),
            };
        }
        if let Some(failure) = trap::failure(error, self.timeout) {
            return failure;
        }
        let told = escape::lines(&format!("{error:#}"));
        Failure::failed(told).details(trap::backtrace(error))
    }
}

/// An import that nothing has, and what may help.
fn unknown_import(missing: &UnknownImportError, module: &Module) -> Failure {
    let (from, name) = (escape::name(missing.module()), escape::name(missing.name()));
    let ty = listing::extern_type(&missing.ty());
    let failure = Failure::failed(format!("unknown import: `{from}::{name}` {ty}"));
    if let Err(unstable) = p1::check_imports(module) {
        return Failure::failed(unstable);
    }
    let mut imports = module.imports();
    if imports.any(|import| (import.module(), import.name()) == ("wasi", "thread-spawn")) {
        return failure.hint("-S threads lets it spawn threads");
    }
    match missing.module() {
        p1::MODULE => failure.hint("no function of WASI has this name"),
        // Any other name can be given a module.
        _ => failure.hint(format!("--preload {from}=FILE gives it a module")),
    }
}
