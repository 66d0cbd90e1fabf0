//! Validation (spec: valid, and appendix/algorithm for instruction sequences). Sees no bytes and
//! no register code: it is handed a decoded module, then one instruction at a time.
//!
//! Reading order: `error`, `context` (what may be referred to), `types` and `module` (everything
//! but instruction sequences), `operand` (types on the stack), `func` (the algorithm's two stacks),
//! `locals`, `instr` (one arm for each instruction).

mod context;
mod error;
mod func;
mod instr;
mod locals;
mod module;
mod operand;
mod types;

#[cfg(test)]
mod tests;

pub use context::{BlockSig, Context};
pub use error::{Excess, Expected, Invalid, InvalidKind, Mismatch, Space};
pub use func::{ControlFrame, FrameKind, FuncValidator, Scratch};
pub use module::module;
pub use operand::OperandType;
