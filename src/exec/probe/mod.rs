//! Watching a run instruction by instruction. The code is faithful and the dispatch stepped, so
//! every Wasm instruction begins at an operation of its own, and its operands are in cells.
//!
//! Reading order: `event` (what a probe sees), `maps` (the instructions of functions), `watch` (the
//! loop between operations), `changes` (what an instruction writes besides its results).

mod changes;
mod event;
mod maps;
mod watch;

pub use changes::{Changes, ElementChange, GlobalChange, LocalChange, MemoryChange};
pub use event::{Crossed, Detail, Event, Outcome, Place, Probe, Value};
pub use maps::Maps;
pub use watch::Watch;
