// An embedding program, the same for both engines: instance pre.

use engine::{Engine, InstancePre, Linker, Module, Result, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut linker: Linker<i32> = Linker::new(&engine);
    linker.func_wrap("host", "id", |caller: engine::Caller<'_, i32>| {
        *caller.data()
    })?;
    let text = r#"(module (import "host" "id" (func $id (result i32))) (export "id" (func $id)))"#;
    let pre: InstancePre<i32> = linker.instantiate_pre(&Module::new(&engine, text)?)?;
    let threads: Vec<_> = (0..3)
        .map(|id| {
            let (pre, engine) = (pre.clone(), engine.clone());
            std::thread::spawn(move || -> Result<i32> {
                let mut store = Store::new(&engine, id);
                let instance = pre.instantiate(&mut store)?;
                let func = instance.get_typed_func::<(), i32>(&mut store, "id")?;
                func.call(&mut store, ())
            })
        })
        .collect();
    let ids: Vec<i32> = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect::<Result<_>>()?;
    assert_eq!(ids, [0, 1, 2]);
    assert_eq!(pre.module().imports().len(), 1);
    Ok(())
}
