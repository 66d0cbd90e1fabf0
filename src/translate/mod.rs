//! From validated Wasm to register code. Drives the validator over the same stream of
//! instructions: code cannot be translated unless it is being validated.
//!
//! Reading order: `load` (decode and validate a module), `func` (one function: its state and the
//! loop over instructions), `stack` (operands that are not computed yet), `emit` (operations and
//! labels), `fuse` (what operations become together), `control`, `call`, `instr`, `numeric`.

mod call;
mod constant;
mod control;
mod emit;
mod func;
mod fuse;
mod instr;
pub mod load;
mod needs;
mod numeric;
mod stack;
pub mod steps;
mod unit;

pub use constant::{Constant, constant, element_funcs};
pub use load::{Const, LoadError, Validated, load};
pub use needs::missing_features;
pub use steps::Steps;
pub use unit::{FuncMap, budget, names, offsets, room_for, room_of, steps, unit};

/// How Wasm is translated into register code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Translation {
    /// As few operations as possible: instructions are fused, and operands come straight from
    /// locals.
    #[default]
    Fused,
    /// One operation or marker for each Wasm instruction.
    Faithful,
}

/// What register code is built for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Settings {
    /// Which translation.
    pub translation: Translation,
    /// Translate everything when the program is made, not at first calls.
    pub eager: bool,
    /// Whether code charges fuel.
    pub fuel: bool,
    /// Look at the epoch.
    pub epochs: bool,
}
