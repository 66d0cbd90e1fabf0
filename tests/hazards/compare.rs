//! Comparisons that a branch, a `select` or another test takes over (items 8 and 9): each in every
//! form of its operands, with each consumer. Rust's own comparisons are the judge; for floats they
//! are those of IEEE 754, as the specification's are.

use super::*;
use std::fmt::Write;

/// Instructions around a comparison `{c}`, each 1 when it holds and 0 when not.
const CONSUMERS: [&str; 9] = [
    "{c}",
    "(i32.eqz (i32.eqz {c}))",
    "(if (result i32) {c} (then (i32.const 1)) (else (i32.const 0)))",
    "(if (result i32) (i32.eqz {c}) (then (i32.const 0)) (else (i32.const 1)))",
    "(block (br_if 0 {c}) (return (i32.const 0))) (i32.const 1)",
    "(block (br_if 0 (i32.eqz {c})) (return (i32.const 1))) (i32.const 0)",
    "(br_if 0 (i32.const 1) {c}) (drop) (i32.const 0)",
    "(select (i32.const 1) (i32.const 0) {c})",
    "(select (i32.const 0) (i32.const 1) (i32.eqz {c}))",
];

/// The operands of a comparison: locals, results, constants of these values.
fn operands(ty: &str, left: &str, right: &str) -> Vec<String> {
    // Results that are equal to the locals.
    let op = if ty.starts_with('i') {
        "or"
    } else {
        "copysign"
    };
    let same = |local: u32| format!("({ty}.{op} (local.get {local}) (local.get {local}))");
    vec![
        "(local.get 0) (local.get 1)".into(),
        format!("{} (local.get 1)", same(0)),
        format!("(local.get 0) {}", same(1)),
        format!("{} {}", same(0), same(1)),
        format!("(local.get 0) ({ty}.const {right})"),
        format!("{} ({ty}.const {right})", same(0)),
        format!("({ty}.const {left}) (local.get 1)"),
        format!("({ty}.const {left}) {}", same(1)),
        format!("({ty}.const {left}) ({ty}.const {right})"),
    ]
}

/// A number as the text format has it.
fn written(number: impl ToString) -> String {
    number.to_string().replace("NaN", "nan")
}

/// Checks one comparison of two values in every form.
fn check<V: WasmParams + Copy>(ty: &str, op: &str, text: (&str, &str), args: V, holds: bool) {
    let mut module = String::from("(module");
    let mut count = 0;
    for operands in operands(ty, text.0, text.1) {
        for consumer in CONSUMERS {
            let body = consumer.replace("{c}", &format!("({ty}.{op} {operands})"));
            let _ = write!(
                module,
                "(func (export \"{count}\") (param {ty} {ty}) (result i32) {body})"
            );
            count += 1;
        }
    }
    module.push(')');
    for translation in [Translation::Fused, Translation::Faithful] {
        let way = Way::new(translation, Dispatch::Threaded, false);
        let mut store = fueled(&way.engine());
        let instance = instance(&mut store, &module, &[]);
        for number in 0..count {
            let result: i32 = call(&mut store, instance, &number.to_string(), args).unwrap();
            let (form, consumer) = (number / CONSUMERS.len(), number % CONSUMERS.len());
            assert_eq!(
                result,
                i32::from(holds),
                "{translation:?}: {ty}.{op} {text:?}, operands {form}, consumer {consumer}"
            );
        }
    }
}

macro_rules! ordered {
    ($ty:literal, $suffix:literal, $a:expr, $b:expr, $args:expr) => {
        let (a, b) = ($a, $b);
        let text = (written(a), written(b));
        let text = (text.0.as_str(), text.1.as_str());
        for (op, holds) in [("lt", a < b), ("le", a <= b), ("gt", a > b), ("ge", a >= b)] {
            check($ty, &format!("{op}{}", $suffix), text, $args, holds);
        }
        for (op, holds) in [("eq", a == b), ("ne", a != b)] {
            check($ty, op, text, $args, holds);
        }
    };
}

#[test]
fn integer_comparisons_in_every_form() {
    let pairs: [(i32, i32); 6] = [
        (-1, 1),
        (32767, 32768),
        (-32769, -32768),
        (i32::MIN, i32::MAX),
        (5, 5),
        (0x12345, 0x2345),
    ];
    for (a, b) in pairs {
        ordered!("i32", "_s", a, b, (a, b));
        ordered!("i32", "_u", a as u32, b as u32, (a, b));
    }
    let pairs: [(i64, i64); 5] = [
        (-1, 1),
        (0x1_0000_0005, 5),
        (i64::MIN, i64::MAX),
        (-0x8000_0001, -0x8000_0000),
        (7, 7),
    ];
    for (a, b) in pairs {
        ordered!("i64", "_s", a, b, (a, b));
        ordered!("i64", "_u", a as u64, b as u64, (a, b));
    }
}

#[test]
fn float_comparisons_with_nan_are_not_turned_round() {
    for (a, b) in [
        (f32::NAN, 1.0),
        (1.0, f32::NAN),
        (f32::NAN, f32::NAN),
        (1.0, 2.0),
        (2.0, 1.0),
        (0.0, -0.0),
    ] {
        ordered!("f32", "", a, b, (a, b));
        let (a, b) = (f64::from(a), f64::from(b));
        ordered!("f64", "", a, b, (a, b));
    }
}
