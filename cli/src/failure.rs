//! What is told when something fails, and the exit code that goes with it.

use super::account::Cause;
use super::screen::{ERROR, HINT, Results, note, styled};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;
use std::fmt::Display;
use std::process::ExitCode;

/// The module cannot be loaded, is not valid or cannot be linked, or something else is wrong.
pub const FAILED: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// A trap, or the end of fuel or time.
pub const TRAPPED: u8 = if cfg!(windows) { 3 } else { 134 };
/// A signal ended it: this and the signal's number, as shells have it.
#[cfg(unix)]
pub const SIGNALLED: u8 = 128;

/// Why a verb ends without success. Its texts have passed the escaping door.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    /// What is wrong; nothing is told when it is empty.
    text: String,
    /// Lines below, as they are.
    details: String,
    hint: Option<String>,
    /// What programs are told.
    cause: Option<Box<Cause>>,
}

impl Failure {
    /// With an exit code.
    pub fn new(code: u8, text: impl Display) -> Failure {
        Failure {
            code,
            text: text.to_string(),
            details: String::new(),
            hint: None,
            cause: None,
        }
    }

    /// Something is wrong with a file.
    pub fn failed(text: impl Display) -> Failure {
        Failure::new(FAILED, text)
    }

    /// Something is wrong with the command line.
    pub fn usage(text: impl Display) -> Failure {
        Failure::new(USAGE, text)
    }

    /// All is told already.
    pub fn silent(code: u8) -> Failure {
        Failure::new(code, "")
    }

    /// Says where what is wrong stands.
    pub fn at(mut self, place: impl Display) -> Failure {
        self.text = format!("{place}: {}", self.text);
        self
    }

    /// Adds lines below.
    pub fn details(mut self, details: impl Display) -> Failure {
        self.details = details.to_string();
        self
    }

    /// Adds what may help.
    pub fn hint(mut self, hint: impl Display) -> Failure {
        self.hint = Some(hint.to_string());
        self
    }

    /// Adds what programs are told.
    pub fn because(mut self, cause: Cause) -> Failure {
        self.cause = Some(Box::new(cause));
        self
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// What is wrong.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What programs are told.
    pub fn cause(&self) -> Option<&Cause> {
        self.cause.as_deref()
    }

    /// Tells it.
    pub fn tell(&self) -> ExitCode {
        if !self.text.is_empty() {
            note(format_args!("{}: {}", styled(ERROR, "error"), self.text));
        }
        if !self.details.is_empty() {
            note(&self.details);
        }
        if let Some(hint) = &self.hint {
            note(format_args!("{}: {hint}", styled(HINT, "help")));
        }
        ExitCode::from(self.code)
    }
}

/// Tells what clap found wrong, or the help that was asked for. Its advice to write an unknown flag
/// after `--` is left out, since that would make a file of it.
pub fn usage(mut error: clap::Error, words: &[OsString]) -> ExitCode {
    if let Some(failure) = empty_path(&error, words) {
        return failure.tell();
    }
    if let Some(ContextValue::StyledStrs(tips)) = error.remove(ContextKind::Suggested) {
        let useful = |tip: &StyledStr| !tip.to_string().contains(" as a value, use ");
        let tips: Vec<StyledStr> = tips.into_iter().filter(useful).collect();
        if !tips.is_empty() {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
    }
    let text = error.render().ansi().to_string();
    let text = text.strip_suffix('\n').unwrap_or(&text);
    match error.use_stderr() {
        true => {
            note(text);
            ExitCode::from(USAGE)
        }
        false => {
            Results::new().line(text);
            ExitCode::SUCCESS
        }
    }
}

/// What is said of a path that is empty, for which clap has the words of one that is missing.
fn empty_path(error: &clap::Error, words: &[OsString]) -> Option<Failure> {
    let is_empty = |word: &OsString| word.is_empty() || word.as_encoded_bytes().ends_with(b"=");
    let value = error.get(ContextKind::InvalidValue);
    let is_value = error.kind() == ErrorKind::InvalidValue
        && matches!(value, Some(ContextValue::String(value)) if value.is_empty());
    let Some(ContextValue::String(arg)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let is_path = arg.contains("FILE");
    (is_value && is_path && words.iter().any(is_empty)).then(|| {
        let name = arg.split([' ', '=']).next().unwrap_or(arg);
        let name = name.trim_matches(['<', '>', '[', ']', '.']);
        Failure::usage(format!("{name}: the path is empty"))
    })
}
