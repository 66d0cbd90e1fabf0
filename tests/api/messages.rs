//! What errors say: names, types, positions and limits; not whole sentences.

use super::proposals::{OTHER_PLACES, PROPOSALS};
use super::{instance, store, store_with};
use limpid::*;

/// The bytes of a module of the table.
fn bytes(module: &str) -> Vec<u8> {
    if module.starts_with('(') {
        return wat::parse_str(module).unwrap_or_else(|error| panic!("{module}: {error}"));
    }
    let digits = module.split_whitespace();
    digits
        .map(|byte| u8::from_str_radix(byte, 16).expect("a byte in hex"))
        .collect()
}

/// An engine with these features.
fn engine(features: Features) -> Engine {
    let mut config = Config::new();
    config.set_features(features);
    Engine::new(&config).expect("the settings are fine")
}

/// Says the whole chain once: no part is contained in another.
#[track_caller]
fn says_nothing_twice(error: &Error) {
    let parts: Vec<String> = error.messages().map(|part| part.to_lowercase()).collect();
    for (place, part) in parts.iter().enumerate() {
        let doubled = parts.iter().skip(place + 1).any(|later| {
            !part.is_empty() && !later.is_empty() && (part.contains(later) || later.contains(part))
        });
        assert!(!doubled, "said twice: {error:#}");
    }
    let whole = format!("{error:#}").to_lowercase();
    let words: Vec<&str> = whole.split(": ").collect();
    for (place, words_here) in words.iter().enumerate() {
        assert!(
            !words[place + 1..].contains(words_here),
            "said twice: {error:#}"
        );
    }
}

#[track_caller]
fn says(error: &Error, parts: &[&str]) {
    let whole = format!("{error:#}");
    for part in parts {
        assert!(whole.contains(part), "no `{part}` in: {whole}");
    }
    says_nothing_twice(error);
}

#[test]
fn a_proposal_that_is_off_is_named_with_its_switch() {
    let named: Vec<&str> = PROPOSALS.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, Features::NAMES, "each proposal has its row");
    for (name, module) in PROPOSALS.iter().chain(OTHER_PLACES) {
        let bytes = bytes(module);
        let all = Module::new(&engine(Features::ALL), &bytes).map(drop);
        all.unwrap_or_else(|error| panic!("{name}: {module}: {error:#}"));
        let mut without = Features::ALL;
        without.set(name, false);
        let error = Module::new(&engine(without), &bytes).expect_err(name);
        let missing = error.downcast_ref::<MissingFeatures>();
        let missing = missing.unwrap_or_else(|| panic!("{name}: {module}: {error:#}"));
        assert_eq!(missing.names(), [*name], "{module}");
        let switch = format!("`Config::wasm_{}`", name.replace('-', "_"));
        says(&error, &[name, &switch]);
        assert!(matches!(error.code(), "malformed" | "invalid"), "{name}");
    }
}

#[test]
fn several_proposals_are_named_together_and_no_more_than_needed() {
    for (module, expected) in [
        (
            "(module (memory i64 1 1 shared))",
            &["memory64", "threads"][..],
        ),
        (
            "(module (type $t (func)) (func (param (ref $t)) (return_call_ref $t (local.get 0))))",
            &["reference-types", "tail-call", "function-references"],
        ),
        (
            "(module (memory 1 (pagesize 1)) (memory 1))",
            &["multi-memory", "custom-page-sizes"],
        ),
    ] {
        let error = Module::new(&engine(Features::MVP), bytes(module)).expect_err(module);
        let missing = error.downcast_ref::<MissingFeatures>();
        assert_eq!(
            missing.map(MissingFeatures::names),
            Some(expected),
            "{module}"
        );
        says_nothing_twice(&error);
        // With these it loads.
        let mut features = Features::MVP;
        for name in expected {
            features.set(name, true);
        }
        let loaded = Module::new(&engine(features), bytes(module)).map(drop);
        loaded.unwrap_or_else(|error| panic!("{module}: {error:#}"));
    }
    // What no feature mends names none.
    for wrong in ["(module (func (result i32)))", "(module (func (call 7)))"] {
        let error = Module::new(&engine(Features::MVP), bytes(wrong)).expect_err(wrong);
        assert!(!error.is::<MissingFeatures>(), "{wrong}: {error:#}");
    }
    let error = Module::from_binary(&engine(Features::MVP), b"\0asm\x01\0\0\0\xff").map(drop);
    assert!(!error.expect_err("no section").is::<MissingFeatures>());
}

#[test]
fn an_import_of_another_type_shows_both() {
    let engine = Engine::default();
    for (import, given, parts) in [
        (
            "(func (param i32))",
            "(func (export \"x\") (param i64) (result f32) (f32.const 0))",
            &["(func (param i32))", "(func (param i64) (result f32))"][..],
        ),
        (
            "(global (mut i32))",
            "(global (export \"x\") i32 (i32.const 0))",
            &["(global (mut i32))", "(global i32)"],
        ),
        (
            "(memory 2 3)",
            "(memory (export \"x\") 1 9)",
            &["(memory 2 3)", "(memory 1 9)"],
        ),
        (
            "(memory i64 1)",
            "(memory (export \"x\") 1)",
            &["(memory i64 1)", "found (memory 1)"],
        ),
        (
            "(table 4 externref)",
            "(table (export \"x\") 4 funcref)",
            &["(table 4 (ref null extern))", "(table 4 (ref null func))"],
        ),
        (
            "(tag (param i32))",
            "(tag (export \"x\") (param i64))",
            &["(tag (param i32))", "(tag (param i64))"],
        ),
        (
            "(func)",
            "(memory (export \"x\") 1)",
            &["expected (func)", "found (memory 1)"],
        ),
    ] {
        let other = Module::new(&engine, format!("(module {given})")).expect("valid");
        let text = format!(r#"(module (import "o" "fine" (func)) (import "o" "x" {import}))"#);
        let module = Module::new(&engine, text).expect("valid");
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("o", "fine", || {}).expect("new");
        linker.module(&mut store, "o", &other).expect("links");
        let error = linker.instantiate(&mut store, &module).expect_err(import);
        says(&error, parts);
        says(&error, &["incompatible import type", "import 1", "`o::x`"]);
        assert_eq!(error.code(), "unlinkable");
        let typed = error
            .downcast_ref::<IncompatibleImportError>()
            .expect("typed");
        assert_eq!((typed.index(), typed.module(), typed.name()), (1, "o", "x"));
        assert!(
            parts[0].contains(&typed.expected().to_string()),
            "{error:#}"
        );
        assert!(parts[1].contains(&typed.found().to_string()), "{error:#}");
    }
}

#[test]
fn types_that_look_alike_are_said_to_differ() {
    let text = r#"(module (type $open (sub (func))) (func (export "f") (type $open)))"#;
    let mut store = store();
    let f = instance(&mut store, text, &[]).get_func(&mut store, "f");
    let asks = r#"(module (import "m" "f" (func)))"#;
    let module = Module::new(store.engine(), asks).expect("valid");
    let error = Instance::new(&mut store, &module, &[f.expect("there").into()]);
    says(&error.expect_err("not final"), &["same form", "finality"]);
}

#[test]
fn an_argument_of_another_type_is_named_by_position() {
    let mut store = store();
    let text = r#"(module
        (func (export "add") (param i32 i64) (result i32) (local.get 0))
        (func $own (export "") (param (ref null extern) (ref func))))"#;
    let instance = instance(&mut store, text, &[]);
    let add = instance.get_func(&mut store, "add").expect("there");
    let mut out = [Val::I32(0)];
    let call = |store: &mut Store<()>, args: &[Val], out: &mut [Val]| {
        add.call(store, args, out).expect_err("does not fit")
    };
    let error = call(&mut store, &[Val::I32(1), Val::F64(0)], &mut out);
    says(
        &error,
        &["`add`", "argument 2", "expected i64", "found f64"],
    );
    assert_eq!(error.downcast_ref(), Some(&Fault::TypeMismatch));
    let error = call(&mut store, &[Val::I32(1)], &mut out);
    says(&error, &["`add`", "expected 2 arguments", "found 1"]);
    assert_eq!(error.downcast_ref(), Some(&Fault::Arity));
    let error = call(&mut store, &[Val::I32(1), Val::I64(1)], &mut []);
    says(&error, &["expected 1 result,", "found 0"]);

    let typed = instance.get_typed_func::<(i32, f32), i32>(&mut store, "add");
    let error = typed.map(drop).expect_err("does not fit");
    says(
        &error,
        &["`add`", "parameter 2", "expected f32", "found i64"],
    );
    let typed = instance.get_typed_func::<(i32, i64), i64>(&mut store, "add");
    let error = typed.map(drop).expect_err("does not fit");
    says(&error, &["`add`", "result 1", "expected i64", "found i32"]);
    let typed = instance.get_typed_func::<i32, i32>(&mut store, "add");
    says(
        &typed.map(drop).expect_err("one too few"),
        &["expected 1 parameter,", "found 2"],
    );
    let typed = instance.get_typed_func::<(), ()>(&mut store, "ad");
    says(&typed.map(drop).expect_err("absent"), &["`ad`"]);

    let refs = instance.get_func(&mut store, "").expect("there");
    let null = [Val::ExternRef(None), Val::FuncRef(None)];
    let error = refs.call(&mut store, &null, &mut []).expect_err("not null");
    says(&error, &["argument 2", "(ref func)", "null"]);
    let error = refs.call(&mut store, &[Val::I32(1), Val::I32(1)], &mut []);
    says(
        &error.expect_err("a number"),
        &["argument 1", "(ref null extern)", "i32"],
    );
}

#[test]
fn results_of_host_functions_are_named_by_position() {
    let mut store = store();
    let ty = FuncType::new(store.engine(), [], [ValType::I32, ValType::I64]);
    let wrong = Func::new(&mut store, ty, |_, _, results| {
        results[0] = Val::I32(1);
        results[1] = Val::F32(1);
        Ok(())
    });
    let error = wrong.call(&mut store, &[], &mut [Val::I32(0), Val::I32(0)]);
    says(
        &error.expect_err("a float"),
        &["result 2", "expected i64", "found f32"],
    );
}

#[test]
fn limits_name_the_thing_and_the_number() {
    let mut store = store_with(|config| config.max_memory_size(100_000).max_table_elements(50));
    let mut refuse = |text: &str, parts: &[&str]| {
        let module = Module::new(store.engine(), text).expect("valid");
        let error = Instance::new(&mut store, &module, &[]).expect_err(text);
        says(&error, parts);
        assert_eq!(error.code(), "limit", "{error:#}");
    };
    refuse(
        "(module (memory 2))",
        &["memory of 131072 bytes", "100000 bytes"],
    );
    refuse(
        "(module (table 51 funcref))",
        &["table of 51 elements", "50 elements"],
    );
    let error = Memory::new(&mut store, MemoryType::new(3, None)).expect_err("too large");
    says(&error, &["memory of 196608 bytes", "100000 bytes"]);
    let ty = MemoryType::shared(3, 3);
    let error = SharedMemory::new(store.engine(), ty).expect_err("too large");
    says(&error, &["memory of 196608 bytes", "100000 bytes"]);

    for (limits, text, parts) in [
        (
            StoreLimitsBuilder::new().memory_size(65_000),
            "(module (memory 1))",
            ["memory of 65536 bytes", "65000 bytes"],
        ),
        (
            StoreLimitsBuilder::new().table_elements(3),
            "(module (table 4 funcref))",
            ["table of 4 elements", "3 elements"],
        ),
        (
            StoreLimitsBuilder::new().memories(1),
            "(module (memory 0) (memory 0))",
            ["2 memories", "limit is 1"],
        ),
        (
            StoreLimitsBuilder::new().tables(1),
            "(module (table 0 funcref) (table 0 funcref))",
            ["2 tables", "limit is 1"],
        ),
        (
            StoreLimitsBuilder::new().instances(0),
            "(module)",
            ["1 instance is more", "limit is 0"],
        ),
    ] {
        let mut store = Store::new(&Engine::default(), limits.build());
        store.limiter(|limits| limits);
        let module = Module::new(store.engine(), text).expect("valid");
        let error = Instance::new(&mut store, &module, &[]).expect_err(text);
        says(&error, &parts);
        assert_eq!(error.code(), "limit", "{error:#}");
    }
}

#[test]
fn a_limiter_of_the_embedder_need_not_tell_its_limit() {
    struct Never;
    impl ResourceLimiter for Never {
        fn memory_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
            Ok(false)
        }

        fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
            Ok(false)
        }
    }
    let mut store = Store::new(&Engine::default(), Never);
    store.limiter(|never| never);
    let error = Memory::new(&mut store, MemoryType::new(1, None)).expect_err("never");
    says(&error, &["memory of 65536 bytes", "limiter"]);
}

#[test]
fn a_segment_that_does_not_fit_is_named() {
    let mut store = store();
    for (text, parts) in [
        (
            "(module (memory 1) (data (i32.const 0) \"a\") (data (i32.const 65535) \"ab\"))",
            ["data segment 1", "offset 65535", "memory 0 has 65536 bytes"],
        ),
        (
            "(module (memory 1) (memory $m 0) (data (memory $m) (i32.const 7) \"abc\"))",
            [
                "data segment 0",
                "3 bytes at offset 7",
                "memory 1 has 0 bytes",
            ],
        ),
        (
            "(module (table 2 funcref) (func $f) (elem declare func $f)
                (elem (i32.const 1) func $f $f))",
            [
                "elem segment 1",
                "2 elements at offset 1",
                "table 0 has 2 elements",
            ],
        ),
        (
            "(module (table 2 funcref) (elem (i32.const -1) funcref (ref.null func)))",
            [
                "elem segment 0",
                "offset 4294967295",
                "table 0 has 2 elements",
            ],
        ),
    ] {
        let module = Module::new(store.engine(), text).expect("valid");
        let error = Instance::new(&mut store, &module, &[]).expect_err(text);
        says(&error, &parts);
        let trap = error.downcast_ref::<Trap>().expect("a trap");
        says(&error, &[&trap.to_string()]);
    }
}

#[test]
fn no_error_says_anything_twice() {
    let mut errors: Vec<Error> = Vec::new();
    let mut store = store();
    let text = r#"(module (memory (export "m") 1 1) (table (export "t") 1 1 funcref)
        (global (export "g") i32 (i32.const 0)) (func (export "f")))"#;
    let instance = instance(&mut store, text, &[]);
    let memory = instance.get_memory(&mut store, "m").expect("there");
    errors.extend(memory.grow(&mut store, 5).err());
    let table = instance.get_table(&mut store, "t").expect("there");
    errors.extend(table.grow(&mut store, 7, Ref::Func(None)).err());
    errors.extend(table.set(&mut store, 3, Ref::Func(None)).err());
    errors.extend(table.set(&mut store, 0, Ref::Extern(None)).err());
    errors.extend(table.fill(&mut store, 1, Ref::Func(None), 9).err());
    let global = instance.get_global(&mut store, "g").expect("there");
    errors.extend(global.set(&mut store, Val::I32(1)).err());
    errors.extend(store.set_fuel(1).err());
    errors.extend(store.get_fuel().err());
    let shared = SharedMemory::new(store.engine(), MemoryType::shared(1, 1)).expect("made");
    errors.extend(shared.grow(1).err());
    let plain = MemoryType::new(1, None);
    errors.extend(SharedMemory::new(store.engine(), plain).map(drop).err());
    errors.extend(Memory::new(&mut store, MemoryType::shared(1, 1)).err());
    errors.extend(MemoryTypeBuilder::new().min(2).max(Some(1)).build().err());
    errors.extend(Config::new().wasm_feature("no such", true).map(drop).err());
    let mut linker = Linker::<()>::new(store.engine());
    linker.func_wrap("m", "n", || {}).expect("new");
    errors.extend(linker.func_wrap("m", "n", || {}).map(drop).err());
    errors.extend(linker.alias("x", "y", "z", "w").map(drop).err());
    linker.instance(&mut store, "i", instance).expect("defined");
    linker.define(&store, "d", "", memory).expect("defined");
    errors.extend(linker.get_default(&mut store, "d").err());
    let limits = StoreLimitsBuilder::new().memory_size(65536);
    let limits = limits.trap_on_grow_failure(true).build();
    let mut limited = Store::new(&Engine::default(), limits);
    limited.limiter(|limits| limits);
    let memory = Memory::new(&mut limited, MemoryType::new(1, None)).expect("fits");
    errors.extend(memory.grow(&mut limited, 1).err());
    assert_eq!(errors.len(), 17, "each of these calls fails: {errors:#?}");
    for error in &errors {
        says_nothing_twice(error);
    }
}

#[test]
fn calls_nested_too_deeply_name_the_limit() {
    let mut config = Config::new();
    config.host_depth(5);
    let engine = Engine::new(&config).expect("fine");
    let mut store = Store::new(&engine, ());
    let again = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| {
        let f = caller.get_export("f").and_then(Extern::into_func);
        f.expect("exported").call(&mut caller, &[], &mut [])
    });
    let text = r#"(module (import "" "again" (func)) (func (export "f") (call 0)))"#;
    let f = instance(&mut store, text, &[again.into()]).get_func(&mut store, "f");
    let error = f.expect("there").call(&mut store, &[], &mut []);
    let error = error.expect_err("for ever");
    says(
        &error,
        &["nest too deeply", "5 levels", "`Config::host_depth`"],
    );
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
}

#[test]
fn limits_of_validation_name_the_thing_and_the_number() {
    let engine = Engine::default();
    let mut chain = String::from("(module (type $t0 (sub (func)))");
    for depth in 1..=64 {
        chain += &format!("(type $t{depth} (sub $t{} (func)))", depth - 1);
    }
    let error = Module::new(&engine, chain + ")").expect_err("too long a chain");
    says(&error, &["super types", "63"]);

    let results = "i32 ".repeat(1000);
    let calls = "call 0 ".repeat(16_778);
    let text = format!(
        "(module (type (func (result {results}))) (import \"\" \"\" (func (type 0)))
            (func {calls} unreachable))"
    );
    let error = Module::new(&engine, text).expect_err("too many operands");
    says(&error, &["operands", "16777216"]);
}

#[test]
fn a_result_without_a_default_value_is_named_once() {
    let mut store = store();
    let module = r#"(module (import "m" "f" (func (result i32 (ref func)))))"#;
    let module = Module::new(store.engine(), module).expect("valid");
    let Some(ExternType::Func(ty)) = module.imports().next().map(|import| import.ty()) else {
        panic!("it imports a function")
    };
    let error = ty.default_value(&mut store).map(drop);
    let error = error.expect_err("a reference must refer to something");
    assert_eq!(error.code(), "type-mismatch");
    assert_eq!(
        format!("{error:#}"),
        "result 2, (ref func), has no default value"
    );
    let mut linker = Linker::<()>::new(store.engine());
    let defined = linker.define_unknown_imports_as_default_values(&mut store, &module);
    let error = defined.expect_err("a reference must refer to something");
    says(
        &error,
        &["`m::f`", "result 2, (ref func), has no default value"],
    );
    assert!(!format!("{error:#}").contains("mismatch"), "{error:#}");
}

#[test]
fn a_text_may_begin_with_a_byte_order_mark() {
    let text = "\u{feff}(module (func (export \"f\")))";
    let module = Module::new(&Engine::default(), text).expect("the mark is no part of it");
    assert!(module.get_export("f").is_some());
    let twice = Module::new(&Engine::default(), format!("\u{feff}{text}")).map(drop);
    assert!(twice.is_err(), "one mark is enough");
}
