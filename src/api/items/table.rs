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

/// A handle of a store's table.
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
    /// Makes a table whose elements are all `init`.
    ///
    /// # Errors
    /// Fails when a limit is exceeded or the host has no room, and with [`Fault::TypeMismatch`]
    /// when `init` is not of the element type.
    pub fn new(store: impl AsContextMut, ty: TableType, init: Ref) -> Result<Table> {
        at_once(Table::new_async(store, ty, init))
    }

    /// Makes a table, as [`Table::new`] does; it waits where an asynchronous limiter waits.
    ///
    /// # Errors
    /// Returns the same errors as [`Table::new`].
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

    /// Returns the type of the table, with the current size as its minimum.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let core = &store.as_context().0.core;
        core.expect(self.store);
        let ty = core.state.tables[self.addr.index()].current_type();
        let space = space_for(&core.engine, &core.state.types, [ty.elem.heap]);
        TableType::from_syntax(&space, ty)
    }

    /// Returns an element, rooted in the innermost scope; `None` past the end.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
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

    /// Sets an element.
    ///
    /// # Errors
    /// Returns [`Fault::OutOfBounds`] past the end, and [`Fault::TypeMismatch`] when the value is
    /// not of the element type.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn set(&self, store: impl AsContextMut, index: u64, val: Ref) -> Result<()> {
        self.fill(store, index, val, 1)
    }

    /// Returns the number of elements.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn size(&self, store: impl AsContext) -> u64 {
        let core = &store.as_context().0.core;
        core.expect(self.store);
        core.state.tables[self.addr.index()].size()
    }

    /// Grows the table by `delta` elements, each `init`, and returns the number of elements before.
    ///
    /// # Errors
    /// Returns [`Fault::GrowRefused`], [`Fault::TypeMismatch`] when `init` is not of the element
    /// type, or the error of the store's limiter.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn grow(&self, store: impl AsContextMut, delta: u64, init: Ref) -> Result<u64> {
        at_once(self.grow_async(store, delta, init))
    }

    /// Grows the table, as [`Table::grow`] does; it waits where an asynchronous limiter waits.
    ///
    /// # Errors
    /// Returns the same errors as [`Table::grow`].
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
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

    /// Copies elements from one table to another, which may be the same.
    ///
    /// # Errors
    /// Returns [`Fault::OutOfBounds`] when a range is not inside its table, and
    /// [`Fault::TypeMismatch`] when the element types do not match; nothing is copied then.
    ///
    /// # Panics
    /// Panics when one of the tables belongs to another store.
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

    /// Sets `len` elements, from `dst` on, to the same value.
    ///
    /// # Errors
    /// Returns [`Fault::OutOfBounds`] when the range is not inside the table, and
    /// [`Fault::TypeMismatch`] when the value is not of the element type; nothing is written then.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
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
