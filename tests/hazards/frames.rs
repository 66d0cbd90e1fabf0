//! Frames, calls between them and what lives across (items 12 to 20).

use super::*;
use std::fmt::Write;

#[test]
fn many_locals_and_operands() {
    // 40,000 locals of 64 bits; the last ones are used. Then 20,000 operands above them.
    let mut text = String::from("(module (func (export \"f\") (param i64) (result i64)\n");
    let _ = write!(text, "(local {})", "i64 ".repeat(40_000));
    text.push_str("(local.set 40000 (i64.mul (local.get 0) (i64.const 3)))");
    text.push_str("(local.set 39999 (i64.sub (local.get 40000) (i64.const 1)))");
    text.push_str("(local.get 40000)");
    text.push_str(&"(i64.add (local.get 39999) (i64.const 1))".repeat(20_000));
    text.push_str("(local.set 40000 (i64.const 0))");
    text.push_str(&"(i64.add)".repeat(20_000));
    text.push_str("))");
    each(|store| {
        let instance = instance(store, &text, &[]);
        let sum: i64 = call(store, instance, "f", 5i64).unwrap();
        assert_eq!(sum, 15 * 20_001);
    });
}

#[test]
fn branches_over_more_than_16_bits_of_code() {
    // Forward over 100,000 operations, and back.
    let far = "(local.set 1 (i32.xor (local.get 1) (local.get 0)))".repeat(100_000);
    let text = format!(
        r#"(module (func (export "f") (param i32 i32) (result i32) (local i32)
            (loop $again
                (local.set 2 (i32.add (local.get 2) (i32.const 1)))
                (block $over
                    (br_if $over (i32.eq (local.get 2) (i32.const 2)))
                    (block (block (br_table 0 1 $over (local.get 2))) (unreachable))
                    {far})
                (br_if $again (i32.lt_u (local.get 2) (i32.const 4))))
            (i32.add (local.get 1) (local.get 2))))"#
    );
    each(|store| {
        let instance = instance(store, &text, &[]);
        let result: i32 = call(store, instance, "f", (6, 9)).unwrap();
        // Only turn 1 goes through the code between, an even number of times 6: 9 stays.
        assert_eq!(result, 9 + 4);
    });
}

#[test]
fn select_and_tests_of_constants() {
    script(
        r#"(module
        (table $t 10 externref)
        (func (export "set") (param externref)
            (table.set $t (i32.const 3) (local.get 0)))
        (func $f)
        (elem declare func $f)
        (func (export "null") (result i32 i32)
            (ref.is_null (ref.null func)) (ref.is_null (ref.func $f)))
        (func (export "null chosen") (param i32) (result i32)
            (ref.is_null (select (result funcref)
                (ref.null func) (ref.func $f) (local.get 0))))
        (func (export "constants") (param i32) (result i32 i32 i32 i64)
            (select (i32.const 4) (i32.const 5) (i32.const 1))
            (select (i32.const 4) (i32.const 5) (i32.const 0))
            (select (i32.const 4) (i32.const 5) (i32.sub (local.get 0) (i32.const 1)))
            (select (i64.const -1) (i64.const 0x123456789ABC) (local.get 0)))
        (func (export "same") (param i32) (result i32)
            (select (local.get 0) (local.get 0) (local.get 0)))
        (func (export "computed") (param i32 i32) (result i32)
            (select (i32.mul (local.get 0) (i32.const 2)) (i32.mul (local.get 1) (i32.const 3))
                (i32.gt_s (local.get 0) (local.get 1))))
        (func (export "left computed") (param i32) (result i32)
            (select (i32.mul (local.get 0) (i32.const 2)) (i32.const 7) (i32.const 0)))
        (func (export "low bits") (param i64) (result i32)
            (select (i32.const 1) (i32.const 2) (i32.wrap_i64 (local.get 0))))
        (func (export "preserved index") (param i32) (result externref)
            (local.get 0) (local.set 0 (i32.const 9)) (table.get $t))
        (func (export "index in a branch") (param i32) (result externref)
            (local.get 0)
            (block (br_if 0 (local.get 0)) (local.set 0 (i32.const 9)))
            (table.get $t)))
        (invoke "set" (ref.extern 8))
        (assert_return (invoke "null") (i32.const 1) (i32.const 0))
        (assert_return (invoke "null chosen" (i32.const 0)) (i32.const 0))
        (assert_return (invoke "null chosen" (i32.const 1)) (i32.const 1))
        (assert_return (invoke "constants" (i32.const 1))
            (i32.const 4) (i32.const 5) (i32.const 5) (i64.const -1))
        (assert_return (invoke "constants" (i32.const 0))
            (i32.const 4) (i32.const 5) (i32.const 4) (i64.const 0x123456789ABC))
        (assert_return (invoke "same" (i32.const 6)) (i32.const 6))
        (assert_return (invoke "computed" (i32.const 3) (i32.const 2)) (i32.const 6))
        (assert_return (invoke "computed" (i32.const 2) (i32.const 2)) (i32.const 6))
        (assert_return (invoke "computed" (i32.const 1) (i32.const 2)) (i32.const 6))
        (assert_return (invoke "computed" (i32.const 1) (i32.const 3)) (i32.const 9))
        (assert_return (invoke "left computed" (i32.const 3)) (i32.const 7))
        (assert_return (invoke "low bits" (i64.const 0x100000000)) (i32.const 2))
        (assert_return (invoke "preserved index" (i32.const 3)) (ref.extern 8))
        (assert_return (invoke "index in a branch" (i32.const 3)) (ref.extern 8))
        (assert_return (invoke "index in a branch" (i32.const 0)) (ref.null extern))"#,
    );
}

/// A host function that grows the memory given by its caller's export `m`, writes 77 just past
/// the old end, and returns the old size in bytes.
fn grower(store: &mut Store<()>) -> Func {
    Func::wrap(&mut *store, |mut caller: Caller<'_, ()>| -> Result<i32> {
        let memory = caller.get_export("m").and_then(Extern::into_memory);
        let memory = memory.expect("the caller exports it");
        let old = memory.grow(&mut caller, 1)? << 16;
        memory.write(&mut caller, old as usize, &[77])?;
        Ok(old as i32)
    })
}

#[test]
fn memory_grown_by_a_callee_is_seen_at_once() {
    let text = r#"(module
        (type $t (func (result i32)))
        (import "" "grow" (func $grow (type $t)))
        (memory (export "m") 1)
        (table funcref (elem $grow $own $nested))
        (tag $e (param i32))
        (func $own (type $t)
            (i32.store8 (i32.shl (i32.add (memory.grow (i32.const 1)) (i32.const 0))
                (i32.const 16)) (i32.const 77))
            (i32.shl (i32.sub (memory.size) (i32.const 1)) (i32.const 16)))
        (func $nested (type $t) (call $grow))
        (func $throws (throw $e (call $grow)))
        (elem declare func $grow)
        (func (export "call") (result i32) (i32.load8_u (call $grow)))
        (func (export "own") (result i32) (i32.load8_u (call $own)))
        (func (export "indirect") (param i32) (result i32)
            (i32.load8_u (call_indirect (type $t) (local.get 0))))
        (func (export "ref") (result i32) (i32.load8_u (call_ref $t (ref.func $grow))))
        (func (export "landed") (result i32)
            (i32.load8_u (block $h (result i32)
                (try_table (catch $e $h) (call $throws)) (unreachable))))
        (func (export "around") (param $a i32) (result i32)
            (i32.store8 offset=3 (local.get $a) (i32.const 5))
            (i32.store8 offset=4 (call $grow) (i32.load8_u offset=3 (local.get $a)))
            (i32.load8_u offset=4 (i32.shl (i32.sub (memory.size) (i32.const 1))
                (i32.const 16)))))"#;
    each(|store| {
        let grow = grower(store);
        let instance = instance(store, text, &[grow.into()]);
        for name in ["call", "own", "ref", "landed"] {
            let byte: i32 = call(store, instance, name, ()).unwrap();
            assert_eq!(byte, 77, "{name}");
        }
        for element in 0..3 {
            let byte: i32 = call(store, instance, "indirect", element).unwrap();
            assert_eq!(byte, 77, "element {element}");
        }
        let byte: i32 = call(store, instance, "around", 100).unwrap();
        assert_eq!(byte, 5);
        let memory = instance.get_memory(&mut *store, "m").unwrap();
        assert_eq!(memory.size(&mut *store), 9, "grown once by each");
    });
}

#[test]
fn tail_calls_of_host_functions_keep_their_arguments() {
    let text = r#"(module
        (type $t (func (param i32 i64 f32 f64 externref i32 i64) (result i64)))
        (import "" "sum" (func $sum (type $t)))
        (table funcref (elem $sum))
        (elem declare func $sum)
        (func (export "direct") (param externref i64) (result i64)
            (return_call $sum (i32.const 1) (local.get 1) (f32.const 3) (f64.const 4)
                (local.get 0) (i32.const 6) (i64.const 7)))
        (func (export "indirect") (param externref i64) (result i64)
            (return_call_indirect (type $t) (i32.const 1) (local.get 1) (f32.const 3)
                (f64.const 4) (local.get 0) (i32.const 6) (i64.const 7) (i32.const 0)))
        (func (export "ref") (param externref i64) (result i64)
            (return_call_ref $t (i32.const 1) (local.get 1) (f32.const 3) (f64.const 4)
                (local.get 0) (i32.const 6) (i64.const 7) (ref.func $sum)))
        (func $inner (param externref i64) (result i64)
            (return_call $sum (i32.const 1) (local.get 1) (f32.const 3) (f64.const 4)
                (local.get 0) (i32.const 6) (i64.const 7)))
        (func (export "deep") (param externref i64) (result i64)
            (i64.sub (i64.const 1000) (call $inner (local.get 0) (local.get 1)))))"#;
    each(|store| {
        let sum = Func::wrap(
            &mut *store,
            |caller: Caller<'_, ()>,
             a: i32,
             b: i64,
             c: f32,
             d: f64,
             e: Option<Rooted<ExternRef>>,
             f: i32,
             g: i64|
             -> Result<i64> {
                let host = e.expect("not null");
                let host = host
                    .data(&caller)?
                    .and_then(|data| data.downcast_ref::<i64>());
                let floats = c as i64 * 100 + d as i64 * 1000;
                Ok(i64::from(a)
                    + b * 10
                    + floats
                    + host.unwrap() * 10_000
                    + i64::from(f) * 100_000
                    + g * 1_000_000)
            },
        );
        let instance = instance(store, text, &[sum.into()]);
        for (name, wanted) in [
            ("direct", 7_654_321),
            ("indirect", 7_654_321),
            ("ref", 7_654_321),
            ("deep", 1000 - 7_654_321),
        ] {
            let host = ExternRef::new(&mut *store, 5i64).unwrap();
            let sum: i64 = call(store, instance, name, (Some(host), 2i64)).unwrap();
            assert_eq!(sum, wanted, "{name}");
        }
    });
}

#[test]
fn values_across_blocks_and_code_that_is_not_reached() {
    script(
        r#"(module
        (func (export "if without else") (param i32) (result i32 i32)
            (i32.const 7) (i32.const 5)
            (if (param i32) (result i32) (local.get 0)
                (then (i32.add (i32.const 10)))))
        (func (export "if of a local") (param i32) (result i32)
            (local.get 0)
            (if (param i32) (result i32) (local.get 0)
                (then (local.set 0 (i32.const 3)) (i32.add (local.get 0))))
            (i32.sub (local.get 0)))
        (func (export "across blocks") (param i32) (result i32)
            (i32.add (local.get 0) (i32.const 1))
            (block (nop) (block (br_if 1 (local.get 0)) (local.set 0 (i32.const 40))))
            (loop (if (i32.lt_s (local.get 0) (i32.const 3))
                (then (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br 1))))
            (i32.sub (local.get 0)))
        (func (export "after br") (param i32) (result i32)
            (block (result i32)
                (local.get 0)
                (br 0)
                (i32.add) (drop) (local.set 0) (i32.const 99) (call_indirect (i32.const 7))
                (block (param i32) (result i64) (drop) (i64.const 4)) (i32.wrap_i64)
                (if (result i32) (then (i32.const 1)) (else (unreachable)))))
        (func (export "after br in an arm") (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (br 0 (i32.const 4)) (i64.const 5) (drop))
                (else (return (i32.const 6)) (local.tee 0) (drop) (unreachable))))
        (func (export "after return") (param i32) (result i32)
            (return (i32.add (local.get 0) (i32.const 1))) (loop (br 0)) (i32.const 2))
        (func (export "loop not repeated") (param i32) (result i32)
            (local.get 0)
            (loop (param i32) (result i32) (local.set 0 (i32.const 1)) (i32.add (local.get 0))))
        (func (export "block result of a local") (param i32) (result i32)
            (block (result i32) (local.get 0))
            (block (result i32) (local.get 0) (br_if 0 (i32.const 1)) (local.get 0) (i32.add))
            (local.set 0 (i32.const 100))
            (i32.sub) (i32.add (local.get 0)))
        (table 1 funcref))
        (assert_return (invoke "if without else" (i32.const 0)) (i32.const 7) (i32.const 5))
        (assert_return (invoke "if without else" (i32.const 1)) (i32.const 7) (i32.const 15))
        (assert_return (invoke "if of a local" (i32.const 0)) (i32.const 0))
        (assert_return (invoke "if of a local" (i32.const 9)) (i32.const 9))
        (assert_return (invoke "across blocks" (i32.const 0)) (i32.const -39))
        (assert_return (invoke "across blocks" (i32.const 1)) (i32.const -1))
        (assert_return (invoke "after br" (i32.const 8)) (i32.const 8))
        (assert_return (invoke "after br in an arm" (i32.const 0)) (i32.const 6))
        (assert_return (invoke "after br in an arm" (i32.const 1)) (i32.const 4))
        (assert_return (invoke "after return" (i32.const 1)) (i32.const 2))
        (assert_return (invoke "loop not repeated" (i32.const 8)) (i32.const 9))
        (assert_return (invoke "block result of a local" (i32.const 8)) (i32.const 100))"#,
    );
}

/// Instructions that trap, with the trap; what they leave is dropped.
const TRAPPING: [(&str, Trap); 26] = [
    (
        "(i32.div_u (local.get 0) (i32.const 0))",
        Trap::IntegerDivideByZero,
    ),
    (
        "(i32.rem_s (i32.const 1) (local.get 0))",
        Trap::IntegerDivideByZero,
    ),
    (
        "(i64.div_s (i64.const 0x8000000000000000) (i64.const -1))",
        Trap::IntegerOverflow,
    ),
    (
        "(i32.trunc_f32_s (f32.const nan))",
        Trap::InvalidConversionToInteger,
    ),
    ("(i64.trunc_f64_u (f64.const -1))", Trap::IntegerOverflow),
    ("(i32.load (i32.const 65533))", Trap::MemoryOutOfBounds),
    (
        "(i64.load8_u offset=4294967295 (i32.const -1))",
        Trap::MemoryOutOfBounds,
    ),
    ("(v128.load (i32.const 65521))", Trap::MemoryOutOfBounds),
    (
        "(v128.load8_lane 0 (i32.const 65536) (v128.const i64x2 0 0))",
        Trap::MemoryOutOfBounds,
    ),
    (
        "(v128.load32_splat (i32.const 65533))",
        Trap::MemoryOutOfBounds,
    ),
    ("(i32.atomic.load (i32.const 1))", Trap::UnalignedAtomic),
    (
        "(i32.atomic.rmw.add (i32.const 65536) (i32.const 0))",
        Trap::MemoryOutOfBounds,
    ),
    ("(table.get 0 (i32.const 1))", Trap::TableOutOfBounds),
    ("(ref.as_non_null (ref.null any))", Trap::NullReference),
    ("(ref.cast (ref i31) (ref.null any))", Trap::CastFailure),
    (
        "(ref.cast (ref struct) (ref.i31 (i32.const 1)))",
        Trap::CastFailure,
    ),
    (
        "(struct.get $s 0 (ref.null $s))",
        Trap::NullStructureReference,
    ),
    (
        "(array.get $a (ref.null $a) (i32.const 0))",
        Trap::NullArrayReference,
    ),
    (
        "(array.get $a (array.new $a (i64.const 1) (i32.const 1)) (i32.const 1))",
        Trap::ArrayOutOfBounds,
    ),
    ("(array.len (ref.null array))", Trap::NullArrayReference),
    (
        "(array.new_data $a $d (i32.const 0) (i32.const 1))",
        Trap::MemoryOutOfBounds,
    ),
    (
        "(array.new_elem $r $e (i32.const 1) (i32.const 1))",
        Trap::TableOutOfBounds,
    ),
    ("(array.new_default $a (i32.const -1))", Trap::ArrayTooLarge),
    ("(i31.get_s (ref.null i31))", Trap::NullI31Reference),
    ("(call_ref $f (ref.null $f))", Trap::NullFunctionReference),
    (
        "(call_indirect (type $f) (i32.const 0))",
        Trap::UninitializedElement,
    ),
];

#[test]
fn a_trap_happens_although_nobody_wants_the_result() {
    let mut text = String::from(
        r#"(module (memory 1) (table 1 funcref)
            (type $s (struct (field i32))) (type $a (array (mut i64)))
            (type $r (array (mut funcref))) (type $f (func (result i32)))
            (data $d "1234567") (elem $e func 0) "#,
    );
    for (k, (instr, _)) in TRAPPING.iter().enumerate() {
        let _ = write!(text, r#"(func (export "{k}") (param i32) (drop {instr}))"#);
        let set = format!("(block (drop {instr}) (br 0)) (local.set 0 (i32.const 1))");
        let _ = write!(
            text,
            r#"(func (export "{k} in a block") (param i32) {set})"#
        );
    }
    text.push(')');
    each(|store| {
        let instance = instance(store, &text, &[]);
        for (k, (instr, wanted)) in TRAPPING.iter().enumerate() {
            let found = trap(call::<_, ()>(store, instance, &k.to_string(), 0));
            assert_eq!(found, *wanted, "{instr}");
            let name = format!("{k} in a block");
            assert_eq!(
                trap(call::<_, ()>(store, instance, &name, 0)),
                *wanted,
                "{instr}"
            );
        }
    });
}

#[test]
fn host_calls_at_every_height() {
    // The results of host functions land where the next instruction looks, whatever lies below,
    // and whatever the function takes and gives.
    let text = r#"(module
        (import "" "none" (func $none))
        (import "" "more" (func $more (param i32) (result i32 i64 i32)))
        (import "" "less" (func $less (param i64 i64 i64 i64) (result i32)))
        (func (export "f") (param $x i32) (result i32)
            (i32.const 1) (i32.const 10)
            (call $none)
            (v128.const i64x2 7 8)
            (call $more (i32.add (local.get $x) (i32.const 1)))
            ;; 1 10 v x+2 x+3 x+4
            (local.set $x) (drop)
            (call $none)
            ;; 1 10 v x+2
            (call $less (i64.const 1) (i64.const 2) (i64.const 3)
                (i64.extend_i32_u (local.get $x)))
            ;; 1 10 v x+2 (1+2+3+x+4)
            (i32.mul) (local.set $x)
            (i32.wrap_i64 (i64x2.extract_lane 1)) (local.get $x)
            (i32.add) (i32.sub) (i32.sub)))"#;
    each(|store| {
        let none = Func::wrap(&mut *store, || {});
        let more = Func::wrap(&mut *store, |x: i32| (x + 1, i64::from(x) + 2, x + 3));
        let less = Func::wrap(&mut *store, |a: i64, b: i64, c: i64, d: i64| {
            (a + b + c + d) as i32
        });
        let instance = instance(store, text, &[none.into(), more.into(), less.into()]);
        let result: i32 = call(store, instance, "f", 5).unwrap();
        // 1 - (10 - (8 + 7 * 15))
        assert_eq!(result, 104);
    });
}

#[test]
fn tail_calls_with_more_arguments_than_the_frame_has_cells() {
    // 900 arguments out of a frame that has none, by each kind of tail call; below them operands
    // that the callee must not see.
    let (params, mut sum) = ("i64 ".repeat(900), String::from("(local.get 0)"));
    for k in 1..900 {
        let _ = write!(sum, "(i64.add (i64.mul (local.get {k}) (i64.const {k})))");
    }
    let args: String = (0..900).map(|k| format!("(i64.const {k})")).collect();
    let text = format!(
        r#"(module
        (type $t (func (param {params}) (result i64)))
        (table funcref (elem $sum))
        (elem declare func $sum)
        (func $sum (type $t) {sum})
        (func (export "direct") (result i64) (i64.const 5) (i64.const 6) {args}
            (return_call $sum))
        (func (export "indirect") (result i64) (i64.const 5) (i64.const 6) {args}
            (return_call_indirect (type $t) (i32.const 0)))
        (func (export "ref") (result i64) (i64.const 5) (i64.const 6) {args}
            (return_call_ref $t (ref.func $sum)))
        (func $down (param i32) (result i64)
            (if (i32.eqz (local.get 0)) (then {args} (return_call $sum)))
            (call $down (i32.sub (local.get 0) (i32.const 1))))
        (export "down" (func $down)))"#
    );
    let wanted: i64 = (1..900).map(|k| k * k).sum();
    each_with(
        |config| {
            config.max_wasm_stack(8 * 10_000);
        },
        |store| {
            let instance = instance(store, &text, &[]);
            for name in ["direct", "indirect", "ref"] {
                let sum: i64 = call(store, instance, name, ()).unwrap();
                assert_eq!(sum, wanted, "{name}");
            }
            // At each depth, up to the end of the stack.
            let mut deepest = 0;
            for depth in (0..2600).step_by(65) {
                match call::<_, i64>(store, instance, "down", depth) {
                    Ok(sum) => {
                        assert_eq!(sum, wanted, "at depth {depth}");
                        deepest = depth;
                    }
                    Err(error) => {
                        assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
                    }
                }
            }
            assert!(deepest > 1000, "{deepest}");
        },
    );
}

#[test]
fn tail_calls_drop_what_lies_below() {
    script(
        r#"(module
        (type $t (func (param i32 externref i32) (result i32 externref)))
        (table funcref (elem $end))
        (elem declare func $end)
        (func $end (type $t) (i32.sub (local.get 0) (local.get 2)) (local.get 1))
        (func (export "direct") (param externref) (result i32 externref)
            (i32.const 1) (i64.const 2) (ref.null extern) (v128.const i64x2 1 2)
            (i32.const 50) (local.get 0) (i32.const 8)
            (return_call $end))
        (func (export "in a block") (param externref) (result i32 externref)
            (i32.const 1)
            (block (result i32 i32)
                (i32.const 3) (i32.const 50) (local.get 0) (i32.const 8) (i32.const 0)
                (return_call_indirect (type $t)))
            (unreachable))
        (func (export "in a try") (param externref) (result i32 externref)
            (ref.null extern)
            (block (try_table (catch_all 0)
                (i32.const 50) (local.get 0) (i32.const 8) (ref.func $end)
                (return_call_ref $t)))
            (unreachable)))
        (assert_return (invoke "direct" (ref.extern 3)) (i32.const 42) (ref.extern 3))
        (assert_return (invoke "in a block" (ref.extern 3)) (i32.const 42) (ref.extern 3))
        (assert_return (invoke "in a try" (ref.extern 3)) (i32.const 42) (ref.extern 3))"#,
    );
}

#[test]
fn constructs_and_operands_grow_apart() {
    // Many constructs with few operands, then few with many, then both at once.
    let nest = |depth: usize, inner: &str| {
        let open = "(block (result i32) ".repeat(depth);
        format!("{open}{inner}{}", ")".repeat(depth))
    };
    let values = |count: usize| "(i32.const 1)".repeat(count) + &"(i32.add)".repeat(count - 1);
    let both = (0..200).fold("(i32.const 1)".to_string(), |inner, _| {
        format!("(block (result i32) {inner} (i32.const 1) (i32.const 1) (i32.add) (i32.add))")
    });
    let text = format!(
        r#"(module
            (func (export "constructs") (result i32) {})
            (func (export "operands") (result i32) {})
            (func (export "both") (result i32) {both}))"#,
        nest(1500, "(i32.const 1)"),
        values(5000),
    );
    each(|store| {
        let instance = instance(store, &text, &[]);
        for (name, wanted) in [("constructs", 1), ("operands", 5000), ("both", 401)] {
            let result: i32 = call(store, instance, name, ()).unwrap();
            assert_eq!(result, wanted, "{name}");
        }
    });
}
