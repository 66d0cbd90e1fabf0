// An embedding program, the same for both engines: functions of modules, and those that may fail
// to be made.

use engine::{
    Caller, Engine, Extern, Func, FuncType, Instance, Module, Result, Store, Val, ValType,
};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::try_new(&engine, 0i32)?;
    let text = r#"(module
        (import "" "look" (func $look))
        (func $first (export "f") call $look)
        (func $second (result i32) i32.const 1)
        (global (export "g") i32 (i32.const 42)))"#;
    let module = Module::new(&engine, text)?;
    let functions: Vec<_> = module
        .functions()
        .map(|f| (f.index.as_u32(), f.name))
        .collect();
    assert_eq!(
        functions,
        [(1, Some("first".into())), (2, Some("second".into()))]
    );
    assert!(module.functions().all(|function| function.len > 0));

    let export = module.get_export_index("g").expect("it is exported");
    let look = Func::try_wrap(&mut store, move |mut caller: Caller<'_, i32>| {
        if let Some(Extern::Global(global)) = caller.get_module_export(&export) {
            *caller.data_mut() = global.get(&mut caller).unwrap_i32();
        }
    })?;
    let instance = Instance::new(&mut store, &module, &[look.into()])?;
    instance
        .get_typed_func::<(), ()>(&mut store, "f")?
        .call(&mut store, ())?;
    assert_eq!(*store.data(), 42);

    let ty = FuncType::try_new(&engine, [], [ValType::I32])?;
    let seven = Func::try_new(&mut store, ty, |_, _, results| {
        results[0] = Val::I32(7);
        Ok(())
    })?;
    assert_eq!(seven.typed::<(), i32>(&store)?.call(&mut store, ())?, 7);
    Ok(())
}
