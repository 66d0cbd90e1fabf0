//! The processes that are compared: where they are, and how one is started with a guest.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The sides, and a folder for what they need.
pub struct Sides {
    limpid: PathBuf,
    /// The interpreter of Python that has wasmtime, and the program for it.
    wasmtime: Option<(PathBuf, PathBuf)>,
    pub folder: PathBuf,
}

impl Sides {
    /// Builds the command line, and looks whether wasmtime is there.
    pub fn find() -> Result<Sides, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.unwrap_or_else(|| root.join("target"));
        let folder = target.join("bench").join("wasi");
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--release", "--quiet", "--package", "limpid-cli"])
            .current_dir(&root)
            .status();
        if !built.is_ok_and(|status| status.success()) {
            return Err("the command line cannot be built".into());
        }
        let fetched = target.join("real-programs");
        let python = fetched.join("venv/bin/python");
        let script = root.join("xtask/src/real_programs/peer.py");
        let wasmtime = python.is_file().then_some((python, script));
        if wasmtime.is_none() {
            println!("left out: wasmtime (`cargo xtask real-programs` fetches it)");
        }
        let limpid = target.join("release").join("limpid");
        Ok(Sides {
            limpid,
            wasmtime,
            folder,
        })
    }

    /// Limpid, to be given a guest.
    pub fn limpid(&self) -> Command {
        Command::new(&self.limpid)
    }

    /// The seconds of compiling and running a guest with wasmtime, if it is there.
    pub fn wasmtime(
        &self,
        args: &[&OsStr],
        run: impl FnOnce(Command) -> Result<f64, String>,
    ) -> Result<Option<[f64; 2]>, String> {
        let Some((python, script)) = &self.wasmtime else {
            return Ok(None);
        };
        let times = self.folder.join("times");
        let mut command = Command::new(python);
        command.arg(script).arg(&times).args(args);
        run(command)?;
        let text = std::fs::read_to_string(&times).map_err(|error| error.to_string())?;
        let seconds: Vec<f64> = text.split_whitespace().flat_map(str::parse).collect();
        match seconds[..] {
            [compile, run, _] => Ok(Some([compile, run])),
            _ => Err(format!("wasmtime's times are {text:?}")),
        }
    }

    /// A guest as a file; COUNT in its text becomes a number.
    pub fn guest(&self, name: &str, text: &str, count: u32) -> Result<PathBuf, String> {
        let wasm = wat::parse_str(text.replace("COUNT", &count.to_string()));
        let wasm = wasm.map_err(|error| format!("{name}: {error}"))?;
        let path = self.folder.join(format!("{name}-{count}.wasm"));
        std::fs::write(&path, wasm).map_err(|error| error.to_string())?;
        Ok(path)
    }
}

/// Runs a process with this input and an output that goes nowhere; its seconds.
pub fn seconds(mut command: Command, input: Option<&Path>) -> Result<f64, String> {
    let input = match input {
        Some(path) => std::fs::File::open(path)
            .map_err(|error| error.to_string())?
            .into(),
        None => Stdio::null(),
    };
    // Not `Stdio::null()`: it is opened for reading and writing alike, which some take amiss.
    let output = std::fs::File::create("/dev/null").map_err(|error| error.to_string())?;
    command.stdin(input).stdout(output);
    let start = Instant::now();
    let status = command.status();
    let seconds = start.elapsed().as_secs_f64();
    match status {
        Ok(status) if status.success() => Ok(seconds),
        Ok(status) => Err(format!("{command:?}: {status}")),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}
