//! Host functions that change the store while the resumption that calls them goes on.

use super::asynchronous::{block, wait};
use limpid::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The host's side: what a call of `host.act` does.
#[derive(Default)]
struct Data {
    /// Results of calls of the guest from the host.
    seen: Vec<i32>,
}

const TEXT: &str = r#"(module
    (import "host" "act" (func $act (param i32) (result i32)))
    (import "host" "refer" (func $refer (param externref i32) (result externref)))
    (import "host" "know" (func $know (param externref) (result i32)))
    (memory (export "memory") 1 4)
    (table $t (export "table") 8 funcref)
    (global $g (export "global") (mut i32) (i32.const 5))
    (type $number (func (param i32) (result i32)))
    (func (export "twice") (type $number)
        (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
        (i32.mul (local.get 0) (i32.const 2)))
    (func (export "act") (type $number)
        (i32.store (i32.const 8) (i32.const 100))
        (i32.add (call $act (local.get 0)) (i32.load (i32.const 8))))
    (func (export "last") (type $number) (return_call $act (local.get 0)))
    (func (export "element") (type $number)
        (drop (call $act (local.get 0)))
        (call_indirect (type $number) (i32.const 20) (i32.const 1)))
    (func (export "size") (type $number)
        (drop (call $act (local.get 0)))
        (i32.store8 (i32.const 65536) (i32.const 7))
        (i32.add (memory.size) (i32.load8_u (i32.const 65536))))
    (func (export "read") (type $number)
        (drop (call $act (local.get 0)))
        (global.get $g))
    (func (export "loop") (type $number) (local $k i32) (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (call $act (i32.const 0))))
            (br_if $again (i32.lt_u
                (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get 0))))
        (local.get $sum))
    (func (export "refer") (param externref) (result i32) (local externref)
        (local.set 1 (call $refer (local.get 0) (i32.const 3)))
        (drop (call $act (i32.const 6)))
        (i32.add
            (call $know (local.get 1))
            (i32.mul (i32.const 10) (call $know (local.get 0))))))"#;

/// What `host.act` is asked for.
const NOTHING: i32 = 0;
const NEST: i32 = 1;
const INSTANCE: i32 = 2;
const HOST: i32 = 3;
const GROW: i32 = 4;
const GLOBAL: i32 = 5;
const COLLECT: i32 = 6;
const PANIC: i32 = 7;
const FAIL: i32 = 8;

fn export<T: 'static>(caller: &mut Caller<'_, T>, name: &str) -> Extern {
    caller.get_export(name).expect("the guest exports it")
}

/// Puts a function into element 1 of the caller's table.
fn set_element(caller: &mut Caller<'_, Data>, func: Func) {
    let table = export(caller, "table").into_table().expect("a table");
    let set = table.set(&mut *caller, 1, Ref::Func(Some(func)));
    set.expect("there is an element 1");
}

fn act(caller: &mut Caller<'_, Data>, what: i32) -> Result<i32> {
    match what {
        NOTHING => {}
        NEST => {
            let twice = export(caller, "twice").into_func().expect("a function");
            let twice = twice.typed::<i32, i32>(&*caller)?;
            let result = twice.call(&mut *caller, 21)?;
            caller.data_mut().seen.push(result);
        }
        INSTANCE => {
            let text = r#"(module (memory 1) (func (export "f") (param i32) (result i32)
                (i32.store (i32.const 8) (i32.const 1))
                (i32.add (local.get 0) (i32.load (i32.const 8)))))"#;
            let module = Module::new(caller.engine(), text)?;
            let instance = Instance::new(&mut *caller, &module, &[])?;
            let f = instance.get_func(&mut *caller, "f").expect("exported");
            set_element(caller, f);
        }
        HOST => {
            let f = Func::wrap(&mut *caller, |mut caller: Caller<'_, Data>, x: i32| {
                caller.data_mut().seen.push(x);
                x + 2
            });
            set_element(caller, f);
        }
        GROW => {
            let memory = export(caller, "memory").into_memory().expect("a memory");
            memory.grow(&mut *caller, 1)?;
        }
        GLOBAL => {
            let global = export(caller, "global").into_global().expect("a global");
            global.set(&mut *caller, Val::I32(6))?;
        }
        COLLECT => caller.gc(None)?,
        PANIC => panic!("the host gives up"),
        _ => return Err(Error::msg("the host fails")),
    }
    Ok(1)
}

/// How a guest is called.
#[derive(Clone, Copy, Debug)]
enum Way {
    Plain,
    Resumable,
    Async,
}

/// A guest under one of the settings, whose `host.act` is synchronous, or waits.
fn guest(settings: &Config, waits: bool) -> (Store<Data>, Instance) {
    let engine = Engine::new(settings).expect("the settings are fine");
    let mut linker = Linker::<Data>::new(&engine);
    let done = match waits {
        false => linker.func_wrap("host", "act", |mut caller: Caller<'_, Data>, what: i32| {
            act(&mut caller, what)
        }),
        true => linker.func_wrap_async(
            "host",
            "act",
            |mut caller: Caller<'_, Data>, (what,): (i32,)| {
                Box::new(async move {
                    wait(2).await;
                    act(&mut caller, what)
                })
            },
        ),
    };
    done.expect("new");
    let refer = |mut caller: Caller<'_, Data>, _: Option<Rooted<ExternRef>>, x: i32| {
        ExternRef::new(&mut caller, x).map(Some)
    };
    linker.func_wrap("host", "refer", refer).expect("new");
    let know = |caller: Caller<'_, Data>, reference: Option<Rooted<ExternRef>>| -> Result<i32> {
        let reference = reference.expect("not null");
        let value = reference.data(&caller)?.expect("the host's own");
        Ok(*value.downcast_ref::<i32>().expect("a number"))
    };
    linker.func_wrap("host", "know", know).expect("new");
    let module = Module::new(&engine, TEXT).expect("valid");
    let mut store = Store::new(&engine, Data::default());
    let instance = linker.instantiate(&mut store, &module).expect("linked");
    (store, instance)
}

fn call(store: &mut Store<Data>, instance: &Instance, way: Way, name: &str, x: Val) -> Result<i32> {
    let f = instance.get_func(&mut *store, name).expect("exported");
    let mut results = [Val::I32(0)];
    match way {
        Way::Plain => f.call(&mut *store, &[x], &mut results)?,
        Way::Resumable => match f.call_resumable(&mut *store, &[x], &mut results)? {
            ResumableCall::Finished => {}
            ResumableCall::HostTrap(error, _) => return Err(error),
            other => panic!("{other:?}"),
        },
        Way::Async => block(f.call_async(&mut *store, &[x], &mut results)).0?,
    }
    Ok(results[0].unwrap_i32())
}

/// In both translations, with both dispatches, in each way of calling.
fn each(with: impl Fn(&Config, bool, Way)) {
    for translation in [Translation::Fused, Translation::Faithful] {
        for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
            let mut config = Config::new();
            config.translation(translation).dispatch(dispatch);
            for way in [Way::Plain, Way::Resumable, Way::Async] {
                with(&config, false, way);
            }
            with(&config, true, Way::Async);
        }
    }
}

#[test]
fn what_a_host_function_changes_is_seen_by_its_caller() {
    each(|config, waits, way| {
        let (mut store, instance) = guest(config, waits);
        let mut run = |name: &str, x| {
            let result = call(&mut store, &instance, way, name, Val::I32(x));
            result.unwrap_or_else(|error| panic!("{name} {x} {way:?}: {error:?}"))
        };
        assert_eq!(
            run("act", NEST),
            1 + 101,
            "memory 0 is where the nested call wrote it"
        );
        assert_eq!(run("last", NEST), 1);
        assert_eq!(run("element", INSTANCE), 21, "an instance made meanwhile");
        assert_eq!(run("element", HOST), 22, "a host function made meanwhile");
        assert_eq!(run("size", GROW), 2 + 7);
        assert_eq!(run("read", GLOBAL), 6);
        assert_eq!(run("loop", 1000), 1000);
        assert_eq!(store.data().seen, [42, 42, 20]);
    });
}

#[test]
fn many_instances_and_host_functions_are_made_while_a_guest_runs() {
    let (mut store, instance) = guest(&Config::new(), false);
    for (what, wanted) in [(INSTANCE, 21), (HOST, 22)].repeat(300) {
        let result = call(&mut store, &instance, Way::Plain, "element", Val::I32(what));
        assert_eq!(result.expect("returns"), wanted);
    }
}

#[test]
fn a_collection_in_a_host_function_sees_the_frames_of_its_caller() {
    each(|config, waits, way| {
        let mut config = config.clone();
        config.gc_stress(true);
        let (mut store, instance) = guest(&config, waits);
        let seven = ExternRef::new(&mut store, 7i32).expect("room");
        let result = call(
            &mut store,
            &instance,
            way,
            "refer",
            Val::ExternRef(Some(seven)),
        );
        assert_eq!(result.expect("returns"), 3 + 70);
    });
}

#[test]
fn an_error_of_a_host_function_ends_the_call_with_its_backtrace() {
    each(|config, waits, way| {
        let (mut store, instance) = guest(config, waits);
        for name in ["act", "last"] {
            let error = call(&mut store, &instance, way, name, Val::I32(FAIL));
            let error = error.expect_err("the host function fails");
            assert!(
                error.root_cause().to_string().contains("the host fails"),
                "{error:?}"
            );
            // The store can be used again.
            let result = call(&mut store, &instance, way, "act", Val::I32(NOTHING));
            assert_eq!(result.expect("returns"), 101);
        }
    });
}

#[test]
fn a_panic_of_a_host_function_finds_memory_in_its_place() {
    each(|config, waits, way| {
        let (mut store, instance) = guest(config, waits);
        let ended = catch_unwind(AssertUnwindSafe(|| {
            call(&mut store, &instance, way, "act", Val::I32(PANIC))
        }));
        assert!(ended.is_err(), "the panic goes through");
        let memory = instance.get_memory(&mut store, "memory").expect("exported");
        assert_eq!(memory.data(&store)[8], 100, "what the guest wrote before");
        let error = call(&mut store, &instance, way, "act", Val::I32(NOTHING));
        assert_eq!(error.expect_err("it is poisoned").code(), "poisoned");
    });
}

#[test]
fn fuel_and_deadline_set_by_a_host_function_hold_at_once() {
    let text = r#"(module
        (import "" "left" (func $left (result i64)))
        (import "" "set" (func $set (param i64)))
        (func (export "spent") (result i64) (i64.sub (call $left) (call $left)))
        (func (export "set") (param i64) (result i64)
            (call $set (local.get 0))
            (loop (br 0)) (unreachable)))"#;
    for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
        let mut config = Config::new();
        config
            .consume_fuel(true)
            .epoch_interruption(true)
            .dispatch(dispatch);
        let engine = Engine::new(&config).expect("the settings are fine");
        let mut linker = Linker::<bool>::new(&engine);
        let left = |caller: Caller<'_, bool>| caller.get_fuel();
        linker.func_wrap("", "left", left).expect("new");
        let set = |mut caller: Caller<'_, bool>, fuel: u64| {
            if *caller.data() {
                caller.as_context_mut().set_epoch_deadline(0);
                return Ok(());
            }
            caller.set_fuel(fuel)
        };
        linker.func_wrap("", "set", set).expect("new");
        let module = Module::new(&engine, text).expect("valid");
        let mut store = Store::new(&engine, false);
        store.set_fuel(1_000_000).expect("configured");
        store.set_epoch_deadline(1);
        let instance = linker.instantiate(&mut store, &module).expect("linked");
        let spent = instance.get_typed_func::<(), i64>(&mut store, "spent");
        let spent = spent.expect("typed").call(&mut store, ()).expect("returns");
        assert_eq!(
            spent, 0,
            "both calls are in one block, which is paid for at its start"
        );
        let set = instance
            .get_typed_func::<i64, i64>(&mut store, "set")
            .expect("typed");
        let error = set.call(&mut store, 100).expect_err("an endless loop");
        assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
        assert!(
            store.get_fuel().expect("configured") < 100,
            "of what was set"
        );
        *store.data_mut() = true;
        store.set_fuel(1_000_000_000).expect("configured");
        let error = set.call(&mut store, 0).expect_err("an endless loop");
        assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    }
}

#[test]
fn a_mixture_of_host_functions_waits_where_one_waits() {
    let engine = Engine::default();
    let mut linker = Linker::<i32>::new(&engine);
    let count = |mut caller: Caller<'_, i32>, x: i32| {
        *caller.data_mut() += 1;
        x + 1
    };
    linker.func_wrap("", "count", count).expect("new");
    let slow = linker.func_wrap_async("", "slow", |mut caller: Caller<'_, i32>, (x,): (i32,)| {
        Box::new(async move {
            wait(1).await;
            *caller.data_mut() += 100;
            x + 1
        })
    });
    slow.expect("new");
    let text = r#"(module (import "" "count" (func $count (param i32) (result i32)))
        (import "" "slow" (func $slow (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) (local i32)
            (loop (local.set 1 (call $count (call $slow (call $count (local.get 1)))))
                (br_if 0 (i32.lt_u (local.get 1) (local.get 0))))
            (local.get 1)))"#;
    let module = Module::new(&engine, text).expect("valid");
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &module).expect("linked");
    let f = instance
        .get_typed_func::<i32, i32>(&mut store, "f")
        .expect("typed");
    let (result, waits) = block(f.call_async(&mut store, 30));
    assert_eq!((result.expect("returns"), waits), (30, 10));
    assert_eq!(*store.data(), 10 * 102);
    let error = f
        .call(&mut store, 30)
        .expect_err("a synchronous call cannot wait");
    assert_eq!(error.code(), "async-required");
}

#[test]
fn host_functions_are_called_alike_by_index_table_and_reference() {
    let text = r#"(module
        (type $t (func (param i32) (result i32)))
        (import "" "count" (func $count (type $t)))
        (import "" "double" (func $double (type $t)))
        (import "" "fail" (func $fail (type $t)))
        (table funcref (elem $count $double $fail))
        (elem declare func $count $double $fail)
        (global $k (mut i32) (i32.const 0))
        (func (export "index") (param i32) (result i32)
            (call $double (call $count (local.get 0))))
        (func (export "table") (param i32) (result i32)
            (call_indirect (type $t)
                (call_indirect (type $t) (local.get 0) (i32.const 0)) (i32.const 1)))
        (func (export "reference") (param i32) (result i32)
            (call_ref $t (call_ref $t (local.get 0) (ref.func $count)) (ref.func $double)))
        (func (export "last by table") (param i32) (result i32)
            (return_call_indirect (type $t) (call $count (local.get 0)) (i32.const 1)))
        (func (export "last by reference") (param i32) (result i32)
            (return_call_ref $t (call $count (local.get 0)) (ref.func $double)))
        (func (export "fail by table") (param i32) (result i32)
            (call_indirect (type $t) (local.get 0) (i32.const 2)))
        (func (export "fail by reference") (param i32) (result i32)
            (call_ref $t (local.get 0) (ref.func $fail))))"#;
    for translation in [Translation::Fused, Translation::Faithful] {
        for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
            let mut config = Config::new();
            config.translation(translation).dispatch(dispatch);
            let engine = Engine::new(&config).expect("the settings are fine");
            let mut linker = Linker::<i32>::new(&engine);
            let count = |mut caller: Caller<'_, i32>, x: i32| {
                *caller.data_mut() += 1;
                x + *caller.data()
            };
            linker.func_wrap("", "count", count).expect("new");
            linker.func_wrap("", "double", |x: i32| x * 2).expect("new");
            let fail = |_: Caller<'_, i32>, _: i32| -> Result<i32> { Err(Error::msg("no")) };
            linker.func_wrap("", "fail", fail).expect("new");
            let module = Module::new(&engine, text).expect("valid");
            let mut store = Store::new(&engine, 0);
            let instance = linker.instantiate(&mut store, &module).expect("linked");
            let ways = [
                "index",
                "table",
                "reference",
                "last by table",
                "last by reference",
            ];
            for (way, calls) in ways.into_iter().zip(1..) {
                let f = instance
                    .get_typed_func::<i32, i32>(&mut store, way)
                    .expect("typed");
                assert_eq!(f.call(&mut store, 5).expect(way), 2 * (5 + calls), "{way}");
            }
            for way in ["fail by table", "fail by reference"] {
                let f = instance
                    .get_typed_func::<i32, i32>(&mut store, way)
                    .expect("typed");
                let error = f.call(&mut store, 5).expect_err(way);
                let trace = error
                    .downcast_ref::<WasmBacktrace>()
                    .expect("the guest's frame");
                assert_eq!(trace.frames().len(), 1, "{way}");
            }
        }
    }
}

#[test]
fn an_exception_of_a_host_function_called_last_has_its_tag_and_values() {
    let text = r#"(module
        (import "" "tag" (tag $seven (param i32)))
        (import "" "throw" (func $throw))
        (import "" "enter" (func $enter))
        (func (export "call") (call $throw))
        (func (export "last") (return_call $throw))
        (func (export "nested") (call $enter)))"#;
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    let tag = Tag::new(&mut store, &ty).expect("room");
    let throw = Func::wrap(
        &mut store,
        move |mut caller: Caller<'_, ()>| -> Result<()> {
            let ty = tag.ty(&caller);
            let ty = ExnType::from_tag_type(&ty)?;
            let pre = ExnRefPre::new(&mut caller, ty);
            let exception = ExnRef::new(&mut caller, &pre, &tag, &[Val::I32(7)])?;
            Ok(caller.as_context_mut().throw(exception)?)
        },
    );
    let enter = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| -> Result<()> {
        let last = caller.get_export("last").and_then(Extern::into_func);
        last.expect("exported").call(&mut caller, &[], &mut [])
    });
    let module = Module::new(&engine, text).expect("valid");
    let imports = [tag.into(), throw.into(), enter.into()];
    let instance = Instance::new(&mut store, &module, &imports).expect("linked");
    // Where nobody catches it, a frame that has been replaced is not shown.
    for (name, frames) in [("call", 1), ("last", 0), ("nested", 1)] {
        let f = instance.get_func(&mut store, name).expect("exported");
        for resumable in [false, true] {
            let error = match resumable {
                false => f.call(&mut store, &[], &mut []).expect_err(name),
                true => f.call_resumable(&mut store, &[], &mut []).expect_err(name),
            };
            let uncaught = error.downcast_ref::<UncaughtException>();
            let uncaught = uncaught.unwrap_or_else(|| panic!("{name}: {error:?}"));
            assert_eq!(
                uncaught.values().collect::<Vec<_>>(),
                ["(i32.const 7)"],
                "{name}"
            );
            let trace = error.downcast_ref::<WasmBacktrace>();
            assert_eq!(
                trace.map_or(0, |trace| trace.frames().len()),
                frames,
                "{name}"
            );
            assert!(store.take_pending_exception().is_some());
        }
    }
}

#[test]
fn a_run_that_ends_at_the_deadline_names_the_first_instruction_of_its_block() {
    let text = r#"(module (import "" "tick" (func $tick))
        (global $g (mut i32) (i32.const 0))
        (func $callee (param i32) (result i32) (local i64)
            (local.set 1 (i64.const 3)) (i32.add (local.get 0) (i32.const 1)))
        (func (export "entry") (call $tick) (drop (call $callee (i32.const 4))))
        (func (export "loop") (local i32) (local.set 0 (i32.const 9)) (call $tick)
            (loop
                (global.set $g (i32.add (global.get $g) (i32.const 1)))
                (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#;
    let mut first = None;
    for translation in [Translation::Faithful, Translation::Fused] {
        for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
            for asks in [false, true] {
                let mut config = Config::new();
                config.translation(translation).dispatch(dispatch);
                config.epoch_interruption(true);
                let engine = Engine::new(&config).expect("the settings are fine");
                let mut store = Store::new(&engine, ());
                if asks {
                    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Interrupt));
                }
                let tick = |caller: Caller<'_, ()>| caller.engine().increment_epoch();
                let tick = Func::wrap(&mut store, tick);
                let module = Module::new(&engine, text).expect("valid");
                store.set_epoch_deadline(1);
                let instance = Instance::new(&mut store, &module, &[tick.into()]);
                let instance = instance.expect("linked");
                let places = ["entry", "loop"].map(|name| {
                    store.set_epoch_deadline(1);
                    let f = instance.get_func(&mut store, name).expect("exported");
                    let error = f
                        .call(&mut store, &[], &mut [])
                        .expect_err("it is interrupted");
                    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
                    let trace = error.downcast_ref::<WasmBacktrace>().expect("frames");
                    trace.frames()[0].func_offset()
                });
                assert_eq!(
                    places,
                    *first.get_or_insert(places),
                    "{translation:?} {dispatch:?}"
                );
            }
        }
    }
}
