//! Requests: a line of words, then what belongs to it; and answers, which are JSON.

use crate::world::World;
use limpid::observe::display;
use limpid::wast::{Setting, run_script};
use limpid::{Config, Dispatch};
use std::cell::RefCell;
use std::fmt::Write;

thread_local! {
    /// The module that was loaded last, and its run.
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Answers a request. An answer with `error` says in a sentence what is wrong.
pub fn answer(request: &[u8]) -> String {
    let end = request.iter().position(|&byte| byte == b'\n');
    let (line, body) = request.split_at(end.unwrap_or(request.len()));
    let body = body.get(1..).unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let words: Vec<&str> = line.split_whitespace().collect();
    answered(&words, body).unwrap_or_else(|message| {
        let mut out = String::from("{\"error\":");
        json(&mut out, &message);
        out.push('}');
        out
    })
}

fn answered(words: &[&str], body: &[u8]) -> Result<String, String> {
    match words {
        ["load"] => {
            let (world, exports) = World::load(body)?;
            WORLD.replace(Some(world));
            Ok(exports)
        }
        ["script"] => script(body),
        ["start", export, args @ ..] => {
            with_world(|world| world.start(number(export)? as usize, args))
        }
        ["state", time] => with_world(|world| world.state(number(time)?)),
        ["seek", direction, want, places @ ..] => {
            with_world(|world| world.seek(*direction == "1", want, places))
        }
        ["function", of] => with_world(|world| Ok(world.function(number(of)? as u32))),
        ["memory", memory, at, len] => {
            with_world(|world| world.memory(number(memory)?, number(at)?, number(len)?))
        }
        ["more"] => with_world(World::more),
        _ => Err("this page and its module do not belong together".into()),
    }
}

fn with_world(ask: impl FnOnce(&mut World) -> Result<String, String>) -> Result<String, String> {
    WORLD.with_borrow_mut(|world| match world {
        Some(world) => ask(world),
        None => Err("no module is loaded".into()),
    })
}

fn number(word: &str) -> Result<u64, String> {
    word.parse()
        .map_err(|_| format!("`{word}` is not a number"))
}

/// Runs a test script.
fn script(text: &[u8]) -> Result<String, String> {
    let text = str::from_utf8(text).map_err(|_| "the script is not UTF-8".to_string())?;
    let mut config = Config::new();
    config.dispatch(Dispatch::Stepped);
    let setting = Setting::new(&config).map_err(|error| format!("{error:#}"))?;
    let report = run_script(text, &setting).map_err(|error| error.to_string())?;
    let mut out = String::new();
    let (executed, failed) = (report.executed.total(), report.failures.len());
    let _ = write!(
        out,
        "{{\"executed\":{executed},\"failed\":{failed},\"text\":"
    );
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    json(&mut out, &failures.join("\n"));
    out.push('}');
    Ok(out)
}

/// Appends a string of JSON, in which what a guest names is made visible first.
pub fn json(out: &mut String, text: &str) {
    // A line that is ended stays so.
    let lines: Vec<_> = text.split('\n').map(display::line).collect();
    out.push('"');
    for letter in lines.join("\n").chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' => out.push_str("\\n"),
            _ => out.push(letter), // Nothing else is hidden behind the door of names.
        }
    }
    out.push('"');
}
