// An embedding program, the same for both engines: errors that become those of `anyhow`.

use engine::{Engine, Error, Func, Instance, Module, Store, Trap, WasmBacktrace};

fn main() -> anyhow::Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(
        &engine,
        "(module (func $add (export \"add\") (param i32 i32) (result i32)
            local.get 0 local.get 1 i32.add))",
    )?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
    println!("{}", add.call(&mut store, (3, 5))?);
    Ok(())
}

fn trapped() -> engine::Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, "(module (func (export \"f\") unreachable))")?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
    f.call(&mut store, ())
        .map_err(|error| error.context("outer"))
}

fn with_anyhow() -> anyhow::Result<()> {
    Ok(trapped()?)
}

fn boxed() -> Result<(), Box<dyn std::error::Error>> {
    Ok(trapped()?)
}

fn boxed_and_shared() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Ok(trapped()?)
}

pub fn run() -> anyhow::Result<()> {
    main()?;
    let error = with_anyhow().unwrap_err();
    assert_eq!(error.to_string(), "outer");
    assert!(error.downcast_ref::<Trap>().is_some());
    assert!(error.downcast_ref::<WasmBacktrace>().is_some());
    assert_eq!(error.chain().count(), 3);
    assert_eq!(boxed().unwrap_err().to_string(), "outer");
    assert_eq!(boxed_and_shared().unwrap_err().to_string(), "outer");

    // Sources of the embedder's own.
    let parsed: engine::Result<i32> = "x".parse::<i32>().map_err(Error::from);
    let mut error = parsed.unwrap_err().context("parsing");
    let texts: Vec<String> = error.chain().map(|error| error.to_string()).collect();
    assert_eq!(texts, ["parsing", "invalid digit found in string"]);
    assert!(error.downcast_mut::<std::num::ParseIntError>().is_some());

    // Errors of `anyhow` in a host function.
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let fail = Func::wrap(&mut store, || -> engine::Result<()> {
        Err(Error::from_anyhow(anyhow::anyhow!("theirs")))
    });
    let fail = fail.typed::<(), ()>(&store)?;
    let error = fail.call(&mut store, ()).unwrap_err();
    assert_eq!(error.to_string(), "theirs");
    Ok(())
}
