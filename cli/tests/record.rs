//! Recorded runs: done again with nothing granted they give the same output, exit code and trap;
//! files that are damaged, and other modules, are refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A guest that copies a file to its output, tells the time and random bytes, an argument and a
/// variable, and exits with 7.
const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_open" (func $open
        (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\40\00\00\00\64\00\00\00") (data (i32.const 16) "\40\00\00\00\64\00\00\00")
    (data (i32.const 32) "in.txt")
    (func $show (param $at i32) (param $len i32)
        (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $len))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func (export "_start")
        (drop (call $open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 6) (i32.const 0)
            (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 12)))
        (drop (call $read (i32.load (i32.const 12)) (i32.const 16) (i32.const 1) (i32.const 24)))
        (call $show (i32.const 64) (i32.load (i32.const 24)))
        (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)))
        (call $show (i32.const 64) (i32.load (i32.const 24)))
        (drop (call $time (i32.const 0) (i64.const 1) (i32.const 200)))
        (drop (call $random (i32.const 208) (i32.const 24)))
        (call $show (i32.const 200) (i32.const 32))
        (drop (call $environ (i32.const 400) (i32.const 420)))
        (call $show (i32.const 420) (i32.const 10))
        (drop (call $args (i32.const 500) (i32.const 520)))
        (call $show (i32.const 520) (i32.const 20))
        (call $exit (i32.const 7))))"#;

/// A folder of its own for a test.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().expect("a folder"));
        fs::create_dir(place.path("dir")).expect("a folder");
        fs::write(place.path("dir/in.txt"), "from a file\n").expect("written");
        fs::write(place.path("stdin"), "from input\n").expect("written");
        fs::write(place.path("guest.wat"), GUEST).expect("written");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn limpid(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limpid"));
        command.args(words).current_dir(self.0.path());
        command.output().expect("limpid runs")
    }

    fn record(&self, more: &[&str]) -> Output {
        let words = [
            "record", "-o", "run.lrec", "--dir", "dir::/", "--stdin", "stdin",
        ];
        let guest = ["--env", "KEY=secret", "guest.wat", "argument"];
        self.limpid(&[&words[..], more, &guest].concat())
    }
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_run_is_done_again_without_its_grants() {
    let place = Place::new();
    let first = place.record(&[]);
    assert_eq!(first.status.code(), Some(7), "{}", told(&first));
    assert!(first.stdout.starts_with(b"from a file\nfrom input\n"));
    assert!(first.stdout.windows(10).any(|part| part == b"KEY=secret"));
    // Neither the file, nor the input, nor the variable is there any more.
    fs::remove_dir_all(place.path("dir")).expect("removed");
    fs::remove_file(place.path("stdin")).expect("removed");
    for _ in 0..2 {
        let again = place.limpid(&["replay", "run.lrec"]);
        assert_eq!(again.status.code(), Some(7), "{}", told(&again));
        assert_eq!(again.stdout, first.stdout);
        assert_eq!(told(&again), told(&first));
    }
    fs::rename(place.path("guest.wat"), place.path("moved.wat")).expect("renamed");
    let gone = place.limpid(&["replay", "run.lrec"]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(told(&gone).contains("--module FILE"), "{}", told(&gone));
    let moved = place.limpid(&["replay", "--module", "moved.wat", "run.lrec"]);
    assert_eq!((moved.status.code(), moved.stdout), (Some(7), first.stdout));
}

#[test]
fn a_trap_happens_again() {
    let place = Place::new();
    let text = GUEST.replace("(call $exit (i32.const 7))", "(unreachable)");
    fs::write(place.path("guest.wat"), text).expect("written");
    let first = place.record(&[]);
    assert_eq!(first.status.code(), Some(134), "{}", told(&first));
    let again = place.limpid(&["replay", "run.lrec"]);
    assert_eq!(again.status.code(), Some(134));
    assert_eq!(told(&again), told(&first));
    assert_eq!(again.stdout, first.stdout);
}

#[test]
fn another_module_is_refused() {
    let place = Place::new();
    place.record(&[]);
    let text = GUEST.replace("(i32.const 7)", "(i32.const 8)");
    fs::write(place.path("guest.wat"), text).expect("written");
    let refused = place.limpid(&["replay", "run.lrec"]);
    assert_eq!(refused.status.code(), Some(1));
    let told = told(&refused);
    assert!(
        told.contains("another one than that of the recorded run"),
        "{told}"
    );
}

#[test]
fn damaged_files_are_refused_before_anything_runs() {
    let place = Place::new();
    place.record(&[]);
    let whole = fs::read(place.path("run.lrec")).expect("recorded");
    let check = |bytes: &[u8], expected: &str| {
        fs::write(place.path("bad.lrec"), bytes).expect("written");
        let refused = place.limpid(&["replay", "bad.lrec"]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(refused.stdout.is_empty());
        let told = told(&refused);
        assert!(told.contains(expected), "{told}");
    };
    check(&whole[..whole.len() - 3], "is cut");
    check(&whole[..200], "is cut");
    check(b"something else", "no recorded run");
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 4;
    check(&changed, "recorded run");
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    // One that was there before, and open to all.
    fs::write(place.path("run.lrec"), "").expect("written");
    fs::set_permissions(place.path("run.lrec"), fs::Permissions::from_mode(0o644)).expect("set");
    place.record(&[]);
    let mode = fs::metadata(place.path("run.lrec"))
        .expect("there")
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}

#[test]
fn secrets_can_be_overwritten() {
    let place = Place::new();
    let has = |place: &Place, text: &str| {
        let bytes = fs::read(place.path("run.lrec")).expect("recorded");
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    place.record(&[]);
    assert!(has(&place, "KEY=secret\0") && has(&place, "from input\n"));
    let first = place.record(&["--redact", "env,stdin"]);
    assert_eq!(first.status.code(), Some(7));
    assert!(has(&place, "KEY=xxxxxx\0") && !has(&place, "KEY=secret\0"));
}

#[test]
fn a_recorded_run_is_stepped_through() {
    let place = Place::new();
    let first = place.record(&[]);
    fs::remove_dir_all(place.path("dir")).expect("removed");
    fs::write(place.path("verbs"), "continue\noutput\nquit\n").expect("written");
    let stepped = place.limpid(&["step", "--script", "verbs", "run.lrec"]);
    assert!(stepped.status.success(), "{}", told(&stepped));
    let shown = String::from_utf8_lossy(&stepped.stdout);
    assert!(shown.contains("from a file"), "{shown}");
    assert!(!first.stdout.is_empty());
}

/// The output of a run is part of the recording, so words of the command line are the only place
/// where a secret may be left.
#[test]
fn what_cannot_be_recorded_is_refused() {
    let place = Place::new();
    let refused = |words: &[&str], expected: &str| {
        let output = place.limpid(words);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains(expected), "{}", told(&output));
        assert!(!Path::new(&place.path("no.lrec")).exists());
    };
    refused(&["record", "-o", "no.lrec", "-"], "standard input");
}
