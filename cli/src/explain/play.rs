//! The examples of explanations, run in this process: what `limpid run` prints of them.

use super::super::load_module::load_module;
use super::super::outcome::Failure;
use super::super::source::Source;
use super::super::{frames, trap, values};
use super::numeric::Sign;
use super::vector::Shape;
use anstream::adapter::strip_str;
use limpid::{Config, Engine, Instance, Store, Val};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The export that each example has.
pub const EXPORT: &str = "example";

/// What an example prints: its results, or how it failed; and vectors among them by lane.
#[derive(Debug, Default)]
pub struct Played {
    /// Lines of standard output and standard error.
    pub lines: Vec<String>,
    /// The result in another way: a vector by lane, or a number as unsigned.
    pub reading: Option<String>,
}

/// Runs the module of an example; `mnemonic` says how the lanes of a vector are read.
///
/// # Errors
/// When the module cannot be loaded: a test sees to it that each can.
pub fn play(text: &str, mnemonic: &str) -> Result<Played, Failure> {
    let unread = |error: &dyn std::fmt::Display| Failure::failed(error);
    let source = Source {
        path: PathBuf::from("-"),
        bytes: wat::parse_str(text).map_err(|error| unread(&error))?,
        text: Some(text.to_owned()),
        to_run: true,
    };
    let mut config = Config::new();
    let frames = NonZeroUsize::new(frames::FRAMES);
    config.shared_memory(true).wasm_backtrace_max_frames(frames);
    let engine = Engine::new(&config).map_err(|error| unread(&error))?;
    let module = load_module(&source, &engine)?;
    let mut store = Store::new(&engine, ());
    let mut results = Vec::new();
    let ran = Instance::new(&mut store, &module, &[]).and_then(|instance| {
        let func = instance.get_func(&mut store, EXPORT);
        let func = func.ok_or_else(|| limpid::Error::msg("no such export"))?;
        results = vec![Val::I32(0); func.ty(&store).results().len()];
        func.call(&mut store, &[], &mut results)
    });
    Ok(match ran {
        Ok(()) => Played {
            lines: results.iter().map(values::show).collect(),
            reading: results.iter().find_map(|value| reading(value, mnemonic)),
        },
        Err(error) => Played {
            lines: match trap::failure(&error, None) {
                Some(failure) => told(&failure),
                None => vec![format!("error: {error}")],
            },
            reading: None,
        },
    })
}

/// The lines that the command line writes of a failure, without colours: programs read them, too.
fn told(failure: &Failure) -> Vec<String> {
    let first = format!("error: {}", failure.text());
    let below = strip_str(failure.lines_below()).to_string();
    let below = below.lines().map(str::to_owned);
    let help = failure.help().map(|help| format!("help: {help}"));
    let mut lines = vec![first];
    lines.extend(below);
    lines.extend(help);
    lines
}

/// A result in another way, where the instruction says one: by the lanes of its shape, or unsigned.
fn reading(value: &Val, mnemonic: &str) -> Option<String> {
    let (shape, op) = mnemonic.split_once('.')?;
    let unsigned = op.ends_with("_u") || op.ends_with("_u_zero");
    match value {
        Val::I32(value) if unsigned && *value < 0 => {
            Some(format!("Read as unsigned: {}", *value as u32))
        }
        Val::I64(value) if unsigned && *value < 0 => {
            Some(format!("Read as unsigned: {}", *value as u64))
        }
        Val::V128(vector) => {
            // The lanes of a comparison are truth values, all bits set or none.
            let name = op.trim_end_matches("_s").trim_end_matches("_u");
            let compares = ["eq", "ne", "lt", "gt", "le", "ge"].contains(&name);
            let shape = match shape {
                "v128" if op == "const" => "i32x4",
                "f32x4" if compares => "i32x4",
                "f64x2" if compares => "i64x2",
                own => own,
            };
            let sign = (unsigned && !compares).then_some(Sign::Unsigned);
            let lanes = Shape::of(shape)?.text(*vector, sign);
            Some(format!("As lanes, lane 0 first: {lanes}"))
        }
        // Shown by `limpid run` as it is.
        _ => None,
    }
}
