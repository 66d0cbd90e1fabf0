//! Which rules of the formal spec the official suite and our own scripts use.
//! `cargo xtask rules [--check] [--uses] [FILE...]` runs it.

use limpid::{Features, wast};
use limpid_spec_tests::find;
use limpid_spec_tests::rules::{Report, Used};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

const USAGE: &str = "usage: cargo xtask rules [--check] [--uses] [FILE...]
  --check   fail when a rule is not used that should be, or one is that should not
  --uses    print how often each rule was used
  FILE      a part of the names of the files to run; all when there is none";

fn main() -> ExitCode {
    let (flags, names): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|arg| arg.starts_with('-'));
    let (mut check, mut uses) = (false, false);
    for flag in &flags {
        match flag.as_str() {
            "--check" => check = true,
            "--uses" => uses = true,
            "--help" => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    match used(&names) {
        Ok(used) => said(&used, uses, check),
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

/// The rules that the files use whose names contain one of these.
fn used(names: &[String]) -> Result<Used, String> {
    let (origin, files) = find().map_err(|error| format!("the suite cannot be read: {error}"))?;
    if let Some(left_out) = origin.left_out() {
        eprintln!("{left_out}");
    }
    let asked = |name: &str| names.is_empty() || names.iter().any(|part| name.contains(part));
    let mut used = Used::default();
    for file in files.iter().filter(|file| asked(&file.name)) {
        used.add_file(file)?;
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/hazards/rules.wast");
    if asked("hazards/rules.wast") {
        let text = fs::read_to_string(&own);
        let text = text.map_err(|error| format!("{} cannot be read: {error}", own.display()))?;
        let script = wast::read(&text).map_err(|error| format!("rules.wast: {error}"))?;
        used.add("hazards/rules.wast", &script, Features::default())?;
    }
    Ok(used)
}

/// Prints what was found; fails when that is asked for.
fn said(used: &Used, uses: bool, check: bool) -> ExitCode {
    let report = Report::of(used);
    println!(
        "{} instructions executed\n{}",
        used.steps,
        report.totals.trim_end()
    );
    if uses {
        for (what, of) in [
            ("fired", &used.fired),
            ("accepted", &used.accepted),
            ("rejected", &used.rejected),
        ] {
            for (rule, times) in of {
                println!("{times:>12}  {what}  {rule}");
            }
        }
    }
    for wrong in &report.wrong {
        println!("{wrong}");
    }
    match check && !report.wrong.is_empty() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}
