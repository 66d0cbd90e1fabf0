//! What clap finds wrong with the command line, and the help that was asked for.

use super::outcome::{Failure, USAGE};
use super::results::Results;
use super::screen::{note, tell};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;
use std::process::ExitCode;

/// Tells what clap found wrong, or the help that was asked for. Its advice to write an unknown flag
/// after `--` is left out, since that would make a file of it.
pub fn tell_wrong(mut error: clap::Error, words: &[OsString]) -> ExitCode {
    if let Some(failure) = empty_path(&error, words) {
        return tell(&failure);
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
