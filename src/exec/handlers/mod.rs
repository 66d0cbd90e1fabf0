//! Handlers, one file for each class of the spec's chapter on instructions, and the table from
//! kinds of operations to handlers.
//!
//! Reading order: `numeric` (written once for all rows), `control`, `call`, `memory`, `variable`;
//! then `plain`, the shape of everything that needs no speed of its own.

pub mod aggregate;
pub mod atomic;
pub mod bulk;
pub mod call;
pub mod control;
pub mod memory;
pub mod numeric;
pub mod plain;
pub mod reference;
pub mod variable;
pub mod vector;

use super::linked::{Dispatch, Handler};
use crate::code::Kind;
use plain::plain;

/// The handler of a kind of operation under a dispatch.
pub fn handler<D: Dispatch>(kind: Kind) -> Handler {
    match kind {
        Kind::Data => control::data,
        Kind::Nop => control::nop::<D>,
        Kind::Unreachable => control::unreachable_op,
        Kind::Fuel => control::fuel::<D>,
        Kind::Epoch => control::epoch::<D>,
        Kind::CheckFrame => control::check_frame::<D>,
        Kind::StackProbe => control::stack_probe::<D>,
        Kind::Copy => control::copy::<D>,
        Kind::Copy2 => control::copy2::<D>,
        Kind::CopyPair => control::copy_pair::<D>,
        Kind::CopySpan => control::copy_span::<D>,
        Kind::SetAcc => control::set_acc::<D>,
        Kind::Const32 => control::const32::<D>,
        Kind::ConstSext => control::const_sext::<D>,
        Kind::Const64 => control::const64::<D>,
        Kind::Const128 => control::const128::<D>,
        Kind::Zero => control::zero::<D>,
        Kind::Select => control::select::<D>,
        Kind::SelectAcc => control::select_acc::<D>,
        Kind::Select2 => control::select2::<D>,
        Kind::Numeric(op, form) => numeric::numeric::<D>(op, form),
        Kind::Wide(op) => numeric::wide_op::<D>(op),
        Kind::Vector(op) => vector::vector::<D>(op),
        Kind::Shuffle => plain::<vector::Shuffle, D>,
        Kind::Lane(op) => vector::lane::<D>(op),
        Kind::Br => control::br::<D>,
        Kind::CopyBr => control::copy_br::<D>,
        Kind::ConstBr => control::const_br::<D>,
        Kind::BrNz => control::br_nz::<D>,
        Kind::BrZ => control::br_z::<D>,
        Kind::BrNzA => control::br_nz_a::<D>,
        Kind::BrZA => control::br_z_a::<D>,
        Kind::BrIf(op, form) => numeric::br_if::<D>(op, form),
        Kind::BrUnless(op, form) => numeric::br_unless::<D>(op, form),
        Kind::AddBrIf(op, form) => numeric::add_br_if::<D>(op, form),
        Kind::BrTable => control::br_table::<D>,
        Kind::BrOnNull => control::br_on_null::<D>,
        Kind::BrOnNonNull => control::br_on_non_null::<D>,
        Kind::BrOnCast => reference::br_on_cast::<D, true>,
        Kind::BrOnCastFail => reference::br_on_cast::<D, false>,
        Kind::Call => call::call::<D>,
        Kind::CallFunc => call::call_func::<D>,
        Kind::CallImport => call::call_import,
        Kind::CallIndirect => call::call_indirect::<D>,
        Kind::CallRef => call::call_ref::<D>,
        Kind::ReturnCall => call::return_call::<D>,
        Kind::ReturnCallIndirect => call::return_call_indirect::<D>,
        Kind::ReturnCallRef => call::return_call_ref::<D>,
        Kind::Return => call::ret::<D>,
        Kind::ReturnR => call::ret_r::<D>,
        Kind::ReturnA => call::ret_a::<D>,
        Kind::Throw => plain::<aggregate::Throw, D>,
        Kind::ThrowRef => plain::<aggregate::ThrowRef, D>,
        Kind::GlobalGet => variable::global_get::<D>,
        Kind::GlobalGet2 => variable::global_get2::<D>,
        Kind::GlobalSet => variable::global_set::<D>,
        Kind::GlobalSet2 => variable::global_set2::<D>,
        Kind::Load(op, form) => memory::load::<D>(op, form),
        Kind::Store(op, form) => memory::store::<D>(op, form),
        Kind::LoadGeneral(op) => memory::load_general::<D>(op),
        Kind::StoreGeneral(op) => memory::store_general::<D>(op),
        Kind::LaneMemory(op) => vector::lane_memory::<D>(op),
        Kind::Atomic(op) => atomic::atomic::<D>(op),
        Kind::AtomicNotify => plain::<atomic::Notify, D>,
        Kind::AtomicWait32 => plain::<atomic::Wait32, D>,
        Kind::AtomicWait64 => plain::<atomic::Wait64, D>,
        Kind::AtomicFence => plain::<atomic::Fence, D>,
        Kind::MemorySize => plain::<bulk::MemorySize, D>,
        Kind::MemoryGrow => plain::<bulk::MemoryGrow, D>,
        Kind::MemoryFill => plain::<bulk::MemoryFill, D>,
        Kind::MemoryCopy => plain::<bulk::MemoryCopy, D>,
        Kind::MemoryInit => plain::<bulk::MemoryInit, D>,
        Kind::DataDrop => plain::<bulk::DataDrop, D>,
        Kind::TableGet => plain::<bulk::TableGet, D>,
        Kind::TableSet => plain::<bulk::TableSet, D>,
        Kind::TableSize => plain::<bulk::TableSize, D>,
        Kind::TableGrow => plain::<bulk::TableGrow, D>,
        Kind::TableFill => plain::<bulk::TableFill, D>,
        Kind::TableCopy => plain::<bulk::TableCopy, D>,
        Kind::TableInit => plain::<bulk::TableInit, D>,
        Kind::ElemDrop => plain::<bulk::ElemDrop, D>,
        Kind::RefIsNull => plain::<reference::RefIsNull, D>,
        Kind::RefAsNonNull => plain::<reference::RefAsNonNull, D>,
        Kind::RefEq => plain::<reference::RefEq, D>,
        Kind::RefFunc => plain::<reference::RefFunc, D>,
        Kind::RefTest => plain::<reference::RefTest, D>,
        Kind::RefCast => plain::<reference::RefCast, D>,
        Kind::RefI31 => plain::<reference::RefI31, D>,
        Kind::I31GetS => plain::<reference::I31GetS, D>,
        Kind::I31GetU => plain::<reference::I31GetU, D>,
        Kind::StructNew => plain::<aggregate::StructNew, D>,
        Kind::StructNewDefault => plain::<aggregate::StructNewDefault, D>,
        Kind::StructGet => plain::<aggregate::StructGet, D>,
        Kind::StructGetS8 => plain::<aggregate::StructGetS8, D>,
        Kind::StructGetS16 => plain::<aggregate::StructGetS16, D>,
        Kind::StructGet2 => plain::<aggregate::StructGet2, D>,
        Kind::StructSet => plain::<aggregate::StructSet, D>,
        Kind::StructSet8 => plain::<aggregate::StructSet8, D>,
        Kind::StructSet16 => plain::<aggregate::StructSet16, D>,
        Kind::StructSet2 => plain::<aggregate::StructSet2, D>,
        Kind::ArrayNew => plain::<aggregate::ArrayNew, D>,
        Kind::ArrayNewDefault => plain::<aggregate::ArrayNewDefault, D>,
        Kind::ArrayNewFixed => plain::<aggregate::ArrayNewFixed, D>,
        Kind::ArrayNewData => plain::<aggregate::ArrayNewData, D>,
        Kind::ArrayNewElem => plain::<aggregate::ArrayNewElem, D>,
        Kind::ArrayGet => plain::<aggregate::ArrayGet, D>,
        Kind::ArraySet => plain::<aggregate::ArraySet, D>,
        Kind::ArrayLen => plain::<aggregate::ArrayLen, D>,
        Kind::ArrayFill => plain::<aggregate::ArrayFill, D>,
        Kind::ArrayCopy => plain::<aggregate::ArrayCopy, D>,
        Kind::ArrayInitData => plain::<aggregate::ArrayInitData, D>,
        Kind::ArrayInitElem => plain::<aggregate::ArrayInitElem, D>,
    }
}
