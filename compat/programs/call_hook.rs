// An embedding program, the same for both engines: a hook at each change between Wasm and the host.

use engine::{CallHook, Engine, Func, Instance, Module, Result, Store, bail};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, String::new());
    store.call_hook(|mut store, change| {
        let letter = match change {
            CallHook::CallingWasm => '(',
            CallHook::CallingHost => '[',
            CallHook::ReturningFromHost => ']',
            CallHook::ReturningFromWasm => ')',
        };
        store.data_mut().push(letter);
        if store.data().len() > 12 {
            bail!("too many changes");
        }
        Ok(())
    });
    let host = Func::wrap(&mut store, |x: i32| x * 2);
    let text = r#"(module (import "" "host" (func $host (param i32) (result i32)))
        (func (export "f") (param i32) (result i32)
            (i32.add (call $host (local.get 0)) (call $host (local.get 0)))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[host.into()])?;
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f")?;
    assert_eq!(f.call(&mut store, 3)?, 12);
    assert_eq!(store.data(), "([][])");
    assert_eq!(f.call(&mut store, 3)?, 12);
    let error = f.call(&mut store, 3).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "too many changes");
    assert!(CallHook::CallingHost.entering_host() && CallHook::CallingWasm.exiting_host());
    Ok(())
}
