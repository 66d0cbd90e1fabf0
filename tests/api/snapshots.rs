//! Copies of a store: what they hold, which handles are good in them, and when there are none.

use super::{instance, store, store_with};
use limpid::*;

const COUNTER: &str = r#"(module
    (global (export "g") (mut i32) (i32.const 5)) (memory (export "m") 1)
    (func (export "add") (param i32) (result i32)
        (global.set 0 (i32.add (global.get 0) (local.get 0)))
        (i32.store (i32.const 8) (global.get 0))
        (global.get 0))
    (func (export "grow") (result i32) (memory.grow (i32.const 1))))"#;

fn call<T: 'static>(store: &mut Store<T>, instance: &Instance, name: &str, n: i32) -> i32 {
    let add = instance.get_typed_func::<i32, i32>(&mut *store, name);
    let add = add.expect("exported");
    add.call(store, n).expect("returns")
}

#[test]
fn a_store_is_set_back_and_forth() {
    let mut store = store();
    let counter = instance(&mut store, COUNTER, &[]);
    let early = store.snapshot().expect("nothing is in the way");
    assert_eq!(call(&mut store, &counter, "add", 10), 15);
    let late = store.snapshot().expect("nothing is in the way");
    assert_eq!(call(&mut store, &counter, "add", 1), 16);
    let after = instance(&mut store, COUNTER, &[]);
    for _ in 0..2 {
        store.restore(&early).expect("of this store");
        let memory = counter.get_memory(&mut store, "m").expect("exported");
        assert_eq!(memory.data(&store)[8], 0);
        assert_eq!(call(&mut store, &counter, "add", 0), 5);
        store.restore(&late).expect("of this store");
        let memory = counter.get_memory(&mut store, "m").expect("exported");
        assert_eq!(memory.data(&store)[8], 15);
        assert_eq!(call(&mut store, &counter, "add", 1), 16);
    }
    let used = std::panic::AssertUnwindSafe(|| after.get_memory(&mut store, "m"));
    assert!(
        std::panic::catch_unwind(used).is_err(),
        "of no store any more"
    );
    let error = super::store()
        .restore(&early)
        .expect_err("of another store");
    assert_eq!(error.code(), "wrong-store");
}

#[test]
fn copies_go_their_own_way() {
    let mut store = Store::new(&Engine::default(), 3);
    let host = Func::wrap(&mut store, |caller: Caller<'_, i32>| *caller.data());
    let text = r#"(module (import "" "h" (func (result i32)))
        (func (export "f") (param i32) (result i32) (i32.add (call 0) (local.get 0))))"#;
    let counter = instance(&mut store, COUNTER, &[]);
    let asking = instance(&mut store, text, &[host.into()]);
    let mut copy = store.fork().expect("nothing is in the way");
    *copy.data_mut() = 40;
    assert_eq!(call(&mut store, &counter, "add", 1), 6);
    assert_eq!(call(&mut copy, &counter, "add", 2), 7);
    assert_eq!(call(&mut store, &asking, "f", 1), 4);
    assert_eq!(call(&mut copy, &asking, "f", 1), 41);
    // What each makes now is its own.
    let ours = Func::wrap(&mut store, || 1);
    let theirs = Func::wrap(&mut copy, || 2);
    let mut results = [Val::I32(0)];
    ours.call(&mut store, &[], &mut results).expect("ours");
    assert_eq!(results[0].unwrap_i32(), 1);
    theirs.call(&mut copy, &[], &mut results).expect("theirs");
    assert_eq!(results[0].unwrap_i32(), 2);
    let crossed = std::panic::AssertUnwindSafe(|| {
        let _ = theirs.call(&mut store, &[], &mut results);
    });
    assert!(std::panic::catch_unwind(crossed).is_err());
}

#[test]
fn a_copy_grows_nothing_before_it_has_a_limiter() {
    let mut store = Store::new(&Engine::default(), StoreLimits::default());
    store.limiter(|limits| limits);
    let counter = instance(&mut store, COUNTER, &[]);
    let grow = counter
        .get_typed_func::<(), i32>(&mut store, "grow")
        .expect("exported");
    let mut copy = store.fork().expect("nothing is in the way");
    assert_eq!(grow.call(&mut copy, ()).expect("returns"), -1);
    let memory = Memory::new(&mut copy, MemoryType::new(1, None));
    memory.expect_err("no memory without a limiter");
    copy.limiter(|limits| limits);
    assert_eq!(grow.call(&mut copy, ()).expect("returns"), 1);
    assert_eq!(grow.call(&mut store, ()).expect("returns"), 1);
}

#[test]
fn a_waiting_run_is_resumed_once_in_each_copy() {
    let mut store = store();
    let ask = Func::wrap(&mut store, || -> Result<i32> { Err(Suspend.into()) });
    let text = r#"(module (import "" "ask" (func (result i32)))
        (func (export "f") (result i32) (i32.mul (call 0) (i32.const 2))))"#;
    let asking = instance(&mut store, text, &[ask.into()]);
    let f = asking.get_func(&mut store, "f").expect("exported");
    let mut results = [Val::I32(0)];
    let call = f
        .call_resumable(&mut store, &[], &mut results)
        .expect("begins");
    let ResumableCall::Yielded(run) = call else {
        panic!("it suspends")
    };
    let mut copy = store.fork().expect("a waiting run is in nobody's way");
    let before = store.snapshot().expect("a waiting run is in nobody's way");
    for (store, n) in [(&mut store, 1), (&mut copy, 21)] {
        run.clone()
            .resume(&mut *store, &[Val::I32(n)], &mut results)
            .expect("goes on");
        assert_eq!(results[0].unwrap_i32(), 2 * n);
        let again = run.clone().resume(store, &[Val::I32(n)], &mut results);
        assert_eq!(again.expect_err("only once").code(), "not-suspended");
    }
    store.restore(&before).expect("of this store");
    run.clone()
        .resume(&mut store, &[Val::I32(4)], &mut results)
        .expect("waits again");
    assert_eq!(results[0].unwrap_i32(), 8);
    let again = run.resume(&mut super::store(), &[Val::I32(4)], &mut results);
    assert_eq!(again.expect_err("another store").code(), "not-suspended");
}

#[test]
fn what_cannot_be_copied_is_refused() {
    let mut shared = store_with(|config| config.wasm_threads(true).shared_memory(true));
    instance(&mut shared, "(module (memory 1 1 shared))", &[]);
    assert_eq!(
        shared.snapshot().expect_err("shared").code(),
        "shared-present"
    );

    let mut holding = store();
    let kept = ExternRef::new(&mut holding, 1u8).expect("room");
    let kept = kept.to_owned_rooted(&mut holding).expect("rooted");
    {
        let mut scope = RootScope::new(&mut holding);
        ExternRef::new(&mut scope, 2u8).expect("room");
    }
    assert_eq!(holding.fork().expect_err("held").code(), "host-values");
    drop(kept);
    let mut fresh = store();
    {
        let mut scope = RootScope::new(&mut fresh);
        ExternRef::new(&mut scope, 2u8).expect("room");
    }
    fresh.fork().expect("what nobody holds is no obstacle");

    let mut poisoned = store();
    let bad = Func::wrap(&mut poisoned, || -> i32 { panic!("on purpose") });
    let called = std::panic::AssertUnwindSafe(|| {
        let _ = bad.call(&mut poisoned, &[], &mut [Val::I32(0)]);
    });
    assert!(std::panic::catch_unwind(called).is_err());
    assert_eq!(poisoned.fork().expect_err("poisoned").code(), "poisoned");
}

#[test]
fn the_dispatch_is_the_stores() {
    let mut store = store();
    let counter = instance(&mut store, COUNTER, &[]);
    for dispatch in [Dispatch::Stepped, Dispatch::Threaded, Dispatch::Stepped] {
        store
            .set_dispatch(dispatch)
            .expect("the engine is threaded");
        assert_eq!(store.dispatch(), dispatch);
        call(&mut store, &counter, "add", 1);
    }
    let mut stepped = store_with(|config| config.dispatch(Dispatch::Stepped));
    let refused = stepped
        .set_dispatch(Dispatch::Threaded)
        .expect_err("not in this engine");
    assert_eq!(refused.code(), "not-configured");
}
