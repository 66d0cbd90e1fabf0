//! A module that was loaded, and a run of one of its exports that can be stepped both ways.

use crate::card::card;
use crate::lines::Spans;
use crate::request::json;
use limpid::internals::runtime::InstAddr;
use limpid::internals::syntax::FuncIdx;
use limpid::observe::html::{Functions, SourceText, state, write_texts};
use limpid::observe::machine::Stopped;
use limpid::observe::{Machine, Place};
use limpid::{
    CallHook, Caller, Config, Dispatch, Engine, Extern, ExternType, Features, Linker, Module,
    Store, Translation, Val, ValType,
};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Steps after which a run pauses, until more are asked for.
const STEPS: u64 = 1_000_000;

/// Bytes for moments of the past.
const HISTORY: usize = 64 << 20;

/// Most functions that can be searched before they are entered.
const LISTED: u32 = 5000;

/// What the guest prints, with the time.
#[derive(Clone, Default)]
struct Console {
    lines: Vec<(u64, String)>,
    time: u64,
}

/// A module, and a run.
pub struct World {
    engine: Engine,
    module: Module,
    /// The names of the exported functions.
    exports: Vec<String>,
    /// The text that the module was read from, if it was.
    text: Option<Text>,
    run: Option<Run>,
}

/// A text, and where instructions are in it.
struct Text {
    text: String,
    spans: Spans,
    /// Its lines, as a list of one.
    shown: [SourceText; 1],
}

/// A run.
struct Run {
    machine: Machine<Console>,
    functions: Functions,
    limit: u64,
}

fn said(error: limpid::Error) -> String {
    format!("{error:#}")
}

impl World {
    /// Loads a module, a text or a binary one; returns it and what it exports.
    ///
    /// # Errors
    /// When it cannot be read, or is not valid.
    pub fn load(bytes: &[u8]) -> Result<(World, String), String> {
        let mut config = Config::new();
        config
            .translation(Translation::Faithful)
            .dispatch(Dispatch::Stepped);
        let engine = Engine::new(&config).map_err(said)?;
        let module = Module::new(&engine, bytes);
        let module = module.map_err(|error| card(bytes, &Features::default(), &error))?;
        let mut out = String::from("{\"exports\":[");
        let mut exports = Vec::new();
        for export in module.exports() {
            let ExternType::Func(ty) = export.ty() else {
                continue;
            };
            if !exports.is_empty() {
                out.push(',');
            }
            exports.push(export.name().to_string());
            out.push_str("{\"name\":");
            json(&mut out, export.name());
            out.push_str(",\"type\":");
            json(&mut out, &ty.to_string());
            let params: Vec<String> = ty.params().map(|ty| format!("\"{ty}\"")).collect();
            let _ = write!(out, ",\"params\":[{}]}}", params.join(","));
        }
        out.push_str("]}");
        let world = World {
            engine,
            module,
            exports,
            text: Text::read(bytes),
            run: None,
        };
        Ok((world, out))
    }

    /// Begins a run of an export, up to its first instruction.
    ///
    /// # Errors
    /// When the module cannot be instantiated, or an argument is none of its type.
    pub fn start(&mut self, export: usize, args: &[&str]) -> Result<String, String> {
        self.run = None;
        let mut store = Store::new(&self.engine, Console::default());
        store.call_hook(|mut store, hook| {
            if hook == CallHook::CallingHost {
                let time = store.watched_time();
                store.data_mut().time = time;
            }
            Ok(())
        });
        let linker = linker(&self.engine, &self.module).map_err(said)?;
        let (instance, start) = linker
            .instantiate_unstarted(&mut store, &self.module)
            .map_err(said)?;
        let mut calls = Vec::new();
        calls.extend(start.map(|start| (start, Vec::new())));
        if let Some(name) = self.exports.get(export) {
            let func = instance.get_func(&mut store, name);
            let func = func.ok_or("the module exports no such function")?;
            let params = func.ty(&store).params().collect::<Vec<_>>();
            if params.len() != args.len() {
                let (wanted, given) = (params.len(), args.len());
                return Err(format!(
                    "the function takes {wanted} arguments, not {given}"
                ));
            }
            let values = params.iter().zip(args).map(|(ty, arg)| parsed(ty, arg));
            calls.push((func, values.collect::<Result<Vec<Val>, String>>()?));
        }
        let mut machine = Machine::with_history(store, calls, HISTORY).map_err(said)?;
        machine.set_limit(STEPS);
        let mut functions = Functions::default();
        list(&mut machine, &mut functions);
        for number in 0..functions.count() as u32 {
            self.locate(&mut functions, number);
        }
        self.run = Some(Run {
            machine,
            functions,
            limit: STEPS,
        });
        self.measured()
    }

    /// Finds a function in the text of the module.
    fn locate(&self, functions: &mut Functions, number: u32) {
        let owner = functions.owner(number);
        if let (Some(text), Some((_, func))) = (&self.text, owner)
            && let Some(spots) = text.spans.instructions(&text.text, &self.module, func.0)
        {
            functions.locate(number, (0, &text.shown[0]), &spots);
        }
    }

    /// Lets the run go on for longer.
    ///
    /// # Errors
    /// When there is no room for its past.
    pub fn more(&mut self) -> Result<String, String> {
        let run = self.run()?;
        run.limit += STEPS;
        run.machine.set_limit(run.limit);
        self.measured()
    }

    /// Runs to the end, or to the limit, and says how far that is.
    fn measured(&mut self) -> Result<String, String> {
        let mut texts = String::new();
        write_texts(
            self.text.as_ref().map_or(&[], |text| &text.shown),
            &mut texts,
        );
        let run = self.run()?;
        run.machine.goto(run.limit).map_err(said)?;
        let (length, whole) = (run.machine.time(), run.machine.is_at_end());
        let mut out = format!("{{\"length\":{length},\"whole\":{whole},\"output\":[");
        let lines = &run.machine.store().data().lines;
        for (at, (time, text)) in lines.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            let _ = write!(out, "[{},0,", time + 1);
            json(&mut out, text);
            out.push(']');
        }
        let _ = write!(
            out,
            "],\"texts\":{texts},\"count\":{}",
            run.functions.count()
        );
        state::describe(&mut run.machine, &mut out);
        out.push('}');
        Ok(out)
    }

    fn run(&mut self) -> Result<&mut Run, String> {
        self.run.as_mut().ok_or("nothing was started".into())
    }

    /// The state at a time, and what the step before did.
    ///
    /// # Errors
    /// When there is no room for the past of the run.
    pub fn state(&mut self, time: u64) -> Result<String, String> {
        let Run {
            machine, functions, ..
        } = self.run()?;
        let mut event = String::from("null");
        if let Some(before) = time.checked_sub(1) {
            machine.goto(before).map_err(said)?;
            let shown = Arc::new(Mutex::new(event));
            let to = shown.clone();
            let show = move |event: &limpid::observe::Event<'_>| {
                *to.lock().unwrap_or_else(PoisonError::into_inner) = state::event(event);
            };
            machine.step_shown(show).map_err(said)?;
            event = core::mem::take(&mut *shown.lock().unwrap_or_else(PoisonError::into_inner));
        } else {
            machine.goto(0).map_err(said)?;
        }
        let mut out = String::new();
        state::state(machine, functions, &event, &mut out);
        Ok(out)
    }

    /// The next time, or the one before, at which something holds; `null` when it never does.
    ///
    /// # Errors
    /// When there is no room for the past of the run.
    pub fn seek(&mut self, on: bool, want: &str, places: &[&str]) -> Result<String, String> {
        let Run {
            machine, functions, ..
        } = self.run()?;
        let limit = machine.time();
        let stopped = match (want, on) {
            ("over", true) => machine.over(),
            ("over", false) => machine.over_back(),
            ("out", true) => machine.out(),
            ("out", false) => machine.out_back(),
            _ => {
                let place = |word: &&str| -> Option<Place> {
                    let (func, step) = word.split_once(':')?;
                    functions.place(func.parse().ok()?, step.parse().ok()?)
                };
                *machine.breakpoints() = places.iter().filter_map(place).collect();
                let stopped = match on {
                    true => machine.resume(),
                    false => machine.reverse_resume(),
                };
                machine.breakpoints().clear();
                stopped
            }
        };
        let found = match stopped.map_err(said)? {
            Stopped::Hit(_) => true,
            Stopped::Done => want != "places" && machine.time() != limit,
            Stopped::Ended | Stopped::Beginning | Stopped::Cancelled => false,
        };
        Ok(match found {
            true => format!("{{\"time\":{}}}", machine.time()),
            false => "{\"time\":null}".into(),
        })
    }

    /// A function of the run.
    pub fn function(&mut self, number: u32) -> String {
        let mut out = String::new();
        let Some(mut run) = self.run.take() else {
            return "null".into();
        };
        self.locate(&mut run.functions, number);
        run.functions.write(&mut out, number);
        self.run = Some(run);
        out
    }

    /// Bytes of a memory at the time that was looked at last, in hexadecimal.
    ///
    /// # Errors
    /// When there are no such bytes.
    pub fn memory(&mut self, memory: u64, at: u64, len: u64) -> Result<String, String> {
        let (state, _) = self.run()?.machine.state();
        let memory = state.memories.get(memory as usize);
        let bytes = memory.and_then(|memory| {
            let end = at.checked_add(len)?;
            memory.bytes.get(at as usize..end as usize)
        });
        let mut out = String::from("\"");
        for byte in bytes.ok_or("the memory has no such bytes")? {
            let _ = write!(out, "{byte:02x}");
        }
        out.push('"');
        Ok(out)
    }
}

impl Text {
    /// Reads a text; there is none of a binary.
    fn read(bytes: &[u8]) -> Option<Text> {
        let text = str::from_utf8(bytes)
            .ok()
            .filter(|text| !text.starts_with('\0'))?;
        Some(Text {
            text: text.into(),
            spans: Spans::read(text),
            shown: [SourceText::new(text)],
        })
    }
}

/// Gives the functions of the module their numbers, so that they can be searched.
fn list(machine: &mut Machine<Console>, functions: &mut Functions) {
    let (_, instances) = machine.state();
    for inst in (0..instances.list.count() as u32).map(InstAddr) {
        let program = &instances.instance(inst).program;
        let module = program.module();
        let first = module.imported_funcs();
        let count = (module.code.len() as u32).min(LISTED);
        for func in (first..first + count).map(FuncIdx) {
            let steps = machine.steps(inst, func);
            functions.number((inst, func), program, &steps);
        }
    }
}

/// What guests can import: `console`, whose functions print; the rest traps when it is called.
fn linker(engine: &Engine, module: &Module) -> limpid::Result<Linker<Console>> {
    let mut linker: Linker<Console> = Linker::new(engine);
    fn print(mut caller: Caller<'_, Console>, text: String) {
        let console = caller.data_mut();
        let time = console.time;
        console.lines.push((time, text));
    }
    linker.func_wrap(
        "console",
        "log_i32",
        |caller: Caller<'_, Console>, value: i32| {
            print(caller, format!("{value}\n"));
        },
    )?;
    linker.func_wrap(
        "console",
        "log_i64",
        |caller: Caller<'_, Console>, value: i64| {
            print(caller, format!("{value}\n"));
        },
    )?;
    linker.func_wrap(
        "console",
        "log_f64",
        |caller: Caller<'_, Console>, value: f64| {
            print(caller, format!("{value}\n"));
        },
    )?;
    linker.func_wrap(
        "console",
        "log",
        |mut caller: Caller<'_, Console>, at: i32, len: i32| {
            let (at, len) = (at as u32 as usize, len as u32 as usize);
            let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
                return;
            };
            let bytes = memory.data(&caller).get(at..at.saturating_add(len));
            let text = String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
            print(caller, text);
        },
    )?;
    linker.define_unknown_imports_as_traps(module)?;
    Ok(linker)
}

/// An argument of a type, from the words of the page.
fn parsed(ty: &ValType, word: &str) -> Result<Val, String> {
    let wrong = || format!("`{word}` is not a value of the type {ty}");
    let digits = word.replace('_', "");
    let integer = match digits.strip_prefix("0x") {
        Some(digits) => i128::from_str_radix(digits, 16).ok(),
        None => digits.parse().ok(),
    };
    let within = |low: i128, high: i128| {
        let inside = integer.filter(|value| (low..=high).contains(value));
        inside.ok_or_else(wrong)
    };
    match ty {
        ValType::I32 => Ok(Val::I32(within(i32::MIN.into(), u32::MAX.into())? as i32)),
        ValType::I64 => Ok(Val::I64(within(i64::MIN.into(), u64::MAX.into())? as i64)),
        ValType::F32 => {
            let value: f32 = word.parse().map_err(|_| wrong())?;
            Ok(Val::F32(value.to_bits()))
        }
        ValType::F64 => {
            let value: f64 = word.parse().map_err(|_| wrong())?;
            Ok(Val::F64(value.to_bits()))
        }
        other => Err(format!(
            "an argument of the type {other} cannot be given here"
        )),
    }
}
