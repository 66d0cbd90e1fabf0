//! Garbage-collected references (items 55 to 60). Scripts run with a collection at every
//! allocation as well, so that a root that is missed shows at once.

use super::*;

/// Runs a script as it is and with a collection at every allocation.
fn collected(text: &str) {
    script(text);
    script_with(text, |config| {
        config.gc_stress(true);
    });
}

#[test]
fn roots_while_things_are_in_the_making() {
    collected(
        r#"(module
        (type $s (struct (field (mut i32)) (field (mut anyref))))
        (type $a (array (mut anyref))) (type $n (array (mut i64)))
        (tag $t (param (ref $s) i64 (ref null $a)))
        (type $f (func (param (ref $s) i32 (ref $s)) (result (ref $s))))
        (table $funcs funcref (elem $mix)) (table $t 4 anyref)
        (global $g (mut anyref) (ref.null any))
        (elem declare func $mix)
        (func $s (param i32) (result (ref $s))
            (struct.new $s (local.get 0) (ref.i31 (local.get 0))))
        (func $trash (result i32) (array.len (array.new $n (i64.const -1) (i32.const 30))))
        (func $of (param (ref null $s)) (result i32)
            (drop (call $trash))
            (i32.add (struct.get $s 0 (local.get 0))
                (i31.get_s (ref.cast (ref i31) (struct.get $s 1 (local.get 0))))))
        (func $mix (type $f)
            (drop (call $trash))
            (struct.new $s
                (i32.add (local.get 1) (i32.add (call $of (local.get 0)) (call $of (local.get 2))))
                (ref.i31 (i32.sub (call $trash) (i32.const 30)))))
        ;; Operands below an allocation, of locals and of results.
        (func (export "operands") (param $n i32) (result i32) (local $x (ref $s))
            (local.set $x (call $s (local.get $n)))
            (call $of (local.get $x))
            (local.get $x) (call $s (i32.const 100)) (call $s (i32.const 10000))
            (local.set $x (call $s (i32.const 3)))
            (drop (call $trash))
            (call $of) (local.set $n) (call $of) (i32.add (local.get $n))
            (local.set $n) (call $of) (i32.add (local.get $n)) (i32.add)
            (i32.add (call $of (local.get $x))))
        ;; Arguments of calls, some in the making while others are staged.
        (func (export "arguments") (result i32)
            (struct.get $s 0 (call $mix (call $s (i32.const 1)) (call $trash)
                (call $mix (call $s (i32.const 10)) (i32.const 5) (call $s (i32.const 20))))))
        (func (export "indirect") (result i32)
            (struct.get $s 0 (call_indirect $funcs (type $f) (call $s (i32.const 1))
                (call $trash) (call $s (i32.const 2)) (i32.const 0))))
        (func (export "ref and tail") (result i32)
            (struct.get $s 0 (call $tail (call $s (i32.const 4)))))
        (func $tail (param (ref $s)) (result (ref $s))
            (return_call_ref $f (call $s (i32.const 1)) (call $trash) (local.get 0)
                (ref.func $mix)))
        ;; Nested aggregates: parts wait for each other.
        (func (export "aggregates") (result i32) (local $a (ref $a))
            (local.set $a (array.new_fixed $a 3
                (call $s (i32.const 1))
                (struct.new $s (call $trash) (call $s (i32.const 2)))
                (array.new $a (call $s (i32.const 3)) (i32.const 4))))
            (drop (call $trash))
            (i32.add
                (i32.add
                    (call $of (ref.cast (ref $s) (array.get $a (local.get $a) (i32.const 0))))
                    (call $of (ref.cast (ref $s) (struct.get $s 1 (ref.cast (ref $s)
                        (array.get $a (local.get $a) (i32.const 1)))))))
                (call $of (ref.cast (ref $s) (array.get $a (ref.cast (ref $a)
                    (array.get $a (local.get $a) (i32.const 2))) (i32.const 3))))))
        ;; Payloads of exceptions, and what lies below their handlers.
        (func (export "payload") (result i32) (local $r exnref) (local $x (ref $s))
            (local $a (ref null $a)) (local $sum i32)
            (call $s (i32.const 1000))
            (block $h (result (ref $s) i64 (ref null $a) exnref)
                (try_table (catch_ref $t $h)
                    (call $s (i32.const 5)) (i64.const 6)
                    (array.new $a (call $s (i32.const 8)) (i32.const 2))
                    (drop (call $trash))
                    (throw $t))
                (unreachable))
            (drop (call $trash))
            (local.set $r) (local.set $a) (drop) (local.set $x)
            (local.set $sum (call $of (local.get $x)))
            (call $of) (local.set $sum (i32.add (local.get $sum)))
            (local.set $x (call $s (i32.const 0))) (local.set $a (ref.null $a))
            (drop (call $trash))
            ;; The exception still holds its payload.
            (block $again (result (ref $s) i64 (ref null $a))
                (try_table (catch $t $again) (throw_ref (local.get $r)))
                (unreachable))
            (local.set $a) (drop)
            (call $of)
            (i32.add (call $of
                (ref.cast (ref $s) (array.get $a (local.get $a) (i32.const 1)))))
            (i32.add (local.get $sum)))
        (func (export "tables and globals") (result i32)
            (table.set $t (i32.const 1) (call $s (i32.const 1)))
            (table.fill $t (i32.const 2) (call $s (i32.const 2)) (i32.const 2))
            (global.set $g (call $s (i32.const 50)))
            (drop (table.grow $t (call $s (i32.const 600)) (i32.const 1)))
            (drop (call $trash))
            (call $of (ref.cast (ref $s) (table.get $t (i32.const 1))))
            (call $of (ref.cast (ref $s) (table.get $t (i32.const 3))))
            (call $of (ref.cast (ref $s) (table.get $t (i32.const 4))))
            (call $of (ref.cast (ref $s) (global.get $g)))
            (i32.add) (i32.add) (i32.add))
        (func (export "loop") (param $n i32) (result i32) (local $v i32)
            (i32.const 0) (call $s (i32.const 0))
            (loop $l (param (ref $s)) (result i32)
                (struct.get $s 0) (local.set $v)
                (call $s (i32.add (local.get $v) (i32.const 2)))
                (drop (call $trash))
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
                (call $of))
            (i32.add))
        (func (export "zeroed") (result i32) (local $x (ref null $s))
            (loop $l (result i32)
                (if (result i32) (ref.is_null (local.get $x))
                    (then (local.set $x (call $s (i32.const 1))) (br $l))
                    (else (call $of (local.get $x)))))))
        ;; n: 2 5; x: 100, 10000, x: 2 * 5, and 3: each value counts twice.
        (assert_return (invoke "operands" (i32.const 5)) (i32.const 20226))
        ;; 30 + 2 * 1 + (5 + 2 * 10 + 2 * 20)
        (assert_return (invoke "arguments") (i32.const 97))
        (assert_return (invoke "indirect") (i32.const 36))
        (assert_return (invoke "ref and tail") (i32.const 40))
        (assert_return (invoke "aggregates") (i32.const 12))
        ;; 10 + 2000, then 10 + 16.
        (assert_return (invoke "payload") (i32.const 2036))
        ;; 2 + 4 + 1200 + 100
        (assert_return (invoke "tables and globals") (i32.const 1306))
        (assert_return (invoke "loop" (i32.const 9)) (i32.const 36))
        (assert_return (invoke "zeroed") (i32.const 2))"#,
    );
}

#[test]
fn arrays_of_references_and_overlapping_copies() {
    collected(
        r#"(module
        (type $s (struct (field i32))) (type $a (array (mut (ref null $s))))
        (type $any (array (mut anyref))) (type $b (array (mut i8))) (type $v (array (mut v128)))
        (elem $e (ref null $s) (item (struct.new $s (i32.const 5))) (item (ref.null $s))
            (item (struct.new $s (i32.const 7))))
        (func $make (result (ref $a)) (local $a (ref $a))
            (local.set $a (array.new_default $a (i32.const 5)))
            (array.set $a (local.get $a) (i32.const 0) (struct.new $s (i32.const 1)))
            (array.set $a (local.get $a) (i32.const 1) (struct.new $s (i32.const 2)))
            (array.set $a (local.get $a) (i32.const 2) (struct.new $s (i32.const 3)))
            (array.set $a (local.get $a) (i32.const 3) (struct.new $s (i32.const 4)))
            (array.set $a (local.get $a) (i32.const 4) (struct.new $s (i32.const 5)))
            (local.get $a))
        (func $at (param (ref $a) i32) (result i32)
            (struct.get $s 0 (array.get $a (local.get 0) (local.get 1))))
        (func $digits (param $a (ref $a)) (result i32) (local $k i32) (local $sum i32)
            (loop $l
                (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10))
                    (call $at (local.get $a) (local.get $k))))
                (br_if $l (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1)))
                    (i32.const 5))))
            (local.get $sum))
        (func (export "copy") (param i32 i32 i32) (result i32) (local $a (ref $a))
            (local.set $a (call $make))
            (array.copy $a $a (local.get $a) (local.get 0) (local.get $a) (local.get 1)
                (local.get 2))
            (call $digits (local.get $a)))
        (func (export "to any") (result i32) (local $any (ref $any))
            (local.set $any (array.new_default $any (i32.const 8)))
            (array.copy $any $a (local.get $any) (i32.const 2) (call $make) (i32.const 1)
                (i32.const 4))
            (drop (array.new_default $b (i32.const 100)))
            (struct.get $s 0 (ref.cast (ref $s)
                (array.get $any (local.get $any) (i32.const 5)))))
        (func (export "fill") (result i32) (local $a (ref $a))
            (local.set $a (call $make))
            (array.fill $a (local.get $a) (i32.const 1) (struct.new $s (i32.const 9))
                (i32.const 3))
            (drop (array.new_default $b (i32.const 100)))
            (call $digits (local.get $a)))
        (func (export "elem") (result i32 i32 i32) (local $a (ref $a))
            (local.set $a (array.new_elem $a $e (i32.const 0) (i32.const 3)))
            (drop (array.new_default $b (i32.const 100)))
            (call $at (local.get $a) (i32.const 0))
            (ref.is_null (array.get $a (local.get $a) (i32.const 1)))
            (array.init_elem $a $e (local.get $a) (i32.const 0) (i32.const 2) (i32.const 1))
            (call $at (local.get $a) (i32.const 0)))
        (func (export "bytes") (result i32) (local $b (ref $b))
            (local.set $b (array.new_fixed $b 4 (i32.const 1) (i32.const 2) (i32.const 3)
                (i32.const 0x1FF)))
            (array.copy $b $b (local.get $b) (i32.const 1) (local.get $b) (i32.const 0)
                (i32.const 3))
            (i32.add (i32.mul (array.get_s $b (local.get $b) (i32.const 3)) (i32.const 10))
                (array.get_u $b (local.get $b) (i32.const 1))))
        (func (export "vectors") (result i64) (local $v (ref $v))
            (local.set $v (array.new_fixed $v 3 (v128.const i64x2 1 2) (v128.const i64x2 3 4)
                (v128.const i64x2 5 6)))
            (array.copy $v $v (local.get $v) (i32.const 1) (local.get $v) (i32.const 0)
                (i32.const 2))
            (i64x2.extract_lane 1 (array.get $v (local.get $v) (i32.const 2)))))
        (assert_return (invoke "copy" (i32.const 1) (i32.const 0) (i32.const 4)) (i32.const 11234))
        (assert_return (invoke "copy" (i32.const 0) (i32.const 1) (i32.const 4)) (i32.const 23455))
        (assert_return (invoke "copy" (i32.const 5) (i32.const 5) (i32.const 0)) (i32.const 12345))
        (assert_trap (invoke "copy" (i32.const 2) (i32.const 0) (i32.const 4))
            "out of bounds array access")
        (assert_trap (invoke "copy" (i32.const 0) (i32.const 0) (i32.const -1))
            "out of bounds array access")
        (assert_trap (invoke "copy" (i32.const 6) (i32.const 0) (i32.const 0))
            "out of bounds array access")
        (assert_return (invoke "to any") (i32.const 5))
        (assert_return (invoke "fill") (i32.const 19995))
        (assert_return (invoke "elem") (i32.const 5) (i32.const 1) (i32.const 7))
        (assert_return (invoke "bytes") (i32.const 31))
        (assert_return (invoke "vectors") (i64.const 4))"#,
    );
}

#[test]
fn casts_and_conversions() {
    collected(
        r#"(module
        (type $s (sub (struct (field i32)))) (type $t (sub $s (struct (field i32) (field i64))))
        (type $a (array i8)) (type $f (func))
        (func $f (type $f)) (elem declare func $f)
        (func (export "i31") (param i32) (result i32 i32)
            (i31.get_s (ref.i31 (local.get 0))) (i31.get_u (ref.i31 (local.get 0))))
        (func (export "eq") (result i32 i32 i32 i32) (local $s (ref $s))
            (local.set $s (struct.new $s (i32.const 1)))
            (ref.eq (ref.i31 (i32.const -1)) (ref.i31 (i32.const 0x7FFFFFFF)))
            (ref.eq (local.get $s) (struct.new $s (i32.const 1)))
            (ref.eq (local.get $s) (local.get $s))
            (ref.eq (ref.null none) (ref.null i31)))
        (func (export "round trip") (result i32 i32 i32) (local $s (ref $s))
            (local.set $s (struct.new $s (i32.const 8)))
            (ref.eq (local.get $s) (ref.cast (ref eq)
                (any.convert_extern (extern.convert_any (local.get $s)))))
            (ref.is_null (extern.convert_any (ref.null any)))
            (i31.get_s (ref.cast (ref i31)
                (any.convert_extern (extern.convert_any (ref.i31 (i32.const -9)))))))
        (func (export "host") (param externref) (result externref i32)
            (extern.convert_any (any.convert_extern (local.get 0)))
            (ref.test (ref eq) (any.convert_extern (local.get 0))))
        (func (export "nulls") (result i32 i32 i32 i32 i32 i32)
            (ref.test (ref null none) (ref.null any)) (ref.test (ref none) (ref.null any))
            (ref.test (ref null nofunc) (ref.null func)) (ref.test (ref any) (ref.null none))
            (ref.test (ref null noextern) (ref.null extern))
            (ref.test (ref null $s) (ref.null none)))
        (func $of (param i32) (result anyref)
            (if (i32.eqz (local.get 0)) (then (return (ref.null any))))
            (if (i32.eq (local.get 0) (i32.const 1)) (then (return (ref.i31 (i32.const 5)))))
            (if (i32.eq (local.get 0) (i32.const 2))
                (then (return (struct.new $s (i32.const 6)))))
            (if (i32.eq (local.get 0) (i32.const 3))
                (then (return (struct.new $t (i32.const 7) (i64.const 0)))))
            (array.new_default $a (i32.const 2)))
        (func (export "test") (param i32) (result i32) (local $x anyref)
            (local.set $x (call $of (local.get 0)))
            (ref.test (ref $s) (local.get $x))
            (i32.shl (ref.test (ref $t) (local.get $x)) (i32.const 1)) (i32.or)
            (i32.shl (ref.test (ref eq) (local.get $x)) (i32.const 2)) (i32.or)
            (i32.shl (ref.test (ref struct) (local.get $x)) (i32.const 3)) (i32.or)
            (i32.shl (ref.test (ref array) (local.get $x)) (i32.const 4)) (i32.or)
            (i32.shl (ref.test (ref i31) (local.get $x)) (i32.const 5)) (i32.or)
            (i32.shl (ref.test nullref (local.get $x)) (i32.const 6)) (i32.or)
            (i32.shl (ref.test (ref none) (local.get $x)) (i32.const 7)) (i32.or))
        (func (export "branch") (param i32) (result i32)
            (block $s (result (ref $s))
                (block $i (result (ref i31))
                    (br_on_cast $s anyref (ref $s) (call $of (local.get 0)))
                    (br_on_cast $i (ref null any) (ref i31))
                    (return (ref.is_null)))
                (return (i32.add (i31.get_s) (i32.const 10))))
            (i32.add (struct.get $s 0) (i32.const 20)))
        (func (export "branch fail") (param i32) (result i32)
            (block $other (result anyref)
                (br_on_cast_fail $other anyref (ref null $t) (call $of (local.get 0)))
                (if (result i32) (ref.is_null) (then (i32.const 1)) (else (i32.const 2)))
                (return))
            (drop) (i32.const 3))
        (func (export "cast") (param i32) (result i32)
            (struct.get $s 0 (ref.cast (ref null $s) (call $of (local.get 0)))))
        (func (export "bottom") (param i32) (ref.cast (ref none) (call $of (local.get 0))) (drop))
        (func (export "null bottom") (param i32) (result i32)
            (ref.is_null (ref.cast nullref (call $of (local.get 0)))))
        (func (export "func bottom") (drop (ref.cast nullfuncref (ref.func $f)))))
        (assert_return (invoke "i31" (i32.const -1)) (i32.const -1) (i32.const 0x7FFFFFFF))
        (assert_return (invoke "i31" (i32.const 0x40000000))
            (i32.const 0xC0000000) (i32.const 0x40000000))
        (assert_return (invoke "i31" (i32.const 0xBFFFFFFF))
            (i32.const 0x3FFFFFFF) (i32.const 0x3FFFFFFF))
        (assert_return (invoke "eq") (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 1))
        (assert_return (invoke "round trip") (i32.const 1) (i32.const 1) (i32.const -9))
        (assert_return (invoke "host" (ref.extern 7)) (ref.extern 7) (i32.const 0))
        (assert_return (invoke "host" (ref.null extern)) (ref.null extern) (i32.const 0))
        (assert_return (invoke "nulls") (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 0)
            (i32.const 1) (i32.const 1))
        (assert_return (invoke "test" (i32.const 0)) (i32.const 0x40))
        (assert_return (invoke "test" (i32.const 1)) (i32.const 0x24))
        (assert_return (invoke "test" (i32.const 2)) (i32.const 0x0D))
        (assert_return (invoke "test" (i32.const 3)) (i32.const 0x0F))
        (assert_return (invoke "test" (i32.const 4)) (i32.const 0x14))
        (assert_return (invoke "branch" (i32.const 0)) (i32.const 1))
        (assert_return (invoke "branch" (i32.const 1)) (i32.const 15))
        (assert_return (invoke "branch" (i32.const 2)) (i32.const 26))
        (assert_return (invoke "branch" (i32.const 3)) (i32.const 27))
        (assert_return (invoke "branch" (i32.const 4)) (i32.const 0))
        (assert_return (invoke "branch fail" (i32.const 0)) (i32.const 1))
        (assert_return (invoke "branch fail" (i32.const 2)) (i32.const 3))
        (assert_return (invoke "branch fail" (i32.const 3)) (i32.const 2))
        (assert_return (invoke "cast" (i32.const 3)) (i32.const 7))
        (assert_trap (invoke "cast" (i32.const 0)) "null structure reference")
        (assert_trap (invoke "cast" (i32.const 4)) "cast failure")
        (assert_trap (invoke "bottom" (i32.const 0)) "cast failure")
        (assert_trap (invoke "bottom" (i32.const 2)) "cast failure")
        (assert_return (invoke "null bottom" (i32.const 0)) (i32.const 1))
        (assert_trap (invoke "null bottom" (i32.const 1)) "cast failure")
        (assert_trap (invoke "func bottom") "cast failure")"#,
    );
}

#[test]
fn packed_fields_segments_and_ends() {
    collected(
        r#"(module
        (type $s (struct (field (mut i8)) (field (mut i16)) (field (mut v128)) (field (mut i8))))
        (type $h (array (mut i16))) (type $w (array (mut i32))) (type $v (array (mut v128)))
        (type $r (array (mut funcref)))
        (data $d "\01\02\03\ff\fe\fd\fc\fb\fa\f9\f8\f7\f6\f5\f4\f3\f2\f1")
        (elem $e func $f) (func $f)
        (func (export "fields") (param i32) (result i32 i32 i32 i32 v128) (local $s (ref $s))
            (local.set $s (struct.new_default $s))
            (struct.set $s 0 (local.get $s) (local.get 0))
            (struct.set $s 1 (local.get $s) (local.get 0))
            (struct.set $s 2 (local.get $s) (v128.const i64x2 -1 -1))
            (struct.set $s 3 (local.get $s) (i32.const 1))
            (struct.get_s $s 0 (local.get $s)) (struct.get_u $s 0 (local.get $s))
            (struct.get_s $s 1 (local.get $s)) (struct.get_u $s 1 (local.get $s))
            (struct.get $s 2 (local.get $s)))
        (func (export "halves") (param i32) (result i32)
            (array.get_s $h (array.new_data $h $d (i32.const 3) (i32.const 3)) (local.get 0)))
        (func (export "words") (param i32 i32) (result i32)
            (array.get $w (array.new_data $w $d (local.get 0) (local.get 1)) (i32.const 0)))
        (func (export "vector") (param i32) (result v128)
            (array.get $v (array.new_data $v $d (local.get 0) (i32.const 1)) (i32.const 0)))
        (func (export "init") (param i32 i32 i32) (result i32) (local $w (ref $w))
            (local.set $w (array.new $w (i32.const -1) (i32.const 2)))
            (array.init_data $w $d (local.get $w) (local.get 0) (local.get 1) (local.get 2))
            (array.get $w (local.get $w) (i32.const 1)))
        (func (export "fill") (param i32 i32) (result i32) (local $w (ref $w))
            (local.set $w (array.new $w (i32.const 1) (i32.const 3)))
            (array.fill $w (local.get $w) (local.get 0) (i32.const 7) (local.get 1))
            (array.get $w (local.get $w) (i32.const 2)))
        (func (export "drop") (data.drop $d) (elem.drop $e))
        (func (export "dropped") (param i32) (result i32 i32)
            (array.len (array.new_data $h $d (i32.const 0) (local.get 0)))
            (array.len (array.new_elem $r $e (i32.const 0) (local.get 0)))))
        (assert_return (invoke "fields" (i32.const 0x1FF80)) (i32.const -128) (i32.const 128)
            (i32.const -128) (i32.const 0xFF80) (v128.const i64x2 -1 -1))
        (assert_return (invoke "halves" (i32.const 0)) (i32.const -257)) ;; 0xFEFF
        (assert_return (invoke "words" (i32.const 1) (i32.const 1)) (i32.const 0xFEFF0302))
        (assert_trap (invoke "words" (i32.const 1) (i32.const 0x40000001))
            "out of bounds memory access")
        (assert_trap (invoke "words" (i32.const 15) (i32.const 1)) "out of bounds memory access")
        (assert_return (invoke "words" (i32.const 14) (i32.const 1)) (i32.const 0xF1F2F3F4))
        (assert_return (invoke "vector" (i32.const 2))
            (v128.const i64x2 0xf9fafbfcfdfeff03 0xf1f2f3f4f5f6f7f8))
        (assert_trap (invoke "vector" (i32.const 3)) "out of bounds memory access")
        (assert_return (invoke "init" (i32.const 1) (i32.const 3) (i32.const 1))
            (i32.const 0xFCFDFEFF))
        (assert_return (invoke "init" (i32.const 2) (i32.const 18) (i32.const 0)) (i32.const -1))
        (assert_trap (invoke "init" (i32.const 3) (i32.const 0) (i32.const 0))
            "out of bounds array access")
        (assert_trap (invoke "init" (i32.const 0) (i32.const 19) (i32.const 0))
            "out of bounds memory access")
        (assert_trap (invoke "init" (i32.const 0) (i32.const 0) (i32.const 0x40000000))
            "out of bounds array access")
        (assert_return (invoke "fill" (i32.const 3) (i32.const 0)) (i32.const 1))
        (assert_return (invoke "fill" (i32.const 1) (i32.const 2)) (i32.const 7))
        (assert_trap (invoke "fill" (i32.const 4) (i32.const 0)) "out of bounds array access")
        (assert_trap (invoke "fill" (i32.const 1) (i32.const -1)) "out of bounds array access")
        (assert_return (invoke "dropped" (i32.const 1)) (i32.const 1) (i32.const 1))
        (assert_return (invoke "drop"))
        (assert_return (invoke "dropped" (i32.const 0)) (i32.const 0) (i32.const 0))
        (assert_trap (invoke "dropped" (i32.const 1)) "out of bounds memory access")"#,
    );
}

/// Counts drops.
struct Counted(std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn cycles_hosts_and_every_place_that_holds() {
    use std::sync::atomic::Ordering::Relaxed;
    let text = r#"(module
        (import "" "collect" (func $collect (result i32)))
        (type $node (struct (field (mut (ref null $node))) (field externref)))
        (type $a (array (mut externref)))
        (tag $t (param externref))
        (global $g (mut externref) (ref.null extern)) (table $table 2 externref)
        (global $e (mut exnref) (ref.null exn)) (global $n (mut anyref) (ref.null any))
        ;; A cycle of two that hold a host value; nothing holds the cycle.
        (func (export "cycle") (param externref) (local $x (ref $node))
            (local.set $x (struct.new $node (ref.null $node) (local.get 0)))
            (struct.set $node 0 (local.get $x)
                (struct.new $node (local.get $x) (local.get 0))))
        (func (export "global") (param externref) (global.set $g (local.get 0)))
        (func (export "table") (param externref) (table.set $table (i32.const 1) (local.get 0)))
        (func (export "exception") (param externref)
            (block $h (result externref exnref)
                (try_table (catch_ref $t $h) (throw $t (local.get 0)))
                (unreachable))
            (global.set $e) (drop))
        (func (export "array") (param externref)
            (global.set $n (array.new $a (local.get 0) (i32.const 3))))
        (func (export "clear")
            (global.set $g (ref.null extern)) (global.set $e (ref.null exn))
            (global.set $n (ref.null any)) (table.set $table (i32.const 1) (ref.null extern)))
        ;; Held by a caller's local, operand and argument while the host collects.
        (func (export "local") (param externref) (result i32) (call $collect))
        (func $inner (param externref i32 externref) (result i32)
            (i32.add (call $collect) (local.get 1)))
        (func (export "argument") (param externref) (result i32)
            (call $inner (ref.null extern) (i32.const 0)
                (local.get 0) (local.set 0 (ref.null extern))))
        (func (export "operand") (param externref) (result i32)
            (local.get 0) (local.set 0 (ref.null extern))
            (call $collect) (return)))"#;
    each(|store| {
        let drops = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = drops.clone();
        let collect = Func::wrap(
            &mut *store,
            move |mut caller: Caller<'_, ()>| -> Result<i32> {
                caller.as_context_mut().gc(None)?;
                Ok(counter.load(Relaxed) as i32)
            },
        );
        let instance = instance(store, text, &[collect.into()]);
        let mut dropped = 0;
        for name in ["global", "table", "exception", "array"] {
            {
                let mut scope = RootScope::new(&mut *store);
                let value = ExternRef::new(&mut scope, Counted(drops.clone())).unwrap();
                let func = instance.get_func(&mut scope, name).unwrap();
                func.call(&mut scope, &[value.into()], &mut []).unwrap();
            }
            store.gc(None).unwrap();
            assert_eq!(drops.load(Relaxed), dropped, "{name} holds it");
            call::<_, ()>(store, instance, "clear", ()).unwrap();
            store.gc(None).unwrap();
            dropped += 1;
            assert_eq!(drops.load(Relaxed), dropped, "{name} held it");
        }
        {
            let mut scope = RootScope::new(&mut *store);
            let value = ExternRef::new(&mut scope, Counted(drops.clone())).unwrap();
            let func = instance.get_func(&mut scope, "cycle").unwrap();
            func.call(&mut scope, &[value.into()], &mut []).unwrap();
        }
        store.gc(None).unwrap();
        assert_eq!(drops.load(Relaxed), dropped + 1, "a cycle holds nothing");
        dropped += 1;
        for name in ["local", "argument", "operand"] {
            {
                let mut scope = RootScope::new(&mut *store);
                let value = ExternRef::new(&mut scope, Counted(drops.clone())).unwrap();
                let func = instance.get_func(&mut scope, name).unwrap();
                let mut seen = [Val::I32(-1)];
                func.call(&mut scope, &[value.into()], &mut seen).unwrap();
                assert_eq!(seen[0].unwrap_i32() as usize, dropped, "{name} holds it");
            }
            store.gc(None).unwrap();
            dropped += 1;
            assert_eq!(drops.load(Relaxed), dropped, "{name} held it");
        }
    });
}

#[test]
fn a_full_heap_is_a_trap_and_can_be_emptied() {
    let text = r#"(module
        (type $a (array (mut i64))) (type $l (struct (field (ref null $l)) (field (ref $a))))
        (tag $t (param (ref $a)))
        (global $keep (mut (ref null $l)) (ref.null $l))
        (func (export "fill")
            (loop $l
                (global.set $keep (struct.new $l (global.get $keep)
                    (array.new $a (i64.const 1) (i32.const 1000))))
                (br $l)))
        (func (export "one big") (drop (array.new_default $a (i32.const 10000000))))
        (func (export "thrown")
            (loop $l
                (block $h (result (ref $a))
                    (try_table (catch $t $h)
                        (throw $t (array.new $a (i64.const 1) (i32.const 1000))))
                    (unreachable))
                (drop)
                (br_if $l (ref.is_null (global.get $keep)))))
        (func (export "empty") (global.set $keep (ref.null $l)))
        (func (export "fine") (result i32) (local $n i32) (local $a (ref null $a))
            (loop $l
                (local.set $a (array.new $a (i64.const 1) (i32.const 1000)))
                (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1)))
                    (i32.const 2000))))
            (array.len (local.get $a))))"#;
    each_with(
        |config| {
            config.max_gc_heap_size(4 << 20);
        },
        |store| {
            let instance = instance(store, text, &[]);
            for _ in 0..2 {
                let full = call::<_, ()>(store, instance, "fill", ());
                assert_eq!(trap(full), Trap::HeapExhausted);
                let full = call::<_, ()>(store, instance, "one big", ());
                assert!(matches!(
                    trap(full),
                    Trap::HeapExhausted | Trap::ArrayTooLarge
                ));
                store.gc(None).unwrap();
                // Dropped without an allocation: the next one must find the room.
                call::<_, ()>(store, instance, "empty", ()).unwrap();
                let len: i32 = call(store, instance, "fine", ()).unwrap();
                assert_eq!(len, 1000);
            }
            // The host's allocations meet the same limit.
            let mut kept = Vec::new();
            let full = loop {
                match ExternRef::new(&mut *store, [0u64; 4]) {
                    Ok(value) => kept.push(value.to_owned_rooted(&mut *store).unwrap()),
                    Err(error) => break error,
                }
                if kept.len() > 1_000_000 {
                    break Error::msg("no limit");
                }
            };
            assert_eq!(full.downcast_ref(), Some(&Trap::HeapExhausted));
        },
    );
}
