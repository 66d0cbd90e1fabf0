//! A store with what a guest imports: instantiation, calls, and what their errors mean for the
//! process.

use super::super::link::{self, Importer, Preloaded};
use super::super::outcome::Failure;
use super::super::source::Source;
use super::super::suggest::suggest;
use super::super::wasm_options::EngineOptions;
use super::super::wording::told;
use super::super::{cause, frames, listing, report, results, screen, trap, values};
use super::host::{Host, Limits};
use limpid::observe::machine::{Ended, Schedule};
use limpid::observe::{Machine, display};
use limpid::wasi::p0;
use limpid::wasi::p1::{self, WasiP1Ctx};
use limpid::wasi::{I32Exit, WasiThreads};
use limpid::{
    Engine, Error, Extern, Func, Instance, Linker, Module, Store, UnknownImportError, Val,
};
use std::ffi::OsString;
use std::time::Duration;

/// The context of WASI. One function for both versions, so that theirs are compiled once.
fn wasi(host: &mut Host) -> &mut WasiP1Ctx {
    &mut host.wasi
}

/// A store with what a guest imports.
pub struct Guest {
    pub store: Store<Host>,
    pub linker: Linker<Host>,
    pub threads: Option<WasiThreads<Host>>,
    pub preloaded: Vec<Preloaded>,
    timeout: Option<Duration>,
    /// Whether results of a call go to standard error.
    pub results_are_notes: bool,
}

impl Guest {
    pub fn new(
        engine: &Engine,
        settings: &EngineOptions,
        wasi: WasiP1Ctx,
    ) -> Result<Guest, Failure> {
        let failed = |error: Error| Failure::failed(told(&error));
        let limits = Limits::new(settings.limits());
        let mut store = Store::new(engine, Host { wasi, limits });
        store.limiter(|host| &mut host.limits);
        if let Some(fuel) = settings.fuel {
            store.set_fuel(fuel).map_err(failed)?;
        }
        store.set_epoch_deadline(1);
        let mut linker = Linker::new(engine);
        // A module given with --preload may stand in for WASI.
        linker.allow_shadowing(true);
        p0::add_to_linker(&mut linker, self::wasi).map_err(failed)?;
        linker.allow_unknown_exports(settings.unknown_exports);
        p1::add_to_linker(&mut linker, self::wasi).map_err(failed)?;
        Ok(Guest {
            store,
            linker,
            threads: None,
            preloaded: Vec::new(),
            timeout: settings.timeout,
            results_are_notes: false,
        })
    }

    /// Instantiates the modules that the program's may import from.
    pub fn instantiate_preloads(
        &mut self,
        preloads: Vec<(Preloaded, Source)>,
    ) -> Result<(), Failure> {
        for (given, _) in preloads {
            let linked = self
                .linker
                .module(&mut self.store, &given.name, &given.module);
            if let Err(error) = linked.map(drop) {
                return Err(given.failed(&error, || self.ended(&error)));
            }
            self.preloaded.push(given);
        }
        Ok(())
    }

    /// Defines what the module imports and nothing else defines, where options ask for that.
    pub fn define_unknown(
        &mut self,
        module: &Module,
        settings: &EngineOptions,
    ) -> Result<(), Failure> {
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
    pub fn let_spawn(&mut self, module: &Module, settings: &EngineOptions) -> Result<(), Failure> {
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

    /// Instantiates a module and runs its start function.
    pub fn instantiate(&mut self, module: &Module) -> Result<Instance, Failure> {
        let instance = self.linker.instantiate(&mut self.store, module);
        instance.map_err(|error| self.not_instantiated(&error))
    }

    /// Instantiates a module, all but its start function, which is returned.
    pub fn instantiate_unstarted(
        &mut self,
        module: &Module,
    ) -> Result<(Instance, Option<Func>), Failure> {
        let made = self.linker.instantiate_unstarted(&mut self.store, module);
        made.map_err(|error| self.not_instantiated(&error))
    }

    fn not_instantiated(&self, error: &Error) -> Failure {
        match error.downcast_ref::<UnknownImportError>() {
            Some(missing) => link::unknown_imports(missing, &self.preloaded, Importer::Program),
            None => self.ended(error),
        }
    }

    /// The calls of a run, the start function of the instance first: `_initialize` and the function
    /// that is invoked, or what a command begins with.
    pub fn calls(
        &mut self,
        module: &Module,
        (instance, start): (Instance, Option<Func>),
        invoked: Option<&str>,
        args: &[OsString],
    ) -> Result<Vec<(Func, Vec<Val>)>, Failure> {
        let mut named = |name: &str| {
            let func = instance.get_func(&mut self.store, name)?;
            Some((func, Vec::new()))
        };
        let mut calls = Vec::from_iter(start.map(|start| (start, Vec::new())));
        match invoked {
            Some(name) => {
                calls.extend(named("_initialize"));
                calls.push(self.invocation(module, instance, name, args)?);
            }
            None => match named("_start").or_else(|| named("")) {
                Some(start) => calls.push(start),
                None => calls.extend(named("_initialize")),
            },
        }
        Ok(calls)
    }

    /// Runs a command, or the function that is invoked, in a store with a probe; threads take
    /// turns.
    pub fn run_in_turns(
        &mut self,
        module: &Module,
        invoked: Option<&str>,
        args: &[OsString],
        schedule: Schedule,
    ) -> Result<(), Failure> {
        let made = self.instantiate_unstarted(module)?;
        let calls = self.calls(module, made, invoked, args)?;
        // The machine has the store meanwhile.
        let empty = Store::new(self.store.engine(), self.store.data().clone());
        let store = std::mem::replace(&mut self.store, empty);
        let failed = |error: Error| Failure::failed(told(&error));
        let mut machine = Machine::without_history(store, calls).map_err(failed)?;
        machine.set_schedule(schedule);
        let went = machine.resume();
        let end = machine.take_end();
        self.store = machine.into_store();
        went.map_err(failed)?;
        match end {
            Some(Ended::Failed(error)) => Err(self.ended(&error)),
            Some(Ended::Returned(results)) if invoked.is_some() => {
                self.show(&results);
                Ok(())
            }
            Some(Ended::Returned(_)) | None => Ok(()),
        }
    }

    /// Runs a command, or readies a library.
    pub fn start(
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
    pub fn invoke(
        &mut self,
        module: &Module,
        instance: Instance,
        name: &str,
        args: &[OsString],
    ) -> Result<(), Failure> {
        let (func, params) = self.invocation(module, instance, name, args)?;
        self.initialize(instance)?;
        let results = self.call(func, name, &params)?;
        self.show(&results);
        Ok(())
    }

    /// Prints the results of a call.
    fn show(&self, results: &[Val]) {
        let texts = results.iter().map(values::show);
        if self.results_are_notes {
            texts.for_each(screen::note);
            return;
        }
        let mut lines = results::Results::new();
        texts.for_each(|text| lines.line(text));
    }

    /// An exported function, and the words that are its arguments as values.
    ///
    /// # Errors
    /// When there is no such function, or the words are no arguments for it.
    pub fn invocation(
        &mut self,
        module: &Module,
        instance: Instance,
        name: &str,
        args: &[OsString],
    ) -> Result<(Func, Vec<Val>), Failure> {
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
        Ok((func, params))
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

    pub fn export(
        &mut self,
        module: &Module,
        instance: Instance,
        name: &str,
    ) -> Result<Func, Failure> {
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
    pub fn ended(&self, error: &Error) -> Failure {
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
