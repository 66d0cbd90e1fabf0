//! Modules that import from each other: one exports a memory and functions, another uses them.

use limpid::{Engine, Linker, Module, Result, Store};

/// Runs the example.
pub fn main() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);

    let counter = Module::new(
        &engine,
        r#"(module (memory (export "memory") 1)
            (func (export "bump") (param i32) (result i32)
                (i32.store (i32.const 0)
                    (i32.add (i32.load (i32.const 0)) (local.get 0)))
                (i32.load (i32.const 0))))"#,
    )?;
    linker.module(&mut store, "counter", &counter)?;

    let user = Module::new(
        &engine,
        r#"(module
            (import "counter" "bump" (func $bump (param i32) (result i32)))
            (import "counter" "memory" (memory 1))
            (func (export "twice") (result i32)
                (drop (call $bump (i32.const 20)))
                (drop (call $bump (i32.const 22)))
                (i32.load (i32.const 0))))"#,
    )?;
    let user = linker.instantiate(&mut store, &user)?;
    let twice = user.get_typed_func::<(), i32>(&mut store, "twice")?;
    let total = twice.call(&mut store, ())?;
    println!("the counter stands at {total}");
    assert_eq!(total, 42);

    let bump = linker.get(&mut store, "counter", "bump")?;
    println!("counter.bump: {:?}", bump.ty(&store));

    let missing = Module::new(&engine, r#"(module (import "counter" "reset" (func)))"#)?;
    let error = linker
        .instantiate(&mut store, &missing)
        .expect_err("nothing has that name");
    println!("{error}");
    assert_eq!(error.code(), "unlinkable");
    Ok(())
}
