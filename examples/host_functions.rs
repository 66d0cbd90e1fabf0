//! Host functions: closures that see the embedder's data and the caller's memory.

use limpid::{Caller, Engine, Error, Extern, Linker, Module, Result, Store};

/// What the guest printed.
#[derive(Default)]
struct Log {
    lines: Vec<String>,
}

/// Reads a string of the guest's memory and keeps it.
fn print(mut caller: Caller<'_, Log>, start: u32, length: u32) -> Result<()> {
    let memory = caller
        .get_export("memory")
        .and_then(Extern::into_memory)
        .ok_or_else(|| Error::msg("the guest exports no memory"))?;
    // The bytes and the embedder's data can be held at the same time.
    let (bytes, log) = memory.data_and_store_mut(&mut caller);
    let bytes = bytes
        .get(start as usize..)
        .and_then(|rest| rest.get(..length as usize))
        .ok_or_else(|| Error::msg("the string is not in the guest's memory"))?;
    log.lines.push(String::from_utf8_lossy(bytes).into_owned());
    Ok(())
}

/// Runs the example.
pub fn main() -> Result<()> {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "print", print)?;
    linker.func_wrap("host", "lines", |caller: Caller<'_, Log>| {
        caller.data().lines.len() as u32
    })?;
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "print" (func $print (param i32 i32)))
            (import "host" "lines" (func $lines (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 16) "clear as water")
            (func (export "run") (result i32)
                (call $print (i32.const 16) (i32.const 5))
                (call $print (i32.const 16) (i32.const 14))
                (call $lines))
            (func (export "past") (call $print (i32.const 65530) (i32.const 14))))"#,
    )?;
    let mut store = Store::new(&engine, Log::default());
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), u32>(&mut store, "run")?;
    assert_eq!(run.call(&mut store, ())?, 2);
    println!("{:?}", store.data().lines);
    assert_eq!(store.data().lines, ["clear", "clear as water"]);

    let past = instance.get_typed_func::<(), ()>(&mut store, "past")?;
    let error = past
        .call(&mut store, ())
        .expect_err("the string ends past the memory");
    println!("{error}");
    Ok(())
}
