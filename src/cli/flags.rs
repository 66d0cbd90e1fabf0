//! Flags that several verbs take: the options of WebAssembly (`-W`) and of WASI (`-S`), directories
//! and variables, limits. The options themselves are rows of the two tables below.

use super::config::Settings as Given;
use super::failure::Failure;
use super::log;
use super::options::{Options, Row, Set, clamped, row};
use clap::Args;
use clap::builder::{StringValueParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use limpid::observe::escape;
use limpid::{Config, Engine, Features, StoreLimits, StoreLimitsBuilder};
use std::ffi::OsStr;
use std::time::Duration;

/// Options of the engine.
#[derive(Args, Clone, Debug, Default)]
pub struct WasmFlags {
    /// Options of WebAssembly: `-W help` lists them
    #[arg(
        short = 'W',
        long = "wasm",
        value_name = "KEY[=VAL],...",
        value_delimiter = ',',
        value_parser = OrHelp(Settings::FLAG),
        help_heading = "Limits and features"
    )]
    options: Vec<String>,
    #[command(flatten)]
    compiler: CompilerFlags,
}

/// Flags of runtimes that compile to machine code. They have no effect here.
#[derive(Args, Clone, Debug, Default)]
struct CompilerFlags {
    /// Options of the optimizer
    #[arg(short = 'O', long, value_name = "KEY[=VAL],...", hide = true)]
    optimize: Vec<String>,
    /// Options of the code generator
    #[arg(short = 'C', long, value_name = "KEY[=VAL],...", hide = true)]
    codegen: Vec<String>,
    /// Options of the debugger
    #[arg(short = 'D', long, value_name = "KEY[=VAL],...", hide = true)]
    debug: Vec<String>,
    /// Generates debug information
    #[arg(short = 'g', hide = true)]
    debug_info: bool,
}

impl CompilerFlags {
    fn log(&self) {
        let lists = [
            ("-O", &self.optimize),
            ("-C", &self.codegen),
            ("-D", &self.debug),
        ];
        for (flag, values) in lists {
            for value in values {
                log::without_effect(format_args!("{flag} {value}"));
            }
        }
        if self.debug_info {
            log::without_effect(format_args!("-g"));
        }
    }
}

/// Reads an option of `-W` or `-S`. The word `help` ends the reading of the command line at once,
/// so that it needs no file; the error says of which flag the options are to be listed.
#[derive(Clone)]
struct OrHelp(&'static str);

impl TypedValueParser for OrHelp {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        if value == "help" {
            let mut error = clap::Error::new(ErrorKind::DisplayHelp);
            let flag = ContextValue::String(self.0.to_owned());
            error.insert(ContextKind::Custom, flag);
            return Err(error);
        }
        StringValueParser::new().parse_ref(command, arg, value)
    }
}

/// Lists the options that were asked for with `help`; `false` when none were.
pub fn help(error: &clap::Error) -> bool {
    match error.get(ContextKind::Custom) {
        Some(ContextValue::String(flag)) if flag == Settings::FLAG => Settings::help(),
        Some(ContextValue::String(flag)) if flag == WasiSettings::FLAG => WasiSettings::help(),
        _ => return false, // Every other error is reported by clap.
    }
    true
}

/// Limits of a run, which `-W` takes as well.
#[derive(Args, Clone, Debug, Default)]
pub struct LimitFlags {
    /// Stop after this many units of fuel, about one for each instruction
    #[arg(long, value_name = "N", help_heading = "Limits and features")]
    fuel: Option<String>,
    /// Stop after this much time: 2s, 500ms, 1m
    #[arg(long, value_name = "TIME", help_heading = "Limits and features")]
    timeout: Option<String>,
}

/// Where flags that give the guest something stand in the help.
pub const GRANTS: &str = "What the guest is given";

/// Options of WASI: what the guest is granted.
#[derive(Args, Clone, Debug, Default)]
pub struct WasiFlags {
    /// Options of WASI: `-S help` lists them
    #[arg(
        short = 'S',
        long = "wasi",
        value_name = "KEY[=VAL],...",
        value_delimiter = ',',
        value_parser = OrHelp(WasiSettings::FLAG),
        help_heading = GRANTS
    )]
    grants: Vec<String>,
    /// Grant a directory under a name of the guest's (its own unless given), `ro` to read only
    #[arg(long = "dir", value_name = "HOST[::GUEST[::ro]]", help_heading = GRANTS)]
    dirs: Vec<String>,
    /// Give the guest a variable; without a value, this process's own if it has one
    #[arg(long, value_name = "NAME[=VAL]", help_heading = GRANTS)]
    env: Vec<String>,
}

/// What the options of WASI say.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools)] // Each is a flag of its own.
pub struct WasiSettings {
    pub inherit_env: bool,
    pub inherit_stdin: bool,
    pub threads: bool,
    pub listenfd: bool,
}

/// A directory to grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantedDir<'f> {
    pub host: &'f str,
    pub guest: &'f str,
    pub read_only: bool,
}

/// The options of `-S`.
const WASI_OPTIONS: &[Row<WasiSettings>] = &[
    row(
        "inherit-env",
        Set::Switch(|to, on| to.inherit_env = on),
        "give the guest all variables of this process; default n",
    ),
    row(
        "inherit-stdin",
        Set::Switch(|to, on| to.inherit_stdin = on),
        "give the guest the standard input of this process; default y",
    ),
    row(
        "listenfd",
        Set::Switch(|to, on| to.listenfd = on),
        "give the guest the listening sockets that this process was given; default n",
    ),
    row(
        "threads",
        Set::Switch(|to, on| to.threads = on),
        "let the guest spawn threads (wasi-threads); default n",
    ),
    row("cli", Set::Nothing, "all interfaces of commands"),
    row("common", Set::Nothing, "the older name of cli"),
    row("preview0", Set::Nothing, "the first version of WASI"),
    row("preview2", Set::Nothing, "WASI 0.1 on top of WASI 0.2"),
    row(
        "inherit-stdout",
        Set::AlwaysOn,
        "the standard output of this process",
    ),
    row(
        "inherit-stderr",
        Set::AlwaysOn,
        "the standard error of this process",
    ),
    row("allow-ip-name-lookup", Set::Later, "names of hosts"),
    row("config", Set::Later, "configuration"),
    row("http", Set::Later, "requests over HTTP"),
    row("inherit-network", Set::Later, "the network"),
    row("keyvalue", Set::Later, "stores of keys and values"),
    row("nn", Set::Later, "neural networks"),
    row("p3", Set::Later, "WASI 0.3"),
    row("tcp", Set::Later, "TCP sockets of WASI 0.2"),
    row("tls", Set::Later, "encrypted connections"),
    row("udp", Set::Later, "UDP sockets of WASI 0.2"),
];

impl Options for WasiSettings {
    const FLAG: &'static str = "-S";

    fn rows() -> Vec<Row<WasiSettings>> {
        WASI_OPTIONS.to_vec()
    }
}

impl WasiFlags {
    /// Reads the options.
    ///
    /// # Errors
    /// An unknown option or an invalid value, as a fault of usage.
    pub fn settings(&self, given: &Given) -> Result<WasiSettings, Failure> {
        let mut settings = WasiSettings {
            inherit_env: false,
            inherit_stdin: true,
            threads: false,
            listenfd: false,
        };
        for (option, origin) in given.options("wasi") {
            let set = settings.option_of("wasi.", &option);
            set.map_err(|failure| failure.at(origin))?;
        }
        for option in &self.grants {
            settings.option(option)?;
        }
        Ok(settings)
    }

    /// The directories to grant.
    ///
    /// # Errors
    /// A flag in another form, as a fault of usage.
    pub fn dirs<'f>(
        &'f self,
        given: &'f Given,
    ) -> impl Iterator<Item = Result<GrantedDir<'f>, Failure>> {
        let all = given.texts("run.dir").iter().chain(&self.dirs);
        all.map(|dir| {
            let mut parts = dir.split("::");
            let host = parts.next().unwrap_or_default();
            let guest = parts.next().unwrap_or(host);
            let mode = parts.next();
            let known = mode.is_none_or(|mode| mode == "ro") && parts.next().is_none();
            if !known || host.is_empty() || guest.is_empty() {
                let shown = escape::name(dir);
                return Err(Failure::usage(format!("invalid `--dir {shown}`"))
                    .hint("--dir HOST, --dir HOST::GUEST or --dir HOST::GUEST::ro"));
            }
            let read_only = mode.is_some();
            Ok(GrantedDir {
                host,
                guest,
                read_only,
            })
        })
    }

    /// The variables to give. One without a value is this process's own, or left out when this
    /// process has none of that name.
    ///
    /// # Errors
    /// An empty name, or a value that is not UTF-8, as a fault of usage.
    pub fn env<'f>(
        &'f self,
        given: &'f Given,
    ) -> impl Iterator<Item = Result<(&'f str, String), Failure>> {
        let all = given.texts("run.env").iter().chain(&self.env);
        all.filter_map(|env| variable(env).transpose())
    }
}

/// The name and value of `NAME=VAL` or `NAME`.
fn variable(env: &str) -> Result<Option<(&str, String)>, Failure> {
    let (name, value) = match env.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (env, None),
    };
    let shown = || escape::name(env);
    if name.is_empty() {
        let text = format!(
            "invalid `--env {}`: the name of the variable is empty",
            shown()
        );
        return Err(Failure::usage(text).hint("--env NAME=VALUE, or --env NAME"));
    }
    if let Some(value) = value {
        return Ok(Some((name, value.to_owned())));
    }
    let own = std::env::var_os(name).map(std::ffi::OsString::into_string);
    match own {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some((name, value))),
        Some(Err(_)) => {
            let text = format!("invalid `--env {}`: its value is not UTF-8", shown());
            Err(Failure::usage(text).hint(format!("--env {}=VALUE", shown())))
        }
    }
}

/// What the options say.
#[derive(Debug)]
pub struct Settings {
    pub config: Config,
    pub limits: StoreLimitsBuilder,
    pub fuel: Option<u64>,
    pub timeout: Option<Duration>,
    pub max_threads: usize,
    /// Functions that nothing defines trap when they are called.
    pub unknown_imports_trap: bool,
    /// What nothing defines is zero, null or empty.
    pub unknown_imports_default: bool,
    /// Of a memory, in bytes: what `limits` says of those that stores have for themselves.
    pub max_memory_size: Option<u64>,
    /// Whether a preloaded command may export more than functions.
    pub unknown_exports: bool,
}

/// Threads of a guest beside its main one.
const THREADS: usize = 64;

/// The options of `-W` that are not features.
const OPTIONS: &[Row<Settings>] = &[
    row(
        "fuel",
        Set::Number(|to, fuel| to.fuel = Some(fuel)),
        "stop after this many units of fuel",
    ),
    row(
        "timeout",
        Set::Time(|to, time| to.timeout = Some(time)),
        "stop after this much time: 2s, 500ms, 1m",
    ),
    row(
        "max-memory-size",
        Set::Size(|to, bytes| {
            to.limit(|limits| limits.memory_size(clamped(bytes)));
            to.max_memory_size = Some(bytes);
        }),
        "refuse memories larger than this: 64K, 16M, 2G",
    ),
    row(
        "max-table-elements",
        Set::Number(|to, n| to.limit(|limits| limits.table_elements(clamped(n)))),
        "refuse tables larger than this",
    ),
    row(
        "max-instances",
        Set::Number(|to, n| to.limit(|limits| limits.instances(clamped(n)))),
        "refuse more instances than this",
    ),
    row(
        "max-memories",
        Set::Number(|to, n| to.limit(|limits| limits.memories(clamped(n)))),
        "refuse more memories than this",
    ),
    row(
        "max-tables",
        Set::Number(|to, n| to.limit(|limits| limits.tables(clamped(n)))),
        "refuse more tables than this",
    ),
    row(
        "max-threads",
        Set::Number(|to, n| to.max_threads = clamped(n)),
        "threads the guest may run beside its main one; default 64",
    ),
    row(
        "max-wasm-stack",
        Set::Size(|to, bytes| {
            to.config.max_wasm_stack(clamped(bytes));
        }),
        "stack for the frames of a run",
    ),
    row(
        "trap-on-grow-failure",
        Set::Switch(|to, on| to.limit(|limits| limits.trap_on_grow_failure(on))),
        "trap where growing is refused, instead of giving -1",
    ),
    row(
        "shared-memory",
        Set::Switch(|to, on| {
            to.config.shared_memory(on);
        }),
        "allow shared memories to be made; default y",
    ),
    row(
        "unknown-exports-allow",
        Set::Switch(|to, on| to.unknown_exports = on),
        "allow preloaded commands to export more than functions",
    ),
    row(
        "unknown-imports-trap",
        Set::Switch(|to, on| to.unknown_imports_trap = on),
        "give functions that nothing defines a body that traps",
    ),
    row(
        "unknown-imports-default",
        Set::Switch(|to, on| to.unknown_imports_default = on),
        "give imports that nothing defines zeros, nulls, empty memories",
    ),
    row(
        "all-proposals",
        Set::Switch(|to, on| {
            let features = if on { Features::ALL } else { Features::MVP };
            to.config.set_features(features);
        }),
        "every language feature below",
    ),
    row(
        "async-stack-size",
        Set::NothingOfSize,
        "stacks of host futures",
    ),
    row(
        "async-stack-zeroing",
        Set::Nothing,
        "zeroing of these stacks",
    ),
    row(
        "concurrency-support",
        Set::Nothing,
        "support for asynchronous calls",
    ),
    row("epoch-interruption", Set::Nothing, "epochs"),
    row("gc-support", Set::Nothing, "the garbage collector"),
    row("nan-canonicalization", Set::Nothing, "canonical NaNs"),
    row(
        "relaxed-simd-deterministic",
        Set::Nothing,
        "one result for relaxed vector instructions",
    ),
    row("component-model", Set::Later, "components"),
    row(
        "component-model-async",
        Set::Later,
        "asynchronous calls of components",
    ),
    row(
        "shared-everything-threads",
        Set::Later,
        "shared tables, globals and functions",
    ),
    row("stack-switching", Set::Later, "continuations"),
    row("wmemcheck", Set::Later, "checks of allocations"),
];

impl Options for Settings {
    const FLAG: &'static str = "-W";

    fn rows() -> Vec<Row<Settings>> {
        let defaults = Features::default();
        let features = Features::NAMES.iter().map(|name| {
            let on = defaults.get(name).unwrap_or_default();
            let help = Features::describe(name).unwrap_or_default();
            row(name, Set::Feature(set_feature, on), help)
        });
        OPTIONS.iter().copied().chain(features).collect()
    }
}

/// A message of the library as one of the command line: switches that it names as an embedder sets
/// them are named as flags.
pub fn in_flags(text: &str) -> String {
    let features = Features::NAMES.iter();
    let methods =
        features.map(|name| (*name, format!("`Config::wasm_{}`", name.replace('-', "_"))));
    let more = ("shared-memory", "`Config::shared_memory`".to_owned());
    methods
        .chain([more])
        .fold(text.to_owned(), |text, (name, method)| {
            text.replace(&method, &format!("`-W {name}=y`"))
        })
}

/// All that an error of the library says, as a message of the command line.
pub fn told(error: &limpid::Error) -> String {
    in_flags(&format!("{error:#}"))
}

fn set_feature(to: &mut Settings, name: &str, on: bool) {
    if to.config.wasm_feature(name, on).is_err() {
        unreachable!("the rows of features have the names of features");
    }
}

impl WasmFlags {
    /// Reads the options.
    ///
    /// # Errors
    /// An unknown option or an invalid value, as a fault of usage.
    pub fn settings(&self, given: &Given) -> Result<Settings, Failure> {
        let mut settings = Settings {
            config: Config::new(),
            limits: StoreLimitsBuilder::new(),
            fuel: None,
            timeout: None,
            max_threads: THREADS,
            unknown_imports_trap: false,
            unknown_imports_default: false,
            max_memory_size: None,
            unknown_exports: false,
        };
        self.compiler.log();
        for (option, origin) in given.options("wasm") {
            let set = settings.option_of("wasm.", &option);
            set.map_err(|failure| failure.at(origin))?;
        }
        for option in &self.options {
            settings.option(option)?;
        }
        Ok(settings)
    }
}

impl LimitFlags {
    /// Adds what they say, and has the engine look at fuel and time.
    ///
    /// # Errors
    /// An invalid value, as a fault of usage.
    pub fn apply(&self, settings: &mut Settings) -> Result<(), Failure> {
        for (name, value) in [("fuel", &self.fuel), ("timeout", &self.timeout)] {
            if let Some(value) = value {
                settings.option_of("--", &format!("{name}={value}"))?;
            }
        }
        settings.config.consume_fuel(settings.fuel.is_some());
        settings
            .config
            .epoch_interruption(settings.timeout.is_some());
        Ok(())
    }
}

impl Settings {
    /// The engine.
    ///
    /// # Errors
    /// When the engine refuses the settings.
    pub fn engine(&self) -> Result<Engine, Failure> {
        Engine::new(&self.config).map_err(|error| Failure::usage(told(&error)))
    }

    /// The limits of a store.
    pub fn limits(&self) -> StoreLimits {
        self.limits.clone().build()
    }

    fn limit(&mut self, change: impl FnOnce(StoreLimitsBuilder) -> StoreLimitsBuilder) {
        self.limits = change(self.limits.clone());
    }
}
