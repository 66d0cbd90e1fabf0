//! Seeing through a run and through validation: traces of executed instructions as text and as JSON
//! Lines, monitors that count, the rules of each step, a machine that steps, the steps of
//! validation; and the door that names of guests pass on their way to a screen.
//!
//! Built on [`crate::exec::probe`]; knows of formats, not of how code runs.

#[cfg(feature = "observe")]
mod digits;
pub mod display;
#[cfg(all(feature = "observe", feature = "std"))]
pub mod html;
#[cfg(feature = "observe")]
pub mod filter;
#[cfg(feature = "observe")]
mod instructions;
#[cfg(feature = "observe")]
pub mod jsonl;
#[cfg(feature = "observe")]
pub mod machine;
#[cfg(feature = "observe")]
pub mod monitors;
#[cfg(feature = "observe")]
pub mod rules;
#[cfg(feature = "observe")]
pub mod text;
#[cfg(feature = "observe")]
pub mod validation;

#[cfg(feature = "dwarf")]
pub use crate::api::{demangle, locate};
#[cfg(feature = "observe")]
pub use crate::exec::probe::{Clause, Crossed, Event, Outcome, Place, Probe, Value};
#[cfg(feature = "observe")]
pub use filter::{Filter, Selection};
#[cfg(feature = "observe")]
pub use jsonl::JsonTrace;
#[cfg(feature = "observe")]
pub use machine::Machine;
#[cfg(feature = "observe")]
pub use text::TextTrace;
