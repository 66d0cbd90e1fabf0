//! Scripts as data, and what is reported of their directives.

use super::{Kind, Report, Setting, read, run};
use crate::api::{Config, StoreLimitsBuilder};
use std::time::{Duration, Instant};

fn report_with(text: &str, setting: &Setting) -> Report {
    let script = read(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let report = run(&script, setting);
    let executed = report.executed.total() as usize;
    assert!(executed <= script.directives.len());
    report
}

fn report(text: &str) -> Report {
    report_with(
        text,
        &Setting::new(&Config::new()).expect("the settings are fine"),
    )
}

/// A failure that is expected: line, column, kind, and parts of the message.
type Wanted<'a> = (u32, u32, Kind, &'a [&'a str]);

#[track_caller]
fn check_report(report: &Report, wanted: &[Wanted<'_>]) {
    let failures = &report.failures;
    assert_eq!(failures.len(), wanted.len(), "{failures:#?}");
    for (failure, (line, column, kind, parts)) in failures.iter().zip(wanted) {
        assert_eq!(
            (failure.line, failure.column),
            (*line, *column),
            "{failure}"
        );
        assert_eq!(failure.kind, *kind, "{failure}");
        for part in *parts {
            assert!(
                failure.message.contains(part),
                "`{part}` is not in {failure}"
            );
        }
    }
}

/// Runs a script of so many directives, which fail as is wanted and no others.
#[track_caller]
fn check(text: &str, directives: u32, wanted: &[Wanted<'_>]) {
    let report = report(text);
    assert_eq!(report.executed.total(), directives, "{text}");
    check_report(&report, wanted);
}

/// Functions that trap.
const TRAPS: &str = r#"(module
    (memory 1) (table 1 funcref) (type $v (func))
    (func (export "load") (drop (i32.load (i32.const -1))))
    (func (export "call") (call_indirect (type $v) (i32.const 0)))
    (func (export "zero") (result i32) (i32.div_s (i32.const 1) (i32.const 0)))
    (func $deep (export "deep") (call $deep))
    (func (export "fine")))"#;

#[test]
fn the_words_of_a_trap_are_a_prefix_of_ours() {
    let load = "out of bounds memory access";
    for (action, words, passes) in [
        (r#"(invoke "load")"#, load, true),
        (r#"(invoke "load")"#, "out of bounds", true),
        (r#"(invoke "load")"#, "", true),
        (r#"(invoke "load")"#, "out of bounds table", false),
        (r#"(invoke "load")"#, "of bounds", false),
        (r#"(invoke "load")"#, "integer", false),
        (r#"(invoke "call")"#, "uninitialized", true),
        (r#"(invoke "call")"#, "undefined", false),
        (r#"(invoke "zero")"#, "integer", true),
        (r#"(invoke "zero")"#, "integer overflow", false),
        (r#"(invoke "fine")"#, "", false),
        (r#"(invoke "none")"#, "", false),
        (
            "(module (memory 1) (data (i32.const 65536) \"a\"))",
            "out of",
            true,
        ),
        ("(module (func $s unreachable) (start $s))", "unreach", true),
        // The end of the stack is no trap, unless it is asked for by its words.
        (r#"(invoke "deep")"#, "", false),
        (r#"(invoke "deep")"#, "call stack", true),
    ] {
        let report = report(&format!("{TRAPS} (assert_trap {action} \"{words}\")"));
        assert_eq!(report.passed(), passes, "{action} {words}: {report:?}");
        assert!(report.texts.is_empty(), "{action} {words}: {report:?}");
    }
}

/// More words than ours are the same refusal in other words, as everywhere.
#[test]
fn longer_words_are_other_words() {
    let text = format!(
        r#"{TRAPS}
        (assert_trap (invoke "call") "uninitialized element 7")
        (assert_exhaustion (invoke "deep") "call stack exhausted at last")
        (assert_invalid (module (func (result i32))) "type mismatch of some kind")
        (assert_malformed (module binary "") "unexpected end of everything")
        (assert_unlinkable (module (import "a" "b" (func))) "unknown import of mine")"#
    );
    let report = report(&text);
    assert!(report.passed(), "{report:?}");
    assert_eq!(report.texts.len(), 5, "{report:?}");
}

#[test]
fn the_words_of_every_refusal_may_be_a_prefix_or_empty() {
    for words in ["", "c"] {
        let text = format!("{TRAPS} (assert_exhaustion (invoke \"deep\") \"{words}\")");
        let report = report(&text);
        assert!(report.passed() && report.texts.is_empty(), "{report:?}");
    }
    for (directive, begin) in [
        ("assert_invalid (module (func (result i32)))", "type"),
        ("assert_malformed (module binary \"\")", "unexpected"),
        (
            "assert_unlinkable (module (import \"a\" \"b\" (func)))",
            "unknown",
        ),
    ] {
        for words in ["", begin] {
            let report = report(&format!("({directive} \"{words}\")"));
            assert!(report.passed() && report.texts.is_empty(), "{report:?}");
        }
    }
}

#[test]
fn mismatches_are_literals_on_both_sides() {
    let module = r#"(module (type $s (struct)) (type $a (array i8))
        (func (export "i") (result i32) (i32.const 17))
        (func (export "two") (result i64 f64) (i64.const -5) (f64.const 0.1))
        (func (export "none"))
        (func (export "f") (param f32) (result f32) (local.get 0))
        (func (export "v") (param v128) (result v128) (local.get 0))
        (func (export "x") (param externref) (result externref) (local.get 0))
        (func (export "func") (result funcref) (ref.func 0))
        (func (export "struct") (result anyref) (struct.new $s))
        (func (export "array") (result anyref) (array.new_fixed $a 0))
        (func (export "i31") (result anyref) (ref.i31 (i32.const 1)))
        (func (export "host") (param externref) (result anyref)
            (any.convert_extern (local.get 0)))
        (func (export "inner") (result externref)
            (extern.convert_any (struct.new $s)))
        (func (export "no exn") (result exnref) (ref.null exn))
        (elem declare func 0))"#;
    for (action, expected, got) in [
        ("\"i\"", "(i32.const 16)", "(i32.const 17)"),
        ("\"i\"", "", "(i32.const 17)"),
        ("\"none\"", "(i32.const 16)", "no results"),
        ("\"i\"", "(i64.const 17)", "(i32.const 17)"),
        (
            "\"two\"",
            "(i64.const -5)",
            "(i64.const -5) (f64.const 0.1)",
        ),
        (
            "\"f\" (f32.const 1.5)",
            "(f32.const nan:canonical)",
            "(f32.const 1.5)",
        ),
        (
            "\"f\" (f32.const nan:0x1)",
            "(f32.const nan:arithmetic)",
            "(f32.const nan:0x1)",
        ),
        (
            "\"f\" (f32.const -0)",
            "(f32.const 0.0)",
            "(f32.const -0.0)",
        ),
        (
            "\"f\" (f32.const -nan)",
            "(f32.const nan)",
            "(f32.const -nan)",
        ),
        (
            "\"v\" (v128.const i32x4 1 2 3 4)",
            "(v128.const i32x4 1 2 3 5)",
            "(v128.const i32x4 1 2 3 4)",
        ),
        (
            "\"v\" (v128.const i32x4 1 2 3 0xffff8000)",
            "(v128.const i16x8 1 0 2 0 3 0 0 0)",
            "(v128.const i16x8 1 0 2 0 3 0 -32768 -1)",
        ),
        (
            "\"v\" (v128.const f32x4 0 inf nan 1)",
            "(v128.const f32x4 0.0 inf nan:canonical 2.0)",
            "(v128.const f32x4 0.0 inf nan 1.0)",
        ),
        (
            "\"v\" (v128.const f64x2 1 2)",
            "(either (v128.const f64x2 1.0 1.0) (v128.const i64x2 0 0))",
            "(v128.const f64x2 1.0 2.0)",
        ),
        (
            "\"v\" (v128.const i64x2 1 2)",
            "(i32.const 1)",
            "(v128.const i32x4 1 0 2 0)",
        ),
        (
            "\"i\"",
            "(either (i32.const 1) (i32.const 2))",
            "(i32.const 17)",
        ),
        ("\"x\" (ref.extern 7)", "(ref.extern 8)", "(ref.extern 7)"),
        ("\"x\" (ref.extern 7)", "(ref.null)", "(ref.extern 7)"),
        (
            "\"x\" (ref.null extern)",
            "(ref.extern 8)",
            "(ref.null extern)",
        ),
        (
            "\"x\" (ref.null extern)",
            "(ref.null func)",
            "(ref.null extern)",
        ),
        ("\"inner\"", "(ref.extern 8)", "(ref.extern)"),
        ("\"func\"", "(ref.null func)", "(ref.func)"),
        ("\"struct\"", "(ref.i31)", "(ref.struct)"),
        ("\"array\"", "(ref.struct)", "(ref.array)"),
        ("\"i31\"", "(ref.array)", "(ref.i31)"),
        ("\"host\" (ref.extern 3)", "(ref.host 4)", "(ref.host 3)"),
        ("\"no exn\"", "(ref.func)", "(ref.null exn)"),
    ] {
        let text = format!("{module}\n(assert_return (invoke {action}) {expected})");
        let wanted = if expected.is_empty() {
            "no results"
        } else {
            expected
        };
        let message = format!("expected {wanted}, got {got}");
        let failures = report(&text).failures;
        let found: Vec<&str> = failures.iter().map(|failure| &*failure.message).collect();
        assert_eq!(found, [&*message], "{action}");
    }
    let returned = "(assert_trap (invoke \"two\") \"unreachable\")";
    let message = "the action returned (i64.const -5) (f64.const 0.1)";
    let wanted: &[&str] = &["the trap `unreachable`", message];
    check(
        &format!("{module}\n{returned}"),
        2,
        &[(18, 2, Kind::AssertTrap, wanted)],
    );
}

#[test]
fn what_cannot_be_read_costs_one_directive() {
    let module = "(module (func (export \"f\") (result i32) (i32.const 1)))";
    let good = "(assert_return (invoke \"f\") (i32.const 1))";
    for (bad, line, column, parts) in [
        (
            "(assert_return (invoke \"f\") (ref))",
            3,
            30,
            &["assert_return"][..],
        ),
        (
            "(assert_unlinkable (module instance $i) \"x\")",
            3,
            28,
            &["assert_unlinkable"],
        ),
        ("(assert_nothing (invoke \"f\"))", 3, 1, &["assert_nothing"]),
        ("(get \"g\")", 3, 1, &["get"]),
        ("(func)", 3, 1, &["func"]),
        ("stray \"(\" words)", 3, 1, &["directive"]),
        (
            "(invoke \"f\" (i32.const 4294967296))",
            3,
            24,
            &["invoke", "out of range"],
        ),
        (
            "(assert_return (invoke \"\\zz\"))",
            3,
            26,
            &["assert_return", "escape"],
        ),
        (
            "(assert_return (invoke \"f\") (ref.func $f))",
            3,
            2,
            &["function"],
        ),
        ("()", 3, 2, &[]),
    ] {
        let text = format!("{module}\n{good} (; ( ;) ;; (\n{bad}\n{good}{good}");
        check(&text, 5, &[(line, column, Kind::Unreadable, parts)]);
    }
    let text = format!("{module}\n{good} (; ( ;) ;; (\n\n (module\n  (funk))");
    check(&text, 3, &[(5, 4, Kind::Unreadable, &["module"])]);
    // What is not closed reaches to the end; what is before it is executed.
    for open in [
        "(assert_return (invoke \"f\")",
        "(invoke \"f)",
        "(; (invoke \"f\")",
    ] {
        let report = report(&format!("{module}{good}\n{open}\n{good}"));
        assert_eq!(report.executed.total(), 3, "{open}: {report:?}");
        assert_eq!(report.failures.len(), 1, "{open}: {report:?}");
        assert_eq!(report.executed.get(Kind::Unreadable), 1, "{open}");
    }
}

#[test]
fn what_is_no_script_is_refused_as_a_whole() {
    for text in [
        "hello",
        "(func (export \"f\") (nope))",
        "(memory 1) (modul)",
        "(a) (b)",
        "\"x",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
    // A module's fields alone are one.
    check("(func (export \"f\")) (memory 1)", 1, &[]);
}

#[test]
fn an_empty_script_has_no_directives() {
    for text in ["", " \n", ";; nothing", "(; nothing (; at all ;) ;)\n"] {
        check(text, 0, &[]);
    }
}

#[test]
fn a_module_that_failed_leaves_none_behind() {
    // Each module is wrong in another way; what follows is not about the one before.
    for wrong in [
        "(module (func (export \"a\") (result i32) i32.cnst 2))",
        "(module (func (export \"a\") (result i32) i64.const 2))",
        "(module binary \"no module\")",
        "(module (import \"nowhere\" \"f\" (func)))",
        "(module (func $s unreachable) (start $s))",
    ] {
        let text = format!(
            "(module (func (export \"a\") (result i32) i32.const 1))\n{wrong}\n\
             (assert_return (invoke \"a\") (i32.const 1))\n\
             (module (func (export \"b\")))\n(invoke \"b\")"
        );
        let report = report(&text);
        let lines: Vec<u32> = report.failures.iter().map(|failure| failure.line).collect();
        assert_eq!(lines, [2, 3], "{wrong}: {:?}", report.failures);
        let told = &report.failures[1].message;
        assert!(told.contains("line 2"), "{wrong}: {told}");
    }
}

#[test]
fn names_and_modules_that_are_missing() {
    let none: &[&str] = &["no module has been instantiated before this directive"];
    check("(invoke \"x\")", 1, &[(1, 2, Kind::Invoke, none)]);
    check("(register \"x\")", 1, &[(1, 2, Kind::Register, none)]);
    check(
        "(module definition) (invoke \"x\")",
        2,
        &[(1, 22, Kind::Invoke, none)],
    );
    let nobody: &[&str] = &["$nobody", "module instance"];
    check(
        "(module) (invoke $nobody \"x\")",
        2,
        &[(1, 11, Kind::Invoke, nobody)],
    );
    let none: &[&str] = &["no module has been loaded before this directive"];
    check("(module instance)", 1, &[(1, 2, Kind::Instance, none)]);
    let nobody: &[&str] = &["no module is named $nobody"];
    check(
        "(module instance $i $nobody)",
        1,
        &[(1, 2, Kind::Instance, nobody)],
    );
    let wait: &[&str] = &["no thread is named $t"];
    check("(wait $t)", 1, &[(1, 2, Kind::Wait, wait)]);
    let export: &[&str] = &["no export \"x\""];
    check(
        "(module) (invoke \"x\")",
        2,
        &[(1, 11, Kind::Invoke, export)],
    );
}

#[test]
fn components_are_named_wherever_they_stand() {
    let named: &[&str] = &["component", "not supported yet"];
    let bytes = r#"binary "\00asm\0d\00\01\00""#;
    for (text, kind) in [
        ("(component)".to_string(), Kind::Module),
        ("(component $c (core module))".into(), Kind::Module),
        ("(component definition)".into(), Kind::Definition),
        (format!("(module {bytes})"), Kind::Module),
        (
            "(assert_invalid (component) \"x\")".into(),
            Kind::AssertInvalid,
        ),
        (
            format!("(assert_malformed (module {bytes}) \"\")"),
            Kind::AssertMalformed,
        ),
        (
            format!("(assert_invalid (module {bytes}) \"\")"),
            Kind::AssertInvalid,
        ),
        (
            format!("(assert_unlinkable (module {bytes}) \"\")"),
            Kind::AssertUnlinkable,
        ),
        (
            format!("(assert_trap (module {bytes}) \"\")"),
            Kind::AssertTrap,
        ),
    ] {
        let report = report(&text);
        check_report(&report, &[(1, 2, kind, named)]);
        assert!(!report.failures[0].message.contains("version"), "{text}");
    }
}

const LOOPS: &str = r#"(module (func (export "loop") (loop (br 0))) (func (export "fine")))"#;

fn setting(change: impl Fn(&mut Config) -> &mut Config) -> Setting {
    let mut config = Config::new();
    Setting::new(change(&mut config)).expect("the settings are fine")
}

#[test]
fn fuel_is_for_each_script() {
    let setting = setting(|config| config.consume_fuel(true)).with_fuel(10_000);
    let text = format!("{LOOPS}\n(invoke \"loop\")\n(assert_trap (invoke \"loop\") \"\")");
    for _ in 0..2 {
        let fuel: &[&str] = &["all fuel consumed"];
        let wanted = [(2, 2, Kind::Invoke, fuel), (3, 2, Kind::AssertTrap, fuel)];
        check_report(&report_with(&text, &setting), &wanted);
    }
    check_report(
        &report_with(&format!("{LOOPS} (invoke \"fine\")"), &setting),
        &[],
    );
}

#[test]
fn time_is_for_each_script_and_the_rest_is_not_executed() {
    let timeout = Duration::from_millis(300);
    let setting = setting(|config| config.epoch_interruption(true)).with_timeout(timeout);
    let text = format!(
        "{LOOPS}\n(assert_trap (invoke \"loop\") \"\")\n(invoke \"fine\")\n(invoke \"fine\")"
    );
    for _ in 0..2 {
        let begin = Instant::now();
        let found = report_with(&text, &setting);
        assert!(begin.elapsed() >= timeout);
        assert_eq!(found.executed.total(), 2, "{found:?}");
        check_report(
            &found,
            &[
                (2, 2, Kind::AssertTrap, &["interrupt"]),
                (
                    3,
                    2,
                    Kind::Invoke,
                    &["timed out after 300ms", "2 directives"],
                ),
            ],
        );
    }
    // A script that ends in time leaves nothing behind that would stop the next.
    let fine = format!("{LOOPS} (invoke \"fine\")");
    for _ in 0..3 {
        check_report(&report_with(&fine, &setting), &[]);
        std::thread::sleep(timeout / 2);
    }
}

#[test]
fn time_is_up_in_threads_too() {
    let setting = setting(|config| config.epoch_interruption(true));
    let setting = setting.with_timeout(Duration::from_millis(300));
    let text = format!("(thread $t {LOOPS} (invoke \"loop\") (invoke \"fine\"))\n(wait $t)");
    let found = report_with(&text, &setting);
    let messages: Vec<String> = found.failures.iter().map(ToString::to_string).collect();
    assert!(
        messages.iter().any(|text| text.contains("interrupt")),
        "{messages:?}"
    );
    assert!(
        messages
            .iter()
            .any(|text| text.contains("1 directive not executed")),
        "{messages:?}"
    );
}

#[test]
fn limits_are_for_each_script() {
    let limits = StoreLimitsBuilder::new().memory_size(1 << 16).build();
    let setting = setting(|config| config).with_limits(limits);
    let text = r#"(module (memory 1)
            (func (export "grow") (result i32) (memory.grow (i32.const 1))))
        (assert_return (invoke "grow") (i32.const -1))
        (module (memory 2))"#;
    check_report(
        &report_with(text, &setting),
        &[(4, 10, Kind::Module, &["memory"])],
    );
}

#[test]
fn a_byte_order_mark_before_a_script_is_no_part_of_it() {
    let mark = '\u{feff}';
    check(&format!("{mark} ;; empty"), 0, &[]);
    let fine = "(module (func (export \"f\") (result i32) (i32.const 1)))";
    check(
        &format!("{mark}{fine}(assert_return (invoke \"f\") (i32.const 1))"),
        2,
        &[],
    );
    // Places are those of the text without it.
    check(
        &format!("{mark}(unknown)\n{fine}\n (assert_return (invoke \"f\") (i32.const 2))"),
        3,
        &[
            (1, 1, Kind::Unreadable, &["unknown"]),
            (3, 3, Kind::AssertReturn, &["(i32.const 2)"]),
        ],
    );
    check(
        &format!("{fine}{mark}"),
        2,
        &[(1, fine.len() as u32 + 1, Kind::Unreadable, &[])],
    );
}

/// Runs a script that starts threads, with so many directives in them.
#[track_caller]
fn check_threads(text: &str, outside: u32, inside: u32, wanted: &[Wanted<'_>]) {
    let report = report(text);
    assert_eq!(report.executed.total(), outside, "{text}");
    assert_eq!(report.in_threads.total(), inside, "{text}");
    check_report(&report, wanted);
}

#[test]
fn one_bad_directive_in_a_thread_costs_that_directive_alone() {
    check_threads(
        r#"(module $m (memory (export "mem") 1 1 shared))
(thread $t (shared (module $m))
  (register "m" $m)
  (module (memory (import "m" "mem") 1 1 shared) (func (export "f") (result i32) (i32.const 3)))
  (nonsense 1)
  (assert_return (invoke "f") (i32.constt 3))
  (assert_return (invoke "f") (i32.const 4))
  (assert_return (invoke "f") (i32.const 3)))
(wait $t)
(assert_return (invoke $m "f"))"#,
        4,
        6,
        &[
            (5, 3, Kind::Unreadable, &["nonsense"]),
            (6, 32, Kind::Unreadable, &["assert_return"]),
            (7, 4, Kind::AssertReturn, &["(i32.const 3)"]),
            (10, 2, Kind::AssertReturn, &["no export"]),
        ],
    );
    // Threads in threads, and comments and strings that look like what they are not.
    check_threads(
        r#"(thread $a (; ) ;) (thread $b (module (func (export ")"))) (bad) (invoke ")")) ;; )
  (wait $b) stray (invoke "x"))
(wait $a)"#,
        2,
        7,
        &[
            (1, 60, Kind::Unreadable, &["bad"]),
            (2, 13, Kind::Unreadable, &["expected `(`"]),
            (2, 20, Kind::Invoke, &["no module has been instantiated"]),
        ],
    );
    // What is no thread without its directives either is one failure.
    for text in [
        "(thread (bad))",
        "(thread $t (shared) (bad))",
        "(thread $t (bad)",
    ] {
        let report = report(text);
        assert_eq!(report.executed.total(), 1, "{text}");
        assert_eq!(report.failures.len(), 1, "{text}: {:?}", report.failures);
        assert_eq!(report.failures[0].kind, Kind::Unreadable);
    }
}

#[test]
fn threads_nested_without_end_are_read_all_the_same() {
    let deep = "(thread $t ".repeat(2000) + "(bad)" + &")".repeat(2000);
    let begin = Instant::now();
    let script = read(&deep).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(script.directives.len(), 1);
    assert!(begin.elapsed() < Duration::from_secs(20));
}
