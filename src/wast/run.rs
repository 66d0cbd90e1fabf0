//! The walk over the directives of a script.

use super::report::{Failure, Kind, Mismatch, Report};
use super::script::{Action, Command, Directive, Script, Source};
use super::setting::{Deadline, MakeProbe, Setting};
use super::threads::{self, Running, Shared};
use super::values::{Arg, Expected};
use super::{literal, phases, spectest};
use crate::api::{
    AsContextMut, Error, Extern, Features, Instance, Linker, Module, Result, RootScope, Store,
    StoreLimits, ThrownException, Trap, Val,
};
use crate::syntax::Count;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The data of stores.
pub(super) type Data = StoreLimits;

/// Runs a script.
pub fn run(script: &Script, setting: &Setting) -> Report {
    let deadline = setting.deadline();
    let watch = deadline.map(|deadline| deadline.watch(setting.engine()));
    match watch.transpose() {
        Ok(_watch) => threads::on_stack(setting.host_stack(), || {
            Run::start(setting, deadline, None, &script.directives)
        }),
        // Rather no directive at all than no limit.
        Err(message) => not_started(message),
    }
}

/// What a directive did not get.
type Outcome = Result<(), String>;

/// A scope that ends the references a directive makes.
type Scope<'a> = RootScope<&'a mut Store<Data>>;

/// A run of a script, or of a thread of one.
pub(super) struct Run {
    setting: Setting,
    deadline: Option<Deadline>,
    store: Store<Data>,
    known: Known,
    threads: BTreeMap<String, Running>,
    report: Report,
    /// Line and column of the directive.
    place: (u32, u32),
}

/// What directives can name.
struct Known {
    linker: Linker<Data>,
    modules: Names<Module>,
    instances: Names<Exports>,
}

/// Things by name, and the latest of them.
struct Names<T> {
    /// What they are.
    what: &'static str,
    /// What has been done to the latest.
    made: &'static str,
    named: BTreeMap<String, T>,
    latest: Option<T>,
    /// The line of a directive that failed to make the latest.
    failed: Option<u32>,
}

/// What can be named as an instance.
#[derive(Clone)]
enum Exports {
    Instance(Instance),
    /// What the parent of a thread shares of an instance of its own.
    Shared(Shared),
}

impl<T: Clone> Names<T> {
    fn new(what: &'static str, made: &'static str) -> Names<T> {
        Names {
            what,
            made,
            named: BTreeMap::new(),
            latest: None,
            failed: None,
        }
    }

    fn add(&mut self, name: Option<&String>, item: T) {
        if let Some(name) = name {
            self.named.insert(name.clone(), item.clone());
        }
        self.latest = Some(item);
        self.failed = None;
    }

    /// The directive in that line failed to make one: there is none of the name, and no latest.
    fn lose(&mut self, name: Option<&String>, line: u32) {
        if let Some(name) = name {
            self.named.remove(name);
        }
        self.latest = None;
        self.failed = Some(line);
    }

    fn get(&self, name: Option<&String>) -> Result<T> {
        let found = match name {
            Some(name) => self.named.get(name),
            None => self.latest.as_ref(),
        };
        let unknown = || {
            Error::msg(match (name, self.failed) {
                (Some(name), _) => format!("no {} is named ${name}", self.what),
                (None, Some(line)) => {
                    format!("the module of line {line}, which this directive is about, failed")
                }
                (None, None) => format!("no module has been {} before this directive", self.made),
            })
        };
        found.cloned().ok_or_else(unknown)
    }
}

impl Run {
    /// Runs directives in a new store.
    pub(super) fn start(
        setting: &Setting,
        deadline: Option<Deadline>,
        shared: Option<(String, Shared)>,
        directives: &[Directive],
    ) -> Report {
        let mut run = match Run::new(setting, deadline) {
            Ok(run) => run,
            Err(error) => {
                return not_started(format!("the module spectest cannot be made: {error:#}"));
            }
        };
        if let Some((name, memories)) = shared {
            run.known
                .instances
                .add(Some(&name), Exports::Shared(memories));
        }
        for (place, directive) in directives.iter().enumerate() {
            if let Some(deadline) = deadline.filter(Deadline::is_over) {
                run.out_of_time(&deadline, directive, directives.len() - place);
                break;
            }
            run.directive(directive);
        }
        for name in run.threads.keys().cloned().collect::<Vec<_>>() {
            // A thread that nobody waits for still has to get what it asks.
            let outcome = run.wait(&name);
            run.note(Kind::Thread, outcome);
        }
        run.report
    }

    fn new(setting: &Setting, deadline: Option<Deadline>) -> Result<Run> {
        let limits = setting.limits.clone();
        let mut store = Store::new(setting.engine(), limits.clone().unwrap_or_default());
        match setting.fuel {
            Some(units) => store.set_fuel(units)?,
            None => {
                // Refused where fuel is off. Where it is on, no script should need all of it.
                let _ = store.set_fuel(u64::MAX);
            }
        }
        if deadline.is_some() {
            store.set_epoch_deadline(1);
        }
        if let Some(MakeProbe(make)) = &setting.probe {
            store.set_probe(make())?;
        }
        let mut linker = Linker::new(setting.engine());
        linker.allow_shadowing(true);
        spectest::define(&mut linker, &mut store)?;
        if limits.is_some() {
            store.limiter(|limits| limits);
        }
        let modules = Names::new("module", "loaded");
        let instances = Names::new("module instance", "instantiated");
        Ok(Run {
            setting: setting.clone(),
            deadline,
            store,
            known: Known {
                linker,
                modules,
                instances,
            },
            threads: BTreeMap::new(),
            report: Report::default(),
            place: (1, 1),
        })
    }

    fn directive(&mut self, directive: &Directive) {
        self.place = (directive.line, directive.column);
        let command = &directive.command;
        let outcome = catch_unwind(AssertUnwindSafe(|| self.command(command)));
        let kind = command.kind();
        self.report.executed.count(kind);
        let panicked = |panic| Err(format!("panic: {}", panic_text(panic)));
        self.note(kind, outcome.unwrap_or_else(panicked));
    }

    /// Notes that directives from one on are not executed.
    fn out_of_time(&mut self, deadline: &Deadline, first: &Directive, count: usize) {
        self.place = (first.line, first.column);
        let timeout = deadline.timeout;
        let count = Count(count, "directive");
        let message = format!("timed out after {timeout:?}: {count} not executed");
        self.note(first.command.kind(), Err(message));
    }

    fn note(&mut self, kind: Kind, outcome: Outcome) {
        if let Err(message) = outcome {
            let (line, column) = self.place;
            self.report.failures.push(Failure {
                line,
                column,
                kind,
                message,
            });
        }
    }

    fn command(&mut self, command: &Command) -> Outcome {
        match command {
            Command::Module(name, source) => {
                let made = self.module(name.as_ref(), source);
                made.map_err(|error| self.no_instance(name.as_ref(), error))
            }
            Command::Definition(name, source) => self.load(name.as_ref(), source).map_err(shown),
            Command::Instance { instance, module } => {
                let module = self.known.modules.get(module.as_ref());
                let made = module.and_then(|module| self.instance(instance.as_ref(), &module));
                made.map_err(|error| self.no_instance(instance.as_ref(), error))
            }
            Command::Register { name, instance } => {
                self.register(name, instance.as_ref()).map_err(shown)
            }
            Command::Invoke(action) => {
                let mut scope = RootScope::new(&mut self.store);
                self.known
                    .act(&mut scope, action)
                    .map(|_| ())
                    .map_err(shown)
            }
            Command::AssertReturn(action, expected) => self.returns(action, expected),
            Command::AssertTrap(action, words) => self.traps(action, words),
            Command::AssertExhaustion(action, words) => self.exhausts(action, words),
            Command::AssertException(action) => self.throws(action),
            Command::AssertSuspension(..) => Err("suspensions are not supported".into()),
            Command::AssertMalformed(source, words) => self.malformed(source, words),
            Command::AssertInvalid(source, words) => {
                let refused = phases::invalid(binary(source)?, self.features())?;
                self.words(words, refused);
                Ok(())
            }
            Command::AssertUnlinkable(source, words) => self.unlinkable(source, words),
            Command::AssertMalformedCustom(source, words)
            | Command::AssertInvalidCustom(source, words) => self.custom(source, words),
            Command::Thread { name, shared, body } => self.thread(name, shared.as_ref(), body),
            Command::Wait(name) => self.wait(name),
            Command::Unreadable { keyword, message } => {
                if keyword == "module" {
                    self.failed_module(None);
                }
                Err(match &keyword[..] {
                    "" => message.clone(),
                    keyword => format!("{keyword}: {message}"),
                })
            }
        }
    }

    fn features(&self) -> &Features {
        self.setting.engine().config().features()
    }

    /// Notes words that do not begin with the script's.
    fn words(&mut self, expected: &str, actual: String) {
        if !actual.starts_with(expected) {
            let (line, column) = self.place;
            let expected = expected.into();
            self.report.texts.push(Mismatch {
                line,
                column,
                expected,
                actual,
            });
        }
    }
}

/// The directives that make modules and instances.
impl Run {
    fn module(&mut self, name: Option<&String>, source: &Source) -> Result<()> {
        let module = self.known.load(source)?;
        self.known.modules.add(name, module.clone());
        self.instance(name, &module)
    }

    fn load(&mut self, name: Option<&String>, source: &Source) -> Result<()> {
        let module = self.known.load(source)?;
        self.known.modules.add(name, module);
        Ok(())
    }

    /// Forgets the instance that a failed module directive names, so that an earlier one is not
    /// taken for it, and returns the text of the error.
    fn no_instance(&mut self, name: Option<&String>, error: Error) -> String {
        self.failed_module(name);
        shown(error)
    }

    fn failed_module(&mut self, name: Option<&String>) {
        self.known.instances.lose(name, self.place.0);
    }

    fn instance(&mut self, name: Option<&String>, module: &Module) -> Result<()> {
        let instance = self.known.linker.instantiate(&mut self.store, module)?;
        self.known.instances.add(name, Exports::Instance(instance));
        Ok(())
    }

    fn register(&mut self, name: &str, instance: Option<&String>) -> Result<()> {
        match self.known.instances.get(instance)? {
            Exports::Instance(instance) => {
                self.known
                    .linker
                    .instance(&mut self.store, name, instance)?;
            }
            Exports::Shared(memories) => {
                for (export, memory) in memories {
                    let memory = Extern::SharedMemory(memory);
                    self.known
                        .linker
                        .define(&self.store, name, &export, memory)?;
                }
            }
        }
        Ok(())
    }

    fn thread(&mut self, name: &str, shared: Option<&String>, body: &[Directive]) -> Outcome {
        let shared = match shared {
            Some(instance) => Some((instance.clone(), self.shared(instance).map_err(shown)?)),
            None => None,
        };
        let running = threads::start(&self.setting, self.deadline, shared, body.to_vec())?;
        self.threads.insert(name.into(), running);
        Ok(())
    }

    /// Returns what a thread may see of an instance.
    fn shared(&mut self, instance: &String) -> Result<Shared> {
        Ok(match self.known.instances.get(Some(instance))? {
            Exports::Shared(memories) => memories,
            Exports::Instance(instance) => instance
                .exports(&self.store)
                .filter_map(|export| {
                    let name = export.name().to_string();
                    Some((name, export.into_shared_memory()?))
                })
                .collect(),
        })
    }

    fn wait(&mut self, name: &str) -> Outcome {
        let Some(running) = self.threads.remove(name) else {
            return Err(format!("no thread is named ${name}"));
        };
        self.report.add_thread(running.wait(self.deadline)?);
        Ok(())
    }
}

/// Assertions about what runs.
impl Run {
    fn returns(&mut self, action: &Action, expected: &[Expected]) -> Outcome {
        let mut scope = RootScope::new(&mut self.store);
        let values = self.known.act(&mut scope, action).map_err(shown)?;
        let mut equal = values.len() == expected.len();
        for (expected, value) in expected.iter().zip(&values) {
            equal &= expected
                .matches(scope.as_context_mut(), value)
                .map_err(shown)?;
        }
        if equal {
            return Ok(());
        }
        let got = literal::results(scope.as_context_mut(), &values, expected).map_err(shown)?;
        Err(format!(
            "expected {}, got {got}",
            literal::expected(expected)
        ))
    }

    /// The error of an action that must not return; `wanted` says what it is to do.
    fn error(&mut self, action: &Action, wanted: fmt::Arguments<'_>) -> Result<Error, String> {
        let mut scope = RootScope::new(&mut self.store);
        match self.known.act(&mut scope, action) {
            Ok(values) => {
                let got = literal::results(scope.as_context_mut(), &values, &[]).map_err(shown)?;
                Err(format!("expected {wanted}, and the action returned {got}"))
            }
            Err(error) => Ok(error),
        }
    }

    /// The script's words must begin the trap's. Where it is the other way round, the trap is the
    /// one that is meant, in other words.
    fn traps(&mut self, action: &Action, words: &str) -> Outcome {
        let error = self.error(action, format_args!("the trap `{words}`"))?;
        match error.downcast_ref::<Trap>() {
            Some(trap) if phases::traps_with(*trap, words) => Ok(()),
            Some(trap) if phases::trap(words) == Some(*trap) => {
                self.words(words, trap.to_string());
                Ok(())
            }
            Some(_) | None => Err(format!("expected the trap `{words}`, got {error:#}")),
        }
    }

    fn exhausts(&mut self, action: &Action, words: &str) -> Outcome {
        let error = self.error(action, format_args!("the exhaustion `{words}`"))?;
        if !phases::is_exhaustion(&error) {
            return Err(format!("expected the exhaustion `{words}`, got {error:#}"));
        }
        self.words(words, error.to_string());
        Ok(())
    }

    fn throws(&mut self, action: &Action) -> Outcome {
        let error = self.error(action, format_args!("an exception"))?;
        let pending = self.store.take_pending_exception();
        match error.is::<ThrownException>() && pending.is_some() {
            true => Ok(()),
            false => Err(format!("expected an exception, got {error:#}")),
        }
    }
}

/// Assertions about modules that are refused.
impl Run {
    fn malformed(&mut self, source: &Source, words: &str) -> Outcome {
        if source.quoted && source.binary.is_err() {
            self.report.refused_as_text += 1;
            return Ok(());
        }
        let refused = phases::malformed(binary(source)?, self.features())?;
        self.words(words, refused);
        Ok(())
    }

    /// Custom sections are written as annotations, most of which the reader of the text format
    /// checks.
    fn custom(&mut self, source: &Source, words: &str) -> Outcome {
        match &source.binary {
            Err(_) => self.report.refused_as_text += 1,
            Ok(bytes) => {
                let refused = phases::custom(bytes, self.features())?;
                self.words(words, refused);
            }
        }
        Ok(())
    }

    fn unlinkable(&mut self, source: &Source, words: &str) -> Outcome {
        let module = self.known.load(source).map_err(shown)?;
        let Err(error) = self.known.linker.instantiate(&mut self.store, &module) else {
            return Err(format!(
                "expected `{words}`, and the module was instantiated"
            ));
        };
        let refused = phases::unlinkable(&error)?;
        self.words(words, refused);
        Ok(())
    }
}

impl Known {
    fn load(&self, source: &Source) -> Result<Module> {
        let bytes = binary(source).map_err(Error::msg)?;
        Module::from_binary(self.linker.engine(), bytes)
    }

    fn act(&self, scope: &mut Scope<'_>, action: &Action) -> Result<Vec<Val>> {
        match action {
            Action::Invoke {
                instance,
                name,
                args,
            } => {
                let export = self.export(scope, instance.as_ref(), name)?;
                invoke(scope, export, name, args)
            }
            Action::Get { instance, name } => {
                let export = self.export(scope, instance.as_ref(), name)?;
                let global = export.into_global();
                let global = global
                    .ok_or_else(|| Error::msg(format!("the export {name:?} is not a global")))?;
                Ok(vec![global.get(scope)])
            }
            Action::Instantiate(source) => {
                let module = self.load(source)?;
                self.linker.instantiate(scope, &module)?;
                Ok(Vec::new())
            }
        }
    }

    fn export(
        &self,
        scope: &mut Scope<'_>,
        instance: Option<&String>,
        name: &str,
    ) -> Result<Extern> {
        let export = match self.instances.get(instance)? {
            Exports::Instance(instance) => instance.get_export(scope, name),
            Exports::Shared(memories) => memories
                .into_iter()
                .find(|(export, _)| export == name)
                .map(|(_, memory)| Extern::SharedMemory(memory)),
        };
        export.ok_or_else(|| Error::msg(format!("the instance has no export {name:?}")))
    }
}

fn invoke(scope: &mut Scope<'_>, export: Extern, name: &str, args: &[Arg]) -> Result<Vec<Val>> {
    let func = export.into_func();
    let func = func.ok_or_else(|| Error::msg(format!("the export {name:?} is not a function")))?;
    let args = args.iter().map(|arg| arg.to_val(&mut *scope));
    let args = args.collect::<Result<Vec<Val>>>()?;
    let mut results = vec![Val::I32(0); func.ty(&*scope).results().len()];
    func.call(scope, &args, &mut results)?;
    Ok(results)
}

fn binary(source: &Source) -> Result<&[u8], String> {
    let refused = |message| format!("the reader of the text format refuses the module: {message}");
    source.binary.as_deref().map_err(refused)
}

fn shown(error: Error) -> String {
    format!("{error:#}")
}

fn panic_text(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
    text.unwrap_or_else(|| "of an unknown kind".into())
}

fn not_started(message: String) -> Report {
    let failure = Failure {
        line: 1,
        column: 1,
        kind: Kind::Module,
        message,
    };
    Report {
        failures: vec![failure],
        ..Report::default()
    }
}
