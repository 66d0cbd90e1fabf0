//! Guests with threads, in the verbs that look at each instruction or do a run again: threads take
//! turns there, so that a run with the same seed is the same run.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

const THREADS: &str = "tests/traces/threads.wat";

fn limpid(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limpid"));
    command.args(words).env("NO_COLOR", "1");
    command.output().expect("limpid starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// A trace with this seed and turns of three instructions.
fn trace(seed: &str, format: &str) -> String {
    let words = [
        "trace",
        "-S",
        "threads",
        "--quantum",
        "3",
        "--schedule-seed",
    ];
    let words = [&words[..], &[seed, "--format", format, THREADS]].concat();
    let output = limpid(&words);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_seed_gives_one_trace_and_another_seed_another() {
    let first = trace("1", "jsonl");
    assert_eq!(first, trace("1", "jsonl"));
    assert_ne!(first, trace("2", "jsonl"));
    let threads: BTreeSet<u64> = first
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect(line))
        .filter(|line| line["t"].is_u64() && line["inst"].is_u64())
        .map(|line| line["thread"].as_u64().unwrap_or(0))
        .collect();
    assert_eq!(Vec::from_iter(threads), [0, 1, 2]);
    let lines = trace("1", "text");
    let of_threads = lines
        .lines()
        .filter(|line| line.contains("  thread 2  "))
        .count();
    assert!(of_threads > 50, "{lines}");
}

#[test]
fn a_kept_trace_is_verified_and_turns_are_part_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("t.jsonl");
    fs::write(&kept, trace("7", "jsonl")).expect("written");
    let kept = kept.to_str().expect("UTF-8");
    let verify = |seed: &str| {
        let turns = ["-S", "threads", "--quantum", "3", "--schedule-seed", seed];
        let words = [&["trace", "--verify", kept][..], &turns, &[THREADS]].concat();
        limpid(&words).status.success()
    };
    assert!(verify("7"));
    assert!(!verify("8"));
}

#[test]
fn a_recorded_run_keeps_its_turns() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut outputs = BTreeSet::new();
    for seed in ["1", "2", "3", "4", "5", "6"] {
        let file = folder.path().join(format!("{seed}.lrec"));
        let file = file.to_str().expect("UTF-8");
        let turns = ["-S", "threads", "--quantum", "2", "--schedule-seed", seed];
        let words = [&["record", "-o", file][..], &turns, &[THREADS]].concat();
        let run = limpid(&words);
        assert!(run.status.success(), "{}", text(&run.stderr));
        let again = limpid(&["replay", file]);
        assert_eq!(
            text(&again.stdout),
            text(&run.stdout),
            "{}",
            text(&again.stderr)
        );
        assert!(again.status.success());
        outputs.insert(text(&run.stdout));
    }
    assert!(
        outputs.len() > 1,
        "additions get lost in some orders: {outputs:?}"
    );
}

#[test]
fn threads_are_stepped_through() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("script");
    // Far enough for all threads to be there, the end, and back.
    fs::write(
        &script,
        "goto 40\nthreads\nframes\ngoto 100000\ngoto 40\nthreads\n",
    )
    .expect("written");
    let script = script.to_str().expect("UTF-8");
    let turns = ["-S", "threads", "--quantum", "3", "--schedule-seed", "1"];
    let words = [&["step", "--script", script][..], &turns, &[THREADS]].concat();
    let output = limpid(&words);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let threads: Vec<&str> = said.split("There are 3 threads.").skip(1).collect();
    assert_eq!(threads.len(), 2, "{said}");
    let first = |text: &str| {
        text.lines()
            .skip(1)
            .take(3)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(first(threads[0]), first(threads[1]), "{said}");
}

#[test]
fn threads_that_wait_for_each_other_end_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let module = folder.path().join("waits.wat");
    let text_of = r#"(module (import "env" "memory" (memory 1 1 shared))
        (func (export "_start")
            (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))"#;
    fs::write(&module, text_of).expect("written");
    let module = module.to_str().expect("UTF-8");
    let output = limpid(&["trace", "-S", "threads", module]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("all threads of the guest wait"), "{said}");
}
