//! The official test suite: which files there are and what is in them, the configurations of the
//! engine they run in, and what is demanded of each run. Knows nothing of how a script is run:
//! that is `limpid::wast`.
//!
//! Reading order: `suite` (the suites and what they hold), `files` (finding them),
//! `configuration`, `trace` (what is checked of each executed instruction), `jsonl` (whether a
//! trace is the same when run again), `exceptions` (texts in other words), `judge` (a verdict on a
//! file), `flip` (scripts made wrong, to test the harness), `rules` (which rules of the formal spec
//! the suites use).

pub mod configuration;
pub mod exceptions;
pub mod files;
pub mod flip;
pub mod jsonl;
pub mod judge;
pub mod rules;
pub mod suite;
pub mod trace;

pub use configuration::Configuration;
pub use files::{File, Origin, find};
pub use judge::{Verdict, judge};
pub use suite::{SUITES, Suite};
