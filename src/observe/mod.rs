//! Seeing through a run and through validation: a trace of executed instructions as text, a machine
//! that steps, the steps of validation; and the door that names of guests pass on their way to a
//! screen.
//!
//! Built on [`crate::exec::probe`]; knows of formats, not of how code runs.

pub mod display;
#[cfg(feature = "observe")]
pub mod machine;
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
pub use machine::Machine;
#[cfg(feature = "observe")]
pub use text::TextTrace;
