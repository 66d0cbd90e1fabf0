//! Guests that are not trusted: bounded memory, bounded work, and what happens at the bounds.

use limpid::{
    Config, Engine, Instance, Module, Result, Store, StoreLimits, StoreLimitsBuilder, Trap,
};

const GUEST: &str = r#"(module
    (memory 1)
    (func (export "eat") (result i32) (local $pages i32)
        (loop $more
            (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1))
                (then (local.set $pages (i32.add (local.get $pages) (i32.const 1)))
                    (br $more))))
        (local.get $pages))
    (func (export "spin") (loop (br 0)))
    (func (export "dive") (call 2)))"#;

/// Runs the example.
pub fn main() -> Result<()> {
    let mut config = Config::new();
    config.consume_fuel(true).max_wasm_stack(1 << 16);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, GUEST)?;

    let limits = StoreLimitsBuilder::new().memory_size(10 << 16).build();
    let mut store: Store<StoreLimits> = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    store.set_fuel(1_000_000)?;
    let instance = Instance::new(&mut store, &module, &[])?;

    let eat = instance.get_typed_func::<(), i32>(&mut store, "eat")?;
    let pages = eat.call(&mut store, ())?;
    println!("the guest got {pages} more pages, then -1");
    assert_eq!(pages, 9);

    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    let error = spin
        .call(&mut store, ())
        .expect_err("it never ends by itself");
    println!("endless loop: {error}");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));

    store.set_fuel(1_000_000)?;
    let dive = instance.get_typed_func::<(), ()>(&mut store, "dive")?;
    let error = dive
        .call(&mut store, ())
        .expect_err("it never ends by itself");
    println!("endless recursion: {error}");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow));
    println!("fuel left: {}", store.get_fuel()?);
    Ok(())
}
