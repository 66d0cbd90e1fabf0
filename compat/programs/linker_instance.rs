// An embedding program, the same for both engines: linker instance.

use engine::{Engine, Linker, Module, Result, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let first = r#"(module (global $g (export "g") (mut i32) (i32.const 40))
        (func (export "two") (result i32) (i32.const 2))
        (table (export "t") 1 funcref) (elem (i32.const 0) 0))"#;
    let first = linker.instantiate(&mut store, &Module::new(&engine, first)?)?;
    linker.instance(&mut store, "first", first)?;
    let second = r#"(module (import "first" "g" (global (mut i32)))
        (import "first" "two" (func (result i32))) (import "first" "t" (table 1 funcref))
        (type $t (func (result i32)))
        (func (export "f") (result i32)
            (i32.add (global.get 0) (i32.add (call 0)
                (call_indirect (type $t) (i32.const 0))))))"#;
    let second = linker.instantiate(&mut store, &Module::new(&engine, second)?)?;
    let f = second.get_typed_func::<(), i32>(&mut store, "f")?;
    assert_eq!(f.call(&mut store, ())?, 44);
    let reactor = r#"(module (global $ready (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $ready (i32.const 1)))
        (func (export "ready") (result i32) (global.get $ready)))"#;
    linker.module(&mut store, "reactor", &Module::new(&engine, reactor)?)?;
    let ready = linker
        .get(&mut store, "reactor", "ready")?
        .into_func()
        .unwrap();
    assert_eq!(ready.typed::<(), i32>(&store)?.call(&mut store, ())?, 1);
    Ok(())
}
