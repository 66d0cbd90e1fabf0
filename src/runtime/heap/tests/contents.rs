//! Contents of objects of every shape.

use super::*;
use crate::runtime::heap::{HeapFull, ObjectKind};
use crate::runtime::{FuncAddr, TagAddr};
use crate::syntax::{FuncType, TypeIdx};

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
                    expected[dst..dst + n].copy_from_slice(&source[src..src + n]);
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
