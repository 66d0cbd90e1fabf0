//! Where a run stands: ranges of exception handlers, frames that a tail call has replaced, and the
//! instruction that a backtrace names (items 72 to 75).

use super::*;
use std::time::{Duration, Instant};

/// A module whose function `f` catches what `$throws` throws, between code that fuses and the call.
fn caught(before: &str, inside: &str) -> String {
    format!(
        r#"(module
            (tag $e)
            (global $g (mut i32) (i32.const 0))
            (memory 1)
            (func $throws (throw $e))
            (func (export "f") (param $a i32) (param $b i32) (result i32) (local $c i32)
                (block $h
                    {before}
                    (try_table (param i32) (catch $e $h)
                        {inside}
                        (call $throws))
                    (return (i32.const -1)))
                (i32.add (i32.add (local.get $a) (local.get $b)) (local.get $c))))"#
    )
}

#[test]
fn a_handler_covers_its_body_whatever_stands_before_it() {
    // Each pair would be one operation if no handler began between them.
    let pairs = [
        // Additions, and the sum that each gives for 10 and 20.
        (
            "(local.set $a (i32.add (local.get $a) (i32.const 1)))
             (i32.add (local.get $b) (i32.const 1))",
            "(local.set $b)",
            32,
        ),
        (
            "(local.set $a (i32.sub (local.get $a) (i32.const 3)))
             (i32.add (local.get $b) (local.get $a))",
            "(local.set $b)",
            7 + 27,
        ),
        // Moves.
        (
            "(local.set $a (local.get $b)) (local.get $a)",
            "(local.set $c)",
            60,
        ),
        (
            "(local.set $a (local.get $b)) (i32.const 5)",
            "(local.set $c)",
            45,
        ),
        (
            "(local.set $a (i32.const 7)) (i32.const 5)",
            "(local.set $c)",
            32,
        ),
        (
            "(local.set $a (i32.const 7)) (local.get $b)",
            "(local.set $c)",
            47,
        ),
        // An address, and an operand from memory.
        (
            "(i32.shl (local.get $a) (i32.const 2))",
            "(local.set $c (i32.add (local.get $b)))",
            10 + 20 + 60,
        ),
        (
            "(i32.store (i32.const 8) (i32.const 4)) (i32.load (i32.const 8))",
            "(local.set $c (i32.add (local.get $b)))",
            10 + 20 + 24,
        ),
        // A comparison and the branch on it.
        (
            "(i32.lt_s (local.get $a) (local.get $b))",
            "(if (then (local.set $c (i32.const 100))))",
            130,
        ),
        ("(i32.const 1)", "(drop)", 30),
    ];
    for (before, inside, expected) in pairs {
        each(|store| {
            let instance = instance(store, &caught(before, inside), &[]);
            let result: i32 = call(store, instance, "f", (10, 20)).expect("it is caught");
            assert_eq!(result, expected, "{before} {inside}");
        });
    }
}

#[test]
fn a_handler_ends_with_its_body_whatever_follows() {
    script(
        r#"(module
        (tag $e (param i32))
        (func $throws (param i32) (throw $e (local.get 0)))
        ;; The first call is covered, the second is not.
        (func (export "after") (param $a i32) (param $n i32) (result i32)
            (block $h (result i32)
                (try_table (catch $e $h)
                    (if (local.get $n) (then (call $throws (i32.const 5))))
                    (local.set $a (i32.add (local.get $a) (i32.const 1))))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (call $throws (i32.add (local.get $a) (local.get $n)))
                (unreachable)))
        ;; Bodies one inside the other and one right behind the other, in a loop.
        (func (export "nested") (param $a i32) (result i32) (local $turn i32) (local $sum i32)
            (loop $again
                (block $outer (result i32)
                    (block $inner (result i32)
                        (try_table (catch $e $outer)
                            (local.set $a (i32.add (local.get $a) (i32.const 2)))
                            (try_table (catch $e $inner)
                                (local.set $turn (i32.add (local.get $turn) (i32.const 1)))
                                (call $throws (local.get $a)))
                            (unreachable))
                        (unreachable))
                    ;; Caught by the inner one; a throw between the two is the outer one's.
                    (local.set $sum (i32.add (local.get $sum)))
                    (try_table (result i32) (catch $e $outer)
                        (call $throws (local.get $turn))
                        (i32.const 0)))
                (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10))))
                (br_if $again (i32.lt_u (local.get $turn) (i32.const 3))))
            (local.get $sum))
        ;; A counted branch back, whose addition and comparison stand before the body.
        (func (export "counted") (param $n i32) (result i32)
            (block $h (result i32)
                (loop $again
                    (i32.lt_s (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1))
                    (try_table (param i32) (catch $e $h)
                        (br_if $again)
                        (call $throws (i32.mul (local.get $n) (i32.const 10)))))
                (i32.const -1)))
        ;; An empty body covers nothing.
        (func (export "empty") (param $a i32) (result i32)
            (block $h (result i32)
                (local.set $a (i32.add (local.get $a) (i32.const 1)))
                (try_table (catch $e $h))
                (local.set $a (i32.add (local.get $a) (i32.const 1)))
                (call $throws (local.get $a))
                (i32.const 0))))
        (assert_return (invoke "after" (i32.const 1) (i32.const 1)) (i32.const 5))
        (assert_exception (invoke "after" (i32.const 1) (i32.const 0)))
        ;; 2, then 21; 4 more: 25, 252; 6 more: 258, 2583.
        (assert_return (invoke "nested" (i32.const 0)) (i32.const 2583))
        (assert_return (invoke "counted" (i32.const -5)) (i32.const 10))
        (assert_exception (invoke "empty" (i32.const 1)))"#,
    );
}

/// Functions that end in a tail call of the host, with arguments that would make any link a wild
/// one. The bottom frame is replaced, but for the last, whose caller waits.
const TAILS: &str = r#"(module
    (type $t (func (param i64 i64 i64 i64 externref) (result i32)))
    (import "h" "f" (func $f (type $t)))
    (type $a (array (mut i32)))
    (table 1 funcref)
    (elem (i32.const 0) func $f)
    (func (export "call") (param externref) (result i32)
        (return_call $f (i64.const 1) (i64.const -1) (i64.const 0x7_0000_0000) (i64.const -1)
            (local.get 0)))
    (func (export "indirect") (param externref) (result i32)
        (return_call_indirect (type $t) (i64.const 1) (i64.const -1) (i64.const 0x7_0000_0000)
            (i64.const 0x7FFF_FFFF_0000_0000) (local.get 0) (i32.const 0)))
    (func (export "ref") (param externref) (result i32)
        (return_call_ref $t (i64.const 1) (i64.const -1) (i64.const 0x7_0000_0000)
            (i64.const 1) (local.get 0) (ref.func $f)))
    (func $middle (param externref) (result i32)
        (return_call $f (i64.const -1) (i64.const -1) (i64.const 0x7_0000_0000) (i64.const 4)
            (local.get 0)))
    (func (export "waiting") (param externref) (result i32)
        (i32.add (call $middle (local.get 0)) (i32.const 0)))
    (func (export "traps") (unreachable))
    (func (export "allocates") (drop (array.new_default $a (i32.const 100)))))"#;

type Host = fn(Caller<'_, ()>, Option<Rooted<ExternRef>>, usize) -> Result<i32>;

/// An instance of [`TAILS`] for each function in it, whose host function receives how many frames
/// of the guest stand below it.
fn tails(host: Host, check: fn(&mut Store<()>, Func)) {
    let collects = |config: &mut Config| {
        config.gc_stress(true);
    };
    each_with(collects, |store| {
        for (name, frames) in [("call", 0), ("indirect", 0), ("ref", 0), ("waiting", 1)] {
            let f = Func::wrap(
                &mut *store,
                move |caller: Caller<'_, ()>,
                      _: i64,
                      _: i64,
                      _: i64,
                      _: i64,
                      value: Option<Rooted<ExternRef>>| host(caller, value, frames),
            );
            let instance = instance(store, TAILS, &[f.into()]);
            let func = instance
                .get_func(&mut *store, name)
                .expect("it is exported");
            check(store, func);
        }
    });
}

fn called(store: &mut Store<()>, func: Func) {
    let value = ExternRef::new(&mut *store, 77u32).expect("there is room");
    let func = func
        .typed::<Option<Rooted<ExternRef>>, i32>(&*store)
        .expect("its type");
    assert_eq!(func.call(store, Some(value)).expect("it returns"), 3);
}

/// What the host functions answer when their argument is what was given.
fn still_there(caller: &Caller<'_, ()>, value: Option<Rooted<ExternRef>>) -> Result<i32> {
    let data = value.expect("not null").data(caller)?;
    let data = data.expect("of the host");
    assert_eq!(data.downcast_ref(), Some(&77u32));
    Ok(3)
}

#[test]
fn a_collection_below_a_tail_call_of_a_host_function() {
    let host: Host = |mut caller, value, _| {
        caller.gc(None)?;
        still_there(&caller, value)
    };
    tails(host, called);
    // The same by an allocation of the guest, which the host calls.
    let host: Host = |mut caller, value, _| {
        let allocates = caller.get_export("allocates").and_then(Extern::into_func);
        allocates
            .expect("it is exported")
            .call(&mut caller, &[], &mut [])?;
        still_there(&caller, value)
    };
    tails(host, called);
}

#[test]
fn backtraces_below_a_tail_call_of_a_host_function() {
    let host: Host = |mut caller, _, frames| {
        assert_eq!(WasmBacktrace::capture(&caller).frames().len(), frames);
        let traps = caller.get_export("traps").and_then(Extern::into_func);
        let error = traps
            .expect("it is exported")
            .call(&mut caller, &[], &mut [])
            .unwrap_err();
        let backtrace = error.downcast_ref::<WasmBacktrace>().expect("it has one");
        assert_eq!(backtrace.frames().len(), frames + 1);
        Ok(3)
    };
    tails(host, called);
}

#[test]
fn suspended_runs_and_forks_below_a_tail_call_of_a_host_function() {
    tails(
        |_, _, _| Err(Suspend.into()),
        |store, func| {
            let mut results = [Val::I32(0)];
            let null = [Val::ExternRef(None)];
            let paused = func.call_resumable(&mut *store, &null, &mut results);
            let ResumableCall::Yielded(run) = paused.expect("it waits") else {
                panic!("the host function suspends");
            };
            store.gc(None).expect("the store is good");
            let mut copy = store.fork().expect("it can be copied");
            copy.gc(None).expect("the copy is good");
            for store in [store, &mut copy] {
                let ended = run
                    .clone()
                    .resume(&mut *store, &[Val::I32(3)], &mut results);
                assert!(matches!(ended, Ok(ResumableCall::Finished)));
                assert_eq!(results[0].unwrap_i32(), 3);
            }
        },
    );
}

#[test]
fn an_exception_of_a_host_function_called_last_is_no_frame_s() {
    // The function that has gone had a handler around its tail call.
    each(|store| {
        let tag = FuncType::new(store.engine(), [], []);
        let tag = Tag::new(&mut *store, &TagType::new(tag)).expect("a tag");
        let throws = Func::wrap(
            &mut *store,
            move |mut caller: Caller<'_, ()>| -> Result<()> {
                let ty = ExnType::from_tag_type(&tag.ty(&caller))?;
                let allocator = ExnRefPre::new(&mut caller, ty);
                let exception = ExnRef::new(&mut caller, &allocator, &tag, &[])?;
                caller.as_context_mut().throw(exception)?
            },
        );
        let text = r#"(module (import "h" "e" (tag $e)) (import "h" "f" (func $f))
            (func $last (try_table (catch_all 0) (return_call $f)))
            (func (export "bottom") (try_table (catch_all 0) (return_call $f)))
            (func (export "caught") (result i32)
                (block $h (try_table (catch $e $h) (call $last)) (return (i32.const 0)))
                (i32.const 1)))"#;
        let instance = instance(store, text, &[tag.into(), throws.into()]);
        let error = call::<(), ()>(store, instance, "bottom", ()).expect_err("nobody catches it");
        assert!(error.is::<ThrownException>(), "{error:#}");
        store.take_pending_exception().expect("it is pending");
        assert_eq!(
            call::<(), i32>(store, instance, "caught", ()).expect("caught"),
            1
        );
    });
}

/// The functions and offsets of an error's frames, innermost first.
fn frames(error: &Error) -> Vec<(u32, usize)> {
    let backtrace = error
        .downcast_ref::<WasmBacktrace>()
        .expect("it has a backtrace");
    let frames = backtrace.frames().iter();
    let place = |frame: &FrameInfo| (frame.func_index(), frame.module_offset().expect("known"));
    frames.map(place).collect()
}

/// Offsets in a module's binary of all bytes `opcode index`, by which a test knows its calls.
fn places(text: &str, bytes: &[u8]) -> Vec<usize> {
    let module = wat::parse_str(text).expect("the text is right");
    let windows = module.windows(bytes.len()).enumerate();
    windows
        .filter(|(_, here)| *here == bytes)
        .map(|(at, _)| at)
        .collect()
}

#[test]
fn an_uncaught_exception_shows_where_it_was_thrown() {
    let text = r#"(module (import "h" "f" (func $f)) (tag $e) (tag $other) (memory 1)
        (func $throws (throw $e))
        (func $passes
            (block $h (try_table (catch $other $h) (call $throws)))
            (i32.store (i32.const 0) (i32.const 1)))
        (func (export "go")
            (call $passes)
            (i32.store (i32.const 4) (i32.const 1)))
        (func (export "again") (throw_ref (block $h (result exnref)
            (try_table (catch_all_ref $h) (call $passes)) (unreachable))))
        (func (export "host") (call $f) (i32.store (i32.const 4) (i32.const 1))))"#;
    let offset = |bytes: &[u8]| places(text, bytes)[0];
    each(|store| {
        let f = Func::wrap(&mut *store, |mut caller: Caller<'_, ()>| -> Result<()> {
            let ty = FuncType::new(caller.engine(), [], []);
            let tag = Tag::new(&mut caller, &TagType::new(ty))?;
            let ty = ExnType::from_tag_type(&tag.ty(&caller))?;
            let allocator = ExnRefPre::new(&mut caller, ty);
            let exception = ExnRef::new(&mut caller, &allocator, &tag, &[])?;
            caller.as_context_mut().throw(exception)?
        });
        let instance = instance(store, text, &[f.into()]);
        let error = call::<(), ()>(store, instance, "go", ()).expect_err("nobody catches it");
        let expected = [
            (1, offset(&[0x08, 0x00])),
            (2, offset(&[0x10, 0x01])),
            (3, offset(&[0x10, 0x02])),
        ];
        assert_eq!(frames(&error), expected);
        // A run that was searched in vain goes on as if it had not been.
        store.take_pending_exception().expect("it is pending");
        let error = call::<(), ()>(store, instance, "again", ()).expect_err("nobody catches it");
        assert_eq!(frames(&error), [(4, offset(&[0x0A, 0x0B]))]);
        store.take_pending_exception().expect("it is pending");
        let error = call::<(), ()>(store, instance, "host", ()).expect_err("nobody catches it");
        assert_eq!(frames(&error), [(5, offset(&[0x10, 0x00]))]);
    });
}

#[test]
fn a_backtrace_names_the_call_of_a_host_function() {
    let text = r#"(module
        (import "h" "f" (func $f (param i32)))
        (type $t (func (param i32)))
        (memory 1) (table funcref (elem $f))
        (func $direct (call $f (i32.const 1)) (i32.store (i32.const 0) (i32.const 1)))
        (func $indirect (call_indirect (type $t) (i32.const 2) (i32.const 0))
            (i32.store (i32.const 0) (i32.const 1)))
        (func $ref (call_ref $t (i32.const 3) (ref.func $f))
            (i32.store (i32.const 0) (i32.const 1)))
        (func $last (return_call $f (i32.const 4)))
        (func $waiting (call $last) (i32.store (i32.const 0) (i32.const 1)))
        (export "0" (func $direct)) (export "1" (func $indirect)) (export "2" (func $ref))
        (export "3" (func $waiting)))"#;
    let calls: [(&[u8], u32); 4] = [
        (&[0x10, 0x00], 1),
        (&[0x11, 0x00, 0x00], 2),
        (&[0x14, 0x00], 3),
        (&[0x10, 0x04], 5),
    ];
    // In an error of the host function, and in a backtrace that it takes.
    let hosts: [fn(&Caller<'_, ()>) -> Error; 2] = [
        |_| Error::msg("the host says no"),
        |caller| Error::new(Taken(WasmBacktrace::capture(caller))),
    ];
    for host in hosts {
        each(|store| {
            let f = Func::wrap(
                &mut *store,
                move |caller: Caller<'_, ()>, _: i32| -> Result<()> { Err(host(&caller)) },
            );
            let instance = instance(store, text, &[f.into()]);
            for (name, (bytes, func)) in ["0", "1", "2", "3"].into_iter().zip(calls) {
                let error = call::<(), ()>(store, instance, name, ()).expect_err("it fails");
                let seen = match error.downcast_ref::<Taken>() {
                    Some(Taken(backtrace)) => backtrace.frames()[0].module_offset(),
                    None => Some(frames(&error)[0].1),
                };
                assert_eq!(seen, Some(places(text, bytes)[0]), "function {func}");
            }
        });
    }
}

/// A backtrace as an error.
#[derive(Debug)]
struct Taken(WasmBacktrace);

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Taken {}

#[test]
fn the_place_of_a_trap_does_not_depend_on_the_unit() {
    // Loops behind some 65,536 operations of their unit, or of their body, counted by a cell; then
    // three accesses, of which the second traps. Alone or behind others the code is the same.
    for (own, before) in [(65_400, 300), (10, 66_000), (66_000, 10)] {
        let text = format!(
            r#"(module (memory 1)
            (func $big (export "big") (param $i i32) (param $n i32) (param $s i32)
                (local.get $i) {own} (drop)
                (loop $again
                    (local.set $i (i32.add (local.get $i) (local.get $s)))
                    (br_if $again (i32.lt_s (local.get $i) (local.get $n))))
                (i32.store offset=8 (i32.const 0) (local.get $n))
                (i32.store offset=1 (i32.const -1) (local.get $s))
                (i32.store offset=16 (i32.const 0) (local.get $n)))
            (func (export "main") (local i32)
                (local.get 0) {before} (drop)
                (call $big (i32.const 0) (i32.const 10) (i32.const 1))))"#,
            own = "i32.clz ".repeat(own),
            before = "i32.ctz ".repeat(before),
        );
        let store_bytes = [0x36, 0x02, 0x01];
        let expected = (0, places(&text, &store_bytes)[0]);
        each(|store| {
            let instance = instance(store, &text, &[]);
            let error = call::<(), ()>(store, instance, "main", ()).expect_err("it traps");
            assert_eq!(frames(&error)[0], expected, "{own} {before}");
            let error = call::<_, ()>(store, instance, "big", (0, 10, 1)).expect_err("it traps");
            assert_eq!(frames(&error)[0], expected, "{own} {before}");
        });
    }
}

/// Adds to two locals, which is one operation where operations are fused.
const PAIR: &str = "(local.set $a (i32.add (local.get $a) (i32.const 17)))
        (local.set $b (i32.add (local.get $b) (i32.const 18)))";

/// The body of a function, the fuel it has, and bytes with the place among them.
const UNPAID: [(&str, u64, &[u8], usize); 13] = [
    ("(drop (i32.const 3))", 0, &[0x41, 3], 0),
    ("(drop (i32.const 3))", 1, &[0x41, 3], 0),
    (PAIR, 2, &[0x20, 0, 0x41, 17], 0),
    (PAIR, 7, &[0x20, 0, 0x41, 17], 0),
    // After `loop`, at its first and at its second turn.
    (
        "(local.set $a (i32.const 1)) (loop $l (br_if $l (i32.const 33)))",
        2,
        &[0x03, 0x40, 0x41, 33],
        2,
    ),
    (
        "(local.set $a (i32.const 1)) (loop $l (br_if $l (i32.const 33)))",
        4,
        &[0x03, 0x40, 0x41, 33],
        2,
    ),
    // After `if`, `else`, their `end`, and a branch.
    (
        "(if (i32.const 1) (then (drop (i32.const 34))))",
        2,
        &[0x04, 0x40, 0x41, 34],
        2,
    ),
    (
        "(if (i32.const 0) (then (nop)) (else (drop (i32.const 35))))",
        2,
        &[0x05, 0x41, 35],
        1,
    ),
    (
        "(if (i32.const 0) (then (nop)))
                (local.set $a (local.get $b)) (local.set $b (i32.const 36))",
        2,
        &[0x0B, 0x20, 1, 0x21, 0, 0x41, 36],
        1,
    ),
    (
        "(block (br_if 0 (i32.eqz (local.get $a))) (nop)) (drop (i32.const 37))",
        3,
        &[0x0B, 0x41, 37],
        1,
    ),
    (
        "(block (br_if 0 (local.get $a)) (drop (i32.const 38)) (return))",
        2,
        &[0x0D, 0, 0x41, 38],
        2,
    ),
    // The first instruction of the callee, and a long operation that costs more by its size.
    ("(call $callee (i32.const 39))", 2, &[0x20, 0, 0x41, 40], 0),
    (
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const 6400))",
        50,
        &[0xFC, 0x0B, 0x00],
        0,
    ),
];

#[test]
fn out_of_fuel_names_the_first_instruction_that_was_not_paid_for() {
    for (body, fuel, bytes, behind) in UNPAID {
        let text = format!(
            r#"(module (memory 1)
            (func (export "f") (param $a i32) (param $b i32) {body})
            (func $callee (param i32)
                (local.set 0 (i32.add (local.get 0) (i32.const 40)))))"#
        );
        let at = places(&text, bytes);
        assert_eq!(at.len(), 1, "{body}");
        let fueled = |config: &mut Config| {
            config.consume_fuel(true);
        };
        each_with(fueled, |store| {
            let instance = instance(store, &text, &[]);
            store.set_fuel(fuel).expect("fuel is charged");
            let error = call::<_, ()>(store, instance, "f", (0, 0)).expect_err("fuel is short");
            assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel), "{body}");
            assert_eq!(frames(&error)[0].1, at[0] + behind, "{body}, fuel {fuel}");
        });
    }
}

#[test]
fn a_branch_table_costs_by_the_label_not_by_the_target() {
    // 10^6 targets, all of a block of 1,000 results.
    let results = "i32 ".repeat(1000);
    let values = "(i32.const 5)".repeat(1001);
    let text = format!(
        r#"(module (func (export "f") (param i32) (result {results})
            (block (result {results}) {values} (br_table {} (local.get 0)))))"#,
        "0 ".repeat(1_000_001)
    );
    let wasm = wat::parse_str(&text).expect("the text is right");
    let mut config = Config::new();
    config.eager(true);
    let engine = Engine::new(&config).expect("the settings are fine");
    let start = Instant::now();
    Module::new(&engine, wasm).expect("the module is valid");
    // It takes a hundredth of a second; by the target it took some seconds.
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_backtrace_translates_a_function_once() {
    let text = format!(
        r#"(module (func $f (export "f") (param i32)
            (if (i32.eqz (local.get 0)) (then (unreachable)))
            {}
            (call $f (i32.sub (local.get 0) (i32.const 1)))))"#,
        "(drop (i32.add (local.get 0) (i32.const 1)))".repeat(170_000)
    );
    let mut config = Config::new();
    config.wasm_backtrace_max_frames(std::num::NonZeroUsize::new(100));
    let engine = Engine::new(&config).expect("the settings are fine");
    let mut store = Store::new(&engine, ());
    let instance = instance(&mut store, &text, &[]);
    // Once so that it is translated.
    call::<_, ()>(&mut store, instance, "f", 0).expect_err("it traps");
    let begin = Instant::now();
    call::<_, ()>(&mut store, instance, "f", 1).expect_err("it traps");
    let two = begin.elapsed();
    let begin = Instant::now();
    let error = call::<_, ()>(&mut store, instance, "f", 99).expect_err("it traps");
    let hundred = begin.elapsed();
    assert_eq!(frames(&error).len(), 100);
    // The code between the frames runs, too: 34 million operations at most.
    assert!(
        hundred < two * 10 + Duration::from_millis(500),
        "{two:?}, {hundred:?}"
    );
}
