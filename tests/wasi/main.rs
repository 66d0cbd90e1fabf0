//! A sandbox that holds: what guests have tried against other hosts, tried against this one. Each
//! test has a directory of its own, with a secret outside of what the guest is granted, and runs
//! under both ways to resolve paths; `README.md` here says which test stands for which item.
//!
//! The functions are called as a guest calls them, through a module that exports each of them.

#![cfg(unix)]

mod descriptors;
mod files;
mod fixture;
mod grants;
mod guest;
mod names;
mod paths;
mod races;
mod sockets;
mod table;
mod threads;
mod waiting;

use limpid::wasi::p1::Errno;

/// The same tests again as a user who is not root, where they are root's.
#[test]
fn all_again_as_an_ordinary_user() {
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    const AGAIN: &str = "LIMPID_TESTS_AGAIN";
    const NOBODY: u32 = 65534;
    if std::env::var_os(AGAIN).is_some() {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        println!("left out: not root, so that the tests run as an ordinary user anyway");
        return;
    }
    let this = std::env::current_exe().expect("this test");
    let mut command = Command::new(this);
    command.args(["--skip", "races::"]).uid(NOBODY).gid(NOBODY);
    command
        .env(AGAIN, "1")
        .env("TMPDIR", "/tmp")
        .current_dir("/");
    match command.output() {
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "as nobody: {told}");
        }
        Err(error) => println!("left out: nobody may not run this test: {error}"),
    }
}

/// Escapes are refused by one number, everywhere.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Errno>, what: &str) {
    assert_eq!(result.err(), Some(Errno::Perm), "{what}");
}

/// One of several numbers.
#[track_caller]
fn fails<T: std::fmt::Debug>(result: Result<T, Errno>, allowed: &[Errno], what: &str) {
    let found = result.expect_err(what);
    assert!(
        allowed.contains(&found),
        "{what}: {found:?}, not one of {allowed:?}"
    );
}
