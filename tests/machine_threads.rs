//! Guest threads that take turns: the same seed gives the same run, forwards and backwards, and
//! whoever waits is woken, timed out, or told that nobody can wake it.
#![cfg(all(feature = "wat", feature = "wasi"))]

use limpid::observe::machine::{Ended, MAIN, Schedule, Stopped, Target};
use limpid::observe::{Event, Machine};
use limpid::wasi::WasiThreads;
use limpid::*;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

/// Some threads, and what they have in common.
const HEAD: &str = r#"(module
    (import "env" "memory" (memory 1 4 shared))
    (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
"#;

/// A store, calls to make in it, and what has to live as long as it does.
type Ready = (Store<()>, Vec<(Func, Vec<Val>)>, WasiThreads<()>);

/// A store with the module of that text, and the calls of its start function and of `f`.
fn ready(text: &str) -> Ready {
    let mut config = Config::new();
    config.translation(Translation::Faithful);
    config.epoch_interruption(true);
    let engine = Engine::new(&config).expect("the settings are fine");
    let module = Module::new(&engine, format!("{HEAD}{text})")).expect("valid");
    let mut linker = Linker::new(&engine);
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    let threads = WasiThreads::add_to_linker(&mut linker, &store, &module).expect("links");
    let threads = threads.max_threads(4);
    let made = linker.instantiate_unstarted(&mut store, &module);
    let (instance, start) = made.expect("instantiates");
    let f = instance.get_func(&mut store, "f");
    let calls = start.into_iter().chain(f).map(|func| (func, Vec::new()));
    let calls = calls.collect();
    (store, calls, threads)
}

/// A machine that calls `f`; what has to live as long as it is beside it.
fn machine(text: &str, schedule: Schedule) -> (Machine<()>, WasiThreads<()>) {
    let (store, calls, threads) = ready(text);
    let mut machine = Machine::new(store, calls).expect("faithful");
    machine.set_schedule(schedule);
    (machine, threads)
}

fn seeded(seed: u64, quantum: u64) -> Schedule {
    Schedule { seed, quantum }
}

/// Everything there is to see.
fn seen(machine: &mut Machine<()>) -> String {
    let mut text = format!("{} {}\n", machine.time(), machine.is_at_end());
    let threads = machine.threads();
    for thread in &threads {
        let frames = machine.frames_of(thread.thread);
        writeln!(text, "{thread:?} {frames:#?}").expect("a string");
    }
    let (state, _) = machine.state();
    writeln!(text, "{:?} {:?}", state.globals, state.turns).expect("a string");
    for memory in &state.memories {
        let read = |at: u64| memory.read::<8>(at).ok();
        let bytes = (read(0), read(70_000));
        writeln!(text, "{} {bytes:?}", memory.byte_len()).expect("a string");
    }
    text
}

/// The end of a machine, as text.
fn ended(machine: &Machine<()>) -> String {
    match machine.end().expect("it has ended").1 {
        Ended::Returned(values) => format!("{values:?}"),
        Ended::Failed(error) => error.root_cause().to_string(),
    }
}

/// Steps to the end and back, and jumps about, comparing everything at each time; then does the
/// same run without stopping anywhere. Returns how it ended.
fn check(text: &str, schedule: Schedule) -> String {
    let (mut machine, _threads) = self::machine(text, schedule);
    let mut all = vec![seen(&mut machine)];
    while machine.step().expect("there is room") != Stopped::Ended || !machine.is_at_end() {
        all.push(seen(&mut machine));
        assert!(all.len() < 50_000, "it ends");
    }
    if machine.time() as usize == all.len() {
        all.push(seen(&mut machine));
    }
    let (end, how) = (machine.time(), ended(&machine));
    for time in (0..end).rev() {
        machine.step_back().expect("there is room");
        assert_eq!(seen(&mut machine), all[time as usize], "back at {time}");
    }
    for jump in 0..40u64 {
        let time = jump * 7919 % end;
        machine.goto(time).expect("there is room");
        assert_eq!(seen(&mut machine), all[time as usize], "at {time}");
    }
    machine.goto(u64::MAX).expect("there is room");
    assert_eq!((machine.time(), ended(&machine)), (end, how.clone()));
    let (mut fresh, _threads) = self::machine(text, schedule);
    fresh.resume().expect("there is room");
    assert_eq!((fresh.time(), ended(&fresh)), (end, how.clone()));
    for jump in 0..10u64 {
        let time = jump * 104_729 % end;
        fresh.goto(time).expect("there is room");
        assert_eq!(
            seen(&mut fresh),
            all[time as usize],
            "at {time}, from the end"
        );
    }
    how
}

/// Three threads that add to a number: the first one by instructions that belong together, the
/// other two by a load and a store. `f` waits for them and returns the sum.
const COUNTING: &str = r#"
    (func (export "wasi_thread_start") (param $id i32) (param $kind i32) (local $i i32)
        (local.set $i (i32.const 8))
        (loop $again
            (if (local.get $kind)
                (then (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
                (else (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))
            (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
        (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
    (func (export "f") (result i32) (local $done i32)
        (drop (call $spawn (i32.const 0)))
        (drop (call $spawn (i32.const KIND)))
        (drop (call $spawn (i32.const KIND)))
        (loop $wait
            (local.set $done (i32.atomic.load (i32.const 4)))
            (if (i32.ne (local.get $done) (i32.const 3)) (then
                (drop (memory.atomic.wait32 (i32.const 4) (local.get $done) (i64.const -1)))
                (br $wait))))
        (i32.load (i32.const 0)))"#;

#[test]
fn atomic_additions_are_all_counted() {
    let text = COUNTING.replace("KIND", "0");
    for schedule in [seeded(0, 1000), seeded(1, 1), seeded(2, 7), seeded(3, 50)] {
        assert_eq!(check(&text, schedule), "[I32(24)]", "{schedule:?}");
    }
}

#[test]
fn a_race_is_lost_with_some_seeds_and_is_the_same_each_time() {
    let text = COUNTING.replace("KIND", "1");
    let ends: Vec<String> = (0..6).map(|seed| check(&text, seeded(seed, 3))).collect();
    assert!(ends.iter().any(|end| end != "[I32(24)]"), "{ends:?}");
    assert!(ends.iter().any(|end| *end != ends[0]), "{ends:?}");
    assert_eq!(check(&text, seeded(0, 1_000_000)), "[I32(24)]");
}

#[test]
fn threads_that_all_wait_end_the_run() {
    let how = check(
        r#"(func (export "wasi_thread_start") (param i32 i32)
            (drop (memory.atomic.wait64 (i32.const 8) (i64.const 0) (i64.const -1))))
        (func (export "f") (drop (call $spawn (i32.const 0)))
            (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))"#,
        seeded(0, 10),
    );
    assert_eq!(how, Fault::Deadlock.to_string());
}

#[test]
fn a_wait_ends_by_its_timeout() {
    // Alone, and while another thread turns round and round until the first one has gone on.
    let alone = r#"(func (export "wasi_thread_start") (param i32 i32))
        (func (export "f") (result i32)
            (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 1000000000)))"#;
    assert_eq!(check(alone, seeded(0, 10)), "[I32(2)]");
    let busy = r#"(func (export "wasi_thread_start") (param i32 i32)
            (loop $l (br_if $l (i32.eqz (i32.atomic.load (i32.const 4))))))
        (func (export "f") (result i32 i32)
            (drop (call $spawn (i32.const 0)))
            (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 10000))
            (i32.atomic.store (i32.const 4) (i32.const 1))
            (memory.atomic.wait32 (i32.const 0) (i32.const 1) (i64.const -1)))"#;
    assert_eq!(check(busy, seeded(0, 10)), "[I32(2), I32(1)]");
}

#[test]
fn a_trap_of_one_thread_ends_all() {
    let how = check(
        r#"(func (export "wasi_thread_start") (param i32 i32) (unreachable))
        (func (export "f") (drop (call $spawn (i32.const 0))) (loop $l (br $l)))"#,
        seeded(4, 5),
    );
    assert_eq!(how, Trap::Unreachable.to_string());
}

#[test]
fn a_shared_memory_grows_and_threads_spawned_later_have_it() {
    let how = check(
        r#"(func (export "wasi_thread_start") (param $id i32) (param $kind i32)
            (if (local.get $kind)
                (then (i32.store (i32.const 70000) (i32.const 7)))
                (else (drop (memory.grow (i32.const 1)))))
            (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
            (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
        (func $until (param i32)
            (drop (memory.atomic.wait32
                (i32.const 0) (i32.sub (local.get 0) (i32.const 1)) (i64.const -1))))
        (func (export "f") (result i32 i32)
            (drop (call $spawn (i32.const 0)))
            (call $until (i32.const 1))
            (drop (call $spawn (i32.const 1)))
            (call $until (i32.const 2))
            (memory.size) (i32.load (i32.const 70000)))"#,
        seeded(0, 4),
    );
    assert_eq!(how, "[I32(2), I32(7)]");
}

#[test]
fn no_more_threads_than_are_allowed() {
    let how = check(
        r#"(func (export "wasi_thread_start") (param i32 i32)
            (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
        (func (export "f") (result i32 i32 i32 i32 i32)
            (call $spawn (i32.const 0)) (call $spawn (i32.const 0)) (call $spawn (i32.const 0))
            (call $spawn (i32.const 0)) (call $spawn (i32.const 0)))"#,
        seeded(0, 2),
    );
    assert_eq!(how, "[I32(1), I32(2), I32(3), I32(4), I32(-1)]");
}

#[test]
fn every_thread_runs_the_start_function_first() {
    let how = check(
        r#"(func $start (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))
        (start $start)
        (func (export "wasi_thread_start") (param i32 i32)
            (i32.atomic.store (i32.const 4) (i32.atomic.load (i32.const 0)))
            (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
        (func (export "f") (result i32)
            (drop (call $spawn (i32.const 0)))
            (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))
            (i32.load (i32.const 4)))"#,
        seeded(0, 3),
    );
    assert_eq!(how, "[I32(2)]");
}

#[test]
fn over_and_out_stay_in_their_thread() {
    let text = COUNTING.replace("KIND", "0");
    let (mut machine, _threads) = machine(&text, seeded(1, 3));
    while machine.thread() == MAIN {
        machine.step().expect("there is room");
    }
    let thread = machine.thread();
    let (base, time) = (machine.frames()[0].base, machine.time());
    for _ in 0..5 {
        machine.over().expect("there is room");
        assert_eq!((machine.thread(), machine.frames()[0].base), (thread, base));
    }
    for _ in 0..5 {
        machine.over_back().expect("there is room");
        assert_eq!((machine.thread(), machine.frames()[0].base), (thread, base));
    }
    assert!(machine.time() <= time);
    machine.out().expect("there is room");
    assert!(!machine.is_at_end());
    assert!(machine.threads().iter().all(|view| view.thread != thread));
}

#[test]
fn a_watched_local_is_of_its_thread() {
    let text = COUNTING.replace("KIND", "0");
    let (mut machine, _threads) = machine(&text, seeded(1, 3));
    while machine.thread() == MAIN {
        machine.step().expect("there is room");
    }
    let (thread, base) = (machine.thread(), machine.frames()[0].base);
    machine.watchpoints().push(Target::Local {
        thread,
        base,
        local: 2,
    });
    let mut hits = 0;
    while let Stopped::Hit(_) = machine.resume().expect("there is room") {
        hits += 1;
    }
    assert_eq!(hits, 9, "set once, then counted down from 8");
}

#[test]
fn events_name_their_thread_and_a_machine_without_history_runs_the_same() {
    let text = COUNTING.replace("KIND", "1");
    let all = Arc::new(Mutex::new(Vec::new()));
    let (mut first, _threads) = machine(&text, seeded(5, 3));
    let kept = all.clone();
    let show = move |event: &Event<'_>| {
        let entry = (event.time, event.thread, event.offset());
        kept.lock().expect("no panic").push(entry);
    };
    first.run_shown(u64::MAX, show).expect("there is room");
    let all = std::mem::take(&mut *all.lock().expect("no panic"));
    let threads: std::collections::BTreeSet<u32> = all.iter().map(|entry| entry.1).collect();
    assert_eq!(threads.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(
        all.iter()
            .enumerate()
            .all(|(at, entry)| entry.0 == at as u64)
    );

    struct Kept(Arc<Mutex<Vec<(u64, u32, u32)>>>);
    impl observe::Probe for Kept {
        fn step(&mut self, event: &Event<'_>) {
            let entry = (event.time, event.thread, event.offset());
            self.0.lock().expect("no panic").push(entry);
        }
    }
    let again = Arc::new(Mutex::new(Vec::new()));
    let (mut store, calls, _threads) = ready(&text);
    store
        .set_probe(Box::new(Kept(again.clone())))
        .expect("faithful");
    let mut second = Machine::without_history(store, calls).expect("watched");
    second.set_schedule(seeded(5, 3));
    assert_eq!(second.resume().expect("there is room"), Stopped::Ended);
    assert_eq!(ended(&second), ended(&first));
    assert_eq!(*again.lock().expect("no panic"), all);
    let error = second.step_back().expect_err("nothing is kept");
    assert_eq!(error.downcast_ref(), Some(&Fault::NotConfigured));
}
