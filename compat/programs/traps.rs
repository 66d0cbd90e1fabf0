// An embedding program, the same for both engines: traps.

use engine::{Config, Engine, Instance, Module, Result, Store, Trap};

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config.max_wasm_stack(1 << 18);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    let text = r#"(module (memory 1) (table 1 funcref) (type $t (func))
        (func (export "unreachable") (unreachable))
        (func (export "divide") (drop (i32.div_s (i32.const 1) (i32.const 0))))
        (func (export "overflow")
            (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
        (func (export "convert") (drop (i32.trunc_f32_s (f32.const nan))))
        (func (export "memory") (drop (i32.load (i32.const 65533))))
        (func (export "stack") (call 5)))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[])?;
    let all = [
        ("unreachable", Trap::UnreachableCodeReached),
        ("divide", Trap::IntegerDivisionByZero),
        ("overflow", Trap::IntegerOverflow),
        ("convert", Trap::BadConversionToInteger),
        ("memory", Trap::MemoryOutOfBounds),
        ("stack", Trap::StackOverflow),
    ];
    for (name, trap) in all {
        let f = instance.get_typed_func::<(), ()>(&mut store, name)?;
        let error = f.call(&mut store, ()).unwrap_err();
        assert_eq!(error.downcast_ref::<Trap>(), Some(&trap), "{name}");
    }
    Ok(())
}
