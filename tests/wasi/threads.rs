//! Threads of a guest: how they end together, how many there may be, what they need. Items 46, 47,
//! 49 and 50.

use limpid::wasi::p1::{self, WasiP1Ctx};
use limpid::wasi::{I32Exit, StdinStream, ThreadsError, WasiCtxBuilder, WasiThreads};
use limpid::{Config, Dispatch, Engine, Linker, Module, Result, Store, Translation, Trap};
use std::time::{Duration, Instant};

/// An input that never has anything.
struct Silent;

impl StdinStream for Silent {
    fn read(&self, _: &mut [u8]) -> std::io::Result<usize> {
        panic!("a read of it would wait for ever")
    }

    fn ready(&self, within: Duration) -> bool {
        std::thread::sleep(within);
        false
    }
}

/// What every guest here imports, and ways to wait for ever. `$blocked` says how many threads have
/// come to that.
const COMMON: &str = r#"
    (import "env" "memory" (memory 1 1 shared))
    (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "fd_read"
        (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff"
        (func $poll (param i32 i32 i32 i32) (result i32)))
    (export "memory" (memory 0))
    ;; One buffer at 16; a subscription to a clock at 64, in u64::MAX nanoseconds.
    (data (i32.const 16) "\00\02\00\00\10\00\00\00")
    (data (i32.const 80) "\01")
    (data (i32.const 88) "\ff\ff\ff\ff\ff\ff\ff\ff")
    (func $come (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1))))
    (func $wait (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
    (func $read
        (drop (call $fd_read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 32))))
    (func $sleep
        (drop (call $poll (i32.const 64) (i32.const 256) (i32.const 1) (i32.const 36))))
    (func $spin (loop (br 0)))
    (func $until (param $number i32)
        (loop (br_if 0
            (i32.lt_u (i32.atomic.load (i32.const 4)) (local.get $number)))))
"#;

/// Engines of both kinds.
fn engines() -> [Engine; 2] {
    [
        (Translation::Fused, Dispatch::Threaded),
        (Translation::Faithful, Dispatch::Stepped),
    ]
    .map(|(translation, dispatch)| {
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            .translation(translation)
            .dispatch(dispatch);
        Engine::new(&config).expect("an engine")
    })
}

/// Runs a guest to the end of all its threads.
fn run(engine: &Engine, text: &str) -> Result<()> {
    let module = Module::new(engine, format!("(module {COMMON} {text})"))?;
    let mut linker = Linker::new(engine);
    p1::add_to_linker(&mut linker, |ctx: &mut WasiP1Ctx| ctx)?;
    let ctx = WasiCtxBuilder::new().stdin(Silent).build_p1();
    let mut store = Store::new(engine, ctx);
    store.set_epoch_deadline(1);
    let threads = WasiThreads::add_to_linker(&mut linker, &store, &module)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
    let result = start.call(&mut store, ());
    let begin = Instant::now();
    let result = threads.finish(result);
    assert!(
        begin.elapsed() < Duration::from_millis(1500),
        "threads are left behind"
    );
    result
}

/// Threads that wait in every way, then one more that ends all by what `end` says, while the main
/// one waits as `main` says.
fn ends_all(end: &str, main: &str, check: impl Fn(Result<()>)) {
    let text = format!(
        r#"(func (export "wasi_thread_start") (param $thread i32) (param $way i32)
            (call $come)
            (block (block (block (block (block
                (br_table 0 1 2 3 4 (local.get $way)))
                (call $wait)) (call $read)) (call $sleep)) (call $spin))
            (call $until (i32.const 5))
            {end})
        (func $spawned (param $way i32)
            (if (i32.lt_s (call $spawn (local.get $way)) (i32.const 1)) (then unreachable)))
        (func (export "_start")
            (call $spawned (i32.const 0)) (call $spawned (i32.const 1))
            (call $spawned (i32.const 2)) (call $spawned (i32.const 3))
            {main})"#
    );
    for engine in engines() {
        // A machine that does other things may be late, but not each time.
        let quick = (0..20).any(|_| {
            let begin = Instant::now();
            check(run(&engine, &text));
            begin.elapsed() < Duration::from_millis(100)
        });
        assert!(quick, "all threads end within 100 ms");
    }
}

fn code(result: &Result<()>) -> Option<i32> {
    let exit = result.as_ref().err()?.downcast_ref::<I32Exit>();
    exit.map(|exit| exit.0)
}

#[test]
fn item_46_an_exit_of_the_main_thread_ends_all() {
    let main = "(call $until (i32.const 4)) (call $exit (i32.const 7))";
    ends_all("", main, |result| assert_eq!(code(&result), Some(7)));
}

#[test]
fn item_46_the_end_of_the_main_thread_ends_all() {
    ends_all("", "(call $until (i32.const 4))", |result| {
        assert!(result.is_ok())
    });
}

#[test]
fn item_46_an_exit_of_another_thread_ends_all() {
    for wait in ["$wait", "$read", "$sleep", "$spin"] {
        let main = format!("(call $spawned (i32.const 4)) (call {wait})");
        ends_all("(call $exit (i32.const 9))", &main, |result| {
            assert_eq!(code(&result), Some(9));
        });
    }
}

#[test]
fn item_46_a_trap_in_another_thread_ends_all() {
    for wait in ["$wait", "$read", "$sleep", "$spin"] {
        let main = format!("(call $spawned (i32.const 4)) (call {wait})");
        ends_all("unreachable", &main, |result| {
            let error = result.expect_err("a trap");
            assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
        });
    }
}

#[test]
fn item_47_a_bomb_of_threads() {
    let text = r#"(func (export "wasi_thread_start") (param i32 i32) (call $wait))
        (func (export "_start") (local $n i32) (local $started i32)
            (loop
                (if (i32.gt_s (call $spawn (i32.const 0)) (i32.const 0))
                    (then (local.set $started (i32.add (local.get $started) (i32.const 1)))))
                (br_if 0 (i32.lt_u
                    (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000))))
            (call $exit (local.get $started)))"#;
    for engine in engines() {
        assert_eq!(code(&run(&engine, text)), Some(64));
    }
}

/// Threads that have ended make room for others.
#[test]
fn item_47_threads_one_after_the_other() {
    let text = r#"(func (export "wasi_thread_start") (param i32 i32) (call $come))
        (func (export "_start") (local $n i32)
            (loop
                (if (i32.gt_s (call $spawn (i32.const 0)) (i32.const 0))
                    (then (local.set $n (i32.add (local.get $n) (i32.const 1)))))
                (br_if 0 (i32.lt_u (local.get $n) (i32.const 300))))
            (call $until (i32.const 300)))"#;
    for engine in engines() {
        assert!(run(&engine, text).is_ok());
    }
}

#[test]
fn item_49_the_first_exit_wins() {
    // The second thread exits when the first has, as far as anybody can say.
    let text = r#"(func (export "wasi_thread_start") (param i32) (param $code i32)
            (if (i32.eq (local.get $code) (i32.const 2))
                (then (drop (memory.atomic.wait32
                    (i32.const 0) (i32.const 0) (i64.const 300000000)))))
            (call $exit (local.get $code)))
        (func (export "_start")
            (drop (call $spawn (i32.const 2)))
            (drop (call $spawn (i32.const 1)))
            (call $wait))"#;
    let both_at_once = r#"(func (export "wasi_thread_start") (param i32) (param $code i32)
            (call $come) (call $until (i32.const 2))
            (call $exit (local.get $code)))
        (func (export "_start")
            (drop (call $spawn (i32.const 1)))
            (drop (call $spawn (i32.const 2)))
            (call $wait))"#;
    for engine in engines() {
        for _ in 0..5 {
            assert_eq!(code(&run(&engine, text)), Some(1));
            let one = code(&run(&engine, both_at_once));
            assert!(matches!(one, Some(1 | 2)), "{one:?}");
        }
    }
}

#[test]
fn item_50_what_threads_need() {
    let import = r#"(import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))"#;
    let shared = r#"(import "env" "memory" (memory 1 1 shared))"#;
    let start = r#"(func (export "wasi_thread_start") (param i32 i32))"#;
    let engine = &engines()[0];
    let check = |engine: &Engine, text: &str| {
        let module = Module::new(engine, format!("(module {text})")).expect("a module");
        let store = Store::new(engine, ());
        let threads = WasiThreads::add_to_linker(&mut Linker::new(engine), &store, &module);
        threads
            .err()
            .and_then(|error| error.downcast_ref::<ThreadsError>().copied())
    };
    let none = Some(ThreadsError::NoThreadStart);
    assert_eq!(check(engine, &format!("{import} {shared} {start}")), None);
    assert_eq!(check(engine, &format!("{import} {shared}")), none);
    assert_eq!(
        check(
            engine,
            &format!("{import} {start} (memory (export \"memory\") 1)")
        ),
        Some(ThreadsError::NoSharedMemory)
    );
    for wrong in [
        r#"(func (export "wasi_thread_start") (param i32))"#,
        r#"(func (export "wasi_thread_start") (param i32 i64))"#,
        r#"(func (export "wasi_thread_start") (param i32 i32) (result i32) (i32.const 0))"#,
        r#"(global (export "wasi_thread_start") i32 (i32.const 0))"#,
    ] {
        assert_eq!(check(engine, &format!("{import} {shared} {wrong}")), none);
    }
    let plain = Engine::default();
    let text = format!("{import} {shared} {start}");
    assert_eq!(check(&plain, &text), Some(ThreadsError::NoEpochs));
}
