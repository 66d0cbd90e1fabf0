//! Tables: sizes in 64 bits, growth that fails without a trace, bounds before writes.

use crate::runtime::table::{Table, copy};
use crate::runtime::{FuncAddr, Limited, OutOfMemory, Reference, TableAddr};
use crate::syntax::AddrType::{self, I32, I64};
use crate::syntax::{Limits, RefType, TableType};
use crate::trap::Trap;
use alloc::vec::Vec;

const CAP: u64 = 10_000_000;

fn ty(addr: AddrType, min: u64, max: Option<u64>) -> TableType {
    TableType {
        addr,
        limits: Limits { min, max },
        elem: RefType::FUNCREF,
    }
}

fn func(addr: u32) -> Reference {
    Reference::func(FuncAddr(addr))
}

/// A table of the functions 0, 1, ...
fn counted(len: u64) -> Table {
    let mut table = Table::new(ty(I32, len, None), Reference::NULL, CAP).unwrap();
    for (k, elem) in (0..).zip(&mut table.elems) {
        *elem = func(k);
    }
    table
}

#[test]
fn growth() {
    for (addr, min, max, delta, limit, grows) in [
        (I32, 0, None, 0, CAP, true),
        (I32, 0, None, 5, CAP, true),
        (I32, 3, Some(3), 0, CAP, true),
        (I32, 3, Some(3), 1, CAP, false),
        (I32, 3, Some(8), 5, CAP, true),
        (I32, 3, Some(8), 6, CAP, false),
        (I32, 1, None, u64::from(u32::MAX), u64::MAX, false),
        (I32, 3, None, 1, 3, false),
        (I32, 3, None, 0, 1, true),
        // The low 32 bits of these are small.
        (I64, 1, None, 1 << 32, CAP, false),
        (I64, 1, None, (1 << 32) + 1, CAP, false),
        (I64, 1, None, u64::MAX, u64::MAX, false),
        (I64, 1, None, 1 << 61, u64::MAX, false),
        (I64, 1, None, 1 << 63, u64::MAX, false),
        (I64, 1, Some(2), 1, CAP, true),
    ] {
        let mut table = Table::new(ty(addr, min, max), func(1), CAP).unwrap();
        let answer = table.grow(delta, func(2), limit);
        assert_eq!(answer, grows.then_some(min), "{min} by {delta}");
        let new = if grows { min + delta } else { min };
        assert_eq!((table.size(), table.current_type().limits.min), (new, new));
        let expected = |k| if k < min { func(1) } else { func(2) };
        assert!((0..new).all(|k| table.get(k) == Some(expected(k))));
    }
}

#[test]
fn sizes_at_the_start() {
    let over = |wanted, limit| OutOfMemory::over(Limited::Table, wanted, limit);
    for (addr, min, limit, why) in [
        (I32, CAP + 1, CAP, over(CAP + 1, CAP)),
        (I32, 1 << 32, u64::MAX, over(1 << 32, (1 << 32) - 1)),
        (I64, 1 << 61, u64::MAX, OutOfMemory::Host),
        (I64, u64::MAX, u64::MAX, OutOfMemory::Host),
    ] {
        let made = Table::new(ty(addr, min, None), Reference::NULL, limit);
        assert_eq!(made.err(), Some(why), "{min}");
    }
    let empty = Table::new(ty(I32, 0, None), Reference::NULL, 0).unwrap();
    assert_eq!((empty.size(), empty.get(0)), (0, None));
}

#[test]
fn elements_by_index() {
    let mut table = counted(4);
    assert_eq!(table.get(3), Some(func(3)));
    assert_eq!(table.set(3, Reference::NULL), Some(()));
    assert_eq!(table.get(3), Some(Reference::NULL));
    for index in [4, 1 << 32, (1 << 32) + 3, u64::MAX] {
        assert_eq!(table.get(index), None);
        assert_eq!(table.set(index, func(9)), None);
    }
}

#[test]
fn bulk_bounds_come_before_writes() {
    const LEN: u64 = 8;
    for (at, n, fits) in [
        (0, 0, true),
        (LEN, 0, true),
        (LEN + 1, 0, false),
        (LEN - 1, 1, true),
        (LEN - 1, 2, false),
        (0, LEN + 1, false),
        ((1 << 32) + 1, 1, false),
        (u64::MAX, 2, false),
        (2, u64::MAX, false),
    ] {
        let expected = match fits {
            true => Ok(()),
            false => Err(Trap::TableOutOfBounds),
        };
        let source = counted(LEN);
        type Bulk<'a> = &'a dyn Fn(&mut Table) -> Result<(), Trap>;
        let runs: [Bulk<'_>; 7] = [
            &|table| table.fill(at, func(99), n),
            &|table| table.copy_within(at, 0, n),
            &|table| table.copy_within(0, at, n),
            &|table| table.copy_from(at, &source, 0, n),
            &|table| table.copy_from(0, &source, at, n),
            &|table| table.init(at, &source.elems, 0, n),
            &|table| table.init(0, &source.elems, at, n),
        ];
        for (which, run) in runs.iter().enumerate() {
            let mut table = counted(LEN);
            assert_eq!(run(&mut table), expected, "{which}: {at} {n}");
            if !fits {
                assert_eq!(table.elems, counted(LEN).elems);
            }
        }
    }
}

#[test]
fn a_dropped_segment_is_empty() {
    let mut table = counted(4);
    assert_eq!(table.init(4, &[], 0, 0), Ok(()));
    for (dst, src, n) in [(5, 0, 0), (0, 1, 0), (0, 0, 1)] {
        let result = table.init(dst, &[], src, n);
        assert_eq!(result, Err(Trap::TableOutOfBounds), "{dst} {src} {n}");
    }
}

#[test]
fn copies_overlap() {
    for (dst, src, n) in [(0, 2, 6), (2, 0, 6), (0, 7, 1), (3, 3, 4), (1, 0, 7)] {
        let mut tables = Vec::from([counted(8), counted(8)]);
        let mut expected = counted(8).elems;
        for k in 0..n {
            expected[dst + k] = func((src + k) as u32);
        }
        for to in 0..2 {
            let (to, from) = (TableAddr(to), TableAddr(0));
            let count = n as u64;
            copy(&mut tables, (to, dst as u64), (from, src as u64), count).unwrap();
            assert_eq!(
                tables[to.index()].elems,
                expected,
                "{n} from {src} to {dst}"
            );
            tables[0] = counted(8);
        }
    }
}
