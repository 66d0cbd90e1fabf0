//! The conformance report: every suite in several configurations, as a page and as JSON.
//! `cargo xtask conformance [CONFIGURATION...]` runs it.

mod json;
mod page;
mod progress;
mod results;
mod wasi;

use limpid_spec_tests::{Configuration, find};
use results::Results;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};
use wasi::Wasi;

/// What is run when nothing is asked for.
const CONFIGURATIONS: &[&str] = &[
    "fused,threaded",
    "faithful,stepped",
    "fused,threaded,eager,fuel",
    "faithful,threaded,gc-stress",
    "fused,stepped,small-stack,reverse",
];

fn main() -> ExitCode {
    // Programs of the WASI suite run in processes of their own.
    if let Some(code) = limpid_wasi_testsuite::guest::asked() {
        std::process::exit(code);
    }
    match report() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

/// Whether all is well.
fn report() -> Result<bool, String> {
    let asked: Vec<String> = env::args().skip(1).collect();
    let texts: Vec<&str> = match asked.is_empty() {
        true => CONFIGURATIONS.to_vec(),
        false => asked.iter().map(String::as_str).collect(),
    };
    let configurations = texts.into_iter().map(str::parse);
    let configurations: Vec<Configuration> = configurations.collect::<Result<_, _>>()?;
    let (origin, files) = find().map_err(|error| format!("the suite cannot be read: {error}"))?;
    if let Some(left_out) = origin.left_out() {
        eprintln!("{left_out}");
    }
    let results = Results::of(configurations, files, origin);
    let wasi = Wasi::run()?;
    let folder = folder();
    let written = write(&folder, &results, &wasi);
    written.map_err(|error| format!("{} cannot be written: {error}", folder.display()))?;
    println!("{}\n{}", results.summary(), wasi.summary());
    let page = folder.join("index.html");
    println!("{}", page.canonicalize().unwrap_or(page).display());
    Ok(results.problems() + wasi.problems() == 0)
}

fn folder() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    target.unwrap_or_else(own).join("conformance")
}

fn write(folder: &Path, results: &Results, wasi: &Wasi) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::create_dir_all(folder.join("files"))?;
    for (at, file) in results.files.iter().enumerate() {
        let page = folder.join(page::file_page(file));
        fs::write(page, page::directives(results, at))?;
    }
    fs::write(folder.join("index.html"), page::page(results, wasi))?;
    fs::write(folder.join("wasi.html"), wasi.page())?;
    fs::write(folder.join("conformance.json"), json::json(results, wasi))
}
