//! `limpid config`: what the settings are and where they come from, and whether a file is right.

use super::flags::{WasiFlags, WasmFlags};
use super::outcome::Failure;
use super::paths;
use super::results::Results;
use super::screen::{DIM, styled};
use super::settings::keys::{self, KEYS, Shape};
use super::settings::setting::Setting;
use super::settings::{LayeredSettings, NAME, VARIABLE};
use clap::{Args, Subcommand};
use limpid::Features;
use limpid::internals::syntax::Count;
use limpid::observe::display;
use std::path::{Path, PathBuf};

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid config show           see what holds here\n\
\x20 limpid config check ci.toml  see whether a file is right\n\
\n\
Flags beat variables (LIMPID_COLOR, LIMPID_LOG, LIMPID_LOG_FORMAT, LIMPID_FUEL, LIMPID_TIMEOUT,\n\
LIMPID_WASM, LIMPID_WASI, LIMPID_MONITOR, LIMPID_REPORT, LIMPID_CONFIG), which beat the file.\n\
A file that was found and not named can set limits, features, colours and logs, but grants\n\
nothing.";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Config {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Show all settings, and where each comes from
    Show,
    /// Check a file: the one that is read unless another is given
    Check {
        /// The file
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

impl Config {
    /// Whether the settings of the environment and the found file are to be read first.
    pub fn needs_settings(&self) -> bool {
        matches!(self.what, What::Show)
    }

    /// Shows or checks.
    ///
    /// # Errors
    /// When a file is wrong.
    pub fn carry_out(
        &self,
        settings: &LayeredSettings,
        named: Option<&Path>,
    ) -> Result<(), Failure> {
        match &self.what {
            What::Show => show(settings),
            What::Check { file } => {
                let variable = std::env::var_os(VARIABLE).map(PathBuf::from);
                let variable = variable.filter(|path| !path.as_os_str().is_empty());
                let named = file.clone().or(named.map(Path::to_owned)).or(variable);
                check(&named.unwrap_or_else(|| PathBuf::from(NAME)))
            }
        }
    }
}

/// Reads the values as well, as a run does.
fn try_out(settings: &LayeredSettings) -> Result<(), Failure> {
    WasmFlags::default().options(settings)?.engine()?;
    let wasi = WasiFlags::default();
    wasi.options(settings)?;
    for dir in wasi.dirs(settings) {
        dir?;
    }
    for variable in wasi.env(settings) {
        variable?;
    }
    Ok(())
}

fn show(settings: &LayeredSettings) -> Result<(), Failure> {
    try_out(settings)?;
    let mut results = Results::new();
    let file = match settings.file() {
        Some(path) => paths::shown(path),
        None => format!("none; {NAME} is looked for in the current directory"),
    };
    results.line(styled(DIM, format_args!("# file: {file}")));
    let features = Features::default();
    for key in KEYS {
        let names = match key.shape {
            Shape::Options => keys::options(key.name, true)
                .iter()
                .map(|option| format!("{}.{option}", key.name))
                .collect(),
            // Shown among the options of its section.
            Shape::Text if key.name.starts_with("wasm.") => continue,
            Shape::Text | Shape::Texts => vec![key.name.to_owned()],
        };
        for name in names {
            let (value, origin) = match settings.get(&name) {
                Some(setting) => (value(setting, key.shape), setting.origin.to_string()),
                None => {
                    let feature = name
                        .strip_prefix("wasm.")
                        .and_then(|name| features.get(name));
                    let default = feature.map(|on| if on { "true" } else { "false" });
                    (default.unwrap_or("-").to_owned(), "default".to_owned())
                }
            };
            let line = format!("{name} = {value}");
            let origin = styled(DIM, format_args!("# {origin}"));
            results.line(format_args!("{line:<40} {origin}"));
        }
    }
    Ok(())
}

fn value(setting: &Setting, shape: Shape) -> String {
    let quoted = |value: &String| format!("\"{}\"", display::name(value));
    let first = setting.values.first().map(String::as_str);
    match (shape, first) {
        (Shape::Texts, _) => {
            let values: Vec<String> = setting.values.iter().map(quoted).collect();
            format!("[{}]", values.join(", "))
        }
        (Shape::Options, Some("y" | "yes" | "true")) => "true".to_owned(),
        (Shape::Options, Some("n" | "no" | "false")) => "false".to_owned(),
        (Shape::Options, Some(number)) if number.bytes().all(|b| b.is_ascii_digit()) => {
            number.to_owned()
        }
        (Shape::Text | Shape::Options, _) => setting.values.first().map_or(String::new(), quoted),
    }
}

fn check(path: &Path) -> Result<(), Failure> {
    paths::not_empty("FILE", path)?;
    let settings = LayeredSettings::of_file(path)?;
    try_out(&settings)?;
    let mut results = Results::new();
    results.line(format_args!(
        "{}: {}, all known",
        paths::shown(path),
        Count(settings.count(), "setting")
    ));
    for setting in settings.granting() {
        let (key, origin) = (&setting.key, &setting.origin);
        results.line(format_args!(
            "{origin}: `{key}` is taken only where `--config` or {VARIABLE} names the file"
        ));
    }
    Ok(())
}
