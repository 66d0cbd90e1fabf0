//! The store's mutable state (spec: exec/runtime, store): plain data, cloned for a snapshot.

use super::{FuncAddr, Growth, Heap, HostAddr, InstAddr, Memory, Reference, Roots, Table, Turns};
use crate::syntax::{FuncIdx, GlobalType, TagIdx, TypeId, TypeSpace};
use alloc::vec::Vec;

/// Everything a run can change, and the canonical types it is described with.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Canonical types of all modules of the store.
    pub types: TypeSpace,
    /// Function instances.
    pub funcs: Vec<FuncInst>,
    /// Table instances.
    pub tables: Vec<Table>,
    /// Memory instances.
    pub memories: Vec<Memory>,
    /// Global instances.
    pub globals: Vec<GlobalInst>,
    /// Tag instances; identity is the address.
    pub tags: Vec<TagInst>,
    /// Element segment instances.
    pub elems: Vec<ElemInst>,
    /// Data segment instances.
    pub datas: Vec<DataInst>,
    /// Structs, arrays, exceptions and wrapped host values.
    pub heap: Heap,
    /// References that the embedder holds.
    pub roots: Roots,
    /// Growth that a limiter decides about.
    pub growth: Growth,
    /// Threads that take turns.
    pub turns: Turns,
}

/// A function instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FuncInst {
    /// Its type, in the store's space.
    pub ty: TypeId,
    /// What it runs.
    pub kind: FuncKind,
    /// Where its code is, unit in the high half: what calls by reference have found out so far.
    pub cached_entry: u64,
}

impl FuncInst {
    /// Entry not cached yet.
    pub const NOWHERE: u64 = u64::MAX;

    /// A function instance.
    pub fn new(ty: TypeId, kind: FuncKind) -> FuncInst {
        let cached_entry = FuncInst::NOWHERE;
        FuncInst {
            ty,
            kind,
            cached_entry,
        }
    }
}

/// What a function instance runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum FuncKind {
    Wasm { inst: InstAddr, func: FuncIdx },
    Host(HostAddr),
}

/// A global instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GlobalInst {
    /// The type of the global, canonical in the store's space.
    pub ty: GlobalType,
    /// The value of the global; a vector uses both cells (low half first), anything else the first.
    pub cells: [u64; 2],
}

/// A tag instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TagInst {
    /// The function type of the tag, in the store's space.
    pub ty: TypeId,
    /// The first instance that has it, and its index there: this is where its name is found.
    pub origin: Option<(InstAddr, TagIdx)>,
}

/// An element segment instance; empty once dropped.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ElemInst {
    /// The elements of the segment.
    pub items: Vec<Reference>,
    /// Whether the elements are functions (which need no tracing).
    pub funcs: bool,
}

/// A data segment instance: the bytes themselves stay in the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DataInst {
    /// Whether it was dropped and counts as empty.
    pub dropped: bool,
}

impl State {
    /// Bytes that guests have chosen to fill: what a copy takes, apart from what modules define.
    pub fn bytes(&self) -> usize {
        let memories = self.memories.iter().map(|memory| memory.bytes.len());
        let tables = self.tables.iter();
        let tables = tables.map(|table| table.elems.len() * size_of::<Reference>());
        let heap = usize::try_from(self.heap.used_bytes()).unwrap_or(usize::MAX);
        memories.chain(tables).fold(heap, usize::saturating_add)
    }

    /// The function instance at an address.
    ///
    /// # Panics
    /// When the address is of another store.
    pub fn func(&self, addr: FuncAddr) -> FuncInst {
        self.funcs[addr.index()]
    }
}
