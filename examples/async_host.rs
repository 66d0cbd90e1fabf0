//! Asynchronous host functions. While one waits, the guest is suspended as plain data in its
//! store, so a handful of lines can run many guests on one thread.

use limpid::{Caller, Engine, Linker, Module, Result, Store};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A clock that moves when nobody can do anything else.
type Time = std::sync::Arc<std::sync::atomic::AtomicU32>;

/// What the store of a guest holds.
struct Guest {
    name: &'static str,
    time: Time,
    log: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

/// Ready at a time.
struct Until(Time, u32);

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let now = self.0.load(std::sync::atomic::Ordering::Relaxed);
        if now >= self.1 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// Runs all tasks to their ends; the clock ticks when each has been polled once.
fn run(tasks: Vec<Pin<Box<dyn Future<Output = Result<()>> + Send>>>, time: &Time) -> Result<()> {
    let mut waiting = VecDeque::from(tasks);
    let mut context = Context::from_waker(Waker::noop());
    while !waiting.is_empty() {
        for _ in 0..waiting.len() {
            let Some(mut task) = waiting.pop_front() else {
                break;
            };
            match task.as_mut().poll(&mut context) {
                Poll::Ready(done) => done?,
                Poll::Pending => waiting.push_back(task),
            }
        }
        time.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
    Ok(())
}

/// Runs the example.
pub fn main() -> Result<()> {
    let engine = Engine::default();
    let mut linker: Linker<Guest> = Linker::new(&engine);
    linker.func_wrap_async(
        "host",
        "sleep",
        |caller: Caller<'_, Guest>, (ticks,): (u32,)| {
            let guest = caller.data();
            let now = guest.time.load(std::sync::atomic::Ordering::Relaxed);
            let until = Until(guest.time.clone(), now + ticks);
            Box::new(async move {
                until.await;
                let guest = caller.data();
                let now = guest.time.load(std::sync::atomic::Ordering::Relaxed);
                let line = format!("{now}: {}", guest.name);
                guest.log.lock().expect("no panic").push(line);
            })
        },
    )?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "sleep" (func $sleep (param i32)))
            (func (export "run") (param i32) (local $n i32)
                (loop (call $sleep (local.get 0))
                    (br_if 0 (i32.lt_u
                        (local.tee $n (i32.add (local.get $n) (i32.const 1)))
                        (i32.const 2))))))"#,
    )?;
    let pre = linker.instantiate_pre(&module)?;
    let (time, log) = (Time::default(), std::sync::Arc::default());
    let mut tasks: Vec<Pin<Box<dyn Future<Output = Result<()>> + Send>>> = Vec::new();
    for (name, ticks) in [("slow", 5u32), ("quick", 2)] {
        let guest = Guest {
            name,
            time: Time::clone(&time),
            log: std::sync::Arc::clone(&log),
        };
        let (mut store, pre) = (Store::new(&engine, guest), pre.clone());
        tasks.push(Box::pin(async move {
            let instance = pre.instantiate_async(&mut store).await?;
            let run = instance.get_typed_func::<u32, ()>(&mut store, "run")?;
            run.call_async(&mut store, ticks).await
        }));
    }
    run(tasks, &time)?;
    let log = log.lock().expect("no panic");
    println!("{log:?}");
    assert_eq!(*log, ["2: quick", "4: quick", "5: slow", "10: slow"]);
    Ok(())
}
