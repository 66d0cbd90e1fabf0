//! Exceptions made with a tag, and asked for it.

use crate::api::error::{Fault, Result};
use crate::api::items::tag::Tag;
use crate::api::store::context::{AsContext, AsContextMut};
use crate::api::store::mismatch;
use crate::api::values::Val;
use crate::api::values::exnref::{ExnRef, ExnRefPre};
use crate::api::values::rooted::Rooted;
use crate::syntax;
use alloc::vec::Vec;

impl ExnRef {
    /// Makes an exception with a tag and the values that it carries.
    ///
    /// # Errors
    /// Returns [`Fault::Arity`] or [`Fault::TypeMismatch`] for values that do not fit the type, and
    /// [`Trap::HeapExhausted`](crate::Trap::HeapExhausted) when the heap is full.
    ///
    /// # Panics
    /// Panics when the type or the tag belongs to another store.
    pub fn new(
        mut store: impl AsContextMut,
        allocator: &ExnRefPre,
        tag: &Tag,
        fields: &[Val],
    ) -> Result<Rooted<ExnRef>> {
        let core = &mut store.as_context_mut().0.core;
        core.expect_current(allocator.store)?;
        core.expect_current(tag.store)?;
        let (ty, params) = core.carried(tag.addr);
        let func = core.state.types.func(ty).cloned().unwrap_or_default();
        if ty != allocator.ty {
            let text = "the tag is of another type than the exception";
            return Err(Fault::TypeMismatch.because(text));
        }
        if params.len() != fields.len() {
            return Err(mismatch::count("field", params.len(), fields.len()));
        }
        let cells = |(place, (&ty, val)): (usize, (&syntax::ValType, &Val))| {
            let cells = val.to_cells(core, ty);
            cells.map_err(|error| mismatch::at(error, "field", place))
        };
        let payload: Result<Vec<[u64; 2]>> =
            params.iter().zip(fields).enumerate().map(cells).collect();
        let (payload, addr) = (payload?, tag.addr);
        let make = |heap: &mut crate::runtime::Heap, types: &syntax::TypeSpace| {
            heap.alloc_exception(types, addr, &func, &payload)
        };
        let reference = core.allocate_object(make)?;
        Ok(core.root(reference))
    }

    /// Makes an exception, as [`ExnRef::new`] does.
    ///
    /// # Errors
    /// Returns the same errors as [`ExnRef::new`].
    pub async fn new_async(
        store: impl AsContextMut,
        allocator: &ExnRefPre,
        tag: &Tag,
        fields: &[Val],
    ) -> Result<Rooted<ExnRef>> {
        ExnRef::new(store, allocator, tag, fields)
    }

    /// Returns the exception's tag.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn tag(&self, store: impl AsContext) -> Result<Tag> {
        let core = &store.as_context().0.core;
        let (store, addr) = (core.identity.id(), core.tag_of(self)?);
        Ok(Tag { store, addr })
    }
}
