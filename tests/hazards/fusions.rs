//! Operations made of several instructions: counted loops, loops that test at their end, pairs of
//! moves, moves before branches, shifted addresses. Each case has a value in it that a careless
//! fusion would lose (items 1 to 4, 6, 8 and 9 again, for our own fusions).

use super::*;

#[test]
fn counted_loops_count_as_written() {
    script(
        r#"(module
        (func (export "up") (param $n i32) (result i32) (local $k i32) (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum) (local.get $k)))
                (br_if $again (i32.lt_u
                    (local.tee $k (i32.add (local.get $k) (i32.const 3))) (local.get $n))))
            (i32.add (i32.mul (local.get $sum) (i32.const 1000)) (local.get $k)))
        (func (export "down") (param $n i32) (result i32) (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum) (local.get $n)))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i32.add (i32.mul (local.get $sum) (i32.const 1000)) (local.get $n)))
        (func (export "wraps") (result i32) (local $k i32) (local $turns i32)
            (local.set $k (i32.const -2))
            (loop $again
                (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
                (br_if $again (i32.ne
                    (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 1))))
            (local.get $turns))
        (func (export "wide") (result i64) (local $k i64) (local $turns i64)
            (local.set $k (i64.const 0xFFFFFFFE))
            (loop $again
                (local.set $turns (i64.add (local.get $turns) (i64.const 1)))
                (br_if $again (i64.lt_u
                    (local.tee $k (i64.add (local.get $k) (i64.const 1)))
                    (i64.const 0x100000001))))
            (local.get $turns))
        (func (export "itself") (result i32) (local $k i32)
            (loop $again
                (br_if $again (i32.lt_s
                    (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $k))))
            (local.get $k))
        (func (export "large step") (result i32) (local $k i32) (local $turns i32)
            (loop $again
                (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
                (br_if $again (i32.lt_u
                    (local.tee $k (i32.add (local.get $k) (i32.const 128))) (i32.const 300))))
            (i32.add (i32.mul (local.get $turns) (i32.const 1000)) (local.get $k)))
        (func (export "least step") (result i32) (local $k i32) (local $turns i32)
            (local.set $k (i32.const 300))
            (loop $again
                (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
                (br_if $again (i32.gt_s
                    (local.tee $k (i32.add (local.get $k) (i32.const -128))) (i32.const 0))))
            (i32.add (i32.mul (local.get $turns) (i32.const 1000)) (local.get $k)))
        (func (export "sub of the least") (param $k i32) (result i32) (local $turns i32)
            (loop $again
                (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
                (br_if $again (i32.lt_s
                    (local.tee $k (i32.sub (local.get $k) (i32.const 0x80000000)))
                    (i32.const 0))))
            (local.get $turns))
        (func (export "another counter") (param $n i32) (result i32) (local $k i32)
            (loop $again
                (local.set $k (i32.add (local.get $k) (i32.const 1)))
                (br_if $again (i32.lt_u
                    (local.tee $n (i32.add (local.get $k) (i32.const 1))) (i32.const 5))))
            (i32.add (i32.mul (local.get $n) (i32.const 1000)) (local.get $k)))
        (func (export "joined") (param $skip i32) (result i32) (local $k i32) (local $turns i32)
            (local.set $k (i32.const 7))
            (loop $again
                (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
                (block $over
                    (br_if $over (i32.eq (local.get $turns) (local.get $skip)))
                    (local.set $k (i32.add (local.get $k) (i32.const 1))))
                (br_if $again (i32.lt_u (local.get $k) (i32.const 10))))
            (local.get $turns))
        (func (export "pushed before") (param $n i32) (result i32) (local $k i32)
            (local.get $k)
            (loop $again (param i32) (result i32)
                (i32.add (local.get $k))
                (br_if $again (i32.lt_u
                    (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))))
        (assert_return (invoke "up" (i32.const 10)) (i32.const 18012))
        (assert_return (invoke "up" (i32.const 0)) (i32.const 3))
        (assert_return (invoke "down" (i32.const 4)) (i32.const 10000))
        (assert_return (invoke "wraps") (i32.const 3))
        (assert_return (invoke "wide") (i64.const 3))
        (assert_return (invoke "itself") (i32.const 1))
        (assert_return (invoke "large step") (i32.const 3384))
        (assert_return (invoke "least step") (i32.const 2916))
        (assert_return (invoke "sub of the least" (i32.const 5)) (i32.const 2))
        (assert_return (invoke "another counter" (i32.const 0)) (i32.const 5004))
        (assert_return (invoke "joined" (i32.const 0)) (i32.const 3))
        (assert_return (invoke "joined" (i32.const 2)) (i32.const 4))
        (assert_return (invoke "pushed before" (i32.const 4)) (i32.const 6))"#,
    );
}

#[test]
fn loops_that_begin_with_their_test() {
    script(
        r#"(module
        (func (export "while") (param $n i32) (result i32) (local $k i32) (local $sum i32)
            (block $done
                (loop $again
                    (br_if $done (i32.ge_s (local.get $k) (local.get $n)))
                    (local.set $sum (i32.add (local.get $sum) (local.get $k)))
                    (local.set $k (i32.add (local.get $k) (i32.const 1)))
                    (br $again)))
            (local.get $sum))
        (func (export "two ways back") (param $n i32) (result i32) (local $sum i32)
            (block $done
                (loop $again
                    (br_if $done (i32.eqz (local.get $n)))
                    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                    (br_if $again (i32.and (local.get $n) (i32.const 1)))
                    (local.set $sum (i32.add (local.get $sum) (local.get $n)))
                    (br $again)))
            (local.get $sum))
        (func (export "floats") (param $x f64) (result i32) (local $turns i32)
            (block $done
                (loop $again
                    (br_if $done (f64.lt (local.get $x) (f64.const 1)))
                    (local.set $x (f64.mul (local.get $x) (f64.const 0.5)))
                    (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
                    (br_if $done (i32.gt_u (local.get $turns) (i32.const 50)))
                    (br $again)))
            (local.get $turns))
        (func (export "if first") (param $n i32) (result i32) (local $sum i32)
            (loop $again
                (if (i32.gt_s (local.get $n) (i32.const 0))
                    (then
                        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
                        (local.set $n (i32.sub (local.get $n) (i32.const 2)))
                        (br $again))))
            (local.get $sum))
        (func (export "with a parameter") (param $n i32) (result i32)
            (i32.const 0)
            (loop $again (param i32) (result i32)
                (if (param i32) (result i32) (local.get $n)
                    (then
                        (i32.add (local.get $n))
                        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                        (br $again))))))
        (assert_return (invoke "while" (i32.const 5)) (i32.const 10))
        (assert_return (invoke "while" (i32.const -5)) (i32.const 0))
        (assert_return (invoke "two ways back" (i32.const 6)) (i32.const 6))
        (assert_return (invoke "floats" (f64.const 8)) (i32.const 4))
        (assert_return (invoke "floats" (f64.const nan)) (i32.const 51))
        (assert_return (invoke "if first" (i32.const 5)) (i32.const 9))
        (assert_return (invoke "with a parameter" (i32.const 4)) (i32.const 10))"#,
    );
}

#[test]
fn pairs_of_moves_keep_their_order() {
    script(
        r#"(module
        (func $four (param i32 i32 i32 i32) (result i32)
            (i32.add (i32.mul (local.get 0) (i32.const 1000))
                (i32.add (i32.mul (local.get 1) (i32.const 100))
                    (i32.add (i32.mul (local.get 2) (i32.const 10)) (local.get 3)))))
        (func (export "swapped") (param i32 i32) (result i32)
            (local.get 0) (local.get 1)
            (local.set 0) (local.set 1)
            (call $four (local.get 0) (local.get 1) (i32.const 3) (i32.const 4)))
        (func (export "chained") (param i32 i32) (result i32)
            (local.set 0 (local.get 1))
            (local.set 1 (local.get 0))
            (call $four (local.get 0) (local.get 1) (local.get 0) (local.get 1)))
        (func (export "number over its source") (param i32) (result i32) (local i32)
            (local.set 1 (i32.const 6))
            (local.set 0 (local.get 1))
            (local.set 1 (i32.const 5))
            (call $four (local.get 0) (local.get 1) (i32.const 65535) (i32.const 65536)))
        (func (export "number read by the copy") (result i32) (local i32 i32)
            (local.set 0 (i32.const 7))
            (local.set 1 (local.get 0))
            (call $four (i32.const 1) (local.get 1) (local.get 0) (i32.const 2)))
        (func (export "negative") (result i32)
            (call $four (i32.const -1) (i32.const -1) (i32.const 1) (i32.const 0)))
        (func (export "null") (result i32) (local externref funcref)
            (local.set 0 (ref.null extern)) (local.set 1 (ref.null func))
            (i32.add (ref.is_null (local.get 0)) (ref.is_null (local.get 1))))
        (func (export "64 bits") (result i64) (local i64 i64)
            (local.set 0 (i64.const 0x1_0000_0001)) (local.set 1 (i64.const 1))
            (i64.add (local.get 0) (local.get 1)))
        (func (export "chosen") (param i32) (result i32)
            (call $four (i32.const 1)
                (if (result i32) (local.get 0) (then (i32.const 2)) (else (i32.const 3)))
                (if (result i32) (local.get 0) (then (local.get 0)) (else (i32.const 65536)))
                (i32.const 4)))
        (func (export "moved around a return") (param i32 i32) (result i32)
            (block $out (result i32)
                (if (local.get 0) (then (br $out (local.get 1))))
                (br $out (i32.const 9)))))
        (assert_return (invoke "swapped" (i32.const 1) (i32.const 2)) (i32.const 2134))
        (assert_return (invoke "chained" (i32.const 1) (i32.const 2)) (i32.const 2222))
        (assert_return (invoke "number over its source" (i32.const 1))
            (i32.const 727386))
        (assert_return (invoke "number read by the copy") (i32.const 1772))
        (assert_return (invoke "negative") (i32.const -1090))
        (assert_return (invoke "null") (i32.const 2))
        (assert_return (invoke "64 bits") (i64.const 0x1_0000_0002))
        (assert_return (invoke "chosen" (i32.const 1)) (i32.const 1214))
        (assert_return (invoke "chosen" (i32.const 0)) (i32.const 656664))
        (assert_return (invoke "moved around a return" (i32.const 1) (i32.const 5))
            (i32.const 5))
        (assert_return (invoke "moved around a return" (i32.const 0) (i32.const 5))
            (i32.const 9))"#,
    );
}

#[test]
fn shifted_addresses() {
    script(
        r#"(module
        (func (export "right") (param i32 i32) (result i32)
            (i32.add (local.get 0) (i32.shl (local.get 1) (i32.const 3))))
        (func (export "left") (param i32 i32) (result i32)
            (i32.add (i32.shl (local.get 1) (i32.const 3)) (local.get 0)))
        (func (export "chained") (param i32 i32) (result i32)
            (i32.add (local.get 0) (i32.shl (i32.mul (local.get 1) (i32.const 5)) (i32.const 2))))
        (func (export "by 35") (param i32 i32) (result i32)
            (i32.add (local.get 0) (i32.shl (local.get 1) (i32.const 35))))
        (func (export "of itself") (param i32) (result i32)
            (i32.add (local.get 0) (i32.shl (local.get 0) (i32.const 1))))
        (func (export "used twice") (param i32) (result i32) (local i32)
            (i32.add (i32.add (i32.const 1)
                (local.tee 1 (i32.shl (local.get 0) (i32.const 4)))) (local.get 1)))
        (func (export "both shifted") (param i32 i32) (result i32)
            (i32.add (i32.shl (local.get 0) (i32.const 4)) (i32.shl (local.get 1) (i32.const 8))))
        (func (export "64 bits") (param i64 i64) (result i64)
            (i64.add (local.get 0) (i64.shl (local.get 1) (i64.const 40)))))
        (assert_return (invoke "right" (i32.const 5) (i32.const 7)) (i32.const 61))
        (assert_return (invoke "left" (i32.const 5) (i32.const 7)) (i32.const 61))
        (assert_return (invoke "right" (i32.const -1) (i32.const 0x20000001)) (i32.const 7))
        (assert_return (invoke "chained" (i32.const 5) (i32.const 7)) (i32.const 145))
        (assert_return (invoke "by 35" (i32.const 5) (i32.const 7)) (i32.const 61))
        (assert_return (invoke "of itself" (i32.const 7)) (i32.const 21))
        (assert_return (invoke "used twice" (i32.const 2)) (i32.const 65))
        (assert_return (invoke "both shifted" (i32.const 1) (i32.const 2)) (i32.const 528))
        (assert_return (invoke "64 bits" (i64.const 1) (i64.const 3))
            (i64.const 0x300_0000_0001))"#,
    );
}

#[test]
fn calls_and_returns_find_their_frames() {
    // A return right after its call takes a short way; here calls, tail calls, calls through the
    // table and exceptions leave and enter frames at the same cells in turns.
    script(
        r#"(module
        (type $f (func (param i32) (result i32)))
        (tag $e (param i32))
        (table funcref (elem $leaf $tail $deep $throws))
        (func $leaf (type $f) (i32.add (local.get 0) (i32.const 1)))
        (func $tail (type $f) (return_call $leaf (i32.mul (local.get 0) (i32.const 2))))
        (func $deep (type $f)
            (if (result i32) (local.get 0)
                (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1)))
                    (call $leaf (local.get 0))))
                (else (i32.const 100))))
        (func $throws (type $f)
            (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0))))
            (call $leaf (local.get 0)))
        (func $caught (type $f)
            (block $h (result i32)
                (try_table (result i32) (catch $e $h) (call $throws (local.get 0)))
                (return))
            (i32.mul (i32.const -1)))
        (func (export "mixed") (param i32) (result i32)
            (i32.add (i32.add (call $leaf (local.get 0)) (call $tail (local.get 0)))
                (i32.add (call $deep (local.get 0)) (call $caught (local.get 0)))))
        (func (export "table") (param i32 i32) (result i32) (local i32)
            (loop $again
                (local.set 2 (i32.add (local.get 2)
                    (call_indirect (type $f) (i32.const 2)
                        (i32.rem_u (local.get 1) (i32.const 3)))))
                (br_if $again (i32.lt_u
                    (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0))))
            (local.get 2)))
        (assert_return (invoke "mixed" (i32.const 3)) (i32.const 117))
        (assert_return (invoke "mixed" (i32.const 4)) (i32.const 133))
        (assert_return (invoke "table" (i32.const 6) (i32.const 0)) (i32.const 226))"#,
    );
}

#[test]
fn operands_from_memory() {
    script(
        r#"(module
        (memory 1)
        (data (i32.const 8) "\05\00\00\00\ff\ff\ff\ff\00\00\00\00\00\00\f8\3f")
        (func (export "right") (param i32 i32) (result i32)
            (i32.sub (local.get 0) (i32.load (local.get 1))))
        (func (export "left") (param i32 i32) (result i32)
            (i32.sub (i32.load (local.get 1)) (local.get 0)))
        (func (export "left of what turns") (param i32 i32) (result i32)
            (i32.mul (i32.load offset=4 (local.get 1)) (local.get 0)))
        (func (export "chained") (param i32 i32) (result i32)
            (i32.sub (i32.mul (local.get 0) (i32.const 3)) (i32.load (local.get 1))))
        (func (export "address chained") (param i32 i32) (result i32)
            (i32.sub (local.get 0) (i32.load (i32.shl (local.get 1) (i32.const 2)))))
        (func (export "address is the operand") (param i32) (result i32)
            (i32.sub (local.get 0) (i32.load (local.get 0))))
        (func (export "just set") (param i32) (result i32) (local i32)
            (i32.sub (local.tee 1 (i32.add (local.get 0) (i32.const 4))) (i32.load (local.get 1))))
        (func (export "both") (param i32) (result i32)
            (i32.sub (i32.load (local.get 0)) (i32.load offset=4 (local.get 0))))
        (func (export "both floats") (param i32) (result f64)
            (f64.div (f64.load offset=8 (local.get 0)) (f64.load offset=8 (local.get 0))))
        (func (export "narrow") (param i32 i32) (result i32)
            (i32.add (local.get 0) (i32.load8_s offset=4 (local.get 1))))
        (func (export "half") (param i64 i32) (result i64)
            (i64.add (local.get 0) (i64.load32_u offset=4 (local.get 1))))
        (func (export "whole") (param i64 i32) (result i64)
            (i64.xor (local.get 0) (i64.load (local.get 1))))
        (func (export "changed after") (param i32 i32) (result i32)
            (local.get 0)
            (local.set 0 (i32.const 1000))
            (i32.load (local.get 1))
            (i32.add))
        (func (export "stored between") (param i32) (result i32)
            (i32.load (local.get 0))
            (i32.store (local.get 0) (i32.const 77))
            (local.get 0)
            (i32.add))
        (func (export "kept") (param i32) (result i32) (local i32)
            (i32.mul (i32.add (local.get 0) (local.tee 1 (i32.load (local.get 0))))
                (local.get 1)))
        (func (export "joined") (param i32 i32) (result i32)
            (local.get 0)
            (if (result i32) (local.get 1) (then (i32.load (local.get 0))) (else (i32.const 1)))
            (i32.add))
        (func (export "far") (param i32 i32) (result i32)
            (i32.add (local.get 0) (i32.load offset=65528 (local.get 1))))
        (func (export "far away") (param i32 i32) (result i32)
            (i32.add (local.get 0) (i32.load offset=65536 (local.get 1)))))
        (assert_return (invoke "right" (i32.const 7) (i32.const 8)) (i32.const 2))
        (assert_return (invoke "left" (i32.const 7) (i32.const 8)) (i32.const -2))
        (assert_return (invoke "left of what turns" (i32.const 7) (i32.const 8)) (i32.const -7))
        (assert_return (invoke "chained" (i32.const 7) (i32.const 8)) (i32.const 16))
        (assert_return (invoke "address chained" (i32.const 7) (i32.const 2)) (i32.const 2))
        (assert_return (invoke "address chained" (i32.const 7) (i32.const 0x40000002))
            (i32.const 2))
        (assert_return (invoke "address is the operand" (i32.const 8)) (i32.const 3))
        (assert_return (invoke "just set" (i32.const 4)) (i32.const 3))
        (assert_return (invoke "both" (i32.const 8)) (i32.const 6))
        (assert_return (invoke "both floats" (i32.const 8)) (f64.const 1))
        (assert_return (invoke "narrow" (i32.const 7) (i32.const 8)) (i32.const 6))
        (assert_return (invoke "half" (i64.const 1) (i32.const 8)) (i64.const 0x1_0000_0000))
        (assert_return (invoke "whole" (i64.const -1) (i32.const 8))
            (i64.const 0x0000_0000_ffff_fffa))
        (assert_return (invoke "changed after" (i32.const 1) (i32.const 8)) (i32.const 6))
        (assert_return (invoke "kept" (i32.const 8)) (i32.const 65))
        (assert_return (invoke "joined" (i32.const 8) (i32.const 1)) (i32.const 13))
        (assert_return (invoke "joined" (i32.const 8) (i32.const 0)) (i32.const 9))
        (assert_return (invoke "far" (i32.const 3) (i32.const 4)) (i32.const 3))
        (assert_trap (invoke "far" (i32.const 3) (i32.const 5)) "out of bounds memory access")
        (assert_trap (invoke "far" (i32.const 3) (i32.const -1)) "out of bounds memory access")
        (assert_trap (invoke "far away" (i32.const 3) (i32.const 0)) "out of bounds memory access")
        (assert_trap (invoke "address chained" (i32.const 7) (i32.const 0x4000))
            "out of bounds memory access")
        (assert_return (invoke "stored between" (i32.const 8)) (i32.const 13))
        (assert_return (invoke "right" (i32.const 100) (i32.const 8)) (i32.const 23))"#,
    );
}

#[test]
fn additions_in_pairs() {
    script(
        r#"(module
        (func $two (param i32 i32) (result i32)
            (i32.add (i32.mul (local.get 0) (i32.const 1000)) (local.get 1)))
        (func (export "numbers") (param i32 i32) (result i32)
            (local.set 0 (i32.add (local.get 0) (i32.const 8)))
            (local.set 1 (i32.sub (local.get 1) (i32.const 3)))
            (call $two (local.get 0) (local.get 1)))
        (func (export "cells") (param i32 i32) (result i32)
            (local.set 0 (i32.add (local.get 0) (local.get 1)))
            (local.set 1 (i32.add (local.get 0) (local.get 1)))
            (call $two (local.get 0) (local.get 1)))
        (func (export "the same") (param i32) (result i32)
            (local.set 0 (i32.add (local.get 0) (i32.const 5)))
            (local.set 0 (i32.add (local.get 0) (local.get 0)))
            (local.get 0))
        (func (export "cell then number") (param i32 i32) (result i32)
            (local.set 0 (i32.add (local.get 1) (local.get 0)))
            (local.set 1 (i32.add (local.get 1) (i32.const -32768)))
            (call $two (local.get 0) (local.get 1)))
        (func (export "number then cell") (param i32 i32) (result i32)
            (local.set 0 (i32.sub (local.get 0) (i32.const -1)))
            (local.set 1 (i32.add (local.get 1) (local.get 0)))
            (call $two (local.get 0) (local.get 1)))
        (func (export "large") (param i32 i32) (result i32)
            (local.set 0 (i32.add (local.get 0) (i32.const 32768)))
            (local.set 1 (i32.sub (local.get 1) (i32.const 0x80000000)))
            (call $two (local.get 0) (local.get 1)))
        (func (export "wrapping") (param i32 i32) (result i64)
            (local.set 0 (i32.add (local.get 0) (i32.const 1)))
            (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            (i64.or (i64.extend_i32_u (local.get 0)) (i64.extend_i32_u (local.get 1))))
        (func (export "kept before") (param i32 i32) (result i32)
            (local.get 0)
            (local.set 0 (i32.add (local.get 0) (i32.const 8)))
            (local.set 1 (i32.add (local.get 1) (i32.const 9)))
            (call $two (local.get 0) (local.get 1))
            (i32.add))
        (func (export "chained") (param i32 i32) (result i32)
            (local.set 0 (i32.add (local.get 0) (i32.const 8)))
            (i32.mul (local.tee 1 (i32.add (local.get 1) (i32.const 9))) (i32.const 2)))
        (func (export "joined") (param i32 i32 i32) (result i32)
            (block $over
                (br_if $over (local.get 2))
                (local.set 0 (i32.add (local.get 0) (i32.const 8))))
            (local.set 1 (i32.add (local.get 1) (i32.const 9)))
            (call $two (local.get 0) (local.get 1)))
        (func (export "repeated") (param $n i32) (result i32) (local $p i32) (local $q i32)
            (loop $again
                (local.set $p (i32.add (local.get $p) (i32.const 8)))
                (local.set $q (i32.add (local.get $q) (local.get $p)))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (call $two (local.get $p) (local.get $q)))
        (func (export "tests a pair") (param $n i32) (result i32) (local $p i32) (local $q i32)
            (loop $again
                (local.set $p (i32.add (local.get $p) (i32.const 8)))
                (br_if $again (i32.lt_u
                    (local.tee $q (i32.add (local.get $q) (i32.const 2))) (local.get $n))))
            (call $two (local.get $p) (local.get $q))))
        (assert_return (invoke "numbers" (i32.const 1) (i32.const 2)) (i32.const 8999))
        (assert_return (invoke "cells" (i32.const 1) (i32.const 2)) (i32.const 3005))
        (assert_return (invoke "the same" (i32.const 1)) (i32.const 12))
        (assert_return (invoke "cell then number" (i32.const 1) (i32.const 2)) (i32.const -29766))
        (assert_return (invoke "number then cell" (i32.const 1) (i32.const 2)) (i32.const 2004))
        (assert_return (invoke "large" (i32.const 0) (i32.const 0)) (i32.const -2114715648))
        (assert_return (invoke "wrapping" (i32.const -1) (i32.const -1)) (i64.const 0))
        (assert_return (invoke "kept before" (i32.const 1) (i32.const 2)) (i32.const 9012))
        (assert_return (invoke "chained" (i32.const 1) (i32.const 2)) (i32.const 22))
        (assert_return (invoke "joined" (i32.const 1) (i32.const 2) (i32.const 0))
            (i32.const 9011))
        (assert_return (invoke "joined" (i32.const 1) (i32.const 2) (i32.const 1))
            (i32.const 1011))
        (assert_return (invoke "repeated" (i32.const 4)) (i32.const 32080))
        (assert_return (invoke "tests a pair" (i32.const 5)) (i32.const 24006))"#,
    );
}

#[test]
fn loops_that_count_by_a_cell() {
    script(
        r#"(module
        (func (export "multiples") (param $n i32) (param $by i32) (result i32)
            (local $m i32) (local $turns i32)
            (block $done
                (loop $again
                    (br_if $done (i32.ge_u (local.get $m) (local.get $n)))
                    (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
                    (local.set $m (i32.add (local.get $m) (local.get $by)))
                    (br $again)))
            (i32.add (i32.mul (local.get $m) (i32.const 1000)) (local.get $turns)))
        (func (export "doubles") (param $n i64) (result i64) (local $m i64)
            (local.set $m (i64.const 1))
            (loop $again
                (br_if $again (i64.lt_s
                    (local.tee $m (i64.add (local.get $m) (local.get $m))) (local.get $n))))
            (local.get $m))
        (func (export "the limit is the step") (param $m i32) (param $by i32) (result i32)
            (loop $again
                (br_if $again (i32.gt_s (local.get $by)
                    (local.tee $m (i32.add (local.get $by) (local.get $m))))))
            (local.get $m))
        (func (export "to a number") (param $by i32) (result i32) (local $m i32)
            (loop $again
                (br_if $again (i32.lt_s
                    (local.tee $m (i32.add (local.get $m) (local.get $by))) (i32.const 10))))
            (local.get $m))
        (func (export "another test") (param $n i32) (param $by i32) (result i32) (local $m i32)
            (loop $again
                (local.set $m (i32.add (local.get $m) (local.get $by)))
                (br_if $again (i32.lt_s
                    (local.tee $n (i32.add (local.get $n) (local.get $by))) (local.get $by))))
            (i32.add (i32.mul (local.get $m) (i32.const 1000)) (local.get $n))))
        (assert_return (invoke "multiples" (i32.const 10) (i32.const 3)) (i32.const 12004))
        (assert_return (invoke "multiples" (i32.const 0) (i32.const 3)) (i32.const 0))
        (assert_return (invoke "multiples" (i32.const -1) (i32.const 0x55555555))
            (i32.const -997))
        (assert_return (invoke "doubles" (i64.const 0x1_0000_0000)) (i64.const 0x1_0000_0000))
        (assert_return (invoke "the limit is the step" (i32.const -20) (i32.const 3))
            (i32.const 4))
        (assert_return (invoke "to a number" (i32.const 4)) (i32.const 12))
        (assert_return (invoke "another test" (i32.const -9) (i32.const 3)) (i32.const 12003))"#,
    );
}

#[test]
fn an_operand_from_memory_traps_where_it_is_loaded() {
    let text = r#"(module (memory 1)
        (func (export "cell") (param i32 i32) (result i32)
            (i32.add (local.get 0) (i32.load offset=3 (local.get 1))))
        (func (export "accumulator") (param i32 i32) (result i32)
            (i32.add (local.get 0) (i32.load offset=3 (i32.mul (local.get 1) (i32.const 1))))))"#;
    for translation in [Translation::Fused, Translation::Faithful] {
        let engine = Engine::new(Config::new().translation(translation)).expect("supported");
        let module = Module::new(&engine, text).expect("valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
        let mut places = Vec::new();
        for name in ["cell", "accumulator"] {
            let func = instance.get_typed_func::<(i32, i32), i32>(&mut store, name);
            let error = func.expect("it is there").call(&mut store, (7, 65534));
            let error = error.expect_err("it reads past the end");
            let fault = error.downcast_ref::<MemoryFault>().expect("one");
            assert_eq!((fault.address, fault.bytes, fault.memory), (0x10001, 4, 0));
            let backtrace = error.downcast_ref::<WasmBacktrace>().expect("one");
            places.push(backtrace.frames()[0].module_offset().expect("known"));
        }
        let binary = wat::parse_str(text).expect("text");
        for place in places {
            assert_eq!(binary[place], 0x28, "{translation:?}: i32.load");
        }
    }
}
