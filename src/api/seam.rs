//! Where the embedding API meets the machine: the few calls it makes into `exec`, in one place.

use super::backtrace::FrameInfo;
use super::error::Result;
use super::inner::StoreCore;
use crate::exec::{Program, Stop};
use crate::runtime::{InstAddr, MemAddr, Reference, TableAddr};
use crate::syntax::{FuncIdx, Module};
use crate::trap::Trap;
use crate::valid::Context;
use alloc::vec::Vec;

/// Runs the innermost run until the embedder's side is needed.
pub(crate) fn leg(core: &mut StoreCore) -> Stop {
    let _ = core;
    Stop::Trap(Trap::Unreachable)
}

/// Puts the innermost run at the start of a function, whose arguments stand from cell 0.
pub(crate) fn enter(core: &mut StoreCore, inst: InstAddr, func: FuncIdx) -> Result<()> {
    let _ = (core, inst, func);
    Ok(())
}

/// Unwinds the innermost run with an exception when it goes on.
pub(crate) fn throw(core: &mut StoreCore, exception: Reference) {
    let _ = (core, exception);
}

/// The decoded module of a program.
pub(crate) fn module(program: &Program) -> &Module {
    let _ = program;
    unreachable!("no program is made yet")
}

/// What the module of a program may refer to, its canonical types among it.
pub(crate) fn context(program: &Program) -> &Context {
    let _ = program;
    unreachable!("no program is made yet")
}

/// The frames of all active runs, innermost first.
pub(crate) fn frames(core: &StoreCore, most: usize) -> Vec<FrameInfo> {
    let _ = (core, most);
    Vec::new()
}

/// Instantiates a module, all but its start function, using the innermost run.
pub(crate) fn instantiate(
    core: &mut StoreCore,
    module: &super::module::Module,
    imports: &[crate::exec::instance::ExternAddr],
) -> Result<InstAddr> {
    let _ = (core, module, imports);
    Err(super::error::Fault::NotConfigured.into())
}

/// The type of a memory, with its size now.
pub(crate) fn memory_type(core: &StoreCore, addr: MemAddr) -> super::types_extern::MemoryType {
    let _ = (core, addr);
    super::types_extern::MemoryType::new(0, None)
}

/// The bytes of a memory.
pub(crate) fn bytes(core: &StoreCore, addr: MemAddr) -> &[u8] {
    let _ = (core, addr);
    &[]
}

/// The bytes of a memory.
pub(crate) fn bytes_mut(core: &mut StoreCore, addr: MemAddr) -> &mut [u8] {
    let _ = (core, addr);
    &mut []
}

/// The type of a table, with its size now.
pub(crate) fn table_type(core: &StoreCore, addr: TableAddr) -> crate::syntax::TableType {
    let _ = (core, addr);
    unreachable!()
}

/// The elements of a table.
pub(crate) fn elements(core: &StoreCore, addr: TableAddr) -> &[Reference] {
    let _ = (core, addr);
    &[]
}

/// The elements of a table.
pub(crate) fn elements_mut(core: &mut StoreCore, addr: TableAddr) -> &mut [Reference] {
    let _ = (core, addr);
    &mut []
}

impl<T> super::store::Inner<T> {
    pub(crate) fn new_memory(&mut self, ty: &super::types_extern::MemoryType) -> Result<MemAddr> {
        let _ = ty;
        Err(super::error::Fault::NotConfigured.into())
    }

    pub(crate) fn grow_memory(&mut self, addr: MemAddr, delta: u64) -> Result<u64> {
        let _ = (addr, delta);
        Err(super::error::Fault::NotConfigured.into())
    }

    pub(crate) fn new_table(
        &mut self,
        ty: crate::syntax::TableType,
        init: Reference,
    ) -> Result<TableAddr> {
        let _ = (ty, init);
        Err(super::error::Fault::NotConfigured.into())
    }

    pub(crate) fn grow_table(
        &mut self,
        addr: TableAddr,
        delta: u64,
        init: Reference,
    ) -> Result<u64> {
        let _ = (addr, delta, init);
        Err(super::error::Fault::NotConfigured.into())
    }
}

impl StoreCore {
    pub(crate) fn collect(&mut self) {
        self.free_owned();
    }

    pub(crate) fn set_limited(&mut self) {}

    /// Whether a reference is of a type of its hierarchy.
    pub(crate) fn has_type(&self, reference: Reference, ty: crate::syntax::RefType) -> bool {
        let _ = (reference, ty);
        true
    }
}
