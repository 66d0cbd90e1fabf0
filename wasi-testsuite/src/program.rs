//! The programs of the suite, and the files beside them that say how each is run and what it must
//! do. A missing key means empty, zero, or not checked.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// A part of the suite and the number of programs it is known to have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// What it is called in the names of tests.
    pub name: &'static str,
    /// Where it is in the suite.
    pub path: &'static str,
    /// How many programs it has.
    pub programs: usize,
    /// Whether they start threads.
    pub threads: bool,
}

/// The parts for WASI 0.1, and threads.
pub const PARTS: &[Part] = &[
    Part {
        name: "rust",
        path: "tests/rust/testsuite/wasm32-wasip1",
        programs: 46,
        threads: false,
    },
    Part {
        name: "c",
        path: "tests/c/testsuite/wasm32-wasip1",
        programs: 14,
        threads: false,
    },
    Part {
        name: "assemblyscript",
        path: "tests/assemblyscript/testsuite/wasm32-wasip1",
        programs: 12,
        threads: false,
    },
    Part {
        name: "threads",
        path: "tests/proposals/wasi-threads",
        programs: 15,
        threads: true,
    },
];

/// A program.
#[derive(Clone, Debug)]
pub struct Program {
    /// The part it is from.
    pub part: Part,
    /// Its file's name without the ending.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What is said about it.
    pub expected: Expected,
}

/// How a program is run, and what it must do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Expected {
    /// Arguments after its name.
    pub args: Vec<String>,
    /// All of its environment.
    pub env: Vec<(String, String)>,
    /// What it is granted as `/`.
    pub root: Option<PathBuf>,
    /// Its exit code.
    pub exit_code: i32,
    /// What it must print, if that is checked.
    pub stdout: Option<String>,
    /// What it must print as errors, if that is checked.
    pub stderr: Option<String>,
}

/// The programs of all parts.
pub const PROGRAMS: usize = 87;

impl Part {
    /// Its programs, by name.
    ///
    /// # Errors
    /// When a file cannot be read or says something unknown.
    pub fn programs(&self, suite: &Path) -> Result<Vec<Program>, String> {
        let dir = suite.join(self.path);
        let entries = std::fs::read_dir(&dir).map_err(|error| format!("{dir:?}: {error}"))?;
        let paths = entries.flatten().map(|entry| entry.path());
        let mut paths: Vec<PathBuf> = paths
            .filter(|path| path.extension().is_some_and(|ending| ending == "wasm"))
            .collect();
        paths.sort();
        paths.into_iter().map(|path| self.program(path)).collect()
    }

    fn program(&self, path: PathBuf) -> Result<Program, String> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let beside = path.with_extension("json");
        let expected = match std::fs::read_to_string(&beside) {
            Ok(text) => Expected::read(&text, path.parent().unwrap_or(&path))
                .map_err(|wrong| format!("{beside:?}: {wrong}"))?,
            Err(_) => Expected::default(),
        };
        Ok(Program {
            part: *self,
            name: name.into_owned(),
            expected,
            path,
        })
    }
}

impl Expected {
    fn read(text: &str, dir: &Path) -> Result<Expected, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let object = value.as_object().ok_or("no object")?;
        let mut expected = Expected::default();
        for (key, value) in object {
            match (key.as_str(), value) {
                ("args", Value::Array(args)) => {
                    expected.args = args.iter().map(string).collect::<Result<_, _>>()?;
                }
                ("env", Value::Object(env)) => {
                    let pairs = env
                        .iter()
                        .map(|(name, value)| Ok((name.clone(), string(value)?)));
                    expected.env = pairs.collect::<Result<_, String>>()?;
                }
                ("root", root) => expected.root = Some(dir.join(string(root)?)),
                ("exit_code", Value::Number(code)) => {
                    let code = code.as_i64().and_then(|code| i32::try_from(code).ok());
                    expected.exit_code = code.ok_or("no exit code")?;
                }
                ("stdout", text) => expected.stdout = Some(string(text)?),
                ("stderr", text) => expected.stderr = Some(string(text)?),
                // Rather none than one that is not checked.
                (key, value) => return Err(format!("`{key}` says {value}, which is unknown")),
            }
        }
        Ok(expected)
    }
}

fn string(value: &Value) -> Result<String, String> {
    let text = value
        .as_str()
        .ok_or_else(|| format!("{value} is no text"))?;
    Ok(text.to_owned())
}
