//! Types of references at run time (spec: exec/values, external typing; valid/matching): the test
//! that `ref.test`, casts and the embedding API share.

use super::heap::ObjectKind;
use super::{FuncInst, Heap, Reference};
use crate::syntax::{HeapType, RefType, TypeId, TypeSpace};

/// Returns whether a reference is of a type. The type is canonical in the store, and reference and
/// type stand in one hierarchy, as in valid code; a forged reference is of no type but the top.
pub fn matches(
    types: &TypeSpace,
    funcs: &[FuncInst],
    heap: &Heap,
    value: Reference,
    ty: RefType,
) -> bool {
    if value.is_null() {
        return ty.nullable;
    }
    let kind = || value.as_object().and_then(|handle| heap.kind(handle));
    match ty.heap {
        HeapType::Any | HeapType::Func | HeapType::Extern | HeapType::Exn => true,
        HeapType::None | HeapType::NoFunc | HeapType::NoExtern | HeapType::NoExn => false,
        HeapType::I31 => value.as_i31().is_some(),
        HeapType::Eq => {
            value.as_i31().is_some()
                || matches!(kind(), Some(ObjectKind::Struct(_) | ObjectKind::Array(_)))
        }
        HeapType::Struct => matches!(kind(), Some(ObjectKind::Struct(_))),
        HeapType::Array => matches!(kind(), Some(ObjectKind::Array(_))),
        HeapType::Concrete(id) => {
            defined_type(types, funcs, heap, value, id).is_some_and(|own| types.is_subtype(own, id))
        }
    }
}

/// The defined type of a reference in the hierarchy of the defined type `of`.
fn defined_type(
    types: &TypeSpace,
    funcs: &[FuncInst],
    heap: &Heap,
    value: Reference,
    of: TypeId,
) -> Option<TypeId> {
    if types.func(of).is_some() {
        return Some(funcs.get(value.as_func()?.index())?.ty);
    }
    match heap.kind(value.as_object()?)? {
        ObjectKind::Struct(own) | ObjectKind::Array(own) => Some(own),
        ObjectKind::Exception(_) | ObjectKind::Host(_) => None,
    }
}

/// The most precise heap type of a reference that is not null, of the hierarchy under `top`
/// (one of the four top types). A host value seen as `any` is just `any`.
pub fn heap_type(funcs: &[FuncInst], heap: &Heap, value: Reference, top: HeapType) -> HeapType {
    let own = match top {
        HeapType::Func => value
            .as_func()
            .and_then(|addr| funcs.get(addr.index()))
            .map(|func| HeapType::Concrete(func.ty)),
        HeapType::Any if value.as_i31().is_some() => Some(HeapType::I31),
        HeapType::Any => match value.as_object().and_then(|handle| heap.kind(handle)) {
            Some(ObjectKind::Struct(own) | ObjectKind::Array(own)) => Some(HeapType::Concrete(own)),
            Some(ObjectKind::Exception(_) | ObjectKind::Host(_)) | None => None,
        },
        _ => None, // The others have no types between top and bottom.
    };
    own.unwrap_or(top)
}
