//! What WASI means, apart from how any version of it is called: time, chance, streams, waiting,
//! and what a guest was granted. Knows nothing of guest memory, of error numbers or of tables of
//! descriptors; those belong to the faces.
//!
//! Reading order: `clock`, `random`, `stdio`, `pipe`, `input` (standard input that can be waited
//! for), `poll`, `context`.

pub mod clock;
pub mod context;
mod input;
pub mod pipe;
pub mod poll;
pub mod random;
pub mod stdio;
