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
