//! Running out of things: calls, tail calls, memories, tables, instances, heap. Each ends in a
//! trap, a refusal or a result, in bounded time and memory, on a small host stack.

use super::alone::{alone, usable};
use super::*;

/// Engines of both translations and both dispatches.
fn engines(change: impl Fn(&mut Config)) -> Vec<Engine> {
    let mut engines = Vec::new();
    for translation in [Translation::Fused, Translation::Faithful] {
        for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
            let mut way = Way::new(translation, dispatch, false);
            change(&mut way.config);
            engines.push(way.engine());
        }
    }
    engines
}

/// Text to bytes, on a stack that suits the reader of the text format.
fn bytes(text: &'static str) -> Vec<u8> {
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    let parse = move || wat::parse_str(text).expect("the text is right");
    thread
        .spawn(parse)
        .expect("a thread")
        .join()
        .expect("no panic")
}

#[test]
fn recursion_ends_in_a_trap() {
    alone("exhaustion::recursion_ends_in_a_trap", 700, || {
        let bytes = bytes(
            r#"(module
            (type $t (func (param i32) (result i32)))
            (import "" "back" (func $host (type $t)))
            (table funcref (elem $indirect $host))
            (elem declare func $ref)
            (func $direct (export "direct") (type $t)
                (i32.add (call $direct (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
            (func $indirect (export "indirect") (type $t)
                (i32.add (call_indirect (type $t) (local.get 0) (i32.const 0)) (i32.const 1)))
            (func $ref (export "ref") (type $t)
                (i32.add (call_ref $t (local.get 0) (ref.func $ref)) (i32.const 1)))
            (func $a (export "mutual") (type $t) (i32.eqz (call $b (local.get 0))))
            (func $b (type $t) (i32.eqz (call $a (local.get 0))))
            (func (export "caught") (type $t)
                (block $h (try_table (catch_all $h) (drop (call $direct (local.get 0)))))
                (i32.const 1))
            (func (export "host") (type $t) (call $host (local.get 0)))
            (func (export "host indirect") (type $t)
                (call_indirect (type $t) (local.get 0) (i32.const 1)))
            (func (export "fine") (type $t) (local.get 0)))"#,
        );
        let start = self::bytes("(module (func $f (call $f)) (start $f))");
        for engine in engines(|_| {}) {
            let mut store = Store::new(&engine, ());
            // Calls its caller's export `host` again.
            let back = Func::wrap(&mut store, |mut caller: Caller<'_, ()>, x: i32| {
                let host = caller.get_export("host").and_then(Extern::into_func);
                let host = host.expect("exported").typed::<i32, i32>(&caller)?;
                host.call(&mut caller, x + 1)
            });
            let module = Module::from_binary(&engine, &bytes).expect("valid");
            let instance = Instance::new(&mut store, &module, &[back.into()]).expect("linked");
            for name in ["direct", "indirect", "ref", "mutual", "caught"] {
                let result = call::<_, i32>(&mut store, instance, name, 0);
                assert_eq!(trap(result), Trap::StackOverflow, "{name}");
                let fine: i32 = call(&mut store, instance, "fine", 3).unwrap();
                assert_eq!(fine, 3);
            }
            for name in ["host", "host indirect"] {
                let error = call::<_, i32>(&mut store, instance, name, 0).expect_err("too deep");
                assert!(error.to_string().contains("nest too deeply"), "{error}");
                assert_eq!(trap(Err::<(), _>(error)), Trap::StackOverflow, "{name}");
                let fine: i32 = call(&mut store, instance, "fine", 3).unwrap();
                assert_eq!(fine, 3);
            }
            let module = Module::from_binary(&engine, &start).expect("valid");
            let result = Instance::new(&mut store, &module, &[]);
            assert_eq!(trap(result), Trap::StackOverflow);
            usable(&mut store);
        }
    });
}

#[test]
fn tail_recursion_goes_on_for_ever() {
    alone("exhaustion::tail_recursion_goes_on_for_ever", 128, || {
        let bytes = bytes(
            r#"(module
            (type $t (func (param i32 i32) (result i32)))
            (table funcref (elem $indirect $a $b))
            (elem declare func $ref)
            (func $direct (export "direct") (type $t)
                (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                (return_call $direct (i32.sub (local.get 0) (i32.const 1))
                    (i32.add (local.get 1) (i32.const 1))))
            (func $indirect (export "indirect") (type $t)
                (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1))
                    (i32.add (local.get 1) (i32.const 1)) (i32.const 0)))
            (func $ref (export "ref") (type $t)
                (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                (return_call_ref $t (i32.sub (local.get 0) (i32.const 1))
                    (i32.add (local.get 1) (i32.const 1)) (ref.func $ref)))
            (func $a (export "mutual") (type $t) (local v128)
                (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1))
                    (i32.add (local.get 1) (i32.const 1)) (i32.const 2)))
            (func $more (param i64 i32 i32 v128) (result i32)
                (return_call $a (local.get 1) (local.get 2)))
            (func $b (type $t)
                (return_call $more (i64.const 0) (local.get 0) (local.get 1)
                    (v128.const i64x2 0 0)))
            (func (export "endless") (type $t)
                (return_call $direct (i32.const -1) (i32.const 0))))"#,
        );
        for engine in engines(|config| {
            config.consume_fuel(true);
        }) {
            let mut store = fueled(&engine);
            let module = Module::from_binary(&engine, &bytes).expect("valid");
            let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
            for name in ["direct", "indirect", "ref", "mutual"] {
                let count: i32 = call(&mut store, instance, name, (1_000_000, 0)).unwrap();
                assert_eq!(count, 1_000_000, "{name}");
            }
            store.set_fuel(10_000_000).expect("configured");
            let endless = call::<_, i32>(&mut store, instance, "endless", (0, 0));
            assert_eq!(trap(endless), Trap::OutOfFuel);
        }
        // The same without fuel, stopped by an epoch.
        for engine in engines(|config| {
            config.epoch_interruption(true);
        }) {
            let mut store = Store::new(&engine, ());
            store.set_epoch_deadline(1);
            let module = Module::from_binary(&engine, &bytes).expect("valid");
            let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
            let ticks = engine.clone();
            let ticker = std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(20));
                ticks.increment_epoch();
            });
            let endless = call::<_, i32>(&mut store, instance, "endless", (0, 0));
            assert_eq!(trap(endless), Trap::Interrupt);
            ticker.join().expect("no panic");
        }
    });
}

#[test]
fn memories_and_tables_grow_to_their_limits() {
    alone(
        "exhaustion::memories_and_tables_grow_to_their_limits",
        256,
        || {
            let bytes = bytes(
                r#"(module
            (memory $m 0) (memory $n i64 0) (table $t 0 funcref) (table $u i64 0 externref)
            (func (export "memory") (result i32) (local $turns i32)
                (loop $l (br_if $l (i32.ne (memory.grow $m (i32.const 1)) (i32.const -1))))
                (if (i32.ne (memory.grow $m (i32.const -1)) (i32.const -1))
                    (then unreachable))
                (memory.size $m))
            (func (export "memory64") (result i32)
                (loop $l (br_if $l (i64.ne (memory.grow $n (i64.const 16)) (i64.const -1))))
                (if (i64.ne (memory.grow $n (i64.const -1)) (i64.const -1))
                    (then unreachable))
                (i32.wrap_i64 (memory.size $n)))
            (func (export "table") (result i32)
                (loop $l (br_if $l (i32.ne
                    (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
                (if (i32.ne (table.grow $t (ref.null func) (i32.const -1)) (i32.const -1))
                    (then unreachable))
                (table.size $t))
            (func (export "table64") (result i32)
                (loop $l (br_if $l (i64.ne
                    (table.grow $u (ref.null extern) (i64.const 999)) (i64.const -1))))
                (if (i64.ne (table.grow $u (ref.null extern) (i64.const -1)) (i64.const -1))
                    (then unreachable))
                (i32.wrap_i64 (table.size $u))))"#,
            );
            for engine in engines(|config| {
                config.max_memory_size(16 << 20).max_table_elements(100_000);
            }) {
                let mut store = Store::new(&engine, ());
                let module = Module::from_binary(&engine, &bytes).expect("valid");
                let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
                for (name, wanted) in [
                    ("memory", 256),
                    ("memory64", 256),
                    ("table", 100_000),
                    ("table64", 999 * 100),
                ] {
                    let size: i32 = call(&mut store, instance, name, ()).unwrap();
                    assert_eq!(size, wanted, "{name}");
                }
                usable(&mut store);
            }
        },
    );
}

const SMALL: &str = r#"(module (memory 1) (table 10 funcref) (global (mut i64) (i64.const 7))
    (type $s (struct (field i64)))
    (global (ref $s) (struct.new $s (i64.const 1)))
    (func $f (export "f") (param i32) (result i32) (local.get 0))
    (elem (i32.const 0) $f) (data (i32.const 8) "limpid"))"#;

#[test]
fn instances_one_after_another() {
    alone("exhaustion::instances_one_after_another", 64, || {
        // Stores made and dropped, an instance and a call in each.
        let count = std::env::var("LIMPID_HAZARD_INSTANCES");
        let count = count.map_or(1_000_000, |count| count.parse().expect("a number"));
        println!("{count} instances (LIMPID_HAZARD_INSTANCES)");
        let bytes = bytes(SMALL);
        let engine = Engine::default();
        let module = Module::from_binary(&engine, &bytes).expect("valid");
        for k in 0..count {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
            let result: i32 = call(&mut store, instance, "f", k).unwrap();
            assert_eq!(result, k);
        }
    });
}

#[test]
fn instances_in_one_store_are_limited() {
    alone(
        "exhaustion::instances_in_one_store_are_limited",
        256,
        || {
            let engine = Engine::default();
            let bytes = bytes(SMALL);
            let module = Module::from_binary(&engine, &bytes).expect("valid");
            let limits = StoreLimitsBuilder::new().instances(1000).build();
            let mut store = Store::new(&engine, limits);
            store.limiter(|limits| limits);
            for _ in 0..1000 {
                Instance::new(&mut store, &module, &[]).expect("within the limit");
            }
            for _ in 0..100_000 {
                let error = Instance::new(&mut store, &module, &[]).expect_err("over the limit");
                assert_eq!(error.code(), "limit");
            }
        },
    );
}

#[test]
fn huge_arrays_are_refused() {
    alone("exhaustion::huge_arrays_are_refused", 128, || {
        let bytes = bytes(
            r#"(module
            (type $b (array (mut i8))) (type $v (array (mut v128))) (type $r (array (mut anyref)))
            (data $d "12345678") (elem $e anyref (ref.null any))
            (func (export "new") (param i32) (drop (array.new $b (i32.const 1) (local.get 0))))
            (func (export "vectors") (param i32) (drop (array.new_default $v (local.get 0))))
            (func (export "refs") (param i32) (drop (array.new_default $r (local.get 0))))
            (func (export "data") (param i32)
                (drop (array.new_data $v $d (i32.const 0) (local.get 0))))
            (func (export "elem") (param i32)
                (drop (array.new_elem $r $e (i32.const 0) (local.get 0)))))"#,
        );
        let global = self::bytes(
            r#"(module (type $v (array (mut v128)))
                (global (ref $v) (array.new_default $v (i32.const 0x10000001))))"#,
        );
        for engine in engines(|config| {
            config.max_gc_heap_size(16 << 20);
        }) {
            let mut store = Store::new(&engine, ());
            let module = Module::from_binary(&engine, &bytes).expect("valid");
            let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
            for len in [-1, i32::MIN, i32::MAX, 0x1000_0000, 0x1000_0001, 17 << 20] {
                for name in ["new", "vectors", "refs"] {
                    let found = trap(call::<_, ()>(&mut store, instance, name, len));
                    let right = matches!(found, Trap::ArrayTooLarge | Trap::HeapExhausted);
                    assert!(right, "{name} {len}: {found}");
                }
                let found = trap(call::<_, ()>(&mut store, instance, "data", len));
                assert_eq!(found, Trap::MemoryOutOfBounds);
                let found = trap(call::<_, ()>(&mut store, instance, "elem", len));
                assert_eq!(found, Trap::TableOutOfBounds);
            }
            call::<_, ()>(&mut store, instance, "vectors", 1000).unwrap();
            let module = Module::from_binary(&engine, &global).expect("valid");
            let found = trap(Instance::new(&mut store, &module, &[]));
            assert!(matches!(found, Trap::ArrayTooLarge | Trap::HeapExhausted));
            usable(&mut store);
        }
    });
}

#[test]
fn long_lists_are_marked_and_dropped_without_recursion() {
    alone(
        "exhaustion::long_lists_are_marked_and_dropped_without_recursion",
        512,
        || {
            let bytes = bytes(
                r#"(module
            (type $cell (struct (field (mut (ref null $cell))) (field i32)))
            (type $array (array (mut (ref null $array))))
            (global $g (mut anyref) (ref.null any))
            (func (export "list") (param $n i32) (local $list (ref null $cell))
                (loop $l
                    (local.set $list (struct.new $cell (local.get $list) (local.get $n)))
                    (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (global.set $g (local.get $list)))
            (func (export "nest") (param $n i32) (local $array (ref null $array))
                (loop $l
                    (local.set $array (array.new $array (local.get $array) (i32.const 1)))
                    (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (global.set $g (local.get $array)))
            (func (export "length") (result i32) (local $list (ref null $cell)) (local $n i32)
                (local.set $list (ref.cast (ref $cell) (global.get $g)))
                (loop $l
                    (local.set $n (i32.add (local.get $n) (i32.const 1)))
                    (local.set $list (struct.get $cell 0 (local.get $list)))
                    (br_if $l (i32.eqz (ref.is_null (local.get $list)))))
                (local.get $n))
            (func (export "drop") (global.set $g (ref.null any))))"#,
            );
            for engine in engines(|_| {}) {
                let mut store = Store::new(&engine, ());
                let module = Module::from_binary(&engine, &bytes).expect("valid");
                let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
                call::<_, ()>(&mut store, instance, "list", 500_000).unwrap();
                store.gc(None).unwrap();
                let length: i32 = call(&mut store, instance, "length", ()).unwrap();
                assert_eq!(length, 500_000);
                call::<_, ()>(&mut store, instance, "nest", 200_000).unwrap();
                store.gc(None).unwrap();
                call::<_, ()>(&mut store, instance, "drop", ()).unwrap();
                store.gc(None).unwrap();
                call::<_, ()>(&mut store, instance, "list", 500_000).unwrap();
                usable(&mut store);
            }
        },
    );
}

#[test]
fn a_limiter_is_asked_and_epochs_pass_any_number_of_times() {
    alone(
        "exhaustion::a_limiter_is_asked_and_epochs_pass_any_number_of_times",
        64,
        || {
            let bytes = bytes(
                r#"(module (memory 0) (table 0 funcref)
                (func (export "f") (param $n i32) (result i32)
                    (loop $l
                        (drop (memory.grow (i32.const 0)))
                        (drop (table.grow (ref.null func) (i32.const 0)))
                        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                    (memory.size)))"#,
            );
            for engine in engines(|config| {
                config.epoch_interruption(true);
            }) {
                let mut store = Store::new(&engine, ());
                let mut limited = Store::new(&engine, StoreLimits::default());
                limited.limiter(|limits| limits);
                limited.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(0)));
                let module = Module::from_binary(&engine, &bytes).expect("valid");
                let instance = Instance::new(&mut limited, &module, &[]).expect("no imports");
                let f = instance.get_typed_func::<i32, i32>(&mut limited, "f");
                let size = f.expect("exported").call(&mut limited, 100_000).unwrap();
                assert_eq!(size, 0);
                store.set_epoch_deadline(10);
                usable(&mut store);
            }
        },
    );
}
