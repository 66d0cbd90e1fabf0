//! Seeing through a run. For now one thing: a trace of executed instructions as text.
//!
//! Built on [`crate::exec::probe`]; knows of formats, not of how code runs.

pub mod text;

pub use crate::exec::probe::{Event, Probe, Value};
pub use text::TextTrace;
