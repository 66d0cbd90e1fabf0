// An embedding program, the same for both engines: fuel.

use engine::{Config, Engine, Instance, Module, Result, Store, Trap};

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    let text = r#"(module (func (export "spin") (loop (br 0)))
        (func (export "calm") (result i32) (i32.const 42)))"#;
    let module = Module::new(&engine, text)?;
    store.set_fuel(10_000)?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let calm = instance.get_typed_func::<(), i32>(&mut store, "calm")?;
    assert_eq!(calm.call(&mut store, ())?, 42);
    let left = store.get_fuel()?;
    assert!(left < 10_000 && left > 9_900);
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    let error = spin.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
    store.set_fuel(100)?;
    assert_eq!(calm.call(&mut store, ())?, 42);
    let mut plain = Store::new(&Engine::default(), ());
    assert!(plain.set_fuel(1).is_err());
    Ok(())
}
