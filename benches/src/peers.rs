//! The runtimes that are compared, each behind one function: from a module to a closure that calls
//! its `run`. Each has its fastest safe settings: validation on, nothing metered.

use crate::kernels::{count, step};

/// A kernel that is ready to run.
pub type Ready = Box<dyn FnMut(i32) -> i64>;

/// Any error, as text: a bench only prints it.
pub type Result<T> = std::result::Result<T, String>;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Makes a kernel ready in Limpid.
pub fn limpid(wasm: &[u8]) -> Result<Ready> {
    let engine = limpid::Engine::default();
    let module = limpid::Module::new(&engine, wasm).map_err(text)?;
    let mut linker = limpid::Linker::new(&engine);
    linker.func_wrap("host", "step", step).map_err(text)?;
    let with_data = |mut caller: limpid::Caller<'_, u64>, acc, k| count(caller.data_mut(), acc, k);
    linker.func_wrap("host", "count", with_data).map_err(text)?;
    let mut store = limpid::Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &module).map_err(text)?;
    let run = instance
        .get_typed_func::<i32, i64>(&mut store, "run")
        .map_err(text)?;
    Ok(Box::new(move |n| {
        run.call(&mut store, n)
            .unwrap_or_else(|error| panic!("{error:?}"))
    }))
}

/// Makes a kernel ready in wasmi.
pub fn wasmi(wasm: &[u8]) -> Result<Ready> {
    let engine = wasmi::Engine::default();
    let module = wasmi::Module::new(&engine, wasm).map_err(text)?;
    let mut linker = wasmi::Linker::new(&engine);
    linker.func_wrap("host", "step", step).map_err(text)?;
    let with_data = |mut caller: wasmi::Caller<'_, u64>, acc, k| count(caller.data_mut(), acc, k);
    linker.func_wrap("host", "count", with_data).map_err(text)?;
    let mut store = wasmi::Store::new(&engine, 0);
    let instance = linker
        .instantiate_and_start(&mut store, &module)
        .map_err(text)?;
    let run = instance
        .get_typed_func::<i32, i64>(&store, "run")
        .map_err(text)?;
    Ok(Box::new(move |n| {
        run.call(&mut store, n)
            .unwrap_or_else(|error| panic!("{error:?}"))
    }))
}
