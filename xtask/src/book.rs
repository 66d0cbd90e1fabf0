//! `cargo xtask book`: builds the book in `docs` with `mdbook`, into the folder `book` of the
//! target directory. The commands and the examples in it are tests of the packages that they are
//! about.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Builds the book and says where it is.
pub fn main() -> ExitCode {
    match build() {
        Ok(page) => {
            println!("{}", page.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<PathBuf, String> {
    let book = target().join("book");
    let tool = tool().ok_or("the book was not built: mdbook is not there and cannot be fetched")?;
    let status = Command::new(&tool)
        .arg("build")
        .arg(crate::root().join("docs"))
        .arg("--dest-dir")
        .arg(&book)
        .status()
        .map_err(|error| format!("{}: {error}", tool.display()))?;
    if !status.success() {
        return Err("mdbook failed".to_owned());
    }
    let page = book.join("introduction.html");
    match page.is_file() {
        true => Ok(page),
        false => Err(format!("mdbook wrote no {}", page.display())),
    }
}

fn target() -> PathBuf {
    let given = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    given.unwrap_or_else(|| crate::root().join("target"))
}

/// Where the tool is installed, unless it is on the path.
fn tools() -> PathBuf {
    target().join("tools")
}

/// The program `mdbook`, if it is in the target directory or on the path.
pub fn find() -> Option<PathBuf> {
    let name = format!("mdbook{}", std::env::consts::EXE_SUFFIX);
    let own = tools().join("bin").join(name);
    let runs = |tool: &PathBuf| Command::new(tool).arg("--version").output().is_ok();
    [own, PathBuf::from("mdbook")].into_iter().find(runs)
}

/// The program, which is installed when it is absent and can be fetched.
fn tool() -> Option<PathBuf> {
    find().or_else(|| {
        println!(
            "mdbook is not there: installing it in {}",
            tools().display()
        );
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let installed = install(Path::new(&cargo)).status();
        installed.ok().filter(|status| status.success())?;
        find()
    })
}

/// The command that installs the program. How quick it is matters less than how soon it is there.
fn install(cargo: &Path) -> Command {
    let mut command = Command::new(cargo);
    command
        .args(["install", "mdbook", "--locked", "--root"])
        .arg(tools())
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_LTO", "off");
    command
}
