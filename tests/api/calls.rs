//! Calls in both directions, values of all types, nesting.

use super::{instance, store, store_with};
use limpid::*;

#[test]
fn host_results_reach_the_guest() {
    let mut store = store();
    let ask = Func::wrap(&mut store, || 21);
    let text = r#"(module (import "" "ask" (func (result i32)))
        (func (export "f") (result i32) (i32.mul (call 0) (i32.const 2))))"#;
    let instance = instance(&mut store, text, &[ask.into()]);
    let f = instance
        .get_typed_func::<(), i32>(&mut store, "f")
        .expect("exported");
    assert_eq!(f.call(&mut store, ()).expect("returns"), 42);
}

const MIXED: &str = r#"(module
    (type $t (func (param i32 externref i64 funcref f32 v128 f64 externref)
        (result externref f64 v128 i32 funcref f32 i64 externref)))
    (import "" "host" (func $host (type $t)))
    (func (export "guest") (type $t)
        (local.get 7) (local.get 6) (local.get 5) (local.get 0)
        (local.get 3) (local.get 4) (local.get 2) (local.get 1))
    (func (export "through") (type $t)
        (local.get 0) (local.get 1) (local.get 2) (local.get 3)
        (local.get 4) (local.get 5) (local.get 6) (local.get 7)
        (call $host)))"#;

type E = Option<Rooted<ExternRef>>;
type Params = (i32, E, i64, Option<Func>, f32, V128, f64, E);
type Results = (E, f64, V128, i32, Option<Func>, f32, i64, E);

#[test]
fn references_and_numbers_are_told_apart() {
    let mut store = store();
    let host = Func::wrap(
        &mut store,
        |a: i32, b: E, c: i64, d: Option<Func>, e: f32, f: V128, g: f64, h: E| -> Results {
            (h, g, f, a, d, e, c, b)
        },
    );
    let instance = instance(&mut store, MIXED, &[host.into()]);
    let one = ExternRef::new(&mut store, 1u8).expect("room");
    let two = ExternRef::new(&mut store, 2u8).expect("room");
    for name in ["guest", "through"] {
        let call = instance
            .get_typed_func::<Params, Results>(&mut store, name)
            .expect("typed");
        let vector = V128::from(0x0123_4567_89ab_cdef_0011_2233_4455_6677);
        let params = (-1, Some(one), -2, Some(host), 1.5, vector, -2.5, Some(two));
        let results = call.call(&mut store, params).expect("returns");
        assert_eq!(
            (results.1, results.2, results.3),
            (-2.5, vector, -1),
            "{name}"
        );
        assert_eq!(
            (results.4, results.5, results.6),
            (Some(host), 1.5, -2),
            "{name}"
        );
        for (found, wanted) in [(results.0, 2u8), (results.7, 1)] {
            let data = found
                .expect("not null")
                .data(&store)
                .expect("rooted")
                .expect("host's");
            assert_eq!(data.downcast_ref(), Some(&wanted), "{name}");
        }
    }
}

#[test]
fn untyped_calls_say_the_same() {
    let mut store = store();
    let ty = FuncType::new(
        store.engine(),
        [ValType::I32, ValType::EXTERNREF, ValType::V128],
        [ValType::V128, ValType::EXTERNREF, ValType::I32],
    );
    let swap = Func::new(&mut store, ty, |_, params, results| {
        results.copy_from_slice(&[params[2], params[1], params[0]]);
        Ok(())
    });
    let text = r#"(module (import "" "swap"
            (func (param i32 externref v128) (result v128 externref i32)))
        (func (export "f") (param i32 externref v128) (result v128 externref i32)
            (call 0 (local.get 0) (local.get 1) (local.get 2))))"#;
    let instance = instance(&mut store, text, &[swap.into()]);
    let f = instance.get_func(&mut store, "f").expect("exported");
    let mut results = [Val::I32(0); 3];
    let vector = V128::from(u128::MAX - 5);
    let params = [Val::I32(-7), Val::ExternRef(None), Val::V128(vector)];
    f.call(&mut store, &params, &mut results).expect("returns");
    assert_eq!(results[0].unwrap_v128(), vector);
    assert!(results[1].unwrap_externref().is_none());
    assert_eq!(results[2].unwrap_i32(), -7);

    let arity = f
        .call(&mut store, &params[..2], &mut results)
        .expect_err("too few");
    assert_eq!(arity.code(), "arity");
    let arity = f
        .call(&mut store, &params, &mut results[..2])
        .expect_err("too few");
    assert_eq!(arity.code(), "arity");
    let types = f.call(&mut store, &[params[1], params[0], params[2]], &mut results);
    assert_eq!(types.expect_err("swapped").code(), "type-mismatch");
    f.call(&mut store, &params, &mut results)
        .expect("the store goes on");
}

#[test]
fn sixteen_parameters_and_results() {
    let mut store = store();
    type P = (
        i32,
        i32,
        i32,
        i32,
        i32,
        i32,
        i32,
        i32,
        i32,
        i32,
        i32,
        i32,
        i32,
        i32,
        i32,
        i64,
    );
    let params = "i32 ".repeat(15);
    let gets: String = (0..16).map(|k| format!("(local.get {k})")).collect();
    let text = format!(
        r#"(module (func (export "f") (param {params} i64) (result {params} i64) {gets}))"#
    );
    let instance = instance(&mut store, &text, &[]);
    let f = instance
        .get_typed_func::<P, P>(&mut store, "f")
        .expect("typed");
    let args = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16i64);
    let back = f.call(&mut store, args).expect("returns");
    assert_eq!((back.0, back.7, back.14, back.15), (1, 8, 15, 16));
}

#[test]
fn wasm_host_wasm_is_capped() {
    let mut store = store();
    let again = Func::wrap(
        &mut store,
        |mut caller: Caller<'_, ()>, depth: i32| -> Result<i32> {
            let f = caller
                .get_export("f")
                .and_then(Extern::into_func)
                .expect("exported");
            f.typed::<i32, i32>(&caller)?.call(&mut caller, depth)
        },
    );
    let text = r#"(module (import "" "again" (func (param i32) (result i32)))
        (func (export "f") (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (i32.add (i32.const 1)
                    (call 0 (i32.sub (local.get 0) (i32.const 1)))))
                (else (i32.const 0)))))"#;
    let instance = instance(&mut store, text, &[again.into()]);
    let f = instance
        .get_typed_func::<i32, i32>(&mut store, "f")
        .expect("typed");
    assert_eq!(f.call(&mut store, 40).expect("not too deep"), 40);
    let error = f.call(&mut store, 100_000).expect_err("too deep");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow));
    assert_eq!(error.downcast_ref::<Fault>(), Some(&Fault::HostDepth));
    assert_eq!(f.call(&mut store, 40).expect("the store goes on"), 40);
    // The default, to the call.
    assert_eq!(f.call(&mut store, 64).expect("64 deep"), 64);
    f.call(&mut store, 65).expect_err("65 deep");
}

#[test]
fn the_host_depth_is_configured() {
    for depth in [0, 1, 7, 100] {
        let mut store = store_with(|config| config.host_depth(depth as u32));
        let again = Func::wrap(
            &mut store,
            |mut caller: Caller<'_, ()>, left: i32| -> Result<i32> {
                let f = caller.get_export("f").and_then(Extern::into_func);
                let f = f.expect("exported").typed::<i32, i32>(&caller)?;
                f.call(&mut caller, left)
            },
        );
        let text = r#"(module (import "" "again" (func (param i32) (result i32)))
            (func (export "f") (param i32) (result i32)
                (if (result i32) (local.get 0)
                    (then (call 0 (i32.sub (local.get 0) (i32.const 1))))
                    (else (i32.const 5)))))"#;
        let instance = instance(&mut store, text, &[again.into()]);
        let f = instance
            .get_typed_func::<i32, i32>(&mut store, "f")
            .expect("typed");
        assert_eq!(f.call(&mut store, depth).expect("as deep as allowed"), 5);
        let error = f.call(&mut store, depth + 1).expect_err("deeper");
        assert_eq!(error.downcast_ref::<Fault>(), Some(&Fault::HostDepth));
    }
}

#[test]
fn recursion_in_the_guest_is_capped() {
    for size in [1 << 12, 1 << 16, 1 << 20] {
        let mut store = store_with(|config| config.max_wasm_stack(size));
        let text = r#"(module (global (export "depth") (mut i32) (i32.const 0))
            (func (export "f") (result i32)
                (global.set 0 (i32.add (global.get 0) (i32.const 1)))
                (i32.add (call 0) (i32.const 1))))"#;
        let instance = instance(&mut store, text, &[]);
        let f = instance
            .get_typed_func::<(), i32>(&mut store, "f")
            .expect("typed");
        let error = f.call(&mut store, ()).expect_err("endless");
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow));
        assert_eq!(error.to_string(), "call stack exhausted");
        let depth = instance.get_global(&mut store, "depth").expect("exported");
        let depth = depth.get(&mut store).unwrap_i32() as usize;
        // Frames of at least 16 bytes, and of no more than they need.
        assert!(
            depth <= size / 16 + 1 && depth >= size / 64,
            "{depth} calls in {size} bytes"
        );
    }
}

#[test]
fn tail_calls_of_host_functions() {
    let mut store = store();
    let double = Func::wrap(&mut store, |x: i64| x * 2);
    let text = r#"(module (import "" "double" (func (param i64) (result i64)))
        (func (export "last") (param i64) (result i64) (return_call 0 (local.get 0)))
        (func (export "inner") (param i64) (result i64)
            (i64.add (call 1 (local.get 0)) (i64.const 1))))"#;
    let instance = instance(&mut store, text, &[double.into()]);
    for (name, wanted) in [("last", 42), ("inner", 43)] {
        let f = instance
            .get_typed_func::<i64, i64>(&mut store, name)
            .expect("typed");
        assert_eq!(f.call(&mut store, 21).expect("returns"), wanted);
    }
}

#[test]
fn a_host_function_grows_the_callers_memory() {
    let mut store = store();
    let grow = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| {
        let memory = caller
            .get_export("m")
            .and_then(Extern::into_memory)
            .expect("exported");
        memory.grow(&mut caller, 1).expect("room");
        memory.data_mut(&mut caller)[65536 + 8] = 42;
    });
    let text = r#"(module (import "" "grow" (func)) (memory (export "m") 1)
        (func (export "f") (result i32) (call 0) (i32.load8_u (i32.const 65544))))"#;
    let instance = instance(&mut store, text, &[grow.into()]);
    let f = instance
        .get_typed_func::<(), i32>(&mut store, "f")
        .expect("typed");
    assert_eq!(f.call(&mut store, ()).expect("in bounds now"), 42);
}

#[test]
fn subtypes_of_functions_are_checked_where_they_pass() {
    let mut store = store();
    let text = r#"(module (type $t (func (result i32)))
        (func $a (export "a") (result i32) (i32.const 1))
        (func $b (export "b"))
        (func (export "call") (param (ref $t)) (result i32) (call_ref $t (local.get 0))))"#;
    let instance = instance(&mut store, text, &[]);
    let [a, b] = ["a", "b"].map(|name| instance.get_func(&mut store, name).expect("exported"));
    let call = instance
        .get_typed_func::<Func, i32>(&mut store, "call")
        .expect("checked later");
    assert_eq!(call.call(&mut store, a).expect("of the type"), 1);
    let error = call.call(&mut store, b).expect_err("of another type");
    assert_eq!(error.code(), "type-mismatch");
    assert!(
        instance
            .get_typed_func::<i32, i32>(&mut store, "call")
            .is_err()
    );
}

#[test]
fn host_functions_of_numbers_are_called_alike_by_every_way() {
    let text = r#"(module
        (import "" "none" (func $none))
        (import "" "swap" (func $swap (param i32 i64 f32 f64) (result f64 f32 i64 i32)))
        (import "" "sign" (func $sign (param i32) (result i32)))
        (import "" "data" (func $data (param i32) (result i32)))
        (import "" "fails" (func $fails (param i32) (result i32)))
        (table funcref (elem $sign))
        (func (export "swap") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
            (call $none)
            (call $swap (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
        (func (export "sum") (param i32) (result i64)
            (i64.add
                (i64.extend_i32_u (call $sign (local.get 0)))
                (i64.add
                    (i64.extend_i32_u (call_indirect (param i32) (result i32)
                        (local.get 0) (i32.const 0)))
                    (i64.extend_i32_u (call $data (local.get 0))))))
        (func (export "last") (param i32) (result i32) (return_call $sign (local.get 0)))
        (func (export "fails") (param i32) (result i32) (call $fails (local.get 0))))"#;
    for translation in [Translation::Fused, Translation::Faithful] {
        for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
            let mut config = Config::new();
            config.translation(translation).dispatch(dispatch);
            let engine = Engine::new(&config).expect("supported");
            let mut linker = Linker::<u32>::new(&engine);
            let calls = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
            let count = calls.clone();
            linker
                .func_wrap("", "none", move || {
                    count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                })
                .expect("new");
            let swap = |a: i32, b: i64, c: f32, d: f64| (d, c, b, a);
            linker.func_wrap("", "swap", swap).expect("new");
            linker.func_wrap("", "sign", |a: i32| -a).expect("new");
            let data = |mut caller: Caller<'_, u32>, a: i32| {
                *caller.data_mut() += 1;
                a
            };
            linker.func_wrap("", "data", data).expect("new");
            let fails = |a: i32| match a {
                0 => Err(Error::msg("none left")),
                a => Ok(a),
            };
            linker.func_wrap("", "fails", fails).expect("new");
            let module = Module::new(&engine, text).expect("valid");
            let mut store = Store::new(&engine, 0);
            let instance = linker.instantiate(&mut store, &module).expect("linked");

            let swap = instance
                .get_typed_func::<(i32, i64, f32, f64), (f64, f32, i64, i32)>(&mut store, "swap");
            let swap = swap.expect("typed");
            let nan = f64::from_bits(0x7ff0_0000_0000_0001);
            let swapped = swap.call(&mut store, (-1, i64::MIN, -0.0, nan));
            let (d, c, b, a) = swapped.expect("returns");
            assert_eq!((b, a, c.to_bits()), (i64::MIN, -1, 0x8000_0000));
            assert_eq!(d.to_bits(), nan.to_bits(), "passed on as it is");
            assert_eq!(calls.load(std::sync::atomic::Ordering::Relaxed), 1);

            let sum = instance.get_typed_func::<i32, i64>(&mut store, "sum");
            let sum = sum.expect("typed").call(&mut store, 5).expect("returns");
            assert_eq!(sum, 2 * 0xffff_fffb + 5, "no bits are left above 32");
            assert_eq!(*store.data(), 1);
            let last = instance.get_typed_func::<i32, i32>(&mut store, "last");
            assert_eq!(last.expect("typed").call(&mut store, 5).ok(), Some(-5));
            let fails = instance.get_typed_func::<i32, i32>(&mut store, "fails");
            let fails = fails.expect("typed");
            assert_eq!(fails.call(&mut store, 3).ok(), Some(3));
            let error = fails.call(&mut store, 0).expect_err("it says so");
            assert_eq!(error.to_string(), "none left");
        }
    }
}

#[test]
fn a_result_left_unset_is_a_type_error() {
    let engine = Engine::default();
    let refs = [
        HeapType::Func,
        HeapType::Extern,
        HeapType::Any,
        HeapType::Exn,
        HeapType::I31,
    ];
    let refs = refs.map(|heap| ValType::Ref(RefType::new(true, heap)));
    let numbers = [
        ValType::I32,
        ValType::I64,
        ValType::F32,
        ValType::F64,
        ValType::V128,
    ];
    for ty in numbers.into_iter().chain(refs) {
        let mut store = Store::new(&engine, ());
        let host = FuncType::new(&engine, [], [ValType::I32, ty.clone()]);
        let lazy = Func::new(&mut store, host.clone(), |_, _, results| {
            results[0] = Val::I32(1);
            Ok(())
        });
        let default = Val::default_for_ty(&ty).expect("there is one");
        let diligent = Func::new(&mut store, host, move |_, _, results| {
            results.copy_from_slice(&[Val::I32(1), default]);
            Ok(())
        });
        let mut results = [Val::I32(0); 2];
        let error = lazy
            .call(&mut store, &[], &mut results)
            .expect_err("not set");
        assert_eq!(error.code(), "type-mismatch", "{ty}");
        let text = error.to_string();
        assert!(
            text.contains("result 2") && text.contains(&ty.to_string()),
            "{text}"
        );
        diligent.call(&mut store, &[], &mut results).expect("set");
        assert!(results[1].matches_ty(&store, &ty).expect("live"), "{ty}");
    }
    let mut store = Store::new(&engine, ());
    let ty = FuncType::new(&engine, [], [ValType::I32]);
    let lazy = Func::new_async(&mut store, ty, |_, _, _| Box::new(async { Ok(()) }));
    let mut results = [Val::I32(0)];
    let call = lazy.call_async(&mut store, &[], &mut results);
    let (error, _) = super::asynchronous::block(call);
    assert_eq!(error.expect_err("not set").code(), "type-mismatch");
}

#[test]
fn a_start_function_of_the_host_sees_the_instance() {
    let text = r#"(module (import "" "look" (func $look)) (memory (export "m") 3) START)"#;
    let starts = ["(start $look)", "(func $s (call $look)) (start $s)"];
    for start in starts {
        let mut store = Store::new(&Engine::default(), 0);
        let look = Func::wrap(&mut store, |mut caller: Caller<'_, u64>| {
            let memory = caller.get_export("m").and_then(Extern::into_memory);
            *caller.data_mut() = memory.expect("exported").size(&caller);
        });
        let module = Module::new(store.engine(), text.replace("START", start)).expect("valid");
        Instance::new(&mut store, &module, &[look.into()]).expect("instantiates");
        assert_eq!(*store.data(), 3, "{start}");
        *store.data_mut() = 0;
        let imports = [look.into()];
        let instance = Instance::new_async(&mut store, &module, &imports);
        super::asynchronous::block(instance)
            .0
            .expect("instantiates");
        assert_eq!(*store.data(), 3, "{start}");
    }
}
