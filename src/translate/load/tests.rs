//! Modules as text, each with the rule it breaks. The suite and the enumeration against another
//! validator are wider; here stand the classes of mistakes that validators are known for.

use super::{LoadError, load};
use crate::syntax::Features;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {text})")).expect("the text assembles")
}

/// The message of a module that is invalid.
fn invalid(bytes: &[u8], features: &Features) -> String {
    match load(bytes, features) {
        Ok(_) => panic!("the module loads"),
        Err(LoadError::Malformed(error)) => panic!("malformed: {error}"),
        Err(LoadError::Invalid(error)) => error.to_string(),
    }
}

#[track_caller]
fn check_invalid(text: &str, expected: &str) {
    let found = invalid(&assemble(text), &Features::ALL);
    assert!(found.starts_with(expected), "{found}, not {expected}");
}

#[track_caller]
fn check_valid(text: &str) {
    if let Err(error) = load(&assemble(text), &Features::ALL) {
        panic!("{error}");
    }
}

/// A module of one function `[] -> []` with that code, `end` not included.
fn module_of_code(code: &[u8]) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0".to_vec();
    let mut body = Vec::from([0]);
    body.extend_from_slice(code);
    body.push(0x0B);
    let mut section = Vec::from([1]);
    section.extend(leb(body.len()));
    section.extend(body);
    module.push(10);
    module.extend(leb(section.len()));
    module.extend(section);
    module
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

#[test]
fn hazard_25_unreachable_code_is_polymorphic() {
    for valid in [
        "(func (result i32) unreachable i64.const 0 drop)",
        "(func (result i32) (block (result i32) unreachable (br_if 0)))",
        "(func unreachable select drop)",
        "(func unreachable (select (f32.const 0) (i32.const 0)) drop)",
        "(func (block (result f32) (block (result i32) unreachable br_table 0 1) drop f32.const 0)
            drop)",
        "(func unreachable ref.as_non_null ref.is_null drop)",
        "(func (result (ref i31)) unreachable ref.as_non_null)",
    ] {
        check_valid(valid);
    }
    for mismatched in [
        "(func unreachable (i32.const 0) (i64.add) drop)",
        "(func (block (result i32) unreachable (br_if 0 (i64.const 0) (i32.const 0))) drop)",
        "(func unreachable (select (f32.const 0) (i32.const 0) (i32.const 0)) drop)",
        "(func (block (result f32) (block (result i32) unreachable i32.const 0 i32.const 0
            br_table 0 1) drop f32.const 0) drop)",
        "(func (block (block (result i32) unreachable br_table 0 1) drop))",
        "(func unreachable ref.as_non_null i32.eqz drop)",
        "(func unreachable ref.as_non_null (i32.const 0) (i32.const 0) select drop)",
        "(func unreachable i32.const 0)",
    ] {
        check_invalid(mismatched, "type mismatch");
    }
}

#[test]
fn hazard_26_chains_of_supertypes_have_a_limit() {
    let chain = |length: usize| {
        let mut text = String::from("(type (sub (struct)))");
        for above in 0..length {
            text += &format!("(type (sub {above} (struct)))");
        }
        text
    };
    check_valid(&chain(63));
    check_invalid(
        &chain(64),
        "implementation limit: too many super types above a type (the limit is 63)",
    );
    check_invalid(
        &format!("(rec {})", chain(5000)),
        "implementation limit: too many super types",
    );
}

#[test]
fn hazard_27_bottom_types_and_results_of_tail_calls() {
    for valid in [
        "(func (result (ref null i31)) ref.null none)",
        "(type $s (struct)) (func (param (ref none)) (result (ref $s)) local.get 0)",
        "(type $f (func)) (func (result (ref null $f)) ref.null nofunc)",
        "(type $f (func (result (ref i31))))
         (func $g (result (ref i31)) unreachable) (elem declare func $g)
         (func (result anyref) return_call $g)
         (func (result eqref) (return_call_ref $f (ref.func $g)))",
    ] {
        check_valid(valid);
    }
    for mismatched in [
        "(func (result (ref null i31)) ref.null nofunc)",
        "(func (result (ref i31)) ref.null none)",
        "(func $g (result anyref) unreachable) (func (result (ref i31)) return_call $g)",
        "(func $g (result i32) unreachable) (func return_call $g)",
        "(func $g unreachable) (func (result i32) return_call $g)",
    ] {
        check_invalid(mismatched, "type mismatch");
    }
}

#[test]
fn hazard_28_one_supertype_that_stands_before() {
    let module = |types: &[u8]| {
        let mut bytes = b"\0asm\x01\0\0\0\x01".to_vec();
        bytes.push(types.len() as u8);
        bytes.extend_from_slice(types);
        bytes
    };
    let twice = module(&[2, 0x50, 0, 0x5F, 0, 0x50, 2, 0, 0, 0x5F, 0]);
    let found = invalid(&twice, &Features::ALL);
    assert!(found.starts_with("sub type 1 has more than one"), "{found}");
    let itself = module(&[1, 0x50, 1, 0, 0x5F, 0]);
    let found = invalid(&itself, &Features::ALL);
    assert!(found.starts_with("sub type 0 has a super type"), "{found}");
    check_invalid(
        "(rec (type (sub 1 (struct))) (type (sub (struct))))",
        "sub type 0 has",
    );
    check_invalid(
        "(type (struct)) (type (sub 0 (struct)))",
        "sub type 1 has a final",
    );
    check_invalid(
        "(type (sub (struct (field i32)))) (type (sub 0 (struct (field i64))))",
        "sub type 1 does not match",
    );
}

#[test]
fn hazard_29_types_are_equal_when_their_groups_are() {
    check_valid(
        "(type $a (sub (struct))) (rec (type $b (sub (struct))))
         (func (param (ref $a)) (result (ref $b)) local.get 0)",
    );
    check_valid(
        "(rec (type $a (struct (field (ref null $b)))) (type $b (struct)))
         (rec (type $c (struct (field (ref null $d)))) (type $d (struct)))
         (func (param (ref $a)) (result (ref $c)) local.get 0)",
    );
    check_invalid(
        "(rec (type $a (struct)) (type (array i8))) (rec (type $b (struct)) (type (array i16)))
         (func (param (ref $a)) (result (ref $b)) local.get 0)",
        "type mismatch",
    );
    check_invalid(
        "(rec (type $a (func)) (type (func))) (func $g (type 1)) (elem declare func $g)
         (func (result (ref $a)) ref.func $g)",
        "type mismatch",
    );
}

#[test]
fn hazard_30_a_million_nested_blocks() {
    let nested = 1_000_000;
    let mut code = [0x02, 0x40].repeat(nested);
    code.extend([0x0B].repeat(nested));
    assert!(load(&module_of_code(&code), &Features::ALL).is_ok());
    // An operand left in the innermost one.
    code.splice(2 * nested..2 * nested, [0x41, 0]);
    let found = invalid(&module_of_code(&code), &Features::ALL);
    assert!(found.starts_with("type mismatch"), "{found}");
}

#[test]
fn hazard_30_a_giant_br_table_with_many_operands() {
    let results = "i32 ".repeat(1000);
    let labels = "0 1 ".repeat(200_000);
    check_valid(&format!(
        "(func (result {results}) (block (result {results}) unreachable br_table {labels}))"
    ));
}

#[test]
fn hazard_30_many_locals_and_their_runs() {
    let locals = format!("(local {})", "i32 ".repeat(40_000));
    check_valid(&format!(
        "(func {locals} (local i64 f32) (drop (i64.eqz (local.get 40000)))
            (drop (f32.neg (local.get 40001))) (drop (i32.eqz (local.get 39999))))"
    ));
    check_invalid(
        &format!("(func {locals} (drop (local.get 40000)))"),
        "unknown local 40000",
    );
    check_invalid(
        &format!("(func {locals} (local i64) (drop (i32.eqz (local.get 40000))))"),
        "type mismatch",
    );
}

#[test]
fn hazard_31_segments_are_counted() {
    check_invalid(
        "(memory 1) (data \"\") (func (data.drop 1))",
        "unknown data segment 1",
    );
    check_invalid("(func (elem.drop 0))", "unknown elem segment 0");
}

#[test]
fn hazard_32_constant_expressions() {
    for valid in [
        "(global i32 (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))",
        "(global $a i32 (i32.const 1)) (global i32 (global.get $a))",
        "(type $s (struct (field i32))) (global (ref $s) (struct.new $s (i32.const 1)))
         (global anyref (array.new_fixed $a 1 (ref.i31 (i32.const 0)))) (type $a (array i31ref))",
        "(func $f) (global (ref func) (ref.func $f)) (func (drop (ref.func $f)))",
        "(func $f) (table 1 (ref func) (ref.func $f)) (func (drop (ref.func $f)))",
    ] {
        check_valid(valid);
    }
    for (text, expected) in [
        ("(global i32 (global.get 0))", "unknown global 0"),
        (
            "(global i32 (global.get 1)) (global i32 (i32.const 0))",
            "unknown global 1",
        ),
        (
            "(global (mut i32) (i32.const 0)) (global i32 (global.get 0))",
            "constant expression required",
        ),
        (
            "(global i32 (i32.div_s (i32.const 1) (i32.const 1)))",
            "constant expression required",
        ),
        ("(global i32 (i64.const 0))", "type mismatch"),
        ("(global i32)", "type mismatch"),
        ("(global i32 (i32.const 0) (i32.const 0))", "type mismatch"),
        (
            "(func $f) (func (drop (ref.func $f)))",
            "undeclared function reference",
        ),
        (
            "(func $f) (start $f) (func (drop (ref.func $f)))",
            "undeclared function reference",
        ),
        ("(global funcref (ref.func 7))", "unknown function 7"),
        ("(table 1 (ref func))", "type mismatch"),
        (
            "(global $g funcref (ref.null func)) (table 1 funcref (global.get $g))",
            "unknown global",
        ),
    ] {
        check_invalid(text, expected);
    }
}

#[test]
fn hazard_33_locals_without_default_are_set_before_use() {
    let func = |code: &str| {
        format!("(func (param $p (ref any)) (local $x (ref any)) (local $n anyref) {code})")
    };
    for valid in [
        "(local.set $x (local.get $p)) (drop (local.get $x))",
        "(drop (local.tee $x (local.get $p))) (drop (local.get $x))",
        "(local.set $x (local.get $p)) (block (drop (local.get $x))) (drop (local.get $x))",
        "(drop (local.get $n))",
        "unreachable local.set $x (drop (local.get $x))",
        "(if (i32.const 0) (then (local.set $x (local.get $p)) (drop (local.get $x)))
            (else (local.set $x (local.get $p)) (drop (local.get $x))))",
    ] {
        check_valid(&func(valid));
    }
    for unset in [
        "(drop (local.get $x))",
        "(block (local.set $x (local.get $p))) (drop (local.get $x))",
        "(loop (local.set $x (local.get $p))) (drop (local.get $x))",
        "unreachable (drop (local.get $x))",
        "(if (i32.const 0) (then (local.set $x (local.get $p)))
            (else (drop (local.get $x))))",
        "(if (i32.const 0) (then (local.set $x (local.get $p)))
            (else (local.set $x (local.get $p)))) (drop (local.get $x))",
        "(block (local.set $x (local.get $p)) (br 0)) (drop (local.get $x))",
    ] {
        check_invalid(&func(unset), "uninitialized local 1");
    }
}

#[test]
fn hazard_33_locals_of_one_function_are_not_those_of_the_next() {
    check_invalid(
        "(func (param $p (ref any)) (local $x (ref any)) (local.set $x (local.get $p)) return)
         (func (param $p (ref any)) (local $x (ref any)) (drop (local.get $x)))",
        "uninitialized local 1",
    );
}

#[test]
fn hazard_34_memory_arguments() {
    check_valid("(memory i64 1) (func (drop (i32.load offset=0x1_0000_0000 (i64.const 0))))");
    check_valid(
        "(memory 1) (memory $b i64 1)
         (func (drop (i32.load $b offset=0x1_0000_0000 align=1 (i64.const 0))))",
    );
    check_invalid(
        "(memory 1) (memory $b i64 1) (func (drop (i32.load $b (i32.const 0))))",
        "type mismatch",
    );
    check_invalid(
        "(memory 1) (func (drop (i32.load 1 (i32.const 0))))",
        "unknown memory 1",
    );
    check_invalid(
        "(memory 1) (func (drop (i32.load align=8 (i32.const 0))))",
        "alignment must not be larger than natural",
    );
    check_invalid(
        "(memory 1) (func (drop (i32.atomic.load align=2 (i32.const 0))))",
        "atomic alignment must be natural",
    );
    // An offset of 2^32 with a memory of 32-bit addresses: only bytes can say it.
    let mut wide =
        assemble("(memory i64 1) (func (drop (i32.load offset=0x1_0000_0000 (i64.const 0))))");
    let at = wide.windows(5).position(|bytes| bytes == [5, 3, 1, 4, 1]);
    wide[at.expect("the memory section") + 3] = 0;
    let at = wide.windows(3).position(|bytes| bytes == [0x42, 0, 0x28]);
    wide[at.expect("the address")] = 0x41;
    let found = invalid(&wide, &Features::ALL);
    assert!(found.starts_with("offset out of range"), "{found}");
}

#[test]
fn messages_say_where() {
    let found = invalid(
        &assemble("(func) (func $f (result i32) (drop (i32.eqz (f32.const 0))) i32.const 1)"),
        &Features::ALL,
    );
    let expected = "type mismatch: instruction requires [i32] but stack has [f32] (at 0x";
    assert!(found.starts_with(expected), "{found}");
    assert!(found.ends_with(", i32.eqz, in function 1 (f)"), "{found}");
}

#[test]
fn a_malformed_body_wins_over_an_invalid_one() {
    let mut bytes = assemble("(func i32.const 0) (func nop nop nop)");
    let at = bytes.windows(3).position(|bytes| bytes == [1, 1, 1]);
    bytes[at.expect("the second body") + 1] = 0xFF;
    let error = load(&bytes, &Features::ALL).map(drop);
    assert!(matches!(error, Err(LoadError::Malformed(_))), "{error:?}");
}

#[test]
#[cfg(feature = "std")]
fn threads_find_the_first_error_of_all() {
    let body = "(func (drop (i32.const 1234567))) ".repeat(300);
    let wrong = "(func (drop (i32.eqz (i64.const 0)))) ";
    let filler = format!(
        "(func {})",
        "(drop (i64.const 123456789012345))".repeat(20_000)
    );
    let text = format!("{body}{wrong}{body}{filler}{wrong}{body}{filler}");
    let found = invalid(&assemble(&text), &Features::ALL);
    assert!(found.ends_with("in function 300"), "{found}");
}

#[test]
fn features_that_are_off() {
    for (name, text, expected) in [
        ("multi-memory", "(memory 1) (memory 1)", "multiple memories"),
        (
            "reference-types",
            "(table 1 funcref) (table 1 funcref)",
            "multiple tables",
        ),
        (
            "mutable-global",
            "(global (export \"g\") (mut i32) (i32.const 0))",
            "mutable-global",
        ),
        (
            "extended-const",
            "(global i32 (i32.add (i32.const 0) (i32.const 0)))",
            "constant",
        ),
        (
            "gc",
            "(global $a i32 (i32.const 0)) (global i32 (global.get $a))",
            "constant expression required",
        ),
    ] {
        let mut features = Features::default();
        features.set(name, false);
        let found = invalid(&assemble(text), &features);
        assert!(found.starts_with(expected), "{name}: {found}");
    }
}
