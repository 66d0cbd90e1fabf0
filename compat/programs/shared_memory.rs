// An embedding program, the same for both engines: shared memory.

use engine::{Config, Engine, Linker, MemoryType, Module, Result, SharedMemory, Store};

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config.wasm_threads(true).shared_memory(true);
    let engine = Engine::new(&config)?;
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 2))?;
    let text = r#"(module (import "env" "memory" (memory 1 2 shared))
        (func (export "add") (param i32) (result i32)
            (i32.atomic.rmw.add (i32.const 8) (local.get 0))))"#;
    let module = Module::new(&engine, text)?;
    let threads: Vec<_> = (1..=3)
        .map(|k| {
            let (engine, module, memory) = (engine.clone(), module.clone(), memory.clone());
            std::thread::spawn(move || -> Result<()> {
                let mut store = Store::new(&engine, ());
                let mut linker = Linker::new(&engine);
                linker.define(&store, "env", "memory", memory)?;
                let instance = linker.instantiate(&mut store, &module)?;
                let add = instance.get_typed_func::<i32, i32>(&mut store, "add")?;
                for _ in 0..100 {
                    add.call(&mut store, k)?;
                }
                Ok(())
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap()?;
    }
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.define(&store, "env", "memory", memory.clone())?;
    let instance = linker.instantiate(&mut store, &module)?;
    let add = instance.get_typed_func::<i32, i32>(&mut store, "add")?;
    assert_eq!(add.call(&mut store, 0)?, 600);
    assert_eq!((memory.size(), memory.grow(1)?, memory.size()), (1, 1, 2));
    assert_eq!(memory.data_size(), 131_072);
    Ok(())
}
