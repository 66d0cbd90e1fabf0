//! Asynchronous calls, without any executor but a loop.

use super::{instance, store_with};
use limpid::*;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Polls a future to its end; says how often it was not ready.
pub(super) fn block<F: Future>(future: F) -> (F::Output, usize) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for waits in 0.. {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, waits);
        }
    }
    unreachable!("the loop is endless")
}

/// Not ready that many times.
pub(super) fn wait(mut times: u32) -> impl Future<Output = ()> + Send {
    poll_fn(move |_| {
        if times == 0 {
            return Poll::Ready(());
        }
        times -= 1;
        Poll::Pending
    })
}

const TEXT: &str = r#"(module (import "" "wait" (func $wait (param i32) (result i32)))
    (memory (export "m") 1)
    (func (export "f") (param i32) (result i32)
        (i32.store8 (i32.const 0) (i32.const 9))
        (i32.add (call $wait (local.get 0)) (call $wait (i32.const 2))))
    (func (export "tail") (param i32) (result i32) (return_call $wait (local.get 0))))"#;

fn waiting(store: &mut Store<u32>) -> Func {
    Func::wrap_async(store, |mut caller: Caller<'_, u32>, (times,): (u32,)| {
        Box::new(async move {
            wait(times).await;
            *caller.data_mut() += 1;
            Ok::<_, Error>(times * 10)
        })
    })
}

#[test]
fn host_functions_wait() {
    let mut store = Store::new(&Engine::default(), 0);
    let wait = waiting(&mut store);
    let instance = instance(&mut store, TEXT, &[wait.into()]);
    for (name, wanted, wait) in [("f", 50, 5), ("tail", 30, 3)] {
        let f = instance
            .get_typed_func::<u32, u32>(&mut store, name)
            .expect("typed");
        let (result, waits) = block(f.call_async(&mut store, 3));
        assert_eq!((result.expect("returns"), waits), (wanted, wait), "{name}");
        let error = f.call(&mut store, 3).expect_err("not asynchronous");
        assert_eq!(error.code(), "async-required", "{name}");
    }
    assert_eq!(*store.data(), 3);
    let mut results = [Val::I32(0)];
    let (done, _) = block(wait.call_async(&mut store, &[Val::I32(1)], &mut results));
    done.expect("a host function can be called itself");
    assert_eq!(results[0].unwrap_i32(), 10);
}

#[test]
fn a_dropped_call_leaves_the_store_usable() {
    let mut store = Store::new(&Engine::default(), 0);
    let wait = waiting(&mut store);
    let instance = instance(&mut store, TEXT, &[wait.into()]);
    let f = instance
        .get_typed_func::<u32, u32>(&mut store, "f")
        .expect("typed");
    {
        let mut call = pin!(f.call_async(&mut store, 3));
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let memory = instance.get_memory(&mut store, "m").expect("exported");
    assert_eq!(memory.data(&store)[0], 9, "the memory is back in its place");
    let (result, _) = block(f.call_async(&mut store, 1));
    assert_eq!(result.expect("returns"), 30);
}

#[test]
fn untyped_and_nested() {
    let engine = Engine::default();
    let mut linker: Linker<u32> = Linker::new(&engine);
    let ty = FuncType::new(&engine, [ValType::I32], [ValType::I32]);
    linker
        .func_new_async("", "wait", ty, |mut caller, params, results| {
            Box::new(async move {
                wait(1).await;
                let x = params[0].unwrap_i32();
                let f = caller
                    .get_export("tail")
                    .and_then(Extern::into_func)
                    .expect("exported");
                if x > 2 {
                    let inner = [Val::I32(x - 1)];
                    f.call_async(&mut caller, &inner, results).await?;
                } else {
                    results[0] = Val::I32(x);
                }
                Ok(())
            })
        })
        .expect("new");
    let mut store = Store::new(&engine, 0);
    let module = Module::new(&engine, TEXT).expect("valid");
    let (instance, _) = block(linker.instantiate_async(&mut store, &module));
    let instance = instance.expect("linked");
    let f = instance
        .get_typed_func::<u32, u32>(&mut store, "f")
        .expect("typed");
    let (result, waits) = block(f.call_async(&mut store, 5));
    assert_eq!((result.expect("returns"), waits), (4, 5));
}

#[test]
fn fuel_and_epochs_yield() {
    let text = r#"(module (func (export "f") (param i32) (result i32)
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get 0)))"#;
    let mut store = store_with(|config| config.consume_fuel(true));
    store.set_fuel(100_000).expect("configured");
    store
        .fuel_async_yield_interval(Some(1000))
        .expect("configured");
    let fueled = instance(&mut store, text, &[]);
    let f = fueled
        .get_typed_func::<i32, i32>(&mut store, "f")
        .expect("typed");
    let (result, waits) = block(f.call_async(&mut store, 1000));
    assert_eq!(result.expect("enough"), 0);
    assert!((4..=6).contains(&waits), "{waits}");
    let (result, _) = block(f.call_async(&mut store, 1_000_000));
    assert_eq!(
        result.expect_err("not enough").downcast_ref(),
        Some(&Trap::OutOfFuel)
    );

    let mut store = store_with(|config| config.epoch_interruption(true));
    let instance = instance(&mut store, text, &[]);
    let f = instance
        .get_typed_func::<i32, i32>(&mut store, "f")
        .expect("typed");
    store.epoch_deadline_async_yield_and_update(1);
    let engine = store.engine().clone();
    let mut call = pin!(f.call_async(&mut store, 1000));
    let mut context = Context::from_waker(Waker::noop());
    let poll = |call: Pin<&mut _>, context: &mut Context<'_>| Future::poll(call, context);
    let mut pending = 0;
    let result: Result<i32> = loop {
        match poll(call.as_mut(), &mut context) {
            Poll::Ready(result) => break result,
            Poll::Pending => pending += 1,
        }
        if pending < 4 {
            engine.increment_epoch();
        }
    };
    assert_eq!((result.expect("returns"), pending), (0, 4));
}
