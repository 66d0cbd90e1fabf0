//! What exists while code runs (spec: exec/runtime): the store's mutable state as plain, indexed
//! data that can be cloned. Knows nothing of handlers, of translation or of the embedding API.
//!
//! Reading order: `address`, `state`, `memory`, `table`, `heap`, `limits`.

pub mod address;
pub mod heap;
pub mod limits;
pub mod memory;
pub mod roots;
pub mod state;
pub mod table;

pub use address::{
    DataAddr, ElemAddr, FuncAddr, GlobalAddr, HostAddr, InstAddr, MemAddr, Reference, TableAddr,
    TagAddr,
};
pub use heap::Heap;
pub use limits::StoreLimits;
pub use memory::Memory;
pub use roots::Roots;
pub use state::{DataInst, ElemInst, FuncInst, FuncKind, GlobalInst, State, TagInst};
pub use table::Table;
