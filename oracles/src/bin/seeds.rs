//! Seeds for the fuzz targets that read modules: `seeds FOLDER` writes each module of the official
//! suite, when that is there, to a file of its own.

use limpid_oracles::suites;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

/// Larger modules are slow to change.
const LARGEST: usize = 4096;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: seeds FOLDER");
        return ExitCode::from(2);
    };
    match write(&folder) {
        Ok(count) => {
            println!("{count} modules in {}", folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &std::path::Path) -> std::io::Result<usize> {
    let mut modules = BTreeSet::new();
    if let Some(root) = suites::folder("suites/spec") {
        for script in suites::scripts(&root.join("core")) {
            let found = suites::modules(&script, suites::features("core"));
            modules.extend(found.into_iter().map(|module| module.bytes));
        }
    }
    modules.retain(|bytes| bytes.len() <= LARGEST);
    std::fs::create_dir_all(folder)?;
    for (at, bytes) in modules.iter().enumerate() {
        std::fs::write(folder.join(format!("{at:05}.wasm")), bytes)?;
    }
    Ok(modules.len())
}
