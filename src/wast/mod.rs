//! Runs test scripts, the `.wast` files of the official suite (spec: the reference interpreter's
//! page on scripts). Knows the text format only through the crate `wast`, its parentheses apart,
//! and the engine through the embedding API, except for the phases of loading, which it checks one
//! by one.
//!
//! Reading order: `script` (a script as data), `read` (from text to that), `split` (the same one
//! directive at a time, where not all can be read), `report` (what a run says), `setting` (how
//! scripts are run, and their limits), `run` (the walk over directives), `phases` (modules that
//! must be refused, and where), `custom` (branch hints), `values` (arguments and results),
//! `literal` (how they are written), `spectest` (the module scripts import from), `threads`.
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
mod literal;
mod phases;
mod read;
mod report;
mod run;
pub mod script;
mod setting;
mod spectest;
mod split;
#[cfg(test)]
mod tests;
mod threads;
mod values;

pub use read::{ReadError, read};
pub use report::{Failure, Kind, Mismatch, Report, Totals};
pub use run::run;
pub use setting::Setting;
pub use values::{Arg, Expected, Hierarchy, Lanes, Pattern, Shape};

/// Reads a script and runs it.
///
/// # Errors
/// Fails for a text that is not a script. Directives that fail are in the report.
pub fn run_script(text: &str, setting: &Setting) -> Result<Report, ReadError> {
    Ok(run(&read(text)?, setting))
}
