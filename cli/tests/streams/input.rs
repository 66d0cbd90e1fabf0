//! Inputs: shared ones, and pipes with a name.

use super::{Guest, end};
use std::fs::File;
use std::io::{Read, Write, pipe};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Reads a line byte by byte, and writes it.
fn one_line() -> Guest {
    Guest::new(
        r#"(data (i32.const 0) "\10\00\00\00\01\00\00\00")
        (func (export "_start")
            (loop $more
                (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 20))
                    (then (call $exit (i32.const 1))))
                (if (i32.eqz (i32.load (i32.const 20))) (then (return)))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 24)))
                (br_if $more (i32.ne (i32.load8_u (i32.const 16)) (i32.const 10)))))"#,
    )
}

#[test]
fn input_is_not_read_ahead_of_the_guest() {
    let guest = one_line();
    let path = guest.path("input");
    std::fs::write(&path, "one\ntwo\n").expect("a file");
    let mut file = File::open(&path).expect("a file");
    let output = guest
        .run(&[])
        .stdin(file.try_clone().expect("the same place"))
        .output()
        .expect("limpid starts");
    assert_eq!(output.stdout, b"one\n");
    let mut rest = String::new();
    file.read_to_string(&mut rest).expect("text");
    assert_eq!(rest, "two\n", "of a file");
    let (mut reader, mut writer) = pipe().expect("a pipe");
    writer.write_all(b"one\ntwo\n").expect("written");
    drop(writer);
    let mut command = guest.run(&[]);
    command.stdin(reader.try_clone().expect("the same pipe"));
    let output = command.output().expect("limpid starts");
    assert_eq!(output.stdout, b"one\n");
    rest.clear();
    reader.read_to_string(&mut rest).expect("text");
    assert_eq!(rest, "two\n", "of a pipe");
}

#[test]
fn an_input_that_does_not_wait_is_waited_for() {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let guest = one_line();
    let (reader, mut writer) = pipe().expect("a pipe");
    let flags = fcntl_getfl(&reader).expect("flags");
    fcntl_setfl(&reader, flags | OFlags::NONBLOCK).expect("flags");
    let mut command = guest.run(&[]);
    let child = command
        .stdin(reader)
        .stdout(Stdio::piped())
        .spawn()
        .expect("limpid starts");
    for part in ["o", "ne", "\n"] {
        std::thread::sleep(Duration::from_millis(100));
        writer.write_all(part.as_bytes()).expect("written");
    }
    let output = child.wait_with_output().expect("a child");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"one\n");
}

fn make_pipe(guest: &Guest) {
    let made = Command::new("mkfifo").arg(guest.path("pipe")).status();
    assert!(made.expect("mkfifo starts").success());
}

/// Opens a pipe with a name, reads it once, and writes what it read.
fn from_pipe(flags: u32) -> Guest {
    let guest = Guest::new(&format!(
        r#"(data (i32.const 0) "\00\01\00\00\40\00\00\00")
        (data (i32.const 64) "pipe")
        (func (export "_start")
            (if (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4)
                    (i32.const 0) (i64.const 2) (i64.const 0) (i32.const {flags}) (i32.const 16))
                (then unreachable))
            (if (call $read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 20))
                (then unreachable))
            (i32.store (i32.const 4) (i32.load (i32.const 20)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 24))))"#
    ));
    make_pipe(&guest);
    guest
}

#[test]
fn reading_a_pipe_waits_for_the_first_writer() {
    let guest = from_pipe(0);
    let child = guest
        .run(&["--dir", "."])
        .stdout(Stdio::piped())
        .spawn()
        .expect("limpid starts");
    std::thread::sleep(Duration::from_millis(300));
    // Waits for the reader, too.
    std::fs::write(guest.path("pipe"), "hi").expect("written");
    let output = child.wait_with_output().expect("a child");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"hi");
}

#[test]
fn a_pipe_without_a_writer_is_at_its_end_for_who_does_not_wait() {
    const NONBLOCK: u32 = 4;
    let guest = from_pipe(NONBLOCK);
    let output = guest.run(&["--dir", "."]).output().expect("limpid starts");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"");
}

#[test]
fn time_ends_a_run_that_waits_for_a_writer() {
    let guest = from_pipe(0);
    let mut command = guest.run(&[
        "--dir",
        ".",
        "--timeout",
        "200ms",
        "--report",
        "report.json",
    ]);
    let child = command.stderr(Stdio::null()).spawn();
    assert_eq!(end(child.expect("limpid starts")).code(), Some(134));
    assert_eq!(guest.report()["trap"]["code"], "interrupt");
}

#[test]
fn a_pipe_given_as_input_is_waited_for_and_time_ends_that() {
    let guest = one_line();
    make_pipe(&guest);
    // Opened for both, so that it neither waits to be opened nor ends.
    let writer = File::options()
        .read(true)
        .write(true)
        .open(guest.path("pipe"));
    let mut writer = writer.expect("a pipe");
    writer.write_all(b"one\ntwo").expect("written");
    let output = guest
        .run(&["--stdin", "pipe"])
        .output()
        .expect("limpid starts");
    assert_eq!(output.stdout, b"one\n");
    let begun = Instant::now();
    let mut command = guest.run(&[
        "--stdin",
        "pipe",
        "--timeout",
        "200ms",
        "--report",
        "report.json",
    ]);
    let output = command.output().expect("limpid starts");
    assert_eq!(output.stdout, b"two", "what the first run left");
    assert_eq!(output.status.code(), Some(134));
    assert_eq!(guest.report()["trap"]["code"], "interrupt");
    assert!(begun.elapsed() < Duration::from_secs(20));
}
