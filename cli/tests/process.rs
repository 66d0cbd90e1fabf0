//! The command line as a process: how it ends, what it reports to programs, and whose settings it
//! believes. What it prints is in `tests/cli`.

use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn dir() -> TempDir {
    tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"))
}

/// A file of `tests/cli`, found from anywhere.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli")
        .join(name)
}

fn limpid(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limpid"));
    command.args(words).stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{error}"))
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs with a report, and reads it.
fn report(words: &[&str], module: &str) -> (Option<i32>, Value) {
    let dir = dir();
    let path = dir.path().join("report.json");
    // What was there before is replaced.
    fs::write(&path, "old").unwrap_or_else(|error| panic!("{error}"));
    let (verb, flags) = words.split_first().unwrap_or_else(|| panic!("a verb"));
    let (flags, args) = match flags.iter().position(|word| *word == "FILE") {
        Some(at) => (&flags[..at], &flags[at + 1..]),
        None => (flags, &[][..]),
    };
    let mut command = limpid(&[verb]);
    command
        .args(flags)
        .arg("--report")
        .arg(&path)
        .arg(file(module))
        .args(args);
    let output = run(&mut command);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}"));
    let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let left: Vec<_> = fs::read_dir(dir.path())
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    assert_eq!(left.len(), 1, "nothing is left beside the report: {left:?}");
    (output.status.code(), json)
}

/// How a run ends, as its report tells it.
fn check_end(words: &[&str], module: &str, status: &str, code: i32) -> Value {
    let (exit, json) = report(words, module);
    assert_eq!(json["status"], status, "{words:?}: {json}");
    assert_eq!(exit, Some(code), "{words:?}: {json}");
    assert_eq!(json["exit_code"], code, "{words:?}: {json}");
    json
}

#[test]
fn reports_tell_ends_apart() {
    let json = check_end(
        &["run", "--invoke", "div", "FILE", "7", "2"],
        "demo.wat",
        "ok",
        0,
    );
    assert_eq!(json["trap"], Value::Null);
    assert_eq!(json["fuel"], Value::Null);
    assert_eq!(json["steps"], Value::Null);
    assert_eq!(json["peak_memory"], 65536);
    assert!(
        json["seconds"]
            .as_f64()
            .is_some_and(|seconds| seconds > 0.0)
    );
    let json = check_end(&["run"], "hello.wat", "exit", 3);
    assert_eq!(json["guest_exit"], 3);
    check_end(&["run", "--invoke", "throw"], "demo.wat", "exception", 134);
    let json = check_end(
        &["run", "--fuel", "500", "--invoke", "spin"],
        "demo.wat",
        "fuel",
        134,
    );
    assert_eq!(json["trap"]["code"], "out-of-fuel");
    assert!(
        json["fuel"]
            .as_u64()
            .is_some_and(|fuel| (490..=500).contains(&fuel)),
        "{json}"
    );
    let timeout = ["run", "--timeout", "20ms", "--invoke", "spin"];
    let json = check_end(&timeout, "demo.wat", "timeout", 134);
    assert_eq!(json["trap"]["code"], "interrupt");
    let json = check_end(&["run"], "invalid.wat", "error", 1);
    assert_eq!(json["error"]["code"], "invalid");
    let json = check_end(&["run"], "malformed.wasm", "error", 1);
    assert_eq!(json["error"]["code"], "malformed");
    let json = check_end(&["run"], "unlinkable.wat", "error", 1);
    assert_eq!(json["error"]["code"], "unlinkable");
    let json = check_end(&["run", "-W", "siml"], "demo.wat", "error", 2);
    assert_eq!(json["error"]["code"], "usage");
}

#[test]
fn reports_of_traps_have_code_place_and_source() {
    let json = check_end(
        &["run", "--invoke", "half", "FILE", "-4"],
        "../../../tests/dwarf/half.wasm",
        "trap",
        134,
    );
    let trap = &json["trap"];
    assert_eq!(trap["code"], "unreachable");
    assert_eq!(trap["rule"], "exec/instructions, unreachable");
    let frame = &trap["backtrace"][0];
    assert_eq!(
        (&frame["name"], &frame["offset"]),
        (&"$halve".into(), &83.into())
    );
    assert_eq!(frame["source"][0]["name"], "check");
    assert_eq!(frame["source"][1]["file"], "half.c");
    assert_eq!(frame["source"][1]["line"], 14);
    let load = ["run", "--invoke", "load", "FILE", "65533"];
    let json = check_end(&load, "demo.wat", "trap", 134);
    let memory = &json["trap"]["memory"];
    assert_eq!(
        (&memory["address"], &memory["size"]),
        (&"0x10001".into(), &65536.into())
    );
}

#[test]
fn reports_of_traces_count_steps() {
    let json = check_end(&["trace", "--invoke", "main"], "demo.wat", "trap", 134);
    assert_eq!(json["steps"], 6);
    let some = ["trace", "--max-steps", "3", "--invoke", "spin"];
    let json = check_end(&some, "demo.wat", "stopped", 0);
    assert_eq!(json["steps"], 3);
}

#[test]
fn a_report_that_cannot_be_written_is_said_before_the_run() {
    let dir = dir();
    let path = dir.path().join("absent").join("report.json");
    let mut command = limpid(&["run", "--report"]);
    let output = run(command.arg(&path).arg(file("hello.wat")));
    assert_eq!(output.status.code(), Some(2));
    assert!(
        told(&output).contains("there is no such directory"),
        "{}",
        told(&output)
    );
    assert!(output.stdout.is_empty());
}

/// Nobody reads what is written.
#[cfg(unix)]
fn check_closed(words: &[&str], module: &str) {
    let mut command = limpid(words);
    command
        .arg(file(module))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{error}"));
    let mut first = [0];
    if let Some(mut stdout) = child.stdout.take() {
        assert!(stdout.read_exact(&mut first).is_ok(), "{words:?}");
    }
    let output = child
        .wait_with_output()
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        output.status.code(),
        Some(0),
        "{words:?}: {}",
        told(&output)
    );
    assert_eq!(told(&output), "", "{words:?}");
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_ends_quietly() {
    check_closed(&["trace", "--invoke", "spin"], "demo.wat");
}

#[test]
#[cfg(unix)]
fn verdicts_that_nobody_reads_are_no_success() {
    let dir = dir();
    let script = dir.path().join("long.wast");
    fs::write(&script, "(invoke \"nothing\")\n".repeat(20_000)).expect("a file");
    let mut command = limpid(&["wast"]);
    command.arg(&script).stdout(Stdio::piped());
    let mut child = command.spawn().expect("limpid starts");
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_exact(&mut [0]).expect("a failure");
    }
    let status = child.wait().expect("a child");
    assert_eq!(status.code(), Some(1));
}

/// Runs in a directory that has a `limpid.toml`.
fn check_found(text: &str, words: &[&str], code: i32, expected: &str) {
    let dir = dir();
    let path = dir.path().join("limpid.toml");
    fs::write(path, text).unwrap_or_else(|error| panic!("{error}"));
    let mut command = limpid(words);
    let output = run(command.arg(file("grants.wat")).current_dir(dir.path()));
    let stdout = String::from_utf8_lossy(&output.stdout);
    let all = format!("{stdout}{}", told(&output));
    assert_eq!(output.status.code(), Some(code), "{text}: {all}");
    assert!(all.contains(expected), "{text}: {all}");
}

#[test]
fn a_file_that_is_found_grants_nothing() {
    const GRANT: &str = "[run]\nenv = ['A=1', 'B=2']\n";
    const REFUSED: &str = "limpid.toml:2: `run.env` grants something, and this file was found";
    check_found(GRANT, &["run"], 2, REFUSED);
    check_found(
        "[run]\ndir = ['/']",
        &["run"],
        2,
        "limpid.toml:2: `run.dir` grants something",
    );
    check_found(
        "[run]\nstdin = '/etc/passwd'",
        &["run"],
        2,
        "`run.stdin` grants something",
    );
    check_found(
        "[run]\nreport = 'x'",
        &["run"],
        2,
        "`run.report` grants something",
    );
    check_found(
        "[run]\npreload = ['a=b']",
        &["run"],
        2,
        "`run.preload` grants something",
    );
    check_found(
        "[wasi]\ninherit-env = true",
        &["run"],
        2,
        "`wasi.inherit-env` grants something",
    );
    // The second number is that of variables.
    check_found(GRANT, &["run", "--no-config"], 0, "01 00");
    check_found(GRANT, &["run", "--config", "limpid.toml"], 0, "01 02");
    check_found("[wasm]\nfuel = 3", &["run"], 134, "all fuel consumed");
    check_found("[wasm]\nfuel = 3", &["run", "--fuel", "100000"], 0, "01 00");
    check_found(
        "[wasm]\nfuel = 'x'",
        &["run"],
        2,
        "limpid.toml:2: invalid value `x` for `wasm.fuel`",
    );
}

#[test]
fn variables_stand_between_flags_and_the_file() {
    let dir = dir();
    let path = dir.path().join("limpid.toml");
    fs::write(&path, "[wasm]\nfuel = 3").unwrap_or_else(|error| panic!("{error}"));
    let check = |variable: (&str, &str), words: &[&str], code| {
        let mut command = limpid(words);
        command.arg(file("grants.wat")).current_dir(dir.path());
        let output = run(command.env(variable.0, variable.1));
        assert_eq!(
            output.status.code(),
            Some(code),
            "{variable:?}: {}",
            told(&output)
        );
    };
    check(("LIMPID_FUEL", ""), &["run"], 134);
    check(("LIMPID_FUEL", "100000"), &["run"], 0);
    check(("LIMPID_FUEL", "100000"), &["run", "--fuel", "3"], 134);
    check(("LIMPID_WASM", "fuel=100000,simd=n"), &["run"], 0);
    check(("LIMPID_WASM", "siml"), &["run"], 2);
    check(("LIMPID_LOG", "loud"), &["run"], 2);
    check(("LIMPID_CONFIG", "absent.toml"), &["run"], 2);
}

/// Runs with standard output or standard error on a socket that keeps each write apart, and counts
/// the writes and their bytes.
#[cfg(target_os = "linux")]
fn writes(words: &[&str], error: bool) -> (usize, usize) {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixDatagram;
    let (ours, theirs) = UnixDatagram::pair().unwrap_or_else(|error| panic!("{error}"));
    let theirs = Stdio::from(OwnedFd::from(theirs));
    let mut command = limpid(words);
    match error {
        true => command.stdout(Stdio::null()).stderr(theirs),
        false => command.stdout(theirs).stderr(Stdio::null()),
    };
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{error}"));
    // Our copy of their end goes, so that the socket ends with the child.
    drop(command);
    let mut buffer = vec![0; 1 << 20];
    let (mut count, mut bytes) = (0, 0);
    ours.set_nonblocking(true)
        .unwrap_or_else(|error| panic!("{error}"));
    loop {
        let ended = child.try_wait().unwrap_or_else(|error| panic!("{error}"));
        while let Ok(read) = ours.recv(&mut buffer) {
            count += 1;
            bytes += read;
        }
        if ended.is_some() {
            return (count, bytes);
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn lines_are_written_together() {
    let dir = dir();
    let path = dir.path().join("many.wat");
    let funcs: String = (0..3000)
        .map(|k| format!("(func $f{k} (result i32) (i32.const {k}))\n"))
        .collect();
    let spins = "(func (export \"spins\") (local i32) (loop (br_if 0 (i32.lt_u (local.tee 0
        (i32.add (local.get 0) (i32.const 1))) (i32.const 1000)))))";
    fs::write(&path, format!("(module {funcs} {spins})")).unwrap_or_else(|error| panic!("{error}"));
    let path = path.to_string_lossy();
    let rows: [&[&str]; 7] = [
        &["inspect", "--functions", &path],
        &["explore", &path],
        &["--color", "always", "explore", &path],
        &["trace", "--invoke", "spins", &path],
        &["config", "show"],
        &["completion", "bash"],
        &["-W", "help"],
    ];
    for words in rows {
        let (count, bytes) = writes(words, false);
        assert!(bytes > 1000, "{words:?}: {bytes} bytes");
        assert!(
            count <= bytes / 16_384 + 2,
            "{words:?}: {count} writes of {bytes} bytes"
        );
    }
    // A line, or lines that belong together, of messages is one write.
    let monitor = file("hello.wat");
    let monitor = monitor.to_string_lossy();
    let (count, _) = writes(&["--monitor", "wasi", &monitor], true);
    assert_eq!(count, 2);
}

/// A guest that writes `a` to standard output and `b` to standard error without ending a line, then
/// traps.
#[cfg(unix)]
const UNENDED: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\01\00\00\00\11\00\00\00\02\00\00\00ab\n")
    (func (export "_start")
        (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 64)))
        (drop (call $w (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 64)))
        (drop (call $w (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 64)))
        unreachable))"#;

#[cfg(unix)]
#[test]
fn messages_begin_on_a_line_of_their_own() {
    let dir = dir();
    let path = dir.path().join("unended.wat");
    fs::write(&path, UNENDED).unwrap_or_else(|error| panic!("{error}"));
    let path = path.to_string_lossy();
    let words = ["--monitor", "wasi", &path];
    // Apart, standard output is as the guest wrote it.
    let output = run(&mut limpid(&words));
    assert_eq!(output.stdout, b"a");
    let lines = told(&output);
    let lines: Vec<&str> = lines.lines().take(5).collect();
    assert!(lines[0].starts_with("fd_write(1"), "{lines:?}");
    assert_eq!(lines[1], "a");
    assert!(lines[2].starts_with("fd_write(2"), "{lines:?}");
    assert_eq!(lines[3], "b");
    assert!(lines[4].starts_with("fd_write(2"), "{lines:?}");
    // Together in one file, no two share a line; nor with the message about the trap.
    for words in [&words[..], &[&path], &["--log", "debug", &path]] {
        let both = dir.path().join("both");
        let file = fs::File::create(&both).unwrap_or_else(|error| panic!("{error}"));
        let copy = file.try_clone().unwrap_or_else(|error| panic!("{error}"));
        run(limpid(words).stdout(file).stderr(copy));
        let text = fs::read_to_string(&both).unwrap_or_else(|error| panic!("{error}"));
        let glued = |line: &&str| {
            let own = line.trim_start_matches(['a', 'b']);
            own.len() < line.len() && !own.is_empty()
        };
        assert_eq!(text.lines().find(glued), None, "{text}");
        assert!(
            text.lines().any(|line| line.starts_with("error: trap")),
            "{text}"
        );
    }
}

#[test]
fn a_text_on_one_line_starts_as_fast_as_its_binary() {
    let dir = dir();
    let path = dir.path().join("line.wat");
    let text = "(drop (i32.const 1)) ".repeat(100_000);
    let text = format!("(module (func (export \"_start\") {text} unreachable))");
    fs::write(&path, text).unwrap_or_else(|error| panic!("{error}"));
    let path = path.to_string_lossy();
    let timed = |words: &[&str]| {
        let begun = std::time::Instant::now();
        let output = run(limpid(words).arg(&*path));
        (begun.elapsed(), told(&output))
    };
    let (validate, _) = timed(&["validate"]);
    let (run, told) = timed(&["run"]);
    // The place of a trap is known all the same.
    assert!(told.contains("line.wat:1:2100"), "{told}");
    let most = validate * 10 + std::time::Duration::from_secs(1);
    assert!(run < most, "run {run:?}, validate {validate:?}");
}

/// Runs in a folder with a module, links to it and another module; the output that the words name
/// would overwrite what is read, so nothing is written.
#[track_caller]
fn check_refused(words: &[&str], part: &str) {
    let dir = dir();
    let text = r#"(module (func (export "_start")))"#;
    let write = |name: &str, text: &str| {
        fs::write(dir.path().join(name), text).unwrap_or_else(|error| panic!("{error}"));
    };
    write("m.wat", text);
    write("p.wat", text);
    write("s.toml", "[run]\nargv0 = 'x'\n");
    #[cfg(unix)]
    {
        let path = |name: &str| dir.path().join(name);
        let linked = fs::hard_link(path("m.wat"), path("hard.wat"))
            .and_then(|()| std::os::unix::fs::symlink("m.wat", path("soft.wat")))
            .and_then(|()| std::os::unix::fs::symlink(".", path("here")));
        linked.unwrap_or_else(|error| panic!("{error}"));
    }
    let output = run(limpid(words).current_dir(dir.path()));
    let told = told(&output);
    assert_eq!(output.status.code(), Some(2), "{words:?}: {told}");
    assert!(told.contains(part), "{words:?}: {told}");
    for name in ["m.wat", "p.wat"] {
        let now = fs::read_to_string(dir.path().join(name));
        assert_eq!(now.ok().as_deref(), Some(text), "{words:?}");
    }
    let new = ["out", "report"].map(|name| dir.path().join(name).exists());
    assert_eq!(new, [false; 2], "{words:?}: something is written");
}

#[test]
fn an_output_that_would_overwrite_an_input_is_refused() {
    let module = "would overwrite the module that runs";
    check_refused(&["run", "--report", "m.wat", "m.wat"], module);
    check_refused(&["run", "--report", "./m.wat", "m.wat"], module);
    check_refused(&["trace", "--report", "m.wat", "m.wat"], module);
    check_refused(&["trace", "-o", "m.wat", "m.wat"], module);
    check_refused(
        &["trace", "-o", "out", "--report", "m.wat", "m.wat"],
        module,
    );
    #[cfg(unix)]
    for (output, input) in [
        ("hard.wat", "m.wat"),
        ("soft.wat", "m.wat"),
        ("m.wat", "soft.wat"),
        ("hard.wat", "soft.wat"),
        ("here/here/m.wat", "m.wat"),
    ] {
        check_refused(&["run", "--report", output, input], module);
        check_refused(&["trace", "-o", output, input], module);
    }
    let preload = "would overwrite the module of --preload p";
    check_refused(
        &["run", "--report", "p.wat", "--preload", "p=p.wat", "m.wat"],
        preload,
    );
    check_refused(
        &["trace", "-o", "p.wat", "--preload", "p=p.wat", "m.wat"],
        preload,
    );
    check_refused(
        &["run", "--report", "p.wat", "--stdin", "p.wat", "m.wat"],
        "--stdin",
    );
    check_refused(
        &["run", "--report", "s.toml", "--config", "s.toml", "m.wat"],
        "the file of settings",
    );
    check_refused(
        &["trace", "-o", "out", "--report", "./out", "m.wat"],
        "--output",
    );
}

/// A module of so many functions without names, each exported, after as many that are imported.
fn nameless(functions: usize) -> Vec<u8> {
    let mut text = String::from("(module (type (func))");
    for n in 0..functions {
        text += &format!("(import \"m\" \"{n}\" (func (type 0)))");
    }
    text += &"(func (type 0))".repeat(functions);
    for n in 0..functions * 2 {
        text += &format!("(export \"{n}\" (func {}))", functions * 2 - 1 - n);
    }
    wat::parse_str(text + ")").unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn functions_without_names_are_listed_in_linear_time() {
    let dir = dir();
    let path = dir.path().join("m.wasm");
    let timed = |functions: usize, words: &[&str]| {
        fs::write(&path, nameless(functions)).unwrap_or_else(|error| panic!("{error}"));
        let begun = std::time::Instant::now();
        let output = run(limpid(words).arg(&path));
        assert_eq!(
            output.status.code(),
            Some(0),
            "{words:?}: {}",
            told(&output)
        );
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let last = format!("func {} \"0\"", functions * 2 - 1);
        assert!(shown.contains(&last), "{words:?}");
        begun.elapsed()
    };
    for words in [&["inspect", "--functions"][..], &["explore"]] {
        let (few, many) = (timed(5_000, words), timed(100_000, words));
        // Twenty times the functions take four hundred times as long where each walks over all.
        let most = few * 100 + std::time::Duration::from_secs(1);
        assert!(many < most, "{words:?}: {few:?}, then {many:?}");
    }
}

#[test]
fn shells_complete_the_options() {
    let lines = |flag| {
        let output = run(&mut limpid(&["run", flag, "help"]));
        String::from_utf8(output.stdout).unwrap_or_else(|error| panic!("{error}"))
    };
    let (wasm, wasi) = (lines("-W"), lines("-S"));
    // The scripts for other shells have no values of flags.
    for shell in ["bash", "fish", "zsh"] {
        let output = run(&mut limpid(&["completion", shell]));
        let script = String::from_utf8_lossy(&output.stdout);
        for line in wasm.lines().chain(wasi.lines()) {
            let option = line.split_whitespace().nth(1).unwrap_or_default();
            let name = option.split(['[', '=']).next().unwrap_or_default();
            let idle = ["without effect", "not supported yet", "always on"];
            if !idle.iter().any(|words| line.contains(words)) {
                assert!(script.contains(name), "{shell}: `{name}`");
            }
        }
        assert!(!script.contains("stack-switching"), "{shell}");
    }
}

#[cfg(unix)]
#[test]
fn a_report_has_the_permissions_of_any_file() {
    use std::os::unix::fs::PermissionsExt;
    let dir = dir();
    let (path, other) = (dir.path().join("report.json"), dir.path().join("other"));
    fs::write(&other, "").unwrap_or_else(|error| panic!("{error}"));
    let mut command = limpid(&["run", "--report"]);
    run(command.arg(&path).arg(file("hello.wat")));
    let mode = |path: &Path| match fs::metadata(path) {
        Ok(found) => found.permissions().mode(),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(mode(&path), mode(&other));
}
