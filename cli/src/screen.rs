//! The way to the terminal for all that is no result: it goes to standard error, with colours only
//! where they are wanted.

use super::midline;
use super::outcome::Failure;
use super::patient::Patient;
use anstream::AutoStream;
use clap::ColorChoice;
use clap::builder::styling::{AnsiColor, Effects, Style};
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

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

/// Writes a line, or lines, about what happens, in one piece.
pub fn note(line: impl Display) {
    let mut text = AutoStream::new(Vec::new(), AutoStream::choice(&io::stderr()));
    if midline::end_line() {
        let _ = text.write_all(b"\n");
    }
    // Nobody can be told that nobody can be told.
    let _ = writeln!(text, "{line}");
    let _ = Patient::stderr().write_all(&text.into_inner());
}

/// Tells a failure; returns its exit code.
pub fn tell(failure: &Failure) -> ExitCode {
    if !failure.text().is_empty() {
        note(format_args!(
            "{}: {}",
            styled(ERROR, "error"),
            failure.text()
        ));
    }
    if !failure.lines_below().is_empty() {
        note(failure.lines_below());
    }
    if let Some(hint) = failure.help() {
        note(format_args!("{}: {hint}", styled(HINT, "help")));
    }
    ExitCode::from(failure.code())
}

/// The way of logs to standard error: whole lines, as they are.
pub struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut text = Vec::with_capacity(bytes.len() + 1);
        if midline::end_line() {
            text.push(b'\n');
        }
        text.extend_from_slice(bytes);
        Patient::stderr().write_all(&text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
