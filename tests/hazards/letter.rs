//! The letter of the spec where nobody looks by accident: segments after an instantiation that
//! failed (item 47), and relaxed dot products at the one input that overflows (item 44).

use super::*;

/// A module with a table of 12 elements, and functions that call what is in it.
const HOST: &str = r#"
    (module $host (type $f (func (result i32)))
        (table (export "t") 12 funcref) (memory (export "m") 1)
        (func (export "call") (param i32) (result i32)
            (call_indirect (type $f) (local.get 0))))
    (register "h" $host)"#;

/// Functions that write two elements of segment N to elements 10 and 11 of the imported table.
fn initialisers(segments: u32) -> String {
    let one = |segment: u32| {
        format!(
            "(func $from{segment} (result i32)
                (table.init $t {segment} (i32.const 10) (i32.const 0) (i32.const 2))
                (i32.add (call_indirect $t (type $f) (i32.const 10))
                    (call_indirect $t (type $f) (i32.const 11))))"
        )
    };
    (0..segments).map(one).collect()
}

#[test]
fn segments_from_the_one_that_failed_on_are_kept() {
    let segments = r#"
        (elem (i32.const 0) $from0 $from1 $from2 $from3 $from4 $from5 $from6 $from7 $from8)
        (elem declare func $one $two)
        (elem (i32.const 9) funcref (ref.func $one) (ref.func $two))
        (elem func $one $two)
        (elem (i32.const 11) $one $two)
        (elem declare func $two $two)
        (elem (i32.const 11) funcref (ref.func $one) (ref.func $one))
        (elem (i32.const 9) $one $one)
        (elem declare funcref (ref.func $two) (ref.func $one))
        (data (i32.const 7) "!")"#;
    let initialisers = initialisers(9);
    script(&format!(
        r#"{HOST}
        (assert_trap (module (type $f (func (result i32)))
            (table $t (import "h" "t") 12 funcref) (memory (import "h" "m") 1)
            (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 20))
            {initialisers} {segments}) "out of bounds table access")
        ;; Before the one that failed: dropped, the declared one too.
        (assert_trap (invoke $host "call" (i32.const 0)) "out of bounds table access")
        (assert_trap (invoke $host "call" (i32.const 1)) "out of bounds table access")
        (assert_trap (invoke $host "call" (i32.const 2)) "out of bounds table access")
        ;; The passive one, and from the one that failed on: as they were.
        (assert_return (invoke $host "call" (i32.const 3)) (i32.const 21))
        (assert_return (invoke $host "call" (i32.const 4)) (i32.const 21))
        (assert_return (invoke $host "call" (i32.const 5)) (i32.const 40))
        (assert_return (invoke $host "call" (i32.const 6)) (i32.const 2))
        (assert_return (invoke $host "call" (i32.const 7)) (i32.const 2))
        (assert_return (invoke $host "call" (i32.const 8)) (i32.const 21))"#
    ));
}

/// What each segment of a module, whose first fills the table, gives when it is asked for.
fn asked(module: &str, expected: [&str; 4]) {
    let ask = expected.iter().enumerate().map(|(segment, expected)| {
        let call = format!("(invoke $host \"call\" (i32.const {segment}))");
        match expected.parse::<i32>() {
            Ok(sum) => format!("(assert_return {call} (i32.const {sum}))"),
            Err(_) => format!("(assert_trap {call} \"{expected}\")"),
        }
    });
    let ask = ask.collect::<String>();
    script(&format!("{HOST} {module} {ask}"));
}

#[test]
fn segments_are_dropped_when_something_later_fails() {
    let dropped = "out of bounds table access";
    let initialisers = initialisers(4);
    let module = |last: &str| {
        format!(
            r#"(module (type $f (func (result i32)))
            (table $t (import "h" "t") 12 funcref) (memory (import "h" "m") 1)
            (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 20))
            {initialisers}
            (elem (i32.const 0) $from0 $from1 $from2 $from3)
            (elem declare funcref (ref.func $one) (ref.func $two))
            (elem (i32.const 9) funcref (ref.func $one) (ref.func $two))
            (elem func $one $two)
            {last})"#
        )
    };
    let start = "(func $start unreachable) (start $start)";
    let data = "(data (i32.const 65536) \"!\")";
    for (last, words) in [(start, "unreachable"), (data, "out of bounds memory")] {
        let fails = format!("(assert_trap {} \"{words}\")", module(last));
        asked(&fails, [dropped, dropped, dropped, "21"]);
    }
    // And when nothing fails at all.
    asked(&module(""), [dropped, dropped, dropped, "21"]);
}

#[test]
fn relaxed_dot_products_saturate_in_every_form() {
    let least = "(v128.const i64x2 0x8080808080808080 0x8080808080808080)";
    script(&format!(
        r#"(module
        (func (export "dot") (param v128 v128) (result v128)
            (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1)))
        (func (export "add") (param v128 v128 v128) (result v128)
            (i32x4.relaxed_dot_i8x16_i7x16_add_s
                (local.get 0) (local.get 1) (local.get 2)))
        (func (export "constant dot") (result v128)
            (i16x8.relaxed_dot_i8x16_i7x16_s {least} {least}))
        (func (export "constant add") (result v128)
            (i32x4.relaxed_dot_i8x16_i7x16_add_s {least} {least} (v128.const i64x2 0 0))))
        (assert_return (invoke "dot" {least} {least})
            (v128.const i16x8 32767 32767 32767 32767 32767 32767 32767 32767))
        (assert_return (invoke "constant dot")
            (v128.const i16x8 32767 32767 32767 32767 32767 32767 32767 32767))
        (assert_return (invoke "add" {least} {least} (v128.const i32x4 0 1 -1 0x7fffffff))
            (v128.const i32x4 65534 65535 65533 -2147418115))
        (assert_return (invoke "constant add") (v128.const i32x4 65534 65534 65534 65534))"#
    ));
}
