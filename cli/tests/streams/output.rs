//! Outputs: closed ones, and those that are set not to wait.

use super::{Guest, end};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::io::{PipeReader, PipeWriter, Read, pipe};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Writes to a descriptor until that fails, says so on the other one, and exits with the error
/// number.
fn until_it_fails(fd: u32, other: u32) -> Guest {
    Guest::new(&format!(
        r#"(data (i32.const 0) "\20\00\00\00\00\10\00\00" "\10\00\00\00\04\00\00\00" "done")
        (func (export "_start") (local $errno i32)
            (loop $more
                (local.set $errno
                    (call $write (i32.const {fd}) (i32.const 0) (i32.const 1) (i32.const 24)))
                (br_if $more (i32.eqz (local.get $errno))))
            (drop (call $write (i32.const {other}) (i32.const 8) (i32.const 1) (i32.const 24)))
            (call $exit (local.get $errno)))"#
    ))
}

#[test]
fn a_guest_hears_of_a_closed_output_and_goes_on() {
    const PIPE: i32 = 64;
    for (fd, other) in [(1, 2), (2, 1)] {
        let guest = until_it_fails(fd, other);
        let mut command = guest.run(&["--report", "report.json"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("limpid starts");
        let mut streams: [Box<dyn Read>; 2] = [
            Box::new(child.stdout.take().expect("it is piped")),
            Box::new(child.stderr.take().expect("it is piped")),
        ];
        if fd == 2 {
            streams.reverse();
        }
        let [mut closed, mut open] = streams;
        closed.read_exact(&mut [0]).expect("it writes");
        drop(closed);
        let mut told = String::new();
        open.read_to_string(&mut told).expect("text");
        assert_eq!(told, "done", "descriptor {fd}");
        assert_eq!(end(child).code(), Some(PIPE), "descriptor {fd}");
        assert_eq!(guest.report()["status"], "exit");
    }
}

#[test]
fn what_nobody_reads_of_limpid_itself_ends_quietly() {
    let guest = Guest::whole(r#"(module (func (export "_start") (loop (br 0))))"#);
    let mut command = guest.command(&["trace", "guest.wat"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("limpid starts");
    let mut stdout = child.stdout.take().expect("it is piped");
    stdout.read_exact(&mut [0]).expect("it shows something");
    drop(stdout);
    let mut told = String::new();
    let mut stderr = child.stderr.take().expect("it is piped");
    stderr.read_to_string(&mut told).expect("text");
    assert_eq!(told, "");
    assert_eq!(end(child).code(), Some(0));
}

/// A pipe whose writing end does not wait.
fn impatient() -> (PipeReader, PipeWriter) {
    let (reader, writer) = pipe().expect("a pipe");
    let flags = fcntl_getfl(&writer).expect("flags");
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).expect("flags");
    (reader, writer)
}

/// Reads slowly, so that the pipe is full most of the time.
fn slowly(mut reader: PipeReader) -> Vec<u8> {
    let (mut all, mut piece) = (Vec::new(), [0; 65536]);
    loop {
        std::thread::sleep(Duration::from_millis(1));
        match reader.read(&mut piece).expect("readable") {
            0 => return all,
            len => all.extend_from_slice(&piece[..len]),
        }
    }
}

/// Writes a million bytes, each piece in one call, and exits with the first error number.
fn a_million(fd: u32) -> Guest {
    Guest::new(&format!(
        r#"(data (i32.const 0) "\00\04\00\00\40\0d\03\00")
        (func (export "_start") (local $left i32) (local $errno i32)
            (memory.fill (i32.const 1024) (i32.const 46) (i32.const 200000))
            (local.set $left (i32.const 5))
            (loop $more
                (local.set $errno
                    (call $write (i32.const {fd}) (i32.const 0) (i32.const 1) (i32.const 8)))
                (if (local.get $errno) (then (call $exit (local.get $errno))))
                (if (i32.ne (i32.load (i32.const 8)) (i32.const 200000))
                    (then (call $exit (i32.const 99))))
                (br_if $more
                    (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))"#
    ))
}

#[test]
fn a_guests_output_waits_where_the_descriptor_does_not() {
    for fd in [1, 2] {
        let guest = a_million(fd);
        let (reader, writer) = impatient();
        let mut command = guest.run(&[]);
        match fd {
            1 => command.stdout(writer),
            _ => command.stderr(writer),
        };
        let child = command.spawn().expect("limpid starts");
        drop(command); // It has the writing end, too.
        assert_eq!(slowly(reader).len(), 1_000_000, "descriptor {fd}");
        assert_eq!(end(child).code(), Some(0), "descriptor {fd}");
    }
}

#[test]
fn limpids_own_output_waits_where_the_descriptor_does_not() {
    let funcs =
        "(func (param i32) (result i32) (i32.add (local.get 0) (i32.const 7)))".repeat(6000);
    let text = format!(r#"(module {funcs} (func (export "_start") (loop (br 0))))"#);
    let guest = Guest::whole(&text);
    for words in [
        &["explore", "guest.wat"][..],
        &["inspect", "--functions", "guest.wat"],
        &["trace", "--max-steps", "20000", "guest.wat"],
    ] {
        let waits = guest.command(words).output().expect("limpid starts");
        assert!(waits.stdout.len() > 100_000, "{words:?}");
        let (reader, writer) = impatient();
        let mut command = guest.command(words);
        let child = command.stdout(writer).spawn().expect("limpid starts");
        drop(command);
        assert!(slowly(reader) == waits.stdout, "{words:?}");
        assert_eq!(end(child).code(), Some(0), "{words:?}");
    }
}

/// Two threads: one does what is given, a moment after the other has begun to do what is given.
fn threads(main: &str, child: &str) -> Guest {
    let imports = IMPORTS_OF_THREADS;
    Guest::whole(&format!(
        r#"(module {imports}
        (data (i32.const 64) "\00\04\00\00\00\f0\00\00")
        (func $block
            (loop $more
                (drop (call $write (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 80)))
                (br $more)))
        (func $moment
            (drop (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const 300000000))))
        (func (export "wasi_thread_start") (param i32 i32) {child})
        (func (export "_start") (drop (call $spawn (i32.const 0))) {main}))"#
    ))
}

const IMPORTS_OF_THREADS: &str = r#"
    (import "env" "memory" (memory 1 1 shared))
    (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
    (export "memory" (memory 0))"#;

#[test]
fn a_thread_ends_a_run_that_is_held_up_by_an_output() {
    for (main, child, code) in [
        ("(call $block)", "(call $moment) unreachable", 134),
        (
            "(call $block)",
            "(call $moment) (call $exit (i32.const 5))",
            5,
        ),
        ("(call $moment) unreachable", "(call $block)", 134),
        (
            "(call $moment) (call $exit (i32.const 5))",
            "(call $block)",
            5,
        ),
        ("(call $moment)", "(call $block)", 0),
    ] {
        let guest = threads(main, child);
        let mut command = guest.run(&["-S", "threads"]);
        // Nobody reads what is written, and nobody closes it.
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("limpid starts");
        let stdout = child.stdout.take();
        let begun = Instant::now();
        assert_eq!(end(child).code(), Some(code), "{main}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{main}");
        drop(stdout);
    }
}

#[test]
fn time_ends_a_run_that_is_held_up_by_an_output() {
    let guest = a_million(1);
    let mut command = guest.run(&["--timeout", "200ms", "--report", "report.json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("limpid starts");
    let stdout = child.stdout.take();
    assert_eq!(end(child).code(), Some(134));
    let report = guest.report();
    assert_eq!(report["status"], "timeout");
    // The run itself came to an end, rather than the process around it.
    assert_eq!(report["trap"]["code"], "interrupt");
    drop(stdout);
}

#[test]
fn a_report_on_an_open_output_loses_nothing_of_it() {
    let guest = a_million(1);
    let output = guest.path("output");
    let file = std::fs::File::create(&output).expect("a file");
    let mut command = guest.run(&["--report", "/dev/stdout"]);
    let child = command.stdout(file).spawn().expect("limpid starts");
    assert_eq!(end(child).code(), Some(0));
    let all = std::fs::read_to_string(&output).expect("text");
    let (written, report) = all.split_at(1_000_000);
    assert!(written.bytes().all(|byte| byte == b'.'));
    let report: serde_json::Value = serde_json::from_str(report).expect("JSON");
    assert_eq!(report["status"], "ok");
    assert!(std::fs::symlink_metadata("/dev/stdout").is_ok_and(|link| link.is_symlink()));
}
