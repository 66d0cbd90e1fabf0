//! Table instructions and bulk memory instructions (spec: exec/instructions, table and memory
//! instructions).

use super::plain::plain_ops;
use crate::exec::context::Fault;

plain_ops! {
    /// Drop data segment `imm`.
    DataDrop 0 |op, w, f, x| {
        let addr = x.inst.datas.index() + op.imm() as usize;
        x.datas.get_mut(addr).ok_or(Fault::Bug)?.dropped = true;
        Ok(0)
    };
}
