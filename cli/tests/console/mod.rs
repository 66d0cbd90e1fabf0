//! Runs the commands of a Markdown page and compares what they print with what the page shows. A
//! block of the kind `console` has lines `$ COMMAND`, each followed by its output, standard output
//! and standard error as they come. With `LIMPID_BLESS` set the page is written again instead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The folder of the book.
pub fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// A place where commands may write, with the files that the commands of a page name.
pub fn place(from: &Path) -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let files = fs::read_dir(from).expect("a folder of the book").flatten();
    let is_module = |path: &PathBuf| path.extension().is_some_and(|end| end == "wat");
    for path in files.map(|entry| entry.path()).filter(is_module) {
        let name = path.file_name().expect("the name of a file");
        fs::copy(&path, dir.path().join(name)).expect("it can be copied");
    }
    dir
}

/// Runs a command in a shell; both outputs as text, in one stream.
pub fn shell(command: &str, dir: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_limpid"));
    let own = program.parent().expect("a folder").to_path_buf();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let all = [own].into_iter().chain(std::env::split_paths(&others));
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .env("PATH", std::env::join_paths(all).expect("paths"))
        .env_remove("LIMPID_CONFIG")
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    String::from_utf8(output.stdout).expect("text")
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
