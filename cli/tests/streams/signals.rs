//! Signals that end a run, and those that do not.

use super::{Guest, end};
use rustix::process::{Pid, Signal, kill_process};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Says that it runs, and runs on.
fn endless() -> Guest {
    Guest::new(
        r#"(data (i32.const 0) "\10\00\00\00\01\00\00\00")
        (func (export "_start")
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 24)))
            (loop (br 0)))"#,
    )
}

/// Sends signals, one after the other, once the guest runs; the exit code in the end.
fn code_after(mut command: Command, signals: &[Signal]) -> Option<i32> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("limpid starts");
    let mut stdout = child.stdout.take().expect("it is piped");
    // Whoever waits for the signal waits since before.
    stdout.read_exact(&mut [0]).expect("it runs");
    for signal in signals {
        std::thread::sleep(Duration::from_millis(100));
        assert!(child.try_wait().expect("a child").is_none(), "it runs on");
        kill_process(Pid::from_child(&child), *signal).expect("sent");
    }
    end(child).code()
}

#[test]
fn signals_end_a_run_with_their_code_and_a_report() {
    let guest = endless();
    for (signal, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::TERM, 143)] {
        let mut command = guest.run(&["--report", "report.json"]);
        if cfg!(target_os = "linux") {
            // Whoever started this test may ignore some signals, and a child would go on to.
            let limpid = command.get_program().to_owned();
            let mut heeding = Command::new("env");
            heeding.arg("--default-signal").arg(limpid);
            heeding
                .args(command.get_args())
                .current_dir(guest.dir.path());
            command = heeding;
            command.stdin(Stdio::null());
        }
        assert_eq!(code_after(command, &[signal]), Some(code));
        let report = guest.report();
        assert_eq!(report["status"], "interrupted");
        assert_eq!(report["exit_code"], code);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn signals_that_were_ignored_before_stay_ignored() {
    let guest = endless();
    for (ignored, signal) in [("INT", Signal::INT), ("HUP", Signal::HUP)] {
        let mut command = Command::new("sh");
        let script = format!("trap '' {ignored}; exec \"$0\" run guest.wat");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_limpid")]);
        command.current_dir(guest.dir.path()).stdin(Stdio::null());
        let code = code_after(command, &[signal, Signal::TERM]);
        assert_eq!(code, Some(143), "{ignored}");
    }
}

#[test]
fn a_report_that_cannot_be_made_is_told_before_the_run() {
    let guest = endless();
    // What root may not do either.
    let long = "x".repeat(300);
    let mut places = vec![long.as_str(), "/dev/null/report", "."];
    if cfg!(target_os = "linux") {
        places.push("/proc/self/report");
    }
    for place in places {
        let output = guest.run(&["--report", place]).output();
        let output = output.expect("limpid starts");
        assert_eq!(output.status.code(), Some(2), "{place}");
        assert!(output.stdout.is_empty(), "{place}: it ran");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("--report"), "{place}: {told}");
    }
}

#[test]
fn the_report_counts_the_fuel_of_the_thread_that_ran_out() {
    let guest = Guest::whole(
        r#"(module
        (import "env" "memory" (memory 1 1 shared))
        (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
        (func (export "wasi_thread_start") (param i32 i32) (loop (br 0)))
        (func (export "_start")
            (drop (call $spawn (i32.const 0)))
            (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))"#,
    );
    let mut command = guest.run(&["-S", "threads", "--fuel", "5000", "--report", "report.json"]);
    let child = command.stderr(Stdio::null()).spawn();
    assert_eq!(end(child.expect("limpid starts")).code(), Some(134));
    let report = guest.report();
    assert_eq!(report["status"], "fuel");
    let fuel = report["fuel"].as_u64().expect("a number");
    assert!((4990..=5000).contains(&fuel), "{fuel}");
}

#[test]
fn a_run_out_of_fuel_at_its_first_operation_has_a_place() {
    let guest = Guest::whole(r#"(module (func (export "_start") (nop) (unreachable)))"#);
    let mut command = guest.run(&["--fuel", "0", "--report", "report.json"]);
    let output = command.output().expect("limpid starts");
    assert_eq!(output.status.code(), Some(134));
    let report = guest.report();
    assert_eq!(report["status"], "fuel");
    let offset = &report["trap"]["backtrace"][0]["offset"];
    assert!(offset.as_u64().is_some_and(|offset| offset > 0), "{report}");
}
