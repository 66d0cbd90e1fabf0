//! A run as a page: a trace that is recorded with all there is to see at each step, in few bytes,
//! and the viewer that shows it (the folder `viewer` of the project), which knows how to read it.
//!
//! Reading order: `code` (the functions of a run), `source` (the texts of their modules),
//! `recorder` (what is written of each step), `memory` (the contents of memories), `state` (a
//! paused machine as JSON, for the playground), `page` and `inline` (the file), `bytes` and `text`
//! (how things are written).

mod bytes;
mod code;
pub mod inline;
mod memory;
mod page;
mod recorder;
mod source;
pub mod state;
#[cfg(test)]
mod tests;
mod text;

pub use code::Functions;
pub use page::trace;
pub use recorder::{Output, Recording, record};
pub use source::{FindText, SourceText, Texts, write_texts};
