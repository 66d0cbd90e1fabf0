//! Tests of the heap: types and values that they share.

mod collection;
mod contents;

use super::{Heap, Swept};
use crate::runtime::Reference;
use crate::syntax::{
    CompositeType, FieldType, HeapType, RefType, StorageType, SubType, TypeId, TypeSpace, ValType,
};
use alloc::vec;
use alloc::vec::Vec;

const ANYREF: StorageType = StorageType::Val(ValType::Ref(RefType {
    nullable: true,
    heap: HeapType::Any,
}));
const FUNCREF: StorageType = StorageType::Val(ValType::FUNCREF);
const I32: StorageType = StorageType::Val(ValType::I32);
const I64: StorageType = StorageType::Val(ValType::I64);
const V128: StorageType = StorageType::Val(ValType::V128);

/// All storage types, with a value that fills each.
const STORAGES: [(StorageType, [u64; 2]); 9] = [
    (StorageType::I8, [0xF8, 0]),
    (StorageType::I16, [0xF234, 0]),
    (I32, [0xF234_5678, 0]),
    (StorageType::Val(ValType::F32), [0x7FA0_0001, 0]), // A signalling NaN.
    (I64, [0xF234_5678_9ABC_DEF0, 0]),
    (StorageType::Val(ValType::F64), [0x7FF4_0000_0000_0001, 0]),
    (V128, [0xF234_5678_9ABC_DEF0, 0x8765_4321_0FED_CBA9]),
    (FUNCREF, [77, 0]),
    (ANYREF, [0xFFFF_FFFF, 0]), // The i31 of all ones.
];

fn field(storage: StorageType) -> FieldType {
    FieldType {
        storage,
        mutable: true,
    }
}

fn define(types: &mut TypeSpace, composite: CompositeType) -> TypeId {
    let sub = SubType {
        is_final: false,
        supertypes: [].into(),
        composite,
    };
    types.intern(&[sub], u32::MAX, |idx| idx)
}

fn structure(types: &mut TypeSpace, fields: &[StorageType]) -> TypeId {
    let fields = fields.iter().map(|&storage| field(storage)).collect();
    define(types, CompositeType::Struct(fields))
}

fn array(types: &mut TypeSpace, element: StorageType) -> TypeId {
    define(types, CompositeType::Array(field(element)))
}

/// Collects with these handles as roots.
fn collect(heap: &mut Heap, roots: &[u32]) -> Swept {
    heap.collect(|visit| {
        for &handle in roots {
            visit(Reference::object(handle));
        }
    })
}

fn object(handle: u32) -> [u64; 2] {
    [Reference::object(handle).to_cell(), 0]
}

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }
}
