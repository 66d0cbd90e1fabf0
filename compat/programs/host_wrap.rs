// An embedding program, the same for both engines: host wrap.

use engine::{Caller, Engine, Func, Instance, Module, Result, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Vec::<i32>::new());
    let push = Func::wrap(&mut store, |mut caller: Caller<'_, Vec<i32>>, x: i32| {
        caller.data_mut().push(x);
    });
    let mul = Func::wrap(&mut store, |a: i64, b: i32| a * i64::from(b));
    let checked = Func::wrap(&mut store, |x: u32| -> Result<u32> { Ok(x + 1) });
    let text = r#"(module (import "" "push" (func $push (param i32)))
        (import "" "mul" (func $mul (param i64 i32) (result i64)))
        (import "" "checked" (func $checked (param i32) (result i32)))
        (func (export "f") (param i32) (result i64)
            (call $push (local.get 0))
            (call $push (call $checked (local.get 0)))
            (call $mul (i64.const 6) (i32.const 7))))"#;
    let imports = [push.into(), mul.into(), checked.into()];
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &imports)?;
    let f = instance.get_typed_func::<i32, i64>(&mut store, "f")?;
    assert_eq!(f.call(&mut store, 10)?, 42);
    assert_eq!(store.data(), &[10, 11]);
    Ok(())
}
