//! Globals.

use crate::api::error::{Fault, Result};
use crate::api::store::context::{AsContext, AsContextMut};
use crate::api::store::identity::StoreId;
use crate::api::types::externs::{GlobalType, heap_of, space_for};
use crate::api::values::Val;
use crate::runtime::{GlobalAddr, GlobalInst};

/// A handle of a store's global.
///
/// ```
/// use limpid::{Engine, Global, GlobalType, Mutability, Store, Val, ValType};
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = GlobalType::new(ValType::I32, Mutability::Var);
/// let global = Global::new(&mut store, ty, Val::I32(1))?;
/// global.set(&mut store, Val::I32(2))?;
/// assert_eq!(global.get(&mut store).unwrap_i32(), 2);
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Global {
    pub(crate) store: StoreId,
    pub(crate) addr: GlobalAddr,
}

impl Global {
    /// Makes a global with an initial value.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] when the value is not of the type.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, val: Val) -> Result<Global> {
        let core = &mut store.as_context_mut().0.core;
        let ty = ty.to_syntax(&mut core.state.types);
        let cells = val.to_cells(core, ty.val)?;
        let addr = GlobalAddr(core.state.globals.len() as u32);
        core.state.globals.push(GlobalInst { ty, cells });
        let store = core.identity.id();
        Ok(Global { store, addr })
    }

    /// Returns the type of the global.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        let core = &store.as_context().0.core;
        core.expect(self.store);
        let ty = core.state.globals[self.addr.index()].ty;
        let space = space_for(&core.engine, &core.state.types, heap_of(ty.val));
        GlobalType::from_syntax(&space, ty)
    }

    /// Returns the value of the global. A reference is rooted in the innermost scope.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn get(&self, mut store: impl AsContextMut) -> Val {
        let core = &mut store.as_context_mut().0.core;
        core.expect(self.store);
        let GlobalInst { ty, cells } = core.state.globals[self.addr.index()];
        Val::from_cells(core, ty.val, cells)
    }

    /// Sets the value of the global.
    ///
    /// # Errors
    /// Returns [`Fault::Immutable`] when the global cannot be written, and [`Fault::TypeMismatch`]
    /// when the value is not of its type.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn set(&self, mut store: impl AsContextMut, val: Val) -> Result<()> {
        let core = &mut store.as_context_mut().0.core;
        core.expect_current(self.store)?;
        let ty = core.state.globals[self.addr.index()].ty;
        if !ty.mutable {
            return Err(Fault::Immutable.because("the global is immutable and cannot be set"));
        }
        core.state.globals[self.addr.index()].cells = val.to_cells(core, ty.val)?;
        Ok(())
    }
}
