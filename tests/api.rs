//! The embedding API as an embedder uses it.

use limpid::*;

fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, text).unwrap()
}

#[test]
fn host_results_reach_the_guest() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ask = Func::wrap(&mut store, || 21);
    let text = r#"(module (import "" "ask" (func (result i32)))
        (func (export "f") (result i32) (i32.mul (call 0) (i32.const 2))))"#;
    let instance = Instance::new(&mut store, &module(&engine, text), &[ask.into()]).unwrap();
    let f = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
    assert_eq!(f.call(&mut store, ()).unwrap(), 42);
}
