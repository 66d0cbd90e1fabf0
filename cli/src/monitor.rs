//! `--monitor`: what is counted while a guest runs, and how it is shown at the end.

use super::outcome::Failure;
use super::paths::{self, Named};
use super::screen;
use super::settings::LayeredSettings;
use super::suggest::suggest;
use clap::{Args, ValueEnum};
use limpid::internals::exec::probe::Detail;
use limpid::observe::monitors::{Calls, Cell, Coverage, Hotness, Memory, Monitor as Counts};
use limpid::observe::monitors::{Opcodes, Rules, Table};
use limpid::observe::{Event, Probe, display};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What can be watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Monitor {
    /// Calls of WASI
    Wasi,
    /// Instructions by mnemonic
    Opcodes,
    /// Who calls whom
    Calls,
    /// Instructions by function and loop
    Hotness,
    /// What was reached
    Coverage,
    /// Accesses by page of memory
    Memory,
    /// Reduction rules of the formal specification
    Rules,
}

/// How counts are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// Columns for a reader
    Text,
    /// Comma-separated values
    Csv,
    /// JSON
    Json,
}

/// The flags.
#[derive(Args, Debug)]
pub struct MonitorFlags {
    /// Show calls of WASI as they return (`wasi`), or count while the guest runs: `opcodes`,
    /// `calls`, `hotness`, `coverage`, `memory`, `rules`
    #[arg(long, value_name = "WHAT", hide_possible_values = true)]
    monitor: Option<Monitor>,
    /// Show counts as: text, csv, json
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    monitor_format: Option<Format>,
    /// Write counts to this file instead of standard error
    #[arg(long, value_name = "FILE")]
    monitor_output: Option<PathBuf>,
}

impl MonitorFlags {
    /// Returns whether one is named on the command line.
    pub fn is_given(&self) -> bool {
        self.monitor.is_some()
    }

    /// What is to be watched.
    ///
    /// # Errors
    /// A setting that names nothing, and flags for counts where nothing is counted.
    pub fn kind(&self, given: &LayeredSettings) -> Result<Option<Monitor>, Failure> {
        let kind = match (self.monitor, given.text("run.monitor")) {
            (Some(kind), _) => Some(kind),
            (None, Some(word)) => Some(parse(word)?),
            (None, None) => None,
        };
        let counts = !matches!(kind, None | Some(Monitor::Wasi));
        if !counts && (self.monitor_format.is_some() || self.monitor_output.is_some()) {
            let text = "`--monitor-format` and `--monitor-output` need a monitor that counts";
            return Err(Failure::usage(text).hint("such as `--monitor hotness`"));
        }
        Ok(kind)
    }

    /// The file that is written, with its flag.
    pub fn output(&self) -> Option<Named> {
        let path = self.monitor_output.as_deref()?;
        Some(Named::new("--monitor-output", path))
    }

    /// The probe that counts, if something is to be counted. It shows the counts when it is
    /// dropped.
    ///
    /// # Errors
    /// As those of `kind`, and when the file cannot be written.
    pub fn probe(&self, given: &LayeredSettings) -> Result<Option<Box<dyn Probe>>, Failure> {
        let counts: Box<dyn Counts> = match self.kind(given)? {
            None | Some(Monitor::Wasi) => return Ok(None),
            Some(Monitor::Opcodes) => Box::new(Opcodes::default()),
            Some(Monitor::Calls) => Box::new(Calls::default()),
            Some(Monitor::Hotness) => Box::new(Hotness::default()),
            Some(Monitor::Coverage) => Box::new(Coverage::default()),
            Some(Monitor::Memory) => Box::new(Memory::default()),
            Some(Monitor::Rules) => Box::new(Rules::default()),
        };
        if let Some(path) = &self.monitor_output {
            paths::not_empty("--monitor-output", path)?;
            write(path, "")?;
        }
        Ok(Some(Box::new(Shown {
            counts,
            format: self.monitor_format.unwrap_or(Format::Text),
            output: self.monitor_output.clone(),
        })))
    }
}

/// The monitor that a setting names.
fn parse(word: &str) -> Result<Monitor, Failure> {
    Monitor::from_str(word, false).map_err(|_| {
        let known: Vec<String> = Monitor::value_variants()
            .iter()
            .filter_map(ValueEnum::to_possible_value)
            .map(|value| value.get_name().to_owned())
            .collect();
        let text = format!("`{}` cannot be monitored", display::name(word));
        let failure = Failure::usage(text);
        match suggest(word, known.iter().map(String::as_str)) {
            Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
            None => failure.hint(format!("these can: {}", known.join(", "))),
        }
    })
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = std::fs::write(path, text);
    written.map_err(|error| Failure::failed(format!("{}: {error}", paths::shown(path))))
}

/// A monitor that shows its counts when the run is over.
struct Shown {
    counts: Box<dyn Counts>,
    format: Format,
    output: Option<PathBuf>,
}

impl Probe for Shown {
    #[inline]
    fn step(&mut self, event: &Event<'_>) {
        self.counts.step(event);
    }

    fn detail(&self) -> Detail {
        self.counts.detail()
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let tables = self.counts.tables();
        let text = match self.format {
            Format::Text => text(&tables),
            Format::Csv => csv(&tables),
            Format::Json => json(&tables),
        };
        match &self.output {
            Some(path) => {
                if let Err(failure) = write(path, &text) {
                    screen::tell(&failure);
                }
            }
            None => screen::note(text.trim_end()),
        }
    }
}

/// A cell for readers.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::Offset(offset) => format!("{offset:#06x}"),
        Cell::Share(share) => format!("{:.1}%", share * 100.0),
    }
}

/// Columns; numbers stand at the right.
fn text(tables: &[Table]) -> String {
    let mut out = String::new();
    for (place, table) in tables.iter().enumerate() {
        let gap = if place == 0 { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{}", table.title);
        let rows: Vec<Vec<String>> = table
            .rows
            .iter()
            .map(|row| row.iter().map(shown).collect())
            .collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells
                .chain([table.columns[column].len()])
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
        let is_text = |column: usize| {
            let first = table.rows.first().map(|row| &row[column]);
            matches!(first, Some(Cell::Text(_)))
        };
        let head: Vec<String> = table.columns.iter().map(ToString::to_string).collect();
        for row in [&head].into_iter().chain(&rows) {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = widths[column];
                let _ = match is_text(column) {
                    true => write!(line, "  {cell:<width$}"),
                    false => write!(line, "  {cell:>width$}"),
                };
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out
}

/// The tables one after another, each with a line of its columns, an empty line between them.
fn csv(tables: &[Table]) -> String {
    let field = |text: &str| match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let cell = |cell: &Cell| match cell {
        Cell::Share(share) => format!("{share:.6}"),
        Cell::Text(text) => field(text),
        Cell::Offset(offset) => offset.to_string(),
        Cell::Count(count) => count.to_string(),
    };
    let mut out = String::new();
    for (place, table) in tables.iter().enumerate() {
        if place > 0 {
            out.push('\n');
        }
        let _ = writeln!(out, "{}", table.columns.join(","));
        for row in &table.rows {
            let cells: Vec<String> = row.iter().map(cell).collect();
            let _ = writeln!(out, "{}", cells.join(","));
        }
    }
    out
}

/// A list of tables, each with its title and its rows as objects.
fn json(tables: &[Table]) -> String {
    use serde_json::{Map, Value, json};
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => json!(text),
        Cell::Count(count) | Cell::Offset(count) => json!(count),
        Cell::Share(share) => json!(share),
    };
    let table = |table: &Table| {
        let row = |row: &Vec<Cell>| {
            let names = table.columns.iter().map(ToString::to_string);
            Value::Object(names.zip(row.iter().map(cell)).collect::<Map<_, _>>())
        };
        let rows: Vec<Value> = table.rows.iter().map(row).collect();
        json!({ "title": table.title, "rows": rows })
    };
    let tables: Vec<Value> = tables.iter().map(table).collect();
    let text = serde_json::to_string_pretty(&tables).unwrap_or_default();
    text + "\n"
}
