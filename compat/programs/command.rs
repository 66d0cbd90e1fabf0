// An embedding program, the same for both engines: command.

use engine::{Engine, Linker, Module, Result, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let mut linker: Linker<i32> = Linker::new(&engine);
    linker.func_wrap("host", "hit", |mut caller: engine::Caller<'_, i32>| {
        *caller.data_mut() += 1;
    })?;
    let text = r#"(module (import "host" "hit" (func $hit))
        (global $runs (mut i32) (i32.const 0))
        (func (export "_start")
            (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
            (if (i32.ne (global.get $runs) (i32.const 1)) (then (unreachable)))
            (call $hit)))"#;
    linker.module(&mut store, "command", &Module::new(&engine, text)?)?;
    let start = linker
        .get_default(&mut store, "command")?
        .typed::<(), ()>(&store)?;
    start.call(&mut store, ())?;
    start.call(&mut store, ())?;
    assert_eq!(*store.data(), 2);
    Ok(())
}
