//! Flags that several verbs take: the options of WebAssembly (`-W`) and of WASI (`-S`), directories
//! and variables, limits. The options themselves are in `wasm_options` and `wasi_options`.

use super::options::{Options, without_effect};
use super::outcome::Failure;
use super::settings::LayeredSettings;
use super::wasi_options::WasiOptions;
use super::wasm_options::EngineOptions;
use clap::Args;
use clap::builder::{StringValueParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use limpid::observe::display;
use std::ffi::OsStr;

/// Options of the engine.
#[derive(Args, Clone, Debug, Default)]
pub struct WasmFlags {
    /// Options of WebAssembly: `-W help` lists them
    #[arg(
        short = 'W',
        long = "wasm",
        value_name = "KEY[=VAL],...",
        value_delimiter = ',',
        value_parser = OrHelp(EngineOptions::FLAG),
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
                without_effect(format_args!("{flag} {value}"));
            }
        }
        if self.debug_info {
            without_effect(format_args!("-g"));
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
        Some(ContextValue::String(flag)) if flag == EngineOptions::FLAG => EngineOptions::help(),
        Some(ContextValue::String(flag)) if flag == WasiOptions::FLAG => WasiOptions::help(),
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
pub const GRANTS: &str = "Guest access";

/// Options of WASI: what the guest is granted.
#[derive(Args, Clone, Debug, Default)]
pub struct WasiFlags {
    /// Options of WASI: `-S help` lists them
    #[arg(
        short = 'S',
        long = "wasi",
        value_name = "KEY[=VAL],...",
        value_delimiter = ',',
        value_parser = OrHelp(WasiOptions::FLAG),
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

/// A directory to grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantedDir<'f> {
    pub host: &'f str,
    pub guest: &'f str,
    pub read_only: bool,
}

impl WasiFlags {
    /// Reads the options.
    ///
    /// # Errors
    /// An unknown option or an invalid value, as a fault of usage.
    pub fn options(&self, given: &LayeredSettings) -> Result<WasiOptions, Failure> {
        let mut settings = WasiOptions::default();
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
        given: &'f LayeredSettings,
    ) -> impl Iterator<Item = Result<GrantedDir<'f>, Failure>> {
        let all = given.texts("run.dir").iter().chain(&self.dirs);
        all.map(|dir| {
            let mut parts = dir.split("::");
            let host = parts.next().unwrap_or_default();
            let guest = parts.next().unwrap_or(host);
            let mode = parts.next();
            let known = mode.is_none_or(|mode| mode == "ro") && parts.next().is_none();
            if !known || host.is_empty() || guest.is_empty() {
                let shown = display::name(dir);
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
        given: &'f LayeredSettings,
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
    let shown = || display::name(env);
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

impl WasmFlags {
    /// Reads the options.
    ///
    /// # Errors
    /// An unknown option or an invalid value, as a fault of usage.
    pub fn options(&self, given: &LayeredSettings) -> Result<EngineOptions, Failure> {
        let mut settings = EngineOptions::default();
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
    /// Whether a time is given after which the run ends.
    pub fn has_timeout(&self) -> bool {
        self.timeout.is_some()
    }

    /// Adds what they say, and has the engine look at fuel and time.
    ///
    /// # Errors
    /// An invalid value, as a fault of usage.
    pub fn apply(&self, settings: &mut EngineOptions) -> Result<(), Failure> {
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
