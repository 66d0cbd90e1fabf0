//! Instructions where their neighbours matter: memories under two indices, fuel by size, values of
//! several kinds side by side, collection in the middle of things.

use limpid::*;

/// Runs `f` of a module under each translation, lazily and eagerly.
fn check(text: &str, expected: i64) {
    for translation in [Translation::Fused, Translation::Faithful] {
        for eager in [false, true] {
            let mut config = Config::new();
            config.translation(translation).eager(eager);
            let engine = Engine::new(&config).unwrap();
            let result = run(&engine, &mut Store::new(&engine, ()), text);
            assert_eq!(result.unwrap(), expected, "{translation:?}, eager: {eager}");
        }
    }
}

fn run(engine: &Engine, store: &mut Store<()>, text: &str) -> Result<i64> {
    let module = Module::new(engine, text)?;
    let instance = Instance::new(&mut *store, &module, &[])?;
    let f = instance.get_typed_func::<(), i64>(&mut *store, "f")?;
    f.call(store, ())
}

fn trap(text: &str) -> Trap {
    let engine = Engine::default();
    let error = run(&engine, &mut Store::new(&engine, ()), text).unwrap_err();
    *error.downcast_ref().expect("a trap")
}

#[test]
fn a_memory_under_two_indices_is_one_memory() {
    let text = r#"(module
        (import "" "a" (memory 1)) (import "" "b" (memory 1))
        (func (export "f") (result i64)
            (i64.store 0 (i32.const 0) (i64.const 0x0102030405060708))
            (memory.copy 1 0 (i32.const 4) (i32.const 0) (i32.const 8))
            (memory.fill 1 (i32.const 2) (i32.const 0xAA) (i32.const 1))
            (i32.store8 1 (i32.const 3) (i32.const 0xBB))
            (drop (memory.grow 1 (i32.const 1)))
            (i32.store8 0 (i32.const 0x10000) (i32.const 5))
            (if (i32.ne (memory.size 0) (i32.const 2)) (then unreachable))
            (i64.add
                (i64.load 0 (i32.const 0))
                (i64.load8_u 1 (i32.const 0x10000)))))"#;
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    let module = Module::new(&engine, text).unwrap();
    let imports = [memory.into(), memory.into()];
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let f = instance.get_typed_func::<(), i64>(&mut store, "f").unwrap();
    assert_eq!(f.call(&mut store, ()).unwrap(), 0x0506_0708_BBAA_0708 + 5);
    assert_eq!(memory.size(&store), 2);
    assert_eq!(
        memory.data(&store)[4..8],
        [8, 7, 6, 5],
        "copied before the rest"
    );
}

/// Fuel that `f` takes.
fn fuel(body: &str) -> u64 {
    let text = format!(
        r#"(module (memory 1) (table 1000 funcref) (type $a (array (mut i32))) (elem $e func)
            (data $d "0123456789")
            (func (export "f") (result i64) {body} (i64.const 0)))"#
    );
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000_000).unwrap();
    run(&engine, &mut store, &text).unwrap();
    1_000_000 - store.get_fuel().unwrap()
}

#[test]
fn bulk_operations_cost_one_for_each_64() {
    for (body, units) in [
        (
            "(memory.fill (i32.const 0) (i32.const 1) (i32.const N))",
            100,
        ),
        (
            "(memory.copy (i32.const 8) (i32.const 1) (i32.const N))",
            100,
        ),
        (
            "(table.fill (i32.const 0) (ref.null func) (i32.const N))",
            10,
        ),
        ("(table.copy (i32.const 0) (i32.const 1) (i32.const N))", 10),
        ("(drop (array.new $a (i32.const 7) (i32.const N)))", 100),
        ("(drop (array.new_default $a (i32.const N)))", 100),
    ] {
        let none = fuel(&body.replace('N', "0"));
        let some = fuel(&body.replace('N', &(units * 64 + 63).to_string()));
        assert_eq!(some - none, units, "{body}");
    }
}

#[test]
fn an_operation_out_of_bounds_traps_whatever_its_count_would_cost() {
    let text = r#"(module (memory i64 1)
        (func (export "f") (result i64)
            (memory.fill (i64.const 1) (i32.const 0) (i64.const -1)) (i64.const 0)))"#;
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(5_000).unwrap();
    let error = run(&engine, &mut store, text).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
}

#[test]
fn a_bulk_operation_that_cannot_be_paid_for_writes_nothing() {
    let text = r#"(module (memory (export "m") 1)
        (func (export "f") (result i64)
            (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (i64.const 0)))"#;
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(500).unwrap();
    let module = Module::new(&engine, text).unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = instance.get_typed_func::<(), i64>(&mut store, "f").unwrap();
    let error = f.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    let memory = instance.get_memory(&mut store, "m").unwrap();
    assert!(memory.data(&store).iter().all(|&byte| byte == 0));
}

#[test]
fn growth_that_fails_is_minus_one_of_the_address_type() {
    check(
        r#"(module (memory $a 1 2) (memory $b i64 1 2) (table $t 1 2 funcref)
            (table $u i64 1 2 funcref)
            (func (export "f") (result i64)
                (if (i64.ne (memory.grow $b (i64.const 0x100000001)) (i64.const -1))
                    (then unreachable))
                (if (i64.ne (table.grow $u (ref.null func) (i64.const 0x100000001))
                        (i64.const -1))
                    (then unreachable))
                (i64.add
                    (i64.extend_i32_u (memory.grow $a (i32.const 2)))
                    (i64.extend_i32_u (table.grow $t (ref.null func) (i32.const -1))))))"#,
        0xFFFF_FFFF * 2,
    );
}

#[test]
fn a_payload_keeps_its_order_among_references_and_vectors() {
    check(
        r#"(module
            (type $s (struct (field i64)))
            (tag $t (param i32 (ref $s) v128 i64 externref (ref null $s)))
            (func $throw (param $n i64)
                (throw $t (i32.const -1) (struct.new $s (local.get $n))
                    (v128.const i64x2 100 1000) (i64.const 10) (ref.null extern)
                    (struct.new $s (i64.const 10000))))
            (func (export "f") (result i64)
                (local $v v128) (local $i i64) (local $x i32)
                (block $h (result i32 (ref $s) v128 i64 externref (ref null $s))
                    (try_table (catch $t $h) (call $throw (i64.const 1)))
                    unreachable)
                (local.set $i (struct.get $s 0))
                (if (i32.eqz (ref.is_null)) (then unreachable))
                (local.set $i (i64.add (local.get $i)))
                (local.set $v)
                (local.set $i (i64.add (struct.get $s 0) (local.get $i)))
                (if (i32.ne (i32.const -1)) (then unreachable))
                (i64.add (local.get $i)
                    (i64.add (i64x2.extract_lane 0 (local.get $v))
                        (i64x2.extract_lane 1 (local.get $v))))))"#,
        11111,
    );
}

#[test]
fn fields_and_elements_keep_their_widths() {
    check(
        r#"(module
            (type $s (struct (field (mut i8)) (field v128) (field (mut i16)) (field anyref)
                (field (mut v128)) (field f32)))
            (type $v (array (mut v128))) (type $b (array (mut i8)))
            (func (export "f") (result i64) (local $s (ref $s)) (local $v (ref $v))
                (local $b (ref $b)) (local $sum i64)
                (local.set $s (struct.new $s (i32.const 0x1FF) (v128.const i64x2 1 2)
                    (i32.const 0x18000) (ref.i31 (i32.const 7)) (v128.const i64x2 0 0)
                    (f32.const 1.5)))
                (struct.set $s 4 (local.get $s) (v128.const i64x2 4 8))
                (local.set $v (array.new $v (v128.const i64x2 16 32) (i32.const 3)))
                (array.set $v (local.get $v) (i32.const 1) (v128.const i64x2 64 128))
                (local.set $b (array.new_fixed $b 2 (i32.const 0x180) (i32.const 0x7F)))
                (local.set $sum (i64.add
                    (i64.extend_i32_s (struct.get_s $s 0 (local.get $s)))    ;; -1
                    (i64.extend_i32_s (struct.get_s $s 2 (local.get $s)))))  ;; -32768
                (local.set $sum (i64.add (local.get $sum) (i64.add
                    (i64.extend_i32_s (struct.get_u $s 0 (local.get $s)))    ;; 255
                    (i64.extend_i32_s (array.get_s $b (local.get $b) (i32.const 0)))))) ;; -128
                (i64.add (local.get $sum) (i64.add
                    (i64.add
                        (i64x2.extract_lane 1 (struct.get $s 1 (local.get $s)))   ;; 2
                        (i64x2.extract_lane 1 (struct.get $s 4 (local.get $s))))  ;; 8
                    (i64.add
                        (i64x2.extract_lane 1 (array.get $v (local.get $v) (i32.const 1))) ;; 128
                        (i64x2.extract_lane 1
                            (array.get $v (local.get $v) (i32.const 2))))))))"#, // 32
        -1 - 32768 + 255 - 128 + 2 + 8 + 128 + 32,
    );
}

#[test]
fn garbage_goes_and_the_rest_stays() {
    // A list of 1,000 lives, while a million cells and exceptions die.
    check(
        r#"(module
            (type $pad (array (mut i64)))
            (type $cell (struct (field i64) (field (ref null $cell)) (field (ref null $pad))))
            (tag $t (param (ref null $cell) i64))
            (func $churn (param $n i64) (local $c (ref null $cell))
                (loop $again
                    (block $h (result (ref null $cell) i64)
                        (try_table (catch $t $h)
                            (throw $t
                                (struct.new $cell (local.get $n) (ref.null $cell)
                                    (array.new $pad (local.get $n) (i32.const 8)))
                                (local.get $n)))
                        unreachable)
                    (if (i64.ne (local.get $n)) (then unreachable))
                    (local.set $c)
                    (if (i64.ne (local.get $n) (array.get $pad
                            (struct.get $cell 2 (local.get $c)) (i32.const 7)))
                        (then unreachable))
                    (br_if $again
                        (i64.ne (local.tee $n (i64.sub (local.get $n) (i64.const 1)))
                            (i64.const 0)))))
            (func (export "f") (result i64) (local $list (ref null $cell)) (local $n i64)
                (local $sum i64)
                (local.set $n (i64.const 1000))
                (loop $again
                    (local.set $list (struct.new $cell (local.get $n) (local.get $list)
                        (array.new_default $pad (i32.const 1))))
                    (call $churn (i64.const 100))
                    (br_if $again
                        (i64.ne (local.tee $n (i64.sub (local.get $n) (i64.const 1)))
                            (i64.const 0))))
                (loop $again
                    (local.set $sum
                        (i64.add (local.get $sum) (struct.get $cell 0 (local.get $list))))
                    (local.set $list (struct.get $cell 1 (local.get $list)))
                    (br_if $again (i32.eqz (ref.is_null (local.get $list)))))
                (local.get $sum)))"#,
        500_500,
    );
}

#[test]
fn a_full_heap_and_a_huge_array_are_traps() {
    let huge = r#"(module (type $a (array i64))
        (func (export "f") (result i64)
            (drop (array.new_default $a (i32.const -1))) (i64.const 0)))"#;
    assert_eq!(trap(huge), Trap::ArrayTooLarge);
    let list = r#"(module
        (type $a (array (mut (ref null $a))))
        (func (export "f") (result i64) (local $list (ref null $a))
            (loop $again
                (local.set $list (array.new $a (local.get $list) (i32.const 1000000)))
                (br $again))
            (i64.const 0)))"#;
    assert_eq!(trap(list), Trap::HeapExhausted);
}

#[test]
fn a_wait_ends_at_the_epoch_deadline() {
    let text = r#"(module (memory 1 1 shared)
        (func (export "f") (result i64)
            (i64.extend_i32_u
                (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))"#;
    let engine = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    let ticks = engine.clone();
    let ticker = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        ticks.increment_epoch();
    });
    let error = run(&engine, &mut store, text).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    ticker.join().unwrap();
}
