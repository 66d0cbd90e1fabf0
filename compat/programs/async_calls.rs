// An embedding program, the same for both engines: async calls.

use engine::{Caller, Config, Engine, Linker, Module, Result, Store};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn block<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

async fn pause() {
    let mut ready = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut ready, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await
}

pub fn run() -> Result<()> {
    let engine = Engine::new(&Config::new())?;
    let mut linker: Linker<i32> = Linker::new(&engine);
    linker.func_wrap_async(
        "host",
        "add",
        |mut caller: Caller<'_, i32>, (a, b): (i32, i32)| {
            Box::new(async move {
                pause().await;
                *caller.data_mut() += 1;
                a + b
            })
        },
    )?;
    let text = r#"(module (import "host" "add" (func $add (param i32 i32) (result i32)))
        (func (export "f") (param i32) (result i32)
            (call $add (call $add (local.get 0) (i32.const 1)) (i32.const 2))))"#;
    let module = Module::new(&engine, text)?;
    let mut store = Store::new(&engine, 0);
    block(async {
        let instance = linker.instantiate_async(&mut store, &module).await?;
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f")?;
        assert_eq!(f.call_async(&mut store, 39).await?, 42);
        Result::<()>::Ok(())
    })?;
    assert_eq!(*store.data(), 2);
    Ok(())
}
