//! Traces: what they show, and that they take no memory that grows with the run.
#![cfg(feature = "wat")]

use limpid::internals::exec::Translation;
use limpid::observe::{Event, JsonTrace, Probe, TextTrace};
use limpid::*;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

fn engine() -> Engine {
    let mut config = Config::new();
    config
        .translation(Translation::Faithful)
        .dispatch(Dispatch::Stepped);
    Engine::new(&config).expect("the settings are fine")
}

/// The trace of a module's instantiation, and of its export `f` if it has one.
fn trace<T: 'static>(store: &mut Store<T>, text: &str, imports: &[Extern]) -> String {
    let lines = Arc::new(Mutex::new(String::new()));
    let sink = lines.clone();
    let trace = TextTrace::new(move |line| *sink.lock().expect("whole") += &format!("{line}\n"));
    store.set_probe(Box::new(trace)).expect("faithful");
    let module = Module::new(store.engine(), text).expect("valid");
    let instance = Instance::new(&mut *store, &module, imports).expect("instantiates");
    if let Some(f) = instance.get_func(&mut *store, "f") {
        let mut results = vec![Val::I32(0); f.ty(&*store).results().len()];
        f.call(&mut *store, &[], &mut results).expect("returns");
    }
    lines.lock().expect("whole").clone()
}

/// Mnemonics of a trace, one after another.
fn mnemonics(trace: &str) -> Vec<&str> {
    let words = trace
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    words
        .map(|words| {
            let offset = words.iter().position(|word| word.starts_with("0x"));
            words[offset.expect("a line has an offset") + 1]
        })
        .collect()
}

#[test]
fn instantiation_is_seen() {
    let text = r#"(module (import "" "g" (global $g i32)) (memory 1) (table 2 funcref)
        (global (mut i32) (i32.add (i32.const 3) (i32.const 4)))
        (global i64 (i64.const 9))
        (elem (offset (i32.const 1)) funcref (ref.func $start))
        (data (offset (global.get $g)) "x")
        (func $start (nop) (drop (f32.const 1)))
        (start $start))"#;
    let mut store = Store::new(&engine(), ());
    let ty = GlobalType::new(ValType::I32, Mutability::Const);
    let global = Global::new(&mut store, ty, Val::I32(8)).expect("of its type");
    let trace = trace(&mut store, text, &[global.into()]);
    let expected = [
        ["i32.const", "i32.const", "i32.add", "end"].as_slice(),
        &["i64.const", "end"],
        &["ref.func", "end"],
        &["i32.const", "end"],
        &["global.get", "end"],
        &["nop", "f32.const", "drop", "end"],
    ];
    assert_eq!(mnemonics(&trace), expected.concat(), "\n{trace}");
}

#[test]
fn an_instruction_is_seen_once() {
    // The callee is translated at the call, the limiter is asked at the growth.
    let text = r#"(module (type $t (func (result i32)))
        (memory 1) (table 2 funcref) (elem (i32.const 0) $g)
        (func $large (drop (memory.size)) (call_indirect (type $t) (i32.const 0)) (drop))
        (func $g (type $t) (memory.grow (i32.const 1)))
        (func (export "f") (result i32) (call $large) (call_indirect (type $t) (i32.const 0))))"#;
    let mut store = Store::new(&engine(), StoreLimits::default());
    store.limiter(|limits| limits);
    let trace = trace(&mut store, text, &[]);
    let seen = mnemonics(&trace);
    let count = |mnemonic| seen.iter().filter(|seen| **seen == mnemonic).count();
    assert_eq!(
        (count("memory.grow"), count("call_indirect"), count("call")),
        (2, 2, 1),
        "\n{trace}"
    );
}

#[test]
fn a_call_that_has_its_callee_translated_is_seen_once() {
    let text = r#"(module (type $t (func (result i32)))
        (table 1 funcref)
        (elem (i32.const 0) funcref (ref.func $by_table))
        (global $reference (ref $t) (ref.func $by_reference))
        (global $last (ref $t) (ref.func $last))
        (func $by_table (type $t) (i32.const 1))
        (func $by_reference (type $t) (i32.const 2))
        (func $last (type $t) (i32.const 3))
        (func $tail (type $t) (return_call_ref $t (global.get $last)))
        (func (export "f") (result i32)
            (i32.add
                (call_indirect (type $t) (i32.const 0))
                (i32.add (call_ref $t (global.get $reference)) (call $tail)))))"#;
    let mut store = Store::new(&engine(), ());
    let trace = trace(&mut store, text, &[]);
    let expected = [
        // The globals; the segment's element and its offset.
        ["ref.func", "end", "ref.func", "end"].as_slice(),
        &["ref.func", "end", "i32.const", "end"],
        &["i32.const", "call_indirect", "i32.const", "end"],
        &["global.get", "call_ref", "i32.const", "end"],
        &["call", "global.get", "return_call_ref", "i32.const", "end"],
        &["i32.add", "i32.add", "end"],
    ];
    assert_eq!(mnemonics(&trace), expected.concat(), "\n{trace}");
}

#[test]
fn names_cannot_reach_the_terminal() {
    let text = "(module (func $f (@name \"a\\1b[2Jb\") (export \"f\") (call $g))
        (func $g (@name \"\\e2\\80\\aeg\\0a\") (nop)))";
    let trace = trace(&mut Store::new(&engine(), ()), text, &[]);
    assert!(trace.contains(r"$a\u{1b}[2Jb"), "\n{trace}");
    assert!(trace.contains(r"$\u{202e}g\u{a}"), "\n{trace}");
    assert!(
        !trace.contains(|letter: char| letter.is_control() && letter != '\n'),
        "\n{trace}"
    );
}

const LONG: &str = r#"(module (memory 1)
    (func $work (param i32) (result i32)
        (i32.store (i32.const 8) (local.get 0))
        (i32.add (i32.load (i32.const 8)) (i32.const 1)))
    (func (export "f") (local i32)
        (loop (local.set 0 (call $work (local.get 0)))
            (br_if 0 (i32.lt_u (local.get 0) (i32.const 100_000))))))"#;

/// Bytes that this process has in memory.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux has it");
    let pages = text
        .split_whitespace()
        .nth(1)
        .and_then(|word| word.parse::<u64>().ok());
    pages.expect("the second number") * 4096
}

/// Traces a million steps with the probe that `make` makes of what takes its lines, and checks
/// that memory does not grow.
#[cfg(target_os = "linux")]
fn takes_no_memory(make: impl FnOnce(Box<dyn FnMut(&str) + Send>) -> Box<dyn Probe>) {
    let (lines, bytes) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (early, late) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let counters = (lines.clone(), bytes.clone(), early.clone(), late.clone());
    let trace = make(Box::new(move |line: &str| {
        let (lines, bytes, early, late) = &counters;
        bytes.fetch_add(line.len() as u64, Ordering::Relaxed);
        match lines.fetch_add(1, Ordering::Relaxed) {
            50_000 => early.store(resident(), Ordering::Relaxed),
            999_999 => late.store(resident(), Ordering::Relaxed),
            _ => {}
        }
    }));
    let mut store = Store::new(&engine(), ());
    store.set_probe(trace).expect("faithful");
    let module = Module::new(store.engine(), LONG).expect("valid");
    let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
    let f = instance
        .get_typed_func::<(), ()>(&mut store, "f")
        .expect("exported");
    f.call(&mut store, ()).expect("returns");
    let [lines, bytes, early, late] =
        [lines, bytes, early, late].map(|count| count.load(Ordering::Relaxed));
    assert!(lines > 1_000_000, "{lines}");
    println!("{lines} lines, {bytes} bytes of text, {early} bytes in memory, then {late}");
    // Other tests of this file run meanwhile, and are small.
    assert!(late < early + (4 << 20), "{early} bytes, then {late}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_million_steps_take_no_memory() {
    takes_no_memory(|emit| Box::new(TextTrace::new(emit)));
    takes_no_memory(|emit| Box::new(JsonTrace::new(emit)));
}

#[test]
fn probes_need_faithful_code() {
    struct Nobody;
    impl Probe for Nobody {
        fn step(&mut self, _: &Event<'_>) {}
    }
    let mut store = Store::new(&Engine::default(), ());
    let refused = store.set_probe(Box::new(Nobody)).expect_err("fused");
    assert_eq!(refused.code(), "not-configured");
}
