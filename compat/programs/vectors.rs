// An embedding program, the same for both engines: vectors.

use engine::{Engine, Instance, Module, Result, Store, V128, Val};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let text = r#"(module (func (export "add") (param v128 v128) (result v128)
        (i32x4.add (local.get 0) (local.get 1))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[])?;
    let add = instance.get_typed_func::<(V128, V128), V128>(&mut store, "add")?;
    let a = V128::from(0x0000_0001_0000_0002_0000_0003_ffff_ffff_u128);
    let b = V128::from(0x0000_0001_0000_0001_0000_0001_0000_0001_u128);
    let sum = add.call(&mut store, (a, b))?;
    assert_eq!(sum.as_u128(), 0x0000_0002_0000_0003_0000_0004_0000_0000);
    let mut results = [Val::I32(0)];
    add.func()
        .call(&mut store, &[a.into(), Val::V128(b)], &mut results)?;
    assert_eq!(results[0].unwrap_v128(), sum);
    Ok(())
}
