// An embedding program, the same for both engines: linker.

use engine::{Engine, Linker, Memory, MemoryType, Module, Result, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
    linker.define(&store, "env", "memory", memory)?;
    linker.func_wrap("env", "seven", || 7i32)?;
    let text = r#"(module (import "env" "memory" (memory 1 2))
        (import "env" "seven" (func $seven (result i32)))
        (func (export "f") (i32.store8 (i32.const 9) (call $seven))))"#;
    let instance = linker.instantiate(&mut store, &Module::new(&engine, text)?)?;
    instance
        .get_typed_func::<(), ()>(&mut store, "f")?
        .call(&mut store, ())?;
    assert_eq!(memory.data(&store)[9], 7);
    let wrong = Module::new(
        &engine,
        r#"(module (import "env" "seven" (func (param i32))))"#,
    )?;
    assert!(linker.instantiate(&mut store, &wrong).is_err());
    let missing = Module::new(&engine, r#"(module (import "env" "eight" (func)))"#)?;
    assert!(linker.instantiate(&mut store, &missing).is_err());
    assert!(engine::Instance::new(&mut store, &missing, &[]).is_err());
    Ok(())
}
