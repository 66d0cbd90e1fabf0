//! The engine, a module for each chapter of the specification: public for inspection, exempt from
//! semantic versioning.
//!
//! [`syntax`], [`binary`], [`valid`], [`translate`] into the register [`code`] that [`exec`] runs
//! on the [`runtime`]'s state; [`num`] has the meaning of every numeric instruction.
//! ARCHITECTURE.md in the repository is the map. Inside the crate each has its path from the root.

#[path = "../binary/mod.rs"]
pub mod binary;
#[path = "../code/mod.rs"]
pub mod code;
#[path = "../exec/mod.rs"]
pub mod exec;
#[path = "../num/mod.rs"]
pub mod num;
#[path = "../runtime/mod.rs"]
pub mod runtime;
#[path = "../syntax/mod.rs"]
pub mod syntax;
#[path = "../translate/mod.rs"]
pub mod translate;
#[path = "../trap.rs"]
pub mod trap;
#[path = "../valid/mod.rs"]
pub mod valid;
