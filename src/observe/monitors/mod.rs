//! Monitors: probes that count while a guest runs, and say at its end what they counted, as tables.
//! Names of guests in the tables can be shown.
//!
//! Reading order: `opcodes` (the simplest), `functions` (what several keep of each function),
//! `calls`, `hotness`, `coverage`, `memory`, `rules`.

mod calls;
mod coverage;
mod functions;
mod hotness;
mod memory;
mod opcodes;
mod rules;

pub use calls::Calls;
pub use coverage::Coverage;
pub use hotness::Hotness;
pub use memory::Memory;
pub use opcodes::Opcodes;
pub use rules::Rules;

use super::display;
use crate::exec::Program;
use crate::exec::probe::Probe;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A probe that counts.
pub trait Monitor: Probe {
    /// Returns what was counted so far.
    fn tables(&self) -> Vec<Table>;
}

/// What a monitor has counted.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// What the table shows.
    pub title: &'static str,
    /// The names of the columns.
    pub columns: &'static [&'static str],
    /// The rows, as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// A text, which can be shown.
    Text(String),
    /// A count.
    Count(u64),
    /// An offset or an address, shown in hexadecimal.
    Offset(u64),
    /// A part of the whole: 1 is all of it.
    Share(f64),
}

impl Cell {
    /// A part of a whole, which may be nothing.
    fn share(part: u64, whole: u64) -> Cell {
        match whole {
            0 => Cell::Share(0.0),
            whole => Cell::Share(part as f64 / whole as f64),
        }
    }
}

/// The name of a program's module, or nothing. It can be shown.
fn module_name(program: &Program) -> String {
    let name = program.module().names.module.as_deref();
    name.map_or_else(String::new, |name| display::name(name).to_string())
}
