//! Execution across instances and the embedder (items 40, 43 to 52): interruption, NaN bits, types
//! and tags of several modules, hosts that call back.

use super::*;

#[test]
fn bulk_operations_are_whole_under_fuel_and_epochs() {
    // A run that stops again and again must see no operation half done, and end as any other.
    let text = r#"(module (memory (export "m") 4) (table $t 2000 externref)
        (func (export "f") (param externref) (result i32) (local $k i32)
            (loop $l
                (local.set $k (i32.add (local.get $k) (i32.const 1)))
                (memory.fill (i32.const 0) (local.get $k) (i32.const 100000))
                (memory.copy (i32.const 100000) (i32.const 1) (i32.const 99999))
                (table.fill $t (i32.const 0) (local.get 0) (i32.const 2000))
                (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 1999))
                (drop (memory.grow (i32.const 0)))
                (br_if $l (i32.lt_u (local.get $k) (i32.const 10))))
            (i32.load8_u (i32.const 199998))))"#;
    for translation in [Translation::Fused, Translation::Faithful] {
        for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
            let engine = Way::new(translation, dispatch, true).engine();
            let mut store = Store::new(&engine, ());
            store.set_fuel(10).unwrap();
            let instance = instance(&mut store, text, &[]);
            let memory = instance.get_memory(&mut store, "m").unwrap();
            let f = instance.get_func(&mut store, "f").unwrap();
            let host = ExternRef::new(&mut store, 1).unwrap();
            let mut results = [Val::I32(0)];
            let mut call = f
                .call_resumable(&mut store, &[host.into()], &mut results)
                .unwrap();
            let mut stops = 0;
            while let ResumableCall::OutOfFuel(run) = call {
                stops += 1;
                let bytes = &memory.data(&store)[..100_000];
                assert!(bytes.iter().all(|&byte| byte == bytes[0]), "stop {stops}");
                let copied = &memory.data(&store)[100_000..199_999];
                assert!(copied.iter().all(|&byte| byte == copied[0]), "stop {stops}");
                let left = store.get_fuel().unwrap();
                store.set_fuel(left + 700).unwrap();
                call = run.resume(&mut store, &[], &mut results).unwrap();
            }
            assert!(matches!(call, ResumableCall::Finished));
            assert_eq!(results[0].unwrap_i32(), 10);
            assert!(stops > 10, "{stops}");
        }
    }
}

#[test]
fn nan_bits_are_kept_wherever_values_move() {
    script(
        r#"(module (memory 1)
        (type $f (func (param f32 f64) (result f32 f64)))
        (type $s (struct (field (mut f32)) (field (mut f64))))
        (global $g (mut f32) (f32.const 0)) (table funcref (elem $id))
        (func $id (type $f) (local.get 0) (local.get 1))
        (func (export "locals") (param f32 f64) (result i32 i64) (local f32 f64)
            (local.set 2 (local.tee 0 (local.get 0))) (local.set 3 (local.get 1))
            (i32.reinterpret_f32 (local.get 2)) (i64.reinterpret_f64 (local.get 3)))
        (func (export "select") (param f32 f64) (result f32 f64)
            (select (local.get 0) (f32.const 1) (i32.const 1))
            (select (f64.const 1) (local.get 1) (i32.const 0)))
        (func (export "memory") (param f32 f64) (result i32 i64 f32 f64)
            (f32.store (i32.const 1) (local.get 0)) (f64.store (i32.const 9) (local.get 1))
            (i32.load (i32.const 1)) (i64.load (i32.const 9))
            (f32.load (i32.const 1)) (f64.load (i32.const 9)))
        (func (export "calls") (param f32 f64) (result f32 f64)
            (call_indirect (type $f) (call $id (local.get 0) (local.get 1)) (i32.const 0)))
        (func (export "fields") (param f32 f64) (result f32 f64) (local $s (ref $s))
            (local.set $s (struct.new $s (local.get 0) (local.get 1)))
            (struct.get $s 0 (local.get $s)) (struct.get $s 1 (local.get $s)))
        (func (export "global") (param f32) (result f32)
            (global.set $g (local.get 0)) (global.get $g))
        (func (export "lanes") (param f32 f64) (result f32 f64)
            (f32x4.extract_lane 3 (f32x4.replace_lane 3 (v128.const i64x2 0 0) (local.get 0)))
            (f64x2.extract_lane 0 (f64x2.splat (local.get 1))))
        (func (export "bitwise") (param f32 f64) (result f32 f64 f32)
            (f32.neg (local.get 0)) (f64.abs (f64.neg (local.get 1)))
            (f32.copysign (local.get 0) (f32.const -1)))
        (func (export "constants") (result i32 i64)
            (i32.reinterpret_f32 (f32.const -nan:0x200001))
            (i64.reinterpret_f64 (f64.const nan:0x4000000000001)))
        (func (export "stored constants") (result i32 i64)
            (f32.store (i32.const 0) (f32.const nan:0x200000))
            (f64.store (i32.const 8) (f64.const -nan:0x1))
            (i32.load (i32.const 0)) (i64.load (i32.const 8))))
        (assert_return
            (invoke "locals" (f32.const nan:0x200000) (f64.const -nan:0x4000000000001))
            (i32.const 0x7FA00000) (i64.const 0xFFF4000000000001))
        (assert_return (invoke "select" (f32.const nan:0x1) (f64.const -nan:0x1))
            (f32.const nan:0x1) (f64.const -nan:0x1))
        (assert_return (invoke "memory" (f32.const nan:0x1) (f64.const -nan:0x1))
            (i32.const 0x7F800001) (i64.const 0xFFF0000000000001)
            (f32.const nan:0x1) (f64.const -nan:0x1))
        (assert_return (invoke "calls" (f32.const -nan:0x1) (f64.const nan:0x1))
            (f32.const -nan:0x1) (f64.const nan:0x1))
        (assert_return (invoke "fields" (f32.const -nan:0x1) (f64.const nan:0x1))
            (f32.const -nan:0x1) (f64.const nan:0x1))
        (assert_return (invoke "global" (f32.const -nan:0x200000)) (f32.const -nan:0x200000))
        (assert_return (invoke "lanes" (f32.const -nan:0x1) (f64.const nan:0x1))
            (f32.const -nan:0x1) (f64.const nan:0x1))
        (assert_return (invoke "bitwise" (f32.const -nan:0x1) (f64.const nan:0x1))
            (f32.const nan:0x1) (f64.const nan:0x1) (f32.const -nan:0x1))
        (assert_return (invoke "constants") (i32.const 0xFFA00001) (i64.const 0x7FF4000000000001))
        (assert_return (invoke "stored constants")
            (i32.const 0x7FA00000) (i64.const 0xFFF0000000000001))"#,
    );
}

#[test]
fn nan_bits_are_kept_by_the_host() {
    let text = r#"(module (import "" "id" (func $id (param f32 f64) (result f32 f64)))
        (func (export "f") (param i32 i64) (result i32 i64) (local f64)
            (call $id (f32.reinterpret_i32 (local.get 0)) (f64.reinterpret_i64 (local.get 1)))
            (local.set 2) (i32.reinterpret_f32) (i64.reinterpret_f64 (local.get 2)))
        (func (export "id") (param f32 f64) (result f32 f64)
            (return_call $id (local.get 0) (local.get 1))))"#;
    let (single, double) = (0x7FA0_0001_u32, 0xFFF0_0000_0000_0001_u64);
    each(|store| {
        let id = Func::wrap(&mut *store, |a: f32, b: f64| (a, b));
        let instance = instance(store, text, &[id.into()]);
        let bits = (single as i32, double as i64);
        let back: (i32, i64) = call(store, instance, "f", bits).unwrap();
        assert_eq!(back, bits);
        let args = [Val::F32(single), Val::F64(double)];
        let mut results = [Val::F32(0), Val::F64(0)];
        let id = instance.get_func(&mut *store, "id").unwrap();
        id.call(&mut *store, &args, &mut results).unwrap();
        assert_eq!(results[0].unwrap_f32().to_bits(), single);
        assert_eq!(results[1].unwrap_f64().to_bits(), double);
    });
}

#[test]
fn relaxed_instructions_choose_once() {
    // The same choice for constants and variables, in one body and across calls.
    script(
        r#"(module
        (func $swizzle (param v128 v128) (result v128)
            (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))
        (func $trunc (param v128) (result v128)
            (i32x4.relaxed_trunc_f32x4_s (local.get 0)))
        (func $madd (param v128 v128 v128) (result v128)
            (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))
        (func $min (param v128 v128) (result v128)
            (f64x2.relaxed_min (local.get 0) (local.get 1)))
        (func $select (param v128 v128 v128) (result v128)
            (i16x8.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)))
        (func $q15 (param v128 v128) (result v128)
            (i16x8.relaxed_q15mulr_s (local.get 0) (local.get 1)))
        (func $same (param v128 v128) (result i32)
            (i8x16.all_true (i8x16.eq (local.get 0) (local.get 1))))
        (func (export "same") (result i32 i32 i32 i32 i32 i32)
            (call $same
                (i8x16.relaxed_swizzle (v128.const i64x2 1 2) (v128.const i64x2 0x90807F10 3))
                (call $swizzle (v128.const i64x2 1 2) (v128.const i64x2 0x90807F10 3)))
            (call $same
                (i32x4.relaxed_trunc_f32x4_s (v128.const f32x4 nan inf -inf 3e9))
                (call $trunc (v128.const f32x4 nan inf -inf 3e9)))
            (call $same
                (f32x4.relaxed_madd (v128.const f32x4 0x1.000002p0 0 0 0)
                    (v128.const f32x4 0x1.000002p0 0 0 0) (v128.const f32x4 -0x1.000004p0 0 0 0))
                (call $madd (v128.const f32x4 0x1.000002p0 0 0 0)
                    (v128.const f32x4 0x1.000002p0 0 0 0)
                    (v128.const f32x4 -0x1.000004p0 0 0 0)))
            (call $same
                (f64x2.relaxed_min (v128.const f64x2 -0 nan) (v128.const f64x2 0 1))
                (call $min (v128.const f64x2 -0 nan) (v128.const f64x2 0 1)))
            (call $same
                (i16x8.relaxed_laneselect (v128.const i64x2 -1 -1) (v128.const i64x2 0 0)
                    (v128.const i64x2 0x80000001FF00FF 0xFFFF))
                (call $select (v128.const i64x2 -1 -1) (v128.const i64x2 0 0)
                    (v128.const i64x2 0x80000001FF00FF 0xFFFF)))
            (call $same
                (i16x8.relaxed_q15mulr_s (v128.const i64x2 0x8000 0) (v128.const i64x2 0x8000 0))
                (call $q15 (v128.const i64x2 0x8000 0) (v128.const i64x2 0x8000 0)))))
        (assert_return (invoke "same") (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1)
            (i32.const 1) (i32.const 1))"#,
    );
}

#[test]
fn indirect_calls_check_subtypes_across_modules() {
    script(
        r#"(module $a
            (type $top (sub (func (result anyref))))
            (type $mid (sub $top (func (result eqref))))
            (type $end (sub final $mid (func (result (ref i31)))))
            (type $alike (sub (func (result anyref))))
            (type $final (func (result anyref)))
            (table (export "t") funcref (elem $top $mid $end $final))
            (func $top (export "top") (type $top) (ref.null any))
            (func $mid (export "mid") (type $mid) (ref.i31 (i32.const 1)))
            (func $end (export "end") (type $end) (ref.i31 (i32.const 2)))
            (func $final (type $final) (ref.null any)))
        (register "a" $a)
        (module
            (type $unused1 (struct (field i64))) (type $unused2 (func (param i64)))
            (type $end2 (func (result (ref i31))))
            (type $top (sub (func (result anyref))))
            (type $mid (sub $top (func (result eqref))))
            (type $end (sub final $mid (func (result (ref i31)))))
            (type $final (func (result anyref)))
            (import "a" "t" (table $t 4 funcref))
            (import "a" "end" (func $end (type $mid)))
            (func (export "top") (param i32) (result i32)
                (ref.is_null (call_indirect $t (type $top) (local.get 0))))
            (func (export "mid") (param i32) (result i32)
                (ref.is_null (call_indirect $t (type $mid) (local.get 0))))
            (func (export "end") (param i32) (result i32)
                (i31.get_s (call_indirect $t (type $end) (local.get 0))))
            (func (export "end2") (param i32) (result i32)
                (i31.get_s (call_indirect $t (type $end2) (local.get 0))))
            (func (export "final") (param i32) (result i32)
                (ref.is_null (call_indirect $t (type $final) (local.get 0))))
            (func (export "tail") (param i32) (result eqref)
                (return_call_indirect $t (type $mid) (local.get 0)))
            (func (export "ref") (param i32) (result i32)
                (ref.is_null (call_ref $top
                    (ref.cast (ref $top) (table.get $t (local.get 0))))))
            (func (export "imported") (result i32) (ref.is_null (call $end))))
        (assert_return (invoke "top" (i32.const 0)) (i32.const 1))
        (assert_return (invoke "top" (i32.const 1)) (i32.const 0))
        (assert_return (invoke "top" (i32.const 2)) (i32.const 0))
        (assert_trap (invoke "top" (i32.const 3)) "indirect call type mismatch")
        (assert_trap (invoke "mid" (i32.const 0)) "indirect call type mismatch")
        (assert_return (invoke "mid" (i32.const 2)) (i32.const 0))
        (assert_return (invoke "end" (i32.const 2)) (i32.const 2))
        (assert_trap (invoke "end" (i32.const 1)) "indirect call type mismatch")
        (assert_trap (invoke "end2" (i32.const 2)) "indirect call type mismatch")
        (assert_trap (invoke "final" (i32.const 0)) "indirect call type mismatch")
        (assert_return (invoke "final" (i32.const 3)) (i32.const 1))
        (assert_trap (invoke "tail" (i32.const 0)) "indirect call type mismatch")
        (assert_return (invoke "ref" (i32.const 2)) (i32.const 0))
        (assert_trap (invoke "ref" (i32.const 3)) "cast failure")
        (assert_return (invoke "imported") (i32.const 0))
        (assert_unlinkable (module (type $top (sub (func (result anyref))))
            (type $mid (sub $top (func (result eqref))))
            (import "a" "top" (func (type $mid)))) "incompatible import type")"#,
    );
    // Types are those of the engine: a function of one engine's store is not known in another's.
    let text = r#"(module (type $t (func (param i32))) (func (export "f") (type $t)))"#;
    let (mut one, mut two) = (store_of(), store_of());
    let other = instance(&mut one, text, &[])
        .get_func(&mut one, "f")
        .unwrap();
    let import = r#"(module (import "" "f" (func (param i32))))"#;
    let module = Module::new(two.engine(), import).unwrap();
    let used = std::panic::AssertUnwindSafe(|| {
        Instance::new(&mut two, &module, &[other.into()]).map_err(|error| error.code())
    });
    match std::panic::catch_unwind(used) {
        Ok(result) => assert_eq!(result.err(), Some("wrong-store")),
        Err(_) => panic!("a handle of another store is an error"),
    }
}

fn store_of() -> Store<()> {
    fueled(&Way::new(Translation::Fused, Dispatch::Threaded, false).engine())
}

#[test]
fn tags_are_what_they_are_made_as() {
    script(
        r#"(module $t (tag (export "tag") (param i32)) (tag (export "other") (param i32)))
        (register "t" $t)
        (module definition $maker
            (tag $own (export "own") (param i32))
            (func (export "throw") (param i32) (throw $own (local.get 0))))
        (module instance $a $maker) (register "a" $a)
        (module instance $b $maker) (register "b" $b)
        (module $reexport (import "a" "own" (tag $x (param i32))) (export "again" (tag $x)))
        (register "r" $reexport)
        (module
            (import "a" "own" (tag $a (param i32))) (import "b" "own" (tag $b (param i32)))
            (import "r" "again" (tag $again (param i32)))
            (import "a" "throw" (func $throw_a (param i32)))
            (import "b" "throw" (func $throw_b (param i32)))
            (func (export "which") (param $b i32) (result i32)
                (block $is_a (result i32)
                    (block $is_b (result i32)
                        (try_table (catch $a $is_a) (catch $b $is_b)
                            (if (local.get $b) (then (call $throw_b (i32.const 7)))
                                (else (call $throw_a (i32.const 8)))))
                        (unreachable))
                    (i32.add (i32.const 100))))
            (func (export "through") (result i32)
                (block $h (result i32)
                    (try_table (catch $b $h) (catch $again $h) (call $throw_a (i32.const 9)))
                    (unreachable)))
            (func (export "first") (result i32)
                (block $one (result i32)
                    (block $two (result i32)
                        (try_table (catch $again $two) (catch $a $one)
                            (throw $a (i32.const 5)))
                        (unreachable))
                    (i32.add (i32.const 50))))
            (func (export "inner first") (result i32)
                (block $outer (result i32)
                    (try_table (catch $a $outer)
                        (block $inner (result i32)
                            (try_table (catch $b $inner) (catch $a $inner) (throw $a
                                (i32.const 5)))
                            (unreachable))
                        (return (i32.add (i32.const 1))))
                    (unreachable)))
            (func (export "not its own") (result i32)
                (block $h (result i32)
                    (try_table (catch $a $h)
                        (block $g (try_table (catch_all $g) (throw $b (i32.const 1))))
                        (throw $a (i32.const 3)))
                    (unreachable)))
            (func (export "rethrown") (result i32) (local $e exnref) (local $x i32)
                (block $h (result i32)
                    (try_table (catch $a $h)
                        (block $g (result i32 exnref)
                            (try_table (catch_ref $a $g) (call $throw_a (i32.const 6)))
                            (unreachable))
                        (local.set $e) (local.set $x)
                        (block $all (result exnref)
                            (try_table (catch_all_ref $all) (throw_ref (local.get $e)))
                            (unreachable))
                        (throw_ref))
                    (unreachable))
                (i32.mul (i32.add (local.get $x) (i32.const 1))))
            (func (export "null") (throw_ref (ref.null exn)))
            (func (export "uncaught") (throw $b (i32.const 0)))
            (func (export "heights") (param $x i32) (result i32)
                (i32.const 1000)
                (block $out (result i32 i32 exnref)
                    (i32.const 100) (ref.null exn) (drop)
                    (block $h (result i32 exnref)
                        (i32.const 10) (i64.const 5)
                        (try_table (catch_ref $a $h)
                            (v128.const i64x2 1 2) (call $throw_a (local.get $x)) (drop))
                        (unreachable))
                    (br $out))
                (drop) (i32.sub) (i32.sub)))
        (assert_return (invoke "which" (i32.const 0)) (i32.const 8))
        (assert_return (invoke "which" (i32.const 1)) (i32.const 107))
        (assert_return (invoke "through") (i32.const 9))
        (assert_return (invoke "first") (i32.const 55))
        (assert_return (invoke "inner first") (i32.const 6))
        (assert_return (invoke "not its own") (i32.const 3))
        (assert_return (invoke "rethrown") (i32.const 42))
        (assert_trap (invoke "null") "null exception reference")
        (assert_exception (invoke "uncaught"))
        ;; 1000 - (100 - x)
        (assert_return (invoke "heights" (i32.const 7)) (i32.const 907))"#,
    );
}

#[test]
fn exceptions_pass_through_hosts() {
    let text = r#"(module
        (import "" "call" (func $call (param i32) (result i32)))
        (tag $t (param i32 externref))
        (func (export "back") (param i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (throw $t (i32.const 30) (ref.null extern))))
            (i32.add (i32.const 1) (call $call (i32.sub (local.get 0) (i32.const 1)))))
        (func (export "f") (param $n i32) (result i32)
            (i32.const 12)
            (block $h (result i32 externref)
                (try_table (catch $t $h) (drop (call $call (local.get $n))))
                (unreachable))
            (drop) (i32.add)))"#;
    each(|store| {
        let back = Func::wrap(
            &mut *store,
            |mut caller: Caller<'_, ()>, n: i32| -> Result<i32> {
                let back = caller.get_export("back").and_then(Extern::into_func);
                let back = back.expect("exported").typed::<i32, i32>(&caller)?;
                back.call(&mut caller, n)
            },
        );
        let instance = instance(store, text, &[back.into()]);
        for depth in [0, 1, 5] {
            let result: i32 = call(store, instance, "f", depth).unwrap();
            assert_eq!(result, 42);
        }
        let error = call::<_, i32>(store, instance, "back", 3).expect_err("uncaught");
        assert!(error.is::<ThrownException>());
        let result: i32 = call(store, instance, "f", 2).unwrap();
        assert_eq!(result, 42);
    });
}

#[test]
fn what_a_failed_start_leaves_behind() {
    script(
        r#"(module $host
            (table (export "t") 4 funcref) (memory (export "m") 1)
            (global (export "g") (mut i32) (i32.const 0))
            (type $f (func (result i32)))
            (func (export "call") (param i32) (result i32)
                (call_indirect (type $f) (local.get 0)))
            (func (export "byte") (result i32) (i32.load8_u (i32.const 7))))
        (register "h" $host)
        (assert_trap (module
            (import "h" "t" (table 4 funcref)) (import "h" "m" (memory 1))
            (import "h" "g" (global $g (mut i32)))
            (memory $own 1) (global $state (mut i32) (i32.const 5))
            (elem (i32.const 0) $next $next) (data (i32.const 7) "!")
            (func $next (result i32)
                (global.set $state (i32.add (global.get $state) (i32.const 1)))
                (i32.store $own (i32.const 0)
                    (i32.add (i32.load $own (i32.const 0)) (i32.const 100)))
                (i32.add (global.get $state) (i32.load $own (i32.const 0))))
            (func $start (global.set $g (i32.const 3)) (unreachable))
            (start $start)) "unreachable")
        ;; The functions live on in the table, with the instance they belong to.
        (assert_return (invoke "call" (i32.const 0)) (i32.const 106))
        (assert_return (invoke "call" (i32.const 1)) (i32.const 207))
        (assert_trap (invoke "call" (i32.const 2)) "uninitialized element")
        (assert_return (invoke "byte") (i32.const 33))
        (assert_return (get "g") (i32.const 3))
        (assert_trap (module
            (import "h" "t" (table 4 funcref))
            (func $f (result i32) (i32.const 55))
            (elem (i32.const 2) $f) (elem (i32.const 3) $f $f)) "out of bounds table access")
        (assert_return (invoke "call" (i32.const 2)) (i32.const 55))
        (assert_trap (invoke "call" (i32.const 3)) "uninitialized element")"#,
    );
}

#[test]
fn hosts_that_call_back_and_let_the_stack_grow() {
    // Each level has operands and locals that must be there after the levels below are done.
    let text = r#"(module
        (import "" "down" (func $down (param i32) (result i32)))
        (memory (export "m") 1)
        (func (export "level") (param $n i32) (result i32) (local $v v128) (local $r externref)
            (local.set $v (i32x4.splat (local.get $n)))
            (i32.store (i32.shl (local.get $n) (i32.const 2)) (local.get $n))
            (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
            (i32.mul (local.get $n) (i32.const 2))
            (call $down (i32.sub (local.get $n) (i32.const 1)))
            (i32.add)
            (if (i32.ne (i32x4.extract_lane 3 (local.get $v)) (local.get $n))
                (then unreachable))
            (if (i32.ne (local.get $n) (i32.load (i32.shl (local.get $n) (i32.const 2))))
                (then unreachable))))"#;
    each(|store| {
        let down = Func::wrap(
            &mut *store,
            |mut caller: Caller<'_, ()>, n: i32| -> Result<i32> {
                let memory = caller.get_export("m").and_then(Extern::into_memory);
                memory.expect("exported").grow(&mut caller, 1)?;
                let level = caller.get_export("level").and_then(Extern::into_func);
                let level = level.expect("exported").typed::<i32, i32>(&caller)?;
                level.call(&mut caller, n)
            },
        );
        let instance = instance(store, text, &[down.into()]);
        for _ in 0..2 {
            let sum: i32 = call(store, instance, "level", 20).unwrap();
            assert_eq!(sum, 2 * (20 * 21) / 2);
        }
    });
}

#[test]
fn memory_growth_that_fails_changes_nothing() {
    script(
        r#"(module $a (memory (export "m") 1 3)
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
            (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
            (func (export "store") (param i32) (i32.store8 (local.get 0) (i32.const 7)))
            (func (export "grow in use") (result i32)
                (i32.store8 (i32.const 10) (i32.const 1))
                (i32.add (i32.mul (memory.grow (i32.const 9)) (i32.const 100))
                    (i32.load8_u (i32.const 10)))))
        (register "a" $a)
        (module $b (import "a" "m" (memory 1 3))
            (import "a" "grow" (func $grow (param i32) (result i32)))
            (func (export "size") (result i32) (memory.size))
            (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
            (func (export "grow and use") (result i32)
                (drop (call $grow (i32.const 1)))
                (i32.store8 (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1))
                    (i32.const 9))
                (memory.size)))
        (assert_return (invoke $a "grow in use") (i32.const -99))
        (assert_return (invoke $a "grow" (i32.const 3)) (i32.const -1))
        (assert_return (invoke $a "grow" (i32.const -1)) (i32.const -1))
        (assert_return (invoke $a "grow" (i32.const 0)) (i32.const 1))
        (assert_return (invoke $b "size") (i32.const 1))
        (assert_trap (invoke $a "load" (i32.const 65536)) "out of bounds memory access")
        (assert_return (invoke $b "grow and use") (i32.const 2))
        (assert_return (invoke $a "load" (i32.const 131071)) (i32.const 9))
        (assert_return (invoke $a "grow" (i32.const 1)) (i32.const 2))
        (assert_return (invoke $a "store" (i32.const 196607)))
        (assert_return (invoke $b "load" (i32.const 196607)) (i32.const 7))
        (assert_return (invoke $b "size") (i32.const 3))
        (assert_return (invoke $a "grow" (i32.const 1)) (i32.const -1))
        (assert_return (invoke $b "load" (i32.const 10)) (i32.const 1))"#,
    );
}

#[test]
fn fuel_does_not_change_results() {
    // The same program with plenty, and in portions: same result, same fuel in all.
    let text = r#"(module (memory 1)
        (func $fib (param i32) (result i32)
            (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
                (then (local.get 0))
                (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                    (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
        (func (export "f") (param i32) (result i32)
            (memory.fill (i32.const 0) (local.get 0) (i32.const 6400))
            (memory.copy (i32.const 7000) (i32.const 0) (i32.const 6400))
            (i32.add (i32.load8_u (i32.const 13399)) (call $fib (local.get 0)))))"#;
    let mut spent = Vec::new();
    for translation in [Translation::Fused, Translation::Faithful] {
        for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
            for portion in [1_000_000, 150, 333] {
                let engine = Way::new(translation, dispatch, true).engine();
                let mut store = Store::new(&engine, ());
                store.set_fuel(portion).unwrap();
                let mut given = portion;
                let instance = instance(&mut store, text, &[]);
                let f = instance.get_func(&mut store, "f").unwrap();
                let mut results = [Val::I32(0)];
                let mut call = f
                    .call_resumable(&mut store, &[Val::I32(15)], &mut results)
                    .unwrap();
                while let ResumableCall::OutOfFuel(run) = call {
                    let left = store.get_fuel().unwrap();
                    store.set_fuel(left + portion).unwrap();
                    given += portion;
                    call = run.resume(&mut store, &[], &mut results).unwrap();
                }
                assert_eq!(results[0].unwrap_i32(), 610 + 15);
                spent.push(given - store.get_fuel().unwrap());
            }
        }
    }
    assert!(spent.iter().all(|&fuel| fuel == spent[0]), "{spent:?}");
}

#[test]
fn host_calls_with_many_parameters_and_results() {
    let engine = Way::new(Translation::Fused, Dispatch::Threaded, false).engine();
    for count in [100, 129, 1000] {
        let kinds = [
            ValType::I64,
            ValType::V128,
            ValType::EXTERNREF,
            ValType::F32,
        ];
        let types: Vec<ValType> = (0..count).map(|k| kinds[k % 4].clone()).collect();
        let words: String = (0..count)
            .map(|k| ["i64 ", "v128 ", "externref ", "f32 "][k % 4])
            .collect();
        let gets: String = (0..count).map(|k| format!("(local.get {k})")).collect();
        let text = format!(
            r#"(module (type $t (func (param {words}) (result {words})))
                (import "" "id" (func $id (type $t))) (table funcref (elem $id))
                (func (export "call") (type $t) {gets} (call $id))
                (func (export "indirect") (type $t) {gets}
                    (call_indirect (type $t) (i32.const 0)))
                (func (export "tail") (type $t) {gets} (return_call $id)))"#
        );
        for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
            let way = Way::new(Translation::Fused, dispatch, false);
            let engine = if dispatch == Dispatch::Stepped {
                way.engine()
            } else {
                engine.clone()
            };
            let mut store = Store::new(&engine, ());
            let ty = FuncType::new(&engine, types.clone(), types.clone());
            let id = Func::new(&mut store, ty, |_, params, results| {
                results.clone_from_slice(params);
                Ok(())
            });
            let instance = instance(&mut store, &text, &[id.into()]);
            let mut args = Vec::new();
            for k in 0..count {
                args.push(match k % 4 {
                    0 => Val::I64(k as i64 * 1_000_000_007),
                    1 => Val::V128(V128::from(k as u128 * 0x1_0000_0000_0000_0001)),
                    2 => ExternRef::new(&mut store, k).unwrap().into(),
                    _ => Val::F32((k as f32).to_bits()),
                });
            }
            for name in ["call", "indirect", "tail"] {
                let mut results = vec![Val::I32(0); count];
                let func = instance.get_func(&mut store, name).unwrap();
                func.call(&mut store, &args, &mut results).unwrap();
                for (k, result) in results.iter().enumerate() {
                    match k % 4 {
                        0 => assert_eq!(result.unwrap_i64(), k as i64 * 1_000_000_007),
                        1 => assert_eq!(
                            result.unwrap_v128().as_u128(),
                            k as u128 * 0x1_0000_0000_0000_0001
                        ),
                        2 => {
                            let host = result.unwrap_externref().expect("not null");
                            let data = host.data(&store).unwrap().unwrap();
                            assert_eq!(data.downcast_ref::<usize>(), Some(&k));
                        }
                        _ => assert_eq!(result.unwrap_f32(), k as f32),
                    }
                }
            }
        }
    }
}
