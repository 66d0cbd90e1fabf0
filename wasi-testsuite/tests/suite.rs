//! The official WASI suite: a test for each program in each configuration, run in a process of its
//! own on a private copy of its directory. There is no list of exceptions.

use libtest_mimic::{Arguments, Failed, Trial};
use limpid_wasi_testsuite::{ALL, Configuration, Expected, PARTS, Program, guest, suite};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The word by which this program is told that it is to run a program of the suite.
const GUEST: &str = "--guest";

/// The time the suite gives a program, and as much again for a busy machine.
const LIMIT: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some((GUEST, rest)) = args.split_first().map(|(word, rest)| (word.as_str(), rest)) {
        match guest::run(rest) {
            Ok(code) => std::process::exit(code),
            Err(error) => {
                eprintln!("{error:#}");
                return ExitCode::from(99);
            }
        }
    }
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("counts", counts)];
    let programs: Vec<Program> = suite().map_or(Vec::new(), |suite| {
        let parts = PARTS
            .iter()
            .flat_map(|part| part.programs(&suite).unwrap_or_default());
        parts.collect()
    });
    for configuration in ALL {
        let name = format!("rights_are_enforced::{}", configuration.name);
        trials.push(Trial::test(name, || rights_are_enforced(configuration)));
        for program in &programs {
            let program = program.clone();
            let (part, configured) = (program.part.name, configuration.name);
            let name = format!("{part}::{}::{configured}", program.name);
            trials.push(Trial::test(name, move || judge(&program, configuration)));
        }
    }
    if programs.is_empty() {
        println!("left out: the WASI suite is not here (LIMPID_SHARED says where it is)");
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Whether the suite has as many programs as it is known to have, all of them readable.
fn counts() -> Result<(), Failed> {
    let Some(suite) = suite() else {
        return Ok(());
    };
    for part in PARTS {
        let programs = part.programs(&suite)?.len();
        if programs != part.programs {
            return Err(format!("{}: {programs}, not {}", part.name, part.programs).into());
        }
    }
    let without_threads = PARTS.iter().filter(|part| !part.threads);
    let total: usize = without_threads.map(|part| part.programs).sum();
    match total {
        72 => Ok(()),
        _ => Err(format!("{total} programs without threads, not 72").into()),
    }
}

/// Runs a program and compares what it did.
fn judge(program: &Program, configuration: &Configuration) -> Result<(), Failed> {
    let expected = &program.expected;
    let root = tempfile::tempdir()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args([GUEST, configuration.name]);
    if let Some(original) = &expected.root {
        copy(original, root.path())?;
        command.arg("--root").arg(root.path());
    }
    for (name, value) in &expected.env {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    command.arg(&program.path).args(&expected.args);
    let done = run(command)?;
    done.compare(expected)
}

/// What a process did.
struct Done {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Done {
    fn compare(&self, expected: &Expected) -> Result<(), Failed> {
        let Done {
            code,
            stdout,
            stderr,
        } = self;
        let told = |what: &str| format!("{what}\nstdout: {stdout}\nstderr: {stderr}");
        if *code != Some(expected.exit_code) {
            let wanted = expected.exit_code;
            return Err(told(&format!("exit code {code:?}, not {wanted}")).into());
        }
        for (name, output, wanted) in [
            ("stdout", stdout, &expected.stdout),
            ("stderr", stderr, &expected.stderr),
        ] {
            if wanted.as_ref().is_some_and(|wanted| wanted != output) {
                return Err(told(&format!("{name} is not {wanted:?}")).into());
            }
        }
        Ok(())
    }
}

/// Runs a process whose input stays open, and ends it when it takes too long.
fn run(mut command: Command) -> Result<Done, Failed> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let code = wait(&mut child)?;
    drop(stdin);
    let joined = |reader: std::thread::JoinHandle<String>| reader.join().unwrap_or_default();
    Ok(Done {
        code,
        stdout: joined(stdout),
        stderr: joined(stderr),
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

fn wait(child: &mut Child) -> Result<Option<i32>, Failed> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        if begin.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            return Err("it takes too long".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Copies a directory that may be read-only, without what its programs leave behind.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
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

/// The suite's programs skip what they ask about rights where giving rights up is not supported:
/// here it is, and a right that was given up is gone.
fn rights_are_enforced(configuration: &Configuration) -> Result<(), Failed> {
    let root = tempfile::tempdir()?;
    let guest = root.path().join("guest.wat");
    std::fs::write(&guest, RIGHTS)?;
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args([GUEST, configuration.name, "--root"])
        .arg(root.path())
        .arg(&guest);
    run(command)?.compare(&Expected::default())
}

/// Gives all rights of descriptor 3 up; then asking for one back and using one both give
/// NOTCAPABLE. Exits with the number of the step that went wrong.
const RIGHTS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_fdstat_set_rights"
    (func $set (param i32 i64 i64) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory"
    (func $create (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "dir1dir2")
  (func $check (param $step i32) (param $found i32) (param $wanted i32)
    (if (i32.ne (local.get $found) (local.get $wanted))
      (then (call $exit (local.get $step)))))
  (func (export "_start")
    (call $check (i32.const 1)
      (call $create (i32.const 3) (i32.const 0) (i32.const 4)) (i32.const 0))
    (call $check (i32.const 2)
      (call $set (i32.const 3) (i64.const 0) (i64.const 0)) (i32.const 0))
    (call $check (i32.const 3)
      (call $create (i32.const 3) (i32.const 4) (i32.const 4)) (i32.const 76))
    (call $check (i32.const 4)
      (call $set (i32.const 3) (i64.const 512) (i64.const 0)) (i32.const 76))))"#;
