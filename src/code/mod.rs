//! Register code as data: operations, bodies, layout. Knows nothing of how it runs.
//!
//! Reading order: `layout`, `op`, `operands` (what each kind reads and writes), `body`, `verify`,
//! `disassemble`.

pub mod body;
pub mod disassemble;
pub mod layout;
pub mod op;
pub mod operands;
pub mod verify;

pub use body::{Body, Handler, Step, Unit};
pub use layout::{Cells, Signature};
pub use op::{BrForm, Kind, LimitForm, LoadForm, MemForm, NumForm, Op, PairForm, StoreForm};
