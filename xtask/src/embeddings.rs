//! Builds a small embedding with the settings that embedders have, and checks that each build runs
//! threaded: the compiler must turn the last call of each handler into a jump in all of them. A
//! plain debug build is not threaded, and must say why.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// Optimisation levels, as a profile names them.
const LEVELS: [&str; 3] = ["2", "3", "\"s\""];

/// The command-line arguments that set up a build, and whether it is threaded.
type Build = (Vec<String>, bool);

/// The builds: release profiles, a plain debug build, and the one that the README advises. Of the
/// release profiles, half have each two settings together; `all` is all of them.
fn builds(all: bool) -> Vec<Build> {
    let mut builds = Vec::new();
    for (abort, panic) in ["\"unwind\"", "\"abort\""].into_iter().enumerate() {
        for (number, level) in LEVELS.into_iter().enumerate() {
            for (fat, lto) in ["false", "true"].into_iter().enumerate() {
                if !all && (abort + number + fat) % 2 == 1 {
                    continue;
                }
                let settings = [("panic", panic), ("opt-level", level), ("lto", lto)];
                let config = |(name, value)| format!("--config=profile.release.{name}={value}");
                let args = settings.map(config).into_iter();
                builds.push((
                    ["--release".to_string()].into_iter().chain(args).collect(),
                    true,
                ));
            }
        }
    }
    builds.push((Vec::new(), false));
    let advice = "--config=profile.dev.package.limpid.opt-level=3".to_string();
    builds.push((vec![advice], true));
    builds
}

/// `cargo xtask embeddings [--all]`: makes the builds and runs them.
pub fn main(args: &[String]) -> ExitCode {
    let folder = crate::root().join("xtask").join("embedding");
    let mut wrong = 0;
    for (args, threaded) in builds(args.iter().any(|arg| arg == "--all")) {
        let begin = Instant::now();
        let (printed, right) = match run(&folder, &args) {
            Ok(printed) => {
                let mut lines = printed.lines();
                let right = match (lines.next(), lines.next(), threaded) {
                    (Some("Threaded"), None, true) => true,
                    (Some("Stepped"), Some(why), false) => why.contains("opt-level"),
                    _ => false, // Everything else that a program can print.
                };
                (printed.replace('\n', " "), right)
            }
            Err(error) => (error, false),
        };
        let (time, verdict) = (
            begin.elapsed().as_secs(),
            if right { "ok" } else { "WRONG" },
        );
        println!("{verdict}, {time} s: {} {printed}", args.join(" "));
        wrong += usize::from(!right);
    }
    if wrong > 0 {
        eprintln!("{wrong} embeddings have the wrong dispatch");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Builds the program; returns what it prints.
fn run(folder: &Path, args: &[String]) -> Result<String, String> {
    let target = crate::root().join("target").join("embeddings");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--locked", "--target-dir"])
        .arg(&target)
        .args(args)
        .current_dir(folder)
        .status()
        .map_err(|error| error.to_string())?;
    if !status.success() {
        return Err("the build failed".into());
    }
    let release = args.iter().any(|arg| arg == "--release");
    let profile = if release { "release" } else { "debug" };
    let name = format!("embedding{}", std::env::consts::EXE_SUFFIX);
    let output = Command::new(target.join(profile).join(name))
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("the program failed: {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn half_of_the_profiles_have_each_two_settings_together() {
        let pairs = |all| {
            let mut pairs = BTreeSet::new();
            for (args, _) in builds(all) {
                for (at, first) in args.iter().enumerate() {
                    pairs.extend(
                        args[at..]
                            .iter()
                            .map(|second| (first.clone(), second.clone())),
                    );
                }
            }
            pairs
        };
        assert_eq!(pairs(false), pairs(true));
        assert!(builds(false).len() < builds(true).len());
    }
}
