//! Identity and matching of types (spec: valid/conventions, valid/matching). Knows nothing of
//! instructions.
//!
//! A [`TypeSpace`] holds canonical types: two recursion groups with the same structure get the
//! same ids, so that type identity is equality of ids. The validator keeps one for each module,
//! and a store keeps one for all of its modules; a type index inside a canonical type
//! ([`HeapType::Concrete`]) is an id of its space.

use super::TypeIdx;
use super::types::{
    CompositeType, ExternType, FieldType, FuncType, GlobalType, HeapType, Limits, MemoryType,
    RefType, StorageType, SubType, TableType, TagType, ValType,
};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Index of a canonical type in a [`TypeSpace`]. The same type as a module's index, so that
/// canonical and decoded types share their shape; what it indexes follows from where it stands.
pub type TypeId = TypeIdx;

/// Marks, inside the key of a group, an index relative to the group.
const IN_GROUP: u32 = 1 << 31;

/// A canonical type.
#[derive(Clone, Debug)]
struct Entry {
    sub: SubType,
    /// The declared supertypes from the root down to the type itself.
    chain: Box<[TypeId]>,
}

/// Canonical types.
#[derive(Clone, Debug, Default)]
pub struct TypeSpace {
    types: Vec<Entry>,
    groups: BTreeMap<Vec<SubType>, u32>,
}

impl TypeSpace {
    /// Number of canonical types.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// Adds a recursion group whose first member has index `first` in its module; `resolve` maps
    /// module indices below `first` to ids. Returns the id of the first member; the others follow.
    ///
    /// References past the group must have been refused before (`unknown type`).
    pub fn intern(
        &mut self,
        group: &[SubType],
        first: u32,
        resolve: impl Fn(TypeIdx) -> TypeId,
    ) -> TypeId {
        let relative = |idx: TypeIdx| match idx.0.checked_sub(first) {
            Some(place) => TypeIdx(IN_GROUP | place),
            None => resolve(idx),
        };
        let key: Vec<SubType> = group.iter().map(|sub| map_sub(sub, &relative)).collect();
        if let Some(&id) = self.groups.get(&key) {
            return TypeIdx(id);
        }
        let base = self.types.len() as u32;
        let absolute = |idx: TypeIdx| match idx.0 & IN_GROUP {
            0 => idx,
            _ => TypeIdx(base + (idx.0 & !IN_GROUP)),
        };
        for (place, sub) in key.iter().enumerate() {
            let sub = map_sub(sub, &absolute);
            let own = TypeIdx(base + place as u32);
            // A supertype that does not stand before is refused by validation right after.
            let above = sub
                .supertypes
                .first()
                .and_then(|sup| self.types.get(sup.index()));
            let mut chain = above.map_or_else(Vec::new, |entry| entry.chain.to_vec());
            chain.push(own);
            self.types.push(Entry {
                sub,
                chain: chain.into(),
            });
        }
        self.groups.insert(key, base);
        TypeIdx(base)
    }

    /// Adds all types of another space; returns the id here of each id there.
    pub fn absorb(&mut self, other: &TypeSpace) -> Vec<TypeId> {
        let mut groups: Vec<(u32, &Vec<SubType>)> =
            other.groups.iter().map(|(key, &id)| (id, key)).collect();
        groups.sort_unstable_by_key(|&(id, _)| id);
        let mut ids = Vec::with_capacity(other.len());
        for (first, key) in groups {
            // In a key, an index of the group itself is marked, and any other is absolute.
            let own = |idx: TypeIdx| match idx.0 & IN_GROUP {
                0 => idx,
                _ => TypeIdx(first + (idx.0 & !IN_GROUP)),
            };
            let group: Vec<SubType> = key.iter().map(|sub| map_sub(sub, &own)).collect();
            let id = self.intern(&group, first, |idx: TypeIdx| ids[idx.index()]);
            ids.extend((0..group.len() as u32).map(|place| TypeIdx(id.0 + place)));
        }
        ids
    }

    /// The type that a group of one without references to other types has here.
    pub fn find(&self, group: &[SubType]) -> Option<TypeId> {
        self.groups.get(group).map(|&id| TypeIdx(id))
    }

    /// The canonical type with that id.
    ///
    /// # Panics
    /// When the id is of another space.
    pub fn get(&self, id: TypeId) -> &SubType {
        &self.types[id.index()].sub
    }

    /// The function type with that id, if it is one.
    pub fn func(&self, id: TypeId) -> Option<&FuncType> {
        match &self.types.get(id.index())?.sub.composite {
            CompositeType::Func(func) => Some(func),
            CompositeType::Struct(_) | CompositeType::Array(_) => None,
        }
    }

    /// The fields of the struct type with that id, if it is one.
    pub fn fields(&self, id: TypeId) -> Option<&[FieldType]> {
        match &self.types.get(id.index())?.sub.composite {
            CompositeType::Struct(fields) => Some(fields),
            CompositeType::Func(_) | CompositeType::Array(_) => None,
        }
    }

    /// The element of the array type with that id, if it is one.
    pub fn element(&self, id: TypeId) -> Option<FieldType> {
        match &self.types.get(id.index())?.sub.composite {
            CompositeType::Array(field) => Some(*field),
            CompositeType::Func(_) | CompositeType::Struct(_) => None,
        }
    }

    /// Depth of the chain of supertypes; 0 for a type without.
    pub fn depth(&self, id: TypeId) -> usize {
        self.types[id.index()].chain.len() - 1
    }

    /// Returns whether `sub` is `sup` or declared below it (spec: valid/matching, defined types).
    #[inline]
    pub fn is_subtype(&self, sub: TypeId, sup: TypeId) -> bool {
        if sub == sup {
            return true;
        }
        let depth = self.types[sup.index()].chain.len();
        self.types[sub.index()].chain.get(depth - 1) == Some(&sup)
    }

    /// The abstract type right above a defined one.
    pub fn abstract_of(&self, id: TypeId) -> HeapType {
        match self.get(id).composite {
            CompositeType::Func(_) => HeapType::Func,
            CompositeType::Struct(_) => HeapType::Struct,
            CompositeType::Array(_) => HeapType::Array,
        }
    }

    /// The top of the hierarchy a heap type stands in.
    pub fn top(&self, heap: HeapType) -> HeapType {
        match heap {
            HeapType::Any
            | HeapType::Eq
            | HeapType::I31
            | HeapType::Struct
            | HeapType::Array
            | HeapType::None => HeapType::Any,
            HeapType::Func | HeapType::NoFunc => HeapType::Func,
            HeapType::Extern | HeapType::NoExtern => HeapType::Extern,
            HeapType::Exn | HeapType::NoExn => HeapType::Exn,
            HeapType::Concrete(id) => self.top(self.abstract_of(id)),
        }
    }

    /// The bottom of the hierarchy a heap type stands in.
    pub fn bottom(&self, heap: HeapType) -> HeapType {
        match self.top(heap) {
            HeapType::Func => HeapType::NoFunc,
            HeapType::Extern => HeapType::NoExtern,
            HeapType::Exn => HeapType::NoExn,
            _ => HeapType::None, // `top` gives four values only.
        }
    }

    /// Matching of heap types (spec: valid/matching, heap types).
    pub fn heap_matches(&self, sub: HeapType, sup: HeapType) -> bool {
        if sub == sup {
            return true;
        }
        match (sub, sup) {
            (HeapType::Concrete(a), HeapType::Concrete(b)) => self.is_subtype(a, b),
            (HeapType::Concrete(a), _) => self.heap_matches(self.abstract_of(a), sup),
            (HeapType::None | HeapType::NoFunc | HeapType::NoExtern | HeapType::NoExn, _) => {
                self.bottom(sup) == sub
            }
            (HeapType::Eq, HeapType::Any) => true,
            (HeapType::I31 | HeapType::Struct | HeapType::Array, HeapType::Eq | HeapType::Any) => {
                true
            }
            (
                HeapType::Any
                | HeapType::Eq
                | HeapType::I31
                | HeapType::Struct
                | HeapType::Array
                | HeapType::Func
                | HeapType::Extern
                | HeapType::Exn,
                _,
            ) => false,
        }
    }

    /// Matching of reference types.
    pub fn ref_matches(&self, sub: RefType, sup: RefType) -> bool {
        (sup.nullable || !sub.nullable) && self.heap_matches(sub.heap, sup.heap)
    }

    /// Matching of value types.
    pub fn val_matches(&self, sub: ValType, sup: ValType) -> bool {
        match (sub, sup) {
            (ValType::Ref(a), ValType::Ref(b)) => self.ref_matches(a, b),
            _ => sub == sup,
        }
    }

    /// Matching of result types, pointwise.
    pub fn vals_match(&self, sub: &[ValType], sup: &[ValType]) -> bool {
        sub.len() == sup.len() && sub.iter().zip(sup).all(|(&a, &b)| self.val_matches(a, b))
    }

    /// Matching of function types: parameters against, results along.
    pub fn func_matches(&self, sub: &FuncType, sup: &FuncType) -> bool {
        self.vals_match(&sup.params, &sub.params) && self.vals_match(&sub.results, &sup.results)
    }

    /// Matching of storage types.
    pub fn storage_matches(&self, sub: StorageType, sup: StorageType) -> bool {
        match (sub, sup) {
            (StorageType::Val(a), StorageType::Val(b)) => self.val_matches(a, b),
            _ => sub == sup,
        }
    }

    /// Matching of field types: a mutable field is invariant.
    pub fn field_matches(&self, sub: FieldType, sup: FieldType) -> bool {
        sub.mutable == sup.mutable
            && self.storage_matches(sub.storage, sup.storage)
            && (!sub.mutable || self.storage_matches(sup.storage, sub.storage))
    }

    /// Matching of composite types.
    pub fn composite_matches(&self, sub: &CompositeType, sup: &CompositeType) -> bool {
        match (sub, sup) {
            (CompositeType::Func(a), CompositeType::Func(b)) => self.func_matches(a, b),
            (CompositeType::Array(a), CompositeType::Array(b)) => self.field_matches(*a, *b),
            (CompositeType::Struct(a), CompositeType::Struct(b)) => {
                a.len() >= b.len() && a.iter().zip(b).all(|(&x, &y)| self.field_matches(x, y))
            }
            _ => false,
        }
    }

    /// Matching of external types (spec: valid/matching, external types). For a memory or table
    /// the limits of `sub` are those at the time of linking.
    pub fn extern_matches(&self, sub: &ExternType, sup: &ExternType) -> bool {
        match (sub, sup) {
            (ExternType::Func(a), ExternType::Func(b)) => self.is_subtype(*a, *b),
            (ExternType::Table(a), ExternType::Table(b)) => self.table_matches(a, b),
            (ExternType::Memory(a), ExternType::Memory(b)) => memory_matches(a, b),
            (ExternType::Global(a), ExternType::Global(b)) => self.global_matches(a, b),
            (ExternType::Tag(TagType { ty: a }), ExternType::Tag(TagType { ty: b })) => a == b,
            _ => false,
        }
    }

    fn table_matches(&self, sub: &TableType, sup: &TableType) -> bool {
        let elem = self.ref_matches(sub.elem, sup.elem) && self.ref_matches(sup.elem, sub.elem);
        sub.addr == sup.addr && limits_match(&sub.limits, &sup.limits) && elem
    }

    fn global_matches(&self, sub: &GlobalType, sup: &GlobalType) -> bool {
        sub.mutable == sup.mutable
            && self.val_matches(sub.val, sup.val)
            && (!sub.mutable || self.val_matches(sup.val, sub.val))
    }
}

fn limits_match(sub: &Limits, sup: &Limits) -> bool {
    let below = match (sub.max, sup.max) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(a), Some(b)) => a <= b,
    };
    sub.min >= sup.min && below
}

fn memory_matches(sub: &MemoryType, sup: &MemoryType) -> bool {
    sub.addr == sup.addr
        && sub.shared == sup.shared
        && sub.page_size_log2 == sup.page_size_log2
        && limits_match(&sub.limits, &sup.limits)
}

/// Replaces each type index of a type.
fn map_sub(sub: &SubType, map: &impl Fn(TypeIdx) -> TypeIdx) -> SubType {
    let vals = |vals: &[ValType]| vals.iter().map(|&ty| map_val(ty, map)).collect();
    let field = |field: FieldType| FieldType {
        storage: match field.storage {
            StorageType::Val(ty) => StorageType::Val(map_val(ty, map)),
            StorageType::I8 | StorageType::I16 => field.storage,
        },
        mutable: field.mutable,
    };
    SubType {
        is_final: sub.is_final,
        supertypes: sub.supertypes.iter().map(|&sup| map(sup)).collect(),
        composite: match &sub.composite {
            CompositeType::Func(func) => CompositeType::Func(FuncType {
                params: vals(&func.params),
                results: vals(&func.results),
            }),
            CompositeType::Struct(fields) => {
                CompositeType::Struct(fields.iter().map(|&f| field(f)).collect())
            }
            CompositeType::Array(elem) => CompositeType::Array(field(*elem)),
        },
    }
}

/// Replaces the type index of a value type, if it has one.
pub fn map_val(ty: ValType, map: &impl Fn(TypeIdx) -> TypeIdx) -> ValType {
    match ty {
        ValType::Ref(r) => ValType::Ref(map_ref(r, map)),
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => ty,
    }
}

/// Replaces the type index of a reference type, if it has one.
pub fn map_ref(ty: RefType, map: &impl Fn(TypeIdx) -> TypeIdx) -> RefType {
    match ty.heap.type_idx() {
        Some(idx) => RefType {
            heap: HeapType::Concrete(map(idx)),
            ..ty
        },
        None => ty,
    }
}
