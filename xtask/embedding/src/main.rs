//! An embedding for `cargo xtask embeddings`: calculates a Fibonacci number in Wasm, the 20th
//! unless another is named, and prints the dispatch in use, with the reason where it is not the
//! one wanted.

use limpid::{Engine, Instance, Module, Store};

/// ```wat
/// (module (func $fib (export "fib") (param i32) (result i32)
///     (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
///         (then (local.get 0))
///         (else (i32.add
///             (call $fib (i32.sub (local.get 0) (i32.const 1)))
///             (call $fib (i32.sub (local.get 0) (i32.const 2))))))))
/// ```
const FIB: &[u8] = b"\0asm\x01\0\0\0\x01\x06\x01\x60\x01\x7f\x01\x7f\x03\x02\x01\0\
    \x07\x07\x01\x03fib\0\0\x0a\x1e\x01\x1c\0\x20\0\x41\x02\x49\x04\x7f\x20\0\x05\
    \x20\0\x41\x01\x6b\x10\0\x20\0\x41\x02\x6b\x10\0\x6a\x0b\x0b";

fn fib(n: i32) -> i32 {
    let (mut a, mut b) = (0, 1);
    for _ in 0..n {
        (a, b) = (b, a + b);
    }
    a
}

fn main() -> limpid::Result<()> {
    let n = std::env::args().nth(1).and_then(|n| n.parse().ok());
    let n: i32 = n.unwrap_or(20);
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, FIB)?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let f = instance.get_typed_func::<i32, i32>(&mut store, "fib")?;
    assert_eq!(f.call(&mut store, n)?, fib(n));
    println!("{:?}", engine.dispatch());
    if let Some(why) = engine.why_stepped() {
        println!("{why}");
    }
    Ok(())
}
