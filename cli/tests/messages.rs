//! The command line's answers to what it cannot do: what they name, where they point, what helps.

#[path = "messages/arguments.rs"]
mod arguments;
#[path = "../../tests/api/proposals.rs"]
mod proposals;

use proposals::{OTHER_PLACES, PROPOSALS};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn dir() -> TempDir {
    tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"))
}

/// The process, in a folder of its own.
fn limpid(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limpid"));
    command
        .args(words)
        .current_dir(dir)
        .env_remove("LIMPID_CONFIG")
        .stdin(Stdio::null());
    command
}

/// Runs it with these bytes as standard input.
fn fed(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{error}"));
    let mut stdin = child.stdin.take().unwrap_or_else(|| panic!("piped"));
    // It may end before it has read all.
    let _ = stdin.write_all(input);
    drop(stdin);
    child
        .wait_with_output()
        .unwrap_or_else(|error| panic!("{error}"))
}

fn run(dir: &Path, words: &[&str]) -> Output {
    let output = limpid(dir, words).output();
    output.unwrap_or_else(|error| panic!("{error}"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Checks exit code and what standard error says.
#[track_caller]
fn check(dir: &Path, words: &[&str], code: i32, parts: &[&str]) -> Output {
    let output = run(dir, words);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{words:?}: {told}");
    for part in parts {
        assert!(told.contains(part), "{words:?}: no `{part}` in: {told}");
    }
    output
}

fn write(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let written = fs::write(dir.join(name), bytes);
    written.unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// A module of the table, as a file.
fn module(text: &str) -> Vec<u8> {
    if text.starts_with('(') {
        return text.as_bytes().to_vec();
    }
    let digits = text.split_whitespace();
    let byte = |digits| u8::from_str_radix(digits, 16).unwrap_or_else(|error| panic!("{error}"));
    digits.map(byte).collect()
}

#[test]
fn a_proposal_that_is_off_is_named_with_its_option_which_helps() {
    let dir = dir();
    for (name, text) in PROPOSALS.iter().chain(OTHER_PLACES) {
        write(dir.path(), "m", module(text));
        let off = format!("all-proposals,{name}=n");
        let on = format!("-W {name}=y");
        check(dir.path(), &["validate", "-W", &off, "m"], 1, &[&on]);
        let both = format!("{off},{name}=y");
        check(dir.path(), &["validate", "-W", &both, "m"], 0, &[]);
    }
}

const MODULE: &str = r#"(module (func (export "f") (result i32) (i32.const 3)))"#;

#[test]
fn a_dash_is_standard_input() {
    let dir = dir();
    for (words, out) in [
        (&["run", "--invoke", "f", "-"][..], "3\n"),
        (&["--invoke", "f", "-"], "3\n"),
        (&["trace", "--invoke", "f", "-"], "i32.const 3"),
        (&["validate", "-"], ""),
        (&["inspect", "-"], "<stdin>"),
        (&["explore", "-"], "i32.const 3"),
    ] {
        for module in [
            MODULE.as_bytes().to_vec(),
            wat::parse_str(MODULE).unwrap_or_else(|error| panic!("{error}")),
        ] {
            let output = fed(&mut limpid(dir.path(), words), &module);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{words:?}: {told}");
            assert!(text(&output.stdout).contains(out), "{words:?}: {told}");
        }
    }
    let script = format!("{MODULE}\n(assert_return (invoke \"f\") (i32.const 3))");
    let output = fed(&mut limpid(dir.path(), &["wast", "-"]), script.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // What is wrong has a place, and a file of that name can still be meant.
    let output = fed(
        &mut limpid(dir.path(), &["validate", "-"]),
        b"(module\n  (fun))",
    );
    assert!(
        text(&output.stderr).contains("<stdin>:2:"),
        "{}",
        text(&output.stderr)
    );
    let output = fed(
        &mut limpid(dir.path(), &["validate", "-", "-"]),
        MODULE.as_bytes(),
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("only once"));
    write(dir.path(), "-", MODULE);
    check(dir.path(), &["validate", "./-"], 0, &[]);
}

#[test]
fn help_of_options_needs_no_file() {
    let dir = dir();
    for (words, parts) in [
        (&["-W", "help"][..], ["-W fuel=N", "-W simd[=y|n]"]),
        (&["-Whelp"], ["-W fuel=N", "-W simd[=y|n]"]),
        (&["--wasm", "help"], ["-W fuel=N", "-W simd[=y|n]"]),
        (&["--wasm=help"], ["-W fuel=N", "-W simd[=y|n]"]),
        (&["-W", "fuel=1,help"], ["-W fuel=N", "-W simd[=y|n]"]),
        (
            &["run", "--dir", ".", "-W", "help"],
            ["-W fuel=N", "-W simd[=y|n]"],
        ),
        (&["validate", "-W", "help"], ["-W fuel=N", "-W simd[=y|n]"]),
        (
            &["-S", "help"],
            ["-S threads[=y|n]", "-S inherit-env[=y|n]"],
        ),
        (
            &["--wasi=help"],
            ["-S threads[=y|n]", "-S inherit-env[=y|n]"],
        ),
        (
            &["trace", "-Shelp"],
            ["-S threads[=y|n]", "-S inherit-env[=y|n]"],
        ),
    ] {
        let output = check(dir.path(), words, 0, &[]);
        let out = text(&output.stdout);
        for part in parts {
            assert!(out.contains(part), "{words:?}: {out}");
        }
        // Every option has its help.
        for line in out.lines() {
            let words = line.split_whitespace().count();
            assert!(line.starts_with("  -") && words > 2, "{line}");
        }
    }
}

#[test]
fn flags_of_compilers_are_accepted_and_logged() {
    let dir = dir();
    write(dir.path(), "m.wat", MODULE);
    for flags in [
        &["-O", "opt-level=2"][..],
        &["-O2"],
        &["-C", "cache=n"],
        &["-D", "debug-info"],
        &["-g"],
        &["-S", "common"],
        &["-S", "cli"],
        &["-S", "preview2=n"],
        &["-S", "preview0=n"],
        &["-S", "inherit-stdout"],
        &["-S", "inherit-stderr"],
        &["-W", "nan-canonicalization"],
        &["-W", "async-stack-size=65536"],
    ] {
        let words = [flags, &["--invoke", "f", "m.wat"]].concat();
        let output = check(dir.path(), &words, 0, &[]);
        assert_eq!(text(&output.stdout), "3\n", "{flags:?}");
        assert_eq!(text(&output.stderr), "", "{flags:?}");
        let log = [&["run", "--log", "limpid::cli=debug"][..], &words].concat();
        let told = text(&run(dir.path(), &log).stderr);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 1, "{flags:?}: {told}");
        assert!(
            lines[0].contains("DEBUG") && lines[0].contains(&flags[0][..2]),
            "{told}"
        );
    }
    check(
        dir.path(),
        &["-S", "inherit-stdout=n", "m.wat"],
        2,
        &["inherit-stdout=n"],
    );
    check(
        dir.path(),
        &["-S", "preview2=maybe", "m.wat"],
        2,
        &["preview2", "maybe"],
    );
}

#[test]
fn flags_and_verbs_of_others_are_explained() {
    let dir = dir();
    write(dir.path(), "m.wat", MODULE);
    for (words, parts) in [
        (&["--mapdir", "/x::.", "m.wat"][..], &["--dir .::/x"][..]),
        (&["run", "--mapdir=a:b/c", "m.wat"], &["--dir b/c::a"]),
        (
            &["--max-memory-size", "1M", "m.wat"],
            &["-W max-memory-size=BYTES"],
        ),
        (&["--inherit-env", "m.wat"], &["-S inherit-env"]),
        (&["settings"], &["`settings`", "wasmtime", "-W help"]),
        (
            &["objdump", "m.wat"],
            &["`objdump`", "wasmtime", "limpid explore"],
        ),
        (&["wizer", "m.wat"], &["`wizer`", "wasmtime"]),
        (&["serve", "m.wat"], &["`serve`"]),
    ] {
        let output = check(dir.path(), words, 2, parts);
        assert!(!text(&output.stderr).contains("as a value"), "{words:?}");
    }
    let output = check(dir.path(), &["--fule", "3", "m.wat"], 2, &["--fuel"]);
    assert!(!text(&output.stderr).contains("as a value"));
    // A file of such a name is run by its path.
    for verb in ["settings", "objdump", "wizer", "compile"] {
        write(dir.path(), verb, MODULE);
        let path = format!("./{verb}");
        check(dir.path(), &[verb], 2, &[&format!("`limpid {path}`")]);
        check(dir.path(), &["--invoke", "f", &path], 0, &[]);
    }
}

#[test]
fn variables_without_a_value_or_a_name() {
    let dir = dir();
    let prints = r#"(module
        (import "wasi_snapshot_preview1" "environ_sizes_get"
            (func $sizes (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "count") (result i32)
            (drop (call $sizes (i32.const 0) (i32.const 4))) (i32.load (i32.const 0))))"#;
    write(dir.path(), "m.wat", prints);
    for (flags, count) in [
        (&["--env", "NOT_SET_ANYWHERE"][..], "0\n"),
        (&["--env", "SET_HERE"], "1\n"),
        (
            &["--env", "A=", "--env", "B=1", "--env", "NOT_SET_ANYWHERE"],
            "2\n",
        ),
    ] {
        let words = [flags, &["--invoke", "count", "m.wat"]].concat();
        let output = limpid(dir.path(), &words).env("SET_HERE", "x").output();
        let output = output.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            text(&output.stdout),
            count,
            "{flags:?}: {}",
            text(&output.stderr)
        );
    }
    for env in ["", "=VALUE", "="] {
        let words = ["--env", env, "--invoke", "count", "m.wat"];
        check(dir.path(), &words, 2, &["--env", "name", "empty"]);
    }
    write(dir.path(), "named.toml", "[run]\nenv = [\"=x\"]\n");
    check(
        dir.path(),
        &["--config", "named.toml", "m.wat"],
        2,
        &["name", "empty"],
    );
}

#[test]
fn files_of_other_kinds_are_recognised() {
    let dir = dir();
    for (name, bytes, parts) in [
        ("m.wasm.gz", &b"\x1f\x8b\x08\0"[..], &["gzip", "gunzip"][..]),
        ("m.zst", b"\x28\xb5\x2f\xfd\0", &["zstd"]),
        ("prog", b"\x7fELF\x02\x01", &["ELF", "wasm32"]),
        ("prog.dylib", b"\xcf\xfa\xed\xfe\x07", &["Mach-O"]),
        ("prog.exe", b"MZ\x90\0", &["Windows"]),
        ("m.zip", b"PK\x03\x04", &["zip"]),
        ("lib.a", b"!<arch>\n/", &["archive"]),
        ("page.wasm", b"<!DOCTYPE html>", &["HTML"]),
        ("wide.wat", b"\xff\xfe(\0m\0", &["UTF-16", "UTF-8"]),
        ("none.wasm", b"", &["empty"]),
    ] {
        write(dir.path(), name, bytes);
        let parts = [&[name][..], parts].concat();
        for verb in ["run", "validate", "inspect", "explore"] {
            check(dir.path(), &[verb, name], 1, &parts);
        }
    }
    let marked = [&b"\xef\xbb\xbf"[..], MODULE.as_bytes()].concat();
    write(dir.path(), "marked.wat", marked);
    check(dir.path(), &["validate", "marked.wat"], 0, &[]);
    write(dir.path(), "c.wat", "(component)");
    check(dir.path(), &["c.wat"], 1, &["c.wat", "component"]);
    write(dir.path(), "c.wasm", b"\0asm\x0d\0\x01\0");
    check(dir.path(), &["c.wasm"], 1, &["c.wasm", "component"]);
}

#[test]
fn frames_that_repeat_in_turns_are_folded() {
    let dir = dir();
    for (names, frames) in [(&["a"][..], 1), (&["a", "b"], 2), (&["a", "b", "c"], 3)] {
        let funcs = names.iter().enumerate().map(|(place, name)| {
            let next = names[(place + 1) % names.len()];
            format!("(func ${name} (call ${next}))")
        });
        let funcs: String = funcs.collect();
        let text = format!("(module {funcs} (func (export \"_start\") (call $a)))");
        write(dir.path(), "m.wat", text);
        let output = check(
            dir.path(),
            &["m.wat"],
            134,
            &["call stack exhausted", "more"],
        );
        let told = self::text(&output.stderr);
        let shown = told
            .lines()
            .filter(|line| line.contains("m.wat:1:"))
            .count();
        // What is left of a period at the end is shown as well.
        assert!((frames..2 * frames).contains(&shown), "{told}");
    }
}

#[test]
fn statuses_that_a_process_cannot_have_are_told() {
    let dir = dir();
    let exits = r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (func (export "_start") (call $exit (i32.const 255))))"#;
    write(dir.path(), "m.wat", exits);
    check(dir.path(), &["m.wat"], 1, &["255", "126", "exits with 1"]);
}

#[test]
fn types_of_both_sides_and_limits_are_shown() {
    let dir = dir();
    let imports = r#"(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32))))"#;
    write(dir.path(), "m.wat", imports);
    check(
        dir.path(),
        &["m.wat"],
        1,
        &[
            "`wasi_snapshot_preview1::fd_write`",
            "(func (param i32))",
            "(func (param i32 i32 i32 i32) (result i32))",
        ],
    );
    write(
        dir.path(),
        "s.wat",
        "(module (memory 1) (data (i32.const 65535) \"ab\"))",
    );
    check(
        dir.path(),
        &["s.wat"],
        134,
        &["data segment 0", "65535", "65536 bytes"],
    );
    write(dir.path(), "l.wat", "(module (memory 1))");
    check(
        dir.path(),
        &["-W", "max-memory-size=4K", "l.wat"],
        1,
        &["65536 bytes", "4096 bytes"],
    );
    for (option, text, parts) in [
        (
            "max-memories=1",
            "(module (memory 0) (memory 0))",
            ["2 memories", "limit is 1"],
        ),
        (
            "max-tables=0",
            "(module (table 0 funcref))",
            ["1 table is more", "limit is 0"],
        ),
        (
            "max-instances=0",
            "(module)",
            ["1 instance is more", "limit is 0"],
        ),
        (
            "max-table-elements=7",
            "(module (table 8 funcref))",
            ["8 elements", "7 elements"],
        ),
    ] {
        write(dir.path(), "l.wat", text);
        check(dir.path(), &["-W", option, "l.wat"], 1, &parts);
    }
    for number in ["0X2A", "0x2a", "+42", "4_2", "0x2_A"] {
        let id = r#"(module (func (export "id") (param i32) (result i32) (local.get 0)))"#;
        write(dir.path(), "id.wat", id);
        let output = check(dir.path(), &["--invoke", "id", "id.wat", number], 0, &[]);
        assert_eq!(text(&output.stdout), "42\n", "{number}");
    }
}

#[test]
fn an_unreadable_file_of_settings_says_how_to_do_without() {
    let dir = dir();
    write(dir.path(), "m.wat", MODULE);
    // A folder of that name cannot be read, whoever runs this test.
    let made = fs::create_dir(dir.path().join("limpid.toml"));
    made.unwrap_or_else(|error| panic!("{error}"));
    check(dir.path(), &["m.wat"], 2, &["limpid.toml", "--no-config"]);
    check(
        dir.path(),
        &["--no-config", "--invoke", "f", "m.wat"],
        0,
        &[],
    );
}

/// Checks that a script fails for a proposal that is off, and says which option switches it on.
#[track_caller]
fn check_script(dir: &Path, option: &str, name: &str) {
    let output = run(dir, &["wast", "-W", option, "s.wast"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{name}: {told}");
    assert!(told.contains(&format!("`-W {name}=y`")), "{name}: {told}");
    assert!(!told.contains("Config"), "{name}: {told}");
}

#[test]
fn scripts_name_a_proposal_that_is_off_by_its_option() {
    let dir = dir();
    for (name, text) in PROPOSALS.iter().chain(OTHER_PLACES) {
        let byte = |byte: &u8| format!("\\{byte:02x}");
        let module = match text.starts_with('(') {
            true => (*text).to_owned(),
            false => {
                let bytes: String = module(text).iter().map(byte).collect();
                format!("(module binary \"{bytes}\")")
            }
        };
        write(dir.path(), "s.wast", module);
        let option = format!("all-proposals,{name}=n");
        check_script(dir.path(), &option, name);
    }
    // Assertions that ask for another refusal name it, too.
    let script = r#"(assert_invalid (module (tag) (func (result i32))) "type mismatch")"#;
    write(dir.path(), "s.wast", script);
    check_script(dir.path(), "exceptions=n", "exceptions");
    write(dir.path(), "m.wat", "(module (memory 1 2 shared))");
    let words = ["run", "-W", "threads,shared-memory=n", "m.wat"];
    let output = check(dir.path(), &words, 1, &["`-W shared-memory=y`"]);
    assert!(!text(&output.stderr).contains("Config"));
}
