//! The embedding API as an embedder uses it.
#![cfg(feature = "wat")]

mod asynchronous;
mod calls;
mod entries;
mod errors;
mod hooks;
mod host_calls;
mod interruption;
mod leaving;
mod linking;
mod long_operations;
mod messages;
mod proposals;
mod references;
mod resources;
mod snapshots;

use limpid::*;

/// A store, and an instance of a module with these imports.
fn instance<T: 'static>(store: &mut Store<T>, text: &str, imports: &[Extern]) -> Instance {
    let module = Module::new(store.engine(), text).expect("the module is valid");
    Instance::new(store, &module, imports).expect("the module can be instantiated")
}

/// A store without data.
fn store() -> Store<()> {
    Store::new(&Engine::default(), ())
}

/// A store whose engine is set up by `with`.
fn store_with(with: impl FnOnce(&mut Config) -> &mut Config) -> Store<()> {
    let mut config = Config::new();
    with(&mut config);
    Store::new(&Engine::new(&config).expect("the settings are fine"), ())
}

#[test]
fn what_may_cross_threads() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Engine>();
    shared::<Module>();
    shared::<Linker<()>>();
    shared::<InstancePre<()>>();
    shared::<Func>();
    shared::<Error>();
    shared::<Config>();
    sent::<Store<()>>();
    sent::<Store<std::cell::Cell<u8>>>();
    sent::<Suspended>();
    sent::<Snapshot>();
}

#[test]
fn many_instances_are_cheap_enough() {
    let mut store = store();
    let text = r#"(module (memory 1) (table 10 funcref) (global (mut i32) (i32.const 7))
        (type $t (func (param i32) (result i32)))
        (func $f (export "f") (type $t) (local.get 0))
        (elem (i32.const 0) $f) (data (i32.const 8) "limpid"))"#;
    let module = Module::new(store.engine(), text).expect("valid");
    let mut config = StoreLimitsBuilder::new().instances(20_000);
    config = config.memories(20_000).tables(20_000);
    let mut limited = Store::new(module.engine(), config.build());
    limited.limiter(|limits| limits);
    for _ in 0..1000 {
        Instance::new(&mut limited, &module, &[]).expect("within limits");
    }
    let pre = Linker::new(module.engine())
        .instantiate_pre(&module)
        .expect("no imports");
    let instance = pre.instantiate(&mut store).expect("no imports");
    let f = instance
        .get_typed_func::<i32, i32>(&mut store, "f")
        .expect("exported");
    assert_eq!(f.call(&mut store, 5).expect("returns"), 5);
}
