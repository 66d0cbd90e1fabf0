//! Where the fields of a struct and the values of an exception stand, worked out once for each
//! type and tag. A value takes a granule of 8 bytes, a vector two; arrays are packed.

use super::super::TagAddr;
use crate::syntax::{HeapType, RefType, StorageType, TypeId, TypeSpace, ValType};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Returns whether references of a type can be to objects of the heap. Functions are not on it.
pub fn is_traced(types: &TypeSpace, ty: RefType) -> bool {
    types.top(ty.heap) != HeapType::Func
}

/// A list of values in granules.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// Size of all.
    pub granules: u32,
    /// No value takes more than one granule, so a value's place is its number.
    pub narrow: bool,
    /// First granule of each value, and whether there is a second.
    pub values: Box<[(u32, bool)]>,
    /// Granules that hold references to trace.
    pub traced: Box<[u32]>,
}

impl Layout {
    fn new(types: &TypeSpace, of: impl Iterator<Item = ValType>) -> Layout {
        let (mut granules, mut values, mut traced) = (0, Vec::new(), Vec::new());
        for ty in of {
            values.push((granules, ty == ValType::V128));
            if let ValType::Ref(ty) = ty
                && is_traced(types, ty)
            {
                traced.push(granules);
            }
            granules += ty.cells();
        }
        Layout {
            granules,
            narrow: granules as usize == values.len(),
            values: values.into(),
            traced: traced.into(),
        }
    }
}

/// What is known of a type.
#[derive(Clone, Debug, Default)]
enum Known {
    #[default]
    Nothing,
    Struct(Layout),
    Array {
        shift: u8,
        traced: bool,
    },
}

/// The layouts of a store.
#[derive(Clone, Debug, Default)]
pub(super) struct Layouts {
    types: Vec<Known>,
    tags: Vec<Option<Layout>>,
    /// Used for non-struct types.
    empty: Layout,
}

impl Layouts {
    /// The layout of a struct type.
    #[inline]
    pub fn of_struct(&mut self, types: &TypeSpace, ty: TypeId) -> &Layout {
        if !matches!(self.types.get(ty.index()), Some(Known::Struct(_))) {
            self.learn(types, ty);
        }
        match self.types.get(ty.index()) {
            Some(Known::Struct(layout)) => layout,
            _ => &self.empty,
        }
    }

    /// The binary logarithm of the element size of an array type.
    #[inline]
    pub fn of_array(&mut self, types: &TypeSpace, ty: TypeId) -> Option<u8> {
        if !matches!(self.types.get(ty.index()), Some(Known::Array { .. })) {
            self.learn(types, ty);
        }
        match self.types.get(ty.index()) {
            Some(&Known::Array { shift, .. }) => Some(shift),
            _ => None,
        }
    }

    /// The layout of a tag's values.
    pub fn of_tag(&mut self, types: &TypeSpace, tag: TagAddr, params: &[ValType]) -> &Layout {
        if self.tags.len() <= tag.index() {
            self.tags.resize_with(tag.index() + 1, || None);
        }
        self.tags[tag.index()].get_or_insert_with(|| Layout::new(types, params.iter().copied()))
    }

    #[cold]
    fn learn(&mut self, types: &TypeSpace, ty: TypeId) {
        let known = if let Some(fields) = types.fields(ty) {
            let fields = fields.iter().map(|field| field.storage.unpacked());
            Known::Struct(Layout::new(types, fields))
        } else if let Some(element) = types.element(ty) {
            let shift = element.storage.bytes().ilog2() as u8;
            let traced = match element.storage {
                StorageType::Val(ValType::Ref(ty)) => is_traced(types, ty),
                StorageType::Val(_) | StorageType::I8 | StorageType::I16 => false,
            };
            Known::Array { shift, traced }
        } else {
            return;
        };
        if self.types.len() <= ty.index() {
            self.types.resize_with(types.len(), Known::default);
        }
        self.types[ty.index()] = known;
    }

    /// The layout of a struct type that an object has.
    #[inline]
    pub fn type_at(&self, ty: u32) -> Option<&Layout> {
        match self.types.get(ty as usize)? {
            Known::Struct(layout) => Some(layout),
            Known::Nothing | Known::Array { .. } => None,
        }
    }

    /// The layout of a tag that an exception has.
    #[inline]
    pub fn tag_at(&self, tag: u32) -> Option<&Layout> {
        self.tags.get(tag as usize)?.as_ref()
    }

    /// Returns whether the elements of an array type are traced.
    #[inline]
    pub fn is_traced_array(&self, ty: u32) -> bool {
        matches!(
            self.types.get(ty as usize),
            Some(Known::Array { traced: true, .. })
        )
    }
}
