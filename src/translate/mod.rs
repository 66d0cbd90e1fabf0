//! From validated Wasm to register code. Drives the validator over the same stream of
//! instructions: code cannot be translated unless it is being validated.

pub mod load;

pub use load::{LoadError, Validated, load};
