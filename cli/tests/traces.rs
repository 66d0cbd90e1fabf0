//! Traces as JSON Lines: the schema, comparing a run with a trace that was kept, comparing two
//! traces, and files that are no whole trace.

#[path = "traces/schema.rs"]
mod schema;

use schema::Schema;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const EVERYTHING: &str = "tests/traces/everything.wat";

fn limpid(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limpid"));
    command.args(args).env("NO_COLOR", "1");
    command.output().expect("limpid starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// The trace of a call, constant expressions included.
fn trace(export: &str) -> String {
    let args = [
        "trace",
        "--format",
        "jsonl",
        "--from-init",
        "--invoke",
        export,
        EVERYTHING,
    ];
    text(&limpid(&args).stdout).to_owned()
}

#[test]
fn each_line_follows_the_schema() {
    let schema = Schema::read("../docs/trace.schema.json");
    let mut seen = BTreeSet::new();
    let mut lines = 0;
    let exports = ["all", "traps", "uncaught", "exits"];
    let turns = [
        "-S",
        "threads",
        "--quantum",
        "9",
        "tests/traces/threads.wat",
    ];
    let threads = [&["trace", "--format", "jsonl"][..], &turns].concat();
    let threads = text(&limpid(&threads).stdout).to_owned();
    for trace in exports.map(trace).into_iter().chain([threads]) {
        for line in trace.lines() {
            let value = serde_json::from_str(line).expect(line);
            schema
                .check(&value)
                .unwrap_or_else(|wrong| panic!("{wrong}\n{line}"));
            let names = value.as_object().expect("an object").keys();
            seen.extend(names.cloned());
            lines += 1;
        }
        assert!(
            trace
                .lines()
                .next()
                .is_some_and(|line| line.starts_with("{\"limpid-trace\":1,"))
        );
        assert!(
            trace
                .lines()
                .last()
                .is_some_and(|line| line.starts_with("{\"end\":"))
        );
    }
    assert!(lines > 150, "{lines} lines");
    assert_eq!(seen, schema.properties(&["header", "record", "end"]));
}

#[test]
fn the_schema_refuses_what_is_no_line() {
    let schema = Schema::read("../docs/trace.schema.json");
    let record = r#"{"t":1,"inst":0,"func":0,"pc":1,"op":"nop","stack":0}"#;
    let check = |line: &str| schema.check(&serde_json::from_str(line).expect(line));
    assert_eq!(check(record), Ok(()));
    for (from, to) in [
        ("\"t\":1,", ""),
        ("\"t\":1,", "\"t\":1,\"init\":1,"),
        ("\"t\":1,", "\"t\":-1,"),
        ("nop", "no p"),
        ("\"stack\":0", "\"stack\":0,\"more\":0"),
        ("\"stack\":0", "\"stack\":0,\"pop\":[\"i32:0x1\"]"),
        ("\"stack\":0", "\"stack\":0,\"pop\":[\"any:1\"]"),
        ("\"stack\":0", "\"stack\":0,\"host\":{\"func\":1}"),
        ("\"stack\":0", "\"stack\":\"0\""),
    ] {
        let line = record.replace(from, to);
        assert!(check(&line).is_err(), "{line}");
    }
}

#[test]
fn what_a_record_says() {
    let trace = trace("all");
    for part in [
        r#""op":"i32.const","imm":"-2","stack":0,"push":["i32:-2"]"#,
        r#""push":["v128:0xfffffffefffffffefffffffefffffffe"]"#,
        r#""pop":["f32:0x3fc00000","f32:0x7fa00001"]"#,
        r#""push":["f64:0x8000000000000000"]"#,
        r#""global":{"index":0,"instance":0,"old":"i64:-1","new":"i64:-6"}"#,
        r#""mem":{"mem":0,"addr":12,"len":4,"old":"00000000","new":"04030201"}"#,
        r#""mem":{"mem":0,"addr":16,"len":3,"old":"000000","new":"aaaaaa"}"#,
        r#""mem":{"mem":0,"addr":32,"len":3,"old":"000000","new":"616263"}"#,
        r#""table":{"table":0,"at":2,"len":2,"old":"func:null","new":"func:2"}"#,
        r#""module":"wasi_snapshot_preview1","name":"sched_yield","args":[],"results":["i32:0"]"#,
        r#""exn":{"caught":true,"frames":1,"label":0,"clause":0}"#,
        r#""heap":{"object":1}"#,
        r#""heap":{"object":2,"len":4}"#,
        r#""rules":[["Step_read/table.fill-succ",2],["Step/table.set-val",2],"#,
        r#""op":"i32.mul","rules":["Step_pure/binop-val"],"stack":2,"pop":["i32:4","i32:2"]"#,
        r#""pop":["object:1","i31:7"]"#,
        r#""push":["extern:null"]"#,
        r#""push":["i31:1"]"#,
        r#""return":["i32:8"]"#,
        r#""return":[]"#,
        r#"{"init":0,"inst":0,"func":"#,
    ] {
        assert!(trace.contains(part), "{part}\n{trace}");
    }
    for (export, part) in [
        ("traps", r#""trap":"out of bounds memory access"}"#),
        ("traps", r#"{"end":"trap","t":2,"#),
        ("traps", r#""trap":"memory-out-of-bounds"}"#),
        ("uncaught", r#""exn":{"caught":false}}"#),
        ("uncaught", r#"{"end":"exception","t":"#),
        ("exits", r#""args":["i32:3"],"failed":true}"#),
        ("exits", r#""exit":3}"#),
    ] {
        let trace = self::trace(export);
        assert!(trace.contains(part), "{part}\n{trace}");
    }
}

/// A trace in a file, changed.
fn kept(dir: &Path, name: &str, change: impl Fn(String) -> String) -> String {
    let path = dir.join(name);
    fs::write(&path, change(trace("all"))).expect("a file");
    path.to_str().expect("a path of text").to_owned()
}

/// Changes a part of the line with that number, from 1.
fn in_line(number: usize, from: &str, to: &str) -> impl Fn(String) -> String {
    move |trace: String| {
        let line = |(at, line): (usize, &str)| match at + 1 == number {
            true => {
                assert!(line.contains(from), "{line}");
                line.replace(from, to) + "\n"
            }
            false => line.to_owned() + "\n",
        };
        trace.lines().enumerate().map(line).collect()
    }
}

/// Runs again and compares: whether it succeeds, and what is printed.
#[track_caller]
fn verify(trace: &str, succeeds: bool, words: &str) {
    let args = [
        "trace",
        "--from-init",
        "--verify",
        trace,
        "--invoke",
        "all",
        EVERYTHING,
    ];
    let output = limpid(&args);
    let printed = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(
        output.status.code(),
        Some(i32::from(!succeeds)),
        "{printed}"
    );
    assert!(printed.contains(words), "{words}\n{printed}");
}

#[test]
fn a_run_is_compared_with_its_trace() {
    let dir = tempfile::tempdir().expect("a directory");
    let check = |change: &dyn Fn(String) -> String, succeeds: bool, words: &str| {
        verify(&kept(dir.path(), "t.jsonl", change), succeeds, words);
    };
    let spaces = |trace: String| trace.replace("\"t\":", "\"t\": ");
    check(&|trace| trace, true, "the run is the same");
    check(&spaces, true, "the run is the same");
    check(
        &in_line(2, "i64:-1", "i64:-2"),
        false,
        ":2: the run is another one from here",
    );
    check(
        &in_line(9, "\"pc\":", "\"pc\":1"),
        false,
        ":9: the run is another one from here",
    );
    check(
        &in_line(1, "\"sha256\":\"", "\"sha256\":\"0"),
        false,
        ":1: this is a trace of other",
    );
    check(
        &in_line(1, "\"all\"", "\"none\""),
        false,
        ":1: this is a trace of another call",
    );
    check(
        &in_line(1, "trace\":1", "trace\":2"),
        false,
        ":1: unknown version 2",
    );
    check(
        &in_line(1, "{", "["),
        false,
        ":1: this is not the header of a trace",
    );
    check(&in_line(5, "{", "["), false, ":5: malformed: ");
    check(
        &|trace| trace[..trace.len() - 9].to_owned(),
        false,
        "so the file was cut",
    );
    check(
        &|trace| cut(&trace, 7),
        false,
        ":8: the file ends without a last line",
    );
    check(
        &|trace| cut(&trace, 0),
        false,
        ":1: the file ends without a last line",
    );
    check(
        &|trace| trace + "{}\n",
        false,
        "there is more after the last line",
    );
}

/// The first lines of a trace.
fn cut(trace: &str, lines: usize) -> String {
    trace
        .lines()
        .take(lines)
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn a_run_that_ends_badly_is_compared_too() {
    let dir = tempfile::tempdir().expect("a directory");
    for export in ["traps", "uncaught", "exits"] {
        let file = dir.path().join(export);
        let file = file.to_str().expect("a path of text");
        let common = ["--invoke", export, EVERYTHING];
        limpid(&[&["trace", "--format", "jsonl", "-o", file][..], &common].concat());
        let output = limpid(&[&["trace", "--verify", file][..], &common].concat());
        assert!(output.status.success(), "{export}: {output:?}");
        assert_eq!(text(&output.stderr), "", "{export}");
    }
}

/// Compares two traces: the exit code, and parts of what is printed.
#[track_caller]
fn diff(a: &str, b: &str, code: i32, parts: &[&str]) {
    let output = limpid(&["trace-diff", a, b]);
    let printed = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{printed}");
    for part in parts {
        assert!(printed.contains(part), "{part}\n{printed}");
    }
}

#[test]
fn two_traces_part_somewhere() {
    let dir = tempfile::tempdir().expect("a directory");
    let whole = kept(dir.path(), "whole", |trace| trace);
    let other = |change: &dyn Fn(String) -> String| kept(dir.path(), "other", change);
    let lines = trace("all").lines().count();
    diff(
        &whole,
        &whole,
        0,
        &[&format!("the traces are the same, {} records", lines - 2)],
    );
    // The results of the second operand of an addition.
    let trace = trace("all");
    let number = trace
        .lines()
        .position(|line| line.contains("\"op\":\"i64.add\""));
    let number = number.expect("an addition") + 1;
    let changed = other(&in_line(number, "i64:-5", "i64:-4"));
    let parts = [
        "the traces part at t=",
        "stack before: i64:-1 i64:-5",
        "frames (inst:func): 0:",
    ];
    diff(&whole, &changed, 1, &parts);
    diff(
        &whole,
        &changed,
        1,
        &[
            &format!("{changed}:{number}:"),
            "both, before:",
            "i64.const",
        ],
    );
    let moved = other(&in_line(number, "\"stack\":2", "\"stack\":3"));
    diff(&whole, &moved, 1, &["stack before: i64:-1 ? i64:-5"]);
    // One is shorter.
    let shorter = other(&|trace| cut(&trace, 20) + "{\"end\":\"stopped\",\"t\":9,\"init\":9}\n");
    diff(
        &whole,
        &shorter,
        1,
        &["the traces part: t=", "its end", "\"end\":\"stopped\""],
    );
    diff(&shorter, &whole, 1, &["the traces part: its end, t="]);
    diff(
        &whole,
        &other(&|trace| cut(&trace, 20)),
        1,
        &["other:21: the file ends without"],
    );
    diff(
        &whole,
        &other(&in_line(4, "\"func\"", "\"fun\"")),
        1,
        &["other:4: malformed: missing"],
    );
    diff(
        &whole,
        EVERYTHING,
        1,
        &["everything.wat:1: this is not the header of a trace"],
    );
    let call = other(&in_line(1, "\"all\"", "\"other\""));
    diff(&whole, &call, 0, &["the traces are the same"]);
}
