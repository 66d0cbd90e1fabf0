//! What a run that trapped at a memory access was about to touch, read from where it stands.

use super::instance::Instances;
use super::run::Run;
use crate::code::{Kind, LoadForm, MemForm, Op, StoreForm};
use crate::runtime::State;
use crate::syntax::Count;
use core::fmt;

/// Describes a memory access that was out of bounds. Find it with
/// [`Error::downcast_ref`](crate::Error::downcast_ref) in errors that are
/// [`Trap::MemoryOutOfBounds`](crate::Trap::MemoryOutOfBounds).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemoryFault {
    /// First byte of the access: address operand and offset together.
    pub address: u128,
    /// Bytes of the access.
    pub bytes: u64,
    /// Index of the memory in its module.
    pub memory: u32,
    /// Bytes that the memory has.
    pub size: u64,
}

impl fmt::Display for MemoryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MemoryFault {
            address,
            bytes,
            memory,
            size,
        } = self;
        let bytes = Count(*bytes, "byte");
        write!(
            f,
            "{bytes} at {address:#x}, memory {memory} has {size} ({size:#x})"
        )
    }
}

/// The access that a run stands at, if it is one of one place in memory.
pub fn memory_fault(instances: &Instances, state: &State, run: &Run) -> Option<MemoryFault> {
    let instance = instances.instance(run.regs.at.inst);
    let ops = &instance.program.unit(run.regs.at.unit)?.ops;
    let at = run.regs.at.pc as usize;
    let op = ops.get(at)?;
    let word = |place: usize| ops.get(at + place).map(Op::word);
    let cell = |cell: u16| {
        run.stack
            .get(run.regs.at.base as usize + usize::from(cell))
            .copied()
    };
    // A memory of 32-bit addresses has a cell whose upper half may say anything.
    let near = |address: u64| u128::from(address as u32) + u128::from(op.imm());
    let wide = |cell: u64, offset: u64| u128::from(cell) + u128::from(offset);
    let (address, bytes, memory) = match op.kind {
        Kind::Load(load, form) => {
            let base = match form {
                LoadForm::R | LoadForm::Rx => cell(op.b)?,
                LoadForm::A | LoadForm::Ax => run.regs.acc,
            };
            (near(base), u64::from(load.bytes()), 0)
        }
        Kind::NumericMem(num, form) => {
            let base = match form {
                MemForm::R | MemForm::A => cell(op.c)?,
                MemForm::Ra => run.regs.acc,
            };
            let address = u128::from(base as u32) + u128::from(op.d);
            (address, u64::from(num.operand_load()?.bytes()), 0)
        }
        Kind::Store(store, form) => {
            let base = match form {
                StoreForm::Rr | StoreForm::Ra | StoreForm::Ri => cell(op.a)?,
                StoreForm::Ar => run.regs.acc,
            };
            (near(base), u64::from(store.bytes()), 0)
        }
        Kind::LoadGeneral(load) => (wide(cell(op.b)?, word(1)?), load.bytes().into(), op.imm()),
        Kind::StoreGeneral(store) => (wide(cell(op.a)?, word(1)?), store.bytes().into(), op.imm()),
        Kind::LaneMemory(lane) => {
            let address = wide(cell(op.b)?, word(1)?);
            (address, lane.bytes().into(), word(2)? as u32)
        }
        Kind::Atomic(atomic) => {
            let address = wide(cell(op.b)?, word(1)?);
            (address, atomic.bytes().into(), word(2)? as u32)
        }
        Kind::MemoryFill => (cell(op.a)?.into(), cell(op.c)?, word(1)? as u32),
        // Nothing else touches one place in memory.
        _ => return None,
    };
    let memory_addr = instance.memories.get(memory as usize)?;
    let size = state.memories.get(memory_addr.index())?.byte_len();
    let outside = address + u128::from(bytes) > u128::from(size);
    outside.then_some(MemoryFault {
        address,
        bytes,
        memory,
        size,
    })
}
