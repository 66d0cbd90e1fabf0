//! The smallest embedding: a module from text, an instance, a call with checked types.

use limpid::{Engine, Instance, Module, Result, Store};

/// Runs the example.
pub fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (func (export "gcd") (param i32 i32) (result i32)
                (if (result i32) (i32.eqz (local.get 1))
                    (then (local.get 0))
                    (else (return_call 0
                        (local.get 1)
                        (i32.rem_u (local.get 0) (local.get 1)))))))"#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let gcd = instance.get_typed_func::<(u32, u32), u32>(&mut store, "gcd")?;
    let found = gcd.call(&mut store, (1071, 462))?;
    println!("gcd(1071, 462) = {found}");
    assert_eq!(found, 21);
    Ok(())
}
