//! Errors: their kinds, texts and what they leave behind.

use super::{instance, store};
use limpid::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn traps_have_names_and_backtraces() {
    let mut store = store();
    let text = r#"(module $shown (func $inner (param i32) (result i32)
            (i32.div_u (i32.const 1) (local.get 0)))
        (func $outer (export "f") (param i32) (result i32) (call $inner (local.get 0))))"#;
    let instance = instance(&mut store, text, &[]);
    let f = instance
        .get_typed_func::<i32, i32>(&mut store, "f")
        .expect("typed");
    let error = f.call(&mut store, 0).expect_err("divides by zero");
    assert_eq!(error.to_string(), "integer divide by zero");
    assert_eq!(error.code(), "integer-divide-by-zero");
    let backtrace = error.downcast_ref::<WasmBacktrace>().expect("there is one");
    let names: Vec<_> = backtrace
        .frames()
        .iter()
        .map(FrameInfo::func_name)
        .collect();
    assert_eq!(names, [Some("inner"), Some("outer")]);
    let module = instance.module(&store).clone();
    let bytes = &module.syntax().bytes;
    let at = backtrace.frames()[0].module_offset().expect("known");
    assert_eq!(bytes[at], 0x6e, "the offset is that of i32.div_u");
    let at = backtrace.frames()[1].module_offset().expect("known");
    assert_eq!(bytes[at], 0x10, "the offset is that of call");
    assert!(format!("{error:?}").contains("shown!inner"));
}

#[test]
fn errors_of_host_functions_come_back() {
    #[derive(Debug, PartialEq)]
    struct Mine(u8);
    impl std::fmt::Display for Mine {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "mine {}", self.0)
        }
    }
    impl std::error::Error for Mine {}

    let mut store = store();
    let fail = Func::wrap(&mut store, || -> Result<()> { Err(Mine(7).into()) });
    let text = r#"(module (import "" "fail" (func)) (func (export "f") (call 0)))"#;
    let instance = instance(&mut store, text, &[fail.into()]);
    let f = instance
        .get_typed_func::<(), ()>(&mut store, "f")
        .expect("typed");
    let error = f
        .call(&mut store, ())
        .expect_err("fails")
        .context("outside");
    assert_eq!(error.downcast_ref::<Mine>(), Some(&Mine(7)));
    assert_eq!(
        (error.to_string(), error.code()),
        ("outside".into(), "host")
    );
    assert_eq!(format!("{error:#}"), "outside: mine 7");
    assert_eq!(error.root_cause().to_string(), "mine 7");
    assert_eq!(error.downcast::<Mine>().expect("it is"), Mine(7));
}

#[test]
fn bad_modules_are_told_apart() {
    let engine = Engine::default();
    let code = |bytes: &[u8]| Module::new(&engine, bytes).expect_err("bad").code();
    assert_eq!(code(b"\0asm\x02\0\0\0"), "malformed");
    assert_eq!(code(b"(module (func (drop)))"), "invalid");
    let text = Module::new(&engine, "(module (func (drop)))")
        .expect_err("bad")
        .to_string();
    assert!(text.starts_with("type mismatch"), "{text}");
    assert!(Module::validate(&engine, b"\0asm\x01\0\0\0").is_ok());
}

#[test]
fn a_panic_poisons_its_store_alone() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut other = Store::new(&engine, ());
    let text = r#"(module (import "" "panic" (func)) (memory (export "m") 1)
        (func (export "f") (i32.store8 (i32.const 5) (i32.const 42)) (call 0))
        (func (export "g") (result i32) (i32.const 1)))"#;
    let panic = Func::wrap(&mut store, || -> () { panic!("in the host") });
    let calm = Func::wrap(&mut other, || {});
    let bad = instance(&mut store, text, &[panic.into()]);
    let good = instance(&mut other, text, &[calm.into()]);
    let f = bad
        .get_typed_func::<(), ()>(&mut store, "f")
        .expect("typed");
    let caught = catch_unwind(AssertUnwindSafe(|| f.call(&mut store, ())));
    assert!(caught.is_err(), "the panic passes through");
    let memory = bad.get_memory(&mut store, "m").expect("exported");
    assert_eq!(
        memory.data(&store)[5],
        42,
        "the memory is back in its place"
    );
    let error = f.call(&mut store, ()).expect_err("poisoned");
    assert_eq!(error.downcast_ref::<Fault>(), Some(&Fault::Poisoned));
    let g = good
        .get_typed_func::<(), i32>(&mut other, "g")
        .expect("typed");
    assert_eq!(g.call(&mut other, ()).expect("returns"), 1);
}

#[test]
fn handles_of_another_store_are_refused() {
    let engine = Engine::default();
    let (mut one, mut two) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let func = Func::wrap(&mut one, || {});
    let caught = catch_unwind(AssertUnwindSafe(|| func.call(&mut two, &[], &mut [])));
    assert!(caught.is_err(), "as documented, a panic");
    let text = r#"(module (import "" "f" (func)))"#;
    let module = Module::new(&engine, text).expect("valid");
    let error = Instance::new(&mut two, &module, &[func.into()]).expect_err("of another store");
    assert_eq!(error.code(), "wrong-store");
    let taker = Func::wrap(&mut two, |_: Option<Func>| {});
    let error = taker
        .call(&mut two, &[func.into()], &mut [])
        .expect_err("of another store");
    assert_eq!(error.code(), "wrong-store");
    let foreign = Module::new(&Engine::default(), text).expect("valid");
    let func = Func::wrap(&mut two, || {});
    let error = Instance::new(&mut two, &foreign, &[func.into()]).expect_err("of another engine");
    assert_eq!(error.code(), "wrong-engine");
}

#[test]
fn a_panic_below_several_instances_puts_every_memory_back() {
    let mut store = store();
    let panic = Func::wrap(&mut store, || -> () { panic!("in the host") });
    let inner = r#"(module (import "" "panic" (func)) (memory (export "m") 1)
        (func (export "f") (i32.store8 (i32.const 1) (i32.const 11)) (call 0)))"#;
    let inner = instance(&mut store, inner, &[panic.into()]);
    let f = inner.get_func(&mut store, "f").expect("exported");
    let again = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| {
        f.call(&mut caller, &[], &mut [])
    });
    let outer = r#"(module (import "" "again" (func)) (memory (export "m") 1)
        (func (export "f") (i32.store8 (i32.const 1) (i32.const 22)) (call 0)))"#;
    let outer = instance(&mut store, outer, &[again.into()]);
    let f = outer.get_func(&mut store, "f").expect("exported");
    let caught = catch_unwind(AssertUnwindSafe(|| f.call(&mut store, &[], &mut [])));
    assert!(caught.is_err(), "the panic passes through");
    for (instance, wanted) in [(inner, 11), (outer, 22)] {
        let memory = instance.get_memory(&mut store, "m").expect("exported");
        assert_eq!(
            (memory.data(&store)[1], memory.data_size(&store)),
            (wanted, 65536)
        );
    }
    assert_eq!(
        f.call(&mut store, &[], &mut [])
            .expect_err("poisoned")
            .code(),
        "poisoned"
    );
}

/// The documentation of `Error::code` names each code there is.
#[test]
fn codes_are_listed() {
    let source = include_str!("../../src/api/error/mod.rs");
    let docs: Vec<&str> = source
        .lines()
        .filter(|line| line.trim().starts_with("///"))
        .collect();
    let docs = docs.join("\n");
    let source = include_str!("../../src/api/error/fault.rs");
    let faults = source.lines().filter_map(|line| {
        let (_, code) = line.trim().strip_prefix("Fault::")?.split_once(" => \"")?;
        let code = code.split('"').next()?;
        code.bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_lowercase())
            .then_some(code)
    });
    let faults: Vec<&str> = faults.collect();
    assert!(faults.len() >= 20, "{faults:?}");
    for code in faults
        .into_iter()
        .chain(Trap::ALL.iter().map(|trap| trap.code()))
    {
        assert!(
            docs.contains(&format!("`{code}`")),
            "{code} is not documented"
        );
    }
}

/// What is reported of an exception that leaves the guest by `name`.
fn uncaught(name: &str) -> (Error, UncaughtException) {
    let mut store = store();
    let engine = store.engine().clone();
    let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    let tag = Tag::new(&mut store, &ty).expect("a tag");
    let pre = ExnRefPre::new(&mut store, ExnType::from_tag_type(&ty).expect("no results"));
    let throws = Func::wrap(
        &mut store,
        move |mut caller: Caller<'_, ()>| -> Result<()> {
            let exception = ExnRef::new(&mut caller, &pre, &tag, &[Val::I32(41)])?;
            caller.as_context_mut().throw(exception)?;
            Ok(())
        },
    );
    let text = r#"(module
        (import "host" "tag" (tag (param i32)))
        (import "host" "throws" (func $throws))
        (tag $own (export "other name") (param i64 f32))
        (tag (export "exported"))
        (func (export "own") (throw $own (i64.const -1) (f32.const 1.5)))
        (func (export "exported_only") (throw 2))
        (func (export "imported") (throw 0 (i32.const 5)))
        (func (export "host") (call $throws)))"#;
    let module = Module::new(&engine, text).expect("valid");
    let imports = [tag.into(), throws.into()];
    let instance = Instance::new(&mut store, &module, &imports).expect("linked");
    let func = instance
        .get_typed_func::<(), ()>(&mut store, name)
        .expect("typed");
    let error = func.call(&mut store, ()).expect_err("throws");
    assert!(store.has_pending_exception());
    let told: &UncaughtException = error.downcast_ref().expect("typed");
    let told = told.clone();
    (error, told)
}

#[test]
fn uncaught_exceptions_name_tag_and_values() {
    let rows: [(&str, &str, &[&str]); 4] = [
        ("own", "own", &["(i64.const -1)", "(f32.const 1.5)"]),
        ("exported_only", "exported", &[]),
        ("imported", "host::tag", &["(i32.const 5)"]),
        ("host", "host::tag", &["(i32.const 41)"]),
    ];
    for (name, tag, values) in rows {
        let (error, told) = uncaught(name);
        assert!(error.is::<ThrownException>());
        assert_eq!(error.code(), "exception");
        assert_eq!(told.tag(), Some(tag));
        assert_eq!(told.values().collect::<Vec<_>>(), values);
        assert_eq!(error.to_string(), told.to_string());
        let whole = format!("{:#}", error.context("outer"));
        assert_eq!(whole, format!("outer: {told}"));
    }
}
#[derive(Clone, PartialEq, Debug)]
struct Place(u32);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at {}", self.0)
    }
}

#[test]
fn whatever_an_error_is_can_be_taken_out() {
    let mut store = store();
    let text = r#"(module (memory 1) (func (export "f") (drop (i32.load (i32.const 65536)))))"#;
    let instance = instance(&mut store, text, &[]);
    let f = instance.get_func(&mut store, "f").expect("exported");
    let mut fail = || {
        let error = f.call(&mut store, &[], &mut []).expect_err("it traps");
        error.context(Place(1)).context(Place(2)).context("last")
    };
    fn taken<C>(error: Error) -> Option<(C, C)>
    where
        C: std::fmt::Display + std::fmt::Debug + PartialEq + Clone + Send + Sync + 'static,
    {
        let found = error.downcast_ref::<C>().cloned();
        assert_eq!(error.is::<C>(), found.is_some());
        found.zip(error.downcast::<C>().ok())
    }
    assert_eq!(
        taken(fail()),
        Some((Trap::MemoryOutOfBounds, Trap::MemoryOutOfBounds))
    );
    assert_eq!(
        taken(fail()),
        Some((Place(2), Place(2))),
        "the outermost of that type"
    );
    assert_eq!(taken(fail()), Some(("last", "last")));
    assert_eq!(taken::<u8>(fail()), None);
    assert!(fail().is::<WasmBacktrace>() && fail().downcast::<WasmBacktrace>().is_ok());
    assert!(fail().is::<MemoryFault>() && fail().downcast::<MemoryFault>().is_ok());
    let back = fail().downcast::<Fault>().expect_err("it is none");
    assert!(back.is::<Trap>() && back.is::<Place>(), "nothing is lost");
}

#[test]
fn backtraces_are_captured_as_the_engine_is_set() {
    let text = r#"(module (import "" "look" (func $look)) (func $a (call $look))
        (func $b (call $a)) (func (export "f") (call $b)))"#;
    type Set = fn(&mut Config) -> &mut Config;
    let cases: [(Set, usize); 4] = [
        (|config| config, 3),
        (|config| config.wasm_backtrace(false), 0),
        (|config| config.wasm_backtrace_max_frames(None), 0),
        (
            |config| config.wasm_backtrace_max_frames(std::num::NonZeroUsize::new(2)),
            2,
        ),
    ];
    for (case, (with, wanted)) in cases.into_iter().enumerate() {
        let mut store = super::store_with(with);
        let look = Func::wrap(&mut store, move |caller: Caller<'_, ()>| {
            let seen = WasmBacktrace::capture(&caller).frames().len();
            let forced = WasmBacktrace::force_capture(&caller).frames().len();
            assert_eq!((seen, forced), (wanted, 3), "case {case}");
            Err::<(), _>(Error::msg("enough"))
        });
        let instance = instance(&mut store, text, &[look.into()]);
        let f = instance.get_func(&mut store, "f").expect("exported");
        let error = f
            .call(&mut store, &[], &mut [])
            .expect_err("the host ends it");
        let kept = error.downcast_ref::<WasmBacktrace>();
        assert_eq!(
            kept.map_or(0, |kept| kept.frames().len()),
            wanted,
            "case {case}"
        );
    }
}

#[test]
fn offsets_in_functions_begin_with_the_locals() {
    // The field of the size takes one byte, and two when the body is padded.
    for padding in [0, 200] {
        let nops = "(nop)".repeat(padding);
        let text = format!(r#"(module (func (export "f") (local i32) (unreachable) {nops}))"#);
        let mut store = store();
        let instance = instance(&mut store, &text, &[]);
        let f = instance.get_func(&mut store, "f").expect("exported");
        let error = f.call(&mut store, &[], &mut []).expect_err("it traps");
        let backtrace = error.downcast_ref::<WasmBacktrace>().expect("kept");
        // One group of locals takes three bytes: their count, and the group's count and type.
        assert_eq!(backtrace.frames()[0].func_offset(), Some(3), "{padding}");
    }
}

#[test]
fn a_stack_no_system_has_is_refused() {
    for bytes in [usize::MAX, usize::MAX - 7, 1 << 40, (1 << 35) + 8] {
        let engine = Engine::new(Config::new().max_wasm_stack(bytes));
        let error = engine.expect_err("over the limit");
        assert_eq!(error.code(), "not-configured", "{bytes}");
        assert!(error.to_string().contains(&bytes.to_string()), "{error}");
    }
    let mut store = super::store_with(|config| config.max_wasm_stack(1 << 20));
    let f = Func::wrap(&mut store, || {});
    f.call(&mut store, &[], &mut []).expect("there is room");
}
