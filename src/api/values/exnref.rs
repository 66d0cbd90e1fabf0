//! References to exceptions.

use crate::api::engine::Engine;
use crate::api::error::{Error, Fault, Result};
use crate::api::store::context::{AsContext, AsContextMut, StoreContextMut};
use crate::api::store::core::Core;
use crate::api::store::identity::StoreId;
use crate::api::store::roots::GcRef;
use crate::api::types::composite::{FieldType, FuncType};
use crate::api::types::externs::{TagType, space_of};
use crate::api::types::{Mutability, ValType};
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

/// The type of exceptions: the values that exceptions of a tag carry.
///
/// ```
/// use limpid::{Engine, ExnType, ValType};
/// let ty = ExnType::new(&Engine::default(), [ValType::I32, ValType::EXTERNREF])?;
/// assert_eq!(ty.fields().len(), 2);
/// assert_eq!(ty.tag_type().ty().params().len(), 2);
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExnType {
    ty: FuncType,
}

impl ExnType {
    /// Makes the type of exceptions that carry values of these types.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn new(engine: &Engine, fields: impl IntoIterator<Item = ValType>) -> Result<ExnType> {
        Ok(ExnType {
            ty: FuncType::new(engine, fields, []),
        })
    }

    /// Makes the type of the exceptions that tags of type `tag` have.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] when the type has results.
    pub fn from_tag_type(tag: &TagType) -> Result<ExnType> {
        let ty = tag.ty().clone();
        if ty.results().len() > 0 {
            let text = alloc::format!("expected a function type without results, found {ty}");
            return Err(Fault::TypeMismatch.because(text));
        }
        Ok(ExnType { ty })
    }

    /// Returns the type of the tags of such exceptions.
    pub fn tag_type(&self) -> TagType {
        TagType::new(self.ty.clone())
    }

    /// Returns the type of value `i`, if there is one.
    pub fn field(&self, i: usize) -> Option<FieldType> {
        self.ty
            .param(i)
            .map(|ty| FieldType::new(Mutability::Const, ty.into()))
    }

    /// Returns the types of the values.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldType> + '_ {
        self.ty
            .params()
            .map(|ty| FieldType::new(Mutability::Const, ty.into()))
    }

    /// Returns the engine that the type was made for.
    pub fn engine(&self) -> &Engine {
        self.ty.engine()
    }

    /// Returns whether both are the same type.
    pub fn matches(&self, other: &ExnType) -> bool {
        self.ty.matches(&other.ty)
    }
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
