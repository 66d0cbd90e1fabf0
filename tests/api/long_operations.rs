//! Operations that take long: they are interrupted half way, what is seen then is a state that the
//! rules of the spec pass through, and they go on where they were.

use super::{instance, store_with};
use limpid::*;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;
/// Bytes after which an operation looks at the epoch.
const PART: usize = 16 * MIB;

const MEMORY: &str = r#"(module (memory (export "m") 1024 2000) (data $d "limpid")
    (func (export "fill") (param i32 i32 i32)
        (memory.fill (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy") (param i32 i32 i32)
        (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (data.drop $d)))"#;

/// A store in which each look at the epoch calls `at` with how many came before.
fn watched(
    at: impl Fn(StoreContextMut<'_, ()>, usize) -> UpdateDeadline + Send + Sync + 'static,
) -> Store<()> {
    let mut store = store_with(|config| config.epoch_interruption(true));
    let looks = AtomicUsize::new(0);
    store.epoch_deadline_callback(move |context| {
        Ok(at(context, looks.fetch_add(1, Ordering::Relaxed)))
    });
    store
}

#[test]
fn a_fill_shows_its_prefix() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (memory, sink) = (Arc::new(Mutex::new(None::<Memory>)), seen.clone());
    let shown = memory.clone();
    let mut store = watched(move |context, _| {
        if let Some(memory) = *shown.lock().expect("whole") {
            let bytes = memory.data(&context);
            let filled = bytes.iter().take_while(|&&byte| byte == 7).count();
            let rest = bytes[filled..].iter().all(|&byte| byte == 0);
            sink.lock().expect("whole").push((filled, rest));
        }
        UpdateDeadline::Continue(0)
    });
    let instance = instance(&mut store, MEMORY, &[]);
    *memory.lock().expect("whole") = instance.get_memory(&mut store, "m");
    let fill = instance
        .get_typed_func::<(i32, i32, i32), ()>(&mut store, "fill")
        .expect("typed");
    fill.call(&mut store, (0, 7, 40 * MIB as i32))
        .expect("returns");
    // At the function's entry, and between three parts.
    let expected = vec![(0, true), (PART, true), (2 * PART, true)];
    assert_eq!(*seen.lock().expect("whole"), expected);
    // Out of bounds, nothing is written and nothing looked at.
    let error = fill
        .call(&mut store, (60 * MIB as i32, 9, 5 * MIB as i32))
        .expect_err("outside");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::MemoryOutOfBounds));
    let memory = memory.lock().expect("whole").expect("exported");
    assert!(
        memory.data(&store)[60 * MIB..]
            .iter()
            .all(|&byte| byte == 0)
    );
}

#[test]
fn a_gibibyte_is_interrupted() {
    let mut store = store_with(|config| config.epoch_interruption(true));
    let text = r#"(module (memory (export "m") 16384) (func (export "fill")
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x4000_0000))))"#;
    let instance = instance(&mut store, text, &[]);
    let fill = instance
        .get_typed_func::<(), ()>(&mut store, "fill")
        .expect("typed");
    let memory = instance.get_memory(&mut store, "m").expect("exported");
    store.set_epoch_deadline(1);
    // Ticks from the first byte on: as soon as the fill has begun.
    let (engine, stop) = (store.engine().clone(), Arc::new(AtomicU32::new(0)));
    let stopped = stop.clone();
    let ticking = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(5));
        engine.increment_epoch();
        let ticked = Instant::now();
        while stopped.load(Ordering::Relaxed) == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        ticked.elapsed()
    });
    let error = fill.call(&mut store, ()).expect_err("interrupted");
    stop.store(1, Ordering::Relaxed);
    let late = ticking.join().expect("no panic");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    let bytes = memory.data(&store);
    let parts = bytes.chunks(PART).take_while(|part| part[0] == 1).count();
    println!("{late:?} after the tick, {parts} parts of 64 are written");
    assert!(parts < 64, "a fill of a gibibyte ran to its end");
    assert!(late < Duration::from_secs(2), "{late:?}");
}

/// Runs an export to its end, resumed at each look at the epoch; `between` happens meanwhile.
fn interrupted(
    store: &mut Store<()>,
    func: Func,
    args: &[i32],
    mut between: impl FnMut(&mut Store<()>),
) -> usize {
    store.epoch_deadline_async_yield_and_update(0);
    let args: Vec<Val> = args.iter().map(|&arg| Val::I32(arg)).collect();
    let mut call = func
        .call_resumable(&mut *store, &args, &mut [])
        .expect("begins");
    let mut stops = 0;
    while let ResumableCall::Yielded(run) = call {
        stops += 1;
        between(store);
        // What waits is data: of two copies, the other goes on.
        let mut copy = store.fork().expect("nothing is in the way");
        copy.epoch_deadline_async_yield_and_update(0);
        core::mem::swap(store, &mut copy);
        call = run.resume(&mut *store, &[], &mut []).expect("goes on");
    }
    assert!(matches!(call, ResumableCall::Finished), "{call:?}");
    stops
}

#[test]
fn copies_of_memory_go_on_where_they_were() {
    // Up and down by less than a part, and by more; and not overlapping.
    for (dst, src) in [(5, 3), (3, 5), (0, 20 * MIB), (20 * MIB, 0), (0, 0)] {
        let mut store = store_with(|config| config.epoch_interruption(true));
        let instance = instance(&mut store, MEMORY, &[]);
        let memory = instance.get_memory(&mut store, "m").expect("exported");
        for (at, byte) in memory.data_mut(&mut store).iter_mut().enumerate() {
            *byte = (at ^ at >> 8 ^ at >> 17) as u8;
        }
        let count = 40 * MIB;
        let mut expected = memory.data(&store).to_vec();
        expected.copy_within(src..src + count, dst);
        let copy = instance.get_func(&mut store, "copy").expect("exported");
        let args = [dst as i32, src as i32, count as i32];
        // The memory moves while the copy waits.
        let stops = interrupted(&mut store, copy, &args, |store| {
            memory.grow(store, 30).expect("below its maximum");
        });
        assert_eq!(stops, 3, "the function's entry, and between three parts");
        let found = memory.data(&store);
        assert!(
            found[..expected.len()] == expected,
            "copy from {src} to {dst}"
        );
        assert!(found[expected.len()..].iter().all(|&byte| byte == 0));
    }
}

#[test]
fn a_segment_dropped_meanwhile_was_there_at_the_start() {
    let data = "0123456789abcdef".repeat(20 * MIB / 16);
    let text = format!(
        r#"(module (memory (export "m") 400) (data $d "{data}")
        (func (export "init") (memory.init $d (i32.const 5) (i32.const 0) (i32.const {})))
        (func (export "drop") (data.drop $d)))"#,
        data.len()
    );
    let mut store = store_with(|config| config.epoch_interruption(true));
    let instance = instance(&mut store, &text, &[]);
    let init = instance.get_func(&mut store, "init").expect("exported");
    let drop = instance
        .get_typed_func::<(), ()>(&mut store, "drop")
        .expect("exported");
    let stops = interrupted(&mut store, init, &[], |store| {
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(0)));
        let memory = instance.get_memory(&mut *store, "m").expect("exported");
        if memory.data(&*store)[5] != 0 {
            drop.call(&mut *store, ()).expect("returns");
        }
    });
    assert_eq!(stops, 2);
    let memory = instance.get_memory(&mut store, "m").expect("exported");
    assert!(memory.data(&store)[5..5 + data.len()] == *data.as_bytes());
    let mut results = [];
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(0)));
    let error = init
        .call(&mut store, &[], &mut results)
        .expect_err("dropped now");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::MemoryOutOfBounds));
}

#[test]
fn tables_and_arrays_go_on_where_they_were() {
    // Nine million elements are three parts of a table; five million of 64 bits of an array.
    let text = r#"(module
        (type $a (array (mut i64)))
        (table $t 9_500_000 i31ref)
        (global $a (mut (ref null $a)) (ref.null $a))
        (func (export "number") (param i32 i32)
            (loop
                (table.set $t (local.get 0) (ref.i31 (i32.xor (local.get 0) (local.get 1))))
                (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "check") (param i32 i32 i32 i32)
            (loop
                (if (i32.ne (i31.get_u (table.get $t (i32.add (local.get 0) (local.get 1))))
                        (i32.xor (i32.add (local.get 0) (local.get 2)) (local.get 3)))
                    (then unreachable))
                (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "copy") (param i32 i32 i32)
            (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
        (func (export "fill") (param i32)
            (table.fill $t (i32.const 0) (ref.i31 (i32.const 3)) (local.get 0)))
        (func (export "array") (param i32)
            (global.set $a (array.new_default $a (local.get 0)))
            (array.fill $a (global.get $a) (i32.const 1) (i64.const 9)
                (i32.sub (local.get 0) (i32.const 2)))
            (array.set $a (global.get $a) (i32.const 1) (i64.const 5))
            (array.copy $a $a (global.get $a) (i32.const 2) (global.get $a) (i32.const 1)
                (i32.sub (local.get 0) (i32.const 3)))
            (if (i64.ne (array.get $a (global.get $a) (i32.const 2)) (i64.const 5))
                (then unreachable))
            (if (i64.ne (array.get $a (global.get $a) (i32.const 3)) (i64.const 9))
                (then unreachable))
            (if (i64.ne (array.get $a (global.get $a) (i32.sub (local.get 0) (i32.const 2)))
                    (i64.const 9))
                (then unreachable))
            (if (i64.ne (array.get $a (global.get $a) (i32.sub (local.get 0) (i32.const 1)))
                    (i64.const 0))
                (then unreachable))))"#;
    let mut store = store_with(|config| config.epoch_interruption(true));
    let instance = instance(&mut store, text, &[]);
    let [number, check, copy, fill, array] = ["number", "check", "copy", "fill", "array"]
        .map(|name| instance.get_func(&mut store, name).expect("exported"));
    for (dst, src) in [(7, 2), (2, 7)] {
        store.set_epoch_deadline(1);
        number
            .call(&mut store, &[Val::I32(9_499_999), Val::I32(21)], &mut [])
            .expect("in time");
        store.set_epoch_deadline(0);
        let stops = interrupted(&mut store, copy, &[dst, src, 9_000_000], |_| {});
        assert_eq!(stops, 3);
        store.set_epoch_deadline(1);
        let args = [8_999_999, dst, src, 21].map(Val::I32);
        check
            .call(&mut store, &args, &mut [])
            .expect("all are there");
    }
    store.set_epoch_deadline(0);
    assert_eq!(interrupted(&mut store, fill, &[9_000_000], |_| {}), 3);
    assert_eq!(
        interrupted(&mut store, array, &[5_000_000], |_| {}),
        5,
        "two of three parts each"
    );
}

#[test]
fn fuel_is_paid_once_and_before() {
    let mut store = store_with(|config| config.epoch_interruption(true).consume_fuel(true));
    store.set_epoch_deadline(0);
    store.set_fuel(10).expect("configured");
    let instance = instance(&mut store, MEMORY, &[]);
    let fill = instance.get_func(&mut store, "fill").expect("exported");
    let memory = instance.get_memory(&mut store, "m").expect("exported");
    store.epoch_deadline_async_yield_and_update(0);
    let args = [0, 5, 40 * MIB as i32].map(Val::I32);
    let cost = 40 * MIB as u64 / 64;
    let mut call = fill
        .call_resumable(&mut store, &args, &mut [])
        .expect("begins");
    let (mut looks, mut dry) = (0, 0);
    loop {
        call = match call {
            ResumableCall::Yielded(run) => {
                looks += 1;
                run.resume(&mut store, &[], &mut []).expect("goes on")
            }
            ResumableCall::OutOfFuel(run) => {
                dry += 1;
                assert_eq!(
                    memory.data(&store)[0],
                    0,
                    "what cannot be paid is not begun"
                );
                store.set_fuel(cost + 3).expect("configured");
                run.resume(&mut store, &[], &mut []).expect("goes on")
            }
            ResumableCall::Finished => break,
            other => panic!("{other:?}"),
        };
    }
    assert_eq!((looks, dry), (3, 1));
    assert_eq!(store.get_fuel().expect("configured"), 3);
}

#[test]
fn a_wait_has_left_what_it_had() {
    let mut store = store_with(|config| {
        config
            .epoch_interruption(true)
            .wasm_threads(true)
            .shared_memory(true)
    });
    let text = r#"(module (memory 1 1 shared) (func (export "wait") (param i64) (result i32)
        (memory.atomic.wait32 (i32.const 0) (i32.const 0) (local.get 0))))"#;
    let instance = instance(&mut store, text, &[]);
    let wait = instance
        .get_typed_func::<i64, i32>(&mut store, "wait")
        .expect("typed");
    // The deadline is reached all the time: the wait is interrupted every 10 ms or so.
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = looks.clone();
    store.epoch_deadline_callback(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(UpdateDeadline::Continue(0))
    });
    let begin = Instant::now();
    assert_eq!(
        wait.call(&mut store, 300_000_000).expect("returns"),
        2,
        "timed out"
    );
    let (took, looks) = (begin.elapsed(), looks.load(Ordering::Relaxed));
    assert!(looks > 3, "{looks}");
    assert!(
        took >= Duration::from_millis(300) && took < Duration::from_secs(20),
        "{took:?}"
    );
    // Without a timeout, an epoch ends it.
    store.epoch_deadline_trap();
    store.set_epoch_deadline(1);
    let engine = store.engine().clone();
    let ticking = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        engine.increment_epoch();
    });
    let error = wait.call(&mut store, -1).expect_err("interrupted");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    ticking.join().expect("no panic");
}
