//! The conformance report: the official suites in several configurations, as a page and as JSON
//! under `target/conformance`. The work is done by a program of `spec-tests`, so that the other
//! verbs need no engine.

use std::process::{Command, ExitCode};

/// Runs the report; arguments are configurations such as `fused,threaded,fuel`.
pub fn main(configurations: &[String]) -> ExitCode {
    let status = Command::new(env!("CARGO"))
        .current_dir(crate::root())
        .args([
            "run",
            "--release",
            "--quiet",
            "--package",
            "limpid-spec-tests",
        ])
        .args(["--bin", "conformance", "--"])
        .args(configurations)
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}
