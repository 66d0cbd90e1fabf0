//! Tables.

use crate::api::error::{Error, Fault, Result};
use crate::api::store::context::{AsContext, AsContextMut};
use crate::api::store::core::Core;
use crate::api::store::growth::at_once;
use crate::api::store::identity::StoreId;
use crate::api::types::externs::{TableType, space_for};
use crate::api::values::Ref;
use crate::runtime::{self, Reference, TableAddr};
use crate::syntax::{self, Count};
use crate::trap::Trap;
use alloc::string::ToString;

/// A table of a store.
///
/// ```
/// use limpid::{Engine, Func, Ref, RefType, Store, Table, TableType};
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = TableType::new(RefType::FUNCREF, 2, None);
/// let table = Table::new(&mut store, ty, Ref::Func(None))?;
/// let func = Func::wrap(&mut store, || 42);
/// table.set(&mut store, 1, func.into())?;
/// assert!(table.get(&mut store, 1).is_some_and(|entry| entry.is_non_null()));
/// assert!(table.get(&mut store, 2).is_none());
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Table {
    pub(crate) store: StoreId,
    pub(crate) addr: TableAddr,
}

impl Table {
    /// A new table, filled with a value.
    ///
    /// # Errors
    /// A limit, an allocation that fails, or [`Fault::TypeMismatch`].
    pub fn new(store: impl AsContextMut, ty: TableType, init: Ref) -> Result<Table> {
        at_once(Table::new_async(store, ty, init))
    }

    /// The same as [`Table::new`]; it waits where an asynchronous limiter waits.
    ///
    /// # Errors
    /// As [`Table::new`].
    pub async fn new_async(
        mut store: impl AsContextMut,
        ty: TableType,
        init: Ref,
    ) -> Result<Table> {
        ty.check()?;
        let inner = store.as_context_mut().0;
        let ty = ty.to_syntax(&mut inner.core.state.types);
        let init = init.to_reference(&inner.core, ty.elem)?;
        let addr = inner.new_table(ty, init).await?;
        let store = inner.core.identity.id();
        Ok(Table { store, addr })
    }

    /// Its type, with the size now as minimum.
    ///
    /// # Panics
    /// When it is of another store.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let core = &store.as_context().0.core;
        core.expect(self.store);
        let ty = core.state.tables[self.addr.index()].current_type();
        let space = space_for(&core.engine, &core.state.types, [ty.elem.heap]);
        TableType::from_syntax(&space, ty)
    }

    /// An element, rooted in the innermost scope; `None` past the end.
    ///
    /// # Panics
    /// When it is of another store.
    pub fn get(&self, mut store: impl AsContextMut, index: u64) -> Option<Ref> {
        let core = &mut store.as_context_mut().0.core;
        core.expect(self.store);
        let heap = core.state.tables[self.addr.index()]
            .current_type()
            .elem
            .heap;
        let element = core.state.tables[self.addr.index()].get(index)?;
        Some(Ref::from_reference(core, heap, element))
    }

    /// Writes an element.
    ///
    /// # Errors
    /// [`Fault::OutOfBounds`] or [`Fault::TypeMismatch`].
    ///
    /// # Panics
    /// When it is of another store.
    pub fn set(&self, store: impl AsContextMut, index: u64, val: Ref) -> Result<()> {
        self.fill(store, index, val, 1)
    }

    /// Its size in elements.
    ///
    /// # Panics
    /// When it is of another store.
    pub fn size(&self, store: impl AsContext) -> u64 {
        let core = &store.as_context().0.core;
        core.expect(self.store);
        core.state.tables[self.addr.index()].size()
    }

    /// Grows it by that many elements; returns the size before.
    ///
    /// # Errors
    /// [`Fault::GrowRefused`], [`Fault::TypeMismatch`], or what a limiter answers.
    ///
    /// # Panics
    /// When it is of another store.
    pub fn grow(&self, store: impl AsContextMut, delta: u64, init: Ref) -> Result<u64> {
        at_once(self.grow_async(store, delta, init))
    }

    /// The same as [`Table::grow`]; it waits where an asynchronous limiter waits.
    ///
    /// # Errors
    /// As [`Table::grow`].
    ///
    /// # Panics
    /// When it is of another store.
    pub async fn grow_async(
        &self,
        mut store: impl AsContextMut,
        delta: u64,
        init: Ref,
    ) -> Result<u64> {
        let inner = store.as_context_mut().0;
        let init = self.reference(&inner.core, init)?;
        let grown = inner.try_grow_table(self.addr, delta, init).await?;
        let text = || alloc::format!("failed to grow table by {}", Count(delta, "element"));
        grown.ok_or_else(|| Fault::GrowRefused.because(text()))
    }

    /// Copies elements between tables, which may be the same.
    ///
    /// # Errors
    /// [`Fault::OutOfBounds`] or [`Fault::TypeMismatch`]; nothing is copied then.
    ///
    /// # Panics
    /// When one is of another store.
    pub fn copy(
        mut store: impl AsContextMut,
        dst_table: &Table,
        dst_index: u64,
        src_table: &Table,
        src_index: u64,
        len: u64,
    ) -> Result<()> {
        let core = &mut store.as_context_mut().0.core;
        core.expect_current(dst_table.store)?;
        core.expect_current(src_table.store)?;
        let from = core.state.tables[src_table.addr.index()].ty.elem;
        let to = core.state.tables[dst_table.addr.index()].ty.elem;
        if !core.state.types.ref_matches(from, to) {
            let [from, to] = [from, to].map(|ty| core.shown(syntax::ValType::Ref(ty)));
            let text = alloc::format!("elements of type {from} do not fit into a table of {to}");
            return Err(Fault::TypeMismatch.because(text));
        }
        let (to, from) = ((dst_table.addr, dst_index), (src_table.addr, src_index));
        runtime::table::copy(&mut core.state.tables, to, from, len).map_err(past_end)
    }

    /// Writes a value to many elements.
    ///
    /// # Errors
    /// [`Fault::OutOfBounds`] or [`Fault::TypeMismatch`]; nothing is written then.
    ///
    /// # Panics
    /// When it is of another store.
    pub fn fill(&self, mut store: impl AsContextMut, dst: u64, val: Ref, len: u64) -> Result<()> {
        let core = &mut store.as_context_mut().0.core;
        let val = self.reference(core, val)?;
        core.state.tables[self.addr.index()]
            .fill(dst, val, len)
            .map_err(past_end)
    }

    /// A reference that can be an element.
    fn reference(&self, core: &Core, val: Ref) -> Result<Reference> {
        core.expect_current(self.store)?;
        let elem: syntax::RefType = core.state.tables[self.addr.index()].current_type().elem;
        val.to_reference(core, elem)
    }
}

/// The host's own fault is not the guest's trap.
fn past_end(trap: Trap) -> Error {
    Fault::OutOfBounds.because(trap.to_string())
}
