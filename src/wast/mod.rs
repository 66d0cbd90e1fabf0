//! Runs test scripts, the `.wast` files of the official suite (spec: the reference interpreter's
//! page on scripts). Knows the text format only through the crate `wast`, and the engine through
//! the embedding API, except for the phases of loading, which it checks one by one.
//!
//! Reading order: `script` (a script as data), `read` (from text to that), `report` (what a run
//! says), `run` (the walk over directives), `phases` (modules that must be refused, and where),
//! `custom` (branch hints), `values` (arguments and results), `spectest` (the module scripts import
//! from), `threads`.
//!
//! ```
//! use limpid::{Config, wast};
//! let text = r#"(module (func (export "f") (result i32) (i32.const 42)))
//!     (assert_return (invoke "f") (i32.const 42))"#;
//! let report = wast::run_script(text, &wast::Setting::new(&Config::new())?)?;
//! assert!(report.passed());
//! assert_eq!(report.executed.total(), 2);
//! # Ok::<(), limpid::Error>(())
//! ```

mod custom;
mod phases;
mod read;
mod report;
mod run;
pub mod script;
mod spectest;
mod threads;
mod values;

pub use read::{ReadError, read};
pub use report::{Failure, Kind, Mismatch, Report, Totals};
pub use run::{Setting, run};
pub use values::{Arg, Expected, Hierarchy, Lanes, Pattern};

/// Reads and runs a script.
///
/// # Errors
/// A text that is no script. What a directive asks and does not get is in the report.
pub fn run_script(text: &str, setting: &Setting) -> Result<Report, ReadError> {
    Ok(run(&read(text)?, setting))
}
