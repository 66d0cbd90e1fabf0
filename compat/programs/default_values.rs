// An embedding program, the same for both engines: default values.

use engine::{Engine, Linker, Module, Result, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let text = r#"(module (import "a" "f" (func $f (param i32) (result i32 f64)))
        (import "a" "g" (global i64)) (import "a" "m" (memory 2))
        (func (export "f") (result i32)
            (call $f (i32.const 5)) (drop)
            (i32.add (i32.wrap_i64 (global.get 0)))
            (i32.add (memory.size))))"#;
    let module = Module::new(&engine, text)?;
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_default_values(&mut store, &module)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let f = instance.get_typed_func::<(), i32>(&mut store, "f")?;
    assert_eq!(f.call(&mut store, ())?, 2);
    let text = r#"(module (import "a" "f" (func $f)) (export "f" (func $f)))"#;
    let module = Module::new(&engine, text)?;
    let mut linker: Linker<()> = Linker::new(&engine);
    assert!(linker.instantiate(&mut store, &module).is_err());
    linker.define_unknown_imports_as_traps(&module)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
    assert!(f.call(&mut store, ()).is_err());
    Ok(())
}
