//! Decoding and validation (items 21 to 34): what is refused, by which phase, and what is not.

use super::bytes::{NONE, body, cat, function, leb, module, section, sized, sleb, vector};
use super::*;

/// The code of the error a module is refused with.
fn code(bytes: &[u8]) -> &'static str {
    match Module::from_binary(&Engine::default(), bytes) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

/// Checks that a module is malformed, and with which words.
#[track_caller]
fn malformed(bytes: &[u8], words: &str) {
    let error = Module::from_binary(&Engine::default(), bytes).err();
    let error = error.expect("it is malformed");
    assert_eq!(error.code(), "malformed", "{error}");
    assert!(error.to_string().starts_with(words), "{error}");
}

/// Checks that a module decodes and is invalid, and with which words.
#[track_caller]
fn invalid(bytes: &[u8], words: &str) {
    let error = Module::from_binary(&Engine::default(), bytes).err();
    let error = error.expect("it is invalid");
    assert_eq!(error.code(), "invalid", "{error}");
    assert!(error.to_string().starts_with(words), "{error}");
}

#[track_caller]
fn valid(bytes: &[u8]) {
    assert_eq!(code(bytes), "accepted");
}

/// A module whose constant expression for a global of type `i64` is this.
fn global(expr: &[u8]) -> Vec<u8> {
    module(&[section(6, cat(&[&[1, 0x7E, 0][..], expr, &[0x0B]]))])
}

#[test]
fn counts_of_branch_targets_and_constants() {
    // The count and the default: 2^32 - 1 + 1 must not be 0.
    for count in [u32::MAX, u32::MAX - 1, u32::MAX - 4, 1 << 31] {
        let code = cat(&[&[0x41, 0, 0x0E][..], &leb(count.into()), &[0; 64]]);
        malformed(&function(NONE, &code), "");
    }
    // One target too few: the last `end` is taken for a label, and there is no end then.
    malformed(&function(NONE, &[0x41, 0, 0x0E, 2, 0, 0]), "");
    valid(&global(&[0x42, 0x7F]));
    malformed(&global(&[0x42, 0xFF]), "");
    malformed(&global(&[0x42]), "");
    let long = [
        0x42, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
    ];
    valid(&global(&long));
    let over = [
        0x42, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7E,
    ];
    malformed(&global(&over), "integer too large");
    let longer = [
        0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0,
    ];
    malformed(&global(&longer), "integer representation too long");
}

#[test]
fn names_end_where_their_section_does() {
    let export = |name: &[u8]| {
        module(&[
            section(1, [1, 0x60, 0, 0]),
            section(3, [1, 0]),
            section(7, cat(&[&[1][..], name, &[0, 0]])),
            section(10, [1, 2, 0, 0x0B]),
        ])
    };
    valid(&export(&sized("f")));
    malformed(&export(&[9, b'f']), "");
    malformed(&export(&[1, 0xFF]), "malformed UTF-8 encoding");
    malformed(&export(&[2, 0xC0, 0x80]), "malformed UTF-8 encoding"); // over-long
    malformed(&export(&[3, 0xED, 0xA0, 0x80]), "malformed UTF-8 encoding"); // a surrogate
    malformed(
        &export(&[4, 0xF4, 0x90, 0x80, 0x80]),
        "malformed UTF-8 encoding",
    ); // past U+10FFFF
    malformed(&export(&[1, 0xE2]), "malformed UTF-8 encoding"); // cut off
    valid(&export(&[4, 0xF4, 0x8F, 0xBF, 0xBF]));
    valid(&export(&[0]));
}

#[test]
fn bodies_end_where_they_say() {
    let bodies = |bytes: &[u8]| {
        module(&[
            section(1, [1, 0x60, 0, 0]),
            section(3, [1, 0]),
            section(10, cat(&[&[1][..], bytes])),
        ])
    };
    valid(&bodies(&[2, 0, 0x0B]));
    malformed(&bodies(&[1, 0]), "");
    malformed(&bodies(&[0]), "");
    malformed(&bodies(&[3, 0, 0x0B, 0x0B]), "");
    malformed(&bodies(&[2, 0, 0x01]), "");
    malformed(&bodies(&[3, 0, 0x41, 0x0B]), ""); // a constant takes the end
    malformed(&bodies(&[3, 0, 0x02, 0x0B]), ""); // so does a block type
    malformed(&bodies(&[4, 0, 0x02, 0x40, 0x0B]), "");
    malformed(&bodies(&[3, 0, 0x05, 0x0B]), ""); // else without if
    // Block types are positive type indices in 33 bits, or one-byte types.
    let block = |ty: &[u8]| bodies(&sized(cat(&[&[0, 0x02][..], ty, &[0x0B, 0x0B]])));
    valid(&block(&[0x40]));
    valid(&block(&[0]));
    valid(&block(&[0x80, 0x80, 0x80, 0x80, 0x00]));
    malformed(&block(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), "");
    invalid(&block(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), "unknown type"); // 2^32 - 1
    malformed(&block(&[0xC0, 0x7F]), ""); // -64 in two bytes
    malformed(&block(&[0xFF, 0xFF, 0xFF, 0xFF, 0x7F]), ""); // -1 in five
    malformed(&block(&[0x41]), ""); // -63 is no type
}

#[test]
fn array_lengths_in_constant_expressions() {
    script(
        r#"(assert_trap (module (type $a (array i8))
            (global (ref $a) (array.new_default $a (i32.const -1)))) "allocation size too large")
        (assert_trap (module (type $a (array (mut v128)))
            (global (ref $a) (array.new $a (v128.const i64x2 0 0) (i32.const 0x10000000))))
            "allocation size too large")
        (module (type $a (array i64))
            (global $a (ref $a) (array.new $a (i64.const 5) (i32.const 3)))
            (global $z (ref $a) (array.new_default $a (i32.const 0)))
            (func (export "f") (result i32 i32)
                (array.len (global.get $a)) (array.len (global.get $z))))
        (assert_return (invoke "f") (i32.const 3) (i32.const 0))"#,
    );
}

#[test]
fn the_polymorphic_stack_accepts_and_refuses() {
    // `unreachable`, then: valid in both columns or in none.
    let accepted: [&[u8]; 14] = [
        &[0x6A],                                  // i32.add
        &[0x41, 0, 0x6A],                         // one operand is there
        &[0x1A, 0x1A, 0x41, 0],                   // drop
        &[0x1B],                                  // select of nothing
        &[0x41, 0, 0x41, 0, 0x1B],                // select of i32 and i32... and a condition
        &[0x43, 0, 0, 0, 0, 0x41, 0, 0x1B, 0x1A], // f32, anything
        &[0x0D, 0],                               // br_if
        &[0x41, 0, 0x0D, 0],                      // br_if with a condition only
        &[0x0E, 1, 0, 0],                         // br_table
        // Targets of one arity and different types.
        &[
            0x02, 0x7C, 0x02, 0x7D, 0x00, 0x41, 1, 0x0E, 2, 0, 1, 1, 0x0B, 0x1A, 0x44, 0, 0, 0, 0,
            0, 0, 0, 0, 0x0B, 0x1A,
        ],
        &[0xA7, 0x45],             // wrap, eqz
        &[0x02, 0x7F, 0x00, 0x0B], // a block that is not left
        &[0xD1],                   // ref.is_null of anything
        &[0xD4, 0xD1],             // ref.as_non_null of anything
    ];
    for (k, code) in accepted.iter().enumerate() {
        let code = cat(&[&[0x00][..], code]);
        let found = self::code(&function(NONE, &code));
        assert_eq!(found, "accepted", "case {k}");
    }
    let refused: [&[u8]; 10] = [
        &[0x42, 0, 0x6A],                                        // i64 to i32.add
        &[0x41, 0, 0x41, 0],                                     // two results
        &[0x42, 0],                                              // i64 result
        &[0x42, 0, 0x0D, 0],                                     // i64 as a condition
        &[0x42, 0, 0x41, 0, 0x0D, 0, 0x1A, 0x41, 0],             // i64 to a label of i32
        &[0x43, 0, 0, 0, 0, 0x42, 0, 0x41, 0, 0x1B, 0x1A],       // select of f32 and i64
        &[0x02, 0x40, 0x00, 0x0E, 1, 0, 1, 0x0B],                // targets of different arity
        &[0xD0, 0x70, 0x1A, 0xD0, 0x70, 0x41, 0, 0x41, 0, 0x1B], // select of references
        &[0x02, 0x40, 0x41, 0, 0x0B],                            // a value left in a block
        &[0x03, 0x7F, 0x0B],                                     // the loop itself is reached anew
    ];
    for (k, code) in refused.iter().enumerate() {
        let code = cat(&[&[0x00][..], code]);
        let found = self::code(&function(NONE, &code));
        assert_eq!(found, "invalid", "case {k}");
    }
}

#[test]
fn types_that_blow_up() {
    // Each type has two fields of the one before: 2^30 in all, written out.
    let mut types = vec![0x5F, 0];
    for k in 0..30 {
        let field = cat(&[&[0x64][..], &sleb(k), &[0]]);
        types.extend(cat(&[&[0x5F, 2][..], &field, &field]));
    }
    let chain = section(1, vector(31, types));
    valid(&module(&[&chain]));
    // Functions of functions, as parameters and results.
    let mut types = vec![0x60, 0, 0];
    for k in 0..30 {
        let ty = cat(&[&[0x64][..], &sleb(k)]);
        types.extend(cat(&[&[0x60, 2][..], &ty, &ty, &[1], &ty]));
    }
    valid(&module(&[section(1, vector(31, types))]));
    // A chain of 63 supertypes; of 64 is too deep: see `many::chains_of_subtypes`.
}

#[test]
fn bottoms_supertypes_and_tail_call_results() {
    script(
        r#"(module
        (type $s (struct)) (type $f (func)) (type $sub (sub (func (result anyref))))
        (type $g (sub $sub (func (result (ref i31)))))
        (func (export "bottoms")
            (local $a (ref null none)) (local $b (ref null nofunc))
            (local $c (ref null noextern)) (local $d (ref null noexn))
            (drop (block (result (ref null $s)) (local.get $a)))
            (drop (block (result eqref) (local.get $a)))
            (drop (block (result (ref null $f)) (local.get $b)))
            (drop (block (result (ref null $g)) (local.get $b)))
            (drop (block (result externref) (local.get $c)))
            (drop (block (result exnref) (local.get $d))))
        (func $i31 (type $g) (ref.i31 (i32.const 5)))
        (elem declare func $i31)
        (func $wide (result eqref) (return_call $i31))
        (func $wider (result anyref) (return_call_ref $g (ref.func $i31)))
        (func (export "f") (result i32)
            (i32.add (i31.get_s (ref.cast (ref i31) (call $wide)))
                (i31.get_s (ref.cast (ref i31) (call $wider))))))
        (assert_return (invoke "bottoms"))
        (assert_return (invoke "f") (i32.const 10))
        (assert_invalid (module (func $any (result anyref) (ref.null any))
            (func (result eqref) (return_call $any))) "type mismatch")
        (assert_invalid (module (func $two (result i32 i32) (i32.const 1) (i32.const 2))
            (func (result i32) (return_call $two))) "type mismatch")
        (assert_invalid (module (type $s (struct))
            (func (param (ref null none)) (result (ref null func)) (local.get 0)))
            "type mismatch")
        (assert_invalid (module (type $f (func))
            (func (param (ref null $f)) (result (ref null nofunc)) (local.get 0)))
            "type mismatch")
        (assert_invalid (module (type $a (sub (struct (field i32))))
            (type $b (sub $a (struct (field i64))))) "sub type 1")
        (assert_invalid (module (type $a (struct)) (type $b (sub $a (struct))))
            "sub type 1")"#,
    );
}

#[test]
fn heap_types_are_33_bits_and_supertypes_at_most_one() {
    let param = |heap: &[u8]| module(&[section(1, cat(&[&[1, 0x60, 1, 0x63][..], heap, &[0]]))]);
    valid(&param(&[0x70]));
    invalid(&param(&[0x01]), "unknown type");
    // 2^31 is a positive number of 33 bits.
    invalid(&param(&[0x80, 0x80, 0x80, 0x80, 0x08]), "unknown type");
    invalid(&param(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), "unknown type");
    // -2^31, and a bit past the 33.
    malformed(&param(&[0x80, 0x80, 0x80, 0x80, 0x78]), "");
    malformed(&param(&[0x80, 0x80, 0x80, 0x80, 0x10]), "");
    malformed(&param(&[0x41]), "");
    let supers = |list: &[u8]| {
        let sub = cat(&[&[0x50][..], list, &[0x5F, 0]]);
        module(&[section(
            1,
            cat(&[&[3, 0x50, 0, 0x5F, 0, 0x50, 0, 0x5F, 0][..], &sub]),
        )])
    };
    valid(&supers(&[0]));
    valid(&supers(&[1, 0]));
    assert_ne!(code(&supers(&[2, 0, 1])), "accepted");
    invalid(&supers(&[1, 2]), "sub type 2"); // itself
}

#[test]
fn groups_of_types_and_their_identity() {
    script(
        r#"(module $a
            (type $f (func (param i32) (result i32)))
            (rec (type $r1 (func (result i32))) (type $r2 (func (param (ref null $r1)))))
            (rec (type $s1 (func (result i32))) (type $s2 (func (param i64))))
            (func (export "plain") (type $f) (local.get 0))
            (func (export "group") (type $r1) (i32.const 1))
            (func (export "other") (type $s1) (i32.const 2)))
        (register "a" $a)
        ;; A type alone is a group of one; a group is what all its members are.
        (module
            (rec (type $f (func (param i32) (result i32))))
            (rec (type $x (func (result i32))) (type $y (func (param (ref null $x)))))
            (import "a" "plain" (func (type $f)))
            (import "a" "group" (func (type $x))))
        (assert_unlinkable (module
            (type $x (func (result i32)))
            (import "a" "group" (func (type $x)))) "incompatible import type")
        (assert_unlinkable (module
            (rec (type $x (func (result i32))) (type $y (func (param (ref null $x)))))
            (import "a" "other" (func (type $x)))) "incompatible import type")
        ;; A type past what was counted must not be reached through a group.
        (assert_invalid (module (rec (type (struct (field (ref 2)))) (type (struct))))
            "unknown type")
        (module (rec (type (struct (field (ref 1)))) (type (struct))))"#,
    );
}

#[test]
fn counts_of_locals_and_groups_do_not_wrap() {
    let locals = |runs: &[(u64, u8)]| {
        let list: Vec<u8> = runs
            .iter()
            .flat_map(|&(count, ty)| cat(&[&leb(count)[..], &[ty]]))
            .collect();
        code(&function(&vector(runs.len(), list), &[0x20, 0]))
    };
    assert_eq!(locals(&[(0, 0x7F), (0, 0x7E)]), "accepted");
    assert_eq!(locals(&[(u32::MAX.into(), 0x7F)]), "malformed");
    assert_eq!(locals(&[(u32::MAX.into(), 0x7F), (2, 0x7F)]), "malformed");
    assert_eq!(locals(&[(1 << 31, 0x7F), (1 << 31, 0x7E)]), "malformed");
    // A parameter too many counts against the index space only.
    assert_eq!(locals(&[(50_000, 0x7B)]), "accepted");
    valid(&module(&[section(1, [3, 0x4E, 0, 0x4E, 0, 0x60, 0, 0])]));
    invalid(
        &module(&[section(1, [2, 0x4E, 0, 0x60, 1, 0x63, 1, 0])]),
        "unknown type",
    );
}

#[test]
fn sections_that_depend_on_each_other() {
    let parts = |count: Option<u8>, code: &[u8], datas: u8| {
        let mut sections = vec![
            section(1, [1, 0x60, 0, 0]),
            section(3, [1, 0]),
            section(5, [1, 0, 1]),
        ];
        sections.extend(count.map(|count| section(12, [count])));
        sections.push(section(10, vector(1, body(NONE, code))));
        let data = [1, 1, 7].repeat(datas.into());
        sections.push(section(11, vector(datas.into(), data)));
        module(&sections)
    };
    let init = [0x41, 0, 0x41, 0, 0x41, 0, 0xFC, 8, 0, 0];
    valid(&parts(Some(1), &init, 1));
    malformed(&parts(None, &init, 1), "data count section required");
    malformed(
        &parts(None, &[0xFC, 9, 0], 1),
        "data count section required",
    );
    malformed(
        &parts(Some(2), &[], 1),
        "data count and data section have inconsistent lengths",
    );
    malformed(
        &parts(Some(0), &[], 1),
        "data count and data section have inconsistent lengths",
    );
    invalid(&parts(Some(1), &[0xFC, 9, 1], 1), "unknown data segment");
    valid(&parts(None, &[], 1));
    let types = section(1, [1, 0x60, 0, 0]);
    let inconsistent = "function and code section have inconsistent lengths";
    malformed(&module(&[types.clone(), section(3, [1, 0])]), inconsistent);
    malformed(
        &module(&[types.clone(), section(10, [1, 2, 0, 0x0B])]),
        inconsistent,
    );
    malformed(
        &module(&[section(1, [1, 0x60, 0, 0, 0])]),
        "section size mismatch",
    );
    malformed(&cat(&[&module(&[types])[..], &[3, 9, 1, 0]]), "");
}

#[test]
fn numbers_that_are_too_long_in_every_field() {
    // Zero in five bytes is fine, in six too long; a fifth byte with bits past the 32nd is not.
    let (fine, long, wide) = (
        [0x80, 0x80, 0x80, 0x80, 0],
        [0x80; 6],
        [0x80, 0x80, 0x80, 0x80, 0x10],
    );
    let contexts: [(&[u8], &[u8]); 7] = [
        (&[0x20], &[]),                    // local.get
        (&[0x41, 0, 0x0D], &[0x41, 0]),    // br_if to the function
        (&[0x41, 0, 0x0E], &[0, 0x41, 0]), // the count of br_table
        (&[0x41, 0, 0x28], &[0]),          // an alignment
        (&[0x10], &[]),                    // call
        (&[0x3F], &[]),                    // memory.size
        (&[0xFC], &[]),                    // the number behind a prefix
    ];
    for (k, (before, after)) in contexts.iter().enumerate() {
        let with = |number: &[u8]| {
            // A parameter is there for the call and the branch.
            let code = cat(&[&[0x20, 0][..], before, number, after, &[0x0F]]);
            code_with_memory(&code)
        };
        let fine = with(&fine);
        assert_ne!(fine, "malformed", "case {k}");
        assert_eq!(with(&long), "malformed", "case {k}");
        assert_eq!(with(&wide), "malformed", "case {k}");
    }
    malformed(
        &module(&[cat(&[&[1, 0x80, 0x80, 0x80, 0x80, 0x80][..], &[0]])]),
        "",
    );
    malformed(
        &module(&[section(1, [0x80, 0x80, 0x80, 0x80, 0x80, 0])]),
        "",
    );
    // i32.const: -1 in five bytes; unused bits must be the sign.
    let constant = |bytes: &[u8]| code(&function(NONE, &cat(&[&[0x41][..], bytes])));
    assert_eq!(constant(&[0xFF, 0xFF, 0xFF, 0xFF, 0x7F]), "accepted");
    assert_eq!(constant(&[0xFF, 0xFF, 0xFF, 0xFF, 0x07]), "accepted");
    assert_eq!(constant(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), "malformed");
    assert_eq!(constant(&[0xFF, 0xFF, 0xFF, 0xFF, 0x4F]), "malformed");
    assert_eq!(constant(&[0x80, 0x80, 0x80, 0x80, 0x78]), "accepted");
    assert_eq!(constant(&[0x80, 0x80, 0x80, 0x80, 0x70]), "malformed");
}

/// What becomes of a function with a memory.
fn code_with_memory(code: &[u8]) -> &'static str {
    self::code(&module(&[
        section(1, [1, 0x60, 1, 0x7F, 1, 0x7F]),
        section(3, [1, 0]),
        section(5, [1, 0, 1]),
        section(10, vector(1, body(NONE, code))),
    ]))
}

#[test]
fn constant_expressions() {
    script(
        r#"(module $m (global (export "g") i32 (i32.const 40)) (memory (export "m") 1))
        (register "m" $m)
        (module
            (import "m" "g" (global $i i32))
            (type $s (struct (field i32) (field (ref null $s))))
            (type $a (array (mut anyref)))
            (global $x i32 (i32.add (global.get $i) (i32.mul (i32.const 2) (i32.const 3))))
            (global $y i64 (i64.sub (i64.const 1) (i64.const 2)))
            (global $z i32 (global.get $x))
            (global $f (ref func) (ref.func $get))
            (global $s (ref $s) (struct.new $s (global.get $x)
                (struct.new $s (i32.const 7) (ref.null $s))))
            (global $a (ref $a) (array.new_fixed $a 2 (global.get $s)
                (ref.i31 (global.get $x))))
            (global $e externref (extern.convert_any (global.get $s)))
            (table 3 3 anyref (ref.i31 (i32.const 9)))
            (memory 1) (data (offset (i32.add (i32.const 1) (i32.const 2))) "x")
            (func $get (export "get") (result i32 i64 i32 i32 i32)
                (global.get $x) (global.get $y) (global.get $z)
                (struct.get $s 0 (struct.get $s 1 (ref.cast (ref $s)
                    (array.get $a (global.get $a) (i32.const 0)))))
                (i32.load8_u (i32.const 3)))
            ;; Declared by its place in a global.
            (func (export "declared") (result i32) (ref.is_null (ref.func $get))))
        (assert_return (invoke "get")
            (i32.const 46) (i64.const -1) (i32.const 46) (i32.const 7) (i32.const 120))
        (assert_return (invoke "declared") (i32.const 0))
        (assert_invalid (module (global i32 (global.get 1)) (global i32 (i32.const 0)))
            "unknown global")
        (assert_invalid (module (global i32 (global.get 0))) "unknown global")
        (assert_invalid (module (global $m (mut i32) (i32.const 0)) (global i32 (global.get $m)))
            "constant expression required")
        (assert_invalid (module (global i32 (i32.div_u (i32.const 1) (i32.const 1))))
            "constant expression required")
        (assert_invalid (module (table 1 (ref func) (global.get 0))
            (global funcref (ref.null func))) "unknown global")
        (assert_invalid (module (func $f) (func (drop (ref.func $f))))
            "undeclared function reference")
        (assert_invalid (module (func $f) (start $f) (func (drop (ref.func $f))))
            "undeclared function reference")
        (module (func $f) (export "f" (func $f)) (func (drop (ref.func $f))))
        (assert_invalid (module (global i32 (i64.const 1))) "type mismatch")
        (assert_invalid (module (global i32)) "type mismatch")"#,
    );
}

#[test]
fn locals_that_must_be_set_first() {
    let check = |body: &str| {
        let text = format!("(module (func (param $p (ref func)) (local $x (ref func)) {body}))");
        let bytes = wat::parse_str(&text).expect("the text is right");
        match Module::from_binary(&Engine::default(), &bytes) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    };
    let (get, set) = ("(drop (local.get $x))", "(local.set $x (local.get $p))");
    let accepted = [
        format!("{set} {get}"),
        format!("(drop (local.tee $x (local.get $p))) {get}"),
        format!("{set} (block {get} (loop {get}))"),
        format!("(block {set} {get})"),
        format!("(if (i32.const 1) (then {set} {get}) (else {set} {get}))"),
        format!("{set} (if (i32.const 1) (then {get}) (else {get}))"),
        format!("(block (br 0) {set} {get})"),
        format!("(unreachable) {set} {get}"),
        format!("(loop {set} {get} (br 0))"),
        format!("{set} (try_table {get})"),
    ];
    for body in accepted {
        assert_eq!(check(&body), "", "{body}");
    }
    let refused = [
        get.to_string(),
        format!("(block {set}) {get}"),
        format!("(loop {set}) {get}"),
        format!("(if (i32.const 1) (then {set})) {get}"),
        format!("(if (i32.const 1) (then {set}) (else {get}))"),
        format!("(if (i32.const 1) (then {set}) (else {set})) {get}"),
        format!("(block (br_if 0 (i32.const 1)) {set}) {get}"),
        format!("(unreachable) {get}"),
        format!("(try_table {set}) {get}"),
        format!("(block (block {set}) {get})"),
        format!("(return) (block {set}) {get}"),
    ];
    for body in refused {
        assert!(check(&body).starts_with("uninitialized local"), "{body}");
    }
}

#[test]
fn memory_arguments() {
    let load = |memory: &[u8], arg: &[u8], wide: bool| {
        let address = if wide { [0x42, 0] } else { [0x41, 0] };
        let code = cat(&[&address[..], &[0x28], arg]);
        module(&[
            section(1, [1, 0x60, 0, 1, 0x7F]),
            section(3, [1, 0]),
            section(5, memory),
            section(10, vector(1, body(NONE, &code))),
        ])
    };
    let one: &[u8] = &[1, 0, 1];
    let two: &[u8] = &[2, 0, 1, 0, 1];
    let wide: &[u8] = &[1, 4, 1];
    valid(&load(one, &[2, 0], false));
    invalid(
        &load(one, &[3, 0], false),
        "alignment must not be larger than natural",
    );
    // Bit 6: an index of a memory follows.
    valid(&load(two, &[0x42, 1, 0], false));
    invalid(&load(one, &[0x42, 1, 0], false), "unknown memory 1");
    invalid(
        &load(two, &[0x43, 1, 0], false),
        "alignment must not be larger than natural",
    );
    malformed(&load(one, &[0x80, 1, 0], false), "malformed memop flags");
    invalid(
        &load(one, &[0x3F, 0], false),
        "alignment must not be larger than natural",
    );
    // Offsets up to the address type.
    let largest = [2, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
    let next = [2, 0x80, 0x80, 0x80, 0x80, 0x10];
    valid(&load(one, &largest, false));
    invalid(&load(one, &next, false), "offset out of range");
    valid(&load(wide, &next, true));
    let all = [2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1];
    valid(&load(wide, &all, true));
    invalid(&load(one, &all, false), "offset out of range");
    let over = [2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2];
    malformed(&load(wide, &over, true), "integer too large");
}
