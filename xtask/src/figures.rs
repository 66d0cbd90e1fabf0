//! Figures that change slowly: time of a clean release build, size of the program, lines of code.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// `cargo xtask figures`: builds the program from nothing and says what that took.
pub fn main() -> ExitCode {
    let root = crate::root();
    let report = crate::tidy::check(&root);
    println!("sources: {} files, {} lines", report.files, report.lines);
    match build(&root) {
        Ok((time, bytes)) => {
            println!("clean release build: {:.1} s", time.as_secs_f64());
            println!("stripped program: {:.2} MB", bytes as f64 / 1e6);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds into a directory of its own; returns the time, and the size of the stripped program.
fn build(root: &Path) -> Result<(Duration, u64), String> {
    let target = root.join("target").join("figures");
    if target.exists() {
        std::fs::remove_dir_all(&target).map_err(|error| error.to_string())?;
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let start = Instant::now();
    let status = Command::new(cargo)
        .args([
            "build",
            "--release",
            "--package",
            "limpid-cli",
            "--target-dir",
        ])
        .arg(&target)
        .args(["--config", "profile.release.strip=true"])
        .current_dir(root)
        .status()
        .map_err(|error| error.to_string())?;
    let time = start.elapsed();
    if !status.success() {
        return Err("the build failed".into());
    }
    let program = target
        .join("release")
        .join(format!("limpid{}", std::env::consts::EXE_SUFFIX));
    let size = std::fs::metadata(&program).map_err(|error| format!("no program: {error}"))?;
    Ok((time, size.len()))
}
