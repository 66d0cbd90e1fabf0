//! Seeing through a run. For now one thing: a trace of executed instructions as text; and the door
//! that names of guests pass on their way to a screen.
//!
//! Built on [`crate::exec::probe`]; knows of formats, not of how code runs.

pub mod display;
#[cfg(feature = "observe")]
pub mod machine;
#[cfg(feature = "observe")]
pub mod text;
pub mod validation;

#[cfg(feature = "dwarf")]
pub use crate::api::demangle;
#[cfg(feature = "observe")]
pub use crate::exec::probe::{Crossed, Event, Outcome, Place, Probe, Value};
#[cfg(feature = "observe")]
pub use machine::Machine;
#[cfg(feature = "observe")]
pub use text::TextTrace;
