//! Which rules of the formal spec the official suite and our own scripts use, and whether those
//! that should be used are. The work is done by a program of `spec-tests`, so that the other verbs
//! need no engine.

use std::process::{Command, ExitCode};

/// Runs the report; the arguments are the program's.
pub fn main(args: &[String]) -> ExitCode {
    let status = Command::new(env!("CARGO"))
        .current_dir(crate::root())
        .args([
            "run",
            "--release",
            "--quiet",
            "--package",
            "limpid-spec-tests",
        ])
        .args(["--bin", "rules", "--"])
        .args(args)
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
