//! Which pages of the memories are read and written, how often.

use super::functions::{Functions, More};
use super::{Cell, Monitor, Table};
use crate::exec::Program;
use crate::exec::probe::{Event, Probe, Value, instruction};
use crate::syntax::{AtomicShape, Instr, MemArg, MemIdx, ValType};
use crate::translate::Steps;
use crate::translate::steps::Step;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// Bytes of a page.
const PAGE: u64 = 1 << 16;

/// Counts accesses.
#[derive(Debug, Default)]
pub struct Memory {
    functions: Functions<Accesses>,
    pages: BTreeMap<Page, Counts>,
    /// The page of the last access, whose counts are not in `pages`.
    last: (Page, Counts),
}

/// The instance, the index of the memory, the number of the page.
type Page = (u32, u32, u64);

/// Reads and writes.
type Counts = [u64; 2];

/// The accesses that an instruction makes; most make none, and a copy makes two.
#[derive(Clone, Copy, Debug, Default)]
pub struct Accesses([Option<Access>; 2]);

#[derive(Clone, Copy, Debug)]
struct Access {
    memory: u32,
    /// The operand that is the address, counted from the bottom.
    address: usize,
    offset: u64,
    len: Len,
    reads: bool,
    writes: bool,
}

/// How many bytes.
#[derive(Clone, Copy, Debug)]
enum Len {
    Bytes(u32),
    /// As the third operand says.
    Operand,
}

impl More for Accesses {
    fn of(program: &Program, _: &Steps, step: &Step) -> Accesses {
        let one = |arg: &MemArg, bytes: u32, reads: bool, writes: bool| {
            let access = Access {
                memory: arg.memory.0,
                address: 0,
                offset: arg.offset,
                len: Len::Bytes(bytes),
                reads,
                writes,
            };
            Accesses([Some(access), None])
        };
        let bulk = |memory: MemIdx, address: usize, writes: bool| {
            Some(Access {
                memory: memory.0,
                address,
                offset: 0,
                len: Len::Operand,
                reads: !writes,
                writes,
            })
        };
        match instruction(program, step.offset) {
            Instr::Load(op, arg) => one(&arg, op.bytes(), true, false),
            Instr::Store(op, arg) => one(&arg, op.bytes(), false, true),
            Instr::LaneMemory(op, arg, _) => one(&arg, op.bytes(), !op.is_store(), op.is_store()),
            Instr::Atomic(op, arg) => {
                let (reads, writes) = match op.shape() {
                    AtomicShape::Load => (true, false),
                    AtomicShape::Store => (false, true),
                    AtomicShape::Rmw | AtomicShape::Cmpxchg => (true, true),
                };
                one(&arg, op.bytes(), reads, writes)
            }
            Instr::AtomicWait32(arg) => one(&arg, 4, true, false),
            Instr::AtomicWait64(arg) => one(&arg, 8, true, false),
            Instr::MemoryFill(memory) | Instr::MemoryInit(_, memory) => {
                Accesses([bulk(memory, 0, true), None])
            }
            Instr::MemoryCopy(to, from) => Accesses([bulk(to, 0, true), bulk(from, 1, false)]),
            _ => Accesses::default(), // No other instruction accesses a memory.
        }
    }
}

impl Probe for Memory {
    #[inline]
    fn step(&mut self, event: &Event<'_>) {
        let function = self.functions.of(event);
        let Accesses(accesses) = function.steps[event.at as usize].more;
        if accesses[0].is_none() || event.trap().is_some() {
            return;
        }
        for access in accesses.into_iter().flatten() {
            self.access(event, access);
        }
    }
}

impl Memory {
    fn access(&mut self, event: &Event<'_>, access: Access) {
        let number = |operand: usize| event.pops.get(operand).map_or(0, number);
        let first = number(access.address).wrapping_add(access.offset);
        let len = match access.len {
            Len::Bytes(bytes) => bytes.into(),
            Len::Operand => number(2),
        };
        let Some(last) = len.checked_sub(1).and_then(|more| first.checked_add(more)) else {
            return;
        };
        for page in first / PAGE..=last / PAGE {
            let page = (event.inst.0, access.memory, page);
            if self.last.0 != page {
                self.turn(page);
            }
            self.last.1[0] += u64::from(access.reads);
            self.last.1[1] += u64::from(access.writes);
        }
    }

    /// Puts the counts away, and takes those of another page.
    fn turn(&mut self, page: Page) {
        let (before, counts) = self.last;
        if counts != [0, 0] {
            self.pages.insert(before, counts);
        }
        self.last = (page, self.pages.get(&page).copied().unwrap_or_default());
    }
}

impl Monitor for Memory {
    fn tables(&self) -> Vec<Table> {
        let mut pages = self.pages.clone();
        if self.last.1 != [0, 0] {
            pages.insert(self.last.0, self.last.1);
        }
        let total: u64 = pages.values().flatten().sum();
        let row = |((inst, memory, page), [reads, writes]): (Page, Counts)| {
            vec![
                Cell::Count(reads),
                Cell::Count(writes),
                Cell::share(reads + writes, total),
                Cell::Count(inst.into()),
                Cell::Count(memory.into()),
                Cell::Count(page),
                Cell::Offset(page * PAGE),
            ]
        };
        vec![Table {
            title: "accesses by page of memory",
            columns: &[
                "reads", "writes", "share", "instance", "memory", "page", "address",
            ],
            rows: pages.into_iter().map(row).collect(),
        }]
    }
}

/// An operand as an address or a count.
fn number(value: &Value) -> u64 {
    match value.ty {
        ValType::I32 => u64::from(value.cells[0] as u32),
        ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 | ValType::Ref(_) => {
            value.cells[0]
        }
    }
}
