//! Runs a line of a shell, which finds the program under test.

use std::path::Path;
use std::process::{Command, Stdio};

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
