//! Monitors: what they count, for the control and the accesses that a careless count gets wrong.
#![cfg(feature = "wat")]

use limpid::observe::monitors::{Calls, Cell, Coverage, Hotness, Memory, Monitor, Opcodes, Rules};
use limpid::observe::{Event, Probe};
use limpid::*;
use std::sync::{Arc, Mutex};

/// A monitor that can be asked after the run.
struct Shared<M>(Arc<Mutex<M>>);

impl<M: Monitor> Probe for Shared<M> {
    fn step(&mut self, event: &Event<'_>) {
        self.0.lock().expect("whole").step(event);
    }

    fn detail(&self) -> limpid::internals::exec::probe::Detail {
        self.0.lock().expect("whole").detail()
    }
}

/// What a monitor counts while `f` of a module runs, which may trap: each row of all tables on a
/// line.
fn counted<M: Monitor + Default + 'static>(text: &str) -> String {
    let mut config = Config::new();
    config
        .translation(Translation::Faithful)
        .dispatch(Dispatch::Stepped);
    let engine = Engine::new(&config).expect("the settings are fine");
    let monitor = Arc::new(Mutex::new(M::default()));
    let mut store = Store::new(&engine, ());
    store
        .set_probe(Box::new(Shared(monitor.clone())))
        .expect("faithful");
    let module = Module::new(&engine, text).expect("valid");
    let callback = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| -> Result<()> {
        let Some(Extern::Func(back)) = caller.get_export("back") else {
            return Ok(());
        };
        back.call(&mut caller, &[], &mut [])
    });
    let imports = [callback.into()];
    let imports = &imports[..module.imports().len()];
    let instance = Instance::new(&mut store, &module, imports).expect("instantiates");
    let f = instance.get_func(&mut store, "f").expect("exported");
    let mut results = vec![Val::I32(0); f.ty(&store).results().len()];
    let _ = f.call(&mut store, &[], &mut results); // It may trap.
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::Offset(offset) => format!("{offset:#x}"),
        Cell::Share(share) => format!("{:.0}%", share * 100.0),
    };
    let tables = monitor.lock().expect("whole").tables();
    let rows = tables.iter().flat_map(|table| &table.rows);
    let row = |row: &Vec<Cell>| row.iter().map(cell).collect::<Vec<_>>().join("|");
    rows.map(row).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check<M: Monitor + Default + 'static>(text: &str, expected: &[&str]) {
    assert_eq!(counted::<M>(text), expected.join("\n"));
}

#[test]
fn instructions_are_counted_by_mnemonic() {
    let text = r#"(module (global i32 (i32.const 1)) (func (export "f")
        (drop (i32.add (i32.const 1) (i32.const 2)))))"#;
    let rows = [
        "3|43%|i32.const",
        "2|29%|end",
        "1|14%|drop",
        "1|14%|i32.add",
    ];
    check::<Opcodes>(text, &rows);
}

#[test]
fn rules_are_counted() {
    let text = r#"(module (table 4 funcref) (func (export "f")
        (table.fill (i32.const 0) (ref.null func) (i32.const 3))))"#;
    let rows = counted::<Rules>(text);
    for row in [
        "3|30%|Step/table.set-val",
        "3|30%|Step_read/table.fill-succ",
    ] {
        assert!(rows.contains(row), "{rows}");
    }
}

#[test]
fn calls_end_by_returns_tail_calls_exceptions_and_traps() {
    let recursion = r#"(module
        (func $down (param i32)
            (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
        (func $f (export "f") (call $down (i32.const 2)) (call $down (i32.const 0))))"#;
    let rows = [
        "1|27|5|$f",
        "2|22|22|  $down",
        "2|22|22|    $down (see above)",
    ];
    check::<Calls>(recursion, &rows);
    let tail = r#"(module
        (func $last (nop))
        (func $middle (return_call $last))
        (func $f (export "f") (call $middle) (nop)))"#;
    let rows = ["1|6|3|$f", "1|1|1|  $middle", "1|2|2|    $last"];
    let found = counted::<Calls>(tail);
    let sorted = |rows: Vec<&str>| {
        let mut rows: Vec<String> = rows.into_iter().map(str::to_owned).collect();
        rows.sort();
        rows
    };
    assert_eq!(sorted(found.lines().collect()), sorted(rows.to_vec()));
    let caught = r#"(module (tag $t)
        (func $inner (throw $t))
        (func $outer (call $inner))
        (func $f (export "f")
            (block $h (try_table (catch $t $h) (call $outer)))
            (call $inner)))"#;
    let found = counted::<Calls>(caught);
    assert!(found.contains("1|2|1|  $outer"), "{found}");
    let trap = r#"(module (func $inner (unreachable)) (func $f (export "f") (call $inner)))"#;
    check::<Calls>(trap, &["1|2|1|$f", "1|1|1|  $inner"]);
}

#[test]
fn a_host_function_that_calls_back_is_a_caller() {
    let text = r#"(module (import "" "call" (func $host))
        (func $back (export "back") (nop))
        (func $f (export "f") (nop) (call $host) (nop)))"#;
    let found = counted::<Calls>(text);
    for row in ["1|6|4|$f", "1|2|2|$back", "1|0|0|  .call"] {
        assert!(found.contains(row), "{row}\n{found}");
    }
}

#[test]
fn time_goes_to_the_innermost_loop() {
    let text = r#"(module (func $f (export "f") (local i32)
        (loop (nop) (loop (br_if 0 (i32.lt_u
            (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3)))))))"#;
    let found = counted::<Hotness>(text);
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), 3, "{found}");
    assert!(lines[0].ends_with("|100%||$f"), "{found}");
    assert!(lines[1].starts_with("2"), "{found}");
}

#[test]
fn functions_that_never_run_are_covered_too() {
    let text = r#"(module $m (func $never (nop)) (func $f (export "f")
        (if (i32.const 0) (then (nop) (nop)) (else (nop)))))"#;
    let found = counted::<Coverage>(text);
    let lines: Vec<&str> = found.lines().collect();
    assert!(
        lines[0].starts_with("1|2|") && lines[0].ends_with("|m"),
        "{found}"
    );
    assert!(lines[1].starts_with("0|2|0%|m|$never|"), "{found}");
    assert!(lines[2].contains("%|m|$f|0x"), "{found}");
}

#[test]
fn accesses_are_counted_on_each_page_they_touch() {
    let text = r#"(module (memory 2) (func (export "f")
        (i64.store (i32.const 0xfffc) (i64.const 1))
        (drop (i32.load8_u offset=0x10000 (i32.const 5)))
        (memory.copy (i32.const 0) (i32.const 0x10000) (i32.const 8))
        (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
        (drop (i32.load (i32.const -1)))))"#;
    let rows = ["0|2|40%|0|0|0|0x0", "2|1|60%|0|0|1|0x10000"];
    check::<Memory>(text, &rows);
}
