//! What an instruction writes besides its results: found from what the translation knows of it and
//! from its operands, read before it runs and after.

use super::event::Value;
use crate::exec::context::Ctx;
use crate::runtime::{GlobalAddr, MemAddr, Reference, TableAddr};
use crate::syntax::ValType;
use crate::translate::steps::{Effect, Slot};
use alloc::vec::Vec;

/// Most bytes of a memory that are shown of one write.
const SHOWN: u64 = 1 << 20;

/// A local that was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LocalChange {
    /// The index of the local.
    pub local: u32,
    /// The value before.
    pub old: Value,
    /// The value after.
    pub new: Value,
}

/// A global that was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GlobalChange {
    /// The index of the global in the module.
    pub global: u32,
    /// The address of the global.
    pub addr: GlobalAddr,
    /// The value before.
    pub old: Value,
    /// The value after.
    pub new: Value,
}

/// A range of a memory that was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemoryChange<'a> {
    /// The index of the memory in the module.
    pub memory: u32,
    /// The address of the memory.
    pub addr: MemAddr,
    /// Where the range begins.
    pub at: u64,
    /// The number of bytes.
    pub len: u64,
    /// The bytes before; not more than a mebibyte.
    pub old: &'a [u8],
    /// The bytes after; as many.
    pub new: &'a [u8],
}

/// A range of a table that was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ElementChange {
    /// The index of the table in the module.
    pub table: u32,
    /// The address of the table.
    pub addr: TableAddr,
    /// The first element.
    pub at: u64,
    /// The number of elements.
    pub len: u64,
    /// The first element before.
    pub old: Reference,
    /// The first element after.
    pub new: Reference,
}

/// What an instruction wrote besides its results.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Changes<'a> {
    /// A local.
    pub local: Option<LocalChange>,
    /// A global.
    pub global: Option<GlobalChange>,
    /// A range of a memory.
    pub memory: Option<MemoryChange<'a>>,
    /// A range of a table.
    pub element: Option<ElementChange>,
    /// An object of the heap.
    pub object: Option<Reference>,
    /// The number of its elements, where that is an array; also where nothing was written, because
    /// the instruction has trapped.
    pub len: Option<u32>,
}

/// Where an instruction writes, and what was there before.
#[derive(Debug, Default)]
pub(super) struct Written {
    local: Option<(u32, Slot, Value)>,
    global: Option<(u32, GlobalAddr, Value)>,
    memory: Option<(u32, MemAddr, u64, u64)>,
    element: Option<(u32, TableAddr, u64, u64, Reference)>,
    object: Option<Reference>,
    old: Vec<u8>,
    new: Vec<u8>,
}

/// Reads a value of a frame.
pub(super) fn value(x: &Ctx<'_, '_>, base: u32, slot: Slot) -> Value {
    let cell = |at: u32| {
        x.stack
            .get((base + at) as usize)
            .map_or(0, |cell| cell.get())
    };
    let high = match slot.ty {
        ValType::V128 => cell(slot.cell + 1),
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::Ref(_) => 0,
    };
    Value {
        ty: slot.ty,
        cells: [cell(slot.cell), high],
    }
}

/// An operand as an address or a count.
pub(super) fn number(value: &Value) -> u64 {
    as_number(value.ty, value.cells[0])
}

fn as_number(ty: ValType, cell: u64) -> u64 {
    match ty {
        ValType::I32 => u64::from(cell as u32),
        ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 | ValType::Ref(_) => cell,
    }
}

/// Reads an operand that is an address or a count.
#[inline]
pub(super) fn operand(x: &Ctx<'_, '_>, base: u32, slot: Slot) -> u64 {
    let cell = x.stack.get((base + slot.cell) as usize);
    as_number(slot.ty, cell.map_or(0, |cell| cell.get()))
}

/// The bytes that an instruction is about to write: memory of the instance, address, length.
/// `operand` reads its operands as numbers. Nothing is said of whether they are inside the memory.
#[inline]
pub(super) fn bytes_written(
    effect: Effect,
    operand: impl Fn(usize) -> u64,
) -> Option<(u32, u64, u64)> {
    match effect {
        Effect::Store {
            memory,
            offset,
            bytes,
        } => Some((memory, operand(0).checked_add(offset)?, bytes.into())),
        Effect::Bulk { memory } => Some((memory, operand(0), operand(2))),
        _ => None, // No other effect is one on bytes.
    }
}

impl Written {
    /// Finds what an instruction of the frame at `base` is about to write.
    pub fn before(
        &mut self,
        x: &Ctx<'_, '_>,
        base: u32,
        effect: Effect,
        pops: &[Value],
        locals: &[Slot],
    ) {
        (self.local, self.global, self.memory) = (None, None, None);
        (self.element, self.object) = (None, None);
        match (effect, pops) {
            (Effect::None | Effect::Segment | Effect::GrowMemory(_) | Effect::GrowTable(_), _) => {}
            (Effect::Local(local), _) => {
                self.local = locals
                    .get(local as usize)
                    .map(|&slot| (local, slot, value(x, base, slot)));
            }
            (Effect::Global(global), [new, ..]) => {
                let addr = x.inst.globals[global as usize];
                let cells = x.state.globals[addr.index()].cells;
                self.global = Some((global, addr, Value { ty: new.ty, cells }));
            }
            (Effect::Store { .. } | Effect::Bulk { .. }, _) => {
                if let Some((memory, at, len)) = bytes_written(effect, |k| number(&pops[k])) {
                    let addr = x.inst.memories[memory as usize];
                    if read(x, addr, at, len, &mut self.old) && len > 0 {
                        self.memory = Some((memory, addr, at, len));
                    }
                }
            }
            (Effect::Element(table), [at, ..]) => self.elements(x, table, number(at), 1),
            (Effect::Elements(table), [at, _, len]) => {
                self.elements(x, table, number(at), number(len));
            }
            (Effect::Object, [object, ..]) => {
                self.object = Some(Reference::from_cell(object.cells[0]));
            }
            (Effect::Global(_) | Effect::Element(_) | Effect::Elements(_) | Effect::Object, _) => {
                unreachable!("validated: the operands are there")
            }
        }
    }

    fn elements(&mut self, x: &Ctx<'_, '_>, table: u32, at: u64, len: u64) {
        let addr = x.inst.tables[table as usize];
        if let Some(old) = element(x, addr, at)
            && len > 0
        {
            self.element = Some((table, addr, at, len, old));
        }
    }

    /// Says what was written, now that the instruction has run.
    pub fn after<'a>(&'a mut self, x: &Ctx<'_, '_>, base: u32) -> Changes<'a> {
        if let Some((_, addr, at, len)) = self.memory {
            read(x, addr, at, len, &mut self.new);
        }
        Changes {
            local: self.local.map(|(local, slot, old)| LocalChange {
                local,
                old,
                new: value(x, base, slot),
            }),
            global: self.global.map(|(global, addr, old)| GlobalChange {
                global,
                addr,
                old,
                new: Value {
                    ty: old.ty,
                    cells: x.state.globals[addr.index()].cells,
                },
            }),
            memory: self.memory.map(|(memory, addr, at, len)| MemoryChange {
                memory,
                addr,
                at,
                len,
                old: &self.old,
                new: &self.new,
            }),
            element: self
                .element
                .map(|(table, addr, at, len, old)| ElementChange {
                    table,
                    addr,
                    at,
                    len,
                    old,
                    new: element(x, addr, at).unwrap_or_default(),
                }),
            object: self.object,
            len: self
                .object
                .and_then(|object| x.state.heap.array_len(object.as_object()?)),
        }
    }
}

fn element(x: &Ctx<'_, '_>, addr: TableAddr, at: u64) -> Option<Reference> {
    let elems = &x.state.tables[addr.index()].elems;
    elems.get(usize::try_from(at).ok()?).copied()
}

/// Reads the first bytes of a range; whether the range is inside the memory.
fn read(x: &Ctx<'_, '_>, addr: MemAddr, at: u64, len: u64, into: &mut Vec<u8>) -> bool {
    into.clear();
    let memory = &x.state.memories[addr.index()];
    if at.checked_add(len).is_none_or(|end| end > x.byte_len(addr)) {
        return false;
    }
    let (at, shown) = (at, len.min(SHOWN) as usize);
    match &memory.shared {
        Some(shared) => {
            into.resize(shown, 0);
            shared.read_bytes(at, into).is_ok()
        }
        None => {
            let bytes = match x.mem0 == Some(addr) {
                true => &x.mem,
                false => &memory.bytes,
            };
            into.extend_from_slice(&bytes[at as usize..][..shown]);
            true
        }
    }
}
