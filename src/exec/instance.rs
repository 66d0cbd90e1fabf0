//! What never changes after instantiation (spec: exec/runtime, module instances).

use super::append::Append;
use super::program::Program;
use crate::runtime::{
    DataAddr, ElemAddr, FuncAddr, GlobalAddr, InstAddr, MemAddr, TableAddr, TagAddr,
};
use crate::syntax::{ExternIdx, TypeId};
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::cell::Cell;
use core::fmt;
use core::sync::atomic::AtomicUsize;

/// A module instance: addresses for each of the module's index spaces.
#[derive(Debug)]
pub struct Instance {
    /// The code.
    pub program: Arc<Program>,
    /// Id in the store's type space of each canonical type of the module.
    pub types: Arc<[TypeId]>,
    /// Functions, imports first.
    pub funcs: Box<[FuncAddr]>,
    /// Tables.
    pub tables: Box<[TableAddr]>,
    /// Memories.
    pub memories: Box<[MemAddr]>,
    /// Globals.
    pub globals: Box<[GlobalAddr]>,
    /// Tags.
    pub tags: Box<[TagAddr]>,
    /// First element segment; the others follow.
    pub elems: ElemAddr,
    /// First data segment; the others follow.
    pub datas: DataAddr,
}

/// An external value: what can be imported and exported (spec: exec/runtime, external values).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum ExternAddr {
    Func(FuncAddr),
    Table(TableAddr),
    Memory(MemAddr),
    Global(GlobalAddr),
    Tag(TagAddr),
}

macro_rules! forms {
    ($($get:ident $form:ident $addr:ident)*) => {
        impl ExternAddr {$(
            /// The address, if it is of that form.
            pub fn $get(self) -> Option<$addr> {
                match self {
                    ExternAddr::$form(addr) => Some(addr),
                    _ => None, // One of five forms is asked for.
                }
            }
        )*}
    };
}

forms! {
    func Func FuncAddr
    table Table TableAddr
    memory Memory MemAddr
    global Global GlobalAddr
    tag Tag TagAddr
}

impl Instance {
    /// The address behind an index of the module.
    ///
    /// # Panics
    /// When the index is of another module.
    pub fn address(&self, item: ExternIdx) -> ExternAddr {
        match item {
            ExternIdx::Func(idx) => ExternAddr::Func(self.funcs[idx.index()]),
            ExternIdx::Table(idx) => ExternAddr::Table(self.tables[idx.index()]),
            ExternIdx::Memory(idx) => ExternAddr::Memory(self.memories[idx.index()]),
            ExternIdx::Global(idx) => ExternAddr::Global(self.globals[idx.index()]),
            ExternIdx::Tag(idx) => ExternAddr::Tag(self.tags[idx.index()]),
        }
    }
}

/// The instances of a store, and what its guests are limited by. Instances are added while code of
/// others runs: a host function may instantiate modules.
#[derive(Debug, Default)]
pub struct Instances {
    /// Instances by address.
    pub list: Append<Arc<Instance>>,
    /// The engine's epoch; compared with a run's deadline.
    pub epoch: Arc<AtomicUsize>,
    /// Bytes a memory may grow to.
    pub memory_bytes: u64,
    /// Elements a table may grow to.
    pub table_elements: u64,
}

/// A host function of numbers that is given nothing of the store: it is called with the cells of
/// its arguments, and leaves its results there.
#[derive(Clone)]
pub struct OnCells(Arc<CellFn>);

type CellFn = dyn Fn(&[Cell<u64>]) + Send + Sync;

impl OnCells {
    /// Wraps a closure.
    pub fn new(func: impl Fn(&[Cell<u64>]) + Send + Sync + 'static) -> OnCells {
        OnCells(Arc::new(func))
    }

    /// Calls it.
    #[inline(always)]
    pub fn call(&self, cells: &[Cell<u64>]) {
        (self.0)(cells);
    }
}

impl fmt::Debug for OnCells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnCells")
    }
}

impl Instances {
    /// The instance at an address.
    ///
    /// # Panics
    /// When the address is of another store.
    #[inline(always)]
    pub fn instance(&self, addr: InstAddr) -> &Arc<Instance> {
        match self.list.get(addr.index()) {
            Some(instance) => instance,
            None => unreachable!("validated: an address is of its store"),
        }
    }

    /// A list that can grow apart from this one.
    pub fn copy(&self) -> Instances {
        Instances {
            list: self.list.iter().cloned().collect(),
            epoch: self.epoch.clone(),
            memory_bytes: self.memory_bytes,
            table_elements: self.table_elements,
        }
    }
}
