//! Execution (spec: chapter Execution). Links register code into threaded form and runs it.
//!
//! Reading order: `program` (a module ready to run), `instance` (what never changes after
//! instantiation), `run` (a continuation as data), `threaded` and `context` (what handlers see),
//! `driver` (resumptions, and host calls in them), `memory_fault`, `handlers`, `instantiate`.

pub mod append;
pub mod context;
pub mod driver;
pub mod frames;
pub mod handlers;
pub mod instance;
pub mod instantiate;
pub mod memory_fault;
#[cfg(feature = "observe")]
pub mod probe;
#[cfg(not(feature = "observe"))]
#[path = "probe_absent.rs"]
pub mod probe;
pub mod program;
pub mod roots;
pub mod run;
pub mod tail_calls;
pub mod threaded;

pub use context::DispatchMode;
pub use instance::{Instance, Instances, OnCells};
pub use memory_fault::MemoryFault;
pub use program::{Entry, Program, Settings, Translation};
pub use run::{Pos, Run, Stop};
