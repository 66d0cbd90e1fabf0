//! Relaxed dot products, spelled out: where wasmtime's answer differs from the deterministic
//! profile's, and nowhere else.

use limpid_oracles::outcome::{Called, Ending, Outcome, Seen};
use limpid_oracles::{generate, on_limpid, relaxed};

/// Both instructions on some bytes, repeated, after an import and in the second function, so that
/// every index counts.
fn module(a: i64, b: i64) -> Vec<u8> {
    let text = format!(
        r#"(module
            (rec (type $s (struct)) (type $t (struct (field v128))))
            (import "host" "log" (func $log (param i32)))
            (memory (export "memory") 1)
            (func $other)
            (func (export "dot") (result v128)
                (call $other)
                (i16x8.relaxed_dot_i8x16_i7x16_s
                    (i64x2.splat (i64.const {a})) (i64x2.splat (i64.const {b}))))
            (func (export "add") (result v128)
                (i32x4.relaxed_dot_i8x16_i7x16_add_s
                    (i64x2.splat (i64.const {a}))
                    (i16x8.relaxed_dot_i8x16_i7x16_s
                        (i64x2.splat (i64.const {b})) (v128.const i64x2 1 1))
                    (i64x2.splat (i64.const {b})))
                (drop)
                (i32x4.relaxed_dot_i8x16_i7x16_add_s
                    (i64x2.splat (i64.const {a})) (i64x2.splat (i64.const {b}))
                    (v128.const i32x4 0 1 2 3))))"#
    );
    wat::parse_str(text).expect("the text is right")
}

const INPUTS: [(i64, i64); 6] = [
    (0x0102_0304_0506_0708, 0x7f01_027f_0304_0506),
    // -128 everywhere, in one neighbour, in one pair.
    (-0x7f7f_7f7f_7f7f_7f80, -0x7f7f_7f7f_7f7f_7f80),
    (0x80, 0x80),
    (0x8080, 0x8080),
    (-0x7f7f_7f7f_7f7f_7f80, 0x7f7f_7f7f_7f7f_7f7f),
    (-1, -0x7f7f_7f7f_7f7f_7f7f),
];

fn ours() -> limpid::Engine {
    on_limpid::new(limpid::Translation::Fused, limpid::Dispatch::Stepped)
}

#[test]
fn dot_products_spelled_out_are_the_profiles() {
    let engine = ours();
    for (a, b) in INPUTS {
        let module = module(a, b);
        let spelled_out = relaxed::spelled_out(&module).expect("there are dot products");
        assert_ne!(module, spelled_out);
        let first = on_limpid::run(&engine, &module);
        assert!(first.returned(), "{first:?}");
        assert_eq!(first, on_limpid::run(&engine, &spelled_out), "{a:x} {b:x}");
        assert_eq!(relaxed::spelled_out(&spelled_out), None);
    }
}

#[test]
fn generated_modules_keep_their_meaning() {
    let engine = ours();
    let mut replaced = 0;
    // Every eighth seed gives a module of vector instructions.
    for seed in (0..400).map(|module| 8 * module + 2) {
        let module = generate::module(seed);
        if let Some(spelled_out) = relaxed::spelled_out(&module) {
            replaced += 1;
            let (ours, other) = (
                on_limpid::run(&engine, &module),
                on_limpid::run(&engine, &spelled_out),
            );
            assert!(ours.agrees(&other), "seed {seed}: {ours:?}\n{other:?}");
        }
    }
    assert!(replaced >= 5, "{replaced} modules have dot products");
}

/// What a module without dot products does differently stays a difference.
#[test]
fn nothing_else_is_spelled_out() {
    let other = wat::parse_str(
        r#"(module (func (export "f") (param v128 v128) (result v128)
            (i32x4.dot_i16x8_s (local.get 0) (local.get 1))))"#,
    );
    assert_eq!(relaxed::spelled_out(&other.expect("it is right")), None);
    assert_eq!(relaxed::spelled_out(b"\0asm\x01\0\0\0\xff"), None);
    let seen = |result: &str| {
        let ending = Ending::Returned(vec![result.into()]);
        let name = "f".into();
        let calls = vec![Called { name, ending }];
        Outcome::Ran(Seen {
            calls,
            ..Seen::default()
        })
    };
    assert!(!seen("32767").agrees(&seen("-32768")));
}

#[cfg(feature = "wasmtime")]
#[test]
fn wasmtime_differs_for_one_input_and_is_accepted_there() {
    use limpid_oracles::on_wasmtime;
    let (engine, theirs) = (ours(), on_wasmtime::new(false));
    let mut differ = 0;
    for (a, b) in INPUTS {
        let module = module(a, b);
        let first = on_limpid::run(&engine, &module);
        differ += u32::from(!on_wasmtime::run(&theirs, &module).agrees(&first));
        assert!(on_wasmtime::run_beside(&theirs, &module, &first).agrees(&first));
    }
    assert_eq!(differ, 2, "-128 everywhere, and in one pair");
}
