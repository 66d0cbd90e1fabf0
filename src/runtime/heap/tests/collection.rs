//! Collection: what holds what, limits, reuse, and any graph against a model.

use super::*;
use crate::runtime::TagAddr;
use crate::runtime::heap::{FIRST_COLLECTION, HEADER_BYTES, HeapFull, ObjectKind};
use crate::syntax::FuncType;
use alloc::collections::{BTreeMap, BTreeSet};

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
    // References may have been dropped meanwhile: it asks again before it is exhausted again.
    assert_eq!(heap.alloc_struct(&types, node), Err(HeapFull::Collect));
    collect(&mut heap, &[head]);
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
    let fill = |heap: &mut Heap, ty, size: u64| {
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
