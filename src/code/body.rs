//! Translated functions: several bodies share one flat list of operations, a unit, so that calls
//! between them are jumps.

use super::layout::FrameLayout;
use super::op::Op;
use crate::syntax::{FuncIdx, TagIdx};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

/// Functions translated together.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// The operations of all bodies.
    pub ops: Vec<Op>,
    /// The bodies, by ascending position.
    pub bodies: Vec<Body>,
}

/// One translated function.
#[derive(Clone, Debug)]
pub struct Body {
    /// Which function of the module.
    pub func: FuncIdx,
    /// The operations of the body, as a range of the unit.
    pub code: Range<u32>,
    /// Where parameters, results and link stand.
    pub layout: FrameLayout,
    /// Cells of reference locals and operands, zeroed on entry. With the reference parameters
    /// (from cell 0) these are all cells of the frame that hold references.
    pub refs: Range<u32>,
    /// Cells of the frame.
    pub cells: u32,
    /// Exception handlers, innermost first where they nest.
    pub handlers: Box<[ExceptionHandler]>,
}

/// One clause of a `try_table`, ready for unwinding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionHandler {
    /// Operations covered, counted from the body's start: exactly those of the instructions in
    /// `source`.
    pub code: Range<u32>,
    /// Byte offsets in the module of the instructions between `try_table` and its `end`.
    pub source: Range<u32>,
    /// The tag caught; all when `None`.
    pub tag: Option<TagIdx>,
    /// Whether the exception reference is wanted after the payload.
    pub by_ref: bool,
    /// Where control goes, counted from the body's start.
    pub target: u32,
    /// First cell for the payload's numbers.
    pub nums: u32,
    /// First cell for the payload's references.
    pub refs: u32,
}

impl Unit {
    /// The body an operation belongs to.
    pub fn body_at(&self, pc: u32) -> Option<&Body> {
        let after = self.bodies.partition_point(|body| body.code.start <= pc);
        let body = self.bodies.get(after.checked_sub(1)?)?;
        body.code.contains(&pc).then_some(body)
    }
}
