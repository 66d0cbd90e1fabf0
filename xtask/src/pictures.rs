//! `cargo xtask pictures [--check]`: the pictures of the README, in `docs/pictures`, each from a
//! real run. The screen of `limpid step` is drawn, and compared, by a test of the command line; the
//! page of a trace is photographed in a headless browser. `--check` writes nothing.

use crate::viewer_test::{browser, built, install};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// Most bytes of a picture.
const MOST: u64 = 200_000;

/// The photographs: the file, and the surroundings that it is for.
const PHOTOS: [(&str, &str); 2] = [("trace.png", "light"), ("trace-dark.png", "dark")];

/// What is traced: function, module, argument, and the time that is shown.
const RUN: [&str; 3] = ["fac", "cli/tests/cli/step/fac.wat", "5"];
const TIME: &str = "36";

/// Makes the pictures, or compares them with what a run gives now.
pub fn main(args: &[String]) -> ExitCode {
    let is_check = args.iter().any(|arg| arg == "--check");
    let done = screen(is_check).and_then(|()| match is_check {
        true => kept(),
        false => photos(),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("pictures: {message}");
            ExitCode::FAILURE
        }
    }
}

fn folder() -> PathBuf {
    crate::root().join("docs/pictures")
}

/// Draws the screen, or compares it.
fn screen(is_check: bool) -> Result<(), String> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let test = [
        "test",
        "--quiet",
        "-p",
        "limpid-cli",
        "--bin",
        "limpid",
        "tui::picture",
    ];
    cargo.args(test).current_dir(crate::root());
    match is_check {
        true => cargo.env_remove("LIMPID_BLESS"),
        false => cargo.env("LIMPID_BLESS", "1"),
    };
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("step.svg is not the screen of a run; its test says why".into()),
        Err(error) => Err(format!("cargo cannot be run: {error}")),
    }
}

/// Whether the photographs are there. What is on them can be compared by eye only.
fn kept() -> Result<(), String> {
    for (name, _) in PHOTOS {
        let path = folder().join(name);
        let metadata = fs::metadata(&path);
        let size = metadata
            .map_err(|error| format!("{}: {error}", path.display()))?
            .len();
        if size > MOST {
            return Err(format!(
                "{} has {size} bytes, more than {MOST}",
                path.display()
            ));
        }
    }
    Ok(())
}

/// Takes the photographs, where there is a browser.
fn photos() -> Result<(), String> {
    let browser = match browser() {
        Ok(browser) => browser,
        Err(missing) => {
            println!("left out: the photographs of a trace; {missing}");
            return Ok(());
        }
    };
    let root = crate::root();
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let work = target.join("viewer-test");
    fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    install(&work)?;
    let page = work.join("picture.html");
    trace(&built(&root, &target)?, &page)?;
    for (name, scheme) in PHOTOS {
        let mut node = Command::new("node");
        node.arg(root.join("viewer/tests/picture.mjs"))
            .arg(&page)
            .args([TIME, scheme])
            .arg(folder().join(name))
            .env("MODULES", work.join("node_modules"))
            .env("BROWSER", &browser);
        match node.status() {
            Ok(status) if status.success() => {}
            Ok(status) => return Err(format!("the photograph {name} ended with {status}")),
            Err(error) => return Err(format!("node: {error}")),
        }
    }
    kept()
}

fn trace(limpid: &Path, page: &Path) -> Result<(), String> {
    let [function, module, argument] = RUN;
    let mut trace = Command::new(limpid);
    trace.args(["trace", "--html"]).arg(page);
    trace
        .args(["--invoke", function, module, argument])
        .current_dir(crate::root());
    match trace.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the trace ended with {status}")),
        Err(error) => Err(format!("{}: {error}", limpid.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The screen is compared by a test of the command line.
    #[test]
    fn the_photographs_are_there() {
        assert_eq!(kept(), Ok(()));
    }
}
