// An embedding program, the same for both engines: errors.

use engine::error::Context;
use engine::{Engine, Error, Func, Instance, Module, Result, Store, bail, ensure, format_err};

#[derive(Debug)]
struct Mine(u8);

impl std::fmt::Display for Mine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "mine {}", self.0)
    }
}

impl std::error::Error for Mine {}

fn check(x: i32) -> Result<i32> {
    ensure!(x >= 0, "{x} is negative");
    if x == 1 {
        bail!("one is not wanted");
    }
    if x == 2 {
        return Err(Mine(2).into());
    }
    Ok(x * 2)
}

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let check = Func::wrap(&mut store, check);
    let text = r#"(module (import "" "check" (func (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) (call 0 (local.get 0))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[check.into()])?;
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f")?;
    assert_eq!(f.call(&mut store, 21)?, 42);
    let negative = f.call(&mut store, -1).unwrap_err();
    assert_eq!(negative.root_cause().to_string(), "-1 is negative");
    let one = f.call(&mut store, 1).unwrap_err();
    assert_eq!(one.root_cause().to_string(), "one is not wanted");
    let two = f.call(&mut store, 2).unwrap_err();
    assert_eq!(two.downcast_ref::<Mine>().map(|mine| mine.0), Some(2));
    let error: Error = format_err!("inner {}", 1).context("outer");
    assert_eq!(error.to_string(), "outer");
    assert_eq!(format!("{error:#}"), "outer: inner 1");
    assert!(Module::new(&engine, "(module (func (drop)))").is_err());
    let missing = None::<i32>.context("no number").unwrap_err();
    assert_eq!(missing.to_string(), "no number");
    let outer = f.call(&mut store, 2).with_context(|| "outer").unwrap_err();
    assert_eq!(outer.to_string(), "outer");
    assert!(outer.is::<Mine>());
    Ok(())
}
