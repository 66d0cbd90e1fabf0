//! Where the host has little memory, what a guest or a setting asks for is refused; the process is
//! never ended by that. (Linux can be told how little there is.)

#![cfg(target_os = "linux")]

use super::{Guest, end};
use std::process::Stdio;

/// KiB of addresses that the process has.
const LITTLE: u32 = 400_000;

/// The exit code, where the process was not ended by a signal, and what it told.
#[track_caller]
fn check(guest: &Guest, flags: &[&str], expected: i32) -> String {
    let mut command = guest.run_within(LITTLE, flags);
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("limpid starts");
    let mut child = child;
    let stderr = child.stderr.take().expect("it is piped");
    let told = std::thread::spawn(|| std::io::read_to_string(stderr));
    let status = end(child);
    let told = told.join().expect("no panic").expect("text");
    assert_eq!(status.code(), Some(expected), "{flags:?}: {status}: {told}");
    told
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
