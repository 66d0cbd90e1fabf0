//! The examples of explanations, run in this process: what `limpid run` prints of them.

use super::super::load_module::load_module;
use super::super::outcome::Failure;
use super::super::source::Source;
use super::super::{trap, values};
use super::numeric::Sign;
use super::vector::Shape;
use limpid::{Config, Engine, Instance, Store, Val};
use std::path::PathBuf;

/// The export that each example has.
pub const EXPORT: &str = "example";

/// What an example prints: its results, or how it failed; and vectors among them by lane.
#[derive(Debug, Default)]
pub struct Played {
    /// Lines of standard output and standard error.
    pub lines: Vec<String>,
    /// The lanes of the vector that is the result, if the instruction has a shape.
    pub lanes: Option<String>,
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
    };
    let engine = Engine::new(Config::new().shared_memory(true)).map_err(|error| unread(&error))?;
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
            lanes: results.iter().find_map(|value| lanes(value, mnemonic)),
        },
        Err(error) => Played {
            lines: match trap::failure(&error, None) {
                Some(failure) => told(&failure),
                None => vec![format!("error: {error}")],
            },
            lanes: None,
        },
    })
}

/// The lines that the command line writes of a failure.
fn told(failure: &Failure) -> Vec<String> {
    let first = format!("error: {}", failure.text());
    let below = failure.lines_below().lines().map(str::to_owned);
    let help = failure.help().map(|help| format!("help: {help}"));
    [first].into_iter().chain(below).chain(help).collect()
}

/// A vector by lane, of an instruction that has a shape.
fn lanes(value: &Val, mnemonic: &str) -> Option<String> {
    let Val::V128(vector) = value else {
        return None;
    };
    let (shape, op) = mnemonic.split_once('.')?;
    let comparisons = ["lt_u", "gt_u", "le_u", "ge_u"];
    let unsigned = op.ends_with("_u") && !comparisons.contains(&op);
    let shape = match shape {
        "v128" if op == "const" => "i32x4",
        own => own,
    };
    let sign = unsigned.then_some(Sign::Unsigned);
    Some(Shape::of(shape)?.text(*vector, sign))
}
