//! The steps around a time as a text trace in a file.

use super::super::outcome::Failure;
use super::super::paths;
use super::session::{Motion, Session};
use limpid::observe::{Probe, TextTrace};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The file, unless another is named.
pub const FILE: &str = "limpid-steps.txt";

/// Steps before and after the time.
const AROUND: u64 = 100;

/// Writes the steps around the time at hand, as far as the run has come, to a new file, for its
/// owner alone.
///
/// # Errors
/// When the file cannot be written, or is there already.
pub fn export(session: &mut Session, path: &str) -> Result<String, Failure> {
    let now = session.time();
    let first = now.saturating_sub(AROUND);
    let end = session.reached().min(now + AROUND);
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = lines.clone();
    let mut trace = TextTrace::new(move |line: &str| {
        let mut lines = sink.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line.to_owned());
    });
    session.pass_to(first)?;
    session.run_shown(end, move |event| trace.step(event))?;
    session.go(Motion::Goto(now))?;
    let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let shown = paths::shown(Path::new(path));
    let failed = |error: std::io::Error| Failure::failed(format!("{shown}: {error}"));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(failed)?;
    let count = super::model::count(lines.len(), "step");
    Ok(format!(
        "{count} around step {now} were written to {shown}."
    ))
}
