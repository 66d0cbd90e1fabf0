//! What guests name is shown, not obeyed. Item 51.

use std::process::{Command, Output};

fn limpid(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limpid"));
    command.args(args).env("NO_COLOR", "1");
    command.output().expect("limpid starts")
}

/// Names that a terminal, a page or a log would do something with.
const NAMES: &[&str] = &[
    "\x1b[2J\x1b]0;owned\x07",
    "\u{202e}gnp.exe\u{2066}",
    "</script><script>alert(1)</script>",
    "line\nbreak\r\u{85}\u{2028}",
    "\u{9b}31m",
    "\u{0}zero",
];

/// Whether output has nothing in it but lines of text.
#[track_caller]
fn assert_inert(output: &Output, what: &str) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8(bytes.clone()).expect("text");
        let obeyed = text.chars().find(|letter| {
            let direction = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            (letter.is_control() && *letter != '\n') || direction || *letter == '\u{2028}'
        });
        assert_eq!(obeyed, None, "{what}");
        assert!(text.len() < 100_000, "{what}: {} bytes", text.len());
    }
}

fn escaped(name: &str) -> String {
    name.bytes().map(|byte| format!("\\{byte:02x}")).collect()
}

#[test]
fn item_51_names_are_shown_and_not_obeyed() {
    let dir = tempfile::tempdir().expect("a directory");
    for (at, name) in NAMES.iter().enumerate() {
        let file = dir.path().join(format!("{at}.wat"));
        let file = file.to_str().expect("a path of text");
        let name = escaped(name);
        let text = format!(
            r#"(module $"{name}" (import "{name}" "{name}" (func))
                (memory (export "m{name}") 1)
                (@custom "{name}" "{name}") (func $"{name}" (export "{name}") unreachable)
                (func $start (export "_start") (call 1)))"#
        );
        std::fs::write(file, text).expect("a file");
        for args in [
            &["run", file][..],
            &["run", "--invoke", "none", file],
            &["inspect", file],
            &["explore", file],
            &["validate", file],
            &["trace", file],
        ] {
            assert_inert(&limpid(args), &format!("{args:?}, name {at}"));
        }
    }
}

/// A module whose names are that name, and its output, if it writes any.
fn named(name: &str, writes: bool) -> String {
    let name = escaped(name);
    let stream = if writes { 1 } else { 100 };
    format!(
        r#"(module $"{name}"
            (import "wasi_snapshot_preview1" "fd_write"
                (func $"w{name}" (param i32 i32 i32 i32) (result i32)))
            (memory $"{name}" (export "memory") 1)
            (table $"{name}" (export "t{name}") 1 funcref)
            (data $"{name}" (i32.const 64) "{name}")
            (data (i32.const 0) "\40\00\00\00\10\00\00\00")
            (global $"{name}" (export "g{name}") (mut i32) (i32.const 1))
            (type $"{name}" (struct (field $"{name}" i32)))
            (func $"{name}" (export "{name}") (param $"{name}" i32) (local $"l{name}" i32)
                (block $"{name}" (br $"{name}")) (global.set $"{name}" (i32.const 2))
                (drop (struct.new $"{name}" (i32.const 1))) unreachable)
            (func $start (export "_start")
                (drop (call $"w{name}"
                    (i32.const {stream}) (i32.const 0) (i32.const 1) (i32.const 16)))
                (call $"{name}" (i32.const 1))))"#
    )
}

#[test]
fn item_51_names_in_what_shows_a_run() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = |name: &str| dir.path().join(name).to_str().expect("text").to_owned();
    let (script, page) = (path("script"), path("page.html"));
    let verbs = "step 3\ncode\nstack\nlabels\nframes\nlocals\nglobals\nmemory\ntables\nheap\n\
                 registers\ngoto end\nback\nstate\nrules\nlabels\nframes\nthreads\nglobals\n\
                 heap\ntimeline\noutput\nwhy\nbreak 1\npoints\nsearch end\n";
    std::fs::write(&script, verbs).expect("a file");
    for (at, name) in NAMES.iter().enumerate() {
        let (file, writer) = (path(&format!("{at}.wat")), path(&format!("{at}w.wat")));
        std::fs::write(&file, named(name, false)).expect("a file");
        std::fs::write(&writer, named(name, true)).expect("a file");
        let mut all: Vec<Vec<&str>> = vec![
            vec!["trace", "--format", "jsonl", "--from-init", &file],
            vec!["trace", "--op", "call", &file],
            vec!["step", "--script", &script, &writer],
            vec!["validate", "--step", &file],
            vec!["validate", "--step", "--format", "json", &file],
            vec!["run", "--monitor", "wasi", &file],
            vec!["trace", "--html", &page, &writer],
        ];
        for monitor in ["opcodes", "calls", "hotness", "coverage", "memory", "rules"] {
            for format in ["text", "csv", "json"] {
                all.push(vec![
                    "run",
                    "--monitor",
                    monitor,
                    "--monitor-format",
                    format,
                    &file,
                ]);
            }
        }
        for words in &all {
            assert_inert(&limpid(words), &format!("{words:?}, name {at}"));
        }
        let shown = std::fs::read_to_string(&page).expect("a page");
        let obeyed = shown.chars().find(|letter| {
            let direction = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            (letter.is_control() && !matches!(letter, '\n' | '\t')) || direction
        });
        assert_eq!(obeyed, None, "a page, name {at}");
        assert!(!shown.contains("<script>alert"), "a page, name {at}");
    }
}

#[test]
fn item_51_names_in_a_backtrace() {
    let dir = tempfile::tempdir().expect("a directory");
    for (at, name) in NAMES.iter().enumerate() {
        let file = dir.path().join(format!("{at}.wat"));
        let file = file.to_str().expect("a path of text");
        let name = escaped(name);
        let text = format!(
            r#"(module $"{name}" (func $"{name}" (export "{name}") unreachable)
                (func $start (export "_start") (call 0)))"#
        );
        std::fs::write(file, text).expect("a file");
        let output = limpid(&["run", file]);
        assert_eq!(output.status.code(), Some(134), "name {at}");
        assert_inert(&output, &format!("a trap, name {at}"));
        assert_inert(&limpid(&["trace", file]), &format!("a trace, name {at}"));
    }
}

#[test]
fn item_51_a_name_of_ten_million_letters() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("long.wat");
    let long = "x".repeat(9_000_000);
    let text = format!(
        r#"(module (func $"{long}" (export "{long}") unreachable)
            (func $start (export "_start") (call 0)))"#
    );
    std::fs::write(&file, text).expect("a file");
    let file = file.to_str().expect("a path of text");
    for args in [
        &["run", file][..],
        &["inspect", file],
        &["explore", file],
        &["trace", file],
    ] {
        assert_inert(&limpid(args), &format!("{args:?}"));
    }
}

/// Files that are named like that, and arguments.
#[test]
fn item_51_names_of_files() {
    for name in NAMES.iter().filter(|name| !name.contains('\0')) {
        assert_inert(&limpid(&["run", name]), name);
        assert_inert(&limpid(&["validate", name]), name);
        assert_inert(&limpid(&["--dir", name, "tests/cli/hello.wat"]), name);
        assert_inert(&limpid(&["-S", name, "tests/cli/hello.wat"]), name);
        assert_inert(&limpid(&["--preload", name, "tests/cli/hello.wat"]), name);
    }
}
