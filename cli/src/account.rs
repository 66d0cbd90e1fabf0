//! The account of a run that `--report FILE` asks for: how it ended and what it used, as JSON for
//! programs. Every way out of the process passes here, so that it is written once, and whole or
//! not at all.

use super::failure::{Failure, USAGE};
use super::{lines, load, paths, trap};
use limpid::observe::escape;
use limpid::wasi::I32Exit;
use limpid::{Error, MemoryFault, ThrownException, Trap, WasmBacktrace};
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It returned.
    Ok,
    /// The guest ended itself with a status.
    Exit,
    /// A trap that is none of the following.
    Trap,
    /// An exception that nothing caught.
    Exception,
    /// The fuel was used up.
    Fuel,
    /// The time was up.
    Timeout,
    /// The user stopped it, or whoever else may send it a signal.
    Interrupted,
    /// As many instructions were shown as were asked for.
    Stopped,
    /// Nobody read any more what was shown of it. A guest whose own output nobody reads goes on.
    PipeClosed,
    /// It did not begin: the command line, the module or its imports are wrong.
    Error,
}

/// Why a run failed, beside what is told to the user.
#[derive(Clone, Debug)]
pub struct Cause {
    status: Status,
    code: &'static str,
    guest_exit: Option<i32>,
    trap: Option<TrapAccount>,
}

/// All that is told.
#[derive(Serialize, Debug)]
struct Account<'a> {
    limpid: &'static str,
    file: &'a str,
    status: Status,
    exit_code: u8,
    guest_exit: Option<i32>,
    error: Option<ErrorAccount<'a>>,
    trap: Option<TrapAccount>,
    fuel: Option<u64>,
    steps: Option<u64>,
    seconds: f64,
    peak_memory: u64,
}

#[derive(Serialize, Debug)]
struct ErrorAccount<'a> {
    code: &'static str,
    message: &'a str,
}

#[derive(Clone, Serialize, Debug)]
struct TrapAccount {
    code: &'static str,
    message: String,
    /// The rule of the spec that traps: its page, and the instruction.
    rule: Option<String>,
    memory: Option<MemoryAccount>,
    backtrace: Vec<FrameAccount>,
}

#[derive(Clone, Serialize, Debug)]
struct MemoryAccount {
    index: u32,
    size: u64,
    /// More than 64 bits, where an address and an offset add up to that.
    address: String,
    bytes: u64,
}

#[derive(Clone, Serialize, Debug)]
struct FrameAccount {
    module: Option<String>,
    index: u32,
    name: String,
    offset: Option<usize>,
    source: Vec<SourceAccount>,
}

#[derive(Clone, Serialize, Debug)]
struct SourceAccount {
    name: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
}

/// A run that is not over.
struct Draft {
    path: PathBuf,
    file: String,
    started: Instant,
}

/// The run of this process, if an account of it is wanted.
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

/// Begins an account.
///
/// # Errors
/// When it could not be written in the end.
pub fn begin(path: &Path, file: &Path) -> Result<(), Failure> {
    paths::not_empty("--report", path)?;
    let shown = load::shown(path);
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
        file: load::shown(file),
        started: Instant::now(),
    });
    Ok(())
}

/// Ends the account of a run that came back.
///
/// # Errors
/// That of the run, or when the account cannot be written.
pub fn end(ran: Result<(), Failure>) -> Result<(), Failure> {
    let written = match &ran {
        Ok(()) => write(Status::Ok, 0, None),
        Err(failure) => write(Status::Error, failure.code(), Some(failure)),
    };
    match (ran, written) {
        (Ok(()), written) => written,
        (Err(failure), Ok(())) => Err(failure),
        (Err(failure), Err(unwritten)) => {
            unwritten.tell();
            Err(failure)
        }
    }
}

/// Ends the process in the middle of a run.
pub fn leave(status: Status, code: u8) -> ! {
    if let Err(failure) = write(status, code, None) {
        failure.tell();
    }
    std::process::exit(code.into())
}

fn draft() -> std::sync::MutexGuard<'static, Option<Draft>> {
    // A draft is whole at any time.
    DRAFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes the account, if one is wanted and was not written by another thread.
fn write(status: Status, exit_code: u8, failure: Option<&Failure>) -> Result<(), Failure> {
    let mut guard = draft();
    let Some(draft) = guard.take() else {
        return Ok(());
    };
    let cause = failure.and_then(Failure::cause);
    let status = cause.map_or(status, |cause| cause.status);
    let error = failure.filter(|_| status == Status::Error);
    let account = Account {
        limpid: env!("CARGO_PKG_VERSION"),
        file: &draft.file,
        status,
        exit_code,
        guest_exit: cause.and_then(|cause| cause.guest_exit),
        error: error.map(|failure| ErrorAccount {
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
    let text = serde_json::to_string_pretty(&account);
    let written = match text {
        Ok(text) => replace(&draft.path, &(text + "\n")),
        Err(error) => Err(error.into()),
    };
    // Held until here: another thread that ends the process waits for the file.
    drop(guard);
    let failed = |error| Failure::failed(format!("{}: {error}", load::shown(&draft.path)));
    written.map_err(failed)
}

/// Finds out whether the account can be written, and leaves everything as it is.
fn try_out(path: &Path) -> io::Result<()> {
    if is_stream(path) {
        // A pipe would have its reader see the end when this closes it again.
        #[cfg(unix)]
        rustix::fs::access(path, rustix::fs::Access::WRITE_OK)?;
        return Ok(());
    }
    let beside = beside(path);
    File::create_new(&beside)?;
    fs::remove_file(&beside)
}

/// Whether it is no file to be replaced but something to be written to: a terminal, a pipe, or an
/// open file of this process by the name that the system has for it.
fn is_stream(path: &Path) -> bool {
    let special = fs::metadata(path).is_ok_and(|found| !found.is_file());
    special || ["/dev", "/proc"].iter().any(|dir| path.starts_with(dir))
}

/// The name that an account has until it is whole, with which it is in nobody's way.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}

/// Puts a whole file in the place of another. What is no file is written to.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    if is_stream(path) {
        // Where others write to the same file, nobody's place is lost.
        let mut stream = File::options().append(true).open(path)?;
        return stream.write_all(text.as_bytes());
    }
    let beside = beside(path);
    let written = File::create_new(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It is not there, or nobody can be told.
        let _ = fs::remove_file(&beside);
    }
    written
}

impl Cause {
    /// A run that could not begin.
    pub fn new(code: &'static str) -> Cause {
        Cause {
            status: Status::Error,
            code,
            guest_exit: None,
            trap: None,
        }
    }

    /// What an error says.
    pub fn of(error: &Error) -> Cause {
        let mut cause = Cause::new(error.code());
        cause.status = match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Status::Fuel,
            Some(Trap::Interrupt) => Status::Timeout,
            Some(_) => Status::Trap,
            None if error.is::<ThrownException>() => Status::Exception,
            None if error.is::<I32Exit>() => Status::Exit,
            None => Status::Error,
        };
        cause.guest_exit = error.downcast_ref::<I32Exit>().map(|exit| exit.0);
        if !matches!(cause.status, Status::Exit | Status::Error) {
            cause.trap = Some(TrapAccount::of(error));
        }
        cause
    }
}

impl TrapAccount {
    fn of(error: &Error) -> TrapAccount {
        let fault = error.downcast_ref::<MemoryFault>();
        let backtrace = error.downcast_ref::<WasmBacktrace>();
        let frames = backtrace.map_or(&[][..], WasmBacktrace::frames);
        let limit = matches!(
            error.downcast_ref::<Trap>(),
            Some(Trap::OutOfFuel | Trap::Interrupt | Trap::GrowRefused | Trap::HeapExhausted)
        );
        let instruction = frames
            .first()
            .filter(|_| !limit)
            .and_then(trap::instruction);
        TrapAccount {
            code: error.code(),
            message: escape::line(&format!("{error:#}")).into_owned(),
            rule: instruction.map(|mnemonic| format!("exec/instructions, {mnemonic}")),
            memory: fault.map(|fault| MemoryAccount {
                index: fault.memory,
                size: fault.size,
                address: format!("{:#x}", fault.address),
                bytes: fault.bytes,
            }),
            backtrace: frames.iter().map(FrameAccount::of).collect(),
        }
    }
}

impl FrameAccount {
    fn of(frame: &limpid::FrameInfo) -> FrameAccount {
        let text = |text: &str| escape::name(text).into_owned();
        let source = frame.symbols().iter().map(|symbol| SourceAccount {
            name: symbol.name().map(text),
            file: symbol.file().map(text),
            line: symbol.line(),
            column: symbol.column(),
        });
        let text_place = lines::of(frame).map(|place| SourceAccount {
            name: frame.func_name().map(text),
            file: Some(place.file),
            line: Some(place.line),
            column: Some(place.column),
        });
        FrameAccount {
            module: frame.module().name().map(text),
            index: frame.func_index(),
            name: trap::function(frame),
            offset: frame.module_offset(),
            source: source.chain(text_place).collect(),
        }
    }
}
