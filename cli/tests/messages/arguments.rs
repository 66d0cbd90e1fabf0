//! Arguments that are empty or missing, imports that nothing gives, and how results are written.

use super::{MODULE, check, dir, limpid, run, text, write};

#[test]
fn options_without_a_name_or_a_value_are_explained() {
    let dir = dir();
    write(dir.path(), "m.wat", MODULE);
    for flag in ["-W", "-S"] {
        let help = format!("`{flag} help` lists all");
        for empty in [",", "", "x,"] {
            let parts = if empty == "x," {
                "unknown option"
            } else {
                "is empty"
            };
            check(
                dir.path(),
                &["run", flag, empty, "m.wat"],
                2,
                &[parts, flag],
            );
        }
        let parts = ["has no name", "`=1`", &help];
        check(dir.path(), &["run", flag, "=1", "m.wat"], 2, &parts);
    }
    check(
        dir.path(),
        &["run", "-W", "fuel=", "m.wat"],
        2,
        &["the value of `-W fuel` is empty"],
    );
    for (variable, flag) in [("LIMPID_WASM", "-W"), ("LIMPID_WASI", "-S")] {
        for (value, part) in [
            (
                "help",
                format!("`limpid run {flag} help` lists all options"),
            ),
            (",", format!("an option of `{flag}` is empty")),
            ("=1", format!("the option `=1` of `{flag}` has no name")),
        ] {
            let mut command = limpid(dir.path(), &["run", "m.wat"]);
            let output = command.env(variable, value).output();
            let output = output.unwrap_or_else(|error| panic!("{error}"));
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{variable}={value}: {told}");
            assert!(told.contains(variable), "{variable}={value}: {told}");
            assert!(told.contains(&part), "{variable}={value}: {told}");
        }
    }
    write(dir.path(), "limpid.toml", "[wasm]\n\"\" = 1\n");
    let parts = ["limpid.toml:2", "a key of `wasm` is empty"];
    check(dir.path(), &["run", "m.wat"], 2, &parts);
}

#[test]
fn empty_paths_are_told() {
    let dir = dir();
    write(dir.path(), "m.wat", MODULE);
    for (words, what) in [
        (&["run", ""][..], "FILE"),
        (&[""], "FILE"),
        (&["trace", ""], "FILE"),
        (&["validate", ""], "FILE"),
        (&["inspect", ""], "FILE"),
        (&["explore", ""], "FILE"),
        (&["wast", ""], "FILE"),
        (&["config", "check", ""], "FILE"),
        (&["run", "--preload", "up=", "m.wat"], "--preload up="),
        (&["run", "--report", "", "m.wat"], "--report"),
        (&["run", "--report=", "m.wat"], "--report"),
        (&["run", "--stdin", "", "m.wat"], "--stdin"),
        (&["run", "--config", "", "m.wat"], "--config"),
        (&["trace", "--output", "", "m.wat"], "--output"),
    ] {
        let part = format!("error: {what}: the path is empty");
        check(dir.path(), words, 2, &[&part]);
    }
    for (key, what) in [("report", "--report"), ("stdin", "--stdin")] {
        write(dir.path(), "s.toml", format!("[run]\n{key} = ''\n"));
        let part = format!("{what}: the path is empty");
        check(
            dir.path(),
            &["run", "--config", "s.toml", "m.wat"],
            2,
            &[&part],
        );
    }
}

#[test]
fn each_module_that_is_missing_is_named_once() {
    let dir = dir();
    let import = |from: &str| format!("(import \"{from}\" \"f\" (func))");
    let imports = |from: &[&str]| from.iter().map(|from| import(from)).collect::<String>();
    for (from, more, hint) in [
        (
            &["a", "b"][..],
            "",
            "--preload a=FILE and --preload b=FILE give it modules; ",
        ),
        (
            &["a", "a", "a"],
            "",
            "help: --preload a=FILE gives it a module; ",
        ),
        (
            &["a", "b", "c", "d", "e", "f", "g", "a"],
            "",
            "--preload d=FILE, --preload e=FILE and 2 more give it modules; ",
        ),
        (
            &["a", "wasi_snapshot_preview1"],
            "",
            "no function of WASI has the name `f`; --preload a=FILE gives it a module; ",
        ),
        (
            &["a"],
            r#"(import "b" "m" (memory 1))"#,
            "with -W unknown-imports-default they are zero, null or empty",
        ),
        (
            &["a"],
            r#"(import "wasi" "thread-spawn" (func (param i32) (result i32)))
                (import "env" "memory" (memory 1 1 shared))"#,
            "help: -S threads lets it spawn threads; --preload a=FILE gives it a module; ",
        ),
    ] {
        write(
            dir.path(),
            "m.wat",
            format!("(module {} {more})", imports(from)),
        );
        let output = check(dir.path(), &["run", "m.wat"], 1, &[hint]);
        let told = text(&output.stderr);
        for once in ["-W unknown-imports-default", "--preload a=FILE"] {
            assert_eq!(told.matches(once).count(), 1, "{once}: {told}");
        }
    }
    // What cannot be made is not promised, and the options are for the program alone.
    write(
        dir.path(),
        "m.wat",
        r#"(module (import "a" "g" (global (ref func))))"#,
    );
    let output = check(dir.path(), &["run", "m.wat"], 1, &["--preload a=FILE"]);
    assert!(!text(&output.stderr).contains("unknown-imports"));
    write(dir.path(), "n.wat", format!("(module {})", import("n")));
    let words = ["run", "--preload", "n=m.wat", "n.wat"];
    let output = check(
        dir.path(),
        &words,
        1,
        &["--preload a=FILE, before it, gives"],
    );
    assert!(!text(&output.stderr).contains("unknown-imports"));
    // They do what the hint says.
    for option in ["unknown-imports-trap", "unknown-imports-default"] {
        check(dir.path(), &["run", "-W", option, "n.wat"], 0, &[]);
    }
}

#[test]
fn results_that_are_nans_can_be_given_as_arguments() {
    let dir = dir();
    let module = r#"(module
        (func (export "f32") (param f32) (result f32) (local.get 0))
        (func (export "f64") (param f64) (result f64) (local.get 0)))"#;
    write(dir.path(), "m.wat", module);
    for (func, value) in [
        ("f32", "nan"),
        ("f32", "-nan"),
        ("f32", "nan:0x200000"),
        ("f32", "-nan:0x7fffff"),
        ("f64", "-nan"),
        ("f64", "nan:0x1"),
        ("f64", "-nan:0xfffffffffffff"),
        ("f64", "-inf"),
        ("f64", "-0"),
    ] {
        let words = ["run", "--invoke", func, "m.wat", value];
        let output = check(dir.path(), &words, 0, &[]);
        assert_eq!(text(&output.stdout), format!("{value}\n"));
        let words = ["trace", "--invoke", func, "m.wat", value];
        let output = check(dir.path(), &words, 0, &[]);
        let told = text(&output.stdout);
        assert!(told.contains(&format!("{func}:{value}\n")), "{told}");
    }
    let throws = r#"(module (tag $e (param f32))
        (func (export "f") (throw $e (f32.const -nan:0x200000))))"#;
    write(dir.path(), "e.wat", throws);
    check(
        dir.path(),
        &["--invoke", "f", "e.wat"],
        134,
        &["(f32.const -nan:0x200000)"],
    );
    let output = check(dir.path(), &["explore", "e.wat"], 0, &[]);
    assert!(text(&output.stdout).contains("f32.const -nan:0x200000"));
}

#[test]
fn one_of_a_thing_has_a_singular() {
    let dir = dir();
    // A section of types that holds none, and one of data that is cut short after a byte.
    write(
        dir.path(),
        "m.wasm",
        b"\0asm\x01\0\0\0\x01\x01\0\x0b\x05\x01",
    );
    let output = run(dir.path(), &["inspect", "m.wasm"]);
    let told = text(&output.stdout);
    for part in [
        " 1 byte   type  0 entries",
        "5 bytes  data  1 entry",
        "cut short: 1 byte there",
    ] {
        assert!(told.contains(part), "no `{part}` in: {told}");
    }
    write(dir.path(), "s.toml", "color = 'never'\n");
    let output = check(dir.path(), &["config", "check", "s.toml"], 0, &[]);
    assert!(text(&output.stdout).contains("1 setting, all known"));
    write(dir.path(), "l.wat", "(module (func (i32.const 1)))");
    check(dir.path(), &["validate", "l.wat"], 1, &[]);
    let output = run(dir.path(), &["validate", "l.wat"]);
    let told = text(&output.stdout) + &text(&output.stderr);
    assert!(
        told.contains("1 value left at the end of the block"),
        "{told}"
    );
}
