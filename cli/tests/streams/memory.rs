//! Where the host has little memory, what a guest or a setting asks for is refused; the process is
//! never ended by that. (Linux can be told how little there is.)

#![cfg(target_os = "linux")]

use super::{Guest, end};
use std::process::{Command, ExitStatus, Stdio};

/// KiB of addresses that the process has.
const LITTLE: u32 = 400_000;

/// The exit code, where the process was not ended by a signal, and what it told.
#[track_caller]
fn check(guest: &Guest, flags: &[&str], expected: i32) -> String {
    let (status, told) = ended(guest.run_within(LITTLE, flags));
    assert_eq!(status.code(), Some(expected), "{flags:?}: {status}: {told}");
    told
}

/// How a command ended, and what it told.
fn ended(mut command: Command) -> (ExitStatus, String) {
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("limpid starts");
    let mut child = child;
    let stderr = child.stderr.take().expect("it is piped");
    let told = std::thread::spawn(|| std::io::read_to_string(stderr));
    let status = end(child);
    (status, told.join().expect("no panic").expect("text"))
}

/// Runs a guest with several amounts of memory, several times each: what it asks for is refused, or
/// it ends by a trap, but its host is never ended.
#[track_caller]
fn never_aborts(guest: &Guest, flags: &[&str]) {
    for kib in [60_000, 100_000, 120_000, 155_000, 170_000, 250_000, 300_000] {
        for _ in 0..6 {
            let (status, told) = ended(guest.run_within(kib, flags));
            let refused = matches!(status.code(), Some(0 | 1)) || told.contains("trap: out of");
            assert!(refused, "{kib} KiB: {status}: {told}");
            for ended in ["memory allocation of", "Fatal", "panicked"] {
                assert!(!told.contains(ended), "{kib} KiB: {status}: {told}");
            }
        }
    }
}

#[test]
fn threads_that_grow_a_memory_never_end_the_host() {
    let guest = Guest::whole(
        r#"(module
        (import "env" "memory" (memory 1 65536 shared))
        (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
        (func (export "wasi_thread_start") (param i32 i32)
            (loop $more (drop (memory.grow (i32.const 1))) (br $more)))
        (func (export "_start") (local $i i32) (local $p i32)
            (loop $more
                (drop (call $spawn (i32.const 0)))
                (br_if $more (i32.lt_u
                    (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                    (i32.const 8))))
            (loop $touch
                (drop (memory.grow (i32.const 16)))
                (if (i32.eq (memory.size) (i32.shr_u (local.get $p) (i32.const 16)))
                    (then (return)))
                (i32.store (local.get $p) (i32.const 1))
                (local.set $p (i32.add (local.get $p) (i32.const 65536)))
                (br $touch))))"#,
    );
    never_aborts(&guest, &["-S", "threads"]);
}

#[test]
fn threads_that_begin_and_end_never_end_the_host() {
    // Each touches what it has grown the memory by.
    let guest = Guest::whole(
        r#"(module
        (import "env" "memory" (memory 1 65536 shared))
        (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
        (func (export "wasi_thread_start") (param i32 i32) (local $i i32) (local $p i32)
            (local.set $p (i32.shl (memory.grow (i32.const 40)) (i32.const 16)))
            (br_if 0 (i32.le_s (local.get $p) (i32.const 0)))
            (loop $touch
                (i32.store (local.get $p) (i32.const 1))
                (local.set $p (i32.add (local.get $p) (i32.const 65536)))
                (br_if $touch (i32.lt_u
                    (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                    (i32.const 40)))))
        (func (export "_start") (local $i i32)
            (loop $more
                (drop (call $spawn (i32.const 0)))
                (br_if $more (i32.lt_u
                    (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                    (i32.const 300))))))"#,
    );
    never_aborts(&guest, &["-S", "threads"]);
}

#[test]
fn threads_that_have_no_room_are_not_there() {
    // Threads wait until all have been tried; then the main one ends with 0 if one was refused.
    let guest = Guest::whole(
        r#"(module
        (import "env" "memory" (memory 1 1 shared))
        (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
        (func (export "wasi_thread_start") (param i32 i32)
            (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
        (func (export "_start") (local $i i32) (local $refused i32)
            (loop $more
                (local.set $refused (i32.or (local.get $refused)
                    (i32.eq (call $spawn (i32.const 0)) (i32.const -1))))
                (drop (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const 2000000)))
                (br_if $more (i32.lt_u
                    (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                    (i32.const 64))))
            (if (i32.eqz (local.get $refused)) (then unreachable))))"#,
    );
    check(&guest, &["-S", "threads"], 0);
}

#[test]
fn a_shared_memory_that_has_no_room_does_not_grow() {
    let guest = Guest::whole(
        r#"(module (import "env" "memory" (memory 1 65536 shared))
        (func (export "_start")
            (if (i32.ne (memory.grow (i32.const 65535)) (i32.const -1)) (then unreachable))))"#,
    );
    check(&guest, &["-S", "threads"], 0);
}

/// A memory whose growth is granted but not taken can have lost its room when it is touched.
#[test]
fn touching_what_has_no_room_is_a_trap() {
    for touch in [
        "(i32.store (local.get $p) (i32.const 1))",
        "(i32.atomic.store (local.get $p) (i32.const 1))",
        "(drop (i32.atomic.rmw.add (local.get $p) (i32.const 1)))",
        "(memory.fill (local.get $p) (i32.const 1) (i32.const 4096))",
        "(memory.copy (local.get $p) (i32.const 0) (i32.const 4096))",
        "(memory.init 0 (local.get $p) (i32.const 0) (i32.const 4))",
    ] {
        let guest = Guest::whole(&format!(
            r#"(module (memory 1 65536 shared) (data "data")
            (func (export "_start") (local $i i32) (local $p i32)
                (i32.store (i32.const 0) (i32.const 1))
                (loop $grow
                    (drop (memory.grow (i32.const 2048)))
                    (br_if $grow (i32.lt_u
                        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                        (i32.const 16))))
                (loop $touch
                    {touch}
                    (br $touch
                        (local.set $p (i32.add (local.get $p) (i32.const 65536)))))))"#
        ));
        let told = check(&guest, &[], 134);
        assert!(told.contains("trap: out of memory"), "{touch}: {told}");
    }
}

#[test]
fn growth_that_the_system_refuses_is_a_trap_where_that_is_asked_for() {
    let tables = "(table 1 funcref)".repeat(12);
    let grow = (0..12)
        .map(|table| format!("(drop (table.grow {table} (ref.null func) (i32.const 9000000)))"))
        .collect::<String>();
    let tables = format!(r#"(module {tables} (func (export "_start") {grow}))"#);
    for (module, flags) in [
        (
            r#"(module (memory 1)
            (func (export "_start") (drop (memory.grow (i32.const 30000)))))"#,
            &[][..],
        ),
        (
            r#"(module (import "env" "memory" (memory 1 65536 shared))
            (func (export "_start") (drop (memory.grow (i32.const 65535)))))"#,
            &["-S", "threads"],
        ),
        (&tables, &[]),
    ] {
        let guest = Guest::whole(module);
        let report = ["--report", "report.json"];
        check(&guest, &[flags, &report].concat(), 0);
        let trap = ["-W", "trap-on-grow-failure"];
        check(&guest, &[flags, &trap, &report].concat(), 134);
        let told = guest.report();
        assert_eq!(told["status"], "trap", "{module}");
        assert_eq!(told["trap"]["code"], "grow-refused", "{module}");
    }
}

#[test]
fn a_stack_that_has_no_room_is_an_error() {
    let guest = Guest::whole(r#"(module (func (export "_start")))"#);
    let told = check(&guest, &["-W", "max-wasm-stack=1000000000"], 1);
    assert!(told.contains("1000000000"), "{told}");
    // One for each level of calls between the guest and the host.
    check(&guest, &["-W", "max-wasm-stack=100000000"], 0);
}

#[test]
fn a_text_that_has_no_room_is_refused() {
    // What the reader takes for each byte differs.
    let bodies = [
        ("(func ", "nop ", ")"),
        ("(func ", "block end ", ")"),
        ("", "(tag)", ""),
        ("", "(func)", ""),
        ("(func) (elem func ", "0 ", ")"),
    ];
    for (before, unit, after) in bodies {
        let text = unit.repeat(4_000_000 / unit.len());
        let guest = Guest::whole(&format!("(module {before}{text}{after})"));
        for kib in [50_000, 120_000, 250_000, 400_000] {
            let (status, told) = ended(guest.run_within(kib, &[]));
            assert_eq!(status.code(), Some(1), "{unit}: {status}: {told}");
            let refused = told.contains("out of memory: reading 40000");
            assert!(refused, "{unit}, {kib} KiB: {told}");
        }
    }
}

/// What a guest does that takes all memory there is.
const TAKES_ALL: &str = "
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))";

/// Runs a guest that takes all memory and traps. With very little, the threads that validate it may
/// leave too little to begin with, depending on how they are scheduled.
#[track_caller]
fn traps_without_memory(binary: &[u8]) {
    let guest = Guest::binary(binary);
    for kib in [60_000, 100_000, 155_000, 250_000, 400_000] {
        let (status, told) = ended(guest.run_within(kib, &[]));
        if kib <= 100_000 && told.starts_with("error: the stack of a run takes ") {
            assert_eq!(status.code(), Some(1), "{kib} KiB: {status}: {told}");
            continue;
        }
        assert_eq!(status.code(), Some(134), "{kib} KiB: {status}: {told}");
        assert!(told.starts_with("error: trap: "), "{kib} KiB: {told}");
        assert!(!told.contains("memory allocation"), "{kib} KiB: {told}");
    }
}

/// A custom section.
fn section(name: &str, contents: &[u8]) -> Vec<u8> {
    let len = (1 + name.len() + contents.len()) as u32;
    let mut section = vec![0];
    section.extend((0..5).map(|k| (len >> (7 * k)) as u8 & 0x7F | if k < 4 { 0x80 } else { 0 }));
    section.push(name.len() as u8);
    section.extend_from_slice(name.as_bytes());
    section.extend_from_slice(contents);
    section
}

/// Debug information that says that all code is at one line of `d/a.c`, with so many more
/// abbreviations and files than it needs.
fn debug_information(more: u32, files: u32) -> Vec<u8> {
    let leb =
        |number: u32| [0, 7, 14].map(|by| (number >> by) as u8 | if by < 14 { 0x80 } else { 0 });
    let mut abbreviations = vec![1, 0x11, 0, 0x10, 0x17, 0, 0];
    for code in 2..more + 2 {
        abbreviations.extend_from_slice(&leb(code));
        abbreviations.extend_from_slice(&[0x34, 0, 0, 0]);
    }
    abbreviations.push(0);
    // A unit of version 4, which names the table of lines.
    let unit: [u8; 16] = [12, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0];
    // A table of version 5: names of directories and files are texts.
    let mut header = vec![1, 1, 1, 0, 1, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1];
    header.extend_from_slice(b"\x01\x01\x08\x01d\0\x01\x01\x08");
    header.extend_from_slice(&leb(files + 1));
    header.extend_from_slice(b"a.c\0");
    header.resize(header.len() + files as usize, 0);
    // From address 1, in the first file, line 7, far enough, and the end.
    let program = [0, 5, 2, 1, 0, 0, 0, 4, 0, 3, 6, 1, 2, 0xFF, 0x7F, 0, 1, 1];
    let mut line = vec![5, 0, 4, 0];
    line.extend_from_slice(&(header.len() as u32).to_le_bytes());
    line.extend_from_slice(&header);
    line.extend_from_slice(&program);
    let len = (line.len() as u32).to_le_bytes();
    [
        section(".debug_abbrev", &abbreviations),
        section(".debug_info", &unit),
        section(".debug_line", &[&len[..], &line].concat()),
    ]
    .concat()
}

#[test]
fn a_backtrace_with_lines_where_the_guest_has_taken_all_memory() {
    let text =
        format!("(module (memory 1 65536) (func (export \"_start\") {TAKES_ALL} unreachable))");
    let module = wat::parse_str(text).expect("the text is right");
    for (more, files) in [(0, 0), (300_000, 0), (0, 1_000_000), (300_000, 1_000_000)] {
        let binary = [&module[..], &debug_information(more, files)].concat();
        traps_without_memory(&binary);
        // Where there is enough, the line is found.
        let guest = Guest::binary(&binary);
        let (_, told) = ended(guest.run(&["-W", "max-memory-size=65536"]));
        assert!(told.contains("d/a.c:7"), "{more} {files}: {told}");
    }
}

#[test]
fn a_large_function_where_the_guest_has_taken_all_memory() {
    // What is translated when first called, and again when a backtrace names it.
    for (call, unit) in [
        (
            "(call $large (i32.const 1))",
            "(drop (i32.add (local.get 0) (i32.const 1)))",
        ),
        ("(call $large (i32.const 1))", "(br_if 0 (i32.const 0))"),
        (
            "(call_indirect (param i32) (i32.const 1) (i32.const 0))",
            "(call $small)",
        ),
    ] {
        let body = unit.repeat(600_000);
        let text = format!(
            "(module (memory 1 65536) (table funcref (elem $large)) (func $small)
            (func $large (param i32) {body} unreachable)
            (func (export \"_start\") {TAKES_ALL} {call}))"
        );
        traps_without_memory(&wat::parse_str(text).expect("the text is right"));
    }
}
