//! What exists while code runs (spec: exec/runtime): the store's mutable state as plain, indexed
//! data that can be cloned. Knows nothing of handlers, of translation or of the embedding API.
//!
//! Reading order: `address`, `state`, `limits`, `bulk`, `memory`, `shared`, `table`,
//! `heap`, `roots`, `growth`, `turns`, `reference`.

pub mod address;
pub mod bulk;
pub mod growth;
pub mod heap;
pub mod limits;
pub mod memory;
pub mod pages;
pub mod reference;
pub mod roots;
#[cfg(feature = "std")]
pub mod shared;
#[cfg(not(feature = "std"))]
#[path = "shared_absent.rs"]
pub mod shared;
pub mod state;
pub mod table;
#[cfg(test)]
mod tests;
pub mod turns;

pub use address::{
    DataAddr, ElemAddr, FuncAddr, GlobalAddr, HostAddr, InstAddr, MemAddr, Reference, TableAddr,
    TagAddr,
};
pub use growth::{Growth, Wanted};
pub use heap::{Heap, HeapFull, ObjectKind, Swept};
pub use limits::{Limited, OutOfMemory};
pub use memory::{Memory, Rmw};
pub use roots::Roots;
pub use shared::SharedMemory;
pub use state::{DataInst, ElemInst, FuncInst, FuncKind, GlobalInst, State, TagInst};
pub use table::Table;
pub use turns::{Turns, WaitResult};
