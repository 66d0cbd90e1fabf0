//! `cargo xtask book`: builds the book in `docs` with `mdbook`, into `target/book`. The commands
//! and the examples in it are tests of the packages that they are about.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The command that installs the tool where it is looked for.
const INSTALL: &str = "cargo install mdbook --locked --root target/tools";

/// Builds the book and says where it is.
pub fn main() -> ExitCode {
    let root = crate::root();
    match build(&root) {
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

fn build(root: &Path) -> Result<PathBuf, String> {
    let target = root.join("target").join("book");
    let tool = tool(root).ok_or_else(|| {
        format!("the book is built with mdbook, which is not there; install it with\n  {INSTALL}")
    })?;
    let status = Command::new(&tool)
        .arg("build")
        .arg(root.join("docs"))
        .arg("--dest-dir")
        .arg(&target)
        .status()
        .map_err(|error| format!("{}: {error}", tool.display()))?;
    if !status.success() {
        return Err("mdbook failed".to_owned());
    }
    let page = target.join("introduction.html");
    match page.is_file() {
        true => Ok(page),
        false => Err(format!("mdbook wrote no {}", page.display())),
    }
}

/// The program `mdbook`, if it is where `cargo install` puts it below `target`, or on the path.
pub fn find(root: &Path) -> Option<PathBuf> {
    let name = format!("mdbook{}", std::env::consts::EXE_SUFFIX);
    let own = root.join("target/tools/bin").join(name);
    let runs = |tool: &PathBuf| Command::new(tool).arg("--version").output().is_ok();
    [own, PathBuf::from("mdbook")].into_iter().find(runs)
}

/// The program, which is installed when it is absent and can be fetched.
fn tool(root: &Path) -> Option<PathBuf> {
    find(root).or_else(|| {
        println!("mdbook is not there: {INSTALL}");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let words = INSTALL.split(' ').skip(1);
        let installed = Command::new(cargo).args(words).current_dir(root).status();
        installed.ok().filter(|status| status.success())?;
        find(root)
    })
}
