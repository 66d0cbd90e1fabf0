//! References to arrays.

use crate::api::error::{Error, Fault, Result};
use crate::api::store::context::{AsContext, AsContextMut, StoreContextMut};
use crate::api::store::core::Core;
use crate::api::store::identity::StoreId;
use crate::api::store::roots::GcRef;
use crate::api::types::composite::ArrayType;
use crate::api::types::externs::space_of;
use crate::api::values::Val;
use crate::api::values::rooted::{Rooted, gc_refs};
use crate::syntax::{FieldType, StorageType, TypeId};
use alloc::vec::Vec;

gc_refs! {
    /// A reference to an array.
    ///
    /// ```
    /// use limpid::{
    ///     ArrayRef, ArrayRefPre, ArrayType, Engine, FieldType, Mutability, StorageType, Store,
    ///     Val, ValType,
    /// };
    /// let engine = Engine::default();
    /// let mut store = Store::new(&engine, ());
    /// let field = FieldType::new(Mutability::Var, StorageType::ValType(ValType::I64));
    /// let pre = ArrayRefPre::new(&mut store, ArrayType::new(&engine, field));
    /// let array = ArrayRef::new(&mut store, &pre, &Val::I64(7), 3)?;
    /// array.set(&mut store, 1, Val::I64(8))?;
    /// let elems: Vec<i64> = array.elems(&mut store)?.map(|elem| elem.unwrap_i64()).collect();
    /// assert_eq!(elems, [7, 8, 7]);
    /// # Ok::<(), limpid::Error>(())
    /// ```
    ArrayRef
}

/// An array type registered in a store, for making arrays of it.
#[derive(Clone, Debug)]
pub struct ArrayRefPre {
    store: StoreId,
    ty: TypeId,
}

impl ArrayRefPre {
    /// Registers the type in the store.
    pub fn new(mut store: impl AsContextMut, ty: ArrayType) -> ArrayRefPre {
        let core = &mut store.as_context_mut().0.core;
        let ty = ty.intern(&mut core.state.types);
        ArrayRefPre {
            store: core.identity.id(),
            ty,
        }
    }
}

impl ArrayRef {
    /// Makes an array of `len` equal elements.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] for values that do not fit the type, and
    /// [`Trap::HeapExhausted`](crate::Trap::HeapExhausted) when the heap is full.
    ///
    /// # Panics
    /// Panics when the type is registered in another store.
    pub fn new(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elem: &Val,
        len: u32,
    ) -> Result<Rooted<ArrayRef>> {
        let core = &mut store.as_context_mut().0.core;
        let field = core.element_of(allocator)?;
        let cells = core.to_storage(*elem, field.storage)?;
        let array = core.new_array(allocator, len)?;
        let handle = core.handle(&*array)?;
        let filled = core.state.heap.array_fill(handle, 0, cells, len);
        filled.ok_or_else(|| Error::from(Fault::OutOfBounds))?;
        Ok(array)
    }

    /// Makes an array, as [`ArrayRef::new`] does.
    ///
    /// # Errors
    /// Returns the same errors as [`ArrayRef::new`].
    pub async fn new_async(
        store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elem: &Val,
        len: u32,
    ) -> Result<Rooted<ArrayRef>> {
        ArrayRef::new(store, allocator, elem, len)
    }

    /// Makes an array of the given elements.
    ///
    /// # Errors
    /// Returns the same errors as [`ArrayRef::new`].
    ///
    /// # Panics
    /// Panics when the type is registered in another store.
    pub fn new_fixed(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elems: &[Val],
    ) -> Result<Rooted<ArrayRef>> {
        let core = &mut store.as_context_mut().0.core;
        let field = core.element_of(allocator)?;
        let len = u32::try_from(elems.len()).map_err(|_| Error::from(Fault::OutOfBounds))?;
        let array = core.new_array(allocator, len)?;
        for (index, &elem) in (0..).zip(elems) {
            let cells = core.to_storage(elem, field.storage)?;
            core.write_element(&*array, index, cells)?;
        }
        Ok(array)
    }

    /// Makes an array of the given elements, as [`ArrayRef::new_fixed`] does.
    ///
    /// # Errors
    /// Returns the same errors as [`ArrayRef::new`].
    pub async fn new_fixed_async(
        store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elems: &[Val],
    ) -> Result<Rooted<ArrayRef>> {
        ArrayRef::new_fixed(store, allocator, elems)
    }

    /// Makes an array of bytes.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] unless elements are `i8`, and the errors of
    /// [`ArrayRef::new`].
    ///
    /// # Panics
    /// Panics when the type is registered in another store.
    pub fn new_from_i8_slice(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elems: &[u8],
    ) -> Result<Rooted<ArrayRef>> {
        let core = &mut store.as_context_mut().0.core;
        if core.element_of(allocator)?.storage != StorageType::I8 {
            return Err(Fault::TypeMismatch.into());
        }
        let len = u32::try_from(elems.len()).map_err(|_| Error::from(Fault::OutOfBounds))?;
        let array = core.new_array(allocator, len)?;
        let handle = core.handle(&*array)?;
        let done = core.state.heap.array_init_data(handle, 0, elems);
        done.ok_or_else(|| Error::from(Fault::OutOfBounds))?;
        Ok(array)
    }

    /// Copies the elements, which must be bytes, to `dst`.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] unless elements are `i8`, [`Fault::OutOfBounds`] unless
    /// `dst` is as long as the array, and [`Fault::StaleRoot`] when the reference is used after its
    /// scope has ended.
    pub fn copy_to_i8_slice(&self, store: impl AsContext, dst: &mut [u8]) -> Result<()> {
        let core = &store.as_context().0.core;
        if core.element(self)?.storage != StorageType::I8 {
            return Err(Fault::TypeMismatch.into());
        }
        let bytes = core
            .state
            .heap
            .array_bytes(core.handle(self)?)
            .unwrap_or_default();
        if bytes.len() != dst.len() {
            return Err(Fault::OutOfBounds.into());
        }
        dst.copy_from_slice(bytes);
        Ok(())
    }

    /// Returns the type of the array.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn ty(&self, store: impl AsContext) -> Result<ArrayType> {
        let core = &store.as_context().0.core;
        let id = core.array_type(self)?;
        let space = space_of(&core.engine, &core.state.types);
        Ok(ArrayType { space, id })
    }

    /// Returns whether the array is of that type.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ArrayType) -> Result<bool> {
        Ok(self.ty(store)?.matches(ty))
    }

    /// Returns the number of elements.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn len(&self, store: impl AsContext) -> Result<u32> {
        store.as_context().0.core.array_len(self)
    }

    /// Returns the elements. Packed ones are zero-extended.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn elems<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a> {
        let core = &mut store.into().0.core;
        let len = core.array_len(self)?;
        let elems: Result<Vec<Val>> = (0..len).map(|k| core.read_element(self, k)).collect();
        Ok(elems?.into_iter())
    }

    /// Returns an element. A packed one is zero-extended.
    ///
    /// # Errors
    /// Returns [`Fault::OutOfBounds`] when there is no such place, and [`Fault::StaleRoot`] when
    /// the reference is used after its scope has ended.
    pub fn get(&self, mut store: impl AsContextMut, index: u32) -> Result<Val> {
        store.as_context_mut().0.core.read_element(self, index)
    }

    /// Sets an element. A packed one takes the low bits.
    ///
    /// # Errors
    /// Returns [`Fault::OutOfBounds`] when there is no such place, [`Fault::Immutable`] when it
    /// cannot be written, [`Fault::TypeMismatch`] for a value of another type, and
    /// [`Fault::StaleRoot`] when the reference is used after its scope has ended.
    pub fn set(&self, mut store: impl AsContextMut, index: u32, value: Val) -> Result<()> {
        let core = &mut store.as_context_mut().0.core;
        let field = core.element(self)?;
        if !field.mutable {
            return Err(Fault::Immutable.because("the elements are immutable and cannot be set"));
        }
        let cells = core.to_storage(value, field.storage)?;
        core.write_element(self, index, cells)
    }
}

impl Core {
    fn element_of(&self, pre: &ArrayRefPre) -> Result<FieldType> {
        self.expect_current(pre.store)?;
        match self.state.types.element(pre.ty) {
            Some(field) => Ok(field),
            None => unreachable!("an array type names an array type"),
        }
    }

    fn new_array(&mut self, pre: &ArrayRefPre, len: u32) -> Result<Rooted<ArrayRef>> {
        let ty = pre.ty;
        let reference = self.allocate_object(|heap, types| heap.alloc_array(types, ty, len))?;
        Ok(self.root(reference))
    }

    fn array_type(&self, of: &impl GcRef) -> Result<TypeId> {
        let ty = self.state.heap.array_type(self.handle(of)?);
        ty.ok_or_else(|| Fault::TypeMismatch.into())
    }

    fn array_len(&self, of: &impl GcRef) -> Result<u32> {
        let len = self.state.heap.array_len(self.handle(of)?);
        len.ok_or_else(|| Fault::TypeMismatch.into())
    }

    fn element(&self, of: &impl GcRef) -> Result<FieldType> {
        let element = self.state.types.element(self.array_type(of)?);
        element.ok_or_else(|| Fault::TypeMismatch.into())
    }

    fn read_element(&mut self, of: &impl GcRef, index: u32) -> Result<Val> {
        let field = self.element(of)?;
        let cells = self.state.heap.array_get(self.handle(of)?, index);
        let cells = cells.ok_or_else(|| Error::from(Fault::OutOfBounds))?;
        Ok(Val::from_cells(self, field.storage.unpacked(), cells))
    }

    fn write_element(&mut self, of: &impl GcRef, index: u32, cells: [u64; 2]) -> Result<()> {
        let handle = self.handle(of)?;
        self.host_wrote();
        let done = self.state.heap.array_set(handle, index, cells);
        done.ok_or_else(|| Fault::OutOfBounds.into())
    }
}
