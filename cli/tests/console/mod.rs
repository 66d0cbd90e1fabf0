//! Runs the commands of a Markdown page and compares what they print with what the page shows. A
//! block of the kind `console` has lines `$ COMMAND`, each followed by its output, standard output
//! and standard error as they come. With `LIMPID_BLESS` set the page is written again instead.

mod shell;

pub use shell::shell;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The folder of the book.
pub fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// A place where commands may write, with the modules that the commands of a page name: those of
/// its folder and of the folders in it.
pub fn place(from: &Path) -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    copy_modules(from, dir.path());
    dir
}

fn copy_modules(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder of the book").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            fs::create_dir(&to).expect("a folder");
            copy_modules(&path, &to);
        } else if path.extension().is_some_and(|end| end == "wat") {
            fs::copy(&path, to).expect("it can be copied");
        }
    }
}

/// Runs all commands of a page, in order, in one place; returns how many there are.
pub fn check(page: &Path) -> usize {
    let text = fs::read_to_string(page).expect("a page");
    let dir = place(page.parent().expect("a folder"));
    let (mut fresh, mut count) = (String::new(), 0);
    let (mut in_block, mut in_output) = (false, false);
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = line == "```console";
            in_output = false;
        }
        if !in_output || !in_block {
            fresh.push_str(line);
            fresh.push('\n');
        }
        if let Some(command) = line.strip_prefix("$ ").filter(|_| in_block) {
            if in_output {
                fresh.push_str(line);
                fresh.push('\n');
            }
            fresh.push_str(&shell(command, dir.path()));
            in_output = true;
            count += 1;
        }
    }
    if std::env::var_os("LIMPID_BLESS").is_some() {
        fs::write(page, &fresh).expect("the page can be written");
    } else {
        same(page, &text, &fresh);
    }
    count
}

/// Fails with the first line that differs.
fn same(page: &Path, shown: &str, fresh: &str) {
    let lines = shown.lines().zip(fresh.lines()).enumerate();
    for (at, (shown, fresh)) in lines {
        let place = format!("{}:{}", page.display(), at + 1);
        assert_eq!(shown, fresh, "{place}: the page shows the left line");
    }
    assert_eq!(shown, fresh, "{}: a page ends elsewhere", page.display());
}
