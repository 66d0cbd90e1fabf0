//! What this engine's own design could get wrong (items 61 to 71).

use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn one_thing_under_two_indices_and_round_a_cycle() {
    script(
        r#"(module $a
            (type $f (func (param i32) (result i32)))
            (memory (export "m") 1) (table (export "t") 6 funcref)
            (global (export "g") (mut i32) (i32.const 1))
            (tag (export "e") (param i32))
            (func (export "store") (param i32) (i32.store (i32.const 0) (local.get 0)))
            ;; Calls whatever the other side has put into the table, with memory 0 in use.
            (func (export "ask") (type $f)
                (i32.store8 (i32.const 100) (i32.const 1))
                (i32.add (call_indirect (type $f) (local.get 0) (i32.const 0))
                    (i32.load8_u (i32.const 100)))))
        (register "a" $a)
        (module $b
            (type $f (func (param i32) (result i32)))
            (import "a" "m" (memory $x 1)) (import "a" "m" (memory $y 1))
            (import "a" "t" (table $t 6 funcref)) (import "a" "t" (table $u 6 funcref))
            (import "a" "g" (global $g (mut i32))) (import "a" "g" (global $h (mut i32)))
            (import "a" "e" (tag $d (param i32))) (import "a" "e" (tag $e (param i32)))
            (import "a" "ask" (func $ask (type $f)))
            (import "a" "store" (func $store (param i32)))
            (elem (table $t) (i32.const 0) func $answer $other)
            (func $answer (type $f)
                (i32.store8 $y (i32.const 100) (i32.add (i32.load8_u $x (i32.const 100))
                    (i32.const 1)))
                (drop (memory.grow $y (i32.const 1)))
                (i32.store8 $x (i32.const 65536) (i32.const 9))
                (i32.add (local.get 0) (i32.load8_u $y (i32.const 65536))))
            (func $other (type $f) (i32.const 77))
            (func (export "cycle") (result i32) (call $ask (i32.const 30)))
            (func (export "copy") (result i64)
                (i64.store $x (i32.const 8) (i64.const 0x0807060504030201))
                (memory.copy $y $x (i32.const 10) (i32.const 8) (i32.const 6))
                (memory.copy $x $y (i32.const 8) (i32.const 9) (i32.const 4))
                (i64.load $y (i32.const 8)))
            (func (export "seen") (param i32) (result i32 i32)
                (call $store (local.get 0))
                (i32.load $x (i32.const 0)) (i32.load $y (i32.const 0)))
            (func (export "globals") (result i32)
                (global.set $g (i32.const 5))
                (global.set $h (i32.add (global.get $h) (global.get $g)))
                (i32.add (global.get $g) (global.get $h)))
            (func (export "tables") (result i32)
                (table.copy $u $t (i32.const 2) (i32.const 0) (i32.const 3))
                (table.set $t (i32.const 5) (table.get $u (i32.const 3)))
                (call_indirect $u (type $f) (i32.const 0) (i32.const 5)))
            (func (export "tags") (result i32)
                (block $h (result i32)
                    (try_table (catch $e $h) (throw $d (i32.const 8))) (unreachable))))
        (assert_return (invoke "cycle") (i32.const 41)) ;; 30 + 9, and 2
        (assert_return (invoke "copy") (i64.const 0x0605040303020102))
        (assert_return (invoke "seen" (i32.const 12345)) (i32.const 12345) (i32.const 12345))
        (assert_return (invoke "globals") (i32.const 20))
        (assert_return (invoke "tables") (i32.const 77))
        (assert_return (invoke "tags") (i32.const 8))"#,
    );
}

#[test]
fn a_panic_below_calls_of_several_instances() {
    let text = r#"(module
        (import "" "next" (func $next (param i32) (result i32)))
        (memory (export "m") 1)
        (func (export "f") (param i32) (result i32)
            (i32.store8 (i32.const 5) (i32.add (i32.const 40) (local.get 0)))
            (i32.store8 (i32.const 6) (call $next (i32.add (local.get 0) (i32.const 1))))
            (i32.const 0)))"#;
    each(|store| {
        let panics = Func::wrap(&mut *store, |_: i32| -> i32 { panic!("on purpose") });
        let inner = instance(store, text, &[panics.into()]);
        let f = inner.get_func(&mut *store, "f").unwrap();
        let middle = instance(store, text, &[f.into()]);
        let f = middle.get_func(&mut *store, "f").unwrap();
        let outer = instance(store, text, &[f.into()]);
        let called = catch_unwind(AssertUnwindSafe(|| call::<_, i32>(store, outer, "f", 0)));
        assert!(called.is_err(), "the panic comes through");
        for (instance, wanted) in [(outer, 40), (middle, 41), (inner, 42)] {
            let memory = instance.get_memory(&mut *store, "m").unwrap();
            assert_eq!(memory.data(&*store)[5], wanted);
        }
        let error = call::<_, i32>(store, outer, "f", 0).expect_err("poisoned");
        assert_eq!(error.downcast_ref(), Some(&Fault::Poisoned));
        let mut other = fueled(store.engine());
        let fine = "(module (func (export \"f\") (param i32) (result i32) (local.get 0)))";
        let fine = instance(&mut other, fine, &[]);
        assert_eq!(call::<_, i32>(&mut other, fine, "f", 6).unwrap(), 6);
    });
}

#[test]
fn instantiation_that_collects_and_then_fails() {
    // Constant expressions allocate more than the heap holds at once, then a segment traps.
    let text = r#"(module
        (type $a (array i64)) (type $l (struct (field (ref null $l)) (field (ref $a))))
        (global $x (mut (ref null $l)) (struct.new $l
            (struct.new $l (ref.null $l) (array.new $a (i64.const 1) (i32.const 30000)))
            (array.new $a (i64.const 2) (i32.const 30000))))
        (global $y (ref $a) (array.new $a (i64.const 3) (i32.const 30000)))
        (table 1 funcref) (elem (i32.const 1) func $f)
        (func $f))"#;
    let linked = r#"(module (import "" "missing" (func)) (type $a (array i64))
        (global (ref $a) (array.new $a (i64.const 1) (i32.const 100000))))"#;
    let start = r#"(module (import "" "host" (func $host)) (tag $t)
        (type $a (array (mut i64)))
        (global $g (mut (ref null $a)) (array.new $a (i64.const 1) (i32.const 1000)))
        (func $start (global.set $g (array.new $a (i64.const 5) (i32.const 1000)))
            (call $host) BODY)
        (start $start))"#;
    for stress in [false, true] {
        each_with(
            |config| {
                config.max_gc_heap_size(1 << 20).gc_stress(stress);
            },
            |store| {
                let module = Module::new(store.engine(), text).unwrap();
                for _ in 0..4 {
                    let found = trap(Instance::new(&mut *store, &module, &[]));
                    // What failed instances hold stays in the store, as the specification says.
                    assert!(matches!(
                        found,
                        Trap::TableOutOfBounds | Trap::HeapExhausted
                    ));
                }
                let mut store = fueled(store.engine());
                let unlinked = Module::new(store.engine(), linked).unwrap();
                let error = Instance::new(&mut store, &unlinked, &[]).expect_err("no import");
                assert_eq!(error.code(), "unlinkable");
                let fine = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| {
                    caller.as_context_mut().gc(None)
                });
                let suspends = Func::wrap(&mut store, || -> Result<()> { Err(Suspend.into()) });
                let cases = [
                    ("(unreachable)", fine, "unreachable"),
                    ("(throw $t)", fine, "exception"),
                    ("", suspends, ""),
                    ("", fine, "accepted"),
                ];
                for (body, host, wanted) in cases {
                    let text = start.replace("BODY", body);
                    let module = Module::new(store.engine(), &text).unwrap();
                    let made = Instance::new(&mut store, &module, &[host.into()]);
                    let found = made.map_or_else(|error| error.code(), |_| "accepted");
                    assert!(
                        wanted.is_empty() && found != "accepted" || found == wanted,
                        "{found}"
                    );
                }
                if store.get_fuel().is_ok() {
                    let text = start.replace("BODY", "(loop (br 0))");
                    let module = Module::new(store.engine(), &text).unwrap();
                    store.set_fuel(10_000).unwrap();
                    let found = trap(Instance::new(&mut store, &module, &[fine.into()]));
                    assert_eq!(found, Trap::OutOfFuel);
                    store.set_fuel(u64::MAX).unwrap();
                }
                let fine = "(module (func (export \"f\") (result i32) (i32.const 3)))";
                let fine = instance(&mut store, fine, &[]);
                assert_eq!(call::<_, i32>(&mut store, fine, "f", ()).unwrap(), 3);
            },
        );
    }
}

#[test]
fn a_trap_in_a_callee_names_every_frame() {
    let text = r#"(module
        (func $inner (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
        (func $middle (param i32) (result i32)
            (i32.add (call $inner (local.get 0)) (i32.const 1)))
        (func $outer (export "f") (param i32) (result i32)
            (call $middle (i32.sub (local.get 0) (i32.const 1)))))"#;
    let binary = wat::parse_str(text).unwrap();
    // Where `i32.div_u`, `call 0` and `call 1` stand; each pair of bytes comes once.
    let place = |bytes: &[u8]| {
        let places: Vec<usize> = (0..binary.len())
            .filter(|&at| binary[at..].starts_with(bytes))
            .collect();
        assert_eq!(places.len(), 1, "{bytes:x?} at {places:?}");
        places[0]
    };
    let wanted = [
        place(&[0x6E, 0x0B]),
        place(&[0x10, 0, 0x41]),
        place(&[0x10, 1, 0x0B]),
    ];
    each(|store| {
        let instance = instance(store, text, &[]);
        let error = call::<_, i32>(store, instance, "f", 1).expect_err("it traps");
        assert_eq!(error.downcast_ref(), Some(&Trap::IntegerDivideByZero));
        let backtrace = error.downcast_ref::<WasmBacktrace>().expect("there is one");
        let names: Vec<_> = backtrace
            .frames()
            .iter()
            .map(|frame| frame.func_name())
            .collect();
        assert_eq!(names, [Some("inner"), Some("middle"), Some("outer")]);
        let offsets: Vec<_> = backtrace
            .frames()
            .iter()
            .filter_map(|frame| frame.module_offset())
            .collect();
        assert_eq!(offsets, wanted);
    });
}

#[test]
fn handles_of_other_stores_and_stale_references() {
    let engine = Way::new(Translation::Fused, Dispatch::Threaded, false).engine();
    let (mut one, mut two) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let text = r#"(module (memory (export "m") 1) (table (export "t") 1 externref)
        (global (export "g") (mut i32) (i32.const 1)) (tag (export "e"))
        (func (export "f") (param externref)))"#;
    let instance = instance(&mut one, text, &[]);
    let exports: Vec<Extern> = ["m", "t", "g", "e", "f"]
        .iter()
        .map(|name| instance.get_export(&mut one, name).unwrap())
        .collect();
    let imports = [
        r#"(module (import "" "" (memory 1)))"#,
        r#"(module (import "" "" (table 1 externref)))"#,
        r#"(module (import "" "" (global (mut i32))))"#,
        r#"(module (import "" "" (tag)))"#,
        r#"(module (import "" "" (func (param externref))))"#,
    ];
    for (export, import) in exports.iter().zip(imports) {
        let module = Module::new(&engine, import).unwrap();
        let error = Instance::new(&mut two, &module, std::slice::from_ref(export));
        assert_eq!(error.expect_err("of another store").code(), "wrong-store");
        Instance::new(&mut one, &module, std::slice::from_ref(export)).expect("its own store");
    }
    // References: of another store, and past their scope.
    let foreign = ExternRef::new(&mut two, 5).unwrap();
    let f = instance.get_func(&mut one, "f").unwrap();
    let error = f
        .call(&mut one, &[foreign.into()], &mut [])
        .expect_err("of another store");
    assert_eq!(error.code(), "wrong-store");
    let stale = {
        let mut scope = RootScope::new(&mut one);
        ExternRef::new(&mut scope, 6).unwrap()
    };
    let fresh = ExternRef::new(&mut one, 7).unwrap();
    let error = f
        .call(&mut one, &[stale.into()], &mut [])
        .expect_err("stale");
    assert_eq!(error.code(), "stale-root");
    f.call(&mut one, &[fresh.into()], &mut []).unwrap();
}

#[test]
fn threaded_is_what_runs() {
    for way in Way::all() {
        let engine = way.engine(); // Asserts the dispatch.
        assert_eq!(Store::new(&engine, ()).dispatch(), way.dispatch);
    }
}

#[test]
fn a_damaged_serialized_module_is_refused_or_checked() {
    let engine = Way::new(Translation::Fused, Dispatch::Threaded, false).engine();
    let text = r#"(module (memory 1) (table 2 funcref) (elem (i32.const 0) $f $f)
        (func $f (export "f") (param i32) (result i32) (local i32)
            (block (br_table 0 0 (local.get 0))) (i32.add (local.get 0) (local.get 1))))"#;
    let bytes = Module::new(&engine, text).unwrap().serialize().unwrap();
    Module::deserialize(&engine, &bytes).expect("as it was");
    for at in 0..bytes.len() {
        assert!(
            Module::deserialize(&engine, &bytes[..at]).is_err(),
            "cut at {at}"
        );
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            // Whatever is accepted has been validated, so it runs without harm.
            let Ok(module) = Module::deserialize(&engine, &damaged) else {
                continue;
            };
            let mut store = Store::new(&engine, ());
            if let Ok(instance) = Instance::new(&mut store, &module, &[])
                && let Ok(f) = instance.get_typed_func::<i32, i32>(&mut store, "f")
            {
                let _ = f.call(&mut store, 3);
            }
        }
    }
}

/// The files below a folder.
fn sources(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn bytes_have_their_order_written_down() {
    // The hosts of these tests are little-endian, so this is read from the sources: nothing
    // depends on the order of the host, and nothing sees a number as bytes but by name.
    let mut files = Vec::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&root, &mut files);
    assert!(files.len() > 100, "{}", files.len());
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e == "rs"))
    {
        let text = std::fs::read_to_string(file).expect("readable");
        for word in ["ne_bytes", "be_bytes", "transmute", "target_endian"] {
            assert!(!text.contains(word), "{}: {word}", file.display());
        }
    }
}

#[test]
fn neighbouring_bytes_of_a_shared_memory() {
    // Eight threads each count up their own byte of one word, and all one counter beside it.
    let text = r#"(module (import "" "m" (memory 1 1 shared))
        (func (export "f") (param $at i32) (param $n i32)
            (loop $l
                (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (i32.const 1)))
                (drop (i32.atomic.rmw8.add_u (i32.const 9) (i32.const 1)))
                (i32.store16 offset=16 (i32.shl (local.get $at) (i32.const 1))
                    (local.get $n))
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#;
    for translation in [Translation::Fused, Translation::Faithful] {
        let engine = Way::new(translation, Dispatch::Threaded, false).engine();
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).unwrap();
        let module = Module::new(&engine, text).unwrap();
        std::thread::scope(|scope| {
            for at in 0..8 {
                let (engine, module, memory) = (&engine, &module, memory.clone());
                scope.spawn(move || {
                    let mut store = Store::new(engine, ());
                    let instance = Instance::new(&mut store, module, &[memory.into()]).unwrap();
                    call::<_, ()>(&mut store, instance, "f", (at, 20_000 + at)).unwrap();
                });
            }
        });
        let mut bytes = [0; 32];
        memory.read(0, &mut bytes).unwrap();
        for at in 0..8 {
            let halves = [bytes[16 + 2 * at], bytes[17 + 2 * at]];
            assert_eq!(bytes[at], (20_000 + at) as u8, "byte {at}");
            assert_eq!(u16::from_le_bytes(halves), 1, "half {at}");
        }
        assert_eq!(bytes[9], (8 * 20_000 + 28) as u8);
    }
}

#[test]
fn units_of_two_programs_that_call_each_other() {
    // Each function fills the unit it is translated with, so that every call changes units; the
    // two programs number theirs alike. Large bodies are never entered.
    let large = |count: usize| "(drop (i64.const 1000000))".repeat(count);
    let text = |first: i64| {
        let mut text = String::from(
            r#"(module (type $f (func (param i64) (result i64)))
            (import "" "other" (func $other (type $f)))"#,
        );
        for (k, count) in [6_000, 12_000, 24_000].into_iter().enumerate() {
            let (large, factor) = (large(count), first + k as i64);
            let next = (k + 1) % 3;
            text += &format!(
                r#"(func $f{k} (export "f{k}") (type $f)
                (if (i64.eqz (local.get 0)) (then (return (i64.const {factor}))))
                (if (i64.lt_s (local.get 0) (i64.const 0)) (then {large}))
                (i64.add
                    (i64.mul (i64.const {factor})
                        (i64.add (call $f{next} (i64.sub (local.get 0) (i64.const 1)))
                            (call $other (local.get 0))))
                    (call $other (local.get 0))))"#
            );
        }
        text + ")"
    };
    fn expected(first: i64, k: i64, n: i64, other: &dyn Fn(i64) -> i64) -> i64 {
        let factor = first + k;
        if n == 0 {
            return factor;
        }
        let next = expected(first, (k + 1) % 3, n - 1, other);
        factor
            .wrapping_mul(next.wrapping_add(other(n)))
            .wrapping_add(other(n))
    }
    let (inner, outer) = (text(3), text(11));
    let alone = |text: &str| {
        let mut store = Store::new(&Engine::default(), ());
        let other = Func::wrap(&mut store, |n: i64| n ^ 5);
        let instance = instance(&mut store, text, &[other.into()]);
        call::<i64, i64>(&mut store, instance, "f0", 4).unwrap()
    };
    assert_eq!(alone(&inner), expected(3, 0, 4, &|n| n ^ 5));
    each(|store| {
        let host = Func::wrap(&mut *store, |n: i64| n ^ 5);
        let lower = instance(store, &inner, &[host.into()]);
        let middle = lower.get_func(&mut *store, "f1").unwrap();
        let instance = instance(store, &outer, &[middle.into()]);
        let inner = |n| expected(3, 1, n, &|n| n ^ 5);
        for name in [0, 1, 2, 0] {
            let result: i64 = call(store, instance, &format!("f{name}"), 9i64).unwrap();
            assert_eq!(result, expected(11, name, 9, &inner), "f{name}");
        }
    });
}
