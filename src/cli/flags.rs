//! Flags that several verbs take: the options of WebAssembly (`-W`), fuel and time.

use super::config::Settings as Given;
use super::failure::Failure;
use super::suggest::suggest;
use clap::Args;
use limpid::observe::escape;
use limpid::{Config, Engine, Features, StoreLimits, StoreLimitsBuilder};
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
        help_heading = "Limits and features"
    )]
    options: Vec<String>,
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
        help_heading = GRANTS
    )]
    grants: Vec<String>,
    /// Grant a directory under a name of the guest's (its own unless given), `ro` to read only
    #[arg(long = "dir", value_name = "HOST[::GUEST[::ro]]", help_heading = GRANTS)]
    dirs: Vec<String>,
    /// Give the guest a variable; without a value, this process's own
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

/// Options of WASI, and what they mean.
const WASI_OPTIONS: &[(&str, &str)] = &[
    (
        "inherit-env[=y|n]",
        "give the guest all variables of this process; default n",
    ),
    (
        "inherit-stdin[=y|n]",
        "give the guest the standard input of this process; default y",
    ),
    (
        "listenfd[=y|n]",
        "give the guest the listening sockets that this process was given; default n",
    ),
    (
        "threads[=y|n]",
        "let the guest spawn threads (wasi-threads); default n",
    ),
    ("cli[=y|n]", "taken for compatibility: all of it is on"),
];

impl WasiFlags {
    /// Reads the options.
    ///
    /// # Errors
    /// An option that does not exist or has a value that cannot be, as a fault of usage.
    pub fn settings(&self, given: &Given) -> Result<WasiSettings, Failure> {
        let mut settings = WasiSettings {
            inherit_env: false,
            inherit_stdin: true,
            threads: false,
            listenfd: false,
        };
        for (option, origin) in given.options("wasi") {
            let set = settings.option(&option);
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
    /// A flag that says something else, as a fault of usage.
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
                return Err(Failure::usage(format!("`--dir {shown}` cannot be"))
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

    /// The variables to give: name, and value unless it is this process's.
    pub fn env<'f>(&'f self, given: &'f Given) -> impl Iterator<Item = (&'f str, Option<&'f str>)> {
        let all = given.texts("run.env").iter().chain(&self.env);
        all.map(|env| match env.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (env.as_str(), None),
        })
    }
}

impl WasiSettings {
    fn option(&mut self, option: &str) -> Result<(), Failure> {
        let (key, value) = match option.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (option, None),
        };
        match key {
            "inherit-env" => self.inherit_env = switch("-S", key, value)?,
            "inherit-stdin" => self.inherit_stdin = switch("-S", key, value)?,
            "threads" => self.threads = switch("-S", key, value)?,
            "listenfd" => self.listenfd = switch("-S", key, value)?,
            "cli" => {
                switch("-S", key, value)?;
            }
            later if WASI_LATER.contains(&later) => {
                // To do without is no trouble.
                if switch("-S", key, value)? {
                    let text = format!("`-S {later}` belongs to WASI 0.2, which is not there yet");
                    return Err(Failure::usage(text));
                }
            }
            // There is no other.
            _ => return Err(unknown("-S", key, wasi_options())),
        }
        Ok(())
    }
}

/// Options of versions of WASI that are not there yet.
const WASI_LATER: &[&str] = &[
    "allow-ip-name-lookup",
    "http",
    "inherit-network",
    "p3",
    "tcp",
    "udp",
];

/// The options of `-S`.
pub fn wasi_options() -> impl Iterator<Item = &'static str> {
    WASI_OPTIONS.iter().map(|(option, _)| key_of(option))
}

/// The options of `-W`.
pub fn wasm_options() -> impl Iterator<Item = &'static str> {
    let options = OPTIONS.iter().map(|(option, _)| key_of(option));
    options.chain(Features::NAMES.iter().copied())
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
}

/// Threads of a guest beside its main one.
const THREADS: usize = 64;

/// Options that are no features, and what they mean.
const OPTIONS: &[(&str, &str)] = &[
    ("fuel=N", "stop after this many units of fuel"),
    ("timeout=TIME", "stop after this much time: 2s, 500ms, 1m"),
    (
        "max-memory-size=BYTES",
        "refuse memories larger than this: 64K, 16M, 2G",
    ),
    ("max-table-elements=N", "refuse tables larger than this"),
    (
        "max-threads=N",
        "threads the guest may run beside its main one; default 64",
    ),
    ("max-wasm-stack=BYTES", "stack for the frames of a run"),
    (
        "trap-on-grow-failure[=y|n]",
        "trap where growing is refused, instead of giving -1",
    ),
    (
        "unknown-imports-trap[=y|n]",
        "give functions that nothing defines a body that traps",
    ),
    (
        "unknown-imports-default[=y|n]",
        "give imports that nothing defines zeros, nulls, empty memories",
    ),
    ("all-proposals[=y|n]", "every feature below"),
];

impl WasmFlags {
    /// Reads the options.
    ///
    /// # Errors
    /// An option that does not exist or has a value that cannot be, as a fault of usage.
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
        };
        for (option, origin) in given.options("wasm") {
            let set = settings.option(&option);
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
    /// A value that cannot be, as a fault of usage.
    pub fn apply(&self, settings: &mut Settings) -> Result<(), Failure> {
        for (name, value) in [("fuel", &self.fuel), ("timeout", &self.timeout)] {
            if let Some(value) = value {
                settings.option(&format!("{name}={value}"))?;
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
        Engine::new(&self.config).map_err(|error| Failure::usage(format!("{error:#}")))
    }

    /// The limits of a store.
    pub fn limits(&self) -> StoreLimits {
        self.limits.clone().build()
    }

    fn option(&mut self, option: &str) -> Result<(), Failure> {
        let (key, value) = match option.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (option, None),
        };
        let limits = self.limits.clone();
        match key {
            "fuel" => self.fuel = Some(number(key, value)?),
            "timeout" => self.timeout = Some(time(key, value)?),
            "max-memory-size" => {
                let bytes = size(key, value)?;
                self.limits = limits.memory_size(small(bytes));
                self.max_memory_size = Some(bytes);
            }
            "max-table-elements" => self.limits = limits.table_elements(small(number(key, value)?)),
            "max-threads" => self.max_threads = small(number(key, value)?),
            "max-wasm-stack" => {
                self.config.max_wasm_stack(small(size(key, value)?));
            }
            "trap-on-grow-failure" => {
                self.limits = limits.trap_on_grow_failure(switch("-W", key, value)?);
            }
            "unknown-imports-trap" => self.unknown_imports_trap = switch("-W", key, value)?,
            "unknown-imports-default" => self.unknown_imports_default = switch("-W", key, value)?,
            "all-proposals" => {
                let features = match switch("-W", key, value)? {
                    true => Features::ALL,
                    false => Features::MVP,
                };
                self.config.wasm_features(features);
            }
            "component-model" if switch("-W", key, value)? => {
                return Err(Failure::usage(
                    "`-W component-model`: components are not there yet",
                ));
            }
            "component-model" => {}
            // Every other option is a feature.
            feature => {
                if !Features::NAMES.contains(&feature) {
                    return Err(unknown("-W", feature, wasm_options()));
                }
                let on = switch("-W", key, value)?;
                let set = self.config.wasm_feature(feature, on).map(drop);
                set.map_err(Failure::usage)?;
            }
        }
        Ok(())
    }
}

fn unknown<'k>(flag: &str, option: &str, known: impl IntoIterator<Item = &'k str>) -> Failure {
    let shown = escape::name(option);
    let failure = Failure::usage(format!("unknown option `{flag} {shown}`"));
    match suggest(option, known) {
        Some(meant) => failure.hint(format!(
            "did you mean `{flag} {meant}`? `{flag} help` lists all"
        )),
        None => failure.hint(format!("`{flag} help` lists all")),
    }
}

/// `fuel` of `fuel=N`.
fn key_of(option: &str) -> &str {
    let end = option.find(['=', '[']).unwrap_or(option.len());
    &option[..end]
}

/// Lists all options of `-S`.
pub fn wasi_help() {
    let mut results = super::screen::Results::new();
    for (option, meaning) in WASI_OPTIONS {
        results.line(format_args!("  -S {option:<21} {meaning}"));
    }
}

/// Lists all options of `-W`.
pub fn help() {
    let mut results = super::screen::Results::new();
    for (option, meaning) in OPTIONS {
        results.line(format_args!("  -W {option:<27} {meaning}"));
    }
    let defaults = Features::default();
    for feature in Features::NAMES {
        let on = defaults.get(feature).unwrap_or_default();
        let default = if on { "on" } else { "off" };
        results.line(format_args!(
            "  -W {:<27} {default}",
            format!("{feature}[=y|n]")
        ));
    }
}

fn wrong(key: &str, value: &str, wanted: &str) -> Failure {
    let value = escape::name(value);
    Failure::usage(format!("`{value}` is no value for `{key}`: {wanted}"))
}

/// The value that an option must have.
fn needed<'v>(key: &str, value: Option<&'v str>) -> Result<&'v str, Failure> {
    value.ok_or_else(|| Failure::usage(format!("`-W {key}` takes a value: `-W {key}=...`")))
}

fn switch(flag: &str, key: &str, value: Option<&str>) -> Result<bool, Failure> {
    match value {
        None | Some("y" | "yes" | "true") => Ok(true),
        Some("n" | "no" | "false") => Ok(false),
        Some(value) => Err(wrong(&format!("{flag} {key}"), value, "give y or n")),
    }
}

fn number(key: &str, value: Option<&str>) -> Result<u64, Failure> {
    let value = needed(key, value)?;
    let digits = value.replace('_', "");
    digits
        .parse()
        .map_err(|_| wrong(key, value, "give a number"))
}

/// As many as this machine can count.
fn small(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Bytes, with K, M or G (also Ki, KiB and so on) for powers of 1024.
fn size(key: &str, value: Option<&str>) -> Result<u64, Failure> {
    let text = needed(key, value)?;
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '_');
    let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
    let shift = match unit {
        "" | "B" => 0,
        "K" | "k" | "Ki" | "KiB" => 10,
        "M" | "Mi" | "MiB" => 20,
        "G" | "Gi" | "GiB" => 30,
        // No other unit is known.
        _ => return Err(wrong(key, text, "give bytes, or 64K, 16M, 2G")),
    };
    let bytes = number(key, Some(digits))?;
    bytes
        .checked_mul(1 << shift)
        .ok_or_else(|| wrong(key, text, "that is too large"))
}

/// A span of time, in seconds without a unit.
fn time(key: &str, value: Option<&str>) -> Result<Duration, Failure> {
    let text = needed(key, value)?;
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
    let wrong = || wrong(key, text, "give a time such as 2s, 500ms or 1m");
    let scale = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        // No other unit is known.
        _ => return Err(wrong()),
    };
    let seconds: f64 = digits.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(seconds * scale).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, millis: u128) {
        assert_eq!(
            time("timeout", Some(text)).map(|t| t.as_millis()).ok(),
            Some(millis),
            "{text}"
        );
    }

    #[test]
    fn times() {
        check("2", 2000);
        check("500ms", 500);
        check("1.5s", 1500);
        check("1m", 60_000);
        for bad in ["", "x", "1 s", "1d", "-1s", "1.2.3"] {
            assert!(time("timeout", Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(size("x", Some("64K")).ok(), Some(65536));
        assert_eq!(size("x", Some("1_000")).ok(), Some(1000));
        for bad in ["", "K", "1T", "99999999999G"] {
            assert!(size("x", Some(bad)).is_err(), "{bad}");
        }
    }
}
