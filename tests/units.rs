//! Calls between functions that are translated apart take no host stack.
#![cfg(feature = "wat")]

use limpid::{Engine, Instance, Module, Store};

/// A loop that calls a function of another unit; a large function before it fills the first.
fn text() -> String {
    let large = "(drop (i32.const 100000))".repeat(20_000);
    format!(
        r#"(module
        (table funcref (elem $far $direct $indirect))
        (type $t (func (param i32) (result i32)))
        (func $large {large})
        (func $far (type $t) (i32.add (local.get 0) (i32.const 1)))
        (func $direct (export "direct") (type $t) (local $sum i32)
            (if (i32.eqz (local.get 0)) (then (call $large)))
            (loop $again
                (local.set $sum (call $far (local.get $sum)))
                (br_if $again (i32.lt_u (local.get $sum) (local.get 0))))
            (local.get $sum))
        (func $indirect (export "indirect") (type $t) (local $sum i32)
            (if (i32.eqz (local.get 0)) (then (call $large)))
            (loop $again
                (local.set $sum (call_indirect (type $t) (local.get $sum) (i32.const 0)))
                (br_if $again (i32.lt_u (local.get $sum) (local.get 0))))
            (local.get $sum)))"#
    )
}

fn run(name: &str) -> limpid::Result<i32> {
    let engine = Engine::default();
    let module = Module::new(&engine, text())?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let func = instance.get_typed_func::<i32, i32>(&mut store, name)?;
    func.call(&mut store, 1_000_000)
}

#[test]
fn a_million_calls_of_another_unit() {
    for name in ["direct", "indirect"] {
        let thread = std::thread::Builder::new().stack_size(1 << 20);
        let ran = thread
            .spawn(move || run(name))
            .expect("a thread")
            .join()
            .expect("no panic");
        assert_eq!(ran.expect("it returns"), 1_000_000, "{name}");
    }
}
