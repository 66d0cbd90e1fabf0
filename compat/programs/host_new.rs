// An embedding program, the same for both engines: host new.

use engine::{Engine, Func, FuncType, Instance, Module, Result, Store, Val, ValType};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let ty = FuncType::new(
        &engine,
        [ValType::I32, ValType::F64],
        [ValType::F64, ValType::I32],
    );
    let swap = Func::new(&mut store, ty, |mut caller, params, results| {
        *caller.data_mut() += 1;
        results[0] = params[1];
        results[1] = params[0];
        Ok(())
    });
    let text = r#"(module (import "" "swap" (func $swap (param i32 f64) (result f64 i32)))
        (func (export "f") (param i32 f64) (result f64 i32)
            (call $swap (local.get 0) (local.get 1))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[swap.into()])?;
    let f = instance.get_func(&mut store, "f").unwrap();
    let mut results = [Val::null_func_ref(), Val::null_func_ref()];
    f.call(&mut store, &[Val::I32(7), Val::from(2.5f64)], &mut results)?;
    assert_eq!(results[0].unwrap_f64(), 2.5);
    assert_eq!(results[1].unwrap_i32(), 7);
    assert!(f.call(&mut store, &[Val::I32(7)], &mut results).is_err());
    assert!(
        f.call(&mut store, &[Val::I64(7), Val::F64(0)], &mut results)
            .is_err()
    );
    let (a, b) = f
        .typed::<(i32, f64), (f64, i32)>(&store)?
        .call(&mut store, (1, 2.0))?;
    assert_eq!((a, b, *store.data()), (2.0, 1, 2));
    Ok(())
}
