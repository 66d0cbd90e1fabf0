//! Waiting: it takes no time of the processor, holds nothing, and has an end when the run is to
//! stop.

use super::fails;
use super::fixture::{ROOT, each};
use super::guest::*;
use limpid::wasi::p1::Errno;
use limpid::wasi::{StdinStream, WasiCtxBuilder};
use limpid::{Engine, Linker, MemoryType, Module, SharedMemory, Store, Trap, UpdateDeadline};
use rustix::time::{ClockId, clock_gettime};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// An input that never has anything.
struct Silent;

impl StdinStream for Silent {
    fn read(&self, _: &mut [u8]) -> std::io::Result<usize> {
        panic!("a read of it would wait for ever")
    }

    fn ready(&self, within: Duration) -> bool {
        std::thread::sleep(within);
        false
    }
}

/// A subscription to the monotonic clock, some nanoseconds from now, at 0x2000.
fn subscribe(guest: &mut Guest, at: usize, nanos: u64) {
    guest.put(at, &[0; 48]);
    guest.put(at + 16, &[1]);
    guest.put(at + 24, &nanos.to_le_bytes());
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[test]
fn processor_time_can_be_asked_for() {
    const PROCESS: u64 = 2;
    const THREAD: u64 = 3;
    let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
    let mut now = |clock: u64| {
        let told = guest.call("clock_time_get", &[clock, 0, 0x8000]);
        assert_eq!(told, Ok(()), "clock {clock}");
        Duration::from_nanos(guest.u64(0x8000))
    };
    for clock in [PROCESS, THREAD] {
        let (begun, before) = (processor_time(), now(clock));
        while processor_time() < begun + Duration::from_millis(20) {}
        let spent = now(clock) - before;
        // The two clocks are read one after the other, and may be of different resolutions.
        assert!(
            spent >= Duration::from_millis(15),
            "clock {clock}: {spent:?}"
        );
    }
    // A thread has no more than its process, and begins with nothing.
    assert!(now(THREAD) <= now(PROCESS));
    let other = std::thread::spawn(|| {
        let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
        let told = guest.call("clock_time_get", &[THREAD, 0, 0x8000]);
        told.map(|()| Duration::from_nanos(guest.u64(0x8000)))
    });
    let (other, own) = (other.join().expect("no panic"), now(PROCESS));
    assert!(other.expect("told") < own);
    fails(
        guest.call("clock_time_get", &[4, 0, 0x8000]),
        &[Errno::Inval],
        "no clock",
    );
}

#[test]
fn sleeping_takes_no_processor_time() {
    let mut guest = Guest::new(WasiCtxBuilder::new().stdin(Silent).build_p1());
    subscribe(&mut guest, 0x2000, 600_000_000);
    // Reading standard input, which never can be.
    guest.put(0x2030, &[0; 48]);
    guest.put(0x2038, &[1]);
    for subscriptions in [1, 2] {
        let (begin, before) = (Instant::now(), processor_time());
        let args = [0x2000, 0x3000, subscriptions, 0x4000];
        assert_eq!(guest.call("poll_oneoff", &args), Ok(()));
        let (slept, used) = (begin.elapsed(), processor_time() - before);
        assert!(slept >= Duration::from_millis(600), "{slept:?}");
        assert!(used < Duration::from_millis(20), "{used:?} of {slept:?}");
    }
}

/// Lets epochs pass, and looks how soon after one the wait ends: with a number where
/// the run is to go on, and else with a trap.
fn interrupts(mut guest: Guest, call: impl Fn(&mut Guest) -> Result<(), Errno>) {
    guest
        .store
        .epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
    let (result, late) = interrupted(&mut guest, &call);
    assert_eq!(result.expect("no trap"), Err(Errno::Intr));
    assert!(late < Duration::from_secs(1), "{late:?}");
    guest.store.epoch_deadline_trap();
    let (result, late) = interrupted(&mut guest, &call);
    let error = result.expect_err("a trap");
    assert!(error.contains("interrupt"), "{error}");
    assert!(late < Duration::from_secs(1), "{late:?}");
}

/// What a call gives that an epoch interrupts, or how it ends without; and how late.
fn interrupted(
    guest: &mut Guest,
    call: impl Fn(&mut Guest) -> Result<(), Errno>,
) -> (Result<Result<(), Errno>, String>, Duration) {
    guest.store.set_epoch_deadline(1);
    let engine = guest.store.engine().clone();
    // The first one may pass before the guest waits.
    let has_ended = Arc::new(AtomicBool::new(false));
    let until = has_ended.clone();
    let ticking = std::thread::spawn(move || {
        let mut ticks = Vec::new();
        while ticks.is_empty() || !until.load(Relaxed) {
            std::thread::sleep(Duration::from_millis(100));
            engine.increment_epoch();
            ticks.push(Instant::now());
        }
        ticks
    });
    let result = catch_unwind(AssertUnwindSafe(|| call(guest)));
    let ended = Instant::now();
    has_ended.store(true, Relaxed);
    let ticks = ticking.join().expect("no panic");
    let late = ended.saturating_duration_since(ticks[0]);
    // A guest here says that it did not expect the trap.
    let told = |panic: Box<dyn std::any::Any + Send>| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(_) => "another panic".to_owned(),
    };
    (result.map_err(told), late)
}

#[test]
fn an_epoch_ends_a_wait_for_a_clock() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build_p1());
    subscribe(&mut guest, 0x2000, u64::MAX);
    interrupts(guest, |guest| {
        guest.call("poll_oneoff", &[0x2000, 0x3000, 1, 0x4000])
    });
}

#[test]
fn an_epoch_ends_a_read_of_the_input() {
    let guest = Guest::new(WasiCtxBuilder::new().stdin(Silent).build_p1());
    interrupts(guest, |guest| guest.read(0, 10).map(drop));
}

#[test]
fn an_epoch_ends_a_read_of_a_pipe_and_a_write_to_a_full_one() {
    each(|fixture| {
        let fifo = fixture.path("pre/fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.is_ok_and(|status| status.success()));
        for write in [false, true] {
            let mut guest = fixture.guest();
            let reading = guest.open(ROOT, "fifo").expect("no wait");
            let writing = guest
                .path_open(ROOT, 0, "fifo", 0, (FD_WRITE, 0), 0)
                .expect("to write");
            interrupts(guest, |guest| match write {
                false => guest.read(reading, 10).map(drop),
                true => loop {
                    guest.write(writing, &[0; 4096])?;
                },
            });
        }
    });
}

#[test]
fn an_epoch_ends_a_wait_for_a_connection() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a socket");
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_socket(socket).expect("a grant");
    let guest = Guest::new(builder.build_p1());
    interrupts(guest, |guest| guest.call("sock_accept", &[3, 0, 0x8000]));
}

#[test]
fn an_epoch_ends_an_atomic_wait() {
    let engine: &Engine = engine();
    let module = Module::new(
        engine,
        r#"(module (import "env" "memory" (memory 1 1 shared))
            (func (export "wait") (drop (memory.atomic.wait32
                (i32.const 0) (i32.const 0) (i64.const -1)))))"#,
    );
    let memory = SharedMemory::new(engine, MemoryType::shared(1, 1)).expect("a memory");
    let mut store = Store::new(engine, ());
    let mut linker = Linker::new(engine);
    linker
        .define(&store, "env", "memory", memory)
        .expect("a memory");
    let instance = linker
        .instantiate(&mut store, &module.expect("valid"))
        .expect("an instance");
    let wait = instance
        .get_typed_func::<(), ()>(&mut store, "wait")
        .expect("a function");
    store.set_epoch_deadline(1);
    let ticking = std::thread::spawn(|| {
        std::thread::sleep(Duration::from_millis(100));
        super::guest::engine().increment_epoch();
    });
    let begin = Instant::now();
    let error = wait.call(&mut store, ()).expect_err("interrupted");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    assert!(begin.elapsed() < Duration::from_secs(2));
    ticking.join().expect("no panic");
}
