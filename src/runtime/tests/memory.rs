//! Memories: sizes in 64 bits, growth that fails without a trace, bounds before writes. What goes
//! through the general door is checked on unshared and on shared memories alike.

use super::memory_type;
use crate::runtime::memory::{Memory, Rmw, copy, grow_bytes, max_pages};
use crate::runtime::{Limited, MemAddr, OutOfMemory, bulk};
use crate::syntax::AddrType::{self, I32, I64};
use crate::syntax::MemoryType;
use crate::trap::Trap;
use alloc::vec;
use alloc::vec::Vec;

const NO_LIMIT: u64 = u64::MAX;

/// Grows a memory and checks the answer; on failure that nothing changed.
fn check_grow(ty: MemoryType, delta: u64, limit: u64, grows: bool) {
    let mut memory = Memory::new(ty).unwrap();
    if memory.byte_len() > 0 {
        memory.write(memory.byte_len() - 1, [7]).unwrap();
    }
    let (old, bytes) = (memory.pages(), memory.bytes.clone());
    let answer = memory.grow(delta, limit);
    assert_eq!(answer, grows.then_some(old), "{ty:?} by {delta}");
    let new = if grows { old + delta } else { old };
    assert_eq!(memory.pages(), new);
    assert_eq!(memory.byte_len(), new << ty.page_size_log2);
    assert!(memory.bytes.starts_with(&bytes), "old contents are kept");
    assert!(memory.bytes[bytes.len()..].iter().all(|&byte| byte == 0));
}

#[test]
fn growth() {
    let page = 65536;
    for (addr, min, max, delta, limit, grows) in [
        (I32, 0, None, 0, NO_LIMIT, true),
        (I32, 1, None, 1, NO_LIMIT, true),
        (I32, 3, None, 1, NO_LIMIT, true),
        (I32, 1, Some(1), 0, NO_LIMIT, true),
        (I32, 1, Some(1), 1, NO_LIMIT, false),
        (I32, 1, Some(3), 2, NO_LIMIT, true),
        (I32, 1, Some(3), 3, NO_LIMIT, false),
        (I32, 1, None, 65536, NO_LIMIT, false),
        (I32, 1, Some(65536), 65536, NO_LIMIT, false),
        (I32, 1, None, u64::from(u32::MAX), NO_LIMIT, false),
        (I32, 0, None, u64::from(u32::MAX), NO_LIMIT, false),
        (I64, 0, None, 1, NO_LIMIT, true),
        // Deltas whose low 32 bits are small, or whose size in bytes wraps.
        (I64, 1, None, 1 << 32, NO_LIMIT, false),
        (I64, 1, None, (1 << 32) + 1, NO_LIMIT, false),
        (I64, 1, None, 1 << 47, NO_LIMIT, false),
        (I64, 1, None, (1 << 48) - 1, NO_LIMIT, false),
        (I64, 0, None, 1 << 48, NO_LIMIT, false),
        (I64, 1, None, 1 << 48, NO_LIMIT, false),
        (I64, 1, None, u64::MAX, NO_LIMIT, false),
        (I64, 0, None, u64::MAX, NO_LIMIT, false),
        (I64, 1, Some(u64::MAX), u64::MAX, NO_LIMIT, false),
        // Limits of the store, in bytes; growing by nothing is never over them.
        (I32, 1, None, 1, 2 * page, true),
        (I32, 1, None, 1, 2 * page - 1, false),
        (I32, 2, None, 0, page, true),
        (I64, 1, None, 1, 0, false),
    ] {
        check_grow(memory_type(addr, min, max), delta, limit, grows);
    }
}

#[test]
fn growth_with_pages_of_one_byte() {
    let ty = |addr, min, max| MemoryType {
        page_size_log2: 0,
        ..memory_type(addr, min, max)
    };
    for (addr, min, max, delta, grows) in [
        (I32, 0, None, 1, true),
        (I32, 5, None, 7, true),
        (I32, 5, Some(6), 2, false),
        (I32, 1, None, u64::from(u32::MAX), false),
        (I64, 1, None, u64::MAX, false),
        (I64, 1, None, 1 << 62, false),
    ] {
        check_grow(ty(addr, min, max), delta, NO_LIMIT, grows);
    }
    assert_eq!(max_pages(&ty(I32, 0, None)), 0xFFFF_FFFF);
    assert_eq!(max_pages(&ty(I64, 0, None)), u64::MAX);
    assert_eq!(max_pages(&memory_type(I32, 0, None)), 65536);
    assert_eq!(max_pages(&memory_type(I64, 0, None)), 1 << 48);
    assert_eq!(max_pages(&memory_type(I64, 0, Some(9))), 9);
}

#[test]
fn contents_grow_without_their_memory() {
    let ty = memory_type(I32, 0, Some(4));
    let mut bytes = Vec::new();
    assert_eq!(grow_bytes(&ty, &mut bytes, 1, NO_LIMIT), Some(0));
    bytes[65535] = 1;
    assert_eq!(grow_bytes(&ty, &mut bytes, 3, NO_LIMIT), Some(1));
    assert_eq!((bytes.len(), bytes[65535]), (4 * 65536, 1));
    assert_eq!(grow_bytes(&ty, &mut bytes, 1, NO_LIMIT), None);
    assert_eq!(grow_bytes(&ty, &mut bytes, 0, NO_LIMIT), Some(4));
}

#[test]
fn sizes_no_host_has_are_refused() {
    let over = |wanted: u128| OutOfMemory::over(Limited::Memory, wanted, u64::MAX);
    for (min, why) in [
        (1 << 40, OutOfMemory::Host),
        ((1 << 47) - 1, OutOfMemory::Host),
        (1 << 48, over(1 << 64)),
        (u64::MAX, over(u128::from(u64::MAX) << 16)),
    ] {
        let made = Memory::new(memory_type(I64, min, None));
        assert_eq!(made.err(), Some(why), "{min} pages");
    }
}

/// Runs `check` on an unshared memory, and on a shared one where there are such.
fn on_both(pages: u64, check: impl Fn(Memory)) {
    let ty = memory_type(I32, pages, Some(pages));
    check(Memory::new(ty).unwrap());
    let shared = Memory::new(MemoryType { shared: true, ..ty });
    if cfg!(feature = "std") {
        check(shared.unwrap());
    } else {
        assert_eq!(shared.err(), Some(OutOfMemory::NoThreads));
    }
}

fn contents(memory: &Memory) -> Vec<u8> {
    let mut bytes = vec![0; memory.byte_len() as usize];
    memory.read_bytes(0, &mut bytes).unwrap();
    bytes
}

/// Reads and writes `N` bytes at an address.
fn check_access<const N: usize>(memory: &mut Memory, ea: u64, fits: bool) {
    let value = core::array::from_fn(|k| 0x80 + k as u8);
    let oob = Err(Trap::MemoryOutOfBounds);
    let before = contents(memory);
    let wrote = memory.write::<N>(ea, value);
    if fits {
        assert_eq!(wrote, Ok(()));
        assert_eq!(memory.read::<N>(ea), Ok(value), "{N} bytes at {ea}");
        let mut expected = before;
        expected[ea as usize..ea as usize + N].copy_from_slice(&value);
        assert_eq!(contents(memory), expected);
    } else {
        assert_eq!(wrote, oob, "{N} bytes at {ea}");
        assert_eq!(memory.read::<N>(ea), oob.map(|()| value));
        assert_eq!(contents(memory), before);
    }
}

#[test]
fn accesses_end_where_the_memory_ends() {
    on_both(1, |mut memory| {
        let len = memory.byte_len();
        for back in 0..24 {
            let ea = len - back;
            check_access::<1>(&mut memory, ea, back >= 1);
            check_access::<2>(&mut memory, ea, back >= 2);
            check_access::<4>(&mut memory, ea, back >= 4);
            check_access::<8>(&mut memory, ea, back >= 8);
            check_access::<16>(&mut memory, ea, back >= 16);
            check_access::<8>(&mut memory, back, true);
            check_access::<16>(&mut memory, back, true);
        }
        for ea in [len + 1, 1 << 32, u64::MAX - 7, u64::MAX] {
            check_access::<1>(&mut memory, ea, false);
            check_access::<16>(&mut memory, ea, false);
        }
    });
}

#[test]
fn nothing_fits_into_no_pages() {
    on_both(0, |mut memory| {
        assert_eq!((memory.pages(), memory.byte_len()), (0, 0));
        check_access::<1>(&mut memory, 0, false);
        assert_eq!(memory.fill(0, 1, 0), Ok(()));
        assert_eq!(memory.copy_within(0, 0, 0), Ok(()));
        assert_eq!(memory.init(0, &[], 0, 0), Ok(()));
        assert_eq!(memory.fill(1, 1, 0), Err(Trap::MemoryOutOfBounds));
        assert_eq!(memory.grow(0, 0), Some(0));
    });
}

/// The bytes after a copy that reads everything before it writes.
fn moved(bytes: &[u8], dst: usize, src: usize, n: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out[dst..dst + n].copy_from_slice(&bytes[src..src + n]);
    out
}

#[test]
fn bulk_bounds_come_before_writes() {
    const LEN: u64 = 65536;
    let cases = [
        // Start, count, whether it fits.
        (0, 0, true),
        (LEN, 0, true),
        (LEN + 1, 0, false),
        (LEN, 1, false),
        (LEN - 1, 1, true),
        (LEN - 1, 2, false),
        (0, LEN, true),
        (0, LEN + 1, false),
        (0, (1 << 32) - 2, false),
        (1, u64::MAX, false),
        (u64::MAX, 1, false),
        (u64::MAX, u64::MAX, false),
        (u64::MAX, 0, false),
    ];
    for (at, n, fits) in cases {
        let expected = match fits {
            true => Ok(()),
            false => Err(Trap::MemoryOutOfBounds),
        };
        on_both(1, |mut memory| {
            let data = vec![5; LEN as usize];
            let before = contents(&memory);
            assert_eq!(memory.fill(at, 9, n), expected, "fill {at} {n}");
            let filled = contents(&memory);
            if !fits {
                assert_eq!(filled, before);
            }
            assert_eq!(memory.copy_within(at, 0, n), expected, "copy to {at} {n}");
            assert_eq!(memory.copy_within(0, at, n), expected, "copy from {at} {n}");
            assert_eq!(memory.init(at, &data, 0, n), expected, "init to {at} {n}");
            assert_eq!(memory.init(0, &data, at, n), expected, "init from {at} {n}");
            if !fits {
                assert_eq!(contents(&memory), filled);
            }
        });
    }
}

#[test]
fn copies_overlap() {
    on_both(1, |mut memory| {
        let pattern: Vec<u8> = (0..65536u32).map(|k| (k * 7 + k / 251) as u8).collect();
        for (dst, src, n) in [
            (0, 1, 65535),
            (1, 0, 65535),
            (3, 0, 20000),
            (0, 3, 20000),
            (4096, 0, 8192),
            (4100, 4097, 4096),
            (9, 9, 100),
            (1000, 30000, 5000),
        ] {
            memory.write_bytes(0, &pattern).unwrap();
            memory
                .copy_within(dst as u64, src as u64, n as u64)
                .unwrap();
            assert!(
                contents(&memory) == moved(&pattern, dst, src, n),
                "{n} from {src} to {dst}"
            );
        }
    });
}

#[test]
fn copies_between_memories() {
    let ty = memory_type(I32, 1, Some(1));
    let shared = MemoryType {
        shared: cfg!(feature = "std"),
        ..ty
    };
    let mut memories: Vec<Memory> = [ty, ty, shared, shared]
        .map(|ty| Memory::new(ty).unwrap())
        .into();
    for to in 0..4u32 {
        for from in 0..4u32 {
            let value = [1, 2, 3, 4 + (to * 4 + from) as u8];
            memories[from as usize].write(100, value).unwrap();
            let (dst, src) = ((MemAddr(to), 65532), (MemAddr(from), 100));
            copy(&mut memories, dst, src, 4).unwrap();
            assert_eq!(memories[to as usize].read(65532), Ok(value));
            for (dst, src) in [(65533, 100), (100, 65533), (u64::MAX, 0)] {
                let (dst, src) = ((MemAddr(to), dst), (MemAddr(from), src));
                let copied = copy(&mut memories, dst, src, 4);
                assert_eq!(copied, Err(Trap::MemoryOutOfBounds));
            }
        }
    }
}

#[test]
fn ranges_do_not_wrap() {
    assert_eq!(bulk::range(10, 3, 4), Some(3..7));
    assert_eq!(bulk::range(10, 10, 0), Some(10..10));
    assert_eq!(bulk::range(10, 11, 0), None);
    assert_eq!(bulk::range(10, u64::MAX, 2), None);
    assert_eq!(bulk::range(10, 2, u64::MAX), None);
}

#[test]
fn atomic_accesses_of_each_width() {
    const OLD: u64 = 0x1111_1111_1111_1111;
    const ARG: u64 = 0xFEDC_BA98_7654_3210;
    fn check<const N: usize>(memory: &mut Memory, op: Rmw) {
        let mask = u64::MAX >> (64 - 8 * N);
        for ea in (0..16).step_by(N) {
            memory.write(0, [0x11; 16]).unwrap();
            assert_eq!(memory.atomic_rmw::<N>(ea, op, ARG), Ok(OLD & mask));
            let new = op.apply(OLD, ARG) & mask;
            assert_eq!(memory.atomic_load::<N>(ea), Ok(new), "{op:?} {N}");
            let mut expected = [0x11; 16];
            let bytes = &new.to_le_bytes()[..N];
            expected[ea as usize..ea as usize + N].copy_from_slice(bytes);
            assert_eq!(memory.read::<16>(0), Ok(expected), "neighbours stay");
        }
    }
    on_both(1, |mut memory| {
        for op in [Rmw::Add, Rmw::Sub, Rmw::And, Rmw::Or, Rmw::Xor, Rmw::Xchg] {
            check::<1>(&mut memory, op);
            check::<2>(&mut memory, op);
            check::<4>(&mut memory, op);
            check::<8>(&mut memory, op);
        }
        memory.atomic_store::<8>(8, OLD).unwrap();
        // Of the expected value only the low bytes count.
        assert_eq!(memory.atomic_cmpxchg::<1>(9, OLD, 0xAACD), Ok(0x11));
        assert_eq!(memory.atomic_load::<8>(8), Ok(0x1111_1111_1111_CD11));
        assert_eq!(memory.atomic_cmpxchg::<1>(9, OLD, 0), Ok(0xCD));
        assert_eq!(memory.atomic_load::<2>(8), Ok(0xCD11));
    });
}

#[test]
fn atomic_accesses_are_aligned_first() {
    on_both(1, |mut memory| {
        for (ea, trap) in [
            (1, Trap::UnalignedAtomic),
            (4, Trap::UnalignedAtomic),
            (65533, Trap::UnalignedAtomic),
            (u64::MAX, Trap::UnalignedAtomic),
            (65536, Trap::MemoryOutOfBounds),
            (u64::MAX - 7, Trap::MemoryOutOfBounds),
        ] {
            assert_eq!(memory.atomic_load::<8>(ea), Err(trap), "{ea}");
            assert_eq!(memory.atomic_store::<8>(ea, 1), Err(trap));
            assert_eq!(memory.atomic_rmw::<8>(ea, Rmw::Or, 1), Err(trap));
            assert_eq!(memory.atomic_cmpxchg::<8>(ea, 0, 1), Err(trap));
        }
        assert_eq!(memory.notify(65536, 1), Err(Trap::MemoryOutOfBounds));
        assert_eq!(memory.notify(2, 1), Err(Trap::UnalignedAtomic));
        assert_eq!(memory.notify(0, 1), Ok(0));
    });
    let unshared = Memory::new(memory_type(AddrType::I32, 1, None)).unwrap();
    let waited = unshared.wait::<4>(0, 0, 0, &|| false);
    assert_eq!(waited, Err(Trap::ExpectedSharedMemory));
}
