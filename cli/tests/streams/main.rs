//! The streams of this process as a guest has them, in a process of its own each: outputs nobody
//! reads, descriptors that somebody else set not to wait, inputs that are shared, signals, and what
//! happens where memory is short.

#![cfg(unix)]

mod input;
mod memory;
mod output;
mod signals;

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a run may take that is to end by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// Imports of most guests here, and a memory.
const IMPORTS: &str = r#"
    (import "wasi_snapshot_preview1" "fd_read"
        (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (memory (export "memory") 4)"#;

/// A directory with a guest in it.
struct Guest {
    dir: TempDir,
}

impl Guest {
    /// One with these functions, beside the common imports.
    fn new(functions: &str) -> Guest {
        Guest::whole(&format!("(module {IMPORTS} {functions})"))
    }

    /// One that is this text.
    fn whole(text: &str) -> Guest {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("guest.wat"), text).expect("a file");
        Guest { dir }
    }

    /// One that is these bytes, in a file of the same name.
    #[cfg(target_os = "linux")]
    fn binary(bytes: &[u8]) -> Guest {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("guest.wat"), bytes).expect("a file");
        Guest { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A command in the directory, with flags of `run`.
    fn run(&self, flags: &[&str]) -> Command {
        let mut command = self.command(&["run"]);
        command.args(flags).arg("guest.wat");
        command
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limpid"));
        command.args(words).current_dir(self.dir.path());
        command.env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    /// The same where the host has no more than so many KiB of addresses.
    #[cfg(target_os = "linux")]
    fn run_within(&self, kib: u32, flags: &[&str]) -> Command {
        let mut command = Command::new("sh");
        let script = format!("ulimit -v {kib}; exec \"$0\" run \"$@\" guest.wat");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_limpid")]);
        command.args(flags).current_dir(self.dir.path());
        command.env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    /// What the report of a run says.
    fn report(&self) -> serde_json::Value {
        let text = std::fs::read_to_string(self.path("report.json")).expect("a report");
        serde_json::from_str(&text).expect("JSON")
    }
}

/// Waits for the end, and ends what does not.
#[track_caller]
fn end(mut child: Child) -> ExitStatus {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        if Instant::now() > until {
            child.kill().expect("a child");
            child.wait().expect("a child");
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
