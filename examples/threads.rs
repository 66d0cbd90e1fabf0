//! Guests on several threads, each with its own store, over one shared memory.

use limpid::{Engine, Linker, MemoryType, Module, Result, SharedMemory, Store};

const GUEST: &str = r#"(module
    (import "host" "memory" (memory 1 1 shared))
    (func (export "work") (param $n i32)
        (loop
            (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
            (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
        (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
    (func (export "wait") (param $threads i32) (result i32) (local $done i32)
        (loop
            (local.set $done (i32.atomic.load (i32.const 4)))
            (if (i32.lt_u (local.get $done) (local.get $threads))
                (then
                    (drop (memory.atomic.wait32
                        (i32.const 4) (local.get $done) (i64.const -1)))
                    (br 1))))
        (i32.atomic.load (i32.const 0))))"#;

/// Runs the example.
pub fn main() -> Result<()> {
    const THREADS: u32 = 4;
    const ROUNDS: u32 = 10_000;
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1))?;

    let start = |name: &'static str, argument: u32| {
        let (engine, module, memory) = (engine.clone(), module.clone(), memory.clone());
        std::thread::spawn(move || -> Result<u32> {
            let mut store = Store::new(&engine, ());
            let mut linker = Linker::new(&engine);
            linker.define(&store, "host", "memory", memory)?;
            let instance = linker.instantiate(&mut store, &module)?;
            if name == "wait" {
                let wait = instance.get_typed_func::<u32, u32>(&mut store, name)?;
                return wait.call(&mut store, argument);
            }
            let work = instance.get_typed_func::<u32, ()>(&mut store, name)?;
            work.call(&mut store, argument)?;
            Ok(0)
        })
    };
    let waiting = start("wait", THREADS);
    let working: Vec<_> = (0..THREADS).map(|_| start("work", ROUNDS)).collect();
    for thread in working {
        thread.join().expect("no panic")?;
    }
    let total = waiting.join().expect("no panic")?;
    println!("{THREADS} threads counted to {total} together");
    assert_eq!(total, THREADS * ROUNDS);
    Ok(())
}
