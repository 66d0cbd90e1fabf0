//! A run is a value: a fork goes on as a fresh run does. Programs are stopped after any amounts of
//! fuel, and wherever they ask the host; store and continuation are copied there, and both copies
//! go on, one threaded and the other stepped. All must end as the program does when nobody stops
//! it. Where one does not, the stops are made few before they are shown.

use limpid::internals::exec::Translation;
use limpid::*;
use limpid_oracles::{generate, outcome};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config as Settings, TestRunner};
use std::cell::RefCell;

/// Generated modules.
const SEEDS: u64 = 400;
/// Runs for each program that are stopped at places of their own.
const TRIALS: u32 = 3;
/// Fuel of each call.
const FUEL: u64 = 1_000_000;

/// Programs that stop in the middle of what generated ones seldom do. Each exports `run`.
const PROGRAMS: [(&str, &str); 9] = [
    ("loops and calls", include_str!("state/calls.wat")),
    ("objects", include_str!("state/objects.wat")),
    ("exceptions", include_str!("state/exceptions.wat")),
    ("tables", include_str!("state/tables.wat")),
    ("growth", include_str!("state/growth.wat")),
    ("tail calls", include_str!("state/tail_calls.wat")),
    ("vectors", include_str!("state/vectors.wat")),
    ("the host", include_str!("state/host.wat")),
    ("two instances", include_str!("state/instances.wat")),
];

/// The embedder's data: whether the host suspends, and how often it was asked.
#[derive(Clone)]
struct Host {
    suspends: bool,
    asked: i32,
}

/// A module, and the engine for it.
struct Program {
    name: String,
    module: Module,
}

/// Function and byte offset of each frame.
type Frames = Vec<(u32, Option<usize>)>;

/// All that can be seen of a store after a call.
#[derive(PartialEq, Eq, Debug, Clone)]
struct Seen {
    ending: String,
    frames: Frames,
    fuel: u64,
    memories: Vec<(u64, u64)>,
    globals: Vec<String>,
    asked: i32,
}

fn programs() -> Vec<Program> {
    let engine = |seed: u64| {
        let mut config = Config::new();
        let translation = [Translation::Fused, Translation::Faithful][(seed & 1) as usize];
        config
            .consume_fuel(true)
            .translation(translation)
            .gc_stress(seed % 8 == 3);
        config.max_wasm_stack(256 << 10);
        let engine = Engine::new(&config).expect("the settings are fine");
        assert_eq!(engine.dispatch(), Dispatch::Threaded);
        engine
    };
    let mut programs = Vec::new();
    for (name, text) in PROGRAMS {
        let bytes = wat::parse_str(text).expect("the text is right");
        for seed in 0..4 {
            let module = Module::new(&engine(seed), &bytes).expect("the module is valid");
            let name = format!("{name}, engine {seed}");
            programs.push(Program { name, module });
        }
    }
    let made = (0..SEEDS).map(|seed| (seed, generate::module(seed)));
    programs.extend(made.map(|(seed, bytes)| Program {
        name: format!("seed {seed}"),
        module: Module::new(&engine(seed), &bytes).expect("the module is valid"),
    }));
    programs
}

/// A store with an instance of the program; none when it traps while starting.
fn start(program: &Program, suspends: bool) -> Option<(Store<Host>, Instance)> {
    let engine = program.module.engine();
    let mut store = Store::new(engine, Host { suspends, asked: 0 });
    store.set_fuel(FUEL).expect("configured");
    let mut linker = Linker::new(engine);
    let ask = |mut caller: Caller<'_, Host>, _: i32| -> Result<i32> {
        match caller.data().suspends {
            true => Err(Suspend.into()),
            false => Ok(answer(caller.data_mut())),
        }
    };
    linker.func_wrap("host", "ask", ask).expect("defined once");
    if program
        .module
        .imports()
        .any(|import| import.module() == "other")
    {
        let bytes = wat::parse_str(include_str!("state/other.wat")).expect("the text is right");
        let other = Module::new(engine, bytes).expect("valid");
        linker
            .module(&mut store, "other", &other)
            .expect("it imports nothing");
    }
    let instance = linker.instantiate(&mut store, &program.module).ok()?;
    Some((store, instance))
}

/// What the host answers, in the order of the questions.
fn answer(host: &mut Host) -> i32 {
    host.asked += 1;
    host.asked * 7 % 5
}

/// The exported functions that can be called, with arguments.
fn calls(store: &mut Store<Host>, program: &Program, instance: &Instance) -> Vec<(Func, Vec<Val>)> {
    let names: Vec<_> = program
        .module
        .exports()
        .map(|export| export.name().to_string())
        .collect();
    let funcs = names
        .iter()
        .filter_map(|name| instance.get_func(&mut *store, name));
    let funcs: Vec<Func> = funcs.collect();
    let mut calls = Vec::new();
    for func in funcs {
        let args: Option<Vec<Val>> = func.ty(&*store).params().map(argument).collect();
        calls.extend(args.map(|args| (func, args)));
    }
    calls
}

fn argument(ty: ValType) -> Option<Val> {
    Some(match ty {
        ValType::I32 => Val::I32(20),
        ValType::I64 => Val::I64(-7),
        ValType::F32 => Val::F32(1.5f32.to_bits()),
        ValType::F64 => Val::F64((-0.0f64).to_bits()),
        ValType::V128 => Val::V128(0x0102_0304_0506_0708_u128.into()),
        ValType::Ref(ty) if ty.is_nullable() => Val::null_ref(ty.heap_type()),
        ValType::Ref(_) => return None,
    })
}

/// How a call ended, as text, and the guest's frames if it trapped.
fn ending(store: &mut Store<Host>, ended: Result<Vec<Val>>) -> (String, Frames) {
    let error = match ended {
        Ok(results) => {
            let results: Vec<String> = results.iter().map(bits).collect();
            return (results.join(" "), Vec::new());
        }
        Err(error) => error,
    };
    if error.downcast_ref() == Some(&Trap::OutOfFuel) {
        return ("out of fuel".into(), Vec::new());
    }
    let frame = |frame: &FrameInfo| (frame.func_index(), frame.module_offset());
    let frames = error.downcast_ref::<WasmBacktrace>();
    let frames = frames.map(|trace| trace.frames().iter().map(frame).collect());
    store.take_pending_exception();
    (format!("{error:#}"), frames.unwrap_or_default())
}

fn bits(value: &Val) -> String {
    match value {
        Val::I32(value) => format!("i32:{value:x}"),
        Val::I64(value) => format!("i64:{value:x}"),
        Val::F32(bits) => format!("f32:{bits:x}"),
        Val::F64(bits) => format!("f64:{bits:x}"),
        Val::V128(value) => format!("v128:{:x}", value.as_u128()),
        other => format!("null:{}", other.ref_().is_none_or(|value| value.is_null())),
    }
}

fn see(
    store: &mut Store<Host>,
    program: &Program,
    instance: &Instance,
    ended: Result<Vec<Val>>,
) -> Seen {
    let (ending, frames) = ending(store, ended);
    let mut seen = Seen {
        ending,
        frames,
        fuel: store.get_fuel().expect("configured"),
        memories: Vec::new(),
        globals: Vec::new(),
        asked: store.data().asked,
    };
    for export in program.module.exports() {
        match instance.get_export(&mut *store, export.name()) {
            Some(Extern::Memory(memory)) => {
                let bytes = memory.data(&*store);
                seen.memories
                    .push((bytes.len() as u64, outcome::hash(bytes)));
            }
            Some(Extern::Global(global)) => seen.globals.push(bits(&global.get(&mut *store))),
            Some(Extern::Func(_) | Extern::Table(_) | Extern::Tag(_)) | None => {}
            Some(Extern::SharedMemory(_)) => unreachable!("no program has one"),
        }
    }
    seen
}

/// Each call of the program in turn, undisturbed.
fn undisturbed(program: &Program) -> Option<Vec<Seen>> {
    let (mut store, instance) = start(program, false)?;
    let mut all = Vec::new();
    for (func, args) in calls(&mut store, program, &instance) {
        store.set_fuel(FUEL).expect("configured");
        let mut results = vec![Val::I32(0); func.ty(&store).results().len()];
        let called = func.call(&mut store, &args, &mut results);
        let seen = see(&mut store, program, &instance, called.map(|()| results));
        all.push(seen);
    }
    Some(all)
}

/// One of the copies of a run, on its way to the end.
struct Way {
    store: Store<Host>,
    /// Fuel not yet given to the run.
    reserve: u64,
    results: Vec<Val>,
}

impl Way {
    /// Gives the run at most `most` of its fuel.
    fn fund(&mut self, most: u64) {
        let all = self.reserve + self.store.get_fuel().expect("configured");
        let now = all.min(most);
        self.reserve = all - now;
        self.store.set_fuel(now).expect("configured");
    }

    /// A copy of the store, and of what the run has coming.
    fn copy(&mut self) -> Way {
        Way {
            store: self.store.fork().expect("nothing is in the way"),
            reserve: self.reserve,
            results: self.results.clone(),
        }
    }

    fn resume(&mut self, run: Suspended) -> Result<ResumableCall> {
        let answers: Vec<Val> = match run.pending_results(&self.store) {
            0 => Vec::new(),
            _ => vec![Val::I32(answer(self.store.data_mut()))],
        };
        run.resume(&mut self.store, &answers, &mut self.results)
    }

    /// Goes on to the end, stopping only where the host is asked.
    fn finish(&mut self, mut call: Result<ResumableCall>) -> Result<Vec<Val>> {
        loop {
            let run = match call {
                Ok(ResumableCall::Finished) => return Ok(self.results.clone()),
                Ok(ResumableCall::OutOfFuel(_)) if self.reserve == 0 => {
                    return Err(Trap::OutOfFuel.into());
                }
                Ok(ResumableCall::OutOfFuel(run) | ResumableCall::Yielded(run)) => run,
                Ok(ResumableCall::HostTrap(error, _)) | Err(error) => return Err(error),
            };
            self.fund(u64::MAX);
            call = self.resume(run);
        }
    }
}

/// What a trial did.
#[derive(Default)]
struct Counts {
    calls: u64,
    stops: u64,
    at_host: u64,
}

/// Where a run stops next, in 65536ths of the fuel that it uses, and whether it goes on under the
/// other dispatch than its copy.
type Stop = (u16, bool);

/// Fuel up to a stop.
fn part(stop: Stop, all: u64) -> u64 {
    (all * u64::from(stop.0)) >> 16
}

/// Runs a program, stops it now and then, and lets both copies go on. One of them is the run that
/// is stopped further; the other goes to its end. The stops are used over and over.
fn trial(
    program: &Program,
    expected: &[Seen],
    stops: &[Stop],
    counts: &mut Counts,
) -> Result<(), TestCaseError> {
    let mut plan = stops.iter().copied().cycle();
    let mut next = || plan.next().unwrap_or_default();
    let (store, instance) = start(program, true).expect("it started before");
    let mut way = Way {
        store,
        reserve: 0,
        results: Vec::new(),
    };
    let calls = calls(&mut way.store, program, &instance);
    for ((func, args), expected) in calls.into_iter().zip(expected) {
        counts.calls += 1;
        let used = FUEL - expected.fuel;
        way.reserve = 0;
        way.store.set_fuel(FUEL).expect("configured");
        way.results = vec![Val::I32(0); func.ty(&way.store).results().len()];
        way.fund(part(next(), used + used / 4));
        let mut call = func.call_resumable(&mut way.store, &args, &mut way.results);
        let mut stops = 0;
        loop {
            let run = match call {
                Ok(ResumableCall::OutOfFuel(run)) if way.reserve > 0 => run,
                Ok(ResumableCall::Yielded(run)) => run,
                Ok(ResumableCall::Finished | ResumableCall::HostTrap(..)) | Err(_) => break,
                Ok(ResumableCall::OutOfFuel(_)) => break,
            };
            stops += 1;
            counts.stops += 1;
            counts.at_host += u64::from(run.pending_results(&way.store) > 0);
            let mut copy = way.copy();
            let stop = next();
            let [a, b] = match stop.1 {
                false => [Dispatch::Threaded, Dispatch::Stepped],
                true => [Dispatch::Stepped, Dispatch::Threaded],
            };
            way.store.set_dispatch(a).expect("the engine is threaded");
            copy.store.set_dispatch(b).expect("the engine is threaded");
            copy.fund(u64::MAX);
            let resumed = copy.resume(run.clone());
            let ended = copy.finish(resumed);
            let seen = see(&mut copy.store, program, &instance, ended);
            prop_assert_eq!(&seen, expected, "{}, copy {}", program.name, stops);
            way.fund(if stops < 4 {
                part(stop, used)
            } else {
                u64::MAX
            });
            call = way.resume(run);
        }
        let ended = way.finish(call);
        way.fund(u64::MAX);
        let seen = see(&mut way.store, program, &instance, ended);
        prop_assert_eq!(&seen, expected, "{}, stopped {} times", program.name, stops);
    }
    Ok(())
}

#[test]
fn copies_of_a_stopped_run_end_alike() {
    let programs = programs();
    let all: Vec<_> = programs.iter().map(|p| (p, undisturbed(p))).collect();
    let all: Vec<_> = all
        .into_iter()
        .filter_map(|(p, seen)| Some((p, seen?)))
        .collect();
    let executed = all.len();
    let traps = |seen: &&Seen| !seen.frames.is_empty();
    let trapped = all.iter().flat_map(|(_, seen)| seen).filter(traps).count();
    let counts = RefCell::new(Counts::default());
    // The programs written for it come first.
    let which = prop_oneof![1 => 0..4 * PROGRAMS.len(), 3 => 0..executed];
    let stops = vec(any::<Stop>(), 1..12);
    let mut settings = Settings::with_cases(TRIALS * executed as u32);
    settings.failure_persistence = None; // What is shown is enough to try it again.
    let done = TestRunner::new(settings).run(&(which, stops), |(which, stops)| {
        let (program, expected) = &all[which];
        trial(program, expected, &stops, &mut counts.borrow_mut())
    });
    if let Err(difference) = done {
        panic!("{difference}");
    }
    let Counts {
        calls,
        stops,
        at_host,
    } = counts.into_inner();
    println!(
        "{executed} of {} programs, {trapped} calls of them trap; {calls} calls in all trials, \
         {stops} stops, {at_host} of them in the host",
        programs.len()
    );
    assert!(executed > 300 && stops > 2000 && at_host > 150 && trapped > 50);
}
