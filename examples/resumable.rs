//! A call that stops half way and goes on later, without any `async`: for fuel in portions, and
//! for a host function whose answer is not there yet.

use limpid::{Config, Engine, Func, Instance, Module, Result, ResumableCall, Store, Suspend, Val};

/// Runs the example.
pub fn main() -> Result<()> {
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(50)?;
    let ask = Func::wrap(&mut store, |_question: i32| -> Result<i32> {
        Err(Suspend.into())
    });
    let module = Module::new(
        &engine,
        r#"(module (import "host" "ask" (func $ask (param i32) (result i32)))
            (func (export "sum") (param $n i32) (result i32) (local $sum i32)
                (loop
                    (local.set $sum (i32.add (local.get $sum) (local.get $n)))
                    (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (i32.add (local.get $sum) (call $ask (i32.const 7)))))"#,
    )?;
    let instance = Instance::new(&mut store, &module, &[ask.into()])?;
    let sum = instance
        .get_func(&mut store, "sum")
        .expect("it is exported");

    let mut results = [Val::I32(0)];
    let (mut portions, mut questions) = (0, 0);
    let mut call = sum.call_resumable(&mut store, &[Val::I32(100)], &mut results)?;
    loop {
        call = match call {
            ResumableCall::Finished => break,
            ResumableCall::OutOfFuel(run) => {
                portions += 1;
                let left = store.get_fuel()?;
                store.set_fuel(left + 100)?;
                run.resume(&mut store, &[], &mut results)?
            }
            ResumableCall::Yielded(run) => {
                questions += 1;
                run.resume(&mut store, &[Val::I32(42)], &mut results)?
            }
            ResumableCall::HostTrap(error, _) => return Err(error),
        };
    }
    let sum = results[0].unwrap_i32();
    println!("{sum} after {portions} portions of fuel and {questions} question");
    assert_eq!((sum, questions), (5050 + 42, 1));
    assert!(portions > 5);
    Ok(())
}
