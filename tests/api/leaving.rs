//! Errors that leave the crate, and errors that come into it.

use super::{instance, store};
use limpid::*;
use std::error::Error as StdError;

/// The error of a guest that reads out of bounds, with a context.
fn trapped() -> Error {
    let mut store = store();
    let text = r#"(module $m (memory 1)
        (func $f (export "f") (drop (i32.load (i32.const -1)))))"#;
    let instance = instance(&mut store, text, &[]);
    let f = instance.get_typed_func::<(), ()>(&mut store, "f");
    let error = f.and_then(|f| f.call(&mut store, ()));
    error.expect_err("it traps").context("the plugin failed")
}

/// The texts of an error and its sources.
fn texts(error: &(dyn StdError + 'static)) -> Vec<String> {
    let chain = std::iter::successors(Some(error), |&error| error.source());
    chain.map(ToString::to_string).collect()
}

#[test]
fn errors_become_boxed_ones_by_question_mark() {
    fn plain() -> Result<(), Box<dyn StdError>> {
        Err(trapped())?;
        Ok(())
    }
    fn sent() -> Result<(), Box<dyn StdError + Send>> {
        Err(trapped())?;
        Ok(())
    }
    fn shared() -> Result<(), Box<dyn StdError + Send + Sync>> {
        Err(trapped())?;
        Ok(())
    }
    let plain = plain().expect_err("it traps");
    let found = texts(&*plain);
    assert_eq!(found[0], "the plugin failed");
    assert!(found[1].starts_with("wasm backtrace:"), "{found:?}");
    assert_eq!(
        found.last().map(|text| &**text),
        Some("out of bounds memory access")
    );
    assert_eq!(texts(&*sent().expect_err("it traps")), found);
    assert_eq!(texts(&*shared().expect_err("it traps")), found);
    // A source is found by its type, and what `main` prints names all of them.
    let mut chain = std::iter::successors(Some(&*plain), |&error| error.source());
    assert!(chain.any(|error| error.is::<Trap>()));
    let printed = format!("{plain:?}");
    for text in &found {
        assert!(printed.contains(&**text), "no {text} in {printed}");
    }
}

#[test]
fn boxed_errors_without_context_are_the_cause() {
    let boxed: Box<dyn StdError> = Error::from(Trap::Unreachable).into();
    assert_eq!(boxed.downcast_ref(), Some(&Trap::Unreachable));
    let error: Error = Error::from_boxed(Box::new(Trap::OutOfFuel));
    assert_eq!(error.code(), "out-of-fuel");
}

#[test]
fn chains_list_contexts_and_sources() {
    #[derive(Debug)]
    struct Outer(std::num::ParseIntError);
    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("outer")
        }
    }
    impl StdError for Outer {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }
    let inner = "x".parse::<i32>().expect_err("no number");
    let text = inner.to_string();
    let error = Error::from(Outer(inner)).context("first").context("second");
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    assert_eq!(chain, ["second", "first", "outer", &*text]);
    assert_eq!(error.root_cause().to_string(), text);
    assert!(error.chain().any(|error| error.is::<Outer>()));
    assert_eq!(texts(error.as_ref()), chain);
}

#[test]
fn downcasts_change_what_they_find() {
    let mut error = Error::from(Trap::Unreachable)
        .context(7u8)
        .context("outside");
    *error.downcast_mut::<u8>().expect("it is there") += 1;
    *error.downcast_mut::<Trap>().expect("it is there") = Trap::OutOfFuel;
    assert!(error.downcast_mut::<Fault>().is_none());
    assert_eq!(error.code(), "out-of-fuel");
    assert_eq!(
        format!("{error:#}"),
        "outside: 8: all fuel consumed by WebAssembly"
    );
    assert_eq!(error.downcast::<u8>().expect("it is there"), 8);
    let mut error = trapped();
    assert!(error.downcast_mut::<WasmBacktrace>().is_some());
    assert!(error.downcast_mut::<MemoryFault>().is_some());
    assert_eq!(
        Error::msg(String::from("a")).downcast_ref(),
        Some(&String::from("a"))
    );
}

#[cfg(feature = "anyhow")]
mod with_anyhow {
    use super::*;

    fn out() -> anyhow::Result<()> {
        Err(trapped())?;
        Ok(())
    }

    #[test]
    fn errors_become_those_of_anyhow_by_question_mark() {
        let error = out().expect_err("it traps").context("outermost");
        assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
        let backtrace = error.downcast_ref::<WasmBacktrace>();
        assert_eq!(backtrace.map(|it| it.frames().len()), Some(1));
        assert!(error.is::<MemoryFault>());
        assert_eq!(error.downcast_ref(), Some(&"outermost"));
        let texts: Vec<String> = error.chain().map(ToString::to_string).collect();
        assert_eq!(texts[..2], ["outermost", "the plugin failed"]);
        assert_eq!(
            error.root_cause().downcast_ref(),
            Some(&Trap::MemoryOutOfBounds)
        );
    }

    #[test]
    fn causes_of_any_kind_are_found_in_anyhow() {
        let mut store = store();
        let add = Func::wrap(&mut store, |a: i32| a);
        let fault = add.typed::<i64, i64>(&store).expect_err("of another type");
        let text = fault.to_string();
        let fault = anyhow::Error::from(fault);
        assert_eq!(fault.downcast_ref(), Some(&Fault::TypeMismatch));
        assert_eq!(fault.to_string(), text);
        let said = anyhow::Error::from(format_err!("said {}", 1));
        assert_eq!(said.to_string(), "said 1");
        let boxed: Box<dyn StdError + Send + Sync> = "boxed".into();
        let boxed = anyhow::Error::from(Error::from_boxed(boxed));
        assert_eq!(boxed.to_string(), "boxed");
    }

    #[test]
    fn errors_of_anyhow_come_in_and_leave() {
        let error = anyhow::Error::new(Trap::OutOfFuel).context("theirs");
        let error = Error::from_anyhow(error).context("ours");
        assert_eq!(
            format!("{error:#}"),
            "ours: theirs: all fuel consumed by WebAssembly"
        );
        assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
        assert!(error.is::<anyhow::Error>());
        let bare = Error::from_anyhow(anyhow::Error::new(Trap::OutOfFuel));
        assert_eq!(bare.code(), "out-of-fuel");
        let error = anyhow::Error::from(error);
        assert_eq!(
            format!("{error:#}"),
            "ours: theirs: all fuel consumed by WebAssembly"
        );
        assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    }

    #[test]
    fn host_functions_fail_with_errors_of_anyhow() {
        let mut store = store();
        let fail = Func::wrap(&mut store, || -> Result<()> {
            let theirs: anyhow::Result<()> = Err(anyhow::anyhow!("no such user"));
            theirs.map_err(Error::from_anyhow)
        });
        let text = r#"(module (import "" "fail" (func)) (func (export "f") (call 0)))"#;
        let instance = instance(&mut store, text, &[fail.into()]);
        let f = instance
            .get_typed_func::<(), ()>(&mut store, "f")
            .expect("typed");
        let error = f.call(&mut store, ()).expect_err("it fails");
        assert_eq!(
            (error.code(), error.to_string()),
            ("host", "no such user".into())
        );
    }
}
