//! Loads and stores (spec: exec/instructions, memory instructions). Memory 0 goes through the one
//! checked door below; other and shared memories, and 64-bit offsets, through the general one.

use super::operand::{Acc, CellA, CellB, IntB, Keep, Sink, Source, Store, Value};
use super::out_of_line::{OutOfLine, out_of_line};
use crate::code::{LoadForm, StoreForm};
use crate::exec::context::{Ctx, OpExit};
use crate::exec::threaded::{Dispatch, Frame, Handler, ThreadedOp, get, get128, handlers};
use crate::num::{self, V128};
use crate::runtime::Memory;
use crate::syntax::{LoadOp, StoreOp};
use crate::trap::Trap;

/// The `N` bytes at an effective address below 2^33: both ends are in range, so that one
/// comparison is left.
#[inline(always)]
fn span<const N: usize>(ea: u64) -> Option<core::ops::Range<usize>> {
    Some(usize::try_from(ea).ok()?..usize::try_from(ea + N as u64).ok()?)
}

/// `N` bytes of memory 0 at an effective address.
#[inline(always)]
pub(super) fn read<const N: usize>(mem: &[u8], ea: u64) -> Option<&[u8; N]> {
    mem.get(span::<N>(ea)?)?.first_chunk::<N>()
}

/// The same to write.
#[inline(always)]
fn write<const N: usize>(mem: &mut [u8], ea: u64) -> Option<&mut [u8; N]> {
    mem.get_mut(span::<N>(ea)?)?.first_chunk_mut::<N>()
}

/// A row of the load table.
trait Load: 'static {
    type Value: Value;
    fn load(mem: &[u8], ea: u64) -> Option<Self::Value>;
    fn general(memory: &Memory, ea: u64) -> Result<Self::Value, Trap>;
}

/// A row of the store table; the value is a cell, or the first of two.
trait StoreRow: 'static {
    const WIDE: bool;
    fn store(mem: &mut [u8], ea: u64, value: V128) -> Option<()>;
    fn general(memory: &mut Memory, ea: u64, value: V128) -> Result<(), Trap>;
}

/// Effective address in a memory of 32-bit addresses: no wrapping, 33 bits at most.
#[inline(always)]
fn ea(address: u64, op: &ThreadedOp) -> u64 {
    u64::from(address as u32) + u64::from(op.imm())
}

handlers! {
    /// Loads from the address in `A`, plus `imm`.
    fn load_from[L: Load, A: Source, S: Sink, D: Dispatch](m) {
        match L::load(&m.x.mem, ea(A::get(&m), m.op)) {
            Some(value) => { let acc = S::put(&m, value); m.next::<D>(acc) }
            None => m.trap(Trap::MemoryOutOfBounds),
        }
    }
    /// Stores a number at the address in `A`, plus `imm`.
    fn store_to[S: StoreRow, A: Source, V: Source, D: Dispatch](m) {
        let (value, ea, acc) = (narrow(V::get(&m)), ea(A::get(&m), m.op), m.acc);
        match S::store(&mut m.x.mem, ea, value) {
            Some(()) => m.next::<D>(acc),
            None => m.trap(Trap::MemoryOutOfBounds),
        }
    }
    /// Stores the vector in `b` and the cell after it.
    fn store_vector[S: StoreRow, A: Source, D: Dispatch](m) {
        let (value, ea, acc) = (get128(m.f, m.op.b), ea(A::get(&m), m.op), m.acc);
        match S::store(&mut m.x.mem, ea, value) {
            Some(()) => m.next::<D>(acc),
            None => m.trap(Trap::MemoryOutOfBounds),
        }
    }
}

#[inline(always)]
fn narrow(cell: u64) -> V128 {
    V128(u128::from(cell))
}

/// Memory `index` of the instance and the effective address of a general access in it.
pub(super) fn general<'x>(
    x: &'x mut Ctx<'_, '_>,
    index: u32,
    address: u64,
    offset: u64,
) -> Result<(&'x mut Memory, u64), OpExit> {
    let addr = *x.inst.memories.get(index as usize).ok_or(OpExit::Bug)?;
    let memory = x.state.memories.get_mut(addr.index()).ok_or(OpExit::Bug)?;
    let ea = address.checked_add(offset).ok_or(Trap::MemoryOutOfBounds)?;
    Ok((memory, ea))
}

struct GeneralLoad<L>(core::marker::PhantomData<L>);
struct GeneralStore<S>(core::marker::PhantomData<S>);

impl<L: Load> OutOfLine for GeneralLoad<L> {
    const WORDS: usize = 1;
    fn run(
        op: &ThreadedOp,
        w: &[ThreadedOp],
        f: &Frame,
        x: &mut Ctx<'_, '_>,
    ) -> Result<u64, OpExit> {
        let offset = w.first().ok_or(OpExit::Bug)?.word();
        let address = get(f, op.b);
        let value = x.with_memories(|x| -> Result<L::Value, OpExit> {
            let (memory, ea) = general(x, op.imm(), address, offset)?;
            Ok(L::general(memory, ea)?)
        })?;
        Ok(value.write(f, op.a))
    }
}

impl<S: StoreRow> OutOfLine for GeneralStore<S> {
    const WORDS: usize = 1;
    fn run(
        op: &ThreadedOp,
        w: &[ThreadedOp],
        f: &Frame,
        x: &mut Ctx<'_, '_>,
    ) -> Result<u64, OpExit> {
        let offset = w.first().ok_or(OpExit::Bug)?.word();
        let value = if S::WIDE {
            get128(f, op.b)
        } else {
            narrow(get(f, op.b))
        };
        let address = get(f, op.a);
        x.with_memories(|x| -> Result<(), OpExit> {
            let (memory, ea) = general(x, op.imm(), address, offset)?;
            Ok(S::general(memory, ea, value)?)
        })?;
        Ok(0)
    }
}

macro_rules! loads {
    ($($variant:ident $bytes:literal $ty:ty, $b:ident => $value:expr;)*) => {
        mod load_rows { $(pub enum $variant {})* }
        $(impl Load for load_rows::$variant {
            type Value = $ty;
            #[inline(always)]
            fn load(mem: &[u8], ea: u64) -> Option<$ty> {
                let $b = *read::<$bytes>(mem, ea)?;
                Some($value)
            }
            fn general(memory: &Memory, ea: u64) -> Result<$ty, Trap> {
                let $b = memory.read::<$bytes>(ea)?;
                Ok($value)
            }
        })*

        /// The handler of a load from memory 0.
        pub fn load<D: Dispatch>(op: LoadOp, form: LoadForm) -> Handler {
            match op { $(LoadOp::$variant => load_forms::<load_rows::$variant, D>(form),)* }
        }

        /// The handler of a general load.
        pub fn load_general<D: Dispatch>(op: LoadOp) -> Handler {
            match op { $(LoadOp::$variant => out_of_line::<GeneralLoad<load_rows::$variant>, D>,)* }
        }
    };
}

fn load_forms<L: Load, D: Dispatch>(form: LoadForm) -> Handler {
    match form {
        LoadForm::R => load_from::<L, CellB, Store, D>,
        LoadForm::A => load_from::<L, Acc, Store, D>,
        LoadForm::Rx => load_from::<L, CellB, Keep, D>,
        LoadForm::Ax => load_from::<L, Acc, Keep, D>,
    }
}

loads! {
    I32Load 4 u64, b => u64::from(u32::from_le_bytes(b));
    I64Load 8 u64, b => u64::from_le_bytes(b);
    F32Load 4 u64, b => u64::from(u32::from_le_bytes(b));
    F64Load 8 u64, b => u64::from_le_bytes(b);
    I32Load8S 1 u64, b => u64::from(i32::from(b[0] as i8) as u32);
    I32Load8U 1 u64, b => u64::from(b[0]);
    I32Load16S 2 u64, b => u64::from(i32::from(i16::from_le_bytes(b)) as u32);
    I32Load16U 2 u64, b => u64::from(u16::from_le_bytes(b));
    I64Load8S 1 u64, b => i64::from(b[0] as i8) as u64;
    I64Load8U 1 u64, b => u64::from(b[0]);
    I64Load16S 2 u64, b => i64::from(i16::from_le_bytes(b)) as u64;
    I64Load16U 2 u64, b => u64::from(u16::from_le_bytes(b));
    I64Load32S 4 u64, b => i64::from(i32::from_le_bytes(b)) as u64;
    I64Load32U 4 u64, b => u64::from(u32::from_le_bytes(b));
    V128Load 16 V128, b => V128(u128::from_le_bytes(b));
    V128Load8x8S 8 V128, b => num::v128_load8x8_s(b);
    V128Load8x8U 8 V128, b => num::v128_load8x8_u(b);
    V128Load16x4S 8 V128, b => num::v128_load16x4_s(b);
    V128Load16x4U 8 V128, b => num::v128_load16x4_u(b);
    V128Load32x2S 8 V128, b => num::v128_load32x2_s(b);
    V128Load32x2U 8 V128, b => num::v128_load32x2_u(b);
    V128Load8Splat 1 V128, b => num::i8x16_splat(u32::from(b[0]));
    V128Load16Splat 2 V128, b => num::i16x8_splat(u32::from(u16::from_le_bytes(b)));
    V128Load32Splat 4 V128, b => num::i32x4_splat(u32::from_le_bytes(b));
    V128Load64Splat 8 V128, b => num::i64x2_splat(u64::from_le_bytes(b));
    V128Load32Zero 4 V128, b => V128(u128::from(u32::from_le_bytes(b)));
    V128Load64Zero 8 V128, b => V128(u128::from(u64::from_le_bytes(b)));
}

macro_rules! stores {
    ($($variant:ident $bytes:literal $wide:literal $cast:ty;)*) => {
        mod store_rows { $(pub enum $variant {})* }
        $(impl StoreRow for store_rows::$variant {
            const WIDE: bool = $wide;
            #[inline(always)]
            fn store(mem: &mut [u8], ea: u64, value: V128) -> Option<()> {
                *write::<$bytes>(mem, ea)? = (value.0 as $cast).to_le_bytes();
                Some(())
            }
            fn general(memory: &mut Memory, ea: u64, value: V128) -> Result<(), Trap> {
                memory.write::<$bytes>(ea, (value.0 as $cast).to_le_bytes())
            }
        })*

        /// The handler of a store to memory 0.
        pub fn store<D: Dispatch>(op: StoreOp, form: StoreForm) -> Handler {
            match op { $(StoreOp::$variant => store_forms::<store_rows::$variant, D>(form),)* }
        }

        /// The handler of a general store.
        pub fn store_general<D: Dispatch>(op: StoreOp) -> Handler {
            match op { $(
                StoreOp::$variant => out_of_line::<GeneralStore<store_rows::$variant>, D>,
            )* }
        }
    };
}

fn store_forms<S: StoreRow, D: Dispatch>(form: StoreForm) -> Handler {
    match form {
        StoreForm::Rr if S::WIDE => store_vector::<S, CellA, D>,
        StoreForm::Ar if S::WIDE => store_vector::<S, Acc, D>,
        StoreForm::Rr => store_to::<S, CellA, CellB, D>,
        StoreForm::Ra => store_to::<S, CellA, Acc, D>,
        StoreForm::Ar => store_to::<S, Acc, CellB, D>,
        StoreForm::Ri => store_to::<S, CellA, IntB, D>,
    }
}

stores! {
    I32Store 4 false u32;
    I64Store 8 false u64;
    F32Store 4 false u32;
    F64Store 8 false u64;
    I32Store8 1 false u8;
    I32Store16 2 false u16;
    I64Store8 1 false u8;
    I64Store16 2 false u16;
    I64Store32 4 false u32;
    V128Store 16 true u128;
}
