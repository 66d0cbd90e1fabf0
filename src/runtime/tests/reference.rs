//! Types of references: each value against each type of its hierarchy.

use crate::runtime::reference::{heap_type, matches};
use crate::runtime::{FuncAddr, FuncInst, FuncKind, Heap, HostAddr, Reference, TagAddr};
use crate::syntax::HeapType::{
    self, Any, Array, Concrete, Eq, Exn, Extern, Func, I31, NoExn, NoExtern, NoFunc, None as NoAny,
    Struct,
};
use crate::syntax::{
    CompositeType, FieldType, FuncType, RefType, StorageType, SubType, TypeId, TypeSpace,
};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// Adds a type of its own group.
fn define(types: &mut TypeSpace, composite: CompositeType, above: Option<TypeId>) -> TypeId {
    let sub = SubType {
        is_final: false,
        supertypes: above.into_iter().collect(),
        composite,
    };
    types.intern(&[sub], u32::MAX, |_| unreachable!("no index is that high"))
}

/// As [`define`]; indices below `first` are ids already.
fn below(types: &mut TypeSpace, composite: CompositeType, above: TypeId) -> TypeId {
    let sub = SubType {
        is_final: false,
        supertypes: Box::new([above]),
        composite,
    };
    let first = types.len() as u32;
    types.intern(&[sub], first, |idx| idx)
}

#[test]
fn each_value_against_each_type() {
    let field = FieldType {
        storage: StorageType::I8,
        mutable: true,
    };
    let mut types = TypeSpace::default();
    let point = define(&mut types, CompositeType::Struct(Box::new([field])), None);
    let wider = CompositeType::Struct(Box::new([field, field]));
    let point3 = below(&mut types, wider, point);
    let bytes = define(&mut types, CompositeType::Array(field), None);
    let run = define(&mut types, CompositeType::Func(FuncType::default()), None);
    let walk = below(&mut types, CompositeType::Func(FuncType::default()), run);

    let inst = |ty| FuncInst::new(ty, FuncKind::Host(HostAddr(0)));
    let funcs = [inst(run), inst(walk)];
    let mut heap = Heap::default();
    let small = Reference::object(heap.alloc_struct(&types, point).unwrap());
    let big = Reference::object(heap.alloc_struct(&types, point3).unwrap());
    let array = Reference::object(heap.alloc_array(&types, bytes, 3).unwrap());
    let host = Reference::object(heap.alloc_host(5).unwrap());
    let thrown = heap.alloc_exception(&types, TagAddr(0), &FuncType::default(), &[]);
    let thrown = Reference::object(thrown.unwrap());
    let forged = Reference::object(0x7FFF_FFFF);
    let function = |addr| Reference::func(FuncAddr(addr));

    let any = [
        Any,
        Eq,
        I31,
        Struct,
        Array,
        NoAny,
        Concrete(point),
        Concrete(point3),
        Concrete(bytes),
    ];
    let func = [Func, NoFunc, Concrete(run), Concrete(walk)];
    let rows: [(Reference, &[HeapType], Vec<HeapType>); 11] = [
        (Reference::i31(0), &any, vec![Any, Eq, I31]),
        (Reference::i31(u32::MAX), &any, vec![Any, Eq, I31]),
        (small, &any, vec![Any, Eq, Struct, Concrete(point)]),
        (
            big,
            &any,
            vec![Any, Eq, Struct, Concrete(point), Concrete(point3)],
        ),
        (array, &any, vec![Any, Eq, Array, Concrete(bytes)]),
        (host, &any, vec![Any]),
        (forged, &any, vec![Any]),
        (function(0), &func, vec![Func, Concrete(run)]),
        (
            function(1),
            &func,
            vec![Func, Concrete(run), Concrete(walk)],
        ),
        (host, &[Extern, NoExtern], vec![Extern]),
        (thrown, &[Exn, NoExn], vec![Exn]),
    ];
    for (value, hierarchy, of) in rows {
        for &ty in hierarchy {
            for nullable in [false, true] {
                let ty = RefType { nullable, heap: ty };
                let is = |value| matches(&types, &funcs, &heap, value, ty);
                assert_eq!(is(value), of.contains(&ty.heap), "{value:?} of {ty}");
                assert_eq!(is(Reference::NULL), nullable, "null of {ty}");
            }
        }
        // The most precise type is among those, and below all of them.
        let own = heap_type(&funcs, &heap, value, types.top(of[0]));
        assert!(
            of.iter().all(|&ty| types.heap_matches(own, ty)),
            "{value:?}"
        );
        assert!(of.contains(&own));
    }
}

#[test]
fn i31_keeps_its_31_bits() {
    for value in [
        0,
        1,
        0x3FFF_FFFF,
        0x4000_0000,
        0x7FFF_FFFF,
        0x8000_0000,
        u32::MAX,
    ] {
        let reference = Reference::i31(value);
        assert_eq!(reference.as_i31(), Some(value & 0x7FFF_FFFF));
        assert_eq!(reference.as_object(), None);
        assert!(!reference.is_null());
        assert_eq!(reference, Reference::from_cell(reference.to_cell()));
    }
    assert_eq!(Reference::NULL.as_i31(), None);
    assert_eq!(
        Reference::object(0x7FFF_FFFF).as_object(),
        Some(0x7FFF_FFFF)
    );
}
