//! The official WASI suite: a test for each program in each configuration, run in a process of its
//! own on a private copy of its directory. There is no list of exceptions.

use libtest_mimic::{Arguments, Conclusion, Failed, Trial};
use limpid_wasi_testsuite::program::PROGRAMS;
use limpid_wasi_testsuite::{ALL, Configuration, Expected, PARTS, Program, guest, process, suite};
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = guest::asked() {
        std::process::exit(code);
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
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !programs.is_empty() && is_whole(&arguments) && !all_passed(&conclusion) {
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

/// Whether everything was to be run.
fn is_whole(arguments: &Arguments) -> bool {
    arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.list && !arguments.ignored
}

/// Whether as many tests passed as there are: each program in each configuration, how rights are
/// there, and the counts.
fn all_passed(conclusion: &Conclusion) -> bool {
    let all = (PROGRAMS + 1) * ALL.len() + 1;
    println!(
        "{PROGRAMS} programs in {} configurations: {} of {all} tests passed",
        ALL.len(),
        conclusion.num_passed
    );
    conclusion.num_passed == all as u64
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
    let sum = |threads: bool| -> usize {
        let parts = PARTS.iter().filter(|part| part.threads == threads);
        parts.map(|part| part.programs).sum()
    };
    match (sum(false), sum(true)) {
        (72, 15) => Ok(()),
        (without, with) => Err(format!("{without} and {with} programs, not 72 and 15").into()),
    }
}

/// Runs a program and compares what it did.
fn judge(program: &Program, configuration: &Configuration) -> Result<(), Failed> {
    let done = program.run_by(guest::command(configuration)?)?;
    compare(&done, &program.expected)
}

fn compare(done: &process::Done, expected: &Expected) -> Result<(), Failed> {
    match done.problem(expected) {
        Some(problem) => Err(format!("{problem}\n{}", done.told()).into()),
        None => Ok(()),
    }
}

/// The suite's programs skip what they ask about rights where giving rights up is not supported:
/// here it is, and a right that was given up is gone.
fn rights_are_enforced(configuration: &Configuration) -> Result<(), Failed> {
    let root = tempfile::tempdir()?;
    let program = root.path().join("guest.wat");
    std::fs::write(&program, RIGHTS)?;
    let grant = format!("{}::/", root.path().display());
    let mut command = guest::command(configuration)?;
    command.args(["--dir", &grant]).arg(&program);
    compare(&process::run(command)?, &Expected::default())
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
