//! Stepping, held to a run that never went back: whatever way a machine came to a time, it is what
//! a fresh one is that has run up to it.

use limpid::observe::Machine;
use limpid::{Config, Engine, Instance, Linker, Module, Store, Translation, Val};
use limpid_oracles::{generate, programs};
use proptest::prelude::*;

/// Steps of a program that are looked at.
const STEPS: u64 = 60_000;

/// Bytes of history; little, so that moments are dropped.
const HISTORY: usize = 4 << 20;

/// A machine that calls all exported functions without parameters.
fn machine(binary: &[u8], history: usize) -> Machine<()> {
    let mut config = Config::new();
    config.translation(Translation::Faithful);
    let engine = Engine::new(&config).expect("the settings are fine");
    let module = Module::new(&engine, binary).expect("generated modules are valid");
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker
        .define_unknown_imports_as_default_values(&mut store, &module)
        .expect("they have default values");
    let mut calls = Vec::new();
    let ready = linker.instantiate_unstarted(&mut store, &module);
    if let Ok((instance, start)) = ready {
        calls.extend(start.map(|start| (start, Vec::new())));
        calls.extend(exports(&mut store, instance));
    }
    Machine::with_history(store, calls, history).expect("the engine is faithful")
}

/// The exported functions with arguments that are all 3, where they are numbers.
fn exports(store: &mut Store<()>, instance: Instance) -> Vec<(limpid::Func, Vec<Val>)> {
    let funcs: Vec<limpid::Func> = instance
        .exports(&mut *store)
        .filter_map(|export| export.into_func())
        .collect();
    let call = |func: limpid::Func| {
        let ty = func.ty(&*store);
        let params = ty.params().map(|ty| match ty {
            limpid::ValType::I32 => Some(Val::I32(3)),
            limpid::ValType::I64 => Some(Val::I64(3)),
            limpid::ValType::F32 => Some(Val::F32(3f32.to_bits())),
            limpid::ValType::F64 => Some(Val::F64(3f64.to_bits())),
            limpid::ValType::V128 | limpid::ValType::Ref(_) => None,
        });
        Some((func, params.collect::<Option<Vec<Val>>>()?))
    };
    funcs.into_iter().filter_map(call).collect()
}

/// Everything that can be compared: frames with live values, and the state of the store.
fn seen(machine: &mut Machine<()>) -> (String, Vec<Vec<u8>>) {
    let frames = machine.frames();
    let (time, end) = (machine.time(), machine.is_at_end());
    let (state, _) = machine.state();
    let text = format!(
        "{time} {end} {frames:?} {:?} {:?} {:?} {:?}",
        state.globals, state.tables, state.elems, state.datas
    );
    let memories = state.memories.iter().map(|memory| memory.bytes.clone());
    (text, memories.collect())
}

fn check(binary: &[u8], places: &[u16]) -> Result<(), TestCaseError> {
    let mut machine = machine(binary, HISTORY);
    let beginning = seen(&mut machine);
    machine.goto(STEPS).expect("there is room");
    let end = machine.time();
    for &place in places {
        let time = u64::from(place) * (end + 1) / (1 << 16);
        let mut fresh = self::machine(binary, HISTORY);
        fresh.goto(time).expect("there is room");
        machine.goto(time).expect("there is room");
        prop_assert_eq!(machine.time(), fresh.time());
        prop_assert!(
            seen(&mut machine) == seen(&mut fresh),
            "at {} of {}",
            time,
            end
        );
    }
    // Back from there, step by step for a while, then at once.
    for _ in 0..20 {
        machine.step_back().expect("there is room");
    }
    let (mut fresh, time) = (self::machine(binary, HISTORY), machine.time());
    fresh.goto(time).expect("there is room");
    prop_assert!(
        seen(&mut machine) == seen(&mut fresh),
        "back at {} of {}",
        time,
        end
    );
    machine.goto(0).expect("there is room");
    prop_assert!(seen(&mut machine) == beginning, "the beginning");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn programs_go_to_any_time(seed in any::<u64>(), places in any::<[u16; 4]>()) {
        check(&programs::from_bytes(&programs::bytes(seed, 0)), &places)?;
    }

    #[test]
    fn modules_go_to_any_time(seed in any::<u64>(), places in any::<[u16; 4]>()) {
        check(&generate::module(seed), &places)?;
    }
}

#[test]
fn a_run_goes_on_from_a_moment_and_not_from_its_beginning() {
    let text = "(module (func (export \"f\") (local i32)
        (loop (local.set 0 (i32.add (local.get 0) (i32.const 1)))
            (br_if 0 (i32.lt_u (local.get 0) (i32.const 100_000))))))";
    let mut machine = machine(&wat::parse_str(text).expect("a text"), 64 << 20);
    machine.goto(u64::MAX).expect("there is room");
    let (end, before) = (machine.time(), machine.executed());
    assert!(end > 700_000 && before == end, "{end} {before}");
    machine.goto(end - 50_000).expect("there is room");
    let again = machine.executed() - before;
    assert!(again < 20_000, "{again} steps were executed again");
    let before = machine.executed();
    machine.step_back().expect("there is room");
    let again = machine.executed() - before;
    assert!(again <= 4_000, "{again} steps were executed again");
}
