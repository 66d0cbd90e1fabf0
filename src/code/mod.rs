//! Register code as data: operations, bodies, layout. Knows nothing of how it runs.
//!
//! Reading order: `layout`, `op`, `place` (where operands are), `kinds` (the table of operations),
//! `operands` (what the table's columns mean), `body`, `verify`, `disassemble`.

pub mod body;
pub mod disassemble;
pub(crate) mod kinds;
pub mod layout;
pub mod op;
pub mod operands;
pub mod place;
pub mod verify;

pub use body::{Body, ExceptionHandler, Unit};
pub use layout::{Cells, FrameLayout};
pub use op::{Control, Kind, Op};
pub use place::{BrForm, LimitForm, LoadForm, MemForm, NumForm, PairForm, Place, StoreForm};
