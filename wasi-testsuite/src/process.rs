//! A program of the suite in a process of its own, started as the suite's own runner does: on a
//! private copy of its directory, its input an open pipe, for a limited time. Does not know what
//! the process is: this crate's `guest`, or the command line.

use crate::{Expected, Program};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The time the suite gives a program, and as much again for a busy machine.
pub const LIMIT: Duration = Duration::from_secs(10);

/// What a process did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Done {
    /// Its exit code, unless something else ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it printed as errors.
    pub stderr: String,
    /// How long it ran.
    pub time: Duration,
    /// Whether it had to be ended.
    pub late: bool,
}

impl Program {
    /// Runs it by a command that takes `[--env NAME=VALUE]... [--dir ROOT::/] FILE [ARGUMENT]...`.
    ///
    /// # Errors
    /// When the directory cannot be copied or the process not be started.
    pub fn run_by(&self, mut command: Command) -> io::Result<Done> {
        let expected = &self.expected;
        let root = tempfile::tempdir()?;
        for (name, value) in &expected.env {
            command.arg("--env").arg(format!("{name}={value}"));
        }
        if let Some(original) = &expected.root {
            copy(original, root.path())?;
            let grant = format!("{}::/", root.path().display());
            command.arg("--dir").arg(grant);
        }
        command.arg(&self.path).args(&expected.args);
        run(command)
    }
}

impl Done {
    /// What is not as expected, if anything.
    pub fn problem(&self, expected: &Expected) -> Option<String> {
        if self.late {
            return Some("it takes too long".into());
        }
        if self.code != Some(expected.exit_code) {
            let wanted = expected.exit_code;
            return Some(format!("exit code {:?}, not {wanted}", self.code));
        }
        let outputs = [
            ("stdout", &self.stdout, &expected.stdout),
            ("stderr", &self.stderr, &expected.stderr),
        ];
        let other = |(name, output, wanted): (&str, &String, &Option<String>)| {
            let wanted = wanted.as_ref().filter(|wanted| *wanted != output)?;
            Some(format!("{name} is not {wanted:?}"))
        };
        outputs.into_iter().find_map(other)
    }

    /// All it printed, to be told with a problem.
    pub fn told(&self) -> String {
        format!("stdout: {}\nstderr: {}", self.stdout, self.stderr)
    }
}

/// Runs a process whose input stays open, and ends it when it takes too long.
///
/// # Errors
/// When it cannot be started or waited for.
pub fn run(mut command: Command) -> io::Result<Done> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let begin = Instant::now();
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let (code, late) = wait(&mut child, begin)?;
    drop(stdin);
    let joined = |reader: std::thread::JoinHandle<String>| reader.join().unwrap_or_default();
    Ok(Done {
        code,
        stdout: joined(stdout),
        stderr: joined(stderr),
        time: begin.elapsed(),
        late,
    })
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could be read is compared.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The exit code, and whether the time was over first.
fn wait(child: &mut Child, begin: Instant) -> io::Result<(Option<i32>, bool)> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status.code(), false));
        }
        if begin.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            return Ok((None, true));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Copies a directory that may be read-only, without what its programs leave behind.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&target)?;
            copy(&path, &target)?;
        } else if !name.to_string_lossy().ends_with(".cleanup") {
            std::fs::write(&target, std::fs::read(&path)?)?;
        }
    }
    Ok(())
}
