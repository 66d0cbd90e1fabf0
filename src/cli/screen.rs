//! The way to the terminal: results go to standard output, all else to standard error; colours
//! only where they are wanted; nobody reading any more is no reason to complain.

use super::account::{self, Status};
use super::failure::FAILED;
use super::streams::Patient;
use anstream::AutoStream;
use clap::ColorChoice;
use clap::builder::styling::{AnsiColor, Effects, Style};
use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, Write};

/// Faults.
pub const ERROR: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
/// Things that help.
pub const HINT: Style = AnsiColor::Cyan.on_default();
/// What stands out.
pub const BOLD: Style = Style::new().bold();
/// What stands back.
pub const DIM: Style = Style::new().effects(Effects::DIMMED);
/// Names and types.
pub const NAME: Style = AnsiColor::Green.on_default();

/// Decides on colours for the rest of the process.
pub fn choose(color: ColorChoice) {
    let choice = match color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Text in a style.
pub fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Results, written together.
pub struct Results(BufWriter<AutoStream<Box<dyn Write>>>);

impl Results {
    /// Takes standard output.
    pub fn new() -> Results {
        let output: Box<dyn Write> = Box::new(Patient::stdout());
        let choice = AutoStream::choice(&io::stdout());
        Results(BufWriter::new(AutoStream::new(output, choice)))
    }

    /// Writes a line.
    pub fn line(&mut self, line: impl Display) {
        quietly(writeln!(self.0, "{line}"));
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        quietly(self.0.flush());
    }
}

/// Writes a line about what happens.
pub fn note(line: impl Display) {
    // Nobody can be told that nobody can be told.
    let output: Box<dyn Write> = Box::new(Patient::stderr());
    let mut output = AutoStream::new(output, AutoStream::choice(&io::stderr()));
    let _ = output.write_all(format!("{line}\n").as_bytes());
}

/// Ends the process when nobody reads any more; tells any other failure.
pub fn quietly(written: io::Result<()>) {
    let Err(error) = written else {
        return;
    };
    if error.kind() == ErrorKind::BrokenPipe {
        account::leave(Status::PipeClosed, 0);
    }
    note(format_args!("{}: {error}", styled(ERROR, "error")));
    account::leave(Status::Error, FAILED);
}
