//! How calls end: by a panic of any code of the embedder, by a future that is dropped or leaked, by
//! a refusal. A store is left without active runs, and is poisoned by its own panics alone.

use super::asynchronous::{block, wait};
use super::{instance, store, store_with};
use limpid::internals::exec::Translation;
use limpid::observe::{Event, Probe};
use limpid::*;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};

/// Panics once when it has been armed; a limiter, a probe and a value of the host that do so.
#[derive(Clone, Default)]
struct Bomb(Arc<AtomicBool>);

impl Bomb {
    fn arm(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Panics without a word.
    fn touch(&self) {
        if self.0.swap(false, Ordering::Relaxed) {
            resume_unwind(Box::new("on purpose"));
        }
    }
}

impl ResourceLimiter for Bomb {
    fn memory_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        self.touch();
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        self.touch();
        Ok(true)
    }
}

impl Probe for Bomb {
    fn step(&mut self, _: &Event<'_>) {
        self.touch();
    }
}

struct Value(Bomb);

impl Drop for Value {
    fn drop(&mut self) {
        self.0.touch();
    }
}

/// Whose code panics.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Whose {
    Host,
    AsyncHost,
    MemoryLimiter,
    TableLimiter,
    DropInCollection,
    Probe,
    EpochCallback,
    EpochFuture,
}
use Whose::*;

/// The call that panics.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    Call,
    Typed,
    Resumable,
    Resume,
    Async,
    TypedAsync,
    Start,
    StartAsync,
}
use Way::*;

const ALL: [Whose; 8] = [
    Host,
    AsyncHost,
    MemoryLimiter,
    TableLimiter,
    DropInCollection,
    Probe,
    EpochCallback,
    EpochFuture,
];
const WAYS: [Way; 8] = [
    Call, Typed, Resumable, Resume, Async, TypedAsync, Start, StartAsync,
];

impl Whose {
    fn body(self) -> &'static str {
        match self {
            Host | AsyncHost => "(call $host)",
            MemoryLimiter => "(drop (memory.grow (i32.const 1)))",
            TableLimiter => "(drop (table.grow (ref.null extern) (i32.const 1)))",
            DropInCollection => "(call $maker) (drop (struct.new $s))",
            Probe => "(nop)",
            EpochCallback | EpochFuture => "(loop)",
        }
    }

    fn needs_async(self) -> bool {
        matches!(self, AsyncHost | EpochFuture)
    }

    fn store(self, bomb: &Bomb) -> Store<Bomb> {
        let mut config = Config::new();
        match self {
            DropInCollection => config.gc_stress(true),
            Probe => config.translation(Translation::Faithful),
            EpochCallback | EpochFuture => config.epoch_interruption(true),
            Host | AsyncHost | MemoryLimiter | TableLimiter => &mut config,
        };
        let engine = Engine::new(&config).expect("the settings are fine");
        let mut store = Store::new(&engine, bomb.clone());
        match self {
            MemoryLimiter | TableLimiter => store.limiter(|bomb| bomb),
            Probe => store.set_probe(Box::new(bomb.clone())).expect("faithful"),
            EpochCallback => store.epoch_deadline_callback(|context| {
                context.data().touch();
                Ok(UpdateDeadline::Continue(1))
            }),
            EpochFuture => store.epoch_deadline_callback(|context| {
                let bomb = context.data().clone();
                Ok(match bomb.0.load(Ordering::Relaxed) {
                    true => UpdateDeadline::YieldCustom(1, Box::pin(async move { bomb.touch() })),
                    false => UpdateDeadline::Continue(1),
                })
            }),
            Host | AsyncHost | DropInCollection => {}
        }
        store
    }

    fn imports(self, store: &mut Store<Bomb>) -> [Extern; 3] {
        let host = match self {
            AsyncHost => Func::wrap_async(&mut *store, |caller: Caller<'_, Bomb>, (): ()| {
                Box::new(async move {
                    wait(1).await;
                    caller.data().touch();
                })
            }),
            _ => Func::wrap(&mut *store, |caller: Caller<'_, Bomb>| {
                caller.data().touch()
            }),
        };
        let make = Func::wrap(&mut *store, |caller: Caller<'_, Bomb>| {
            let value = Value(caller.data().clone());
            ExternRef::new(caller, value).map(Some)
        });
        let ask = Func::wrap(store, || -> Result<()> { Err(Suspend.into()) });
        [host.into(), make.into(), ask.into()]
    }

    /// A module that does what panics when called, after having been suspended, and at its start.
    fn module(self, engine: &Engine, start: &str) -> Module {
        let body = self.body();
        let text = format!(
            r#"(module
            (import "" "host" (func $host)) (import "" "make" (func $make (result externref)))
            (import "" "ask" (func $ask))
            (type $s (struct)) (memory 1) (table 1 externref)
            (func $now (export "now") {body})
            (func (export "later") (call $ask) {body})
            (func $maker (drop (call $make)))
            (func (export "calm")) {start})"#
        );
        Module::new(engine, text).expect("the module is valid")
    }
}

/// Makes the call that panics.
fn call(way: Way, store: &mut Store<Bomb>, instance: Instance, module: &Module, from: &[Extern]) {
    let bomb = store.data().clone();
    let func = |store: &mut Store<Bomb>, name| instance.get_func(store, name).expect("exported");
    let now = func(store, "now");
    let typed = now.typed::<(), ()>(&*store).expect("of this type");
    let done = match way {
        Resume => {
            let later = func(store, "later");
            let call = later.call_resumable(&mut *store, &[], &mut []);
            let Ok(ResumableCall::Yielded(run)) = call else {
                panic!("it is suspended: {call:?}")
            };
            bomb.arm();
            store.engine().increment_epoch();
            run.resume(store, &[], &mut []).map(|_| ())
        }
        Call | Typed | Resumable | Async | TypedAsync | Start | StartAsync => {
            bomb.arm();
            store.engine().increment_epoch();
            match way {
                Call => now.call(store, &[], &mut []),
                Typed => typed.call(store, ()),
                Resumable => now.call_resumable(store, &[], &mut []).map(|_| ()),
                Async => block(now.call_async(store, &[], &mut [])).0,
                TypedAsync => block(typed.call_async(store, ())).0,
                StartAsync => block(Instance::new_async(store, module, from))
                    .0
                    .map(|_| ()),
                Start | Resume => Instance::new(store, module, from).map(|_| ()),
            }
        }
    };
    panic!("{way:?} should have panicked: {done:?}");
}

#[test]
fn a_panic_of_any_code_in_any_call_poisons_and_leaves_no_run() {
    for whose in ALL {
        let bomb = Bomb::default();
        let mut store = whose.store(&bomb);
        let imports = whose.imports(&mut store);
        let module = whose.module(store.engine(), "");
        let starting = whose.module(store.engine(), "(start $now)");
        let instance = Instance::new(&mut store, &module, &imports).expect("it is instantiated");
        let calm = instance.get_func(&mut store, "calm").expect("exported");
        let snapshot = store.snapshot().expect("nothing is in the way");
        for way in WAYS {
            let asynchronous = matches!(way, Async | TypedAsync | StartAsync);
            // The limiter is asked about the module's own memory before there is a run.
            let early =
                matches!(whose, MemoryLimiter | TableLimiter) && matches!(way, Start | StartAsync);
            if whose.needs_async() && !asynchronous || early {
                continue;
            }
            for round in 0..70 {
                let case = format!("{whose:?} {way:?} {round}");
                let called = AssertUnwindSafe(|| {
                    call(way, &mut store, instance, &starting, &imports);
                });
                let panic = catch_unwind(called).expect_err("it panics");
                assert_eq!(panic.downcast_ref(), Some(&"on purpose"), "{case}");
                let error = calm.call(&mut store, &[], &mut []).expect_err("poisoned");
                assert_eq!(error.code(), "poisoned", "{case}");
                let error = store.snapshot().expect_err("poisoned");
                assert_eq!(error.code(), "poisoned", "{case}");
                store.restore(&snapshot).expect("it heals the store");
                calm.call(&mut store, &[], &mut []).expect(&case);
                store.fork().expect("nothing is in the way");
            }
        }
    }
}

#[test]
fn an_inner_panic_that_is_caught_ends_the_outer_call() {
    let bomb = Bomb::default();
    let mut store = Host.store(&bomb);
    let [host, make, _] = Host.imports(&mut store);
    let catching = Func::wrap(&mut store, |mut caller: Caller<'_, Bomb>| {
        let now = caller.get_export("now").and_then(Extern::into_func);
        let now = now.expect("exported");
        caller.data().arm();
        let called = AssertUnwindSafe(|| now.call(&mut caller, &[], &mut []));
        assert!(catch_unwind(called).is_err());
    });
    let module = Host.module(store.engine(), "");
    let imports = [host, make, catching.into()];
    let instance = Instance::new(&mut store, &module, &imports).expect("it is instantiated");
    let later = instance.get_func(&mut store, "later").expect("exported");
    for _ in 0..2 {
        let error = later.call(&mut store, &[], &mut []).expect_err("poisoned");
        assert_eq!(error.code(), "poisoned");
    }
}

#[test]
fn a_pending_call_dropped_by_another_panic_does_not_poison() {
    let mut store = AsyncHost.store(&Bomb::default());
    let imports = AsyncHost.imports(&mut store);
    let module = AsyncHost.module(store.engine(), "");
    let instance = Instance::new(&mut store, &module, &imports).expect("it is instantiated");
    let now = instance.get_func(&mut store, "now").expect("exported");
    let calm = instance.get_func(&mut store, "calm").expect("exported");
    let unwinding = AssertUnwindSafe(|| {
        let mut call = pin!(now.call_async(&mut store, &[], &mut []));
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
        resume_unwind(Box::new("for another reason"));
    });
    assert!(catch_unwind(unwinding).is_err());
    calm.call(&mut store, &[], &mut []).expect("not poisoned");
    store.snapshot().expect("no run is active");
}

/// Calls `calm` when it is dropped.
struct CallsWhenDropped<'a>(&'a mut Store<()>, Func);

impl Drop for CallsWhenDropped<'_> {
    fn drop(&mut self) {
        let done = self.1.call(&mut *self.0, &[], &mut []);
        done.expect("a call while the thread unwinds is a call");
    }
}

#[test]
fn a_call_made_while_the_thread_unwinds_does_not_poison() {
    let mut store = store();
    let calm = Func::wrap(&mut store, || {});
    let unwinding = AssertUnwindSafe(|| {
        let _calls = CallsWhenDropped(&mut store, calm);
        resume_unwind(Box::new("for another reason"));
    });
    assert!(catch_unwind(unwinding).is_err());
    calm.call(&mut store, &[], &mut []).expect("not poisoned");
}

#[test]
fn an_inner_call_that_the_host_leaks_ends_with_the_host_call() {
    let mut store = AsyncHost.store(&Bomb::default());
    let [host, make, _] = AsyncHost.imports(&mut store);
    let leaking = Func::wrap(&mut store, |mut caller: Caller<'_, Bomb>| {
        let now = caller.get_export("now").and_then(Extern::into_func);
        let now = now.expect("exported");
        let mut call = Box::pin(async move { now.call_async(&mut caller, &[], &mut []).await });
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
        std::mem::forget(call);
    });
    let module = AsyncHost.module(store.engine(), "");
    let imports = [host, make, leaking.into()];
    let instance = Instance::new(&mut store, &module, &imports).expect("it is instantiated");
    let later = instance.get_func(&mut store, "later").expect("exported");
    let (done, waits) = block(later.call_async(&mut store, &[], &mut []));
    done.expect("the outer call goes on");
    assert_eq!(waits, 1, "its own call of the host function is waited for");
    store.snapshot().expect("no run is active");
}

#[test]
fn what_an_epoch_callback_sets_holds() {
    let mut store = store_with(|config| config.epoch_interruption(true));
    let text = r#"(module (func (export "f") (loop)))"#;
    let instance = instance(&mut store, text, &[]);
    let f = instance.get_func(&mut store, "f").expect("exported");
    store.epoch_deadline_callback(|mut context| {
        context.epoch_deadline_trap();
        Ok(UpdateDeadline::Continue(1))
    });
    f.call(&mut store, &[], &mut []).expect("let go on");
    store.engine().increment_epoch();
    let error = f
        .call(&mut store, &[], &mut [])
        .expect_err("no callback now");
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    // One that sets nothing is asked again.
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(0)));
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
    for _ in 0..3 {
        f.call(&mut store, &[], &mut []).expect("let go on");
        store.engine().increment_epoch();
    }
}

#[test]
fn a_refused_yield_grants_nothing() {
    let text = r#"(module (func (export "f") (loop)))"#;
    let mut store = store_with(|config| config.epoch_interruption(true));
    let epochs = instance(&mut store, text, &[]);
    let f = epochs.get_func(&mut store, "f").expect("exported");
    let callbacks: [fn(&mut Store<()>); 3] = [
        |store| store.epoch_deadline_async_yield_and_update(1000),
        |store| store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1000))),
        |store| {
            store.epoch_deadline_callback(|_| {
                Ok(UpdateDeadline::YieldCustom(1000, Box::pin(async {})))
            });
        },
    ];
    for set in callbacks {
        set(&mut store);
        store.set_epoch_deadline(0);
        for _ in 0..3 {
            let error = f
                .call(&mut store, &[], &mut [])
                .expect_err("it cannot yield");
            assert_eq!(error.code(), "async-required");
            assert!(!format!("{error:#}").contains("host function"), "{error:#}");
        }
        block(f.call_async(&mut store, &[], &mut []))
            .0
            .expect("it yields");
        f.call(&mut store, &[], &mut [])
            .expect("the deadline is far now");
    }

    let mut store = store_with(|config| config.consume_fuel(true));
    store.set_fuel(5).expect("configured");
    store
        .fuel_async_yield_interval(Some(1))
        .expect("configured");
    let text = r#"(module (func (export "f") (drop (i32.const 1)) (drop (i32.const 1))))"#;
    let fuel = instance(&mut store, text, &[]);
    let f = fuel.get_func(&mut store, "f").expect("exported");
    for _ in 0..3 {
        let error = f
            .call(&mut store, &[], &mut [])
            .expect_err("it cannot yield");
        assert_eq!(error.code(), "async-required");
        assert!(!format!("{error:#}").contains("host function"), "{error:#}");
        assert_eq!(store.get_fuel().expect("configured"), 5);
    }
    let done = block(f.call_async(&mut store, &[], &mut [])).0;
    done.expect("there is enough fuel when it may yield");
}
