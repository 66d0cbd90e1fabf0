// An embedding program, the same for both engines: a limiter that waits before it answers.

use engine::{Engine, Instance, Memory, MemoryType, Module, ResourceLimiterAsync, Result, Store};
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Waits once.
async fn turn() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Polls a future to its end; returns the number of polls as well.
fn block_on<F: Future>(future: F) -> (F::Output, usize) {
    let mut future = pin!(future);
    for polls in 1.. {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return (done, polls);
        }
    }
    unreachable!("some poll is the last")
}

struct Most(usize);

impl ResourceLimiterAsync for Most {
    fn memory_growing<'life0, 'async_trait>(
        &'life0 mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            turn().await;
            Ok(desired <= self.0)
        })
    }

    fn table_growing<'life0, 'async_trait>(
        &'life0 mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async { Ok(false) })
    }
}

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Most(2 << 16));
    store.limiter_async(|most| most);
    let text = r#"(module (memory (export "m") 1)
        (func (export "grow") (result i32) (memory.grow (i32.const 1))))"#;
    let module = Module::new(&engine, text)?;
    let (instance, polls) = block_on(Instance::new_async(&mut store, &module, &[]));
    let instance = instance?;
    assert!(polls > 1);
    let grow = instance.get_typed_func::<(), i32>(&mut store, "grow")?;
    let (grown, polls) = block_on(grow.call_async(&mut store, ()));
    assert!(grown? == 1 && polls > 1);
    assert_eq!(block_on(grow.call_async(&mut store, ())).0?, -1);
    let memory = instance
        .get_memory(&mut store, "m")
        .expect("it is exported");
    assert_eq!(memory.size(&store), 2);
    assert!(block_on(memory.grow_async(&mut store, 1)).0.is_err());
    let (own, polls) = block_on(Memory::new_async(&mut store, MemoryType::new(1, None)));
    assert!(own.is_ok() && polls > 1);
    Ok(())
}
