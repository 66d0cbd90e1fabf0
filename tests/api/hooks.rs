//! What a store asks the embedder about: changes between Wasm and the host, growth that may wait,
//! and a heap that is full.

use super::{instance, store, store_with};
use limpid::*;
use std::future::{Future, pending, ready};
use std::pin::Pin;

/// Notes each change between Wasm and the host as a letter.
fn noted(store: &mut Store<String>) {
    store.call_hook(|mut store, change| {
        store.data_mut().push(match change {
            CallHook::CallingWasm => '(',
            CallHook::CallingHost => '[',
            CallHook::ReturningFromHost => ']',
            CallHook::ReturningFromWasm => ')',
        });
        Ok(())
    });
}

const CALLS: &str = r#"(module (import "" "double" (func $double (param i32) (result i32)))
    (func (export "f") (result i32) (i32.add (call $double (i32.const 1)) (i32.const 1))))"#;

#[test]
fn hooks_see_functions_that_need_nothing_of_the_store() {
    let mut store = Store::new(&Engine::default(), String::new());
    // One is made before the hook is set, the other after.
    let before = Func::wrap(&mut store, |x: i32| x * 2);
    let first = instance(&mut store, CALLS, &[before.into()]);
    noted(&mut store);
    let after = Func::wrap(&mut store, |x: i32| x * 2);
    let second = instance(&mut store, CALLS, &[after.into()]);
    store.data_mut().clear();
    for instance in [first, second] {
        let f = instance
            .get_typed_func::<(), i32>(&mut store, "f")
            .expect("typed");
        assert_eq!(f.call(&mut store, ()).expect("it runs"), 3);
    }
    assert_eq!(store.data(), "([])([])");
}

#[test]
fn hooks_see_calls_after_a_store_is_set_back() {
    let mut store = Store::new(&Engine::default(), String::new());
    let double = Func::wrap(&mut store, |x: i32| x * 2);
    let calls = instance(&mut store, CALLS, &[double.into()]);
    let snapshot = store.snapshot().expect("it can be copied");
    noted(&mut store);
    store.restore(&snapshot).expect("it can be set back");
    let f = calls
        .get_typed_func::<(), i32>(&mut store, "f")
        .expect("typed");
    f.call(&mut store, ()).expect("it runs");
    assert_eq!(store.data(), "([])");
}

#[test]
fn hooks_see_calls_that_stop_half_way() {
    let mut store = Store::new(&Engine::default(), String::new());
    let ask = Func::wrap(&mut store, |_: i32| -> Result<i32> { Err(Suspend.into()) });
    let calls = instance(&mut store, CALLS, &[ask.into()]);
    noted(&mut store);
    let f = calls.get_func(&mut store, "f").expect("it is exported");
    let mut results = [Val::I32(0)];
    let call = f
        .call_resumable(&mut store, &[], &mut results)
        .expect("it runs");
    let ResumableCall::Yielded(run) = call else {
        panic!("it suspends")
    };
    assert_eq!(store.data(), "([])");
    run.resume(&mut store, &[Val::I32(6)], &mut results)
        .expect("it goes on");
    assert_eq!((results[0].unwrap_i32(), &**store.data()), (7, "([])()"));
}

#[test]
fn errors_of_hooks_end_calls() {
    for stop_at in [
        CallHook::CallingWasm,
        CallHook::CallingHost,
        CallHook::ReturningFromHost,
    ] {
        let mut store = store();
        let double = Func::wrap(&mut store, |x: i32| x * 2);
        let calls = instance(&mut store, CALLS, &[double.into()]);
        let f = calls
            .get_typed_func::<(), i32>(&mut store, "f")
            .expect("typed");
        store.call_hook(move |_, change| {
            ensure!(change != stop_at, "stopped");
            Ok(())
        });
        let error = f.call(&mut store, ()).expect_err("the hook fails");
        assert_eq!(error.to_string(), "stopped", "{stop_at:?}");
        store.call_hook(|_, _| Ok(()));
        assert_eq!(f.call(&mut store, ()).expect("the store is as before"), 3);
    }
}

#[test]
fn hooks_may_call_the_store() {
    let mut store = store();
    let double = Func::wrap(&mut store, |x: i32| x * 2);
    let calls = instance(&mut store, CALLS, &[double.into()]);
    let f = calls
        .get_typed_func::<(), i32>(&mut store, "f")
        .expect("typed");
    store.call_hook(move |mut store, _| {
        ensure!(f.call(&mut store, ())? == 3, "another result");
        ExternRef::new(&mut store, 1u8)?;
        Ok(())
    });
    assert_eq!(f.call(&mut store, ()).expect("it runs"), 3);
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<bool>> + Send + 'a>>;

/// Lets everything grow, at once or never.
struct Limiter {
    waits: bool,
}

impl Limiter {
    fn answer<'a>(&mut self) -> Answer<'a> {
        match self.waits {
            true => Box::pin(pending()),
            false => Box::pin(ready(Ok(true))),
        }
    }
}

impl ResourceLimiterAsync for Limiter {
    fn memory_growing<'life0, 'async_trait>(
        &'life0 mut self,
        _: usize,
        _: usize,
        _: Option<usize>,
    ) -> Answer<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        self.answer()
    }

    fn table_growing<'life0, 'async_trait>(
        &'life0 mut self,
        _: usize,
        _: usize,
        _: Option<usize>,
    ) -> Answer<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        self.answer()
    }
}

#[test]
fn limiters_that_wait_need_asynchronous_calls() {
    let mut store = Store::new(&Engine::default(), Limiter { waits: false });
    store.limiter_async(|limiter| limiter);
    let text = r#"(module (memory (export "m") 1) (table (export "t") 1 funcref)
        (func (export "memory") (result i32) (memory.grow (i32.const 1)))
        (func (export "table") (result i32) (table.grow (ref.null func) (i32.const 1))))"#;
    let grows = instance(&mut store, text, &[]);
    let memory = grows.get_memory(&mut store, "m").expect("it is exported");
    let table = grows.get_table(&mut store, "t").expect("it is exported");
    for waits in [false, true] {
        store.data_mut().waits = waits;
        let mut all = vec![
            memory.grow(&mut store, 1).map(drop),
            table.grow(&mut store, 1, Ref::Func(None)).map(drop),
            Memory::new(&mut store, MemoryType::new(1, None)).map(drop),
            Table::new(
                &mut store,
                TableType::new(RefType::FUNCREF, 1, None),
                Ref::Func(None),
            )
            .map(drop),
        ];
        for name in ["memory", "table"] {
            let grow = grows
                .get_typed_func::<(), i32>(&mut store, name)
                .expect("typed");
            all.push(grow.call(&mut store, ()).map(drop));
        }
        let module = Module::new(store.engine(), text).expect("valid");
        all.push(Instance::new(&mut store, &module, &[]).map(drop));
        for result in all {
            let code = result.map_err(|error| error.code());
            assert_eq!(code, if waits { Err("async-required") } else { Ok(()) });
        }
    }
}

#[test]
fn full_heaps_give_the_value_back() {
    let mut store = store_with(|config| config.max_gc_heap_size(1 << 12));
    let mut kept = Vec::new();
    let error = loop {
        match ExternRef::new(&mut store, format!("value {}", kept.len())) {
            Ok(reference) => kept.push(reference.to_owned_rooted(&mut store).expect("rooted")),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "heap-exhausted");
    assert_eq!(error.downcast_ref(), Some(&Trap::HeapExhausted));
    let full = error.downcast::<GcHeapOutOfMemory<String>>();
    let (value, why) = full.expect("the value is there").take_inner();
    assert_eq!(value, format!("value {}", kept.len()));
    kept.clear();
    let mut scope = RootScope::new(&mut store);
    scope.as_context_mut().gc(Some(&why)).expect("it collects");
}

/// A hook that collects at one change, and makes objects that take the place of what it frees.
fn collects_at(store: &mut Store<u32>, at: CallHook) {
    store.call_hook(move |mut store, change| {
        if change == at {
            store.gc(None)?;
            for _ in 0..10 {
                ExternRef::new(&mut store, "other".to_string())?;
            }
        }
        Ok(())
    });
}

const CHANGES: [CallHook; 4] = [
    CallHook::CallingWasm,
    CallHook::CallingHost,
    CallHook::ReturningFromHost,
    CallHook::ReturningFromWasm,
];

fn text(store: &Store<u32>, value: Option<Rooted<ExternRef>>) -> String {
    let value = value.expect("not null");
    let data = value.data(store).expect("rooted").expect("of the host");
    data.downcast_ref::<String>().expect("a text").clone()
}

#[test]
fn what_is_passed_survives_a_hook_that_collects() {
    let engine = Engine::default();
    for at in CHANGES {
        let mut store = Store::new(&engine, 0);
        collects_at(&mut store, at);
        let made = Func::wrap(
            &mut store,
            |mut caller: Caller<'_, u32>| -> Result<Option<Rooted<ExternRef>>> {
                Ok(Some(ExternRef::new(&mut caller, "mine".to_string())?))
            },
        );
        let mut results = [Val::I32(0)];
        made.call(&mut store, &[], &mut results).expect("it runs");
        let Val::ExternRef(value) = results[0] else {
            panic!("a reference of the host")
        };
        assert_eq!(text(&store, value), "mine", "{at:?}");
        // An argument whose only root is given away, to a guest and to the host.
        let wat =
            "(module (func (export \"id\") (param externref) (result externref) local.get 0))";
        let id = instance(&mut store, wat, &[]).get_func(&mut store, "id");
        let same = Func::wrap(&mut store, |value: Option<Rooted<ExternRef>>| value);
        for callee in [id.expect("exported"), same] {
            let owned = {
                let mut scope = RootScope::new(&mut store);
                let own = ExternRef::new(&mut scope, "mine".to_string()).expect("there is room");
                own.to_owned_rooted(&mut scope).expect("rooted")
            };
            let callee = callee
                .typed::<Option<OwnedRooted<ExternRef>>, Option<Rooted<ExternRef>>>(&store)
                .expect("typed");
            let value = callee.call(&mut store, Some(owned)).expect("it runs");
            assert_eq!(text(&store, value), "mine", "{at:?}");
        }
    }
}

#[test]
fn a_hook_that_panics_is_there_after_a_restore() {
    let mut store = Store::new(&Engine::default(), 0);
    let snapshot = store.snapshot().expect("nothing runs");
    let double = Func::wrap(&mut store, |x: i32| x * 2);
    let snapshot_with = store.snapshot().expect("nothing runs");
    drop(snapshot);
    store.call_hook(|mut store, change| {
        *store.data_mut() += 1;
        assert!(
            *store.data() > 1 || change != CallHook::CallingWasm,
            "the first call"
        );
        Ok(())
    });
    let call = |store: &mut Store<u32>| double.call(store, &[Val::I32(1)], &mut [Val::I32(0)]);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| call(&mut store)));
    assert!(panicked.is_err());
    store.restore(&snapshot_with).expect("of this store");
    let before = *store.data();
    call(&mut store).expect("it runs");
    assert_eq!(*store.data() - before, 4);
}

#[test]
fn a_function_made_in_a_hook_is_seen_by_it() {
    let mut store = Store::new(&Engine::default(), 0);
    let made = std::sync::Arc::new(std::sync::Mutex::new(None));
    let slot = made.clone();
    store.call_hook(move |mut store, _| {
        *store.data_mut() += 1;
        let mut slot = slot.lock().expect("not poisoned");
        if slot.is_none() {
            *slot = Some(Func::wrap(&mut store, |x: i32| x * 2));
        }
        Ok(())
    });
    let first = Func::wrap(&mut store, |x: i32| x * 2);
    first
        .call(&mut store, &[Val::I32(1)], &mut [Val::I32(0)])
        .expect("it runs");
    let made = made.lock().expect("not poisoned").expect("made");
    let guest = instance(&mut store, CALLS, &[made.into()]);
    let f = guest
        .get_typed_func::<(), i32>(&mut store, "f")
        .expect("typed");
    let before = *store.data();
    f.call(&mut store, ()).expect("it runs");
    assert_eq!(*store.data() - before, 4);
}
