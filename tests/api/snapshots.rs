//! Copies of a store: what they hold, which handles are good in them, and when there are none.

use super::{instance, store, store_with};
use limpid::*;
use std::sync::Arc;
use std::time::Instant;

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
    let again = run.resume(&mut store, &[Val::I32(4)], &mut results);
    assert_eq!(again.expect_err("only once").code(), "not-suspended");
    let elsewhere = run.resume(&mut super::store(), &[Val::I32(4)], &mut results);
    let elsewhere = elsewhere.expect_err("another store");
    assert_eq!(elsewhere.code(), "wrong-store");
    assert_eq!(
        format!("{elsewhere:#}"),
        "the suspended run is of another store"
    );
}

/// Checks who is named as the holder of values of the host, which keeps a store from being copied.
#[track_caller]
fn check_holder(store: &mut Store<()>, holder: &str) {
    for refused in [store.fork().map(drop), store.snapshot().map(drop)] {
        let error = refused.expect_err(holder);
        assert_eq!(error.code(), "host-values");
        let text = format!("the store cannot be copied: {holder} holds values of the host");
        assert_eq!(format!("{error:#}"), text);
    }
}

#[test]
fn who_holds_values_of_the_host_is_named() {
    let text = r#"(module (table (export "t") 1 externref)
        (global (export "g") (mut externref) (ref.null extern)))"#;
    let mut store = store();
    let guest = instance(&mut store, text, &[]);
    let global = guest.get_global(&mut store, "g").expect("exported");
    let value = ExternRef::new(&mut store, 1u8).expect("room");
    check_holder(&mut store, "a `Rooted` of the embedder");
    global
        .set(&mut store, Val::ExternRef(Some(value)))
        .expect("fits");
    check_holder(&mut store, "a guest");

    let mut store = super::store();
    let guest = instance(&mut store, text, &[]);
    let owned = {
        let mut scope = RootScope::new(&mut store);
        let value = ExternRef::new(&mut scope, 1u8).expect("room");
        value.to_owned_rooted(&mut scope).expect("rooted")
    };
    check_holder(&mut store, "an `OwnedRooted` of the embedder");
    let table = guest.get_table(&mut store, "t").expect("exported");
    {
        let mut scope = RootScope::new(&mut store);
        let value = owned.to_rooted(&mut scope);
        table
            .set(&mut scope, 0, Ref::Extern(Some(value)))
            .expect("fits");
    }
    check_holder(&mut store, "a guest");
    drop(owned);
    check_holder(&mut store, "a guest");
    table.set(&mut store, 0, Ref::Extern(None)).expect("fits");
    store.fork().expect("nobody holds it any more");
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

#[test]
fn host_functions_of_copies_end_with_them() {
    let live = Arc::new(());
    let mut store = store();
    let add = |store: &mut Store<()>| {
        let held = live.clone();
        Func::wrap(store, move || {
            let _ = &held;
            1
        })
    };
    let counter = instance(&mut store, COUNTER, &[]);
    for _ in 0..100 {
        let mut copy = store.fork().expect("nothing is in the way");
        add(&mut copy);
        assert_eq!(Arc::strong_count(&live), 2);
    }
    assert_eq!(Arc::strong_count(&live), 1);
    let snapshot = store.snapshot().expect("nothing is in the way");
    for _ in 0..100 {
        add(&mut store);
        store.restore(&snapshot).expect("of this store");
    }
    assert_eq!(Arc::strong_count(&live), 1);
    call(&mut store, &counter, "add", 1);
    // A snapshot keeps the functions that it has, also in a store that never had them.
    let mut copy = store.fork().expect("nothing is in the way");
    let func = add(&mut copy);
    let with = copy.snapshot().expect("nothing is in the way");
    drop(copy);
    Func::wrap(&mut store, || 2);
    store.restore(&with).expect("of a copy of this store");
    let mut results = [Val::I32(0)];
    func.call(&mut store, &[], &mut results).expect("returns");
    assert_eq!(results[0].unwrap_i32(), 1);
    store.restore(&snapshot).expect("of this store");
    drop(with);
    assert_eq!(Arc::strong_count(&live), 1);
}

/// Runs `turn` so often, and checks that the last turns cost what the first did.
fn costs_the_same(what: &str, mut turn: impl FnMut()) {
    let mut blocks = Vec::new();
    for _ in 0..100 {
        let begin = Instant::now();
        (0..200).for_each(|_| turn());
        blocks.push(begin.elapsed());
    }
    // Other programs of the machine make some turns slow, and none fast.
    let fastest = |blocks: &[std::time::Duration]| blocks.iter().min().copied();
    let (first, last) = (fastest(&blocks[..20]), fastest(&blocks[80..]));
    assert!(
        last < first.map(|time| time * 3),
        "{what}: {first:?}, then {last:?}"
    );
}

#[test]
fn copies_and_instances_cost_the_same_at_every_turn() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("", "f", |a: i32| a).expect("new");
    let text = r#"(module (import "" "f" (func (param i32) (result i32))) (export "f" (func 0)))"#;
    let module = Module::new(&engine, text).expect("valid");
    let linked = |store: &mut Store<()>| {
        let instance = linker.instantiate(&mut *store, &module).expect("linked");
        instance
            .get_typed_func::<i32, i32>(store, "f")
            .expect("exported")
    };

    let mut store = Store::new(&engine, ());
    let early = linked(&mut store);
    let snapshot = store.snapshot().expect("nothing is in the way");
    costs_the_same("restore and instantiate", || {
        store.restore(&snapshot).expect("of this store");
        let late = linked(&mut store);
        assert_eq!(late.call(&mut store, 3).expect("returns"), 3);
        assert_eq!(early.call(&mut store, 4).expect("returns"), 4);
    });
    costs_the_same("snapshot and restore", || {
        let snapshot = store.snapshot().expect("nothing is in the way");
        store.restore(&snapshot).expect("of this store");
        assert_eq!(early.call(&mut store, 4).expect("returns"), 4);
    });
    costs_the_same("fork, with handles made between", || {
        let mut copy = store.fork().expect("nothing is in the way");
        assert_eq!(early.call(&mut copy, 4).expect("returns"), 4);
        Func::wrap(&mut copy, || {});
        early.func().to_extern(&mut store);
    });
}

trait ToExtern {
    fn to_extern(&self, store: &mut Store<()>);
}

impl ToExtern for Func {
    /// Makes a handle of the store.
    fn to_extern(&self, store: &mut Store<()>) {
        let mut scope = RootScope::new(store);
        let any = AnyRef::from_i31(&mut scope, I31::wrapping_u32(1));
        assert!(any.is_i31(&scope).expect("live"));
    }
}

/// Bytes of address space in use.
#[cfg(target_os = "linux")]
fn virtual_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("it is there");
    let pages = text
        .split(' ')
        .next()
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("a number") * 4096
}

#[test]
#[cfg(target_os = "linux")]
fn waiting_runs_and_their_copies_hold_no_stacks() {
    let mut store = store_with(|config| config.max_wasm_stack(1 << 30));
    let ask = Func::wrap(&mut store, || -> Result<i32> { Err(Suspend.into()) });
    let text = r#"(module (import "" "ask" (func (result i32)))
        (func (export "f") (param i32) (result i32)
            (i32.add (call 0) (local.get 0))))"#;
    let asking = instance(&mut store, text, &[ask.into()]);
    let f = asking.get_func(&mut store, "f").expect("exported");
    let mut results = [Val::I32(0)];
    let mut suspend = |store: &mut Store<()>, n| {
        let call = f.call_resumable(store, &[Val::I32(n)], &mut results);
        match call.expect("begins") {
            ResumableCall::Yielded(run) => run,
            call => panic!("it is suspended: {call:?}"),
        }
    };
    let before = virtual_bytes();
    for n in 0..100 {
        drop(suspend(&mut store, n));
    }
    let waiting: Vec<Suspended> = (0..100).map(|n| suspend(&mut store, n)).collect();
    let copies: Vec<_> = (0..3)
        .map(|_| store.fork().expect("a waiting run is in nobody's way"))
        .collect();
    let more = virtual_bytes().saturating_sub(before);
    assert!(more < 20 << 30, "{} GiB more", more >> 30);
    for mut store in copies.into_iter().chain([store]) {
        for (n, run) in (0..).zip(&waiting) {
            let done = run.resume(&mut store, &[Val::I32(1000)], &mut results);
            assert!(matches!(done, Ok(ResumableCall::Finished)));
            assert_eq!(results[0].unwrap_i32(), 1000 + n);
        }
    }
}

#[test]
fn deep_runs_wait_and_are_copied() {
    let mut store = store_with(|config| config.max_wasm_stack(1 << 26));
    let ask = Func::wrap(&mut store, || -> Result<i32> { Err(Suspend.into()) });
    // More live cells than are copied away from the stack when the run is suspended.
    let text = r#"(module (import "" "ask" (func $ask (result i32)))
        (func $f (export "f") (param i32) (result i32)
            (if (result i32) (i32.eqz (local.get 0)) (then (call $ask))
                (else (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))))))"#;
    let asking = instance(&mut store, text, &[ask.into()]);
    let f = asking.get_func(&mut store, "f").expect("exported");
    let mut results = [Val::I32(0)];
    let mut given_up = Vec::new();
    for depth in [1, 100_000, 3, 200_000] {
        let call = f.call_resumable(&mut store, &[Val::I32(depth)], &mut results);
        let Ok(ResumableCall::Yielded(run)) = call else {
            panic!("it is suspended: {call:?}")
        };
        let mut copy = store.fork().expect("a waiting run is in nobody's way");
        for store in [&mut copy, &mut store] {
            run.resume(store, &[Val::I32(7)], &mut results)
                .expect("goes on");
            assert_eq!(results[0].unwrap_i32(), 7 + depth);
        }
        let call = f.call_resumable(&mut store, &[Val::I32(depth)], &mut results);
        given_up.push(call.expect("begins"));
        if given_up.len() > 1 {
            given_up.remove(0);
        }
    }
}

/// What the panic of a call says.
#[track_caller]
fn panics<R>(call: impl FnOnce() -> R) -> String {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
    let panic = caught.err().expect("it panics");
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).into()))
        .expect("a text")
}

/// A handle of each kind, all made of the same text.
struct Handles {
    instance: Instance,
    typed: TypedFunc<i32, i32>,
    memory: Memory,
    global: Global,
    table: Table,
    tag: Tag,
    rooted: Rooted<AnyRef>,
    owned: OwnedRooted<AnyRef>,
    struct_pre: StructRefPre,
    array_pre: ArrayRefPre,
    exn_pre: ExnRefPre,
}

impl Handles {
    fn new(store: &mut Store<()>) -> Handles {
        let text = r#"(module (tag (export "e")) (table (export "t") 3 funcref)
            (global (export "g") (mut i32) (i32.const 5)) (memory (export "m") 1)
            (func (export "add") (param i32) (result i32) (local.get 0)))"#;
        let instance = instance(store, text, &[]);
        let engine = store.engine().clone();
        let field = FieldType::new(Mutability::Var, StorageType::I8);
        let struct_type = StructType::new(&engine, [field.clone()]).expect("a type");
        let array_type = ArrayType::new(&engine, field);
        let tag = instance.get_tag(&mut *store, "e").expect("exported");
        let exn_type = ExnType::from_tag_type(&tag.ty(&*store)).expect("a type");
        let rooted = AnyRef::from_i31(&mut *store, I31::wrapping_u32(7));
        Handles {
            typed: instance
                .get_typed_func(&mut *store, "add")
                .expect("exported"),
            memory: instance.get_memory(&mut *store, "m").expect("exported"),
            global: instance.get_global(&mut *store, "g").expect("exported"),
            table: instance.get_table(&mut *store, "t").expect("exported"),
            owned: rooted.to_owned_rooted(&mut *store).expect("rooted"),
            struct_pre: StructRefPre::new(&mut *store, struct_type),
            array_pre: ArrayRefPre::new(&mut *store, array_type),
            exn_pre: ExnRefPre::new(&mut *store, exn_type),
            instance,
            tag,
            rooted,
        }
    }

    /// The error of each call that can return one.
    fn errors(&self, store: &mut Store<()>) -> Vec<Result<()>> {
        let func = *self.typed.func();
        let null = Ref::Func(None);
        let engine = store.engine().clone();
        vec![
            self.typed.call(&mut *store, 1).map(drop),
            func.call(&mut *store, &[Val::I32(1)], &mut [Val::I32(0)]),
            func.call_resumable(&mut *store, &[Val::I32(1)], &mut [Val::I32(0)])
                .map(drop),
            func.typed::<i32, i32>(&*store).map(drop),
            self.instance
                .get_typed_func::<i32, i32>(&mut *store, "add")
                .map(drop),
            self.memory.grow(&mut *store, 0).map(drop),
            self.global.set(&mut *store, Val::I32(1)),
            self.table.set(&mut *store, 0, null),
            self.table.fill(&mut *store, 0, null, 1),
            self.table.grow(&mut *store, 0, null).map(drop),
            Table::copy(&mut *store, &self.table, 0, &self.table, 0, 1),
            self.rooted.is_i31(&*store).map(drop),
            self.rooted.to_owned_rooted(&mut *store).map(drop),
            self.owned.is_i31(&*store).map(drop),
            StructRef::new(&mut *store, &self.struct_pre, &[Val::I32(1)]).map(drop),
            ArrayRef::new(&mut *store, &self.array_pre, &Val::I32(1), 3).map(drop),
            ExnRef::new(&mut *store, &self.exn_pre, &self.tag, &[]).map(drop),
            Linker::new(&engine)
                .define(&*store, "", "m", self.memory)
                .map(drop),
            Linker::new(&engine)
                .instance(&mut *store, "", self.instance)
                .map(drop),
        ]
    }

    /// What the panic says of each call that cannot return an error.
    fn panics(&self, store: &mut Store<()>) -> Vec<String> {
        vec![
            panics(|| self.instance.get_func(&mut *store, "add").is_some()),
            panics(|| self.instance.exports(&mut *store).len()),
            panics(|| self.instance.module(&*store).name().is_some()),
            panics(|| self.typed.func().ty(&*store)),
            panics(|| self.memory.size(&*store)),
            panics(|| self.memory.data(&*store).len()),
            panics(|| self.memory.read(&*store, 0, &mut []).is_ok()),
            panics(|| self.memory.ty(&*store)),
            panics(|| self.global.get(&mut *store).i32()),
            panics(|| self.global.ty(&*store)),
            panics(|| self.table.get(&mut *store, 0).is_some()),
            panics(|| self.table.size(&*store)),
            panics(|| self.tag.ty(&*store)),
            panics(|| self.owned.to_rooted(&mut *store)),
        ]
    }
}

#[test]
fn handles_younger_than_the_snapshot_are_told_so() {
    let mut store = store();
    let old = Handles::new(&mut store);
    let snapshot = store.snapshot().expect("nothing is in the way");
    let young = Handles::new(&mut store);
    let mut copy = store.fork().expect("nothing is in the way");
    for round in 0..3 {
        store.restore(&snapshot).expect("of this store");
        // In the second round others stand where the young ones stood.
        let others = (round > 0).then(|| Handles::new(&mut store));
        for (number, result) in young.errors(&mut store).into_iter().enumerate() {
            let error = result.expect_err("it is younger");
            assert_eq!(error.code(), "stale-handle", "{round}: {number}: {error:#}");
        }
        for (number, text) in young.panics(&mut store).into_iter().enumerate() {
            let expected = "younger than the snapshot that the store was restored to";
            assert!(text.contains(expected), "{round}: {number}: {text}");
        }
        assert!(!Tag::eq(&young.tag, &young.tag, &store));
        // Neither the older nor the newer ones, nor those of a copy, are touched by that.
        for good in [Some(&old), others.as_ref()].into_iter().flatten() {
            for (number, result) in good.errors(&mut store).into_iter().enumerate() {
                result.unwrap_or_else(|error| panic!("{round}: {number}: {error:#}"));
            }
        }
        for result in young.errors(&mut copy) {
            result.expect("the copy knows them");
        }
    }
    // Handles of another store are told apart from them.
    let mut other = super::store();
    let text = panics(|| young.memory.size(&other));
    assert_eq!(text, "object used with the wrong store");
    let text = panics(|| young.typed.call(&mut other, 1));
    assert_eq!(text, "object used with the wrong store");
}
