//! Stepping forwards and backwards: a machine at a time is what a run up to that time is, whichever
//! way it came there.
#![cfg(feature = "wat")]

use limpid::observe::machine::{Cause, Ended, Stopped, Target};
use limpid::observe::{Machine, Place};
use limpid::*;
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

fn engine() -> Engine {
    let mut config = Config::new();
    config
        .translation(Translation::Faithful)
        .wasm_gc(true)
        .wasm_exceptions(true)
        .wasm_tail_call(true)
        .gc_stress(true);
    Engine::new(&config).expect("the settings are fine")
}

/// How often the host function was called.
type Counter = Arc<AtomicU32>;

/// A machine for the exports `f` and, if there is one, `g` of a module, before its start function.
/// `tick` of the host counts its calls, writes the count to memory and returns it.
fn machine(text: &str) -> (Machine<Counter>, Counter) {
    machine_within(text, limpid::observe::machine::HISTORY_BYTES)
}

fn machine_within(text: &str, bytes: usize) -> (Machine<Counter>, Counter) {
    let engine = engine();
    let module = Module::new(&engine, text).expect("valid");
    let counter = Counter::default();
    let mut store = Store::new(&engine, counter.clone());
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "tick", |mut caller: Caller<'_, Counter>| {
            let count = caller.data().fetch_add(1, Ordering::Relaxed) + 1;
            if let Some(Extern::Memory(memory)) = caller.get_export("memory") {
                memory
                    .write(&mut caller, 8, &count.to_le_bytes())
                    .expect("inside");
            }
            count
        })
        .expect("new");
    linker
        .func_wrap("host", "fail", |count: i32| -> Result<()> {
            Err(Error::msg(format!("the host fails with {count}")))
        })
        .expect("new");
    linker
        .func_wrap("host", "call", |mut caller: Caller<'_, Counter>| {
            let g = caller.get_export("g").and_then(Extern::into_func);
            let g = g.expect("exported");
            g.call(&mut caller, &[], &mut []).expect("returns");
        })
        .expect("new");
    let (instance, start) = linker
        .instantiate_unstarted(&mut store, &module)
        .expect("instantiates");
    let f = instance.get_func(&mut store, "f");
    let calls = start.into_iter().chain(f).map(|func| (func, Vec::new()));
    let machine = Machine::with_history(store, calls.collect(), bytes).expect("faithful");
    (machine, counter)
}

/// Everything there is to see.
fn seen<T>(machine: &mut Machine<T>) -> String {
    let mut text = String::new();
    let end = machine.is_at_end();
    let frames = machine.frames();
    writeln!(text, "{} {end} {frames:#?}", machine.time()).expect("a string");
    let (state, _) = machine.state();
    writeln!(text, "{:?} {:?}", state.globals, state.tables).expect("a string");
    writeln!(text, "{:?} {:?}", state.elems, state.datas).expect("a string");
    let heap = format!("{:?}", state.heap);
    let mut hash = std::hash::DefaultHasher::new();
    heap.hash(&mut hash);
    let used = state.heap.used_bytes();
    writeln!(text, "heap of {used} bytes, {:x}", hash.finish()).expect("a string");
    for memory in &state.memories {
        let bytes = memory.bytes.iter().enumerate();
        let set: Vec<_> = bytes.filter(|(_, byte)| **byte != 0).collect();
        writeln!(text, "{} {set:?}", memory.byte_len()).expect("a string");
    }
    text
}

/// Steps to the end and back, and jumps about, comparing everything at each time.
fn check(text: &str) -> Machine<Counter> {
    let (mut machine, counter) = machine(text);
    let mut all = vec![seen(&mut machine)];
    while machine.step().expect("there is room") != Stopped::Ended || !machine.is_at_end() {
        all.push(seen(&mut machine));
        assert!(all.len() < 100_000, "it ends");
    }
    if machine.time() as usize == all.len() {
        all.push(seen(&mut machine));
    }
    let called = counter.load(Ordering::Relaxed);
    let end = machine.time();
    for time in (0..end).rev() {
        assert_ne!(
            machine.step_back().expect("there is room"),
            Stopped::Beginning
        );
        assert_eq!(seen(&mut machine), all[time as usize], "back at {time}");
    }
    assert_eq!(machine.step_back().expect("there"), Stopped::Beginning);
    for jump in 0..40u64 {
        let time = jump * 7919 % (end + 1);
        machine.goto(time).expect("there is room");
        assert_eq!(machine.time(), time);
        assert_eq!(seen(&mut machine), all[time as usize], "at {time}");
    }
    assert_eq!(
        counter.load(Ordering::Relaxed),
        called,
        "the host is called once"
    );
    machine.goto(u64::MAX).expect("there is room");
    assert_eq!(machine.time(), end);
    machine
}

/// The end of a machine, as text.
fn ended(machine: &Machine<Counter>) -> String {
    match machine.end().expect("it has ended").1 {
        Ended::Returned(values) => format!("{values:?}"),
        Ended::Failed(error) => error.root_cause().to_string(),
    }
}

#[test]
fn calls_and_locals() {
    let machine = check(
        r#"(module
        (func $fac (param $n i64) (result i64)
            (if (result i64) (i64.eqz (local.get $n))
                (then (i64.const 1))
                (else (i64.mul (local.get $n) (call $fac (i64.sub (local.get $n) (i64.const 1)))))))
        (func (export "f") (result i64) (call $fac (i64.const 10))))"#,
    );
    assert_eq!(ended(&machine), "[I64(3628800)]");
}

#[test]
fn host_functions_are_called_once() {
    let machine = check(
        r#"(module (import "host" "tick" (func $tick (result i32))) (memory (export "memory") 1)
        (func (export "f") (result i32) (local i32)
            (loop
                (local.set 0 (i32.add (local.get 0) (call $tick)))
                (i32.store (i32.const 5000) (i32.load (i32.const 8)))
                (br_if 0 (i32.lt_u (local.get 0) (i32.const 40))))
            (local.get 0)))"#,
    );
    assert_eq!(ended(&machine), "[I32(45)]");
}

#[test]
fn a_host_function_called_last() {
    let machine = check(
        r#"(module (import "host" "tick" (func $tick (result i32))) (memory (export "memory") 1)
        (func $g (result i32) (return_call $tick))
        (func (export "f") (result i32) (drop (call $g)) (return_call $tick)))"#,
    );
    assert_eq!(ended(&machine), "[I32(2)]");
}

#[test]
fn a_host_function_that_calls_back() {
    let machine = check(
        r#"(module (import "host" "call" (func $call)) (memory 1)
        (global $g (mut i32) (i32.const 0))
        (table 2 funcref) (elem declare func $f)
        (func $f (export "g")
            (global.set $g (i32.add (global.get $g) (i32.const 1)))
            (table.set (i32.const 1) (ref.func $f))
            (i32.store (i32.const 70000) (memory.grow (i32.const 1))))
        (func (export "f") (result i32)
            (drop (memory.grow (i32.const 1)))
            (call $call) (call $call) (global.get $g)))"#,
    );
    assert_eq!(ended(&machine), "[I32(2)]");
}

#[test]
fn a_host_function_that_fails() {
    let machine = check(
        r#"(module (import "host" "fail" (func $fail (param i32)))
        (func (export "f") (call $fail (i32.const 7))))"#,
    );
    assert_eq!(ended(&machine), "the host fails with 7");
}

#[test]
fn a_trap_inside_of_blocks() {
    let machine = check(
        r#"(module (func $g (block (block (drop (i32.div_u (i32.const 1) (i32.const 0))))))
        (func (export "f") (block (call $g))))"#,
    );
    assert_eq!(ended(&machine), "integer divide by zero");
}

#[test]
fn exceptions_cross_frames() {
    let machine = check(
        r#"(module (tag $e (param i32)) (tag $other)
        (func $g (param i32) (try_table (catch $other 0) (throw $e (local.get 0))))
        (func (export "f") (result i32)
            (block $h (result i32 exnref)
                (try_table (catch_ref $e $h) (call $g (i32.const 42)))
                (unreachable))
            (drop)))"#,
    );
    assert_eq!(ended(&machine), "[I32(42)]");
}

#[test]
fn tail_calls() {
    let machine = check(
        r#"(module
        (func $loop (param i32 i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
            (return_call $loop
                (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (local.get 0))))
        (func (export "f") (result i32) (call $loop (i32.const 20) (i32.const 0))))"#,
    );
    assert_eq!(ended(&machine), "[I32(210)]");
}

#[test]
fn objects_and_collections() {
    let machine = check(
        r#"(module (type $list (struct (field (mut i32)) (field (ref null $list))))
        (type $bytes (array (mut i8)))
        (func (export "f") (result i32) (local $l (ref null $list)) (local $i i32)
            (loop
                (local.set $l (struct.new $list (local.get $i) (local.get $l)))
                (drop (array.new $bytes (i32.const 3) (i32.const 40)))
                (struct.set $list 0 (local.get $l) (i32.const 9))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if 0 (i32.lt_u (local.get $i) (i32.const 20))))
            (struct.get $list 0 (local.get $l))))"#,
    );
    assert_eq!(ended(&machine), "[I32(9)]");
}

#[test]
fn memories_grow_and_vectors() {
    let machine = check(
        r#"(module (memory 1) (memory $two 0)
        (func (export "f") (result i32)
            (v128.store offset=4090 (i32.const 0) (i32x4.splat (i32.const 7)))
            (drop (memory.grow (i32.const 2)))
            (drop (memory.grow $two (i32.const 1)))
            (memory.fill (i32.const 100000) (i32.const 5) (i32.const 50))
            (memory.copy $two 0 (i32.const 10) (i32.const 100040) (i32.const 20))
            (v128.store (i32.const 131000) (i8x16.add
                (v128.load (i32.const 4090)) (v128.load (i32.const 100000))))
            (i32.add (i32.load8_u $two (i32.const 12)) (memory.size))))"#,
    );
    assert_eq!(ended(&machine), "[I32(8)]");
}

#[test]
fn a_start_function_comes_first() {
    let machine = check(
        r#"(module (global $g (mut i32) (i32.const 1)) (start $s)
        (func $s (global.set $g (i32.const 5)))
        (func (export "f") (result i32) (global.get $g)))"#,
    );
    assert_eq!(ended(&machine), "[I32(5)]");
}

const LONG: &str = r#"(module (memory 256)
    (func $step (param i32) (result i32)
        (i32.store
            (i32.mul (i32.and (local.get 0) (i32.const 4095)) (i32.const 4096)) (local.get 0))
        (i32.add (local.get 0) (i32.const 1)))
    (func (export "f") (local i32)
        (loop (local.set 0 (call $step (local.get 0)))
            (br_if 0 (i32.lt_u (local.get 0) (i32.const 30_000))))))"#;

#[test]
fn a_long_run_begins_again_from_a_moment() {
    let (mut machine, _) = machine_within(LONG, 64 << 20);
    machine.goto(u64::MAX).expect("there is room");
    let end = machine.time();
    assert!(end > 400_000, "{end}");
    assert!(
        machine.history_bytes() <= 64 << 20,
        "{}",
        machine.history_bytes()
    );
    // A machine that has never been further.
    for time in [end / 3, end / 2, 17, end - 1] {
        let (mut fresh, _) = machine_within(LONG, 64 << 20);
        fresh.goto(time).expect("there is room");
        machine.goto(time).expect("there is room");
        assert_eq!(machine.frames(), fresh.frames(), "{time}");
        let (ours, theirs) = (machine.state().0, fresh.state().0);
        assert!(ours.memories[0].bytes == theirs.memories[0].bytes, "{time}");
    }
}

/// The place of the first instruction with that text in an export's function.
fn place(machine: &mut Machine<Counter>, time: u64) -> Place {
    machine.goto(time).expect("there is room");
    machine.place().expect("not at the end")
}

#[test]
fn breakpoints_in_both_directions() {
    let (mut machine, _) = machine(LONG);
    let inside = place(&mut machine, 2);
    machine.goto(0).expect("there is room");
    machine.breakpoints().push(inside);
    let mut times = Vec::new();
    for _ in 0..5 {
        let Stopped::Hit(hit) = machine.resume().expect("there is room") else {
            panic!("it is reached");
        };
        assert_eq!(
            (hit.cause, machine.place()),
            (Cause::Breakpoint(0), Some(inside))
        );
        times.push(machine.time());
    }
    for time in times.iter().rev().skip(1) {
        machine.reverse_resume().expect("there is room");
        assert_eq!(machine.time(), *time);
    }
    assert_eq!(machine.reverse_resume().expect("there"), Stopped::Beginning);
    assert_eq!(machine.time(), 0);
}

#[test]
fn watchpoints_in_both_directions() {
    let (mut machine, _) = machine(LONG);
    let addr = limpid::internals::runtime::MemAddr(0);
    machine.watchpoints().push(Target::Memory {
        addr,
        at: 4096 * 7,
        len: 4,
    });
    machine.goto(1_000_000).expect("there is room");
    let end = machine.time();
    // 30,000 stores go round 4,096 places.
    let mut count = 0;
    while let Stopped::Hit(hit) = machine.reverse_resume().expect("there is room") {
        assert_eq!(hit.cause, Cause::Watchpoint(0));
        count += 1;
    }
    assert_eq!((count, machine.time()), (8, 0));
    while let Stopped::Hit(_) = machine.resume().expect("there is room") {
        count -= 1;
    }
    assert_eq!((count, machine.time()), (0, end));
}

#[test]
fn over_and_out_in_both_directions() {
    let (mut machine, _) = machine(LONG);
    machine.goto(2).expect("there is room");
    let call = machine.time();
    let depth = |machine: &mut Machine<Counter>| machine.frames().len();
    assert_eq!(depth(&mut machine), 1);
    machine.over().expect("there is room");
    assert_eq!(depth(&mut machine), 1);
    let after = machine.time();
    assert!(after > call + 5, "the call was passed: {after}");
    machine.over_back().expect("there is room");
    assert_eq!(machine.time(), call);
    machine.step().expect("there is room");
    machine.step().expect("there is room");
    assert_eq!(depth(&mut machine), 2);
    machine.out().expect("there is room");
    assert_eq!(machine.time(), after);
    machine.step_back().expect("there is room");
    machine.out_back().expect("there is room");
    assert_eq!(machine.time(), call);
}

#[test]
fn whoever_watches_the_progress_can_end_a_motion() {
    let (mut machine, _) = machine(LONG);
    let shown = Arc::new(AtomicU32::new(0));
    let (seen, most) = (shown.clone(), Arc::new(AtomicU32::new(2)));
    let wanted = most.clone();
    machine.watch_progress(move |time| {
        assert!(time > 0, "it has moved");
        seen.fetch_add(1, Ordering::Relaxed) < wanted.load(Ordering::Relaxed)
    });
    assert_eq!(
        machine.goto(u64::MAX).expect("there is room"),
        Stopped::Cancelled
    );
    let stopped = machine.time();
    assert!(stopped > 0 && machine.end().is_none(), "{stopped}");
    assert_eq!(shown.load(Ordering::Relaxed), 3);
    // The next motion goes on from there.
    most.store(u32::MAX, Ordering::Relaxed);
    machine.goto(u64::MAX).expect("there is room");
    assert!(machine.is_at_end() && machine.time() > stopped);
    // A search of the past can be ended, too.
    most.store(0, Ordering::Relaxed);
    machine.breakpoints().clear();
    assert_eq!(
        machine.reverse_resume().expect("there is room"),
        Stopped::Cancelled
    );
}

/// An instruction that traps has written nothing, whatever it was about to write.
#[test]
fn what_traps_is_no_write() {
    for write in [
        "(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 10))",
        "(memory.copy (i32.const 0) (i32.const 65535) (i32.const 2))",
        "(table.init 0 (i32.const 0) (i32.const 0) (i32.const 2))",
        "(array.set 0 (array.new 0 (i32.const 1) (i32.const 1)) (i32.const 9) (i32.const 2))",
    ] {
        let (mut machine, _) = machine(&format!(
            r#"(module (type (array (mut i32))) (memory 1) (table 2 funcref) (data "abc")
                (elem func) (func (export "f")
                    (i32.store (i32.const 0) (i32.const 7)) {write}))"#
        ));
        machine.watchpoints().push(Target::Memory {
            addr: limpid::internals::runtime::MemAddr(0),
            at: 0,
            len: 4,
        });
        let first = machine.resume().expect("there is room");
        let Stopped::Hit(hit) = first else {
            panic!("the store is seen, not {first:?}");
        };
        let wrote = Arc::new(AtomicU32::new(0));
        let count = wrote.clone();
        let show = move |event: &observe::Event<'_>| {
            let changes = event.changes;
            let some =
                changes.memory.is_some() || changes.element.is_some() || changes.object.is_some();
            count.fetch_add(u32::from(some), Ordering::Relaxed);
        };
        machine.run_shown(u64::MAX, show).expect("there is room");
        assert_eq!(wrote.load(Ordering::Relaxed), 0, "{write}");
        // Backwards, the last write is the store.
        let back = machine.reverse_resume().expect("there is room");
        assert_eq!(back, Stopped::Hit(hit), "{write}");
    }
}

/// A branch without a condition takes its values and leaves them at the label, wherever that is.
#[test]
fn a_branch_to_the_next_instruction_passes_its_values() {
    let (mut machine, _) = machine(
        r#"(module (func (export "f") (result i32)
            (block (result i32) (i32.const 100) (i32.const 3) (br 0))))"#,
    );
    machine.goto(3).expect("there is room");
    let seen = Arc::new(AtomicU32::new(0));
    let sink = seen.clone();
    let show = move |event: &observe::Event<'_>| {
        let cells = |values: &[observe::Value]| values.iter().map(|v| v.cells[0]).sum::<u64>();
        sink.store(
            (cells(event.pops) * 10 + cells(event.pushes)) as u32,
            Ordering::Relaxed,
        );
    };
    machine.step_shown(show).expect("there is room");
    assert_eq!(seen.load(Ordering::Relaxed), 33);
}
