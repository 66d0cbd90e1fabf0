//! The binary format (spec: binary). Bytes in, [`syntax::Module`](crate::syntax::Module) out;
//! what is wrong here is *malformed*. Knows nothing of what a module means: whether an index
//! exists or a type fits is for `valid`.
//!
//! Reading order: `error`, `reader` (bytes, names, lengths), `leb128`, `types`, `instr` (one
//! instruction at a time), `body` (instruction sequences), `module` (sections), `segments`,
//! `names` (the name section).

mod body;
mod error;
mod instr;
mod leb128;
mod module;
mod names;
mod reader;
mod segments;
#[cfg(test)]
mod tests;
mod types;

pub use body::check_body;
pub use error::{Limit, Malformed, MalformedKind};
pub use instr::InstrReader;
pub use module::{decode, decode_partly};
