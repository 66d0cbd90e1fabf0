//! Execution (spec: chapter Execution). Links register code into threaded form and runs it.
//!
//! Reading order: `program` (a module ready to run), `instance` (what never changes after
//! instantiation), `run` (a continuation as data), `linked` and `context` (what handlers see),
//! `driver` (legs between host calls), `fault`, `handlers`, `instantiate`.

pub mod collect;
pub mod context;
pub mod driver;
pub mod fault;
pub mod frames;
pub mod handlers;
pub mod instance;
pub mod instantiate;
pub mod linked;
pub mod once;
pub mod probe;
pub mod program;
pub mod run;
pub mod selfproof;

pub use context::DispatchMode;
pub use fault::MemoryFault;
pub use instance::{Fixed, Instance, OnCells};
pub use program::{Entry, Program, Settings, Translation};
pub use run::{Pos, Run, Stop};
