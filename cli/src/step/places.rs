//! Places to break at, things to watch and searches, from the words that name them.

use super::super::lines;
use super::session::{Motion, Session};
use limpid::Module;
use limpid::internals::exec::probe::Target;
use limpid::internals::runtime::InstAddr;
use limpid::internals::syntax::{ExternIdx, FuncIdx};
use limpid::observe::machine::Stopped;
use limpid::observe::{Event, Place, display};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Steps that a search looks at before it sees whether somebody has ended it.
const WINDOW: u64 = 50_000;

/// A number, decimal or after `0x`.
pub fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// The place that words name: nothing for the next instruction, a function, a line of the text, or
/// an offset.
///
/// # Errors
/// When there is no such place, with the reason.
pub fn place(session: &mut Session, words: &str) -> Result<Place, String> {
    let here = session.place();
    if words.is_empty() {
        return here.ok_or_else(|| "There is no next instruction.".to_owned());
    }
    let inst = here.map_or(InstAddr(0), |place| place.inst);
    let Some(module) = session.module(inst) else {
        return Err("The module of this instance is not known.".to_owned());
    };
    let line = words.parse::<usize>().ok();
    match (words.strip_prefix("0x").and(number(words)), line) {
        (Some(offset), _) => at_offset(session, inst, &module, offset),
        (None, Some(line)) => on_line(session, inst, &module, line),
        (None, None) => in_function(session, inst, &module, words),
    }
}

/// The functions of a module that have bodies.
fn defined(module: &Module) -> Range<u32> {
    let imported = module.syntax().imported_funcs();
    imported..imported + module.syntax().code.len() as u32
}

fn at_offset(
    session: &mut Session,
    inst: InstAddr,
    module: &Module,
    offset: u64,
) -> Result<Place, String> {
    let imported = module.syntax().imported_funcs();
    let inside = |func: &u32| {
        let code = &module.syntax().code[(*func - imported) as usize].code;
        (u64::from(code.start)..u64::from(code.end)).contains(&offset)
    };
    let place = defined(module).find(inside).map(|func| Place {
        inst,
        func: FuncIdx(func),
        offset: offset as u32,
    });
    let begins = |place: &Place| {
        let all = session.first_offsets(*place, usize::MAX);
        all.contains(&place.offset)
    };
    let none = || format!("No instruction begins at {offset:#x}.");
    place.filter(begins).ok_or_else(none)
}

fn on_line(
    session: &mut Session,
    inst: InstAddr,
    module: &Module,
    line: usize,
) -> Result<Place, String> {
    // Where the code is not the module's own text, only the function at hand is looked through.
    let all = match (lines::text(module), session.place()) {
        (None, Some(here)) => here.func.0..here.func.0 + 1,
        (Some(_), _) | (None, None) => defined(module),
    };
    for func in all {
        let place = Place {
            inst,
            func: FuncIdx(func),
            offset: 0,
        };
        let Some(code) = session.code(place).filter(|code| code.is_text()) else {
            return Err("There is no text with lines: give a function or an offset.".to_owned());
        };
        if let Some(offset) = code.offset_on(line.wrapping_sub(1)) {
            return Ok(Place { offset, ..place });
        }
    }
    Err(format!("No instruction begins on line {line}."))
}

fn in_function(
    session: &mut Session,
    inst: InstAddr,
    module: &Module,
    words: &str,
) -> Result<Place, String> {
    let syntax = module.syntax();
    let wanted = words.strip_prefix('$').unwrap_or(words);
    let named = syntax.names.funcs.0.iter().find(|(_, name)| name == wanted);
    let exported = syntax.exports.iter().find_map(|export| match export.item {
        ExternIdx::Func(func) if *export.name == *wanted => Some(func.0),
        _ => None, // Another name, or no function.
    });
    let func = named.map(|(func, _)| *func).or(exported);
    let shown = display::name(words);
    let Some(func) = func.filter(|func| defined(module).contains(func)) else {
        return Err(format!("No function with a body is called `{shown}`."));
    };
    let place = Place {
        inst,
        func: FuncIdx(func),
        offset: 0,
    };
    let first = session.first_offsets(place, 1).first().copied();
    let offset = first.ok_or_else(|| format!("`{shown}` has no instruction."))?;
    Ok(Place { offset, ..place })
}

/// What a watchpoint watches.
///
/// # Errors
/// When the words name nothing that can be watched, with the reason.
pub fn target(session: &mut Session, words: &[&str]) -> Result<(Target, String), String> {
    const WHAT: &str =
        "Give one of: memory ADDR [LEN], local N, global N, table N INDEX, operand N.";
    let numbers: Vec<Option<u64>> = words.iter().skip(1).map(|word| number(word)).collect();
    if numbers.iter().any(Option::is_none) {
        return Err(WHAT.to_owned());
    }
    let at = |place: usize| numbers.get(place).copied().flatten();
    let frame = session.frames().first().cloned();
    let inst = frame.as_ref().map_or(InstAddr(0), |frame| frame.place.inst);
    let none = |what: &str| format!("There is no such {what}.");
    match (words.first().copied(), at(0)) {
        (Some("memory"), Some(address)) => {
            let len = at(1).unwrap_or(4).max(1);
            let addr = session.window.0;
            let target = Target::Memory {
                addr,
                at: address,
                len,
            };
            let bytes = super::model::count(len, "byte");
            Ok((
                target,
                format!("{bytes} at {address:#x} of memory {}", addr.0),
            ))
        }
        (Some("local"), Some(local)) => {
            let count = frame.as_ref().map_or(0, |frame| frame.locals.len());
            match (&frame, u32::try_from(local)) {
                (Some(frame), Ok(local)) if (local as usize) < count => {
                    let target = Target::Local {
                        thread: frame.thread,
                        base: frame.base,
                        local,
                    };
                    Ok((target, format!("local {local} of this frame")))
                }
                _ => Err(none("local")), // Neither a frame nor a small number.
            }
        }
        (Some("global"), Some(global)) => session.known(|known, _| {
            let globals = &known.instance(inst).globals;
            let index = usize::try_from(global).unwrap_or(usize::MAX);
            let addr = globals.get(index).ok_or_else(|| none("global"))?;
            let name = known.global(inst, global as u32);
            Ok((Target::Global(*addr), format!("global {name}")))
        }),
        (Some("table"), Some(table)) => session.known(|known, _| {
            let index = usize::try_from(table).unwrap_or(usize::MAX);
            let tables = &known.instance(inst).tables;
            let addr = *tables.get(index).ok_or_else(|| none("table"))?;
            let element = at(1).unwrap_or(0);
            let target = Target::Table {
                addr,
                at: element,
                len: 1,
            };
            let name = known.table(inst, table as u32);
            Ok((target, format!("element {element} of table {name}")))
        }),
        (Some("operand"), Some(number)) => {
            let number = usize::try_from(number).unwrap_or(usize::MAX);
            let target = super::model::operand(session, number);
            let target = target.ok_or_else(|| none("operand"))?;
            Ok((target, format!("operand {number} of this frame")))
        }
        _ => Err(WHAT.to_owned()), // No such words.
    }
}

/// Sets a breakpoint, or removes the one that is there; says which.
///
/// # Errors
/// When there is no such place, with the reason.
pub fn toggle_breakpoint(session: &mut Session, words: &str) -> Result<String, String> {
    let place = place(session, words)?;
    let shown = session.spot(place);
    let all = session.machine().breakpoints();
    match all.iter().position(|known| *known == place) {
        Some(number) => {
            all.remove(number);
            Ok(format!("Breakpoint {number}, in {shown}, is removed."))
        }
        None => {
            all.push(place);
            let number = all.len() - 1;
            Ok(format!("Breakpoint {number} is set in {shown}."))
        }
    }
}

/// Adds a watchpoint; says what it watches.
///
/// # Errors
/// When the words name nothing that can be watched, with the reason.
pub fn watch(session: &mut Session, words: &str) -> Result<String, String> {
    let words: Vec<&str> = words.split_whitespace().collect();
    let (target, what) = target(session, &words)?;
    session.machine().watchpoints().push(target);
    session.watched.push(what.clone());
    let number = session.watched.len() - 1;
    Ok(format!("Watchpoint {number} watches {what}."))
}

/// Removes a breakpoint or a watchpoint.
///
/// # Errors
/// When there is none, with the reason.
pub fn delete(session: &mut Session, words: &str) -> Result<String, String> {
    let words: Vec<&str> = words.split_whitespace().collect();
    let [kind, number] = words[..] else {
        return Err("Give `breakpoint N` or `watchpoint N`.".to_owned());
    };
    let Ok(number) = number.parse::<usize>() else {
        return Err("Give the number that `points` lists.".to_owned());
    };
    match kind {
        "breakpoint" if number < session.machine().breakpoints().len() => {
            session.machine().breakpoints().remove(number);
        }
        "watchpoint" if number < session.watched.len() => {
            session.machine().watchpoints().remove(number);
            session.watched.remove(number);
        }
        _ => return Err(format!("There is no {} {number}.", display::name(kind))),
    }
    let kind = if kind == "breakpoint" {
        "Breakpoint"
    } else {
        "Watchpoint"
    };
    Ok(format!("{kind} {number} is removed."))
}

/// Which way a search goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Forwards,
    Backwards,
}

/// Steps whose instruction or function contains a text, found while they are executed again.
#[derive(Default)]
struct Matches {
    /// What was found out about each place.
    known: HashMap<Place, bool>,
    first: Option<u64>,
    last: Option<u64>,
}

/// Goes to the next step, or the one before, whose instruction or function contains a text. Returns
/// whether there is one; if not, the run is where it was.
///
/// # Errors
/// When the host has no room for the past of the run.
pub fn search(
    session: &mut Session,
    text: &str,
    way: Way,
) -> Result<bool, super::super::outcome::Failure> {
    let now = session.time();
    let matches: Arc<Mutex<Matches>> = Arc::default();
    let mut from = now;
    loop {
        let (begin, end) = match way {
            Way::Forwards => (from, from.saturating_add(WINDOW)),
            Way::Backwards => (from.saturating_sub(WINDOW), from),
        };
        let begin = match way {
            // The step at hand is no next one.
            Way::Forwards if begin == now => begin + 1,
            Way::Forwards | Way::Backwards => begin,
        };
        let went = session.pass_to(begin)?;
        if went == Stopped::Cancelled {
            break;
        }
        let stopped = look(session, text, end, &matches)?;
        let found = {
            let mut matches = matches.lock().unwrap_or_else(PoisonError::into_inner);
            let (first, last) = (matches.first.take(), matches.last.take());
            match way {
                Way::Forwards => first,
                Way::Backwards => last,
            }
        };
        if let Some(time) = found {
            session.go(Motion::Goto(time))?;
            return Ok(true);
        }
        let is_over = match way {
            Way::Forwards => session.is_at_end(),
            Way::Backwards => begin == 0,
        };
        if is_over || stopped == Stopped::Cancelled {
            break;
        }
        from = match way {
            Way::Forwards => end,
            Way::Backwards => begin,
        };
    }
    session.go(Motion::Goto(now))?;
    Ok(false)
}

/// Executes up to a time and notes the first and the last step that match.
fn look(
    session: &mut Session,
    text: &str,
    end: u64,
    matches: &Arc<Mutex<Matches>>,
) -> Result<Stopped, super::super::outcome::Failure> {
    let matches = matches.clone();
    let wanted = text.to_owned();
    session.run_shown(end, move |event: &Event<'_>| {
        let mut matches = matches.lock().unwrap_or_else(PoisonError::into_inner);
        let known = matches.known.entry(event.place());
        let found = *known.or_insert_with(|| {
            let module = event.program.module();
            let func = super::super::listing::func(module, event.func.0);
            let instr = event
                .instr()
                .text(&module.names, Some(event.func.0))
                .to_string();
            instr.contains(&wanted) || func.contains(&wanted)
        });
        if found {
            matches.first.get_or_insert(event.time);
            matches.last = Some(event.time);
        }
    })
}
