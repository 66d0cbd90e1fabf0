//! Watching a run instruction by instruction. The code is faithful and the dispatch stepped, so
//! every Wasm instruction begins at an operation of its own, and its operands are in cells.
//!
//! Reading order: `event` (what a probe sees), `maps` (the instructions of functions), `watch` (the
//! loop between operations), `changes` (what an instruction writes besides its results),
//! `conditions` (when a run pauses), `count` (the loop where nobody looks), `journal` (how a run is
//! done again).

mod changes;
mod conditions;
mod count;
mod event;
mod journal;
mod maps;
mod watch;

pub use changes::{Changes, ElementChange, GlobalChange, LocalChange, MemoryChange};
pub use conditions::{Cause, Conditions, Hit, Outwards, Target};
pub use event::{Clause, Crossed, Detail, Event, Outcome, Place, Probe, Value, instruction};
pub use journal::{Journal, Moment, Replayed};
pub use maps::Maps;
pub use watch::Watch;
