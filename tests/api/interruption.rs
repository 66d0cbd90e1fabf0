//! Fuel, epochs and resumable calls.

use super::{instance, store, store_with};
use limpid::*;

const LOOP: &str = r#"(module (func (export "count") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (br_if 0 (i32.lt_u (local.get 1) (local.get 0))))
    (local.get 1))
    (func (export "forever") (loop (br 0))))"#;

#[test]
fn fuel_runs_out_and_is_counted() {
    let mut store = store_with(|config| config.consume_fuel(true));
    store.set_fuel(10_000).expect("configured");
    let instance = instance(&mut store, LOOP, &[]);
    let count = instance
        .get_typed_func::<i32, i32>(&mut store, "count")
        .expect("typed");
    let before = store.get_fuel().expect("configured");
    assert_eq!(count.call(&mut store, 100).expect("enough"), 100);
    let used = before - store.get_fuel().expect("configured");
    assert_eq!(
        used,
        100 * 8 + 1,
        "eight instructions a turn, and the last one"
    );
    let error = count.call(&mut store, 1_000_000).expect_err("not enough");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
    store.set_fuel(1000).expect("configured");
    assert_eq!(count.call(&mut store, 10).expect("enough again"), 10);
    let mut plain = super::store();
    assert_eq!(
        plain.set_fuel(1).expect_err("not configured").code(),
        "not-configured"
    );
}

#[test]
fn host_functions_see_and_set_fuel() {
    let mut store = store_with(|config| config.consume_fuel(true));
    store.set_fuel(1000).expect("configured");
    let refill = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| -> Result<i64> {
        let left = caller.get_fuel()?;
        caller.set_fuel(500)?;
        Ok(left as i64)
    });
    let text = r#"(module (import "" "refill" (func (result i64)))
        (func (export "f") (result i64) (nop) (call 0)))"#;
    let instance = instance(&mut store, text, &[refill.into()]);
    let f = instance
        .get_typed_func::<(), i64>(&mut store, "f")
        .expect("typed");
    let seen = f.call(&mut store, ()).expect("enough");
    assert_eq!(seen, 999, "one unit for the call");
    assert_eq!(store.get_fuel().expect("configured"), 500);
}

#[test]
fn a_run_resumes_when_fuel_is_added() {
    let mut store = store_with(|config| config.consume_fuel(true));
    store.set_fuel(100).expect("configured");
    let instance = instance(&mut store, LOOP, &[]);
    let count = instance.get_func(&mut store, "count").expect("exported");
    let mut results = [Val::I32(0)];
    let mut call = count
        .call_resumable(&mut store, &[Val::I32(1000)], &mut results)
        .expect("begins");
    let mut stops = 0;
    while let ResumableCall::OutOfFuel(run) = call {
        stops += 1;
        let left = store.get_fuel().expect("configured");
        store.set_fuel(left + 1000).expect("configured");
        call = run.resume(&mut store, &[], &mut results).expect("goes on");
    }
    assert!(matches!(call, ResumableCall::Finished));
    assert_eq!(results[0].unwrap_i32(), 1000);
    assert!(stops >= 7, "{stops}");
}

#[test]
fn epochs_stop_and_go_on() {
    let mut store = store_with(|config| config.epoch_interruption(true));
    let instance = instance(&mut store, LOOP, &[]);
    let forever = instance
        .get_typed_func::<(), ()>(&mut store, "forever")
        .expect("typed");
    store.set_epoch_deadline(1);
    let engine = store.engine().clone();
    let ticking = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        engine.increment_epoch();
    });
    let error = forever.call(&mut store, ()).expect_err("interrupted");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    ticking.join().expect("no panic");

    let calls = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = calls.clone();
    store.epoch_deadline_callback(move |_| {
        let before = counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(if before < 5 {
            UpdateDeadline::Continue(0)
        } else {
            UpdateDeadline::Interrupt
        })
    });
    let error = forever.call(&mut store, ()).expect_err("interrupted");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    assert_eq!(calls.load(std::sync::atomic::Ordering::Relaxed), 6);
    store.epoch_deadline_trap();
    store.set_epoch_deadline(10);
    let count = instance
        .get_typed_func::<i32, i32>(&mut store, "count")
        .expect("typed");
    assert_eq!(count.call(&mut store, 5).expect("in time"), 5);
}

#[test]
fn host_functions_suspend_and_fail_and_are_answered() {
    let mut store = store();
    let wait = Func::wrap(&mut store, |x: i32| -> Result<i32> {
        if x == 1 {
            Err(Suspend.into())
        } else {
            Err(Trap::Unreachable.into())
        }
    });
    let text = r#"(module (import "" "wait" (func (param i32) (result i32)))
        (func (export "f") (result i32)
            (i32.add (call 0 (i32.const 1)) (call 0 (i32.const 2))))
        (func (export "last") (result i32) (return_call 0 (i32.const 1))))"#;
    let instance = instance(&mut store, text, &[wait.into()]);
    let f = instance.get_func(&mut store, "f").expect("exported");
    let mut results = [Val::I32(0)];
    let call = f
        .call_resumable(&mut store, &[], &mut results)
        .expect("begins");
    let ResumableCall::Yielded(run) = call else {
        panic!("{call:?}")
    };
    assert_eq!(run.pending_results(&store), 1);
    let elsewhere = || run.pending_results(super::store());
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(elsewhere));
    let panic = panic.expect_err("the run is of another store");
    let text = panic.downcast_ref::<String>().expect("a text");
    assert!(text.contains("wrong store"), "{text}");
    let call = run
        .resume(&mut store, &[Val::I32(40)], &mut results)
        .expect("goes on");
    let ResumableCall::HostTrap(error, run) = call else {
        panic!("{call:?}")
    };
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
    let call = run
        .resume(&mut store, &[Val::I32(2)], &mut results)
        .expect("goes on");
    assert!(matches!(call, ResumableCall::Finished));
    assert_eq!(results[0].unwrap_i32(), 42);

    let last = instance.get_func(&mut store, "last").expect("exported");
    let call = last
        .call_resumable(&mut store, &[], &mut results)
        .expect("begins");
    let ResumableCall::Yielded(run) = call else {
        panic!("{call:?}")
    };
    let call = run
        .resume(&mut store, &[Val::I32(7)], &mut results)
        .expect("goes on");
    assert!(matches!(call, ResumableCall::Finished));
    assert_eq!(results[0].unwrap_i32(), 7);

    let call = f
        .call_resumable(&mut store, &[], &mut results)
        .expect("begins");
    let ResumableCall::Yielded(run) = call else {
        panic!("{call:?}")
    };
    let mut other = super::store();
    let (none, two) = (&mut [][..], &mut [Val::I32(0), Val::I32(0)]);
    let wrong = [Val::I64(1)];
    let refused = [
        (run.resume(&mut store, &[], &mut results), "arity"),
        (
            run.resume(&mut store, &wrong, &mut results),
            "type-mismatch",
        ),
        (run.resume(&mut store, &[Val::I32(1)], none), "arity"),
        (run.resume(&mut store, &[Val::I32(1)], two), "arity"),
        (
            run.resume(&mut other, &[Val::I32(1)], &mut results),
            "wrong-store",
        ),
    ];
    for (refused, code) in refused {
        assert_eq!(refused.expect_err("refused").code(), code);
    }
    let done = run.resume(&mut store, &[Val::I32(8)], &mut results);
    assert!(
        matches!(done, Ok(ResumableCall::HostTrap(..))),
        "it goes on to its next call: {done:?}"
    );
    let again = run.resume(&mut store, &[Val::I32(8)], &mut results);
    assert_eq!(again.expect_err("only once").code(), "not-suspended");
    assert_eq!(
        f.call(&mut store, &[], &mut results)
            .expect_err("not resumable")
            .code(),
        "host"
    );
}
