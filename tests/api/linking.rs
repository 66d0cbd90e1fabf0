//! Imports, linkers, instantiation and what it leaves behind.

use super::{instance, store, store_with};
use limpid::*;

#[test]
fn imports_that_do_not_match() {
    let mut store = store();
    let text = r#"(module (import "a" "b" (func (param i32))))"#;
    let module = Module::new(store.engine(), text).expect("valid");
    let none = Instance::new(&mut store, &module, &[]).expect_err("none given");
    assert!(none.to_string().starts_with("unknown import"), "{none}");
    let func = Func::wrap(&mut store, |_: i64| {});
    let wrong = Instance::new(&mut store, &module, &[func.into()]).expect_err("of another type");
    assert!(
        wrong.to_string().starts_with("incompatible import type"),
        "{wrong}"
    );
    assert_eq!((none.code(), wrong.code()), ("unlinkable", "unlinkable"));
    let linker = Linker::new(store.engine());
    let unknown = linker
        .instantiate(&mut store, &module)
        .expect_err("not defined");
    assert!(
        unknown.to_string().starts_with("unknown import"),
        "{unknown}"
    );
    let unknown = unknown.downcast::<UnknownImportError>().expect("typed");
    assert_eq!((unknown.module(), unknown.name()), ("a", "b"));
}

#[test]
fn all_unknown_imports_are_listed_with_their_types() {
    let engine = Engine::default();
    let text = r#"(module (import "a" "f" (func (param i32) (result i64)))
        (import "b" "known" (func)) (import "a" "m" (memory 2 3))
        (import "" "t" (table 3 funcref)) (import "a" "g" (global (mut f64)))
        (import "a" "x" (tag (param i32))))"#;
    let module = Module::new(&engine, text).expect("valid");
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("b", "known", || {}).expect("new");
    let unknown = linker.instantiate_pre(&module).expect_err("five lack");
    let lines: Vec<String> = unknown.to_string().lines().map(str::to_owned).collect();
    let unknown: UnknownImportError = unknown.downcast().expect("typed");
    let all: Vec<String> = unknown
        .all()
        .map(|(module, name, ty)| format!("{module}::{name} {ty}"))
        .collect();
    assert_eq!(
        all,
        [
            "a::f (func (param i32) (result i64))",
            "a::m (memory 2 3)",
            "::t (table 3 (ref null func))",
            "a::g (global (mut f64))",
            "a::x (tag (param i32))"
        ]
    );
    assert_eq!((unknown.module(), unknown.name()), ("a", "f"));
    assert_eq!(lines.len(), all.len(), "{lines:?}");
    for (line, (module, name, ty)) in lines.iter().zip(unknown.all()) {
        assert!(line.starts_with("unknown import"), "{line}");
        assert!(line.contains(&format!("`{module}::{name}`")), "{line}");
        assert!(line.ends_with(&ty.to_string()), "{line}");
    }
}

#[test]
fn stand_ins_of_functions_serve_many_stores() {
    let engine = Engine::default();
    let text = r#"(module (import "a" "f" (func $f (result i32)))
        (func (export "f") (result i32) (call $f)))"#;
    let module = Module::new(&engine, text).expect("valid");
    let mut linker: Linker<()> = Linker::new(&engine);
    let mut first = Store::new(&engine, ());
    linker
        .define_unknown_imports_as_default_values(&mut first, &module)
        .expect("a function");
    for mut store in [first, Store::new(&engine, ())] {
        let instance = linker.instantiate(&mut store, &module).expect("linked");
        let f = instance
            .get_typed_func::<(), i32>(&mut store, "f")
            .expect("typed");
        assert_eq!(f.call(&mut store, ()).expect("returns"), 0);
    }
    let text = r#"(module (import "a" "n" (func (result (ref func)))))"#;
    let module = Module::new(&engine, text).expect("valid");
    let mut store = Store::new(&engine, ());
    let error = linker
        .define_unknown_imports_as_default_values(&mut store, &module)
        .expect_err("no function by default");
    assert!(format!("{error:#}").contains("a::n"), "{error:#}");
}

#[test]
fn names_are_defined_once() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("m", "f", || 1).expect("new");
    let twice = linker
        .func_wrap("m", "f", || 2)
        .map(|_| ())
        .expect_err("defined before");
    assert_eq!(twice.code(), "defined-twice");
    linker
        .allow_shadowing(true)
        .func_wrap("m", "f", || 3)
        .expect("allowed");
    linker.alias("m", "f", "n", "g").expect("defined");
    linker.alias_module("n", "o").expect("free");
    assert_eq!(
        linker.alias("m", "x", "n", "y").err().map(|e| e.code()),
        Some("unknown-definition")
    );
    let mut store = Store::new(&engine, ());
    let names: Vec<_> = linker
        .iter(&mut store)
        .map(|(module, name, _)| (module, name))
        .collect();
    assert_eq!(names, [("m", "f"), ("n", "g"), ("o", "g")]);
    let f = linker
        .get(&mut store, "o", "g")
        .expect("defined")
        .into_func()
        .expect("a function");
    assert_eq!(
        f.typed::<(), i32>(&store)
            .expect("typed")
            .call(&mut store, ())
            .expect("3"),
        3
    );
}

#[test]
fn linkers_serve_many_stores() {
    let engine = Engine::default();
    let mut linker: Linker<u32> = Linker::new(&engine);
    linker
        .func_wrap("host", "next", |mut caller: Caller<'_, u32>| {
            *caller.data_mut() += 1;
            *caller.data()
        })
        .expect("new");
    let text = r#"(module (import "host" "next" (func $next (result i32)))
        (func (export "f") (result i32) (drop (call $next)) (call $next)))"#;
    let pre = linker
        .instantiate_pre(&Module::new(&engine, text).expect("valid"))
        .expect("linked");
    let threads: Vec<_> = (0..4)
        .map(|k| {
            let (engine, pre) = (engine.clone(), pre.clone());
            std::thread::spawn(move || {
                let mut store = Store::new(&engine, 10 * k);
                let instance = pre.instantiate(&mut store).expect("linked");
                let f = instance
                    .get_typed_func::<(), u32>(&mut store, "f")
                    .expect("typed");
                assert_eq!(f.call(&mut store, ()).expect("returns"), 10 * k + 2);
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
}

#[test]
fn unknown_imports_stand_in() {
    let engine = Engine::default();
    let text = r#"(module (import "a" "f" (func $f (result i32 externref)))
        (import "a" "m" (memory 2)) (import "a" "t" (table 3 funcref))
        (import "a" "g" (global (mut i64))) (import "a" "x" (tag (param i32)))
        (func (export "f") (result i32) (drop (call $f)))
        (func (export "size") (result i32) (i32.add (memory.size) (table.size 0))))"#;
    let module = Module::new(&engine, text).expect("valid");
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker
        .define_unknown_imports_as_default_values(&mut store, &module)
        .expect("defaults");
    let instance = linker.instantiate(&mut store, &module).expect("linked");
    for (name, wanted) in [("f", 0), ("size", 5)] {
        let f = instance
            .get_typed_func::<(), i32>(&mut store, name)
            .expect("typed");
        assert_eq!(f.call(&mut store, ()).expect("returns"), wanted);
    }
    let mut linker: Linker<()> = Linker::new(&engine);
    linker
        .define_unknown_imports_as_traps(&module)
        .expect("functions only");
    let unknown = linker
        .instantiate(&mut store, &module)
        .expect_err("a memory cannot trap");
    let unknown: UnknownImportError = unknown.downcast().expect("typed");
    let names: Vec<_> = unknown.all().map(|(_, name, _)| name).collect();
    assert_eq!(names, ["m", "t", "g", "x"]);
    let text = r#"(module (import "a" "f" (func $f)) (func (export "f") (call $f)))"#;
    let module = Module::new(&engine, text).expect("valid");
    let mut linker = Linker::new(&engine);
    linker
        .define_unknown_imports_as_traps(&module)
        .expect("functions only");
    let instance = linker.instantiate(&mut store, &module).expect("linked");
    let f = instance
        .get_typed_func::<(), ()>(&mut store, "f")
        .expect("typed");
    assert!(
        f.call(&mut store, ())
            .expect_err("traps")
            .is::<UnknownImportError>()
    );
}

#[test]
fn commands_and_reactors() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let command = r#"(module (global $g (mut i32) (i32.const 0)) (memory (export "memory") 1)
        (func (export "_start"))
        (func (export "next") (result i32)
            (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))"#;
    let reactor = command.replace("_start", "_initialize");
    for (name, text) in [("command", command), ("reactor", &reactor)] {
        let module = Module::new(&engine, text).expect("valid");
        linker.module(&mut store, name, &module).expect("linked");
    }
    for (name, second) in [("command", 1), ("reactor", 2)] {
        let next = linker.get(&mut store, name, "next").expect("defined");
        let next = next
            .into_func()
            .expect("a function")
            .typed::<(), i32>(&store)
            .expect("typed");
        assert_eq!(next.call(&mut store, ()).expect("returns"), 1, "{name}");
        assert_eq!(
            next.call(&mut store, ()).expect("returns"),
            second,
            "{name}"
        );
    }
    let run = linker
        .get_default(&mut store, "command")
        .expect("there is one");
    run.call(&mut store, &[], &mut []).expect("returns");
}

#[test]
fn what_segments_wrote_before_a_trap_stays() {
    let mut store = store();
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("room");
    let ty = TableType::new(RefType::FUNCREF, 4, None);
    let table = Table::new(&mut store, ty, Ref::Func(None)).expect("room");
    let text = r#"(module (import "" "m" (memory 1)) (import "" "t" (table 4 funcref))
        (func $f (result i32) (i32.const 42))
        (elem (i32.const 1) $f) (elem (i32.const 4))
        (data (i32.const 0) "first") (data (i32.const 65530) "too long"))"#;
    let module = Module::new(store.engine(), text).expect("valid");
    let imports = [memory.into(), table.into()];
    let error = Instance::new(&mut store, &module, &imports).expect_err("out of bounds");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::MemoryOutOfBounds));
    assert_eq!(&memory.data(&store)[..5], b"first");
    assert_eq!(
        memory.data(&store)[65530],
        0,
        "a segment is checked before it is written"
    );
    let f = table.get(&mut store, 1).expect("in bounds");
    let f = *f
        .unwrap_func()
        .expect("the failed instance's function lives");
    let f = f.typed::<(), i32>(&store).expect("typed");
    assert_eq!(f.call(&mut store, ()).expect("returns"), 42);
}

#[test]
fn constant_expressions_are_run() {
    constants(store());
    constants(store_with(|config| config.gc_stress(true)));
    constants(store_with(|config| {
        config.eager(true).dispatch(Dispatch::Stepped)
    }));
    constants(store_with(|config| {
        config.translation(Translation::Faithful)
    }));
    constants(store_with(|config| {
        config.consume_fuel(true).epoch_interruption(true)
    }));
}

fn constants(mut store: Store<()>) {
    if store.engine().config().features().gc && store.get_fuel().is_ok() {
        // Constant expressions are free; the calls below are not.
        store.set_fuel(1000).expect("configured");
        store.set_epoch_deadline(1000);
    }
    let base = Global::new(
        &mut store,
        GlobalType::new(ValType::I32, Mutability::Const),
        Val::I32(40),
    )
    .expect("of the type");
    let text = r#"(module (import "" "base" (global $base i32))
        (type $pair (struct (field i32) (field i64)))
        (global $sum (export "sum") i32 (i32.add (global.get $base) (i32.const 2)))
        (global $pair (ref $pair) (struct.new $pair (global.get $sum) (i64.const 7)))
        (global $v (export "v") v128 (v128.const i64x2 1 2))
        (table $t (export "t") 3 (ref i31) (ref.i31 (global.get $base)))
        (table $u 2 (ref null $pair))
        (memory (export "m") 1)
        (elem (table $t) (i32.sub (global.get $base) (i32.const 39)) (ref i31)
            (ref.i31 (i32.mul (global.get $sum) (i32.const 2))))
        (elem $pairs (ref $pair) (struct.new $pair (i32.const 1) (i64.const 2)))
        (data (i32.mul (global.get $sum) (i32.const 2)) "x")
        (func (export "second") (result i64) (struct.get $pair 1 (global.get $pair)))
        (func (export "passive") (result i64)
            (table.init $u $pairs (i32.const 1) (i32.const 0) (i32.const 1))
            (struct.get $pair 1 (table.get $u (i32.const 1)))))"#;
    let instance = instance(&mut store, text, &[base.into()]);
    let sum = instance.get_global(&mut store, "sum").expect("exported");
    assert_eq!(sum.get(&mut store).unwrap_i32(), 42);
    let v = instance.get_global(&mut store, "v").expect("exported");
    assert_eq!(v.get(&mut store).unwrap_v128().as_u128(), 1 | 2 << 64);
    let memory = instance.get_memory(&mut store, "m").expect("exported");
    assert_eq!(memory.data(&store)[84], b'x');
    let table = instance.get_table(&mut store, "t").expect("exported");
    for (index, wanted) in [(0, 40), (1, 84), (2, 40)] {
        let element = table.get(&mut store, index).expect("in bounds");
        let any = *element.unwrap_any().expect("not null");
        assert_eq!(any.unwrap_i31(&store).expect("i31").get_u32(), wanted);
    }
    for (name, wanted) in [("second", 7), ("passive", 2)] {
        let f = instance
            .get_typed_func::<(), i64>(&mut store, name)
            .expect("typed");
        assert_eq!(f.call(&mut store, ()).expect("returns"), wanted);
    }
}

#[test]
fn start_functions_run_and_fail() {
    let mut store = Store::new(&Engine::default(), 0);
    let mut linker = Linker::new(store.engine());
    linker
        .func_wrap("", "count", |mut caller: Caller<'_, i32>| {
            *caller.data_mut() += 1
        })
        .expect("new");
    let text = r#"(module (import "" "count" (func)) (start 0))"#;
    let module = Module::new(store.engine(), text).expect("valid");
    linker.instantiate(&mut store, &module).expect("starts");
    let text = r#"(module (import "" "count" (func)) (start 1) (func (call 0) (unreachable)))"#;
    let module = Module::new(store.engine(), text).expect("valid");
    let error = linker.instantiate(&mut store, &module).expect_err("traps");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
    assert_eq!(*store.data(), 2);
}

#[test]
fn start_functions_are_stopped_and_the_store_goes_on() {
    let mut store = store_with(|config| config.consume_fuel(true));
    let text = r#"(module (type $s (struct)) (global (ref $s) (struct.new $s))
        (func $start (loop (br 0))) (start $start))"#;
    let module = Module::new(store.engine(), text).expect("valid");
    store.set_fuel(100).expect("configured");
    let error = Instance::new(&mut store, &module, &[]).expect_err("endless");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
    let suspend = Func::wrap(&mut store, || -> Result<()> { Err(Suspend.into()) });
    let text = r#"(module (import "" "suspend" (func)) (start 0))"#;
    let module = Module::new(store.engine(), text).expect("valid");
    let error = Instance::new(&mut store, &module, &[suspend.into()]).expect_err("cannot wait");
    assert!(error.is::<Suspend>());
    let text = r#"(module (func (export "f") (result i32) (i32.const 42)))"#;
    let instance = instance(&mut store, text, &[]);
    let f = instance
        .get_typed_func::<(), i32>(&mut store, "f")
        .expect("typed");
    store.set_fuel(100).expect("configured");
    assert_eq!(f.call(&mut store, ()).expect("returns"), 42);
}

#[test]
fn one_memory_imported_twice_is_one() {
    let mut store = store();
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(3))).expect("room");
    let text = r#"(module (import "" "a" (memory $a 1)) (import "" "b" (memory $b 1))
        (func (export "f") (result i32)
            (i32.store8 $a (i32.const 3) (i32.const 42))
            (drop (memory.grow $b (i32.const 1)))
            (i32.add (i32.load8_u $b (i32.const 3)) (memory.size $a))))"#;
    let instance = instance(&mut store, text, &[memory.into(), memory.into()]);
    let f = instance
        .get_typed_func::<(), i32>(&mut store, "f")
        .expect("typed");
    assert_eq!(f.call(&mut store, ()).expect("returns"), 44);
}

#[test]
fn modules_survive_as_bytes() {
    let engine = Engine::default();
    let text = r#"(module $name (func (export "f") (result i32) (i32.const 42)))"#;
    let module = Module::new(&engine, text).expect("valid");
    let mut bytes = module.serialize().expect("always");
    let again = Module::deserialize(&engine, &bytes).expect("the same engine");
    assert_eq!(again.name(), Some("name"));
    let mut other = Config::new();
    other.consume_fuel(true);
    let other = Engine::new(&other).expect("fine");
    let refused = Module::deserialize(&other, &bytes).expect_err("other settings");
    assert_eq!(refused.code(), "bad-container");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let refused = Module::deserialize(&engine, &bytes).expect_err("damaged");
    assert_eq!(refused.code(), "bad-container");
    assert!(Module::deserialize(&engine, b"short").is_err());
}

#[test]
fn modules_tell_their_imports_and_exports() {
    let engine = Engine::default();
    let text = r#"(module (type $f (func (param i32) (result (ref null $f))))
        (import "a" "f" (func (type $f))) (import "a" "m" (memory 1 2))
        (export "f" (func 0)) (global (export "g") (mut (ref null $f)) (ref.null $f)))"#;
    let module = Module::new(&engine, text).expect("valid");
    let imports: Vec<_> = module
        .imports()
        .map(|i| (i.module(), i.name(), i.ty()))
        .collect();
    let [
        (_, "f", ExternType::Func(f)),
        ("a", "m", ExternType::Memory(m)),
    ] = &imports[..]
    else {
        panic!("{imports:?}");
    };
    assert_eq!((m.minimum(), m.maximum()), (1, Some(2)));
    let result = f.result(0).expect("one result");
    let own = HeapType::ConcreteFunc(f.clone());
    assert!(
        HeapType::eq(result.unwrap_ref().heap_type(), &own),
        "the type is recursive"
    );
    let global = module.get_export("g").expect("exported");
    let global = global.unwrap_global();
    assert!(global.mutability().is_var());
    assert!(
        ValType::eq(global.content(), &result),
        "types of one module are compared"
    );
    let names: Vec<_> = module.exports().map(|export| export.name()).collect();
    assert_eq!(names, ["f", "g"]);
    assert!(module.get_export("x").is_none());
}

#[test]
fn what_is_of_another_engine_or_store_is_refused_early() {
    let (ours, theirs) = (Engine::default(), Engine::default());
    let (mut store, mut second) = (Store::new(&ours, ()), Store::new(&ours, ()));
    let mut foreign = Store::new(&theirs, ());
    let text = r#"(module (import "" "a" (func)) (import "" "b" (func)))"#;
    let module = Module::new(&ours, text).expect("valid");
    let mut linker: Linker<()> = Linker::new(&ours);
    fn code<T>(result: Result<T>) -> &'static str {
        result.err().map_or("none", |error| error.code())
    }

    let func = Func::wrap(&mut foreign, || {});
    assert_eq!(code(linker.define(&foreign, "", "a", func)), "wrong-engine");
    assert_eq!(code(linker.define(&store, "", "a", func)), "wrong-store");
    let instance = instance(&mut foreign, "(module)", &[]);
    assert_eq!(
        code(linker.instance(&mut foreign, "", instance)),
        "wrong-engine"
    );
    let ty = MemoryType::shared(1, 1);
    let shared = SharedMemory::new(&theirs, ty).expect("room");
    assert_eq!(code(linker.define(&store, "", "a", shared)), "wrong-engine");

    let func = Func::wrap(&mut store, || {});
    linker.define(&store, "", "a", func).expect("of this store");
    // A copy of the store knows the handle.
    let copy = store.fork().expect("nothing is in the way");
    linker.define(&copy, "", "b", func).expect("of a copy");
    let pre = linker.instantiate_pre(&module).expect("of one family");
    pre.instantiate(&mut store).expect("known to both");
    assert_eq!(code(pre.instantiate(&mut second)), "wrong-store");
    assert_eq!(code(pre.instantiate(&mut foreign)), "wrong-engine");
    linker.allow_shadowing(true);
    let func = Func::wrap(&mut second, || {});
    linker
        .define(&second, "", "b", func)
        .expect("of this store");
    assert_eq!(code(linker.instantiate_pre(&module)), "wrong-store");
    let module = Module::new(&theirs, "(module)").expect("valid");
    assert_eq!(code(linker.instantiate_pre(&module)), "wrong-engine");
    assert_eq!(
        code(linker.instantiate(&mut foreign, &module)),
        "wrong-engine"
    );
    assert_eq!(code(linker.module(&mut store, "", &module)), "wrong-engine");
}
