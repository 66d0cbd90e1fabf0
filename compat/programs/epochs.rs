// An embedding program, the same for both engines: epochs.

use engine::{Config, Engine, Instance, Module, Result, Store, Trap, UpdateDeadline};

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, 0u32);
    let text = r#"(module (func (export "spin") (loop (br 0))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[])?;
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    store.set_epoch_deadline(1);
    engine.increment_epoch();
    let error = spin.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    store.epoch_deadline_callback(|mut context| {
        *context.data_mut() += 1;
        if *context.data() < 4 {
            Ok(UpdateDeadline::Continue(0))
        } else {
            Err(engine::Error::msg("enough"))
        }
    });
    let error = spin.call(&mut store, ()).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "enough");
    assert_eq!(*store.data(), 4);
    Ok(())
}
