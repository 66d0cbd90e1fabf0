//! References to structs.

use crate::api::error::{Error, Fault, Result};
use crate::api::store::context::{AsContext, AsContextMut, StoreContextMut};
use crate::api::store::core::Core;
use crate::api::store::identity::StoreId;
use crate::api::store::mismatch;
use crate::api::store::roots::GcRef;
use crate::api::types::composite::StructType;
use crate::api::types::externs::space_of;
use crate::api::values::Val;
use crate::api::values::rooted::{Rooted, gc_refs};
use crate::runtime::heap::ObjectKind;
use crate::syntax::{FieldType, TypeId};
use alloc::vec::Vec;

gc_refs! {
    /// A reference to a struct.
    ///
    /// ```
    /// use limpid::{
    ///     Engine, FieldType, Mutability, StorageType, Store, StructRef, StructRefPre, StructType,
    ///     Val,
    /// };
    /// let engine = Engine::default();
    /// let mut store = Store::new(&engine, ());
    /// let ty = StructType::new(&engine, [FieldType::new(Mutability::Var, StorageType::I8)])?;
    /// let pre = StructRefPre::new(&mut store, ty);
    /// let object = StructRef::new(&mut store, &pre, &[Val::I32(1)])?;
    /// object.set_field(&mut store, 0, Val::I32(0x1ff))?;
    /// assert_eq!(object.field(&mut store, 0)?.unwrap_i32(), 0xff);
    /// # Ok::<(), limpid::Error>(())
    /// ```
    StructRef
}

/// A struct type registered in a store, for making structs of it.
#[derive(Clone, Debug)]
pub struct StructRefPre {
    store: StoreId,
    ty: TypeId,
}

impl StructRefPre {
    /// Registers the type in the store.
    pub fn new(mut store: impl AsContextMut, ty: StructType) -> StructRefPre {
        let core = &mut store.as_context_mut().0.core;
        let ty = ty.intern(&mut core.state.types);
        StructRefPre {
            store: core.identity.id(),
            ty,
        }
    }
}

impl StructRef {
    /// Makes a struct with the given fields.
    ///
    /// # Errors
    /// Returns [`Fault::Arity`] or [`Fault::TypeMismatch`] for values that do not fit the type, and
    /// [`Trap::HeapExhausted`](crate::Trap::HeapExhausted) when the heap is full.
    ///
    /// # Panics
    /// Panics when the type is registered in another store.
    pub fn new(
        mut store: impl AsContextMut,
        allocator: &StructRefPre,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        let core = &mut store.as_context_mut().0.core;
        core.expect_current(allocator.store)?;
        let ty = allocator.ty;
        let types = core.struct_fields(ty).to_vec();
        if types.len() != fields.len() {
            return Err(mismatch::count("field", types.len(), fields.len()));
        }
        let reference = core.allocate_object(|heap, types| heap.alloc_struct(types, ty))?;
        let object: Rooted<StructRef> = core.root(reference);
        for (place, (field, &val)) in types.iter().zip(fields).enumerate() {
            let cells = core.to_storage(val, field.storage);
            let cells = cells.map_err(|error| mismatch::at(error, "field", place))?;
            core.write_field(&*object, place, cells)?;
        }
        Ok(object)
    }

    /// Makes a struct, as [`StructRef::new`] does.
    ///
    /// # Errors
    /// Returns the same errors as [`StructRef::new`].
    pub async fn new_async(
        store: impl AsContextMut,
        allocator: &StructRefPre,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        StructRef::new(store, allocator, fields)
    }

    /// Returns the type of the struct.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn ty(&self, store: impl AsContext) -> Result<StructType> {
        let core = &store.as_context().0.core;
        let id = core.struct_type(self)?;
        let space = space_of(&core.engine, &core.state.types);
        Ok(StructType { space, id })
    }

    /// Returns whether the struct is of that type.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn matches_ty(&self, store: impl AsContext, ty: &StructType) -> Result<bool> {
        Ok(self.ty(store)?.matches(ty))
    }

    /// Returns the fields. Packed ones are zero-extended.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn fields<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a> {
        let core = &mut store.into().0.core;
        let count = core.struct_fields(core.struct_type(self)?).len();
        let fields: Result<Vec<Val>> = (0..count).map(|k| core.read_field(self, k)).collect();
        Ok(fields?.into_iter())
    }

    /// Returns a field. A packed one is zero-extended.
    ///
    /// # Errors
    /// Returns [`Fault::OutOfBounds`] when there is no such place, and [`Fault::StaleRoot`] when
    /// the reference is used after its scope has ended.
    pub fn field(&self, mut store: impl AsContextMut, index: usize) -> Result<Val> {
        store.as_context_mut().0.core.read_field(self, index)
    }

    /// Sets a field. A packed one takes the low bits.
    ///
    /// # Errors
    /// Returns [`Fault::OutOfBounds`] when there is no such place, [`Fault::Immutable`] when it
    /// cannot be written, [`Fault::TypeMismatch`] for a value of another type, and
    /// [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn set_field(&self, mut store: impl AsContextMut, index: usize, value: Val) -> Result<()> {
        let core = &mut store.as_context_mut().0.core;
        let field = core.struct_field(self, index)?;
        if !field.mutable {
            let text = alloc::format!("field {index} is immutable and cannot be set");
            return Err(Fault::Immutable.because(text));
        }
        let cells = core.to_storage(value, field.storage)?;
        core.write_field(self, index, cells)
    }
}

impl Core {
    fn struct_type(&self, of: &impl GcRef) -> Result<TypeId> {
        match self.state.heap.kind(self.handle(of)?) {
            Some(ObjectKind::Struct(ty)) => Ok(ty),
            _ => Err(Fault::TypeMismatch.into()), // Everything else is no struct.
        }
    }

    fn struct_fields(&self, ty: TypeId) -> &[FieldType] {
        self.state.types.fields(ty).unwrap_or_default()
    }

    fn struct_field(&self, of: &impl GcRef, index: usize) -> Result<FieldType> {
        let fields = self.struct_fields(self.struct_type(of)?);
        fields
            .get(index)
            .copied()
            .ok_or_else(|| Fault::OutOfBounds.into())
    }

    fn read_field(&mut self, of: &impl GcRef, index: usize) -> Result<Val> {
        let field = self.struct_field(of, index)?;
        let cells = self.state.heap.get_field(self.handle(of)?, index as u32);
        let cells = cells.ok_or_else(|| Error::from(Fault::OutOfBounds))?;
        Ok(Val::from_cells(self, field.storage.unpacked(), cells))
    }

    fn write_field(&mut self, of: &impl GcRef, index: usize, cells: [u64; 2]) -> Result<()> {
        let handle = self.handle(of)?;
        self.host_wrote();
        let done = self.state.heap.set_field(handle, index as u32, cells);
        done.ok_or_else(|| Fault::OutOfBounds.into())
    }
}
