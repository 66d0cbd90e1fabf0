//! Stepping in words, where a file of commands is not enough: debug information, an editor, verbs
//! from standard input.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const FAC: &str = include_str!("cli/fac.wat");

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

/// A module with debug information that names `src/fac.wat`.
fn with_debug_information(dir: &Path) {
    fs::create_dir(dir.join("src")).expect("a new directory");
    fs::write(dir.join("src/fac.wat"), FAC).expect("a file");
    let bytes = wat::Parser::new()
        .generate_dwarf(wat::GenerateDwarf::Lines)
        .parse_str(Some(Path::new("/build/src/fac.wat")), FAC)
        .expect("it is a module");
    fs::write(dir.join("fac.wasm"), bytes).expect("a file");
}

#[test]
fn source_is_shown_from_the_directory_that_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    with_debug_information(dir.path());
    let flags = ["--source-dir", "src", "--invoke", "fac", "fac.wasm", "3"];
    let shown = answers(dir.path(), &flags, "s 5\ncode\nbreak 12\nc\n", "");
    check(
        &shown,
        &[
            "Next is global.get $calls in $fac, line 8.",
            "(i32.store (i32.const 16) (global.get $calls))",
            "Breakpoint 0 is set in $fac, line 12.",
            "Next is i64.mul in $fac, line 12.",
        ],
    );
}

#[test]
fn source_is_not_read_unless_its_directory_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    with_debug_information(dir.path());
    let flags = ["--invoke", "fac", "fac.wasm", "3"];
    let shown = answers(dir.path(), &flags, "s 5\ncode\n", "");
    assert!(!shown.contains("(i32.store"), "{shown}");
    check(&shown, &["here   0x41  global.get $calls"]);
}

/// The editor makes the constant 1 of the last line a 2.
#[cfg(unix)]
#[test]
fn an_edited_module_begins_again_at_the_same_time() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("fac.wat"), FAC).expect("a file");
    let flags = ["--invoke", "fac", "fac.wat", "4"];
    let verbs = "break 12\ns 14\nedit\nc\ngoto end\n";
    let editor = "sed -i s/(i64.const.1))))))))/(i64.const(2)))))))/;s/const(/const\\x20/";
    let shown = answers(dir.path(), &flags, verbs, editor);
    check(
        &shown,
        &[
            "i64.sub took i64 4 and i64 1 and left i64 3.",
            "The module was loaded again; this is step 14.",
            "i64.sub took i64 4 and i64 2 and left i64 2.",
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
            "> The guest has written nothing.",
            "The guest has written 1 line:\nhi\n",
        ],
    );
    assert_eq!(shown.matches("hi\n").count(), 1, "{shown}");
}
