//! The meaning of every numeric and vector instruction, as pure functions (spec: exec/numerics).
//!
//! One function per instruction, named by its mnemonic with `.` written `_`: `i32.div_s` is
//! [`i32_div_s`]. A partial instruction returns a value or a [`Trap`](crate::trap::Trap), all
//! others a value; none can panic. Knows nothing of registers, memories or encodings.
//!
//! | Wasm | here | |
//! |---|---|---|
//! | `i32` `i64` | `u32` `u64` | signedness belongs to the instruction |
//! | `f32` `f64` | [`F32`] [`F64`] | bit patterns, so that a move never changes a NaN |
//! | `v128` | [`V128`] | lane 0 in the low bits |
//!
//! Where the spec leaves a choice, ours is fixed, so that a run can be replayed anywhere: every NaN
//! an arithmetic instruction makes is the canonical, positive one, and relaxed SIMD has one meaning
//! (see [`relaxed`]). `abs`, `neg`, `copysign`, `pmin`, `pmax`, reinterpretations, splats and lane
//! moves work on bits and keep every NaN as it is.
//!
//! Reading order: [`int`], [`float`], [`convert`], [`vector`], [`relaxed`]. The instructions stand
//! in tables, `names (operands) = meaning;`, one row for all widths or shapes of an instruction;
//! the macro before a table says what a row becomes.
//!
//! ```
//! use limpid::internals::num;
//! use limpid::internals::trap::Trap;
//!
//! assert_eq!(num::i32_rem_s(i32::MIN as u32, -1i32 as u32), Ok(0));
//! assert_eq!(num::i32_div_s(i32::MIN as u32, -1i32 as u32), Err(Trap::IntegerOverflow));
//! ```

mod cell;
pub mod convert;
pub mod float;
pub mod int;
pub mod relaxed;
pub mod vector;

#[cfg(test)]
mod tests;

pub use cell::{Outcome, Scalar};
pub use convert::*;
pub use float::*;
pub use int::*;
pub use relaxed::*;
pub use vector::*;
