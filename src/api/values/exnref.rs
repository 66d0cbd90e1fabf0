//! References to exceptions.

use crate::api::error::{Error, Fault, Result};
use crate::api::store::context::{AsContext, AsContextMut, StoreContextMut};
use crate::api::store::core::Core;
use crate::api::store::identity::StoreId;
use crate::api::store::roots::GcRef;
use crate::api::types::HeapType;
use crate::api::types::composite::FuncType;
use crate::api::types::exn::ExnType;
use crate::api::types::externs::space_of;
use crate::api::values::Val;
use crate::api::values::rooted::gc_refs;
use crate::runtime::TagAddr;
use crate::syntax::{self, TypeId};
use alloc::vec::Vec;

gc_refs! {
    /// A reference to an exception.
    ///
    /// ```
    /// use limpid::{
    ///     Engine, ExnRef, ExnRefPre, ExnType, FuncType, Store, Tag, TagType, Val, ValType,
    /// };
    /// let engine = Engine::default();
    /// let mut store = Store::new(&engine, ());
    /// let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    /// let tag = Tag::new(&mut store, &ty)?;
    /// let pre = ExnRefPre::new(&mut store, ExnType::from_tag_type(&ty)?);
    /// let exception = ExnRef::new(&mut store, &pre, &tag, &[Val::I32(7)])?;
    /// assert_eq!(exception.field(&mut store, 0)?.unwrap_i32(), 7);
    /// # Ok::<(), limpid::Error>(())
    /// ```
    ExnRef
}

/// A type of exceptions registered in a store, for making exceptions of it.
#[derive(Clone, Debug)]
pub struct ExnRefPre {
    pub(crate) store: StoreId,
    pub(crate) ty: TypeId,
}

impl ExnRefPre {
    /// Registers the type in the store.
    pub fn new(mut store: impl AsContextMut, ty: ExnType) -> ExnRefPre {
        let core = &mut store.as_context_mut().0.core;
        let ty = ty.ty.intern(&mut core.state.types);
        ExnRefPre {
            store: core.identity.id(),
            ty,
        }
    }
}

impl ExnRef {
    /// Returns the type of the exception.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn ty(&self, store: impl AsContext) -> Result<ExnType> {
        let core = &store.as_context().0.core;
        let id = core.carried(core.tag_of(self)?).0;
        let space = space_of(&core.engine, &core.state.types);
        Ok(ExnType {
            ty: FuncType { space, id },
        })
    }

    /// Returns whether the exception is of type `ty`.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn matches_ty(&self, store: impl AsContext, ty: &HeapType) -> Result<bool> {
        Ok(HeapType::ConcreteExn(self.ty(store)?).matches(ty))
    }

    /// Returns the values that the exception carries.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn fields<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a> {
        let core = &mut store.into().0.core;
        let count = core.carried(core.tag_of(self)?).1.len();
        let fields: Result<Vec<Val>> = (0..count).map(|k| core.read_carried(self, k)).collect();
        Ok(fields?.into_iter())
    }

    /// Returns one value that the exception carries.
    ///
    /// # Errors
    /// Returns [`Fault::OutOfBounds`] when there is no such place, and [`Fault::StaleRoot`] when
    /// the reference is used after its scope has ended.
    pub fn field(&self, mut store: impl AsContextMut, index: usize) -> Result<Val> {
        store.as_context_mut().0.core.read_carried(self, index)
    }
}

impl Core {
    pub(crate) fn tag_of(&self, of: &impl GcRef) -> Result<TagAddr> {
        let tag = self.state.heap.exception_tag(self.handle(of)?);
        tag.ok_or_else(|| Fault::TypeMismatch.into())
    }

    /// The type of a tag, and what its exceptions carry.
    pub(crate) fn carried(&self, tag: TagAddr) -> (TypeId, Vec<syntax::ValType>) {
        let id = self.state.tags[tag.index()].ty;
        let func = self.state.types.func(id);
        (
            id,
            func.map(|func| func.params.to_vec()).unwrap_or_default(),
        )
    }

    fn read_carried(&mut self, of: &impl GcRef, index: usize) -> Result<Val> {
        let missing = || Error::from(Fault::OutOfBounds);
        let (_, params) = self.carried(self.tag_of(of)?);
        let ty = *params.get(index).ok_or_else(missing)?;
        let cells = self
            .state
            .heap
            .exception_value(self.handle(of)?, index as u32);
        let cells = cells.ok_or_else(missing)?;
        Ok(Val::from_cells(self, ty, cells))
    }
}
