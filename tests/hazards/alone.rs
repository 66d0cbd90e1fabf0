//! Checks that run in a process of their own, so that the memory they take can be measured, on a
//! host stack of 128 KiB and in bounded time.

use super::bytes::{NONE, function};
use super::*;
use std::time::{Duration, Instant};

/// Host stack of a run.
const HOST_STACK: usize = 128 << 10;
/// Names the test that a child process is for.
const ALONE: &str = "LIMPID_HAZARD_ALONE";
/// Most time that a test may take; tests on a busy machine take long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a check in a process of its own that may use so many megabytes, on a small stack.
pub fn alone(test: &str, megabytes: u64, check: impl FnOnce() + Send + 'static) {
    let name = test;
    if std::env::var(ALONE).as_deref() != Ok(name) {
        let output = std::process::Command::new(std::env::current_exe().expect("a program"))
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env(ALONE, name)
            .env("RUST_BACKTRACE", "0")
            .output()
            .expect("it starts");
        let (out, err) = (output.stdout, output.stderr);
        let (out, err) = (String::from_utf8_lossy(&out), String::from_utf8_lossy(&err));
        println!("{out}");
        assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
        assert!(out.contains("1 passed"), "no test {name}\n{out}");
        return;
    }
    let thread = std::thread::Builder::new().stack_size(HOST_STACK);
    let start = Instant::now();
    let run = thread.spawn(check).expect("a thread");
    while !run.is_finished() {
        assert!(start.elapsed() < PATIENCE, "{name} takes too long");
        std::thread::sleep(Duration::from_millis(2));
    }
    run.join().expect("no panic");
    let (peak, taken) = (peak(), start.elapsed());
    println!("{name}: {peak:?} KiB, {taken:?}");
    match peak {
        Some(peak) => assert!(peak <= megabytes << 10, "{megabytes} MiB are allowed"),
        None => println!("peak memory is not known on this system"),
    }
}

/// Most memory this process has used, in KiB, where the system says so.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Engines of both translations.
pub fn engines() -> [Engine; 2] {
    [Translation::Fused, Translation::Faithful]
        .map(|translation| Way::new(translation, Dispatch::Threaded, false).engine())
}

/// Calls `f` of a module on a new store; then the store must still run something.
pub fn run(engine: &Engine, bytes: &[u8], arg: i32) -> Result<i32> {
    let mut store = Store::new(engine, ());
    let result = Module::from_binary(engine, bytes).and_then(|module| {
        let instance = Instance::new(&mut store, &module, &[])?;
        call(&mut store, instance, "f", arg)
    });
    usable(&mut store);
    result
}

/// Checks that a store runs code.
pub fn usable(store: &mut Store<()>) {
    let module = Module::from_binary(store.engine(), &function(NONE, &[0x41, 42])).expect("valid");
    let instance = Instance::new(&mut *store, &module, &[]).expect("no imports");
    let result: i32 = call(store, instance, "f", 0).expect("it returns");
    assert_eq!(result, 42);
}

/// The code of an error of loading.
pub fn refused(bytes: &[u8]) -> &'static str {
    let engine = Engine::default();
    match Module::from_binary(&engine, bytes) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}
