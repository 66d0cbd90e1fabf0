//! Stepping in words, where a file of commands is not enough: debug information, an editor, verbs
//! from standard input.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// A module of C with debug information, and its source.
const DWARF: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/dwarf");

const FAC: &str = include_str!("cli/step/fac.wat");

/// What `limpid step --plain` answers to verbs.
fn answers(dir: &Path, flags: &[&str], verbs: &str, editor: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_limpid"))
        .args(["step", "--plain"])
        .args(flags)
        .current_dir(dir)
        .env("EDITOR", editor)
        .env_remove("VISUAL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program is there");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(verbs.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it is text")
}

/// Checks that answers have all of some texts.
fn check(answers: &str, texts: &[&str]) {
    for text in texts {
        assert!(answers.contains(text), "no `{text}` in\n{answers}");
    }
}

const HALF: [&str; 4] = ["--invoke", "half", "half.wasm", "-8"];

#[test]
fn source_is_shown_from_the_directory_that_is_named() {
    let flags: Vec<&str> = ["--source-dir", "."].into_iter().chain(HALF).collect();
    let verbs = "s 3\ncode\nbreak 14\nbreak 1\nc\ngoto end\nframes\n";
    check(
        &answers(Path::new(DWARF), &flags, verbs, ""),
        &[
            "Next is local.get 0 in $halve, line 13.",
            "here     13  {",
            "         14      return check(n) / 2;",
            "Breakpoint 0 is set in $halve, line 14.",
            "No instruction begins on line 1.",
            "0: $halve, unreachable, line 14, here",
            "1: $half, call $halve, line 19",
        ],
    );
}

#[test]
fn source_is_not_read_unless_its_directory_is_named() {
    let shown = answers(Path::new(DWARF), &HALF, "s 3\ncode\n", "");
    assert!(!shown.contains("return check"), "{shown}");
    check(&shown, &["here   0x4c    local.get 0"]);
    // A directory that does not have the file is of no use, and does no harm.
    let flags: Vec<&str> = ["--source-dir", "../hazards"]
        .into_iter()
        .chain(HALF)
        .collect();
    let shown = answers(Path::new(DWARF), &flags, "s 3\ncode\n", "");
    check(&shown, &["here   0x4c    local.get 0"]);
}

/// The editor makes the constant 1 of the last line a 2.
#[cfg(unix)]
#[test]
fn an_edited_module_begins_again_at_the_same_time() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("fac.wat"), FAC).expect("a file");
    let flags = ["--invoke", "fac", "fac.wat", "4"];
    let verbs = "break 12\ns 14\nedit\nc\ngoto end\n";
    let editor = "sed -i /call/s/i64.const.1/i64.const\\x202/";
    let shown = answers(dir.path(), &flags, verbs, editor);
    check(
        &shown,
        &[
            "i64.sub took i64 4 and i64 1 and left i64 3.",
            "The module was loaded again; this is step 14.",
            "Breakpoint 0 was reached.",
            "returned 8",
        ],
    );
    let without = answers(dir.path(), &flags, "s 3\nedit\nstate\n", "false");
    check(&without, &["The editor ended with", "Step 3."]);
}

#[test]
fn output_appears_at_its_time_and_only_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let text = include_str!("cli/hello.wat");
    fs::write(dir.path().join("hello.wat"), text).expect("a file");
    let verbs = "goto end\ngoto 0\noutput\ngoto end\noutput\n";
    let shown = answers(dir.path(), &["hello.wat"], verbs, "");
    check(
        &shown,
        &[
            "The guest has written nothing.",
            "The guest has written 1 line:\nhi\n",
        ],
    );
    assert_eq!(shown.matches("hi\n").count(), 1, "{shown}");
}

/// A guest that writes what it reads.
const ECHO: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\40\00\00\00\20\00\00\00")
    (func (export "_start")
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
        (i32.store (i32.const 4) (i32.load (i32.const 16)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 20)))))"#;

#[test]
fn the_guest_reads_lines_that_the_user_gives() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("echo.wat"), ECHO).expect("a file");
    let given = "input hello there\ngoto end\ngoto start\ngoto end\noutput\n";
    let shown = answers(dir.path(), &["echo.wat"], given, "");
    check(&shown, &["The guest has written 1 line:\nhello there\n"]);
    let shown = answers(dir.path(), &["echo.wat"], "goto end\noutput\n", "");
    let told = "The guest has read to the end of its input: `input TEXT` gives it lines before.";
    check(&shown, &[told, "The guest has written nothing."]);
}

#[test]
fn an_answer_does_not_wait_for_the_next_verb() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("fac.wat"), FAC).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_limpid"))
        .args(["step", "--plain", "--invoke", "fac", "fac.wat", "3"])
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program is there");
    let mut verbs = child.stdin.take().expect("it is piped");
    let mut answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut next = || answers.next().expect("a line").expect("text");
    assert!(next().starts_with("Step 0. "));
    for step in 1..4 {
        verbs.write_all(b"step\n").expect("it reads");
        next();
        assert!(next().starts_with(&format!("Step {step}. ")));
    }
    drop(verbs);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn an_export_overwrites_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("fac.wat"), FAC).expect("a file");
    let flags = ["--invoke", "fac", "fac.wat", "3"];
    let shown = answers(
        dir.path(),
        &flags,
        "goto end\nexport kept\nexport kept\n",
        "",
    );
    check(&shown, &["were written to kept.", "ept: File exists"]);
    let kept = fs::read_to_string(dir.path().join("kept")).expect("a file");
    assert!(kept.lines().count() > 20, "{kept}");
}
