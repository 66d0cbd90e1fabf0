//! Instruction sequences (spec: binary/instructions, expressions): where they end. Only this
//! knows nesting, for those who do not validate what they read.

use super::error::{Malformed, MalformedKind, Read};
use super::instr::InstrReader;
use crate::syntax::{Features, FuncBody, Instr, Module};
use alloc::vec::Vec;

/// Reads a whole function body: every instruction is well-formed, every block is closed, and the
/// last `end` is where the body ends. For decoding without validation.
pub fn check_body(module: &Module, body: &FuncBody, features: &Features) -> Result<(), Malformed> {
    let mut reader = InstrReader::for_body(module, body, features);
    read_expr(&mut reader)?;
    reader.finish()
}

/// Reads instructions up to the `end` that closes the sequence.
pub(super) fn read_expr(reader: &mut InstrReader<'_>) -> Read<()> {
    // One entry for each open block: whether an `else` may come.
    let mut open: Vec<bool> = Vec::new();
    loop {
        match reader.read()? {
            (_, Instr::Block(_) | Instr::Loop(_) | Instr::TryTable(..)) => open.push(false),
            (_, Instr::If(_)) => open.push(true),
            (offset, Instr::Else) => match open.last_mut() {
                Some(admitted @ true) => *admitted = false,
                Some(false) | None => return Err(MalformedKind::EndExpected.at(offset)),
            },
            (_, Instr::End) if open.pop().is_none() => {
                return Ok(());
            }
            // Every other instruction stands alone.
            _ => {}
        }
    }
}
