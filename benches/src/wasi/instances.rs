//! Many instances of a small command, each with a store and a context of its own, one after the
//! other: how many in a second, and that they leave nothing behind.

use limpid::wasi::p1::{self, WasiP1Ctx};
use limpid::wasi::{MemoryOutputPipe, WasiCtxBuilder};
use limpid::{Engine, Linker, Module, Store};
use std::time::Instant;

const WARM: u32 = 1_000;
const COUNT: u32 = 10_000;

/// Bytes that the process may be larger afterwards: allocators keep some pages.
const GROWTH: i64 = 256 << 10;

/// The figures as a line.
pub fn line() -> Result<String, String> {
    let engine = Engine::default();
    let module = Module::new(&engine, include_str!("../../wasi/hello.wat"));
    let module = module.map_err(|error| error.to_string())?;
    let mut linker = Linker::new(&engine);
    p1::add_to_linker(&mut linker, |ctx: &mut WasiP1Ctx| ctx).map_err(|error| error.to_string())?;
    let one = || -> limpid::Result<()> {
        let output = MemoryOutputPipe::new(64);
        let ctx = WasiCtxBuilder::new()
            .arg("hello")
            .stdout(output.clone())
            .build_p1();
        let mut store = Store::new(&engine, ctx);
        let instance = linker.instantiate(&mut store, &module)?;
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
        start.call(&mut store, ())?;
        assert_eq!(output.contents(), b"hello\n");
        Ok(())
    };
    let run = |count: u32| (0..count).try_for_each(|_| one());
    run(WARM).map_err(|error| error.to_string())?;
    let before = resident();
    let start = Instant::now();
    run(COUNT).map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    let each = seconds / f64::from(COUNT);
    let growth = match before.zip(resident()) {
        Some((before, after)) if after - before > GROWTH => {
            return Err(format!(
                "{COUNT} instances left {} bytes behind",
                after - before
            ));
        }
        Some((before, after)) => format!("memory grew by {} KiB", (after - before) / 1024),
        None => "the system does not say how memory grew".into(),
    };
    Ok(format!(
        "{COUNT} instances run and dropped: {:.0} a second, {:.1} us each; {growth}",
        1.0 / each,
        each * 1e6
    ))
}

/// Bytes of this process that are in memory, where the system says.
fn resident() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}
