//! Logs to standard error: events of the library and of WASI, in lines or as JSON.

use super::outcome::Failure;
use super::screen;
use super::settings::LayeredSettings;
use clap::{Args, ValueEnum};
use limpid::observe::display;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Flags about logs.
#[derive(Args, Clone, Debug)]
pub struct LogFlags {
    /// Log events at this level and above to standard error: error, warn, info, debug; also for one
    /// part only, `limpid::wasi=debug`
    #[arg(
        long,
        value_name = "LEVEL",
        global = true,
        help_heading = "Global options"
    )]
    log: Option<String>,
    /// How logs look: text, a line for each event, or json, an object for each
    #[arg(
        long,
        value_name = "FORMAT",
        global = true,
        hide_possible_values = true,
        help_heading = "Global options"
    )]
    log_format: Option<Format>,
}

/// How logs look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// A line for each event
    Text,
    /// An object for each event
    Json,
}

/// Begins to log, if that is asked for.
///
/// # Errors
/// Words that mean nothing, as a fault of usage.
pub fn begin(flags: &LogFlags, settings: &LayeredSettings) -> Result<(), Failure> {
    let Some(filter) = flags.log.as_deref().or(settings.text("log.filter")) else {
        return Ok(());
    };
    let targets = targets(filter).ok_or_else(|| {
        let shown = display::name(filter);
        Failure::usage(format!("unknown log level `{shown}`"))
            .hint("error, warn, info, debug or off; `limpid::wasi=debug` for one part")
    })?;
    let format = match (flags.log_format, settings.text("log.format")) {
        (Some(format), _) => format,
        (None, None | Some("text")) => Format::Text,
        (None, Some("json")) => Format::Json,
        (None, Some(other)) => {
            let shown = display::name(other);
            let text = format!("`{shown}` is no format of logs");
            return Err(Failure::usage(text).hint("text or json"));
        }
    };
    let lines = layer()
        .with_writer(|| screen::Lines)
        .log_internal_errors(false);
    let begun = match format {
        Format::Text => tracing_subscriber::registry()
            .with(lines.with_ansi(false).with_filter(targets))
            .try_init(),
        Format::Json => tracing_subscriber::registry()
            .with(lines.json().flatten_event(true).with_filter(targets))
            .try_init(),
    };
    begun.map_err(|error| Failure::failed(format!("logs: {error}")))
}

/// A level, or parts with a level each; a part without one is rather a level misspelt.
fn targets(filter: &str) -> Option<Targets> {
    let is_level = |word: &str| word.parse::<LevelFilter>().is_ok();
    let mut words = filter.split(',');
    let known = words.all(|word| match word.split_once('=') {
        Some((_, level)) => is_level(level),
        None => is_level(word),
    });
    filter.parse().ok().filter(|_| known)
}
