// An embedding program, the same for both engines: aliases.

use engine::{Engine, Linker, Result, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker: Linker<()> = Linker::new(&engine);
    linker
        .func_wrap("a", "one", || 1i32)?
        .func_wrap("a", "two", || 2i32)?;
    assert!(linker.func_wrap("a", "one", || 3i32).is_err());
    linker.allow_shadowing(true);
    linker.func_wrap("a", "one", || 10i32)?;
    linker.alias("a", "one", "b", "uno")?;
    linker.alias_module("a", "c")?;
    assert!(linker.alias("a", "missing", "b", "x").is_err());
    let mut sum = 0;
    for (module, name) in [("b", "uno"), ("c", "one"), ("c", "two")] {
        let func = linker.get(&mut store, module, name)?.into_func().unwrap();
        sum += func.typed::<(), i32>(&store)?.call(&mut store, ())?;
    }
    assert_eq!(sum, 22);
    assert_eq!(linker.iter(&mut store).count(), 5);
    assert!(linker.get(&mut store, "b", "two").is_err());
    Ok(())
}
