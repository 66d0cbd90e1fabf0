//! The report of a run that `--report FILE` asks for: how it ended and what it used, as JSON for
//! programs. Every way out of the process passes here, so that it is written once, and whole or
//! not at all.

use super::outcome::{Failure, Status, TrapReport, USAGE};
use super::{paths, screen};
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tempfile::NamedTempFile;

/// The report.
#[derive(Serialize, Debug)]
struct Report<'a> {
    limpid: &'static str,
    file: &'a str,
    status: Status,
    exit_code: u8,
    guest_exit: Option<i32>,
    error: Option<ErrorReport<'a>>,
    trap: Option<TrapReport>,
    fuel: Option<u64>,
    steps: Option<u64>,
    seconds: f64,
    peak_memory: u64,
}

#[derive(Serialize, Debug)]
struct ErrorReport<'a> {
    code: &'static str,
    message: &'a str,
}

/// A run that is not over.
struct Draft {
    path: PathBuf,
    file: String,
    started: Instant,
}

/// The run of this process, if a report of it is wanted.
static DRAFT: Mutex<Option<Draft>> = Mutex::new(None);

/// Bytes of the guest's memories, which only grow.
static MEMORY: AtomicU64 = AtomicU64::new(0);

/// What is known only of some runs.
struct Count(AtomicU64);

impl Count {
    const UNKNOWN: u64 = u64::MAX;

    fn get(&self) -> Option<u64> {
        Some(self.0.load(Relaxed)).filter(|count| *count != Count::UNKNOWN)
    }
}

static FUEL: Count = Count(AtomicU64::new(Count::UNKNOWN));
static STEPS: Count = Count(AtomicU64::new(Count::UNKNOWN));

/// Memories have grown by that many bytes, or have not after all.
pub fn memory_grew(bytes: i64) {
    MEMORY.fetch_add(bytes as u64, Relaxed);
}

/// So much fuel was used: of several threads, by the one that ended the run, which tells it first.
pub fn fuel_used(units: u64) {
    // What was told first holds.
    let _ = FUEL
        .0
        .compare_exchange(Count::UNKNOWN, units, Relaxed, Relaxed);
}

/// So many instructions were executed.
pub fn stepped(steps: u64) {
    STEPS.0.store(steps, Relaxed);
}

/// How many instructions were executed, as far as that was told.
pub fn steps() -> u64 {
    STEPS.get().unwrap_or(0)
}

/// Begins a report.
///
/// # Errors
/// When it could not be written in the end.
pub fn begin(path: &Path, file: &Path) -> Result<(), Failure> {
    paths::not_empty("--report", path)?;
    let shown = paths::shown(path);
    let refused = |what: &str| Err(Failure::usage(format!("--report {shown}: {what}")));
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    if dir.is_some_and(|dir| !dir.is_dir()) {
        return refused("there is no such directory");
    }
    if path.is_dir() || path.file_name().is_none() {
        return refused("that is a directory");
    }
    if let Err(error) = try_out(path) {
        return refused(&error.to_string());
    }
    *draft() = Some(Draft {
        path: path.to_owned(),
        file: paths::shown(file),
        started: Instant::now(),
    });
    Ok(())
}

/// Ends the report of a run that came back.
///
/// # Errors
/// That of the run, or when the report cannot be written.
pub fn end(ran: Result<(), Failure>) -> Result<(), Failure> {
    let written = match &ran {
        Ok(()) => write(Status::Ok, 0, None),
        Err(failure) => write(Status::Error, failure.code(), Some(failure)),
    };
    match (ran, written) {
        (Ok(()), written) => written,
        (Err(failure), Ok(())) => Err(failure),
        (Err(failure), Err(unwritten)) => {
            screen::tell(&unwritten);
            Err(failure)
        }
    }
}

fn draft() -> std::sync::MutexGuard<'static, Option<Draft>> {
    // A draft is whole at any time.
    DRAFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes the report, if one is wanted and was not written by another thread.
///
/// # Errors
/// When it cannot be written.
pub fn write(status: Status, exit_code: u8, failure: Option<&Failure>) -> Result<(), Failure> {
    let mut guard = draft();
    let Some(draft) = guard.take() else {
        return Ok(());
    };
    let cause = failure.and_then(Failure::cause);
    let status = cause.map_or(status, |cause| cause.status);
    let error = failure.filter(|_| status == Status::Error);
    let report = Report {
        limpid: env!("CARGO_PKG_VERSION"),
        file: &draft.file,
        status,
        exit_code,
        guest_exit: cause.and_then(|cause| cause.guest_exit),
        error: error.map(|failure| ErrorReport {
            code: match cause {
                Some(cause) => cause.code,
                None if failure.code() == USAGE => "usage",
                None => "failed",
            },
            message: failure.text(),
        }),
        trap: cause.and_then(|cause| cause.trap.clone()),
        fuel: FUEL.get(),
        steps: STEPS.get(),
        seconds: draft.started.elapsed().as_secs_f64(),
        peak_memory: MEMORY.load(Relaxed),
    };
    let text = serde_json::to_string_pretty(&report);
    let written = match text {
        Ok(text) => replace(&draft.path, &(text + "\n")),
        Err(error) => Err(error.into()),
    };
    // Held until here: another thread that ends the process waits for the file.
    drop(guard);
    let failed = |error| Failure::failed(format!("{}: {error}", paths::shown(&draft.path)));
    written.map_err(failed)
}

/// Finds out whether the report can be written, and leaves everything as it is.
fn try_out(path: &Path) -> io::Result<()> {
    if is_stream(path) {
        // A pipe would have its reader see the end when this closes it again.
        #[cfg(unix)]
        rustix::fs::access(path, rustix::fs::Access::WRITE_OK)?;
        return Ok(());
    }
    beside(path).and_then(NamedTempFile::close)
}

/// Whether it is no file to be replaced but something to be written to: a terminal, a pipe, or an
/// open file of this process by the name that the system has for it.
fn is_stream(path: &Path) -> bool {
    let special = fs::metadata(path).is_ok_and(|found| !found.is_file());
    special || ["/dev", "/proc"].iter().any(|dir| path.starts_with(dir))
}

/// A file beside the one that it is to replace, with a name that is in nobody's way. It is
/// removed again unless it takes the other's place.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    // It is opened here so that it has the permissions of any other file.
    tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .make_in(dir.unwrap_or(Path::new(".")), |path| File::create_new(path))
}

/// Puts a whole file in the place of another. What is no file is written to.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    if is_stream(path) {
        // Where others write to the same file, nobody's place is lost.
        let mut stream = File::options().append(true).open(path)?;
        return stream.write_all(text.as_bytes());
    }
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
