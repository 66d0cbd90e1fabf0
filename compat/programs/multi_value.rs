// An embedding program, the same for both engines: multi value.

use engine::{Engine, Func, Instance, Module, Result, Store, TypedFunc};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let divide = Func::wrap(&mut store, |a: i32, b: i32| -> Result<(i32, i32)> {
        engine::ensure!(b != 0, "division by zero");
        Ok((a / b, a % b))
    });
    let text = r#"(module (import "" "divide" (func $divide (param i32 i32) (result i32 i32)))
        (func (export "f") (param i32 i32) (result i32 i32 i64)
            (call $divide (local.get 0) (local.get 1)) (i64.const -1)))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[divide.into()])?;
    let f: TypedFunc<(i32, i32), (i32, i32, i64)> = instance.get_typed_func(&mut store, "f")?;
    assert_eq!(f.call(&mut store, (17, 5))?, (3, 2, -1));
    assert!(f.call(&mut store, (17, 0)).is_err());
    Ok(())
}
