// An embedding program, the same for both engines: WASI where calls are asynchronous.

use engine::{Engine, Linker, Module, Result, Store};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use wasi::{I32Exit, WasiCtx, p1};

fn block<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Reads its arguments, then ends itself with their number.
const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "args_sizes_get"
        (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_sizes_get"
        (func $environ (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "variables") (result i32)
        (drop (call $environ (i32.const 0) (i32.const 4)))
        (i32.load (i32.const 0)))
    (func (export "_start")
        (drop (call $sizes (i32.const 0) (i32.const 4)))
        (drop (call $get (i32.const 16) (i32.const 64)))
        (call $exit (i32.load (i32.const 0)))))"#;

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    p1::add_to_linker_async(&mut linker, |ctx| ctx)?;
    let module = Module::new(&engine, GUEST)?;
    let mut builder = WasiCtx::builder();
    builder.args(&["guest", "one", "two"]).env("NAME", "value");
    let mut store = Store::new(&engine, builder.build_p1());
    block(async {
        let instance = linker.instantiate_async(&mut store, &module).await?;
        let variables = instance.get_typed_func::<(), i32>(&mut store, "variables")?;
        assert_eq!(variables.call_async(&mut store, ()).await?, 1);
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
        let error = start.call_async(&mut store, ()).await.unwrap_err();
        assert_eq!(error.downcast_ref::<I32Exit>().map(|exit| exit.0), Some(3));
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        assert_eq!(memory.data(&store)[64..78], *b"guest\0one\0two\0");
        Result::<()>::Ok(())
    })
}
