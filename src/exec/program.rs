//! A validated module together with its register code, translated function by function when
//! first called, or all at once. Immutable from outside, shared by every store.

use super::once::{Append, Once};
use alloc::boxed::Box;

/// How Wasm is turned into register code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Translation {
    /// Few operations: operands straight from locals, fused instructions.
    #[default]
    Fused,
    /// One operation or marker for each Wasm instruction.
    Faithful,
}

/// What a program's code is built for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Settings {
    /// Which translation.
    pub translation: Translation,
    /// Translate everything when the program is made, not at first calls.
    pub eager: bool,
    /// Charge fuel.
    pub fuel: bool,
    /// Look at the epoch.
    pub epochs: bool,
}

/// Where a translated function begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The unit of the program.
    pub unit: u32,
    /// The operation in the unit.
    pub pc: u32,
}

/// A module ready to run.
#[derive(Debug)]
pub struct Program {
    entries: Box<[Once<Entry>]>,
    units: Append<()>,
}
