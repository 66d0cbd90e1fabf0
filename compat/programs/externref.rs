// An embedding program, the same for both engines: externref.

use engine::{Engine, ExternRef, Instance, Module, Result, Rooted, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let text = r#"(module (table (export "t") 2 externref)
        (func (export "swap") (param externref) (result externref) (local externref)
            (local.set 1 (table.get 0 (i32.const 0)))
            (table.set 0 (i32.const 0) (local.get 0))
            (local.get 1)))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[])?;
    let swap = instance.get_typed_func::<Option<Rooted<ExternRef>>, Option<Rooted<ExternRef>>>(
        &mut store, "swap",
    )?;
    let first = ExternRef::new(&mut store, "first".to_string())?;
    let second = ExternRef::new(&mut store, 2u64)?;
    assert!(swap.call(&mut store, Some(first))?.is_none());
    let back = swap.call(&mut store, Some(second))?.unwrap();
    assert!(Rooted::ref_eq(&store, &back, &first)?);
    let data = back.data(&store)?.unwrap();
    assert_eq!(
        data.downcast_ref::<String>().map(String::as_str),
        Some("first")
    );
    *second
        .data_mut(&mut store)?
        .unwrap()
        .downcast_mut::<u64>()
        .unwrap() += 40;
    let back = swap.call(&mut store, None)?.unwrap();
    assert_eq!(back.data(&store)?.unwrap().downcast_ref(), Some(&42u64));
    Ok(())
}
