// An embedding program, the same for both engines: backtrace.

use engine::{Engine, Instance, Module, Result, Store, Trap, WasmBacktrace};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let text = r#"(module $m (func $inner (unreachable))
        (func $outer (export "f") (call $inner)))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[])?;
    let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
    let error = f.call(&mut store, ()).unwrap_err();
    assert!(error.downcast_ref::<Trap>().is_some());
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let frames = backtrace.frames();
    assert_eq!(frames.len(), 2);
    assert_eq!(frames[0].func_name(), Some("inner"));
    assert_eq!((frames[0].func_index(), frames[1].func_index()), (0, 1));
    assert_eq!(frames[1].module().name(), Some("m"));
    Ok(())
}
