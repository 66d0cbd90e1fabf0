// An embedding program, the same for both engines: anyref.

use engine::{AnyRef, Config, Engine, I31, Instance, Module, Result, Rooted, Store, Val};

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config.wasm_function_references(true).wasm_gc(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    let text = r#"(module (func (export "f") (param anyref) (result i32)
        (if (result i32) (ref.test (ref i31) (local.get 0))
            (then (i31.get_s (ref.cast (ref i31) (local.get 0))))
            (else (i32.const -1)))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[])?;
    let f = instance.get_typed_func::<Option<Rooted<AnyRef>>, i32>(&mut store, "f")?;
    let number = AnyRef::from_i31(&mut store, I31::wrapping_i32(-42));
    assert_eq!(f.call(&mut store, Some(number))?, -42);
    assert_eq!(f.call(&mut store, None)?, -1);
    assert!(number.is_i31(&store)?);
    assert_eq!(number.as_i31(&store)?.map(|i| i.get_i32()), Some(-42));
    assert!(!number.is_struct(&store)? && !number.is_array(&store)?);
    let mut results = [Val::I32(0)];
    f.func()
        .call(&mut store, &[Val::AnyRef(Some(number))], &mut results)?;
    assert_eq!(results[0].unwrap_i32(), -42);
    assert_eq!(I31::new_u32(1 << 31), None);
    Ok(())
}
