//! Tags of exceptions.

use crate::api::error::Result;
use crate::api::store::context::{AsContext, AsContextMut};
use crate::api::store::identity::StoreId;
use crate::api::types::composite::FuncType;
use crate::api::types::externs::{TagType, space_of};
use crate::runtime::{TagAddr, TagInst};

/// A handle of a store's tag. Tags tell kinds of exceptions apart.
///
/// ```
/// use limpid::{Engine, FuncType, Store, Tag, TagType, ValType};
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, ());
/// let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
/// let (a, b) = (Tag::new(&mut store, &ty)?, Tag::new(&mut store, &ty)?);
/// assert!(Tag::eq(&a, &a, &store) && !Tag::eq(&a, &b, &store));
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    pub(crate) store: StoreId,
    pub(crate) addr: TagAddr,
}

impl Tag {
    /// Makes a tag that is different from any other.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn new(mut store: impl AsContextMut, ty: &TagType) -> Result<Tag> {
        let core = &mut store.as_context_mut().0.core;
        let ty = ty.ty().intern(&mut core.state.types);
        let addr = TagAddr(core.state.tags.len() as u32);
        core.state.tags.push(TagInst { ty, origin: None });
        let store = core.identity.id();
        Ok(Tag { store, addr })
    }

    /// Returns the type of the tag.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> TagType {
        let core = &store.as_context().0.core;
        core.expect(self.store);
        let id = core.state.tags[self.addr.index()].ty;
        let (engine, types) = (&core.engine, &core.state.types);
        TagType::new(FuncType::of(|| space_of(engine, types), engine, types, id))
    }

    /// Returns whether both are the same tag.
    pub fn eq(a: &Tag, b: &Tag, store: impl AsContext) -> bool {
        let core = &store.as_context().0.core;
        a.addr == b.addr && core.knows(a.store) && core.knows(b.store)
    }
}
