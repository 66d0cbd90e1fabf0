//! Exceptions (spec: exec/instructions, throw and throw_ref). Delivery to a handler is the
//! driver's.

use super::Cells;
use crate::exec::context::OpExit;
use crate::exec::handlers::out_of_line::out_of_line_ops;
use crate::exec::handlers::reference::reference;
use crate::runtime::{Reference, State};
use crate::syntax::StorageType;
use crate::trap::Trap;
use alloc::vec::Vec;

out_of_line_ops! {
    /// Throw tag `imm` with payload numbers from `a`, references from `b`.
    Throw 0 |op, w, f, x| {
        let tag = *x.inst.tags.get(op.imm() as usize).ok_or(OpExit::Bug)?;
        let State { tags, types, heap, .. } = &mut *x.state;
        let ty = tags.get(tag.index()).ok_or(OpExit::Bug)?.ty;
        let ty = types.func(ty).ok_or(OpExit::Bug)?;
        let mut cells = Cells { f, nums: op.a, refs: op.b };
        let payload: Vec<_> =
            ty.params.iter().map(|&ty| cells.next(StorageType::Val(ty))).collect();
        let exception = heap.alloc_exception(types, tag, ty, &payload)?;
        Err(OpExit::Throw(Reference::object(exception)))
    };
    /// Throw exception `a` again.
    ThrowRef 0 |op, w, f, x| {
        let exception = reference(f, op.a);
        if exception.is_null() {
            return Err(Trap::NullExceptionReference.into());
        }
        Err(OpExit::Throw(exception))
    };
}
