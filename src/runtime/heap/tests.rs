//! The heap: contents of every shape, and collection against a model.

use super::{FIRST_COLLECTION, HEADER_BYTES, Heap, HeapFull, ObjectKind, Swept};
use crate::runtime::{FuncAddr, Reference, TagAddr};
use crate::syntax::{
    CompositeType, FieldType, FuncType, HeapType, RefType, StorageType, SubType, TypeId, TypeIdx,
    TypeSpace, ValType,
};
use alloc::collections::{BTreeMap, BTreeSet};
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

#[test]
fn fields_of_every_type_in_every_company() {
    let mut types = TypeSpace::default();
    let mut heap = Heap::default();
    for first in 0..STORAGES.len() {
        for count in 1..=STORAGES.len() {
            let row = |k| STORAGES[(first + k) % STORAGES.len()];
            let fields: Vec<_> = (0..count).map(|k| row(k).0).collect();
            let ty = structure(&mut types, &fields);
            let [before, handle, after] = [(); 3].map(|()| heap.alloc_struct(&types, ty).unwrap());
            for k in 0..count as u32 {
                assert_eq!(heap.get_field(handle, k), Some([0, 0]), "default");
            }
            for k in 0..count {
                assert_eq!(heap.set_field(handle, k as u32, row(k).1), Some(()));
            }
            for k in 0..count {
                let number = k as u32;
                assert_eq!(
                    heap.get_field(handle, number),
                    Some(row(k).1),
                    "{fields:?} {k}"
                );
                assert_eq!(heap.get_field(before, number), Some([0, 0]));
                assert_eq!(heap.get_field(after, number), Some([0, 0]));
            }
            assert_eq!(heap.get_field(handle, count as u32), None);
            assert_eq!(heap.set_field(handle, count as u32, [1, 1]), None);
            assert_eq!(heap.kind(handle), Some(ObjectKind::Struct(ty)));
        }
    }
}

#[test]
fn a_struct_larger_than_a_slot() {
    let mut types = TypeSpace::default();
    let ty = structure(&mut types, &[I64; 1000]);
    let mut heap = Heap::default();
    let handle = heap.alloc_struct(&types, ty).unwrap();
    for k in 0..1000 {
        heap.set_field(handle, k, [k.into(), 0]).unwrap();
    }
    assert!((0..1000).all(|k| heap.get_field(handle, k) == Some([k.into(), 0])));
    assert_eq!(heap.get_field(handle, 1000), None);
}

#[test]
fn elements_of_every_type() {
    let mut types = TypeSpace::default();
    let mut heap = Heap::default();
    for (storage, value) in STORAGES {
        let ty = array(&mut types, storage);
        for len in [0, 1, 2, 7, 64, 300, 5000] {
            let handle = heap.alloc_array(&types, ty, len).unwrap();
            assert_eq!(heap.kind(handle), Some(ObjectKind::Array(ty)));
            assert_eq!(heap.array_len(handle), Some(len));
            assert_eq!(heap.array_type(handle), Some(ty));
            let odd = |k| k % 2 == 1;
            for k in 0..len {
                assert_eq!(heap.array_get(handle, k), Some([0, 0]));
                if odd(k) {
                    heap.array_set(handle, k, value).unwrap();
                }
            }
            let expected = |k| if odd(k) { value } else { [0, 0] };
            for k in 0..len {
                assert_eq!(
                    heap.array_get(handle, k),
                    Some(expected(k)),
                    "{storage:?} {k}"
                );
            }
            for k in [len, len + 1, u32::MAX] {
                assert_eq!(heap.array_get(handle, k), None);
                assert_eq!(heap.array_set(handle, k, value), None);
            }
            let whole = usize::try_from(len * storage.bytes()).unwrap();
            assert_eq!(heap.array_bytes(handle).unwrap().len(), whole);
        }
    }
}

#[test]
fn array_bounds_come_before_writes() {
    let mut types = TypeSpace::default();
    for (storage, value) in STORAGES {
        let ty = array(&mut types, storage);
        for len in [6, 6000] {
            let mut heap = Heap::default();
            let [to, from] = [(); 2].map(|()| heap.alloc_array(&types, ty, len).unwrap());
            heap.array_fill(from, 0, value, len).unwrap();
            let size = storage.bytes() as usize;
            for (at, n, fits) in [
                (0, 0, true),
                (len, 0, true),
                (len + 1, 0, false),
                (len - 1, 1, true),
                (len - 1, 2, false),
                (0, len, true),
                (0, len + 1, false),
                (1, u32::MAX, false),
                (u32::MAX, 1, false),
                (u32::MAX, 0, false),
            ] {
                let expected = fits.then_some(());
                let before = heap.clone();
                let zeroes = |heap: &Heap| heap.array_bytes(to) == before.array_bytes(to);
                assert_eq!(heap.array_copy(to, at, from, 0, n.min(len)), {
                    let fits = u64::from(at) + u64::from(n.min(len)) <= u64::from(len);
                    fits.then_some(())
                });
                heap = before.clone();
                assert_eq!(heap.array_copy(to, 0, from, at, n), expected, "{at} {n}");
                assert!(fits || zeroes(&heap));
                heap = before.clone();
                assert_eq!(heap.array_fill(to, at, value, n), expected);
                assert!(fits || zeroes(&heap));
                heap = before.clone();
                if n <= len + 1 {
                    let data = vec![0xAB; n as usize * size];
                    assert_eq!(heap.array_init_data(to, at, &data), expected);
                    assert!(fits || zeroes(&heap));
                    let refs = vec![Reference(5); n as usize];
                    let expected = expected.filter(|()| size == 4);
                    heap = before.clone();
                    assert_eq!(heap.array_init_refs(to, at, &refs), expected);
                }
                heap = before;
            }
        }
    }
}

#[test]
fn array_copies_overlap() {
    let mut types = TypeSpace::default();
    for (storage, _) in STORAGES {
        let ty = array(&mut types, storage);
        // Both in small storage, both in large, and one in each.
        for (to_len, from_len) in [(40, 40), (4000, 4000), (40, 4000), (4000, 40)] {
            for same in [true, false] {
                if same && to_len != from_len {
                    continue;
                }
                for (dst, src, n) in [(0, 3, 30), (3, 0, 30), (5, 5, 9), (0, 20, 20), (1, 0, 39)] {
                    let mut heap = Heap::default();
                    let to = heap.alloc_array(&types, ty, to_len).unwrap();
                    let from = match same {
                        true => to,
                        false => heap.alloc_array(&types, ty, from_len).unwrap(),
                    };
                    for k in 0..from_len {
                        heap.array_set(from, k, [k.into(), 0]).unwrap();
                    }
                    let read = |heap: &Heap, array| -> Vec<_> {
                        let len = heap.array_len(array).unwrap();
                        (0..len)
                            .map(|k| heap.array_get(array, k).unwrap())
                            .collect()
                    };
                    let (mut expected, source) = (read(&heap, to), read(&heap, from));
                    for k in 0..n {
                        expected[dst + k] = source[src + k];
                    }
                    heap.array_copy(to, dst as u32, from, src as u32, n as u32)
                        .unwrap();
                    assert_eq!(read(&heap, to), expected, "{storage:?} {n} {src} to {dst}");
                }
            }
        }
    }
}

#[test]
fn arrays_from_segments() {
    let mut types = TypeSpace::default();
    let mut heap = Heap::default();
    let words = array(&mut types, I32);
    let handle = heap.alloc_array(&types, words, 3).unwrap();
    // From an odd place of a segment, little-endian.
    let segment = [9, 1, 2, 3, 4, 5, 6, 7, 8];
    heap.array_init_data(handle, 1, &segment[1..]).unwrap();
    let read = |heap: &Heap, handle| [0, 1, 2].map(|k| heap.array_get(handle, k).unwrap()[0]);
    assert_eq!(read(&heap, handle), [0, 0x0403_0201, 0x0807_0605]);

    let refs = array(&mut types, FUNCREF);
    let handle = heap.alloc_array(&types, refs, 3).unwrap();
    let items = [Reference::func(FuncAddr(7)), Reference::NULL];
    heap.array_init_refs(handle, 0, &items).unwrap();
    assert_eq!(read(&heap, handle), [8, 0, 0]);
    assert_eq!(heap.array_init_refs(handle, 2, &items), None);
    assert_eq!(heap.array_copy(handle, 0, 0, 0, 1), None, "of no array");
}

#[test]
fn exceptions_carry_their_values() {
    let types = TypeSpace::default();
    let mut heap = Heap::default();
    for (tag, count) in (0..).zip(0..=STORAGES.len()) {
        let params = STORAGES[..count]
            .iter()
            .map(|(ty, _)| ty.unpacked())
            .collect();
        let ty = FuncType {
            params,
            ..FuncType::default()
        };
        let payload: Vec<_> = STORAGES[..count].iter().map(|&(_, value)| value).collect();
        let made = heap.alloc_exception(&types, TagAddr(tag), &ty, &payload);
        let handle = made.unwrap();
        assert_eq!(heap.kind(handle), Some(ObjectKind::Exception(TagAddr(tag))));
        assert_eq!(heap.exception_tag(handle), Some(TagAddr(tag)));
        assert!(heap.exception_payload(handle).unwrap().eq(payload));
        assert_eq!(heap.exception_value(handle, count as u32), None);
    }
}

#[test]
fn wrong_handles_do_nothing() {
    let mut types = TypeSpace::default();
    let (pair, bytes) = (structure(&mut types, &[I64, V128]), array(&mut types, I64));
    let mut heap = Heap::default();
    let kinds = [
        heap.alloc_struct(&types, pair).unwrap(),
        heap.alloc_array(&types, bytes, 4).unwrap(),
        heap.alloc_host(3).unwrap(),
        heap.alloc_exception(&types, TagAddr(0), &FuncType::default(), &[])
            .unwrap(),
        heap.alloc_host(4).unwrap(),
    ];
    let [a_struct, an_array, .., dead] = kinds;
    assert_eq!(collect(&mut heap, &kinds[..4]).hosts, [4]);
    for handle in [
        0,
        dead,
        dead + 1,
        1 << 30,
        u32::MAX,
        a_struct,
        an_array,
        kinds[2],
        kinds[3],
    ] {
        if handle != a_struct {
            assert_eq!(heap.get_field(handle, 0), None);
            assert_eq!(heap.set_field(handle, 0, [1, 1]), None);
        }
        if handle != an_array {
            assert_eq!(heap.array_len(handle), None);
            assert_eq!(heap.array_get(handle, 0), None);
            assert_eq!(heap.array_set(handle, 0, [1, 1]), None);
            assert_eq!(heap.array_fill(handle, 0, [1, 1], 0), None);
            assert_eq!(heap.array_copy(an_array, 0, handle, 0, 0), None);
        }
        if handle != kinds[3] {
            assert_eq!(heap.exception_tag(handle), None);
            assert!(heap.exception_payload(handle).is_none());
        }
        assert_eq!(heap.kind(handle).is_some(), kinds[..4].contains(&handle));
    }
    // As roots they are ignored, whatever their bits.
    let swept = heap.collect(|visit| {
        for bits in [0, 1, 2, dead << 1, (dead + 1) << 1, 0xFFFF_FFFE, u32::MAX] {
            visit(Reference(bits));
        }
    });
    assert_eq!(swept.objects, 3, "handle 1 is alive");
}

#[test]
fn types_of_the_wrong_kind_do_no_harm() {
    let mut types = TypeSpace::default();
    let (pair, bytes) = (structure(&mut types, &[I64]), array(&mut types, I64));
    let mut heap = Heap::default();
    for ty in [bytes, TypeIdx(99), TypeIdx(u32::MAX)] {
        let handle = heap.alloc_struct(&types, ty).unwrap();
        assert_eq!(heap.get_field(handle, 0), None);
    }
    for ty in [pair, TypeIdx(99), TypeIdx(u32::MAX)] {
        assert_eq!(heap.alloc_array(&types, ty, 1), Err(HeapFull::TooLarge));
    }
    assert_eq!(collect(&mut heap, &[]).objects, 3);
}

#[test]
fn a_list_of_a_million_and_its_end() {
    const LEN: u32 = 1_000_000;
    let mut types = TypeSpace::default();
    let node = structure(&mut types, &[ANYREF, I32]);
    let mut heap = Heap::default();
    let mut head = 0;
    for k in 0..LEN {
        let next = match heap.alloc_struct(&types, node) {
            Err(HeapFull::Collect) => {
                assert_eq!(collect(&mut heap, &[head]), Swept::default());
                heap.alloc_struct(&types, node)
            }
            made => made,
        };
        let next = next.unwrap();
        heap.set_field(next, 0, object(head)).unwrap();
        heap.set_field(next, 1, [k.into(), 0]).unwrap();
        head = next;
    }
    assert_eq!(collect(&mut heap, &[head]).objects, 0);
    let (mut at, mut count) = (Reference::object(head), 0);
    while let Some(handle) = at.as_object() {
        count += 1;
        assert_eq!(heap.get_field(handle, 1), Some([u64::from(LEN - count), 0]));
        at = Reference::from_cell(heap.get_field(handle, 0).unwrap()[0]);
    }
    assert_eq!(count, LEN);
    assert_eq!(collect(&mut heap, &[]).objects, LEN as usize);
    assert_eq!(heap.used_bytes(), 0);
}

#[test]
fn cycles_go_when_nothing_points_in() {
    let mut types = TypeSpace::default();
    let node = structure(&mut types, &[I32, ANYREF]);
    let mut heap = Heap::default();
    let ring: Vec<_> = (0..100)
        .map(|_| heap.alloc_struct(&types, node).unwrap())
        .collect();
    for k in 0..ring.len() {
        let next = ring[(k + 1) % ring.len()];
        heap.set_field(ring[k], 1, object(next)).unwrap();
    }
    heap.set_field(ring[7], 1, object(ring[7])).unwrap(); // A ring of one, and a tail to it.
    assert_eq!(collect(&mut heap, &[ring[8]]).objects, 0);
    assert_eq!(collect(&mut heap, &[ring[3]]).objects, 95);
    assert_eq!(collect(&mut heap, &[ring[7]]).objects, 4);
    assert_eq!(collect(&mut heap, &[]).objects, 1);
}

#[test]
fn every_holder_keeps_what_it_holds() {
    let mut types = TypeSpace::default();
    let wide = structure(&mut types, &[V128, FUNCREF, ANYREF]);
    let many = structure(&mut types, &[ANYREF; 600]);
    let refs = array(&mut types, ANYREF);
    let externs = array(&mut types, StorageType::Val(ValType::EXTERNREF));
    let exnref = ValType::Ref(RefType::EXNREF);
    let thrown = FuncType {
        params: [ValType::I64, exnref, ValType::V128, ValType::EXTERNREF].into(),
        results: [].into(),
    };
    let mut heap = Heap::default();
    let host = |heap: &mut Heap, index| heap.alloc_host(index).unwrap();
    let mut holders = Vec::new();

    let holder = heap.alloc_struct(&types, wide).unwrap();
    let held = host(&mut heap, 0);
    heap.set_field(holder, 2, object(held)).unwrap();
    holders.push(holder);

    let holder = heap.alloc_struct(&types, many).unwrap();
    let held = host(&mut heap, 1);
    heap.set_field(holder, 599, object(held)).unwrap();
    holders.push(holder);

    for (index, ty, len) in [(2, refs, 3), (3, externs, 3), (4, refs, 100_000)] {
        let holder = heap.alloc_array(&types, ty, len).unwrap();
        let held = host(&mut heap, index);
        heap.array_set(holder, len - 1, object(held)).unwrap();
        holders.push(holder);
    }

    let held = host(&mut heap, 5);
    let mut cause = 0;
    for _ in 0..2 {
        let payload = [[1, 0], object(cause), [2, 3], object(held)];
        let made = heap.alloc_exception(&types, TagAddr(2), &thrown, &payload);
        cause = made.unwrap();
    }
    holders.push(cause);

    assert_eq!(collect(&mut heap, &holders), Swept::default());
    for index in (0..6).rev() {
        holders.pop();
        assert_eq!(collect(&mut heap, &holders).hosts, [index]);
    }
    assert_eq!(heap.used_bytes(), 0);
}

#[test]
fn functions_and_numbers_keep_nothing() {
    let mut types = TypeSpace::default();
    let func = define(&mut types, CompositeType::Func(FuncType::default()));
    let typed = StorageType::Val(ValType::Ref(RefType {
        nullable: true,
        heap: HeapType::Concrete(func),
    }));
    let plain = structure(&mut types, &[I32, I64, FUNCREF, typed]);
    let (funcs, words) = (array(&mut types, typed), array(&mut types, I32));
    let mut heap = Heap::default();
    let host = heap.alloc_host(1).unwrap();
    let holder = heap.alloc_struct(&types, plain).unwrap();
    for k in 0..4 {
        heap.set_field(holder, k, object(host)).unwrap();
    }
    let mut roots = vec![holder];
    for ty in [funcs, words] {
        let holder = heap.alloc_array(&types, ty, 1).unwrap();
        heap.array_set(holder, 0, object(host)).unwrap();
        roots.push(holder);
    }
    assert_eq!(collect(&mut heap, &roots).hosts, [1]);
}

#[test]
fn host_values_are_given_back_once() {
    let mut heap = Heap::default();
    let mut live = BTreeMap::new();
    let mut gone = BTreeSet::new();
    let mut random = Random(7);
    for index in 0..2000 {
        live.insert(heap.alloc_host(index).unwrap(), index);
        if random.below(10) == 0 {
            let keep: BTreeMap<u32, u32> = live
                .iter()
                .filter(|_| random.below(3) > 0)
                .map(|(&k, &v)| (k, v))
                .collect();
            let roots: Vec<u32> = keep.keys().copied().collect();
            for index in collect(&mut heap, &roots).hosts {
                assert!(gone.insert(index), "{index} came twice");
                assert!(!keep.values().any(|&kept| kept == index));
            }
            live = keep;
            for (&handle, &index) in &live {
                assert_eq!(heap.kind(handle), Some(ObjectKind::Host(index)));
            }
        }
    }
    gone.extend(collect(&mut heap, &[]).hosts);
    assert_eq!(gone.len(), 2000);
}

#[test]
fn a_full_heap_says_so_and_goes_on() {
    const LIMIT: u64 = 100_000;
    let mut types = TypeSpace::default();
    let node = structure(&mut types, &[ANYREF, I64]);
    let mut heap = Heap::new(LIMIT);
    let mut head = 0;
    let end = loop {
        match heap.alloc_struct(&types, node) {
            Ok(next) => {
                heap.set_field(next, 0, object(head)).unwrap();
                head = next;
            }
            Err(HeapFull::Collect) => {
                collect(&mut heap, &[head]);
            }
            Err(end) => break end,
        }
        assert!(heap.used_bytes() <= LIMIT);
    };
    assert_eq!(end, HeapFull::Exhausted);
    assert_eq!(end.trap(), Some(crate::trap::Trap::HeapExhausted));
    assert_eq!(heap.alloc_struct(&types, node), Err(HeapFull::Exhausted));
    assert!(heap.used_bytes() > LIMIT - 100);
    // Garbage makes room again, any number of times.
    assert!(collect(&mut heap, &[]).objects > 2000);
    for _ in 0..20_000 {
        if heap.alloc_struct(&types, node) == Err(HeapFull::Collect) {
            collect(&mut heap, &[]);
            heap.alloc_struct(&types, node).unwrap();
        }
    }
}

#[test]
fn arrays_no_heap_can_hold() {
    let mut types = TypeSpace::default();
    for (storage, _) in STORAGES {
        let ty = array(&mut types, storage);
        for len in [u32::MAX, u32::MAX - 1, 1 << 31, 1 << 30] {
            let mut heap = Heap::default();
            let made = heap.alloc_array(&types, ty, len);
            assert_eq!(made, Err(HeapFull::TooLarge), "{storage:?} {len}");
            assert_eq!(heap.used_bytes(), 0);
        }
    }
    // Without a limit it is the host that refuses.
    let wide = array(&mut types, V128);
    let mut heap = Heap::new(u64::MAX);
    let ask = |heap: &mut Heap| heap.alloc_array(&types, wide, u32::MAX);
    if ask(&mut heap) == Err(HeapFull::Collect) {
        collect(&mut heap, &[]);
        assert!(matches!(ask(&mut heap), Ok(_) | Err(HeapFull::Exhausted)));
    }
}

#[test]
fn under_stress_every_allocation_asks() {
    let mut types = TypeSpace::default();
    let node = structure(&mut types, &[I64]);
    let mut heap = Heap::default();
    heap.set_stress(true);
    for _ in 0..10 {
        assert!(heap.needs_collection(24));
        assert_eq!(heap.alloc_struct(&types, node), Err(HeapFull::Collect));
        collect(&mut heap, &[]);
        assert!(!heap.needs_collection(24));
        assert!(heap.alloc_struct(&types, node).is_ok());
    }
    assert_eq!(heap.used_bytes(), 8 + HEADER_BYTES, "the last one");
}

#[test]
fn freed_memory_serves_other_sizes() {
    let mut types = TypeSpace::default();
    let small = structure(&mut types, &[I64; 2]);
    let large = structure(&mut types, &[I64; 40]);
    let mut heap = Heap::new(u64::MAX);
    let mut fill = |heap: &mut Heap, ty, size: u64| {
        while heap.used_bytes() + size <= FIRST_COLLECTION {
            let handle = heap.alloc_struct(&types, ty).unwrap();
            assert_eq!(
                heap.get_field(handle, 1),
                Some([0, 0]),
                "old contents are gone"
            );
            heap.set_field(handle, 1, [u64::MAX, 0]).unwrap();
        }
    };
    fill(&mut heap, small, 16 + HEADER_BYTES);
    let (headers, bytes) = (heap.headers.len(), heap.storage.small_len());
    for (ty, size) in [(large, 320), (small, 16), (large, 320)] {
        collect(&mut heap, &[]);
        assert_eq!(heap.used_bytes(), 0);
        fill(&mut heap, ty, size + HEADER_BYTES);
        assert_eq!(heap.headers.len(), headers);
        // Large objects have fewer headers, so a little more of the same bytes is contents.
        assert!(heap.storage.small_len() <= bytes * 21 / 10, "{size}");
    }
}

/// An object of the model: what it refers to, and a number to know it by.
struct Node {
    refs: Vec<u32>,
    mark: u64,
}

/// Which objects of a model are reached from a root.
fn reached(model: &BTreeMap<u32, Node>, roots: &[u32]) -> BTreeSet<u32> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<u32> = roots.to_vec();
    while let Some(handle) = next.pop() {
        if handle != 0 && seen.insert(handle) {
            next.extend(&model[&handle].refs);
        }
    }
    seen
}

#[test]
fn any_graph_is_kept_and_freed_as_the_model_says() {
    let mut types = TypeSpace::default();
    let sizes = [1usize, 2, 5, 9, 40, 300, 700];
    // Structs with the number first; arrays with the number in place of a reference: an i31.
    let structs = sizes.map(|size| {
        let mut fields = vec![ANYREF; size + 1];
        fields[0] = I64;
        structure(&mut types, &fields)
    });
    let refs = array(&mut types, ANYREF);
    let mark_of = |mark: u64| [Reference::i31(mark as u32).to_cell(), 0];
    for seed in 0..3 {
        let mut random = Random(seed);
        let mut heap = Heap::default();
        let mut model: BTreeMap<u32, Node> = BTreeMap::new();
        let mut roots = vec![0; 8];
        for step in 0..3000u64 {
            let all: Vec<u32> = reached(&model, &roots).into_iter().collect();
            let known = |random: &mut Random| match all.len() {
                0 => 0,
                len => all[random.below(len)],
            };
            match random.below(100) {
                0..50 => {
                    let which = random.below(sizes.len());
                    let is_array = random.below(2) == 0;
                    let count = sizes[which];
                    let handle = match is_array {
                        true => heap.alloc_array(&types, refs, count as u32 + 1),
                        false => heap.alloc_struct(&types, structs[which]),
                    };
                    let handle = handle.unwrap();
                    let mut node = Node {
                        refs: vec![0; count],
                        mark: step,
                    };
                    for _ in 0..random.below(3) {
                        node.refs[random.below(count)] = known(&mut random);
                    }
                    for (k, &held) in (1..).zip(&node.refs) {
                        match is_array {
                            true => heap.array_set(handle, k, object(held)).unwrap(),
                            false => heap.set_field(handle, k, object(held)).unwrap(),
                        }
                    }
                    match is_array {
                        true => heap.array_set(handle, 0, mark_of(step)).unwrap(),
                        false => heap.set_field(handle, 0, [step, 0]).unwrap(),
                    }
                    let old = model.insert(handle, node);
                    assert!(old.is_none(), "a live handle was given out again");
                    roots[random.below(8)] = handle;
                }
                50..80 => {
                    let (from, to) = (known(&mut random), known(&mut random));
                    if let Some(node) = model.get_mut(&from) {
                        let k = random.below(node.refs.len());
                        node.refs[k] = to;
                        let field = k as u32 + 1;
                        let set = heap.set_field(from, field, object(to));
                        set.or_else(|| heap.array_set(from, field, object(to)))
                            .unwrap();
                    }
                }
                80..95 => roots[random.below(8)] = known(&mut random),
                95..98 => roots[random.below(8)] = 0,
                _ => {
                    let kept = reached(&model, &roots);
                    let swept = collect(&mut heap, &roots);
                    assert_eq!(swept.objects, model.len() - kept.len());
                    model.retain(|handle, _| kept.contains(handle));
                    check_contents(&heap, &model);
                }
            }
        }
        collect(&mut heap, &[]);
        assert_eq!(heap.used_bytes(), 0);
    }
}

/// Compares every object of a model with the heap.
fn check_contents(heap: &Heap, model: &BTreeMap<u32, Node>) {
    for (&handle, node) in model {
        for k in 0..=node.refs.len() {
            let field = heap.get_field(handle, k as u32);
            let is_array = field.is_none();
            let [low, _] = field.or_else(|| heap.array_get(handle, k as u32)).unwrap();
            let expected = match k {
                0 if is_array => Reference::i31(node.mark as u32).to_cell(),
                0 => node.mark,
                _ => object(node.refs[k - 1])[0],
            };
            assert_eq!(low, expected, "{handle} {k}");
        }
    }
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut types = TypeSpace::default();
    let node = structure(&mut types, &[I64]);
    let mut heap = Heap::default();
    let handle = heap.alloc_struct(&types, node).unwrap();
    heap.set_field(handle, 0, [1, 0]).unwrap();
    let mut copy = heap.clone();
    copy.set_field(handle, 0, [2, 0]).unwrap();
    assert_eq!(collect(&mut copy, &[]).objects, 1);
    assert_eq!(heap.get_field(handle, 0), Some([1, 0]));
    assert_eq!(copy.get_field(handle, 0), None);
}
